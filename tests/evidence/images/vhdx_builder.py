"""Writes VHDX files by the specification: logs to carry out, parents, sectors of 4096 bytes."""

import struct
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

MIB = 1 << 20
BAT, METADATA = UUID("2dc27766-f623-4200-9d64-115e9bfd4a08"), UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")
ITEMS = {
    "parameters": UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b"),
    "size": UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8"),
    "sector": UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f"),
    "identifier": UUID("beca12ab-b2e6-4523-93ef-c309e000c746"),
    "physical": UUID("cda348c7-445d-4471-9cc9-e9885251c556"),
    "parent": UUID("a8d35f2d-b30b-454d-abf7-d3d84834ab0c"),
}
LOCATOR = UUID("b04aefb7-d19e-4a81-b789-25b8e9445913")
NO_LOG, DATA_WRITE = UUID(int=0), UUID(int=77)
LOG_AT, BAT_AT, METADATA_AT, DATA_AT = MIB, 2 * MIB, 3 * MIB, 4 * MIB


def crc32c(data: bytes) -> int:
    """Bit by bit, as RFC 3720 defines it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def summed(data: bytearray) -> bytes:
    struct.pack_into("<I", data, 4, 0)
    struct.pack_into("<I", data, 4, crc32c(bytes(data)))
    return bytes(data)


def header(sequence: int, data_write: UUID, log: UUID = NO_LOG) -> bytes:
    data = bytearray(4096)
    values = (b"head", 0, sequence, UUID(int=5).bytes_le, data_write.bytes_le, log.bytes_le, 0, 1, MIB, LOG_AT)
    struct.pack_into("<4sIQ16s16s16sHHIQ", data, 0, *values)
    return summed(data)


@cache
def regions() -> bytes:
    data = bytearray(65536)
    struct.pack_into("<4sII", data, 0, b"regi", 0, 2)
    struct.pack_into("<16sQII", data, 16, BAT.bytes_le, BAT_AT, MIB, 1)
    struct.pack_into("<16sQII", data, 48, METADATA.bytes_le, METADATA_AT, MIB, 1)
    return summed(data)


def locator(keys: dict[str, str]) -> bytes:
    head = bytearray(LOCATOR.bytes_le + struct.pack("<HH", 0, len(keys)))
    at, names = 20 + 12 * len(keys), bytearray()
    for key, value in keys.items():
        packed = key.encode("utf-16-le"), value.encode("utf-16-le")
        place = at + len(names)
        head += struct.pack("<IIHH", place, place + len(packed[0]), len(packed[0]), len(packed[1]))
        names += packed[0] + packed[1]
    return bytes(head + names)


def metadata(size: int, sector: int, parent: dict[str, str] | None) -> bytes:
    items = {
        "parameters": struct.pack("<II", MIB, 2 if parent is not None else 0),
        "size": struct.pack("<Q", size),
        "identifier": UUID(int=9).bytes_le,
        "sector": struct.pack("<I", sector),
        "physical": struct.pack("<I", 4096),
    }
    if parent is not None:
        items["parent"] = locator(parent)
    table, body = bytearray(65536), bytearray()
    struct.pack_into("<8sHH", table, 0, b"metadata", 0, len(items))
    for number, (name, data) in enumerate(items.items()):
        place = 65536 + len(body)
        struct.pack_into("<16sIII", table, 32 + 32 * number, ITEMS[name].bytes_le, place, len(data), 4)
        body += data
    return bytes(table + body)


@dataclass
class Vhdx:
    """One file. ``blocks`` has the state and the data of payload blocks; ``bits`` which sectors a PARTIAL one has."""

    size: int
    sector: int = 512
    blocks: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    bits: dict[int, set[int]] = field(default_factory=dict)
    parent: dict[str, str] | None = None
    data_write: UUID = DATA_WRITE
    log: bytes = b""
    log_id: UUID = NO_LOG

    def write(self, path: Path) -> Path:
        ratio = (1 << 23) * self.sector // MIB
        table: dict[int, int] = {}
        body = bytearray()
        for block, (state, data) in self.blocks.items():
            place = DATA_AT + len(body)
            table[block + block // ratio] = state | (place if data else 0)
            body += data.ljust(MIB, b"\0") if data else b""
        if self.bits:
            bitmap = bytearray(MIB)
            for block, sectors in self.bits.items():
                for sector in sectors:
                    bit = block * MIB // self.sector + sector
                    bitmap[bit // 8] |= 1 << bit % 8
            table[ratio] = 6 | DATA_AT + len(body)
            body += bitmap
        file = bytearray(DATA_AT) + body
        parts = {
            0: b"vhdxfile" + "Builder".encode("utf-16-le"),
            64 << 10: header(1, self.data_write),
            128 << 10: header(2, self.data_write, self.log_id),
            192 << 10: regions(),
            256 << 10: regions(),
            LOG_AT: self.log,
            METADATA_AT: metadata(self.size, self.sector, self.parent),
        }
        parts |= {BAT_AT + 8 * index: entry.to_bytes(8, "little") for index, entry in table.items()}
        for at, part in parts.items():
            file[at : at + len(part)] = part
        path.write_bytes(file)
        return path


def entry(
    sequence: int, log: UUID, changes: list[tuple[int, bytes | int]], *, tail: int = 0, flushed: int = 0, last: int = 0
) -> bytes:
    """A log entry; a change is an offset with a page of data, or with a number of bytes that become zeros."""
    head = bytearray(4096)
    sectors = bytearray()
    for number, (offset, change) in enumerate(changes):
        if isinstance(change, int):
            descriptor = struct.pack("<4sIQQQ", b"zero", 0, change, offset, sequence)
        else:
            descriptor = struct.pack("<4s4s8sQQ", b"desc", change[-4:], change[:8], offset, sequence)
            high, low = divmod(sequence, 1 << 32)
            sectors += b"data" + high.to_bytes(4, "little") + change[8:-4] + low.to_bytes(4, "little")
        head[64 + 32 * number : 96 + 32 * number] = descriptor
    values = (b"loge", 0, len(head) + len(sectors), tail, sequence, len(changes), 0, log.bytes_le, flushed, last)
    struct.pack_into("<4sIIIQII16sQQ", head, 0, *values)
    return summed(head + sectors)
