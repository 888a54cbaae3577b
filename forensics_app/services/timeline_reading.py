"""Reads the timeline of a case: events with the entries that they are of, and how many lie where."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise
from types import TracebackType
from typing import Self
from uuid import UUID

from evidence.timestamps import zone_named
from forensics_app.db.catalogue import Catalogue
from forensics_app.db.timeline_file import EventQuery, EventRow, TimelineFile
from forensics_app.model.catalogue import TIME_FIELDS, CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage, ImageId
from forensics_app.model.timeline import (
    DAY_NS,
    Bar,
    Histogram,
    TimelineError,
    TimelineEvent,
    TimelineQuery,
    bits_of,
    fields_of,
    to_utc,
)
from forensics_app.services.timeline_bars import MOST_BARS, day_around, edges

EVENTS_AT_ONCE = 1_000
_USUAL_PART = 200
"""One of so many events may lie before what is shown first, and as many after it."""


@dataclass(frozen=True, slots=True)
class TimelineReader:
    """A timeline with its catalogues open. A context manager; any thread may ask."""

    file: TimelineFile
    images: tuple[EvidenceImage, ...]
    catalogues: tuple[Catalogue, ...]

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close all."""
        self.file.close()
        for catalogue in self.catalogues:
            catalogue.close()

    def beyond(self, images: Sequence[ImageId] = ()) -> int | None:
        """How many entries of these images, or of all, have times that no event can hold; None if not counted."""
        if self.file.beyond is None:
            return None
        counted = zip(self.images, self.file.beyond, strict=True)
        return sum(entries for image, entries in counted if not images or image.id in images)

    def ids(self, query: TimelineQuery) -> Sequence[int]:
        """The ids of the events of a query, in the order of their moments."""
        return self.within(self.file.ids(self._asked(query)), query.from_ns, query.before_ns)

    def within(self, ids: Sequence[int], from_ns: int | None, before_ns: int | None) -> Sequence[int]:
        """Those of ``ids`` that lie between two moments, and of dates all whose day has a part there."""
        first, end = self.file.first_from([from_ns or 0, before_ns or 0])
        low = 0 if from_ns is None else bisect_left(ids, first)
        inside = ids[low : len(ids) if before_ns is None else bisect_left(ids, end)]
        early, late = ([one for one in some if _holds(ids, one)] for some in self._beside(from_ns, before_ns))
        return array("q", [*early, *inside, *late]) if early or late else inside

    def histogram(
        self,
        query: TimelineQuery,
        ids: Sequence[int],
        from_ns: int,
        before_ns: int,
        zone: tzinfo,
        most: int = MOST_BARS,
    ) -> Histogram:
        """How many of the events ``ids``, which ``query`` found, lie where between two moments."""
        parts, whole_days = edges(from_ns, before_ns, zone, most)
        places = [bisect_left(ids, first) for first in self.file.first_from(parts)]
        counts = [end - start for start, end in pairwise(places)]
        apart = 0
        if not whole_days:
            for at_ns, _, events in self.file.dates(self._asked(query), parts[0], parts[-1]):
                counts[bisect_left(parts, at_ns + 1) - 1] -= events
                apart += events
        bars = tuple(
            Bar(start_ns=start, end_ns=end, events=count)
            for (start, end), count in zip(pairwise(parts), counts, strict=True)
        )
        return Histogram(bars=bars, before=places[0], after=len(ids) - places[-1], dates_apart=apart)

    def usual_span(self, ids: Sequence[int]) -> tuple[int, int] | None:
        """Between which moments nearly all events lie: a few that are far off would make one bar of all others."""
        if not ids:
            return None
        aside = len(ids) // _USUAL_PART
        first, last = self.file.moments([ids[aside], ids[-1 - aside]])
        return first, last + 1

    def whole_span(self, ids: Sequence[int]) -> tuple[int, int] | None:
        """Between which moments all events lie."""
        if not ids:
            return None
        first, last = self.file.moments([ids[0], ids[-1]])
        return first, last + 1

    def places(self, ids: Sequence[int], moments_ns: Sequence[int]) -> list[int]:
        """How many of ``ids`` lie before each moment."""
        return [bisect_left(ids, first) for first in self.file.first_from(moments_ns)]

    def events(self, ids: Sequence[int]) -> tuple[TimelineEvent, ...]:
        """The events with these ids, in this order.

        Raises:
            TimelineError: One is of an entry that its catalogue does not have.
        """
        rows = self.file.rows(ids)
        wanted: dict[int, list[int]] = {}
        for row in rows:
            wanted.setdefault(row.image, []).append(row.entry)
        entries: Mapping[tuple[int, int], CatalogueEntry] = {
            (image, entry.id): entry
            for image, of in wanted.items()
            for entry in self.catalogues[image].rows(list(dict.fromkeys(of)))
        }
        try:
            return tuple(self._event(row, entries[row.image, row.entry]) for row in rows)
        except KeyError as error:
            raise TimelineError("The timeline does not fit its catalogues.") from error

    def all_events(self, ids: Sequence[int]) -> Iterator[tuple[TimelineEvent, ...]]:
        """The same for any number of them, some at a time."""
        for start in range(0, len(ids), EVENTS_AT_ONCE):
            yield self.events(ids[start : start + EVENTS_AT_ONCE])

    def entries(
        self, query: TimelineQuery, at_once: int
    ) -> Iterator[tuple[int, list[tuple[CatalogueEntry, tuple[str, ...]]]]]:
        """The entries of the events of a query with the times that it finds, some at a time, by image and id.

        Raises:
            TimelineError: An entry is not in its catalogue.
        """
        ids = self.file.first_from([query.from_ns or 0, query.before_ns or 0])
        first = 1 if query.from_ns is None else ids[0]
        end = self.file.events + 1 if query.before_ns is None else ids[1]
        kept = bits_of(query.fields) or bits_of(TIME_FIELDS)
        early, late = self._beside(query.from_ns, query.before_ns)
        for image, rows in self.file.entries(self._asked(query), first, end, at_once, [*early, *late]):
            found = {entry.id: entry for entry in self.catalogues[image].rows([entry for entry, _ in rows])}
            if len(found) != len(rows):
                raise TimelineError("The timeline does not fit its catalogues.")
            yield image, [(found[entry], fields_of(stamps & kept)) for entry, stamps in rows]

    def _beside(self, from_ns: int | None, before_ns: int | None) -> tuple[list[int], list[int]]:
        """The dates whose noon lies before a stretch of time, and those after it, whose day has a part in it."""
        if from_ns is not None and before_ns is not None and from_ns >= before_ns:
            return [], []
        early = self._days(from_ns - DAY_NS, from_ns, from_ns) if from_ns is not None else []
        late = self._days(before_ns, before_ns + DAY_NS, before_ns - 1) if before_ns is not None else []
        return early, late

    def _days(self, start_ns: int, end_ns: int, at_ns: int) -> list[int]:
        """The dates whose noon lies between two moments and whose day holds a third."""
        found: list[int] = []
        for noon_ns, image, _ in self.file.dates(EventQuery(), max(start_ns, -(2**63)), min(end_ns, 2**63 - 1)):
            first_ns, next_ns = day_around(noon_ns, zone_named(self.file.sources[image].zone))
            if first_ns <= at_ns < next_ns:
                found += self.file.dates_at(noon_ns, image)
        return sorted(found)

    def _event(self, row: EventRow, entry: CatalogueEntry) -> TimelineEvent:
        fields = fields_of(row.stamps)
        stamp, zone = entry.times[fields[0]], self.file.sources[row.image].zone
        return TimelineEvent(
            id=row.id,
            image=self.images[row.image],
            entry=entry,
            utc_ns=row.at_ns,
            fields=fields,
            stamp=stamp,
            zone="" if stamp.basis == "utc" else zone,
            doubt=to_utc(stamp.ns, "local", zone).doubt if stamp.basis == "local" else "",
        )

    def _asked(self, query: TimelineQuery) -> EventQuery:
        numbers = {image.id: number for number, image in enumerate(self.images)}
        images = tuple(numbers[one] for one in query.images if one in numbers)
        if query.images and not images:
            images = (-1,)
        entries = None
        if query.filter is not None:
            asked = CatalogueQuery(filter=query.filter)
            entries = {
                at: catalogue.ids(asked) for at, catalogue in enumerate(self.catalogues) if not images or at in images
            }
        return EventQuery(images=images, stamps=bits_of(query.fields), entries=entries)


def _holds(ids: Sequence[int], one: int) -> bool:
    place = bisect_left(ids, one)
    return place < len(ids) and ids[place] == one


def sources_of(file: TimelineFile) -> dict[UUID, str]:
    """Of each image, the SHA-256 of the catalogue that a timeline was made of, hex."""
    return {UUID(one.image_id): one.catalogue_sha256 for one in file.sources}
