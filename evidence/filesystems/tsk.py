"""File systems through The Sleuth Kit (pytsk3); nothing else in the program knows it."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytsk3

from evidence.errors import EvidenceError, UnreadableRegionError
from evidence.filesystems import ext_inline, ntfs
from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.ext_attributes import NO_KEY, ExtInodes
from evidence.filesystems.ext_clusters import in_blocks
from evidence.filesystems.ext_descriptors import with_descriptors_together
from evidence.filesystems.ext_groups import Groups
from evidence.filesystems.ext_index import Stretch, index_of, without_index
from evidence.filesystems.ext_inline import InlineContent
from evidence.filesystems.ext_maps import BoundedMaps, MapContent, with_bounded_maps
from evidence.filesystems.fat_areas import Area, areas
from evidence.filesystems.fat_chains import ChainContent
from evidence.filesystems.fat_names import FatNames, content_behind
from evidence.filesystems.hfs_plus_catalog import Catalog
from evidence.filesystems.meta_kinds import VIRTUAL
from evidence.filesystems.ntfs_clusters import record_bytes, with_known_clusters
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.rearranged import Rearranged
from evidence.filesystems.signatures import Found
from evidence.filesystems.stamps import SECOND_NS, ExtStamps, FatStamps, PlainStamps
from evidence.filesystems.unclean import NOT_UNMOUNTED, unclean
from evidence.filesystems.yaffs_log import YaffsLog
from evidence.later import Later
from evidence.volumes.base import Readable, peek

if TYPE_CHECKING:
    from evidence.filesystems.recorded_zones import ExfatZones, IsoZones
    from evidence.filesystems.ufs_disk import UfsStamps

_TYPES: dict[str, int] = {
    "fat12": pytsk3.TSK_FS_TYPE_FAT12,
    "fat16": pytsk3.TSK_FS_TYPE_FAT16,
    "fat32": pytsk3.TSK_FS_TYPE_FAT32,
    "exfat": pytsk3.TSK_FS_TYPE_EXFAT,
    "ntfs": pytsk3.TSK_FS_TYPE_NTFS,
    "ext2": pytsk3.TSK_FS_TYPE_EXT_DETECT,
    "ext3": pytsk3.TSK_FS_TYPE_EXT_DETECT,
    "ext4": pytsk3.TSK_FS_TYPE_EXT_DETECT,
    "hfs+": pytsk3.TSK_FS_TYPE_HFS_DETECT,
    "iso9660": pytsk3.TSK_FS_TYPE_ISO9660,
    "ufs1": pytsk3.TSK_FS_TYPE_FFS1,
    "ufs2": pytsk3.TSK_FS_TYPE_FFS2,
}

_NAMES: dict[int, str] = {
    pytsk3.TSK_FS_TYPE_FAT12: "fat12",
    pytsk3.TSK_FS_TYPE_FAT16: "fat16",
    pytsk3.TSK_FS_TYPE_FAT32: "fat32",
    pytsk3.TSK_FS_TYPE_EXFAT: "exfat",
    pytsk3.TSK_FS_TYPE_NTFS: "ntfs",
    pytsk3.TSK_FS_TYPE_EXT2: "ext2",
    pytsk3.TSK_FS_TYPE_EXT3: "ext3",
    pytsk3.TSK_FS_TYPE_EXT4: "ext4",
    pytsk3.TSK_FS_TYPE_HFS: "hfs+",
    pytsk3.TSK_FS_TYPE_ISO9660: "iso9660",
    pytsk3.TSK_FS_TYPE_FFS1: "ufs1",
    pytsk3.TSK_FS_TYPE_FFS1B: "ufs1",
    pytsk3.TSK_FS_TYPE_FFS2: "ufs2",
    pytsk3.TSK_FS_TYPE_YAFFS2: "yaffs2",
}
_SECTOR_BYTES = 512
_YAFFS_STATES = (
    "Names that end with # and numbers are earlier states of files, put together from the log as far as it goes."
)
_YAFFS_UNKNOWN = (
    "The log is not laid out in chunks of 2048 and 64 bytes, and was not followed: hard links may be shown as empty "
    "files, and files that were cut and grew again, or never closed, with a wrong content."
)
_MAX_DIRECTORY_BYTES = 256 << 20
_FIRST_USER_CATALOG_ID = 16  # TN1150, "Catalog Node IDs"
_DIRECTORY_ENTRY = {"created": ("directory record", "local", SECOND_NS)}
_UFS = dict.fromkeys(("modified", "accessed", "changed"), ("inode", "utc", SECOND_NS))
_PLAIN: dict[str, dict[str, tuple[str, str, int]]] = {
    "hfs+": dict.fromkeys(("modified", "accessed", "changed", "created"), ("catalog", "utc", SECOND_NS)),
    "iso9660": _DIRECTORY_ENTRY,
    "ufs1": _UFS,
    "ufs2": _UFS,
    "yaffs2": dict.fromkeys(("modified", "accessed", "changed"), ("object header", "utc", SECOND_NS)),
}


_UFS_STAMPS = Later("evidence.filesystems.ufs_disk", "stamps_of")
_ISO_ZONES = Later("evidence.filesystems.recorded_zones", "IsoZones")
_EXFAT_ZONES = Later("evidence.filesystems.recorded_zones", "ExfatZones")
_ZONE_TEXT = Later("evidence.filesystems.recorded_zones", "zone_text")


class _Media(pytsk3.Img_Info):  # type: ignore[misc]
    """Gives the reader the bytes of a volume, and keeps what could not be read.

    An exception would come out of pytsk3 as another one, or not at all. So a read ends before the first byte that
    cannot be had, which makes the reader fail at that place; it never gets a byte that is not on the media.
    """

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.unreadable: UnreadableRegionError | None = None
        self.broken: EvidenceError | None = None
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def read(self, offset_bytes: int, size_bytes: int) -> bytes:
        try:
            return self._source.read_at(offset_bytes, size_bytes)
        except UnreadableRegionError as error:
            self.unreadable = error
        except EvidenceError as error:
            self.broken = error
            return b""
        whole = bytearray()
        for at in range(offset_bytes, offset_bytes + size_bytes, _SECTOR_BYTES):
            try:
                whole += self._source.read_at(at, min(_SECTOR_BYTES, offset_bytes + size_bytes - at))
            except UnreadableRegionError:
                break
        return bytes(whole)

    def get_size(self) -> int:
        return self._source.media_bytes


def version() -> str:
    """The version of The Sleuth Kit and of its binding."""
    return f"{pytsk3.TSK_VERSION_STR} (pytsk3 {pytsk3.get_version()})"


def take_times_as_found() -> None:
    """Make the C library put wall times to UTC unchanged; for the whole process, before anything is opened."""
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()


class TskFileSystem:
    """An opened file system.

    Attributes:
        facts: What it says of itself.
        size_bytes: How much it fills by its own account, at most what there is to read.
        source: The volume.
        handle: ``pytsk3.FS_Info``.
        is_ntfs: Whether files consist of attributes.
        has_forks: Whether files have a resource fork and extended attributes beside their content.
        record_bytes: NTFS: the size of a file record.
        root_address: Address of the root directory.
        orphans_address: That of the directory in which the reader shows deleted files without a name.
        stamps: Where its times are; None for NTFS, whose times come with the attributes.
        inodes: ext: what stands in its inodes beside the times.
        yaffs: YAFFS2: what its log says of contents.
    """

    def __init__(self, source: Readable, found: Found | None) -> None:
        """Open what a signature found in ``source``; without one, let the reader look for itself.

        Raises:
            FileSystemError: It is damaged, or none that can be read.
        """
        kind = found.type if found else ""
        self.source = source
        self._shown = _known_layout(source, kind)
        self._maps = with_bounded_maps(self._shown) if kind.startswith("ext") else self._shown
        self._media = _Media(self._maps)
        try:
            self.handle: Any = pytsk3.FS_Info(self._media, type=_TYPES.get(kind, pytsk3.TSK_FS_TYPE_DETECT))
        except OSError as error:
            region = self.take_unreadable()
            raise FileSystemError(kind, str(region) if region else " ".join(str(error).split())) from error
        info = self.handle.info
        self._type = kind if kind.startswith("fat") else _NAMES.get(int(info.ftype), kind)
        if not self._type:
            raise FileSystemError(kind, f"type {int(info.ftype)} has no name")
        self.is_ntfs, self.has_forks = self._type == "ntfs", self._type == "hfs+"
        self.record_bytes = record_bytes(peek(source, 0, 512)) if self.is_ntfs else 0
        first, root, last = info.first_inum, info.root_inum, info.last_inum
        if not first <= root <= last or (root == last and not self.has_forks):  # that of orphans: a wait for ever
            raise FileSystemError(kind, f"its root directory has number {root}, and the last number is {last}")
        self.root_address: int = info.root_inum
        self.orphans_address: int = info.last_inum
        self.block_bytes: int = info.block_size
        moved = self._shown.moved_bytes if isinstance(self._shown, Rearranged) else 0
        self.declared_bytes: int = info.block_count * info.block_size - moved
        self.size_bytes = min(self.declared_bytes, source.media_bytes)
        self.stamps = self._stamps()
        is_fat = isinstance(self.stamps, FatStamps)
        self._areas = areas(source, exfat=self._type == "exfat") if is_fat else ()
        self._names = _fat_names(source, self._type, self.handle) if is_fat else None
        self.yaffs = YaffsLog(source) if self._type == "yaffs2" else None
        self.inodes = ExtInodes(self._shown, self.stamps) if isinstance(self.stamps, ExtStamps) else None
        self.facts = FileSystem(
            type=self._type,
            block_bytes=found.block_bytes if found and found.block_bytes else info.block_size,
            label=(found.label if found else None) or self._label(),
            serial=found.serial if found else None,
        )

    def time_rules(self, volume_id: str) -> list[TimeRule]:
        """What each time of its rows means."""
        return self.stamps.rules(volume_id) if self.stamps else ntfs.rules(volume_id)

    def take_unreadable(self) -> UnreadableRegionError | None:
        """The region that made the last reads fail, once.

        Raises:
            EvidenceError: The image cannot be read any more at all.
        """
        if self._media.broken is not None:
            raise self._media.broken
        error, self._media.unreadable = self._media.unreadable, None
        return error

    def entries(self, address: int) -> Iterator[Any]:
        """The ``pytsk3.File`` of each name in a directory; raises OSError where it cannot be read."""
        if self.inodes is not None and address == self.orphans_address and not self._has_deleted_files():
            return iter(())
        if self._names is not None and address != self.orphans_address:
            return self._names.entries(address)
        try:
            found: Iterator[Any] = iter(self.handle.open_dir(inode=address))
            if self.inodes is None or not self.inodes.is_indexed(address):
                return found
            return without_index(found, lambda: self._index(address))
        except OSError:
            if self._media.unreadable is not None:
                raise
            raw = self.inodes.inline(address) if self.inodes is not None else None
            if raw is None and not self.has_forks:
                raise
        return Catalog(self.handle).entries(address) if raw is None else ext_inline.entries(self.handle, address, raw)

    def _has_deleted_files(self) -> bool:
        """Whether there may be files without a name, for which The Sleuth Kit reads every directory once more."""
        try:
            return Groups(self.source).has_deleted_files()
        except (OSError, UnreadableRegionError):
            return True

    def _index(self, address: int) -> list[Stretch]:
        """Where the hash index of a directory lies; nowhere where it cannot be read."""
        handle, size = self.open_record(address), self.block_bytes
        try:
            return index_of(lambda block: handle.read_random(block * size, size)) if handle is not None else []
        except OSError:
            if self._media.unreadable is not None:
                raise
            return []

    def open_record(self, address: int) -> Any | None:
        """The ``pytsk3.File`` of an address without a name; None where there is none."""
        try:
            return self.handle.open_meta(address)
        except OSError:
            return self._names.file(address) if self._names is not None else None

    def mapped(
        self, handle: Any, attribute: tuple[int, int] | None
    ) -> MapContent | InlineContent | Area | ChainContent | None:
        """What the reader cannot map itself: files of ext; boot sector, tables and some files of FAT."""
        if self._names is not None and (behind := content_behind(handle)) is not None:
            return behind
        maps = self._maps
        if self.inodes is not None and attribute is None:
            raw = self.inodes.inline(int(handle.info.meta.addr))
            if raw is not None:
                return InlineContent(raw)
        if isinstance(maps, BoundedMaps):
            return maps.content(int(handle.info.meta.addr)) if attribute is None else None
        if not self._areas or int(handle.info.meta.type) != VIRTUAL:
            return None
        index = int(handle.info.meta.addr) - self.orphans_address + len(self._areas)
        return self._areas[index] if 0 <= index < len(self._areas) else None

    def valid_bytes(self, address: int) -> int | None:
        """exFAT: how much of a file was ever written; None where all of it was."""
        return self.stamps.valid_bytes(address) if isinstance(self.stamps, FatStamps) else None

    def withheld(self, address: int) -> str | None:
        """Why a content is not shown: encrypted (ext), or given wrong by the reader (YAFFS2); None for most."""
        if self.yaffs is not None:
            return self.yaffs.withheld(address)
        return f"its content is {NO_KEY}" if self.is_encrypted(address) else None

    def is_encrypted(self, address: int) -> bool:
        """ext: whether the content of a file, or the names in a directory, are encrypted by fscrypt."""
        return self.inodes is not None and self.inodes.is_encrypted(address)

    def sealed_name(self, directory: int, address: int) -> bytes | None:
        """ext: the next name that an encrypted directory has for an inode, as it is stored; None without one."""
        return self.inodes.stored_name(directory, address, self._directory) if self.inodes is not None else None

    def _directory(self, address: int) -> bytes:
        handle = self.handle.open_meta(address)
        size = int(handle.info.meta.size)
        if size > _MAX_DIRECTORY_BYTES:
            raise OSError(f"the directory declares {size} bytes, which is not read")
        return bytes(handle.read_random(0, size)) if size else b""

    def is_metadata(self, address: int) -> bool:
        """Whether an address is that of a file of the file system itself, whatever its name is."""
        if self.is_ntfs:
            return address < ntfs.FIRST_USER_RECORD
        if self.has_forks:
            return address < _FIRST_USER_CATALOG_ID
        return isinstance(self.stamps, FatStamps) and self.stamps.is_metadata(address)

    def hidden_name(self, name: bytes, address: int) -> bytes | None:
        """The bytes of a short FAT name of which the reader shows ``^`` for what is not ASCII; None for others."""
        if not isinstance(self.stamps, FatStamps):
            return None
        short = self.stamps.short_name(address)
        shown = bytes(byte if 32 <= byte < 127 else 94 for byte in short)
        return short if short != shown and shown[1:].lower() == name[1:].lower() else None

    def remarks(self) -> list[str]:
        """Whether it was unmounted, and which zones are recorded beside wall times."""
        state = _dirty_ntfs(self.handle) if self.is_ntfs else unclean(self.source, self._type)
        return [*filter(None, [state]), *self._others()]

    def _others(self) -> list[str]:
        """Sentences on what is peculiar to one file system; for the FAT family, of the entries listed so far."""
        if isinstance(self._maps, BoundedMaps):
            return list(self._maps.told)
        if self.yaffs is not None:
            return [_YAFFS_STATES] if self.yaffs.is_known else [_YAFFS_STATES, _YAFFS_UNKNOWN]
        if isinstance(self.stamps, FatStamps):
            left_out = self._names.remarks() if self._names is not None else []
            return left_out + [
                f"{count} wall times are recorded with the zone {_ZONE_TEXT(minutes)}."
                for minutes, count in sorted(self.stamps.zones.items())
                if minutes
            ]
        if self._type == "iso9660":
            raw = peek(self.source, 16 * 2048 + 156 + 24, 1)  # the root's own directory record
            minutes = int.from_bytes(raw, signed=True) * 15
            return [f"The disc records its wall times with the zone {_ZONE_TEXT(minutes)}."] if minutes else []
        return []

    def _stamps(self) -> PlainStamps | ExtStamps | FatStamps | UfsStamps | None:
        kind = self._type
        if kind == "ntfs":
            return None
        if kind.startswith("ext"):
            plain = dict.fromkeys(("modified", "accessed", "changed", "created"), ("inode", "utc", SECOND_NS))
            return ExtStamps(self._shown, PlainStamps(plain))
        if kind in ("fat12", "fat16", "fat32", "exfat"):
            return FatStamps(self.source, exfat=kind == "exfat")
        if kind in ("ufs1", "ufs2"):
            try:
                of_inodes: UfsStamps = _UFS_STAMPS(self.source)
                return of_inodes
            except (OSError, UnreadableRegionError):
                pass
        return PlainStamps(_PLAIN[kind])

    @cached_property
    def zones(self) -> ExfatZones | IsoZones | None:
        """The zones that its entries record beside wall times; None where there are none.

        Of ISO 9660 all records are read for them: not where one file is opened.
        """
        if self._type == "iso9660":
            zones: IsoZones = _ISO_ZONES(self.source)
            return zones
        return _EXFAT_ZONES(self.stamps) if self._type == "exfat" and isinstance(self.stamps, FatStamps) else None

    def _label(self) -> str | None:
        """Labels that are kept in a file: $Volume of NTFS, the first catalogue record of HFS+."""
        try:
            if self._type == "ntfs":
                raw = _of_volume(self.handle, ntfs.VOLUME_NAME, 256)
                return raw.decode("utf-16-le", errors="replace") or None
            if self._type == "hfs+":
                return _hfs_label(self.handle.open_meta(4))
        except OSError:
            return None
        return None


def _fat_names(source: Readable, type_: str, handle: Any) -> FatNames | None:
    """The names of a volume of FAT or exFAT; None where its boot sector tells of no clusters."""
    try:
        return FatNames(source, type_, handle)
    except (OSError, UnreadableRegionError):
        return None


def _known_layout(source: Readable, kind: str) -> Readable:
    """A volume with what the reader does not know of shown in the way that it knows; raises FileSystemError."""
    if kind == "ntfs":
        return with_known_clusters(source)
    if kind != "ext4":
        return source
    try:
        return with_descriptors_together(source, in_blocks(source))
    except (OSError, UnreadableRegionError) as error:
        raise FileSystemError("ext4", str(error)) from error


def _dirty_ntfs(handle: Any) -> str | None:
    """A sentence where the flags of $Volume say that the volume has to be checked."""
    try:
        raw = _of_volume(handle, ntfs.VOLUME_INFORMATION, 12)
    except OSError:
        return None
    return NOT_UNMOUNTED if len(raw) == 12 and raw[10] & 1 else None


def _of_volume(handle: Any, kind: int, size_bytes: int) -> bytes:
    """The start of the first attribute of that type of $Volume that is not empty; raises OSError."""
    volume = handle.open_meta(3)
    for attribute in volume:
        if int(attribute.info.type) == kind and attribute.info.size:
            return bytes(volume.read_random(0, min(attribute.info.size, size_bytes), kind, attribute.info.id))
    return b""


def _hfs_label(catalog: Any) -> str | None:
    """The name of the root folder: the key of the first record in the first leaf (TN1150)."""
    header = catalog.read_random(0, 64)
    if len(header) < 34:
        return None
    (first_leaf,) = struct.unpack_from(">I", header, 24)
    (node_bytes,) = struct.unpack_from(">H", header, 32)
    key = catalog.read_random(first_leaf * node_bytes + 14, 520)
    if len(key) < 8:
        return None
    parent, length = struct.unpack_from(">IH", key, 2)
    return key[8 : 8 + 2 * length].decode("utf-16-be", errors="replace") if parent == 1 and length else None
