"""``acquire-folder``: copy folders for an exhibit into a container with a manifest."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.acquire import SHOWN_MAX
from forensics_app.cli.common import (
    DONE,
    FINDING,
    FINDING_HELP,
    Parsers,
    Progress,
    add_blocker,
    add_seal_found,
    answer,
    case_argument,
    command,
    counted,
    seal_found,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.intake import image_lines, needs_attention
from forensics_app.model.acquisition import FolderRequest
from forensics_app.model.image import WriteBlocker


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(parsers, "acquire-folder", "copy folders into a hashed container", run, signs=True)
    parser.epilog = FINDING_HELP
    case_argument(parser)
    parser.add_argument("--exhibit", required=True, metavar="NUMBER", help="the exhibit that the folders belong to")
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="what is copied; it is only read")
    parser.add_argument("--target", type=Path, required=True, metavar="FILE.zip", help="the container to be made")
    parser.add_argument("--notes", default="", help="free words, kept in the manifest")
    parser.add_argument("--take-in", action="store_true", help="then take the container in as evidence, too")
    add_blocker(parser)
    add_seal_found(parser)


def run(args: argparse.Namespace) -> int:
    """Copy folders."""
    with signed_in(args) as (lab, actor):
        request = FolderRequest(
            exhibit_id=lab.exhibits.numbered(the_case(lab, args).id, args.exhibit).id,
            folders=tuple(args.folders),
            target=args.target,
            write_blocker=WriteBlocker(device=args.write_blocker, reason_for_none=args.no_write_blocker),
            notes=args.notes,
            seal=seal_found(args),
        )
        if args.take_in:
            taken = lab.acquisitions.take_in_folders(actor, request, on_progress=Progress("Copying and reading"))
            made, image = taken.acquisition, taken.image
        else:
            made, image = lab.acquisitions.acquire_folders(actor, request, on_progress=Progress("Copying")), None
    lines = [
        f"{made.path}: {made.entries:,} entries, {counted(made.files, 'file')}, {counted(made.content_bytes, 'byte')}",
        f"SHA-256 of the container {made.sha256.hex()}",
        f"SHA-256 of the manifest  {made.manifest_sha256.hex()}",
        "Extended attributes and alternate streams are not copied: this system does not tell this program of them"
        if made.attributes is None
        else f"Extended attributes in the manifest: {made.attributes:,}",
        f"Read back: {'equal' if made.verified else 'differs'}",
        *(f"Not whole: {path}: {why}" for path, why in made.unreadable[:SHOWN_MAX]),
        *(f"Differs: {name}" for name in made.differing[:SHOWN_MAX]),
    ]
    if image is not None:
        lines += image_lines(image)
    said = document(made) if image is None else {"acquisition": document(made), "image": document(image)}
    answer(args, said, lines)
    agrees = made.verified and (image is None or not needs_attention(image))
    return DONE if agrees and not made.unreadable_count else FINDING
