"""Transfers in two acts: the giver signs an offer, and the receiver signs an entry that names the offer's digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Select, select

from chain_of_custody.ledger import Entry, Json
from chain_of_custody.possession_rules import STAYS_PUT
from chain_of_custody.states import Event, Transition
from chain_of_custody.step_rules import told_step
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import Values, json_text, time_text, told_text
from forensics_app.db.mapping_custody import offer_of
from forensics_app.db.rows import readable, record_with
from forensics_app.db.tables import EXHIBIT, PERSON, TRANSFER_OFFER
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.custody import CustodyEvent, CustodyRequest
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.lab import LabInfo
from forensics_app.model.offer import NewOffer, Offer, OfferId, OfferState
from forensics_app.model.person import Person, PersonId, Role, SignedIn
from forensics_app.services.absences import absence_facts
from forensics_app.services.attempts import allowed_step, attempted
from forensics_app.services.competence_rules import check_taking
from forensics_app.services.custody_rules import (
    as_told,
    check_times,
    check_told_fields,
    step_facts,
    values_after,
)
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.hands import as_had
from forensics_app.services.history import event_of
from forensics_app.services.people import person_or_none
from forensics_app.services.permissions import require
from forensics_app.services.places import check_shelf
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.step_findings import check_seal, insert_findings, with_seal
from forensics_app.services.told_times import read_due

MAY_HOLD = (Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
OFFERED = (Event.HAND_OVER, Event.CHECK_OUT, Event.RETURN_TO_STORE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Use cases about transfers that are offered. The exhibit stays with the giver until the receiver accepts."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def list(self, case_id: CaseId) -> tuple[Offer, ...]:
        """The offers of a case, oldest first, also those that were answered."""
        query = _query().where(TRANSFER_OFFER.c.case_id == str(case_id))
        with self.db.reading() as connection:
            return readable(connection, query, offer_of)

    def open(self) -> tuple[Offer, ...]:
        """Every offer of the lab that nobody answered, the one that is due first at the head."""
        with self.db.reading() as connection:
            return tuple(sorted(_open(connection), key=lambda offer: offer.due))

    def offer(self, giver: SignedIn, new: NewOffer) -> Offer:
        """Offer an exhibit to another person of the lab.

        Raises:
            PermissionRefusedError: The giver may not hold exhibits.
            RefusedError: The giver does not hold it, the receiver may not, it is offered already, or something is
                missing; or the receiver is an examiner and untrained (REQ-37). The attempt was recorded.
        """

        def offer(connection: Connection, case: Case, exhibit: Exhibit) -> Offer:
            require(giver, "hold exhibits", *MAY_HOLD)
            receiver, exhibit = _receiver(connection, new.receiver_id), as_had(connection, exhibit, giver.person)
            if exhibit.holder_id != giver.person.id:
                raise RefusedError(f"{exhibit.number} is held by {exhibit.holder}, not by {giver.person.name}.")
            if new.event not in set(OFFERED):
                raise RefusedError(f"{new.event} is no step from one person's hands into another's.")
            told = as_told(with_seal(new.fields))
            request = _request(exhibit, new.event, self.now(), told, new.remarks)
            transition = _checked(exhibit, request, giver.person.id, receiver.id, request.occurred_at)
            check_taking(connection, case, exhibit, transition, receiver, self.now(), self.lab)
            check_shelf(connection, told)
            read_due("The time until which it is to be answered", new.due.isoformat(), self.now())
            if any(one.exhibit_id == exhibit.id for one in _open(connection)):
                raise RefusedError(f"{exhibit.number} is offered already.", then="Withdraw that offer first.")
            writer, offer_id = Writer(connection, self.now()), OfferId(uuid4())
            values: Values = {
                "id": str(offer_id),
                "case_id": str(case.id),
                "exhibit_id": str(exhibit.id),
                "event": new.event,
                "from_state": exhibit.state.value,
                "giver_id": str(giver.person.id),
                "receiver_id": str(receiver.id),
                "fields": json_text(told),
                "remarks": new.remarks.strip(),
                "due": told_text(new.due),
                "state": OfferState.OFFERED.value,
                "offered_at": time_text(writer.now),
                "answered_at": None,
                "reason": "",
            }
            writer.insert(TRANSFER_OFFER, values)
            facts: dict[str, Json] = {
                **told,
                "offered": new.event,
                "leads_to": transition.to_state.value,
                "offered_to": f"{receiver.name}, {receiver.function}",
                "due": told_text(new.due),
                "remarks": new.remarks.strip(),
            }
            writer.append(case_chain(case), "transfer.offer", exhibit_subject(exhibit), facts, [("giver", giver)])
            return offer_with(connection, offer_id)

        return attempted(self.db, self.now, giver, new.exhibit_id, "offer", offer)

    def accept(
        self, receiver: SignedIn, offer_id: OfferId, occurred_at: datetime, told: Mapping[str, str]
    ) -> CustodyEvent:
        """Accept an offer: the exhibit is the receiver's from then on.

        Args:
            receiver: To whom it was offered.
            offer_id: The offer.
            occurred_at: When it was handed over, as told.
            told: What the receiver found: ``seal_number``, ``seal_check``, ``condition``. It stands in the place of
                what the giver told of the same; what the giver told stays in the offer.

        Raises:
            PermissionRefusedError: The receiver may not hold exhibits.
            RefusedError: It was offered to somebody else, was answered, the key of who offered it has ended since, or
                the exhibit is not as it was when it was offered. The attempt was recorded.
        """

        def accept(connection: Connection, case: Case, exhibit: Exhibit) -> CustodyEvent:
            require(receiver, "hold exhibits", *MAY_HOLD)
            offer = _to_answer(connection, offer_id, receiver.person.id)
            absent: dict[str, Json] = {}
            if (by := person_or_none(connection, offer.giver_id)) is not None:
                _check_key(exhibit, by)
                absent = absence_facts(connection, exhibit, Event(offer.event), by)
                exhibit = as_had(connection, exhibit, by)
            bound = offer_entry(connection, offer)
            is_as_offered = exhibit.holder_id == offer.giver_id and exhibit.state is offer.from_state
            if not is_as_offered or _stepped_since(connection, exhibit, bound):
                raise RefusedError(
                    f"{exhibit.number} is not with {offer.giver} as it was when it was offered.",
                    then="Let whoever holds it offer it again.",
                )
            found = with_seal({name: value.strip() for name, value in told.items() if value.strip()})
            request = _request(exhibit, offer.event, occurred_at, {**offer.fields, **found}, offer.remarks)
            transition = _checked(exhibit, request, offer.giver_id, receiver.person.id, self.now())
            check_taking(connection, case, exhibit, transition, receiver.person, self.now(), self.lab)
            check_shelf(connection, request.fields)
            writer = Writer(connection, self.now())
            self._answer(writer, offer, OfferState.ACCEPTED)
            writer.update(EXHIBIT, exhibit.id, values_after(exhibit, request, transition, receiver.person, writer.now))
            giver = bound.content.actor
            facts: dict[str, Json] = {
                **step_facts(exhibit, request, transition, [("receiver", receiver)]),
                "giver": f"{giver.name}, {giver.function}",
                "offer": bound.digest.hex(),
                "offer_entry": bound.content.sequence,
                **absent,
            }
            facts |= insert_findings(writer, exhibit, request, transition, [("receiver", receiver)])
            action, subject = f"custody.{transition.event}", exhibit_subject(exhibit)
            return event_of(writer.append(case_chain(case), action, subject, facts, [("receiver", receiver)]))

        return attempted(self.db, self.now, receiver, self._get(offer_id).exhibit_id, "accept_offer", accept)

    def refuse(self, receiver: SignedIn, offer_id: OfferId, reason: str) -> Offer:
        """Refuse an offer; the exhibit stays with the giver.

        Raises:
            RefusedError: It was offered to somebody else, was answered, or there is no reason.
        """
        return self._end(receiver, offer_id, OfferState.REFUSED, reason)

    def withdraw(self, giver: SignedIn, offer_id: OfferId, reason: str) -> Offer:
        """Withdraw an offer that nobody answered.

        Raises:
            RefusedError: Somebody else offered it, it was answered, or there is no reason.
        """
        return self._end(giver, offer_id, OfferState.WITHDRAWN, reason)

    def _end(self, actor: SignedIn, offer_id: OfferId, state: OfferState, reason: str) -> Offer:
        def end(connection: Connection, case: Case, exhibit: Exhibit) -> Offer:
            offer = _to_answer(connection, offer_id, None)
            who, name = offer.receiver_id, offer.receiver
            if state is OfferState.WITHDRAWN:
                who, name = offer.giver_id, offer.giver
            if actor.person.id != who:
                raise RefusedError(f"Only {name} can do that.")
            if not reason.strip():
                raise RefusedError("State the reason.")
            bound = offer_entry(connection, offer)
            writer = Writer(connection, self.now())
            self._answer(writer, offer, state, reason)
            facts: dict[str, Json] = {
                "offered": offer.event,
                "offer": bound.digest.hex(),
                "offer_entry": bound.content.sequence,
            }
            action = "transfer.refuse" if state is OfferState.REFUSED else "transfer.withdraw"
            subject = exhibit_subject(exhibit)
            writer.append(case_chain(case), action, subject, facts, [("actor", actor)], reason.strip())
            return offer_with(connection, offer_id)

        return attempted(self.db, self.now, actor, self._get(offer_id).exhibit_id, f"{state.value} offer", end)

    def _answer(self, writer: Writer, offer: Offer, state: OfferState, reason: str = "") -> None:
        values: Values = {"state": state.value, "answered_at": time_text(writer.now), "reason": reason.strip()}
        writer.update(TRANSFER_OFFER, offer.id, values)

    def _get(self, offer_id: OfferId) -> Offer:
        with self.db.reading() as connection:
            return offer_with(connection, offer_id)


def offer_with(connection: Connection, offer_id: OfferId) -> Offer:
    """The offer with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = _query().where(TRANSFER_OFFER.c.id == str(offer_id))
    return record_with(connection, query, offer_of, f"offer with the id {offer_id}")


