"""What lies at the start of a volume, told by its signature: also of file systems that no reader here can list.

Each function reads a superblock as its specification lays it out: ECMA-119 (ISO 9660), Microsoft's
FAT, exFAT and NTFS documents, Apple's TN1150 and APFS Reference, the headers of Linux (ext, XFS, Btrfs, LVM2, LUKS,
SquashFS, swap) and of the BSDs (UFS), and OpenZFS's on-disk format.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.ext_superblock import AT, JOURNAL_DEVICE, SIZE_BYTES, is_superblock, superblock_of
from evidence.filesystems.ntfs_clusters import cluster_bytes
from evidence.volumes.base import Readable, peek


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a signature told.

    Attributes:
        type: The file system, as in :class:`evidence.filesystems.base.FileSystem`.
        block_bytes: The allocation unit.
        label: The volume's name.
        serial: Serial number or UUID.
        size_bytes: How much of the volume the file system says it fills; None if it does not say.
    """

    type: str
    block_bytes: int | None = None
    label: str | None = None
    serial: str | None = None
    size_bytes: int | None = None


def _text(raw: bytes, encoding: str = "utf-8") -> str | None:
    return raw.split(b"\0")[0].decode(encoding, errors="replace").strip() or None


def ext(source: Readable) -> Found | None:
    """ext2, ext3 and ext4, by their superblock."""
    block = peek(source, AT, SIZE_BYTES)
    if not is_superblock(block):
        return None
    told = superblock_of(block)
    if told.log_block > 6 or not told.blocks or told.incompatible & JOURNAL_DEVICE:
        return None
    newer = told.incompatible & ~0x0006 & 0x1FFFF or told.read_only & ~0x0007  # beyond filetype, recover; sparse, large
    kind = "ext4" if newer else "ext3" if told.compatible & 0x4 else "ext2"
    size = 1024 << told.log_block
    serial = str(uuid.UUID(bytes=block[104:120])) if any(block[104:120]) else None
    return Found(type=kind, block_bytes=size, label=_text(block[120:136]), serial=serial, size_bytes=told.blocks * size)


def ntfs(source: Readable) -> Found | None:
    """NTFS, by its boot sector."""
    boot = peek(source, 0, 512)
    if boot[3:11] != b"NTFS    " or boot[510:512] != b"\x55\xaa":
        return None
    (sector,) = struct.unpack_from("<H", boot, 11)
    sectors, serial = struct.unpack_from("<Q", boot, 40)[0], struct.unpack_from("<Q", boot, 72)[0]
    return Found(type="ntfs", block_bytes=cluster_bytes(boot), serial=f"{serial:016X}", size_bytes=sectors * sector)


def exfat(source: Readable) -> Found | None:
    """exFAT, by its boot sector."""
    boot = peek(source, 0, 512)
    if boot[3:11] != b"EXFAT   " or boot[510:512] != b"\x55\xaa" or not 9 <= boot[108] <= 12 or boot[109] > 25:
        return None
    sector = 1 << boot[108]
    heap, _count, root, serial = struct.unpack_from("<IIII", boot, 88)
    (sectors,) = struct.unpack_from("<Q", boot, 72)
    cluster = sector << boot[109]
    directory = peek(source, heap * sector + (root - 2) * cluster, min(cluster, 32768))
    label = None
    for at in range(0, len(directory) - 31, 32):
        if directory[at] == 0x83 and directory[at + 1] <= 15:
            label = directory[at + 2 : at + 2 + 2 * directory[at + 1]].decode("utf-16-le", errors="replace") or None
    return Found(
        type="exfat",
        block_bytes=cluster,
        label=label,
        serial=f"{serial >> 16:04X}-{serial & 0xFFFF:04X}",
        size_bytes=sectors * sector,
    )


