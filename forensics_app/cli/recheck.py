"""``recheck``: images again, the chains again, what is due; and the facts of a defence kit in another copy."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    counted,
    opened,
    passphrase_options,
    signed_in,
    table,
    the_case,
)
from forensics_app.cli.documents import document, report_lines
from forensics_app.cli.lookup import the_image
from forensics_app.cli.recheck_kit import KIT_HELP, add_kit_arguments, run_kit
from forensics_app.errors import UsageError
from forensics_app.model.image import PartOutcome
from forensics_app.model.schedule import Due, DueKind

MAX_PART = 1 << 20
"""A media of 1 PiB has as many parts."""

_PIECE = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?", re.ASCII)


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "verify images or the chains again, show what is due, or test the facts of a defence kit in a copy"
    parser = parsers.add_parser("recheck", help=words, description=words, epilog=KIT_HELP)
    parser.set_defaults(run=run)
    parser.add_argument("--lab", metavar="DIR", type=Path, help="the lab folder; none is needed for a kit")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    parser.add_argument("--as", dest="person", metavar="PERSON", help="who acts and signs; not needed with --due")
    passphrase_options(parser)
    parser.add_argument("--case", metavar="NUMBER", help="number of the case")
    parser.add_argument("--image", metavar="NUMBER", help="number of the image, such as LH/01-I1")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--parts", metavar="N-M", help="read only these parts of 1 GiB, counted from 0, such as 0-9,12")
    how.add_argument("--resume", action="store_true", help="read all parts that are still missing")
    how.add_argument("--chains", action="store_true", help="verify every chain, row and file, and record the answer")
    how.add_argument("--every", type=int, metavar="DAYS", help="set after how many days everything is verified again")
    how.add_argument("--due", action="store_true", help="list what is to be verified again, with what was found last")
    add_kit_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    if args.kit is not None:
        return run_kit(args)
    if args.lab is None:
        raise UsageError("Name the lab with --lab, or a kit and your copy of the image.")
    if args.due:
        return run_due(args)
    if not args.person:
        raise UsageError("Say with --as who acts and signs.")
    if args.every is not None:
        return run_every(args)
    if args.chains:
        return run_chains(args)
    if not args.case or not args.image:
        raise UsageError("Name the image with --case and --image.")
    return run_image(args)


def run_due(args: argparse.Namespace) -> int:
    """List what is due; something overdue is a finding."""
    with opened(args) as lab:
        days, due = lab.schedule.interval_days(), lab.schedule.due()
    if days is None:
        lines = ["No interval is set: nothing is ever due. Set one with: recheck --every DAYS"]
    elif not due:
        lines = [f"Nothing is due; everything was verified within the last {counted(days, 'day')}."]
    else:
        lines = table([_due_row(one) for one in due])
    answer(args, {"interval_days": days, "due": document(due)}, lines)
    return FINDING if due else DONE


def run_every(args: argparse.Namespace) -> int:
    """Set the interval."""
    with signed_in(args) as (lab, actor):
        lab.schedule.set_interval(actor, args.every)
    words = f"Chains and images are due {counted(args.every, 'day')} after they were last verified."
    answer(args, {"interval_days": args.every}, [words])
    return DONE


def run_chains(args: argparse.Namespace) -> int:
    """Verify everything that is recorded, and sign for the answer."""
    with signed_in(args) as (lab, actor):
        report = lab.verification.verify(on_progress=Progress("Verifying", "entries"))
        lab.verification.sign_off(actor, report)
    answer(args, {**document(report), "ok": report.ok}, report_lines(report))
    return DONE if report.ok else FINDING


def run_image(args: argparse.Namespace) -> int:
    """Check an image, whole or in parts."""
    numbers = None if args.parts is None else part_numbers(args.parts)
    progress = Progress("Reading and hashing")
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        if numbers is None and not args.resume:
            check = lab.intake.recheck(actor, image.id, on_progress=progress)
            answer(args, document(check), [f"{image.number}: {check.what}."])
            return DONE if check.agrees else FINDING
        outcome = lab.part_checks.read(actor, image.id, numbers=numbers, on_progress=progress)
    answer(args, document(outcome), part_lines(image.number, outcome))
    agrees = outcome.check.agrees if outcome.check else not outcome.status.differing
    return DONE if agrees else FINDING


def _due_row(one: Due) -> list[str]:
    what = "every chain" if one.kind is DueKind.CHAINS else f"image {one.subject}"
    found = {None: "never verified", True: "nothing found", False: "DIFFERED"}[one.last_agreed]
    due, last = one.due_at.date().isoformat(), one.last_at.date().isoformat()
    return [what, one.case, f"due {due}", f"last {last}: {found}", f"verified {counted(one.checks, 'time')}"]


def part_numbers(words: str) -> tuple[int, ...]:
    """The numbers that ``0-9,12`` names, in order.

    Raises:
        UsageError: They are no numbers, or more than a media can have.
    """
    found: set[int] = set()
    for piece in words.split(","):
        match = _PIECE.fullmatch(piece.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last or last > MAX_PART:
            raise UsageError(f"{words!r} names no parts; write them like 0-9 or 0,3,8-11.")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def part_lines(number: str, outcome: PartOutcome) -> list[str]:
    """How a check in parts stands, for a reader."""
    if outcome.check:
        return [f"{number}: {outcome.check.what}."]
    status = outcome.status
    lines = [f"{number}: {len(status.done)} of {status.total} parts of {status.part_bytes:,} bytes were read."]
    lines += [
        f"Damage lies in {region.length_bytes:,} bytes at {region.offset_bytes:,}." for region in status.differing
    ]
    return [*lines, "Go on with 'recheck --resume'."]