def offer_entry(connection: Connection, offer: Offer) -> Entry:
    """The entry by which the giver offered it.

    Raises:
        NotFoundError: The ledger has none.
    """
    place = (TRANSFER_OFFER.name, str(offer.id))
    for entry in entries_about(connection, [str(offer.exhibit_id)]):
        content = entry.content
        if content.action == "transfer.offer" and any((one.table, one.id) == place for one in content.changes):
            return entry
    raise NotFoundError(f"The ledger holds no entry about the offer of {offer.number}.")


def _stepped_since(connection: Connection, exhibit: Exhibit, offered: Entry) -> bool:
    """Whether the exhibit took a step since it was offered; what was offered then is not what there is now."""
    since = (entry.content for entry in entries_about(connection, [str(exhibit.id)]))
    return any(one.sequence > offered.content.sequence and told_step(one) is not None for one in since)


def _query() -> Select[tuple[object, ...]]:
    giver, receiver = PERSON.alias(), PERSON.alias()
    return (
        select(
            TRANSFER_OFFER,
            EXHIBIT.c.number.label("number"),
            giver.c.name.label("giver"),
            receiver.c.name.label("receiver"),
        )
        .join(EXHIBIT, EXHIBIT.c.id == TRANSFER_OFFER.c.exhibit_id)
        .join(giver, giver.c.id == TRANSFER_OFFER.c.giver_id)
        .join(receiver, receiver.c.id == TRANSFER_OFFER.c.receiver_id)
        .order_by(TRANSFER_OFFER.c.offered_at, TRANSFER_OFFER.c.id)
    )


