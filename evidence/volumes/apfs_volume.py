"""The volumes of an APFS container and their snapshots.

Source: Apple File System Reference, "Volumes", "Snapshot Metadata", "Sealed Volumes".
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from evidence.errors import UnreadableRegionError
from evidence.volumes.apfs_btree import BTree
from evidence.volumes.apfs_container import ENCRYPTED, NO_HEADER, Container, ObjectMap, physical_node
from evidence.volumes.apfs_objects import (
    BTREE_NODE,
    BTREE_ROOT,
    FILE_TREE,
    PHYSICAL,
    STORAGE_MASK,
    TYPE_MASK,
    VOLUME,
    ApfsDamageError,
    Blocks,
)
from evidence.volumes.ciphers import SectorCipher

CASE_INSENSITIVE, NORMALIZATION_INSENSITIVE, SEALED = 0x1, 0x8, 0x20
UNENCRYPTED, ONE_KEY = 0x1, 0x8
SECTOR_BYTES = 512
_KNOWN_INCOMPATIBLE = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80
_MAX_SNAPSHOTS = 4096
_SNAPSHOT_META = 1
_ROLES = {
    0x001: "system",
    0x002: "user",
    0x004: "recovery",
    0x008: "virtual memory",
    0x010: "preboot",
    0x020: "installer",
    0x040: "data",
    0x080: "baseband",
    0x0C0: "update",
    0x100: "xART",
    0x140: "hardware",
    0x180: "backup",
    0x240: "enterprise",
    0x2C0: "prelogin",
}
_SNAPSHOT = struct.Struct("<QQQQQIIH")


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSuperblock:
    """A volume superblock (``apfs_superblock_t``)."""

    address: int
    xid: int
    index: int
    incompatible: int
    quota_blocks: int
    allocated_blocks: int
    map_address: int
    root_type: int
    root: int
    snapshots_address: int
    snapshots: int
    uuid: bytes
    flags: int
    name: str
    role: int
    rolling: int
    extents_address: int

    @property
    def is_encrypted(self) -> bool:
        """Whether contents are encrypted by software."""
        return not self.flags & UNENCRYPTED

    @property
    def role_name(self) -> str:
        """Its role in words; empty where it has none."""
        return _ROLES.get(self.role, f"role {self.role:#x}" if self.role else "")

    @property
    def serial(self) -> str:
        """Its UUID."""
        return str(uuid.UUID(bytes=self.uuid))


def read_volume(blocks: Blocks, address: int, *, oid: int | None, xid: int) -> VolumeSuperblock:
    """The volume superblock in a block.

    Raises:
        ApfsDamageError: It is damaged, or of a kind that is not known.
        UnreadableRegionError: It cannot be read.
    """
    block = blocks.object(address, "the volume superblock", oid=oid, xid=xid, types=(VOLUME,))
    if block[32:36] != b"APSB":
        raise ApfsDamageError("the volume superblock does not say that it is one", blocks.offset(address))
    (incompatible,) = struct.unpack_from("<Q", block, 56)
    if incompatible & ~_KNOWN_INCOMPATIBLE:
        raise ApfsDamageError(f"the volume has features that are not known ({incompatible:#x})", blocks.offset(address))
    map_, root, _, snapshots = struct.unpack_from("<QQQQ", block, 128)
    return VolumeSuperblock(
        address=address,
        xid=struct.unpack_from("<Q", block, 16)[0],
        index=struct.unpack_from("<I", block, 36)[0],
        incompatible=incompatible,
        quota_blocks=struct.unpack_from("<Q", block, 80)[0],
        allocated_blocks=struct.unpack_from("<Q", block, 88)[0],
        map_address=map_,
        root_type=struct.unpack_from("<I", block, 116)[0],
        root=root,
        snapshots_address=snapshots,
        snapshots=struct.unpack_from("<Q", block, 216)[0],
        uuid=block[240:256],
        flags=struct.unpack_from("<Q", block, 264)[0],
        name=block[704:960].split(b"\0")[0].decode("utf-8", errors="replace"),
        role=struct.unpack_from("<H", block, 964)[0],
        rolling=struct.unpack_from("<Q", block, 976)[0],
        extents_address=struct.unpack_from("<Q", block, 1032)[0],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot as its volume lists it; the superblock is None where it cannot be read, and ``why`` says so."""

    xid: int
    name: str
    created_ns: int
    flags: int
    superblock: VolumeSuperblock | None
    why: str = ""


