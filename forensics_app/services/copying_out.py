"""Bytes on their way out of an image: in pieces that are whole, and read back at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from evidence.errors import ShortReadError
from forensics_app.errors import RefusedError
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
