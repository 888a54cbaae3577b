"""Acts that are refused before there is an exhibit, or before anything was read: the attempt is recorded (REQ-17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.case import Case
from forensics_app.model.person import SignedIn
from forensics_app.services.record import Writer, case_chain

RECORDED = "Nothing was changed; the attempt was recorded."
Told = tuple[Case, Subject, dict[str, Json]]


@contextmanager
def noting_refusals(
    db: Database, now: Callable[[], datetime], actor: SignedIn, about: Callable[[Connection], Told]
) -> Iterator[None]:
    """Append an entry about what is refused in the block, for want of a role, a state or something to be told.

    Args:
        db: The record; no transaction is open when the block ends.
        now: The clock.
        actor: Who tries it, and signs the entry.
        about: The case, what the act was to be done to, and the facts ``event`` and ``from_state``.

    Raises:
        RefusedError: What the block raised.
        PermissionRefusedError: The same.
    """
    try:
        yield
    except (RefusedError, PermissionRefusedError) as refusal:
        if refusal.kept != RECORDED and _is_recorded(db, now, actor, about, str(refusal)):
            refusal.kept = RECORDED
        raise


def _is_recorded(
    db: Database, now: Callable[[], datetime], actor: SignedIn, about: Callable[[Connection], Told], why: str
) -> bool:
    """Record it, unless the case is none of this lab or the key of the actor has ended: that is what is said then."""
    try:
        with db.writing() as connection:
            case, subject, facts = about(connection)
            facts = {**facts, "why": why}
            Writer(connection, now()).append(case_chain(case), "custody.refused", subject, facts, [("actor", actor)])
    except (NotFoundError, PermissionRefusedError):
        return False
    return True
