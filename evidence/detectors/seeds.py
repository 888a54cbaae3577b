"""Seed phrases, and shares of them: words of a list whose checksum is right. Candidates, and masked.

Whoever reads one owns what it opens, or a part of it.

Source: BIP-39 with its ten lists, SLIP-39, Monero with eleven lists (not Lojban's, and not the old English one). Of
twelve words of a list of BIP-39 taken by chance one in sixteen passes, of 24 one in 256; of 25 words of Monero, whose
last is among those before it, one in 24; of a share one in a thousand million.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache, partial

from evidence.detectors import checked_phrases, words
from evidence.detectors.base import CANDIDATE, MASK, Found

BIP39, SLIP39, MONERO = "seed phrase (BIP-39)", "seed share (SLIP-39)", "seed phrase (Monero)"
KINDS = (BIP39, SLIP39, MONERO)
LONGEST_BYTES = 1500
REACH_BYTES = 64
"""A sign goes over as many words as may be of a list; beyond it lie no more than a gap and a word."""

_MOST_WORD_BYTES, _MOST_BETWEEN_BYTES = 36, 16
_TOKEN = re.compile(
    rb"(?P<escape>%[0-7][0-9A-Fa-f])"  # a space in a URL is no word that begins with C
    rb"|(?P<ideograph>[\xe4-\xe9][\x80-\xbf]{2})"
    rb"|(?:[A-Za-z]|\xc3[\x80-\x96\x98-\xb6\xb8-\xbf]|[\xc4-\xcd][\x80-\xbf])+"  # Latin letters, marks behind them
    rb"|(?:\xe3[\x81\x82][\x80-\xbf]|\xe3\x83[\x80-\xba\xbc-\xbf])+"  # kana
    rb"|(?:[\xd0\xd1][\x80-\xbf]|\xcc[\x80-\xbf])+"  # Cyrillic letters, marks behind them
    rb"|(?:\xe1[\x84-\x87][\x80-\xbf]|\xea[\xb0-\xbf][\x80-\xbf]|[\xeb\xec][\x80-\xbf]{2}|\xed[\x80-\x9e][\x80-\xbf])+"
)
"""Letters of the scripts of the lists, as UTF-8 writes them; all other bytes are between words."""
_TOKENS = re.compile(re.sub(rb"\?P<[a-z]+>", b"?:", _TOKEN.pattern))
_ASCII_TOKEN = re.compile(rb"%[0-7][0-9a-f]|([a-z]+)")
_BETWEEN = re.compile(rb"[^\xce-\xdf\xe0\xe1\xe4-\xee\xf1-\xf4]{0,%d}" % _MOST_BETWEEN_BYTES)
"""Of whatever kind, but no letters of another script."""

_GAP = rb"(?:[^A-Za-z\xce-\xdf\xe0\xe1\xe4-\xee\xf1-\xf4]|%[0-7][0-9A-Fa-f])"
_LETTER = rb"(?:[A-Za-z]|\xc3[\x80-\xbf]|[\xc4-\xcb][\x80-\xbf])(?:[\xcc\xcd][\x80-\xbf])*"
_KANA, _CYRILLIC = rb"(?:\xe3[\x81-\x83][\x80-\xbf])+", rb"(?:[\xd0\xd1][\x80-\xbf](?:\xcc[\x80-\xbf])*)+"
_HANGUL = rb"(?:\xe1[\x84-\x87][\x80-\xbf]|[\xea-\xed][\x80-\xbf]{2})+"
_IDEOGRAPH = rb"[\xe4-\xe9][\x80-\xbf]{2}"


def _run(word: bytes, fewest: int, gap: bytes = _GAP + b"+") -> bytes:
    """For RE2: a word so many times at least, and as often as it goes on."""
    return b"%s(?:%s%s){%d,}" % (word, gap, word, fewest - 1)


SIGNS = (
    _run(rb"(?:%s){3,8}" % _LETTER, 12), _run(rb"(?:%s){4,9}" % _LETTER, 12), _run(rb"(?:%s){4,16}" % _LETTER, 13),
    _run(_KANA, 12), _run(_HANGUL, 12), _run(_CYRILLIC, 13), _run(_IDEOGRAPH, 12, _GAP + b"*"),
)  # fmt: skip
"""Of Latin letters as many as the words of the lists have, without marks: nine in Italian, 16 in some of Monero's."""

_STEP_BYTES, _CUT_BYTES = _MOST_WORD_BYTES + _MOST_BETWEEN_BYTES + 4, 4
_LOOKED_AROUND_BYTES = 2 * _STEP_BYTES
_REMEMBERED_WORDS = 1 << 16

