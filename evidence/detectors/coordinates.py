"""Places on the earth: decimal pairs, degrees with minutes and seconds, geo: addresses (RFC 5870), ISO 6709."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from evidence.detectors.base import AMBIGUOUS, WELL_FORMED, Found

KINDS = ("coordinates",)
LONGEST_BYTES = 96
SIGNS = (
    rb"(?i:geo):[+-]?[0-9]", rb"\.[0-9]{4,15}[,;] ?[+-]?[0-9]{1,3}\.", rb"[+-][0-9]{2}\.[0-9]{2,10}[+-][0-9]{3}\.",
    rb"[0-9] ?(?:\xc2\xb0|\xb0)",
)  # fmt: skip

_GEO = re.compile(
    rb"(?<![0-9A-Za-z])geo:([+-]?[0-9]{1,2}(?:\.[0-9]{1,18})?),([+-]?[0-9]{1,3}(?:\.[0-9]{1,18})?)(?![0-9]|\.[0-9])"
    rb"(?!(?:,[0-9.+-]{1,24})?;crs=(?!wgs84(?![0-9A-Za-z-])))",
    re.IGNORECASE,
)
_DECIMAL = re.compile(
    rb"(?<![0-9A-Za-z.,+-])([+-]?[0-9]{1,2}\.[0-9]{4,15})[,;] ?([+-]?[0-9]{1,3}\.[0-9]{4,15})(?![0-9A-Za-z]|\.[0-9])"
)
_ISO = re.compile(rb"(?<![0-9A-Za-z.,+-])([+-][0-9]{2}\.[0-9]{2,10})([+-][0-9]{3}\.[0-9]{2,10})[0-9.+-]{0,12}/")
_DEGREE, _MINUTE, _SECOND = (
    rb"(?:\xc2\xb0|\xb0)",
    rb"(?:'|\xe2\x80\xb2|\xe2\x80\x99)",
    rb"(?:\"|''|\xe2\x80\xb3|\xe2\x80\x9d)",
)
_PART = (
    rb"([0-9]{1,3}) ?" + _DEGREE + rb" ?([0-9]{1,2}(?:\.[0-9]{1,10})?) ?" + _MINUTE
    + rb"(?: ?([0-9]{1,2}(?:\.[0-9]{1,10})?) ?" + _SECOND + rb")? ?"
)  # fmt: skip
_SEXAGESIMAL = re.compile(rb"(?<![0-9A-Za-z.])" + _PART + rb"([NSns])[,;]? ?" + _PART + rb"([EWOewo])(?![A-Za-z])")


def find(data: bytes) -> Iterator[Found]:
    """Pairs of latitude and longitude in their ranges; decimal ones with four decimals at least, given in degrees.

    The letter O is East in German and West in the Romance languages: such a pair is told in both readings.
    """
    for pattern, read in _FORMS:
        for match in pattern.finditer(data):
            pair = read(match)
            if pair is not None and abs(pair[0]) <= 90 and abs(pair[1]) <= 180:
                text, validity = f"{pair[0]:.6f}, {pair[1]:.6f}", WELL_FORMED
                if pattern is _SEXAGESIMAL and match[8] in b"Oo":
                    text, validity = f"{text} (O as East) or {pair[0]:.6f}, {-pair[1]:.6f} (O as West)", AMBIGUOUS
                yield Found(kind=KINDS[0], start=match.start(), end=match.end(), text=text, validity=validity)


def _plain(match: re.Match[bytes]) -> tuple[float, float]:
    return float(match[1]), float(match[2])


def _sexagesimal(match: re.Match[bytes]) -> tuple[float, float] | None:
    values = []
    for degrees, minutes, seconds, side in (match.group(1, 2, 3, 4), match.group(5, 6, 7, 8)):
        if float(minutes) >= 60 or float(seconds or 0) >= 60:
            return None
        value = float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
        values.append(-value if side in b"SsWw" else value)
    return values[0], values[1]


_FORMS: tuple[tuple[re.Pattern[bytes], Callable[[re.Match[bytes]], tuple[float, float] | None]], ...] = (
    (_DECIMAL, _plain), (_GEO, _plain), (_ISO, _plain), (_SEXAGESIMAL, _sexagesimal),
)  # fmt: skip
