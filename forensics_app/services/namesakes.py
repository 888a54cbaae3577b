"""Who is named as somebody outside is nobody of the laboratory, but for a namesake whom the register knows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from chain_of_custody.enrolment import OUTSIDERS
from chain_of_custody.hand_rules import one_person
from chain_of_custody.names import names, why_no_name
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import person_of
from forensics_app.db.tables import OUTSIDER, PERSON
from forensics_app.errors import RefusedError
from forensics_app.model.person import Person, Role

MAY_HOLD = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR})
"""Who of the laboratory may hold exhibits, and so signs with a key for what they give and take."""


def check_name(told: str) -> None:
    """Refuse what cannot be read as the name of a person.

    Raises:
        RefusedError: A word of it mixes alphabets, or it turns the direction of writing.
    """
    if fault := why_no_name(told):
        raise RefusedError(f"This cannot be the name of a person: {fault}.", then="Type the name in one alphabet.")


def check_stranger(
    connection: Connection, number: str, told: str, signing: Sequence[Person], *, has_it: bool = False
) -> dict[str, str]:
    """Hold a name against everybody whose key is in force; the register tells namesakes apart (REQ-18, REQ-19).

    Args:
        connection: Of the open transaction.
        number: Of the exhibit.
        told: Who is named, with what else is told of them.
        signing: The people of the laboratory who sign.
        has_it: The record names them as who has the exhibit. Somebody enrolled who may not hold exhibits, and so cannot
            sign the step with a key, gives it then as somebody outside; so does somebody whose name only holds that of
            somebody enrolled who does not sign, such as Ana Maria Kovač beside Ana Kovač.

    Returns:
        The fact ``outsider`` where somebody in the register bears the name of a person of the lab; else nothing.

    Raises:
        RefusedError: It is no name, or that of somebody enrolled and of nobody in the register, or of somebody whom one
            of those who sign put into the register themselves.
    """
    check_name(told)
    rows = connection.execute(select(PERSON).where(PERSON.c.revoked_at.is_(None))).mappings()
    in_force = [one for one in map(person_of, rows) if not has_it or one.roles & MAY_HOLD]
    bears = one_person if has_it else names
    bearers = [one for one in in_force if bears(told, one.name)] + [one for one in signing if names(told, one.name)]
    mine = bearers[0].name if bearers else None
    if mine is None:
        return {}
    by_themselves = ""
    for outsider in namesakes_of(connection, told):
        written = [entry.content for entry in entries_about(connection, [outsider])]
        writers = {one.actor.id for one in written if one.action in OUTSIDERS}
        by_themselves = next((one.name for one in signing if str(one.id) in writers), "")
        if not by_themselves:
            return {"outsider": outsider}
    if by_themselves:
        raise RefusedError(
            f"{by_themselves} signs for {number} and put {told} into the register of people outside themselves.",
            then="Let somebody else of the laboratory, who does not sign, add them to the register.",
        )
    raise RefusedError(
        f"{mine} has a key in this laboratory, and is no other party of {number}: they sign themselves.",
        then=f"Let {mine} sign as the giver or the receiver. If it is somebody else of the same name, let somebody who "
        "does not sign add them to the register of people outside first, with their organisation or the number of a "
        "document.",
    )


def namesakes_of(connection: Connection, told: str) -> list[str]:
    """Ids of the people in the register, with an organisation or a document, who bear the name that is told."""
    query = select(OUTSIDER.c.id, OUTSIDER.c.name, OUTSIDER.c.organisation, OUTSIDER.c.identity)
    rows = connection.execute(query.where(OUTSIDER.c.ended_at.is_(None)).order_by(OUTSIDER.c.id)).all()
    return [row.id for row in rows if one_person(told, row.name) and (row.organisation or row.identity)]
