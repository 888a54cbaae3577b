"""Whether the acts of custody that a chain tells of were allowed: by whom they are signed, and what they lead to.

A ledger can be intact, signed and trusted, and tell of a step that nobody could have taken: a program that asks nobody
can write it, and an enrolled person sign it. So every verifier goes through the acts again. What was filled in beside
them is what people say under their signatures; it is not judged here. See ``ledger-format.md``, section 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from chain_of_custody.bearer_rules import Bearers
from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json
from chain_of_custody.certificate_rules import BY_CERTIFIERS, Certificates
from chain_of_custody.certificate_rules import PREFIX as CERTIFICATE
from chain_of_custody.column_values import fact_breaches, facts_to_read, is_time
from chain_of_custody.correction_rules import CORRECT_STEP, SEIZE, corrects_officer
from chain_of_custody.decision_rules import DECIDED, Decisions
from chain_of_custody.desk_rules import APPROVED, ON_THE_DESK, VERIFY, Desk
from chain_of_custody.disposal_rules import DISPOSAL, count_breaches, disposal_breaches
from chain_of_custody.entry import Entry
from chain_of_custody.erasure_rules import APPROVE, CARRY_OUT, FINISH, PREFIX, PROPOSE, REJECT, Erasures
from chain_of_custody.errors import BodyError
from chain_of_custody.frame import Place
from chain_of_custody.hand_rules import FIFTH, FOURTH, HOLDERS, SECOND, THIRD, Papers, one_person, states_digest
from chain_of_custody.keeping_rules import SET, Keeping
from chain_of_custody.keyring import KeyRing
from chain_of_custody.links import quick_place
from chain_of_custody.offer_rules import OF_OFFERS, TRANSFER_OFFER, Offers
from chain_of_custody.record_rules import EXHIBIT, Told
from chain_of_custody.report_rules import OF_REPORTS, SIGNED_BY, Reports
from chain_of_custody.row_rules import Rows, Written
from chain_of_custody.rule_sets import ANCHOR, BEGIN, Begun, Stated, is_ruled
from chain_of_custody.step_rules import Before, event_in, step_breaches, told_step
from chain_of_custody.value_rules import plain
from chain_of_custody.vocabulary import AT_HAND, EXPORT, IMAGE, LABORATORY_MEDIUM, State

DERIVE: Final = "exhibit.derive"
HOLDER: Final = "holder"
_OF_CUSTODY: Final = ("state", "holder_id")
"""Columns of an exhibit that nothing but a step of its custody changes."""
_FOR_EVER: Final = ("case_id", "number", "parent_id")
"""Columns of an exhibit that stay as it was registered."""
_NOT_RECEIVED: Final = "not received here"
_REGISTRARS: Final = frozenset(("examiner", "exhibits officer"))
_SUPERVISORS: Final = frozenset(("supervisor",))
_EXPLAINS: Final = ("deviation", "incident")
_KEEPERS: Final = frozenset(("administrator", "supervisor"))
_ERASERS: Final = frozenset(("administrator", "exhibits officer", "supervisor"))
_ROLES: Final[Mapping[str, frozenset[str]]] = {
    "exhibit.add": _REGISTRARS,
    DERIVE: _REGISTRARS,
    "exhibit.correct": _REGISTRARS,
    "exhibit.correct_step": HOLDERS,
    "image.intake": _REGISTRARS,
    "image.decision": _SUPERVISORS,
    "transfer.offer": HOLDERS,
    "custody.reject_disposal": _SUPERVISORS,
    "disposal.approve": _SUPERVISORS,
    "hold.place": HOLDERS,
    "hold.lift": _SUPERVISORS,
    **dict.fromkeys((APPROVE, REJECT), _SUPERVISORS),
    **dict.fromkeys((PROPOSE, CARRY_OUT, FINISH), _ERASERS),
    SET: _KEEPERS,
    **BY_CERTIFIERS,
    "incident.close": _SUPERVISORS,
    "medium.wipe": _REGISTRARS,
    "medium.assign": _REGISTRARS,
    "medium.return": _REGISTRARS,
    **dict.fromkeys(APPROVED, _SUPERVISORS),
    **SIGNED_BY,
}
"""Which of these roles a signer needs; every other act of custody needs one of `HOLDERS`."""
_STARTS: Final = tuple(
    f'{{"action":"{start}'.encode()
    for start in ("custody.", "transfer.", PREFIX, CERTIFICATE, VERIFY, ANCHOR, BEGIN, *_ROLES)
)
_TABLES: Final = (EXHIBIT, DISPOSAL, *DECIDED, *ON_THE_DESK, *OF_REPORTS, TRANSFER_OFFER)
_EXHIBITS, *_ALWAYS = (f'"table":"{table}"'.encode() for table in _TABLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An act that was not allowed. `entry_index` is the place in the list, from 0; `what` a sentence."""

    entry_index: int
    sequence: int
    what: str


