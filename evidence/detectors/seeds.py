"""Seed phrases: words of a BIP-39 list whose checksum is right. Candidates, and masked.

Whoever reads one owns what it opens.

Source: BIP-39 with its ten lists. Of twelve words of a list taken by chance one in sixteen passes, of 24 one in 256.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from evidence.detectors.base import CANDIDATE, MASK, Found

KINDS = ("seed phrase (BIP-39)",)
LONGEST_BYTES = 1300

LANGUAGES = (
    "english", "czech", "french", "italian", "japanese", "korean", "portuguese", "spanish", "chinese_simplified",
    "chinese_traditional",
)  # fmt: skip
_LENGTHS = (12, 15, 18, 21, 24)
_MOST_WORD_BYTES, _MOST_BETWEEN_BYTES = 36, 16
_TOKEN = re.compile(
    rb"(?P<escape>%[0-7][0-9A-Fa-f])"  # a space in a URL is no word that begins with C
    rb"|(?P<ideograph>[\xe4-\xe9][\x80-\xbf]{2})"
    rb"|(?:[A-Za-z]|\xc3[\x80-\x96\x98-\xb6\xb8-\xbf]|[\xc4-\xcd][\x80-\xbf])+"  # Latin letters, marks behind them
    rb"|(?:\xe3[\x81\x82][\x80-\xbf]|\xe3\x83[\x80-\xba\xbc-\xbf])+"  # kana
    rb"|(?:\xe1[\x84-\x87][\x80-\xbf]|\xea[\xb0-\xbf][\x80-\xbf]|[\xeb\xec][\x80-\xbf]{2}|\xed[\x80-\x9e][\x80-\xbf])+"
)
"""Letters of the scripts of the lists, as UTF-8 writes them; all other bytes are between words."""
_BETWEEN = re.compile(rb"[^\xce-\xdf\xe0\xe1\xe4-\xee\xf1-\xf4]{0,%d}" % _MOST_BETWEEN_BYTES)
"""Of whatever kind, but no letters of another script."""

_STEP_BYTES, _CUT_BYTES = _MOST_WORD_BYTES + _MOST_BETWEEN_BYTES + 4, 4
_LOOKED_AROUND_BYTES = 2 * _STEP_BYTES

_Word = tuple[int, int, str]


def find(data: bytes) -> Iterator[Found]:
    """Every phrase that does not lie within a longer one.

    Phrases by chance begin before a true one and end behind it, so one that overlaps another is told as well.
    """
    run: list[_Word] = []
    is_ideograph = False
    for match in _TOKEN.finditer(data):
        if match["escape"]:
            continue
        word, was_ideograph, is_ideograph = _word(match[0]), is_ideograph, bool(match["ideograph"])
        is_listed = word in _all_words()
        gap = match.start() - run[-1][1] if run else 0
        follows = gap > 0 or (is_ideograph and was_ideograph)
        if not is_listed or not follows or not _BETWEEN.fullmatch(data, match.start() - gap, match.start()):
            yield from _in_run(run)
            run = []
        if is_listed:
            run.append((match.start(), match.end(), word))
    yield from _in_run(run)


def may_touch(data: bytes, begin: int, end: int) -> bool:
    """Whether a phrase may overlap a stretch of bytes; quicker than to look for one, and never wrongly False.

    Within a phrase a listed word begins at least every 52 bytes. So one that overlaps the stretch has listed words
    only, from there to its end, or to where the bytes that are looked at here end; stretches of UTF-16 are not told.
    """
    first, last = max(0, begin - _LOOKED_AROUND_BYTES), min(len(data), end + _LOOKED_AROUND_BYTES)
    runs: list[tuple[int, int, int]] = []
    is_in_run = False
    for match in _TOKEN.finditer(data, first, last):
        if match["escape"]:
            continue
        is_cut = match.start() - first < _CUT_BYTES or last - match.end() < _CUT_BYTES
        was_in_run, is_in_run = is_in_run, is_cut or _word(match[0]) in _all_words()
        if is_in_run and was_in_run:
            runs[-1] = runs[-1][0], match.end(), runs[-1][2] + 1
        elif is_in_run:
            runs.append((match.start(), match.end(), 1))
    return any(
        start < end and stop > begin
        and (count >= _LENGTHS[0] or start - first <= _STEP_BYTES or last - stop <= _STEP_BYTES)
        for start, stop, count in runs
    )  # fmt: skip


def _word(letters: bytes) -> str:
    if len(letters) > _MOST_WORD_BYTES:
        return ""
    return unicodedata.normalize("NFKD", letters.decode("utf-8", "replace").lower())


def _in_run(run: Sequence[_Word]) -> Iterator[Found]:
    if len(run) < _LENGTHS[0]:
        return
    languages: dict[tuple[int, int], list[str]] = {}
    for language in LANGUAGES:
        for span in _phrases([_places(language).get(word) for _, _, word in run]):
            languages.setdefault(span, []).append(language.replace("_", " "))
    for (first, last), named in sorted(languages.items()):
        text = f"{MASK} ({last - first} words, {' or '.join(named)})"
        yield Found(kind=KINDS[0], start=run[first][0], end=run[last - 1][1], text=text, validity=CANDIDATE)


def _phrases(places: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    """The longest phrase at each place, without those that lie within the one before."""
    last = stop = 0
    for first in range(len(places)):
        while stop < len(places) and places[stop] is not None:
            stop += 1
        if first >= stop:
            stop = first + 1
            continue
        count = _longest([place for place in places[first : min(stop, first + _LENGTHS[-1])] if place is not None])
        if count and first + count > last:
            last = first + count
            yield first, last


def _longest(places: Sequence[int]) -> int:
    """How many of the words from the first on are a phrase, at most; 0 for none."""
    bits = longest = 0
    for count, place in enumerate(places, 1):
        bits = bits << 11 | place
        if count in _LENGTHS and _is_right(bits, count):
            longest = count
    return longest


def has_checksum(words: list[str], language: str) -> bool:
    """Whether words of a list, in NFKD, are a phrase with the right checksum."""
    bits = 0
    for word in words:
        bits = bits << 11 | _places(language)[word]
    return _is_right(bits, len(words))


def _is_right(bits: int, count: int) -> bool:
    check_bits = count // 3
    entropy = (bits >> check_bits).to_bytes(check_bits * 4, "big")
    return hashlib.sha256(entropy).digest()[0] >> (8 - check_bits) == bits & ((1 << check_bits) - 1)


@cache
def _places(language: str) -> Mapping[str, int]:
    text = (files("mnemonic") / "wordlist" / f"{language}.txt").read_text("utf-8")
    return {unicodedata.normalize("NFKD", word): place for place, word in enumerate(text.split())}


@cache
def _all_words() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in _places(language))
