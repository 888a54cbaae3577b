"""Making defence kits: what a report cites of images, without anything of their content (issue 6, item 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Entry, Json, utc_text
from evidence.isolation import Child
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_of
from forensics_app.db.tables import REPORT
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case
from forensics_app.model.catalogue import CatalogueError, CatalogueMissingError, Volume
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
from forensics_app.model.report import ReportRequest, Section
from forensics_app.model.report_draft import ReportDraft
from forensics_app.model.retention import Erasable
from forensics_app.services.cases import case_subject, case_with
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.erased import erased_files, erasures_of
from forensics_app.services.examine import Examine
from forensics_app.services.folder import LabFolder
from forensics_app.services.journal import Journal
from forensics_app.services.kit_cited import Citing, InForce, in_force
from forensics_app.services.kit_files import entry_document, facts_document, manifest_document, steps
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

    def make(self, actor: SignedIn, content: ReportRequest, target: Path, draft: ReportDraft | None = None) -> MadeKit:
        """Write the facts that a report cites into a new folder, or nothing at all.

        Names of files that are marked or concealed are left out, and so are notes, labels and titles: the folder can
        be handed over where the evidence cannot.

        Args:
            actor: An examiner or supervisor.
            content: What the report says: which sections it prints, and which lists.
            target: The folder, which must not exist.
            draft: The draft that ``content`` is of. Of one that was issued, findings and chosen files are told as they
                stood at the issue; otherwise as they stand now.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor.
            RefusedError: The folder exists, the case has no image, or the lists are too long.
            LabUnusableError: It cannot be written.
            CatalogueError: A list has no catalogue that can be used, or what is concealed cannot be told without one.
        """
        require(actor, "make a defence kit", Role.EXAMINER, Role.SUPERVISOR)
        if draft is not None and replace(content, sections=content.printed) != replace(
            draft.content, sections=draft.content.printed
        ):
            draft = None
        with self.db.reading() as connection:
            case = case_with(connection, content.case_id)
            record = in_force(connection, content, draft.report_id if draft else None)
            of = _of(connection, draft, content)
        if not record.images:
            raise RefusedError(f"Case {case.number} has no image: there is nothing that could be checked again.")
        kit = self._kit(case, record, content, of, is_issued=draft is not None and draft.report_id is not None)
        files = {FACTS_NAME: facts_document(kit), STEPS_NAME: steps(content.language)}
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
        findings, chosen = len(record.findings), len(record.chosen)
        return MadeKit(
            path=target,
            manifest_sha256=sha256,
            of=kit.of,
            facts=sum(facts_in(kit, image.number) for image in kit.images),
            findings=findings,
            files=chosen,
            listed=len(kit.files) - findings - chosen,
            left_out=sum(one.path is None for one in kit.files),
            remarks=kit.remarks,
        )

    def _kit(self, case: Case, record: InForce, content: ReportRequest, of: str, *, is_issued: bool) -> Kit:
        citing = Citing(self.examine, {image.id: image for image in record.images})
        try:
            listed = tuple(citing.listed(content))
        except CatalogueMissingError as error:
            self._refuse_erased(case, record, content, error)
            raise
        files = (*citing.findings(record.findings), *citing.chosen(record.chosen), *listed)
        with Child() as child:
            libraries: dict[str, str] = child.call("versions", {})
        return Kit(
            made_at=utc_text(self.now()),
            laboratory=self.lab.name,
            case=case.number,
            program=f"{TOOL}, build {build_sha256().hex()}",
            libraries=dict(libraries),
            images=tuple(self._image(image, files) for image in record.images),
            files=files,
            of=of,
            remarks=tuple(_remarks(content, files, is_issued=is_issued)),
        )

    def _refuse_erased(self, case: Case, record: InForce, content: ReportRequest, error: CatalogueMissingError) -> None:
        """Say so where a catalogue that a list is read out of was erased by the record.

        Raises:
            RefusedError: It was.
        """
        with self.db.reading() as connection:
            entries = tuple(entries_of(connection, str(case.id)))
        erased, erasures = erased_files([entries]), erasures_of(entries)
        numbers: dict[UUID, str] = {image.id: image.number for image in record.images}
        for choice in content.lists:
            name = f"cases/{case.id}/{Erasable.CATALOGUES.value}/{choice.image_id}.db"
            by = next((one for one in reversed(erasures) if any(name == file.name for file in one.files)), None)
            if name in erased and by is not None and by.carried_out_at is not None:
                raise RefusedError(
                    f"The catalogue of {numbers.get(choice.image_id, 'an image')}, out of which the list "
                    f"“{choice.title}” is read, was erased on {utc_text(by.carried_out_at)[:10]} by "
                    f"{by.carried_out_by} (erasure {by.number} of {case.number}: {by.authority}).",
                    kept="No kit was made; the record and the issued report are as they were.",
                    then="A kit of the findings and chosen files of the case can be made without the lists: report kit "
                    "without a number. With the lists, where the image is kept, once it has a catalogue again.",
                ) from error

    def _image(self, image: EvidenceImage, files: Sequence[KitFile]) -> KitImage:
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
            archives=any(one.image == image.number and one.volume in members for one in files),
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
            "of": kit.of,
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


def _of(connection: Connection, draft: ReportDraft | None, content: ReportRequest) -> str:
    """Which report a kit is of; titles are not told, as they may name what is hidden."""
    if draft is None:
        is_plain = content == ReportRequest(case_id=content.case_id, zone=content.zone)
        return "the record of the case" if is_plain else "a report that is not recorded"
    number = connection.scalar(select(REPORT.c.number).where(REPORT.c.draft_id == str(draft.id)))
    return f"draft {draft.number}" if number is None else f"report {number}"


def _remarks(content: ReportRequest, files: Sequence[KitFile], *, is_issued: bool) -> Iterator[str]:
    left_out = [
        words
        for section, words in ((Section.FINDINGS, "findings"), (Section.FILES, "chosen files"))
        if section not in content.printed
    ]
    if left_out:
        yield f"The report prints no {' and no '.join(left_out)}: none of the record are in this kit."
    if not (content.lists and Section.LISTS in content.printed):
        yield "No list of files is in this kit, as no list is printed by what it was made of."
    elif is_issued:
        yield (
            "The lists were read again by their filters when this kit was made. Where tags, hash sets or the catalogue "
            "changed after the report was issued, they can hold other files than its annex; compare their digests."
        )
    if not files:
        yield "Nothing is cited of the images: only their digests and volumes can be tested."
