"""By which rules an act of custody was made: as it states, and as the lab chain fixes for every chain of the lab.

Rules only ever get stricter. An act may state a greater number than those before it and never a smaller one. An entry
`BEGIN` of the lab chain says for each chain after which of its entries the rules hold; in a chain that it does not name
they hold from the first entry on. See ``ledger-format.md``, section 7, *Rules of custody*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chain_of_custody.body import Content, utc_text
from chain_of_custody.canonical import Json
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError
from chain_of_custody.keyring import KeyRing
from chain_of_custody.links import quick_place

STATED: Final = "custody_rules"
"""The fact by which an act says by which rules it was made."""
FIRST: Final = 1
"""The rules of acts that state none, where no others were begun."""
RULES: Final = 5
"""The newest rules, by which this program works."""
BY_STEPS: Final = 3
"""The newest rules that everybody begins who may take a step of custody; newer ones their keepers begin."""
BEGIN: Final = "lab.rules"
"""The action of the entry of the lab chain from which on rules hold in every chain."""
ANCHOR: Final = "case.anchor"
"""The action of entries of the lab chain that name a chain which is there."""
REGISTERED: Final = "exhibit.add"
REFUSED: Final = "custody.refused"
_BEGINNERS: Final = frozenset(("examiner", "exhibits officer", "supervisor"))
_KEEPERS: Final = frozenset(("administrator", "supervisor"))
_STARTS: Final = tuple(f'{{"action":"{action}",'.encode() for action in (BEGIN, ANCHOR))
_HEAD: Final = ("chain", "head", "sequence")


def is_ruled(action: str) -> bool:
    """Whether an act is of those that may state their rules."""
    return action == REGISTERED or action.startswith("custody.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The head of a case chain as an entry of the lab chain states it: one that anchors it, or one that begins rules.

    Attributes:
        lab_index: place of the anchoring entry in the lab chain, from 0.
        lab_sequence: its sequence number.
        recorded_at: as the anchoring entry states it.
        chain: UUID of the case chain.
        sequence: number of the case's last entry then.
        head: digest of that entry, 64 hexadecimal digits.
    """

    lab_index: int
    lab_sequence: int
    recorded_at: str
    chain: str
    sequence: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The rules that the lab chain has begun: number, and how many entries of which chain were there before."""

    steps: Sequence[tuple[int, Mapping[str, int]]] = ()

    def at(self, chain: str, place: int) -> int:
        """Return the number of the rules that hold for an entry of a chain by its place, from 1."""
        return max((number for number, before in self.steps if place > before.get(chain, 0)), default=FIRST)


def may_begin(number: int, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may begin the rules with this number."""
    return not (_BEGINNERS if number <= BY_STEPS else _KEEPERS).isdisjoint(roles)


def begun_in(lab: Sequence[Entry], keyring: KeyRing) -> Begun:
    """Return the rules that the entries of a lab chain begin, by who may begin them."""
    steps: list[tuple[int, Mapping[str, int]]] = []
    known: set[str] = set()
    at, read = "", 0
    for index, content in _said(lab):
        if content.action == ANCHOR:
            known |= _anchored(content)
            continue
        at, read = _latest(at, lab[read : index + 1]), index + 1
        number = content.facts.get(STATED)
        highest = max((one for one, _ in steps), default=FIRST)
        if _why_not(content, highest, known, keyring, at) is None and type(number) is int:
            steps.append((number, {one["chain"]: one["sequence"] for one in _listed(content)}))
    return Begun(steps=tuple(steps))


def heads_in(lab: Iterable[Entry], doubted: Collection[int] = ()) -> Iterator[Anchor]:
    """Return the heads that entries which begin rules state; entries at the places `doubted`, from 0, state none."""
    for index, content in _said(lab):
        if content.action != BEGIN or index in doubted or not _are_heads(content.facts.get("chains")):
            continue
        at = utc_text(content.recorded_at)
        for one in _listed(content):
            yield Anchor(lab_index=index, lab_sequence=content.sequence, recorded_at=at, **one)


