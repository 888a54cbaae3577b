"""Whether a ZIP archive is encrypted or cut off, by its central directory (APPNOTE.TXT 4.3 and 4.4)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

_END_BYTES, _LOCATOR_BYTES, _ENTRY_BYTES, _LOCAL_BYTES = 22, 20, 46, 30
_TAIL_BYTES = _END_BYTES + 0xFFFF
_MAX_DIRECTORY_BYTES = 16 << 20
_MAX_MANIFEST_BYTES = 1 << 20
_WIDE = 0xFFFFFFFF
_ENCRYPTED, _DIRECTORY_ENCRYPTED = 0x0001, 0x2000
_STORED, _DEFLATED = 0, 8
_MANIFEST, _SEALED = b"META-INF/manifest.xml", b":encryption-data"

Read = Callable[[int, int], bytes]


def zip_marks(size_bytes: int, read: Read) -> set[str]:
    """``encrypted`` where a member is (or OpenDocument's manifest says so), ``truncated`` where the end is missing.

    Args:
        size_bytes: Of the archive.
        read: Bytes of it by offset and size.
    """
    found = _directory(size_bytes, read)
    if found is None:
        return {"truncated"}
    data, shift = found
    if any(flags & (_ENCRYPTED | _DIRECTORY_ENCRYPTED) for flags, _, _ in _entries(data)):
        return {"encrypted"}
    at = next((at for _, name, at in _entries(data) if name == _MANIFEST), None)
    if at is not None and _SEALED in _manifest(data, at, shift, read):
        return {"encrypted"}
    return set()


def _directory(size_bytes: int, read: Read) -> tuple[bytes, int] | None:
    """The central directory as far as it is looked at, and how many bytes lie before the archive."""
    start = max(0, size_bytes - _TAIL_BYTES)
    tail = read(start, _TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END_BYTES > len(tail):
        return None
    length, offset = struct.unpack_from("<II", tail, at + 12)
    end = start + at
    if _WIDE in (length, offset) and at >= _LOCATOR_BYTES and tail[at - _LOCATOR_BYTES :][:4] == b"PK\x06\x07":
        (end,) = struct.unpack_from("<Q", tail, at - _LOCATOR_BYTES + 8)
        wide = read(end, 56) if end < size_bytes else b""
        if len(wide) < 56 or wide[:4] != b"PK\x06\x06":
            return None
        length, offset = struct.unpack_from("<QQ", wide, 40)
    if length > end:
        return None
    return read(end - length, min(length, _MAX_DIRECTORY_BYTES)) if length else b"", end - length - offset


def _entries(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Flags and name of every member, and where its header lies in the directory."""
    at = 0
    while at + _ENTRY_BYTES <= len(data) and data[at : at + 4] == b"PK\x01\x02":
        (flags,) = struct.unpack_from("<H", data, at + 8)
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        yield flags, data[at + _ENTRY_BYTES : at + _ENTRY_BYTES + name], at
        at += _ENTRY_BYTES + name + extra + comment


def _manifest(data: bytes, at: int, shift: int, read: Read) -> bytes:
    """The beginning of the manifest's text; nothing where it cannot be unpacked."""
    method, packed = struct.unpack_from("<H", data, at + 10)[0], struct.unpack_from("<I", data, at + 20)[0]
    place: int = shift + struct.unpack_from("<I", data, at + 42)[0]
    local = read(place, _LOCAL_BYTES) if place >= 0 else b""
    if len(local) < _LOCAL_BYTES or local[:4] != b"PK\x03\x04":
        return b""
    name, extra = struct.unpack_from("<HH", local, 26)
    body = read(place + _LOCAL_BYTES + name + extra, min(packed, _MAX_MANIFEST_BYTES))
    if method == _STORED:
        return body
    try:
        return zlib.decompressobj(-15).decompress(body, _MAX_MANIFEST_BYTES) if method == _DEFLATED else b""
    except zlib.error:
        return b""
