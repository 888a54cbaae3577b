r"""Terms and regular expressions over characters, read into a tree that can be written for any encoding.

Understood are characters, ``.`` (any but a line feed), ``[a-z]`` and ``[^a-z]``, ``|``, groups, ``* + ? {n} {n,m}``,
also lazy with ``?`` behind them, ``\d`` (0 to 9), ``\w`` (``_``, digits, and the letters of the Latin, Greek, Cyrillic,
Armenian, Hebrew, Arabic and Georgian scripts), ``\s`` with their opposites, ``\t \n \r \f \v \0 \xhh \uhhhh``. What
looks around, such as ``\b``, ``^`` and ``$``, and references back are refused: they would mean something else in each
encoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from evidence.errors import EvidenceError
from evidence.search.characters import Ranges, folded, inverted, length_of, pattern_of, ranges_of

MAX_REPEAT = 1000
_MAX_DEPTH = 50
_LETTERS = ranges_of((
    (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xAA, 0xAA), (0xB5, 0xB5), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6),
    (0xF8, 0x2AF), (0x370, 0x373), (0x376, 0x377), (0x37B, 0x37D), (0x37F, 0x37F), (0x386, 0x386), (0x388, 0x481),
    (0x48A, 0x556), (0x561, 0x587), (0x5D0, 0x5EA), (0x620, 0x64A), (0x10A0, 0x10FF), (0x1C90, 0x1CBF),
    (0x30, 0x39), (0x1E00, 0x1EFF),
))  # fmt: skip
_DIGITS = ranges_of(((0x30, 0x39),))
_SPACES = ranges_of(((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x2000, 0x200A), (0x2028, 0x2029), (0x3000, 0x3000)))
_CLASSES = {"d": _DIGITS, "w": _LETTERS, "s": _SPACES}
_SIGNS = {"t": 9, "n": 10, "r": 13, "f": 12, "v": 11, "0": 0}
_ANY = inverted(ranges_of(((10, 10),)))


class ExpressionError(EvidenceError):
    """A term or a regular expression that cannot be looked for; it says what, and at which character."""

    def __init__(self, text: str, at: int, why: str) -> None:
        """Args: the expression, the place in it from 0, and why as a part of a sentence."""
        super().__init__(f"{text!r} cannot be looked for: at character {at + 1}, {why}.")
        self.text, self.at, self.why = text, at, why


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Row:
    """One behind the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part so many times; ``most`` is None for any number."""

    part: Node
    least: int
    most: int | None
    is_lazy: bool


Node: TypeAlias = Chars | Row | Either | Repeat


def of_text(text: str, *, any_case: bool) -> Node:
    """The characters of a text, as they stand or in any case."""
    return Row(tuple(Chars(_cased(_one(char), any_case)) for char in text))


def of_expression(text: str, *, any_case: bool) -> Node:
    """A regular expression.

    Raises:
        ExpressionError: It is none, holds what is not understood, or can match nothing at all.
    """
    node = _Reader(text, any_case).read()
    if least_length(node) == 0:
        raise ExpressionError(text, 0, "it matches also where nothing is; let it ask for one character at least")
    return node


def written(node: Node, encoding: str) -> str | None:
    """As a pattern of RE2 over bytes; None where the encoding has no character that it needs."""
    match node:
        case Chars(ranges):
            return pattern_of(ranges, encoding)
        case Row(parts):
            texts = [written(part, encoding) for part in parts]
            return None if None in texts else "".join(text for text in texts if text is not None)
        case Either(parts):
            found = [text for part in parts if (text := written(part, encoding)) is not None]
            return f"(?:{'|'.join(found)})" if found else None
        case Repeat(part, least, most, is_lazy):
            text = written(part, encoding)
            if text is None:
                return "" if least == 0 else None
            return f"(?:{text}){{{least},{'' if most is None else most}}}{'?' * is_lazy}"


def least_length(node: Node) -> int:
    """How many characters it has at least."""
    match node:
        case Chars():
            return 1
        case Row(parts):
            return sum(map(least_length, parts))
        case Either(parts):
            return min(map(least_length, parts))
        case Repeat(part, least, _, _):
            return least * least_length(part)


def longest_bytes(node: Node, encoding: str) -> int | None:
    """How many bytes it has at most; None where there is no end to it."""
    match node:
        case Chars(ranges):
            return length_of(ranges, encoding)
        case Row(parts) | Either(parts):
            lengths = [longest_bytes(part, encoding) for part in parts]
            if None in lengths:
                return None
            known = [length for length in lengths if length is not None]
            return sum(known) if isinstance(node, Row) else max(known)
        case Repeat(part, _, most, _):
            length = longest_bytes(part, encoding)
            return None if most is None or length is None else most * length


def _one(char: str) -> Ranges:
    return ranges_of(((ord(char), ord(char)),))


def _cased(ranges: Ranges, any_case: bool) -> Ranges:
    return folded(ranges) if any_case else ranges


class _Reader:
    """Reads one expression from its first character to its last."""

    def __init__(self, text: str, any_case: bool) -> None:
        self._text, self._any_case, self._at, self._depth = text, any_case, 0, 0

    def read(self) -> Node:
        node = self._either()
        if self._at < len(self._text):
            raise self._wrong("a bracket is closed that was not opened")
        return node

    def _wrong(self, why: str) -> ExpressionError:
        return ExpressionError(self._text, min(self._at, max(len(self._text) - 1, 0)), why)

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise self._wrong("it ends in the middle")
        self._at += 1
        return self._text[self._at - 1]

    def _either(self) -> Node:
        parts = [self._row()]
        while self._next() == "|":
            self._at += 1
            parts.append(self._row())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self._next() and self._next() not in "|)":
            parts.append(self._repeated(self._single()))
        return Row(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        sign = self._next()
        if not sign or sign not in "*+?{":
            return part
        self._at += 1
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self._counts()
        is_lazy = self._next() == "?"
        self._at += is_lazy
        if self._next() and self._next() in "*+{":
            raise self._wrong("what is repeated already is repeated again")
        return Repeat(part, least, most, is_lazy)

    def _counts(self) -> tuple[int, int | None]:
        end = self._text.find("}", self._at)
        inside = self._text[self._at : end] if end >= 0 else ""
        first, comma, last = inside.partition(",")
        if not (first.isascii() and first.isdigit()) or (last and not (last.isascii() and last.isdigit())):
            raise self._wrong("after { there have to be numbers and }; write \\{ for the sign itself")
        least, most = int(first[:9]), (int(last[:9]) if last else None if comma else int(first[:9]))
        if least > MAX_REPEAT or (most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise self._wrong(f"a number of times goes from the smaller to the larger, and to {MAX_REPEAT} at most")
        self._at = end + 1
        return least, most

    def _single(self) -> Node:
        char = self._take()
        match char:
            case ".":
                return Chars(_ANY)
            case "[":
                return Chars(self._set())
            case "(":
                return self._group()
            case "\\":
                return Chars(_cased(self._escaped(), self._any_case))
            case "^" | "$":
                self._at -= 1
                raise self._wrong(
                    f"{char} stands for an edge, which is not looked for; write \\{char} for the sign itself"
                )
            case "*" | "+" | "?" | "{":
                self._at -= 1
                raise self._wrong(f"there is nothing before {char} that could be repeated")
        return Chars(_cased(_one(char), self._any_case))

    def _group(self) -> Node:
        if self._next() == "?":
            if self._text[self._at : self._at + 2] != "?:":
                raise self._wrong("groups are (...) or (?:...); what looks ahead or behind is not looked for")
            self._at += 2
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._wrong("groups lie too deep in each other")
        inside = self._either()
        if self._next() != ")":
            raise self._wrong("a bracket is not closed")
        self._at += 1
        self._depth -= 1
        return inside

    def _escaped(self) -> Ranges:
        char = self._take()
        if char.lower() in _CLASSES:
            found = _CLASSES[char.lower()]
            return found if char.islower() else inverted(found)
        if char in "xu":
            digits = self._text[self._at : self._at + (2 if char == "x" else 4)]
            try:
                point = int(digits, 16) if len(digits) == (2 if char == "x" else 4) and digits.isalnum() else -1
            except ValueError:
                point = -1
            if point < 0 or 0xD800 <= point <= 0xDFFF:
                raise self._wrong(f"\\{char} needs the number of a character in hexadecimal digits")
            self._at += len(digits)
            return _one(chr(point))
        if char in _SIGNS:
            return _one(chr(_SIGNS[char]))
        if char.isalnum():
            self._at -= 1
            raise self._wrong(f"\\{char} is not looked for")
        return _one(char)

    def _set(self) -> Ranges:
        is_inverted = self._next() == "^"
        self._at += is_inverted
        parts: list[tuple[int, int]] = []
        begin = self._at
        while self._next() != "]" or self._at == begin:
            first = self._member()
            if self._next() == "-" and self._text[self._at + 1 : self._at + 2] not in ("", "]"):
                self._at += 1
                last = self._member()
                low, high = first[0][0], last[-1][1]
                if len(first) != 1 or len(last) != 1 or first[0][0] != first[0][1] or last[0][0] != high or high < low:
                    raise self._wrong("a span goes from one character to a later one")
                parts.append((low, high))
            else:
                parts += first
        self._at += 1
        found = _cased(ranges_of(parts), self._any_case)
        return inverted(found) if is_inverted else found

    def _member(self) -> Ranges:
        char = self._take()
        if char == "\\":
            return self._escaped()
        return _one(char)
