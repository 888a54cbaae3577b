"""``report stationery``: the laboratory's own paper, put into the lab folder to be filled in and corrected."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import DONE, Parsers, answer, command, opened
from forensics_app.model.report import LANGUAGES
from forensics_app.services.stationery import begin_stationery


def add_stationery_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "put a letterhead and the texts of a language into the lab folder, to be corrected"
    parser = command(parsers, "stationery", words, run)
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="whose texts are put there")


def run(args: argparse.Namespace) -> int:
    """Put the files there; what is there stays."""
    with opened(args) as lab:
        written = begin_stationery(lab.folder, args.language)
        place = lab.folder.stationery
    told = [f"Wrote {path}." for path in written] or [f"Everything is in {place}; nothing was changed."]
    answer(args, {"folder": str(place), "written": [path.name for path in written]}, told)
    return DONE
