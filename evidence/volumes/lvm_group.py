"""A volume group as its metadata describes it, every number checked."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.volumes.lvm_text import LvmError, Section, items, number, section, text

_SECTOR_BYTES = 512
_MAX_EXTENT_SECTORS = 1 << 40
_MAX_VOLUMES = 100_000
_MAX_SEGMENTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Physical:
    """A physical volume of the group.

    Attributes:
        name: In the metadata: ``pv0``.
        uuid: 32 characters, without dashes.
        start_bytes: Of its first extent, from its own start.
        extents: How many it has.
    """

    name: str
    uuid: str
    start_bytes: int
    extents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of extents of a logical volume.

    Attributes:
        type: ``striped``, ``raid1``, ``thin`` ...
        extents: How many of the volume's extents it is.
        fields: What else the metadata say of it.
    """

    type: str
    extents: int
    fields: Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """A logical volume.

    Attributes:
        name: Its name.
        uuid: As the tools print it.
        status: Flags such as ``VISIBLE``.
        runs: One behind the other.
        problem: Why it cannot be read, a sentence; empty where its description is whole.
        created_s: When it was made, seconds since 1970 UTC; 0 if not recorded.
    """

    name: str
    uuid: str
    status: frozenset[str]
    runs: tuple[Run, ...]
    problem: str = ""
    created_s: int = 0

    @property
    def extents(self) -> int:
        """How many it has."""
        return sum(run.extents for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A volume group.

    Attributes:
        name: Its name.
        uuid: As the tools print it.
        sequence: Grows with every change.
        extent_bytes: Size of an extent.
        physical: By name.
        logical: By name, in the order of the metadata.
    """

    name: str
    uuid: str
    sequence: int
    extent_bytes: int
    physical: dict[str, Physical]
    logical: dict[str, Logical]


def group_of(document: Section) -> Group:
    """The group that a parsed text describes.

    Raises:
        LvmError: It describes none, or its numbers cannot be.
    """
    found = [(name, inner) for name, inner in document.items() if isinstance(inner, dict)]
    if len(found) != 1:
        raise LvmError(f"The metadata describe {len(found)} volume groups instead of one.")
    name, root = found[0]
    form = text(root, "format", "lvm2")
    if form != "lvm2":
        raise LvmError(f"The metadata are in the format {form}, which is not known.", is_damage=False)
    extent_sectors = number(root, "extent_size")
    if not 0 < extent_sectors <= _MAX_EXTENT_SECTORS:
        raise LvmError(f"The metadata declare extents of {extent_sectors} sectors.")
    physical = {
        key: _physical(key, section(found, key)) for found in [section(root, "physical_volumes")] for key in found
    }
    volumes = section(root, "logical_volumes")
    if len(volumes) > _MAX_VOLUMES:
        raise LvmError(f"The metadata list {len(volumes)} logical volumes.")
    return Group(
        name=name,
        uuid=text(root, "id", ""),
        sequence=number(root, "seqno"),
        extent_bytes=extent_sectors * _SECTOR_BYTES,
        physical=physical,
        logical={key: _logical(key, section(volumes, key)) for key in volumes},
    )


def _physical(name: str, fields: Section) -> Physical:
    return Physical(
        name=name,
        uuid=text(fields, "id").replace("-", ""),
        start_bytes=number(fields, "pe_start") * _SECTOR_BYTES,
        extents=number(fields, "pe_count"),
    )


def _logical(name: str, fields: Section) -> Logical:
    """The volume; one whose description is damaged is kept with the reason, for the others may be whole."""
    status = frozenset(str(item) for item in items(fields, "status"))
    uuid = text(fields, "id", "")
    try:
        runs = _runs(fields)
        created_s = number(fields, "creation_time", 0)
    except LvmError as error:
        return Logical(name=name, uuid=uuid, status=status, runs=(), problem=error.what)
    return Logical(name=name, uuid=uuid, status=status, runs=runs, created_s=created_s)


def _runs(fields: Section) -> tuple[Run, ...]:
    count = number(fields, "segment_count")
    if count > _MAX_SEGMENTS:
        raise LvmError(f"It has {count} segments.")
    found = []
    for index in range(1, count + 1):
        inner = section(fields, f"segment{index}")
        run = Run(type=text(inner, "type"), extents=number(inner, "extent_count"), fields=inner)
        found.append((number(inner, "start_extent"), run))
    found.sort(key=lambda pair: pair[0])
    reached = 0
    for start, run in found:
        if start != reached or run.extents == 0:
            raise LvmError(f"Its segments do not follow each other at extent {reached}.")
        reached += run.extents
    return tuple(run for _, run in found)