def breaches(entries: Iterable[Entry], keyring: KeyRing, begun: Begun) -> tuple[Breach, ...]:
    """Go through the acts of custody of a chain and say which were not allowed.

    What is withheld is passed over: nobody can judge it. It ends at the first entry that cannot be read, after which
    nobody knows what an exhibit's state was; that entry is a finding of its own (`verify`).

    Args:
        entries: the chain from its first entry, in order.
        keyring: the keys of the lab, and the roles of its people.
        begun: the rules that the lab chain begins for all chains (`begun_in`).
    """
    chain, latest, head = _Acts(keyring, begun), "", ""
    found: list[Breach] = []
    for index, entry in enumerate(entries):
        if entry.withheld is not None:
            chain.told.pass_by()
            chain.rows.is_gapped = True
            chain.reports.pass_by(head)
            head = entry.withheld.hex()
            continue
        head = entry.digest.hex()
        try:
            place = quick_place(entry.body)
            latest = max(latest, place.recorded_at)
            chain.reports.pass_by(place.previous)
            if not is_judged(entry.body):
                written = Written.within(entry.body)
                facts = facts_to_read(entry.body)
                rest = chain.take_rest(entry, place, latest, index + 1, written, facts)
                found += _numbered(index, place.sequence, rest)
                continue
            content = entry.content
        except BodyError:
            break
        named, written = chain.take(entry, content, latest, index + 1), Written.of(content)
        named += chain.take_rest(entry, place, latest, index + 1, written, content.facts)
        found += _numbered(index, place.sequence, named)
    return tuple(found)


def _numbered(index: int, number: int, said: Iterable[str]) -> list[Breach]:
    return [Breach(entry_index=index, sequence=number, what=f"Entry {number}: {what}") for what in said]


def is_judged(body: bytes) -> bool:
    """Whether the rules are about an entry: by its bytes, in which a quotation mark inside a text is always escaped."""
    if body.startswith(_STARTS) or any(table in body for table in _ALWAYS):
        return True
    return _EXHIBITS in body


