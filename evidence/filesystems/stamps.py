"""The times of one entry, read from the structure that holds them.

pytsk3 gives whole seconds of 32 bits, without $FILE_NAME, deletion times, the epoch bits of ext4 or the odd seconds of
exFAT. So they are taken from the bytes here: Microsoft's FAT, exFAT and NTFS documents, and the ext4 disk layout
of the Linux kernel's documentation.
"""

from __future__ import annotations

import datetime
import struct
from typing import Any, TypeAlias

from evidence.filesystems.base import TimeRule
from evidence.filesystems.ext_superblock import AT, INLINE_DATA, META_BG, SIZE_BYTES, inode_table, superblock_of
from evidence.volumes.base import Readable, peek

Stamps: TypeAlias = tuple[
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
]
"""Nanoseconds since 1970 in the order of :data:`evidence.filesystems.base.TIME_FIELDS`."""

NONE: Stamps = (None,) * 9
SECOND_NS = 1_000_000_000
_EXFAT_SYSTEM = frozenset({0x01, 0x02, 0x03, 0x20, 0x21, 0x62})
"""Entries of exFAT without the bit for in use: bitmap, up-case table, label, GUID, and the tables of TexFAT."""
_RUN_INODES, _CACHED_RUNS = 256, 256
_VIRTUAL = 10  # TSK_FS_META_TYPE_VIRT, and behind it TSK_FS_META_TYPE_VIRT_DIR
_NO_MORE = (0, 0, 0, 0, 0)
ATTRIBUTES_MAGIC, ENCRYPTED = 0xEA020000.to_bytes(4, "little"), 0x800
"""ext: what extended attributes inside an inode begin with, and the flag of an inode that fscrypt encrypted."""
_INODE = struct.Struct("<8xiiiI")
_LARGE_INODE = struct.Struct("<8xiiiI104xH2xIIIiI")
_FILE = struct.Struct("<H2xI iii 12xI 68xII 6xH")
_LARGE_FILE = struct.Struct("<H2xI iii 12xI 68xII 6xH 8xH2x IIIiI")
_FORMAT_OF_MODE, _REGULAR_MODE, _SMALL_INODE_BYTES, _EXTRA_BYTES = 0xF000, 0x8000, 128, 24


def rules_of(volume_id: str, lines: dict[str, tuple[str, str, int]]) -> list[TimeRule]:
    """One rule for each line ``field: (source, basis, resolution_ns)``."""
    return [
        TimeRule(volume_id=volume_id, field=field, source=source, basis=basis, resolution_ns=resolution)
        for field, (source, basis, resolution) in lines.items()
    ]


class PlainStamps:
    """Times as pytsk3 gives them: HFS+, ISO 9660, UFS, YAFFS2."""

    def __init__(self, lines: dict[str, tuple[str, str, int]]) -> None:
        """Keep the meaning of each time: ``field: (source, basis, resolution_ns)``."""
        self._lines = lines
        self._known = tuple(field in lines for field in ("modified", "accessed", "changed", "created"))

    def rules(self, volume_id: str) -> list[TimeRule]:
        """What each time of this file system means."""
        return rules_of(volume_id, self._lines)

    def of(self, meta: Any, address: int, allocated: bool) -> Stamps:
        """The times of an entry; a zero stands for one that was never set."""
        seconds = (meta.mtime, meta.atime, meta.ctime, meta.crtime)
        parts = (meta.mtime_nano, meta.atime_nano, meta.ctime_nano, meta.crtime_nano)
        four = [
            second * SECOND_NS + part if known and second else None
            for known, second, part in zip(self._known, seconds, parts, strict=True)
        ]
        return (four[0], four[1], four[2], four[3], None, None, None, None, None)


