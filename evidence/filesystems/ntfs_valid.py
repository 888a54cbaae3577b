"""How much of a content of NTFS was ever written: the initialised size in its record.

Behind it the system gives zeros, whatever the clusters hold.

Source: Microsoft's and the Linux driver's documents on NTFS ("FILE record", "attribute header").
"""

from __future__ import annotations

import struct

from evidence.filesystems.ntfs_table import Table

_SECTOR_BYTES, _END = 512, 0xFFFFFFFF
_NOT_RESIDENT_AT, _ID_AT, _FIRST_CLUSTER_AT, _INITIALISED_AT, _HEADER_BYTES = 8, 14, 16, 56, 64


def initialised_bytes(table: Table, record: int, attribute: tuple[int, int]) -> int | None:
    """Of an attribute, by its type and number, that is not resident; None where the record itself does not tell."""
    found = table.place(record)
    raw = _fixed(found[0][found[1] : found[1] + table.record_bytes]) if found is not None else b""
    at = struct.unpack_from("<H", raw, 20)[0] if len(raw) >= 24 else len(raw)
    while at + _HEADER_BYTES <= len(raw):
        kind, size = struct.unpack_from("<II", raw, at)
        if kind == _END or size < 24 or at + size > len(raw):
            break
        number, first_cluster = (
            raw[at + _ID_AT : at + _ID_AT + 2],
            raw[at + _FIRST_CLUSTER_AT : at + _FIRST_CLUSTER_AT + 8],
        )
        if (kind, int.from_bytes(number, "little")) == attribute and raw[at + _NOT_RESIDENT_AT] == 1:
            told: int = struct.unpack_from("<Q", raw, at + _INITIALISED_AT)[0]
            return told if size >= _HEADER_BYTES and not any(first_cluster) else None
        at += size
    return None


def _fixed(raw: bytes) -> bytes:
    """A record with the bytes at the ends of its sectors that its update sequence keeps; empty where it is none."""
    if raw[:4] != b"FILE" or len(raw) < 8:
        return b""
    at, count = struct.unpack_from("<HH", raw, 4)
    if at + 2 * count > len(raw) or (count - 1) * _SECTOR_BYTES > len(raw):
        return b""
    whole = bytearray(raw)
    for sector in range(1, count):
        end = sector * _SECTOR_BYTES
        if raw[end - 2 : end] != raw[at : at + 2]:
            return b""
        whole[end - 2 : end] = raw[at + 2 * sector : at + 2 * sector + 2]
    return bytes(whole)
