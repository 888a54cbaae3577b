"""The extended attributes of files, directories and subvolumes of Btrfs, as streams of them.

Source: the on-disk format that the kernel and btrfs-progs document: an item holds those whose names have one hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evidence.filesystems.btrfs_items import XATTR_ITEM, parse_attributes
from evidence.filesystems.btrfs_tree import LAST, BTree
from evidence.filesystems.content import BytesContent
from evidence.filesystems.listing import Stream, attribute_stream

MARK = ":"
"""Between the address of a file and the place of an attribute among its own."""
MAX_BYTES = 16 << 20
_MAX_ATTRIBUTES = 1 << 14


def streams(address: str, entry_name: bytes | None, items: Sequence[bytes]) -> tuple[Stream, ...]:
    """The attributes in the items of an inode, always in the same order.

    Args:
        address: Of the inode.
        entry_name: Its name, where that is no valid text.
        items: As they stand in the tree; the first that make more than ``MAX_BYTES`` are enough.

    Raises:
        OSError: An item is damaged, or there are more than an inode can sensibly have.
    """
    if sum(map(len, items)) > MAX_BYTES:
        raise OSError(f"they have more than {MAX_BYTES} bytes")
    found: list[Stream] = []
    for name, value in _pairs(items):
        if len(found) >= _MAX_ATTRIBUTES:
            raise OSError(f"there are more than {_MAX_ATTRIBUTES}")
        found.append(attribute_stream(name, f"{address}{MARK}{len(found)}", BytesContent(value), entry_name))
    return tuple(found)


def attribute(tree: BTree, number: int, place: str) -> BytesContent:
    """The value of an attribute of an inode by its place.

    Raises:
        OSError: There is no such attribute, or it is damaged.
        UnreadableRegionError: It cannot be read.
    """
    items = (raw for _, raw in tree.items((number, XATTR_ITEM, 0), (number, XATTR_ITEM, LAST)))
    for index, (_, value) in enumerate(_pairs(items)):
        if str(index) == place:
            return BytesContent(value)
    raise OSError("the file has no such attribute")


def _pairs(items: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for raw in items:
        yield from parse_attributes(raw)
