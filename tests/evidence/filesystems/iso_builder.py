"""ISO 9660 written byte by byte from ECMA-119, for what no tool writes."""

from __future__ import annotations

import struct
from pathlib import Path

NOON = bytes((122, 6, 1, 12, 0, 3, 0))
NOON_NS = 1_654_084_803_000_000_000


def both(value: int, size: int = 4) -> bytes:
    return value.to_bytes(size, "little") + value.to_bytes(size, "big")


def record(
    name: bytes,
    block: int,
    size: int,
    flags: int = 0,
    *,
    recorded: bytes = NOON,
    unit: int = 0,
    gap: int = 0,
    big_block: int | None = None,
    more: bytes = b"",
) -> bytes:
    """A directory record."""
    place = struct.pack("<I", block) + struct.pack(">I", block if big_block is None else big_block)
    body = (
        bytes(1) + place + both(size) + recorded + bytes((flags, unit, gap)) + both(1, 2) + bytes((len(name),)) + name
    )
    body += bytes(1 - len(name) % 2) + more
    return bytes((len(body) + 1,)) + body


def descriptor(kind: int, root_block: int, blocks: int, escape: bytes = b"") -> bytes:
    raw = bytearray(2048)
    raw[:7] = bytes((kind,)) + b"CD001\1"
    raw[40:72] = b"LABEL".ljust(32) if not escape else "LABEL".encode("utf-16-be").ljust(32, b"\0")
    raw[80:88] = both(blocks)
    raw[88 : 88 + len(escape)] = escape
    raw[128:132] = both(2048, 2)
    raw[132:144] = both(10) + struct.pack("<I", 22)
    raw[156:190] = record(b"\0", root_block, 2048, 2)
    return bytes(raw)


def directory(block: int, *records: bytes, own: bytes = b"") -> bytes:
    return (record(b"\0", block, 2048, 2, more=own) + record(b"\1", block, 2048, 2) + b"".join(records)).ljust(
        2048, b"\0"
    )


def disc(path: Path, primary: bytes, joliet: bytes | None = None, content: bytes = b"", own: bytes = b"") -> Path:
    """The root of the primary tree lies in block 20, that of the Joliet tree in 21, and content from 24 on."""
    blocks = 24 + -(-len(content) // 2048)
    heads = [descriptor(1, 20, blocks)]
    if joliet is not None:
        heads.append(descriptor(2, 21, blocks, b"%/E"))
    heads.append((b"\xffCD001\1").ljust(2048, b"\0"))
    raw = bytearray(blocks * 2048)
    for index, head in enumerate(heads):
        raw[(16 + index) * 2048 : (17 + index) * 2048] = head
    raw[20 * 2048 : 21 * 2048] = directory(20, primary, own=own)
    raw[21 * 2048 : 22 * 2048] = directory(21, joliet or b"")
    raw[22 * 2048 : 22 * 2048 + 10] = struct.pack("<BBIHH", 1, 0, 20, 1, 0)
    raw[24 * 2048 : 24 * 2048 + len(content)] = content
    path.write_bytes(raw)
    return path
