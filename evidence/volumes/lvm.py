"""LVM2: the volume group that a physical volume belongs to, and the logical volumes in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.filesystems.base import FileSystem
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable
from evidence.volumes.layers import Beside, Inner, Layer
from evidence.volumes.lvm_group import Group, Logical, group_of
from evidence.volumes.lvm_label import Label, dashed, find_label, read_texts
from evidence.volumes.lvm_snapshot import Snapshot
from evidence.volumes.lvm_text import LvmError, parse
from evidence.volumes.lvm_volumes import Assembler

_POOLS = {"thin-pool": "thin pool", "cache-pool": "cache pool", "vdo-pool": "VDO pool"}
_ALREADY_SHOWN = "This physical volume belongs to the volume group {}, which is shown with an earlier partition."


@dataclass(frozen=True, slots=True)
class _Member:
    source: Readable
    label: Label


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a snapshot is of ("" where that is not said), and how large it is."""

    name: str
    extents: int


def open_lvm(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of an LVM2 physical volume; the first one of a group shows the group."""
    label = find_label(source)
    if label is None:
        return None
    own = _Member(source, label)
    earlier, later = list(_members(beside.earlier)), list(_members(beside.later))
    group, problems = _group(own, [*earlier, *later])
    problems = [*label.problems, *problems]
    facts = FileSystem(
        type="lvm2",
        block_bytes=group.extent_bytes if group else None,
        label=group.name if group else None,
        serial=dashed(label.uuid),
    )
    if group is None:
        return Layer(facts=facts, problems=tuple(problems))
    belonging = {physical.uuid for physical in group.physical.values()}
    if any(member.label.uuid in belonging - {label.uuid} for member in earlier):
        remark = _remark(_ALREADY_SHOWN.format(group.name))
        return Layer(facts=facts, problems=(*problems, remark))
    devices: dict[str, Readable] = {}
    for member in (own, *earlier, *later):
        devices.setdefault(member.label.uuid, member.source)
    missing = [physical for physical in group.physical.values() if physical.uuid not in devices]
    for physical in missing:
        what = f"The physical volume {physical.name} ({dashed(physical.uuid)}) of the group is not on this media."
        problems.append(Problem(what=what, where="", offset_bytes=None))
    volumes, remarks = _volumes(group, Assembler(group, devices))
    return Layer(volumes=tuple(volumes), facts=facts, problems=(*problems, *remarks))


def _members(sources: Sequence[Readable]) -> Iterator[_Member]:
    for source in sources:
        label = find_label(source)
        if label is not None:
            yield _Member(source, label)


def _group(own: _Member, others: list[_Member]) -> tuple[Group | None, list[Problem]]:
    """The newest description of the group that the volume belongs to, and what is wrong with its own copies."""
    found, problems = _described(own, own.label.uuid)
    for other in others:
        found += _described(other, own.label.uuid)[0]
    if not found:
        what = "No volume group that this physical volume belongs to is described on the media."
        return None, problems or [_remark(what)]
    newest = max(found, key=lambda group: group.sequence)
    if any(group.sequence != newest.sequence for group in found):
        oldest = min(group.sequence for group in found)
        what = f"The copies of the metadata differ (number {oldest} to {newest.sequence}); the newest is used."
        problems.append(_remark(what))
    return newest, problems


def _described(member: _Member, uuid: str) -> tuple[list[Group], list[Problem]]:
    """The groups with the physical volume ``uuid`` that the metadata of ``member`` describe."""
    texts, problems = read_texts(member.source, member.label)
    groups = []
    for words in dict.fromkeys(texts):
        try:
            group = group_of(parse(words))
        except LvmError as error:
            problems.append(_problem(error))
            continue
        if any(physical.uuid == uuid for physical in group.physical.values()):
            groups.append(group)
    return groups, problems


def _volumes(group: Group, assembler: Assembler) -> tuple[list[Inner], list[Problem]]:
    """The volumes that are to be seen, and remarks about the group."""
    snapshots, merging = _snapshots(group)
    shown: list[Inner] = []
    remarks: list[Problem] = []
    slots: set[str] = set()
    for logical in group.logical.values():
        if "VISIBLE" not in logical.status:
            if logical.problem:
                what = f"The hidden volume {logical.name} is described wrongly: {logical.problem}"
                remarks.append(Problem(what=what, where="", offset_bytes=None))
            continue
        pool = next((_POOLS[run.type] for run in logical.runs if run.type in _POOLS), None)
        if pool is not None:
            remarks.append(_remark(f"{logical.name} is a {pool}; the volumes in it are shown, it is not."))
            continue
        slot = "lv" + re.sub(r"[^A-Za-z0-9_+-]", "_", logical.name)
        while slot in slots:
            slot += "_"
        slots.add(slot)
        shown.append(_inner(group, assembler, logical, slot, snapshots.get(logical.name), merging.get(logical.name)))
    return shown, remarks


def _inner(
    group: Group, assembler: Assembler, logical: Logical, slot: str, origin: _Origin | None, store: str | None
) -> Inner:
    length = (origin.extents if origin else logical.extents) * group.extent_bytes
    source: Readable | None = None
    problems: list[Problem] = []
    try:
        source = assembler.volume(logical.name)
        if origin is not None:
            source = Snapshot(assembler.volume(origin.name), source, length)
        elif store is not None:
            source = Snapshot(source, assembler.volume(store), length)
    except LvmError as error:
        source = None
        problems.append(_problem(error))
    except UnreadableRegionError as error:
        source = None
        problems.append(Problem(what=f"The volume cannot be read: {error}", where="", offset_bytes=None))
    for name in dict.fromkeys((logical.name, origin.name if origin else logical.name)):
        problems += [_remark(note) for note in assembler.notes(name)]
        if absent := assembler.absent(name):
            names = ", ".join(dashed(uuid) for uuid in absent)
            what = f"Parts of the volume cannot be read, for they lie on physical volumes that are not here: {names}."
            problems.append(Problem(what=what, where="", offset_bytes=None))
    return Inner(
        slot=slot,
        kind="logical",
        description=_description(logical, origin, store),
        length_bytes=length,
        source=source,
        problems=tuple(problems),
        is_copy=origin is not None or any("origin" in run.fields for run in logical.runs if run.type == "thin"),
    )


def _description(logical: Logical, origin: _Origin | None, store: str | None) -> str:
    types = ", ".join(dict.fromkeys(run.type for run in logical.runs)) or "not described"
    what = f"Logical volume {logical.name}"
    if origin is not None:
        return f"{what}, snapshot of {origin.name}"
    if store is not None:
        return f"{what} ({types}), the snapshot {store} being merged into it"
    thin = next((run for run in logical.runs if run.type == "thin"), None)
    before = thin.fields.get("origin") if thin else None
    return f"{what} ({types}), snapshot of {before}" if isinstance(before, str) else f"{what} ({types})"


def _snapshots(group: Group) -> tuple[dict[str, _Origin], dict[str, str]]:
    """What each store of a snapshot is of, and which store is being merged into each origin."""
    stores: dict[str, _Origin] = {}
    merging: dict[str, str] = {}
    for logical in group.logical.values():
        for run in logical.runs:
            if run.type != "snapshot":
                continue
            named = (run.fields.get(name, "") for name in ("origin", "cow_store", "merging_store"))
            origin, store, merged = (value if isinstance(value, str) else "" for value in named)
            if store:
                stores[store] = _Origin(origin, run.extents)
            elif merged:
                merging[origin] = merged
    return stores, merging


def _problem(error: LvmError) -> Problem:
    return Problem(what=error.what, where="", offset_bytes=error.offset_bytes, is_damage=error.is_damage)


def _remark(what: str) -> Problem:
    return Problem(what=what, where="", offset_bytes=None, is_damage=False)