class Stated:
    """Which rules hold, gathered act by act of one chain."""

    def __init__(self, begun: Begun, keyring: KeyRing) -> None:
        """Begin before the first entry; `begun` is what the lab chain fixes."""
        self._begun, self._keyring = begun, keyring
        self._known: set[str] = set()  # the chains that entries of this lab chain named
        self._highest = FIRST  # that this lab chain began, for the chains of cases
        self.number = FIRST
        """The rules that hold for the act taken last."""

    def held(self, chain: str, chain_kind: str, place: int) -> int:
        """Return the number of the rules that hold for the signers of any entry, by its chain and place, from 1."""
        return self._highest if chain_kind == "lab" else max(self.number, self._begun.at(chain, place))

    def take(self, content: Content, at: str, place: int) -> Iterator[str]:
        """Say what an act states wrongly of its rules.

        Args:
            content: the entry.
            at: time of its use, as `utc_text` writes it.
            place: of the entry in its chain, from 1.
        """
        if content.action == ANCHOR:
            self._known |= _anchored(content)
        if content.action == BEGIN:
            why = _why_not(content, self._highest, self._known, self._keyring, at)
            if why is not None:
                yield f"{BEGIN} begins no rules: {why}."
            else:
                self._highest = max(self._highest, int(str(content.facts[STATED])))
            return
        if content.chain_kind == "case":
            self.number = max(self.number, self._begun.at(content.chain, place))
        held = self.number
        is_step = content.action.startswith("custody.") and content.action != REFUSED
        if not is_step and content.action != REGISTERED:
            return
        told = content.facts.get(STATED)
        if STATED not in content.facts:
            if is_step and held > 2:
                yield f"{content.action} states no rules, and rules {held} hold, by which each step states them."
        elif type(told) is not int or not FIRST <= told <= RULES:
            yield f"{content.action} states the rules {told!r}, which are not known here."
        elif told < held:
            yield f"{content.action} states rules {told}, and rules {held} hold already."
        else:
            self.number = told


def _said(lab: Iterable[Entry]) -> Iterator[tuple[int, Content]]:
    for index, entry in enumerate(lab):
        if entry.body.startswith(_STARTS):
            try:
                content = entry.content
            except BodyError:
                continue
            if content.chain_kind == "lab":
                yield index, content


def _anchored(content: Content) -> set[str]:
    chain = content.facts.get("chain")
    return {chain} if content.chain_kind == "lab" and type(chain) is str else set()


def _latest(at: str, entries: Iterable[Entry]) -> str:
    """The latest time that entries state, if it is later than `at`."""
    for entry in entries:
        try:
            at = max(at, quick_place(entry.body).recorded_at)
        except BodyError:
            continue
    return at


def _why_not(content: Content, highest: int, known: Collection[str], keyring: KeyRing, at: str) -> str | None:
    number = content.facts.get(STATED)
    if content.chain_kind != "lab":
        return "it does not stand in the lab chain"
    if type(number) is not int or not FIRST < number <= RULES:
        return f"the rules {number!r} are not known here"
    if number <= highest:
        return f"rules {highest} hold already"
    if not _are_heads(content.facts.get("chains")):
        return "it does not say after which entry of which chain"
    if not {one["chain"] for one in _listed(content)}.issuperset(known):
        return "it leaves out a chain that the lab chain names before"
    for slot in content.signers:
        roles = keyring.roles_at(slot.person, at)
        if roles is not None and not may_begin(number, roles):
            return f"{slot.name} did not hold a role for that then"
    return None


def _listed(content: Content) -> list[dict[str, Any]]:
    chains: Any = content.facts.get("chains")
    return [*chains]


def _are_heads(chains: Json) -> bool:
    if not isinstance(chains, list) or not all(isinstance(one, dict) and sorted(one) == [*_HEAD] for one in chains):
        return False
    fit = all(
        type(one["chain"]) is str and type(one["head"]) is str and type(one["sequence"]) is int and one["sequence"] > 0
        for one in chains
        if isinstance(one, dict)
    )
    return fit and len({one["chain"] for one in chains if isinstance(one, dict)}) == len(chains)
