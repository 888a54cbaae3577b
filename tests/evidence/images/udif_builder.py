"""Writes UDIF disk images by the published description of the format."""

import bz2
import lzma
import plistlib
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import lzfse

SECTOR = 512
ZERO, RAW, IGNORE, LAST = 0, 1, 2, 0xFFFFFFFF
ADC, ZLIB, BZIP2, LZFSE, XZ = range(0x80000004, 0x80000009)


def adc(data: bytes) -> bytes:
    """Literal runs, then the two kinds of copies where the data repeats at a distance of 1 or of 16."""
    out, at = bytearray(), 0
    while at < len(data):
        run = next((n for n in range(min(67, len(data) - at)) if data[at + n] != data[at - 1]), 67) if at else 0
        if 4 <= run <= 67 and at + run <= len(data):
            out += bytes((0x40 | run - 4, 0, 0)) if run > 18 else bytes(((run - 3) << 2, 0))
            at += run
        elif at >= 16 and len(data) - at >= 18 and data[at : at + 18] == (data[at - 16 : at] * 2)[:18]:
            out += bytes((15 << 2, 15))
            at += 18
        else:
            out += bytes((0x80, data[at]))
            at += 1
    return bytes(out)


PACKERS = {
    ADC: adc,
    ZLIB: zlib.compress,
    BZIP2: bz2.compress,
    LZFSE: lzfse.compress,
    XZ: lzma.compress,
    RAW: bytes,
    ZERO: lambda data: b"",
    IGNORE: lambda data: b"",
}


@dataclass
class Udif:
    """A disk image; ``tables`` has (name, [(type of chunk, bytes of the media)]) one behind the other."""

    tables: list[tuple[str, list[tuple[int, bytes]]]]
    in_fork: bool = False
    segments: int = 1
    data: bytearray = field(default_factory=bytearray)

    @property
    def media(self) -> bytes:
        return b"".join(part for _, chunks in self.tables for _, part in chunks)

    def write(self, path: Path, *, behind: bytes = b"") -> Path:
        tables, sector, master = [], 0, b""
        for name, chunks in self.tables:
            table, checksum = self._table(sector, chunks)
            tables.append((name, table))
            master += checksum
            sector += sum(len(part) for _, part in chunks) // SECTOR
        listing = fork(tables) if self.in_fork else xml(tables)
        places = (len(self.data), len(listing), 0, 0) if self.in_fork else (0, 0, len(self.data), len(listing))
        trailer = bytearray(512)
        fork_at, fork_bytes, xml_at, xml_bytes = places
        head = (b"koly", 4, 512, 1, 0, 0, len(self.data), fork_at, fork_bytes, 1, self.segments)
        struct.pack_into(">4sIIIQQQQQII", trailer, 0, *head)
        struct.pack_into(">III", trailer, 80, 2, 32, zlib.crc32(self.data))
        struct.pack_into(">QQ", trailer, 216, xml_at, xml_bytes)
        struct.pack_into(">III", trailer, 352, 2, 32, zlib.crc32(master))
        struct.pack_into(">Q", trailer, 492, sector)
        path.write_bytes(bytes(self.data) + listing + trailer + behind)
        return path

    def _table(self, start: int, chunks: list[tuple[int, bytes]]) -> tuple[bytes, bytes]:
        rows, sector, checksum = bytearray(), 0, 0
        for kind, part in chunks:
            packed = PACKERS[kind](part)
            rows += struct.pack(">IIQQQQ", kind, 0, sector, len(part) // SECTOR, len(self.data), len(packed))
            self.data += packed
            sector += len(part) // SECTOR
            checksum = checksum if kind == IGNORE else zlib.crc32(part, checksum)
        rows += struct.pack(">IIQQQQ", LAST, 0, sector, 0, 0, 0)
        head = bytearray(204)
        struct.pack_into(">4sIQQQII", head, 0, b"mish", 1, start, sector, 0, 0, 0)
        struct.pack_into(">III", head, 64, 2, 32, checksum)
        struct.pack_into(">I", head, 200, len(rows) // 40)
        return bytes(head + rows), checksum.to_bytes(4, "big")


def xml(tables: list[tuple[str, bytes]]) -> bytes:
    entries = [{"Attributes": "0x0050", "ID": "0", "Name": name, "Data": table} for name, table in tables]
    return plistlib.dumps({"resource-fork": {"blkx": entries, "plst": []}})


def fork(tables: list[tuple[str, bytes]]) -> bytes:
    data, references, names = bytearray(), bytearray(), bytearray()
    for number, (name, table) in enumerate(tables):
        references += struct.pack(">HHII", number, len(names), len(data), 0)
        names += bytes((len(name),)) + name.encode("mac-roman")
        data += len(table).to_bytes(4, "big") + table
    types = struct.pack(">H4sHH", 0, b"blkx", len(tables) - 1, 10)
    listing = bytes(24) + struct.pack(">HH", 28, 28 + len(types) + len(references)) + types + references + names
    return struct.pack(">IIII", 256, 256 + len(data), len(data), len(listing)).ljust(256, b"\0") + data + listing
