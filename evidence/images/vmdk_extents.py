"""The extents of a VMDK, one behind the other, and where their bytes are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError, UnsupportedContainerError
from evidence.images.base import Problem
from evidence.images.mapped import Run, RunKind, stored_or_lost
from evidence.images.signatures import VMDK_COWD, VMDK_HOSTED, VMDK_SESPARSE
from evidence.images.source import SourceFile, SourceSet
from evidence.images.vmdk_descriptor import Descriptor, ExtentLine
from evidence.images.vmdk_find import find_extent
from evidence.images.vmdk_headers import (
    HostedHeader,
    cowd_layout,
    hosted_layout,
    read_hosted,
    sesparse_layout,
)
from evidence.images.vmdk_sparse import GrainLayout, SparseExtent

FLAT_BLOCK_BYTES = 64 * 1024

_FLAT_KINDS, _SPARSE_KINDS = ("FLAT", "VMFS"), ("SPARSE", "VMFSSPARSE", "SESPARSE")
_DEVICES = ("\\\\.\\", "/dev/", "//./")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A part of the disk.

    Attributes:
        length_bytes: Its size.
        kind: "FLAT", "SPARSE", "ZERO" or "NOACCESS".
        file: The index of its file; 0 where it has none.
        start_bytes: Where it begins in its file, for flat ones.
    """

    length_bytes: int
    kind: str
    file: int = 0
    start_bytes: int = 0


