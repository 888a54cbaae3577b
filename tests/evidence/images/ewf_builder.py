"""Writes EWF images byte by byte from the published format: what ewfacquire does not write, old, odd and damaged.

Source: "Expert Witness Compression Format specification" and its version 2, J. Metz, libewf documentation.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import struct
import subprocess
import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SIGNATURE = b"EVF\x09\x0d\x0a\xff\x00"
CHUNK = 32768
_FEW_LETTERS = b"abc \ndef" * 32
SET_IDENTIFIER = uuid.UUID("8b3c8f8e-0d43-4f5a-9a0e-27f1b7f0c111")


def media_of(size_bytes: int, seed: int = 3) -> bytes:
    """Media of noise, text and zeros, in stretches that do not fit chunks."""
    source = random.Random(seed)
    parts, size = [], 0
    while size < size_bytes:
        length = source.randrange(1, 70_000)
        kind = source.randrange(3)
        part = source.randbytes(length) if kind < 2 else bytes(length)
        parts.append(part.translate(_FEW_LETTERS) if kind == 1 else part)
        size += length
    return b"".join(parts)[:size_bytes]


def acquire(raw: Path, target: Path, *options: str) -> list[Path]:
    """Make an image with ewfacquire, in silence; the segments in order. Skips the test where it is missing."""
    if not shutil.which("ewfacquire"):
        pytest.skip("ewfacquire (Debian: ewf-tools) is not installed")
    texts = ["-C", "case 7", "-E", "item 3", "-D", "a disk", "-e", "N. Jashi", "-N", "some notes"]
    command = ["ewfacquire", "-u", "-q", "-t", str(target), *texts, *options, str(raw)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return sorted(path for path in target.parent.iterdir() if path.stem == target.name and path != raw)


def adler(data: bytes) -> bytes:
    """The checksum that ends most structures."""
    return struct.pack("<I", zlib.adler32(data))


def summed(data: bytes) -> bytes:
    """``data`` with its checksum behind it."""
    return data + adler(data)


def long_volume(
    chunks: int, sectors: int, *, sector_bytes: int = 512, per_chunk: int = 64, identifier: uuid.UUID = SET_IDENTIFIER
) -> bytes:
    """The data of a section "volume" in the form of EnCase."""
    head = struct.pack(
        "<B3xIIIQ12xB15xB3xI4x16s", 1, chunks, per_chunk, sector_bytes, sectors, 3, 1, 64, identifier.bytes_le
    )
    return summed(head.ljust(1048, b"\0"))


def short_volume(chunks: int, sectors: int) -> bytes:
    """The data of a section "volume" in the original form."""
    return summed(struct.pack("<IIIII", 1, chunks, 64, 512, sectors).ljust(85, b"\0") + b"SMART")


def table(offsets: Sequence[int], base: int = 0, *, footer: bool = True) -> bytes:
    """The data of a section "table"."""
    entries = struct.pack(f"<{len(offsets)}I", *offsets)
    return summed(struct.pack("<I4xQ4x", len(offsets), base)) + (summed(entries) if footer else entries)


def packed(data: bytes, *, compress: bool) -> tuple[bytes, int]:
    """A chunk as stored, and its flag in the table."""
    return (zlib.compress(data, 1), 0x8000_0000) if compress else (summed(data), 0)


def chunks_of(media: bytes) -> list[bytes]:
    """Media cut into chunks of the default size."""
    return [media[start : start + CHUNK] for start in range(0, len(media), CHUNK)]


@dataclass
class Segment:
    """One segment file in the making."""

    number: int = 1
    signature: bytes = SIGNATURE
    data: bytearray = field(default_factory=bytearray)
    last: int = 0

    def __post_init__(self) -> None:
        self.data += self.signature + struct.pack("<BHH", 1, self.number, 0)

    @property
    def offset(self) -> int:
        """Where the next section begins."""
        return len(self.data)

    def add(self, kind: str, body: bytes = b"", *, following: int | None = None, size: int | None = None) -> int:
        """Add a section; returns where it begins. Sections that end a segment lead to themselves."""
        start = self.offset
        ends = kind in ("next", "done")
        size = size if size is not None else (0 if ends else 76 + len(body))
        following = following if following is not None else (start if ends else start + 76 + len(body))
        head = struct.pack("<16sQQ40x", kind.encode(), following, size)
        self.data += summed(head) + body
        self.last = start
        return start

    def add_chunks(self, chunks: Sequence[bytes], *, compress: Callable[[int], bool] = lambda number: True) -> None:
        """Add a section of chunks, its table, and the second copy of that."""
        body, offsets = bytearray(), []
        start = self.offset + 76
        for number, chunk in enumerate(chunks):
            stored, flag = packed(chunk, compress=compress(number))
            offsets.append((start + len(body)) | flag)
            body += stored
        self.add("sectors", bytes(body))
        self.add("table", table(offsets))
        self.add("table2", table(offsets))

    def write(self, path: Path) -> Path:
        """Write the file."""
        path.write_bytes(self.data)
        return path


def simple(media: bytes, path: Path, *, more: Sequence[tuple[str, bytes]] = (), per_table: int = 1000) -> Path:
    """Write an E01 of one segment, with an MD5 and some further sections before its end."""
    segment = Segment()
    chunks = chunks_of(media)
    segment.add("volume", long_volume(len(chunks), -(-len(media) // 512)))
    for start in range(0, len(chunks), per_table):
        segment.add_chunks(chunks[start : start + per_table], compress=lambda number: number % 3 != 0)
    segment.add("data", long_volume(len(chunks), -(-len(media) // 512)))
    for kind, body in more:
        segment.add(kind, body)
    segment.add("hash", summed(hashlib.md5(media).digest().ljust(32, b"\0")))
    segment.add("done")
    return segment.write(path)


def sections(data: bytes) -> list[tuple[str, int, int]]:
    """The sections of an undamaged segment: kind, where it begins, where it ends."""
    found, offset = [], 13
    while offset < len(data):
        kind, following = (
            data[offset : offset + 16].split(b"\0")[0].decode(),
            int.from_bytes(data[offset + 16 : offset + 24], "little"),
        )
        end = following if following > offset else offset + 76
        found.append((kind, offset, end))
        if kind in ("next", "done"):
            break
        offset = end
    return found
