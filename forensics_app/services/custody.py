"""Custody: the steps of an exhibit's life, who may take them, and what was recorded of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from chain_of_custody.anchors import anchors_in
from chain_of_custody.ledger import ChainKind, Entry, Json, KeyRing, SignerRole, utc_text
from chain_of_custody.possession_rules import STAYS_PUT
from chain_of_custody.procedure import Origin
from chain_of_custody.states import Event, Transition, allowed
from forensics_app import __version__
from forensics_app.db.engine import Database
from forensics_app.db.ledger import chain_head, entries_of
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.custody import Anchored, CustodyEvent, CustodyRequest, ExportedFolder
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.lab import LabInfo
from forensics_app.model.meant import NAME_MEANS
from forensics_app.model.person import PersonId, Role, SignedIn
from forensics_app.model.wording import event_words, field_words
from forensics_app.services.absences import absence_facts, can_be_taken_over, check_take_over, holders_key_ended
from forensics_app.services.anchors import anchor_case
from forensics_app.services.attempts import allowed_step, attempted
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.competence_rules import check_taking
from forensics_app.services.custody_folder import write_folder
from forensics_app.services.custody_rules import (
    check_times,
    check_told_fields,
    gate_fields,
    step_facts,
    told_words,
    values_after,
    why_not_here,
    with_papers,
)
from forensics_app.services.exhibit_rules import check_identified
from forensics_app.services.exhibits import exhibit_subject, exhibit_with, trying
from forensics_app.services.folder import LabFolder
from forensics_app.services.hands import Signers, as_had, check_outside, had_by_key, holder_after, role_alone
from forensics_app.services.history import event_of, events_telling_of
from forensics_app.services.meant import seized_by
from forensics_app.services.papers import KeptPaper, insert_papers, keeping_papers
from forensics_app.services.permissions import require
from forensics_app.services.places import check_shelf
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.refusals import noting_refusals
from forensics_app.services.signed_papers import check_signer
from forensics_app.services.step_corrections import correct_step
from forensics_app.services.step_findings import check_seal, insert_findings, with_seal

MADE_BY_DISPOSAL = frozenset({
    Event.PROPOSE_DISPOSAL, Event.REJECT_DISPOSAL, Event.RETURN_TO_OWNER, Event.DESTROY, Event.FORFEIT, Event.ARCHIVE,
})  # fmt: skip
MADE_ELSEWHERE = MADE_BY_DISPOSAL | {
    Event.IMAGE, Event.IMAGE_ON_SCENE, Event.DERIVE, Event.IDENTIFY, Event.REGISTER_SEIZED,
}  # fmt: skip
"""Events that other use cases make: disposals, registering an exhibit, taking in an image."""
NEEDS_AUTHORITY = frozenset({Event.SEIZE, Event.BEGIN_EXAMINATION})
"""Seizure and examination; what only keeps an exhibit safe goes on without an authority in force (REQ-01)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Use cases about custody. Nothing is changed but by an event, and no event is ever taken back."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]

    def possible(self, exhibit_id: ExhibitId) -> tuple[Transition, ...]:
        """The steps that are open for an exhibit in its present state, each with what must be filled in.

        What somebody has whose key ended can only be taken over: every other step needs their signature.
        """
        with self.db.reading() as connection:
            exhibit = exhibit_with(connection, exhibit_id)
            is_left = can_be_taken_over(connection, exhibit)
        return tuple(
            one
            for one in allowed(exhibit.state, exhibit.type)
            if one.event not in MADE_ELSEWHERE
            and not why_not_here(exhibit, one.event)
            and (one.event is Event.TAKE_OVER) == is_left
        )

    def had_by(self, exhibit_id: ExhibitId) -> PersonId | None:
        """Who of the lab has an exhibit and signs for it with a key, though the record may name them alone."""
        with self.db.reading() as connection:
            return had_by_key(connection, exhibit_with(connection, exhibit_id))

    def history(self, exhibit_id: ExhibitId) -> tuple[CustodyEvent, ...]:
        """Everything recorded of an exhibit, oldest first; of an image also what took it in and what names it.

        Raises:
            NotFoundError: There is no such exhibit.
        """
        with self.db.reading() as connection:
            exhibit = exhibit_with(connection, exhibit_id)
            return tuple(events_telling_of(connection, exhibit))

    def case_history(self, case_id: CaseId) -> tuple[CustodyEvent, ...]:
        """Every entry of a case chain, oldest first."""
        with self.db.reading() as connection:
            return tuple(event_of(entry) for entry in entries_of(connection, str(case_id)))

    def case_head(self, case_id: CaseId) -> tuple[int, bytes | None]:
        """How many entries a case chain has, and the digest of its last one; None where it has none."""
        with self.db.reading() as connection:
            return chain_head(connection, str(case_id))

    def lab_history(self) -> tuple[CustodyEvent, ...]:
        """Every entry of the lab chain, oldest first."""
        with self.db.reading() as connection:
            return tuple(event_of(entry) for entry in entries_of(connection, str(self.lab.id)))

    def statement(self, request: CustodyRequest, giver: str, receiver: str = "") -> str:
        """The words that the signers of a step are shown before they sign: what, from whom to whom, when, what for."""
        with self.db.reading() as connection:
            exhibit = exhibit_with(connection, ExhibitId(request.exhibit_id))
            key_ended_at = holders_key_ended(connection, exhibit)
        serial = f", S/N {exhibit.serial}" if exhibit.serial else ""
        who = f"from {giver} to {receiver}" if receiver else f"by {giver}"
        if request.event == Event.TAKE_OVER and key_ended_at is not None:
            ended = told_words(key_ended_at.isoformat())
            who = f"from {exhibit.holder}, who does not sign because their key ended at {ended}, by order of {giver}"
            who += f", to {receiver}"
        elif exhibit.state in STAYS_PUT and exhibit.holder_id is not None and giver != exhibit.holder:
            who += f" (stored by {exhibit.holder}, who does not sign)"
        told = "; ".join(
            f"{field_words(name)}: {told_words(value.strip())}"
            for name, value in request.fields.items()
            if value.strip()
        )
        told = f" {told}." if told else ""
        act = event_words(request.event).lower()
        at = told_words(request.occurred_at.isoformat())
        return f"Exhibit {exhibit.number}, {exhibit.description}{serial}: {act}, {who}, at {at}.{told}"

    def perform(self, actor: SignedIn, request: CustodyRequest) -> CustodyEvent:
        """Take a step that one person of the lab signs.

        Receiving from somebody outside is such a step, and handing over to somebody outside: they are named in
        ``outside_party``, sign on the screen or on the form, and the entry states the SHA-256 of what they signed.

        Raises:
            PermissionRefusedError: The actor is neither examiner, exhibits officer nor supervisor.
            RefusedError: The machine does not allow it, something is missing, such as the signature of who is outside,
                or somebody else holds the exhibit and has to sign too. The attempt was recorded (REQ-17).
        """
        return self._step(request, [("actor", actor)])

    def hand_over(self, giver: SignedIn, receiver: SignedIn, request: CustodyRequest) -> CustodyEvent:
        """Take a step in which an exhibit passes from one person's hands into another's; both sign the same bytes.

        Args:
            giver: Who holds it now, or an exhibits officer who hands it out of the store; their key signs first. To
                take over from somebody whose key ended, the supervisor who orders it.
            receiver: Who takes it; another person with a key of their own (REQ-18, REQ-19).
            request: The step.

        Raises:
            PermissionRefusedError: One of them may not hold exhibits.
            RefusedError: They are the same person, the giver does not hold the exhibit, or the machine refuses. The
                attempt was recorded (REQ-17).
        """
        first: SignerRole = "actor" if request.event == Event.TAKE_OVER else "giver"
        return self._step(request, [(first, giver), ("receiver", receiver)])

    def correct(
        self, actor: SignedIn, exhibit_id: ExhibitId, sequence: int, changes: Mapping[str, str], reason: str
    ) -> CustodyEvent:
        """Correct what was told of a step, by a new entry; the old one stays and is shown struck through (REQ-20).

        Args:
            actor: An examiner, exhibits officer or supervisor.
            exhibit_id: The exhibit.
            sequence: Number of the entry about the step.
            changes: What is right, by the names of :func:`forensics_app.model.corrections.step_correctable`.
            reason: Why; required.

        Raises:
            PermissionRefusedError: The actor may not hold exhibits.
            NotFoundError: The exhibit has no such entry.
            RefusedError: No reason, nothing that differs, no step, or something that cannot be corrected. The attempt
                was recorded.
        """

        def correct(connection: Connection, case: Case, exhibit: Exhibit) -> CustodyEvent:
            require(actor, "correct a custody entry", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
            return correct_step(Writer(connection, self.now()), actor, case, exhibit, sequence, changes, reason)

        return attempted(self.db, self.now, actor, exhibit_id, "correct_step", correct)

    def anchor(self, actor: SignedIn, case_id: CaseId) -> Anchored:
        """Write the head of a case chain into the lab chain, so that entries cut off later are missed (REQ-16).

        Everybody of the lab may: an anchor says nothing but what is there.

        Returns:
            What is anchored now; nothing is written where it was anchored already.

        Raises:
            NotFoundError: There is no such case.
        """
        with self.db.writing() as connection:
            case = case_with(connection, case_id)
            head, is_new = anchor_case(Writer(connection, self.now()), self.lab, case, actor)
        return Anchored(sequence=head.content.sequence, head=head.digest, is_new=is_new)

    def export(self, case_id: CaseId, target: Path, actor: SignedIn | None = None) -> ExportedFolder:
        """Write a folder that others verify without the program (REQ-68).

        Args:
            case_id: The case.
            target: A name that nothing bears.
            actor: Who anchors the head of the case first; None writes what is anchored already.

        Raises:
            RefusedError: The target exists.
            LabUnusableError: It cannot be written.
        """
        if actor is not None:
            self.anchor(actor, case_id)
        with self.db.reading() as connection:
            case = case_with(connection, case_id)
            lab, entries = (list(entries_of(connection, str(chain))) for chain in (self.lab.id, case.id))
        chains: list[tuple[str, ChainKind, Sequence[Entry]]] = [
            (str(self.lab.id), "lab", lab),
            (str(case.id), "case", entries),
        ]
        origin = Origin(
            lab=self.lab.name,
            case=f"{case.number}, {case.title}",
            root=KeyRing.from_lab(lab[:1]).root or "none",
            written_at=utc_text(self.now()),
            program=f"Forensics App {__version__}",
        )
        sha256 = write_folder(target, chains, origin)
        reached = max((one.sequence for one in anchors_in(lab) if one.chain == str(case.id)), default=0)
        return ExportedFolder(path=target, ledger_sha256=sha256, entries=len(entries), anchored_entries=reached)

    def _step(self, request: CustodyRequest, signers: Signers) -> CustodyEvent:
        with noting_refusals(self.db, self.now, signers[0][1], trying(ExhibitId(request.exhibit_id), request.event)):
            for _, person in signers:
                require(person, "hold exhibits", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
        with self.db.reading() as connection:
            case_id = exhibit_with(connection, ExhibitId(request.exhibit_id)).case_id
        with keeping_papers(self.db, self.folder, case_id, request.papers) as papers:
            return self._step_with(
                replace(request, fields=with_papers(with_seal(request.fields), papers)), signers, papers
            )

    def _step_with(self, request: CustodyRequest, signers: Signers, papers: tuple[KeptPaper, ...]) -> CustodyEvent:
        def take(connection: Connection, case: Case, exhibit: Exhibit) -> CustodyEvent:
            had = as_had(connection, exhibit, signers[0][1].person)
            by = signers if len(signers) == 2 else [(role_alone(had, request), signers[0][1])]
            transition = self._allowed(connection, case, had, request, by)
            namesake: dict[str, Json] = {**check_outside(connection, had, request, transition, by)}
            if transition.event is Event.SEIZE:
                officer, means = (request.fields.get(name, "").strip() for name in ("seizing_officer", NAME_MEANS))
                namesake = {**seized_by(connection, officer, by[0][1].person, means)[1]}
            check_taking(connection, case, had, transition, by[-1][1].person, self.now(), self.lab)
            check_shelf(connection, request.fields)
            digests = {paper.kind: paper.sha256 for paper in papers}
            stated = step_facts(had, request, transition, by)
            namesake |= check_signer(connection, had, digests, stated, by, self.now())
            namesake |= absence_facts(connection, exhibit, transition.event, by[0][1].person)
            writer = Writer(connection, self.now())
            insert_papers(writer, had, papers)
            return self._record(writer, case, had, request, transition, by, papers, namesake)

        actor, exhibit_id = signers[0][1], ExhibitId(request.exhibit_id)
        return attempted(self.db, self.now, actor, exhibit_id, request.event, take)

    def _allowed(
        self, connection: Connection, case: Case, exhibit: Exhibit, request: CustodyRequest, signers: Signers
    ) -> Transition:
        try:
            event = Event(request.event)
        except ValueError as error:
            raise RefusedError(f"{request.event!r} is not an event of custody.") from error
        if event in MADE_BY_DISPOSAL:
            raise RefusedError(f"{event} is recorded by proposing, deciding and carrying out a disposal.")
        if event in MADE_ELSEWHERE:
            raise RefusedError(f"{event} is recorded by registering an exhibit or taking in an image.")
        if why_not := why_not_here(exhibit, event):
            raise RefusedError(why_not)
        check_told_fields(request)
        check_times(request, self.now())
        if event in NEEDS_AUTHORITY:
            check_authority(case, self.now(), self.lab.zone)
        if len({signed.person.id for _, signed in signers}) != len(signers):
            raise RefusedError("One person cannot give and receive.", then="The receiver signs with their own key.")
        transition = allowed_step(exhibit, event, gate_fields(exhibit, request, signers))
        if event is Event.SEIZE:
            check_identified(connection, exhibit, request.fields.get("place", ""))
        check_seal(exhibit, request.fields, transition)
        if event is Event.TAKE_OVER:
            check_take_over(connection, exhibit, signers)
        else:
            self._check_hands(exhibit, request, transition, signers)
        return transition

    def _check_hands(self, exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers) -> None:
        """Nothing leaves anybody's hands without their signature."""
        first = signers[0][1].person
        if len(signers) == 1 and transition.signatures == ("giver", "receiver") and signers[0][0] == "actor":
            raise RefusedError("This step needs two signatures: the giver's and the receiver's.")
        if exhibit.holder_id is not None and exhibit.holder_id != first.id:
            raise RefusedError(
                f"{exhibit.number} is held by {exhibit.holder}, not by {first.name}.",
                then=f"{exhibit.holder} signs as the giver{_or_else(exhibit)}.",
            )
        if exhibit.holder_id is not None and len(signers) == 1 and signers[0][0] == "receiver":
            raise RefusedError(
                f"{exhibit.number} is held by {exhibit.holder} of the laboratory; nobody outside hands it over.",
                then=f"{exhibit.holder} signs as the giver, and somebody else as the receiver.",
            )
        if exhibit.holder_id is None and len(signers) == 2:
            raise RefusedError(
                f"{exhibit.number} is held by {exhibit.holder}, who has no key in this lab.",
                then="One of you takes it from them; they are named as the other party and sign on the screen or form.",
            )

    def _record(
        self,
        writer: Writer,
        case: Case,
        exhibit: Exhibit,
        request: CustodyRequest,
        transition: Transition,
        signers: Signers,
        papers: tuple[KeptPaper, ...],
        namesake: Mapping[str, Json],
    ) -> CustodyEvent:
        holder = holder_after(exhibit, request, transition, signers)
        ended = holders_key_ended(writer.connection, exhibit) if transition.event is Event.TAKE_OVER else None
        writer.update(EXHIBIT, exhibit.id, values_after(exhibit, request, transition, holder, writer.now))
        facts: dict[str, Json] = {**step_facts(exhibit, request, transition, signers), **namesake}
        facts |= {f"{paper.kind}_sha256": paper.sha256.hex() for paper in papers}
        facts |= insert_findings(writer, exhibit, request, transition, signers)
        action, subject = f"custody.{transition.event}", exhibit_subject(exhibit)
        return event_of(writer.append(case_chain(case), action, subject, facts, signers, not_before=ended))


def _or_else(exhibit: Exhibit) -> str:
    """How an exhibit gets on where who has it by the record cannot be had to sign."""
    if exhibit.state in STAYS_PUT:
        return "; where they are not there, another exhibits officer hands it out"
    return "; where their key has ended, a supervisor lets somebody take it over"
