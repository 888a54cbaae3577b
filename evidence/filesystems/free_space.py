"""Which blocks of a file system no file uses, from its own bitmaps and tables.

Sources: Microsoft's FAT32 and exFAT specifications, the Linux kernel's documentation of ext4 and NTFS, Apple's TN1150.
The answers are those of ``blkls`` of The Sleuth Kit.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from evidence.filesystems.content import CHUNK_BYTES
from evidence.filesystems.ext_groups import Groups, exactly
from evidence.filesystems.ranges import KEEPS_NO_RECORD, Range, clear_bits, no_free_space
from evidence.later import Later
from evidence.volumes.base import Readable

_UFS = Later("evidence.filesystems.ufs_free_space", "free_of")
_NTFS_BITMAP, _HFS_ALLOCATION = 6, 6
_EXFAT_BITMAP = 0x81
_COMPRESSED, _NOT_STORED = 0x10, 0x03
"""Flags of pytsk3: of an attribute, and of a run that is sparse or only fills a gap."""


def free_ranges(type_: str, source: Readable, handle: Any) -> Iterator[Range]:
    """The ranges that are not allocated, in order; those that touch each other are not joined.

    Args:
        type_: Of the file system.
        source: The volume.
        handle: ``pytsk3.FS_Info`` of it.

    Raises:
        OSError: The type keeps no such record that is read here, or it cannot be read.
        UnreadableRegionError: It cannot be read.
    """
    if type_ == "ntfs":
        return _of_file(handle, _NTFS_BITMAP, highest_first=False)
    if type_ == "hfs+":
        return _of_file(handle, _HFS_ALLOCATION, highest_first=True)
    reader = _READERS.get(type_)
    if reader is None:
        raise OSError(no_free_space(type_))
    return reader(source)


def slack_ranges(handle: Any, attribute: tuple[int, int] | None, block_bytes: int) -> Iterator[Range]:
    """What lies behind the end of a content in the blocks that belong to it.

    Nothing behind a compressed content, whose last blocks are not those of its end.

    Args:
        handle: ``pytsk3.File``.
        attribute: Type and id; None for the first that has blocks.
        block_bytes: Size of a block of the file system, as the runs count.
    """
    runs, size_bytes = _stored(handle, attribute)
    yield from _behind(runs, size_bytes, block_bytes)


def unwritten_ranges(
    handle: Any, attribute: tuple[int, int] | None, block_bytes: int, valid_bytes: int
) -> Iterator[Range]:
    """What lies in the blocks of a content between the size that was ever written and the declared one.

    The system gives zeros for it, so it is in no content. Nothing of a compressed one. Arguments as for
    :func:`slack_ranges`.
    """
    runs, size_bytes = _stored(handle, attribute)
    for run in runs:
        start, length = run.offset * block_bytes, run.len * block_bytes
        first, last = max(start, valid_bytes), min(start + length, size_bytes)
        if first < last and not int(run.flags) & _NOT_STORED:
            yield run.addr * block_bytes + first - start, last - first


def stored_runs(handle: Any, attribute: tuple[int, int] | None, block_bytes: int) -> Iterator[tuple[int, int, int]]:
    """Where a content lies: of each run its place in the content, its offset in the volume and its length, in bytes.

    Nothing of a content that is compressed or stands in its own record. Arguments as for :func:`slack_ranges`.
    """
    runs, _ = _stored(handle, attribute)
    for run in runs:
        if not int(run.flags) & _NOT_STORED:
            yield run.offset * block_bytes, run.addr * block_bytes, run.len * block_bytes


def all_runs(handle: Any, attribute: tuple[int, int] | None, block_bytes: int) -> Iterator[Range]:
    """Where the runs of an attribute lie, whatever form its content has there; of all attributes where none is named.

    Arguments as for :func:`slack_ranges`.
    """
    for found in handle:
        if attribute is None or (int(found.info.type), int(found.info.id)) == attribute:
            for run in found:
                if not int(run.flags) & _NOT_STORED:
                    yield run.addr * block_bytes, run.len * block_bytes


def _stored(handle: Any, attribute: tuple[int, int] | None) -> tuple[list[Any], int]:
    """The runs of a content and its size in bytes; none of one that is compressed or stands in its own record."""
    for found in handle:
        info = found.info
        if attribute is not None and (int(info.type), int(info.id)) != attribute:
            continue
        runs = list(found)
        if runs or attribute is not None:
            return ([] if int(info.flags) & _COMPRESSED else runs), int(info.size)
    return [], 0


def _behind(runs: list[Any], size_bytes: int, block_bytes: int) -> Iterator[Range]:
    for run in runs:
        start, length = run.offset * block_bytes, run.len * block_bytes
        used = min(max(0, size_bytes - start), length)
        if used < length and not int(run.flags) & _NOT_STORED:
            yield run.addr * block_bytes + used, length - used


def _of_file(handle: Any, address: int, *, highest_first: bool) -> Iterator[Range]:
    """By a bitmap that is the content of a file."""
    info, file = handle.info, handle.open_meta(address)
    size = file.info.meta.size

    def pieces() -> Iterator[bytes]:
        for at in range(0, size, CHUNK_BYTES):
            yield file.read_random(at, min(CHUNK_BYTES, size - at))

    for start, count in clear_bits(pieces(), info.block_count, highest_first=highest_first):
        yield start * info.block_size, count * info.block_size


def _fat(source: Readable) -> Iterator[Range]:
    """By the first table: an entry of 0 is a free cluster; what is behind the last cluster belongs to none."""
    boot = exactly(source, 0, 512)
    sector, per_cluster, reserved, copies, roots, small, _, per_fat = struct.unpack_from("<HBHBHHBH", boot, 11)
    large, wide = struct.unpack_from("<II", boot, 32)
    sectors, table = small or large, per_fat or wide
    data_at = reserved + copies * table + -(-roots * 32 // sector)
    clusters = (sectors - data_at) // per_cluster
    bits = 32 if not per_fat else 12 if clusters < 4085 else 16
    first, size = data_at * sector, per_cluster * sector
    held = table * sector * 8 // bits - 2  # clusters that the table has an entry for
    for index, entry in _entries(source, reserved * sector, bits, min(clusters, held)):
        if entry & 0x0FFFFFFF == 0:
            yield first + index * size, size
    behind = first + clusters * size
    if behind < sectors * sector:
        yield behind, sectors * sector - behind


def _entries(source: Readable, at: int, bits: int, clusters: int) -> Iterator[tuple[int, int]]:
    """Each cluster, counted from 0, with its entry in the table."""
    if bits == 12:
        table = exactly(source, at, (clusters + 2) * 3 // 2 + 1)
        for index in range(clusters):
            place = (index + 2) * 3 // 2
            entry = table[place] | table[place + 1] << 8
            yield index, entry >> 4 if index & 1 else entry & 0xFFF
        return
    width, index = bits // 8, 0
    end = at + (clusters + 2) * width
    for start in range(at + 2 * width, end, CHUNK_BYTES):
        entries = array("I" if bits == 32 else "H", exactly(source, start, min(CHUNK_BYTES, end - start)))
        for entry in entries:
            yield index, entry
            index += 1


def _exfat(source: Readable) -> Iterator[Range]:
    """By the allocation bitmap, which an entry of the root directory leads to."""
    boot = exactly(source, 0, 512)
    sector, cluster = 1 << boot[108], 1 << boot[108] << boot[109]
    heap, clusters, root = struct.unpack_from("<III", boot, 88)
    directory = source.read_at(heap * sector + (root - 2) * cluster, cluster)
    for at in range(0, len(directory) - 31, 32):
        if directory[at] == _EXFAT_BITMAP and not directory[at + 1] & 1:
            begin, size = struct.unpack_from("<IQ", directory, at + 20)
            break
    else:
        raise OSError("the root directory does not lead to the allocation bitmap")
    place, size = heap * sector + (begin - 2) * cluster, min(size, -(-clusters // 8))
    pieces = (exactly(source, place + at, min(CHUNK_BYTES, size - at)) for at in range(0, size, CHUNK_BYTES))
    for start, count in clear_bits(pieces, clusters):
        yield heap * sector + start * cluster, count * cluster


def _ext(source: Readable) -> Iterator[Range]:
    """By the bitmap of each group of blocks."""
    return Groups(source).free()


_READERS: dict[str, Callable[[Readable], Iterator[Range]]] = {
    **dict.fromkeys(("fat12", "fat16", "fat32"), _fat),
    "exfat": _exfat,
    **dict.fromkeys(("ext2", "ext3", "ext4"), _ext),
    **dict.fromkeys(("ufs1", "ufs2"), _UFS),
}

_BY_THEMSELVES = frozenset({"apfs", "btrfs", "hfs", "udf", "xfs"})
"""Types whose readers are of our own, and tell it without this file."""

READS_FREE_SPACE_OF = frozenset({"ntfs", "hfs+", *_READERS, *_BY_THEMSELVES})
"""Types of file systems of which is known which blocks no file uses."""

TELLS_PLACES_OF = READS_FREE_SPACE_OF | KEEPS_NO_RECORD
"""Types of file systems of which is known where in the volume every content lies."""

READS_SLACK_OF = READS_FREE_SPACE_OF | {"iso9660"}
"""Types of file systems of which the slack of files is known."""


def keeps_in_records(type_: str, volume_kind: str) -> bool:
    """Whether directories and links are records of trees there, which no content is: they lie among the metadata."""
    return type_ in _BY_THEMSELVES or type_ == "squashfs" or (type_ == "iso9660" and volume_kind == "logical")


def has_unallocated(type_: str, kind: str) -> bool:
    """Whether what no file uses is shown with a volume of that kind whose file system is of that type.

    That of an APFS container is shown once, with the volume that the container lies in, and not with those in it.
    """
    return type_ in READS_FREE_SPACE_OF and not (type_ == "apfs" and kind in ("pool_volume", "snapshot"))