class ExtStamps:
    """Times of ext2, ext3 and ext4 from the inode tables, with epoch bits, nanoseconds and deletion.

    Attributes:
        block_bytes: The size of a block.
        has_inline: Whether content may lie in inodes.
    """

    def __init__(self, source: Readable, plain: PlainStamps) -> None:
        """Find the inode tables of the file system at the start of ``source``; ``plain`` answers where that fails."""
        told = superblock_of(peek(source, AT, SIZE_BYTES))
        self._source, self._plain = source, plain
        self.block_bytes = 1024 << told.log_block
        self.has_inline = bool(told.incompatible & INLINE_DATA)
        self._per_group, self._inodes, self._inode_bytes = told.inodes_per_group, told.inodes, told.inode_bytes
        self._descriptor_bytes = told.descriptor_bytes
        self._groups_at = max(2048, self.block_bytes)
        self._fine = self._inode_bytes >= 156
        usable = self._per_group and 128 <= self._inode_bytes <= 65536 and self._descriptor_bytes >= 32
        self._readable = bool(usable) and not told.incompatible & META_BG  # its descriptors lie scattered
        self._tables: dict[int, int] = {}
        self._runs: dict[tuple[int, int], bytes] = {}
        self._cache = b""
        self._first = self._end = 0

    def rules(self, volume_id: str) -> list[TimeRule]:
        """What each time of this file system means; with inodes of 128 bytes only whole seconds fit."""
        step = 1 if self._fine else SECOND_NS
        lines = dict.fromkeys(("modified", "accessed", "changed"), ("inode", "utc", step))
        if self._fine:
            lines["created"] = ("inode", "utc", 1)
        lines["deleted"] = ("inode", "utc", SECOND_NS)
        return rules_of(volume_id, lines)

    def of(self, meta: Any, address: int, allocated: bool) -> Stamps:
        """The times of an inode; zero is the beginning of 1970, but ``deleted`` of zero, or in use, is never.

        The lowest two bits of a time's second field extend its seconds, the others are nanoseconds. An inode that is
        not in use and holds nothing but zeros has no times, nor has what only the reader shows.
        """
        if meta.type >= _VIRTUAL:
            return NONE
        if not self._first <= address < self._end and not self._move_to(address):
            return self._plain.of(meta, address, allocated)
        at, has_created = (address - self._first) * self._inode_bytes, self._fine
        if self._fine:
            (
                accessed, changed, modified, deleted, extra,
                changed_more, modified_more, accessed_more, created, created_more,
            ) = _LARGE_INODE.unpack_from(self._cache, at)  # fmt: skip
            if extra < 24:
                has_created = False
                changed_more, modified_more, accessed_more, created, created_more = _NO_MORE
        else:
            accessed, changed, modified, deleted = _INODE.unpack_from(self._cache, at)
            changed_more, modified_more, accessed_more, created, created_more = _NO_MORE
        if not (allocated or modified or accessed or changed or deleted or self._any_byte(at)):
            return NONE
        if (modified_more | accessed_more | changed_more | created_more) & 3:
            modified += (modified_more & 3) << 32
            accessed += (accessed_more & 3) << 32
            changed += (changed_more & 3) << 32
            created += (created_more & 3) << 32
        return (
            modified * SECOND_NS + (modified_more >> 2),
            accessed * SECOND_NS + (accessed_more >> 2),
            changed * SECOND_NS + (changed_more >> 2),
            created * SECOND_NS + (created_more >> 2) if has_created else None,
            None if allocated else deleted * SECOND_NS or None,
            None,
            None,
            None,
            None,
        )

    def plain_file(self, address: int) -> tuple[int, str, *Stamps] | None:
        """Size, address and times of a regular file in use of which an inode tells nothing else, as :meth:`of` does.

        None of anything else, of one of 4 GiB and more, and where an inode is not such that all is told at once.
        """
        if not self._first <= address < self._end and not self._move_to(address):
            return None
        at, created_ns = (address - self._first) * self._inode_bytes, None
        if self._fine:
            (
                mode, size, accessed, changed, modified, flags, block, size_high, block_high, extra,
                changed_more, modified_more, accessed_more, created, created_more,
            ) = _LARGE_FILE.unpack_from(self._cache, at)  # fmt: skip
            within = at + _SMALL_INODE_BYTES + extra
            if extra < _EXTRA_BYTES or self._cache[within : within + 4] == ATTRIBUTES_MAGIC:
                return None
            if (modified_more | accessed_more | changed_more | created_more) & 3:
                return None
            created_ns = created * SECOND_NS + (created_more >> 2)
        elif self._inode_bytes == _SMALL_INODE_BYTES:
            mode, size, accessed, changed, modified, flags, block, size_high, block_high = _FILE.unpack_from(
                self._cache, at
            )
            changed_more = modified_more = accessed_more = 0
        else:
            return None
        if mode & _FORMAT_OF_MODE != _REGULAR_MODE or size_high or block or block_high or flags & ENCRYPTED:
            return None
        return (
            size,
            str(address),
            modified * SECOND_NS + (modified_more >> 2),
            accessed * SECOND_NS + (accessed_more >> 2),
            changed * SECOND_NS + (changed_more >> 2),
            created_ns,
            None,
            None,
            None,
            None,
            None,
        )

    def inode(self, address: int) -> bytes:
        """The bytes of an inode; nothing where they cannot be read."""
        if not self._first <= address < self._end and not self._move_to(address):
            return b""
        at = (address - self._first) * self._inode_bytes
        return self._cache[at : at + self._inode_bytes]

    def _any_byte(self, at: int) -> bool:
        return any(self._cache[at : at + self._inode_bytes])

    def _move_to(self, address: int) -> bool:
        """Have the run of inodes that ``address`` is in at hand; False where it cannot be read.

        Directories and their files lie in runs far apart, and a walk goes from one to the other all the time.
        """
        if not self._readable or address > self._inodes:
            return False
        group, index = divmod(address - 1, self._per_group)
        start = index - index % _RUN_INODES
        run = self._runs.get((group, start))
        if run is None:
            if len(self._runs) >= _CACHED_RUNS:
                self._runs.pop(next(iter(self._runs)))
            count = min(_RUN_INODES, self._per_group - start)
            run = self._runs[group, start] = self._read(group, start, count)
        if not run:  # something in it cannot be read
            start, run = index, self._read(group, index, 1)
        self._cache, self._first = run, group * self._per_group + start + 1
        self._end = self._first + len(run) // self._inode_bytes
        return self._first <= address < self._end

    def _read(self, group: int, index: int, count: int) -> bytes:
        """So many inodes of a group; nothing if one of them cannot be read."""
        table = self._tables.get(group)
        if table is None:
            place = self._groups_at + group * self._descriptor_bytes
            block = inode_table(peek(self._source, place, self._descriptor_bytes))
            table = self._tables[group] = block * self.block_bytes
        size = self._inode_bytes
        return peek(self._source, table + index * size, count * size) if table else b""


