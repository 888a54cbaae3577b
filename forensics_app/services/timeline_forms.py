"""The forms in which a timeline is written: the Sleuth Kit's body file, and CSV in the columns of log2timeline.

A body file (version 3, https://wiki.sleuthkit.org/index.php?title=Body_file) has a line for each entry, with the times
of ``$FILE_NAME`` on a line of their own as ``fls -m`` writes them. It knows whole seconds of UTC only; so a date has a
line that says so, at the midnight of the zone that wall times are put to UTC by. CSV has a line for each event.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from forensics_app.model.catalogue import CatalogueEntry, Stamp
from forensics_app.model.image import OnProgress
from forensics_app.model.names import line_text as line_text
from forensics_app.model.timeline import (
    DAY_NS,
    INODE_FIELDS,
    NAME_FIELDS,
    TimelineEvent,
    TimelineForm,
    TimelineQuery,
    beyond_words,
    iso_text,
    macb,
    to_utc,
)
from forensics_app.services.timeline_reading import EVENTS_AT_ONCE, TimelineReader

_SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LETTERS = {"directory": "d", "link": "l", "fifo": "p", "socket": "h", "character": "c", "block": "b", "virtual": "v"}
_BODY_TIMES = ("accessed", "modified", "changed", "created")
_DATE_ONLY, _FILE_NAME = " (date only)", " ($FILE_NAME)"
HEADS = (
    *("date", "time", "timezone", "MACB", "source", "sourcetype", "type", "user", "host", "short", "desc", "version"),
    *("filename", "inode", "notes", "format", "extra"),
    *("datetime", "datetime_utc", "as_found", "basis", "resolution_ns", "zone_of_wall_times"),
    *("image", "volume", "path", "kind", "allocated", "size_bytes", "md5", "sha256"),
)
"""The first seventeen are those of log2timeline, in its order."""
_TYPES = {
    "modified": "Content Modification Time",
    "accessed": "Last Access Time",
    "changed": "Metadata Modification Time",
    "created": "Creation Time",
    "deleted": "Content Deletion Time",
}


@dataclass(slots=True)
class Written:
    """The pieces of a file as they are asked for; afterwards, how many lines there were and what is to be known."""

    form: TimelineForm
    pieces: Iterator[bytes]
    lines: int = 0
    left_out: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[bytes]:
        """The pieces."""
        return self.pieces

    def note(self, what: str, count: int = 1) -> None:
        """Count something that the form cannot say."""
        if count:
            self.counts[what] = self.counts.get(what, 0) + count

    def remarks(self) -> tuple[str, ...]:
        """What is to be known of the file, in sentences that begin with how many times they are about."""
        counted = (what.format(n=f"{count:,}") for what, count in self.counts.items())
        return (*counted, self.left_out) if self.left_out else tuple(counted)


_DATES = (
    "{n} dates without a time of day stand on lines that say (date only), at midnight of the zone of the wall times."
)
_WALL = "{n} wall times were put to UTC by the zone of their catalogue, for the disk does not tell theirs."
_EARLY = "{n} times before 1970 are written as negative numbers; mactime leaves them out."
_ZERO = "{n} times in the first second of 1970 cannot be told from no time in a body file."
_DELETED = "{n} times of deletion have no place in a body file; the CSV has them."


def written(
    reader: TimelineReader, query: TimelineQuery, form: TimelineForm, zone: tzinfo, on_progress: OnProgress
) -> Written:
    """A timeline as a file.

    Args:
        reader: The timeline.
        query: Which events.
        form: Body file or CSV.
        zone: Of the times in CSV.
        on_progress: Events done, events in all; of a body file, entries done and 0.
    """
    made = Written(form, iter(()), left_out=beyond_words(reader.beyond(query.images)))
    make = _body_file if form is TimelineForm.BODYFILE else _csv
    made.pieces = make(reader, query, zone, made, on_progress)
    return made


def _body_file(
    reader: TimelineReader, query: TimelineQuery, _: tzinfo, made: Written, on_progress: OnProgress
) -> Iterator[bytes]:
    done = 0
    for image, some in reader.entries(query, EVENTS_AT_ONCE):
        zone, number = reader.file.sources[image].zone, reader.images[image].number
        lines = [line for entry, fields in some for line in _body_lines(entry, fields, number, zone, made)]
        made.lines += len(lines)
        done += len(some)
        yield "".join(lines).encode()
        on_progress(done, 0)


def _body_lines(entry: CatalogueEntry, fields: Sequence[str], number: str, zone: str, made: Written) -> Iterator[str]:
    place, times = f"[{number} {entry.volume_id}]", {name: entry.times[name] for name in fields}
    own = {name: times[name] for name in INODE_FIELDS if name in times}
    made.note(_DELETED, int("deleted" in own))
    made.note(_WALL, sum(stamp.basis == "local" for stamp in times.values()))
    exact = {name: stamp for name, stamp in own.items() if stamp.basis != "date" and name != "deleted"}
    dates = {name: stamp for name, stamp in own.items() if stamp.basis == "date" and name != "deleted"}
    names = {name.removeprefix("fn_"): times[name] for name in NAME_FIELDS if name in times}
    made.note(_DATES, len(dates))
    for some, suffix in ((exact, ""), (dates, _DATE_ONLY), (names, _FILE_NAME)):
        if some:
            yield _body_line(entry, some, place, suffix, zone, made)


def _body_line(
    entry: CatalogueEntry, times: dict[str, Stamp], place: str, suffix: str, zone: str, made: Written
) -> str:
    seconds = []
    for name in _BODY_TIMES:
        stamp = times.get(name)
        at_s = to_utc(stamp.ns, stamp.basis, zone).utc_ns // _SECOND_NS if stamp else 0
        made.note(_EARLY, int(at_s < 0))
        made.note(_ZERO, int(stamp is not None and at_s == 0))
        seconds.append(str(at_s))
    target = f" -> {line_text(entry.link_target)}" if entry.link_target else ""
    state = "" if entry.allocated else " (deleted-realloc)" if entry.realloc else " (deleted)"
    letter = _LETTERS.get(entry.kind, "r")
    name = f"{line_text(place)} {line_text(entry.path)}{target}{suffix}{state}"
    md5 = entry.md5.hex() if entry.md5 else "0"
    record = entry.address.partition("-")[0]  # the rest names the content, whose times these are not
    address = record if suffix == _FILE_NAME else entry.address
    return "|".join(
        (md5, name, address or "0", f"{letter}/{letter}", "0", "0", str(entry.size_bytes), *seconds)
    ) + "\n"  # fmt: skip


def _csv(
    reader: TimelineReader, query: TimelineQuery, zone: tzinfo, made: Written, on_progress: OnProgress
) -> Iterator[bytes]:
    ids = reader.ids(query)
    yield _csv_lines([HEADS])
    done = 0
    for events in reader.all_events(ids):
        made.note(_WALL, sum(len(event.fields) for event in events if event.stamp.basis == "local"))
        made.lines += len(events)
        done += len(events)
        yield _csv_lines([_csv_row(event, zone) for event in events])
        on_progress(done, len(ids))


def _csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _csv_row(event: TimelineEvent, zone: tzinfo) -> tuple[str, ...]:
    entry, stamp = event.entry, event.stamp
    types = "; ".join(_TYPES[name.removeprefix("fn_")] for name in event.fields)
    path, volume = line_text(entry.path), entry.volume_id
    state = "allocated" if entry.allocated else "orphan" if entry.orphan else "deleted"
    steps = sorted({one.resolution_ns for one in event.stamps})
    local = moment_text(event, zone)
    day, clock = _day_and_clock(event, zone)
    wall = {"local": "wall time", "date": "date only"}.get(stamp.basis, "UTC")
    doubt = f", {event.doubt} in that zone" if event.doubt else ""
    return (
        *(day, clock, str(zone), macb(event.fields), "FILE", event.sources, types, "-", "-", path),
        *(f"{path} ({entry.kind}, {state}, {entry.size_bytes} bytes)", "2", f"{event.image.number} {volume}:{path}"),
        *(line_text(entry.address), line_text(entry.note or "-"), "catalogue", f"basis: {wall}{doubt}"),
        *(local, "" if event.is_date else exact_text(event.utc_ns, min(steps)), _as_found(stamp), wall),
        *("; ".join(map(str, steps)), event.zone, event.image.number, volume, path, entry.kind, state),
        *(str(entry.size_bytes), entry.md5.hex() if entry.md5 else "", entry.sha256.hex() if entry.sha256 else ""),
    )


def moment_text(event: TimelineEvent, zone: tzinfo) -> str:
    """When an event was, in ISO 8601: with the offset of ``zone``; of a date the day alone."""
    if event.is_date:
        return _as_found(event.stamp)
    steps = min(stamp.resolution_ns for stamp in event.stamps)
    moment = _in_zone(event.utc_ns, zone)
    if moment is None:
        return exact_text(event.utc_ns, steps)
    text = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0")
    return f"{text}{_fraction(event.utc_ns, steps)}{moment.isoformat()[-6:]}"


def exact_text(utc_ns: int, resolution_ns: int) -> str:
    """In UTC, with as many digits as the file system keeps."""
    return f"{iso_text(utc_ns)[:-11]}{_fraction(utc_ns, resolution_ns)}Z"


def _fraction(ns: int, resolution_ns: int) -> str:
    if resolution_ns >= _SECOND_NS:
        return ""
    return "." + f"{ns % _SECOND_NS:09d}"[: 10 - len(str(max(1, resolution_ns)))]


def _as_found(stamp: Stamp) -> str:
    """As the disk has it: of a wall time without a zone, of a date the day."""
    text = exact_text(stamp.ns, stamp.resolution_ns)
    if stamp.basis == "date":
        return iso_text(stamp.ns // DAY_NS * DAY_NS).partition("T")[0]
    return text if stamp.basis == "utc" else text.removesuffix("Z")


def _in_zone(utc_ns: int, zone: tzinfo) -> datetime | None:
    try:
        return (_EPOCH + timedelta(seconds=utc_ns // _SECOND_NS)).astimezone(zone)
    except (OverflowError, ValueError):
        return None


def _day_and_clock(event: TimelineEvent, zone: tzinfo) -> tuple[str, str]:
    """As log2timeline writes them; ``--:--:--`` where there is no time of day."""
    moment = _in_zone(event.stamp.ns, UTC) if event.is_date else _in_zone(event.utc_ns, zone)
    if moment is None:
        return "00/00/0000", "--:--:--"
    day = f"{moment.month:02d}/{moment.day:02d}/{moment.year:04d}"
    return day, "--:--:--" if event.is_date else f"{moment:%H:%M:%S}"
