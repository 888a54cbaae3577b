"""Chains for tests: people with keys from fixed seeds, a lab chain and case chains, all really signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chain_of_custody.ledger import (
    ChainKind,
    Change,
    Draft,
    Entry,
    Json,
    KeyRing,
    Party,
    SignerRole,
    SignerSlot,
    Subject,
    compose,
    sign,
)
from chain_of_custody.signing import OpenKey

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LAB = "00000000-0000-4000-8000-00000000000a"
CASE = "00000000-0000-4000-8000-0000000000c1"
OTHER_CASE = "00000000-0000-4000-8000-0000000000c2"


@dataclass(frozen=True)
class Member:
    """Somebody with a key."""

    person: str
    name: str
    key: OpenKey

    @property
    def party(self) -> Party:
        return Party(id=self.person, name=self.name, function="Officer")

    def slot(self, role: SignerRole = "actor") -> SignerSlot:
        return SignerSlot(role=role, person=self.person, name=self.name, key=self.key.key_id)

    def with_key(self, seed: str) -> Member:
        return Member(self.person, self.name, key_from(seed))


def key_from(seed: str) -> OpenKey:
    return OpenKey(hashlib.sha256(seed.encode()).digest())


def member(number: int, name: str) -> Member:
    return Member(f"00000000-0000-4000-8000-{number:012}", name, key_from(name))


ADA = member(1, "Ada Administrator")
BEN = member(2, "Бенедикт Слідчий")
EVE = member(3, "Eve Examiner")
STRANGER = member(9, "Stranger")


@dataclass
class Chain:
    """A chain that grows by an entry a minute."""

    chain: str = CASE
    kind: ChainKind = "case"
    entries: list[Entry] = field(default_factory=list)
    at: datetime = NOON

    def add(
        self, action: str, *signers: tuple[Member, SignerRole], facts: dict[str, Any] | None = None, **more: Any
    ) -> Entry:
        self.at = more.pop("at", self.at + timedelta(minutes=1))
        people = signers or ((ADA, "actor"),)
        kind, about = more.pop("about", ("exhibit", self.chain))
        label = more.pop("label", "2026-014/3")
        draft = Draft(
            chain=self.chain,
            chain_kind=self.kind,
            actor=people[0][0].party,
            signers=tuple(one.slot(role) for one, role in people),
            action=action,
            obj=Subject(kind=kind, id=about, label=label),
            facts=facts or {},
            **more,
        )
        body = compose(draft, after=self.entries[-1] if self.entries else None, at=self.at)
        self.entries.append(sign(body, [one.key for one, _ in people]))
        return self.entries[-1]

    def enrol(
        self,
        who: Member,
        *roles: str,
        by: Member = ADA,
        action: str = "person.enrol",
        named: bool = False,
        **facts: Json,
    ) -> Entry:
        more = {"label": who.name} if named else {}
        about: dict[str, Json] = {
            "person": who.person,
            "key": who.key.key_id,
            "public_key": who.key.public_key.raw.hex(),
            "roles": list(roles),
        }
        return self.add(action, (by, "actor"), facts=about | facts, **more)

    def revoke(self, who: Member, *, by: Member = ADA) -> Entry:
        return self.add("person.revoke", (by, "actor"), facts={"person": who.person, "key": who.key.key_id})


def new_lab(*members: Member, named: bool = False) -> Chain:
    """A lab whose administrator is Ada, with the members as examiners; ``named`` if she is enrolled by her name."""
    lab = Chain(LAB, "lab", at=NOON - timedelta(days=1))
    lab.enrol(ADA, "administrator", named=named)
    for one in members:
        lab.enrol(one, "examiner")
    return lab


def ring_of(lab: Chain) -> KeyRing:
    return KeyRing.from_lab(lab.entries)


def grown_case(count: int = 6, chain: str = CASE) -> Chain:
    """A case of alternating entries by Ben alone, by Ben to Eve, and a change by Eve."""
    case = Chain(chain)
    shelf: str | None = None
    for number in range(count):
        if number % 3 == 1:
            case.add("exhibit.hand_over", (BEN, "giver"), (EVE, "receiver"), facts={"purpose": "examination"})
            continue
        change = Change(table="exhibit", id=chain, set={"shelf": (shelf, f"Shelf {number}")})
        shelf = f"Shelf {number}"
        case.add("exhibit.move", (BEN if number % 3 else EVE, "actor"), changes=(change,), reason='a "move"\n')
    return case


def replaced(entries: Sequence[Entry], index: int, entry: Entry) -> list[Entry]:
    return [*entries[:index], entry, *entries[index + 1 :]]
