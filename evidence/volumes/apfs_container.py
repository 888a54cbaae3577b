"""The container of APFS: its checkpoints, and the maps from object identifiers to blocks.

Source: Apple File System Reference, "Container", "Object Maps", "Mounting an Apple File System Partition".
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.volumes.apfs_btree import BTree
from evidence.volumes.apfs_objects import (
    BTREE_NODE,
    BTREE_ROOT,
    CONTAINER,
    MAX_BLOCK_BYTES,
    OBJECT_MAP,
    ApfsDamageError,
    Blocks,
    header_of,
    is_sound,
)
from evidence.volumes.base import Readable, peek

MAGIC, SUPERBLOCK_BYTES = b"NXSB", 1408
FUSION, SOFTWARE_CRYPTO = 0x100, 0x4
ENCRYPTED, NO_HEADER = 0x4, 0x8
ANY_XID = (1 << 64) - 1
_DELETED = 0x1
_MAX_CHECKPOINT_BLOCKS = 1 << 16
_MAX_VOLUMES = 100
_KNOWN_INCOMPATIBLE = 0x1 | 0x2 | FUSION
_MAP_KEY, _MAP_VALUE = struct.Struct("<QQ"), struct.Struct("<IIQ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Superblock:
    """A container superblock (``nx_superblock_t``).

    Attributes:
        address: The block in which it was found.
        xid: Of its transaction.
        volumes: Identifiers of the volumes by index, 0 where there is none.
        descriptor_first: Place of the first block of this checkpoint among those of all.
        descriptor_used: How many it has.
        space_manager: Identifier of the space manager, an object that only the checkpoint leads to.
        keybag: Address and number of the blocks of the container's keybag; (0, 0) where there is none.
    """

    address: int
    xid: int
    block_bytes: int
    block_count: int
    incompatible: int
    uuid: bytes
    descriptor_blocks: int
    descriptor_base: int
    descriptor_first: int
    descriptor_used: int
    space_manager: int
    map_address: int
    volumes: tuple[int, ...]
    flags: int
    fusion_uuid: bytes
    keybag: tuple[int, int]

    @property
    def serial(self) -> str:
        """The UUID of the container."""
        return str(uuid.UUID(bytes=self.uuid))


def superblock_of(block: bytes, address: int) -> Superblock:
    """The superblock in a block."""
    block_bytes, block_count = struct.unpack_from("<IQ", block, 36)
    (descriptor_blocks,) = struct.unpack_from("<I", block, 104)
    return Superblock(
        address=address,
        xid=header_of(block).xid,
        block_bytes=block_bytes,
        block_count=block_count,
        incompatible=struct.unpack_from("<Q", block, 64)[0],
        uuid=block[72:88],
        descriptor_blocks=descriptor_blocks,
        descriptor_base=struct.unpack_from("<Q", block, 112)[0],
        descriptor_first=struct.unpack_from("<I", block, 136)[0],
        descriptor_used=struct.unpack_from("<I", block, 140)[0],
        space_manager=struct.unpack_from("<Q", block, 152)[0],
        map_address=struct.unpack_from("<Q", block, 160)[0],
        volumes=struct.unpack_from(f"<{_MAX_VOLUMES}Q", block, 184),
        flags=struct.unpack_from("<Q", block, 1264)[0],
        fusion_uuid=block[1280:1296],
        keybag=struct.unpack_from("<QQ", block, 1296),
    )


class ObjectMap:
    """From the identifiers of virtual objects to blocks."""

    def __init__(self, blocks: Blocks, address: int, xid: int, what: str) -> None:
        """Open the map at a block.

        Raises:
            ApfsDamageError: It, or the root of its tree, is damaged.
            UnreadableRegionError: One of them cannot be read.
        """
        block = blocks.object(address, what, oid=address, xid=xid, types=(OBJECT_MAP,))
        (root,) = struct.unpack_from("<Q", block, 48)
        self._tree = BTree(root, partial(physical_node, blocks, what, xid), _map_order)
        self._what = what

    def find(self, oid: int, xid: int) -> tuple[int, int, int]:
        """Address, flags and size in bytes of the newest version of an object that is not newer than ``xid``.

        Raises:
            ApfsDamageError: There is none.
            UnreadableRegionError: A node cannot be read.
        """
        found = b""
        for _, value in self._tree.scan(oid << 64, oid << 64 | xid):
            found = value
        if len(found) >= _MAP_VALUE.size:
            flags, size, address = _MAP_VALUE.unpack_from(found)
            if not flags & _DELETED:
                return address, flags, size
        raise ApfsDamageError(f"{self._what}: object {oid} is not in it")


def _map_order(key: bytes) -> int:
    if len(key) < _MAP_KEY.size:
        raise ApfsDamageError("a key of an object map is too short")
    oid, xid = _MAP_KEY.unpack_from(key)
    return int(oid) << 64 | int(xid)


def physical_node(blocks: Blocks, what: str, xid: int, address: int) -> bytes:
    """A node of a tree whose nodes name each other by block."""
    return blocks.object(address, f"{what}, a node", oid=address, xid=xid, types=(BTREE_ROOT, BTREE_NODE))


@dataclass(frozen=True, slots=True)
class Container:
    """An open container at the newest checkpoint that is sound."""

    blocks: Blocks
    superblock: Superblock
    map: ObjectMap
    problems: tuple[Problem, ...]


def first_superblock(source: Readable) -> Superblock | None:
    """The copy at the start of the container, sound or not; None where nothing claims to be one."""
    block = peek(source, 0, 4096)
    return superblock_of(block, 0) if len(block) == 4096 and block[32:36] == MAGIC else None


def open_container(source: Readable, first: Superblock) -> Container:
    """Open the newest sound checkpoint.

    Args:
        source: The container.
        first: The copy of the superblock at its start.

    Raises:
        ApfsDamageError: There is no sound checkpoint, or the container is of a kind that is not known.
        UnreadableRegionError: Its start cannot be read.
    """
    size = first.block_bytes
    if size < 4096 or size > MAX_BLOCK_BYTES or size & (size - 1):
        raise ApfsDamageError(f"the container says its blocks have {size} bytes", 36)
    blocks = Blocks(source, size, first.block_count)
    problems: list[Problem] = []
    candidates = []
    if is_sound(source.read_at(0, size)):
        candidates.append(first)
    else:
        problems.append(_problem("apfs: the checksum of the container superblock at the start is wrong.", 0))
    candidates += _checkpoints(blocks, first, problems)
    candidates.sort(key=lambda found: (-found.xid, -found.address))
    for index, found in enumerate(candidates):
        if found.incompatible & ~_KNOWN_INCOMPATIBLE:
            raise ApfsDamageError(f"the container has features that are not known ({found.incompatible:#x})")
        try:
            map_ = ObjectMap(blocks, found.map_address, found.xid, "the object map of the container")
        except (ApfsDamageError, UnreadableRegionError) as error:
            what = f"apfs: checkpoint {found.xid} cannot be used, an older one is looked for: {error}"
            problems.append(_problem(what, blocks.offset(found.address)))
            continue
        if index and found.xid < candidates[0].xid:
            what = (
                f"apfs: the container is read as it was at checkpoint {found.xid}, not {candidates[0].xid}; contents "
                "may have been overwritten since."
            )
            problems.append(_problem(what, blocks.offset(found.address)))
        return Container(blocks, found, map_, tuple(problems))
    told = " ".join(problem.what for problem in problems)
    raise ApfsDamageError(f"no checkpoint of the container is sound. {told}".strip())


def _checkpoints(blocks: Blocks, first: Superblock, problems: list[Problem]) -> list[Superblock]:
    """The sound superblocks of the checkpoint descriptor area."""
    found: list[Superblock] = []
    for address in descriptor_blocks(blocks, first, problems):
        try:
            block = blocks.read(address)
        except (ApfsDamageError, UnreadableRegionError) as error:
            problems.append(_problem(f"apfs: the checkpoints cannot be read: {error}", blocks.offset(address)))
            continue
        if block[32:36] != MAGIC or header_of(block).type & 0xFFFF != CONTAINER:
            continue
        if not is_sound(block):
            what = f"apfs: the checksum of the superblock of checkpoint {header_of(block).xid} is wrong."
            problems.append(_problem(what, blocks.offset(address)))
        elif (candidate := superblock_of(block, address)).block_bytes == blocks.block_bytes:
            found.append(candidate)
    return found


def descriptor_blocks(blocks: Blocks, first: Superblock, problems: list[Problem]) -> Iterator[int]:
    """The addresses of the checkpoint descriptor area: one run, or runs listed by a tree."""
    count = first.descriptor_blocks & 0x7FFF_FFFF
    if count > _MAX_CHECKPOINT_BLOCKS:
        problems.append(_problem(f"apfs: the checkpoints claim to fill {count} blocks; not all are looked at.", 104))
        count = _MAX_CHECKPOINT_BLOCKS
    if not first.descriptor_blocks & 0x8000_0000:
        yield from range(first.descriptor_base, min(first.descriptor_base + count, blocks.count))
        return
    try:
        read = partial(physical_node, blocks, "the list of checkpoint blocks", ANY_XID)
        tree = BTree(first.descriptor_base, read, lambda key: int.from_bytes(key[:8], "little"))
        for _, value in tree.scan(0, ANY_XID):
            start, length = struct.unpack_from("<QQ", value.ljust(16, b"\0"))
            length = min(length, count)
            count -= length
            yield from range(start, min(start + length, blocks.count))
    except (ApfsDamageError, UnreadableRegionError) as error:
        problems.append(_problem(f"apfs: where the checkpoints lie cannot be read: {error}", 112))


def _problem(what: str, offset_bytes: int) -> Problem:
    return Problem(what=what, where="", offset_bytes=offset_bytes)
