"""The description inside an AFF4 container, which is written in Turtle: what is said of each object.

As much of Turtle as any writer of descriptions uses: prefixes, lists of predicates and objects, typed texts, numbers,
nameless objects and collections. Source: "RDF 1.1 Turtle", W3C Recommendation, 25 February 2014.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TYPE = RDF + "type"
NESTED_MAX = 32

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n\r]*)
    |<(?P<iri>[^<>\n]*)>
    |(?P<long>\"{3}(?:(?!\"{3})(?:\\.|[^\\]))*\"{3}|'{3}(?:(?!'{3})(?:\\.|[^\\]))*'{3})
    |(?P<text>"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*')
    |(?P<typed>\^\^)
    |@(?P<at>[A-Za-z]{1,32}(?:-[A-Za-z0-9]{1,32}){0,8})
    |(?P<mark>[.;,\[\]()])
    |(?P<name>[\w.-]{0,64}:[\w.:%/\\-]*)
    |(?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z]{1,32})""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_CODE_POINTS = 0x110000


class TurtleError(Exception):
    """The text is no Turtle; the message is part of a sentence."""


class Term(NamedTuple):
    """An object that something is said of, or a value.

    Attributes:
        value: The address, or the text of the value.
        datatype: The address of the value's type, empty for a plain text; None where it is an address.
    """

    value: str
    datatype: str | None = None


Facts = dict[str, dict[str, list[Term]]]
"""What is said: by the address of an object and of the property."""


def read_turtle(text: str) -> Facts:
    """Read a description.

    Raises:
        TurtleError: It is no Turtle.
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = next(self._tokens)
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._nameless = 0
        self.facts: Facts = {}

    def read(self) -> Facts:
        while self._next[0] != "end":
            kind, value, _ = self._next
            if (kind == "at" and value in ("prefix", "base")) or (kind == "word" and value.upper() in _DIRECTIVES):
                self._directive()
                continue
            subject = self._term(0)
            if not self._is_mark("."):
                self._properties(subject, 0)
            self._expect(".")
        return self.facts

    def _directive(self) -> None:
        kind, word, _ = self._take()
        if word.lower() == "prefix":
            name = self._take()
            if name[0] != "name":
                raise self._wrong("a prefix", name)
            self._prefixes[name[1].rstrip(":")] = self._address()
        else:
            self._base = self._address()
        if kind == "at":
            self._expect(".")

    def _address(self) -> str:
        token = self._take()
        if token[0] != "iri":
            raise self._wrong("an address", token)
        return self._based(token[1])

    def _based(self, iri: str) -> str:
        iri = _unescaped(iri)
        return iri if ":" in iri else self._base + iri

    def _properties(self, subject: Term, depth: int) -> None:
        said = self.facts.setdefault(subject.value, {})
        while True:
            verb = self._verb()
            while True:
                said.setdefault(verb, []).append(self._term(depth))
                if not self._skip_mark(","):
                    break
            if not self._skip_mark(";"):
                return
            while self._skip_mark(";"):
                pass
            if self._is_mark(".") or self._is_mark("]"):
                return

    def _verb(self) -> str:
        if self._next[:2] == ("word", "a"):
            self._take()
            return TYPE
        token = self._next
        term = self._term(NESTED_MAX)
        if term.datatype is not None:
            raise self._wrong("a property", token)
        return term.value

    def _term(self, depth: int) -> Term:
        token = self._take()
        kind, value, _ = token
        if kind == "iri":
            return Term(self._based(value))
        if kind == "name":
            return Term(self._named(token))
        if kind in ("text", "long"):
            return self._literal(_unescaped(value[3:-3] if kind == "long" else value[1:-1]))
        if kind == "number":
            return Term(value, "number")
        if kind == "word" and value in ("true", "false"):
            return Term(value, "boolean")
        if kind == "mark" and value in "[(" and depth < NESTED_MAX:
            return self._nested("]" if value == "[" else ")", depth + 1)
        raise self._wrong("an object", token)

    def _nested(self, end: str, depth: int) -> Term:
        self._nameless += 1
        term = Term(f"_:{self._nameless}")
        if end == "]":
            if not self._is_mark(end):
                self._properties(term, depth)
        else:
            items = self.facts.setdefault(term.value, {}).setdefault(RDF + "first", [])
            while not self._is_mark(end):
                items.append(self._term(depth))
        self._expect(end)
        return term

    def _literal(self, value: str) -> Term:
        if self._next[0] == "at":
            self._take()
        elif self._next[0] == "typed":
            self._take()
            token = self._take()
            if token[0] not in ("iri", "name"):
                raise self._wrong("a type", token)
            return Term(value, self._based(token[1]) if token[0] == "iri" else self._named(token))
        return Term(value, "")

    def _named(self, token: tuple[str, str, int]) -> str:
        prefix, _, local = token[1].partition(":")
        if prefix == "_":
            return token[1]
        if prefix not in self._prefixes:
            raise TurtleError(f"the prefix {prefix[:40]!r} at character {token[2]} is nowhere explained")
        return self._prefixes[prefix] + local.replace("\\", "")

    def _is_mark(self, mark: str) -> bool:
        return self._next[:2] == ("mark", mark)

    def _skip_mark(self, mark: str) -> bool:
        found = self._is_mark(mark)
        if found:
            self._take()
        return found

    def _expect(self, mark: str) -> None:
        if not self._skip_mark(mark):
            raise self._wrong(f"{mark!r}", self._next)

    def _take(self) -> tuple[str, str, int]:
        token = self._next
        if token[0] != "end":
            self._next = next(self._tokens)
        return token

    def _wrong(self, wanted: str, token: tuple[str, str, int]) -> TurtleError:
        found = "the end" if token[0] == "end" else repr(token[1][:40])
        return TurtleError(f"at character {token[2]} stands {found} instead of {wanted}")


_DIRECTIVES = ("PREFIX", "BASE")


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place of each; the last one is of the kind "end"."""
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise TurtleError(f"at character {place} stands {text[place : place + 20]!r}, which is no Turtle")
        kind = found.lastgroup or ""
        value, end = found[kind], found.end()
        if kind == "name":  # a dot behind a name ends the statement
            kept = value.rstrip(".")
            value, end = kept, end - (len(value) - len(kept))
        if kind != "skip":
            yield kind, value, place
        place = end
    yield "end", "", place


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code is None:
        return _ESCAPED.get(found[3], found[3])
    number = int(code, 16)
    return chr(number) if number < _CODE_POINTS and not 0xD800 <= number < 0xE000 else "\ufffd"
