"""Making defence kits: what a report cites of images, without anything of their content (issue 6, item 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from chain_of_custody.ledger import Entry, Json, utc_text
from evidence.isolation import Child
from forensics_app.db.engine import Database
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.catalogue import CatalogueError, Volume
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage, not_read
from forensics_app.model.kit import (
    ENTRY_NAME,
    FACTS_NAME,
    MANIFEST_NAME,
    STEPS_NAME,
    Kit,
    KitFile,
    KitImage,
    KitVolume,
    MadeKit,
)
from forensics_app.model.lab import LabInfo
from forensics_app.model.logical import is_archive_file, is_members
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_subject, case_with
from forensics_app.services.chosen import chosen_files
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.examine import Examine
from forensics_app.services.folder import LabFolder
from forensics_app.services.hidden_names import HiddenNames
from forensics_app.services.intake import images_of
from forensics_app.services.journal import Journal
from forensics_app.services.kit_files import STEPS, entry_document, facts_document, manifest_document
from forensics_app.services.permissions import require
from forensics_app.services.program import TOOL, act_facts, build_sha256
from forensics_app.services.rechecking import facts_in
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.unfinished import KIT_KIND
from forensics_app.services.whole_folder import Write, remove_unrecorded, write_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Kits:
    """Use cases about defence kits; an entry of the case chain signs for the manifest of each."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    examine: Examine
    journal: Journal
    now: Callable[[], datetime]

    def make(self, actor: SignedIn, case_id: CaseId, target: Path) -> MadeKit:
        """Write the facts that a report of the case cites into a new folder, or nothing at all.

        Names of files that are marked or concealed are left out, and so are notes, labels and titles: the folder can
        be handed over where the evidence cannot.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor.
            RefusedError: The folder exists, or the case has no image.
            LabUnusableError: It cannot be written.
            CatalogueError: What is concealed cannot be told, as a catalogue cannot be used.
        """
        require(actor, "make a defence kit", Role.EXAMINER, Role.SUPERVISOR)
        with self.db.reading() as connection:
            case = case_with(connection, case_id)
            images, chosen = images_of(connection, case_id), chosen_files(connection, case_id)
        if not images:
            raise RefusedError(f"Case {case.number} has no image: there is nothing that could be checked again.")
        kit = self._kit(case, images, chosen)
        files = {FACTS_NAME: facts_document(kit), STEPS_NAME: STEPS.encode("ascii")}
        manifest = manifest_document(files)
        sha256 = hashlib.sha256(manifest).digest()
        is_written = False
        parameters = {"target": str(target.absolute())}
        try:
            with self.journal.running(KIT_KIND, case.number, case.id, parameters), self.db.writing() as connection:
                entry = self._record(Writer(connection, self.now()), actor, case, kit, sha256)
                signed = entry_document(entry, [actor.person.public_key])
                contents = {**files, MANIFEST_NAME: manifest, ENTRY_NAME: signed}
                write_folder(target, {name: _writing(content) for name, content in contents.items()})
                is_written = True
        except BaseException as error:
            remove_unrecorded(target if is_written else None, error)
            raise
        return MadeKit(
            path=target,
            manifest_sha256=sha256,
            facts=sum(facts_in(kit, image.number) for image in kit.images),
            left_out=sum(one.path is None for one in kit.files),
        )

    def _kit(self, case: Case, images: Sequence[EvidenceImage], chosen: Sequence[ChosenFile]) -> Kit:
        numbers = {image.id: image.number for image in images}
        hidden = {one.id for image in images for one in self._hidden(image, chosen)}
        with Child() as child:
            libraries: dict[str, str] = child.call("versions", {})
        return Kit(
            made_at=utc_text(self.now()),
            laboratory=self.lab.name,
            case=case.number,
            program=f"{TOOL}, build {build_sha256().hex()}",
            libraries=dict(libraries),
            images=tuple(self._image(image, chosen) for image in images),
            files=tuple(
                _file(f"F-{place}", one, numbers[one.image_id], is_hidden=one.id in hidden)
                for place, one in enumerate(chosen, 1)
            ),
        )

    def _hidden(self, image: EvidenceImage, chosen: Sequence[ChosenFile]) -> Iterator[ChosenFile]:
        """What of an image is marked or concealed, or may be, with copies and streams of it and what lies in it."""
        mine = [one for one in chosen if one.image_id == image.id]
        concealed = self.examine.concealing.why(image, mine, also_seen=True)
        hidden = self._hidden_names(image)
        for one in mine:
            is_same = hidden.hold(one.volume_id, one.address, one.path, one.sha256)
            if is_same or (one.volume_id, one.address) in concealed:
                yield one

    def _hidden_names(self, image: EvidenceImage) -> HiddenNames:
        try:
            with self.examine.catalogues.open(image) as catalogue:
                return HiddenNames(self.examine, image, catalogue)
        except CatalogueError:
            return HiddenNames(self.examine, image, None)

    def _image(self, image: EvidenceImage, chosen: Sequence[ChosenFile]) -> KitImage:
        volumes: tuple[Volume, ...] = ()
        try:
            with self.examine.catalogues.open(image) as catalogue:
                volumes = tuple(catalogue.volumes())
        except CatalogueError:
            pass  # hashed and not catalogued: the facts are those of the media
        members = {volume.id for volume in volumes if is_members(volume)}
        return KitImage(
            number=image.number,
            container=image.source.container,
            logical=is_archive_file(image.source),
            archives=any(one.image_id == image.id and one.volume_id in members for one in chosen),
            media_bytes=image.source.media_bytes,
            digests={name: value.hex() for name, value in image.digests.items()},
            unreadable_bytes=sum(
                region.length_bytes for region in (*image.unreadable, *not_read(image.source.problems))
            ),
            volumes=tuple(_volume(volume) for volume in volumes if volume.id not in members),
        )

    def _record(self, writer: Writer, actor: SignedIn, case: Case, kit: Kit, sha256: bytes) -> Entry:
        facts: dict[str, Json] = {
            "manifest_sha256": sha256.hex(),
            "images": [one.number for one in kit.images],
            "files": len(kit.files),
            "names_left_out": sum(one.path is None for one in kit.files),
            **act_facts(
                {},
                configuration=configuration_sha256(self.lab, self.folder),
                inputs={},
                outputs={MANIFEST_NAME: sha256.hex()},
            ),
        }
        return writer.append(case_chain(case), "report.kit", case_subject(case), facts, [("actor", actor)])


def _writing(content: bytes) -> Write:
    def write(target: BinaryIO) -> None:
        target.write(content)

    return write


def _volume(volume: Volume) -> KitVolume:
    return KitVolume(
        id=volume.id,
        parent=volume.parent,
        kind=volume.kind,
        start_bytes=volume.start_bytes,
        length_bytes=volume.length_bytes,
        encryption=volume.encryption,
        locked=volume.locked,
        file_system=volume.file_system.type if volume.file_system else None,
    )


def _file(reference: str, one: ChosenFile, image: str, *, is_hidden: bool) -> KitFile:
    return KitFile(
        reference=reference,
        image=image,
        volume=one.volume_id,
        address=one.address,
        path=None if is_hidden else one.path,
        size_bytes=one.size_bytes,
        state=one.state,
        md5=one.md5.hex() if one.md5 else None,
        sha256=one.sha256.hex() if one.sha256 else None,
        times=dict(one.times),
    )
