"""Checks of the numbers that devices bear; one that fails is kept as it reads, with the doubt beside it (REQ-08)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_IMEI_DIGITS: Final = 15
_IMEISV_DIGITS: Final = 16
_ICCID_DIGITS: Final = (19, 20)
_MAC: Final = re.compile(r"[0-9A-F]{12}|([0-9A-F]{2})([:-])([0-9A-F]{2}\2){4}[0-9A-F]{2}|([0-9A-F]{4}\.){2}[0-9A-F]{4}")
_SEPARATORS: Final = str.maketrans("", "", " -/.")
_BETWEEN: Final = re.compile(r"[,;\s]+")
_BETWEEN_PHONES: Final = re.compile(r"[,;\n]+")
_MEID: Final = re.compile(r"[A-F][0-9A-F]{13}")


def luhn_holds(digits: str) -> bool:
    """Whether the last of some decimal digits is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def imei_doubt(text: str) -> str | None:
    """What is wrong with an IMEI (3GPP TS 23.003, 6.2.1), or None; an IMEISV has no check digit."""
    digits = text.translate(_SEPARATORS)
    if not _is_decimal(digits) or len(digits) not in (_IMEI_DIGITS, _IMEISV_DIGITS):
        return f"An IMEI has {_IMEI_DIGITS} digits; this is {_what(digits)}."
    if len(digits) == _IMEI_DIGITS and not luhn_holds(digits):
        return "The check digit of this IMEI is wrong; read it again."
    return None


def phones_doubt(text: str) -> str | None:
    """What is wrong with one or several IMEI or MEID, each perhaps after a word and a colon; or None."""
    for part in _BETWEEN_PHONES.split(text):
        number = part.rpartition(":")[2].strip()
        if not number or _MEID.fullmatch(number.translate(_SEPARATORS).upper()):
            continue
        if (wrong := imei_doubt(number)) is not None:
            return f"{number}: {wrong}"
    return None


def iccid_doubt(text: str) -> str | None:
    """What is wrong with an ICCID (ITU-T E.118), or None."""
    digits = text.translate(_SEPARATORS).upper().rstrip("F")
    if not _is_decimal(digits) or len(digits) not in _ICCID_DIGITS:
        return f"An ICCID has 19 or 20 digits; this is {_what(digits)}."
    if not digits.startswith("89"):
        return "An ICCID begins with 89; read it again."
    if not luhn_holds(digits):
        return "The check digit of this ICCID is wrong; read it again."
    return None


def mac_doubt(text: str) -> str | None:
    """What is wrong with one or several MAC addresses (IEEE 802, EUI-48), or None."""
    for one in filter(None, _BETWEEN.split(text.strip().upper())):
        if not _MAC.fullmatch(one):
            return f"{one} is no MAC address: that is 12 hexadecimal digits, such as 00:1A:2B:3C:4D:5E."
        digits = re.sub(r"[^0-9A-F]", "", one)
        if digits in ("0" * 12, "F" * 12):
            return f"{one} is the address of no device; read it again."
        if int(digits[1], 16) & 1:
            return f"{one} is a group address, not that of one device; read it again."
    return None


def serial_doubt(text: str) -> str | None:
    """What is doubtful about a serial number, or None: characters that are never printed on a plate."""
    odd = sorted({char for char in text.strip() if not (char.isalnum() or char in " -_./:#+*()")})
    if odd:
        return f"A serial number does not hold {' '.join(map(repr, odd))}; read it again."
    return None


DOUBTS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "imei": imei_doubt,
    "phones": phones_doubt,
    "iccid": iccid_doubt,
    "mac": mac_doubt,
    "serial": serial_doubt,
}
"""By kind of field: what finds fault with a value."""


def _is_decimal(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()


def _what(digits: str) -> str:
    return f"{len(digits)} digits" if _is_decimal(digits) else "no number"
