"""Opening what is sealed: its seal is read before it is imaged, and before a part is taken out of it (REQ-12)."""

from __future__ import annotations

from datetime import datetime

from chain_of_custody.ledger import Json, Subject
from chain_of_custody.states import Event, State, Transition, arrow
from forensics_app.db.mapping import Values
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case
from forensics_app.model.custody import CustodyRequest
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import SealSeen, opens_seal
from forensics_app.model.person import SignedIn
from forensics_app.services.custody_rules import step_facts, values_after
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.step_findings import check_seal, fields_of_seal, insert_findings, insert_seal_findings

NOT_SAID = "Not said: {number} is taken out of it"
"""What stands for the write blocker where an examination begins with a part being taken out."""


def check_opening(exhibit: Exhibit, seen: SealSeen | None, event: Event = Event.IMAGE) -> None:
    """Ask how the seal of a checked-out exhibit was found, before it is opened to be imaged or taken apart.

    Raises:
        RefusedError: It is sealed and nothing, or not enough, is told of the seal; or a seal is told of what is not in
            the laboratory's hands with a seal on it.
    """
    if seen is not None and not opens_seal(exhibit):
        raise RefusedError(
            f"{exhibit.number} is {exhibit.state.value.replace('_', ' ').lower()}"
            f"{'' if exhibit.seal_number else ' and not sealed'}; its seal is not opened by this act.",
            then="Leave out what is told of a seal.",
        )
    if exhibit.state is State.CHECKED_OUT:
        check_seal(exhibit, _told(exhibit, seen), _arrow(exhibit, event))


def opened(
    writer: Writer, exhibit: Exhibit, seen: SealSeen | None, transition: Transition, by: SignedIn
) -> tuple[Values, dict[str, Json]]:
    """The columns and facts that tell how the seal was found when an exhibit was imaged; incidents are added.

    Nothing where it is not sealed.

    Raises:
        RefusedError: As of :func:`check_opening`.
    """
    told = _told(exhibit, seen)
    check_seal(exhibit, told, transition)
    if not exhibit.seal_number:
        return {}, {}
    found = insert_seal_findings(writer, exhibit, told, transition, by)
    columns: Values = {"seal_number": told.get("seal_number") or exhibit.seal_number}
    return columns, {"seal_before": exhibit.seal_number, **told, **found}


def told_of_seal(exhibit: Exhibit, seen: SealSeen | None) -> dict[str, Json]:
    """What the entry of an acquisition states of the seal; the intake tells it again and judges it."""
    return {} if seen is None else {"seal_before": exhibit.seal_number, **_told(exhibit, seen)}


def begin_with_part(
    writer: Writer, actor: SignedIn, case: Case, whole: Exhibit, seen: SealSeen | None, number: str, at: datetime
) -> None:
    """Begin the examination of a sealed exhibit, out of which a part is taken: that opens it, and is a step of it.

    Of one that is not sealed, or was opened before, nothing is written.

    Args:
        writer: Of the open transaction.
        actor: Who has it in their hands and opens it.
        case: Of the exhibit.
        whole: What is opened.
        seen: How its seal was found.
        number: Of the part.
        at: When it was opened.

    Raises:
        RefusedError: As of :func:`check_opening`.
    """
    check_opening(whole, seen, Event.BEGIN_EXAMINATION)
    if not opens_seal(whole):
        return
    fields = {**_told(whole, seen), "write_blocker": NOT_SAID.format(number=number)}
    request = CustodyRequest(exhibit_id=whole.id, event=Event.BEGIN_EXAMINATION, occurred_at=at, fields=fields)
    transition = _arrow(whole, Event.BEGIN_EXAMINATION)
    writer.update(EXHIBIT, whole.id, values_after(whole, request, transition, actor.person, writer.now))
    facts = step_facts(whole, request, transition, [("actor", actor)])
    facts |= insert_findings(writer, whole, request, transition, [("actor", actor)])
    subject = Subject(kind="exhibit", id=str(whole.id), label=whole.number)
    writer.append(case_chain(case), f"custody.{transition.event}", subject, facts, [("actor", actor)])


def _told(exhibit: Exhibit, seen: SealSeen | None) -> dict[str, str]:
    return {} if seen is None else fields_of_seal(exhibit, seen)


def _arrow(exhibit: Exhibit, event: Event) -> Transition:
    found = arrow(exhibit.state, event, exhibit.type)
    if found is None:
        raise RefusedError(f"{exhibit.number} is {exhibit.state.value.replace('_', ' ')}; it cannot be opened now.")
    return found
