"""Superblocks of Btrfs, after the on-disk format that the kernel and btrfs-progs document; little-endian."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.filesystems.checksums import BTRFS_CHECKSUMS
from evidence.filesystems.opened import FileSystemError
from evidence.images.base import Problem
from evidence.volumes.base import Readable

MIRRORS_AT = (1 << 16, 1 << 26, 1 << 38)
SUPERBLOCK_BYTES = 4096
_MAGIC = b"_BHRfS_M"
_BODY = struct.Struct("<16sQQ8sQQQQQQQQQIIIIIQQQQHBBB")
_EXTENT_TREE_2, _STRIPE_TREE = 0x2000, 0x4000
_KNOWN = 0x1FFF | 0x10000
_BACKUP = struct.Struct("<QQQQ")
_BACKUP_BYTES = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Where a tree begins: logical address, level of its top, and the generation in which that was written."""

    address: int
    level: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Superblock:
    """What a superblock says.

    Attributes:
        offset_bytes: Where it was read.
        device_id: Which of the devices it lies on, and ``device_bytes`` how much of that it uses.
        backups: Root tree and chunk tree of the last commits, the latest first.
        checksum: The function that all checksums are made by, and ``checksum_bytes`` how long they are.
    """

    offset_bytes: int
    fsid: bytes
    generation: int
    root: Root
    chunk_root: Root
    has_log: bool
    total_bytes: int
    devices: int
    sector_bytes: int
    node_bytes: int
    checksum_name: str
    checksum_bytes: int
    checksum: Callable[[bytes], bytes]
    device_id: int
    device_bytes: int
    label: str | None
    system_chunks: bytes
    backups: tuple[tuple[Root, Root], ...]


def read_superblock(source: Readable) -> tuple[Superblock, list[Problem]]:
    """The first superblock, or a later copy where it is damaged; and what is wrong with it.

    Raises:
        FileSystemError: No copy is whole, or the file system has features that are not known here.
    """
    reasons: list[str] = []
    problems: list[Problem] = []
    for at in MIRRORS_AT:
        if at + SUPERBLOCK_BYTES > source.media_bytes:
            continue
        try:
            found = _parse(source.read_at(at, SUPERBLOCK_BYTES), at)
        except UnreadableRegionError as error:
            found = str(error)
        if isinstance(found, Superblock):
            if at != MIRRORS_AT[0]:
                what = f"The first superblock is damaged ({reasons[0]}); its copy at byte {at} was used."
                problems.append(Problem(what=what, where="", offset_bytes=MIRRORS_AT[0]))
            return found, problems
        reasons.append(f"at byte {at}: {found}")
    raise FileSystemError("btrfs", "no superblock of it is whole: " + ("; ".join(reasons) or "the volume is too short"))


def _parse(raw: bytes, at: int) -> Superblock | str:
    """A superblock, or what is wrong with it."""
    if len(raw) < SUPERBLOCK_BYTES or raw[64:72] != _MAGIC:
        return "there is none"
    (
        fsid, address, _, _, generation, root, chunk_root, log_root, _, total, _, _, devices,
        sector, node, _, _, array_bytes, chunk_generation, _, _, incompatible, kind, root_level, chunk_level, _,
    ) = _BODY.unpack_from(raw, 32)  # fmt: skip
    if kind not in BTRFS_CHECKSUMS:
        return f"its kind of checksum ({kind}) is not known"
    name, size, checksum = BTRFS_CHECKSUMS[kind]
    if checksum(raw[32:])[:size] != raw[:size]:
        return "its checksum is wrong"
    if address != at:
        return "it belongs to another place"
    _refuse_unknown(incompatible)
    sizes_agree = 512 <= sector <= 65536 and sector <= node <= 65536 and not sector & (sector - 1) and not node % sector
    if not sizes_agree or array_bytes > 2048 or root_level > 7 or chunk_level > 7 or not devices:
        return "its sizes and numbers contradict each other"
    return Superblock(
        offset_bytes=at,
        fsid=fsid,
        generation=generation,
        root=Root(address=root, level=root_level, generation=generation),
        chunk_root=Root(address=chunk_root, level=chunk_level, generation=chunk_generation),
        has_log=bool(log_root),
        total_bytes=total,
        devices=devices,
        sector_bytes=sector,
        node_bytes=node,
        checksum_name=name,
        checksum_bytes=size,
        checksum=checksum,
        device_id=int.from_bytes(raw[201:209], "little"),
        device_bytes=int.from_bytes(raw[209:217], "little"),
        label=raw[299:555].split(b"\0")[0].decode("utf-8", errors="replace") or None,
        system_chunks=raw[811 : 811 + array_bytes],
        backups=_backups(raw),
    )


def _refuse_unknown(incompatible: int) -> None:
    for bit, name in ((_EXTENT_TREE_2, "extent tree of version 2"), (_STRIPE_TREE, "RAID stripe tree")):
        if incompatible & bit:
            raise FileSystemError("btrfs", f"it has a {name}, which is not read here")
    if incompatible & ~_KNOWN:
        raise FileSystemError("btrfs", f"it has features that are not known here (bits {incompatible & ~_KNOWN:#x})")


def _backups(raw: bytes) -> tuple[tuple[Root, Root], ...]:
    found = []
    for at in range(2859, 2859 + 4 * _BACKUP_BYTES, _BACKUP_BYTES):
        root, generation, chunk, chunk_generation = _BACKUP.unpack_from(raw, at)
        levels = raw[at + 152 : at + 154]
        if root and chunk and max(levels) <= 7:
            found.append(
                (
                    Root(address=root, level=levels[0], generation=generation),
                    Root(address=chunk, level=levels[1], generation=chunk_generation),
                )
            )
    return tuple(sorted(found, key=lambda pair: -pair[0].generation))
