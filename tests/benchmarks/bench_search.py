"""Search of content: an image of 1 GiB for 100 terms, against ``grep`` with the same terms, and bulk_extractor's find.

``FORENSICS_BENCH_MIB`` is the size of the image (1024), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3).
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import Comparison, compare, machine, peers

_ONCE = str(Path(__file__).with_name("search_once.py"))
_TERMS, _HITS_OF_EACH = 100, 20
_FILE_MIB = 4


def make_image(folder: Path, mib: int) -> tuple[Path, Path]:
    """An ext4 file system, half of it files of text and of noise, with terms in them; and the list of the terms."""
    source, terms = random.Random(6), folder / "terms"
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(source.choices(letters, k=source.randint(2, 10))) for _ in range(20_000)]
    wanted = ["".join(source.choices(letters, k=source.randint(8, 14))) for _ in range(_TERMS)]
    terms.write_text("".join(f"{term}\n" for term in wanted), encoding="utf-8")
    tree, image = folder / "tree", folder / "image"
    tree.mkdir()
    files = max(2, mib * 7 // 8 // _FILE_MIB)
    for number in range(files):
        content = bytearray(
            " ".join(source.choices(words, k=_FILE_MIB * 170_000)).encode()[: _FILE_MIB * 1024 * 1024]
            if number % 2
            else source.randbytes(_FILE_MIB * 1024 * 1024)
        )
        for term in source.sample(wanted, max(1, _TERMS * _HITS_OF_EACH // files)):
            at = source.randrange(len(content) - 20)
            content[at : at + len(term) + 2] = f" {term}\n".encode()
        (tree / f"file{number:04}.bin").write_bytes(content)
    make = [shutil.which("mke2fs") or "/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-d", str(tree), str(image), f"{mib}M"]
    subprocess.run(make, check=True, capture_output=True)
    shutil.rmtree(tree)
    return image, terms


def run(folder: Path, mib: int, rounds: int) -> list[Comparison]:
    """Measure each way of searching; ``grep`` writes to a file, for it stops at the first hit where nobody reads."""
    image, terms = make_image(folder, mib)
    grep = f"LC_ALL=C grep -a -F -f '{terms}' '{image}'"
    plain = ["sh", "-c", f"{grep} > '{folder}/grep'"]
    folded = ["sh", "-c", f"{grep} -i > '{folder}/grep'"]
    bulk = ["sh", "-c", f"rm -rf '{folder}/bulk'; bulk_extractor -E find -F '{terms}' -o '{folder}/bulk' '{image}'"]
    ours = [sys.executable, _ONCE, str(image), str(terms)]
    _agree(ours, ["sh", "-c", f"{grep} -o"])
    found = compare("media, as they stand / grep -aF", [*ours, "media", "plain"], plain, rounds, limit=1.0)
    found += compare("files and free space / grep -aF", [*ours, "files", "plain"], plain, rounds, limit=1.0)
    found += compare("files, any case, 8 encodings / grep -aiF", [*ours, "files", "wide"], folded, rounds, limit=1.0)
    name = "media, as they stand / bulk_extractor find"
    return found + compare(name, [*ours, "media", "plain"], bulk, rounds, limit=1.0, needs="bulk_extractor")


def _agree(ours: list[str], grep: list[str]) -> None:
    """Both find the same, or nothing was measured."""
    told = subprocess.run([*ours, "media", "plain"], check=True, capture_output=True, text=True).stdout.splitlines()
    theirs = subprocess.run(grep, check=True, capture_output=True, text=True).stdout.split()
    if dict(line.split() for line in told) != {term: str(theirs.count(term)) for term in set(theirs)}:
        raise RuntimeError("grep finds something else")


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    mib = int(os.environ.get("FORENSICS_BENCH_MIB", "1024"))
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    print(f"{_TERMS} terms in {mib} MiB on {machine()}", flush=True)
    print(peers("grep", "bulk_extractor"), flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
        return int(not all(result.reached for result in run(Path(folder), mib, rounds)))


if __name__ == "__main__":
    sys.exit(main())
