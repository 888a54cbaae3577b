"""Compound files with streams of any length in storages of any depth. [MS-CFB]."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias

Storage: TypeAlias = "Mapping[str, bytes | Storage]"
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SECTOR, MINI, CUTOFF = 512, 64, 4096


def compound_of(tree: Storage) -> bytes:
    """The bytes of one; short streams lie in the ministream, as they have to."""
    entries: list[list[object]] = [["Root Entry", 5, FREE, FREE, b""]]  # name, kind, next beside, first inside, content
    _put(entries, 0, tree)
    mini, mini_table, places = bytearray(), list[int](), dict[int, tuple[int, int]]()
    large: list[tuple[int, bytes]] = []
    for at, (_, kind, _, _, content) in enumerate(entries):
        assert isinstance(content, bytes)
        if kind != 2 or not content:
            places[at] = END, 0
        elif len(content) < CUTOFF:
            count = -(-len(content) // MINI)
            first = len(mini_table)
            places[at] = first, len(content)
            mini_table += [*range(first + 1, first + count), END]
            mini += content.ljust(count * MINI, b"\0")
        else:
            large.append((at, content))
    directory_sectors = -(-len(entries) * 128 // SECTOR)
    table: list[int] = []
    body = bytearray()

    def chain(content: bytes) -> int:
        first, count = len(table), -(-len(content) // SECTOR)
        table.extend([*range(first + 1, first + count), END])
        body.extend(content.ljust(count * SECTOR, b"\0"))
        return first

    directory_at = chain(bytes(directory_sectors * SECTOR))
    if mini:
        places[0] = chain(bytes(mini)), len(mini)
    mini_at = chain(struct.pack(f"<{len(mini_table)}I", *mini_table).ljust(SECTOR, b"\xff")) if mini_table else END
    for at, content in large:
        places[at] = chain(content), len(content)
    table_sectors = 1
    while (len(table) + table_sectors) * 4 > table_sectors * SECTOR:
        table_sectors += 1
    table_at = len(table)
    table += [TABLE] * table_sectors
    packed = struct.pack(f"<{len(table)}I", *table).ljust(table_sectors * SECTOR, b"\xff")
    directory = b"".join(_entry(at, one, places[at]) for at, one in enumerate(entries)).ljust(
        directory_sectors * SECTOR, b"\0"
    )
    body[directory_at * SECTOR : directory_at * SECTOR + len(directory)] = directory
    mini_sectors = -(-len(mini_table) * 4 // SECTOR)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, table_sectors, directory_at, 0, CUTOFF, mini_at, mini_sectors,
        END, 0,
    )  # fmt: skip
    head += struct.pack("<109I", *[*range(table_at, table_at + table_sectors), *[FREE] * (109 - table_sectors)])
    return head + bytes(body) + packed


def _put(entries: list[list[object]], parent: int, tree: Storage) -> None:
    before: int | None = None
    for name in sorted(tree, key=lambda name: (len(name), name.upper())):
        content, at = tree[name], len(entries)
        entries.append([name, 2, FREE, FREE, content] if isinstance(content, bytes) else [name, 1, FREE, FREE, b""])
        if before is None:
            entries[parent][3] = at
        else:
            entries[before][2] = at
        before = at
        if not isinstance(content, bytes):
            _put(entries, at, content)


def _entry(at: int, one: list[object], place: tuple[int, int]) -> bytes:
    name, kind, beside, inside, _ = one
    text = (str(name) + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, FREE, beside, inside)
    return head + bytes(36) + struct.pack("<IQ", *place)
