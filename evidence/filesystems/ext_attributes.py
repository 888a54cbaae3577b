"""What an inode of ext2, ext3 and ext4 says beside its content: extended attributes, and encryption by fscrypt.

Source: the Linux kernel's documentation, "ext4 Data Structures and Algorithms", "Extended Attributes" and "Directory
Entries", and "Filesystem-level encryption (fscrypt)".
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.filesystems.ext_inline import IN_INODE_BYTES
from evidence.filesystems.listing import decoded
from evidence.filesystems.stamps import ATTRIBUTES_MAGIC, ENCRYPTED, ExtStamps
from evidence.volumes.base import Readable

NO_KEY = "encrypted by fscrypt; the key is not held"
_SMALL_INODE_BYTES, _BLOCK_HEAD_BYTES, _ENTRY_BYTES = 128, 32, 16
_FLAGS_AND_BLOCK, _EXTRA_BYTES = struct.Struct("<32xI68xI10xH"), struct.Struct("<H")
_PREFIXES = {
    1: b"user.",
    2: b"system.posix_acl_access",
    3: b"system.posix_acl_default",
    4: b"trusted.",
    6: b"security.",
    7: b"system.",
    8: b"system.richacl",
    9: b"encryption.",
    10: b"gnu.",
}
_INLINE_CONTENT, _INLINE, _MAP_AT = "system.data", 0x10000000, 40
_INDEX = 0x1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An extended attribute.

    Attributes:
        name: With its prefix; ``name_bytes`` is set where it is no valid text.
        data: Its value; None where ``inode`` holds it.
    """

    name: str
    name_bytes: bytes | None
    size_bytes: int
    data: bytes | None
    inode: int


class ExtInodes:
    """What stands in the inodes of a file system beside the times."""

    def __init__(self, source: Readable, stamps: ExtStamps) -> None:
        """Read the inodes through ``stamps``, and blocks of attributes from ``source``."""
        self._source, self._stamps = source, stamps
        self._names: tuple[int, dict[int, list[bytes]]] = (0, {})

    def has_more(self, address: int) -> bool:
        """Whether an inode has attributes or is encrypted."""
        raw = self._stamps.inode(address)
        if len(raw) < _SMALL_INODE_BYTES:
            return False
        flags, low, high = _FLAGS_AND_BLOCK.unpack_from(raw)
        return bool(low or high or flags & ENCRYPTED) or _within(raw) is not None

    def is_encrypted(self, address: int) -> bool:
        """Whether the content of an inode is encrypted, or the names in a directory are."""
        raw = self._stamps.inode(address)
        return len(raw) >= _SMALL_INODE_BYTES and bool(_FLAGS_AND_BLOCK.unpack_from(raw)[0] & ENCRYPTED)

    def is_indexed(self, address: int) -> bool:
        """Whether a directory has a hash index."""
        raw = self._stamps.inode(address)
        return len(raw) >= _SMALL_INODE_BYTES and bool(_FLAGS_AND_BLOCK.unpack_from(raw)[0] & _INDEX)

    def attributes(self, address: int) -> list[Attribute]:
        """The extended attributes of an inode, always in the same order.

        Raises:
            OSError: They make no sense.
            UnreadableRegionError: They cannot be read.
        """
        raw = self._stamps.inode(address)
        if len(raw) < _SMALL_INODE_BYTES:
            return []
        found = _inside(raw)
        _, low, high = _FLAGS_AND_BLOCK.unpack_from(raw)
        block, size = low | high << 32, self._stamps.block_bytes
        if block:
            data = self._source.read_at(block * size, size)
            if len(data) != size or data[:4] != ATTRIBUTES_MAGIC:
                raise OSError(f"block {block} of its extended attributes is damaged")
            found += _entries(data, _BLOCK_HEAD_BYTES, 0)
        return [attribute for attribute in found if attribute.name != _INLINE_CONTENT]

    def inline(self, address: int) -> bytes | None:
        """The content or the directory that lies in an inode; None of any other. Raises OSError where it is damaged."""
        raw = self._stamps.inode(address) if self._stamps.has_inline else b""
        if len(raw) < _SMALL_INODE_BYTES or not _FLAGS_AND_BLOCK.unpack_from(raw)[0] & _INLINE:
            return None
        size = struct.unpack_from("<I", raw, 4)[0] | struct.unpack_from("<I", raw, 108)[0] << 32
        more = next((one.data for one in _inside(raw) if one.name == _INLINE_CONTENT), None) or b""
        data = raw[_MAP_AT : _MAP_AT + IN_INODE_BYTES] + more
        if size > len(data):
            raise OSError(f"its inode declares {size} bytes inside it and holds {len(data)}")
        return data[:size]

    def stored_name(self, directory: int, address: int, read: Callable[[int], bytes]) -> bytes | None:
        """The next name that an encrypted directory has for an inode, as it is stored; None where it has none.

        Args:
            directory: Its number.
            address: Of the inode.
            read: The whole content of a directory.
        """
        if self._names[0] != directory:
            names: dict[int, list[bytes]] = defaultdict(list)
            for number, name in _names(read(directory)):
                names[number].append(name)
            self._names = (directory, names)
        names = self._names[1]
        return names[address].pop(0) if names.get(address) else None


def _inside(raw: bytes) -> list[Attribute]:
    """The attributes inside an inode."""
    at = _within(raw)
    return [] if at is None else list(_entries(raw, at, at))


def _within(raw: bytes) -> int | None:
    """Where the attributes inside an inode begin; None without any."""
    if len(raw) < _SMALL_INODE_BYTES + 4:
        return None
    at = _SMALL_INODE_BYTES + int(_EXTRA_BYTES.unpack_from(raw, _SMALL_INODE_BYTES)[0])
    return at + 4 if raw[at : at + 4] == ATTRIBUTES_MAGIC and any(raw[at + 4 : at + 8]) else None


def _entries(raw: bytes, at: int, values_at: int) -> Iterator[Attribute]:
    """The entries from ``at`` on; their values are found from ``values_at`` on."""
    while at + 4 <= len(raw) and any(raw[at : at + 4]):
        if at + _ENTRY_BYTES > len(raw):
            raise OSError("the list of its extended attributes has no end")
        length, index, offset, inode, size, _ = struct.unpack_from("<BBHIII", raw, at)
        own = raw[at + _ENTRY_BYTES : at + _ENTRY_BYTES + length]
        start = values_at + offset
        if len(own) != length or (not inode and start + size > len(raw)):
            raise OSError("an extended attribute reaches beyond where it lies")
        name, name_bytes = decoded(_PREFIXES.get(index, b"%d." % index) + own)
        data = None if inode else raw[start : start + size]
        yield Attribute(name=name, name_bytes=name_bytes, size_bytes=size, data=data, inode=inode)
        at += _ENTRY_BYTES + -(-length // 4) * 4


def _names(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The names in use in the content of a directory, with their inodes."""
    at = 0
    while at + 8 <= len(raw):
        number, length, name_bytes = struct.unpack_from("<IHB", raw, at)
        if length < 8:
            return
        if number and name_bytes:
            yield number, raw[at + 8 : at + 8 + name_bytes]
        at += length