def snapshots_of(
    container: Container, volume: VolumeSuperblock, on_damage: Callable[[Exception], None]
) -> Iterator[Snapshot]:
    """The snapshots of a volume, the oldest first.

    Raises:
        ApfsDamageError: The tree of snapshots is damaged at its root.
        UnreadableRegionError: It cannot be read.
    """
    blocks, what = container.blocks, "the list of snapshots"
    read = partial(physical_node, blocks, what, container.superblock.xid)
    tree = BTree(volume.snapshots_address, read, record_order)
    for number, (key, value) in enumerate(tree.scan(_SNAPSHOT_META, ((1 << 60) - 1) << 4 | _SNAPSHOT_META, on_damage)):
        if number > _MAX_SNAPSHOTS * 2:
            on_damage(ApfsDamageError(f"{what}: it claims more than {_MAX_SNAPSHOTS} snapshots"))
            return
        if key[7] >> 4 == _SNAPSHOT_META:
            yield _snapshot(container, key, value)


def _snapshot(container: Container, key: bytes, value: bytes) -> Snapshot:
    xid = int.from_bytes(key[:8], "little") & (1 << 60) - 1
    if len(value) < _SNAPSHOT.size:
        return Snapshot(xid=xid, name="", created_ns=0, flags=0, superblock=None, why="its record is too short")
    _, address, created, _, _, _, flags, length = _SNAPSHOT.unpack_from(value)
    name = value[_SNAPSHOT.size : _SNAPSHOT.size + length].split(b"\0")[0].decode("utf-8", errors="replace")
    created_ns = signed(created)
    try:
        superblock = read_volume(container.blocks, address, oid=None, xid=container.superblock.xid)
    except (ApfsDamageError, UnreadableRegionError) as error:
        return Snapshot(xid=xid, name=name, created_ns=created_ns, flags=flags, superblock=None, why=str(error))
    return Snapshot(xid=xid, name=name, created_ns=created_ns, flags=flags, superblock=superblock)


def signed(value: int) -> int:
    """A count of nanoseconds as the kernel takes it: signed, in 64 bits."""
    return value - (1 << 64) if value >> 63 else value


def record_order(key: bytes) -> int:
    """What the records of a volume are sorted by first: their object, then their type."""
    if len(key) < 8:
        raise ApfsDamageError("a key of a tree is too short")
    raw = int.from_bytes(key[:8], "little")
    return (raw & (1 << 60) - 1) << 4 | raw >> 60


class VolumeNodes:
    """Reads the nodes of a volume's file-system tree, encrypted or sealed."""

    def __init__(
        self, blocks: Blocks, map_: ObjectMap, volume: VolumeSuperblock, xid: int, cipher: SectorCipher | None
    ) -> None:
        """Read nodes as they were at transaction ``xid``."""
        self._blocks, self._map, self._xid, self._cipher = blocks, map_, xid, cipher
        self._root, self._is_sealed = volume.root, bool(volume.incompatible & SEALED)
        self._is_physical = volume.root_type & STORAGE_MASK == PHYSICAL

    def read(self, oid: int) -> bytes:
        """The node of an identifier, verified.

        Raises:
            ApfsDamageError: It is damaged, or cannot be decrypted.
            UnreadableRegionError: It cannot be read.
        """
        address, flags, size = self._find(oid)
        what = f"the file-system tree, node {oid}"
        count = max(1, size // self._blocks.block_bytes)
        if count > 16:
            raise ApfsDamageError(f"{what}: it claims to fill {count} blocks")
        block = self._blocks.read(address, count)
        if flags & ENCRYPTED:
            if self._cipher is None:
                raise ApfsDamageError(f"{what}: it is encrypted", self._blocks.offset(address))
            block = self._cipher.decrypt(block, address * (self._blocks.block_bytes // SECTOR_BYTES))
        if flags & NO_HEADER or (self._is_sealed and not any(block[:32])):
            return block
        named = address if self._is_physical else oid
        types = (BTREE_ROOT, BTREE_NODE)
        self._blocks.verified(block, address, what, oid=named, xid=self._xid, types=types)
        if int.from_bytes(block[28:32], "little") & TYPE_MASK != FILE_TREE:
            raise ApfsDamageError(f"{what}: it belongs to another tree", self._blocks.offset(address))
        return block

    def _find(self, oid: int) -> tuple[int, int, int]:
        if self._is_physical:
            return oid, 0, self._blocks.block_bytes
        try:
            return self._map.find(oid, self._xid)
        except ApfsDamageError:
            if not self._is_sealed:
                raise
            return self._map.find(self._root + oid, self._xid)  # sealed trees count from their root
