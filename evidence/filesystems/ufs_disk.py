"""The structures of UFS on the disk: superblock, inodes and the contents behind them, of both versions and byte orders.

Source: FreeBSD's headers ``ufs/ffs/fs.h`` and ``ufs/ufs/dinode.h``.
"""

from __future__ import annotations

import stat
import struct
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evidence.errors import UnreadableRegionError
from evidence.filesystems.base import TimeRule
from evidence.filesystems.signatures import UFS_SUPERBLOCK_BYTES, ufs_form, ufs_superblock
from evidence.filesystems.stamps import NONE, SECOND_NS, Stamps, rules_of
from evidence.volumes.base import Readable

_DIRECT, _LEVELS = 12, 3
_CACHED_TABLES, _MAX_INODES_PER_GROUP = 64, 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Superblock:
    """What a superblock says; sizes of blocks and fragments in bytes, places in fragments.

    Attributes:
        order: ``<`` or ``>``, for :mod:`struct`.
        is_second: Whether it is UFS2.
        fragments: The size of the volume.
        groups: How many cylinder groups there are.
        map_at: Where in a group its header is, with the map of what is free.
        inodes_at: Where in a group its inodes begin.
        inodes_per_group: How many there are in each.
        group_fragments: The size of a group.
        shift, shift_mask: How the start of each group is moved from the last one's, in UFS1.
        short_link_bytes: Targets of links that are shorter stand in the inode.
        has_long_names: Whether the length of a name has two bytes, as in directories of before 4.4BSD.
        is_clean: Whether it was unmounted.
    """

    order: str
    is_second: bool
    block_bytes: int
    fragment_bytes: int
    fragments: int
    groups: int
    map_at: int
    inodes_at: int
    inodes_per_group: int
    group_fragments: int
    shift: int
    shift_mask: int
    short_link_bytes: int
    has_long_names: bool
    is_clean: bool

    @property
    def inode_bytes(self) -> int:
        """The size of an inode."""
        return 256 if self.is_second else 128

    def group_start(self, group: int) -> int:
        """Where the structures of a cylinder group begin, in fragments."""
        return group * self.group_fragments + self.shift * (group & ~self.shift_mask)


