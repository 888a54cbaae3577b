"""Listing a volume once more by a second reader, and keeping what it says differently."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from chain_of_custody.ledger import Json
from evidence.isolation import Child
from evidence.second_reader.task import entry_of
from forensics_app.db.ledger import entries_about
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.catalogue import Volume
from forensics_app.model.image import EvidenceImage, ImageId, OnProgress
from forensics_app.model.logical import opening
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.second_reading import READ_TWICE, DifferingLine, SecondReading
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.catalogues import Catalogues, check_examinable
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.folder import content_of, write_whole
from forensics_app.services.intake import image_with
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.readers import check_source
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.second_comparing import Comparing

if TYPE_CHECKING:
    from forensics_app.services.examine import Examine

COMPARE, DIFFERENCES = "volume.compare", "differences"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReadings:
    """Use cases of the second reader."""

    examine: Examine

    @property
    def catalogues(self) -> Catalogues:
        """The catalogues that are compared with."""
        return self.examine.catalogues

    def compare(
        self,
        actor: SignedIn,
        image_id: ImageId,
        volume_id: str,
        on_progress: OnProgress = lambda done, total: None,
    ) -> SecondReading:
        """List a volume by libfsntfs, libfsfat or libfsext in a child process and hold it against the catalogue.

        Args:
            actor: An examiner.
            image_id: The image; its catalogue is there.
            volume_id: The volume, as the catalogue names it.
            on_progress: Names done, and how many entries the catalogue has. What it raises stops it; nothing is kept.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The file system has no second reader, or the image may not be examined.
            NotFoundError: There is no such volume.
            EvidenceError: The volume cannot be read, or the reader died of it.
            CatalogueError: The catalogue cannot be used.
        """
        require(actor, "compare two readers", Role.EXAMINER)
        with self.catalogues.db.reading() as connection:
            image = image_with(connection, image_id)
            check_authority(case_with(connection, image.case_id), self.examine.now(), self.catalogues.lab.zone)
        check_examinable(image)
        volume = self._volume(image, volume_id)
        told = {"image_id": str(image_id), "volume": volume_id}
        with self.catalogues.journal.running(
            "second reader", f"{image.number} {volume_id}", image.case_id, told
        ) as say:
            made = self._compared(image, volume, on_progress)
            self._keep(actor, image, made)
            say(f"{image.number} {volume_id}: {words_of(made)}")
        return made

    def last(self, image: EvidenceImage, volume_id: str) -> SecondReading | None:
        """What was found when a volume was compared last with the catalogue that there is now; None where it was not.

        Raises:
            RefusedError: What was kept cannot be read, or is not what the record has the digest of.
        """
        path = self._path(image, volume_id)
        if not path.is_file():
            return None
        try:
            content = content_of(path)
            found = _read(content)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RefusedError(f"{path} cannot be read: {error}.", then="Compare the volume again.") from error
        if found.catalogue_sha256 != (image.catalogue_sha256 or b"").hex():
            return None
        if hashlib.sha256(content).hexdigest() != self._recorded(image, volume_id):
            raise RefusedError(
                f"{path} was changed: it does not have the SHA-256 that was recorded when {image.number} {volume_id} "
                "was compared last.",
                then="Compare the volume again, and find out who changed the file.",
            )
        return found

    def _recorded(self, image: EvidenceImage, volume_id: str) -> str:
        """SHA-256 of what was kept of the newest comparison of a volume, hex; empty where the record has none."""
        with self.catalogues.db.reading() as connection:
            entries = entries_about(connection, [str(image.exhibit_id)])
        for facts in (one.content.facts for one in reversed(entries) if one.content.action == COMPARE):
            if (facts.get("image"), facts.get("volume")) == (image.number, volume_id):
                outputs = facts.get("outputs")
                return next(
                    (
                        str(one["sha256"])
                        for one in (outputs if isinstance(outputs, Sequence) else ())
                        if isinstance(one, Mapping) and one.get("name") == DIFFERENCES
                    ),
                    "",
                )
        return ""

    def _volume(self, image: EvidenceImage, volume_id: str) -> Volume:
        with self.catalogues.open(image) as catalogue:
            volume = next((one for one in catalogue.volumes() if one.id == volume_id), None)
        if volume is None:
            raise NotFoundError(f"There is no volume {volume_id!r} in {image.number}.")
        if not has_second_reader(volume):
            kind = volume.file_system.type if volume.file_system else "no file system"
            raise RefusedError(
                f"{volume_id} holds {kind}; there is a second reader for NTFS, FAT, exFAT and ext only.",
                then="Choose a volume of one of these.",
            )
        return volume

    def _compared(self, image: EvidenceImage, volume: Volume, on_progress: OnProgress) -> SecondReading:
        volumes = self.examine.volumes_around(image, volume.id)
        type_ = volume.file_system.type if volume.file_system else ""
        with self.catalogues.open(image) as catalogue, Child() as child:
            with_content = catalogue.header.content_examined
            comparing = Comparing(catalogue, volume.id, type_, with_content=with_content)
            keys = self.catalogues.session_keys.of(image.id)
            found = child.call("open", {"image": str(image.id), **opening(image.source), "keys": keys})
            check_source(image, found)
            arguments = {"image": str(image.id), "volumes": volumes, "with_content": with_content}
            stream = child.stream(
                "second_reading", arguments, on_progress=lambda done, _: on_progress(done, catalogue.summary.entries)
            )
            reader = ""
            with closing(stream):
                while True:
                    try:
                        some = next(stream)
                    except StopIteration as stop:
                        reader = str(stop.value)
                        break
                    for plain in some:
                        comparing.take(entry_of(plain))
            comparing.finish()
        return SecondReading(
            image_id=image.id,
            volume_id=volume.id,
            file_system=type_,
            reader=reader,
            at=self.examine.now(),
            catalogue_sha256=(image.catalogue_sha256 or b"").hex(),
            with_content=with_content,
            both=comparing.both,
            counts=dict(comparing.counts),
            known=dict(comparing.known),
            lines=comparing.lines,
        )

    def _keep(self, actor: SignedIn, image: EvidenceImage, made: SecondReading) -> None:
        """Record it, then keep what differs beside the catalogue; the record has its digest."""
        path = self._path(image, made.volume_id)
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        sha256 = write_whole(new, [json.dumps(_plain(made), ensure_ascii=False, indent=1).encode()])
        counts: dict[str, Json] = dict(made.counts)
        known: dict[str, Json] = dict(made.known)
        told: dict[str, Json] = {"volume": made.volume_id, "with_content": made.with_content, "reader": made.reader}
        facts: dict[str, Json] = {
            "image": image.number, "file_system": made.file_system, **told, "names_in_both": made.both,
            "differing": counts, "known_differences": known,
            **act_facts(
                told,
                configuration=configuration_sha256(self.catalogues.lab, self.catalogues.folder),
                inputs={image.number: image.digests["sha256"].hex(), "catalogue": made.catalogue_sha256},
                outputs={DIFFERENCES: sha256.hex()},
            ),
        }  # fmt: skip
        try:
            with self.catalogues.db.writing() as connection:
                chain = case_chain(case_with(connection, image.case_id))
                subject = exhibit_subject(exhibit_with(connection, image.exhibit_id))
                Writer(connection, self.examine.now()).append(chain, COMPARE, subject, facts, [("actor", actor)])
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)

    def _path(self, image: EvidenceImage, volume_id: str) -> Path:
        return self.catalogues.folder.second_reading(image.case_id, image.id, volume_id)


def has_second_reader(volume: Volume) -> bool:
    """Whether a volume can be compared."""
    return volume.file_system is not None and volume.file_system.type.startswith(READ_TWICE) and not volume.locked


def words_of(made: SecondReading) -> str:
    """How two readers agree, in a sentence."""
    content = "names, sizes, times and contents" if made.with_content else "names, sizes and times"
    if made.agrees:
        count = sum(made.known.values())
        known = f", but for {count:,} difference{'' if count == 1 else 's'} known of it" if made.known else ""
        return f"{made.reader} and the catalogue agree on {content} of {made.both:,} names{known}."
    differing = ", ".join(f"{count:,} {what}" for what, count in made.counts.items())
    return f"{made.reader} and the catalogue differ: {differing}; {made.both:,} names are in both."


def _plain(made: SecondReading) -> dict[str, object]:
    return {**asdict(made), "image_id": str(made.image_id), "at": made.at.isoformat()}


def _read(content: bytes) -> SecondReading:
    told = json.loads(content)
    lines = tuple(DifferingLine(**line) for line in told.pop("lines"))
    told |= {"image_id": ImageId(UUID(told["image_id"])), "at": datetime.fromisoformat(told["at"])}
    return SecondReading(**told, lines=lines)
