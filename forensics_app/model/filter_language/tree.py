"""What a filter means: a tree of conditions on one entry of a catalogue.

Each condition holds, does not hold, or cannot be told. It cannot be told only of a :class:`TimeRange` with moments of
UTC and a time whose zone the file system does not store, and of an :class:`InSet` where the image was not looked up.
What cannot be told is left out, and so is its opposite: ``not`` leaves it untold, ``and`` and ``or`` are those of
Kleene's logic, which is that of NULL in SQL. A value that an entry does not have fulfils no condition, so that its
opposite holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """All of its parts, two at least."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Any of its parts, two at least."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opposite:
    """Not its part."""

    part: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in a column.

    Letters match in either case, as far as a letter has exactly one other case; everything else matches itself. Letters
    with marks are found whether the text on the disk is composed or decomposed (Unicode NFC or NFD).

    Attributes:
        column: ``name``, ``path`` or ``note``.
        text: What is looked for.
        wild: Whether ``text`` is a pattern of the whole value, in which ``*`` is any number of characters, slashes too,
            and ``?`` is one. Otherwise it stands anywhere in the value, and no character has a special meaning.
    """

    column: str
    text: str
    wild: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """The value of a column is exactly one of these; of ``extension`` (lower case, no dot) or ``kind``."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentType:
    """The type found in the content.

    Attributes:
        types: Any of these.
        prefixes: Or any type that begins so; in lower case, as types are, ``image/``.
        unknown: Or none, as the content was not looked at.
    """

    types: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRange:
    """A number from ``low`` to ``high``, both included; None has no limit.

    Attributes:
        column: ``size_bytes``, of anything but folders, whose size says nothing about what they hold; or
            ``entropy_head_millibits``.
    """

    column: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From a nanosecond since 1970 to another, both included, within 64 bits; empty where ``low_ns > high_ns``."""

    low_ns: int
    high_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """One time of an entry lies in a range.

    Attributes:
        field: One of :data:`~forensics_app.model.catalogue.TIME_FIELDS`.
        utc: For times that the file system keeps in UTC.
        wall: For times of a zone that it does not tell, which are compared as they are written; None where the range
            was given in moments of UTC, so that nothing can be told. A date without a time of day is within where any
            moment of that day is.
    """

    field: str
    utc: Span
    wall: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Is:
    """Something that is so or not: ``allocated``, ``realloc``, ``orphan`` or ``mismatch``."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The content bears one of :data:`evidence.marks.MARKS`."""

    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The MD5 or the SHA-256 begins with these digits, lower case, 64 at most."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InVolume:
    """It lies in this volume, in a volume within that, or in an archive in one of these."""

    volume_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """It bears a tag of this name, or one that matches it where it has ``*`` or ``?``; letters in either case.

    No catalogue knows of it: :func:`~forensics_app.model.filter_language.outside.settled` puts :class:`Among` there.
    """

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InSet:
    """It is in a hash set of this kind whose name, or name and version, has ``name`` in it or matches it.

    Attributes:
        kind: ``known`` or ``alert``.
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """It is one of these entries; None where it cannot be told of any."""

    ids: tuple[int, ...] | None


Expression: TypeAlias = (
    Both | Either | Opposite | Words | OneOf | ContentType | NumberRange | TimeRange | Is | Marked | Digest | InVolume
    | Tagged | InSet | Among
)  # fmt: skip
