"""What can stand at a place of a filter, out of the language and out of what one catalogue holds; and remarks on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forensics_app.model.filter_language.keys import FLAGS, KEYS
from forensics_app.model.filter_language.outside import in_set, matches
from forensics_app.model.filter_language.tree import (
    Both,
    ContentType,
    Either,
    Expression,
    InSet,
    InVolume,
    OneOf,
    Opposite,
    Tagged,
    TimeRange,
)
from forensics_app.model.filter_language.vocabulary import Vocabulary

MOST_CHOICES = 60
_ANY = {"*": "any of them"}
_STOPS = ' \t\u00a0()"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can stand there, and what it means."""

    text: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Choices for the text from ``start`` up to, not including, ``end``."""

    start: int
    end: int
    choices: tuple[Choice, ...]
    is_value: bool


def offer(text: str, cursor: int, vocabulary: Vocabulary) -> Offer:
    """What can stand where the cursor is, the best first."""
    start = cursor
    while start > 0 and text[start - 1] not in _STOPS:
        start -= 1
    if text.count('"', 0, start) % 2:
        return Offer(start=start, end=cursor, choices=(), is_value=False)
    while text.startswith("-", start) and start < cursor:
        start += 1
    key, colon, value = text[start:cursor].partition(":")
    if colon and key.lower() in KEYS:
        _, comma, begun = value.rpartition(",")
        known = _values(key.lower(), vocabulary)
        if comma:  # what needs quotes stands behind a key alone
            known = {word: says for word, says in known.items() if not word.startswith('"')}
        return Offer(start=cursor - len(begun), end=cursor, choices=_fitting(known, begun), is_value=True)
    words = {f"{name}:": one.says for name, one in KEYS.items()} | FLAGS
    return Offer(start=start, end=cursor, choices=_fitting(words, text[start:cursor]), is_value=False)


def _values(key: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    match key:
        case "ext":
            return {quoted(one): _entries(n) for one, n in vocabulary.extensions.items()}
        case "type":
            return KEYS["type"].values | {one: _entries(n) for one, n in vocabulary.types.items()}
        case "volume":
            return vocabulary.volumes
        case "tag":
            return {quoted(one): _entries(n) for one, n in vocabulary.tags.items()} | _ANY
        case "known" | "alert":
            return {quoted(one): _entries(n) for one, n in vocabulary.sets.get(key, {}).items()} | _ANY
    return KEYS[key].values


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def quoted(value: str) -> str:
    """A value as it has to be written behind a key."""
    if value and not any(char in _STOPS or char == "," or char.isspace() for char in value):
        return value
    inner = value.replace('"', '""')
    return f'"{inner}"'


def _fitting(known: Mapping[str, str], begun: str) -> tuple[Choice, ...]:
    """Those that begin so, then those in which it stands; nothing where all of it is written already."""
    small = begun.lower()
    first = [word for word in known if word.lower().startswith(small)]
    others = [word for word in known if small and small in word.lower() and word not in first]
    words = [*first, *others][:MOST_CHOICES]
    return () if words == [begun] else tuple(Choice(text=word, says=known[word]) for word in words)


def remarks(expression: Expression, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What somebody who reads the result has to know of it."""
    found: dict[str, None] = {}
    for part in _leaves(expression):
        match part:
            case TimeRange() if volumes := vocabulary.untold_zones.get(part.field):
                found[_untold(part, volumes)] = None
            case InVolume() if part.volume_id not in vocabulary.volumes:
                found[f"There is no volume {part.volume_id} in this image."] = None
            case ContentType() if not vocabulary.content_examined and not part.unknown:
                found["The content of files was not looked at in this catalogue, so no type is known."] = None
            case Tagged() if not any(matches(part.name, one) for one in vocabulary.tags):
                found[f"There is no tag {part.name} in this lab."] = None
            case InSet() if not vocabulary.looked_up:
                found["This image was not looked up in the hash sets since its catalogue was built."] = None
            case InSet() if not any(in_set(part.name, one) for one in vocabulary.sets.get(part.kind, ())):
                found[f"This image was looked up in no {part.kind} hash set {part.name}."] = None
            case OneOf(column="extension"):
                for one in part.values:
                    if one and one not in vocabulary.extensions:
                        found[f"No entry of this image has the extension {one}."] = None
    return tuple(found)


def _untold(part: TimeRange, volumes: tuple[str, ...]) -> str:
    named = ", ".join(volumes[:3]) + (f" and {len(volumes) - 3} more" if len(volumes) > 3 else "")
    if part.wall is None:
        return (
            f"{named}: the file system does not keep the zone of this time ({part.field}), so that it cannot be "
            "compared with a time in UTC. These entries are left out."
        )
    return f"{named}: this time ({part.field}) is kept without its zone, and is compared as it is written."


def _leaves(expression: Expression) -> Iterator[Expression]:
    match expression:
        case Both() | Either():
            for part in expression.parts:
                yield from _leaves(part)
        case Opposite():
            yield from _leaves(expression.part)
        case _:
            yield expression
