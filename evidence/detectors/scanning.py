"""Detectors over bytes that come in pieces: what lies across two pieces is found, and nothing is found twice."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from evidence.detectors import nearby
from evidence.detectors.base import CANDIDATE, Detector, Found
from evidence.detectors.masking import Secrets
from evidence.detectors.table import DETECTORS

_LETTER = (
    rb"[\t\n\r\x20-\x7e\xa0-\xff]\x00"  # ASCII and Latin-1
    rb"|[\x00-\xff][\x01\x03\x04\x11\xac-\xd7]"  # Latin, marks, Cyrillic, Jamo, Hangul: scripts of seed phrases
    rb"|[\x01-\xff]\x30"  # kana
    rb"|[\x07\x10-\x3a]\x20"  # the blank as wide as a digit, quotation marks, dashes, bullets
)
_WIDE = rb"(?:" + _LETTER + rb")(?:" + _LETTER + rb"|\x00\x30){5,}"
"""Letters and signs in UTF-16LE, none of which begins with a wide space. Chinese is left out: any two letters of ASCII
look like a sign of it."""
_MORE = re.compile(
    r"(?:(?![\U00010000-\U0010ffff])[\w\t\n\r\x20-\x7e\xa0-\u01ff\u0300-\u04ff\u0591-\u05bd\u064b-\u065f\u0e31-\u0e4e"
    r"\u1100-\u11ff\u2007\u2010-\u203a\u3000-\u30ff\uac00-\ud7ff])*"
)
"""Such letters and signs, and letters of all scripts: what touches a stretch with a sign in it is looked at, too."""
_MORE_BYTES = 4096
_MAY_TOUCH = (b"@", rb"[0-9] ?(?:\xc2[\xb0\xba]|[\xb0\xba])")
"""What else makes it worth to look at what touches a stretch: a host in Chinese behind the sign, a phrase beside it."""


def scan(pieces: Iterable[bytes], detectors: Sequence[Detector] = DETECTORS) -> Iterator[Found]:
    """Everything that is found, with places counted from the first byte of the first piece.

    Plain bytes are looked through, and stretches of UTF-16LE; the place of what is found there is that of its bytes.
    Each piece is looked through together with what is left of the one before. A find is told in the round in which all
    that decides about it has come. Secrets are looked for in any case, so that no find shows one (REQ-58).

    Args:
        pieces: In order and without gaps; the larger they are, the less is looked at twice.
        detectors: Which; all when left out.
    """
    hiding = [detector for detector in DETECTORS if detector.secret_kinds]
    lengths = [detector.longest_bytes for detector in detectors]
    reach = 2 * (max(lengths, default=0) + max(detector.longest_bytes for detector in hiding)) + 2
    held, at, told_to = b"", 0, 0
    ended: dict[str, int] = {}
    for piece in pieces:
        held += piece
        until = at + len(held) - reach
        if until > told_to:
            yield from _told(held, at, told_to, until, detectors, ended)
            told_to = until
            drop = max(0, until - at - reach)
            held, at = held[drop:], at + drop
    yield from _told(held, at, told_to, at + len(held) + 1, detectors, ended)


def find_all(data: bytes, detectors: Sequence[Detector] = DETECTORS) -> list[Found]:
    """Everything that is found in bytes that are all there."""
    return list(scan([data], detectors))


def _told(
    data: bytes, at: int, begin: int, until: int, detectors: Sequence[Detector], ended: dict[str, int]
) -> Iterator[Found]:
    """Finds that begin in a stretch, in the order of their places.

    None overlaps one of its kind told before, save candidates: which of them is the true one cannot be told.
    """
    told = {kind for detector in detectors for kind in detector.kinds}
    secret = {kind for detector in (*detectors, *DETECTORS) for kind in detector.secret_kinds}
    hiding = [detector for detector in DETECTORS if detector.secret_kinds and detector not in detectors]
    found = list(_in(data, (*detectors, *hiding)))
    secrets = Secrets(one for one in found if one.kind in secret)
    for one in sorted(found, key=lambda one: (one.start, one.end, one.kind)):
        start, end = at + one.start, at + one.end
        is_new = start >= ended.get(one.kind, 0) or one.validity == CANDIDATE
        if one.kind in told and begin <= start < until and is_new:
            ended[one.kind] = end
            shown = one if one.kind in secret else secrets.masked(one, data[one.start : one.end])
            yield replace(shown, start=start, end=end)


def _in(data: bytes, detectors: Sequence[Detector]) -> Iterator[Found]:
    yield from _near_signs(data, detectors)
    signs = (*_MAY_TOUCH, *(sign for detector in detectors for sign in detector.signs))
    done = [0, 0]
    for begin, end in nearby.spans(_WIDE, data):
        narrow, places = _narrowed(data, begin, end)
        if end > done[begin % 2] and nearby.has_any(narrow, signs):
            wider = _with_letters(data, begin, end, done[begin % 2])
            done[begin % 2] = wider[1]
            if wider != (begin, end):
                narrow, places = _narrowed(data, *wider)
            for one in _near_signs(narrow, detectors):
                yield replace(one, start=places[one.start], end=places[one.end])


def _with_letters(data: bytes, begin: int, end: int, first: int) -> tuple[int, int]:
    """A stretch with the text that touches it, from a place on that is aligned as it is, or the byte before one."""
    first += (begin - first) % 2
    while first < begin:
        before = data[max(first, begin - _MORE_BYTES) : begin].decode("utf-16-le", "surrogatepass")
        count = _count(before[::-1])
        begin -= 2 * count
        if 2 * count < _MORE_BYTES:
            break
    while True:
        behind = data[end : min(len(data) - (len(data) - end) % 2, end + _MORE_BYTES)]
        count = _count(behind.decode("utf-16-le", "surrogatepass"))
        end += 2 * count
        if 2 * count < _MORE_BYTES:
            return begin, end


def _count(text: str) -> int:
    found = _MORE.match(text)
    return found.end() if found else 0


def _near_signs(data: bytes, detectors: Sequence[Detector]) -> Iterator[Found]:
    for detector in _with_signs(data, detectors):
        for begin, end in nearby.stretches(data, detector.signs, detector.reach_bytes):
            for one in detector.find(data[begin:end]):
                yield replace(one, start=one.start + begin, end=one.end + begin) if begin else one


def _with_signs(data: bytes, detectors: Sequence[Detector]) -> Iterator[Detector]:
    """Those of which there is a sign; where there is none of many detectors, one pass tells that of all of them."""
    if not nearby.has_any(data, tuple(sign for detector in detectors for sign in detector.signs)):
        return
    if len(detectors) == 1:
        yield detectors[0]
        return
    middle = len(detectors) // 2
    yield from _with_signs(data, detectors[:middle])
    yield from _with_signs(data, detectors[middle:])


def _narrowed(data: bytes, begin: int, end: int) -> tuple[bytes, Sequence[int]]:
    """A stretch in UTF-8, and for each byte of that, and the end, the place of what it stands for."""
    text = data[begin:end].decode("utf-16-le")
    if text.isascii():
        return text.encode(), range(begin, end + 1, 2)
    places = array("Q", (begin + 2 * at for at, char in enumerate(text) for _ in char.encode()))
    places.append(end)
    return text.encode(), places
