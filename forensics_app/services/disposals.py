"""The end of custody: proposed, decided by a supervisor with no other part in it, carried out before a witness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Select, select

from chain_of_custody.ledger import Json, SignerRole
from chain_of_custody.reasons import is_in_words
from chain_of_custody.rule_sets import RULES, STATED
from chain_of_custody.states import Event, State
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text, told_text
from forensics_app.db.mapping_custody import disposal_of
from forensics_app.db.rows import readable, record_with
from forensics_app.db.tables import DISPOSAL, EXHIBIT, PERSON
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.custody import CustodyEvent, Transition
from forensics_app.model.disposal import CarryingOut, Disposal, DisposalId, DisposalState, NewDisposal, Way
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.absences import handed_out_by, holders_key_ended
from forensics_app.services.attempts import allowed_step, attempted
from forensics_app.services.exhibits import exhibit_subject, trying
from forensics_app.services.folder import LabFolder
from forensics_app.services.hands import SIGNED
from forensics_app.services.history import event_of
from forensics_app.services.holds import check_holds
from forensics_app.services.left_open import open_incidents_of
from forensics_app.services.namesakes import check_stranger
from forensics_app.services.papers import KeptPaper, insert_papers, keeping_papers
from forensics_app.services.permissions import require
from forensics_app.services.places import check_place
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.refusals import noting_refusals
from forensics_app.services.signed_papers import check_signer
from forensics_app.services.step_findings import insert_earlier
from forensics_app.services.told_times import check_told

HOLDERS = (Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
WAITING = (DisposalState.PROPOSED, DisposalState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposals:
    """Use cases about disposals (REQ-19, REQ-23)."""

    db: Database
    folder: LabFolder
    now: Callable[[], datetime]

    def list(self, case_id: CaseId) -> tuple[Disposal, ...]:
        """The disposals of a case, oldest first, also those that were rejected."""
        return self._read(_query().where(DISPOSAL.c.case_id == str(case_id)))

    def waiting(self) -> tuple[Disposal, ...]:
        """Every disposal of the lab that waits for a decision or for being carried out, oldest first."""
        return self._read(_query().where(DISPOSAL.c.state.in_([state.value for state in WAITING])))

    def of_exhibit(self, exhibit_id: ExhibitId) -> Disposal | None:
        """The disposal of an exhibit that waits; None where there is none."""
        states = [state.value for state in WAITING]
        query = _query().where(DISPOSAL.c.exhibit_id == str(exhibit_id), DISPOSAL.c.state.in_(states))
        return next(iter(self._read(query)), None)

    def propose(self, actor: SignedIn, new: NewDisposal) -> Disposal:
        """Propose how an exhibit in store ends its custody.

        Raises:
            PermissionRefusedError: The actor is neither examiner, exhibits officer nor supervisor.
            RefusedError: A legal hold is in force, it is not in store, or something is missing. The attempt was
                recorded.
        """
        event = Event.PROPOSE_DISPOSAL

        def propose(connection: Connection, case: Case, exhibit: Exhibit) -> Disposal:
            require(actor, "propose a disposal", *HOLDERS)
            check_told("The proposal", new.occurred_at, self.now())
            held = check_holds(connection, exhibit)
            if new.way is not Way.DESTROY and not new.recipient.strip():
                raise RefusedError("Name who receives it.")
            if new.recipient.strip():
                check_stranger(connection, exhibit.number, new.recipient, ())
            gates: dict[str, object] = {
                "proposed_by": str(actor.person.id),
                "legal_hold_check": held,
                "authority": new.authority,
                "method": new.method,
            }
            transition = allowed_step(exhibit, event, gates)
            writer, disposal_id = Writer(connection, self.now()), DisposalId(uuid4())
            writer.insert(DISPOSAL, _proposed(disposal_id, exhibit, new, actor, writer.now))
            values: Values = {"state": transition.to_state.value, "state_since": time_text(writer.now)}
            writer.update(EXHIBIT, exhibit.id, values)
            facts: dict[str, Json] = {
                "way": new.way.value,
                "method": new.method.strip(),
                "authority": new.authority.strip(),
                "recipient": new.recipient.strip(),
                "legal_hold_check": held,
                **_of_step(transition, exhibit, new.occurred_at),
            }
            self._append(writer, case, exhibit, f"custody.{event}", facts, actor)
            return disposal_with(connection, disposal_id)

        return attempted(self.db, self.now, actor, new.exhibit_id, event, propose)

    def approve(self, actor: SignedIn, disposal_id: DisposalId, decision: str) -> Disposal:
        """Approve a disposal; the check for legal holds is made again.

        Args:
            actor: A supervisor who did not propose it.
            disposal_id: The disposal.
            decision: What it rests on; required while an incident of the exhibit is open, which the entry then names.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: The actor proposed it, a legal hold is in force, it was decided already, or an incident is
                open and nothing is said of it. The attempt was recorded.
        """

        def approve(connection: Connection, case: Case, exhibit: Exhibit) -> Disposal:
            require(actor, "approve a disposal", Role.SUPERVISOR)
            disposal = _to_decide(connection, actor, disposal_id, DisposalState.PROPOSED)
            held = check_holds(connection, exhibit)
            if disposal.open_incidents and not is_in_words(decision):
                raise RefusedError(
                    f"Nobody decided yet about what happened to {exhibit.number}: {' '.join(disposal.open_incidents)}",
                    then="Decide about it first, or say why the exhibit may be disposed of before.",
                )
            writer = Writer(connection, self.now())
            writer.update(DISPOSAL, disposal_id, _decided(DisposalState.APPROVED, actor, decision, writer.now))
            facts: dict[str, Json] = {"way": disposal.way.value, "method": disposal.method, "legal_hold_check": held}
            if disposal.open_incidents:
                facts["open_incidents"] = [*disposal.open_incidents]
            self._append(writer, case, exhibit, "disposal.approve", facts, actor, decision)
            return disposal_with(connection, disposal_id)

        return attempted(self.db, self.now, actor, self._exhibit_of(disposal_id), "approve_disposal", approve)

    def reject(self, actor: SignedIn, disposal_id: DisposalId, reason: str, shelf: str = "") -> Disposal:
        """Reject a disposal, or take an approval back; the exhibit is in store again.

        Args:
            actor: A supervisor who did not propose it.
            disposal_id: The disposal.
            reason: Why.
            shelf: Where it lies; where it lay before when left out.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: The actor proposed it, the reason is missing, or it was carried out. The attempt was recorded.
        """
        event = Event.REJECT_DISPOSAL

        def reject(connection: Connection, case: Case, exhibit: Exhibit) -> Disposal:
            require(actor, "reject a disposal", Role.SUPERVISOR)
            disposal = _to_decide(connection, actor, disposal_id, *WAITING)
            check_place(connection, shelf)
            place = shelf.strip() or exhibit.place
            transition = allowed_step(exhibit, event, {"reason": reason, "shelf": place})
            writer = Writer(connection, self.now())
            writer.update(DISPOSAL, disposal_id, _decided(DisposalState.REJECTED, actor, reason, writer.now))
            since = time_text(writer.now)
            values: Values = {"state": transition.to_state.value, "state_since": since, "place": place}
            writer.update(EXHIBIT, exhibit.id, values)
            facts: dict[str, Json] = {
                "way": disposal.way.value,
                "shelf": place,
                **_of_step(transition, exhibit, writer.now),
            }
            self._append(writer, case, exhibit, f"custody.{event}", facts, actor, reason)
            return disposal_with(connection, disposal_id)

        return attempted(self.db, self.now, actor, self._exhibit_of(disposal_id), event, reject)

    def carry_out(self, actor: SignedIn, witness: SignedIn, told: CarryingOut) -> CustodyEvent:
        """Carry an approved disposal out; who does it and who watches both sign.

        Args:
            actor: Who carries it out; not the supervisor who approved it.
            witness: Somebody else of the lab, with a key of their own.
            told: When, where, what else is to be said, and what whoever takes it signed.

        Raises:
            PermissionRefusedError: The actor may not hold exhibits.
            RefusedError: A paper cannot be kept; or nobody is there to sign one, it is not approved, a legal hold is in
                force, two of the people are one, or somebody else holds the exhibit and signs neither as actor nor as
                witness: that attempt was recorded.
        """
        found = self._get(told.disposal_id)
        with noting_refusals(self.db, self.now, actor, trying(found.exhibit_id, found.way.value)):
            require(actor, "carry out a disposal", *HOLDERS)
            if told.papers and not found.recipient:
                raise RefusedError("Nobody takes it, so nobody signs for it.", then="Leave the signature out.")
            if found.recipient and not any(kind in told.papers for kind in SIGNED):
                raise RefusedError(
                    f"{found.recipient} takes {found.number}, and no signature of theirs is there.",
                    then="Let them sign on the screen (signature), or sign the form and add its scan (form).",
                )
        with keeping_papers(self.db, self.folder, found.case_id, told.papers) as papers:
            return self._carry_out(actor, witness, told, found, papers)

    def _carry_out(
        self, actor: SignedIn, witness: SignedIn, told: CarryingOut, found: Disposal, papers: tuple[KeptPaper, ...]
    ) -> CustodyEvent:
        def carry_out(connection: Connection, case: Case, exhibit: Exhibit) -> CustodyEvent:
            check_told("The disposal", told.occurred_at, self.now())
            disposal = disposal_with(connection, told.disposal_id)
            if disposal.state is not DisposalState.APPROVED:
                raise RefusedError(
                    f"The disposal of {exhibit.number} is {disposal.state}, not approved.",
                    then="A supervisor who did not propose it has to approve it first.",
                )
            held = check_holds(connection, exhibit)
            transition = allowed_step(exhibit, Event(disposal.way.value), _gates(disposal, actor, witness, held))
            _check_holder(connection, exhibit, actor, witness)
            signing, namesake = (actor.person, witness.person), {}
            if disposal.recipient:
                namesake = check_stranger(connection, exhibit.number, disposal.recipient, signing)
            stated = {"recipient": disposal.recipient, **_of_step(transition, exhibit, told.occurred_at)}
            digests = {paper.kind: paper.sha256 for paper in papers}
            signers: tuple[tuple[SignerRole, SignedIn], ...] = (("actor", actor), ("witness", witness))
            namesake |= check_signer(connection, exhibit, digests, stated, signers, self.now())
            writer = Writer(connection, self.now())
            done: Values = {
                "state": DisposalState.CARRIED_OUT.value,
                "carried_out_by": str(actor.person.id),
                "witness_id": str(witness.person.id),
                "carried_out_at": time_text(writer.now),
            }
            writer.update(DISPOSAL, disposal.id, done)
            writer.update(EXHIBIT, exhibit.id, _gone(transition, disposal, told, writer.now))
            facts: dict[str, Json] = {
                "way": disposal.way.value,
                "method": disposal.method,
                "authority": disposal.authority,
                "recipient": disposal.recipient,
                "proposed_by": disposal.proposed_by,
                "approved_by": disposal.decided_by,
                "carried_out_by": actor.person.name,
                "witness": f"{witness.person.name}, {witness.person.function}",
                "legal_hold_check": held,
                "place": told.place.strip(),
                "seal_before": exhibit.seal_number,
                "remarks": told.remarks.strip(),
                **{paper.kind.value: paper.source.name for paper in papers},
                **{f"{paper.kind}_sha256": paper.sha256.hex() for paper in papers},
                **namesake,
                **_of_step(transition, exhibit, told.occurred_at),
            }
            event = transition.event
            if early := insert_earlier(writer, exhibit, event, told.occurred_at, told.remarks, actor):
                facts["deviation"] = " ".join(early)
            insert_papers(writer, exhibit, papers)
            action, subject = f"custody.{transition.event}", exhibit_subject(exhibit)
            ended = holders_key_ended(connection, exhibit)
            return event_of(writer.append(case_chain(case), action, subject, facts, signers, not_before=ended))

        return attempted(self.db, self.now, actor, found.exhibit_id, found.way.value, carry_out)

    def _append(
        self,
        writer: Writer,
        case: Case,
        exhibit: Exhibit,
        action: str,
        facts: dict[str, Json],
        actor: SignedIn,
        reason: str = "",
    ) -> None:
        subject, why = exhibit_subject(exhibit), reason.strip() or None
        writer.append(case_chain(case), action, subject, facts, [("actor", actor)], why)

    def _read(self, query: Select[tuple[object, ...]]) -> tuple[Disposal, ...]:
        with self.db.reading() as connection:
            return tuple(_with_incidents(connection, one) for one in readable(connection, query, disposal_of))

    def _get(self, disposal_id: DisposalId) -> Disposal:
        with self.db.reading() as connection:
            return disposal_with(connection, disposal_id)

    def _exhibit_of(self, disposal_id: DisposalId) -> ExhibitId:
        return self._get(disposal_id).exhibit_id


def disposal_with(connection: Connection, disposal_id: DisposalId) -> Disposal:
    """The disposal with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = _query().where(DISPOSAL.c.id == str(disposal_id))
    found = record_with(connection, query, disposal_of, f"disposal with the id {disposal_id}")
    return _with_incidents(connection, found)


