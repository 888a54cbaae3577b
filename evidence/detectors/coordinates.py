"""Places on the earth: decimal pairs, degrees with minutes and seconds, geo: addresses (RFC 5870), ISO 6709."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from evidence.detectors.base import AMBIGUOUS, WELL_FORMED, Found
from evidence.detectors.nearby import has_any

KINDS = ("coordinates",)
LONGEST_BYTES = 150
_OF_GEO = rb"(?i:geo):[+-]?[0-9]"
_OF_POINTS, _OF_COMMAS = rb"\.[0-9]{4,15}[,;] {0,2}[+-]?[0-9]{1,3}\.", rb",[0-9]{4,15}; {0,2}[+-]?[0-9]{1,3},"
_OF_SIDES = rb"[.,][0-9]{4,15} ?[NSns][,; 0-9]"
_OF_DECIMALS = b"|".join((_OF_POINTS, _OF_COMMAS, _OF_SIDES))
_OF_ISO = rb"[+-][0-9]{2}\.[0-9]{2,10}[+-][0-9]{3}\."
_DEGREE = rb"(?:\xc2[\xb0\xba]|[\xb0\xba])"
_OF_DEGREES = rb"[0-9] ?" + _DEGREE + rb" ?[0-9NSEWOnsewo]|[NS] ?[0-9]{1,3}(?:\.[0-9]{2,15})? ?" + _DEGREE
_OF_NAMES = rb"(?i:lat(?:itude)?)[\"']? ?[:=] ?[\"']?[+-]?[0-9]"
SIGNS = (_OF_GEO, _OF_DECIMALS, _OF_ISO, _OF_DEGREES, _OF_NAMES)

_GEO = re.compile(
    rb"(?<![0-9A-Za-z])geo:([+-]?[0-9]{1,2}(?:\.[0-9]{1,18})?),([+-]?[0-9]{1,3}(?:\.[0-9]{1,18})?)(?![0-9]|\.[0-9])"
    rb"(?!(?:,[0-9.+-]{1,24})?;crs=(?!wgs84(?![0-9A-Za-z-])))",
    re.IGNORECASE,
)
_BEGIN = rb"(?<![0-9A-Za-z.,+-])"
_END = rb"(?![0-9A-Za-z]|\.[0-9])"
_DECIMAL = re.compile(
    _BEGIN + rb"([+-]?[0-9]{1,2}\.[0-9]{4,15})[,;] {0,2}([+-]?[0-9]{1,3}\.[0-9]{4,15})(?![0-9A-Za-z]|\.[0-9])"
)
_COMMAS = re.compile(
    _BEGIN + rb"([+-]?[0-9]{1,2},[0-9]{4,15}); {0,2}([+-]?[0-9]{1,3},[0-9]{4,15})(?![0-9A-Za-z]|[.,][0-9])"
)
_ISO = re.compile(_BEGIN + rb"([+-][0-9]{2}\.[0-9]{2,10})([+-][0-9]{3}\.[0-9]{2,10})[0-9.+-]{0,12}/")
_LAT, _LON = rb"lat(?:itude)?", rb"(?:longitude|long|lon|lng)"
_VALUE = rb"[\"']? ?[:=] ?[\"']?([+-]?[0-9]{1,3}\.[0-9]{2,18})(?![0-9A-Za-z]|\.[0-9])"
_BETWEEN = rb"[\"']?[,;&]?[ \t\r\n]{0,8}[\"']?"
_NAMED = re.compile(rb"(?<![0-9A-Za-z])" + _LAT + _VALUE + _BETWEEN + _LON + _VALUE, re.IGNORECASE)
_NAMED_BACK = re.compile(rb"(?<![0-9A-Za-z])" + _LON + _VALUE + _BETWEEN + _LAT + _VALUE, re.IGNORECASE)
_MINUTE = rb"(?:'|\xe2\x80\xb2|\xe2\x80\x99)"
_SECOND = rb"(?:\"|''|\xe2\x80\xb3|\xe2\x80\x9d)"
_NUMBER = rb"([0-9]{1,2}(?:\.[0-9]{1,10})?)"
_PART = (
    rb"([0-9]{1,3}) ?"
    + _DEGREE
    + rb" ?"
    + _NUMBER
    + rb" ?"
    + _MINUTE
    + rb"(?: ?"
    + _NUMBER
    + rb" ?"
    + _SECOND
    + rb")? ?"
)
_SEXAGESIMAL = re.compile(
    rb"(?<![0-9A-Za-z.])(?<![^A-Za-z][NSEWO] )" + _PART + rb"([NSns])[,;]? {0,2}" + _PART + rb"([EWOewo])(?![A-Za-z])"
)
_SIDED = rb"%s[.,](?:[0-9]{2,15} ?" + _DEGREE + rb"|[0-9]{4,15})"
_DEGREES = re.compile(
    rb"(?<![0-9A-Za-z.,])(?<![^A-Za-z][NSEWO] )(" + _SIDED % rb"[0-9]{1,2}" + rb") ?([NSns])[,;]? {0,2}("
    + _SIDED % rb"[0-9]{1,3}" + rb") ?([EWOewo])(?![0-9A-Za-z])"
)  # fmt: skip
_BEHIND_SIDE = (
    rb" ?(?>([0-9]{1,3}(?:\.[0-9]{2,15})?) ?" + _DEGREE + rb"(?: ?" + _NUMBER
    + rb"(?: ?" + _MINUTE + rb"(?: ?" + _NUMBER + rb" ?" + _SECOND + rb")?)?)?)"
)  # fmt: skip
_SIDE_FIRST = re.compile(
    rb"(?<![0-9A-Za-z.\"'\x99\x9d\xb0\xb2\xb3\xba])(?<![\"'\x99\x9d\xb0\xb2\xb3\xba] )([NS])" + _BEHIND_SIDE
    + rb"[,;]? {0,2}([EWO])" + _BEHIND_SIDE + _END
)  # fmt: skip
_NO_NUMBER = re.compile(rb"[^0-9.]+$")


def find(data: bytes) -> Iterator[Found]:
    """Pairs of latitude and longitude in their ranges, given in degrees; decimal ones with four decimals at least.

    Two decimals are enough with the sign of degrees or the names of both. The letter O is East in German and West in
    the Romance languages: such a pair is told in both readings.
    """
    for signs, pattern, read in _FORMS:
        for match in pattern.finditer(data) if has_any(data, signs) else ():
            pair = read(match)
            if pair is not None and abs(pair[0]) <= 90 and abs(pair[1]) <= 180:
                text, validity = f"{pair[0]:.6f}, {pair[1]:.6f}", WELL_FORMED
                if pattern in _SIDES and match[_SIDES[pattern]] in b"Oo":
                    text, validity = f"{text} (O as East) or {pair[0]:.6f}, {-pair[1]:.6f} (O as West)", AMBIGUOUS
                yield Found(kind=KINDS[0], start=match.start(), end=match.end(), text=text, validity=validity)


def _plain(match: re.Match[bytes]) -> tuple[float, float]:
    return float(match[1].replace(b",", b".")), float(match[2].replace(b",", b"."))


def _back(match: re.Match[bytes]) -> tuple[float, float]:
    return float(match[2]), float(match[1])


def _degrees(match: re.Match[bytes]) -> tuple[float, float]:
    values = [float(_NO_NUMBER.sub(b"", match[at].replace(b",", b"."))) for at in (1, 3)]
    return _signed(values[0], match[2]), _signed(values[1], match[4])


def _sexagesimal(match: re.Match[bytes]) -> tuple[float, float] | None:
    return _of_parts(match.group(1, 2, 3, 4), match.group(5, 6, 7, 8))


def _side_first(match: re.Match[bytes]) -> tuple[float, float] | None:
    if any(b"." in match[at] if match[at + 1] else b"." not in match[at] for at in (2, 6)):
        return None
    return _of_parts(match.group(2, 3, 4, 1), match.group(6, 7, 8, 5))


def _of_parts(*parts: tuple[bytes, ...]) -> tuple[float, float] | None:
    """Of degrees, minutes, seconds and side of latitude and longitude."""
    values = []
    for degrees, minutes, seconds, side in parts:
        if float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
            return None
        values.append(_signed(float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600, side))
    return values[0], values[1]


def _signed(value: float, side: bytes) -> float:
    return -value if side in b"SsWw" else value


_FORMS: tuple[
    tuple[tuple[bytes, ...], re.Pattern[bytes], Callable[[re.Match[bytes]], tuple[float, float] | None]], ...
] = (
    ((_OF_POINTS,), _DECIMAL, _plain), ((_OF_COMMAS,), _COMMAS, _plain), ((_OF_GEO,), _GEO, _plain),
    ((_OF_ISO,), _ISO, _plain), ((_OF_NAMES,), _NAMED, _plain), ((_OF_NAMES,), _NAMED_BACK, _back),
    ((_OF_DEGREES,), _SEXAGESIMAL, _sexagesimal), ((_OF_SIDES, _OF_DEGREES), _DEGREES, _degrees),
    ((_OF_DEGREES,), _SIDE_FIRST, _side_first),
)  # fmt: skip
"""Each with the signs without which it has no match: most bytes that look like a sign of degrees are noise."""
_SIDES = {_SEXAGESIMAL: 8, _DEGREES: 4, _SIDE_FIRST: 5}
"""The group that holds the side of the longitude."""
