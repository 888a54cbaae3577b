"""``recheck``: read an image again and compare it with its intake."""

from __future__ import annotations

import argparse
import re

from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import image_argument, the_image
from forensics_app.errors import UsageError
from forensics_app.model.image import PartOutcome

MAX_PART = 1 << 20
"""A media of 1 PiB has as many parts."""

_PIECE = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?", re.ASCII)


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(parsers, "recheck", "read an image again and compare it with its intake", run, signs=True)
    case_argument(parser)
    image_argument(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--parts", metavar="N-M", help="read only these parts of 1 GiB, counted from 0, such as 0-9,12")
    how.add_argument("--resume", action="store_true", help="read all parts that are still missing")


def run(args: argparse.Namespace) -> int:
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
