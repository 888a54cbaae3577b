"""Bytes on their way out of an image: in pieces that are whole, and read back at the end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from evidence.errors import ShortReadError
from evidence.timestamps import to_utc
from forensics_app.errors import RefusedError
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.image import OnProgress

READ_BYTES = 1024 * 1024


def in_pieces(read: Callable[[int, int], bytes], all_bytes: int, on_progress: OnProgress) -> Iterator[bytes]:
    """Bytes from 0 on, a MiB at a time, each piece whole.

    Raises:
        ShortReadError: There are fewer.
    """
    for offset_bytes in range(0, all_bytes, READ_BYTES):
        size_bytes = min(READ_BYTES, all_bytes - offset_bytes)
        piece = read(offset_bytes, size_bytes)
        if len(piece) != size_bytes:
            raise ShortReadError(offset_bytes + len(piece), all_bytes)
        yield piece
        on_progress(offset_bytes + size_bytes, all_bytes)


def read_back(target: Path, written: bytes, name: str, expected: bytes | None) -> None:
    """Digest what was written anew; ``written`` is its SHA-256, ``expected`` that of the catalogue, if it has one.

    Raises:
        RefusedError: It is another one.
    """
    with target.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").digest()
    if found != written or expected not in (None, found):
        raise RefusedError(
            f"{name} did not read as the catalogue has it: the SHA-256 differs.",
            kept="The copy was removed again, and nothing was recorded.",
            then="Check the image again; if it is whole, build the catalogue again.",
        )


def finish(target: Path, written: bytes, entry: CatalogueEntry, zone: str) -> None:
    """Read the copy of a file back, as :func:`read_back`, and give it the times of the file."""
    read_back(target, written, entry.name, entry.sha256)
    keep_times(target, entry, zone)


def keep_times(target: Path, entry: CatalogueEntry, zone: str) -> bool:
    """Give a copy the times at which its file was modified and accessed; False where that cannot be.

    Wall times are put to UTC by ``zone``. A date without a time of day is no time of access: the copy then has that of
    its modification. A file system that cannot hold them keeps its own, which changes no byte of the copy.
    """
    modified, accessed = entry.time("modified"), entry.time("accessed")
    if modified is None or modified.basis == "date":
        return False
    if accessed is None or accessed.basis == "date":
        accessed = modified
    times = tuple(to_utc(stamp.ns, stamp.basis, zone).utc_ns for stamp in (accessed, modified))
    try:
        os.utime(target, ns=(times[0], times[1]))
    except (OSError, OverflowError, ValueError):
        return False
    return True
