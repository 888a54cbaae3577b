"""Disks of QEMU: QCOW and qcow2.

A cluster that the tables lead out of the file for, or whose entry has bits that must not be there, is unreadable;
QEMU itself reads the first as zeros and overlooks the second.

Sources: "Qcow2 Image File Format", QEMU documentation, docs/interop/qcow2; "The QCOW image format", M. McLoughlin.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError, UnsupportedContainerError
from evidence.images.base import Problem
from evidence.images.layers import Layers, find_named
from evidence.images.mapped import Described, MappedImage
from evidence.images.qcow_header import (
    CORRUPT,
    DATA_FILE,
    DIRTY,
    EXTENDED_L2,
    ZSTD,
    QcowHeader,
    read_header,
)
from evidence.images.qcow_tables import QcowMap
from evidence.images.source import SourceFile, SourceSet

SNAPSHOTS_READ_MAX = 1000
_SNAPSHOT = struct.Struct(">QIHHIIQII")
_SHOWN_NAMES = 20
_SHOWN_TABLES = 20
_BY_OPTIONS = "json:"

_CORRUPT = "The image is marked as corrupt: QEMU found its tables to be inconsistent."
_DIRTY = "The image is marked as dirty: it was not closed properly, and its reference counts may be out of date."


def open_qcow(paths: Sequence[Path], layers: Layers) -> MappedImage:
    """Open a QCOW or qcow2 image, with what it stands on.

    Raises:
        MissingSegmentError: Its backing file or its data file is missing; says which.
        UnsupportedContainerError: It is encrypted, needs a feature that is not known, or names its backing file by
            options of QEMU.
        DamagedContainerError: What is needed to find the media is damaged.
        SourceError: A file cannot be opened, the backing file among them.
    """
    path = paths[0]
    file = SourceFile(path)
    try:
        header = read_header(file)
        problems = [*_marks(path, header), *_snapshots(file, header)]
    finally:
        file.close()
    with ExitStack() as opened:
        files = SourceSet([path, *_data_file(path, header, paths[1:])])
        opened.callback(files.close)
        blocks = QcowMap(files, header)
        problems += _damage(path, header, blocks)
        below = None
        if header.backing_name.startswith(_BY_OPTIONS):
            raise UnsupportedContainerError(
                path, f"{header.title} whose backing file is named in the form {_BY_OPTIONS}"
            )
        if header.backing_name:
            below = layers.open_below(header.backing_name, path, raw=header.backing_format == "raw")
            opened.callback(below.close)
        said = Described(
            container="qcow", media_bytes=header.media_bytes, metadata=_metadata(header), problems=problems
        )
        image = MappedImage(files, blocks, said, below)
        opened.pop_all()
        return image


def _data_file(path: Path, header: QcowHeader, given: Sequence[Path]) -> list[Path]:
    if not header.features & DATA_FILE:
        return []
    found = find_named(header.data_name, path, given)
    if found is None:
        raise MissingSegmentError([path], [header.data_name or "the external data file"])
    if found.samefile(path):
        raise DamagedContainerError(path, "the image names itself as its external data file", None)
    return [found]


def _metadata(header: QcowHeader) -> dict[str, str]:
    said = {
        "format": header.title,
        "cluster_bytes": str(header.cluster_bytes),
        "compression": "zstd" if header.compression == ZSTD else "zlib",
        "backing_file": header.backing_name,
        "backing_format": header.backing_format,
        "data_file": header.data_name,
        "extended_l2": "yes" if header.features & EXTENDED_L2 else "",
        "snapshots": str(header.snapshot_count) if header.snapshot_count else "",
    }
    return {key: value for key, value in said.items() if value}


def _marks(path: Path, header: QcowHeader) -> Iterator[Problem]:
    for bit, what in ((CORRUPT, _CORRUPT), (DIRTY, _DIRTY)):
        if header.features & bit:
            yield Problem(what=what, where=path.name, offset_bytes=72)


def _damage(path: Path, header: QcowHeader, blocks: QcowMap) -> Iterator[Problem]:
    damaged = blocks.damaged_tables()
    for index, why in damaged[:_SHOWN_TABLES]:
        what = f"Entry {index} of the L1 table cannot be followed: {why}."
        yield Problem(what=what, where=path.name, offset_bytes=header.l1_offset_bytes + 8 * index)
    if len(damaged) > _SHOWN_TABLES:
        what = f"{len(damaged) - _SHOWN_TABLES} more entries of the L1 table cannot be followed."
        yield Problem(what=what, where=path.name, offset_bytes=None)


def _snapshots(file: SourceFile, header: QcowHeader) -> Iterator[Problem]:
    """Name the internal snapshots: states of the disk that are in the file and are not shown."""
    if not header.snapshot_count:
        return
    names: list[str] = []
    offset = header.snapshots_offset_bytes
    for _ in range(min(header.snapshot_count, SNAPSHOTS_READ_MAX)):
        if offset + _SNAPSHOT.size > file.size_bytes:
            yield Problem(what="The table of snapshots is cut off.", where=file.path.name, offset_bytes=offset)
            break
        fields = _SNAPSHOT.unpack(file.read(offset, _SNAPSHOT.size))
        extra, id_bytes, name_bytes = fields[8], fields[2], fields[3]
        start = offset + _SNAPSHOT.size + extra
        offset = start + id_bytes + name_bytes
        if offset > file.size_bytes:
            yield Problem(what="The table of snapshots is cut off.", where=file.path.name, offset_bytes=start)
            break
        names.append(file.read(start + id_bytes, name_bytes).decode("utf-8", "replace"))
        offset += -offset % 8
    more = ", ..." if header.snapshot_count > _SHOWN_NAMES else ""
    what = (
        f"The file has {header.snapshot_count} internal snapshots ({', '.join(names[:_SHOWN_NAMES])}{more}): "
        "earlier states of the disk, which are not shown. What is shown is its present state."
    )
    yield Problem(what=what, where=file.path.name, offset_bytes=header.snapshots_offset_bytes, is_damage=False)
