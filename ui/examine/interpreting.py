"""What bytes mean as numbers and as times, in every usual way; no widget.

Sources of the times: [MS-DTYP] 2.3.3 and 2.3.13 (FILETIME, SYSTEMTIME), FAT specification 1.03 (DOS), TN1150 (HFS+),
Apple's CFDate (Mac absolute), Chromium's base::Time (WebKit), [MS-OAUT] 2.2.25 (OLE), IS-GPS-200 (GPS), SQLite's
date functions (Julian day), .NET's DateTime.Ticks.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from uuid import UUID

from forensics_app.model.timeline import iso_text
from ui.examine.words import tr

MOST_BYTES = 16
_SECOND_NS, _DAY_NS = 1_000_000_000, 86_400 * 1_000_000_000
_FROM_1601_NS = -11_644_473_600 * _SECOND_NS
_FROM_0001_NS = -62_135_596_800 * _SECOND_NS
_FROM_1904_NS = -2_082_844_800 * _SECOND_NS
_FROM_1899_NS = -25_569 * _DAY_NS
_FROM_1980_NS = 315_964_800 * _SECOND_NS
_FROM_2001_NS = 978_307_200 * _SECOND_NS
_JULIAN_NS = -Fraction(4_881_175, 2) * _DAY_NS  # noon of day 0 is 2,440,587.5 days before 1970
_FIRST_NS, _LAST_NS = _FROM_0001_NS, 253_402_300_800 * _SECOND_NS
"""Years 1 to 9999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One way to read the bytes.

    Attributes:
        name: Of the kind.
        little: Value with the lowest byte first; empty where there are too few bytes.
        big: Value with the highest byte first.
        basis: What the number counts, in which zone, and how finely; empty for numbers.
    """

    name: str
    little: str
    big: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class _Time:
    """A kind of time: how many of which unit since when, as a format of :mod:`struct` without its order."""

    name: str
    code: str
    unit_ns: int
    from_ns: int | Fraction
    basis: str
    digits: int = 0
    is_local: bool = False


def _times() -> tuple[_Time, ...]:
    utc, local = tr("UTC; {counted}"), tr("local time, zone not stored; {counted}")
    s_1970, s_1904, s_2001 = (tr("seconds since {year}").format(year=year) for year in (1970, 1904, 2001))
    us_1970, us_1601 = (tr("microseconds since {year}").format(year=year) for year in (1970, 1601))
    ns_1970, ns_2001 = (tr("nanoseconds since {year}").format(year=year) for year in (1970, 2001))
    days, julian = tr("days since 1899-12-30"), tr("days since noon, 4714 BC")
    gps = tr("GPS time, which has no leap seconds; seconds since 1980-01-06")
    ticks = tr("100 ns since the year 1; its upper 2 bits tell the zone, and are left out")
    return (
        _Time("Unix, s, 32", "i", _SECOND_NS, 0, utc.format(counted=s_1970)),
        _Time("Unix, s, 64", "q", _SECOND_NS, 0, utc.format(counted=s_1970)),
        _Time("Unix, ms", "q", 1_000_000, 0, utc.format(counted=tr("milliseconds since 1970")), 3),
        _Time("Unix, \u00b5s", "q", 1_000, 0, utc.format(counted=us_1970), 6),
        _Time("Unix, ns (APFS)", "q", 1, 0, utc.format(counted=ns_1970), 9),
        _Time("Unix, s, double", "d", _SECOND_NS, 0, utc.format(counted=s_1970), 6),
        _Time("FILETIME", "Q", 100, _FROM_1601_NS, utc.format(counted=tr("100 ns since 1601")), 7),
        _Time("WebKit, Chrome", "q", 1_000, _FROM_1601_NS, utc.format(counted=us_1601), 6),
        _Time("HFS+", "I", _SECOND_NS, _FROM_1904_NS, utc.format(counted=s_1904)),
        _Time("HFS", "I", _SECOND_NS, _FROM_1904_NS, local.format(counted=s_1904), is_local=True),
        _Time("Mac absolute, double", "d", _SECOND_NS, _FROM_2001_NS, utc.format(counted=s_2001), 6),
        _Time("Mac absolute, s", "i", _SECOND_NS, _FROM_2001_NS, utc.format(counted=s_2001)),
        _Time("Mac absolute, ns", "q", 1, _FROM_2001_NS, utc.format(counted=ns_2001), 9),
        _Time("OLE date", "d", _DAY_NS, _FROM_1899_NS, local.format(counted=days), 3, is_local=True),
        _Time("SQLite, Julian day", "d", _DAY_NS, _JULIAN_NS, utc.format(counted=julian), 3),
        _Time("GPS, s", "I", _SECOND_NS, _FROM_1980_NS, gps, is_local=True),
        _Time(".NET ticks", "Q", 100, _FROM_0001_NS, ticks, 7, is_local=True),
    )


def meanings(data: bytes) -> tuple[Meaning, ...]:
    """Every way to read the first bytes of ``data``, at most :data:`MOST_BYTES` of them."""
    data = data[:MOST_BYTES]
    return (*_numbers(data), *_all_times(data), *_others(data))


def _numbers(data: bytes) -> Iterator[Meaning]:
    if data:
        yield Meaning(name=tr("Bits of the first byte"), little=f"{data[0]:08b}", big=f"{data[0]:08b}")
    for bits in (8, 16, 24, 32, 48, 64):
        for signed in (False, True):
            size = bits // 8
            name = tr("Signed, {n} bits") if signed else tr("Unsigned, {n} bits")
            if len(data) >= size:
                little, big = (f"{int.from_bytes(data[:size], order, signed=signed):,}" for order in ("little", "big"))
                yield Meaning(name=name.format(n=bits), little=little, big=big)
    for bits, code in ((16, "e"), (32, "f"), (64, "d")):
        little, big = _both(code, data, repr)
        if little:
            yield Meaning(name=tr("Float, {n} bits").format(n=bits), little=little, big=big)


def _all_times(data: bytes) -> Iterator[Meaning]:
    for kind in _times():
        little, big = _both(kind.code, data, partial(_moment, kind))
        if little:
            yield Meaning(name=kind.name, little=little, big=big, basis=kind.basis)
    if len(data) >= 4:
        told = tuple(_dos(*struct.unpack_from(f"{order}HH", data)) for order in "<>")
        yield Meaning(
            name=tr("DOS, time then date"), little=told[0], big=told[1],
            basis=tr("local time, zone not stored; steps of 2 seconds"),
        )  # fmt: skip
        turned = tuple(_dos(*reversed(struct.unpack_from(f"{order}HH", data))) for order in "<>")
        yield Meaning(
            name=tr("DOS, date then time"), little=turned[0], big=turned[1],
            basis=tr("local time, zone not stored; steps of 2 seconds"),
        )  # fmt: skip
    if len(data) >= 16:
        little, big = (_system_time(struct.unpack_from(f"{order}8H", data)) for order in "<>")
        yield Meaning(name="SYSTEMTIME", little=little, big=big, basis=tr("zone not stored; milliseconds"))


def _others(data: bytes) -> Iterator[Meaning]:
    if len(data) >= 16:
        yield Meaning(name="GUID", little=str(UUID(bytes_le=data)), big=str(UUID(bytes=data)))


def _both(code: str, data: bytes, tell: Callable[[int | float], str]) -> tuple[str, str]:
    if len(data) < struct.calcsize(f"<{code}"):
        return "", ""
    little, big = (tell(struct.unpack_from(f"{order}{code}", data)[0]) for order in "<>")
    return little, big


def _moment(kind: _Time, value: int | float) -> str:
    """The time that a number stands for, with the digits that its unit has; no time outside the years 1 to 9999."""
    if isinstance(value, float) and not abs(value) < 1e18:
        return tr("no time")
    if kind.code == "Q" and kind.from_ns == _FROM_0001_NS:
        value = int(value) & 0x3FFF_FFFF_FFFF_FFFF
    exact = Fraction(value)
    if kind.from_ns == _FROM_1899_NS and exact < 0:  # the fraction counts forward, also before 1899-12-30
        whole = -(-exact // 1)
        exact = whole - (exact - whole)
    ns = math.floor(exact * kind.unit_ns + kind.from_ns)
    if not _FIRST_NS <= ns < _LAST_NS:
        return tr("no time")
    return _shown(ns, kind.digits, is_local=kind.is_local)


def _shown(ns: int, digits: int, *, is_local: bool) -> str:
    main, _, fraction = iso_text(ns).removesuffix("Z").partition(".")
    words = f"{main}.{fraction[:digits]}" if digits else main
    return words.replace("T", " ") if is_local else f"{words}Z"


def _dos(time: int, date: int) -> str:
    """A date and time of FAT; fields that cannot be are no time."""
    year, month, day = 1980 + (date >> 9), date >> 5 & 15, date & 31
    hour, minute, second = time >> 11, time >> 5 & 63, (time & 31) * 2
    return _calendar(year, month, day, (hour, minute, second))


def _system_time(fields: tuple[int, ...]) -> str:
    year, month, weekday, day, hour, minute, second, ms = fields
    if weekday > 6 or ms > 999 or year < 1601:
        return tr("no time")
    shown = _calendar(year, month, day, (hour, minute, second))
    return f"{shown}.{ms:03d}" if shown[:1].isdigit() else shown


def _calendar(year: int, month: int, day: int, clock: tuple[int, int, int]) -> str:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not 1 <= month <= 12 or not 1 <= day <= days[month - 1] or clock[0] > 23 or clock[1] > 59 or clock[2] > 59:
        return tr("no time")
    return f"{year:04d}-{month:02d}-{day:02d} {clock[0]:02d}:{clock[1]:02d}:{clock[2]:02d}"
