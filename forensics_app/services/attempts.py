"""Steps of custody that are refused: what was tried is undone, and recorded (REQ-17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from chain_of_custody.errors import GateError, IllegalStepError, SamePersonError
from chain_of_custody.states import Event, Transition, step
from forensics_app.db.engine import Database
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.person import SignedIn
from forensics_app.services.cases import case_with
from forensics_app.services.exhibits import exhibit_with, trying
from forensics_app.services.refusals import noting_refusals

T = TypeVar("T")


def attempted(
    db: Database,
    now: Callable[[], datetime],
    actor: SignedIn,
    exhibit_id: ExhibitId,
    event: str,
    act: Callable[[Connection, Case, Exhibit], T],
) -> T:
    """Do ``act`` in one transaction; where it is refused, nothing of it stays but an entry about the attempt.

    Args:
        db: The record.
        now: The clock.
        actor: Who tries it, and signs the entry about a refusal.
        exhibit_id: What it is done to.
        event: What is tried, for that entry.
        act: Gets the connection, the case and the exhibit as they are now; asks for the role first.

    Raises:
        RefusedError: What ``act`` raised.
        PermissionRefusedError: The same.
    """
    with noting_refusals(db, now, actor, trying(exhibit_id, event)), db.writing() as connection:
        exhibit = exhibit_with(connection, exhibit_id)
        return act(connection, case_with(connection, exhibit.case_id), exhibit)


def allowed_step(exhibit: Exhibit, event: Event, fields: dict[str, object]) -> Transition:
    """The transition that an event makes of an exhibit.

    Raises:
        RefusedError: The machine does not allow it, or something is missing.
    """
    try:
        return step(exhibit.state, event, fields, exhibit.type)
    except (IllegalStepError, GateError, SamePersonError) as error:
        raise RefusedError(
            f"{exhibit.number}: {error}", then="Fill in what is missing, or take an open step."
        ) from error