def _with_incidents(connection: Connection, disposal: Disposal) -> Disposal:
    if disposal.state not in WAITING:
        return disposal
    return replace(disposal, open_incidents=open_incidents_of(connection, str(disposal.exhibit_id)))


def _query() -> Select[tuple[object, ...]]:
    proposer, decider, doer, onlooker = (PERSON.alias() for _ in range(4))
    return (
        select(
            DISPOSAL,
            EXHIBIT.c.number.label("number"),
            proposer.c.name.label("proposer"),
            decider.c.name.label("decider"),
            doer.c.name.label("doer"),
            onlooker.c.name.label("onlooker"),
        )
        .join(EXHIBIT, EXHIBIT.c.id == DISPOSAL.c.exhibit_id)
        .join(proposer, proposer.c.id == DISPOSAL.c.proposed_by)
        .outerjoin(decider, decider.c.id == DISPOSAL.c.decided_by)
        .outerjoin(doer, doer.c.id == DISPOSAL.c.carried_out_by)
        .outerjoin(onlooker, onlooker.c.id == DISPOSAL.c.witness_id)
        .order_by(DISPOSAL.c.proposed_at, DISPOSAL.c.id)
    )


def _to_decide(connection: Connection, actor: SignedIn, disposal_id: DisposalId, *states: DisposalState) -> Disposal:
    disposal = disposal_with(connection, disposal_id)
    if disposal.state not in states:
        raise RefusedError(f"The disposal of {disposal.number} is {disposal.state} already.")
    if disposal.proposed_by_id == actor.person.id:
        raise RefusedError(
            f"{actor.person.name} proposed this disposal and cannot decide about it.",
            then="Let another supervisor decide.",
        )
    return disposal


