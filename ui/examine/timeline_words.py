"""Events, bars and spans of the timeline in words, and its columns; no widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from forensics_app.model.timeline import DAY_NS, macb
from ui import text
from ui.examine.stamps import exact_text, field_names
from ui.examine.words import SEPARATOR, entry_icon, entry_name, tr, visible
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone
from ui.widgets.time_bars import TimeBar

if TYPE_CHECKING:
    from forensics_app.model.timeline import Bar, Histogram, TimelineEvent

_SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_OF_HOURS, _LONG_DAYS, _YEAR_DAYS = 2.5, 27, 360


def columns(zone: Callable[[], tzinfo]) -> tuple[Column[TimelineEvent], ...]:
    """The columns of the list of events; times in the zone that is shown."""
    return (
        Column(key="time", title=tr("Time"), cell=lambda one: time_cell(one, zone()), width_px=362, sortable=False),
        Column(key="macb", title=tr("Stamps"), cell=_stamps_cell, width_px=70, sortable=False),
        Column(
            key="which",
            title=tr("What it says"),
            cell=_which_cell,
            width_px=250,
            narrow_px=230,
            wide_px=340,
            sortable=False,
        ),
        Column(key="name", title=tr("Name"), cell=_name_cell, width_px=210, narrow_px=160, sortable=False),
        Column(key="path", title=tr("Path"), cell=_path_cell, width_px=200, stretch=True, sortable=False),
        Column(key="image", title=tr("Image"), cell=lambda one: Cell(one.image.number), width_px=100, sortable=False),
        Column(key="volume", title=tr("Volume"), cell=_volume_cell, sortable=False, hidden=True),
        Column(key="disk", title=tr("On the disk"), cell=_disk_cell, width_px=230, sortable=False, hidden=True),
        Column(key="address", title=tr("Address"), cell=_address_cell, sortable=False, hidden=True),
    )


def time_cell(event: TimelineEvent, zone: tzinfo) -> Cell:
    """When it was in ``zone``; a date as a day. What a wall time was put to UTC by is told beside it."""
    if event.is_date:
        return Cell(exact_text(event.stamp, zone), Kind.TIME, tr("no time of day is kept"))
    shown = exact_text(replace(event.stamp, ns=event.utc_ns, basis="utc"), zone)
    if event.zone:
        mark = " " + tr("wall time as {zone}").format(zone=event.zone)
        shown += mark.replace(" ", text.NO_BREAK_SPACE)  # which holds it to the offset
    return Cell(shown, Kind.TIME, basis_words(event))


def basis_words(event: TimelineEvent) -> str:
    """How a wall time came to its place; nothing of one in UTC."""
    if not event.zone:
        return ""
    words = tr("wall time on the disk, taken as {zone}").format(zone=event.zone)
    doubts = {
        "ambiguous": tr("the clocks showed this hour twice, the first is taken"),
        "nonexistent": tr("the clocks left this hour out"),
    }
    return f"{words}; {doubts[event.doubt]}" if event.doubt else words


def _stamps_cell(event: TimelineEvent) -> Cell:
    return Cell(tr("Del.") if event.fields == ("deleted",) else macb(event.fields), Kind.MONO)


def _which_cell(event: TimelineEvent) -> Cell:
    names = field_names()
    said = ", ".join(names[field] for field in event.fields)
    return Cell(f"{event.sources}{SEPARATOR}{said}", Kind.MUTED, basis_words(event))


def _name_cell(event: TimelineEvent) -> Cell:
    entry = event.entry
    return Cell(entry_name(entry), Kind.NAME, icon=entry_icon(entry), tone=Tone.NONE, faded=not entry.allocated)


def _volume_cell(event: TimelineEvent) -> Cell:
    return Cell(event.entry.volume_id)


def _address_cell(event: TimelineEvent) -> Cell:
    return Cell(visible(event.entry.address), Kind.MONO)


def _path_cell(event: TimelineEvent) -> Cell:
    return Cell(visible(event.entry.path), Kind.PATH)


def _disk_cell(event: TimelineEvent) -> Cell:
    return Cell(exact_text(event.stamp, UTC), Kind.TIME)


def time_bars(histogram: Histogram, zone: tzinfo) -> list[TimeBar]:
    """The bars with their words; a label where a round moment begins."""
    bars = histogram.bars
    if not bars:
        return []
    days, all_days = (bars[0].end_ns - bars[0].start_ns) / DAY_NS, (bars[-1].end_ns - bars[0].start_ns) / DAY_NS
    return [
        TimeBar(count=bar.events, label=_label(bar, zone, days, all_days), words=bar_words(bar, zone)) for bar in bars
    ]


def bar_words(bar: Bar, zone: tzinfo) -> str:
    """``2026-02-25, 12 events``."""
    count = text.plural(bar.events, tr("1 event"), tr("{n} events"))
    return f"{span_words(bar.start_ns, bar.end_ns, zone)}, {count}"


def span_words(start_ns: int, end_ns: int, zone: tzinfo) -> str:
    """A stretch of time: by days where it begins and ends at midnights, else with the time of day and the offset."""
    start, end = _local(start_ns, zone), _local(end_ns, zone)
    if _is_midnight(start) and _is_midnight(end):
        last = end - timedelta(days=1)
        return _day(start) if start.date() == last.date() else _from_to(_day(start), _day(last))
    return _from_to(text.time_text(start), text.time_text(end))


def _from_to(start: str, end: str) -> str:
    return tr("{start} to {end}").format(start=start, end=end)


def _label(bar: Bar, zone: tzinfo, days: float, all_days: float) -> str:
    start = _local(bar.start_ns, zone)
    if days >= _YEAR_DAYS:
        return f"{start:%Y}".rjust(4, "0")
    if days >= _LONG_DAYS:
        return f"{start:%Y-%m}"
    if days >= 1:
        return _day(start) if start.weekday() == 0 else ""  # beside it firsts of months would stand out of step
    if _is_midnight(start):
        return _day(start)
    if all_days > _DAYS_OF_HOURS:
        return ""
    return f"{start:%H:%M}" if start.second == 0 else f"{start:%H:%M:%S}"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def _local(ns: int, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(seconds=ns // _SECOND_NS)).astimezone(zone)


def status_words(histogram: Histogram, shown: int, brushed: Sequence[int] | None) -> str:
    """How many events are listed, and what lies outside of the bars."""
    parts = [text.plural(shown, tr("1 event"), tr("{n} events"))]
    if brushed is not None:
        parts[0] = tr("{events} in the brushed stretch").format(events=parts[0])
    if histogram.before:
        parts.append(text.plural(histogram.before, tr("1 before"), tr("{n} before")))
    if histogram.after:
        parts.append(text.plural(histogram.after, tr("1 after"), tr("{n} after")))
    if histogram.dates_apart:
        words = tr("{n} of a day alone stand in no bar of less than a day")
        parts.append(words.format(n=text.count_text(histogram.dates_apart)))
    return SEPARATOR.join(parts)
