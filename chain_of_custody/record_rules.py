"""Who writes what the record tells of exhibits and incidents, and whether it tells of what was there (fifth rules).

Steps are judged by what they do to a custody. Everything else that is told of an exhibit or an incident, such as what
it is and what happened to it, is written by who may, and a correction states as old what the entries before it add up
to: else a report would strike words through that nobody ever wrote. See ``ledger-format.md``, section 7.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json, canonical
from chain_of_custody.correction_rules import CORRECT_STEP, SEIZE
from chain_of_custody.decision_rules import DECISION, INCIDENT, is_decision
from chain_of_custody.entry import Entry
from chain_of_custody.hand_rules import HOLDERS
from chain_of_custody.keyring import KeyRing
from chain_of_custody.order_rules import order_breaches
from chain_of_custody.reasons import reason_breaches
from chain_of_custody.seal_faults import SealFaults
from chain_of_custody.seal_rules import number_breaches, opening_breaches, replaced_breaches, seal_breaches
from chain_of_custody.step_rules import event_in, told_step
from chain_of_custody.telling_rules import (
    LastTold,
    column_breaches,
    corrected_columns,
    corrected_names,
    place_breaches,
    seizer_breaches,
    seizure_breaches,
)

EXHIBIT: Final = "exhibit"
CORRECT: Final = "exhibit.correct"
CLOSE: Final = "incident.close"
_WRITERS: Final[Mapping[str, Collection[str]]] = {EXHIBIT: HOLDERS, INCIDENT: HOLDERS | {"auditor"}}
"""The roles of who writes rows of a table; auditors find things in a room, too."""
_MARK: Final = "integrity_failed"
"""Column of an exhibit that says whether an image of it fails its check; whoever checks images sets it."""
_OCCURRED: Final = "occurred_at"
_PAIR: Final = 2


class Told:
    """What the entries so far tell of steps and incidents."""

    def __init__(self) -> None:
        """Begin without any."""
        self._steps: dict[int, Entry] = {}
        self._corrected: dict[int, dict[str, str]] = {}
        self._occurred: dict[str, dict[int, Json]] = {}  # the times of steps, as first told, by exhibit
        self._incidents: set[str] = set()
        self._closed: set[str] = set()
        self._seizures: dict[str, Content] = {}
        self._last = LastTold()
        self._seals = SealFaults()
        self._is_gapped = False

    def pass_by(self) -> None:
        """Take note of an entry that is withheld: nobody knows what the entries add up to from there on."""
        self._is_gapped = True

    def breaches(
        self, entry: Entry, content: Content, exhibits: Mapping[str, Mapping[str, Json]], keyring: KeyRing, at: str
    ) -> Iterator[str]:
        """Say what was not allowed about what an entry writes.

        Args:
            entry: the entry.
            content: what its body holds.
            exhibits: the columns of the exhibits of the chain before it, by id.
            keyring: the keys of the lab, and the roles of its people.
            at: the time of use, as `utc_text` writes it.
        """
        tables = [change.table for change in content.changes]
        for table, needed in _WRITERS.items():
            if table in tables and event_in(content.action) is None:  # of steps it is asked anyway
                yield from _of_roles(content, table, needed, keyring, at)
        if self._is_gapped:
            return
        for change in content.changes:
            if change.table == EXHIBIT:
                yield from _of_exhibit(content, change, exhibits.get(change.id))
                row, before = exhibits.get(change.id, {}), self._seal_before(content)
                is_told = self._seals.told(change.id) is not None
                yield from replaced_breaches(content, change, row, self._incidents, before, is_fault_told=is_told)
                yield from _of_root(content, change, exhibits)
                yield from seizure_breaches(content, change, self._seizures.get(change.id))
                if change.id in exhibits:
                    event = told_step(content) if content.object.id == change.id else None
                    yield from place_breaches(content, event, change, row)
            elif change.table == INCIDENT:
                yield from self._of_incident(content, change)
        if content.action == CORRECT_STEP:
            yield from self.correction_breaches(content, exhibits.get(content.object.id, {}))
        if content.object.kind == EXHIBIT:
            yield from _of_columns(content, exhibits.get(content.object.id))
            row, told = exhibits.get(content.object.id, {}), self._seals.told(content.object.id)
            yield from seal_breaches(content, row, self._incidents, told)
        yield from opening_breaches(content, exhibits)
        yield from reason_breaches(content, self._incidents)

    def count(self, entry: Entry, content: Content) -> None:
        """Count an entry, whatever rules it was made by."""
        self._seals.count(content)
        told = [change for change in content.changes if change.table == INCIDENT]
        self._incidents |= {change.id for change in told}
        self._closed |= {change.id for change in told if is_decision(change)}
        if content.object.kind == EXHIBIT and event_in(content.action) is not None:
            self._steps[content.sequence] = entry
            self._occurred.setdefault(content.object.id, {})[content.sequence] = content.facts.get(_OCCURRED)
            if content.action == SEIZE:
                self._seizures[content.object.id] = content
        number = content.facts.get("corrects")
        if content.action == CORRECT_STEP and type(number) is int:
            now = {name: pair[1] for name, pair in _pairs(content) if pair is not None}
            self._corrected.setdefault(number, {}).update(now)
            self._last.count(content, number, now)
        else:
            is_step = content.object.kind == EXHIBIT and event_in(content.action) is not None
            self._last.count(content, content.sequence, content.facts if is_step else {})

    def _times_of(self, step: Content) -> dict[int, Json]:
        """What is told now as the time of the other steps of the exhibit of a step, by number."""
        told = self._occurred.get(step.object.id, {})
        now = {number: self._corrected.get(number, {}).get(_OCCURRED, was) for number, was in told.items()}
        return {number: at for number, at in now.items() if number != step.sequence}

    def _seal_before(self, content: Content) -> Json:
        """The number that the step which an entry corrects states of the seal before it."""
        number = content.facts.get("corrects")
        step = self._steps.get(number) if type(number) is int else None
        is_its = step is not None and step.content.object.id == content.object.id
        return step.content.facts.get("seal_before") if step is not None and is_its else None

    def _of_incident(self, content: Content, change: Change) -> Iterator[str]:
        if change.id in self._incidents:
            if content.action != CLOSE or not set(change.set) <= set(DECISION):
                yield f"{content.action} changes an incident, of which only {CLOSE} changes something: the decision."
            elif change.id in self._closed or change.after.get("decided_by") != content.actor.id:
                yield f"{content.action} decides again about an incident, or not in the name of who signs."
            return
        row, people = change.after, [slot.person for slot in content.signers]
        if row.get("raised_by") not in people or row.get("case_id") != content.chain:
            yield f"{content.action} raises an incident in the name of somebody who does not sign, or in another case."

    def correction_breaches(self, content: Content, row: Mapping[str, Json]) -> Iterator[str]:
        """Say what was not allowed about the correction of a step that was counted.

        Args:
            content: the entry.
            row: the columns of the exhibit before it.
        """
        number = content.facts.get("corrects")
        step = self._steps.get(number) if type(number) is int else None
        if step is None or step.content.object.id != content.object.id:
            yield f"{content.action} corrects no step of {content.object.label}."
            return
        if content.facts.get("corrects_digest") != step.digest.hex():
            yield f"{content.action} corrects entry {number} and states another digest than that of it."
        told = {**step.content.facts, **self._corrected.get(step.content.sequence, {})}
        pairs = [*_pairs(content)]
        if not pairs:
            yield f"{content.action} does not say what it corrects of entry {number}."
        yield from corrected_names(step.content, dict(pairs))
        now = {name: pair[1] for name, pair in pairs if pair is not None}
        yield from corrected_columns(content, step.content, told, {**told, **now}, row, self._last)
        yield from seizer_breaches(content, step.content, now, {**told, **now})
        if _OCCURRED in now:
            yield from order_breaches(content, step.content.sequence, self._times_of(step.content), now[_OCCURRED])
        for name, pair in pairs:
            was = told.get(name)
            if pair is None or pair[0] != ("" if was is None else was):
                yield f"{content.action} states that {name} of entry {number} was told otherwise than it was."


def _of_roles(content: Content, table: str, needed: Collection[str], keyring: KeyRing, at: str) -> Iterator[str]:
    for slot in content.signers:
        roles = keyring.roles_at(slot.person, at)
        only_saw = slot.role == "witness" and slot.person != content.actor.id
        if not only_saw and roles is not None and roles.isdisjoint(needed):
            yield f"{slot.name} writes by {content.action} of an {table} and did not hold a role for that then."


def _of_exhibit(content: Content, change: Change, row: Mapping[str, Json] | None) -> Iterator[str]:
    if row is None and "state" not in change.set:
        yield f"{content.action} writes of an exhibit that this chain never registered."
        return
    number = (row or change.after).get("number")
    for column, (old, _) in change.set.items():
        if canonical(old) != canonical((row or {}).get(column)):
            yield f"{content.action} states that {column} of {number} was another one than it was."
    yield from number_breaches(content, change, row or {})
    is_about = content.object.kind == EXHIBIT and content.object.id == change.id
    may_write = is_about and (told_step(content) is not None or content.action in (CORRECT, CORRECT_STEP))
    if row is not None and not may_write and set(change.set) - {_MARK}:
        yield f"{content.action} changes what is told of {number}, which only its steps and corrections do."


def _of_columns(content: Content, row: Mapping[str, Json] | None) -> Iterator[str]:
    """Say which columns a step of an exhibit that is there leaves otherwise than it tells."""
    event, key = told_step(content), content.object.id
    if event is None or row is None:
        return
    written = next((one for one in content.changes if (one.table, one.id) == (EXHIBIT, key)), None)
    yield from column_breaches(content, event, written or Change(table=EXHIBIT, id=key, set={}), row)
    if written is None:
        yield from place_breaches(content, event, Change(table=EXHIBIT, id=key, set={}), row)


def _of_root(content: Content, change: Change, exhibits: Mapping[str, Mapping[str, Json]]) -> Iterator[str]:
    """Say whether an exhibit that comes into being is told to come from another one than its parent does."""
    row = change.after
    parent, root = row.get("parent_id"), row.get("root_id")
    if change.id in exhibits or root is None:
        return
    wanted = change.id if parent is None else exhibits.get(str(parent), {}).get("root_id")
    if wanted is not None and root != wanted:
        yield f"{content.action} tells of {row.get('number')} that it comes from another exhibit than its parent."


def _pairs(content: Content) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """What a correction of a step states of each name, as it was and as it is to be read; None where it is no pair."""
    told = content.facts.get("corrected")
    for name, pair in told.items() if isinstance(told, Mapping) else ():
        is_pair = isinstance(pair, list | tuple) and len(pair) == _PAIR and all(type(one) is str for one in pair)
        yield name, (str(pair[0]), str(pair[1])) if is_pair and isinstance(pair, list | tuple) else None
