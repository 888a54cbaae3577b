"""Cuts the text of a filter into words, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from forensics_app.model.filter_language.errors import FilterError

LONGEST_CHARACTERS = 4_000
_KEYED = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(:|>=|<=|>|<)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ENDS_WORD = ' \t\r\n\f\v\u00a0()"'


class Kind(Enum):
    """What a piece of a filter is."""

    OPEN = auto()
    CLOSE = auto()
    MINUS = auto()
    WORD = auto()
    QUOTED = auto()
    KEYED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One piece.

    Attributes:
        text: A word, or what stands between quotes; of a keyed one, its value.
        start: Where it begins in the filter; ``end`` is behind it, with its quotes.
        key: Of a keyed one, in lower case; ``sign`` is what stands between it and the value.
        value_start: Where the value begins, with its quote.
        is_quoted: Whether the value stands between quotes.
    """

    kind: Kind
    text: str
    start: int
    end: int
    key: str = ""
    sign: str = ""
    value_start: int = 0
    is_quoted: bool = False


def tokens_of(text: str) -> tuple[Token, ...]:
    """The pieces of a filter in their order.

    Raises:
        FilterError: It is too long, it has what is no character, or quotes stand where they cannot.
    """
    if len(text) > LONGEST_CHARACTERS:
        raise FilterError(
            f"The filter has {len(text):,} characters.",
            LONGEST_CHARACTERS,
            len(text),
            right=f"Make it {LONGEST_CHARACTERS:,} characters long at most.",
        )
    if (half := _SURROGATE.search(text)) is not None:
        right = "Write * in its place: names are kept as text in the catalogue, without such bytes."
        raise FilterError("This is no character, but a part of one.", half.start(), half.end(), right=right)
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token_at(text, at)
        found.append(token)
        at = token.end
    return tuple(found)


def _token_at(text: str, at: int) -> Token:
    match text[at]:
        case "(":
            return Token(kind=Kind.OPEN, text="(", start=at, end=at + 1)
        case ")":
            return Token(kind=Kind.CLOSE, text=")", start=at, end=at + 1)
        case "-":
            return Token(kind=Kind.MINUS, text="-", start=at, end=at + 1)
        case '"':
            inside, end = _quoted(text, at)
            return Token(kind=Kind.QUOTED, text=inside, start=at, end=end, value_start=at, is_quoted=True)
    keyed = _KEYED.match(text, at)
    if keyed is None:
        end = _word_end(text, at)
        return Token(kind=Kind.WORD, text=text[at:end], start=at, end=end)
    start = keyed.end()
    is_quoted = text.startswith('"', start)
    value, end = _quoted(text, start) if is_quoted else (text[start : _word_end(text, start)], _word_end(text, start))
    return Token(
        kind=Kind.KEYED, text=value, start=at, end=end, key=keyed[1].lower(), sign=keyed[2], value_start=start,
        is_quoted=is_quoted,
    )  # fmt: skip


def _word_end(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] not in _ENDS_WORD and not text[end].isspace():
        end += 1
    if text.startswith('"', end) and end > at:
        right = 'Put all of it in quotes, like "my report" or path:"*/my reports/*".'
        raise FilterError("A quote begins in the middle of a word.", end, end + 1, right=right)
    return end


def _quoted(text: str, at: int) -> tuple[str, int]:
    """What stands in the quotes that begin at ``at``, and where they end; a quote in it is written twice."""
    end = at + 1
    while True:
        end = text.find('"', end)
        if end < 0:
            raise FilterError("This quote is not closed.", at, len(text), right='Put " behind what belongs to it.')
        if not text.startswith('""', end):
            break
        end += 2
    after = text[end + 1 : end + 2]
    if after and after not in "()" and not after.isspace():
        raise FilterError(
            "Something follows the closing quote without a blank.", end + 1, end + 2,
            right='Put a blank between them, or write a quote that belongs to the text twice: "".',
        )  # fmt: skip
    return text[at + 1 : end].replace('""', '"'), end + 1
