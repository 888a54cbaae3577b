"""What a compound file (OLE 2) is by its directory, and whether that is encrypted.

Sources: [MS-CFB], [MS-OFFCRYPTO], [MS-DOC], [MS-XLS], [MS-OXMSG].
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

_MAX_SECTORS = 4096
_ENTRY_BYTES = 128
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_MINI_STREAM_BYTES = 4096
_FREE = 0xFFFFFFFA
_SECTORS_IN_HEADER = 109
_MAX_TABLES_BESIDE = 1024
_FILE_PASS, _BOF, _MAX_RECORDS = 0x002F, 0x0809, 64

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_INSTALLERS = {
    bytes.fromhex("84100c0000000000c000000000000046"): "Windows Installer package",
    bytes.fromhex("86100c0000000000c000000000000046"): "Windows Installer patch",
    bytes.fromhex("82100c0000000000c000000000000046"): "Windows Installer transform",
}
"""What stands as the class of the uppermost storage."""
_KINDS = (
    (("EncryptedPackage", "EncryptedSummary"), "application/encrypted", "CDFV2 Encrypted"),
    (("__properties_version1.0",), "application/vnd.ms-outlook", "CDFV2 Microsoft Outlook Message"),
    (("WordDocument",), "application/msword", "CDFV2 Microsoft Word"),
    (("Workbook", "Book"), "application/vnd.ms-excel", "CDFV2 Microsoft Excel"),
    (("PowerPoint Document",), "application/vnd.ms-powerpoint", "CDFV2 Microsoft PowerPoint"),
    (("VisioDocument",), "application/vnd.visio", "CDFV2 Microsoft Visio"),
    (("Quill",), "application/vnd.ms-publisher", "CDFV2 Microsoft Publisher"),
    (("DestList",), "application/x-ole-storage", "CDFV2 Windows jump list"),
    (("Catalog",), "application/x-ole-storage", "CDFV2 Windows thumbnails (Thumbs.db)"),
)
"""Names in the uppermost storage, MIME type and words, as libmagic has them where it knows the kind."""

Read = Callable[[int, int], bytes]


def compound_type(size_bytes: int, read: Read) -> tuple[str, str] | None:
    """MIME type and words by what lies in the uppermost storage; None where that is of no known kind.

    Args:
        size_bytes: Of the whole file.
        read: Bytes of it by offset and size.
    """
    _, entries = _directory(size_bytes, read)
    if not entries or entries[0][66] != _ROOT:
        return None
    if words := _INSTALLERS.get(entries[0][80:96]):
        return "application/x-msi", words
    names = _names_in_root(entries)
    return next(((mime, words) for signs, mime, words in _KINDS if names.intersection(signs)), None)


def _names_in_root(entries: Sequence[bytes]) -> set[str]:
    """Of storages and streams: those beneath others, such as a document inside of a message, do not count."""
    names: set[str] = set()
    todo, seen = [struct.unpack_from("<I", entries[0], 76)[0]], {0}
    while todo:
        at = todo.pop()
        if at in seen or at >= len(entries):
            continue
        seen.add(at)
        if entries[at][66] in (_STORAGE, _STREAM):
            names.add(_name(entries[at]))
        todo += struct.unpack_from("<II", entries[at], 68)
    return names


def is_encrypted_compound(size_bytes: int, read: Read) -> bool:
    """Whether there is an encrypted package (OOXML), a Word document, a workbook or a presentation that is encrypted.

    Args:
        size_bytes: Of the whole file.
        read: Bytes of it by offset and size.
    """
    shift, entries = _directory(size_bytes, read)
    streams = {
        name: struct.unpack_from("<II", one, 116) for one in entries if one[66] == _STREAM and (name := _name(one))
    }
    if "EncryptionInfo" in streams or "EncryptedSummary" in streams or "EncryptedSummaryInformation" in streams:
        return True
    for name, test in (("WordDocument", _is_encrypted_word), ("Workbook", _has_file_pass), ("Book", _has_file_pass)):
        start, length = streams.get(name, (0, 0))
        is_whole = length >= _MINI_STREAM_BYTES  # shorter ones lie in the mini stream, and no such document is as short
        if is_whole and test(read((start + 1) << shift, 1 << shift)):
            return True
    return False


def _directory(size_bytes: int, read: Read) -> tuple[int, list[bytes]]:
    """By how many bits a sector's number is shifted, and the entries; none where it is no compound file."""
    header = read(0, 512)
    shift: int = struct.unpack_from("<H", header, 30)[0] if len(header) == 512 else 0
    return (shift, list(_entries(header, 1 << shift, size_bytes, read))) if shift in (9, 12) else (0, [])


def _name(entry: bytes) -> str:
    name_bytes: int = struct.unpack_from("<H", entry, 64)[0]
    return entry[: name_bytes - 2].decode("utf-16-le", errors="replace") if 2 <= name_bytes <= 64 else ""


def _entries(header: bytes, sector_bytes: int, size_bytes: int, read: Read) -> Iterator[bytes]:
    """The directory's entries in their order, as far as its chain of sectors goes."""
    table = list(struct.unpack_from(f"<{_SECTORS_IN_HEADER}I", header, 76))
    beside: int = struct.unpack_from("<I", header, 68)[0]
    per_sector = sector_bytes // 4
    sector: int = struct.unpack_from("<I", header, 48)[0]
    seen: set[int] = set()
    while sector < _FREE and sector not in seen and len(seen) < _MAX_SECTORS:
        seen.add(sector)
        if (sector + 1) * sector_bytes >= size_bytes:
            return
        block = read((sector + 1) * sector_bytes, sector_bytes)
        for at in range(0, len(block) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            yield block[at : at + _ENTRY_BYTES]
        index = sector // per_sector
        while index >= len(table) and beside < _FREE and len(table) < _MAX_TABLES_BESIDE * per_sector:
            more = read((beside + 1) * sector_bytes, sector_bytes)
            if len(more) < sector_bytes:
                return
            *sectors, beside = struct.unpack(f"<{per_sector}I", more)
            table += sectors
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
