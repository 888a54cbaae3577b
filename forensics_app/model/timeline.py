"""The timeline of a case: every time of every catalogued entry, in the order in which they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from evidence.timestamps import BEYOND_COLUMNS as BEYOND_COLUMNS
from evidence.timestamps import iso_text as iso_text
from evidence.timestamps import to_utc as to_utc
from forensics_app.errors import AppError
from forensics_app.model.catalogue import TIME_FIELDS, CatalogueEntry, Stamp
from forensics_app.model.filter_language.tree import Expression
from forensics_app.model.image import EvidenceImage, ImageId

INODE_FIELDS = TIME_FIELDS[:5]
"""Of the entry itself: ``modified``, ``accessed``, ``changed``, ``created``, ``deleted``."""
NAME_FIELDS = TIME_FIELDS[5:]
"""Of its name: NTFS keeps them in ``$FILE_NAME``."""
BITS: Mapping[str, int] = {field: 1 << at for at, field in enumerate(TIME_FIELDS)}
DATE_BIT = 1 << len(TIME_FIELDS)
"""Set where a day is known and no time of day."""

DAY_NS = 86_400 * 1_000_000_000

_LETTERS = (("modified", "M"), ("accessed", "A"), ("changed", "C"), ("created", "B"))


class TimelineError(AppError):
    """A timeline cannot be used. It is derived from catalogues and can be made again."""

    kept = "The record, the catalogues and the evidence are not touched."
    then = "Make the timeline of this case again."


class TimelineMissingError(TimelineError):
    """There is none, or it is not of the catalogues that there are now."""

    then = "Make the timeline of this case."


class TimelineBusyError(TimelineError):
    """It is being made by somebody else."""

    then = "Wait until that is done."


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSource:
    """A catalogue that a timeline is made of.

    Attributes:
        catalogue_sha256: Of its content, hex.
        zone: The zone of the IANA database by which its wall times are put to UTC.
    """

    image_id: ImageId
    path: Path
    catalogue_sha256: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An image of which the timeline tells nothing, and why, in a sentence."""

    number: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineState:
    """What a timeline is of, or would be.

    Attributes:
        images: Those whose catalogue it tells of.
        left_out: The others of the case.
        is_made: Whether it is there and of the catalogues as they are now.
        beyond: How many entries have times that no event can hold; None where it is not made or did not count them.
    """

    images: tuple[EvidenceImage, ...]
    left_out: tuple[LeftOut, ...]
    is_made: bool
    beyond: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineQuery:
    """Which events. What is None or empty does not narrow.

    Attributes:
        images: Events of these.
        fields: Events that are one of these of :data:`TIME_FIELDS`.
        filter: Events of the entries that it finds.
        from_ns: Not before this, nanoseconds since 1970 in UTC. Of a date any part of its day is enough.
        before_ns: Before this; of a date as well.
    """

    images: tuple[ImageId, ...] = ()
    fields: tuple[str, ...] = ()
    filter: Expression | None = None
    from_ns: int | None = None
    before_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One moment of one entry; stamps of one kind that are equal are one event.

    Attributes:
        id: Its place in the order of the whole timeline, from 1.
        utc_ns: Nanoseconds since 1970 in UTC. A wall time was put there by ``zone``. Of a date it is the noon of its
            day, which only says where it stands in the order: so it is the same day in most other zones.
        fields: Which of :data:`TIME_FIELDS` of the entry it is.
        stamp: The first of them, as found.
        zone: What put a wall time or a date to UTC; empty where the stamp is in UTC.
        doubt: ``ambiguous`` or ``nonexistent`` where the clocks were changed in that hour, else empty.
    """

    id: int
    image: EvidenceImage
    entry: CatalogueEntry
    utc_ns: int
    fields: tuple[str, ...]
    stamp: Stamp
    zone: str
    doubt: str

    @property
    def is_date(self) -> bool:
        """Whether only the day is known."""
        return self.stamp.basis == "date"

    @property
    def sources(self) -> str:
        """Where the file system keeps it: ``$SI``, ``directory entry``."""
        return ", ".join(dict.fromkeys(stamp.source for stamp in self.stamps))

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """The stamps of ``fields``."""
        return tuple(self.entry.times[field] for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What lies between two moments, from the first and before the second; of dates only where it holds whole days."""

    start_ns: int
    end_ns: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many events lie where.

    Attributes:
        bars: In order, each beginning where the one before ends.
        before: How many events lie before the first.
        after: How many lie behind the last.
        dates_apart: How many dates of these days are in no bar, for the bars are parts of days.
    """

    bars: tuple[Bar, ...]
    before: int
    after: int
    dates_apart: int


class TimelineForm(StrEnum):
    """In which form a timeline is written."""

    BODYFILE = "bodyfile"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineExport:
    """A timeline that was written.

    Attributes:
        lines: Without the head.
        remarks: What is to be known of it, in sentences.
    """

    target: Path
    form: TimelineForm
    lines: int
    size_bytes: int
    sha256: bytes
    remarks: tuple[str, ...]


def beyond_words(entries: int | None) -> str:
    """What a timeline leaves out of its entries, in a sentence; nothing where it leaves out nothing."""
    if entries is None:
        return "This timeline did not count times before 1678 or after 2261, which it leaves out: make it again."
    if not entries:
        return ""
    who = "1 entry has" if entries == 1 else f"{entries:,} entries have"
    return (
        f"{who} times before 1678 or after 2261, which a timeline cannot hold: the note of each has them, and "
        'the filter note:"before 1678" lists them among the files.'
    )


def fields_of(stamps: int) -> tuple[str, ...]:
    """The fields of a number made of :data:`BITS`."""
    return tuple(field for field, bit in BITS.items() if stamps & bit)


def bits_of(fields: Sequence[str]) -> int:
    """A number made of :data:`BITS`."""
    return sum(BITS[field] for field in dict.fromkeys(fields))


def macb(fields: Sequence[str]) -> str:
    """``M.CB`` as timelines write it: modified, accessed, changed, born; of a deletion, all dots."""
    plain = {field.removeprefix("fn_") for field in fields}
    return "".join(letter if field in plain else "." for field, letter in _LETTERS)
