"""Whose key is whose, and since when: read out of the lab chain.

The first entry of the lab chain enrols the first administrator and is signed by the very key that it enrols. That key
is the root: everything that is trusted is trusted relative to its fingerprint, which has to be compared by other means,
such as on paper.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chain_of_custody.enrolment import ENDED, OUTSIDERS, Register, RoleSpan, Span, Written, begins_later, holds
from chain_of_custody.entry import Entry
from chain_of_custody.signing import PublicKey
from chain_of_custody.verdict import Answer

_NO_LAB: Final = "there is no lab chain, so nobody is known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """Somebody in the register of people outside: their name there, and the UUIDs of who wrote of them.

    Without writers it is nobody whom the register knows.
    """

    name: str = ""
    writers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """The keys of a lab. Make one with `from_lab`; one without entries knows no key.

    Attributes:
        lab_chain: UUID of the lab chain.
        root: fingerprint of the root key, 64 hexadecimal digits; None when the lab chain has no valid beginning.
        public_keys: by key id, every key that the lab chain shows, trusted or not.
        spans: by key id.
        roles: by person, in the order of the entries of the lab chain that gave them.
        outsiders: by UUID of a person in the register of people outside, who wrote of them.
        objections: by place in the list of lab entries, from 0: why an entry about keys has no effect.
        refusal: why no key at all can be trusted; None otherwise.
        broken_at: place of the lab entry, from 0, from which on enrolments and revocations are not known, because the
            chain is broken there; None when it is not.
        known_until: the time until which they are known when the chain is broken.
    """

    lab_chain: str | None = None
    root: str | None = None
    public_keys: Mapping[str, PublicKey] = field(default_factory=dict)
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    roles: Mapping[str, tuple[RoleSpan, ...]] = field(default_factory=dict)
    outsiders: Mapping[str, tuple[Written, ...]] = field(default_factory=dict)
    objections: Mapping[int, str] = field(default_factory=dict)
    refusal: str | None = _NO_LAB
    broken_at: int | None = None
    known_until: str = ""

    @classmethod
    def from_lab(cls, entries: Iterable[Entry], *, root: str | None = None, chain: str | None = None) -> KeyRing:
        """Read the entries of the lab chain, in order.

        Args:
            entries: the lab chain.
            root: the fingerprint that the root key must have, known from elsewhere; None accepts the one found.
            chain: UUID that the lab chain must have; None takes what its first readable entry states.
        """
        register = Register(chain)
        for index, entry in enumerate(entries):
            register.read(index, entry)
        objections, refusal = dict(register.objections), None
        if register.root is None:
            nothing_read = register.chain is None and register.broken_at is None
            refusal = objections.get(0, _NO_LAB if nothing_read else "the lab chain does not begin as it must")
        elif root is not None and root != register.root:
            refusal = objections[0] = f"the root key of the lab is {register.root}, not {root} as expected"
        return cls(
            lab_chain=register.chain[0] if register.chain else None,
            root=register.root,
            public_keys=register.public_keys,
            spans=register.spans,
            roles=register.roles,
            outsiders=register.outsiders,
            objections=objections,
            refusal=refusal,
            broken_at=register.broken_at,
            known_until=register.known_until,
        )

    def trust(self, key: str, person: str, *, position: int | None, at: str) -> tuple[Answer, str]:
        """Say whether a key was a person's key when it was used, and if not, why (a clause).

        Args:
            key: key id.
            person: UUID.
            position: place of the use in the lab chain, from 1; None for a use in another chain, judged by time.
            at: time of the use as `utc_text` writes it.
        """
        if self.refusal is not None:
            return Answer.NO, self.refusal
        spans = self.spans.get(key)
        if not spans:
            return Answer.NO, f"the key {key[:16]}... was never enrolled"
        if all(span.person != person for span in spans):
            return Answer.NO, f"the key {key[:16]}... is enrolled for another person"
        if any(holds(span, position, at) for span in spans):
            return self._within_knowledge(position, at)
        if all(begins_later(span, position, at) for span in spans):
            return Answer.NO, f"the key {key[:16]}... was used before it was enrolled ({spans[0].since})"
        return Answer.NO, f"the key {key[:16]}... was used after it had been revoked or replaced ({spans[-1].until})"

    def roles_at(self, person: str, at: str) -> frozenset[str] | None:
        """Return the roles that a person had at a time; None when nothing is known of the person then."""
        given = [span.roles for span in self.roles.get(person, ()) if span.since <= at]
        return given[-1] if given else None

    def name_at(self, person: str, at: str) -> str | None:
        """Return the name by which a person was enrolled at a time; None when nothing is known of the person then."""
        given = [span.name for span in self.roles.get(person, ()) if span.since <= at]
        return given[-1] if given else None

    def renamings(self) -> frozenset[int]:
        """Return the places in the lab chain, from 1, of entries that enrol somebody again under another name."""
        pairs = (pair for spans in self.roles.values() for pair in pairwise(spans))
        return frozenset(later.position for earlier, later in pairs if later.name != earlier.name)

    def is_in_force(self, person: str, at: str) -> bool:
        """Whether a person had a key at a time."""
        return any(span.person == person and holds(span, None, at) for of_key in self.spans.values() for span in of_key)

    def ended_at(self, person: str, at: str) -> str | None:
        """Return when the last key of a person ended who has none at a time; None where they have one, or had none."""
        mine = [span for of_key in self.spans.values() for span in of_key if span.person == person and span.since <= at]
        if any(holds(span, None, at) for span in mine):
            return None
        return max((span.until for span in mine if span.until is not None), default=None)

    def outsider(self, outsider: object, at: str) -> Outsider | None:
        """Return what the register of people outside says of a person at a time.

        Returns:
            That, without writers where they are not in it, or were taken off it; None where the lab chain is not there,
            or cannot be read until then.
        """
        if not self.is_known(at):
            return None
        written = [one for one in self.outsiders.get(str(outsider), ()) if one.at <= at]
        acts = {one.action for one in written}
        if OUTSIDERS[0] not in acts or ENDED in acts:
            return Outsider()
        names = [one.name for one in written if one.name is not None and one.action in OUTSIDERS]
        writers = frozenset(one.by for one in written if one.action in OUTSIDERS)
        return Outsider(name=names[-1] if names else "", writers=writers)

    def names_of(self, roles: Collection[str], at: str) -> frozenset[str]:
        """Return the names of who had a key and one of these roles at a time; none where that is not known."""
        if not self.is_known(at):
            return frozenset()
        given = {person: [one for one in spans if one.since <= at] for person, spans in self.roles.items()}
        return frozenset(
            of[-1].name for who, of in given.items() if of and of[-1].roles & {*roles} and self.is_in_force(who, at)
        )

    def is_known(self, at: str) -> bool:
        """Whether the lab chain is there, and can be read until a time."""
        return self.lab_chain is not None and (self.broken_at is None or at <= self.known_until)

    def _within_knowledge(self, position: int | None, at: str) -> tuple[Answer, str]:
        if self.broken_at is None:
            return Answer.YES, ""
        if (position <= self.broken_at) if position is not None else (at <= self.known_until):
            return Answer.YES, ""
        return Answer.UNKNOWN, f"the lab chain is broken at place {self.broken_at + 1}, which may hide a revocation"
