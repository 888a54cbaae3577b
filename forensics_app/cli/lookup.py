"""Finding images and catalogue entries by what is typed."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.errors import NotFoundError
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueEntry
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


def entry_at(lab: Lab, image: EvidenceImage, volume_id: str, path: str) -> CatalogueEntry:
    """The entry at a path of a volume, or of an archive in it; an allocated one is preferred.

    Raises:
        NotFoundError: There is none.
    """
    with lab.catalogues.open(image) as catalogue:
        found = catalogue.at(volume_id, path)
    if not found:
        raise NotFoundError(f"There is no {path!r} in volume {volume_id} of {image.number}.")
    return max(found, key=lambda entry: entry.allocated)
