"""UDF volumes written byte by byte from ECMA-167 and OSTA UDF: no tool in every system fills one with files."""

from __future__ import annotations

import binascii
import struct
from dataclasses import dataclass, field
from pathlib import Path

START, LENGTH = 300, 220
MAIN_VDS, RESERVE_VDS, INTEGRITY = 257, 273, 289
UTC_NOON = (0x1000, 2022, 6, 1, 12, 0, 3, 25, 50, 75)
"""1 June 2022, 12:00:03.255075, local time at a distance of 0 from UTC."""
NOON_NS = 1_654_084_803_255_075_000


def tagged(kind: int, location: int, body: bytes, size: int | None = None) -> bytes:
    """A descriptor: tag, and the body that follows it."""
    tag = bytearray(struct.pack("<HHBBHHHI", kind, 3, 0, 0, 1, binascii.crc_hqx(body, 0), len(body), location))
    tag[4] = sum(tag) & 0xFF
    return (bytes(tag) + body).ljust(size or 0, b"\0")


def dstring(text: str, size: int) -> bytes:
    raw = b"\x08" + text.encode("latin-1")
    return raw.ljust(size - 1, b"\0") + bytes([len(raw)])


def name_of(text: str) -> bytes:
    """OSTA compressed Unicode, 8 bits where they suffice."""
    try:
        return b"\x08" + text.encode("latin-1")
    except UnicodeEncodeError:
        return b"\x10" + text.encode("utf-16-be")


def entity(name: str, suffix: bytes = b"") -> bytes:
    return b"\0" + name.encode().ljust(23, b"\0") + suffix.ljust(8, b"\0")


def long_ad(length: int, block: int, partition: int, unique_id: int = 0) -> bytes:
    return struct.pack("<IIHHI", length, block, partition, 0, unique_id)


def short_ad(length: int, block: int, kind: int = 0) -> bytes:
    return struct.pack("<II", length | kind << 30, block)


def stamp(*parts: int) -> bytes:
    return struct.pack("<Hh8B", *(parts or UTC_NOON))


