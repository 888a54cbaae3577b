"""International bank account numbers. Source: ISO 13616, the registry that SWIFT keeps of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence.detectors.base import CHECKED, FIXED_BLANK, FIXED_BLANK_BYTES, Found

KINDS = ("IBAN",)
LONGEST_BYTES = 34 * (1 + FIXED_BLANK_BYTES) + 2
_BETWEEN = rb"(?:[ -]|" + FIXED_BLANK + rb")?"
SIGNS = tuple(rb"[A-Za-z]{2}[0-9]{2}(?:" + _BETWEEN + rb"[0-9" + letters + rb"]){11}" for letters in (b"A-Z", b"a-z"))

_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip
_FORMS = {
    "AL": "8n16c", "AD": "8n12c", "AT": "16n", "AZ": "4a20c", "BH": "4a14c", "BE": "12n", "BA": "16n",
    "BR": "23n1a1c", "BG": "4a6n8c", "CR": "18n", "HR": "17n", "CY": "8n16c", "CZ": "20n", "DK": "14n", "FO": "14n",
    "GL": "14n", "DO": "4c20n", "EE": "16n", "FI": "14n", "FR": "10n11c2n", "GE": "2a16n", "DE": "18n", "GI": "4a15c",
    "GR": "7n16c", "GT": "24c", "HU": "24n", "IS": "22n", "IE": "4a14n", "IL": "19n", "IT": "1a10n12c", "JO": "4a4n18c",
    "KZ": "3n13c", "XK": "16n", "KW": "4a22c", "LV": "4a13c", "LB": "4n20c", "LI": "5n12c", "LT": "16n", "LU": "3n13c",
    "MK": "3n10c2n", "MT": "4a5n18c", "MR": "23n", "MU": "4a19n3a", "MD": "20c", "MC": "10n11c2n", "ME": "18n",
    "NL": "4a10n", "NO": "11n", "PK": "4a16c", "PS": "4a21c", "PL": "24n", "PT": "21n", "QA": "4a21c", "RO": "4a16c",
    "LC": "4a24c", "SM": "1a10n12c", "ST": "21n", "SA": "2n18c", "RS": "18n", "SK": "20n", "SI": "15n", "ES": "20n",
    "SE": "20n", "CH": "5n12c", "TL": "19n", "TN": "20n", "TR": "6n16c", "AE": "19n", "GB": "4a14n", "VG": "4a16n",
    "UA": "6n19c",
}  # fmt: skip
"""What stands behind the check digits, as the registry has it: n digits, a capital letters, c either. Of a country that
is not here only the length is looked at."""
_SIGNS = ({"n": b"[0-9]", "a": b"[A-Z]", "c": b"[0-9A-Z]"}, {"n": b"[0-9]", "a": b"[a-z]", "c": b"[0-9a-z]"})
_PART = re.compile(r"([0-9]+)([nac])")
_START = re.compile(rb"(?<![0-9A-Za-z])([A-Za-z]{2})[0-9]{2}(?=" + _BETWEEN + rb"[0-9A-Za-z])")
_BEYOND = re.compile(rb"[^0-9A-Za-z]")


def _body(country: str) -> re.Pattern[bytes]:
    """Country, check digits, and what the country writes behind them, in groups or not; all capital or all small."""
    parts = _PART.findall(_FORMS.get(country, f"{_LENGTHS[country] - 4}c"))
    behind = b"|".join(
        b"".join(rb"(?:%s%s){%d}" % (_BETWEEN, signs[sign], int(count)) for count, sign in parts) for signs in _SIGNS
    )
    return re.compile(rb"[A-Za-z]{2}[0-9]{2}(?:" + behind + rb")(?![0-9A-Za-z])")


_BODIES = {country.encode(): _body(country) for country in _LENGTHS}


def find(data: bytes) -> Iterator[Found]:
    """Numbers of the form that their country has, in groups or not; check digits 02 to 98, remainder by 97 is 1.

    They are told in capital letters, as ISO 13616 has them.
    """
    for start in _START.finditer(data):
        body = _BODIES.get(start[1].upper())
        match = body.match(data, start.start()) if body else None
        if match is None:
            continue
        text = _BEYOND.sub(b"", match[0]).decode().upper()
        if "02" <= text[2:4] <= "98" and _remainder(text) == 1:
            yield Found(kind=KINDS[0], start=match.start(), end=match.end(), text=text, validity=CHECKED)


def _remainder(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97
