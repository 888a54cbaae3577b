"""Files of the same content on the images of a case."""

from __future__ import annotations

from dataclasses import dataclass

from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.finding import LeftOut
from forensics_app.model.image import EvidenceImage

MOST_CONTENTS = 1_000
"""Looked for in one act."""
MOST_AN_IMAGE, MOST_TWINS = 1_000, 10_000
"""Listed of one image, and of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A file whose content has the SHA-256 of one that was asked for.

    Attributes:
        hidden: Why its content is not shown without a reason (REQ-39, REQ-40); empty where it is.
    """

    image: EvidenceImage
    entry: CatalogueEntry
    hidden: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SameContent:
    """What was found.

    Attributes:
        twins: In the order of the images and of their catalogues, without those that were asked for.
        contents: How many different contents were looked for.
        not_asked: How many of those asked for have no SHA-256, or no content at all.
        images: How many images were looked through.
        left_out: Images, or parts of what they have, that were not, and why.
    """

    twins: tuple[Twin, ...]
    contents: int
    not_asked: int
    images: int
    left_out: tuple[LeftOut, ...]