def fat(source: Readable) -> Found | None:
    """FAT12, FAT16 and FAT32, by the number of their clusters."""
    boot = peek(source, 0, 512)
    if len(boot) < 512 or boot[510:512] != b"\x55\xaa" or boot[0] not in (0xEB, 0xE9):
        return None
    sector, per_cluster, reserved, copies, root_entries, small, _media, per_fat = struct.unpack_from(
        "<HBHBHHBH", boot, 11
    )
    (large,) = struct.unpack_from("<I", boot, 32)
    wide = per_fat == 0
    if wide:
        (per_fat,) = struct.unpack_from("<I", boot, 36)
    sane = sector in (512, 1024, 2048, 4096) and per_cluster and not per_cluster & (per_cluster - 1)
    if not sane or not 1 <= copies <= 4 or not reserved or not per_fat or boot[3:11] in (b"NTFS    ", b"EXFAT   "):
        return None
    sectors = small or large
    root_at = reserved + copies * per_fat
    data_at = root_at + -(-root_entries * 32 // sector)
    if sectors <= data_at:
        return None
    clusters = (sectors - data_at) // per_cluster
    kind = "fat32" if wide else "fat12" if clusters < 4085 else "fat16"
    info = boot[64:90] if wide else boot[36:62]
    cluster = sector * per_cluster
    if wide:
        (root,) = struct.unpack_from("<I", boot, 44)
        directory = peek(source, data_at * sector + (root - 2) * cluster, cluster)
    else:
        directory = peek(source, root_at * sector, root_entries * 32)
    serial = struct.unpack_from("<I", info, 3)[0] if info[2] in (0x28, 0x29) else None
    label = _fat_label(directory) or (info[7:18] if info[2] == 0x29 else b"")
    return Found(
        type=kind,
        block_bytes=cluster,
        label=None if label == b"NO NAME    " else _text(label, "cp850"),
        serial=None if serial is None else f"{serial >> 16:04X}-{serial & 0xFFFF:04X}",
        size_bytes=sectors * sector,
    )


def _fat_label(directory: bytes) -> bytes:
    """The volume label entry of a root directory; empty where there is none."""
    for at in range(0, len(directory) - 31, 32):
        entry = directory[at : at + 32]
        if entry[0] == 0:
            break
        if entry[0] != 0xE5 and entry[11] & 0x3F != 0x0F and entry[11] & 0x08:
            return entry[:11]
    return b""


def hfs_plus(source: Readable) -> Found | None:
    """HFS+ and HFSX, by the volume header (TN1150)."""
    header = peek(source, 1024, 512)
    if header[:2] not in (b"H+", b"HX") or int.from_bytes(header[2:4], "big") not in (4, 5):
        return None
    block, blocks = struct.unpack_from(">II", header, 40)
    serial = header[104:112].hex().upper() if any(header[104:112]) else None
    return Found(type="hfs+", block_bytes=block, serial=serial, size_bytes=block * blocks)


def hfs(source: Readable) -> Found | None:
    """The older HFS, unless it only wraps an HFS+ volume."""
    header = peek(source, 1024, 512)
    if header[:2] != b"BD" or len(header) < 512 or header[124:126] in (b"H+", b"HX"):
        return None
    (block,) = struct.unpack_from(">I", header, 20)
    label = header[37 : 37 + min(header[36], 27)].decode("mac_roman") or None
    return Found(type="hfs", block_bytes=block, label=label) if block and not block % 512 else None


def iso9660(source: Readable) -> Found | None:
    """ISO 9660, by its primary volume descriptor; a bridge disc is this too."""
    primary = next((raw for raw in _recognition_sequence(source) if raw[:6] == b"\x01CD001"), None)
    if primary is None:
        return None
    blocks, block = struct.unpack_from("<I", primary, 80)[0], struct.unpack_from("<H", primary, 128)[0]
    label = _text(primary[40:72], "latin-1")
    return Found(type="iso9660", block_bytes=block or 2048, label=label, size_bytes=blocks * (block or 2048))


def _recognition_sequence(source: Readable) -> Iterator[bytes]:
    for index in range(32):
        raw = peek(source, 32768 + 2048 * index, 2048)
        if raw[1:6] not in (b"CD001", b"BEA01", b"NSR02", b"NSR03", b"TEA01", b"BOOT2"):
            return
        yield raw


UFS_SUPERBLOCK_BYTES = 1376
_UFS_1, _UFS_2 = 0x00011954, 0x19540119
_UFS_PLACES = (65536, 8192, 0, 262144)


def ufs_superblock(source: Readable) -> int | None:
    """Where the superblock of a UFS stands, in the order in which FreeBSD looks for it.

    One that names another place as its own is a copy; a UFS1 has none at 65536, where with blocks of 64 KiB a copy is.
    """
    copy = None
    for at in _UFS_PLACES:
        block = peek(source, at, UFS_SUPERBLOCK_BYTES)
        order, is_second = ufs_form(block)
        if not order:
            continue
        (own,) = struct.unpack_from(f"{order}q", block, 1000)
        if own == at if is_second else at != 65536:
            return at
        copy = at if copy is None and is_second else copy
    return copy


def ufs_form(block: bytes) -> tuple[str, bool]:
    """The byte order of a superblock of UFS, empty where it is none, and whether it is one of UFS2."""
    for order in "<>" if len(block) >= UFS_SUPERBLOCK_BYTES else "":
        (magic,) = struct.unpack_from(f"{order}I", block, 1372)
        if magic in (_UFS_1, _UFS_2):
            return order, magic == _UFS_2
    return "", False


def ufs(source: Readable) -> Found | None:
    """UFS of either version and byte order."""
    at = ufs_superblock(source)
    if at is None:
        return None
    block = peek(source, at, UFS_SUPERBLOCK_BYTES)
    order, is_second = ufs_form(block)
    (size,) = struct.unpack_from(f"{order}I", block, 48)
    serial = "".join(f"{part:08x}" for part in struct.unpack_from(f"{order}II", block, 144))
    return Found(
        type="ufs2" if is_second else "ufs1",
        block_bytes=size,
        label=_text(block[680:712]) if is_second else None,
        serial=serial if int(serial, 16) else None,
    )


def xfs(source: Readable) -> Found | None:
    """XFS, by its superblock."""
    block = peek(source, 0, 512)
    if block[:4] != b"XFSB":
        return None
    size, blocks = struct.unpack_from(">IQ", block, 4)
    serial = str(uuid.UUID(bytes=block[32:48]))
    return Found(type="xfs", block_bytes=size, label=_text(block[108:120]), serial=serial, size_bytes=size * blocks)


def apfs(source: Readable) -> Found | None:
    """A container of APFS, whose volumes a layer shows."""
    return Found(type="apfs") if peek(source, 32, 4) == b"NXSB" else None


def btrfs(source: Readable) -> Found | None:
    """Btrfs, by its first superblock."""
    return _btrfs(peek(source, 65536, 1024))


def btrfs_copy(source: Readable) -> Found | None:
    """Btrfs, by a copy of its superblock, which says where it lies."""
    for offset in (64 << 20, 256 << 30):
        block = peek(source, offset, 1024)
        if block[48:56] == struct.pack("<Q", offset) and (found := _btrfs(block)):
            return found
    return None


def _btrfs(block: bytes) -> Found | None:
    if len(block) < 1024 or block[64:72] != b"_BHRfS_M":
        return None
    (sector,) = struct.unpack_from("<I", block, 144)
    serial = str(uuid.UUID(bytes=block[32:48]))
    return Found(type="btrfs", block_bytes=sector, label=_text(block[299:555]), serial=serial)


SWAP_PAGES_BYTES = (4096, 8192, 16384, 32768, 65536)


def swap(source: Readable) -> Found | None:
    """Linux swap space."""
    for page in SWAP_PAGES_BYTES:
        if peek(source, page - 10, 10) in (b"SWAPSPACE2", b"SWAP-SPACE"):
            header = peek(source, 1024, 44)
            serial = str(uuid.UUID(bytes=header[12:28])) if any(header[12:28]) else None
            return Found(type="swap", block_bytes=page, label=_text(header[28:44]), serial=serial)
    return None


def zfs(source: Readable) -> Found | None:
    """A member of a ZFS pool."""
    for at in range(0x20000, 0x40000, 1024):  # the uberblocks of the first label
        if peek(source, at, 8) in (b"\x0c\xb1\xba\x00\x00\x00\x00\x00", b"\x00\x00\x00\x00\x00\xba\xb1\x0c"):
            return Found(type="zfs")
    return None


def squashfs(source: Readable) -> Found | None:
    """SquashFS, by its superblock."""
    block = peek(source, 0, 96)
    if block[:4] != b"hsqs" or len(block) < 96:
        return None
    return Found(
        type="squashfs",
        block_bytes=struct.unpack_from("<I", block, 12)[0],
        size_bytes=struct.unpack_from("<Q", block, 40)[0],
    )


def refs(source: Readable) -> Found | None:
    """ReFS, by its boot sector."""
    return Found(type="refs") if peek(source, 3, 8) == b"ReFS\0\0\0\0" else None
