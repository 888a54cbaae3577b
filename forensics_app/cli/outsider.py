"""``outsider add|list|change|end``."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import DONE, Parsers, answer, command, given_values, opened, signed_in, table
from forensics_app.cli.documents import document
from forensics_app.model.register import NewOutsider, OutsiderKind

_TOLD = {
    "function": "rank or function",
    "organisation": "authority or firm they belong to",
    "identity": "number of their badge or identity paper",
    "contact": "how they are reached: telephone, address",
}


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    words = "people who are not users: couriers, owners, counsel, courts"
    outsider = parsers.add_parser("outsider", help=words).add_subparsers(required=True)
    add = command(outsider, "add", "add a person", run_add, signs=True)
    add.add_argument("--name", required=True, metavar="NAME", help="name of the person, as it is on the list")
    add.add_argument(
        "--kind",
        required=True,
        choices=[kind.value for kind in OutsiderKind],
        help="as what they have to do with exhibits",
    )
    for name, words in _TOLD.items():
        add.add_argument(f"--{name}", default="", metavar="TEXT", help=words)
    command(outsider, "list", "list everybody, ended ones last", run_list)
    change = command(outsider, "change", "correct what is written of a person", run_change, signs=True)
    change.add_argument("--name", required=True, metavar="NAME", help="name of the person, as it is on the list")
    change.add_argument("--new-name", metavar="NAME", help="the right name")
    for name, words in _TOLD.items():
        change.add_argument(f"--{name}", metavar="TEXT", help=words)
    change.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")
    end = command(outsider, "end", "take a person off the list", run_end, signs=True)
    end.add_argument("--name", required=True, metavar="NAME", help="name of the person, as it is on the list")
    end.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")


def run_add(args: argparse.Namespace) -> int:
    """Add a person."""
    told = {name: getattr(args, name) for name in _TOLD}
    with signed_in(args) as (lab, actor):
        outsider = lab.outsiders.add(actor, NewOutsider(kind=OutsiderKind(args.kind), name=args.name, **told))
    answer(args, document(outsider), [f"Added {outsider.described}."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the people."""
    with opened(args) as lab:
        people = lab.outsiders.list()
    rows = [
        [one.name, one.kind.value, one.function, one.organisation, one.identity, one.contact,
         "" if one.ended_at is None else f"ended {one.ended_at:%Y-%m-%d}"]
        for one in people
    ]  # fmt: skip
    answer(args, [document(one) for one in people], table(rows))
    return DONE


def run_change(args: argparse.Namespace) -> int:
    """Correct what is written of a person."""
    changes = given_values(args, {"new_name": "name", **{name: name for name in _TOLD}})
    with signed_in(args) as (lab, actor):
        outsider = lab.outsiders.change(actor, lab.outsiders.named(args.name).id, changes, args.reason)
    answer(args, document(outsider), [f"Recorded: {outsider.described}."])
    return DONE


def run_end(args: argparse.Namespace) -> int:
    """Take a person off the list."""
    with signed_in(args) as (lab, actor):
        outsider = lab.outsiders.end(actor, lab.outsiders.named(args.name).id, args.reason)
    answer(args, document(outsider), [f"{outsider.name} is off the list."])
    return DONE
