"""Finding images and catalogue entries by what is typed."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.errors import NotFoundError, RefusedError, UsageError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.file_kinds import kind_words
from forensics_app.model.image import EvidenceImage
from forensics_app.model.target import Target, area_target, entry_target


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


def target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names a file, or bytes of a file, of a volume or of the media."""
    image_argument(parser)
    parser.add_argument("--volume", metavar="ID", help="such as v0.p1; without it the media is meant")
    parser.add_argument("--path", help='a file in the volume, such as "/docs/letter.txt"; without it bytes are meant')
    parser.add_argument("--id", type=int, metavar="N", help="which entry, where several have that path")
    parser.add_argument("--offset", type=int, metavar="BYTES", help="where the bytes begin; without it the whole file")
    parser.add_argument("--length", type=int, metavar="BYTES", help="how many bytes")
    parser.add_argument("--term", default="", help="what was searched for, where it is a hit")


def the_target(lab: Lab, image: EvidenceImage, args: argparse.Namespace) -> Target:
    """The place that the arguments name.

    Raises:
        UsageError: They name none.
        NotFoundError: There is no such file or volume.
    """
    if (args.offset is None) != (args.length is None):
        raise UsageError("Bytes are named by --offset and --length together.")
    if args.path is not None:
        if args.volume is None:
            raise UsageError("A file is named by --volume and --path.")
        return entry_target(image, the_entry(lab, image, args), args.offset, args.length, args.term)
    if args.offset is None:
        raise UsageError("Name a file by --volume and --path, or bytes by --offset and --length.")
    area = Area(kind=AreaKind.VOLUME, volume_id=args.volume) if args.volume else Area(kind=AreaKind.MEDIA)
    if args.volume:
        with lab.catalogues.open(image) as catalogue:
            if args.volume not in {volume.id for volume in catalogue.volumes()}:
                raise NotFoundError(f"There is no volume {args.volume} in {image.number}.")
    size_bytes = lab.examine.area_facts(image, area).size_bytes
    return area_target(image, area, size_bytes, args.offset, args.length, args.term)


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
