"""What filters ask that no catalogue knows: tags are in the record, matches of hash sets in a file of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from forensics_app.model.filter_language.tree import Among, Both, Either, Expression, InSet, Opposite, Tagged

Outside: TypeAlias = Callable[[Tagged | InSet], Iterable[int] | None]
"""Gives the ids of the entries of which it is so; None where it cannot be told."""


def asks_outside(expression: Expression | None) -> bool:
    """Whether a filter asks something that the catalogue does not know."""
    match expression:
        case Both() | Either():
            return any(asks_outside(part) for part in expression.parts)
        case Opposite():
            return asks_outside(expression.part)
    return isinstance(expression, Tagged | InSet)


def settled(expression: Expression, outside: Outside) -> Expression:
    """The same filter with the entries themselves in the place of what the catalogue does not know."""
    match expression:
        case Both() | Either():
            return replace(expression, parts=tuple(settled(part, outside) for part in expression.parts))
        case Opposite():
            return replace(expression, part=settled(expression.part, outside))
        case Tagged() | InSet():
            ids = outside(expression)
            return Among(ids=None if ids is None else tuple(ids))
    return expression


def matches(pattern: str, name: str) -> bool:
    """Whether a name is what was written, or matches it where that has ``*`` or ``?``; letters in either case."""
    first, *others = pattern.casefold().split("*")
    rest = name.casefold()
    if not others:
        return len(first) == len(rest) and _stands(first, rest, 0)
    if not _stands(first, rest, 0):
        return False
    rest = rest[len(first) :]
    *inner, last = others
    for part in inner:
        at = next((at for at in range(len(rest) - len(part) + 1) if _stands(part, rest, at)), None)
        if at is None:
            return False
        rest = rest[at + len(part) :]
    return len(last) <= len(rest) and _stands(last, rest, len(rest) - len(last))


def _stands(part: str, text: str, at: int) -> bool:
    """Whether a part without ``*`` stands at a place of a text."""
    found = text[at : at + len(part)]
    return len(found) == len(part) and all(one in ("?", other) for one, other in zip(part, found, strict=True))


def in_set(pattern: str, label: str) -> bool:
    """Whether a hash set, by name and version, has in it what was written, or matches it."""
    return matches(pattern if set(pattern) & {"*", "?"} else f"*{pattern}*", label)
