"""Making the timeline of a case, opening it, and writing it to a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.timeline_file import TimelineFile
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.catalogue import CatalogueError, CatalogueMissingError
from forensics_app.model.image import EvidenceImage, ImageId, OnProgress
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.timeline import (
    LeftOut,
    TimelineError,
    TimelineExport,
    TimelineForm,
    TimelineMissingError,
    TimelineQuery,
    TimelineSource,
    TimelineState,
)
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.catalogues import Catalogues
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.folder import kept_only_if_recorded, write_whole
from forensics_app.services.intake import images_of
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.timeline_checks import MADE
from forensics_app.services.timeline_reading import TimelineReader, sources_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from forensics_app.services.timeline_forms import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Timelines:
    """Use cases of timelines. A timeline is derived from the catalogues of a case and can be made again."""

    catalogues: Catalogues

    def state(self, case_id: CaseId) -> TimelineState:
        """Which images a timeline of a case tells of, which not, and whether it is made."""
        images, left_out = self._images(case_id)
        try:
            with TimelineFile(self.path(case_id)) as file:
                made, beyond = sources_of(file), file.beyond
        except TimelineError:
            made, beyond = None, None
        wanted = {image.id: (image.catalogue_sha256 or b"").hex() for image in images}
        is_made = made == wanted
        counted = sum(beyond) if is_made and beyond is not None else None
        return TimelineState(images=images, left_out=left_out, is_made=is_made, beyond=counted)

    def make(
        self, actor: SignedIn, case_id: CaseId, on_progress: OnProgress = lambda done, total: None
    ) -> TimelineState:
        """Gather the times of all catalogued images of a case in their order, and record the SHA-256 of the events.

        Args:
            actor: An examiner.
            case_id: The case.
            on_progress: Entries done, entries in all. What it raises stops it; a timeline from before stays.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: No image of the case has a catalogue that can be used.
            TimelineError: A catalogue cannot be read, or the timeline not be written.
        """
        from forensics_app.db.timeline_digest import timeline_digest  # loaded when it is used
        from forensics_app.db.timeline_writer import making, write_timeline

        require(actor, "make a timeline", Role.EXAMINER)
        images, left_out = self._images(case_id)
        if not images:
            raise RefusedError(
                "No image of this case has a catalogue that can be used.", then="Build the catalogue of an image first."
            )
        with self.catalogues.db.reading() as connection:
            case = case_with(connection, case_id)
        with self.catalogues.journal.running("timeline", case.number, case_id, {"case_id": str(case_id)}) as say:
            path = self.path(case_id)
            with making(path), ExitStack() as stack:
                opened = [stack.enter_context(self.catalogues.open(image)) for image in images]
                sources = [
                    TimelineSource(
                        image_id=image.id,
                        path=catalogue.path,
                        catalogue_sha256=(image.catalogue_sha256 or b"").hex(),
                        zone=catalogue.header.zone,
                    )
                    for image, catalogue in zip(images, opened, strict=True)
                ]
                beyond = sum(write_timeline(path, sources, on_progress).beyond)
                sha256, events = timeline_digest(path)
                self._record_made(actor, case, sources, images, sha256, (events, beyond))
            of = "1 image" if len(images) == 1 else f"{len(images)} images"
            say(f"The timeline of {of}: {events:,} events.")
        return TimelineState(images=images, left_out=left_out, is_made=True, beyond=beyond)

    def open(self, case_id: CaseId) -> TimelineReader:
        """Open the timeline of a case for reading; close it when done.

        Raises:
            TimelineMissingError: None was made of the catalogues that there are now.
            TimelineError: It cannot be used.
            CatalogueError: A catalogue cannot be used.
        """
        images = {image.id: image for image in self._images(case_id)[0]}
        file = TimelineFile(self.path(case_id))
        opened = ExitStack()
        with opened:
            opened.callback(file.close)
            made = sources_of(file)
            if made != {image.id: (image.catalogue_sha256 or b"").hex() for image in images.values()}:
                raise TimelineMissingError("The catalogues of this case are others than when its timeline was made.")
            ordered = tuple(images[ImageId(one)] for one in made)
            catalogues = []
            for image in ordered:
                catalogues.append(self.catalogues.open(image))
                opened.callback(catalogues[-1].close)
            opened.pop_all()
        return TimelineReader(file, ordered, tuple(catalogues))

    def export(
        self,
        actor: SignedIn,
        case_id: CaseId,
        query: TimelineQuery,
        target: Path,
        form: TimelineForm,
        zone: tzinfo,
        *,
        told: str = "",
        on_progress: OnProgress = lambda done, total: None,
    ) -> TimelineExport:
        """Write events to a file, read it back, and record its SHA-256.

        Args:
            actor: An examiner.
            case_id: The case; its timeline is made.
            query: Which events.
            target: Where the person wants it; must not exist yet.
            form: A body file, whose lines are entries with their times, or CSV, whose lines are events.
            zone: The zone of the times in CSV; a body file is in UTC.
            told: The filter as it was written, for the record.
            on_progress: Events done, events in all. What it raises stops it; no part of the file is left.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The target exists, or the case has no authority in force.
            TimelineError: The timeline is not there, or cannot be read.
            LabUnusableError: The target cannot be written.
        """
        from forensics_app.services.timeline_forms import written  # loaded when it is used

        require(actor, "export a timeline", Role.EXAMINER)
        if target.exists():
            raise RefusedError(f"{target} already exists.", then="Choose another name; nothing is ever overwritten.")
        with self.catalogues.db.reading() as connection:
            case = case_with(connection, case_id)
            check_authority(case, self.catalogues.now(), self.catalogues.lab.zone)
        with self.open(case_id) as reader:
            pieces = written(reader, query, form, zone, on_progress)
            sha256 = write_whole(target, pieces)
            with kept_only_if_recorded(target):
                _read_back(target, sha256)
                images = [one for one in reader.images if not query.images or one.id in query.images]
                self._record(actor, case, images, query, target, sha256, pieces, {"filter": told, "zone": str(zone)})
        return TimelineExport(
            target=target, form=form, lines=pieces.lines, size_bytes=target.stat().st_size, sha256=sha256,
            remarks=pieces.remarks(),
        )  # fmt: skip

    def path(self, case_id: CaseId) -> Path:
        """Where the timeline of a case lies, whether or not it was made."""
        return self.catalogues.folder.timeline(case_id)

    def _record_made(
        self,
        actor: SignedIn,
        case: Case,
        sources: Sequence[TimelineSource],
        images: Sequence[EvidenceImage],
        sha256: bytes,
        counts: tuple[int, int],
    ) -> None:
        asked: dict[str, Json] = {
            "images": [image.number for image in images],
            "zones": {image.number: source.zone for image, source in zip(images, sources, strict=True)},
        }
        facts: dict[str, Json] = {
            **asked, "timeline_sha256": sha256.hex(), "events": counts[0],
            "entries_with_times_beyond": counts[1],
            **act_facts(
                asked,
                configuration=configuration_sha256(self.catalogues.lab, self.catalogues.folder),
                inputs={
                    f"catalogue of {image.number}": source.catalogue_sha256
                    for image, source in zip(images, sources, strict=True)
                },
                outputs={"timeline": sha256.hex()},
            ),
        }  # fmt: skip
        self._append(actor, case, MADE, facts)

    def _append(self, actor: SignedIn, case: Case, action: str, facts: dict[str, Json]) -> None:
        with self.catalogues.db.writing() as connection:
            subject = Subject(kind="case", id=str(case.id), label=case.number)
            Writer(connection, self.catalogues.now()).append(
                case_chain(case), action, subject, facts, [("actor", actor)]
            )

    def _record(
        self,
        actor: SignedIn,
        case: Case,
        images: list[EvidenceImage],
        query: TimelineQuery,
        target: Path,
        sha256: bytes,
        pieces: Written,
        more: dict[str, Json],
    ) -> None:
        asked: dict[str, Json] = {
            "form": pieces.form.value,
            "images": [image.number for image in images],
            "times": list(query.fields),
            "from_ns": None if query.from_ns is None else str(query.from_ns),
            "before_ns": None if query.before_ns is None else str(query.before_ns),
            **{name: storable(str(value)) for name, value in more.items()},
        }
        facts: dict[str, Json] = {
            **asked, "target": storable(target.name), "sha256": sha256.hex(),
            "size_bytes": target.stat().st_size, "lines": pieces.lines,
            **act_facts(
                asked,
                configuration=configuration_sha256(self.catalogues.lab, self.catalogues.folder),
                inputs={f"catalogue of {image.number}": (image.catalogue_sha256 or b"").hex() for image in images},
                outputs={target.name: sha256.hex()},
            ),
        }  # fmt: skip
        self._append(actor, case, "timeline.export", facts)

    def _images(self, case_id: CaseId) -> tuple[tuple[EvidenceImage, ...], tuple[LeftOut, ...]]:
        """The images of a case that a timeline tells of, and the others."""
        used: list[EvidenceImage] = []
        left_out: list[LeftOut] = []
        with self.catalogues.db.reading() as connection:
            images = images_of(connection, case_id)
        for image in images:
            why = self._why_not(image)
            if why:
                left_out.append(LeftOut(number=image.number, why=why))
            else:
                used.append(image)
        return tuple(used), tuple(left_out)

    def _why_not(self, image: EvidenceImage) -> str:
        if not image.may_be_examined:
            return f"It may not be examined: {image.integrity}."
        try:
            self.catalogues.open(image).close()
        except CatalogueMissingError:
            return "There is no catalogue of it yet."
        except CatalogueError as error:
            return str(error)
        return ""


def _read_back(target: Path, written: bytes) -> None:
    import hashlib

    with target.open("rb") as file:
        if hashlib.file_digest(file, "sha256").digest() != written:
            raise RefusedError(
                f"{target.name} does not read as it was written.", then="Check the disk; write it again."
            )
