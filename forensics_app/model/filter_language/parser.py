"""Makes a tree of the text of a filter.

filter = and ("or" and)*        and = one+, with "and" between them or nothing
one    = "-" one | "not" one | "(" filter ")" | term
term   = word | "quoted" | flag | key sign value
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import tzinfo

from forensics_app.model.catalogue import FILE_KINDS, TIME_FIELDS
from forensics_app.model.filter_language import values
from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.keys import FLAGS, KEYS
from forensics_app.model.filter_language.times import Moment, NotATimeError, TurnedRoundError, moment_of, time_range
from forensics_app.model.filter_language.tokens import Kind, Token, tokens_of
from forensics_app.model.filter_language.tree import (
    Both,
    Either,
    Expression,
    InSet,
    InVolume,
    Is,
    Marked,
    OneOf,
    Opposite,
    Tagged,
    Words,
)

MOST_TERMS, DEEPEST = 200, 20
_WORDS_ONLY = frozenset({"name", "path", "note"})
_FLAG_TREES: dict[str, Expression] = {
    "deleted": Opposite(part=Is(column="allocated")),
    "allocated": Is(column="allocated"),
    "orphan": Is(column="orphan"),
    "realloc": Is(column="realloc"),
    "mismatch": Is(column="mismatch"),
    "encrypted": Marked(mark="encrypted"),
}
_TIME_EXAMPLE = "2024-03..2024-04"
_QUOTE_IT = "Write what is looked for there. To look for the sign or the word itself, put it in quotes."
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?(\.\d+)?", re.ASCII)


def parse(text: str, zone: tzinfo) -> Expression | None:
    """The tree of a filter; None where nothing is written.

    Args:
        text: As it was typed.
        zone: Of times without an offset: the one that is shown.

    Raises:
        FilterError: It cannot be understood.
    """
    tokens = tokens_of(text)
    return _Parser(text, tokens, zone).whole() if tokens else None


class _Parser:
    """Goes through the tokens once, from the left."""

    def __init__(self, text: str, tokens: tuple[Token, ...], zone: tzinfo) -> None:
        self._text, self._tokens, self._zone = text, tokens, zone
        self._at = self._terms = self._depth = 0

    def whole(self) -> Expression:
        """Everything."""
        tree = self._either()
        if self._at < len(self._tokens):  # only a bracket ends a filter before its end
            token = self._tokens[self._at]
            raise FilterError(
                "This bracket closes one that was never opened.", token.start, token.end,
                right="Take it out, or open one before it. A bracket in a name goes into quotes.",
            )  # fmt: skip
        return tree

    def _either(self) -> Expression:
        parts = [self._both()]
        while self._is_operator("or"):
            token = self._take()
            self._need(token, "or")
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(parts=tuple(parts))

    def _both(self) -> Expression:
        parts = [self._one()]
        while self._at < len(self._tokens) and self._next.kind is not Kind.CLOSE and not self._is_operator("or"):
            if self._is_operator("and"):
                self._need(self._take(), "and")
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(parts=tuple(parts))

    def _one(self) -> Expression:
        token = self._take()
        if token.kind is Kind.MINUS or self._means(token, "not"):
            self._need(token, token.text)
            return Opposite(part=self._within(token, self._one))
        if token.kind is Kind.OPEN:
            return self._bracket(token)
        if token.kind is Kind.CLOSE or self._means(token, "and") or self._means(token, "or"):
            what = f'Nothing stands before "{token.text}".'
            raise FilterError(what, token.start, token.end, right=_QUOTE_IT)
        self._terms += 1
        if self._terms > MOST_TERMS:
            right = f"Use {MOST_TERMS} conditions at most."
            raise FilterError("The filter has too many conditions.", token.start, token.end, right=right)
        return self._term(token)

    def _bracket(self, token: Token) -> Expression:
        inside = self._within(token, self._either)
        if self._at >= len(self._tokens):
            right = "Close it with ). A bracket in a name goes into quotes."
            raise FilterError("This bracket is not closed.", token.start, token.end, right=right)
        self._take()
        return inside

    def _within(self, token: Token, read: Callable[[], Expression]) -> Expression:
        """What ``read`` reads one level deeper."""
        self._depth += 1
        if self._depth > DEEPEST:
            right = f"Use {DEEPEST} levels of brackets and negations at most."
            raise FilterError("The filter is nested too deep.", token.start, token.end, right=right)
        try:
            if self._at >= len(self._tokens):
                self._need(token, token.text)
            return read()
        finally:
            self._depth -= 1

    def _need(self, token: Token, word: str) -> None:
        """Something has to follow ``token``, at once where that is a minus."""
        follows = self._at < len(self._tokens)
        if follows and (token.kind is not Kind.MINUS or self._next.start == token.end):
            return
        raise FilterError(f'Nothing follows "{word}".', token.start, token.end, right=_QUOTE_IT)

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _is_operator(self, word: str) -> bool:
        return self._at < len(self._tokens) and self._means(self._next, word)

    @staticmethod
    def _means(token: Token, word: str) -> bool:
        return token.kind is Kind.WORD and token.text.lower() == word

    def _term(self, token: Token) -> Expression:
        if token.kind is Kind.QUOTED:
            if not token.text:
                right = 'Write what a name has in it, like "my report".'
                raise FilterError("There is nothing between these quotes.", token.start, token.end, right=right)
            return Words(column="name", text=token.text)
        if token.kind is Kind.KEYED:
            return self._keyed(token)
        self._check_clock(token)
        flag = _FLAG_TREES.get(token.text.lower())
        if flag is not None:
            return flag
        return _words("path" if "/" in token.text else "name", token.text)

    def _check_clock(self, token: Token) -> None:
        before = self._tokens[self._at - 2] if self._at > 1 else token
        if _CLOCK.fullmatch(token.text) and before.key in TIME_FIELDS:
            right = f"Write a T between the two: {self._text[before.start : before.end]}T{token.text}."
            raise FilterError("A time of day stands apart from its day.", token.start, token.end, right=right)

    def _keyed(self, token: Token) -> Expression:
        key = token.key
        if key not in KEYS:
            raise self._unknown(token)
        if not KEYS[key].is_range and token.sign != ":":
            right = f"Write {KEYS[key].example}."
            raise FilterError(f'"{key}" cannot be compared with {token.sign}', token.start, token.end, right=right)
        if key in TIME_FIELDS:
            return self._time(token)
        if key in _WORDS_ONLY:
            if not token.text:
                raise values.wrong(token, f"There is nothing behind {key}:", f"Write it like {KEYS[key].example}.")
            return _words(key, token.text)
        return _valued(token)

    def _unknown(self, token: Token) -> FilterError:
        start, end = token.start, token.start + len(token.key)
        written = self._text[start:end]
        near = values.nearest(token.key, tuple(KEYS))
        meant = f"Did you mean {near}{token.sign}? " if near else ""
        whole = self._text[token.start : token.end].replace('"', '""')
        right = f'{meant}If it is a part of a name, put it in quotes: "{whole}".'
        return FilterError(f'There is no key "{written}".', start, end, right=right)

    def _time(self, token: Token) -> Expression:
        def one(text: str) -> Moment:
            try:
                return moment_of(text)
            except NotATimeError as error:
                right = f"Write {token.key}:2024-03, {token.key}>=2024-03-05T14:30 or {token.key}:{_TIME_EXAMPLE}."
                raise values.wrong(token, f'"{text}" {error}.', right) from error

        low, high = values.ends_of(token, one, f"{token.key}:{_TIME_EXAMPLE}")
        try:
            return time_range(token.key, low, high, self._zone, beyond=token.sign in ("<", ">"))
        except TurnedRoundError as error:
            raise values.turned_round(token, f"{token.key}:{_TIME_EXAMPLE}") from error


def _words(column: str, text: str) -> Words:
    return Words(column=column, text=text, wild="*" in text or "?" in text)


def _valued(token: Token) -> Expression:
    """The condition of a key that has its own kind of value."""
    match token.key:
        case "type":
            return values.type_of(token)
        case "ext":
            return values.extension_of(token)
        case "size":
            return values.size_range(token)
        case "entropy":
            return values.entropy_range(token)
        case "hash":
            return values.digest_of(token)
        case "kind":
            known = (*FILE_KINDS, "folder")
            kinds = values.word_of(token, known)
            return OneOf(column="kind", values=tuple("directory" if kind == "folder" else kind for kind in kinds))
        case "mark":
            return _any_of(Marked(mark=mark) for mark in values.word_of(token, tuple(KEYS["mark"].values)))
        case "tag":
            return _any_of(Tagged(name=part) for part in values.parts_of(token))
        case "known" | "alert":
            return _any_of(InSet(kind=token.key, name=part) for part in values.parts_of(token))
    return _any_of(InVolume(volume_id=part) for part in values.parts_of(token))


def _any_of(parts: Iterable[Expression]) -> Expression:
    found = tuple(parts)
    return found[0] if len(found) == 1 else Either(parts=found)


def said_alone(text: str) -> tuple[str, ...]:
    """The words of a filter that stand for a state and could be meant as a part of a name.

    Raises:
        FilterError: It cannot be understood.
    """
    found = (token.text.lower() for token in tokens_of(text) if token.kind is Kind.WORD)
    return tuple(dict.fromkeys(word for word in found if word in FLAGS))
