"""Whose key was whose and when, by section 5 of the format."""

from dataclasses import dataclass, field
from typing import Any

from tests.second_verifier.entries import Line, fits, is_key

ABOUT_KEYS = ("person.enrol", "key.replace", "person.revoke")


@dataclass
class Holding:
    """That a key was a person's: places in the lab chain, from 1, and times; the end is None while it holds."""

    person: str
    key: str
    from_place: int
    from_time: str
    to_place: int | None = None
    to_time: str | None = None


@dataclass
class People:
    """What the lab chain says of people.

    ``stop`` is the place, from 1, at which the reading stopped; ``known_until`` the time until which revocations are
    known then, None where there is no such time.
    """

    shown: dict[str, str] = field(default_factory=dict)
    holdings: list[Holding] = field(default_factory=list)
    roles: dict[str, set[str]] = field(default_factory=dict)
    root: str | None = None
    faults: set[int] = field(default_factory=set)
    stop: int | None = None
    known_until: str | None = None
    nobody: bool = False

    def current(self, key: str) -> Holding | None:
        return next((one for one in self.holdings if one.key == key and one.to_place is None), None)

    def close(self, holding: Holding, place: int, time: str) -> None:
        holding.to_place, holding.to_time = place, time


def held(holding: Holding, place: int | None, time: str) -> bool:
    if place is not None:
        return bool(holding.from_place <= place and (holding.to_place is None or place <= holding.to_place))
    return bool(holding.from_time <= time and (holding.to_time is None or time < holding.to_time))


def people_of(lab: list[Line], breaks: set[int], root: str | None) -> People:
    """Read the lab chain; ``breaks`` are the places, from 1, of entries that are not intact."""
    people = People()
    for place, line in enumerate(lab, 1):
        body = line.body
        about_keys = body is not None and body["action"] in ABOUT_KEYS
        if body is not None and about_keys and is_key(body["facts"].get("public_key"), body["facts"].get("key")):
            people.shown[body["facts"]["key"]] = body["facts"]["public_key"]
        if people.stop is not None:
            continue
        if body is None or place in breaks or body["chain_kind"] != "lab":
            stop_at(people, lab, place, place - 2)
        elif about_keys:
            read(people, lab, place, line, body)
        elif place == 1:
            people.faults.add(1)
    if people.root is None or root not in (None, people.root):
        people.nobody = True
        if people.root is not None:
            people.faults.add(1)
    return people


def stop_at(people: People, lab: list[Line], place: int, known: int) -> None:
    people.stop = place
    times = [line.body["recorded_at"] for line in lab[: max(known, 0)] if line.body]
    people.known_until = max(times) if times else None


def read(people: People, lab: list[Line], place: int, line: Line, body: dict[str, Any]) -> None:
    facts = body["facts"]
    person, key = facts.get("person"), facts.get("key")
    if type(person) is not str or type(key) is not str:
        people.faults.add(place)
        return
    if not all_fit(people, line, body):
        people.faults.add(place)
        stop_at(people, lab, place, place - 1)
        return
    effect = begin if place == 1 else revoke if body["action"] == "person.revoke" else enrol
    if not effect(people, place, body, person, key):
        people.faults.add(place)


def all_fit(people: People, line: Line, body: dict[str, Any]) -> bool:
    signers = body["signers"]
    return len(signers) == len(line.signatures) and all(
        one["key"] in people.shown and fits(people.shown[one["key"]], line.raw, signature)
        for one, signature in zip(signers, line.signatures, strict=True)
    )


def actors_key(body: dict[str, Any]) -> str:
    return next(str(one["key"]) for one in body["signers"] if one["person"] == body["actor"]["id"])


def roles_in(facts: dict[str, Any]) -> set[str] | None:
    roles = facts.get("roles")
    return set(roles) if type(roles) is list and all(type(one) is str for one in roles) else None


def begin(people: People, place: int, body: dict[str, Any], person: str, key: str) -> bool:
    facts, roles = body["facts"], roles_in(body["facts"])
    if (
        body["action"] != "person.enrol"
        or body["actor"]["id"] != person
        or actors_key(body) != key
        or not is_key(facts.get("public_key"), key)
        or roles is None
        or "administrator" not in roles
    ):
        return False
    people.root = key
    people.roles[person] = roles
    people.holdings.append(Holding(person, key, place, body["recorded_at"]))
    return True


def acts_as_themselves(people: People, body: dict[str, Any]) -> bool:
    holding = people.current(actors_key(body))
    return holding is not None and holding.person == body["actor"]["id"]


def is_administrator(people: People, body: dict[str, Any]) -> bool:
    return acts_as_themselves(people, body) and "administrator" in people.roles.get(body["actor"]["id"], set())


def enrol(people: People, place: int, body: dict[str, Any], person: str, key: str) -> bool:
    roles = roles_in(body["facts"])
    if roles is None or not is_key(body["facts"].get("public_key"), key):
        return False
    if any(one.key == key and one.person != person for one in people.holdings):
        return False
    replaces = body["action"] == "key.replace"
    own = replaces and body["actor"]["id"] == person and acts_as_themselves(people, body)
    if not is_administrator(people, body) and not (own and roles == people.roles.get(person)):
        return False
    if replaces:
        if person not in people.roles:
            return False
        for one in people.holdings:
            if one.person == person and one.key != key and one.to_place is None:
                people.close(one, place, body["recorded_at"])
    if people.current(key) is None:
        people.holdings.append(Holding(person, key, place, body["recorded_at"]))
    people.roles[person] = roles
    return True


def revoke(people: People, place: int, body: dict[str, Any], person: str, key: str) -> bool:
    holding = people.current(key)
    if not is_administrator(people, body) or holding is None or holding.person != person:
        return False
    people.close(holding, place, body["recorded_at"])
    return True
