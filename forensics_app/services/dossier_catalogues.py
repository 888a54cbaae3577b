"""What the catalogues of images tell a report: volumes and problems, or why nothing is known of them here."""

from __future__ import annotations

from dataclasses import dataclass

from forensics_app.model.catalogue import (
    CatalogueError,
    CatalogueMissingError,
    CatalogueUnfinishedError,
    Problem,
    Volume,
)
from forensics_app.model.image import EvidenceImage
from forensics_app.model.retold import retold
from forensics_app.model.told import Told
from forensics_app.services.catalogues import Catalogues


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogued:
    """What a catalogue tells.

    Attributes:
        volumes: Of the image; None where its catalogue was not read.
        problems: What its building met, a sentence each.
        why_not: A sentence why it was not read; empty where it was.
    """

    volumes: tuple[Volume, ...] | None = None
    problems: tuple[str, ...] = ()
    why_not: str = ""


def catalogued(catalogues: Catalogues, image: EvidenceImage) -> Catalogued:
    """Read the catalogue of an image. That it was never built, is elsewhere or cannot be used are three answers."""
    try:
        with catalogues.open(image) as catalogue:
            problems = tuple(problem_told(problem) for problem in catalogue.problems())
            return Catalogued(volumes=tuple(catalogue.volumes()), problems=problems)
    except (CatalogueMissingError, CatalogueUnfinishedError):
        return Catalogued(why_not=_absent(image))
    except CatalogueError as error:
        why = Told("Partition table, volumes and file systems are not reported: the catalogue cannot be used.")
        return Catalogued(problems=(f"catalogue: {error}",), why_not=why)


def problem_told(problem: Problem) -> str:
    """Where, and what; in the language of the report where the program knows its own sentence."""
    return Told("{label}: {value}", label=problem.where, value=retold(problem.what))


def _absent(image: EvidenceImage) -> str:
    if image.catalogue_sha256 is None:
        return Told("Partition table, volumes and file systems were not examined: no catalogue was built.")
    return Told(
        "Partition table, volumes and file systems are not reported: the catalogue that was recorded with the SHA-256 "
        "{sha256} of its content is not on this computer.",
        sha256=image.catalogue_sha256.hex(),
    )