class _Acts:
    """What the acts have added up to so far."""

    def __init__(self, keyring: KeyRing, begun: Begun) -> None:
        self._keyring = keyring
        self._stated = Stated(begun, keyring)
        self._outsiders: set[str] = set()  # exhibits with somebody who bears the name of a person of the laboratory
        self._exhibits: dict[str, dict[str, Json]] = {}
        self._disposals: dict[str, dict[str, Json]] = {}
        self._offers = Offers()
        self._numbers: set[Json] = set()  # that exhibits have or had
        self._decisions = Decisions()
        self._desk = Desk()
        self.reports = Reports()
        self._erasures = Erasures()
        self._keeping = Keeping()
        self._certificates = Certificates()
        self._papers = Papers()
        self._bearers = Bearers(keyring)
        self.told = Told()
        self.rows = Rows(keyring)
        self._explained: set[tuple[str, str]] = set()  # rows of deviations and incidents that are there
        self._seized: dict[str, int] = {}  # exhibits of which a seizure was the last to tell who has them: its number
        self._kinds: set[bool] = set()  # whether what was registered is a medium of the laboratory

    def take(self, entry: Entry, content: Content, at: str, place: int) -> list[str]:
        """Say what was not allowed about the next act, and count it; `place` is that in the chain, from 1."""
        content, found = plain(content, _TABLES)
        found += [*self._stated.take(content, at, place), *self._of_roles(content, at)]
        judged = self._explained_anew(content)
        found += [*self._of_exhibits(judged, at), *self._of_step(judged, at)]
        if content.action in OF_OFFERS and self._stated.number >= FIFTH:
            state = self._exhibits.get(content.object.id, {}).get("state")
            found += self._offers.breaches(content, state)
        if self._stated.number >= THIRD and is_ruled(content.action):
            found += self._papers.breaches(content, at, rules=self._stated.number)
        if self._stated.number >= FIFTH:
            found += self.told.breaches(entry, content, self._exhibits, self._keyring, at)
            found += count_breaches(content)
        for change in content.changes:
            if change.table == DISPOSAL:
                row = self._disposals.get(change.id, {})
                found += disposal_breaches(content, change, row, rules=self._stated.number)
        accepted = self._offers.answered_by(content)
        found += self._decisions.kept(content, self._exhibits)
        giver = None if accepted is None else accepted.giver
        found += self._decisions.take(content, giver)
        found += self._desk.take(content, giver if self._stated.number >= FIFTH else None)
        found += self.reports.take(content, rules=self._stated.number)
        found += self._erasures.take(content, rules=self._stated.number)
        found += self._keeping.take(content, at)
        found += self._certificates.take(content)
        self._count(content)
        self.told.count(entry, content)
        self._offers.count(entry, content, told_step(content), place)
        return found

    def take_rest(
        self, entry: Entry, place: Place, at: str, number: int, written: Written | None, facts: Mapping[str, Json]
    ) -> Iterator[str]:
        """Say what was not allowed about names, rows and times, of which every entry is asked.

        Args:
            entry: the entry.
            place: as the entry states it.
            at: the time of use, as `utc_text` writes it.
            number: its place in the chain, from 1.
            written: what it says of rows; None where it changes none.
            facts: what it tells; none where it tells no time, tool and paper.
        """
        rules = self._stated.held(place.chain, place.chain_kind, number)
        if rules >= FIFTH:
            yield from self._bearers.breaches(entry.body, at, place.chain_kind, number)
            yield from fact_breaches("this entry", facts, is_step=written is not None and written.event is not None)
            if not is_time(place.recorded_at):
                yield f"it says that it was recorded at {place.recorded_at}, when nothing can have been."
        if written is not None:
            yield from self.rows.take(written, at, rules=rules)

    def _explained_anew(self, content: Content) -> Content:
        """The entry, by the fourth rules without rows of deviations and incidents that were there before."""
        told = [change for change in content.changes if change.table in _EXPLAINS]
        known = {(change.table, change.id) for change in told} & self._explained
        self._explained |= {(change.table, change.id) for change in told}
        if self._stated.number < FOURTH or not known:
            return content
        return replace(content, changes=tuple(one for one in content.changes if (one.table, one.id) not in known))

    def _of_roles(self, content: Content, at: str) -> Iterator[str]:
        needed = _ROLES.get(content.action)
        if needed is None and event_in(content.action) is not None:
            needed = HOLDERS
        if needed is None:
            return
        for slot in content.signers:
            roles = self._keyring.roles_at(slot.person, at)
            only_saw = slot.role == "witness" and slot.person != content.actor.id
            if not only_saw and roles is not None and not roles & needed:
                yield f"{slot.name} signs {content.action} and did not hold the role for it then."

    def _of_exhibits(self, content: Content, at: str) -> Iterator[str]:
        stepped = content.object.id if told_step(content) is not None else None
        for change in content.changes:
            if change.table != EXHIBIT:
                continue
            is_of_custody = any(column in change.set for column in _OF_CUSTODY)
            before = self._exhibits.get(change.id)
            if before is None:
                if is_of_custody:
                    yield from self._of_birth(content, change, at)
                continue
            number = before.get("number")
            if LABORATORY_MEDIUM in change.set.get("type", ()):
                yield f"{content.action} changes whether {number} is a medium of the laboratory."
            if self._stated.number >= FIFTH and any(one in change.set.get("type", ()) for one in (IMAGE, EXPORT)):
                yield f"{content.action} changes whether {number} is an image, or an export of one."
            if any(column in change.set for column in _FOR_EVER):
                yield f"{content.action} gives {number} another number or parent, or moves it to another case."
            is_moved = HOLDER in change.set and change.id != stepped and self._stated.number > SECOND
            if is_moved and not corrects_officer(content, change, before, self._seized.get(change.id)):
                yield f"{content.action} changes who is told to have {number}, and is no step of its custody."
            if is_of_custody and change.id != stepped:
                yield f"{content.action} changes where {number} is in its custody, and is no step of it."

    def _of_birth(self, content: Content, change: Change, at: str) -> Iterator[str]:
        """An exhibit is registered by who holds it then, or is an image made of another one."""
        row = change.after
        number = row.get("number")
        if type(number) is str and number in self._numbers:
            yield f"{content.action} gives another exhibit the number {number}, which this chain has."
        if self._stated.number >= FIFTH and not (type(number) is str and number.strip()):
            yield f"{content.action} brings an exhibit into being without a number."
        if self._stated.number >= FIFTH and not self._is_named(content, row, at):
            yield f"{content.action} brings {number} into being in the hands of {row.get('holder')}, who does not sign."
        if content.action == "exhibit.add":
            is_right = row.get("state") == State.IDENTIFIED and row.get("holder_id") == content.actor.id
            yield from self._of_neighbours(row)
        elif content.action == DERIVE:
            is_right = change.id == content.object.id and self._is_derived(content, row)
            yield from self._of_neighbours(row)
        else:
            is_image = row.get("type") == IMAGE and row.get("state") == State.STORED
            is_right = content.action == "image.intake" and is_image and row.get("parent_id") == content.object.id
            is_right = is_right and (self._stated.number < FOURTH or row.get("holder_id") is None)
        if not is_right or row.get("case_id") != content.chain:
            yield f"{content.action} brings {number} into being in a way in which no exhibit does."

    def _is_named(self, content: Content, row: Mapping[str, Json], at: str) -> bool:
        """Whether a new exhibit is told to be with who registers it or, imported, elsewhere; or with nobody by name."""
        holder = row.get(HOLDER)
        if row.get("holder_id") is not None:
            return holder == content.actor.name or _is_imported(content, holder)
        enrolled = self._keyring.names_of(HOLDERS, at)
        return type(holder) is not str or not any(one_person(holder, name) for name in enrolled)

    def _is_derived(self, content: Content, row: Mapping[str, Json]) -> bool:
        """A part is taken out by who has the whole in their hands; files are exported from an image."""
        parent = self._exhibits.get(str(row.get("parent_id")), {})
        if row.get("state") != State.UNDER_EXAM or row.get("holder_id") != content.actor.id:
            return False
        if parent.get("type") == IMAGE:
            return row.get("type") == EXPORT
        is_at_hand = parent.get("state") in AT_HAND and parent.get("holder_id") == content.actor.id
        return is_at_hand and row.get("type") not in (IMAGE, EXPORT)

    def _of_neighbours(self, row: Mapping[str, Json]) -> Iterator[str]:
        """Media of the laboratory, which go onto a shelf without having been seized, have a case of their own."""
        is_medium = row.get("type") == LABORATORY_MEDIUM
        self._kinds.add(is_medium)
        if len(self._kinds) > 1:
            yield f"{row.get('number')} lies in one case with what it may not: media of the laboratory have their own."

    def _of_step(self, content: Content, at: str) -> Iterator[str]:
        event = told_step(content)
        if event is None:
            return
        row = self._exhibits.get(content.object.id)
        if row is None:
            yield f"{content.action} is about {content.object.label}, which this chain never registered."
            return
        of_it = (one.after for one in content.changes if (one.table, one.id) == (EXHIBIT, content.object.id))
        after = row | next(of_it, {})
        before = Before(
            row=row,
            offers=self._offers.open,
            keyring=self._keyring,
            at=at,
            rules=self._stated.number,
            is_outsider=content.object.id in self._outsiders,
            last_step=self._offers.last_step(content.object.id),
        )
        yield from step_breaches(content, event, before, after)

    def _count(self, content: Content) -> None:
        for table, rows in ((EXHIBIT, self._exhibits), (DISPOSAL, self._disposals)):
            for change in content.changes:
                if change.table == table and (change.id in rows or "state" in change.set):
                    rows.setdefault(change.id, {}).update(change.after)
                    if table == EXHIBIT and "number" in change.set:
                        self._numbers.add(change.after["number"])
        for change in content.changes:
            if change.table == EXHIBIT and HOLDER in change.set:
                (self._outsiders.add if "outsider" in content.facts else self._outsiders.discard)(change.id)
                if content.action == SEIZE:
                    self._seized[change.id] = content.sequence
                elif content.action != CORRECT_STEP:
                    self._seized.pop(change.id, None)


def _is_imported(content: Content, holder: Json) -> bool:
    """Whether an exhibit is registered out of the export of another laboratory, and told not to have come from it."""
    laboratory = content.facts.get("laboratory")
    is_told = type(laboratory) is str and holder == f"{laboratory}, {_NOT_RECEIVED}"
    return is_told and content.action == "exhibit.add" and states_digest(content, "imported_from_sha256")
