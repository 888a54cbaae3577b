"""Every step of custody is held against the verifiers' rules before it is written, so that they never reject it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, func, select, tuple_

from chain_of_custody.column_values import fact_breaches
from chain_of_custody.correction_rules import CORRECT_STEP, SEIZE, corrects_officer
from chain_of_custody.decision_rules import DECIDED, Decisions
from chain_of_custody.desk_rules import APPROVED, ON_THE_DESK, VERIFY, Desk
from chain_of_custody.disposal_rules import disposal_breaches
from chain_of_custody.enrolment import ENROL
from chain_of_custody.hand_rules import NAMED
from chain_of_custody.ledger import Change, Content, Json, KeyRing, utc_text
from chain_of_custody.offer_rules import Offers
from chain_of_custody.possession_rules import had_by
from chain_of_custody.reasons import reason_breaches
from chain_of_custody.record_rules import CLOSE, CORRECT, Told
from chain_of_custody.row_rules import Rows, Written
from chain_of_custody.rule_sets import ANCHOR, BEGIN, BY_STEPS, FIRST, REFUSED, RULES, STATED, may_begin
from chain_of_custody.seal_faults import TOLD_BEFORE, SealFaults
from chain_of_custody.seal_rules import number_breaches, replaced_breaches, seal_breaches
from chain_of_custody.seals import SealCondition
from chain_of_custody.step_rules import Before, gives, step_breaches, told_step
from chain_of_custody.telling_rules import column_breaches, place_breaches
from forensics_app.db.ledger import entries_about, entries_of, newest_about, time_of_use
from forensics_app.db.tables import DISPOSAL, ENTRY, EXHIBIT, LAB
from forensics_app.errors import RefusedError
from forensics_app.model.person import SignedIn
from forensics_app.services.worded import WORDS_ASKED

WITNESSED = ("actor", "witness")
_DECIDING = (*APPROVED, "incident.close", "image.decision", "hold.lift")
_TOLD = tuple(f'{{"action":"{action}",'.encode() for action in ("transfer.offer", VERIFY))
_BY_KEEPERS = (
    ANCHOR, ENROL, "case.open", "desk.approve", "desk.return", "disposal.approve", "hold.lift", "image.decision",
    "incident.close", "report.approve", "report.return",
)  # fmt: skip
"""What administrators and supervisors do though they take no step: with it they begin the newest rules, too."""


def asks_rules(action: str) -> bool:
    """Whether an entry is a step, made by the newest rules, which the lab chain has to begin before it."""
    return action.startswith("custody.") and action != REFUSED


def rules_to_begin(
    connection: Connection, action: str, signers: Sequence[SignedIn]
) -> tuple[SignedIn, str, dict[str, Json]] | None:
    """Who of those who sign an entry begins which rules for every chain of the lab.

    The newest ones are begun by an administrator or supervisor, at the first step of custody that one of them signs, or
    the first of their own acts (`_BY_KEEPERS`) once there is a case; those that were there before by whoever takes the
    first step.

    Args:
        connection: Of the open transaction.
        action: Of the entry.
        signers: Who signs it, the actor first.

    Returns:
        Them, the lab's id and the facts of the entry; None where there is nothing to begin.
    """
    if not asks_rules(action) and action not in _BY_KEEPERS:
        return None
    lab = str(connection.scalar(select(LAB.c.id)))
    entry = newest_about(connection, lab, BEGIN)
    told = FIRST if entry is None else entry.content.facts.get(STATED)
    begun = told if type(told) is int else FIRST
    newest_first = (RULES, BY_STEPS) if asks_rules(action) else (RULES,)
    asked = signers if asks_rules(action) else signers[:1]
    ways = ((one, number) for number in newest_first if number > begun for one in asked)
    way = next((way for way in ways if may_begin(way[1], [role.value for role in way[0].person.roles])), None)
    if way is None:
        return None
    last = select(ENTRY.c.chain, func.max(ENTRY.c.sequence)).where(ENTRY.c.chain_kind == "case").group_by(ENTRY.c.chain)
    heads = select(ENTRY.c.chain, ENTRY.c.sequence, ENTRY.c.digest).where(
        tuple_(ENTRY.c.chain, ENTRY.c.sequence).in_(last)
    )
    rows = connection.execute(heads.order_by(ENTRY.c.chain)).all()
    if not rows and not asks_rules(action):
        return None
    chains: list[Json] = [{"chain": row.chain, "sequence": row.sequence, "head": row.digest.hex()} for row in rows]
    return way[0], lab, {STATED: way[1], "chains": chains}


def check_allowed(connection: Connection, content: Content) -> None:
    """Refuse what a verifier would name as not allowed: a step of custody, a correction of one, or a decision.

    Args:
        connection: Of the open transaction, whose rows hold what the entry changes already.
        content: The entry that is about to be signed.

    Raises:
        RefusedError: It is such a step.
    """
    event = told_step(content)
    found = [*(_of_decision(connection, content) if event is None else _of_step(connection, content, event))]
    for change in content.changes:
        if change.table == DISPOSAL.name:
            found += disposal_breaches(content, change, _row_before(connection, DISPOSAL, change.id, content.changes))
    if event is None:
        _check_corrected(connection, content)
    if found and event is None:
        raise RefusedError(
            f"This decision is against the rules of the record: {found[0]}", then="Let another supervisor decide."
        )
    if found:
        raise RefusedError(
            f"This step is against the rules of custody: {found[0]}",
            then="Tell the step as it was; who gives and who takes has to sign it.",
        )


def _of_decision(connection: Connection, content: Content) -> Iterator[str]:
    """What is not allowed of a decision, by the same rules and entries that a verifier goes through."""
    if content.action not in _DECIDING:
        return
    desk, decisions, offers = Desk(), Decisions(), dict[str, str | None]()
    tables = [f'"table":"{name}"'.encode() for name in (*ON_THE_DESK, *DECIDED)]
    for entry in entries_of(connection, content.chain):
        body = entry.body
        if not body.startswith(_TOLD) and not any(table in body for table in tables):
            continue
        before = entry.content
        giver = offers.get(str(before.facts.get("offer")))
        deque(chain(desk.take(before, giver), decisions.take(before, giver)), maxlen=0)
        if before.action == "transfer.offer":
            offers[entry.digest.hex()] = before.signers[0].person
    yield from desk.take(content)
    yield from decisions.take(content, None)


def check_rows(content: Content) -> None:
    """Refuse an entry that makes or changes a row of the record which no entry of its kind does.

    Who may is asked by the services; what the record holds is not asked, since its database keeps that together.

    Raises:
        RefusedError: It is such an entry.
    """
    rows = Rows(KeyRing(), is_gapped=True)
    told = rows.take(Written.of(content), utc_text(content.recorded_at), rules=RULES)
    found = next(
        chain(told, fact_breaches(content.action, content.facts, is_step=told_step(content) is not None)), None
    )
    if found is not None:
        raise RefusedError(f"This entry is against the rules of the record: {found}")
    closed = [change.id for change in content.changes if content.action == CLOSE]
    for wrong in reason_breaches(content, closed):
        raise RefusedError(f"This entry is against the rules of the record: {wrong}", then=WORDS_ASKED)


def _check_corrected(connection: Connection, content: Content) -> None:
    for change in content.changes:
        if content.action not in (CORRECT, CORRECT_STEP) or change.table != EXHIBIT.name:
            continue
        row = _row_before(connection, EXHIBIT, change.id, content.changes)
        for wrong in place_breaches(content, None, change, row):
            raise RefusedError(f"This correction is against the rules of the record: {wrong}")
        if "seal_number" in change.set:
            before = _seal_before(connection, change.id, content.facts.get("corrects"))
            for wrong in _of_number(content, change, row, before, is_fault_told=False):
                raise RefusedError(f"This correction is against the rules of the record: {wrong}")
        if content.action != CORRECT_STEP or "holder" not in change.set:
            continue
        if not corrects_officer(content, change, row, _seized_last(connection, change.id)):
            raise RefusedError(
                f"This correction would change who has {row.get('number')}, which only a step of its custody does.",
                then="Record the step by which it came to them.",
            )
    if content.action == CORRECT_STEP:
        told = Told()
        for entry in entries_about(connection, [content.object.id]):
            told.count(entry, entry.content)
        row = _row_before(connection, EXHIBIT, content.object.id, content.changes)
        for wrong in told.correction_breaches(content, row):
            raise RefusedError(f"This correction is against the rules of the record: {wrong}")


def _seal_before(connection: Connection, exhibit_id: str, sequence: Json) -> Json:
    """The number that a step states of the seal before it; None where there is no such step."""
    told = [entry.content for entry in entries_about(connection, [exhibit_id])]
    return next((one.facts.get("seal_before") for one in told if one.sequence == sequence), None)


def _seized_last(connection: Connection, exhibit_id: str) -> int | None:
    """The number of the seizure that was the last to tell who has an exhibit; None where another entry was."""
    told = [entry.content for entry in entries_about(connection, [exhibit_id])]
    last = next((one for one in reversed(told) if one.action != CORRECT_STEP and _tells_holder(one, exhibit_id)), None)
    return last.sequence if last is not None and last.action == SEIZE else None


def _tells_holder(content: Content, exhibit_id: str) -> bool:
    return any(_is_of(change, EXHIBIT, exhibit_id) and "holder" in change.set for change in content.changes)


def is_with_namesake(connection: Connection, exhibit_id: str) -> bool:
    """Whether who has an exhibit is somebody outside who bears the name of a person of the laboratory."""
    is_namesake = False
    for entry in entries_about(connection, [exhibit_id]):
        content = entry.content
        if _tells_holder(content, exhibit_id):
            is_namesake = "outsider" in content.facts
    return is_namesake


def _of_step(connection: Connection, content: Content, event: str) -> Iterator[str]:
    exhibit_id = content.object.id
    before = _row_before(connection, EXHIBIT, exhibit_id, content.changes)
    of_it = (change.after for change in content.changes if _is_of(change, EXHIBIT, exhibit_id))
    after = {**before, **next(of_it, {})}
    asks_lab = tuple(slot.role for slot in content.signers) == WITNESSED
    asks_lab = asks_lab or any(name in content.facts for name in ("outsider", "offer", *NAMED))
    asks_lab = asks_lab or after.get("holder_id") is None
    offers = _offers(connection, exhibit_id) if "offer" in content.facts else Offers()
    giver, name = gives(content, offers.open)
    asks_lab = asks_lab or before.get("holder_id") not in (None, giver)
    named = had_by(before, name)
    told = Before(
        row=before,
        offers=offers.open,
        keyring=KeyRing.from_lab(_lab_entries(connection)) if asks_lab else KeyRing(),
        at=time_of_use(connection, content.chain, content.recorded_at),
        rules=RULES,
        is_outsider=named and is_with_namesake(connection, exhibit_id),
        last_step=offers.last_step(exhibit_id),
    )
    yield from step_breaches(content, event, told, after)
    told_fault = None
    if TOLD_BEFORE in content.facts or content.facts.get("seal_check") == SealCondition.NEW:
        told_fault = seal_fault_told(connection, exhibit_id)
    yield from seal_breaches(content, before, (), told_fault)
    for change in content.changes:
        if _is_of(change, EXHIBIT, exhibit_id):
            yield from _of_number(content, change, before, None, is_fault_told=told_fault is not None)
            yield from place_breaches(content, event, change, before)
            yield from column_breaches(content, event, change, before)


def seal_fault_told(connection: Connection, exhibit_id: str, before: int | None = None) -> tuple[str, int] | None:
    """The fault of an exhibit's seal that is told already, and the entry that raised its incident; None of none.

    Args:
        connection: Of the open transaction.
        exhibit_id: Of the exhibit.
        before: Number of the entry up to which is asked, without it; None for all that there are.
    """
    faults = SealFaults()
    for content in (entry.content for entry in entries_about(connection, [exhibit_id])):
        if before is None or content.sequence < before:
            faults.count(content)
    return faults.told(exhibit_id)


def _of_number(
    content: Content, change: Change, row: Mapping[str, Json], before: Json, *, is_fault_told: bool
) -> Iterator[str]:
    yield from number_breaches(content, change, row)
    yield from replaced_breaches(content, change, row, (), before, is_fault_told=is_fault_told)


def _row_before(connection: Connection, table: Table, row_id: str, changes: Sequence[Change]) -> Mapping[str, Json]:
    """The columns of a row as they were before the changes; empty for a new one."""
    row = connection.execute(select(table).where(table.c.id == row_id)).mappings().one_or_none()
    now: dict[str, Any] = {} if row is None else {name: value for name, value in row.items() if name != "id"}
    for change in changes:
        if _is_of(change, table, row_id):
            now |= {name: old for name, (old, _) in change.set.items()}
    return {} if all(value is None for value in now.values()) else now


def _is_of(change: Change, table: Table, row_id: str) -> bool:
    return (change.table, change.id) == (table.name, row_id)


def _offers(connection: Connection, exhibit_id: str) -> Offers:
    """The offers of an exhibit that nobody answered, and its last step."""
    offers = Offers()
    for entry in entries_about(connection, [exhibit_id]):
        content = entry.content
        offers.count(entry, content, told_step(content), content.sequence)
    return offers


def _lab_entries(connection: Connection) -> list[Any]:
    return [*entries_of(connection, str(connection.scalar(select(LAB.c.id))))]
