"""Images in the format of Hyper-V: VHDX, fixed, dynamic and differencing, with sectors of 512 or 4096 bytes.

Changes that wait in the log are carried out in memory; readers that leave the log out give other bytes than the
machine would have seen. Source: [MS-VHDX], "Virtual Hard Disk v2 (VHDX) File Format", Microsoft.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError, SourceError, UnreadableRegionError
from evidence.images.base import Problem
from evidence.images.cache import BoundedCache
from evidence.images.parents import CHAIN_MAX, candidates
from evidence.images.piecewise import LayeredImage, next_run, told_if_unused
from evidence.images.signatures import VHDX_FILE_MARK
from evidence.images.source import SourceSet
from evidence.images.stored import TABLE_MAX_BYTES, copy_stored, read_stored
from evidence.images.vhdx_file import VhdxFile
from evidence.images.vhdx_records import MIB

_BITMAPS_BYTES = 8 * 1024 * 1024
_CHUNK_SECTORS = 1 << 23
"""So many sectors have their bits in one block of the sector bitmap."""

_NOT_PRESENT, _UNDEFINED, _ZERO, _UNMAPPED, _EARLY_UNMAPPED, _PRESENT, _PARTIAL = 0, 1, 2, 3, 5, 6, 7
_ZEROS = {_UNDEFINED, _ZERO, _UNMAPPED, _EARLY_UNMAPPED}
_STATE = 7
_PLACE_SHIFT = 20
_NAMES = ("relative_path", "absolute_win32_path", "volume_path")


class VhdxImage(LayeredImage):
    """The media inside a VHDX; see ``evidence.images.base.Image``."""

    def __init__(self, files: SourceSet, found: VhdxFile) -> None:
        """Read the block allocation table.

        Raises:
            DamagedContainerError: It is larger than one can be.
        """
        disk = found.disk
        self._stored, self._disk = found.stored, disk
        self._ratio = _CHUNK_SECTORS * disk.sector_bytes // disk.block_bytes
        self._blocks = -(-disk.media_bytes // disk.block_bytes)
        self._bitmaps: BoundedCache[int, str] = BoundedCache(_BITMAPS_BYTES)
        self._table = self._read_table(files.paths[0], found)
        super().__init__(
            container="vhdx",
            files=files,
            media_bytes=disk.media_bytes,
            sector_bytes=disk.sector_bytes,
            chunk_bytes=disk.sector_bytes,
            metadata=_metadata(found),
            problems=found.problems,
        )
        self.problems = (*self.problems, *self._about_table(found.table.offset_bytes))

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        block, inside = divmod(offset_bytes, self._disk.block_bytes)
        part = target[: self._disk.block_bytes - inside]
        index = block + block // self._ratio
        if index >= len(self._table):
            left = self.media_bytes - offset_bytes
            raise UnreadableRegionError(offset_bytes, left, "the block allocation table ends before")
        state = self._table[index] & _STATE
        if state == _PARTIAL and self._disk.has_parent:
            bits = self._bitmaps.get(block, self._bitmap)
            first = inside // self._disk.sector_bytes
            part = part[: next_run(bits, first, len(bits)) * self._disk.sector_bytes - inside]
            state = _PRESENT if bits[first] == "1" else _NOT_PRESENT
        if state == _PRESENT:
            self._copy(self._table[index], inside, offset_bytes, part)
        elif state == _NOT_PRESENT:
            self._unwritten(offset_bytes, part)
        elif state in _ZEROS:
            part[:] = bytes(len(part))
        else:
            raise UnreadableRegionError(offset_bytes, len(part), f"the block has the state {state}, which cannot be")
        return len(part)

    def _copy(self, entry: int, inside: int, offset_bytes: int, target: memoryview) -> None:
        start = entry >> _PLACE_SHIFT << _PLACE_SHIFT
        if start < MIB:
            raise UnreadableRegionError(offset_bytes, len(target), "the block has no place in the file")
        copy_stored(self._stored, start + inside, target, offset_bytes, self._disk.sector_bytes)

    def _bitmap(self, block: int) -> tuple[str, int]:
        """Which sectors of a block are in this file, a digit for each; and how many digits."""
        chunk, number = divmod(block, self._ratio)
        start = block * self._disk.block_bytes
        length = min(self._disk.block_bytes, self.media_bytes - start)
        index = chunk * (self._ratio + 1) + self._ratio
        if index >= len(self._table) or self._table[index] & _STATE != _PRESENT:
            raise UnreadableRegionError(start, length, "the sector bitmap of the block is missing")
        count = self._disk.block_bytes // self._disk.sector_bytes
        data = bytearray(count // 8)
        try:
            self._copy(self._table[index], number * len(data), start, memoryview(data))
        except UnreadableRegionError as error:
            why = f"the sector bitmap of the block cannot be read: {error.why}"
            raise UnreadableRegionError(start, length, why) from error
        return f"{int.from_bytes(data, 'little'):0{count}b}"[::-1], count

    def _read_table(self, path: Path, found: VhdxFile) -> array[int]:
        size = 8 * self._entries()
        if size > TABLE_MAX_BYTES:
            what = f"the block allocation table would have {size} bytes, more than can be read"
            raise DamagedContainerError(path, what, found.table.offset_bytes)
        data = read_stored(self._stored, found.table.offset_bytes, min(size, found.table.length_bytes))
        table = array("Q")
        table.frombytes(data[: len(data) & ~7])
        if sys.byteorder == "big":
            table.byteswap()
        return table

    def _entries(self) -> int:
        if self._disk.has_parent:
            return -(-self._blocks // self._ratio) * (self._ratio + 1)
        return self._blocks + (self._blocks - 1) // self._ratio

    def _about_table(self, offset_bytes: int) -> list[Problem]:
        found = []
        if len(self._table) < self._entries():
            found.append(f"The block allocation table has {len(self._table)} entries of {self._entries()}.")
        payload = [entry for index, entry in enumerate(self._table) if (index + 1) % (self._ratio + 1)]
        places = sorted(entry >> _PLACE_SHIFT << _PLACE_SHIFT for entry in payload if entry & _STATE in (6, 7))
        outside = sum(1 for place in places if not MIB <= place < self._stored.size_bytes)
        if outside:
            found.append(f"{outside} blocks do not lie within the file.")
        shared = sum(1 for before, here in pairwise(places) if here < before + self._disk.block_bytes)
        if shared:
            found.append(f"{shared} blocks lie where another block lies.")
        where = self.paths[0].name
        problems = [Problem(what=what, where=where, offset_bytes=offset_bytes) for what in found]
        undefined = sum(1 for entry in payload if entry & _STATE == _UNDEFINED)
        if undefined:
            what = f"{undefined} blocks are called undefined by the container; they are read as zeros."
            problems.append(Problem(what=what, where=where, offset_bytes=offset_bytes, is_damage=False))
        return problems


def open_vhdx(paths: Sequence[Path]) -> VhdxImage:
    """Open a VHDX; the parents of a differencing disk are looked for by their names, and among the other paths.

    Raises:
        MissingSegmentError: A parent is missing.
        DamagedContainerError: What is needed to find the media is damaged, or a disk is its own ancestor.
        NotAnImageError: One is no file.
        SourceAccessError: One cannot be opened.
    """
    image = _open(paths[0], paths[1:], ())
    image.problems = (*image.problems, *told_if_unused(image, paths))
    return image


def _open(path: Path, given: Sequence[Path], children: tuple[Path, ...]) -> VhdxImage:
    if path.resolve() in children or len(children) > CHAIN_MAX:
        raise DamagedContainerError(path, "the chain of parents comes back to a disk that is already in it", None)
    files = SourceSet([path])
    try:
        found = VhdxFile(files)
        image = VhdxImage(files, found)
        if found.disk.has_parent:
            image.stand_on(_parent(path, found, given, (*children, path.resolve())))
        return image
    except BaseException:
        files.close()
        raise


def _parent(path: Path, found: VhdxFile, given: Sequence[Path], children: tuple[Path, ...]) -> VhdxImage:
    said = found.disk.parent
    linkages = {_plain(said[key]) for key in ("parent_linkage", "parent_linkage2") if key in said}
    names = [said[key] for key in _NAMES if said.get(key)]
    others = []
    for candidate in candidates(path, names, given):
        if _identifier(candidate) in linkages:
            return _open(candidate, given, children)
        others.append(candidate.name)
    name = names[0] if names else "its parent"
    wanted = f"{name} (the parent of {path.name}, with the identifier {' or '.join(sorted(linkages)) or 'unknown'})"
    if others:
        wanted += f"; {', '.join(others)} is another disk, or was written to since"
    raise MissingSegmentError([path], [wanted])


def _plain(identifier: str) -> str:
    return identifier.strip("{} \0").lower()


def _identifier(path: Path) -> str | None:
    """What a child calls the content of a VHDX, None for a file that is none."""
    try:
        files = SourceSet([path])
    except SourceError:
        return None
    try:
        if not files.size_bytes or files.read(0, 0, min(8, files.size_bytes)) != VHDX_FILE_MARK:
            return None
        return str(VhdxFile(files).header.data_write_id)
    except SourceError:
        return None
    finally:
        files.close()


def _metadata(found: VhdxFile) -> dict[str, str]:
    disk = found.disk
    kind = "differencing" if disk.has_parent else "fixed" if disk.is_fixed else "dynamic"
    said = {
        "disk_type": kind,
        "software": found.creator,
        "unique_id": str(disk.identifier or ""),
        "data_write_id": str(found.header.data_write_id),
        "block_bytes": str(disk.block_bytes),
        "physical_sector_bytes": str(disk.physical_sector_bytes),
        "log_entries_replayed": str(found.replayed or ""),
    }
    said |= {f"parent_{key.removeprefix('parent_')}": value for key, value in sorted(disk.parent.items())}
    return {key: value for key, value in said.items() if value}
