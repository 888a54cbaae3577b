"""Looks through bytes for all terms at once, in all encodings. Home of RE2, whose time grows with the bytes only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import re2

from evidence.search.characters import ENCODINGS
from evidence.search.expressions import ExpressionError, Node, longest_bytes, of_expression, of_text, written

MAX_TERMS = 5000
MAX_EXPRESSIONS = 50
MAX_TERM_CHARACTERS = 500
MAX_HIT_BYTES = 4096
"""What is longer is told as far as this; a term is always shorter."""
MAX_HITS_OF_A_PASS = 20_000
_MEMORY_BYTES = 192 * 1024**2
_MEMORY_OF_ONE_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for.

    Attributes:
        terms: Looked for as they stand.
        expressions: Regular expressions; see :mod:`evidence.search.expressions`.
        encodings: By the names of :data:`evidence.search.characters.ENCODINGS`, the first is told where two agree.
        any_case: Whether upper and lower case are the same.
        detect: Whether the detectors look too.
    """

    terms: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    encodings: tuple[str, ...]
    any_case: bool = True
    detect: bool = False

    def plain(self) -> Mapping[str, object]:
        """For the way to a child process; see :meth:`of_plain`."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def of_plain(values: Mapping[str, Any]) -> Wanted:
        """What :meth:`plain` gave."""
        return Wanted(**values)


class Match(NamedTuple):
    """Where one was found, counted in the bytes that were looked through; ``term`` counts terms, then expressions."""

    start: int
    length: int
    term: int
    encoding: str


@dataclass(frozen=True, slots=True)
class _Form:
    """One term in one encoding."""

    term: int
    encoding: str
    pattern: bytes
    longest: int


@dataclass(slots=True)
class Found:
    """What a stretch holds.

    Attributes:
        matches: In the order of their places.
        cut_at: From where on not all were listed, because there were too many; None where they were.
    """

    matches: list[Match] = field(default_factory=list)
    cut_at: int | None = None


class Finder:
    """All that is wanted, compiled. Matches of terms may overlap; those of one expression in one encoding do not.

    Attributes:
        reach_bytes: How much behind the place where a match begins decides about it.
        without_form: Terms, by their text, that none of the encodings can write.
    """

    def __init__(self, wanted: Wanted) -> None:
        """Compile it.

        Raises:
            ExpressionError: A term or expression cannot be looked for, or there are too many.
        """
        _check_number(wanted)
        self._order = {encoding: at for at, encoding in enumerate(wanted.encodings)}
        terms = [
            form
            for number, term in enumerate(wanted.terms)
            for form in _forms(number, [of_text(text, any_case=wanted.any_case) for text in _spellings(term)], wanted)
        ]
        behind = [
            form
            for number, text in enumerate(wanted.expressions, len(wanted.terms))
            for form in _forms(number, [of_expression(text, any_case=wanted.any_case)], wanted)
        ]
        all_texts = (*wanted.terms, *wanted.expressions)
        written_terms = {form.term for form in (*terms, *behind)}
        self.without_form = tuple(text for number, text in enumerate(all_texts) if number not in written_terms)
        self._terms, self._expressions = terms, behind
        self._longest = max((form.longest for form in terms), default=0)
        self.reach_bytes = max(self._longest, MAX_HIT_BYTES if behind else 0)
        self._compile(all_texts)

    def _compile(self, texts: Sequence[str]) -> None:
        self._any: Any = None
        self._set: Any = None
        self._each: list[Any] = []
        try:
            if self._terms:
                self._any = _compiled(b"|".join(form.pattern for form in self._terms), _MEMORY_BYTES)
                self._set = re2.Set.MatchSet(_options(_MEMORY_BYTES))
                for form in self._terms:
                    self._set.Add(form.pattern)
                self._set.Compile()
                self._each = [_compiled(form.pattern, _MEMORY_OF_ONE_BYTES) for form in self._terms]
        except re2.error as error:
            raise ExpressionError(texts[0], 0, f"with the others it is too much for one search ({error})") from error
        self._alone: list[Any] = []
        for form in self._expressions:
            try:
                self._alone.append(_compiled(form.pattern, _MEMORY_BYTES // 4))
            except re2.error as error:
                raise ExpressionError(texts[form.term], 0, f"the expression becomes too large ({error})") from error

    def find(self, data: bytes, begin: int, end: int, busy: dict[int, int] | None = None) -> Found:
        """All matches that begin from ``begin`` on and before ``end``; what lies behind ``end`` decides with.

        ``busy`` is kept from one stretch to the next: how far into that the last match of an expression goes. The next
        stretch is taken to begin where this one ends.
        """
        found: dict[tuple[int, int, int], str] = {}
        cuts: list[int] = []
        for passed in (
            self._of_terms(data, begin, end),
            *self._of_expressions(data, begin, end, {} if busy is None else busy),
        ):
            for count, match in enumerate(passed, 1):
                if count > MAX_HITS_OF_A_PASS:
                    cuts.append(match.start)
                    break
                key = match.start, match.length, match.term
                before = found.get(key)
                if before is None or self._order[match.encoding] < self._order[before]:
                    found[key] = match.encoding
        matches = [Match(*key, encoding) for key, encoding in sorted(found.items())]
        return Found(matches, min(cuts, default=None))

    def _of_terms(self, data: bytes, begin: int, end: int) -> Iterator[Match]:
        """Of every place where any of them begins, all that do."""
        limit = min(len(data), end + self._longest)
        while self._any is not None and begin < end and (some := self._any.search(data, begin, limit)) is not None:
            start = some.start()
            if start >= end:
                return
            for at in self._set.Match(data[start : start + self._longest]) or ():
                form = self._terms[at]
                one = self._each[at].match(data, start, min(len(data), start + form.longest))
                if one is not None:
                    yield Match(start, one.end() - start, form.term, form.encoding)
            begin = start + 1

    def _of_expressions(self, data: bytes, begin: int, end: int, busy: dict[int, int]) -> Iterator[Iterator[Match]]:
        return (self._of_one(at, data, begin, end, busy) for at in range(len(self._expressions)))

    def _of_one(self, at: int, data: bytes, begin: int, end: int, busy: dict[int, int]) -> Iterator[Match]:
        form, alone = self._expressions[at], self._alone[at]
        limit = min(len(data), end + MAX_HIT_BYTES)
        begin += busy.pop(at, 0)
        while begin < end and (one := alone.search(data, begin, limit)) is not None:
            start = one.start()
            if start >= end:
                return
            whole = alone.match(data, start, min(limit, start + MAX_HIT_BYTES))
            length = whole.end() - start if whole is not None else MAX_HIT_BYTES
            yield Match(start, length, form.term, form.encoding)
            begin = start + length
            if begin > end:
                busy[at] = begin - end


def _check_number(wanted: Wanted) -> None:
    for texts, most, what in (
        (wanted.terms, MAX_TERMS, "terms"),
        (wanted.expressions, MAX_EXPRESSIONS, "regular expressions"),
    ):
        if len(texts) > most:
            raise ExpressionError(texts[most], 0, f"a search takes {most:,} {what} at most, and this is one more")
        for text in texts:
            if not text:
                raise ExpressionError(text, 0, "it is empty")
            if len(text) > MAX_TERM_CHARACTERS:
                raise ExpressionError(text, MAX_TERM_CHARACTERS, f"it is longer than {MAX_TERM_CHARACTERS} characters")
    for encoding in wanted.encodings:
        if encoding not in ENCODINGS:
            raise ExpressionError(encoding, 0, "there is no such encoding to search in")


def _spellings(term: str) -> Sequence[str]:
    """A term as it is, and with its accents joined to their letters and apart from them, as systems write either."""
    return tuple(dict.fromkeys((term, unicodedata.normalize("NFC", term), unicodedata.normalize("NFD", term))))


def _forms(number: int, nodes: Sequence[Node], wanted: Wanted) -> Iterator[_Form]:
    """One for each encoding that writes it in its own bytes."""
    told: set[str] = set()
    for encoding in wanted.encodings:
        for node in nodes:
            pattern = written(node, encoding)
            if pattern and pattern not in told:
                told.add(pattern)
                longest = longest_bytes(node, encoding) or MAX_HIT_BYTES
                yield _Form(number, encoding, f"(?:{pattern})".encode("ascii"), longest)


def _options(memory_bytes: int) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = memory_bytes
    options.never_capture = True
    options.log_errors = False
    return options


def _compiled(pattern: bytes, memory_bytes: int) -> Any:
    return re2.compile(pattern, _options(memory_bytes))
