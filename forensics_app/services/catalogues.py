"""Catalogues: building them in child processes, and opening them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from chain_of_custody.ledger import Json
from evidence.attempts import avoid_of
from evidence.errors import EvidenceError, ExaminationChangedError
from evidence.examination import examine_isolated
from evidence.isolation import Child
from forensics_app.db.catalogue import Catalogue
from forensics_app.db.catalogue_seal import Seals
from forensics_app.db.catalogue_unfinished import UnfinishedCatalogue
from forensics_app.db.catalogue_writer import CatalogueBuilding, building_catalogue
from forensics_app.db.engine import Database
from forensics_app.db.tables import IMAGE
from forensics_app.errors import AppError, CancelledError, RefusedError
from forensics_app.model.catalogue import (
    CatalogueChangedError,
    CatalogueHeader,
    CatalogueNotRecordedError,
    CatalogueSummary,
)
from forensics_app.model.filter_language.outside import Outside
from forensics_app.model.filter_language.vocabulary import Vocabulary
from forensics_app.model.image import NO_KEYS, EvidenceImage, ImageId, Keys, OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.logical import opening
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.folder import LabFolder
from forensics_app.services.found_again import Found, Reader
from forensics_app.services.intake import image_with
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.program import TOOL, act_facts
from forensics_app.services.readers import check_source
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.session_keys import SessionKeys
from forensics_app.services.volume_locks import note_unlocked, openings

_SEALS = "committed_sha256"
"""What the digests of an unfinished catalogue are called in the journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogues:
    """Use cases about catalogues. They are derived: one can be thrown away and is built again to the same content."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    journal: Journal
    now: Callable[[], datetime]
    session_keys: SessionKeys = field(default_factory=SessionKeys)
    found: Found = field(default_factory=Found)

    def build(
        self,
        actor: SignedIn,
        image_id: ImageId,
        *,
        with_content: bool = True,
        archives: bool = False,
        keys: Keys = NO_KEYS,
        on_progress: OnProgress = lambda done, total: None,
    ) -> EvidenceImage:
        """Walk every file system of an image in a child process and write its catalogue.

        A building that was cut off or stopped is gone on with, if nothing has changed that decides what is found: the
        image, the program and its libraries, the zone, the keys and what is asked for. The result is the same. Until
        it is complete, the catalogue that was there before can be read.

        Args:
            actor: An examiner.
            image_id: The image.
            with_content: Whether every file is hashed and its type found out.
            archives: Whether what lies in archives is listed too, with ``with_content``; within limits, and the
                catalogue's problems say which were reached.
            keys: Tried on every locked volume, with those that were given since the person signed in; kept nowhere.
                What they unlock is recorded, with the kind of the key. While it is built, the catalogue holds a digest
                of them that is slow to compute.
            on_progress: Units done, units in all, as the examination counts them. What it raises stops the building.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The image's integrity failed and no supervisor has released it (REQ-28); or archives are to be
                opened whose content is not read.
            EvidenceError: The image cannot be read, is another one than was taken in, or the reading process died.
            CatalogueBusyError: Another program builds it.
            CatalogueWriteError: It cannot be written.
        """
        require(actor, "examine an image", Role.EXAMINER)
        if archives and not with_content:
            raise RefusedError("Archives can be opened only where the content of files is read.")
        with self.db.reading() as connection:
            image = image_with(connection, image_id)
            check_authority(case_with(connection, image.case_id), self.now(), self.lab.zone)
        check_examinable(image)
        offered, known = keys, self.session_keys.of(image_id)
        keys = known | offered
        parameters = {"image_id": str(image_id), "with_content": str(int(with_content))}
        parameters["archives"] = str(int(archives))
        with self.journal.running("catalogue", image.number, image.case_id, parameters) as say:
            header = self._header(image, with_content, archives)
            parameters = {"keys": _trace(keys, image), "volumes_digested": str(int(with_content))}
            sealed = self.journal.noted("catalogue", image.case_id, image_id, _SEALS)
            seals = Seals(known=frozenset(" ".join(sealed).split()), keep=lambda told: say.note(_SEALS, " ".join(told)))
            with building_catalogue(self.path(image), header, parameters, seals=seals) as building:
                before = self._examine(building, image, header, keys, on_progress)
                building.index(on_progress)
                digest = building.content_digest(on_progress)
                volumes, summary = building.volumes(), building.summary
                opened = openings(image, volumes, known, offered) if offered else {}
                with self.db.writing() as connection:
                    writer = Writer(connection, self.now())
                    note_unlocked(writer, actor, image, volumes, opened)
                    _record(writer, actor, image, header, summary, digest, configuration_sha256(self.lab, self.folder))
                    built = image_with(connection, image_id)
                    building.publish()  # the last that can fail: it has its name if, and only if, it has its entry
            gone_on = f" It was gone on with after {before:,} entries." if before else ""
            why = building.why_refused
            gone_on = f" It was begun anew: {why}. Nothing of it was used." if why else gone_on
            counted = "1 volume" if summary.volumes == 1 else f"{summary.volumes:,} volumes"
            looked_up = self._look_up(actor, built, on_progress)
            say(f"{image.number}: {summary.entries:,} entries in {counted}.{gone_on}{looked_up}")
        return built

    def _look_up(self, actor: SignedIn, image: EvidenceImage, on_progress: OnProgress) -> str:
        """Look the new catalogue up in the hash sets; why it could not be, if so. The catalogue is there."""
        from forensics_app.services.hash_matching import (  # loaded when it is used: a start would wait
            NOT_LOOKED_UP,
            HashMatching,
        )

        matching = HashMatching(db=self.db, lab=self.lab, folder=self.folder, journal=self.journal, now=self.now)
        try:
            matching.look_up_in(actor, image, lambda done, total: on_progress(image.catalogue_entries or 0, 0))
        except CancelledError:
            return f"{NOT_LOOKED_UP}somebody stopped that. The catalogue is complete."
        except (EvidenceError, AppError, OSError) as error:
            return f"{NOT_LOOKED_UP}{error}."
        return ""

    def path(self, image: EvidenceImage) -> Path:
        """Where the catalogue of ``image`` lies, whether or not it has been built."""
        return self.folder.catalogue(image.case_id, image.id)

    def open(self, image: EvidenceImage) -> Catalogue:
        """Open the catalogue of ``image`` for reading; close it when done.

        It is compared by what it says of itself, which is quick; a verification compares all that it holds.

        Raises:
            CatalogueNotRecordedError: The record tells of another one.
            CatalogueError: There is none, it is being built, or it cannot be used.
        """
        catalogue = self._opened(image)
        with self.db.reading() as connection:
            recorded = image_with(connection, image.id)
        if why_not(catalogue, recorded) is None:
            return catalogue
        catalogue.close()
        with self.db.writing() as connection:  # what is being recorded at this moment is recorded then
            recorded, catalogue = image_with(connection, image.id), self._opened(image)
        if (differs := why_not(catalogue, recorded)) is not None:
            catalogue.close()
            raise CatalogueNotRecordedError(f"The catalogue {catalogue.path} is not that of {image.number}: {differs}")
        return catalogue

    def open_unfinished(self, image: EvidenceImage) -> UnfinishedCatalogue:
        """Open what there is so far of a catalogue that is being built, or whose building was cut off.

        Raises:
            CatalogueError: None is being built, nothing of it can be read yet, or it cannot be used.
        """
        untold = replace(image, catalogue_sha256=None)
        return UnfinishedCatalogue(self.path(image), lambda reader: self._outside(untold, reader))

    def with_outside(self, image: EvidenceImage, reader: Reader, words: Vocabulary) -> Vocabulary:
        """What filters of an image can speak of, with its tags and hash sets.

        Raises:
            MatchesError: What was found in the hash sets cannot be read.
        """
        from forensics_app.services.outside_terms import with_outside

        return with_outside(words, self.db, self.folder.matches(image.case_id, image.id), image, (reader, self.found))

    def _opened(self, image: EvidenceImage) -> Catalogue:
        return Catalogue(self.path(image), lambda reader: self._outside(image, reader))

    def _outside(self, image: EvidenceImage, reader: Catalogue) -> Outside:
        from forensics_app.services.outside_terms import answers  # loaded when it is used: a start would wait

        return answers(self.db, self.folder.matches(image.case_id, image.id), image, reader, self.found)

    def _header(self, image: EvidenceImage, with_content: bool, archives: bool) -> CatalogueHeader:
        """What a catalogue that is begun now says of itself; the image is looked at whether it is the right one."""
        with Child() as child:
            check_source(image, child.call("describe", opening(image.source)))
            libraries: Mapping[str, str] = child.call("versions", {})
        return CatalogueHeader(
            created_at=self.now(),
            program=TOOL,
            libraries=libraries,
            image_digests=image.digests,
            zone=self.lab.zone,
            content_examined=with_content,
            archives_opened=archives,
        )

    def _examine(
        self,
        building: CatalogueBuilding,
        image: EvidenceImage,
        header: CatalogueHeader,
        keys: Keys,
        on_progress: OnProgress,
    ) -> int:
        """Take all that is found; how many entries were there already and stayed."""
        before = building.entries
        try:
            self._take(building, image, header, keys, on_progress)
        except (CatalogueChangedError, ExaminationChangedError):
            building.begin_anew()
            self._take(building, image, header, keys, on_progress)
            return 0
        return before

    def _take(
        self,
        building: CatalogueBuilding,
        image: EvidenceImage,
        header: CatalogueHeader,
        keys: Keys,
        on_progress: OnProgress,
    ) -> None:
        if building.is_walked:
            return
        found = examine_isolated(
            **opening(image.source),
            hash_files=header.content_examined,
            hash_volumes=header.content_examined,
            archives=header.archives_opened,
            zone=self.lab.zone,
            keys=keys,
            on_progress=on_progress,
            avoid=avoid_of(building.left_out, building.done_batches),
            on_avoid=lambda avoid: building.leave_out(avoid.text()),
        )
        with closing(found):
            building.take(found)


def why_not(catalogue: Catalogue, recorded: EvidenceImage) -> str | None:
    """Why a catalogue is not the one that the record tells of; None where it is."""
    told = catalogue.header.image_digests
    if any(told.get(name, digest) != digest for name, digest in recorded.digests.items()):
        return "it was made of a media with other digests."
    if recorded.catalogue_sha256 is None:
        return "no entry tells that one was built."
    sha256 = recorded.catalogue_sha256.hex()
    if catalogue.told_sha256 not in (None, sha256):
        return f"it says that its content has the SHA-256 {catalogue.told_sha256}, recorded is {sha256}."
    return None


def _record(
    writer: Writer,
    actor: SignedIn,
    image: EvidenceImage,
    header: CatalogueHeader,
    summary: CatalogueSummary,
    digest: bytes,
    configuration: bytes,
) -> None:
    writer.update(IMAGE, image.id, {"catalogue_sha256": digest.hex(), "catalogue_entries": summary.entries})
    subject = exhibit_subject(exhibit_with(writer.connection, image.exhibit_id))
    facts: dict[str, Json] = {
        "image": image.number,
        "entries": summary.entries,
        "volumes": summary.volumes,
        "problems": summary.problems,
        "with_content": header.content_examined,
        "archives": header.archives_opened,
        "catalogue_sha256": digest.hex(),
        **act_facts(
            {
                "with_content": header.content_examined,
                "archives": header.archives_opened,
                "zone": header.zone,
                "libraries": dict(header.libraries),
            },
            configuration=configuration,
            inputs={image.number: image.digests["sha256"].hex()},
            outputs={"catalogue": digest.hex()},
        ),
    }
    chain = case_chain(case_with(writer.connection, image.case_id))
    writer.append(chain, "image.catalogue", subject, facts, [("actor", actor)])


def _trace(keys: Keys, image: EvidenceImage) -> str:
    """What shows that the same keys were given again, and is as slow to guess them by as the volumes themselves."""
    if not keys:
        return ""
    words = [*keys.passwords, "", *keys.recovery_keys, "", *(key.hex() for key in keys.startup_keys)]
    salt = f"catalogue of {image.id}".encode()
    return hashlib.scrypt(json.dumps(words).encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=16).hex()


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