@dataclass
class Volume:
    """A volume; ``kind`` is plain, virtual, sparable or metadata. Blocks are written under (partition map, block)."""

    block: int = 2048
    kind: str = "plain"
    revision: int = 0x0201
    blocks: dict[tuple[int, int], bytes] = field(default_factory=dict)
    recorded: tuple[int, ...] = UTC_NOON
    header: bytes = bytes(128)
    metadata_bitmap: int = 0xFFFFFFFF
    next_data: int = 130
    next_entry: int = 2

    @property
    def ref(self) -> int:
        """The partition map in which file entries and directories lie."""
        return 1 if self.kind in ("virtual", "metadata") else 0

    def data(self, content: bytes) -> int:
        """Put content into blocks of the plain partition; gives the first."""
        first = self.next_data
        for at in range(0, len(content), self.block):
            self.blocks[0, self.next_data] = content[at : at + self.block]
            self.next_data += 1
        return first

    def entry(
        self,
        file_type: int,
        size: int,
        descriptors: bytes,
        kind: int = 3,
        *,
        extended: bool = False,
        at: int | None = None,
        attributes: bytes = b"",
        attribute_file: bytes = bytes(16),
        streams: bytes = bytes(16),
        strategy: int = 4,
        times: bytes | None = None,
        unique_id: int = 0,
        ref: int | None = None,
    ) -> int:
        """A file entry; ``kind`` is that of the allocation descriptors. Gives its block."""
        if at is None:
            at, self.next_entry = self.next_entry, self.next_entry + 1
        times = times or stamp()
        icb = struct.pack("<IHHHBBIHH", 0, strategy, 0, 1, 0, file_type, 0, 0, kind)
        body = icb + struct.pack("<IIIHBBIQ", 0, 0, 0, 1, 0, 0, 0, size)
        if extended:
            body += struct.pack("<QQ", size, 0) + times * 4 + bytes(8) + attribute_file + streams
        else:
            body += struct.pack("<Q", 0) + times * 3 + struct.pack("<I", 1) + bytes(16)
        body += entity("*test") + struct.pack("<QII", unique_id, len(attributes), len(descriptors))
        where = self.ref if ref is None else ref
        self.blocks[where, at] = tagged(266 if extended else 261, at, body + attributes + descriptors, self.block)
        return at

    def name(self, text: str, block: int, flags: int = 0, unique_id: int = 0) -> bytes:
        """A file identifier descriptor; block 0 with flag 4 keeps no address."""
        raw = name_of(text) if text else b""
        address = long_ad(self.block if block else 0, block, self.ref, unique_id)
        body = struct.pack("<HBB", 1, flags, len(raw)) + address + struct.pack("<H", 0) + raw
        return tagged(257, 0, body.ljust(-(-(len(body) + 16) // 4) * 4 - 16, b"\0"))

    def directory(self, *names: bytes, at: int | None = None, file_type: int = 4) -> int:
        body = self.name("", 1, 0x0A) + b"".join(names)
        return self.entry(file_type, len(body), body, at=at, extended=self.revision >= 0x0200)

    def file(self, content: bytes, **more: int | bool | bytes) -> int:
        """A file in one extent of the plain partition."""
        first = self.data(content)
        descriptors = long_ad(len(content), first, 0)
        return self.entry(5, len(content), descriptors, 1, **more)  # type: ignore[arg-type]

    def write(self, path: Path, root: int) -> Path:
        """The image, with the root directory at block ``root``."""
        size, self_tag = self.block, self.blocks
        file_set = stamp(*self.recorded) + struct.pack("<HHIIII", 3, 3, 1, 1, 0, 0) + bytes(64) + dstring("V", 128)
        file_set += bytes(64) + dstring("F", 32) + bytes(64) + long_ad(size, root, self.ref) + bytes(32 + 16 + 16)
        self_tag[self.ref, 0] = tagged(256, 0, file_set.ljust(496, b"\0"), size)
        media: dict[int, bytes] = {}
        self._write_blocks(media)
        self._write_structures(media)
        last = max(START + LENGTH, max(media) + 1) if self.kind != "virtual" else max(media)
        if self.kind != "virtual":
            media[last] = self._anchor(last)
        media[256] = self._anchor(256)
        whole = bytearray((last + 1) * size)
        for place, raw in media.items():
            whole[place * size : place * size + len(raw)] = raw
        for index, mark in enumerate((b"BEA01", b"NSR03", b"TEA01")):
            at = 32768 + index * max(2048, size)
            whole[at : at + 7] = b"\0" + mark + b"\1"
        path.write_bytes(whole)
        return path

    def _anchor(self, block: int) -> bytes:
        body = struct.pack("<IIII", 16 * self.block, MAIN_VDS, 16 * self.block, RESERVE_VDS)
        return tagged(2, block, body.ljust(496, b"\0"), self.block)

    def _write_structures(self, media: dict[int, bytes]) -> None:
        revision = struct.pack("<H", self.revision)
        maps = struct.pack("<BBHH", 1, 6, 1, 0)
        if self.kind == "sparable":
            head = b"\2\x40\0\0" + entity("*UDF Sparable Partition") + struct.pack("<HHHBBI", 1, 0, 16, 2, 0, 2048)
            maps = (head + struct.pack("<II", 291, 295)).ljust(64, b"\0")
        elif self.kind == "virtual":
            maps += (b"\2\x40\0\0" + entity("*UDF Virtual Partition") + struct.pack("<HH", 1, 0)).ljust(64, b"\0")
        elif self.kind == "metadata":
            head = (
                b"\2\x40\0\0"
                + entity("*UDF Metadata Partition")
                + struct.pack("<HHIII", 1, 0, 0, 1, self.metadata_bitmap)
            )
            maps += (head + struct.pack("<IHB", 4, 1, 1)).ljust(64, b"\0")
        primary = struct.pack("<II", 1, 0) + dstring("V", 32) + struct.pack("<HHHHII", 1, 1, 2, 2, 1, 1)
        primary += dstring("0123456789ABCDEFset", 128) + bytes(128 + 16 + 32) + stamp()
        partition = (
            struct.pack("<IHH", 1, 1, 0) + entity("+NSR03") + self.header + struct.pack("<III", 4, START, LENGTH)
        )
        logical = struct.pack("<I", 1) + bytes(64) + dstring("Löwe", 128) + struct.pack("<I", self.block)
        logical += entity("*OSTA UDF Compliant", revision) + long_ad(self.block, 0, self.ref)
        logical += struct.pack("<II", len(maps), 1 if self.kind in ("plain", "sparable") else 2)
        logical += entity("*t") + bytes(128) + struct.pack("<II", self.block, INTEGRITY) + maps
        for base in (MAIN_VDS, RESERVE_VDS):
            for index, (kind, body) in enumerate(((1, primary), (5, partition), (6, logical), (8, b""))):
                media[base + index] = tagged(kind, base + index, body.ljust(496, b"\0"), self.block)
        media[INTEGRITY] = tagged(9, INTEGRITY, (stamp() + struct.pack("<I", 1)).ljust(496, b"\0"), self.block)

    def _write_blocks(self, media: dict[int, bytes]) -> None:
        """Put every block where its partition map has it."""
        if self.kind == "metadata":
            self._metadata_files()
        table: dict[int, int] = {}
        for (ref, block), raw in list(self.blocks.items()):
            if ref == 0 and self.kind == "sparable" and 128 <= block < 144:
                media[START + LENGTH + 20 + block - 128] = raw
                media[START + block] = b"old"
            elif ref == 0:
                media[START + block] = raw
            elif self.kind == "virtual":
                table[block] = 60 + 2 * block
                media[START + table[block]] = raw
            else:
                media[START + metadata_place(block)] = raw
                media[START + metadata_place(block) + 40] = raw
        if self.kind == "sparable":
            for at, sequence, place in ((291, 1, 0), (295, 2, START + LENGTH + 20)):
                body = entity("*UDF Sparing Table") + struct.pack("<HHI", 2, 0, sequence)
                body += struct.pack("<IIII", 128, place, 0xFFFFFFFF, START + LENGTH + 40)
                media[at] = tagged(0, at, body, self.block)
        if self.kind == "virtual":
            self._allocation_table(media, table)

    def _metadata_files(self) -> None:
        """Two extents and their mirror, 40 blocks behind."""
        for at, file_type, shift in ((0, 250, 0), (1, 251, 40)):
            extents = short_ad(4 * self.block, 10 + shift) + short_ad(24 * self.block, 20 + shift)
            self.entry(file_type, 28 * self.block, extents, 0, at=at, ref=0, extended=True)

    def _allocation_table(self, media: dict[int, bytes], table: dict[int, int]) -> None:
        entries = struct.pack(f"<{max(table) + 1}I", *(table.get(i, 0xFFFFFFFF) for i in range(max(table) + 1)))
        last = max(media) - START + 1
        if self.revision >= 0x0200:
            raw = (
                struct.pack("<HH", 152, 0)
                + dstring("V", 128)
                + struct.pack("<IIIHHHH", 0xFFFFFFFF, 1, 1, *[0x201] * 3, 0)
            )
            self.entry(248, 152 + len(entries), raw + entries, at=last, ref=0, extended=True)
        else:
            raw = entries + entity("*UDF Virtual Alloc Tbl") + struct.pack("<I", 0xFFFFFFFF)
            self.entry(0, len(raw), raw, at=last, ref=0)
        media[START + last] = self.blocks.pop((0, last))


def metadata_place(block: int) -> int:
    """Where a block of the metadata partition lies in the plain one."""
    return 10 + block if block < 4 else 16 + block
