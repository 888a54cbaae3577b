"""Writes Ex01 images from the published format: no tool at hand writes them.

Source: "Expert Witness Compression Format 2 specification", J. Metz, libewf documentation.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from tests.evidence.images.ewf_builder import CHUNK, adler, summed

DEVICE, CASE, SECTORS, TABLE, ERRORS, MD5, SHA1, NEXT, DONE = 1, 2, 3, 4, 5, 8, 9, 13, 15


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


def _text(values: dict[str, str]) -> bytes:
    lines = ["1", "main", "\t".join(values), "\t".join(values.values()), "", ""]
    return zlib.compress("\ufeff".encode("utf-16-le") + "\n".join(lines).encode("utf-16-le"))


@dataclass
class Segment2:
    """One segment file in the making."""

    number: int = 1
    packing: str = ""
    method: int = 1
    encrypted: bool = False
    data: bytearray = field(default_factory=bytearray)
    last: int = 0
    chunk_places: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        identifier = UUID(int=0x4B3C8F8E0D434F5A9A0E27F1B7F0C111).bytes_le
        self.data += b"EVF2\r\n\x81\x00" + struct.pack("<BBHI", 2, 1, self.method, self.number) + identifier

    def add(self, kind: int, body: bytes = b"") -> None:
        """Add a section: its data, then its descriptor."""
        padding = -len(body) % 16
        self.data += body + bytes(padding)
        start = len(self.data)
        size = len(body) + padding
        flags = 1 | (2 if self.encrypted else 0)
        digest = hashlib.md5(body + bytes(padding)).digest()
        head = struct.pack("<IIQQII", kind, flags, self.last, size, 64, padding) + digest
        self.data += summed(head.ljust(60, b"\0"))
        self.last = start

    def add_texts(self, sectors: int, chunks: int) -> None:
        """Add what describes the device and the case."""
        device = {"sn": "S1", "md": "M1", "lb": "", "ts": str(sectors), "dt": "f", "bp": "512", "ph": "1"}
        case = {
            "nm": "a disk",
            "cn": "case 7",
            "en": "item 3",
            "ex": "N. Jashi",
            "nt": "notes",
            "av": "7.04",
            "os": "Linux",
        }
        case |= {"tt": "1142166000", "at": "1142163845", "tb": str(chunks), "cp": "1", "sb": "64", "gr": "64", "wb": ""}
        self.add(DEVICE, _text(device))
        self.add(CASE, _text(case))

    def add_chunks(self, first: int, chunks: Sequence[bytes]) -> None:
        """Add chunks, by default every third not compressed, and their table."""
        body, entries = bytearray(), bytearray()
        for number, chunk in enumerate(chunks):
            place = len(self.data) + len(body)
            if self.packing == "pattern":
                entries += chunk[:8] + struct.pack("<II", 0, 1 | 4)
                continue
            plain = number % 3 == 2 if not self.packing else self.packing == "plain"
            stored = summed(chunk) if plain else zlib.compress(chunk, 1)
            self.chunk_places.append((place, len(stored)))
            entries += struct.pack("<QII", place, len(stored), 2 if plain else 1)
            body += _aligned(stored)
        self.add(SECTORS, bytes(body))
        header = summed(struct.pack("<QI4x", first, len(chunks))).ljust(32, b"\0")
        self.add(TABLE, header + bytes(entries) + adler(bytes(entries)) + bytes(12))

    def add_read_errors(self, sectors: Sequence[tuple[int, int]]) -> None:
        """Add what the acquisition could not read: first sectors and numbers of sectors."""
        entries = b"".join(struct.pack("<QI4x", *pair) for pair in sectors)
        header = summed(struct.pack("<I12x", len(sectors))) + bytes(12)
        self.add(ERRORS, header + entries + adler(entries) + bytes(12))

    def add_digests(self, media: bytes) -> None:
        """Add MD5 and SHA-1 of the media."""
        self.add(MD5, summed(hashlib.md5(media).digest()) + bytes(12))
        self.add(SHA1, summed(hashlib.sha1(media).digest()) + bytes(8))

    def write(self, path: Path) -> Path:
        """Write the file."""
        path.write_bytes(self.data)
        return path


def write_set(
    media: bytes, folder: Path, segments: int = 1, name: str = "disk", packing: str = ""
) -> tuple[list[Path], list[Segment2]]:
    """Write media as an Ex01 set."""
    chunks = [media[start : start + CHUNK] for start in range(0, len(media), CHUNK)]
    share = -(-len(chunks) // segments)
    paths, made = [], []
    for number in range(1, segments + 1):
        segment = Segment2(number, packing)
        segment.add_texts(len(media) // 512, len(chunks))
        first = (number - 1) * share
        segment.add_chunks(first, chunks[first : first + share])
        if number == segments:
            segment.add_digests(media)
        segment.add(DONE if number == segments else NEXT)
        paths.append(segment.write(folder / f"{name}.Ex{number:02d}"))
        made.append(segment)
    return paths, made