class FatStamps:
    """Times of FAT and exFAT from the directory entries: wall times of an unknown zone.

    Attributes:
        zones: How many times of exFAT entries record which distance from UTC, in minutes.
    """

    def __init__(self, source: Readable, *, exfat: bool) -> None:
        """Find the area that directory entries are numbered in, from the boot sector of ``source``."""
        boot = peek(source, 0, 512)
        self._source, self._exfat = source, exfat
        self.zones: dict[int, int] = {}
        if exfat:
            self._sector_bytes = 1 << boot[108]
            self._first_sector = struct.unpack_from("<I", boot, 88)[0]
        else:
            self._sector_bytes, reserved, copies = struct.unpack_from("<HxHB", boot, 11)
            per_fat = struct.unpack_from("<H", boot, 22)[0] or struct.unpack_from("<I", boot, 36)[0]
            self._first_sector = reserved + copies * per_fat
        self._cache, self._cache_at = b"", 0

    def rules(self, volume_id: str) -> list[TimeRule]:
        """FAT writes to two seconds, creation to 10 ms, access as a date; exFAT the first two to 10 ms."""
        entry, fine = "directory entry", 10_000_000
        if self._exfat:
            lines = {
                "modified": (entry, "local", fine),
                "accessed": (entry, "local", 2 * SECOND_NS),
                "created": (entry, "local", fine),
            }
        else:
            lines = {
                "modified": (entry, "local", 2 * SECOND_NS),
                "accessed": (entry, "date", 86_400 * SECOND_NS),
                "created": (entry, "local", fine),
            }
        return rules_of(volume_id, lines)

    def of(self, meta: Any, address: int, allocated: bool) -> Stamps:
        """The times of an entry; none of what only the reader shows, for no entry stands behind its address."""
        if meta.type >= _VIRTUAL:
            return NONE
        raw = self.entry(address)
        if len(raw) < 32:
            return NONE
        if self._exfat:
            if raw[0] not in (0x85, 0x05):
                return NONE
            created_time, created_date, modified_time, modified_date, accessed_time, accessed_date = struct.unpack_from(
                "<6H", raw, 8
            )
            created_more, modified_more = raw[20], raw[21]
            for minutes in self.zones_of(address).values():
                self.zones[minutes] = self.zones.get(minutes, 0) + 1
        else:
            if raw[11] & 0x3F == 0x0F:
                return NONE
            created_more, created_time, created_date, accessed_date = raw[13], *struct.unpack_from("<3H", raw, 14)
            modified_time, modified_date = struct.unpack_from("<2H", raw, 22)
            modified_more = accessed_time = 0
        return (
            dos_time(modified_date, modified_time, modified_more),
            dos_time(accessed_date, accessed_time, 0),
            None,
            dos_time(created_date, created_time, created_more),
            None,
            None,
            None,
            None,
            None,
        )

    def zones_of(self, address: int) -> dict[str, int]:
        """exFAT: minutes from UTC recorded for the times of an entry, by field; nothing for one that records none."""
        raw = self.entry(address)
        if not self._exfat or len(raw) < 32 or raw[0] not in (0x85, 0x05):
            return {}
        zones = zip(("created", "modified", "accessed"), raw[22:25], strict=True)
        return {field: ((zone & 0x7F) ^ 0x40) * 15 - 0x40 * 15 for field, zone in zones if zone & 0x80}

    def entry(self, address: int, size_bytes: int = 32) -> bytes:
        """The directory entry that pytsk3 calls inode ``address``: the third and later are numbered by place."""
        if address < 3:
            return b""
        at = self._first_sector * self._sector_bytes + (address - 3) * 32
        begin = at - self._cache_at
        if begin < 0 or begin + size_bytes > len(self._cache):
            self._cache_at = at - at % 512
            self._cache = peek(self._source, self._cache_at, 16384) or peek(self._source, self._cache_at, 1024)
            begin = at - self._cache_at
        return self._cache[begin : begin + size_bytes]

    def is_metadata(self, address: int) -> bool:
        """Whether an entry is no file: a volume label, of exFAT also what holds its tables."""
        raw = self.entry(address)
        if len(raw) < 32:
            return False
        return raw[0] & 0x7F in _EXFAT_SYSTEM if self._exfat else raw[11] & 0x18 == 0x08 and raw[11] & 0x3F != 0x0F

    def short_name(self, address: int) -> bytes:
        """FAT: the name in the entry itself, in the code page of whoever wrote it; empty for exFAT."""
        raw = self.entry(address)
        if self._exfat or len(raw) < 32:
            return b""
        stem, extension = raw[:8].rstrip(b" "), raw[8:11].rstrip(b" ")
        return stem + b"." + extension if extension else stem

    def valid_bytes(self, address: int) -> int | None:
        """exFAT: how much of a file was ever written; behind it the file reads as zeros. None where it is not said."""
        raw = self.entry(address, 64)
        if not self._exfat or len(raw) < 64 or raw[0] not in (0x85, 0x05) or raw[32] not in (0xC0, 0x40):
            return None
        valid: int = struct.unpack_from("<Q", raw, 40)[0]
        return valid


def dos_time(date: int, time: int, hundredths: int) -> int | None:
    """Nanoseconds since 1970 of a DOS date and time taken as they stand; None for no or an impossible date."""
    seconds, rest = divmod(hundredths if hundredths < 200 else 0, 100)
    try:
        moment = datetime.datetime(
            1980 + (date >> 9),
            date >> 5 & 0xF,
            date & 0x1F,
            time >> 11,
            time >> 5 & 0x3F,
            (time & 0x1F) * 2,
            tzinfo=datetime.UTC,
        )
    except ValueError:
        return None
    return (int(moment.timestamp()) + seconds) * SECOND_NS + rest * 10_000_000
