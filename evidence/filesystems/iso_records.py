"""The records of ISO 9660: descriptors, directory records, their times, and the Rock Ridge fields behind them.

Sources: ECMA-119 4th edition, 7.2, 7.3, 8.4 to 8.5 and 9.1; Joliet specification; SUSP 1.12; RRIP 1.12.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from evidence.filesystems.stamps import SECOND_NS
from evidence.filesystems.zisofs import Packing, packing_of

DIRECTORY, ASSOCIATED, MULTI_EXTENT = 0x02, 0x04, 0x80
ZONE_QUARTERS = range(-48, 53)
"""The distances from UTC that a time may have, in quarters of an hour (ECMA-119, 8.4.26.1 and 9.1.5)."""
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MAX_CONTINUATIONS = 64
_TIME_NAMES = ("created", "modified", "accessed", "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A directory record.

    Attributes:
        offset_bytes: Where on the media it lies.
        block: First block of its extent, behind the extended attribute record.
        contradiction: What its little-endian and big-endian fields disagree on; None where they agree.
        is_interleaved: Whether the extent is split into units with gaps, or lies on another volume of the set.
        system_use: What follows the name.
    """

    offset_bytes: int
    length: int
    block: int
    size_bytes: int
    recorded: bytes
    flags: int
    is_interleaved: bool
    name: bytes
    system_use: bytes
    contradiction: str | None


def parse_record(raw: bytes, offset_bytes: int) -> Record:
    """The record at the start of ``raw``; raises OSError where it makes no sense."""
    length = raw[0] if raw else 0
    if length < 34 or length > len(raw) or 33 + raw[32] > length:
        raise OSError(f"the directory record at byte {offset_bytes} contradicts itself")
    block, block_big, size, size_big = (
        *struct.unpack_from("<I", raw, 2),
        *struct.unpack_from(">I", raw, 6),
        *struct.unpack_from("<I", raw, 10),
        *struct.unpack_from(">I", raw, 14),
    )
    told = []
    if block != block_big:
        told.append(
            f"the extent begins at block {block} by its little-endian and at {block_big} by its big-endian field"
        )
    if size != size_big:
        told.append(f"the size is {size} by its little-endian and {size_big} by its big-endian field")
    end = 33 + raw[32]
    return Record(
        offset_bytes=offset_bytes,
        length=length,
        block=block + raw[1],
        size_bytes=size,
        recorded=raw[18:25],
        flags=raw[25],
        is_interleaved=bool(raw[26] or raw[27]),
        name=raw[33:end],
        system_use=raw[end + 1 - raw[32] % 2 : length],
        contradiction="; ".join(told) or None,
    )


def quarters_of(zone: int) -> int:
    """The distance from UTC in quarters of an hour, by the last byte of a time."""
    return zone - 256 if zone > 127 else zone


def wall_time(raw: bytes) -> int | None:
    """The seven bytes of a directory record without their zone; None where none, or an impossible one, is set."""
    try:
        return short_time(raw[:6] + b"\0") if len(raw) == 7 else None
    except ValueError:
        return None


def short_time(raw: bytes) -> int | None:
    """The seven bytes of a directory record, put to UTC; None where none is set; ValueError for an impossible one."""
    if len(raw) < 7 or not any(raw[:6]):
        return None
    return _utc(1900 + raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], 0, raw[6])


def long_time(raw: bytes) -> int | None:
    """The seventeen bytes of a descriptor, put to UTC; None where none is set; ValueError for an impossible one."""
    digits = raw[:16]
    if len(raw) < 17 or not digits.strip(b"0\0 "):
        return None
    if not digits.isdigit():
        raise ValueError("a time has letters where digits are due")
    text = digits.decode()
    parts = [int(text[:4]), *(int(text[at : at + 2]) for at in range(4, 14, 2))]
    return _utc(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], int(text[14:16]), raw[16])


def _utc(year: int, month: int, day: int, hour: int, minute: int, second: int, centi: int, zone: int) -> int:
    quarters = quarters_of(zone)
    if quarters not in ZONE_QUARTERS:
        raise ValueError("the distance from UTC is beyond its range")
    local = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC) - _EPOCH
    seconds = local.days * 86_400 + local.seconds - quarters * 900
    if abs(seconds) >= 1 << 33:
        raise ValueError("the time is out of range")
    return seconds * SECOND_NS + centi * 10_000_000


