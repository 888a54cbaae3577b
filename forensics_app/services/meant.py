"""Who is meant by a name that somebody of the laboratory bears too: nobody becomes them, or another, unasked."""

from __future__ import annotations

from sqlalchemy import Connection, select

from chain_of_custody.hand_rules import one_person
from chain_of_custody.names import names
from forensics_app.db.mapping import person_of
from forensics_app.db.tables import PERSON
from forensics_app.errors import RefusedError, UnclearNameError
from forensics_app.model.meant import NAME_MEANS, NameMeans, holds_name, written_apart
from forensics_app.model.person import Person
from forensics_app.services.namesakes import MAY_HOLD, namesakes_of

_COMMAND_LINE = f"on the command line: --officer-means of a new exhibit, {NAME_MEANS} of a step"
_ANSWER = f"Say who is meant: {NameMeans.OURS.value!r} or {NameMeans.OTHER.value!r} ({_COMMAND_LINE})."


def check_carrier(connection: Connection, carrier: str, signer: Person, means: str) -> None:
    """Refuse a carrier who could be the person that signs, or a firm or another person, and it is not said which.

    Args:
        connection: Of the open transaction.
        carrier: As told.
        signer: Who has the exhibit if they carry it themselves.
        means: One of :class:`NameMeans`; empty where nothing was said.

    Raises:
        UnclearNameError: It could be both.
        RefusedError: What is said is no answer.
    """
    _check_answer(means)
    is_theirs = one_person(carrier, signer.name)
    if means or not names(carrier, signer.name) or (is_theirs and not namesakes_of(connection, carrier)):
        return
    why = "the register of people outside has that name, too" if is_theirs else "it holds more than that name"
    raise UnclearNameError(
        f"{carrier!r} could be {signer.name} of the laboratory, or a firm or another person: {why}.",
        then=_ANSWER,
    )


def seized_by(connection: Connection, officer: str, actor: Person, means: str) -> tuple[Person | None, dict[str, str]]:
    """Who of the lab holds what an officer seized: the one who records it, if they are the officer.

    Args:
        connection: Of the open transaction.
        officer: As told.
        actor: Who records it.
        means: One of :class:`NameMeans`; empty where nothing was said.

    Returns:
        That person, or None; and the fact ``outsider`` where the officer is a registered namesake of somebody enrolled.

    Raises:
        UnclearNameError: The name could be that of somebody enrolled who may hold exhibits.
        RefusedError: Another one of the same name is meant, whom the register does not know; or what is said is no
            answer.
    """
    _check_answer(means)
    rows = connection.execute(select(PERSON).where(PERSON.c.revoked_at.is_(None)).order_by(PERSON.c.id)).mappings()
    ours = [one.name for one in map(person_of, rows) if one.roles & MAY_HOLD or one.id == actor.id]
    bears = any(one_person(officer, name) for name in ours)
    held = "" if bears else holds_name(officer, ours)
    if held and means != NameMeans.OTHER:
        raise UnclearNameError(
            f"{officer!r} holds the name of {held}, who has a key in this laboratory: it is not clear who is meant.",
            then=f"If it is {held}, write {written_apart(officer, held)!r}. If it is another person, say who is "
            f"meant: {NameMeans.OTHER.value!r} ({_COMMAND_LINE}).",
        )
    known = namesakes_of(connection, officer) if bears else []
    if known and not means:
        raise UnclearNameError(
            f"{officer!r} is the name of somebody of the laboratory, and of somebody in the register of people "
            "outside.",
            then=_ANSWER,
        )
    if bears and means == NameMeans.OTHER:
        if not known:
            raise RefusedError(
                f"{officer!r} is the name of somebody of the laboratory, and the register of people outside has nobody "
                "of that name.",
                then="Let somebody who does not sign add them to the register first, with their organisation or the "
                "number of a document.",
            )
        return None, {"outsider": known[0]}
    return (actor if one_person(officer, actor.name) else None), {}


def _check_answer(means: str) -> None:
    if means and means not in set(NameMeans):
        raise RefusedError(
            f"{means!r} does not say who is meant by the name.",
            then=_ANSWER,
        )
