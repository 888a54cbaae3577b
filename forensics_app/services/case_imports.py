"""Cases of another record, out of its export: entries that name the file and keep all that it says (REQ-56)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from chain_of_custody.canonical import MAX_INTEGER
from chain_of_custody.ledger import Json
from chain_of_custody.rule_sets import RULES, STATED
from chain_of_custody.states import TERMINAL, Event, State
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_of
from forensics_app.db.mapping import Values, told_text
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import LabUnusableError, RefusedError
from forensics_app.model.case import Case, CaseId, LegalBasis, NewCase
from forensics_app.model.case_export import CaseExport, ImportedCase, ImportRequest
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.dossier import Authority
from forensics_app.model.dossier import Exhibit as ExportedExhibit
from forensics_app.model.exhibit import NOT_RECEIVED, REGISTRABLE, Exhibit, ExhibitType, NewExhibit, Seizure
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.told import Count, Told
from forensics_app.services.cases import Cases, case_subject, case_with
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.exhibit_rules import check_new, check_number, check_words
from forensics_app.services.exhibits import exhibit_subject, insert_exhibit
from forensics_app.services.folder import LabFolder
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.told_times import check_told

MAX_BYTES = 16 * 1024 * 1024
_WITH_THEM = frozenset(
    one.value
    for one in State
    if one not in {*TERMINAL, State.IDENTIFIED, State.IMAGED_ON_SCENE, State.LEFT_IN_PLACE, State.LOST_INCIDENT}
)
"""States of the other record in which somebody there seized it, and it has not come to an end."""
IMPORT = "case.import"
_EXPORT_AGAIN = "Ask for a new export, written with: report export --format case"
_OPEN_BY_HAND = (
    "Open the case by hand and take in the evidence itself, or ask whether the other laboratory has this program, "
    "whose export can be read: report export --format case"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImports:
    """Use cases about cases of another record.

    What the other record says is kept word for word in one entry, signed by who imports it: its custody stays the
    statement of those who signed it there. Exhibits are registered as not received: the other laboratory has them. What
    was seized there is recorded as seized, as imported and not verified, so that it can be received from there.
    """

    db: Database
    lab: LabInfo
    folder: LabFolder
    cases: Cases
    now: Callable[[], datetime]

    def take_in(self, actor: SignedIn, request: ImportRequest) -> ImportedCase:
        """Open a case out of a file of CASE that this program wrote.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The file is none that can be read, says too little to open a case or what cannot be, or the
                number is taken. Nothing was recorded.
            LabUnusableError: The file cannot be read from its disk.
        """
        require(actor, "import a case", Role.EXAMINER)
        content = _content(request.path)
        export = _read(content, request.path.name)
        new = _new_case(export, request)
        _check(export, new, self.now())
        with self.db.writing() as connection:
            case = self.cases.create_in(connection, actor, new)
            writer = Writer(connection, self.now())
            sha256 = hashlib.sha256(content).hexdigest()
            self._record(writer, actor, case, export, request.path.name, sha256)
            exhibits = _register(writer, actor, case, export, sha256)
            told = {one.number: one for one in export.exhibits}
            seized = [one for one in exhibits if _record_seizure(writer, actor, case, one, told[one.number], export)]
            case = case_with(connection, case.id)
        return ImportedCase(
            case=case,
            exhibits=tuple(one.number for one in exhibits),
            seized=tuple(one.number for one in seized),
            only_told=tuple(one.number for one in export.exhibits if not _is_registrable(one)),
            custody_entries=sum(len(log.entries) for log in export.custody),
            sha256=bytes.fromhex(sha256),
        )

    def imported(self, case_id: CaseId) -> CaseExport | None:
        """All that the other record said of a case, as its entry keeps it; None of a case that was opened here."""
        from forensics_app.reports.case_values import read

        with self.db.reading() as connection:
            for entry in entries_of(connection, str(case_id)):
                if entry.content.action == IMPORT:
                    return read(CaseExport, entry.content.facts["export"])
        return None

    def _record(self, writer: Writer, actor: SignedIn, case: Case, export: CaseExport, name: str, sha256: str) -> None:
        from forensics_app.reports.case_values import own

        facts: dict[str, Json] = {
            "source": storable(name),
            "source_sha256": sha256,
            "laboratory": export.laboratory.name,
            "report": export.report,
            "number_there": export.case.number,
            "export": own(export),
            **act_facts(
                {},
                configuration=configuration_sha256(self.lab, self.folder),
                inputs={name: sha256},
            ),
        }
        writer.append(case_chain(case), IMPORT, case_subject(case), facts, [("actor", actor)])


def told_elsewhere(events: Iterable[CustodyEvent]) -> Iterator[str]:
    """That what another laboratory told of a case is not printed, a sentence for each import."""
    from forensics_app.reports.case_values import read

    words = (
        "This case was taken in from {laboratory}, where it is {number}, out of its report {report}. What was told "
        "there is kept in entry {entry}, was not verified here and is not printed: entries of custody, {custody}; "
        "images with their digests, {images}; files with their digests, {files}."
    )
    for event in events:
        if event.action == IMPORT:
            export = read(CaseExport, event.facts["export"])
            yield Told(
                words,
                laboratory=export.laboratory.name,
                number=export.case.number,
                report=export.report,
                entry=event.sequence,
                custody=Count(sum(len(log.entries) for log in export.custody)),
                images=Count(len(export.images)),
                files=Count(len(export.files)),
            )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise LabUnusableError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise RefusedError(f"{path.name} is larger than {MAX_BYTES:,} bytes; nothing was imported.")
    return content


def _read(content: bytes, name: str) -> CaseExport:
    from forensics_app.reports.case_reading import read_case
    from forensics_app.reports.case_values import ForeignCaseError, UnreadableCaseError

    try:
        return read_case(content)
    except UnreadableCaseError as error:
        raise RefusedError(
            f"{name} is no export of a case that can be imported: {error}. Nothing was imported.",
            then=_OPEN_BY_HAND if isinstance(error, ForeignCaseError) else _EXPORT_AGAIN,
        ) from error


def _check(export: CaseExport, new: NewCase, now: datetime) -> None:
    """Hold what is told to what this record asks of what is told here."""
    check_number("The case", new.number)
    check_words("The laboratory of the export", export.laboratory.name)
    for words in (new.title, new.offence, new.requesting_authority, new.questions):
        check_words(f"Case {new.number}", words)
    for value in _values_in(export):
        if isinstance(value, datetime):
            check_told("A time in the export", value, now)
        elif isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise RefusedError(f"The export holds a number beyond {MAX_INTEGER:,}; nothing was imported.")


def _values_in(value: Any) -> Iterator[object]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _values_in(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _values_in(one)
    else:
        yield value


def _new_case(export: CaseExport, request: ImportRequest) -> NewCase:
    case = export.case
    lacking = [
        words
        for words, value in (("the offence", case.offence), ("the requesting authority", case.requesting_authority))
        if not (value or "").strip()
    ]
    if lacking:
        raise RefusedError(f"The export does not say {' and '.join(lacking)}: no case can be opened out of it.")
    return NewCase(
        number=request.number or case.number,
        title=case.title,
        offence=case.offence or "",
        requesting_authority=case.requesting_authority or "",
        questions="\n".join(export.questions),
        lead_examiner_id=request.lead_examiner_id,
        supervisor_id=request.supervisor_id,
        legal_basis=_basis(export.authorities),
        untrained_reason=request.untrained_reason,
    )


def _basis(authorities: tuple[Authority, ...]) -> LegalBasis | None:
    """The first authority that says all that one must say; without one the case is a draft."""
    for one in authorities:
        if one.number and one.issuer and one.issued_on and one.scope:
            return LegalBasis(
                instrument=one.instrument,
                number=one.number,
                issuer=one.issuer,
                issued_on=one.issued_on,
                scope=one.scope,
                expires_on=one.expires_on,
            )
    return None


def _is_registrable(one: ExportedExhibit) -> bool:
    return one.type in {kind.value for kind in REGISTRABLE}


def _register(writer: Writer, actor: SignedIn, case: Case, export: CaseExport, sha256: str) -> list[Exhibit]:
    """Register what can be, parents first; images and media are of the other laboratory and only told of."""
    made: dict[str, Exhibit] = {}
    waiting = [one for one in export.exhibits if _is_registrable(one)]
    known = {one.number for one in waiting}
    while waiting:
        ready = [one for one in waiting if one.parent not in known or one.parent in made]
        if not ready:
            raise RefusedError("The export says of exhibits that each is a part of the other; nothing was imported.")
        for one in ready:
            made[one.number] = _add(writer, actor, case, one, made.get(one.parent or ""), export, sha256)
        waiting = [one for one in waiting if one not in ready]
    return list(made.values())


def _add(
    writer: Writer,
    actor: SignedIn,
    case: Case,
    one: ExportedExhibit,
    parent: Exhibit | None,
    export: CaseExport,
    sha256: str,
) -> Exhibit:
    seizure = None
    if one.seizure is not None and one.seizure.at is not None:
        seizure = Seizure(
            seized_at=one.seizure.at,
            place=one.seizure.place or "",
            officer=one.seizure.by or "",
            witness=one.seizure.witness or "",
        )
    new = NewExhibit(
        case_id=case.id,
        number=one.number,
        type=ExhibitType(one.type),
        description=one.description,
        make=one.make or "",
        model=one.model or "",
        serial=one.serial or "",
        condition=one.condition or "",
        seal_number=one.seal or "",
        place=f"{NOT_RECEIVED}; with {export.laboratory.name}",
        no_photo_reason=one.no_photo_reason or "",
    )
    check_new(new, 0, writer.now)
    derived: Values = {"holder": f"{export.laboratory.name}, {NOT_RECEIVED}"}
    if seizure is not None:
        for words in (seizure.place, seizure.officer, seizure.witness):
            check_words(f"The seizure of {one.number[:40]!r}", words)
        derived |= {
            "seized_at": told_text(seizure.seized_at),
            "seized_place": seizure.place,
            "seized_by": seizure.officer,
            "seizure_witness": seizure.witness,
        }
    exhibit = insert_exhibit(writer, new, parent, actor, derived=derived, is_numbered_elsewhere=True)
    told: dict[str, Json] = {
        "imported_from_sha256": sha256,
        "laboratory": export.laboratory.name,
        "state_there": one.state,
        "holder_there": one.holder,
        "place_there": one.place,
        "parent_there": one.parent,
    }
    writer.append(case_chain(case), "exhibit.add", exhibit_subject(exhibit), told, [("actor", actor)])
    return exhibit


def _record_seizure(
    writer: Writer, actor: SignedIn, case: Case, exhibit: Exhibit, there: ExportedExhibit, export: CaseExport
) -> bool:
    """Record what the other laboratory seized and still has as seized and with it; whether that was done.

    Nothing of its custody is verified: an export bears the digests of its entries, and not what was signed.
    """
    state = (there.state or "").strip().upper().replace(" ", "_")
    if state not in _WITH_THEM or there.seizure is None or there.seizure.at is None:
        return False
    laboratory, seizure = export.laboratory.name, there.seizure
    writer.update(EXHIBIT, exhibit.id, {"state": State.SEIZED.value, "holder_id": None, "holder": laboratory})
    facts: dict[str, Json] = {
        "event": Event.SEIZE.value,
        "from_state": State.IDENTIFIED.value,
        "to_state": State.SEIZED.value,
        "occurred_at": told_text(seizure.at),
        "place": seizure.place or "",
        "seizing_officer": seizure.by or "",
        "witness": seizure.witness or "",
        "outside_party": laboratory,
        "seal_number": there.seal or "",
        "remarks": _as_imported(there, state, export, writer.now),
        STATED: RULES,
    }
    writer.append(case_chain(case), "custody.seize", exhibit_subject(exhibit), facts, [("actor", actor)])
    return True


def _as_imported(there: ExportedExhibit, state: str, export: CaseExport, now: datetime) -> str:
    """The sentences that say where a seizure is known from, and how things stood there."""
    held = f", held by {there.holder}" if there.holder else ""
    place = f", at {there.place}" if there.place else ""
    entries = sum(len(log.entries) for log in export.custody if log.exhibit == there.number)
    return (
        f"As imported from {export.laboratory.name} on {now:%Y-%m-%d %H:%M} UTC, out of its export of "
        f"{export.made_at:%Y-%m-%d} ({export.report}); not verified: the export holds no signatures of that "
        f"laboratory. There it was {state.replace('_', ' ')}{held}{place}; entries of its custody there: {entries}."
    )
