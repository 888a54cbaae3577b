"""Thousands of forged chains, their rows adjusted to match: each is found, and the entry is named.

What `forensics-app verify` goes through is asked, without a database: the forger writes the tables as the forged chain
adds up, so that comparing them shows nothing, and the chain itself has to.
"""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from chain_of_custody.anchors import ANCHOR, anchor_facts
from chain_of_custody.canonical import canonical
from chain_of_custody.errors import BodyError
from chain_of_custody.ledger import Change, Entry, KeyRing, message_of, verify
from chain_of_custody.replay import Replay, compare
from forensics_app.services.verification import _anchor_findings
from tests.chain_of_custody.chains import ADA, BEN, CASE, EVE, OTHER_CASE, STRANGER, Chain, Member, new_lab

MANY = 2000
ANCHORED = 3
"""The last entry that an anchor in the lab chain holds, from 1."""
PEOPLE = (ADA, BEN, EVE)
EXHIBITS = ("00000000-0000-4000-8000-0000000000e1", "00000000-0000-4000-8000-0000000000e2")
Forgery = Callable[[list[Entry], random.Random], int | None]


def moves(chain: str, count: int = 4) -> list[Entry]:
    """A case in which two exhibits go from shelf to shelf, told by one or two people each time."""
    case, shelves = Chain(chain), dict.fromkeys(EXHIBITS)
    for number in range(count):
        exhibit, shelf = EXHIBITS[number % 2], f"Shelf {number}"
        change = Change(table="exhibit", id=exhibit, set={"shelf": (shelves[exhibit], shelf)})
        shelves[exhibit] = shelf  # type: ignore[assignment]
        by = ((BEN, "giver"), (EVE, "receiver")) if number == 2 else ((PEOPLE[number % 3], "actor"),)
        case.add("exhibit.move", *by, changes=(change,))  # type: ignore[arg-type]
    return case.entries


CASE_ENTRIES, OTHER_ENTRIES = moves(CASE), moves(OTHER_CASE)


def the_lab() -> list[Entry]:
    lab = new_lab(BEN, EVE)
    last = CASE_ENTRIES[ANCHORED - 1]
    lab.add(ANCHOR, facts=anchor_facts(last.content, last.digest))
    return lab.entries


LAB_ENTRIES = the_lab()
RING = KeyRing.from_lab(LAB_ENTRIES)


def rewritten(entry: Entry, by: Member | None = None, **members: Any) -> Entry:
    """The entry with other members; signed anew if somebody does so, else with the signatures that it had."""
    body = canonical(json.loads(entry.body) | members)
    return Entry(body, entry.signatures if by is None else (by.key.sign(message_of(body)),))


def in_name_of(by: Member) -> dict[str, Any]:
    slot = {"role": "actor", "person": by.person, "name": by.name, "key": by.key.key_id}
    return {"actor": {"id": by.person, "name": by.name, "function": "Officer"}, "signers": [slot]}


def put_in_order(entries: list[Entry], start: int, by: Member | None = None) -> None:
    """Number and link the entries from a place on, so that their order shows nothing."""
    for place in range(start, len(entries)):
        previous = entries[place - 1].digest.hex() if place else "0" * 64
        mine = {} if by is None else in_name_of(by)
        entries[place] = rewritten(entries[place], by, sequence=place + 1, previous=previous, chain=CASE, **mine)


def edited(entries: list[Entry], by: random.Random) -> int:
    """A byte is another one, or a value is, in the canonical form."""
    place = by.randrange(len(entries))
    entry, how = entries[place], by.randrange(3)
    if how == 0:
        entries[place] = Entry(with_another_byte(entry.body, by), entry.signatures)
    elif how == 1:
        first, *others = entry.signatures
        entries[place] = Entry(entry.body, (with_another_byte(first, by), *others))
    else:
        (change,) = json.loads(entry.body)["changes"]
        change["set"]["shelf"][1] = f"Shelf {by.randrange(100, 10**6)}"
        entries[place] = rewritten(entry, changes=[change])
    return place


def with_another_byte(data: bytes, by: random.Random) -> bytes:
    place = by.randrange(len(data))
    return data[:place] + bytes([data[place] ^ by.randrange(1, 256)]) + data[place + 1 :]


def deleted(entries: list[Entry], by: random.Random) -> int:
    place = by.randrange(len(entries) - 1)
    del entries[place]
    if by.random() < 0.5:
        put_in_order(entries, place)
    return place


