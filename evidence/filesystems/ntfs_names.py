"""The names of NTFS as they are stored, for The Sleuth Kit changes or cuts what is not valid UTF-16.

It shows ``^`` for a surrogate without its other half (and for the character behind it), cuts a name that ends with
one (of a stream all of it), and shows ``^`` for control characters in names of streams. So names are taken from the
file records themselves.
Source: Microsoft's and the Linux driver's documents on NTFS ("FILE record", "Attributes").
"""

from __future__ import annotations

import struct
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

_ATTRIBUTE_LIST, _END = 0x20, 0xFFFFFFFF
_STRIDE_BYTES, _MAX_LIST_BYTES, _MAX_EXTENSIONS = 512, 1 << 18, 1_024
_FILE_NAME_HEAD_BYTES = 66

Stored: TypeAlias = tuple[int, bytes]
"""The type of an attribute, and its name in UTF-16LE; empty for one without."""


def text_of(stored: bytes) -> tuple[str, bytes | None]:
    """A name as text, and its bytes where they are not valid UTF-16: then U+FFFD stands in the text."""
    try:
        return stored.decode("utf-16-le"), None
    except UnicodeDecodeError:
        return stored.decode("utf-16-le", errors="replace"), stored


def as_shown(stored: bytes, *, is_stream: bool = False) -> str:
    """What The Sleuth Kit 4.15 makes of a name in UTF-16LE."""
    units = struct.unpack(f"<{len(stored) // 2}H", stored[: len(stored) & ~1])
    shown: list[str] = []
    at = 0
    while at < len(units):
        unit, at = units[at], at + 1
        if 0xD800 <= unit < 0xDC00:
            if at == len(units):
                return "" if is_stream else _cut("".join(shown))
            low, at = units[at], at + 1
            unit = 0x10000 + (unit - 0xD800 << 10) + low - 0xDC00 if 0xDC00 <= low < 0xE000 else 0x5E
        elif 0xDC00 <= unit < 0xE000 or (is_stream and 0 < unit < 32):
            unit = 0x5E
        shown.append(chr(unit))
    return _cut("".join(shown))


def _cut(shown: str) -> str:
    return shown.split("\0", 1)[0]


def utf16(name: str) -> bytes:
    """A name in UTF-16LE."""
    return name.encode("utf-16-le")


def stored_names(shown: bytes, parent: int | None, raws: Sequence[bytes]) -> list[bytes]:
    """The names of a record that one of its entries in a directory may stand for, in UTF-16LE; often just one.

    There are several where names of the same file differ only in what is not shown; none where the record does not
    hold the name any more.

    Args:
        shown: The name of the entry.
        parent: The number of the directory; None where the entry has lost it.
        raws: The $FILE_NAME attributes of the record.
    """
    text = shown.decode(errors="replace")
    plain = text.encode("utf-16-le")
    names = [
        raw[_FILE_NAME_HEAD_BYTES : _FILE_NAME_HEAD_BYTES + 2 * raw[64]]
        for raw in raws
        if len(raw) > _FILE_NAME_HEAD_BYTES and parent in (None, int.from_bytes(raw[:6], "little"))
    ]
    found = [name for name in names if name == plain or as_shown(name) == text]
    return list(dict.fromkeys(found))


def stored_streams(
    handle: Any, entry: Any, record_bytes: int, found: Sequence[tuple[int, bytes | None]]
) -> list[bytes]:
    """The names of attributes in UTF-16LE, in the order of ``found``; empty for an attribute without a name.

    Args:
        handle: ``pytsk3.FS_Info``.
        entry: ``pytsk3.File``.
        record_bytes: The size of a file record.
        found: Type of each attribute, and the name that the reader shows.

    Raises:
        OSError: The record does not hold these names, or cannot be read.
    """
    stored: dict[tuple[int, str], list[bytes]] = defaultdict(list)
    for kind, name in _attributes(handle, entry, record_bytes):
        stored[kind, as_shown(name, is_stream=True)].append(name)
    shown = [(kind, (name or b"").decode(errors="replace")) for kind, name in found]
    for key, count in Counter(shown).items():
        if len(stored[key]) != count:
            raise OSError("the names of its streams differ from those in its record")
    return [stored[key].pop(0) for key in shown]


def further_records(handle: Any, entry: Any, record_bytes: int) -> list[int]:
    """The numbers of the records beside its own in which attributes of a file stand; raises OSError.

    Args:
        handle: ``pytsk3.FS_Info``.
        entry: ``pytsk3.File``.
        record_bytes: The size of a file record.
    """
    return [number for number, _ in _further(handle, entry, record_bytes)]


def _attributes(handle: Any, entry: Any, record_bytes: int) -> Iterator[Stored]:
    """The attributes of a file in the order in which the reader meets them, further pieces of one left out."""
    yield from _of_record(_record(handle.open_meta(0), int(entry.info.meta.addr), record_bytes))
    for _, raw in _further(handle, entry, record_bytes):
        yield from _of_record(raw)


def _further(handle: Any, entry: Any, record_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each further record that the list of attributes of a file names, and that names the file."""
    number = int(entry.info.meta.addr)
    table = handle.open_meta(0)
    listed: list[int] = []
    for attribute in entry:
        info = attribute.info
        if int(info.type) == _ATTRIBUTE_LIST:
            if info.size > _MAX_LIST_BYTES:
                raise OSError(f"its list of attributes claims to have {info.size} bytes")
            listed += _extensions(entry.read_random(0, info.size, _ATTRIBUTE_LIST, info.id))
    others = [extension for extension in dict.fromkeys(listed) if extension != number]
    for extension in others[:_MAX_EXTENSIONS]:
        raw = _record(table, extension, record_bytes)
        if int.from_bytes(raw[32:38], "little") == number:
            yield extension, raw


def _extensions(raw: bytes) -> Iterator[int]:
    """The records that a list of attributes names."""
    at = 0
    while at + 26 <= len(raw):
        length = int.from_bytes(raw[at + 4 : at + 6], "little")
        if length < 26:
            return
        yield int.from_bytes(raw[at + 16 : at + 22], "little")
        at += length


def _record(table: Any, number: int, record_bytes: int) -> bytes:
    """A file record with the ends of its sectors put back; raises OSError."""
    raw = bytearray(table.read_random(number * record_bytes, record_bytes))
    at, count = struct.unpack_from("<HH", raw, 4) if len(raw) == record_bytes else (0, 0)
    if raw[:4] != b"FILE" or count != record_bytes // _STRIDE_BYTES + 1 or at + 2 * count > record_bytes:
        raise OSError(f"file record {number} is damaged")
    for index in range(1, count):
        end = index * _STRIDE_BYTES
        raw[end - 2 : end] = raw[at + 2 * index : at + 2 * index + 2]
    return bytes(raw)


def _of_record(raw: bytes) -> Iterator[Stored]:
    at = int.from_bytes(raw[20:22], "little")
    while at + 24 <= len(raw):
        kind, length = struct.unpack_from("<II", raw, at)
        if kind == _END or length < 24 or at + length > len(raw):
            return
        is_elsewhere, units, name_at = raw[at + 8], raw[at + 9], int.from_bytes(raw[at + 10 : at + 12], "little")
        if not is_elsewhere or not int.from_bytes(raw[at + 16 : at + 24], "little"):
            yield kind, raw[at + name_at : at + name_at + 2 * units] if units else b""
        at += length
