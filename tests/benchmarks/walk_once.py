"""One catalogue of one image, as the application writes it: ``walk_once.py IMAGE CATALOGUE [--hash]``.

With ``--bare`` instead of a catalogue's path, the walk alone in this process.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from threading import Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))


def bare(image_path: Path, hash_files: bool) -> None:
    """Examine and throw away."""
    from evidence.examine import examine
    from evidence.images.opening import open_image

    image = open_image([image_path])
    try:
        for _ in examine(image, hash_files=hash_files):
            pass
    finally:
        image.close()


def catalogue(image_path: Path, target: Path, hash_files: bool) -> None:
    """Examine in a child process, write the catalogue in this one, which imports what that takes meanwhile."""
    from evidence.examination import examine_isolated

    examination = examine_isolated([image_path], hash_files=hash_files)
    first: list[Any] = []
    starting = Thread(target=lambda: first.extend(islice(examination, 1)))
    starting.start()
    from forensics_app.db.catalogue_writer import write_catalogue
    from forensics_app.model.catalogue import CatalogueHeader

    target.unlink(missing_ok=True)
    header = CatalogueHeader(
        created_at=datetime.now(UTC),
        program="bench",
        libraries={},
        image_digests={},
        zone="UTC",
        content_examined=hash_files,
    )
    starting.join()
    write_catalogue(target, chain(first, examination), header)


if __name__ == "__main__":
    with_content = "--hash" in sys.argv
    if sys.argv[2] == "--bare":
        bare(Path(sys.argv[1]), with_content)
    else:
        catalogue(Path(sys.argv[1]), Path(sys.argv[2]), with_content)
