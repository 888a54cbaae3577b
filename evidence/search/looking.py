"""One content, or a part of it, looked through: what cannot be read is told, and what surrounds a hit comes with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from evidence.detectors.base import MASK
from evidence.detectors.base import Found as Detected
from evidence.detectors.scanning import find_all
from evidence.detectors.seeds import may_touch
from evidence.detectors.table import DETECTORS
from evidence.errors import EvidenceError
from evidence.search.finder import Finder, Wanted

WINDOW_BYTES = 1024 * 1024
CONTEXT_BYTES = 48
_SMALLEST_BYTES = 4096
_MAX_UNREADABLE = 500
"""So many stretches of 4 KiB of a part, and the rest of it is not tried."""
_EMPTY = re.compile(rb"\x00{4096,}")
_HIDING = tuple(detector for detector in DETECTORS if detector.secret_kinds)
_WIDE = re.compile(rb"(?:[\x01-\xff][\x00-\x04\x11\x20\x30\xac-\xd7]|\x00\x30){6}")
_KEY_REACH_BYTES = 2 * 114
"""A private key in UTF-16 is no longer."""
_HIDDEN_REACH_BYTES = max(detector.longest_bytes for detector in _HIDING)
DETECTED_REACH_BYTES = 4 * max(detector.longest_bytes for detector in DETECTORS) + 2
_SECRET_KINDS = frozenset(kind for detector in DETECTORS for kind in detector.secret_kinds)

Read: TypeAlias = Callable[[int, int], bytes]
"""Bytes from an offset on; raises an EvidenceError where they cannot be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found in a content.

    Attributes:
        offset_bytes: Where it begins in the content; ``length_bytes`` its length.
        term: Number of the term or expression; -1 for what a detector found.
        kind: What the detector calls it; empty for a term.
        encoding: How it is written; empty for what a detector found.
        text: What stands there; of secrets and around them nothing that gives them away.
        before: The bytes before it, and ``after`` those behind it, at most 48 of each, without secrets.
        validity: How much a detector vouches for it; empty for a term.
    """

    offset_bytes: int
    length_bytes: int
    term: int
    kind: str
    encoding: str
    text: str
    before: bytes
    after: bytes
    validity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A stretch that was not looked through, or not all of whose hits are told, and why as a sentence."""

    offset_bytes: int
    length_bytes: int
    why: str


def look(
    finder: Finder, wanted: Wanted, read: Read, begin: int, end: int, size: int, edge: int = 0
) -> Iterator[Hit | Missed | int]:
    """All hits that begin from ``begin`` on and before ``end``, and each window's end when it is done.

    Args:
        finder: What looks for the terms of ``wanted``.
        wanted: What is looked for.
        read: Gives the bytes of the content.
        begin: First byte; what lies before is only looked at for what surrounds a hit.
        end: Behind the last byte.
        size: Of the whole content, in bytes.
        edge: First byte of the content, before which nothing is read.
    """
    before = DETECTED_REACH_BYTES if wanted.detect else CONTEXT_BYTES
    after = max(before, finder.reach_bytes + CONTEXT_BYTES)
    bad, busy = _Bad(), dict[int, int]()
    for at in range(begin, end, WINDOW_BYTES):
        until = min(at + WINDOW_BYTES, end)
        first, last = max(edge, at - before), min(size, until + after)
        runs = list(_runs(read, first, last, bad))
        if len(runs) != 1 or runs[0][0] > at:
            busy.clear()
        for start, data in runs:
            core = max(at, start), min(until, start + len(data))
            if core[0] < core[1]:
                yield from _in_run(finder, wanted, start, data, core, busy)
        yield from bad.told(at, until)
        if bad.count > _MAX_UNREADABLE:
            if until < end:
                yield Missed(offset_bytes=until, length_bytes=end - until, why=f"After more than {_MAX_UNREADABLE} "
                             "stretches that cannot be read, the rest of this part was not tried.")  # fmt: skip
            return
        yield until


def _in_run(
    finder: Finder, wanted: Wanted, start: int, data: bytes, core: tuple[int, int], busy: dict[int, int]
) -> Iterator[Hit | Missed]:
    begin, end = core[0] - start, core[1] - start
    found = finder.find(data, begin, end, busy)
    places = [(match.start, match.start + match.length) for match in found.matches]
    detected = [one for one in _detected(data) if begin <= one.start < end] if wanted.detect else []
    places += [(one.start, one.end) for one in detected]
    masks = _Masks(data, places)
    for match in found.matches:
        stop = match.start + match.length
        text = masks.text(match.start, stop, match.encoding)
        yield _hit(masks, match.start, stop, start, term=match.term, encoding=match.encoding, text=text)
    for one in detected:
        yield _hit(masks, one.start, one.end, start, kind=one.kind, text=one.text, validity=one.validity)
    if found.cut_at is not None:
        why = "There are more hits in this stretch than are listed; narrow the terms to see the others."
        yield Missed(offset_bytes=start + found.cut_at, length_bytes=end - found.cut_at, why=why)


def _detected(data: bytes) -> Iterator[Detected]:
    """What the detectors find; long stretches of zeros, of which disks are full, are passed over.

    Of each the two bytes at its ends are left, for a zero may be one half of a character in UTF-16.
    """
    at = 0
    for gap in _EMPTY.finditer(data):
        yield from _shifted(find_all(data[at : gap.start() + 2]), at)
        at = gap.end() - 2
    yield from _shifted(find_all(data[at:]), at)


def _shifted(found: Sequence[Detected], at: int) -> Iterator[Detected]:
    return (replace(one, start=one.start + at, end=one.end + at) for one in found)


