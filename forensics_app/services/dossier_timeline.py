"""The times of a case as a figure of its report, counted from the timeline that was made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from forensics_app.model import dossier as paper
from forensics_app.model.case import CaseId
from forensics_app.model.timeline import TimelineError, TimelineMissingError, TimelineQuery
from forensics_app.model.told import Count, Told
from forensics_app.services.timeline_reading import TimelineReader
from forensics_app.services.timelines import Timelines

_MOST_BARS = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_NS, _HOUR_S, _DAY_S = 1_000_000_000, 3600, 86_400


def timeline_figure(timelines: Timelines, case_id: CaseId, zone: str) -> paper.TimelineFigure | None:
    """How the times of files spread over time; None where no timeline was made of the catalogues that there are now.

    One that cannot be used counts nothing, and says why.

    Raises:
        CatalogueError: A catalogue cannot be used.
    """
    left_out: list[str] = [
        Told("{number}: {why}", number=one.number, why=one.why) for one in timelines.state(case_id).left_out
    ]
    try:
        reader = timelines.open(case_id)
    except TimelineMissingError:
        return None
    except TimelineError as error:
        return paper.TimelineFigure(unit=Told("no time"), zone=zone, bars=(), total=0, left_out=(str(error), *left_out))
    with reader:
        figure = figure_of(reader, zone)
    return replace(figure, left_out=(*left_out, *figure.left_out))


def figure_of(reader: TimelineReader, zone: str) -> paper.TimelineFigure:
    """The events of a timeline counted by the calendar of ``zone``."""
    query, at = TimelineQuery(), ZoneInfo(zone)
    ids = reader.ids(query)
    span = reader.usual_span(ids)
    bars: tuple[paper.TimelineBar, ...] = ()
    unit, counted = Told("no time"), 0
    left_out: list[str] = []
    if span is not None:
        found = reader.histogram(query, ids, *span, at, _MOST_BARS)
        bars = tuple(
            paper.TimelineBar(begin=_moment(bar.start_ns).astimezone(at), count=bar.events) for bar in found.bars
        )
        counted = sum(bar.events for bar in found.bars)
        unit = _unit(found.bars[0].end_ns - found.bars[0].start_ns)
        apart = ((found.before, "earlier than the first span"), (found.after, "later than the last span"),
                 (found.dates_apart, "dates without a time of day, which belong to no span"))  # fmt: skip
        left_out = [
            Told("{count} times are {what}.", count=Count(count), what=Told(what)) for count, what in apart if count
        ]
    return paper.TimelineFigure(
        unit=unit,
        zone=zone,
        bars=bars,
        total=counted,
        images=tuple(image.number for image in reader.images),
        left_out=tuple(left_out),
    )


def _moment(ns: int) -> datetime:
    return _EPOCH + timedelta(seconds=ns // _SECOND_NS)


def _unit(span_ns: int) -> Told:
    """How long the first span is; months and years differ in length."""
    seconds = round(span_ns / _SECOND_NS)
    if seconds >= 2 * _DAY_S:
        return Told("about {count} days", count=Count(round(seconds / _DAY_S)))
    if seconds >= _HOUR_S:
        return Told("{count} hours", count=Count(seconds // _HOUR_S))
    return Told("{count} seconds", count=Count(seconds))
