"""``note add``, ``note list``."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    local_time,
    opened,
    signed_in,
    the_case,
    told_time,
)
from forensics_app.cli.documents import document
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.note import NewNote, Note


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    note = parsers.add_parser("note", help="notes of a case, written once and never changed").add_subparsers(
        required=True
    )
    add = command(note, "add", "write a note, or an addendum to one", run_add, signs=True)
    _arguments(add)
    add.add_argument(
        "--at",
        metavar="TIME",
        help="when it was done; now without; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    add.add_argument("--addendum-to", type=int, metavar="N", help="number of the note that it adds to")
    add.add_argument("text", help="the words")
    _arguments(command(note, "list", "list the notes of a case or an exhibit", run_list))


def run_add(args: argparse.Namespace) -> int:
    """Write a note."""
    with signed_in(args) as (lab, actor):
        case, exhibit = the_case(lab, args), _exhibit(lab, args)
        new = NewNote(
            case_id=case.id,
            text=args.text,
            told_at=told_time(args.at, lab),
            exhibit_id=exhibit.id if exhibit else None,
            addendum_to=None if args.addendum_to is None else lab.notes.numbered(case.id, args.addendum_to).id,
        )
        note = lab.notes.add(actor, new)
    answer(args, document(note), [f"Recorded as note {note.number}."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the notes."""
    with opened(args) as lab:
        exhibit = _exhibit(lab, args)
        notes = lab.notes.list(the_case(lab, args).id, exhibit.id if exhibit else None)
    answer(args, document(notes), [line for note in notes for line in _lines(note, lab)] or ["No notes yet."])
    return DONE


def _arguments(parser: argparse.ArgumentParser) -> None:
    case_argument(parser)
    parser.add_argument("--exhibit", metavar="NUMBER", help="the exhibit or image that it is about")


def _exhibit(lab: Lab, args: argparse.Namespace) -> Exhibit | None:
    return lab.exhibits.numbered(the_case(lab, args).id, args.exhibit) if args.exhibit else None


def _lines(note: Note, lab: Lab) -> list[str]:
    about = f", {note.exhibit}" if note.exhibit else ""
    adds = f", addendum to note {note.addendum_to}" if note.addendum_to else ""
    head = f"Note {note.number}{about}{adds}: {note.author}, of {note.told_at.isoformat(' ', 'seconds')}, "
    return [
        f"{head}recorded {local_time(note.recorded_at, lab)}",
        *(f"    {x}" for x in note.text.splitlines()),
    ]
