"""``compare``: list a volume once more by a second reader and tell what differs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    counted,
    signed_in,
    table,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import image_argument, the_image
from forensics_app.model.catalogue import TIME_FIELDS

if TYPE_CHECKING:
    from forensics_app.model.second_reading import DifferingLine, SecondReading

_HEADS = ("what", "catalogue", "second reader", "path", "known")


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "list a volume of NTFS, FAT or ext by a second reader; exit status 1 when it differs from the catalogue"
    parser = command(parsers, "compare", words, run, signs=True)
    case_argument(parser)
    image_argument(parser)
    parser.add_argument("--volume", required=True, metavar="ID", help="such as v0.p1")


def run(args: argparse.Namespace) -> int:
    """Compare."""
    from forensics_app.services.second_readings import words_of

    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        made = lab.second_readings.compare(actor, image.id, args.volume, Progress("Comparing", "names"))
    shown = [
        (one.what, value_words(made, one, one.ours), value_words(made, one, one.theirs), one.path, one.known)
        for one in made.lines
    ]
    answer(args, document(made), [words_of(made), *(table([_HEADS, *shown]) if shown else [])])
    return DONE if made.agrees else FINDING


def value_words(made: SecondReading, one: DifferingLine, value: str | int | None) -> str:
    """A value of one of the two readers; empty where it tells none."""
    if not isinstance(value, int):
        return value or ""
    return made.time_text(value) if one.what in TIME_FIELDS else counted(value, "byte")
