"""Audits of rooms: what lies at a place is scanned, held against the record, and signed with what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Select, or_, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import Values, time_text, told_text
from forensics_app.db.mapping_custody import audit_finding_of, audit_of
from forensics_app.db.mapping_exhibit import exhibit_of
from forensics_app.db.rows import readable, record_with, records
from forensics_app.db.tables import AUDIT_FINDING, EXHIBIT, PERSON, PLACE, ROOM_AUDIT
from forensics_app.errors import RefusedError
from forensics_app.model.audit import AuditFinding, AuditId, AuditLook, FindingKind, NewAudit, RoomAudit
from forensics_app.model.corrections import told_now
from forensics_app.model.exhibit import Exhibit, ExhibitId, State
from forensics_app.model.incident import (
    OPENED,
    IncidentKind,
    SealCondition,
    SealFault,
    SealSeen,
    fault_of,
    seal_condition,
)
from forensics_app.model.lab import LabInfo
from forensics_app.model.label import is_label
from forensics_app.model.names import counting_key
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.register import is_part_of
from forensics_app.services.cases import case_with
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.history import event_of
from forensics_app.services.incident_rows import insert_incident
from forensics_app.services.labels import Labels
from forensics_app.services.permissions import require
from forensics_app.services.places import check_place
from forensics_app.services.record import Writer, case_chain, lab_chain
from forensics_app.services.step_findings import checked_condition
from forensics_app.services.told_times import check_told

AUDITORS = (Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR, Role.AUDITOR)
IN_THE_LAB = (
    State.RECEIVED,
    State.REFUSED,
    State.STORED,
    State.CHECKED_OUT,
    State.IMAGED,
    State.UNDER_EXAM,
    State.DISPOSAL_PENDING,
)
_Fault = tuple[Exhibit, FindingKind, str]
"""An exhibit, what is wrong with its seal, and what it was found to be."""
_OPEN = (SealCondition.BROKEN, SealCondition.MISSING, SealCondition.UNSEALED)
_NOT_LOOKED_AT = "not told of: it was not looked at"
_FAULTS = {
    SealFault.BROKEN: "broken",
    SealFault.MISSING: "missing",
    SealFault.DIFFERENT: "another one, with {number}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audits:
    """Use cases about audits of rooms. An audit is one act: what was scanned is recorded at its end."""

    db: Database
    lab: LabInfo
    labels: Labels
    now: Callable[[], datetime]

    def list(self) -> tuple[RoomAudit, ...]:
        """Every audit with its findings, oldest first."""
        with self.db.reading() as connection:
            return tuple(_with_findings(connection, audit) for audit in readable(connection, _query(), audit_of))

    def expected(self, place: str) -> tuple[Exhibit, ...]:
        """What should lie at a place and below it, by number."""
        with self.db.reading() as connection:
            return expected_at(connection, place)

    def places(self) -> tuple[str, ...]:
        """The places that the record names of what is in the lab, in order."""
        query = select(EXHIBIT.c.place).where(
            EXHIBIT.c.state.in_([state.value for state in IN_THE_LAB]), EXHIBIT.c.place != ""
        )
        with self.db.reading() as connection:
            return tuple(sorted(set(connection.scalars(query)), key=counting_key))

    def look(self, place: str, scanned: Sequence[str], seals: Mapping[str, SealSeen] | None = None) -> AuditLook:
        """What :meth:`record` would find now, for whoever is still scanning; the arguments are those of NewAudit."""
        seals = seals or {}
        known = self._all_known((*scanned, *seals))
        with self.db.reading() as connection:
            expected = expected_at(connection, place) if place.strip() else ()
            seen = _seen(connection, expected, known)
            faults = _seals_at_fault(connection, seen, seals)
        return AuditLook(
            expected=expected,
            scanned={text: one if isinstance(one, Exhibit) else None for text, one in seen.items()},
            findings=_findings(expected, seen, faults),
        )

    def record(self, actor: SignedIn, new: NewAudit) -> RoomAudit:
        """Hold what was scanned against the record and sign the result; a broken seal becomes an incident, too.

        A seal of which nothing is told was not looked at, and that is a finding.

        Raises:
            PermissionRefusedError: The actor is neither examiner, exhibits officer, supervisor nor auditor.
            RefusedError: No place is named, or one that the lab does not have or closed and in which nothing lies; it
                is told to have begun in the future; or of a seal no condition is told that can be chosen, two are, or
                not why it was not checked.
        """
        require(actor, "audit a room", *AUDITORS)
        place = new.place.strip()
        if not place:
            raise RefusedError("Name the place that was audited.")
        check_told("The audit", new.began_at, self.now())
        _check_seals(new.seen)
        known = self._all_known((*new.scanned, *new.seen))
        with self.db.writing() as connection:
            expected = expected_at(connection, place)
            if not expected:
                check_place(connection, place)
            seen = _seen(connection, expected, known)
            _check_told_once(seen, new.seen)
            untold = _untold(seen, new.seen)
            agreeing = {text: _as_recorded(one) for text, one in untold.items()} if new.seals_agree else {}
            faults = _seals_at_fault(connection, seen, {**new.seen, **agreeing})
            if not new.seals_agree:
                faults += [(one, FindingKind.SEAL_NOT_CHECKED, _NOT_LOOKED_AT) for one in untold.values()]
            findings = _findings(expected, seen, faults)
            writer, audit_id = Writer(connection, self.now()), AuditId(uuid4())
            present = {exhibit.id for exhibit in seen.values() if isinstance(exhibit, Exhibit)}
            values: Values = {
                "id": str(audit_id),
                "place": place,
                "person_id": str(actor.person.id),
                "began_at": told_text(new.began_at),
                "expected": len(expected),
                "found": sum(exhibit.id in present for exhibit in expected),
                "remarks": new.remarks.strip(),
                "recorded_at": time_text(writer.now),
            }
            writer.insert(ROOM_AUDIT, values)
            for number, finding in enumerate(findings, 1):
                writer.insert(AUDIT_FINDING, _finding_values(audit_id, number, finding))
            facts: dict[str, Json] = {
                "place": place,
                "occurred_at": told_text(new.began_at),
                "expected": len(expected),
                "found": values["found"],
                "scanned": [text.strip() for text in known],
                "findings": [finding.what for finding in findings],
                "seals": [_seal_told(text, told) for text, told in {**new.seen, **agreeing}.items()],
                "remarks": new.remarks.strip(),
            }
            subject = Subject(kind="room_audit", id=str(audit_id), label=place)
            writer.append(lab_chain(self.lab), "room.audit", subject, facts, [("actor", actor)])
            self._raise_incidents(writer, actor, place, faults)
            return audit_with(connection, audit_id)

    def _all_known(self, texts: Sequence[str]) -> dict[str, Exhibit | str]:
        return {text: self._known(text) for text in dict.fromkeys(texts) if text.strip()}

    def _known(self, text: str) -> Exhibit | str:
        """The exhibit of a label, its number where no label was scanned, or why the label is none of ours."""
        if not is_label(text):
            return text.strip()
        try:
            return self.labels.scanned(text).exhibit
        except RefusedError as error:
            return f"{error}"

    def _raise_incidents(self, writer: Writer, actor: SignedIn, place: str, faults: Sequence[_Fault]) -> None:
        for exhibit, kind, words in faults:
            if kind is FindingKind.SEAL_NOT_CHECKED:
                continue  # a finding, which waits on the desk
            what = f"The seal {exhibit.seal_number} of {exhibit.number} was found {words} in an audit of {place}."
            insert_incident(writer, exhibit, IncidentKind(kind.value), what, actor)
            chain = case_chain(case_with(writer.connection, exhibit.case_id))
            facts: dict[str, Json] = {"incident": what, "place": place}
            writer.append(chain, "incident.raise", exhibit_subject(exhibit), facts, [("actor", actor)])


def expected_at(connection: Connection, place: str) -> tuple[Exhibit, ...]:
    """What the record says lies at a place, or below it.

    Below it is what the register of places says lies in it, and a place whose words go on from it: "A-07" holds
    "A-07-3", not "A-071".
    """
    wanted = (place.strip(), *_codes_in(connection, place.strip()))
    query = select(EXHIBIT).where(
        or_(*(EXHIBIT.c.place.startswith(one, autoescape=True) for one in wanted)),
        EXHIBIT.c.state.in_([state.value for state in IN_THE_LAB]),
        EXHIBIT.c.holder_id.is_not(None),
    )
    below = (
        one for one in readable(connection, query, exhibit_of) if any(is_part_of(one.place, code) for code in wanted)
    )
    return tuple(sorted(below, key=lambda one: counting_key(one.number)))


def _codes_in(connection: Connection, code: str) -> list[str]:
    """The codes of everything that lies in the place with this code, closed places too; none where there is none."""
    rows = connection.execute(select(PLACE.c.id, PLACE.c.parent_id, PLACE.c.code)).all()
    inside = {row.id for row in rows if row.code == code}
    found: list[str] = []
    while inside:
        children = [row for row in rows if row.parent_id in inside]
        found += [row.code for row in children]
        inside = {row.id for row in children}
    return found


def audit_with(connection: Connection, audit_id: AuditId) -> RoomAudit:
    """The audit with this id, and its findings.

    Raises:
        NotFoundError: There is none.
    """
    query = _query().where(ROOM_AUDIT.c.id == str(audit_id))
    return _with_findings(connection, record_with(connection, query, audit_of, f"audit with the id {audit_id}"))


def _query() -> Select[tuple[object, ...]]:
    joined = select(ROOM_AUDIT, PERSON.c.name.label("auditor")).join(PERSON, PERSON.c.id == ROOM_AUDIT.c.person_id)
    return joined.order_by(ROOM_AUDIT.c.recorded_at, ROOM_AUDIT.c.id)


def _with_findings(connection: Connection, audit: RoomAudit) -> RoomAudit:
    query = select(AUDIT_FINDING).where(AUDIT_FINDING.c.audit_id == str(audit.id)).order_by(AUDIT_FINDING.c.number)
    return replace(audit, findings=readable(connection, query, audit_finding_of))


def _seen(
    connection: Connection, expected: Sequence[Exhibit], known: dict[str, Exhibit | str]
) -> dict[str, Exhibit | str]:
    """By what was scanned: the exhibit, or why it is not known which; a typed number means what should be there."""
    seen: dict[str, Exhibit | str] = {}
    for text, told in known.items():
        if isinstance(told, Exhibit) or is_label(text):
            seen[text] = told
            continue
        here = [exhibit for exhibit in expected if exhibit.number == told]
        if not here:
            here = list(records(connection, select(EXHIBIT).where(EXHIBIT.c.number == told), exhibit_of))
        several = f"{len(here)} exhibits have the number {told}: scan the label."
        seen[text] = here[0] if len(here) == 1 else several if here else f"Nothing of this lab has the number {told}."
    return seen


def _findings(
    expected: Sequence[Exhibit], seen: dict[str, Exhibit | str], faults: Sequence[_Fault]
) -> tuple[AuditFinding, ...]:
    return (*_missing(expected, seen), *_unexpected(expected, seen), *_faulty(faults))


def _missing(expected: Sequence[Exhibit], seen: dict[str, Exhibit | str]) -> list[AuditFinding]:
    present = {exhibit.id for exhibit in seen.values() if isinstance(exhibit, Exhibit)}
    return [
        AuditFinding(
            kind=FindingKind.MISSING,
            exhibit_id=one.id,
            label=one.number,
            what=f"{one.number} should be at {one.place}, held by {one.holder}, and was not found.",
        )
        for one in expected
        if one.id not in present
    ]


def _unexpected(expected: Sequence[Exhibit], seen: dict[str, Exhibit | str]) -> list[AuditFinding]:
    should_be_here, findings = {one.id for one in expected}, []
    for text, one in seen.items():
        if isinstance(one, str):
            findings.append(AuditFinding(kind=FindingKind.UNKNOWN, exhibit_id=None, label=text.strip(), what=one))
        elif one.id not in should_be_here:
            state = one.state.replace("_", " ").lower()
            where = f"{one.number} was found here; recorded is: {state}, {one.place or 'no place'}, {one.holder}."
            findings.append(AuditFinding(kind=FindingKind.UNEXPECTED, exhibit_id=one.id, label=one.number, what=where))
    return findings


def _check_seals(seals: Mapping[str, SealSeen]) -> None:
    """Refuse a condition that cannot be chosen, and a seal that was not checked without a reason."""
    for text, seen in seals.items():
        condition = checked_condition(seen.condition)
        if condition == SealCondition.NOT_CHECKED and not seen.remarks.strip():
            raise RefusedError(f"The seal of {text} was not checked, and it is not said why.", then="Give the reason.")


def _seal_told(text: str, told: SealSeen) -> str:
    """What was told of the seal of what was scanned as ``text``, as its entry keeps it."""
    parts = (str(seal_condition(told.condition) or told.condition), told.number.strip(), told.remarks.strip())
    return f"{text.strip()}: {', '.join(part for part in parts if part)}"


def _untold(seen: dict[str, Exhibit | str], seals: Mapping[str, SealSeen]) -> dict[str, Exhibit]:
    """By the first scan of it, each sealed exhibit of whose seal nothing is told; what lies open for work has none."""
    told = {one.id for text in seals if isinstance(one := seen.get(text), Exhibit)}
    untold: dict[str, Exhibit] = {}
    for text, one in seen.items():
        if isinstance(one, Exhibit) and one.id not in told and one.seal_number and one.state not in OPENED:
            told.add(one.id)
            untold[text] = one
    return untold


def _as_recorded(exhibit: Exhibit) -> SealSeen:
    return SealSeen(condition=SealCondition.INTACT, number=exhibit.seal_number)


def _check_told_once(seen: dict[str, Exhibit | str], seals: Mapping[str, SealSeen]) -> None:
    """Refuse two answers about one seal, such as one by the label and another by the number of the exhibit."""
    told: dict[ExhibitId, SealSeen] = {}
    for text, seal in seals.items():
        exhibit = seen.get(text)
        if isinstance(exhibit, Exhibit) and told.setdefault(exhibit.id, seal) != seal:
            raise RefusedError(
                f"The seal of {exhibit.number} is told twice, and not in the same way.",
                then="Look at the seal again and tell of it once.",
            )


def _is_recorded(connection: Connection, exhibit: Exhibit, condition: SealCondition | None) -> bool:
    """Whether the record says of a seal already what was found: the lab opened it, or a step found it like that."""
    if exhibit.state in OPENED:
        return True
    if condition not in _OPEN:
        return False
    events = [event_of(entry) for entry in entries_about(connection, [str(exhibit.id)])]
    for step in reversed([one for one in events if one.is_step]):
        if check := told_now(events, step.sequence).get("seal_check", ""):
            return seal_condition(check) is condition
    return False


def _seals_at_fault(
    connection: Connection, seen: dict[str, Exhibit | str], seals: Mapping[str, SealSeen]
) -> list[_Fault]:
    """Each exhibit whose seal is not as recorded, or was not checked, with what it was found to be.

    A seal that the laboratory itself opened, or that a step found broken or missing as it is found now, is as recorded:
    what was wrong with it is an incident of then.
    """
    found: dict[ExhibitId, _Fault] = {}
    for text, told in seals.items():
        exhibit, more = seen.get(text), f" ({told.remarks.strip()})" if told.remarks.strip() else ""
        if not isinstance(exhibit, Exhibit):
            continue
        fault = fault_of(exhibit.seal_number, told.number.strip(), told.condition)
        condition = seal_condition(told.condition)
        if fault is not None and _is_recorded(connection, exhibit, condition):
            continue
        if fault is not None:
            words = _FAULTS[fault.fault].format(number=told.number.strip() or "another number")
            found[exhibit.id] = (exhibit, FindingKind(fault.fault.value), words + more)
        elif condition is SealCondition.NOT_CHECKED:
            found[exhibit.id] = (exhibit, FindingKind.SEAL_NOT_CHECKED, "not checked" + more)
    return list(found.values())


def _faulty(faults: Sequence[_Fault]) -> list[AuditFinding]:
    return [
        AuditFinding(
            kind=kind,
            exhibit_id=one.id,
            label=one.number,
            what=f"The seal {one.seal_number} of {one.number} is {words}.",
        )
        for one, kind, words in faults
    ]


def _finding_values(audit_id: AuditId, number: int, finding: AuditFinding) -> Values:
    return {
        "id": str(uuid4()),
        "audit_id": str(audit_id),
        "number": number,
        "kind": finding.kind.value,
        "exhibit_id": None if finding.exhibit_id is None else str(finding.exhibit_id),
        "label": finding.label,
        "what": finding.what,
    }
