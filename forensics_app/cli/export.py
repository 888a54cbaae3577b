"""``export``: copy a file out of an image."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.common import DONE, Parsers, Progress, answer, case_argument, command, signed_in, the_case
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import entry_arguments, the_entry, the_image


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(parsers, "export", "copy a file out of an image, with an entry in the record", run, signs=True)
    case_argument(parser)
    entry_arguments(parser)
    parser.add_argument("--reason", help="why a file that is marked is looked at and exported; recorded")
    parser.add_argument("target", type=Path, help="the file to be written; must not exist")


def run(args: argparse.Namespace) -> int:
    """Export a file."""
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        entry = the_entry(lab, image, args)
        if args.reason:
            for mark in lab.examine.marks.of_content(image, entry.volume_id, entry.address):
                lab.examine.marks.look(actor, image.id, mark, args.reason)
        done = lab.examine.export(actor, image.id, entry, args.target, on_progress=Progress("Exporting"))
    answer(args, document(done), [f"Wrote {done.target}: {done.size_bytes:,} bytes, SHA-256 {done.sha256.hex()}"])
    return DONE
