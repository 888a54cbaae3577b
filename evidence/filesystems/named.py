"""File systems, members of arrays and memory images that are told by name only: nothing here lists them.

The magic numbers are those of the Linux kernel's ``include/uapi/linux/magic.h`` and of each format's own header, of
SNIA's Common RAID Disk Data Format 2.0, of the Intel and Linux software RAID metadata, and of VMFS on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.filesystems.ext_superblock import AT, JOURNAL_DEVICE, SIZE_BYTES, is_superblock, superblock_of
from evidence.filesystems.signatures import SWAP_PAGES_BYTES, Found
from evidence.volumes.base import Readable, peek


@dataclass(frozen=True, slots=True)
class _Magic:
    """Bytes that only this kind has at an offset: of the volume, or from its end where it is negative."""

    type: str
    offset_bytes: int
    magic: bytes


def _pages(type_: str, *magics: bytes) -> tuple[_Magic, ...]:
    """A magic in the last ten bytes of a page of any size that Linux swaps with."""
    return tuple(_Magic(type_, page - 10, magic) for page in SWAP_PAGES_BYTES for magic in magics)


_MAGICS: tuple[_Magic, ...] = (
    _Magic("f2fs", 1024, 0xF2F52010.to_bytes(4, "little")),
    _Magic("jfs", 32768, b"JFS1"),
    _Magic("reiserfs", 65536 + 52, b"ReIsErFs"),
    _Magic("reiserfs", 65536 + 52, b"ReIsEr2Fs"),
    _Magic("reiserfs", 65536 + 52, b"ReIsEr3Fs"),
    _Magic("reiserfs", 8192 + 52, b"ReIsErFs"),
    _Magic("reiser4", 65536, b"ReIsEr4"),
    _Magic("nilfs2", 1024, b"\x02\0\0\0\0\0\x34\x34"),
    _Magic("gfs2", 65536, b"\x01\x16\x19\x70\0\0\0\x01"),
    *(_Magic("ocfs2", block, b"OCFSV2") for block in (1024, 2048, 4096, 8192)),
    _Magic("cramfs", 16, b"Compressed ROMFS"),
    _Magic("romfs", 0, b"-rom1fs-"),
    _Magic("erofs", 1024, 0xE0F5E1E2.to_bytes(4, "little")),
    _Magic("squashfs", 0, b"sqsh"),
    _Magic("bcachefs", 4096 + 24, bytes.fromhex("c68573f666ce90a9d96a60cf803df7ef")),
    _Magic("bcache", 4096 + 24, bytes.fromhex("c68573f64e1a45ca8265f57f48ba6d81")),
    _Magic("befs", 512 + 32, b"1SFB"),
    _Magic("befs", 32, b"BFS1"),
    _Magic("hpfs", 8192, bytes.fromhex("49e895f9c5e953fa")),
    _Magic("ubifs", 0, bytes.fromhex("31181006")),
    _Magic("ubi", 0, b"UBI#\x01"),
    _Magic("vmfs", 0x200000, bytes.fromhex("5ef1ab2f")),
    _Magic("vmfs", 0x100000, bytes.fromhex("0dd001c0")),
    _Magic("vxfs", 1024, bytes.fromhex("f5fc01a5")),
    _Magic("vxfs", 8192, bytes.fromhex("a501fcf5")),
    _Magic("efs", 512 + 28, bytes.fromhex("00072959")),
    _Magic("efs", 512 + 28, bytes.fromhex("0007295a")),
    _Magic("vdo", 0, b"dmvdo001"),
    _Magic("storage_spaces", 4096, b"SPACEDB "),
    _Magic("ddf_raid", -512, bytes.fromhex("de11de11")),
    _Magic("intel_raid", -1024, b"Intel Raid ISM Cfg Sig. "),
    *_pages("swap_suspend", b"S1SUSPEND", b"S2SUSPEND", b"ULSUSPEND", b"LINHIB0001"),
)
_MD_MAGIC = 0xA92B4EFC.to_bytes(4, "little")


def look(source: Readable) -> Found | None:
    """What a volume is, where no reader knows it."""
    size = source.media_bytes
    for one in _MAGICS:
        at = one.offset_bytes if one.offset_bytes >= 0 else size + one.offset_bytes
        if at >= 0 and peek(source, at, len(one.magic)) == one.magic:
            return Found(type=one.type)
    return _linux_raid(source) or _journal_of_ext(source)


def _linux_raid(source: Readable) -> Found | None:
    """A member of a Linux software RAID: its superblock lies near the start (1.1, 1.2) or the end (0.90, 1.0)."""
    size = source.media_bytes
    for at in (0, 4096, (size & ~0xFFFF) - 0x10000, ((size >> 9) - 16 & ~7) << 9):
        if at >= 0 and peek(source, at, 4) == _MD_MAGIC:
            return Found(type="linux_raid")
    return None


def _journal_of_ext(source: Readable) -> Found | None:
    """A device that holds nothing but the journal of an ext3 or ext4 somewhere else."""
    block = peek(source, AT, SIZE_BYTES)
    is_one = is_superblock(block) and superblock_of(block).incompatible & JOURNAL_DEVICE
    return Found(type="jbd") if is_one else None
