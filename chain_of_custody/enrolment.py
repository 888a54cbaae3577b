"""Going through the lab chain for what it says of keys: enrolled, replaced, revoked, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from chain_of_custody.body import read_raw
from chain_of_custody.entry import Entry, message_of
from chain_of_custody.errors import BodyError
from chain_of_custody.frame import read_frame
from chain_of_custody.links import START, Before, follows
from chain_of_custody.signing import PublicKey

ENROL: Final = "person.enrol"
REVOKE: Final = "person.revoke"
REPLACE: Final = "key.replace"
ADMINISTRATOR: Final = "administrator"

OUTSIDERS: Final = ("outsider.add", "outsider.change")
"""Acts that write in the register of people outside; the first puts somebody into it."""
ENDED: Final = "outsider.end"

_REGISTER: Final = "outsider"
_STARTS: Final = tuple(f'{{"action":"{action}",'.encode() for action in (ENROL, REPLACE, REVOKE))
_OF_OUTSIDERS: Final = tuple(f'{{"action":"{action}",'.encode() for action in (*OUTSIDERS, ENDED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How long a key was a person's key.

    Attributes:
        since_position: place in the lab chain of the enrolment, from 1; the key may be used from that entry on.
        since: the time that this entry states.
        until_position: place of the entry that ended it, the last one that the key may sign; None while it holds.
        until: the time which that entry states; from then on the key is not trusted.
    """

    person: str
    since_position: int
    since: str
    until_position: int | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpan:
    """The roles that a person had from the time on that an entry of the lab chain states, and their name there.

    `position` is the place of that entry in the lab chain, from 1.
    """

    since: str
    roles: frozenset[str]
    name: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """That somebody wrote of a person in the register of people outside: what they did, when, and the name, if any."""

    by: str
    at: str
    action: str
    name: str | None


def holds(span: Span, position: int | None, at: str) -> bool:
    """Whether the key could be used at a place of the lab chain or, without a place, at a time."""
    if position is not None:
        ended = span.until_position is not None and position > span.until_position
        return span.since_position <= position and not ended
    return span.since <= at and (span.until is None or at < span.until)


def begins_later(span: Span, position: int | None, at: str) -> bool:
    """Whether the place, or without one the time, lies before the span."""
    return position < span.since_position if position is not None else at < span.since