class Extents:
    """Finds the files of the extents.

    Attributes:
        paths: The files of the disk: the descriptor, then the extents.
        extents: Its parts, in order.
        problems: What was found to be wrong.
    """

    def __init__(self, path: Path, given: list[Path]) -> None:
        """Begin with the file that has the descriptor; ``given`` are other files that the user named."""
        self.paths, self._given = [path], given
        self.extents: list[Extent] = []
        self.problems: list[Problem] = []

    @property
    def media_bytes(self) -> int:
        """Size of the disk."""
        return sum(extent.length_bytes for extent in self.extents)

    def add_lone(self, header: HostedHeader) -> None:
        """Take the first file as the only extent."""
        self.extents.append(Extent(length_bytes=header.capacity_bytes, kind="SPARSE"))

    def add_all(self, descriptor: Descriptor, header: HostedHeader | None) -> None:
        """Take the extents that a descriptor names.

        Args:
            descriptor: What it says.
            header: Of the sparse extent that it is embedded in.

        Raises:
            MissingSegmentError: Files are missing; all are named.
            UnsupportedContainerError: One is a raw device, or of a kind that is not known.
        """
        own = self._embedded_in(descriptor, header)
        missing = []
        for number, line in enumerate(descriptor.extents):
            file = 0 if number == own else self._file_of(line)
            if file is None:
                missing.append(line.name)
                continue
            kind = "NOACCESS" if line.access == "NOACCESS" else line.kind
            kind = "FLAT" if kind in _FLAT_KINDS else "SPARSE" if kind in _SPARSE_KINDS else kind
            self.extents.append(
                Extent(length_bytes=line.length_bytes, kind=kind, file=file, start_bytes=line.start_bytes)
            )
        if missing:
            raise MissingSegmentError(self.paths, dict.fromkeys(missing))

    def _embedded_in(self, descriptor: Descriptor, header: HostedHeader | None) -> int | None:
        """The number of the extent that is the very file with the descriptor, whatever its name is now."""
        if header is None or not header.capacity_bytes:
            return None
        sparse = [number for number, line in enumerate(descriptor.extents) if line.kind in _SPARSE_KINDS]
        named = [number for number in sparse if descriptor.extents[number].name == self.paths[0].name]
        own = next(iter(named or sparse), None)
        if own is None:
            raise DamagedContainerError(self.paths[0], "the embedded descriptor does not name its own file", None)
        said = descriptor.extents[own].length_bytes
        if said != header.capacity_bytes:
            what = f"The descriptor says {said} bytes, and the header of the extent {header.capacity_bytes}."
            harmless = said < header.capacity_bytes <= -(-said // header.grain_bytes) * header.grain_bytes
            where = self.paths[0].name
            self.problems.append(Problem(what=what, where=where, offset_bytes=12, is_damage=not harmless))
        return own

    def _file_of(self, line: ExtentLine) -> int | None:
        if line.kind == "ZERO" or line.access == "NOACCESS":
            return 0
        if line.kind not in (*_FLAT_KINDS, *_SPARSE_KINDS) or line.name.lower().startswith(_DEVICES):
            raise UnsupportedContainerError(self.paths[0], f"VMDK on a raw device ({line.kind} {line.name})")
        found = find_extent(line.name, self.paths[0], self._given)
        if found is None:
            return None
        if found.name.casefold() != line.name.replace("\\", "/").rsplit("/", 1)[-1].casefold():
            what = f"The descriptor calls this file {line.name}: it was renamed."
            self.problems.append(Problem(what=what, where=found.name, offset_bytes=None, is_damage=False))
        if found not in self.paths:
            self.paths.append(found)
        return self.paths.index(found)


class VmdkMap:
    """Where the bytes of a disk are; see ``evidence.images.mapped.BlockMap``."""

    def __init__(self, files: SourceSet, extents: Extents) -> None:
        """Read the headers and directories of the sparse extents.

        Raises:
            DamagedContainerError: One is damaged so far that nothing can be found in it.
            UnsupportedContainerError: One is of a kind that is not known.
        """
        self._files, self._extents = files, extents.extents
        self._ends = list(accumulate(extent.length_bytes for extent in self._extents))
        self._sparse: dict[int, SparseExtent] = {}
        for number, extent in enumerate(self._extents):
            if extent.kind == "SPARSE":
                layout = _layout(files.paths[extent.file])
                start = self._ends[number] - extent.length_bytes
                self._sparse[number] = SparseExtent(files, extent.file, layout, start)
        self.block_bytes = max((sparse.block_bytes for sparse in self._sparse.values()), default=FLAT_BLOCK_BYTES)

    def problems(self) -> Iterator[Problem]:
        """Name what is missing of the extents."""
        for number, extent in enumerate(self._extents):
            if extent.kind == "SPARSE":
                yield from self._sparse[number].problems()
            elif extent.kind == "FLAT":
                there = self._files.sizes_bytes[extent.file] - extent.start_bytes
                if there < extent.length_bytes:
                    what = f"The descriptor says {extent.length_bytes} bytes of this file, and it has {max(0, there)}."
                    yield Problem(what=what, where=self._files.paths[extent.file].name, offset_bytes=None)
            elif extent.kind == "NOACCESS":
                what = f"The descriptor does not give access to {extent.length_bytes} bytes of the disk."
                yield Problem(what=what, where=self._files.paths[0].name, offset_bytes=None)

    def runs(self, offset_bytes: int, size_bytes: int, /) -> Iterator[Run]:
        """Say where that part of the media is; see ``BlockMap``."""
        stop = offset_bytes + size_bytes
        while offset_bytes < stop:
            number = bisect_right(self._ends, offset_bytes)
            start = self._ends[number] - self._extents[number].length_bytes
            end = min(stop, self._ends[number])
            yield from self._in_extent(number, offset_bytes - start, end - offset_bytes)
            offset_bytes = end

    def unpack(self, run: Run, offset_bytes: int, /) -> bytes:
        """Unpack a compressed grain; see ``BlockMap``."""
        return self._sparse[bisect_right(self._ends, offset_bytes)].unpack(run, offset_bytes)

    def _in_extent(self, number: int, inside: int, size: int) -> Iterator[Run]:
        extent = self._extents[number]
        if extent.kind == "SPARSE":
            yield from self._sparse[number].runs(inside, size)
        elif extent.kind == "FLAT":
            file_bytes, place = self._files.sizes_bytes[extent.file], extent.start_bytes + inside
            yield from stored_or_lost(extent.file, place, size, file_bytes, "the file of the extent is cut off")
        elif extent.kind == "ZERO":
            yield Run(RunKind.ZEROS, size)
        else:
            yield Run(RunKind.LOST, size, why="the descriptor does not give access to this extent")


def _layout(path: Path) -> GrainLayout:
    file = SourceFile(path)
    try:
        head = file.read(0, min(8, file.size_bytes))
        if head.startswith(VMDK_HOSTED):
            header = read_hosted(file)
            if not header.capacity_bytes:
                raise DamagedContainerError(path, "the header says an extent of 0 bytes", 12)
            return hosted_layout(file, header)
        if head.startswith(VMDK_COWD):
            return cowd_layout(file)
        if head.startswith(VMDK_SESPARSE):
            return sesparse_layout(file)
    finally:
        file.close()
    raise DamagedContainerError(path, "it is no sparse extent, and its descriptor says that it is one", 0)
