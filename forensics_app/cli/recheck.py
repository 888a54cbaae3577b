"""``recheck``: read an image again and compare it with its intake."""

from __future__ import annotations

import argparse

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


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(parsers, "recheck", "read an image again and compare it with its intake", run, signs=True)
    case_argument(parser)
    image_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Check an image."""
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        check = lab.intake.recheck(actor, image.id, on_progress=Progress("Reading and hashing"))
    answer(args, document(check), [f"{image.number}: {check.what}."])
    return DONE if check.agrees else FINDING