def _hit(
    masks: _Masks, begin: int, end: int, at: int, *, term: int = -1, kind: str = "", encoding: str = "", text: str,
    validity: str = "",
) -> Hit:  # fmt: skip
    before, after = masks.around(begin, end)
    return Hit(
        offset_bytes=at + begin, length_bytes=end - begin, term=term, kind=kind, encoding=encoding, text=text,
        before=before, after=after, validity=validity,
    )  # fmt: skip


def _is_wide(data: bytes, begin: int, end: int) -> bool:
    """Whether it may be text in UTF-16, whose words are not looked at one by one."""
    return _WIDE.search(data, max(0, begin - CONTEXT_BYTES), end + CONTEXT_BYTES) is not None


class _Masks:
    """What may be shown of the bytes around hits: no seed phrase and no private key (REQ-58)."""

    def __init__(self, data: bytes, places: Sequence[tuple[int, int]]) -> None:
        self._data = data
        length = len(data)
        near = [(max(0, begin - CONTEXT_BYTES), min(length, end + CONTEXT_BYTES)) for begin, end in places]
        wide = [(begin, end) for begin, end in near if may_touch(data, begin, end) or _is_wide(data, begin, end)]
        found: list[tuple[int, int]] = []
        for stretches, reach in ((near, _KEY_REACH_BYTES), (wide, _HIDDEN_REACH_BYTES)):
            for begin, end in _joined(stretches, reach, length):
                inside = find_all(data[begin:end], _HIDING)
                found += [(begin + one.start, begin + one.end) for one in inside if one.kind in _SECRET_KINDS]
        self._secrets = list[tuple[int, int]]()
        for begin, end in sorted(found):
            if self._secrets and begin <= self._secrets[-1][1]:
                begin, last = self._secrets.pop()
                end = max(end, last)
            self._secrets.append((begin, end))

    def text(self, begin: int, end: int, encoding: str) -> str:
        """What stands there."""
        if self._is_secret(begin, end):
            return MASK
        return self._data[begin:end].decode(encoding, "replace")

    def around(self, begin: int, end: int) -> tuple[bytes, bytes]:
        """The bytes before and behind; those that belong to a secret are left out."""
        first, last = max(0, begin - CONTEXT_BYTES), min(len(self._data), end + CONTEXT_BYTES)
        return self._without(first, begin), self._without(end, last)

    def _is_secret(self, begin: int, end: int) -> bool:
        return any(start < end and stop > begin for start, stop in self._secrets)

    def _without(self, begin: int, end: int) -> bytes:
        parts, at = [], begin
        for start, stop in self._secrets:
            if start < end and stop > begin:
                parts.append(self._data[at : max(at, start)])
                at = max(at, min(stop, end))
                parts.append(MASK.encode())
        return b"".join((*parts, self._data[at:end]))


def _joined(places: Sequence[tuple[int, int]], reach: int, length: int) -> Iterator[tuple[int, int]]:
    begin, end = 0, 0
    for first, last in sorted(places):
        if end and first - reach <= end:
            end = max(end, last + reach)
            continue
        if end:
            yield begin, min(end, length)
        begin, end = max(0, first - reach), last + reach
    if end:
        yield begin, min(end, length)


class _Bad:
    """Stretches that could not be read."""

    def __init__(self) -> None:
        self.count = 0
        self._found: list[tuple[int, int, str]] = []

    def add(self, begin: int, end: int, why: str) -> None:
        self.count += 1
        self._found.append((begin, end, why))

    def told(self, begin: int, end: int) -> Iterator[Missed]:
        """Those of a window, joined where they touch; what lies in its margins is told with its own window."""
        found, self._found = sorted(self._found), []
        for why, first, last in _touching([(max(a, begin), min(b, end), why) for a, b, why in found]):
            yield Missed(offset_bytes=first, length_bytes=last - first, why=why)


def _touching(parts: Sequence[tuple[int, int, str]]) -> Iterator[tuple[str, int, int]]:
    held: tuple[str, int, int] | None = None
    for begin, end, why in parts:
        if begin >= end:
            continue
        if held is not None and begin <= held[2]:
            held = held[0], held[1], max(held[2], end)
            continue
        if held is not None:
            yield held
        held = why, begin, end
    if held is not None:
        yield held


def _runs(read: Read, begin: int, end: int, bad: _Bad) -> Iterator[tuple[int, bytes]]:
    """What can be read of a stretch, each run as far as it goes."""
    held_at, held = begin, list[bytes]()
    for at, piece in _pieces(read, begin, end, bad):
        if held and at != held_at + sum(map(len, held)):
            yield held_at, b"".join(held)
            held = []
        if not held:
            held_at = at
        held.append(piece)
    if held:
        yield held_at, held[0] if len(held) == 1 else b"".join(held)


def _pieces(read: Read, begin: int, end: int, bad: _Bad) -> Iterator[tuple[int, bytes]]:
    try:
        data = read(begin, end - begin)
    except EvidenceError as error:
        if end - begin <= _SMALLEST_BYTES or bad.count > _MAX_UNREADABLE:
            bad.add(begin, end, str(error))
            return
        middle = begin + max(_SMALLEST_BYTES, (end - begin) // 2 // _SMALLEST_BYTES * _SMALLEST_BYTES)
        yield from _pieces(read, begin, middle, bad)
        yield from _pieces(read, middle, end, bad)
        return
    if data:
        yield begin, data
    if len(data) < end - begin:
        bad.add(begin + len(data), end, "The content ends before the size that its file system tells.")
