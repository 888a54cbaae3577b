"""``hold``: ``list``, ``place``, ``lift``."""

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
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.disposal import Hold, NewHold


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    hold = parsers.add_parser("hold", help="legal holds, which keep exhibits from disposal").add_subparsers(
        required=True
    )
    case_argument(command(hold, "list", "list the legal holds of a case and its exhibits", run_list))
    place = command(hold, "place", "place a legal hold on a case, or on one exhibit", run_place, signs=True)
    case_argument(place)
    place.add_argument("--exhibit", metavar="NUMBER", help="hold this exhibit alone, not the whole case")
    lift = command(hold, "lift", "lift a legal hold", run_lift, signs=True)
    case_argument(lift)
    lift.add_argument("--hold", required=True, type=int, metavar="N", help="its number, as hold list has it")
    for parser in (place, lift):
        parser.add_argument("--authority", required=True, help="who ordered it, and under which number")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")


def run_list(args: argparse.Namespace) -> int:
    """List the holds of a case."""
    with opened(args) as lab:
        holds = lab.holds.list(the_case(lab, args).id)
    lines = [_line(number, hold, lab) for number, hold in enumerate(holds, 1)]
    answer(args, [document(hold) for hold in holds], lines or ["No legal holds."])
    return DONE


def run_place(args: argparse.Namespace) -> int:
    """Place a hold."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        exhibit_id = lab.exhibits.numbered(case.id, args.exhibit).id if args.exhibit else None
        new = NewHold(case_id=case.id, exhibit_id=exhibit_id, authority=args.authority, reason=args.reason)
        hold = lab.holds.place(actor, new)
        number = len(lab.holds.list(case.id))
    answer(args, document(hold), [_line(number, hold, lab)])
    return DONE


def run_lift(args: argparse.Namespace) -> int:
    """Lift a hold."""
    with signed_in(args) as (lab, actor):
        holds = lab.holds.list(the_case(lab, args).id)
        if not 0 < args.hold <= len(holds):
            raise UsageError(f"There is no hold number {args.hold}; the case has {len(holds)}.")
        hold = lab.holds.lift(actor, holds[args.hold - 1].id, args.authority, args.reason)
    answer(args, document(hold), [_line(args.hold, hold, lab)])
    return DONE


def _line(number: int, hold: Hold, lab: Lab) -> str:
    what = hold.number or "the whole case"
    placed = f"placed by {hold.placed_by} {local_time(hold.placed_at, lab)}"
    lifted = "IN FORCE"
    if hold.lifted_at is not None:
        at = local_time(hold.lifted_at, lab)
        lifted = f"lifted by {hold.lifted_by} {at}: {hold.lift_authority}, {hold.lift_reason}"
    return "  ".join((str(number), what, hold.authority, hold.reason, placed, lifted))
