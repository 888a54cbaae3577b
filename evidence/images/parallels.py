"""Disks of Parallels: expanding images of both kinds.

Sources: "Parallels Hard Disk image format", J. Metz, libphdi documentation; QEMU, block/parallels.c (MIT licence).
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import DamagedContainerError, UnsupportedContainerError
from evidence.images.base import Image, Problem
from evidence.images.mapped import BadBlockError, Described, MappedImage, Run, RunKind, stored_or_lost
from evidence.images.signatures import PARALLELS_EXTENDED_SIGNATURE, PARALLELS_SIGNATURE
from evidence.images.source import SourceFile, SourceSet

SECTOR_BYTES = 512
CLUSTER_SECTORS_MAX = 1 << 20
TABLE_ENTRIES_MAX = 32 * 1024 * 1024

_HEADER = struct.Struct("<16s5IQ2I")
_HEADER_BYTES = 64
_IN_USE = 0x746F6E59
_PROBLEMS_MAX = 20
_DIRTY = "The disk is marked as in use: it was not closed properly."
_PAST_END = "the cluster lies behind the end of the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelsHeader:
    """What a header says, checked.

    Attributes:
        extended: Whether the table counts clusters, and not sectors.
        media_bytes: Size of the media.
        cluster_bytes: Size of a cluster.
        entries: Entries of the table.
        in_use: Whether it was not closed properly.
        data_bytes: Where the clusters begin; 0 where it is not said.
    """

    extended: bool
    media_bytes: int
    cluster_bytes: int
    entries: int
    in_use: bool
    data_bytes: int


class ParallelsMap:
    """Where the clusters of an expanding image are; see ``evidence.images.mapped.BlockMap``."""

    def __init__(self, files: SourceSet, header: ParallelsHeader) -> None:
        """Read the table."""
        self.block_bytes = header.cluster_bytes
        self._unit = header.cluster_bytes if header.extended else SECTOR_BYTES
        self._file_bytes, self._name = files.size_bytes, files.paths[0].name
        self._first = max(header.data_bytes, _HEADER_BYTES + header.entries * 4)
        self._table = array("I", files.read(0, _HEADER_BYTES, header.entries * 4))
        if sys.byteorder == "big":
            self._table.byteswap()

    def problems(self) -> Iterator[Problem]:
        """Name the clusters that cannot be where the table says."""
        found = 0
        for number, entry in enumerate(self._table):
            if entry and (why := self._wrong_with(entry)):
                found += 1
                if found > _PROBLEMS_MAX:
                    return
                at = _HEADER_BYTES + 4 * number
                yield Problem(what=f"Cluster {number} is lost: {why}.", where=self._name, offset_bytes=at)

    def runs(self, offset_bytes: int, size_bytes: int, /) -> Iterator[Run]:
        """Say where that part of the media is; see ``BlockMap``."""
        while size_bytes:
            number, inside = divmod(offset_bytes, self.block_bytes)
            length = min(size_bytes, self.block_bytes - inside)
            entry = self._table[number]
            if not entry:
                yield Run(RunKind.BELOW, length)
            elif self._begins_wrong(entry):
                yield Run(RunKind.LOST, length, why=self._wrong_with(entry))
            else:
                yield from stored_or_lost(0, entry * self._unit + inside, length, self._file_bytes, _PAST_END)
            offset_bytes, size_bytes = offset_bytes + length, size_bytes - length

    def unpack(self, run: Run, _: int, /) -> bytes:
        """Refuse: nothing is packed in this format.

        Raises:
            BadBlockError: Always.
        """
        raise BadBlockError(f"the cluster at byte {run.place_bytes} is not packed")

    def _begins_wrong(self, entry: int) -> bool:
        return entry * self._unit < self._first

    def _wrong_with(self, entry: int) -> str:
        if self._begins_wrong(entry):
            return f"the entry {entry:#x} of the table leads into the table itself"
        return _PAST_END if entry * self._unit >= self._file_bytes else ""


def open_on(path: Path, below: Image | None) -> MappedImage:
    """Open an expanding image that may stand on another one, which is closed with it.

    Raises:
        DamagedContainerError: The header is cut off, or says what cannot be.
        UnsupportedContainerError: It has a version that is not known.
        SourceError: It cannot be opened.
    """
    file = SourceFile(path)
    try:
        header = read_header(file)
    finally:
        file.close()
    with ExitStack() as opened:
        files = SourceSet([path])
        opened.callback(files.close)
        blocks = ParallelsMap(files, header)
        problems = [*blocks.problems()]
        if header.in_use:
            problems.append(Problem(what=_DIRTY, where=path.name, offset_bytes=44))
        said = Described(
            container="parallels",
            media_bytes=header.media_bytes,
            metadata={
                "format": "Parallels expanding disk",
                "subformat": (PARALLELS_EXTENDED_SIGNATURE if header.extended else PARALLELS_SIGNATURE).decode(),
                "cluster_bytes": str(header.cluster_bytes),
            },
            problems=problems,
        )
        image = MappedImage(files, blocks, said, below)
        opened.pop_all()
        return image


def read_header(file: SourceFile) -> ParallelsHeader:
    """Read and check the header.

    Raises:
        DamagedContainerError: It is cut off, or says what cannot be.
        UnsupportedContainerError: It has a version that is not known.
    """
    if file.size_bytes < _HEADER_BYTES:
        raise DamagedContainerError(file.path, "the header is cut off", file.size_bytes)
    fields = _HEADER.unpack(file.read(0, _HEADER.size))
    signature, version, _, _, cluster, entries, sectors, in_use, data = fields
    extended = signature == PARALLELS_EXTENDED_SIGNATURE
    if version != 2:
        raise UnsupportedContainerError(file.path, f"Parallels of version {version}")
    sectors = sectors if extended else sectors & 0xFFFFFFFF
    if not 1 <= cluster <= CLUSTER_SECTORS_MAX:
        raise DamagedContainerError(file.path, f"the header says clusters of {cluster} sectors", 28)
    needed = -(-sectors // cluster)
    if needed > min(entries, TABLE_ENTRIES_MAX):
        what = f"the table has {entries} entries, and {needed} are needed for {sectors} sectors"
        raise DamagedContainerError(file.path, what, 32)
    if _HEADER_BYTES + needed * 4 > file.size_bytes:
        raise DamagedContainerError(file.path, "the table lies behind the end of the file", _HEADER_BYTES)
    return ParallelsHeader(
        extended=extended,
        media_bytes=sectors * SECTOR_BYTES,
        cluster_bytes=cluster * SECTOR_BYTES,
        entries=needed,
        in_use=in_use == _IN_USE,
        data_bytes=data * SECTOR_BYTES if extended else 0,
    )
