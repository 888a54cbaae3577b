"""One import or look-up in one process: ``hash_set_once.py import LIST FOLDER`` or ``... find SET DIGESTS [--whole]``.

``--whole`` compares every byte of the set with its digest first, as a look-up of an image does.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from evidence.hash_sets.stored import StoredSet


def make(listed: Path, folder: Path) -> None:
    """Import a list into an empty folder."""
    from evidence.hash_sets.building import build
    from evidence.hash_sets.sources import open_source

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    build(open_source(listed), folder)


def find(stored: Path, asked: Path, *, whole: bool) -> None:
    """Write each digest with what was found, as ``hfind -f`` does."""
    words = asked.read_text().split()
    with StoredSet(stored) as opened:
        if whole:
            opened.verify()
        there = set(opened.found(enumerate(map(bytes.fromhex, words))))
    sys.stdout.writelines(
        f"{word}\t{'found' if number in there else 'Hash Not Found'}\n" for number, word in enumerate(words)
    )


def main() -> int:
    """Do what the arguments say."""
    act, first, second = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if act == "import":
        make(first, second)
    else:
        find(first, second, whole="--whole" in sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
