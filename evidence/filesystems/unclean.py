"""Whether a file system was unmounted, and whether its journal holds changes that were never brought to their places.

Nothing is replayed here: files are listed as they stand on the disk. Sources: the Linux kernel's documentation of ext4,
Apple's TN1150 (HFS+) and Microsoft's FAT and exFAT specifications.
"""

from __future__ import annotations

import struct

from evidence.volumes.base import Readable, peek

_AS_ON_DISK = "The files are listed as they stand on the disk."
_WITH_CHANGES = (
    "The journal holds changes that were never brought to their places: the volume was not unmounted. "
    f"They are not applied. {_AS_ON_DISK}"
)
NOT_UNMOUNTED = f"The volume is marked as in use: it was not unmounted. {_AS_ON_DISK}"
_EXT_RECOVER, _EXT_CLEAN = 0x4, 0x1
_HFS_UNMOUNTED, _HFS_JOURNALED = 1 << 8, 1 << 13
_JOURNAL_MAGIC = 0x4A4E4C78
_EXFAT_DIRTY = 0x2
_FAT_MARKS = {
    "fat16": ("<H", 2, 0x3FF8, 0x8000, 37),
    "fat32": ("<I", 4, 0x03FFFFF8, 0x08000000, 65),
}
"""How an entry of the table is packed, its size, the bits that are set in an end mark, the one that says that the
volume was unmounted, and where the boot sector keeps the same."""


def unclean(source: Readable, kind: str) -> str | None:
    """A sentence on a volume of this kind of file system that was not unmounted; None where it was, or does not say."""
    if kind.startswith("ext"):
        return _ext(peek(source, 1024, 1024))
    if kind == "hfs+":
        return _hfs_plus(source)
    if kind == "exfat":
        boot = peek(source, 0, 512)
        is_dirty = len(boot) == 512 and struct.unpack_from("<H", boot, 106)[0] & _EXFAT_DIRTY
        return NOT_UNMOUNTED if is_dirty else None
    return _fat(source, kind) if kind in ("fat16", "fat32") else None


def _ext(block: bytes) -> str | None:
    if len(block) < 1024:
        return None
    (state,), (incompatible,) = struct.unpack_from("<H", block, 58), struct.unpack_from("<I", block, 96)
    if incompatible & _EXT_RECOVER:
        return _WITH_CHANGES
    return None if state & _EXT_CLEAN else NOT_UNMOUNTED


def _hfs_plus(source: Readable) -> str | None:
    header = peek(source, 1024, 512)
    if len(header) < 512:
        return None
    (attributes,), (info_block,), (block_bytes,) = (struct.unpack_from(">I", header, at) for at in (4, 12, 40))
    if attributes & _HFS_JOURNALED and _has_transactions(source, info_block * block_bytes):
        return _WITH_CHANGES
    return None if attributes & _HFS_UNMOUNTED else NOT_UNMOUNTED


def _has_transactions(source: Readable, info_at: int) -> bool:
    """Whether the journal that the information at ``info_at`` leads to begins and ends at different places."""
    info = peek(source, info_at, 52)
    if len(info) < 52:
        return False
    journal = peek(source, struct.unpack_from(">Q", info, 36)[0], 24)
    for order in "<>":
        if len(journal) == 24 and struct.unpack_from(f"{order}I", journal)[0] == _JOURNAL_MAGIC:
            start, end = struct.unpack_from(f"{order}QQ", journal, 8)
            return bool(start != end)
    return False


def _fat(source: Readable, kind: str) -> str | None:
    """By the byte that Windows and Linux mark, or by the second entry of the table: an end mark without its top bit."""
    boot = peek(source, 0, 90)
    if len(boot) < 90:
        return None
    sector, reserved = struct.unpack_from("<HxH", boot, 11)
    code, size, end, clean, at = _FAT_MARKS[kind]
    raw = peek(source, sector * reserved + size, size)
    (entry,) = struct.unpack(code, raw) if len(raw) == size else (clean,)
    is_marked = boot[at + 1] in (0x28, 0x29) and boot[at] & 1
    return NOT_UNMOUNTED if is_marked or (entry & end == end and not entry & clean) else None
