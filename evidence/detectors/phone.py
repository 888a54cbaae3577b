"""Telephone numbers as they are written for calls from abroad. Source: ITU-T E.164 and its list of country codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence.detectors.base import FIXED_BLANK, FIXED_BLANK_BYTES, UNCHECKED, WELL_FORMED, Found

KINDS = ("telephone number",)
LONGEST_BYTES = 18 * (1 + 2 * FIXED_BLANK_BYTES)
_BLANK = rb"(?: |" + FIXED_BLANK + rb")"
_BETWEEN = rb"(?:[ ./()-]|" + FIXED_BLANK + rb"){0,2}"
_PLUS = rb"\+" + _BLANK + rb"?[1-9]"
_ABROAD = rb"00[1-9][0-9]{0,2}(?:[ /(-]|" + FIXED_BLANK + rb")"
SIGNS = (_PLUS + rb"(?:" + _BETWEEN + rb"[0-9]){7}", _ABROAD + _BETWEEN + rb"[0-9](?:" + _BETWEEN + rb"[0-9]){4}")

_LISTED = """
    1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82
    84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234
    235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262
    263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374
    375 376 377 378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590
    591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689
    690 691 692 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968
    970 971 972 973 974 975 976 977 979 992 993 994 995 996 998
"""
_CODES = frozenset(_LISTED.split())
_ZERO_IS_DIALLED = frozenset({"39", "378"})
"""Italy and San Marino: a 0 at the beginning is a part of the number there, also in brackets."""
_LEAST_DIGITS, _MOST_DIGITS = 8, 15
_BEGIN, _END = rb"(?<![0-9A-Za-z+])", rb"(?![0-9A-Za-z])"
_WITH_PLUS = re.compile(
    _BEGIN + rb"(?:(?=\+" + _BLANK + rb"?[1-9][0-9]{0,2}" + _BLANK + rb"?\(0\))"
    + _PLUS + rb"(?:" + _BETWEEN + rb"[0-9]){8,15}|" + _PLUS + rb"(?:" + _BETWEEN + rb"[0-9]){7,14})" + _END
)  # fmt: skip
_NOT_WITHIN = rb"(?<![0-9][ .,:/-])(?<![0-9]\xa0)(?<![0-9]\xc2\xa0)(?<![0-9]\xe2\x80[\x87\x91\xaf])"
_WITH_ZEROS = re.compile(_BEGIN + _NOT_WITHIN + _ABROAD + _BETWEEN + rb"[0-9](?:" + _BETWEEN + rb"[0-9]){4,14}" + _END)
_NOT_DIALLED = re.compile(rb"([0-9]{1,3})(?:[^0-9(]{0,6})\(0\)")
_NO_DIGIT = re.compile(rb"[^0-9]")


def find(data: bytes) -> Iterator[Found]:
    """A plus sign or two zeros, a country code that is assigned, and eight to fifteen digits in all.

    Two zeros are for calls from most countries, not from all, and other numbers begin with them: the country code has
    to stand apart from what follows, and the find is a hint. Numbers with neither are not looked for: nothing tells
    them from other numbers. A "(0)" behind the country code is for calls within the country, and is left out.
    """
    for match in _WITH_PLUS.finditer(data):
        digits = _dialled(match[0])
        if _has_code(digits) and _is_one(match[0], digits):
            yield _found(match, digits, WELL_FORMED)
    for match in _WITH_ZEROS.finditer(data):
        digits = _dialled(match[0][2:])
        if _NO_DIGIT.split(match[0][2:6], maxsplit=1)[0].decode() in _CODES and _is_one(match[0], digits):
            yield _found(match, digits, UNCHECKED)


def _found(match: re.Match[bytes], digits: str, validity: str) -> Found:
    return Found(kind=KINDS[0], start=match.start(), end=match.end(), text=f"+{digits}", validity=validity)


def _dialled(word: bytes) -> str:
    """The digits from the country code on."""
    zero = _NOT_DIALLED.search(word)
    code = zero[1].decode() if zero else ""
    if zero and code in _CODES - _ZERO_IS_DIALLED and not _NO_DIGIT.sub(b"", word[: zero.start()]):
        return code + _NO_DIGIT.sub(b"", word[zero.end() :]).decode()
    return _NO_DIGIT.sub(b"", word).decode()


def _has_code(digits: str) -> bool:
    return any(digits[:length] in _CODES for length in (1, 2, 3))


def _is_one(word: bytes, digits: str) -> bool:
    is_balanced = word.count(b"(") == word.count(b")") <= 1 + (b"(0)" in word) and word.find(b"(") <= word.find(b")")
    return is_balanced and _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS
