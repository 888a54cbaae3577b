"""``export``: copy files and folders out of an image."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    FINDING_HELP,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    counted,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import image_argument, the_entry, the_image
from forensics_app.errors import UsageError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage

_TOP = "/"


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "copy files and folders out of an image, with an entry in the record"
    parser = command(parsers, "export", words, run, signs=True)
    parser.epilog = (
        "One file is written as TARGET. Several, or a folder, are written into the new folder TARGET with their tree "
        "and a manifest, which has every path, address, size, time and digest, and what was left out and why. "
        + FINDING_HELP
    )
    case_argument(parser)
    image_argument(parser)
    parser.add_argument("--volume", required=True, metavar="ID", help="such as v0.p1")
    parser.add_argument(
        "--path",
        required=True,
        action="append",
        help='path of a file or folder inside the volume, such as "/docs/letter.txt", or "/" for all of it; can be '
        "given again",
    )
    parser.add_argument(
        "--id",
        type=int,
        metavar="N",
        help="which entry, where several have that path; they are listed without it; with one path only",
    )
    parser.add_argument("--reason", help="why files that are marked or concealed are looked at and exported; recorded")
    parser.add_argument(
        "--with-manifest", action="store_true",
        help="write a folder with a manifest for one file, too; exhibit derive asks for that manifest",
    )  # fmt: skip
    parser.add_argument("target", type=Path, help="the file or folder to be written; must not exist")


def run(args: argparse.Namespace) -> int:
    """Export a file, or several with a manifest."""
    if args.id is not None and len(args.path) > 1:
        raise UsageError("--id says which entry is meant of one path; there are several.")
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        entries = [entry for path in args.path for entry in _entries(lab, image, args, path)]
        exporting, progress = lab.examine.exporting, Progress("Exporting")
        if args.reason:
            exporting.uncover(actor, image, _all_of(lab, image, entries), args.reason)
        if len(entries) == 1 and entries[0].kind != "directory" and not args.with_manifest:
            one = exporting.file(actor, image.id, entries[0], args.target, on_progress=progress)
            answer(args, document(one), [f"Wrote {one.target}: {one.size_bytes:,} bytes, SHA-256 {one.sha256.hex()}"])
            return DONE
        done = exporting.tree(actor, image.id, entries, args.target, on_progress=progress)
    wrote = f"{counted(done.files, 'file')} and {counted(done.folders, 'folder')}, {done.size_bytes:,} bytes"
    lines = [f"Wrote {done.target}: {wrote}", f"SHA-256 of its manifest.json {done.manifest_sha256.hex()}"]
    lines += [f"Left out: {one.path}: {one.why}" for one in done.left_out]
    if done.left_out_count > len(done.left_out):
        lines.append(f"Left out are {done.left_out_count:,} in all; manifest.csv says of each why.")
    answer(args, document(done), lines)
    return FINDING if done.left_out_count else DONE


def _entries(lab: Lab, image: EvidenceImage, args: argparse.Namespace, path: str) -> Sequence[CatalogueEntry]:
    """What a path names; ``/`` everything at the top of the volume."""
    if path == _TOP and args.id is None:
        with lab.catalogues.open(image) as catalogue:
            if not catalogue.at(args.volume, path) and (found := catalogue.children(args.volume, None)):
                return found
    return (the_entry(lab, image, argparse.Namespace(**{**vars(args), "path": path.rstrip("/") or path})),)


def _all_of(lab: Lab, image: EvidenceImage, entries: list[CatalogueEntry]) -> list[CatalogueEntry]:
    """The files among ``entries`` and in the folders among them."""
    with lab.catalogues.open(image) as catalogue:
        found = {entry.id: entry for entry in entries if entry.kind != "directory"}
        for entry in entries:
            if entry.kind == "directory":
                ids = catalogue.ids(CatalogueQuery(folder_id=entry.id, recursive=True))
                found |= {one.id: one for one in catalogue.rows(ids) if one.kind != "directory"}
    return list(found.values())
