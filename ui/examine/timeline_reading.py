"""What is read of a timeline to be shown; called in worker threads."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from forensics_app.model.timeline import Histogram, TimelineEvent, TimelineQuery

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.timeline import TimelineState
    from forensics_app.services.timeline_reading import TimelineReader

Span: TypeAlias = tuple[int, int]
"""From one moment and before another, nanoseconds since 1970 in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be seen: which events, of which stretch; without one, of that in which nearly all lie.

    ``part`` is a stretch within, whose events alone are listed.
    """

    query: TimelineQuery
    zone: tzinfo
    span: Span | None = None
    part: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found: bars, and the ids of the events that are listed."""

    asked: Asked
    histogram: Histogram
    ids: array[int]


class OpenTimeline:
    """A timeline that is open; it remembers what the last query found."""

    def __init__(self, state: TimelineState, reader: TimelineReader) -> None:
        """Read through ``reader``, which is closed with this."""
        self.state, self._reader = state, reader
        self._lock = Lock()
        self._query: TimelineQuery | None = None
        self._ids: Sequence[int] = ()

    def close(self) -> None:
        """Close it."""
        self._reader.close()

    def see(self, asked: Asked) -> Seen:
        """Find what is asked for."""
        with self._lock:
            if asked.query != self._query:
                self._ids, self._query = self._reader.ids(asked.query), asked.query
            ids = self._ids
        span = asked.span or self._reader.usual_span(ids)
        if span is None:
            return Seen(asked=asked, histogram=_NOTHING, ids=array("q"))
        found = self._reader.histogram(asked.query, ids, *span, asked.zone)
        start, end = asked.part or (found.bars[0].start_ns, found.bars[-1].end_ns)
        return Seen(asked=asked, histogram=found, ids=array("q", self._reader.within(ids, start, end)))

    def whole(self, query: TimelineQuery) -> Span | None:
        """Between which moments all events of a query lie."""
        return self._reader.whole_span(self._reader.ids(query))

    def events(self, ids: Sequence[int]) -> list[TimelineEvent | None]:
        """The events with these ids, one for each."""
        found = {event.id: event for event in self._reader.events(ids)}
        return [found.get(one) for one in ids]


_NOTHING = Histogram(bars=(), before=0, after=0, dates_apart=0)


def open_timeline(lab: Lab, case_id: CaseId) -> OpenTimeline | TimelineState:
    """The timeline of a case; what it would be of where it is not made, or not of what the catalogues are now."""
    state = lab.timelines.state(case_id)
    return OpenTimeline(state, lab.timelines.open(case_id)) if state.is_made else state