class Register:
    """What the lab chain says of keys, gathered entry by entry.

    Attributes:
        chain: id and kind of the chain; None before its first readable entry, if none is expected.
        root: id of the root key; None when the chain has no valid beginning.
        public_keys: by key id, every key that the chain shows, whether its enrolment has an effect or not.
        spans: by key id.
        roles: by person, in the order of the entries that gave them.
        outsiders: by UUID of a person in the register of people outside, who wrote of them.
        objections: by place in the chain, from 0: why an entry about keys has no effect.
        broken_at: place of the first entry, from 0, that does not follow its predecessor, or that is about keys and not
            signed by those that it names. Nothing from there on has an effect.
        known_until: the latest time that the entries state, without the last one before the break: it may be the one
            that was changed.
    """

    def __init__(self, chain: str | None = None) -> None:
        """Begin before the first entry; `chain` is the id that the chain must have, None takes what it states."""
        self.chain: tuple[str, str] | None = (chain, "lab") if chain is not None else None
        self.root: str | None = None
        self.public_keys: dict[str, PublicKey] = {}
        self.spans: dict[str, tuple[Span, ...]] = {}
        self.roles: dict[str, tuple[RoleSpan, ...]] = {}
        self.outsiders: dict[str, tuple[Written, ...]] = {}
        self.objections: dict[int, str] = {}
        self.broken_at: int | None = None
        self.known_until = ""
        self._before = START
        self._latest = ""

    def read(self, index: int, entry: Entry) -> None:
        """Take the next entry of the lab chain into account; `index` is its place, from 0."""
        raw = _about_keys(entry)
        if raw is not None and (public_key := _public_key_of(raw["facts"])) is not None:
            self.public_keys[public_key.key_id] = public_key
        if self.broken_at is not None or not self._is_next(index, entry):
            return
        self._note_outsider(entry)
        objection = None
        if raw is not None:
            objection = self._apply(index, entry, raw)
        elif index == 0:
            objection = "the lab chain does not begin with the enrolment of an administrator"
        if objection is not None:
            self.objections[index] = objection

    def _note_outsider(self, entry: Entry) -> None:
        if entry.body.startswith(_OF_OUTSIDERS):
            raw = read_raw(entry.body)
            outsider = raw["object"]["id"]
            of_it = (one["set"] for one in raw["changes"] if (one["table"], one["id"]) == (_REGISTER, outsider))
            name = next((row["name"][1] for row in of_it if "name" in row), None)
            told = name if type(name) is str else None
            one = Written(by=raw["actor"]["id"], at=raw["recorded_at"], action=raw["action"], name=told)
            self.outsiders[outsider] = (*self.outsiders.get(outsider, ()), one)

    def _is_next(self, index: int, entry: Entry) -> bool:
        try:
            place = read_frame(entry.body).place
        except BodyError:
            self.broken_at = index
            return False
        if self.chain is None:
            self.chain = (place.chain, place.chain_kind)
        if place.chain_kind != "lab" or not follows(index, place, self._before, self.chain):
            self.broken_at = index
            return False
        self._before = Before(entry.digest.hex(), place)
        self.known_until = self._latest
        self._latest = max(self._latest, place.recorded_at)
        return True

    def _apply(self, index: int, entry: Entry, raw: Mapping[str, Any]) -> str | None:
        """Take an entry about keys into account, or say why it has no effect."""
        facts, action = raw["facts"], raw["action"]
        person, key = facts.get("person"), facts.get("key")
        if type(person) is not str or type(key) is not str:
            return "the entry does not say whose key it is about"
        if not self._is_signed(entry, raw):
            self.broken_at = index
            return "the entry is not signed by the keys that it names"
        if index == 0:
            return self._begin(raw, person, key)
        if action == REVOKE:
            return self._revoke(index, raw, person, key)
        if _public_key_of(facts) is None or (roles := _roles_of(facts)) is None:
            return "the entry does not hold a public key that fits its key id, and the roles"
        if any(span.person != person for span in self.spans.get(key, ())):
            return "the key is enrolled for another person"
        return (self._enrol if action == ENROL else self._replace)(index, raw, person, key, roles)

    def _begin(self, raw: Mapping[str, Any], person: str, key: str) -> str | None:
        facts = raw["facts"]
        roles = _roles_of(facts) or frozenset()
        own = raw["action"] == ENROL and raw["actor"]["id"] == person and _actor_key(raw) == key
        if not own or _public_key_of(facts) is None or ADMINISTRATOR not in roles:
            return "the lab chain does not begin with an administrator who enrols their own key"
        self.root = key
        self._open(0, raw, person, key)
        self._give(0, raw, person, roles)
        return None

    def _enrol(self, index: int, raw: Mapping[str, Any], person: str, key: str, roles: frozenset[str]) -> str | None:
        if not self._by_administrator(index, raw):
            return "the enrolment was not made by an administrator"
        if all(span.until is not None for span in self.spans.get(key, ())):
            self._open(index, raw, person, key)
        self._give(index, raw, person, roles)
        return None

    def _replace(self, index: int, raw: Mapping[str, Any], person: str, key: str, roles: frozenset[str]) -> str | None:
        if not self._by_administrator(index, raw):
            if raw["actor"]["id"] != person or not self._by_actor(index, raw):
                return "the key was replaced neither by the person nor by an administrator"
            if roles != self.roles[person][-1].roles:
                return "a person cannot change their own roles"
        if person not in self.roles:
            return "the person whose key was replaced is not enrolled"
        for old in list(self.spans):
            self._close(index, raw, person, old)
        self._open(index, raw, person, key)
        self._give(index, raw, person, roles)
        return None

    def _revoke(self, index: int, raw: Mapping[str, Any], person: str, key: str) -> str | None:
        if not self._by_administrator(index, raw):
            return "the revocation was not made by an administrator"
        if not self._close(index, raw, person, key):
            return "the key that was revoked is not a key of that person"
        return None

    def _open(self, index: int, raw: Mapping[str, Any], person: str, key: str) -> None:
        span = Span(person=person, since_position=index + 1, since=raw["recorded_at"])
        self.spans[key] = (*self.spans.get(key, ()), span)

    def _give(self, index: int, raw: Mapping[str, Any], person: str, roles: frozenset[str]) -> None:
        span = RoleSpan(since=raw["recorded_at"], roles=roles, name=raw["object"]["label"], position=index + 1)
        self.roles[person] = (*self.roles.get(person, ()), span)

    def _close(self, index: int, raw: Mapping[str, Any], person: str, key: str) -> bool:
        spans = self.spans.get(key, ())
        if not spans or spans[-1].person != person or spans[-1].until is not None:
            return False
        self.spans[key] = (*spans[:-1], replace(spans[-1], until_position=index + 1, until=raw["recorded_at"]))
        return True

    def _by_administrator(self, index: int, raw: Mapping[str, Any]) -> bool:
        given = self.roles.get(raw["actor"]["id"])
        return self._by_actor(index, raw) and given is not None and ADMINISTRATOR in given[-1].roles

    def _by_actor(self, index: int, raw: Mapping[str, Any]) -> bool:
        spans = self.spans.get(_actor_key(raw), ())
        return any(span.person == raw["actor"]["id"] and holds(span, index + 1, "") for span in spans)

    def _is_signed(self, entry: Entry, raw: Mapping[str, Any]) -> bool:
        message = message_of(entry.body)
        slots = raw["signers"]
        return len(slots) == len(entry.signatures) and all(
            slot["key"] in self.public_keys and self.public_keys[slot["key"]].fits(message, signature)
            for slot, signature in zip(slots, entry.signatures, strict=True)
        )


def _about_keys(entry: Entry) -> dict[str, Any] | None:
    if not entry.body.startswith(_STARTS):
        return None
    try:
        return read_raw(entry.body)
    except BodyError:
        return None


def _actor_key(raw: Mapping[str, Any]) -> str:
    return next(str(slot["key"]) for slot in raw["signers"] if slot["person"] == raw["actor"]["id"])


def _public_key_of(facts: Mapping[str, Any]) -> PublicKey | None:
    text = facts.get("public_key")
    try:
        public = PublicKey(bytes.fromhex(text)) if type(text) is str else None
    except ValueError:
        return None
    if public is None or public.raw.hex() != text or public.key_id != facts.get("key"):
        return None
    return public


def _roles_of(facts: Mapping[str, Any]) -> frozenset[str] | None:
    roles = facts.get("roles")
    if type(roles) is not list or not all(type(role) is str for role in roles):
        return None
    return frozenset(roles)