@dataclass(slots=True, kw_only=True)
class RockRidge:
    """What the fields of Rock Ridge say of one entry; None where they do not.

    Attributes:
        times: Of :data:`evidence.filesystems.base.TIME_FIELDS`, put to UTC.
        child: Block of the directory that was moved elsewhere.
        is_moved: Whether this is the place where a directory was moved to.
        packing: How the content is compressed.
    """

    name: bytes | None = None
    mode: int | None = None
    device: tuple[int, int] | None = None
    target: bytes | None = None
    child: int | None = None
    is_moved: bool = False
    times: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    sparse: bool = False
    packing: Packing | None = None


def skip_of(root: Record) -> int | None:
    """How many bytes Rock Ridge fields are to be looked for behind, from the root's own record; None without them."""
    at = root.system_use.find(b"SP\x07\x01\xbe\xef")
    return root.system_use[at + 6] if at >= 0 and at + 6 < len(root.system_use) else None


def rock_ridge(record: Record, skip: int, area: Callable[[int, int, int], bytes]) -> RockRidge:
    """The fields of an entry, with their continuations.

    Args:
        record: The entry.
        skip: As :func:`skip_of` tells.
        area: Reads so many bytes (third) of a block (first) from a place in it (second) on.

    Raises:
        OSError: A continuation cannot be read.
    """
    found, link, raw = RockRidge(), _Link(), record.system_use[skip:]
    seen: set[tuple[int, int]] = set()
    while raw:
        further: tuple[int, int, int] | None = None
        at = 0
        while at + 4 <= len(raw):
            mark, length = raw[at : at + 2], raw[at + 2]
            if length < 4 or at + length > len(raw) or mark == b"ST":
                break
            body = raw[at + 4 : at + length]
            if mark == b"CE" and len(body) >= 24:
                further = (
                    *struct.unpack_from("<I", body, 0),
                    *struct.unpack_from("<I", body, 8),
                    *struct.unpack_from("<I", body, 16),
                )
            elif mark == b"SL" and body:
                link.add(body)
            else:
                _field(found, mark, body)
            at += length
        if further is None:
            break
        if further[:2] in seen or len(seen) >= _MAX_CONTINUATIONS or further[2] > 1 << 16:
            raise OSError("the continuations of its Rock Ridge fields lead back or are too large")
        seen.add(further[:2])
        raw = area(*further)
    found.target = link.target
    return found


def _field(found: RockRidge, mark: bytes, body: bytes) -> None:
    if mark == b"NM" and body:
        found.name = (found.name or b"") + (body[1:] if not body[0] & 6 else b"")
    elif mark == b"PX" and len(body) >= 8:
        (found.mode,) = struct.unpack_from("<I", body)
    elif mark == b"PN" and len(body) >= 16:
        high, low = struct.unpack_from("<I", body)[0], struct.unpack_from("<I", body, 8)[0]
        found.device = (high, low) if high else (low >> 8, low & 0xFF)
    elif mark == b"CL" and len(body) >= 8:
        (found.child,) = struct.unpack_from("<I", body)
    elif mark == b"RE":
        found.is_moved = True
    elif mark == b"SF":
        found.sparse = True
    elif mark == b"ZF":
        found.packing = packing_of(body)
    elif mark == b"TF" and body:
        _times(found, body)


def _times(found: RockRidge, body: bytes) -> None:
    size, read = (17, long_time) if body[0] & 0x80 else (7, short_time)
    at = 1
    for bit, name in enumerate(_TIME_NAMES):
        if body[0] >> bit & 1:
            try:
                value = read(body[at : at + size])
            except ValueError:
                value = None
                found.notes.append("an impossible time is left out")
            if value is not None:
                found.times[name] = value
            at += size


class _Link:
    """A symbolic link, whose components may go on in the next field."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._goes_on = False

    def add(self, body: bytes) -> None:
        at = 1
        while at + 2 <= len(body):
            flags, length = body[at], body[at + 1]
            part = {2: b".", 4: b"..", 8: b""}.get(flags & 0x0E, body[at + 2 : at + 2 + length])
            if self._goes_on and self._parts:
                self._parts[-1] += part
            else:
                self._parts.append(part)
            self._goes_on = bool(flags & 1)
            at += 2 + length

    @property
    def target(self) -> bytes | None:
        """The whole target; None without a field."""
        if not self._parts:
            return None
        return b"/" if self._parts == [b""] else b"/".join(self._parts)