def reordered(entries: list[Entry], by: random.Random) -> int:
    truth = [*entries]
    while entries == truth:
        by.shuffle(entries)
    place = next(place for place, entry in enumerate(entries) if entry != truth[place])
    if by.random() < 0.5:
        put_in_order(entries, place)
    return place


def truncated(entries: list[Entry], by: random.Random) -> None:
    """The end is cut off, and often the forger goes on with acts of their own."""
    del entries[by.randrange(ANCHORED) :]
    forger = by.choice(PEOPLE)
    for _ in range(by.randrange(4)):
        start = len(entries)
        entries.append(rewritten(by.choice(CASE_ENTRIES), reason=f"Forged {by.random()}"))
        put_in_order(entries, start, forger)


def replayed(entries: list[Entry], by: random.Random) -> int:
    """An entry of another case stands in the place of one, or between two; sometimes it says that it is of this one."""
    place, foreign = by.randrange(len(entries)), by.choice(OTHER_ENTRIES)
    entries[place : place + by.randrange(2)] = [foreign]
    if by.random() < 0.5:
        put_in_order(entries, place)
    return place


def signed_by_another_key(entries: list[Entry], by: random.Random) -> int:
    """The key is another than the entry names, or names one that is not that person's; the rest may be linked anew."""
    place = by.randrange(len(entries))
    entry = entries[place]
    named = {slot.key for slot in entry.content.signers}
    forger = by.choice([one for one in (*PEOPLE, STRANGER) if one.key.key_id not in named])
    if by.random() < 0.5:
        signatures = [*entry.signatures]
        signatures[by.randrange(len(signatures))] = forger.key.sign(message_of(entry.body))
        entries[place] = Entry(entry.body, tuple(signatures))
    else:
        victim = entry.content.signers[0]
        slot = {"role": "actor", "person": victim.person, "name": victim.name, "key": forger.key.key_id}
        entries[place] = rewritten(entry, forger, signers=[slot], reason="Forged")
    if by.random() < 0.5:
        put_in_order(entries, place + 1)
    return place


def rewritten_in_ones_own_name(entries: list[Entry], by: random.Random) -> None:
    """Somebody enrolled writes an anchored entry and all that follow anew, in their own name; each signature fits."""
    place, forger = by.randrange(ANCHORED), by.choice(PEOPLE)
    entries[place] = rewritten(entries[place], reason=f"Forged {by.random()}")
    put_in_order(entries, place, forger)


def rows_of(entries: list[Entry]) -> dict[str, dict[str, dict[str, Any]]]:
    """The tables as the forger writes them: the last value that a readable entry gives each column."""
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for entry in entries:
        try:
            changes = entry.content.changes
        except BodyError:
            continue
        for one in changes:
            rows.setdefault(one.table, {}).setdefault(one.id, {}).update(one.after)
    return rows


@pytest.mark.req("REQ-15", "REQ-16")
def test_the_chain_that_is_forged_is_a_good_one() -> None:
    replay = Replay()
    assert verify(CASE_ENTRIES, RING, chain=CASE).first_bad is None
    assert verify(LAB_ENTRIES, RING).first_bad is None
    assert replay.take(CASE_ENTRIES) == ()
    assert compare(replay.state, rows_of(CASE_ENTRIES)) == ()
    assert _anchor_findings(LAB_ENTRIES, {CASE: CASE_ENTRIES}) == []


@pytest.mark.req("REQ-15", "REQ-16", "REQ-17")
@pytest.mark.parametrize(
    "forgery",
    [edited, deleted, reordered, truncated, replayed, signed_by_another_key, rewritten_in_ones_own_name],
    ids=lambda one: one.__name__,
)
def test_a_forged_chain_whose_rows_match_is_found_and_its_entry_named(forgery: Forgery) -> None:
    by = random.Random(forgery.__name__)
    for number in range(MANY):
        forged = [*CASE_ENTRIES]
        place = forgery(forged, by)
        replay = Replay()
        replay.take(forged)
        assert compare(replay.state, rows_of(forged)) == (), number
        if place is None:
            (found,) = _anchor_findings(LAB_ENTRIES, {CASE: forged})
            assert f"entry {ANCHORED} " in found, number
        else:
            first = verify(forged, RING, chain=CASE).first_bad
            assert first is not None, number
            assert first.entry_index == place, number
            named = f"place {place + 1} " if first.sequence is None else f"ntry {first.sequence}"
            assert named in first.what, number
