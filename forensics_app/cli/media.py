"""``media register|wipe|assign|return|list``: storage media of the laboratory itself; their custody is ``custody``."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import (
    DONE,
    OF_A_THING,
    Parsers,
    answer,
    case_argument,
    command,
    opened,
    signed_in,
    table,
    the_case,
    told_time,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.medium import Medium, MediumUse, NewMedium, NewWipe


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    media = parsers.add_parser("media", help="storage media of the laboratory itself").add_subparsers(required=True)
    register = command(media, "register", "register a medium of the laboratory", run_register, signs=True)
    register.add_argument("--number", required=True, help="as it is written on it, such as WD-01")
    register.add_argument("--use", required=True, choices=[use.value for use in MediumUse], help="what it is used for")
    for name in ("make", "model", "serial"):
        register.add_argument(f"--{name}", required=True, metavar="TEXT", help=OF_A_THING[name])
    register.add_argument("--size-bytes", required=True, type=int, metavar="BYTES", help="its size in bytes")
    register.add_argument("--place", required=True, help="where it is now")
    wipe = command(media, "wipe", "record that a medium was wiped and checked; nothing is wiped", run_wipe, signs=True)
    wipe.add_argument("--number", required=True, metavar="NUMBER", help="number of the medium, such as WD-01")
    wipe.add_argument("--method", required=True, help='such as "overwritten once with zeros"')
    wipe.add_argument("--tool", required=True, help="with its version")
    wipe.add_argument("--check", required=True, help="how it was checked afterwards, and how much of it")
    wipe.add_argument("--not-blank", action="store_true", help="the check found that it is not blank")
    wipe.add_argument("--blank-sha256", metavar="HEX", help="digest of what was read in the check")
    wipe.add_argument(
        "--at",
        metavar="TIME",
        help="when; now when left out; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    assign = command(media, "assign", "assign a medium that was wiped and checked to a case", run_assign, signs=True)
    assign.add_argument("--number", required=True, metavar="NUMBER", help="number of the medium, such as WD-01")
    case_argument(assign)
    assign.add_argument("--purpose", required=True, metavar="TEXT", help="what it is to be used for in the case")
    back = command(media, "return", "take a medium back from its case", run_return, signs=True)
    back.add_argument("--number", required=True, metavar="NUMBER", help="number of the medium, such as WD-01")
    back.add_argument("--remarks", default="", metavar="TEXT", help="anything else that is to be in the entry")
    command(media, "list", "list the media of the laboratory", run_list)


def run_register(args: argparse.Namespace) -> int:
    """Register a medium."""
    new = NewMedium(
        number=args.number,
        use=MediumUse(args.use),
        make=args.make,
        model=args.model,
        serial=args.serial,
        size_bytes=args.size_bytes,
        place=args.place,
    )
    with signed_in(args) as (lab, actor):
        medium = lab.media.register(actor, new)
        case = lab.cases.get(lab.media.case_id)
    number = medium.exhibit.number
    said = f"Registered {number} in the case {case.number}; it is {medium.standing.value}."
    answer(
        args,
        _told(medium),
        [said, f"Put it on a shelf: custody store --case {case.number} --exhibit {number} --field shelf=CODE"],
    )
    return DONE


def run_wipe(args: argparse.Namespace) -> int:
    """Record a wipe."""
    with signed_in(args) as (lab, actor):
        new = NewWipe(
            method=args.method,
            tool=args.tool,
            is_blank=not args.not_blank,
            check=args.check,
            wiped_at=told_time(args.at, lab),
            blank_sha256=_digest(args.blank_sha256),
        )
        medium = lab.media.wipe(actor, lab.media.numbered(args.number).id, new)
    answer(args, _told(medium), [f"Recorded for {medium.exhibit.number}: {medium.standing.value}."])
    return DONE


def run_assign(args: argparse.Namespace) -> int:
    """Assign a medium to a case."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        medium = lab.media.assign(actor, lab.media.numbered(args.number).id, case.id, args.purpose)
    answer(args, _told(medium), [f"Assigned {medium.exhibit.number} to case {case.number}."])
    return DONE


def run_return(args: argparse.Namespace) -> int:
    """Take a medium back."""
    with signed_in(args) as (lab, actor):
        medium = lab.media.take_back(actor, lab.media.numbered(args.number).id, args.remarks)
    case = medium.assignments[-1].case_number
    said = f"{medium.exhibit.number} is back from case {case}; it is {medium.standing.value}."
    answer(args, _told(medium), [said])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the media."""
    with opened(args) as lab:
        media = lab.media.list()
    rows = []
    for one in media:
        to = f" {one.assignment.case_number}" if one.assignment else ""
        exhibit = one.exhibit
        where = [exhibit.state.value, exhibit.holder, exhibit.place]
        rows.append([exhibit.number, f"{one.standing.value}{to}", *where, exhibit.description, exhibit.serial])
    answer(args, [_told(one) for one in media], table(rows) or ["The laboratory has no media of its own registered."])
    return DONE


def _told(medium: Medium) -> dict[str, object]:
    return {**document(medium), "standing": medium.standing.value}


def _digest(text: str | None) -> bytes | None:
    try:
        return bytes.fromhex(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text!r} is no digest in hexadecimal digits.") from error