def _open(connection: Connection) -> tuple[Offer, ...]:
    query = _query().where(TRANSFER_OFFER.c.state == OfferState.OFFERED.value)
    return readable(connection, query, offer_of)


def _to_answer(connection: Connection, offer_id: OfferId, receiver_id: PersonId | None) -> Offer:
    offer = offer_with(connection, offer_id)
    if offer.state is not OfferState.OFFERED:
        raise RefusedError(f"This offer of {offer.number} was {offer.state} already.")
    if receiver_id not in (None, offer.receiver_id):
        raise RefusedError(f"{offer.number} was offered to {offer.receiver}; only they can accept it.")
    return offer


def _receiver(connection: Connection, person_id: PersonId) -> Person:
    person = person_or_none(connection, person_id)
    if person is None or person.revoked_at is not None or not person.roles & set(MAY_HOLD):
        raise RefusedError("Name somebody of the lab who may hold exhibits and whose key is in force.")
    return person


def _check_key(exhibit: Exhibit, giver: Person) -> None:
    """Refuse what somebody offered whose key ended since: nothing says that they were there to hand it over."""
    if giver.revoked_at is None:
        return
    by_order = "a supervisor lets somebody take it over (take over)"
    from_shelf = "another exhibits officer hands it out"
    raise RefusedError(
        f"{giver.name} offered {exhibit.number}, and their key ended on {giver.revoked_at:%Y-%m-%d at %H:%M} UTC; "
        "what they offered cannot be accepted any more.",
        then=f"Refuse the offer; then {from_shelf if exhibit.state in STAYS_PUT else by_order}.",
    )


def _request(
    exhibit: Exhibit, event: str, occurred_at: datetime, fields: Mapping[str, str], remarks: str
) -> CustodyRequest:
    return CustodyRequest(
        exhibit_id=exhibit.id, event=event, occurred_at=occurred_at, fields=dict(fields), remarks=remarks
    )


def _checked(
    exhibit: Exhibit, request: CustodyRequest, giver: PersonId, receiver: PersonId, now: datetime
) -> Transition:
    """The transition that an offer makes when it is accepted.

    Raises:
        RefusedError: Giver and receiver are one person, the machine refuses, or something is missing.
    """
    if giver == receiver:
        raise RefusedError("One person cannot give and receive.", then="Offer it to somebody else.")
    check_told_fields(request)
    check_times(request, now)
    people = {"giver": str(giver), "receiver": str(receiver), "exhibit_number": exhibit.number}
    transition = allowed_step(exhibit, Event(request.event), {**request.fields, **people})
    check_seal(exhibit, request.fields, transition)
    return transition
