"""``place add|list|change|close``."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import DONE, Parsers, answer, command, given_values, opened, signed_in, table
from forensics_app.cli.documents import document
from forensics_app.model.register import NewPlace, PlaceKind


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    words = "sites, rooms, cabinets and shelves of the lab"
    place = parsers.add_parser("place", help=words).add_subparsers(required=True)
    add = command(place, "add", "add a place", run_add, signs=True)
    add.add_argument(
        "--kind",
        required=True,
        choices=[kind.value for kind in PlaceKind],
        help="what it is, from the largest to the smallest",
    )
    add.add_argument("--code", required=True, help="as it stands on its label; unique in the lab")
    add.add_argument("--name", default="", metavar="TEXT", help="what it is called")
    add.add_argument("--in", dest="parent", metavar="CODE", help="the place it lies in")
    command(place, "list", "list the places as a tree", run_list)
    change = command(place, "change", "correct the code or the name of a place", run_change, signs=True)
    change.add_argument("--code", required=True, metavar="CODE", help="its code, such as A-07-3")
    change.add_argument("--new-code", metavar="CODE", help="the right code")
    change.add_argument("--name", metavar="TEXT", help="what it is called")
    change.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")
    close = command(place, "close", "say that nothing is put there any more", run_close, signs=True)
    close.add_argument("--code", required=True, metavar="CODE", help="its code, such as A-07-3")
    close.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")


def run_add(args: argparse.Namespace) -> int:
    """Add a place."""
    with signed_in(args) as (lab, actor):
        parent_id = lab.places.coded(args.parent).id if args.parent else None
        new = NewPlace(kind=PlaceKind(args.kind), code=args.code, name=args.name, parent_id=parent_id)
        place = lab.places.add(actor, new)
    answer(args, document(place), [f"Added the {place.kind} {place.code}."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the places."""
    with opened(args) as lab:
        lines = lab.places.tree()
    rows = [
        ["  " * line.depth + line.place.code, line.place.kind.value, line.place.name,
         "" if line.place.closed_at is None else f"closed {line.place.closed_at:%Y-%m-%d}"]
        for line in lines
    ]  # fmt: skip
    answer(args, [{**document(line.place), "path": line.path} for line in lines], table(rows))
    return DONE


def run_change(args: argparse.Namespace) -> int:
    """Correct a place."""
    changes = given_values(args, {"new_code": "code", "name": "name"})
    with signed_in(args) as (lab, actor):
        place = lab.places.change(actor, lab.places.coded(args.code).id, changes, args.reason)
    answer(args, document(place), [f"The {place.kind} is {place.code}, {place.name or 'without a name'}."])
    return DONE


def run_close(args: argparse.Namespace) -> int:
    """Close a place."""
    with signed_in(args) as (lab, actor):
        place = lab.places.close(actor, lab.places.coded(args.code).id, args.reason)
    answer(args, document(place), [f"Closed {place.code}."])
    return DONE
