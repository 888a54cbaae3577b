"""Exhibits: registering them, photographing them, correcting what was written of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.errors import GateError, SamePersonError
from chain_of_custody.guidance.library import Guidance
from chain_of_custody.ledger import Json, Subject
from chain_of_custody.rule_sets import RULES, STATED
from chain_of_custody.states import Event, State, step
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text, told_text
from forensics_app.db.mapping_exhibit import exhibit_of, photo_of
from forensics_app.db.rows import readable, record_or_none, record_with, records
from forensics_app.db.tables import EXHIBIT, PHOTO
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.device import Device, DeviceForm, Field
from forensics_app.model.exhibit import (
    Exhibit,
    ExhibitId,
    ExhibitType,
    NewDerived,
    NewExhibit,
    NewPhoto,
    Photo,
    Seizure,
)
from forensics_app.model.lab import LabInfo
from forensics_app.model.meant import NAME_MEANS
from forensics_app.model.medium import media_case_id
from forensics_app.model.names import counting_key, storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_subject, case_with, check_authority
from forensics_app.services.corrections import check_reason, exhibit_values
from forensics_app.services.exhibit_rules import check_derived, check_free, check_new
from forensics_app.services.folder import LabFolder
from forensics_app.services.incident_rows import seal_facts
from forensics_app.services.meant import seized_by
from forensics_app.services.particulars import (
    change_particulars,
    checked,
    device_for,
    doubts_of,
    form_of,
    insert_particulars,
    untold_of,
)
from forensics_app.services.permissions import require
from forensics_app.services.pictures import Kept, keeping, next_photo_id, picture_path, scaled
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.recorded_exports import manifest_facts, recorded_export
from forensics_app.services.refusals import Told, noting_refusals
from forensics_app.services.seal_opening import begin_with_part
from forensics_app.services.told_times import check_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibits:
    """Use cases about exhibits. Numbers are unique in a case and never used again."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]
    guidance: Callable[[], Guidance]

    def list(self, case_id: CaseId) -> tuple[Exhibit, ...]:
        """All exhibits of a case, by number as people count (LH/2 before LH/10)."""
        with self.db.reading() as connection:
            return exhibits_of(connection, case_id)

    def get(self, exhibit_id: ExhibitId) -> Exhibit:
        """The exhibit with this id.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            return exhibit_with(connection, exhibit_id)

    def numbered(self, case_id: CaseId, number: str) -> Exhibit:
        """The exhibit of a case with this number.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            exhibit = exhibit_numbered(connection, case_id, number.strip())
        if exhibit is None:
            raise NotFoundError(f"There is no exhibit {number!r} in this case.")
        return exhibit

    def add(self, actor: SignedIn, new: NewExhibit, photos: Sequence[NewPhoto] = ()) -> Exhibit:
        """Register an exhibit with its photographs; with a seizure and a seal it is recorded as seized at once.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: The number is taken, something required is missing, a photograph is none, or the case has no
                authority in force. Nothing was registered; the attempt was recorded (REQ-17).
        """

        def about(connection: Connection) -> Told:
            case, event = case_with(connection, new.case_id), Event.IDENTIFY if new.seizure is None else Event.SEIZE
            return case, case_subject(case), {"event": event.value, "exhibit": storable(new.number.strip())}

        with noting_refusals(self.db, self.now, actor, about):
            return self._add(actor, new, photos)

    def _add(self, actor: SignedIn, new: NewExhibit, photos: Sequence[NewPhoto]) -> Exhibit:
        require(actor, "register an exhibit", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        check_new(new, len(photos), self.now())
        device = None if new.particulars is None else self.device(new.type)
        told = checked(device, new.particulars or {}, is_whole=True)
        now = self.now()
        with ExitStack() as stack:
            kept = [stack.enter_context(keeping(self.db, self.folder, new.case_id, one.path)) for one in photos]
            connection = stack.enter_context(self.db.writing())
            case = case_with(connection, new.case_id)
            if case.id == media_case_id(self.lab.id):
                raise RefusedError(f"{case.number} holds the laboratory's own media, no exhibits of a case.")
            check_authority(case, now, self.lab.zone)
            parent = None if new.parent_id is None else exhibit_with(connection, new.parent_id)
            if parent is not None and parent.case_id != case.id:
                raise RefusedError(f"The parent {parent.number} belongs to another case.")
            writer = Writer(connection, now)
            exhibit = insert_exhibit(writer, new, parent, actor)
            if not exhibit.place:
                raise RefusedError(f"{exhibit.number}: state where it was found.", then="Fill in the place.")
            insert_particulars(writer, exhibit.id, device, told)
            facts = {**_seizure_facts(new), **doubts_of(device, told, new.serial)}
            writer.append(case_chain(case), "exhibit.add", exhibit_subject(exhibit), facts, [("actor", actor)])
            for photo, file in zip(photos, kept, strict=True):
                insert_photo(writer, actor, exhibit, photo, file)
            if new.seizure is not None:
                _seize(writer, actor, exhibit, new, new.seizure)
            return exhibit_with(connection, exhibit.id)

    def derive(self, actor: SignedIn, new: NewDerived) -> Exhibit:
        """Register what was made of an exhibit in the laboratory: a part taken out, or files exported from an image.

        It is in the actor's hands then, with a custody of its own. To open what is sealed begins its examination.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: The parent is not in their hands, its seal is not told, the number is taken, something is
                missing, the manifest is none of this image, or there is no authority. Only the attempt was recorded.
        """
        about = trying(new.parent_id, Event.DERIVE.value, exhibit=storable(new.number.strip()))
        with noting_refusals(self.db, self.now, actor, about):
            return self._derive(actor, new)

    def _derive(self, actor: SignedIn, new: NewDerived) -> Exhibit:
        require(actor, "derive an exhibit", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        facts: dict[str, Json] = {"event": Event.DERIVE.value, "tool": new.tool.strip(), "how": new.how.strip()}
        manifest, named = (b"", {}) if new.manifest is None else manifest_facts(new.manifest)
        facts |= named
        with self.db.writing() as connection:
            parent = exhibit_with(connection, new.parent_id)
            check_derived(actor, parent, new)
            if new.manifest is not None:
                facts |= recorded_export(connection, parent, new.manifest.name, manifest)
            case = case_with(connection, parent.case_id)
            check_authority(case, self.now(), self.lab.zone)
            writer = Writer(connection, self.now())
            begin_with_part(writer, actor, case, parent, new.seal, new.number.strip(), writer.now)
            asked = NewExhibit(
                case_id=case.id, number=new.number, type=new.type, description=new.description, make=new.make,
                model=new.model, serial=new.serial, condition=new.condition, no_photo_reason=new.no_photo_reason,
            )  # fmt: skip
            exhibit = insert_exhibit(writer, asked, parent, actor, derived={"state": State.UNDER_EXAM.value})
            facts |= {"parent": parent.number, "to_state": State.UNDER_EXAM.value}
            writer.append(case_chain(case), "exhibit.derive", exhibit_subject(exhibit), facts, [("actor", actor)])
            return exhibit

    def correct(self, actor: SignedIn, exhibit_id: ExhibitId, changes: dict[str, str], reason: str) -> Exhibit:
        """Correct what was written of an exhibit; the old words stay in the entry (REQ-20).

        Args:
            actor: An examiner or exhibits officer.
            exhibit_id: The exhibit.
            changes: New values of the columns in :data:`forensics_app.model.corrections.EXHIBIT_CORRECTABLE`; a time
                with its offset.
            reason: Why; required.

        Another number of a seal that is on it is an incident besides: what the record says is not corrected unseen.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No reason, nothing that differs, a value that cannot be, or a field that only steps change.
                The attempt was recorded.
        """
        with noting_refusals(self.db, self.now, actor, trying(exhibit_id, "correct")), self.db.writing() as connection:
            require(actor, "correct an exhibit", Role.EXAMINER, Role.EXHIBITS_OFFICER)
            exhibit = exhibit_with(connection, exhibit_id)
            writer = Writer(connection, self.now())
            values = exhibit_values(connection, exhibit, changes, reason, writer.now)
            writer.update(EXHIBIT, exhibit_id, values)
            case = case_with(connection, exhibit.case_id)
            subject = exhibit_subject(exhibit)
            facts = seal_facts(writer, exhibit, values, actor)
            writer.append(case_chain(case), "exhibit.correct", subject, facts, [("actor", actor)], reason.strip())
            return exhibit_with(connection, exhibit_id)

    def device(self, kind: ExhibitType) -> Device | None:
        """What the guidance asks of a kind of exhibit; None where it asks nothing."""
        return device_for(self.guidance, kind)

    def particulars(self, exhibit_id: ExhibitId) -> DeviceForm:
        """What is recorded of a device beside what is asked of its kind, and what of it is missing (REQ-07)."""
        with self.db.reading() as connection:
            return form_of(connection, self.guidance, exhibit_with(connection, exhibit_id))

    def untold(self, case_id: CaseId) -> tuple[tuple[Exhibit, tuple[Field, ...]], ...]:
        """The exhibits of a case of which something mandatory is not told yet, with what that is."""
        exhibits = self.list(case_id)
        with self.db.reading() as connection:
            return tuple(untold_of(connection, self.guidance, case_id, exhibits))

    def tell(self, actor: SignedIn, exhibit_id: ExhibitId, values: Mapping[str, str], reason: str = "") -> DeviceForm:
        """Record particulars of a device, or correct those that are recorded; the old ones stay in the entry.

        Args:
            actor: An examiner or exhibits officer.
            exhibit_id: The exhibit.
            values: By id of the field; those that do not differ are left alone.
            reason: Why; required where something recorded is corrected.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: A value cannot be recorded, nothing differs, or a correction has no reason.
        """
        require(actor, "record particulars", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        with self.db.writing() as connection:
            exhibit = exhibit_with(connection, exhibit_id)
            form = form_of(connection, self.guidance, exhibit)
            told = checked(form.device, values, is_whole=False)
            if any(told.get(name, one.value) != one.value for name, one in form.told.items()):
                check_reason(reason)
            writer = Writer(connection, self.now())
            said = change_particulars(writer, exhibit_id, form, told)
            facts: dict[str, Json] = {"particulars": "; ".join(said), **doubts_of(form.device, told)}
            case, subject = case_with(connection, exhibit.case_id), exhibit_subject(exhibit)
            why = reason.strip() or None
            writer.append(case_chain(case), "exhibit.particulars", subject, facts, [("actor", actor)], why)
            return form_of(connection, self.guidance, exhibit)

    def photos(self, exhibit_id: ExhibitId) -> tuple[Photo, ...]:
        """The photographs of an exhibit, oldest first."""
        query = select(PHOTO).where(PHOTO.c.exhibit_id == str(exhibit_id)).order_by(PHOTO.c.recorded_at, PHOTO.c.id)
        with self.db.reading() as connection:
            return readable(connection, query, photo_of)

    def photo_path(self, photo: Photo) -> Path:
        """Where the photograph lies in the lab folder."""
        return picture_path(self.folder, self.get(photo.exhibit_id).case_id, photo.sha256, photo.media_type)

    def thumbnail(self, photo: Photo, box_px: int) -> bytes:
        """A photograph scaled down into a square of ``box_px`` pixels, as PNG: decoded in a child process.

        Raises:
            RefusedError: The file in the lab folder is gone or cannot be read.
            EvidenceError: It is no picture, or the process that decoded it died.
        """
        return scaled(self.photo_path(photo), box_px)

    def add_photo(self, actor: SignedIn, exhibit_id: ExhibitId, new: NewPhoto) -> Photo:
        """Copy a photograph into the lab folder and record its SHA-256 (REQ-11).

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: The file is no JPEG or PNG, or cannot be read.
        """
        require(actor, "add a photograph", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        exhibit = self.get(exhibit_id)
        with keeping(self.db, self.folder, exhibit.case_id, new.path) as kept, self.db.writing() as connection:
            return insert_photo(Writer(connection, self.now()), actor, exhibit, new, kept)


def trying(exhibit_id: ExhibitId, event: str, **more: Json) -> Callable[[Connection], Told]:
    """What :func:`noting_refusals` writes of an act that was to be done to an exhibit."""

    def about(connection: Connection) -> Told:
        exhibit = exhibit_with(connection, exhibit_id)
        facts: dict[str, Json] = {"event": event, "from_state": exhibit.state.value, **more}
        return case_with(connection, exhibit.case_id), exhibit_subject(exhibit), facts

    return about


def insert_photo(writer: Writer, actor: SignedIn, exhibit: Exhibit, new: NewPhoto, kept: Kept) -> Photo:
    """Write the row of a photograph and its entry.

    Raises:
        RefusedError: It is told to be taken in the future.
    """
    check_told("The photograph", new.taken_at, writer.now)
    values: Values = {
        "id": next_photo_id(writer.connection, PHOTO, time_text(writer.now)),
        "exhibit_id": str(exhibit.id),
        "view": new.view.value,
        "caption": new.caption.strip(),
        "taken_at": told_text(new.taken_at),
        "author_id": str(actor.person.id),
        "sha256": kept.sha256.hex(),
        "size_bytes": kept.size_bytes,
        "media_type": kept.media_type,
        "recorded_at": time_text(writer.now),
    }
    writer.insert(PHOTO, values)
    case = case_with(writer.connection, exhibit.case_id)
    facts: dict[str, Json] = {"sha256": kept.sha256.hex(), "view": new.view.value, "file": new.path.name}
    writer.append(case_chain(case), "exhibit.photo", exhibit_subject(exhibit), facts, [("actor", actor)])
    kept.make_sure()
    return photo_of(values)


def _seize(writer: Writer, actor: SignedIn, exhibit: Exhibit, new: NewExhibit, seizure: Seizure) -> None:
    gates = {
        "exhibit_number": exhibit.number,
        "seal_number": new.seal_number,
        "seizing_officer": seizure.officer,
        "witness": seizure.witness,
    }
    try:
        step(exhibit.state, Event.SEIZE, gates)
    except (GateError, SamePersonError) as error:
        raise RefusedError(f"{exhibit.number}: {error}") from error
    holder, namesake = seized_by(writer.connection, seizure.officer, actor.person, seizure.officer_means.strip())
    has_it = {"holder": seizure.officer.strip(), "holder_id": None}
    if holder is not None:
        has_it = {"holder": holder.name, "holder_id": str(holder.id)}
    writer.update(EXHIBIT, exhibit.id, {"state": State.SEIZED.value, **has_it})
    facts: dict[str, Json] = {
        **_seizure_facts(new),
        "event": "seize",
        "from_state": State.IDENTIFIED.value,
        "to_state": State.SEIZED.value,
        "occurred_at": told_text(seizure.seized_at),
        "seal_number": new.seal_number.strip(),
        STATED: RULES,
        **namesake,
    }
    case = case_with(writer.connection, exhibit.case_id)
    writer.append(case_chain(case), "custody.seize", exhibit_subject(exhibit), facts, [("actor", actor)])


def insert_exhibit(
    writer: Writer,
    new: NewExhibit,
    parent: Exhibit | None,
    actor: SignedIn,
    *,
    derived: Values | None = None,
    is_numbered_elsewhere: bool = False,
) -> Exhibit:
    """Insert the row of a new exhibit, identified unless ``derived`` says otherwise.

    Args:
        writer: Of the open transaction.
        new: What is registered.
        parent: The exhibit it comes from.
        actor: Who registers it; holds it until a custody event says otherwise.
        derived: Columns that differ for something born in the lab, such as an image.
        is_numbered_elsewhere: Another laboratory gave the number, and may have given one that looks like it, too.

    Raises:
        RefusedError: The number is taken, or looks like one that is.
    """
    number = new.number.strip()
    check_free(writer.connection, new.case_id, number, may_look_alike=is_numbered_elsewhere)
    exhibit_id = str(uuid4())
    seizure = new.seizure
    values: Values = {
        "id": exhibit_id,
        "case_id": str(new.case_id),
        "number": number,
        "parent_id": None if parent is None else str(parent.id),
        "root_id": exhibit_id if parent is None else str(parent.root_id),
        "type": new.type.value,
        "description": new.description.strip(),
        "make": new.make.strip(),
        "model": new.model.strip(),
        "serial": new.serial.strip(),
        "condition": new.condition.strip(),
        "seal_number": new.seal_number.strip(),
        "seized_at": told_text(seizure.seized_at) if seizure else None,
        "seized_place": seizure.place.strip() if seizure else "",
        "seized_by": seizure.officer.strip() if seizure else "",
        "seizure_witness": seizure.witness.strip() if seizure else "",
        "no_photo_reason": new.no_photo_reason.strip(),
        "state": State.IDENTIFIED.value,
        "state_since": time_text(writer.now),
        "holder_id": str(actor.person.id),
        "holder": actor.person.name,
        "place": seizure.place.strip() if seizure else new.place.strip() or (parent.place if parent else ""),
        "expected_back": None,
        "integrity_failed": 0,
        "recorded_at": time_text(writer.now),
        **(derived or {}),
    }
    writer.insert(EXHIBIT, values)
    return exhibit_of(values)


def exhibit_subject(exhibit: Exhibit) -> Subject:
    """The exhibit as the object of an entry."""
    return Subject(kind="exhibit", id=str(exhibit.id), label=exhibit.number)


def exhibit_with(connection: Connection, exhibit_id: ExhibitId) -> Exhibit:
    """The exhibit with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = select(EXHIBIT).where(EXHIBIT.c.id == str(exhibit_id))
    return record_with(connection, query, exhibit_of, f"exhibit with the id {exhibit_id}")


def exhibits_of(connection: Connection, case_id: CaseId) -> tuple[Exhibit, ...]:
    """All exhibits of a case, by number as people count."""
    found = records(connection, select(EXHIBIT).where(EXHIBIT.c.case_id == str(case_id)), exhibit_of)
    return tuple(sorted(found, key=lambda exhibit: counting_key(exhibit.number)))


def exhibit_numbered(connection: Connection, case_id: CaseId, number: str) -> Exhibit | None:
    """The exhibit of a case with exactly this number; None where it has none."""
    query = select(EXHIBIT).where(EXHIBIT.c.case_id == str(case_id), EXHIBIT.c.number == number)
    return record_or_none(connection, query, exhibit_of)


def _seizure_facts(new: NewExhibit) -> dict[str, Json]:
    if new.seizure is None:
        return {}
    return {
        "seized_at": told_text(new.seizure.seized_at),
        "place": new.seizure.place.strip(),
        "officer": new.seizure.officer.strip(),
        **({NAME_MEANS: means} if (means := new.seizure.officer_means.strip()) else {}),
        "witness": new.seizure.witness.strip(),
    }
