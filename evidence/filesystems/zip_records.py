"""The records of a ZIP: where its directory is, what it says of each member, and what stands before the member itself.

Sources: PKWARE APPNOTE 6.3.10; Info-ZIP's ``extrafld.txt``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.filesystems.stamps import SECOND_NS, dos_time
from evidence.images.base import Problem
from evidence.volumes.base import Readable, peek

LOCAL_MARK, CENTRAL_MARK, DESCRIPTOR_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
ENCRYPTED, SIZES_BEHIND, STRONG, IS_UTF8, MASKED = 1, 8, 0x40, 0x800, 0x2000
AES = 99
UNIX_HOSTS = frozenset({3, 19})

_END_MARK, _LOCATOR_MARK, _END64_MARK = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END, _LOCATOR, _END64 = struct.Struct("<4s4HIIH"), struct.Struct("<4sIQI"), struct.Struct("<4sQHHIIQQQQ")
_CENTRAL, _LOCAL = struct.Struct("<4s6H3I5HII"), struct.Struct("<4s5H3IHH")
_ZIP64, _NTFS, _UT, _UX, _NAME = 0x0001, 0x000A, 0x5455, 0x5855, 0x7075
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_TAIL_BYTES = (1 << 20) + 65557
_READ_BYTES = 1 << 20
_FILETIME_1970 = 116_444_736_000_000_000
_LONGEST_RECORD = 46 + 3 * 65535
_NEWEST_VERSION = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Where the central directory is.

    Attributes:
        start_bytes: Its first record.
        end_bytes: Behind its last.
        shift_bytes: To be added to every offset in it: what was put before the archive.
        count: How many members are announced.
        comment: Of the archive.
        problems: What is contradictory in the records that say this.
    """

    start_bytes: int
    end_bytes: int
    shift_bytes: int
    count: int
    comment: bytes
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record of the directory, or of what stands before a member.

    Attributes:
        at: Its own place.
        length: Of the record itself.
        local: Where the member begins; its own place for a record before a member.
        is_central: Whether it stands in the directory.
    """

    at: int
    length: int
    local: int
    is_central: bool
    name: bytes
    host: int
    attributes: int
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    packed_bytes: int
    size_bytes: int
    extras: dict[int, bytes] = field(default_factory=dict)

    @property
    def dos_ns(self) -> int | None:
        """The wall time that every member has; None for an impossible one."""
        return dos_time(self.date, self.time, 0)

    def utc_ns(self) -> tuple[int | None, int | None, int | None]:
        """Modified, accessed and created as an extra field has them in UTC."""
        ntfs = self.extras.get(_NTFS, b"")
        if len(ntfs) >= 32 and ntfs[4:8] == b"\x01\x00\x18\x00":
            stamps = struct.unpack_from("<QQQ", ntfs, 8)
            modified, accessed, created = ((stamp - _FILETIME_1970) * 100 if stamp else None for stamp in stamps)
            return modified, accessed, created
        unix, found = self.extras.get(_UT, b""), []
        if unix:
            place = 1
            for bit in (1, 2, 4):
                there = unix[0] & bit and len(unix) >= place + 4
                found.append(struct.unpack_from("<i", unix, place)[0] * SECOND_NS if there else None)
                place += 4 if there else 0
            return found[0], found[1], found[2]
        old = self.extras.get(_UX, b"")
        if len(old) >= 8:
            accessed, modified = struct.unpack_from("<ii", old)
            return modified * SECOND_NS, accessed * SECOND_NS, None
        return None, None, None

    @property
    def has_fine_times(self) -> bool:
        """Whether its times are those of NTFS."""
        return len(self.extras.get(_NTFS, b"")) >= 32

    @property
    def unicode_name(self) -> bytes:
        """The name in UTF-8 from an extra field, if it belongs to the one in the record; else empty."""
        raw = self.extras.get(_NAME, b"")
        if len(raw) > 5 and raw[0] == 1 and int.from_bytes(raw[1:5], "little") == zlib.crc32(self.name):
            return raw[5:]
        return b""


def is_utf8(name: bytes) -> bool:
    """Whether a name is text in UTF-8."""
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def find_directory(source: Readable) -> Directory | None:
    """The central directory; None where there is none. Raises OSError for one that continues on other disks."""
    start = max(0, source.media_bytes - _TAIL_BYTES)
    tail = source.read_at(start, _TAIL_BYTES)
    at = _last_end(tail)
    if at is None:
        return None
    _, disk, first_disk, _, count, size, offset, comment_bytes = _END.unpack_from(tail, at)
    comment = tail[at + _END.size : at + _END.size + comment_bytes]
    problems, end = [], start + at
    behind = source.media_bytes - end - _END.size - comment_bytes
    if behind > 0:
        what = f"{behind} bytes follow behind the end of the archive."
        place = source.media_bytes - behind
        problems.append(Problem(what=what, where="", offset_bytes=place, is_damage=False))
    elif behind < 0:
        problems.append(Problem(what="The comment of the archive is cut off.", where="", offset_bytes=end))
    wide = _end64(source, end)
    if wide is not None and (
        _FULL32 in (size, offset, count | 0xFFFF0000) or wide[1][-3:] == (count, size, offset)
    ):  # Info-ZIP writes these records into every archive that it streams, also where nothing in them is needed
        end, (_, _, _, _, disk, first_disk, _, count, size, offset) = wide
    if disk != first_disk or (disk not in (0, _FULL16)):
        raise OSError(f"it is part {disk + 1} of an archive whose directory is on part {first_disk + 1}")
    shift = end - size - offset
    if shift < 0 or (shift and peek(source, offset, 4) == CENTRAL_MARK != peek(source, offset + shift, 4)):
        what = f"The directory should have {size} bytes from {offset} on, which does not lead to its end at {end}."
        problems.append(Problem(what=what, where="", offset_bytes=end))
        shift = 0
    first = offset + shift
    return Directory(
        start_bytes=first, end_bytes=max(first, end), shift_bytes=shift, count=count, comment=comment,
        problems=tuple(problems),
    )  # fmt: skip


def _last_end(tail: bytes) -> int | None:
    """The end record that closes the file; else the last that there is."""
    last, place = None, len(tail)
    while (place := tail.rfind(_END_MARK, 0, place + 3)) >= 0:
        if place + _END.size <= len(tail):
            if place + _END.size + int.from_bytes(tail[place + 20 : place + 22], "little") == len(tail):
                return place
            last = place if last is None else last
    return last


def _end64(source: Readable, end: int) -> tuple[int, tuple[int, ...]] | None:
    raw = peek(source, end - _LOCATOR.size, _LOCATOR.size) if end >= _LOCATOR.size else b""
    if raw[:4] != _LOCATOR_MARK or len(raw) < _LOCATOR.size:
        return None
    told = _LOCATOR.unpack(raw)[2]
    for place in (told, end - _LOCATOR.size - _END64.size):
        record = peek(source, place, _END64.size) if 0 <= place < source.media_bytes else b""
        if record[:4] == _END64_MARK and len(record) == _END64.size:
            return place, _END64.unpack(record)
    raise OSError(f"the record of its large directory is not at byte {told}")


def central_entries(source: Readable, directory: Directory) -> Iterator[Entry]:
    """The records of the directory in their order.

    Raises:
        OSError: One of them makes no sense, and where the next one is cannot be known.
        UnreadableRegionError: They cannot be read.
    """
    buffer, base, at = b"", directory.start_bytes, directory.start_bytes
    while at < directory.end_bytes:
        if at - base + _LONGEST_RECORD > len(buffer) and base + len(buffer) < directory.end_bytes:
            base = at
            buffer = source.read_at(base, min(_READ_BYTES, directory.end_bytes - base))
        entry = _central(buffer, at - base, at, directory.shift_bytes)
        if entry is None:
            if buffer[at - base : at - base + 4] in (b"PK\x05\x05", _END64_MARK):
                return
            raise OSError(f"the record at byte {at} of its directory is none")
        yield entry
        at += entry.length


def central_entry(source: Readable, at: int, shift: int) -> Entry:
    """One record of the directory; raises OSError where there is none."""
    head = source.read_at(at, _CENTRAL.size)
    size = sum(struct.unpack_from("<3H", head, 28)) if len(head) == _CENTRAL.size else 0
    entry = _central(head + source.read_at(at + _CENTRAL.size, size), 0, at, shift)
    if entry is None:
        raise OSError(f"there is no record of the directory at byte {at}")
    return entry


def _central(raw: bytes, place: int, at: int, shift: int) -> Entry | None:
    if len(raw) - place < _CENTRAL.size:
        return None
    (
        mark, made, _, flags, method, time, date, crc, packed, size, name, extra, comment, _, _, attributes, local,
    ) = _CENTRAL.unpack_from(raw, place)  # fmt: skip
    length = _CENTRAL.size + name + extra + comment
    if mark != CENTRAL_MARK or place + length > len(raw):
        return None
    begin = place + _CENTRAL.size
    extras = _extras(raw[begin + name : begin + name + extra])
    size, packed, local = _widened(extras, size, packed, local)
    return Entry(
        at=at, length=length, local=local + shift, is_central=True, name=raw[begin : begin + name], host=made >> 8,
        attributes=attributes, flags=flags, method=method, time=time, date=date, crc32=crc, packed_bytes=packed,
        size_bytes=size, extras=extras,
    )  # fmt: skip


def local_entry(source: Readable, at: int) -> Entry | None:
    """What stands before a member; None where nothing does."""
    head = source.read_at(at, _LOCAL.size + 512)
    if len(head) < _LOCAL.size or head[:4] != LOCAL_MARK:
        return None
    _, version, flags, method, time, date, crc, packed, size, name, extra = _LOCAL.unpack_from(head)
    if version & 0xFF > _NEWEST_VERSION:
        return None
    length = _LOCAL.size + name + extra
    if length > len(head):
        head += source.read_at(at + len(head), length - len(head))
    if length > len(head):
        return None
    extras = _extras(head[_LOCAL.size + name : length])
    size, packed, _ = _widened(extras, size, packed, 0)
    return Entry(
        at=at, length=length, local=at, is_central=False, name=head[_LOCAL.size : _LOCAL.size + name],
        host=0, attributes=0, flags=flags, method=method, time=time, date=date, crc32=crc, packed_bytes=packed,
        size_bytes=size, extras=extras,
    )  # fmt: skip


def _widened(extras: dict[int, bytes], size: int, packed: int, local: int) -> tuple[int, int, int]:
    """Sizes and place with those of 64 bits, which are there only for what does not fit into 32."""
    wide, place, found = extras.get(_ZIP64, b""), 0, []
    for value in (size, packed, local):
        if value == _FULL32 and len(wide) >= place + 8:
            found.append(struct.unpack_from("<Q", wide, place)[0])
            place += 8
        else:
            found.append(value)
    return found[0], found[1], found[2]


def _extras(raw: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    place = 0
    while place + 4 <= len(raw):
        kind, size = struct.unpack_from("<HH", raw, place)
        found.setdefault(kind, raw[place + 4 : place + 4 + size])
        place += 4 + size
    return found
