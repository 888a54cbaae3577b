"""Where something can be found at all: RE2 tells it in one quick pass, and detectors look there and nowhere else.

What they find is the same as if they looked everywhere: each find, and each match that could hide another, touches a
sign of its detector, and lies with what decides about it within the detector's reach of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import re2

_MEMORY_BYTES = 32 * 1024**2


def stretches(data: bytes, signs: tuple[bytes, ...], reach_bytes: int) -> list[tuple[int, int]]:
    """Begin and end of the stretches of bytes that lie within a reach of a sign, in order; none touches another.

    Args:
        data: The bytes.
        signs: Expressions of RE2 over bytes.
        reach_bytes: How far a find may go beyond the bytes of a sign, on either side.
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(span for sign in signs for span in spans(sign, data)):
        begin, stop = max(0, start - reach_bytes), min(len(data), end + reach_bytes)
        if found and begin <= found[-1][1]:
            begin, before = found.pop()
            stop = max(stop, before)
        found.append((begin, stop))
    return found


def spans(expression: bytes, data: bytes) -> Iterator[tuple[int, int]]:
    """Begin and end of each match of an expression of RE2 over bytes."""
    return (match.span() for match in _compiled(expression).finditer(data))


def has_any(data: bytes, signs: tuple[bytes, ...]) -> bool:
    """Whether there is a sign of anything in bytes; for many short ones."""
    return _any(signs).search(data) is not None


@cache
def _any(signs: tuple[bytes, ...]) -> Any:
    return _compiled(b"|".join(b"(?:%s)" % sign for sign in signs))


@cache
def _compiled(expression: bytes) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY_BYTES
    options.never_capture = True
    options.log_errors = False
    return re2.compile(expression, options)
