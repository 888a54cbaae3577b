"""What leaves the hands of somebody of the lab who does not sign: their key ended, or they are not at their shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from chain_of_custody.absence_rules import KEY_ENDED
from chain_of_custody.ledger import Json, SignerRole, utc_text
from chain_of_custody.possession_rules import STAYS_PUT
from chain_of_custody.states import TRANSITIONS, Event
from forensics_app.db.mapping import time_or_none
from forensics_app.db.tables import PERSON
from forensics_app.errors import RefusedError
from forensics_app.model.custody import NOT_SIGNED
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import Person, Role, SignedIn

CAN_BE_TAKEN_OVER = frozenset(one.from_state for one in TRANSITIONS if one.event is Event.TAKE_OVER and one.from_state)
"""States in which somebody of the lab may have an exhibit in their hands."""
STORED_BY = "stored_by"
"""The fact that names who put on the shelf what another exhibits officer hands out."""


def handed_out_by(exhibit: Exhibit, signer: Person) -> Exhibit:
    """The exhibit as an exhibits officer has it who hands out what somebody else put on the shelf."""
    is_theirs = exhibit.state in STAYS_PUT and exhibit.holder_id is not None and Role.EXHIBITS_OFFICER in signer.roles
    return replace(exhibit, holder_id=signer.id) if is_theirs else exhibit


def holders_key_ended(connection: Connection, exhibit: Exhibit) -> datetime | None:
    """When the key of the person ended who has an exhibit; None where it is in force, or nobody of the lab has it."""
    ended = select(PERSON.c.revoked_at).where(PERSON.c.id == str(exhibit.holder_id))
    return time_or_none(connection.scalar(ended))


def can_be_taken_over(connection: Connection, exhibit: Exhibit) -> bool:
    """Whether an exhibit is in the hands of somebody who cannot sign any more."""
    is_held = exhibit.holder_id is not None and exhibit.state in CAN_BE_TAKEN_OVER
    return is_held and holders_key_ended(connection, exhibit) is not None


def check_take_over(connection: Connection, exhibit: Exhibit, signers: Sequence[tuple[SignerRole, SignedIn]]) -> None:
    """Refuse that a supervisor lets somebody take an exhibit over, where who has it can sign, or the two may not.

    Raises:
        RefusedError: Nobody of the lab has it, their key is in force, or it is not a supervisor and somebody else who
            sign.
    """
    if len(signers) == 1:
        raise RefusedError(
            "Taking over needs two signatures: of the supervisor who orders it, and of who takes the exhibit.",
            then="Let both sign; the supervisor first.",
        )
    if exhibit.holder_id is None:
        raise RefusedError(
            f"{exhibit.number} is held by {exhibit.holder}, who has no key in this lab.",
            then="One of you takes it from them; they are named as the other party and sign on the screen or form.",
        )
    if holders_key_ended(connection, exhibit) is None:
        raise RefusedError(
            f"The key of {exhibit.holder} is in force; {exhibit.number} leaves their hands by their own signature.",
            then=f"{exhibit.holder} signs as the giver. Where that is not possible any more, an administrator ends "
            "their key first.",
        )
    supervisor = signers[0][1].person
    if Role.SUPERVISOR not in supervisor.roles:
        raise RefusedError(
            f"{supervisor.name} is no supervisor; only a supervisor orders that {exhibit.number} is taken over.",
            then="Let a supervisor sign first, and who takes it after them.",
        )


def absence_facts(connection: Connection, exhibit: Exhibit, event: Event, signer: Person) -> dict[str, Json]:
    """What the entry about a step states of who has the exhibit by the record and does not sign it.

    Args:
        connection: Of the open transaction.
        exhibit: As it is recorded before the step.
        event: The step.
        signer: Who signs first.
    """
    if event is Event.TAKE_OVER and (ended := holders_key_ended(connection, exhibit)) is not None:
        return {"giver": f"{exhibit.holder}{NOT_SIGNED}", KEY_ENDED: utc_text(ended)}
    if exhibit.state in STAYS_PUT and exhibit.holder_id not in (None, signer.id):
        return {STORED_BY: exhibit.holder}
    return {}


def taken_over_words(connection: Connection, exhibit: Exhibit, signers: Sequence[tuple[SignerRole, SignedIn]]) -> str:
    """A sentence that tells who took an exhibit over from whom, and by whose order; its time is in UTC."""
    ended, (first, last) = holders_key_ended(connection, exhibit), [by.person.name for _, by in signers]
    since = "" if ended is None else f" on {ended:%Y-%m-%d at %H:%M} UTC"
    return (
        f"{exhibit.number} was not signed for by who held it, {exhibit.holder}: their key ended{since}. "
        f"Moved by order of {first}; taken over by {last}."
    )
