"""APFS: a container, the volumes in it and their snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.filesystems.apfs import ApfsTree
from evidence.filesystems.base import FileSystem
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.apfs_container import (
    FUSION,
    Container,
    ObjectMap,
    Superblock,
    first_superblock,
    open_container,
)
from evidence.volumes.apfs_keys import Unlocked, unlock
from evidence.volumes.apfs_objects import ApfsDamageError
from evidence.volumes.apfs_volume import Snapshot, VolumeSuperblock, read_volume, snapshots_of
from evidence.volumes.base import Readable
from evidence.volumes.layers import Beside, Inner, Layer

_UNUSABLE = (ApfsDamageError, UnreadableRegionError)
_DATALESS, _IS_DATALESS, _INCOMPLETE = 0x2, 0x1, 0x10
_ROLLING = "the volume was being encrypted or decrypted, and which contents are encrypted is not known"
_NO_DATA = "the volume has snapshots without data, and no snapshot says whether it is one of them"


def open_apfs(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of an APFS container."""
    first = first_superblock(source)
    if first is None:
        return None
    facts = FileSystem(type="apfs", block_bytes=first.block_bytes, label=None, serial=first.serial)
    try:
        container = open_container(source, first)
    except _UNUSABLE as error:
        what = f"apfs: the container cannot be opened, no volume in it is listed: {error}"
        return Layer(facts=facts, problems=(_problem(what, error), *_remarks(first)))
    oids = enumerate(container.superblock.volumes)
    volumes = [_volume(container, index, oid, keys, beside.on_step) for index, oid in oids if oid]
    size, there = container.superblock.block_count, container.blocks.count
    cut = Problem(
        what=f"apfs: the container has {size} blocks, but only {there} are here.",
        where="",
        offset_bytes=container.blocks.offset(there),
    )
    return Layer(
        volumes=tuple(volumes),
        facts=facts,
        problems=(*container.problems, *([cut] if there < size else []), *_remarks(container.superblock)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """What the volume and its snapshots are opened with."""

    container: Container
    map: ObjectMap
    volume: VolumeSuperblock
    unlocked: Unlocked

    @property
    def is_locked(self) -> bool:
        return self.volume.is_encrypted and self.unlocked.cipher is None


def _volume(container: Container, index: int, oid: int, keys: Keys, on_step: Callable[[], None]) -> Inner:
    slot, xid = f"v{index + 1}", container.superblock.xid
    length = container.superblock.block_count * container.blocks.block_bytes
    try:
        address, _, _ = container.map.find(oid, xid)
        volume = read_volume(container.blocks, address, oid=oid, xid=xid)
        map_ = ObjectMap(container.blocks, volume.map_address, xid, "the object map of the volume")
        unlocked = unlock(container, volume, keys, on_step) if volume.is_encrypted else Unlocked()
    except _UNUSABLE as error:
        what = f"apfs: the volume of index {index} cannot be opened: {error}"
        damage = (_problem(what, error),)
        return Inner(
            slot=slot, kind="pool_volume", description="APFS volume, damaged", length_bytes=length, problems=damage
        )
    opened = _Opened(container=container, map=map_, volume=volume, unlocked=unlocked)
    tree, problems = _tree(opened, volume, xid, _ROLLING if volume.is_encrypted and volume.rolling else "")
    inner, damaged = _snapshots(opened)
    role = f", {volume.role_name}" if volume.role_name else ""
    return Inner(
        slot=slot,
        kind="pool_volume",
        description=f'APFS volume "{volume.name}"{role}',
        length_bytes=length,
        file_system=tree,
        encryption="apfs" if volume.is_encrypted else None,
        locked=opened.is_locked,
        problems=(*_locked(opened), *problems, *_doubts(volume), *damaged),
        inner=inner,
    )


def _tree(
    opened: _Opened, superblock: VolumeSuperblock, xid: int, refusal: str
) -> tuple[ApfsTree | None, tuple[Problem, ...]]:
    if opened.is_locked:
        return None, ()
    try:
        return ApfsTree(opened.container, opened.map, superblock, xid, opened.unlocked.cipher, refusal), ()
    except _UNUSABLE as error:
        return None, (_problem(f"apfs: the files of the volume cannot be listed: {error}", error),)


def _snapshots(opened: _Opened) -> tuple[tuple[Inner, ...], list[Problem]]:
    """The snapshots of a volume, the oldest first, and what is wrong with the list of them."""
    damage: list[Exception] = []
    found: list[Snapshot] = []
    try:
        found.extend(snapshots_of(opened.container, opened.volume, damage.append))
    except _UNUSABLE as error:
        damage.append(error)
    problems = [_problem(f"apfs: the snapshots cannot all be listed: {error}", error) for error in damage]
    if not damage and len(found) != opened.volume.snapshots:
        what = f"apfs: the volume says it has {opened.volume.snapshots} snapshots, but {len(found)} are listed."
        problems.append(Problem(what=what, where="", offset_bytes=None))
    return tuple(_snapshot(opened, snapshot, index) for index, snapshot in enumerate(found, 1)), problems


def _snapshot(opened: _Opened, snapshot: Snapshot, index: int) -> Inner:
    tree: ApfsTree | None = None
    problems: tuple[Problem, ...] = ()
    if snapshot.superblock is None:
        problems = (_problem(f"apfs: the snapshot cannot be opened: {snapshot.why}"),)
    else:
        is_doubtful = snapshot.flags & _IS_DATALESS or opened.volume.incompatible & _DATALESS
        refusal = _NO_DATA if is_doubtful else _ROLLING if opened.volume.is_encrypted and opened.volume.rolling else ""
        tree, problems = _tree(opened, snapshot.superblock, snapshot.xid, refusal)
    return Inner(
        slot=f"s{index}",
        kind="snapshot",
        description=f'APFS snapshot "{snapshot.name}"',
        length_bytes=opened.container.superblock.block_count * opened.container.blocks.block_bytes,
        file_system=tree,
        snapshot_time_ns=snapshot.created_ns,
        encryption="apfs" if opened.volume.is_encrypted else None,
        locked=opened.is_locked,
        problems=problems,
    )


def _locked(opened: _Opened) -> Iterator[Problem]:
    if opened.is_locked:
        hint = opened.unlocked.hint
        what = f'apfs: the volume "{opened.volume.name}" is locked: {opened.unlocked.why}.'
        yield _remark(f'{what} The hint for its password is "{hint}".' if hint else what)


def _doubts(volume: VolumeSuperblock) -> Iterator[Problem]:
    if volume.incompatible & _INCOMPLETE:
        yield _remark("apfs: the volume is the target of a restore that was not finished; files may be missing.")
    if volume.is_encrypted and volume.rolling:
        yield _remark(f"apfs: contents are not read: {_ROLLING}.")


def _remarks(superblock: Superblock) -> Iterator[Problem]:
    if superblock.incompatible & FUSION:
        second = superblock.fusion_uuid[0] & 0x80
        which = "the slower device, which does not say what is in the container" if second else "the faster device"
        yield _remark(
            f"apfs: the container lies on two devices (Fusion); this is {which}. What lies on the other is not read."
        )


def _remark(what: str) -> Problem:
    return Problem(what=what, where="", offset_bytes=None, is_damage=False)


def _problem(what: str, error: Exception | None = None) -> Problem:
    return Problem(what=what, where="", offset_bytes=getattr(error, "offset_bytes", None))
