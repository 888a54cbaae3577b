"""Catalogues: building them in child processes, and opening them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from chain_of_custody.ledger import Json
from evidence.examination import examine_isolated
from evidence.isolation import Child
from forensics_app import __version__
from forensics_app.db.catalogue import Catalogue, content_digest
from forensics_app.db.catalogue_writer import write_catalogue
from forensics_app.db.engine import Database
from forensics_app.db.tables import IMAGE
from forensics_app.errors import RefusedError
from forensics_app.model.catalogue import CatalogueHeader, CatalogueSummary
from forensics_app.model.image import NO_KEYS, EvidenceImage, ImageId, Keys, OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.folder import LabFolder
from forensics_app.services.intake import image_with
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.readers import check_source
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.session_keys import SessionKeys
from forensics_app.services.volume_locks import note_unlocked, openings


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogues:
    """Use cases about catalogues. They are derived: one can be thrown away and is built again to the same content."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    journal: Journal
    now: Callable[[], datetime]
    session_keys: SessionKeys = field(default_factory=SessionKeys)

    def build(
        self,
        actor: SignedIn,
        image_id: ImageId,
        *,
        with_content: bool = True,
        keys: Keys = NO_KEYS,
        on_progress: OnProgress = lambda done, total: None,
    ) -> EvidenceImage:
        """Walk every file system of an image in a child process and write its catalogue.

        Args:
            actor: An examiner.
            image_id: The image.
            with_content: Whether every file is hashed and its type found out.
            keys: Tried on every locked volume, with those that were given since the person signed in; kept nowhere.
                What they unlock is recorded, with the kind of the key.
            on_progress: Units done, units in all, as the examination counts them. What it raises stops the building.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The image's integrity failed and no supervisor has released it (REQ-28).
            EvidenceError: The image cannot be read, is another one than was taken in, or the reading process died; no
                catalogue was kept.
            CatalogueWriteError: It cannot be written.
        """
        require(actor, "examine an image", Role.EXAMINER)
        with self.db.reading() as connection:
            image = image_with(connection, image_id)
            check_authority(case_with(connection, image.case_id), self.now(), self.lab.zone)
        check_examinable(image)
        offered, known = keys, self.session_keys.of(image_id)
        keys = known | offered
        parameters = {"image_id": str(image_id), "with_content": str(int(with_content))}
        with self.journal.running("catalogue", image.number, image.case_id, parameters) as say:
            path = self.path(image)
            summary = self._write(path, image, with_content, keys, on_progress)
            digest = content_digest(path)
            with self.open(image) as catalogue:
                volumes = catalogue.volumes()
            opened = openings(image, volumes, known, offered) if offered else {}
            with self.db.writing() as connection:
                writer = Writer(connection, self.now())
                note_unlocked(writer, actor, image, volumes, opened)
                writer.update(IMAGE, image_id, {"catalogue_sha256": digest.hex(), "catalogue_entries": summary.entries})
                case = case_with(connection, image.case_id)
                subject = exhibit_subject(exhibit_with(connection, image.exhibit_id))
                facts: dict[str, Json] = {
                    "image": image.number,
                    "entries": summary.entries,
                    "volumes": summary.volumes,
                    "problems": summary.problems,
                    "with_content": with_content,
                    "catalogue_sha256": digest.hex(),
                    "tool": f"forensics-app {__version__}",
                }
                writer.append(case_chain(case), "image.catalogue", subject, facts, [("actor", actor)])
                built = image_with(connection, image_id)
            say(f"{image.number}: {summary.entries:,} entries in {summary.volumes} volumes.")
        return built

    def path(self, image: EvidenceImage) -> Path:
        """Where the catalogue of ``image`` lies, whether or not it has been built."""
        return self.folder.catalogue(image.case_id, image.id)

    def open(self, image: EvidenceImage) -> Catalogue:
        """Open the catalogue of ``image`` for reading; close it when done.

        Raises:
            CatalogueError: There is none, it is being built, or it cannot be used.
        """
        return Catalogue(self.path(image))

    def _write(
        self, path: Path, image: EvidenceImage, with_content: bool, keys: Keys, on_progress: OnProgress
    ) -> CatalogueSummary:
        with Child() as child:
            check_source(image, child.call("describe", {"paths": image.source.paths}))
            libraries: Mapping[str, str] = child.call("versions", {})
        header = CatalogueHeader(
            created_at=self.now(),
            program=f"forensics-app {__version__}",
            libraries=libraries,
            image_digests=image.digests,
            zone=self.lab.zone,
            content_examined=with_content,
        )
        found = examine_isolated(
            image.source.paths,
            hash_files=with_content,
            hash_volumes=with_content,
            zone=self.lab.zone,
            keys=keys,
            on_progress=on_progress,
        )
        with closing(found):
            return write_catalogue(path, found, header)


def check_examinable(image: EvidenceImage) -> None:
    """Refuse the examination of an image that waits for a supervisor or was quarantined (REQ-28).

    Raises:
        RefusedError: It may not be examined.
    """
    if not image.may_be_examined:
        raise RefusedError(
            f"{image.number} may not be examined: {image.integrity}.",
            then="A supervisor decides about it on the Review page or with 'intake --decide'.",
        )