_Word = tuple[int, int, str]
_Longest = Callable[[Sequence[int]], int]
_SCHEMES: tuple[tuple[str, str, str, _Longest, int], ...] = (
    *((BIP39, name, name, checked_phrases.bip39, max(checked_phrases.BIP39_LENGTHS)) for name in words.BIP39),
    (SLIP39, words.SLIP39, "english", checked_phrases.slip39, max(checked_phrases.SLIP39_LENGTHS)),
    *(
        (
            MONERO,
            name,
            name.removeprefix("monero_"),
            partial(checked_phrases.monero, name),
            max(checked_phrases.MONERO_LENGTHS),
        )
        for name in words.MONERO
    ),
)
"""Kind, list, language as it is told, how many words are one, how many at most."""
_FEWEST_WORDS = min(checked_phrases.BIP39_LENGTHS)


def find(data: bytes) -> Iterator[Found]:
    """Every phrase that does not lie within a longer one.

    Phrases by chance begin before a true one and end behind it, so one that overlaps another is told as well.
    """
    if not _may_hold(data):
        return
    run: list[_Word] = []
    is_ideograph, all_words = False, words.all_words()
    for match in _TOKEN.finditer(data):
        if match["escape"]:
            continue
        word, was_ideograph, is_ideograph = _word(match[0]), is_ideograph, bool(match["ideograph"])
        is_listed = word in all_words
        gap = match.start() - run[-1][1] if run else 0
        follows = gap > 0 or (is_ideograph and was_ideograph)
        if not is_listed or not follows or not _BETWEEN.fullmatch(data, match.start() - gap, match.start()):
            if len(run) >= _FEWEST_WORDS:
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
        was_in_run, is_in_run = is_in_run, is_cut or _word(match[0]) in words.all_words()
        if is_in_run and was_in_run:
            runs[-1] = runs[-1][0], match.end(), runs[-1][2] + 1
        elif is_in_run:
            runs.append((match.start(), match.end(), 1))
    return any(
        start < end and stop > begin
        and (count >= _FEWEST_WORDS or start - first <= _STEP_BYTES or last - stop <= _STEP_BYTES)
        for start, stop, count in runs
    )  # fmt: skip


def _may_hold(data: bytes) -> bool:
    """Quickly: whether as many words of the lists as a phrase has stand one behind the other; False is always right."""
    if data.isascii():
        listed = map(_ascii_words().__contains__, filter(None, _ASCII_TOKEN.findall(data.lower())))
    else:
        listed = map(_is_listed, (token for token in _TOKENS.findall(data) if not token.startswith(b"%")))
    return bytes([True] * _FEWEST_WORDS) in bytes(listed)


@cache
def _ascii_words() -> frozenset[bytes]:
    return frozenset(word.encode() for word in words.all_words() if word.isascii())


@lru_cache(_REMEMBERED_WORDS)
def _is_listed(letters: bytes) -> bool:
    return _word(letters) in words.all_words()


@lru_cache(_REMEMBERED_WORDS)
def _word(letters: bytes) -> str:
    return words.plain(letters.decode("utf-8", "replace")) if len(letters) <= _MOST_WORD_BYTES else ""


def _in_run(run: Sequence[_Word]) -> Iterator[Found]:
    if len(run) < _FEWEST_WORDS:
        return
    languages: dict[tuple[str, int, int], list[str]] = {}
    for kind, name, language, longest, most in _SCHEMES:
        listed = words.places(name)
        for first, last in _phrases([listed.get(word) for _, _, word in run], longest, most):
            languages.setdefault((kind, first, last), []).append(language.replace("_", " "))
    for (kind, first, last), named in sorted(languages.items(), key=lambda one: (one[0][1:], one[0][0])):
        text = f"{MASK} ({last - first} words, {' or '.join(named)})"
        yield Found(kind=kind, start=run[first][0], end=run[last - 1][1], text=text, validity=CANDIDATE)


def _phrases(places: Sequence[int | None], longest: _Longest, most: int) -> Iterator[tuple[int, int]]:
    """The longest phrase at each place, without those that lie within the one before."""
    last = stop = 0
    for first in range(len(places)):
        while stop < len(places) and places[stop] is not None:
            stop += 1
        if first >= stop:
            stop = first + 1
            continue
        if stop - first < _FEWEST_WORDS:
            continue
        count = longest([place for place in places[first : min(stop, first + most)] if place is not None])
        if count and first + count > last:
            last = first + count
            yield first, last
