"""``files``: list what the catalogue of an image holds, all of it or what a filter leaves."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    opened,
    printable,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import image_argument, the_entry, the_image
from forensics_app.errors import UsageError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery, Stamp
from forensics_app.model.file_kinds import kind_words
from forensics_app.model.filter_language.completion import remarks
from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.filter_language.tree import Expression
from forensics_app.model.filter_language.vocabulary import vocabulary_of
from forensics_app.model.image import EvidenceImage
from forensics_app.model.logical import volume_around

_AT_ONCE = 500
_MOST_ASKED = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILTER_HELP = (
    "Filters: words of the name, type:image, ext:jpg,png, size>10M, modified:2024-03..2024-04, deleted, hash:d41d8cd9, "
    "path:*/Downloads/* and more, joined by blanks, or, not and brackets; docs/filter-language.md has all of it. "
    "One that begins with a minus is written with an equals sign: --filter=-deleted."
)


class _Rows(Protocol):
    def rows(self, ids: Sequence[int]) -> tuple[CatalogueEntry, ...]:
        """The entries with these ids."""
        ...


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(parsers, "files", "list the files of an image out of its catalogue", run)
    parser.epilog = _FILTER_HELP
    case_argument(parser)
    image_argument(parser)
    parser.add_argument("--filter", default="", metavar="TEXT", help="list only what this leaves, such as type:image")
    parser.add_argument("--zone", metavar="NAME", help="zone of times, such as Europe/Berlin; the lab's by default")
    parser.add_argument("--count", action="store_true", help="only say how many there are")
    parser.add_argument(
        "--same-as", metavar="PATH",
        help="list instead the files with the content (SHA-256) of this one, with --volume, on all images of the case",
    )  # fmt: skip
    parser.add_argument("--volume", metavar="ID", help="with --same-as: where that file lies, such as v0.p1")
    parser.add_argument("--id", type=int, metavar="N", help="with --same-as: which entry, where several have that path")
    parser.add_argument(
        "--same-content", action="store_true",
        help="list instead the files with the content of one that the filter leaves, on all images of the case",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """List files."""
    with opened(args) as lab:
        name = args.zone or lab.info.zone
        zone = _zone(name)
        expression = _parsed(args.filter, zone)
        image = the_image(lab, the_case(lab, args).id, args)
        if args.same_as is not None or args.same_content:
            return _tell_same(args, lab, image, expression, zone)
        with lab.catalogues.open(image) as catalogue:
            known = vocabulary_of(
                catalogue.header, catalogue.volumes(), catalogue.type_counts(), catalogue.time_rules()
            )
            words = lab.catalogues.with_outside(image, catalogue, known)
            said = remarks(expression, words) if expression else ()
            query = CatalogueQuery(filter=expression)
            head = {"image": image.number, "filter": args.filter, "zone": name, "remarks": said}
            if args.count:
                _tell_count(args, head, catalogue.count(query))
            else:
                ids = catalogue.ids(query)
                sys.stdout.writelines(_document(head, catalogue, ids) if args.json else _lines(catalogue, ids, zone))
    if not args.json:
        sys.stderr.writelines(f"{printable(remark)}\n" for remark in said)
    sys.stdout.flush()
    return DONE


def _tell_same(
    args: argparse.Namespace, lab: Lab, image: EvidenceImage, expression: Expression | None, zone: tzinfo
) -> int:
    """Files of the same content on all images."""
    if args.same_content:
        if args.same_as is not None or expression is None:
            raise UsageError("--same-content goes with --filter, and --same-as names one file.")
        with lab.catalogues.open(image) as catalogue:
            asked = catalogue.rows(catalogue.ids(CatalogueQuery(filter=expression))[:_MOST_ASKED])
    elif args.volume is None:
        raise UsageError("--same-as goes with --volume.")
    else:
        args.path = args.same_as
        asked = (the_entry(lab, image, args),)
    made = lab.twins.find(image, asked, Progress("Looking for the same content"))
    left_out = [f"{one.path}: {one.why}." for one in made.left_out]
    if args.json or args.count:
        told = [{"image": one.image.number, "hidden": one.hidden, "entry": document(one.entry)} for one in made.twins]
        head = {"image": image.number, "contents": made.contents, "not_asked": made.not_asked, "images": made.images}
        found = {"left_out": left_out, "count": len(told), **({} if args.count else {"same": told})}
        answer(args, {**head, **found}, [f"{len(told):,}", *left_out])
        return DONE
    for one in made.twins:
        hidden = f"  [{one.hidden}]" if one.hidden else ""
        sys.stdout.write(printable(f"{one.image.number}  {_entry_line(one.entry, zone)[:-1]}{hidden}") + "\n")
    said = [f"{made.not_asked:,} of those asked for have no SHA-256 or no content."] if made.not_asked else []
    sys.stderr.writelines(f"{printable(line)}\n" for line in (*said, *left_out))
    sys.stdout.flush()
    return DONE


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"There is no zone {name!r}.", then="Name one like Europe/Berlin or UTC.") from error


def _parsed(text: str, zone: tzinfo) -> Expression | None:
    """The filter; what is wrong with it is told with the part that is wrong."""
    try:
        return parse(text, zone)
    except FilterError as error:
        part = text[error.start : error.end]
        raise UsageError(f'{error} It is at character {error.start + 1}: "{part}".', then=error.then) from error


def _tell_count(args: argparse.Namespace, head: dict[str, object], count: int) -> None:
    words = "1 entry" if count == 1 else f"{count:,} entries"
    text = json.dumps({**head, "count": count}, ensure_ascii=False, indent=2) if args.json else words
    sys.stdout.write(f"{text}\n")


def _pages(catalogue: _Rows, ids: Sequence[int]) -> Iterator[CatalogueEntry]:
    for start in range(0, len(ids), _AT_ONCE):
        yield from catalogue.rows(ids[start : start + _AT_ONCE])


def _document(head: dict[str, object], catalogue: _Rows, ids: Sequence[int]) -> Iterator[str]:
    """One JSON document, written while it is read: a catalogue may hold millions of entries."""
    yield json.dumps({**head, "count": len(ids)}, ensure_ascii=False)[:-1] + ', "entries": ['
    comma = "\n"
    for entry in _pages(catalogue, ids):
        yield comma + json.dumps(document(entry), ensure_ascii=False)
        comma = ",\n"
    yield "\n]}\n"


def _lines(catalogue: _Rows, ids: Sequence[int], zone: tzinfo) -> Iterator[str]:
    """Size, state, modified, and where it lies: one line each."""
    for entry in _pages(catalogue, ids):
        yield _entry_line(entry, zone)


def _entry_line(entry: CatalogueEntry, zone: tzinfo) -> str:
    state = "" if entry.allocated else "orphan" if entry.orphan else "deleted"
    stamp = entry.time("modified")
    modified = _stamp_text(stamp, zone) if stamp else "-"
    what = kind_words(entry.kind) if entry.kind != "file" else entry.mime or "file"
    where = f"{volume_around(entry.volume_id)}{entry.path}"
    return printable(f"{entry.size_bytes:>15,}  {state:8}  {modified:26}  {what:28}  {where}") + "\n"


def _stamp_text(stamp: Stamp, zone: tzinfo) -> str:
    """In the zone where its basis is UTC, else as it is written on the disk; without a fraction."""
    try:
        moment = _EPOCH + timedelta(seconds=stamp.ns // 1_000_000_000)
        if stamp.basis == "utc":
            return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    except OverflowError:
        return f"{stamp.ns:,} ns since 1970"
    wall = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    return f"{wall} local" if stamp.basis == "local" else f"{wall[:10]} date only"
