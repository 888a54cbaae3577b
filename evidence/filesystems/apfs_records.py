"""The records of an APFS volume's file-system tree: inodes, names, attributes, extents.

Source: Apple File System Reference, "File-System Objects", "File-System Constants", "Data Streams", "Extended Fields".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.volumes.apfs_objects import ApfsDamageError
from evidence.volumes.apfs_volume import signed

INODE, ATTRIBUTE, EXTENT, ENTRY = 3, 4, 8, 9
ROOT_ID, PRIVATE_ID = 2, 3
MAX_ID = (1 << 60) - 1
IS_SPARSE, COMPRESSED, PLACEHOLDER = 0x200, 0x20, 0x40000000
_EMBEDDED, _STREAM = 2, 1
_DATA_STREAM = 8
_INODE = struct.Struct("<QQQQQQQiIIIIIHHQ")
_EXTENT_KEY, _EXTENT_VALUE = struct.Struct("<8xQ"), struct.Struct("<QQQ")
_MAX_SIZE_BYTES = (1 << 63) - 1
_LENGTH_MASK = (1 << 56) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Inode:
    """An inode; times in nanoseconds since 1970."""

    stream_id: int
    created_ns: int
    modified_ns: int
    changed_ns: int
    accessed_ns: int
    flags: int
    bsd_flags: int
    mode: int
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a directory, without its final NUL, the inode it leads to, and the type it says that has."""

    name: bytes
    inode: int
    type: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An extended attribute: its bytes, or the stream that holds them."""

    name: bytes
    data: bytes
    stream_id: int | None
    size_bytes: int


def key_range(object_id: int, first: int, last: int) -> tuple[int, int]:
    """The orders of the records of an object, from one type to another."""
    return object_id << 4 | first, object_id << 4 | last


def type_of(key: bytes) -> int:
    """The type of a record."""
    return key[7] >> 4


def inode_of(value: bytes) -> Inode:
    """An inode record.

    Raises:
        ApfsDamageError: It is cut off.
    """
    if len(value) < _INODE.size:
        raise ApfsDamageError(f"an inode has only {len(value)} bytes")
    _, stream_id, created, modified, changed, accessed, flags, _, _, _, bsd_flags, _, _, mode, _, _ = (
        _INODE.unpack_from(value)
    )
    stream = next((data for kind, data in _fields(value[_INODE.size :]) if kind == _DATA_STREAM), b"")
    size = struct.unpack_from("<Q", stream)[0] if len(stream) >= 8 else None
    return Inode(
        stream_id=stream_id,
        created_ns=signed(created),
        modified_ns=signed(modified),
        changed_ns=signed(changed),
        accessed_ns=signed(accessed),
        flags=flags,
        bsd_flags=bsd_flags,
        mode=mode,
        size_bytes=None if size is None else possible(size),
    )


def possible(size_bytes: int) -> int:
    """The size of a stream, if a stream can have it.

    Raises:
        ApfsDamageError: It cannot.
    """
    if size_bytes > _MAX_SIZE_BYTES:
        raise ApfsDamageError(f"a stream claims to have {size_bytes} bytes")
    return size_bytes


def _fields(blob: bytes) -> Iterator[tuple[int, bytes]]:
    """The extended fields: a table of their types and sizes, then their values, each padded to 8 bytes."""
    if len(blob) < 4:
        return
    (count,) = struct.unpack_from("<H", blob)
    at = 4 + 4 * count
    for index in range(min(count, (len(blob) - 4) // 4)):
        kind, _, size = struct.unpack_from("<BBH", blob, 4 + 4 * index)
        if at + size > len(blob):
            raise ApfsDamageError("the extended fields of an inode are cut off")
        yield kind, blob[at : at + size]
        at += size + -size % 8


def entry_of(key: bytes, value: bytes, *, is_hashed: bool) -> Entry:
    """A directory record, whose key has a hash of the name on volumes that compare names loosely.

    Raises:
        ApfsDamageError: It is cut off.
    """
    hashed = len(key) >= 12 and 12 + (struct.unpack_from("<I", key, 8)[0] & 0x3FF) == len(key)
    plain = len(key) >= 10 and 10 + struct.unpack_from("<H", key, 8)[0] == len(key)
    if len(value) < 18 or not (hashed or plain):
        raise ApfsDamageError("a directory entry is cut off")
    name = key[12:] if hashed and (is_hashed or not plain) else key[10:]
    inode, _, flags = struct.unpack_from("<QQH", value)
    return Entry(name.split(b"\0")[0], inode, flags & 0xF)


def attribute_of(key: bytes, value: bytes) -> Attribute:
    """An attribute record.

    Raises:
        ApfsDamageError: It is cut off.
    """
    if len(key) < 10 or len(value) < 4:
        raise ApfsDamageError("an extended attribute is cut off")
    name = key[10 : 10 + struct.unpack_from("<H", key, 8)[0]].split(b"\0")[0]
    flags, length = struct.unpack_from("<HH", value)
    data = value[4 : 4 + length]
    if len(data) < length:
        raise ApfsDamageError(f"the extended attribute {name!r} is cut off")
    if flags & _STREAM and not flags & _EMBEDDED:
        if len(data) < 16:
            raise ApfsDamageError(f"the extended attribute {name!r} does not say where its stream is")
        stream_id, size = struct.unpack_from("<QQ", data)
        return Attribute(name=name, data=b"", stream_id=stream_id, size_bytes=possible(size))
    return Attribute(name=name, data=data, stream_id=None, size_bytes=len(data))


def extent_of(key: bytes, value: bytes) -> tuple[int, int, int, int]:
    """Where an extent begins in its stream, its length, its block (0 for a hole), and its encryption tweak.

    Raises:
        ApfsDamageError: It is cut off.
    """
    if len(key) < 16 or len(value) < 16:
        raise ApfsDamageError("an extent is cut off")
    length, block, tweak = _EXTENT_VALUE.unpack_from(value.ljust(24, b"\0"))
    return _EXTENT_KEY.unpack_from(key)[0], length & _LENGTH_MASK, block, tweak
