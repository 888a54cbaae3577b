"""Whether a compound file (OLE 2) holds an encrypted document: [MS-CFB], [MS-OFFCRYPTO], [MS-DOC], [MS-XLS]."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

_MAX_SECTORS = 4096
_ENTRY_BYTES = 128
_STREAM = 2
_MINI_STREAM_BYTES = 4096
_FREE = 0xFFFFFFFA
_FILE_PASS, _BOF, _MAX_RECORDS = 0x002F, 0x0809, 64

Read = Callable[[int, int], bytes]


def is_encrypted_compound(size_bytes: int, read: Read) -> bool:
    """Whether there is an encrypted package (OOXML), a Word document, a workbook or a presentation that is encrypted.

    Args:
        size_bytes: Of the whole file.
        read: Bytes of it by offset and size.
    """
    header = read(0, 512)
    if len(header) < 512:
        return False
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in (9, 12):
        return False
    streams = dict(_streams(header, 1 << shift, size_bytes, read))
    if "EncryptionInfo" in streams or "EncryptedSummary" in streams or "EncryptedSummaryInformation" in streams:
        return True
    for name, test in (("WordDocument", _is_encrypted_word), ("Workbook", _has_file_pass), ("Book", _has_file_pass)):
        start, length = streams.get(name, (0, 0))
        is_whole = length >= _MINI_STREAM_BYTES  # shorter ones lie in the mini stream, and no such document is as short
        if is_whole and test(read((start + 1) << shift, 1 << shift)):
            return True
    return False


def _streams(header: bytes, sector_bytes: int, size_bytes: int, read: Read) -> Iterator[tuple[str, tuple[int, int]]]:
    """Name, first sector and length of every stream of the directory."""
    table = struct.unpack_from("<109I", header, 76)
    per_sector = sector_bytes // 4
    sector: int = struct.unpack_from("<I", header, 48)[0]
    seen: set[int] = set()
    while sector < _FREE and sector not in seen and len(seen) < _MAX_SECTORS:
        seen.add(sector)
        if (sector + 1) * sector_bytes >= size_bytes:
            return
        block = read((sector + 1) * sector_bytes, sector_bytes)
        for at in range(0, len(block) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            name_bytes, kind = struct.unpack_from("<HB", block, at + 64)
            if kind == _STREAM and 2 <= name_bytes <= 64:
                name = block[at : at + name_bytes - 2].decode("utf-16-le", errors="replace")
                yield name, struct.unpack_from("<II", block, at + 116)
        index = sector // per_sector
        if index >= len(table) or table[index] >= _FREE:
            return
        entry = read((table[index] + 1) * sector_bytes + sector % per_sector * 4, 4)
        if len(entry) < 4:
            return
        sector = struct.unpack("<I", entry)[0]


def _is_encrypted_word(block: bytes) -> bool:
    """[MS-DOC] 2.5.2: bit ``fEncrypted`` of FibBase."""
    return len(block) >= 12 and struct.unpack_from("<H", block)[0] in (0xA5EC, 0xA5DC) and bool(block[11] & 0x01)


def _has_file_pass(block: bytes) -> bool:
    """[MS-XLS] 2.4.117: a record FilePass behind the first BOF."""
    at = 0
    for _ in range(_MAX_RECORDS):
        if at + 4 > len(block):
            return False
        kind, length = struct.unpack_from("<HH", block, at)
        if kind == _FILE_PASS:
            return True
        if at == 0 and kind != _BOF:
            return False
        at += 4 + length
    return False
