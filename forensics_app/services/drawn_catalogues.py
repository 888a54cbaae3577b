"""What a report prints out of catalogues and of the timeline, held against what the record tells of them (REQ-64).

How they stand on this computer, and the figure, are frozen with a submission; that is quick. Whoever submits, approves
or issues has their whole content compared first. A catalogue that is not here is no hindrance: the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from forensics_app.db.catalogue import Catalogue
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about_with
from forensics_app.db.timeline_file import TimelineFile
from forensics_app.errors import RefusedError
from forensics_app.model.catalogue import CatalogueError, CatalogueMissingError, CatalogueUnfinishedError
from forensics_app.model.dossier import TimelineFigure
from forensics_app.model.image import EvidenceImage, ImageId, OnProgress
from forensics_app.model.report import ReportRequest, Section
from forensics_app.model.report_draft import ReportDraft
from forensics_app.model.timeline import TimelineError, TimelineSource
from forensics_app.services.catalogue_checks import Digested, check_catalogues
from forensics_app.services.catalogues import why_not
from forensics_app.services.dossier_timeline import figure_of
from forensics_app.services.folder import LabFolder
from forensics_app.services.intake import images_of
from forensics_app.services.stages import WHOLE, stage
from forensics_app.services.timeline_reading import TimelineReader, sources_of

HERE, ABSENT, UNUSABLE = "as recorded", "not here", "cannot be used"
Rows = Sequence[Mapping[str, Any]]


def catalogue_rows(folder: LabFolder, images: Sequence[EvidenceImage]) -> Iterator[Rows]:
    """How the catalogue of each image stands on this computer by what it says of itself; first those to be used."""
    rows = [{"image": str(image.id), "catalogue": _hex(image), "state": _state(folder, image)} for image in images]
    yield [row for row in rows if row["state"] == HERE]
    yield [row for row in rows if row["state"] != HERE]


def timeline_rows(folder: LabFolder, images: Sequence[EvidenceImage], zone: str) -> Iterator[Rows]:
    """The figure that is printed of the timeline of a case, counted by the calendar of ``zone``; nothing without."""
    figure = _kept_figure(folder, images, zone) if images else None
    yield [] if figure is None else [_row(figure)]


@dataclass(frozen=True, slots=True)
class Compared:
    """What of the files that a report prints from is not what the record tells of, a sentence each."""

    content: ReportRequest
    found: tuple[str, ...]

    def refuse(self, _: object, draft: ReportDraft) -> None:
        """Let nobody sign for a draft that would print something else than the record tells of.

        Raises:
            RefusedError: Something differs, or the draft was changed while the files were compared.
        """
        if self.found:
            raise RefusedError(
                f"What {draft.label} prints from is not what the record tells of. {' '.join(self.found)}",
                then="Build the catalogue of the image again, then make the timeline again. Verify the lab to see what "
                "else differs.",
            )
        if draft.content != self.content:
            raise RefusedError("The draft was changed while the catalogues were compared.", then="Look at it again.")


def compared(
    db: Database,
    folder: LabFolder,
    content: ReportRequest,
    *,
    digested: Digested | None = None,
    on_progress: OnProgress = lambda done, total: None,
) -> Compared:
    """Compare all that lies in the catalogues of a case with the record, and the timeline with the catalogues.

    It reads them whole, and makes a timeline that is printed once more.

    Args:
        db: The record.
        folder: Where the catalogues and the timeline lie.
        content: What its author chose.
        digested: What the same act has read of catalogues already; what was written since is read again.
        on_progress: How much of a thousand is done. What it raises stops it; nothing is left then.
    """
    digests = stage(on_progress, 0, WHOLE // 2)
    with db.reading() as connection:
        checks = check_catalogues(connection, folder, content.case_id, digested=digested, on_progress=digests)
        found = tuple(checks.findings)
        images = images_of(connection, content.case_id)
        zones = {image.id: _zone(connection, image) for image in images}
    if not found and Section.TIMELINE in content.printed:
        found = tuple(_of_timeline(folder, images, zones, content.zone, stage(on_progress, WHOLE // 2, WHOLE)))
    on_progress(WHOLE, WHOLE)
    return Compared(content, found)


def _of_timeline(
    folder: LabFolder,
    images: Sequence[EvidenceImage],
    zones: Mapping[ImageId, str],
    zone: str,
    on_progress: OnProgress,
) -> Iterator[str]:
    kept = _kept_figure(folder, images, zone) if images else None
    if kept is None:
        return
    path = folder.scratch / f"{uuid4()}.events"
    try:
        if _made_anew(folder, path, images, zones, zone, on_progress) != kept:
            yield "The figure of the timeline is not what the catalogues give: the timeline is not as it was made."
    except (TimelineError, CatalogueError) as error:
        yield f"The timeline cannot be compared with the catalogues: {error}"
    finally:
        path.unlink(missing_ok=True)


def _made_anew(
    folder: LabFolder,
    path: Path,
    images: Sequence[EvidenceImage],
    zones: Mapping[ImageId, str],
    zone: str,
    on_progress: OnProgress,
) -> TimelineFigure | None:
    from forensics_app.db.timeline_writer import write_timeline  # loaded when it is used

    sources = []
    with ExitStack() as stack:
        for image in _of_timelines(folder, images):
            catalogue = stack.enter_context(Catalogue(folder.catalogue(image.case_id, image.id)))
            own = zones[image.id] or catalogue.header.zone
            source = TimelineSource(
                image_id=image.id, path=catalogue.path, catalogue_sha256=_hex(image) or "", zone=own
            )
            sources.append(source)
        write_timeline(path, sources, on_progress)
    with TimelineFile(path) as file:
        return _counted(file, folder, images, zone)


def _kept_figure(folder: LabFolder, images: Sequence[EvidenceImage], zone: str) -> TimelineFigure | None:
    """The figure of the timeline that was made; None where there is none of these catalogues, or it cannot be used."""
    try:
        with TimelineFile(folder.timeline(images[0].case_id)) as file:
            return _counted(file, folder, images, zone)
    except TimelineError:
        return None


def _counted(
    file: TimelineFile, folder: LabFolder, images: Sequence[EvidenceImage], zone: str
) -> TimelineFigure | None:
    usable = {image.id: image for image in _of_timelines(folder, images)}
    made = sources_of(file)
    if made != {image.id: _hex(image) for image in usable.values()}:
        return None
    return figure_of(TimelineReader(file, tuple(usable[ImageId(one)] for one in made), ()), zone)


def _of_timelines(folder: LabFolder, images: Sequence[EvidenceImage]) -> list[EvidenceImage]:
    return [image for image in images if image.may_be_examined and _state(folder, image) == HERE]


def _state(folder: LabFolder, image: EvidenceImage) -> str:
    try:
        with Catalogue(folder.catalogue(image.case_id, image.id)) as catalogue:
            return HERE if why_not(catalogue, image) is None else UNUSABLE
    except (CatalogueMissingError, CatalogueUnfinishedError):
        return ABSENT
    except CatalogueError:
        return UNUSABLE


def _zone(connection: Connection, image: EvidenceImage) -> str:
    """By which zone the newest entry about a catalogue says that it was built; empty where none says it."""
    for entry in entries_about_with(connection, str(image.exhibit_id), "image.catalogue"):
        facts = entry.content.facts
        if facts.get("image") == image.number:
            parameters = facts.get("parameters")
            return str(parameters.get("zone") or "") if isinstance(parameters, dict) else ""
    return ""


def _hex(image: EvidenceImage) -> str | None:
    return None if image.catalogue_sha256 is None else image.catalogue_sha256.hex()


def _row(figure: TimelineFigure) -> Mapping[str, Any]:
    return {
        "zone": figure.zone,
        "unit": figure.unit,
        "total": figure.total,
        "images": list(figure.images),
        "left_out": [str(words) for words in figure.left_out],
        "bars": [[bar.begin.isoformat(), bar.count] for bar in figure.bars],
    }