def _check_holder(connection: Connection, exhibit: Exhibit, actor: SignedIn, witness: SignedIn) -> None:
    """Nothing leaves anybody's hands without their signature, but those of somebody whose key has ended."""
    if handed_out_by(exhibit, actor.person).holder_id in (None, actor.person.id, witness.person.id):
        return
    if holders_key_ended(connection, exhibit) is None:
        raise RefusedError(
            f"{exhibit.number} is held by {exhibit.holder}, who neither carries it out nor witnesses it.",
            then=f"{exhibit.holder} carries it out or is the witness, or another exhibits officer carries it out.",
        )


def _gates(disposal: Disposal, actor: SignedIn, witness: SignedIn, held: str) -> dict[str, object]:
    return {
        "approved_by": str(disposal.decided_by_id),
        "proposed_by": str(disposal.proposed_by_id),
        "carried_out_by": str(actor.person.id),
        "witness": str(witness.person.id),
        "legal_hold_check": held,
        "authority": disposal.authority,
        "method": disposal.method,
    }


def _proposed(disposal_id: DisposalId, exhibit: Exhibit, new: NewDisposal, actor: SignedIn, now: datetime) -> Values:
    return {
        "id": str(disposal_id),
        "case_id": str(exhibit.case_id),
        "exhibit_id": str(exhibit.id),
        "way": new.way.value,
        "method": new.method.strip(),
        "authority": new.authority.strip(),
        "recipient": new.recipient.strip(),
        "state": DisposalState.PROPOSED.value,
        "proposed_by": str(actor.person.id),
        "proposed_at": time_text(now),
        "decision": "",
        "decided_by": None,
        "decided_at": None,
        "carried_out_by": None,
        "witness_id": None,
        "carried_out_at": None,
    }


def _decided(state: DisposalState, actor: SignedIn, decision: str, now: datetime) -> Values:
    return {
        "state": state.value,
        "decision": decision.strip(),
        "decided_by": str(actor.person.id),
        "decided_at": time_text(now),
    }


def _gone(transition: Transition, disposal: Disposal, told: CarryingOut, now: datetime) -> Values:
    destroyed = transition.to_state is State.DESTROYED
    return {
        "state": transition.to_state.value,
        "state_since": time_text(now),
        "holder_id": None,
        "holder": "" if destroyed else disposal.recipient,
        "place": "" if destroyed else told.place.strip(),
        "expected_back": None,
    }


def _of_step(transition: Transition, exhibit: Exhibit, occurred_at: datetime) -> dict[str, Json]:
    return {
        "event": transition.event.value,
        "from_state": exhibit.state.value,
        "to_state": transition.to_state.value,
        "occurred_at": told_text(occurred_at),
        STATED: RULES,
    }
