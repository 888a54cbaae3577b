"""``exhibit labels`` and ``exhibit scan``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    counted,
    language_argument,
    opened,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.label import SHEETS, LabelSheet, single_label

_SIZE = re.compile(r"(\d{1,4})(?:\.(\d))?x(\d{1,4})(?:\.(\d))?")


def add_commands(exhibit: Parsers) -> None:
    """Add the commands to those of ``exhibit``."""
    labels = command(exhibit, "labels", "print labels with QR codes as a PDF", run_labels)
    case_argument(labels)
    labels.add_argument(
        "--exhibit", action="append", default=[], metavar="NUMBER", help="an exhibit; all of the case when left out"
    )
    paper = labels.add_mutually_exclusive_group()
    paper.add_argument("--sheet", choices=list(SHEETS), default="3x8", help="a sheet of A4, columns x rows")
    paper.add_argument("--size", metavar="WxH", help="a printer of single labels: width and height in mm, as 62x29")
    labels.add_argument("--start", type=int, default=1, metavar="N", help="the first free label of the sheet")
    language_argument(labels)
    labels.add_argument("target", type=Path, metavar="TARGET.pdf", help="the file to be written; must not exist")
    scan = command(exhibit, "scan", "find the exhibit whose label was scanned", run_scan)
    scan.add_argument("--case", metavar="NUMBER", help="where to look for a number that is no label")
    scan.add_argument("text", metavar="TEXT", help="what the scanner typed")


def run_labels(args: argparse.Namespace) -> int:
    """Write labels."""
    sheet = _size(args.size) if args.size else SHEETS[args.sheet]
    with opened(args) as lab:
        case = the_case(lab, args)
        wanted = [lab.exhibits.numbered(case.id, number).id for number in args.exhibit]
        count = len(wanted) or len(lab.exhibits.list(case.id))
        lab.reporting.save_copy(lab.labels.pdf(case.id, wanted, sheet, args.start, args.language), args.target)
    words = f"Wrote {args.target}, {counted(count, 'label')}; print it at its true size."
    answer(args, {"target": str(args.target), "labels": count}, [words])
    return DONE


def run_scan(args: argparse.Namespace) -> int:
    """Find an exhibit by its label."""
    with opened(args) as lab:
        case_id = lab.cases.numbered(args.case).id if args.case else None
        found = lab.labels.scanned(args.text, case_id)
    one = found.exhibit
    place = f", {one.store_place}" if one.store_place else ""
    lines = [found.words, f"{one.description}; {one.state.value}, held by {one.holder}{place}"]
    told = {"entries_since": found.entries_since, "label_seal": found.label_seal, "seal_differs": found.seal_differs}
    answer(args, {**document(one), "case": found.case.number, **told}, lines)
    return DONE


def _size(text: str) -> LabelSheet:
    """The paper of single labels.

    Raises:
        UsageError: It is no size of a label.
    """
    told = _SIZE.fullmatch(text.strip().lower())
    if told is None:
        raise UsageError(f"{text!r} is no size; write width and height in mm, as 62x29.")
    width, width_tenths, height, height_tenths = told.groups(default="0")
    try:
        return single_label(10 * int(width) + int(width_tenths), 10 * int(height) + int(height_tenths))
    except ValueError as error:
        raise UsageError(str(error)) from error
