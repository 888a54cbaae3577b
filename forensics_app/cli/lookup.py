"""Finding images and catalogue entries by what is typed."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.file_kinds import kind_words
from forensics_app.model.image import EvidenceImage


def image_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--image``."""
    parser.add_argument("--image", required=True, metavar="NUMBER", help="number of the image, such as LH/01-I1")


def the_image(lab: Lab, case_id: CaseId, args: argparse.Namespace) -> EvidenceImage:
    """The image that ``--image`` names.

    Raises:
        NotFoundError: There is none.
    """
    for image in lab.intake.list(case_id):
        if image.number == args.image:
            return image
    raise NotFoundError(f"There is no image {args.image!r} in this case.")


def entry_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--image``, ``--volume``, ``--path`` and ``--id``."""
    image_argument(parser)
    parser.add_argument("--volume", required=True, metavar="ID", help="such as v0.p1")
    parser.add_argument("--path", required=True, help='path inside the volume, such as "/docs/letter.txt"')
    parser.add_argument(
        "--id", type=int, metavar="N", help="which entry, where several have that path; they are listed without it"
    )


def the_entry(lab: Lab, image: EvidenceImage, args: argparse.Namespace) -> CatalogueEntry:
    """The entry that ``--volume`` and ``--path`` name, and ``--id`` where several have that path.

    Raises:
        NotFoundError: There is none, or none with that id.
        RefusedError: Several have the path, such as a deleted file and the one that took its name; nobody chose.
    """
    with lab.catalogues.open(image) as catalogue:
        found = catalogue.at(args.volume, args.path)
    if not found:
        raise NotFoundError(f"There is no {args.path!r} in volume {args.volume} of {image.number}.")
    if args.id is not None:
        entry = next((one for one in found if one.id == args.id), None)
        if entry is None:
            raise NotFoundError(f"Entry {args.id} is not at {args.path!r} in volume {args.volume} of {image.number}.")
        return entry
    if len(found) > 1:
        listed = "".join(f"\n  --id {_told(entry)}" for entry in found)
        raise RefusedError(
            f"{len(found)} entries are at {args.path!r} in volume {args.volume} of {image.number}:{listed}",
            then="Name the one that is meant with --id.",
        )
    return found[0]


def _told(entry: CatalogueEntry) -> str:
    """What tells an entry from another with its path."""
    state = "allocated" if entry.allocated else "deleted, orphan" if entry.orphan else "deleted"
    digest = f", SHA-256 {entry.sha256.hex()[:16]}..." if entry.sha256 else ""
    return f"{entry.id}  {state} {kind_words(entry.kind)}, {entry.size_bytes:,} bytes, address {entry.address}{digest}"
