"""``timeline make``, ``timeline list``, ``timeline export``: every time of a case's files in the order they were."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    counted,
    opened,
    printable,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.errors import NotFoundError, UsageError
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import TIME_FIELDS
from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.image import ImageId
from forensics_app.model.timeline import TimelineEvent, TimelineForm, TimelineQuery, TimelineState, beyond_words, macb

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    timeline = parsers.add_parser("timeline", help="every time of the files of a case, in order")
    acts = timeline.add_subparsers(required=True)
    words = "gather the times of all catalogued images of a case; exit status 1 when an image is left out"
    case_argument(command(acts, "make", words, run_make, signs=True))
    listing = command(acts, "list", "print events in their order", run_list)
    export = command(acts, "export", "write events to a file, with an entry in the record", run_export, signs=True)
    for parser in (listing, export):
        case_argument(parser)
        parser.add_argument("--image", action="append", default=[], metavar="NUMBER", help="only of this; repeatable")
        parser.add_argument(
            "--time", action="append", default=[], choices=TIME_FIELDS, help="only these times; repeatable"
        )
        parser.add_argument("--filter", default="", metavar="TEXT", help="only of files that this leaves; see files")
        parser.add_argument(
            "--from",
            dest="start",
            metavar="TIME",
            help="not before, like 2026-11-24T17:00; in the zone without an offset",
        )
        parser.add_argument("--before", metavar="TIME", help="before this, in the zone without an offset")
        parser.add_argument("--zone", metavar="NAME", help="zone of times, such as Europe/Berlin; the lab's by default")
    export.add_argument(
        "--form",
        choices=[form.value for form in TimelineForm],
        default=TimelineForm.CSV.value,
        help="csv: a line for each event, in the columns of log2timeline and more; bodyfile: for mactime, in UTC",
    )
    export.add_argument("target", type=Path, help="the file to be written; must not exist")


def run_make(args: argparse.Namespace) -> int:
    """Make the timeline."""
    with signed_in(args) as (lab, actor):
        made = lab.timelines.make(actor, the_case(lab, args).id, Progress("Gathering times", "entries"))
    said = f"The timeline tells of {counted(len(made.images), 'image')}."
    left_out = [f"Left out: {one.number}: {one.why}" for one in made.left_out]
    told = {
        "entries_with_times_beyond": made.beyond,
        "images": [image.number for image in made.images],
        "left_out": document(made.left_out),
    }
    answer(args, told, [said, *filter(None, [beyond_words(made.beyond)]), *left_out])
    return FINDING if made.left_out else DONE


def run_list(args: argparse.Namespace) -> int:
    """Print events."""
    with opened(args) as lab:
        case_id = the_case(lab, args).id
        asked = _asked(lab, case_id, args)
        with lab.timelines.open(case_id) as reader:
            ids = reader.ids(asked.query)
            for events in reader.all_events(ids):
                if args.json:
                    lines: Iterator[str] = (_json_line(event, asked.zone) for event in events)
                else:
                    lines = (printable(_line(event, asked.zone)) + "\n" for event in events)
                sys.stdout.writelines(lines)
        _tell_left_out(lab.timelines.state(case_id))
    sys.stdout.flush()
    return DONE


def run_export(args: argparse.Namespace) -> int:
    """Write events to a file."""
    with signed_in(args) as (lab, actor):
        case_id = the_case(lab, args).id
        asked = _asked(lab, case_id, args)
        made = lab.timelines.export(
            actor,
            case_id,
            asked.query,
            args.target,
            TimelineForm(args.form),
            asked.zone,
            told=args.filter,
            on_progress=Progress("Writing", "events"),
        )
        _tell_left_out(lab.timelines.state(case_id))
    lines = counted(made.lines, "line")
    said = f"Wrote {made.target}: {lines}, {made.size_bytes:,} bytes, SHA-256 {made.sha256.hex()}"
    answer(args, document(made), [said, *made.remarks])
    return DONE


@dataclass(frozen=True, slots=True)
class _Asked:
    query: TimelineQuery
    zone: ZoneInfo


def _asked(lab: Lab, case_id: CaseId, args: argparse.Namespace) -> _Asked:
    name = args.zone or lab.info.zone
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"There is no zone {name!r}.", then="Name one like Europe/Berlin or UTC.") from error
    try:
        expression = parse(args.filter, zone)
    except FilterError as error:
        part = args.filter[error.start : error.end]
        raise UsageError(f'{error} It is at character {error.start + 1}: "{part}".', then=error.then) from error
    query = TimelineQuery(
        images=_images(lab, case_id, args.image),
        fields=tuple(args.time),
        filter=expression,
        from_ns=_moment(args.start, zone),
        before_ns=_moment(args.before, zone),
    )
    return _Asked(query, zone)


def _images(lab: Lab, case_id: CaseId, numbers: Sequence[str]) -> tuple[ImageId, ...]:
    known = {image.number: image.id for image in lab.intake.list(case_id)}
    missing = [number for number in numbers if number not in known]
    if missing:
        raise NotFoundError(f"There is no image {missing[0]!r} in this case.")
    return tuple(known[number] for number in numbers)


def _moment(text: str | None, zone: ZoneInfo) -> int | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time; write it like 2026-11-24T17:00.") from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def _tell_left_out(state: TimelineState) -> None:
    if state.is_made and (said := beyond_words(state.beyond)):
        sys.stderr.write(f"{said}\n")
    sys.stderr.writelines(printable(f"Not in the timeline: {one.number}: {one.why}") + "\n" for one in state.left_out)


def _line(event: TimelineEvent, zone: ZoneInfo) -> str:
    """When, which stamps, where they are kept, and of what."""
    from forensics_app.services.timeline_forms import moment_text

    when = moment_text(event, zone)
    if event.zone and not event.is_date:
        when += f" (wall time taken as {event.zone}{', ' * bool(event.doubt)}{event.doubt})"
    deleted = "D" if "deleted" in event.fields else "."
    state = "" if event.entry.allocated else "  deleted"
    where = f"{event.image.number} {event.entry.volume_id}:{event.entry.path}"
    return f"{when:38}  {macb(event.fields)}{deleted}  {event.sources:15}  {where}{state}"


def _json_line(event: TimelineEvent, zone: ZoneInfo) -> str:
    """One JSON object a line: a timeline may have millions of events."""
    import json

    from forensics_app.services.timeline_forms import moment_text

    told = {
        "time": moment_text(event, zone),
        "utc_ns": None if event.is_date else event.utc_ns,
        "stamps": list(event.fields),
        "source": event.sources,
        "basis": event.stamp.basis,
        "resolution_ns": [stamp.resolution_ns for stamp in event.stamps],
        "zone_of_wall_times": event.zone or None,
        "doubt": event.doubt or None,
        "image": event.image.number,
        "volume": event.entry.volume_id,
        "path": event.entry.path,
        "address": event.entry.address,
        "allocated": event.entry.allocated,
    }
    return json.dumps(told, ensure_ascii=False) + "\n"