def read_superblock(raw: bytes) -> Superblock:
    """Parse a superblock; raises OSError where it is none, is cut off or makes no sense."""
    if len(raw) < UFS_SUPERBLOCK_BYTES:
        raise OSError("the superblock is cut off")
    order, is_second = ufs_form(raw)
    if not order:
        raise OSError("there is no superblock")
    map_at, inodes_at = struct.unpack_from(f"{order}ii", raw, 12)
    shift, shift_mask, _time, old_size, _data, groups, block, fragment = struct.unpack_from(f"{order}8i", raw, 24)
    per_group, group_fragments = struct.unpack_from(f"{order}ii", raw, 184)
    short_link, inode_format = struct.unpack_from(f"{order}ii", raw, 1320)
    fragments = struct.unpack_from(f"{order}q", raw, 1080)[0] if is_second else old_size
    sane = (
        512 <= fragment <= block <= 65536
        and not block & (block - 1)
        and not fragment & (fragment - 1)
        and groups > 0
        and 0 < per_group <= _MAX_INODES_PER_GROUP
        and 0 < inodes_at < group_fragments
        and fragments > 0
    )
    if not sane:
        raise OSError("the superblock makes no sense")
    return Superblock(
        order=order,
        is_second=is_second,
        block_bytes=block,
        fragment_bytes=fragment,
        fragments=fragments,
        groups=groups,
        map_at=map_at,
        inodes_at=inodes_at,
        inodes_per_group=per_group,
        group_fragments=group_fragments,
        shift=0 if is_second else shift,
        shift_mask=shift_mask,
        short_link_bytes=max(0, min(short_link, 120 if is_second else 60)),
        has_long_names=not is_second and inode_format < 2,
        is_clean=raw[209] != 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inode:
    """An inode.

    Attributes:
        size_bytes: Of the content; 0 for devices, which have none.
        stamps: Its times, in nanoseconds since 1970, None where none is set.
        blocks: Places of the first twelve blocks and of the three blocks of places, in fragments.
        inline: The bytes that hold the target of a short link.
        has_attributes: Whether extended attributes lie beside the content.
    """

    number: int
    offset_bytes: int
    mode: int
    size_bytes: int
    stamps: Stamps
    blocks: tuple[int, ...]
    inline: bytes
    has_attributes: bool


class UfsDisk:
    """A volume with its superblock.

    Attributes:
        superblock: What it says of itself.
        source: The volume.
    """

    def __init__(self, source: Readable, superblock: Superblock) -> None:
        """Read from ``source``."""
        self.source, self.superblock = source, superblock
        self._tables: OrderedDict[int, tuple[int, ...]] = OrderedDict()

    def exactly(self, offset_bytes: int, size_bytes: int) -> bytes:
        """So many bytes; raises OSError where the volume ends before them, and UnreadableRegionError."""
        data = self.source.read_at(offset_bytes, size_bytes)
        if len(data) != size_bytes:
            raise OSError(f"the volume ends before byte {offset_bytes + size_bytes}")
        return data

    def inode(self, number: int) -> Inode:
        """An inode by its number; raises OSError and UnreadableRegionError."""
        block = self.superblock
        group, index = divmod(number, block.inodes_per_group)
        if not number > 0 or group >= block.groups:
            raise OSError(f"there is no inode {number}")
        at = (block.group_start(group) + block.inodes_at) * block.fragment_bytes + index * block.inode_bytes
        raw = self.exactly(at, block.inode_bytes)
        return _inode(number, at, raw, block)

    def table(self, fragment: int) -> tuple[int, ...]:
        """The places in a block of places; raises OSError and UnreadableRegionError."""
        found = self._tables.get(fragment)
        if found is None:
            block = self.superblock
            raw = self.exactly(self.place(fragment, block.block_bytes), block.block_bytes)
            width, code = (8, "q") if block.is_second else (4, "i")
            found = self._tables[fragment] = struct.unpack(f"{block.order}{len(raw) // width}{code}", raw)
            if len(self._tables) > _CACHED_TABLES:
                self._tables.popitem(last=False)
        return found

    def place(self, fragment: int, size_bytes: int) -> int:
        """Where a fragment begins, in bytes; raises OSError where it is outside the volume."""
        block = self.superblock
        at = fragment * block.fragment_bytes
        if fragment < 0 or at + size_bytes > block.fragments * block.fragment_bytes:
            raise OSError(f"a block is said to be at fragment {fragment}, outside the volume")
        return at


def disk_of(source: Readable) -> UfsDisk:
    """The volume with the superblock that is found on it.

    Raises:
        OSError: There is none, or it makes no sense.
        UnreadableRegionError: It cannot be read.
    """
    at = ufs_superblock(source)
    if at is None:
        raise OSError("the superblock is gone")
    return UfsDisk(source, read_superblock(source.read_at(at, UFS_SUPERBLOCK_BYTES)))


def stamps_of(source: Readable) -> UfsStamps:
    """The times of the inodes of a volume; the errors of :func:`disk_of`."""
    return UfsStamps(disk_of(source))


def rules(volume_id: str, superblock: Superblock) -> list[TimeRule]:
    """What each time of a UFS means."""
    fields = ["modified", "accessed", "changed"] + ["created"] * superblock.is_second
    return rules_of(volume_id, dict.fromkeys(fields, ("inode", "utc", 1)))


class UfsStamps:
    """Times from the inodes: The Sleuth Kit gives no creation, and no parts of seconds of UFS1.

    Attributes:
        disk: Where the inodes are.
    """

    def __init__(self, disk: UfsDisk) -> None:
        """Read from the inodes of ``disk``."""
        self.disk = disk

    def rules(self, volume_id: str) -> list[TimeRule]:
        """What each time of this file system means."""
        return rules(volume_id, self.disk.superblock)

    def of(self, meta: Any, address: int, allocated: bool) -> Stamps:
        """The times of an inode; none where it cannot be read or was never used, or none stands behind the address."""
        try:
            inode = self.disk.inode(address)
            return inode.stamps if allocated or inode.mode or any(inode.stamps) else NONE
        except (OSError, UnreadableRegionError):
            return NONE


class UfsContent:
    """The content of an inode; see :class:`evidence.filesystems.content.ContentSource`."""

    def __init__(self, disk: UfsDisk, inode: Inode) -> None:
        """Read the content of ``inode``."""
        self._disk, self._inode = disk, inode
        self.size_bytes = inode.size_bytes

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; holes are zeros."""
        end = min(offset_bytes + size_bytes, self.size_bytes)
        if offset_bytes < 0:
            return b""
        block_bytes, parts, at = self._disk.superblock.block_bytes, [], offset_bytes
        while at < end:
            index, within = divmod(at, block_bytes)
            length = min(block_bytes - within, end - at)
            fragment = self._fragment(index)
            if fragment:
                parts.append(self._disk.exactly(self._disk.place(fragment, within + length) + within, length))
            else:
                parts.append(bytes(length))
            at += length
        return b"".join(parts)

    def within(self, offset_bytes: int, size_bytes: int, /) -> Iterator[tuple[int, int, int]]:
        """Where a part lies; nothing of holes. See :class:`evidence.filesystems.content.Placed`."""
        block_bytes, at = self._disk.superblock.block_bytes, offset_bytes
        end = min(offset_bytes + size_bytes, self.size_bytes)
        while at < end:
            index, inside = divmod(at, block_bytes)
            length = min(block_bytes - inside, end - at)
            if fragment := self._fragment(index):
                yield at, self._disk.place(fragment, inside + length) + inside, length
            at += length

    def last_block(self) -> tuple[int, int | None, int]:
        """Of the last block: how much of it is content, where it begins on the volume, and how much belongs to it.

        All in bytes; the place is None for a hole. The content must not be empty.
        """
        block = self._disk.superblock
        index, last = divmod(self.size_bytes - 1, block.block_bytes)
        fragment, used = self._fragment(index), last + 1
        held = block.block_bytes if index >= _DIRECT else -(-used // block.fragment_bytes) * block.fragment_bytes
        return used, self._disk.place(fragment, held) if fragment else None, held

    def _fragment(self, index: int) -> int:
        """Where block ``index`` begins; 0 for a hole."""
        if index < _DIRECT:
            return self._inode.blocks[index]
        index -= _DIRECT
        entries = self._disk.superblock.block_bytes // (8 if self._disk.superblock.is_second else 4)
        for level in range(_LEVELS):
            if index < entries ** (level + 1):
                fragment = self._inode.blocks[_DIRECT + level]
                for below in range(level, -1, -1):
                    if not fragment:
                        return 0
                    fragment = self._disk.table(fragment)[index // entries**below % entries]
                return fragment
            index -= entries ** (level + 1)
        raise OSError(f"the content claims to have {self.size_bytes} bytes, more than a file can have")


def _time(seconds: int, part: int) -> int:
    """Nanoseconds since 1970."""
    return seconds * SECOND_NS + (part if 0 <= part < SECOND_NS else 0)


def _inode(number: int, at: int, raw: bytes, block: Superblock) -> Inode:
    order = block.order
    (mode,) = struct.unpack_from(f"{order}H", raw)
    size, stamps = _second(raw, order) if block.is_second else _first(raw, order)
    inline, code = (raw[112:232], "q") if block.is_second else (raw[40:100], "i")
    return Inode(
        number=number,
        offset_bytes=at,
        mode=mode,
        size_bytes=0 if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else size,
        stamps=stamps,
        blocks=struct.unpack(f"{order}15{code}", inline),
        inline=inline,
        has_attributes=block.is_second and struct.unpack_from(f"{order}i", raw, 92)[0] > 0,
    )


def _second(raw: bytes, order: str) -> tuple[int, Stamps]:
    """Size and times by an inode of UFS2."""
    (size,) = struct.unpack_from(f"{order}Q", raw, 16)
    accessed, modified, changed, created = struct.unpack_from(f"{order}4q", raw, 32)
    modified_part, accessed_part, changed_part, created_part = struct.unpack_from(f"{order}4i", raw, 64)
    three = (_time(modified, modified_part), _time(accessed, accessed_part), _time(changed, changed_part))
    return size, (*three, _time(created, created_part), None, None, None, None, None)


def _first(raw: bytes, order: str) -> tuple[int, Stamps]:
    """Size and times by an inode of UFS1, which has no time of creation."""
    size, accessed, accessed_part, modified, modified_part, changed, changed_part = struct.unpack_from(
        f"{order}Q6i", raw, 8
    )
    three = (_time(modified, modified_part), _time(accessed, accessed_part), _time(changed, changed_part))
    return size, (*three, None, None, None, None, None, None)
