"""Writes VHD files by the specification, in the forms that qemu-img does not write."""

import struct
from pathlib import Path
from uuid import UUID

SECTOR = 512
BLOCK = 64 * 1024
FIXED, DYNAMIC, DIFFERENCING = 2, 3, 4


def summed(data: bytearray, at: int) -> bytes:
    struct.pack_into(">I", data, at, 0)
    struct.pack_into(">I", data, at, ~sum(data) & 0xFFFFFFFF)
    return bytes(data)


def footer(
    kind: int, size: int, *, identifier: int = 1, creator: bytes = b"win ", geometry: tuple[int, int, int] = (1, 1, 1)
) -> bytes:
    data = bytearray(512)
    header_at = 0xFFFFFFFFFFFFFFFF if kind == FIXED else 512
    struct.pack_into(
        ">8sIIQI4sI4sQQHBBI", data, 0, b"conectix", 2, 0x10000, header_at, 86400, creator, 0x50003, b"Wi2k", size, size,
        *geometry, kind,
    )  # fmt: skip
    data[68:84] = UUID(int=identifier).bytes
    return summed(data, 64)


def fixed(path: Path, media: bytes, *, footer_bytes: int = 512, identifier: int = 1) -> Path:
    path.write_bytes(media + footer(FIXED, len(media), identifier=identifier)[:footer_bytes])
    return path


def dynamic(
    path: Path,
    size: int,
    written: dict[int, bytes],
    *,
    identifier: int = 1,
    parent: int | None = None,
    parent_name: str = "",
    locators: dict[bytes, bytes] | None = None,
) -> Path:
    """Write a dynamic disk with the sectors ``written``, by number; a differencing one if there is a ``parent``."""
    names_at = 4096
    entries = -(-size // BLOCK)
    table = [0xFFFFFFFF] * entries
    body = bytearray()
    data_at = names_at + 4096 + -(-4 * entries // SECTOR) * SECTOR
    for block in sorted({sector * SECTOR // BLOCK for sector in written}):
        table[block] = (data_at + len(body)) // SECTOR
        bitmap, data = bytearray(SECTOR), bytearray(b"\xa5" * BLOCK)
        for inside in range(BLOCK // SECTOR):
            sector = block * BLOCK // SECTOR + inside
            if sector in written:
                bitmap[inside // 8] |= 0x80 >> inside % 8
                data[inside * SECTOR : (inside + 1) * SECTOR] = written[sector]
        body += bitmap + data
    header = bytearray(1024)
    table_at = names_at + 4096
    struct.pack_into(">8sQQIII", header, 0, b"cxsparse", 0xFFFFFFFFFFFFFFFF, table_at, 0x10000, entries, BLOCK)
    names = bytearray(4096)
    if parent is not None:
        header[40:56] = UUID(int=parent).bytes
        name = parent_name.encode("utf-16-be")
        header[64 : 64 + len(name)] = name
    for number, (platform, called) in enumerate((locators or {}).items()):
        names[number * SECTOR : number * SECTOR + len(called)] = called
        place = names_at + number * SECTOR
        struct.pack_into(">4sIIIQ", header, 576 + 24 * number, platform, SECTOR, len(called), 0, place)
    ends = footer(DYNAMIC if parent is None else DIFFERENCING, size, identifier=identifier)
    front = (ends + summed(header, 36)).ljust(names_at, b"\0")
    packed = b"".join(entry.to_bytes(4, "big") for entry in table)
    path.write_bytes(front + names + packed.ljust(data_at - table_at, b"\xff") + body + ends)
    return path
