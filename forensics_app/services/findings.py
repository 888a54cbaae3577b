"""Findings and bookmarks: places that are cited with what they held, and with a sentence of the examiner."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Select, func, select

from chain_of_custody.ledger import Json
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, json_text, time_text
from forensics_app.db.mapping_target import cited_of, target_values
from forensics_app.db.rows import record_or_none, records
from forensics_app.db.tables import EXHIBIT, FINDING, IMAGE, PERSON
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.cited import LONGEST_TEXT_CHARACTERS, MOST_DIGESTED_BYTES, Cited, CitedId, CitedKind
from forensics_app.model.image import EvidenceImage, OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.target import Target, TargetArea
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.catalogues import Catalogues, check_examinable
from forensics_app.services.chosen import state_words
from forensics_app.services.copying_out import READ_BYTES
from forensics_app.services.examine import Examine
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.found_again import found_again
from forensics_app.services.intake import image_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain

AREAS = {
    TargetArea.MEDIA: AreaKind.MEDIA,
    TargetArea.VOLUME: AreaKind.VOLUME,
    TargetArea.UNALLOCATED: AreaKind.UNALLOCATED,
    TargetArea.SLACK: AreaKind.SLACK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Use cases about findings. One is never changed: it is taken back with a reason, and another is recorded."""

    db: Database
    lab: LabInfo
    catalogues: Catalogues
    examine: Examine
    now: Callable[[], datetime]

    def list(self, case_id: CaseId, kind: CitedKind | None = None, *, withdrawn: bool = False) -> tuple[Cited, ...]:
        """The findings and bookmarks of a case that stand, by number; ``withdrawn`` adds those taken back."""
        with self.db.reading() as connection:
            return cited_in(connection, case_id, kind, withdrawn=withdrawn)

    def numbered(self, case_id: CaseId, number: int) -> Cited:
        """The finding or bookmark of a case with this number, also one that was taken back.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            query = _cited().where(FINDING.c.case_id == str(case_id), FINDING.c.number == number)
            found = record_or_none(connection, query, cited_of)
        if found is None:
            raise NotFoundError(f"There is no finding {number} in this case.")
        return found

    def add(
        self,
        actor: SignedIn,
        kind: CitedKind,
        target: Target,
        text: str,
        *,
        on_progress: OnProgress = lambda done, total: None,
    ) -> Cited:
        """Cite a place; cited bytes are read and digested now, what a file is comes from its catalogue.

        Args:
            actor: An examiner.
            kind: A finding, which says something, or a bookmark, which may.
            target: The place.
            text: The sentence.
            on_progress: Bytes read, bytes in all. What it raises stops it; nothing is recorded then.

        Raises:
            PermissionRefusedError: The actor is no examiner or supervisor.
            RefusedError: A finding says nothing, or too much; the bytes are none or too many; the file is no longer in
                the catalogue; the case has no authority in force; or the file is marked.
            EvidenceError: The bytes cannot be read.
        """
        require(actor, f"record a {kind.value}", Role.EXAMINER, Role.SUPERVISOR)
        words = text.strip()
        if kind is CitedKind.FINDING and not words:
            raise RefusedError("A finding needs a sentence that says what was found.")
        if len(words) > LONGEST_TEXT_CHARACTERS:
            raise RefusedError(f"{len(words):,} characters are too many; {LONGEST_TEXT_CHARACTERS:,} are the most.")
        with self.db.reading() as connection:
            image = image_with(connection, target.image_id)
            check_authority(case_with(connection, image.case_id), self.now(), self.lab.zone)
        check_examinable(image)
        entry = self._entry(image, target)
        digest = self._digest(image, target, on_progress)
        with self.db.writing() as connection:
            writer = Writer(connection, self.now())
            values = _values(connection, actor, image, target, entry, writer.now)
            values |= {"kind": kind.value, "text": words, "bytes_sha256": digest.hex() if digest else None}
            writer.insert(FINDING, values)
            facts: dict[str, Json] = {
                kind.value: values["number"],
                "image": image.number,
                "where": storable(target.words),
                "address": target.address,
                "sha256": values["sha256"],
            }
            if digest:
                facts["bytes_sha256"] = digest.hex()
            subject = exhibit_subject(exhibit_with(connection, image.exhibit_id))
            chain = case_chain(case_with(connection, image.case_id))
            writer.append(chain, f"{kind.value}.add", subject, facts, [("actor", actor)])
            return _cited_with(connection, CitedId(UUID(str(values["id"]))))

    def withdraw(self, actor: SignedIn, cited_id: CitedId, reason: str) -> None:
        """Take a finding or a bookmark back; both entries stay in the record.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor.
            RefusedError: A finding is taken back without a reason.
            NotFoundError: It does not stand.
        """
        require(actor, "take a finding back", Role.EXAMINER, Role.SUPERVISOR)
        with self.db.writing() as connection:
            cited = _cited_with(connection, cited_id)
            if cited.withdrawn_at is not None:
                raise NotFoundError(f"{cited.kind.value.capitalize()} {cited.number} was taken back already.")
            if cited.kind is CitedKind.FINDING and not reason.strip():
                raise RefusedError(
                    "Taking a finding back needs a reason.", then="Write it; it becomes part of the record."
                )
            writer = Writer(connection, self.now())
            writer.update(FINDING, cited_id, {"withdrawn_at": time_text(writer.now)})
            image = image_with(connection, cited.target.image_id)
            subject = exhibit_subject(exhibit_with(connection, image.exhibit_id))
            facts: dict[str, Json] = {cited.kind.value: cited.number, "image": image.number}
            chain = case_chain(case_with(connection, cited.case_id))
            act = f"{cited.kind.value}.withdraw"
            writer.append(chain, act, subject, facts, [("actor", actor)], reason.strip() or None)

    def entry_of(self, image: EvidenceImage, target: Target) -> int | None:
        """The entry of the catalogue that a place is in; 0 where it is in no file, None where it is not found again.

        Raises:
            CatalogueError: There is no catalogue that can be used.
        """
        with self.catalogues.open(image) as catalogue:
            return found_again(catalogue, [target])[0]

    def _entry(self, image: EvidenceImage, target: Target) -> CatalogueEntry | None:
        if target.area is TargetArea.MEDIA:
            return None
        with self.catalogues.open(image) as catalogue:
            found = found_again(catalogue, [target])[0]
            if found is None:
                raise RefusedError(
                    f"{target.words} of {image.number} is not in its catalogue as that is now.",
                    then="List it again, and choose it there.",
                )
            return catalogue.entry(found) if found else None

    def _digest(self, image: EvidenceImage, target: Target, on_progress: OnProgress) -> bytes | None:
        start, length = target.offset_bytes, target.length_bytes
        if start is None or length is None:
            return None
        if start < 0 or not 0 < length <= MOST_DIGESTED_BYTES:
            raise RefusedError(f"1 to {MOST_DIGESTED_BYTES:,} bytes can be cited; {length:,} were asked for.")
        digest, done = hashlib.sha256(), 0
        while done < length:
            wanted = min(READ_BYTES, length - done)
            piece = self._read(image, target, start + done, wanted)
            if len(piece) != wanted:
                raise RefusedError(f"{target.words} of {image.number} lie beyond its end.")
            digest.update(piece)
            done += wanted
            on_progress(done, length)
        return digest.digest()

    def _read(self, image: EvidenceImage, target: Target, offset_bytes: int, size_bytes: int) -> bytes:
        if target.area is TargetArea.FILE:
            return self.examine.read_file(image, target.volume_id, target.address, offset_bytes, size_bytes)
        area = Area(
            kind=AREAS[target.area],
            volume_id=target.volume_id,
            file_address=target.address,
            file_path=target.path,
        )
        return self.examine.read_area_unasked(image, area, offset_bytes, size_bytes)


def cited_in(
    connection: Connection, case_id: CaseId, kind: CitedKind | None = None, *, withdrawn: bool = False
) -> tuple[Cited, ...]:
    """The findings and bookmarks of a case that stand, by number."""
    query = _cited().where(FINDING.c.case_id == str(case_id)).order_by(FINDING.c.number)
    if kind is not None:
        query = query.where(FINDING.c.kind == kind.value)
    if not withdrawn:
        query = query.where(FINDING.c.withdrawn_at.is_(None))
    return records(connection, query, cited_of)


def _values(
    connection: Connection,
    actor: SignedIn,
    image: EvidenceImage,
    target: Target,
    entry: CatalogueEntry | None,
    now: datetime,
) -> Values:
    newest = select(func.coalesce(func.max(FINDING.c.number), 0)).where(FINDING.c.case_id == str(image.case_id))
    times = entry.times if entry else {}
    return {
        "id": str(uuid4()),
        "case_id": str(image.case_id),
        "number": connection.execute(newest).scalar_one() + 1,
        **target_values(target),
        "state": state_words(entry) if entry else "",
        "times": json_text(
            {name: [stamp.ns, stamp.source, stamp.basis, stamp.resolution_ns] for name, stamp in times.items()}
        ),
        "author_id": str(actor.person.id),
        "recorded_at": time_text(now),
        "withdrawn_at": None,
    }


def _cited_with(connection: Connection, cited_id: CitedId) -> Cited:
    found = record_or_none(connection, _cited().where(FINDING.c.id == str(cited_id)), cited_of)
    if found is None:
        raise NotFoundError("There is no such finding in this lab.")
    return found


def _cited() -> Select[Any]:
    of_image, exhibit = EXHIBIT.alias("of_image"), EXHIBIT.alias("exhibit_of_image")
    columns = (
        PERSON.c.name.label("author"),
        of_image.c.number.label("image"),
        exhibit.c.number.label("exhibit"),
    )
    return (
        select(FINDING, *columns)
        .join(PERSON, PERSON.c.id == FINDING.c.author_id)
        .join(IMAGE, IMAGE.c.id == FINDING.c.image_id)
        .join(of_image, of_image.c.id == IMAGE.c.id)
        .join(exhibit, exhibit.c.id == IMAGE.c.exhibit_id)
    )
