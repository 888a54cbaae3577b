"""Files of HFS+ that macOS compressed: what says how is in the attributes file, which is read here.

The Sleuth Kit 4.15 unpacks few of the methods, and of some files shows neither size nor attributes. Sources: Apple's
TN1150, "B-trees" and "Attributes File"; Apple's published XNU (``hfs_format.h``, ``decmpfs.h``).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from evidence.filesystems.content import BytesContent
from evidence.filesystems.decmpfs import CompressedContent, header_of
from evidence.filesystems.tsk import TskFileSystem
from evidence.filesystems.tsk_content import TskContent

_DECMPFS = "com.apple.decmpfs".encode("utf-16-be")
_COMPRESSED, _ATTRIBUTES_FILE, _RESOURCE_FORK = 0x10, 8, 4353
_INDEX, _LEAF, _INLINE = 0, -1, 0x10
_MAX_DEPTH, _MAX_VALUE_BYTES = 16, 1 << 16


def compressed_content(opened: TskFileSystem, handle: Any) -> CompressedContent | None:
    """The uncompressed content of a ``pytsk3.File``; None of one that is not compressed.

    Raises:
        OSError: What says how it is compressed is damaged.
    """
    meta = handle.info.meta
    if not int(meta.flags) & _COMPRESSED:
        return None
    value = value_of(_reader(opened), int(meta.addr), _DECMPFS)
    if value is None:
        return None
    fork = None
    for attribute in handle:
        if int(attribute.info.type) == _RESOURCE_FORK:
            key = (_RESOURCE_FORK, int(attribute.info.id))
            fork = TskContent(opened=opened, handle=handle, attribute=key, size_bytes=int(attribute.info.size))
    return CompressedContent(header_of(value), BytesContent(value), fork)


def _reader(opened: TskFileSystem) -> Callable[[int, int], bytes]:
    file = opened.open_record(_ATTRIBUTES_FILE)

    def read(offset_bytes: int, size_bytes: int) -> bytes:
        data = bytes(file.read_random(offset_bytes, size_bytes)) if file is not None else b""
        if len(data) != size_bytes:
            raise OSError(f"the attributes file ends before byte {offset_bytes + size_bytes}")
        return data

    return read


def value_of(read: Callable[[int, int], bytes], number: int, name: bytes) -> bytes | None:
    """The value of an attribute; None where there is none.

    Args:
        read: Reads of the attributes file.
        number: Of the file.
        name: In UTF-16BE.

    Raises:
        OSError: The attributes file is damaged, or the value does not lie in it.
    """
    header = read(0, 64)
    (node,), (node_bytes,) = struct.unpack_from(">I", header, 16), struct.unpack_from(">H", header, 32)
    if node_bytes < 512 or node_bytes & (node_bytes - 1):
        raise OSError(f"the attributes file has nodes of {node_bytes} bytes")
    if not node:
        return None
    for _ in range(_MAX_DEPTH):
        raw = read(node * node_bytes, node_bytes)
        kind, count = struct.unpack_from(">bxH", raw, 8)
        if kind not in (_INDEX, _LEAF) or 2 * count + 16 > node_bytes:
            raise OSError(f"node {node} of the attributes file is damaged")
        place = _last_upto(raw, count, number, name)
        if place is None:
            return None
        key, data = place
        if kind == _LEAF:
            return _inline(raw, data) if key == (number, name) else None
        (node,) = struct.unpack_from(">I", raw, data)
    raise OSError("the tree of the attributes file is too deep")


def _last_upto(raw: bytes, count: int, number: int, name: bytes) -> tuple[tuple[int, bytes], int] | None:
    """The last record whose key is not behind the wanted one, and where its data are."""
    found = None
    for index in range(count):
        (at,) = struct.unpack_from(">H", raw, len(raw) - 2 * (index + 1))
        if at + 16 > len(raw):
            raise OSError("a record of the attributes file lies outside of its node")
        length, file, units = *struct.unpack_from(">HxxI", raw, at), struct.unpack_from(">H", raw, at + 12)[0]
        key, data = (file, raw[at + 14 : at + 14 + 2 * units]), at + 2 + length
        if data + 4 > len(raw):
            raise OSError("a record of the attributes file lies outside of its node")
        if key > (number, name):
            break
        found = (key, data)
    return found


def _inline(raw: bytes, at: int) -> bytes:
    kind, size = struct.unpack_from(">I8xI", raw, at) if at + 16 <= len(raw) else (0, 0)
    if kind != _INLINE or size > _MAX_VALUE_BYTES or at + 16 + size > len(raw):
        raise OSError("what says how it is compressed does not lie in the attributes file")
    return raw[at + 16 : at + 16 + size]
