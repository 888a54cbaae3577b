"""Telephone numbers as they are written for calls from abroad. Source: ITU-T E.164 and its list of country codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence.detectors.base import WELL_FORMED, Found

KINDS = ("telephone number",)
LONGEST_BYTES = 48
SIGNS = (rb"\+ ?[1-9](?:[ ./()-]{0,2}[0-9]){7}",)

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
_LEAST_DIGITS, _MOST_DIGITS = 8, 15
_PATTERN = re.compile(rb"(?<![0-9A-Za-z+])\+ ?[1-9](?:[ ./()-]{0,2}[0-9]){7,14}(?![0-9A-Za-z])")


def find(data: bytes) -> Iterator[Found]:
    """A plus sign, a country code that is assigned, and eight to fifteen digits in all.

    Numbers without a plus sign are not looked for: nothing tells them from other numbers.
    """
    for match in _PATTERN.finditer(data):
        digits = bytes(byte for byte in match[0] if 48 <= byte <= 57).decode()
        if _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS and _has_code(digits) and _is_balanced(match[0]):
            text = f"+{digits}"
            yield Found(kind=KINDS[0], start=match.start(), end=match.end(), text=text, validity=WELL_FORMED)


def _has_code(digits: str) -> bool:
    return any(digits[:length] in _CODES for length in (1, 2, 3))


def _is_balanced(word: bytes) -> bool:
    return word.count(b"(") == word.count(b")") <= 1 and word.find(b"(") <= word.find(b")")
