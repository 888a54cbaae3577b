"""Marking files as privileged or sensitive, and looking at them for a reason that is recorded (REQ-39, REQ-40)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import UUID, uuid4

from sqlalchemy import Connection

from chain_of_custody.ledger import Entry, Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_after
from forensics_app.errors import HiddenContentError, NotFoundError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.image import EvidenceImage, ImageId
from forensics_app.model.mark import FILE_KINDS, MARKERS, WITHDRAWERS, Mark, MarkKind
from forensics_app.model.names import storable
from forensics_app.model.person import SignedIn
from forensics_app.services.cases import case_with
from forensics_app.services.intake import image_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain

MARKED, UNMARKED, LOOKED = "file.mark", "file.unmark", "file.look"


@dataclass(slots=True)
class Seen:
    """What this process knows: marks of the entries read so far by case, and who looks at what, and why.

    Nothing of it is kept: the marks are read from the entries again, and whoever looked has to say why again.
    """

    marks: dict[UUID, tuple[int, dict[UUID, Mark]]] = field(default_factory=dict)
    looking: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Use cases about marks. They are entries of the case chain and nothing else: no table, no catalogue."""

    db: Database
    now: Callable[[], datetime]
    seen: Seen

    def list(self, case_id: CaseId) -> tuple[Mark, ...]:
        """The marks of a case that are not taken back, in the order of recording."""
        with self.db.reading() as connection:
            return tuple(self._read(connection, case_id).values())

    def of_content(self, image: EvidenceImage, volume_id: str, address: str) -> tuple[Mark, ...]:
        """The marks that hide this content."""
        return tuple(mark for mark in self.list(image.case_id) if mark.hides(image, volume_id, address))

    def refuse_hidden(self, image: EvidenceImage, volume_id: str, address: str) -> None:
        """Let content be read that no mark hides, or that somebody looks at for a reason.

        Raises:
            HiddenContentError: A mark hides it.
        """
        for mark in self.of_content(image, volume_id, address):
            if mark.id not in self.seen.looking:
                raise _hidden(mark)

    def add(self, actor: SignedIn, image_id: ImageId, entry: CatalogueEntry, kind: MarkKind, reason: str) -> Mark:
        """Mark a file; its content is hidden from now on, also after the catalogue is built again.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor.
            RefusedError: There is no reason, it is no file, or it bears this mark already.
        """
        require(actor, "mark a file", *MARKERS)
        _check_reason(reason)
        if entry.kind not in FILE_KINDS:
            raise RefusedError(f"{entry.name} is no file with content.", then="Mark the files in it.")
        with self.db.writing() as connection:
            image = image_with(connection, image_id)
            there = self._read(connection, image.case_id).values()
            if any(one.kind is kind and one.hides(image, entry.volume_id, entry.address) for one in there):
                raise RefusedError(f"{entry.name} is marked as {kind.value} already.")
            mark_id = uuid4()
            facts: dict[str, Json] = {
                "mark": str(mark_id),
                "kind": kind.value,
                "image_sha256": image.digests["sha256"].hex(),
                "volume": entry.volume_id,
                "address": entry.address,
            }
            self._tell(connection, actor, image, MARKED, (entry.path, facts), reason)
        return self.numbered(image.case_id, mark_id)

    def withdraw(self, actor: SignedIn, image_id: ImageId, mark: Mark, reason: str) -> None:
        """Take a mark back; that there was one stays in the record.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: There is no reason.
            NotFoundError: It was taken back already.
        """
        require(actor, "take a mark back", *WITHDRAWERS)
        self._about(actor, image_id, mark, UNMARKED, reason)

    def look(self, actor: SignedIn, image_id: ImageId, mark: Mark, reason: str) -> None:
        """Let the content be seen in this process until it is covered again; each time is an entry.

        Raises:
            PermissionRefusedError: The actor may not see content with such a mark.
            RefusedError: There is no reason.
            NotFoundError: The mark was taken back.
        """
        require(actor, f"look at what is marked as {mark.kind.value}", *mark.kind.viewers)
        self._about(actor, image_id, mark, LOOKED, reason)
        self.seen.looking[mark.id] = (actor.person.id, reason.strip())

    def cover(self) -> bool:
        """Hide again whatever is looked at; whether anything was."""
        was_looked_at = bool(self.seen.looking)
        self.seen.looking.clear()
        return was_looked_at

    def exported(self, actor: SignedIn, image: EvidenceImage, entry: CatalogueEntry) -> Mapping[str, Json]:
        """What the entry of an export states of the marks of a file: their kinds, and why it is exported all the same.

        Raises:
            HiddenContentError: A mark hides the content, and the actor has given no reason to look at it.
        """
        marks, reasons = self.of_content(image, entry.volume_id, entry.address), list[Json]()
        for mark in marks:
            person, reason = self.seen.looking.get(mark.id, (None, ""))
            if person != actor.person.id:
                raise _hidden(mark)
            reasons.append(reason)
        return {"marked": [mark.kind.value for mark in marks], "looked_because": reasons} if marks else {}

    def looked_at(self, actor: SignedIn, image: EvidenceImage) -> Mapping[str, Json]:
        """What the entry of an export of bytes states of the marked files of an image that the actor looks at."""
        marks, reasons = list[Json](), list[Json]()
        for mark in self.list(image.case_id):
            person, reason = self.seen.looking.get(mark.id, (None, ""))
            if mark.is_of(image) and person == actor.person.id:
                marks.append(mark.kind.value)
                reasons.append(reason)
        return {"marked": marks, "looked_because": reasons} if marks else {}

    def numbered(self, case_id: CaseId, mark_id: UUID) -> Mark:
        """The mark with this id.

        Raises:
            NotFoundError: There is none, or it was taken back.
        """
        with self.db.reading() as connection:
            return self._in_force(connection, case_id, mark_id)

    def _in_force(self, connection: Connection, case_id: CaseId, mark_id: UUID) -> Mark:
        mark = self._read(connection, case_id).get(mark_id)
        if mark is None:
            raise NotFoundError("There is no such mark, or it was taken back.")
        return mark

    def _about(self, actor: SignedIn, image_id: ImageId, mark: Mark, action: str, reason: str) -> None:
        _check_reason(reason)
        with self.db.writing() as connection:
            image = image_with(connection, image_id)
            self._in_force(connection, image.case_id, mark.id)
            facts: dict[str, Json] = {"mark": str(mark.id), "kind": mark.kind.value, "volume": mark.volume_id}
            self._tell(connection, actor, image, action, (mark.path, facts), reason)

    def _tell(
        self,
        connection: Connection,
        actor: SignedIn,
        image: EvidenceImage,
        action: str,
        told: tuple[str, dict[str, Json]],
        reason: str,
    ) -> None:
        path, facts = told
        subject = Subject(kind="image", id=str(image.id), label=image.number)
        chain = case_chain(case_with(connection, image.case_id))
        facts = {"image": image.number, "path": storable(path), **facts}
        Writer(connection, self.now()).append(chain, action, subject, facts, [("actor", actor)], reason.strip())

    def _read(self, connection: Connection, case_id: CaseId) -> dict[UUID, Mark]:
        """The marks in force, from the entries; those of this process that were read before are not read again."""
        with self.seen.lock:
            before, marks = self.seen.marks.get(case_id, (0, {}))
        newest, entries = entries_after(connection, str(case_id), before, (MARKED, UNMARKED))
        if newest < before:  # an older record was put in the place of the one read before
            newest, entries, marks = *entries_after(connection, str(case_id), 0, (MARKED, UNMARKED)), {}
        marks = dict(marks)
        for entry in entries:
            mark_id = UUID(str(entry.content.facts["mark"]))
            if entry.content.action == MARKED:
                marks[mark_id] = _mark_of(entry, case_id)
            else:
                marks.pop(mark_id, None)
        with self.seen.lock:
            self.seen.marks[case_id] = (newest, marks)
        return marks


def _mark_of(entry: Entry, case_id: CaseId) -> Mark:
    content = entry.content
    told = {name: str(value) for name, value in content.facts.items()}
    return Mark(
        id=UUID(told["mark"]),
        case_id=case_id,
        kind=MarkKind(told["kind"]),
        image=told["image"],
        image_sha256=bytes.fromhex(told["image_sha256"]),
        volume_id=told["volume"],
        address=told["address"],
        path=told["path"],
        reason=content.reason or "",
        author=content.actor.name,
        marked_at=content.recorded_at,
    )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise RefusedError("That needs a reason.", then="Write it; it becomes part of the record.")


def _hidden(mark: Mark) -> HiddenContentError:
    return HiddenContentError(
        f"{mark.name} is marked as {mark.kind.value}. Its content is not shown.",
        then=f"Give a reason to look at it, as {' or '.join(role.value for role in mark.kind.viewers)}; each look is "
        "an entry of the record.",
    )
