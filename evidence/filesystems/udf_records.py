"""The small records of UDF: tags, times, names, addresses.

Sources: ECMA-167 3rd edition, 1/7.2 to 1/7.4, 3/7.2, 4/7.2, 4/14.14; OSTA Universal Disk Format 2.60, 2.1 and 6.
"""

from __future__ import annotations

import binascii
import datetime
import struct
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.stamps import SECOND_NS
from evidence.volumes.base import Readable

PRIMARY, ANCHOR, POINTER, PARTITION, LOGICAL, TERMINATING, INTEGRITY = 1, 2, 3, 5, 6, 8, 9
FILE_SET, FILE_IDENTIFIER, ALLOCATION_EXTENT, FILE_ENTRY, EXTENDED_FILE_ENTRY = 256, 257, 258, 261, 266
UNALLOCATED_SPACE, SPACE_BITMAP = 263, 264
TAG_BYTES = 16
_TAG = struct.Struct("<HHBxHHHI")
_TIME = struct.Struct("<Hh8B")
_UNSPECIFIED_ZONE = -2047
_LARGEST_NS = (1 << 63) - 1
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Address:
    """A logical block of a partition; ``partition`` is an index into the partition maps."""

    partition: int
    block: int

    def __str__(self) -> str:
        """As in the rows of a catalogue: ``0-35``."""
        return f"{self.partition}-{self.block}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time stamp: nanoseconds since 1970, and whether its distance from UTC is known (and already applied)."""

    ns: int
    is_utc: bool


def exact(source: Readable, offset_bytes: int, size_bytes: int) -> bytes:
    """Exactly that many bytes; raises OSError where the media ends before, and UnreadableRegionError."""
    data = source.read_at(offset_bytes, size_bytes)
    if len(data) != size_bytes:
        raise OSError(f"the media ends before byte {offset_bytes + size_bytes}")
    return data


def tag_of(data: bytes, location: int) -> int:
    """The identifier of a tagged descriptor, once its tag, its CRC and its place are found right.

    Args:
        data: From the tag on.
        location: The block that the tag must name.

    Raises:
        OSError: There is no descriptor; says what is wrong with it.
    """
    if len(data) < TAG_BYTES:
        raise OSError("the descriptor is cut off")
    kind, version, checksum, _serial, crc, crc_bytes, own_location = _TAG.unpack_from(data)
    if (sum(data[:TAG_BYTES]) - data[4]) & 0xFF != checksum or version not in (2, 3):
        raise OSError("there is no descriptor: the checksum of its tag is wrong")
    if own_location != location:
        raise OSError(f"the descriptor of type {kind} says that it belongs to block {own_location}")
    if TAG_BYTES + crc_bytes > len(data) or binascii.crc_hqx(data[TAG_BYTES : TAG_BYTES + crc_bytes], 0) != crc:
        raise OSError(f"the descriptor of type {kind} is damaged: its CRC is wrong")
    return int(kind)


def tagged(source: Readable, block_bytes: int, block: int, *kinds: int) -> bytes | None:
    """The descriptor at a block of the media if it is whole and of one of ``kinds``; None if not."""
    try:
        data = exact(source, block * block_bytes, block_bytes)
        return data if tag_of(data, block) in kinds else None
    except UNREADABLE:
        return None


def moment(raw: bytes, at: int) -> Moment | None:
    """The time stamp at a place; None where none is set.

    Raises:
        ValueError: It is no possible time.
    """
    zone, year, month, day, hour, minute, second, centi, hundred_micro, micro = _TIME.unpack_from(raw, at)
    if not any(raw[at + 2 : at + 12]):
        return None
    if centi > 99 or hundred_micro > 99 or micro > 99:
        raise ValueError("the fractions of a second are beyond their range")
    local = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC) - _EPOCH
    minutes = (zone & 0xFFF) - (0x1000 if zone & 0x800 else 0)
    kind = zone >> 12
    known = kind == 0 or (kind == 1 and minutes != _UNSPECIFIED_ZONE)
    if kind == 1 and known:
        if abs(minutes) > 1440:
            raise ValueError("the distance from UTC is more than a day")
        local -= datetime.timedelta(minutes=minutes)
    ns = (local.days * 86_400 + local.seconds) * SECOND_NS + centi * 10_000_000 + hundred_micro * 100_000 + micro * 1000
    if abs(ns) > _LARGEST_NS:
        raise ValueError("the time is out of range")
    return Moment(ns, known)


def unicode_of(raw: bytes) -> tuple[str, bytes | None]:
    """OSTA compressed Unicode as text, and its bytes where they are not valid."""
    if not raw:
        return "", None
    if raw[0] in (8, 254):
        return raw[1:].decode("latin-1"), None
    if raw[0] in (16, 255):
        try:
            return raw[1:].decode("utf-16-be"), None
        except UnicodeDecodeError:
            return raw[1:].decode("utf-16-be", errors="replace"), raw
    return raw.decode("latin-1"), raw


def dstring(raw: bytes) -> str:
    """A string in a field of fixed length, whose last byte tells how much of it is used."""
    return unicode_of(raw[: min(raw[-1], len(raw) - 1)])[0].rstrip("\0")


def identifier(raw: bytes, at: int) -> bytes:
    """The name in an entity identifier."""
    return raw[at + 1 : at + 24].rstrip(b"\0")


def long_address(raw: bytes, at: int) -> tuple[int, Address]:
    """Length in bytes (with the type of the extent in its upper two bits) and place of a long allocation descriptor."""
    length, block, partition = struct.unpack_from("<IIH", raw, at)
    return length, Address(partition, block)


def where(error: Exception) -> int | None:
    """The place on the media of what could not be read."""
    return error.offset_bytes if isinstance(error, UnreadableRegionError) else None
