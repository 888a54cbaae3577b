"""Secrets stand in clear in no other find: what of a URL or an address is a key or a phrase is masked (REQ-58)."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from evidence.detectors.base import MASK, Found


class Secrets:
    """Where in some bytes secrets lie."""

    def __init__(self, finds: Iterable[Found]) -> None:
        """Of finds of secret kinds, which may overlap."""
        self._spans: list[tuple[int, int]] = []
        for start, end in sorted((one.start, one.end) for one in finds):
            if self._spans and start <= self._spans[-1][1]:
                start, before = self._spans.pop()
                end = max(end, before)
            self._spans.append((start, end))

    def masked(self, one: Found, written: bytes) -> Found:
        """A find without what it shows of secrets.

        Args:
            one: Of no secret kind.
            written: The bytes it was found in. Where its text is not these in UTF-8 or UTF-16LE, it is masked whole.
        """
        inside = list(self._inside(one))
        if not inside:
            return one
        for encoding in ("utf-8", "utf-16-le"):
            if one.text.encode(encoding) == written:
                return replace(one, text=_without(written, inside, encoding))
        return replace(one, text=MASK)

    def _inside(self, one: Found) -> Iterator[tuple[int, int]]:
        """Begin and end of each secret that overlaps a find, counted from the find's first byte."""
        at = bisect.bisect_right(self._spans, one.start, key=lambda span: span[1])
        while at < len(self._spans) and self._spans[at][0] < one.end:
            start, end = self._spans[at]
            yield max(0, start - one.start), min(one.end, end) - one.start
            at += 1


def _without(written: bytes, inside: Sequence[tuple[int, int]], encoding: str) -> str:
    parts, at = [], 0
    for start, end in inside:
        parts.append(written[at:start].decode(encoding, "replace"))
        at = end
    return MASK.join([*parts, written[at:].decode(encoding, "replace")])
