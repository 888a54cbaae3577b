"""Disks of VMware: a descriptor, the extents that it names, and the parent it was made on.

A disk of one sparse file is opened whatever that file is called now. A file that a descriptor names is looked for in
the folder of the descriptor and nowhere else.

Sources: "Virtual Disk Format 5.0", VMware; "VMware Virtual Disk (VMDK) format specification", J. Metz.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError
from evidence.images.base import Image, Problem
from evidence.images.layers import Layers
from evidence.images.mapped import Described, MappedImage
from evidence.images.signatures import VMDK_COWD, VMDK_HOSTED, VMDK_SESPARSE, is_vmdk_descriptor
from evidence.images.source import SourceFile, SourceSet
from evidence.images.vmdk_descriptor import DESCRIPTOR_BYTES_MAX, NO_PARENT, Descriptor, parse
from evidence.images.vmdk_extents import Extents, VmdkMap
from evidence.images.vmdk_find import descriptor_of, is_one_of_several
from evidence.images.vmdk_headers import HostedHeader, read_hosted

_LONE = (
    "This is an extent without its descriptor: it may be a part of a disk only, or stand on another one. "
    "What it does not hold is given as zeros."
)
_DIRTY = "The disk is marked as not closed properly: it was in use, or its machine was not shut down."


@dataclass(slots=True, kw_only=True)
class _Beginning:
    """What the first file is."""

    path: Path
    descriptor: Descriptor | None
    hosted: HostedHeader | None
    problems: list[Problem] = field(default_factory=list)


def open_vmdk(paths: Sequence[Path], layers: Layers) -> MappedImage:
    """Open a disk by its descriptor, by its only file, or by an extent whose descriptor lies beside it.

    Raises:
        MissingSegmentError: An extent, the parent or the descriptor is missing; says which.
        UnsupportedContainerError: It is encrypted, lies on a raw device, or is of a kind that is not known.
        DamagedContainerError: What is needed to find the media is damaged.
        SourceError: A file cannot be opened, the parent among them.
    """
    begun = _begin(paths)
    with ExitStack() as opened:
        extents = Extents(begun.path, [path for path in paths if path != begun.path])
        if begun.descriptor is None and begun.hosted is not None:
            extents.add_lone(begun.hosted)
        elif begun.descriptor is not None:
            extents.add_all(begun.descriptor, begun.hosted)
        files = SourceSet(extents.paths)
        opened.callback(files.close)
        blocks = VmdkMap(files, extents)
        below, parent_problems = None, []
        if begun.descriptor is not None and begun.descriptor.parent_id != NO_PARENT:
            below = _parent(begun.path, begun.descriptor, layers)
            opened.callback(below.close)
            parent_problems = _held_against_parent(begun, below)
        said = Described(
            container="vmdk",
            media_bytes=extents.media_bytes,
            metadata=begun.descriptor.metadata if begun.descriptor else {"format": "VMDK"},
            problems=[*begun.problems, *extents.problems, *blocks.problems(), *parent_problems],
        )
        image = MappedImage(files, blocks, said, below)
        opened.pop_all()
        return image


def _begin(paths: Sequence[Path]) -> _Beginning:
    lone: _Beginning | None = None
    for path in paths:
        begun = _look_at(path)
        if begun is not None and begun.descriptor is not None:
            return begun
        lone = lone or begun
    other = descriptor_of(paths[0])
    begun = None if other is None else _look_at(other)
    if begun is not None and begun.descriptor is not None:
        return begun
    if lone is None or lone.hosted is None or not lone.hosted.capacity_bytes or is_one_of_several(paths[0]):
        raise MissingSegmentError(paths, [f"the descriptor of {paths[0].name}"])
    lone.problems.append(Problem(what=_LONE, where=paths[0].name, offset_bytes=None))
    return lone


def _look_at(path: Path) -> _Beginning | None:
    """Find the descriptor in a file; None for a file that is no VMDK by itself."""
    file = SourceFile(path)
    try:
        head = file.read(0, min(4096, file.size_bytes))
        if head.startswith(VMDK_HOSTED):
            return _hosted(file)
        if head.startswith((VMDK_COWD, VMDK_SESPARSE)):
            return _Beginning(path=path, descriptor=None, hosted=None)
        if not is_vmdk_descriptor(head):
            return None
        if file.size_bytes > DESCRIPTOR_BYTES_MAX:
            raise DamagedContainerError(path, f"the descriptor has {file.size_bytes} bytes", None)
        descriptor = parse(file.read(0, file.size_bytes), path)
    finally:
        file.close()
    if not descriptor.extents:
        raise DamagedContainerError(path, "the descriptor names no part of the disk", None)
    return _Beginning(path=path, descriptor=descriptor, hosted=None)


def _hosted(file: SourceFile) -> _Beginning:
    header = read_hosted(file)
    begun = _Beginning(path=file.path, descriptor=None, hosted=header)
    if header.is_dirty:
        begun.problems.append(Problem(what=_DIRTY, where=file.path.name, offset_bytes=72))
    if header.descriptor:
        descriptor = parse(header.descriptor, file.path)
        begun.descriptor = descriptor if descriptor.extents else None
    return begun


def _parent(path: Path, descriptor: Descriptor, layers: Layers) -> Image:
    if not descriptor.parent_hint:
        missing = f"the parent with the content identifier {descriptor.parent_id:08x}"
        raise MissingSegmentError([path], [missing])
    return layers.open_below(descriptor.parent_hint, path)


def _held_against_parent(begun: _Beginning, below: Image) -> list[Problem]:
    wanted = f"{begun.descriptor.parent_id:08x}" if begun.descriptor else ""
    found = below.metadata.get("content_id", "").removeprefix("0x").zfill(8)
    if below.container == "vmdk" and found == wanted:
        return []
    what = (
        f"The parent has the content identifier {found}, and the disk was made on {wanted}: the parent was changed "
        "since, or is another one."
    )
    return [Problem(what=what, where=below.paths[0].name, offset_bytes=None)]
