"""Images in the Virtual Hard Disk format of Virtual PC, Virtual Server, Hyper-V and others: VHD.

Fixed, dynamic and differencing disks, the last with their chain of parents. A sector that the bitmap of its block
calls unwritten is zeros, or the parent's. Source: "Virtual Hard Disk Image Format Specification", version 1.0,
Microsoft.
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
from evidence.images.source import SourceSet
from evidence.images.stored import TABLE_MAX_BYTES, JoinedFiles, copy_stored, read_stored
from evidence.images.vhd_records import (
    DIFFERENCING,
    FIXED,
    HEADER_BYTES,
    KINDS,
    SECTOR_BYTES,
    UNUSED,
    Footer,
    Header,
    NoRecordError,
    locator_name,
    read_header,
)
from evidence.images.vhd_set import Footers, files_of, find_footer

_BITMAPS_BYTES = 8 * 1024 * 1024


class VhdImage(LayeredImage):
    """The media inside a VHD; see ``evidence.images.base.Image``.

    Attributes:
        footer: The footer that counts.
    """

    def __init__(self, files: SourceSet, stored: JoinedFiles, found: Footers, metadata: dict[str, str]) -> None:
        """Take what was found at the ends of the file."""
        self.footer = found.footer
        problems = [*found.problems, *_about_size(found.footer, files.paths[0])]
        super().__init__(
            container="vhd",
            files=files,
            media_bytes=found.footer.media_bytes,
            sector_bytes=SECTOR_BYTES,
            chunk_bytes=SECTOR_BYTES,
            metadata=metadata,
            problems=problems,
        )
        self._stored = stored
        stored.size_bytes = found.data_bytes


class FixedVhd(VhdImage):
    """A disk whose media lies in the file as it is, with a footer behind it."""

    def __init__(self, files: SourceSet, stored: JoinedFiles, found: Footers) -> None:
        """See ``VhdImage``."""
        super().__init__(files, stored, found, found.footer.metadata())
        there, size = found.data_bytes, found.footer.size_bytes
        if there != max(size, self.media_bytes):
            what = f"The footer tells of {size} bytes and {there} lie before it."
            told = Problem(
                what=what, where=files.paths[-1].name, offset_bytes=there, is_damage=there < self.media_bytes
            )
            self.problems = (*self.problems, told)

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        copy_stored(self._stored, offset_bytes, target, offset_bytes, SECTOR_BYTES)
        return len(target)


class DynamicVhd(VhdImage):
    """A disk that keeps the blocks that were written, and may build on a parent."""

    def __init__(self, files: SourceSet, stored: JoinedFiles, found: Footers, header: Header) -> None:
        """Read the table of blocks; see ``VhdImage``.

        Raises:
            DamagedContainerError: The table is larger than one can be.
        """
        metadata = found.footer.metadata() | {"block_bytes": str(header.block_bytes)}
        if found.footer.kind == DIFFERENCING:
            metadata |= {"parent_id": str(header.parent_id), "parent_name": header.parent_name}
        super().__init__(files, stored, found, metadata)
        self._header = header
        self._bitmaps: BoundedCache[int, str] = BoundedCache(_BITMAPS_BYTES)
        self._table = self._read_table()
        self.problems = (*self.problems, *self._about_header(), *self._about_table())

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        block, inside = divmod(offset_bytes, self._header.block_bytes)
        part = target[: self._header.block_bytes - inside]
        if block >= len(self._table):
            left = self.media_bytes - offset_bytes
            raise UnreadableRegionError(offset_bytes, left, "the table of blocks ends before")
        if self._table[block] == UNUSED:
            self._unwritten(offset_bytes, part)
            return len(part)
        bits = self._bitmaps.get(block, self._bitmap)
        first = inside // SECTOR_BYTES
        end = next_run(bits, first, len(bits))
        part = part[: end * SECTOR_BYTES - inside]
        if bits[first] == "0":
            self._unwritten(offset_bytes, part)
        else:
            place = self._table[block] * SECTOR_BYTES + self._header.bitmap_bytes + inside
            copy_stored(self._stored, place, part, offset_bytes, SECTOR_BYTES)
        return len(part)

    def _bitmap(self, block: int) -> tuple[str, int]:
        """Which sectors of a block are written, a digit for each; and how many digits."""
        count = self._header.block_bytes // SECTOR_BYTES
        data = bytearray(-(-count // 8))
        start = block * self._header.block_bytes
        place = self._table[block] * SECTOR_BYTES
        try:
            copy_stored(self._stored, place, memoryview(data), start, SECTOR_BYTES)
        except UnreadableRegionError as error:
            length = min(self._header.block_bytes, self.media_bytes - start)
            raise UnreadableRegionError(start, length, f"the bitmap of the block: {error.why}") from error
        digits = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}"
        return digits[:count], count

    def _read_table(self) -> array[int]:
        needed = -(-self.media_bytes // self._header.block_bytes)
        size = 4 * min(needed, self._header.entries)
        if size > TABLE_MAX_BYTES:
            what = f"the table of blocks would have {size} bytes, more than any disk needs"
            raise DamagedContainerError(self.paths[0], what, self._header.table_at_bytes)
        table = array("I")
        data = read_stored(self._stored, self._header.table_at_bytes, size)
        table.frombytes(data[: len(data) & ~3])
        if sys.byteorder == "little":
            table.byteswap()
        return table

    def _about_header(self) -> list[Problem]:
        if self._header.is_whole:
            return []
        what = "The checksum of the header of the dynamic disk is wrong."
        return [self._told(what, self.footer.header_at_bytes)]

    def _about_table(self) -> list[Problem]:
        found = []
        at = self._header.table_at_bytes
        needed = -(-self.media_bytes // self._header.block_bytes)
        if len(self._table) < needed:
            found.append(self._told(f"The table of blocks has {len(self._table)} entries of {needed}.", at))
        used = [entry for entry in self._table if entry != UNUSED]
        data_sectors = self._stored.size_bytes // SECTOR_BYTES
        outside = sum(1 for entry in used if entry >= data_sectors)
        if outside:
            found.append(self._told(f"{outside} blocks lie past the end of the file.", at))
        stride = (self._header.bitmap_bytes + self._header.block_bytes) // SECTOR_BYTES
        used.sort()
        overlapping = sum(1 for before, here in pairwise(used) if here < before + stride)
        if overlapping:
            found.append(self._told(f"{overlapping} blocks lie where another block lies.", at))
        return found

    def _told(self, what: str, offset_bytes: int) -> Problem:
        return Problem(what=what, where=self.paths[0].name, offset_bytes=offset_bytes)


def open_vhd(paths: Sequence[Path]) -> VhdImage:
    """Open a VHD; the parents of a differencing disk are looked for by their names, and among the other paths.

    Raises:
        MissingSegmentError: A parent, or a part of a split disk, is missing.
        DamagedContainerError: What is needed to find the media is damaged, or a disk is its own ancestor.
        NotAnImageError: One is no file.
        SourceAccessError: One cannot be opened.
    """
    image = _open(paths[0], paths[1:], ())
    image.problems = (*image.problems, *told_if_unused(image, paths))
    return image


def _open(path: Path, given: Sequence[Path], children: tuple[Path, ...]) -> VhdImage:
    if path.resolve() in children or len(children) > CHAIN_MAX:
        raise DamagedContainerError(path, "the chain of parents comes back to a disk that is already in it", None)
    files = files_of(path)
    try:
        stored = JoinedFiles(files)
        found = find_footer(files, stored)
        if found.footer.kind == FIXED:
            return FixedVhd(files, stored, found)
        image = DynamicVhd(files, stored, found, header := _header(files, stored, found.footer))
        if found.footer.kind == DIFFERENCING:
            image.stand_on(_parent(files, stored, header, given, (*children, path.resolve())))
        return image
    except BaseException:
        files.close()
        raise


def _header(files: SourceSet, stored: JoinedFiles, footer: Footer) -> Header:
    try:
        return read_header(read_stored(stored, footer.header_at_bytes, HEADER_BYTES))
    except NoRecordError as error:
        raise DamagedContainerError(files.paths[0], str(error), footer.header_at_bytes) from error


def _parent(
    files: SourceSet, stored: JoinedFiles, header: Header, given: Sequence[Path], children: tuple[Path, ...]
) -> VhdImage:
    names = [
        locator_name(locator.platform, read_stored(stored, locator.offset_bytes, locator.length_bytes))
        for locator in sorted(header.locators, key=lambda locator: locator.platform != b"W2ru")
    ]
    names = [name for name in (*names, header.parent_name) if name]
    others = []
    for path in candidates(files.paths[0], names, given):
        identifier = _identifier(path)
        if identifier == header.parent_id.bytes:
            return _open(path, given, children)
        others.append(path.name)
    name = names[-1] if names else "its parent"
    wanted = f"{name} (the parent of {files.paths[0].name}, with the identifier {header.parent_id})"
    if others:
        wanted += f"; {', '.join(others)} is another disk"
    raise MissingSegmentError(files.paths, [wanted])


def _identifier(path: Path) -> bytes | None:
    """The identifier of a VHD, None for a file that is none."""
    try:
        files = files_of(path)
    except SourceError:
        return None
    try:
        return find_footer(files, JoinedFiles(files)).footer.identifier.bytes
    except SourceError:
        return None
    finally:
        files.close()


def _about_size(footer: Footer, path: Path) -> list[Problem]:
    if footer.media_bytes == footer.size_bytes:
        return []
    what = (
        f"The geometry gives {footer.geometry_bytes} bytes and the footer {footer.size_bytes}. The program that made "
        f"this {KINDS[footer.kind]} disk goes by the geometry, and so does this reader."
    )
    return [Problem(what=what, where=path.name, offset_bytes=None, is_damage=False)]
