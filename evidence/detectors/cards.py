"""Numbers of payment cards. Source: ISO/IEC 7812-1 (Luhn), the ranges that the schemes publish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from evidence.detectors.base import CHECKED, FIXED_BLANK, FIXED_BLANK_BYTES, Found

_RANGES = (
    ("American Express", (34, 34), (15,)), ("American Express", (37, 37), (15,)),
    ("Diners Club", (300, 305), range(14, 20)), ("Diners Club", (3095, 3095), range(14, 20)),
    ("Diners Club", (36, 36), range(14, 20)), ("Diners Club", (38, 39), range(14, 20)),
    ("JCB", (3528, 3589), range(16, 20)), ("Visa", (4, 4), (13, 16, 18, 19)), ("Mir", (2200, 2204), range(16, 20)),
    ("Mastercard", (2221, 2720), (16,)), ("Mastercard", (51, 55), (16,)),
    ("Discover", (6011, 6011), range(16, 20)), ("Discover", (644, 649), range(16, 20)),
    ("Discover", (65, 65), range(16, 20)), ("UnionPay", (62, 62), range(16, 20)),
    ("RuPay", (60, 60), (16,)), ("RuPay", (81, 82), (16,)), ("RuPay", (508, 508), (16,)),
    ("Maestro", (50, 50), range(13, 20)), ("Maestro", (56, 58), range(13, 20)),
    ("Maestro", (6304, 6304), range(13, 20)),
    ("Bancontact", (6703, 6703), range(16, 20)), ("Maestro", (67, 67), range(13, 20)),
    ("Uzcard", (8600, 8600), (16,)), ("Belkart", (9112, 9112), (16,)), ("Troy", (9792, 9792), (16,)),
    ("PROSTIR", (9804, 9804), (16,)), ("Humo", (9860, 9860), (16,)),
)  # fmt: skip
KINDS = tuple(dict.fromkeys(f"card number ({scheme})" for scheme, _, _ in _RANGES))
LONGEST_BYTES = 42 + 4 * FIXED_BLANK_BYTES
_BETWEEN = rb"(?:[ -]|" + FIXED_BLANK + rb")"
_FIRST = rb"(?:[2-6][0-9]{3}|8[126][0-9]{2}|9[178][0-9]{2})"
SIGNS = (_FIRST + _BETWEEN + rb"?[0-9]{4}" + _BETWEEN + rb"?[0-9]{2}",)

_START = re.compile(
    rb"(?<![0-9A-Za-z.])(?:(?P<track>B)|pan|card(?:no|number)?|cc(?:n|no|num)?)?"
    rb"(?P<first>" + _FIRST + rb")(?=" + _BETWEEN + rb"?[0-9])",
    re.IGNORECASE,
)
"""The first field of track 1 of a magnetic stripe begins with a B and ends with a caret (ISO/IEC 7813)."""
_NO_DIGIT = re.compile(rb"[^0-9]")
_BEHIND = rb"(?![0-9A-Za-z]|\.[0-9])"
_FORMS = tuple(re.compile(form + _BEHIND) for form in (
    rb"[0-9]{13,19}",
    rb"[0-9]{4}(" + _BETWEEN + rb")[0-9]{4}\1[0-9]{4}\1[0-9]{4}\1[0-9]{1,3}",
    rb"[0-9]{4}(" + _BETWEEN + rb")[0-9]{4}\1[0-9]{4}\1[0-9]{4}",
    rb"[0-9]{4}(" + _BETWEEN + rb")[0-9]{6}\1[0-9]{4,5}",
))  # fmt: skip
_IN_GROUPS = _FORMS[1:]
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def find(data: bytes) -> Iterator[Found]:
    """Digits of a length and beginning that a scheme issues, with the right check digit; in one, or in groups."""
    for start in _START.finditer(data):
        is_in_one = data[start.end() : start.end() + 1].isdigit()
        for form in _FORMS[:1] if is_in_one else _IN_GROUPS:
            match = form.match(data, start.start("first"))
            if match is None or (start["track"] and data[match.end() : match.end() + 1] != b"^"):
                continue
            digits = _NO_DIGIT.sub(b"", match[0]).decode()
            scheme = _scheme(digits)
            if scheme and has_check_digit(digits):
                kind = f"card number ({scheme})"
                yield Found(kind=kind, start=match.start(), end=match.end(), text=digits, validity=CHECKED)
                break


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the one that Luhn's rule gives."""
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def _scheme(digits: str) -> str | None:
    return next((scheme for scheme, lengths in _beginning(digits[:4]) if len(digits) in lengths), None)


@cache
def _beginning(digits: str) -> tuple[tuple[str, Sequence[int]], ...]:
    """The schemes that issue numbers with these four digits at the beginning, and the lengths of those."""
    return tuple(
        (scheme, lengths) for scheme, (first, last), lengths in _RANGES
        if first <= int(digits[: len(str(first))]) <= last
    )  # fmt: skip
