"""The items of Btrfs that an inode, a name and a subvolume consist of."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from evidence.filesystems.btrfs_super import Root
from evidence.filesystems.stamps import SECOND_NS

INODE_ITEM, XATTR_ITEM, ORPHAN_ITEM, DIR_INDEX, EXTENT_DATA = 1, 24, 48, 96, 108
EXTENT_CSUM, ROOT_ITEM, ROOT_REF = 128, 132, 156
EXTENT_ITEM, METADATA_ITEM, BLOCK_GROUP_ITEM = 168, 169, 192
EXTENT_TREE, FS_TREE, CSUM_TREE, BLOCK_GROUP_TREE, FIRST_FREE = 2, 5, 7, 11, 256
LAST_FREE, ORPHAN_OBJECT, CSUM_OBJECT = (1 << 64) - 256, (1 << 64) - 5, (1 << 64) - 10
_INODE = struct.Struct("<QQQQQIIIIQQ40x" + "qI" * 4)
_NAME = struct.Struct("<QBQQHHB")
_NO_CHECKSUMS, _READ_ONLY = 0x1, 0x1


class Inode(NamedTuple):
    """An inode; times are nanoseconds since 1970."""

    size_bytes: int
    links: int
    mode: int
    has_checksums: bool
    accessed_ns: int
    changed_ns: int
    modified_ns: int
    created_ns: int


class Name(NamedTuple):
    """A name in a directory: ``number`` is an inode, or a subvolume where ``is_subvolume``."""

    name: bytes
    number: int
    is_subvolume: bool
    type: int


class Subvolume(NamedTuple):
    """A root item of a file tree; ``parent_uuid`` is set of what was made from another subvolume: a snapshot."""

    root: Root
    references: int
    is_read_only: bool
    is_partly_gone: bool
    uuid: bytes
    parent_uuid: bytes


def parse_inode(raw: bytes) -> Inode:
    """An inode item; raises OSError where it is cut off."""
    if len(raw) < _INODE.size:
        raise OSError("the inode item is cut off")
    (
        _, _, size, _, _, links, _, _, mode, _, flags,
        accessed, accessed_ns, changed, changed_ns, modified, modified_ns, created, created_ns,
    ) = _INODE.unpack_from(raw)  # fmt: skip
    return Inode(
        size_bytes=size,
        links=links,
        mode=mode,
        has_checksums=not flags & _NO_CHECKSUMS,
        accessed_ns=accessed * SECOND_NS + accessed_ns,
        changed_ns=changed * SECOND_NS + changed_ns,
        modified_ns=modified * SECOND_NS + modified_ns,
        created_ns=created * SECOND_NS + created_ns,
    )


def parse_names(raw: bytes) -> Iterator[Name]:
    """The names in a directory item, usually one; raises OSError where it is cut off."""
    at = 0
    while at < len(raw):
        if at + _NAME.size > len(raw):
            raise OSError("a name in a directory is cut off")
        number, kind, _, _, data, length, type_ = _NAME.unpack_from(raw, at)
        at += _NAME.size
        if not length or at + length > len(raw) or kind not in (INODE_ITEM, ROOT_ITEM):
            raise OSError("a name in a directory is damaged")
        yield Name(raw[at : at + length], number, kind == ROOT_ITEM, type_)
        at += length + data


def parse_attributes(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and values of the extended attributes in an item, usually one; raises OSError where it is cut off."""
    at = 0
    while at < len(raw):
        if at + _NAME.size > len(raw):
            raise OSError("an extended attribute is cut off")
        *_, size, length, _ = _NAME.unpack_from(raw, at)
        at += _NAME.size
        if not length or at + length + size > len(raw):
            raise OSError("an extended attribute is damaged")
        yield raw[at : at + length], raw[at + length : at + length + size]
        at += length + size


def parse_root(raw: bytes) -> Subvolume:
    """A root item; raises OSError where it is cut off. Older ones end before the identifiers."""
    if len(raw) < 239 or raw[238] > 7:
        raise OSError("a root item is damaged")
    generation, _, address = struct.unpack_from("<QQQ", raw, 160)
    flags, references = struct.unpack_from("<QI", raw, 208)
    return Subvolume(
        root=Root(address=address, level=raw[238], generation=generation),
        references=references,
        is_read_only=bool(flags & _READ_ONLY),
        is_partly_gone=any(raw[220:237]),
        uuid=raw[247:263],
        parent_uuid=raw[263:279],
    )
