"""``catalogue``: list and hash every file of an image."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import (
    DONE,
    FINDING,
    FINDING_HELP,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.keys import add_key_options, keys_of
from forensics_app.cli.lookup import image_argument, the_image
from forensics_app.model.logical import is_members


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(parsers, "catalogue", "list and hash every file of an image", run, signs=True)
    parser.epilog = FINDING_HELP
    case_argument(parser)
    image_argument(parser)
    add_key_options(parser)
    parser.add_argument("--metadata-only", action="store_true", help="do not hash files or find out their types")
    parser.add_argument("--archives", action="store_true", help="also list what lies in archives, three deep")


def run(args: argparse.Namespace) -> int:
    """Build a catalogue."""
    keys = keys_of(args)
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        built = lab.catalogues.build(
            actor,
            image.id,
            with_content=not args.metadata_only,
            archives=args.archives,
            keys=keys,
            on_progress=Progress("Listing files", "entries"),
        )
        with lab.catalogues.open(built) as catalogue:
            volumes, problems = catalogue.volumes(), catalogue.problems()
    lines = [f"{built.number}: {built.catalogue_entries:,} entries"]
    for volume in volumes:
        found = volume.file_system.type if volume.file_system else "no file system"
        if is_members(volume):
            lines.append(f"{volume.id:14} {volume.description}")
            continue
        lines.append(f"{volume.id:14} {volume.kind:12} {volume.length_bytes:>18,} bytes  {found}")
    lines += [
        f"{'Damage' if problem.is_damage else 'Note'}: {': '.join(filter(None, (problem.where, problem.what)))}"
        for problem in problems
    ]
    answer(args, {"image": document(built), "volumes": document(volumes), "problems": document(problems)}, lines)
    return FINDING if any(problem.is_damage for problem in problems) else DONE
