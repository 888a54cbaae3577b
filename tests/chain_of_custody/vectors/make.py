"""Writes the test vectors of ``ledger-format.md``: run ``python -m tests.chain_of_custody.vectors.make``.

Everything comes from fixed seeds and times, so the files come out the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from chain_of_custody.file import lines_of, without
from chain_of_custody.ledger import Change, Entry, message_of, utc_text
from tests.chain_of_custody.chains import (
    ADA,
    BEN,
    CASE,
    EVE,
    LAB,
    NOON,
    OTHER_CASE,
    STRANGER,
    Chain,
    Member,
    grown_case,
    member,
    new_lab,
    replaced,
)

HERE = Path(__file__).parent
OTTO, SUSI = member(4, "Otto Officer"), member(5, "Susi Supervisor")
PEOPLE = (ADA, BEN, EVE, STRANGER, OTTO, SUSI)
BEN_AGAIN = BEN.with_key("Ben's second key")
EVE_AGAIN = EVE.with_key("Eve's second key")
SEAL = "0048812"
INTACT = {"seal_before": SEAL, "seal_number": SEAL, "seal_check": "intact, number agrees"}
FORM = {"form_sha256": "0f" * 32}
KEPT = {"kind": "form", "sha256": "0f" * 32}
UNCHECKED = {"seal_before": SEAL, "seal_check": "not checked"}
SEEDS = {id(BEN_AGAIN): "Ben's second key", id(EVE_AGAIN): "Eve's second key"}


def make_files() -> dict[str, bytes]:
    """Return name -> content of every vector file."""
    lab, case = lab_chain(), case_chain()
    files = {f"{name}.jsonl": content for name, content in variants(lab, case)}
    files["keys.json"] = as_text([key_of(one) for one in (*PEOPLE, BEN_AGAIN, EVE_AGAIN)])
    files["digests.json"] = as_text({chain.chain: [one.digest.hex() for one in chain.entries] for chain in (lab, case)})
    return files


def lab_chain() -> Chain:
    """Ada enrols Ben and Eve; Ben replaces his key; Eve's key is revoked two days after the case."""
    lab = new_lab(BEN, EVE)
    lab.at = NOON + timedelta(hours=1)
    lab.enrol(BEN_AGAIN, "examiner", by=BEN, action="key.replace")
    lab.at = NOON + timedelta(days=2)
    lab.revoke(EVE)
    return lab


def case_chain() -> Chain:
    """A case with two-sided entries, characters of every plane, and a clock that goes back once."""
    case = grown_case(6)
    case.add(
        "note.add",
        (EVE, "actor"),
        facts={"text": 'tab\t "quoted" \u0001 \u20ac \ufb33 \U0001f600', "\ufb33": 1, "\U0001f600": 2},
    )
    case.add("exhibit.move", (EVE, "actor"), at=case.at - timedelta(minutes=30), reason="the clock had run ahead")
    case.add("exhibit.move", (BEN_AGAIN, "actor"), at=case.at + timedelta(hours=2))
    return case


def variants(lab: Chain, case: Chain) -> Iterator[tuple[str, bytes]]:
    """Yield the good file and the broken ones."""
    good = file_of(lab.entries, case.entries)
    entries = case.entries
    yield "good", good
    changed = Entry(entries[2].body.replace(b"Shelf 2", b"Shelf 7"), entries[2].signatures)
    yield "changed", file_of(lab.entries, replaced(entries, 2, changed))
    yield "changed-last", file_of(lab.entries, replaced(entries, 8, changed_reason(entries[8])))
    yield "deleted", file_of(lab.entries, [*entries[:3], *entries[4:]])
    yield "swapped", file_of(lab.entries, [*entries[:3], entries[4], entries[3], *entries[5:]])
    yield "doubled", file_of(lab.entries, [*entries[:4], *entries[3:]])
    yield "truncated", b"".join(good.splitlines(keepends=True)[:-2])
    yield "replayed", file_of(lab.entries, replaced(entries, 3, grown_case(4, OTHER_CASE).entries[3]))
    resigned = Entry(entries[3].body, (STRANGER.key.sign(message_of(entries[3].body)),))
    yield "resigned", file_of(lab.entries, replaced(entries, 3, resigned))
    yield (
        "one-signature-missing",
        file_of(lab.entries, replaced(entries, 1, Entry(entries[1].body, entries[1].signatures[:1]))),
    )
    yield (
        "signatures-swapped",
        file_of(lab.entries, replaced(entries, 1, Entry(entries[1].body, entries[1].signatures[::-1]))),
    )
    yield "stranger", file_of(lab.entries, added(case, STRANGER))
    yield "impostor", file_of(lab.entries, added(case, Member(BEN.person, BEN.name, EVE.key)))
    yield "replaced-key", file_of(lab.entries, added(case, BEN))
    yield "given-key", file_of(*given_key(lab, case))
    yield "given-key-used-too-early", file_of(*given_key(lab, case, hours=-1))
    yield "key-given-by-no-administrator", file_of(*given_key(lab, case, by=BEN_AGAIN))
    yield "key-given-unsigned-by-itself", file_of(*given_key(lab, case, signed_by=STRANGER))
    yield "revoked-key", file_of(lab.entries, added(case, EVE, days=7))
    yield "revoked-key-with-clock-set-back", file_of(lab.entries, added(case, BEN_AGAIN, EVE, days=7))
    yield "taken-over", file_of(*taken_over())
    yield "taken-over-before-the-key-ended", file_of(*taken_over(hours=-1))
    yield "taken-over-by-order-of-an-officer", file_of(*taken_over(by=OTTO, taker=SUSI))
    yield "offered", file_of(*offered())
    yield "offered-to-another", file_of(*offered(by=EVE))
    yield "offered-and-taken-under-another-name", file_of(*offered(by=Member(SUSI.person, EVE.name, SUSI.key)))
    yield "object-in-a-column", file_of(*offered(description={}))
    yield "sealed", file_of(*sealed())
    yield "seal-not-told", file_of(*sealed(seal={}))
    yield "seal-told-otherwise-than-recorded", file_of(*sealed(seal={**INTACT, "seal_before": "0048811"}))
    yield "seal-broken-without-an-incident", file_of(*sealed(seal={**INTACT, "seal_check": "broken or opened"}))
    yield "seal-not-checked", file_of(*sealed(seal=UNCHECKED, why="Under ice"))
    yield "seal-not-checked-for-no-reason", file_of(*sealed(seal=UNCHECKED, why=" . "))
    yield "seal-replaced", file_of(*sealed(incident=""))
    yield "seal-taken-away", file_of(*sealed(number=None))
    yield "seal-of-a-seizure-told-otherwise", file_of(*sealed(seized_under="0048811"))
    yield "form-kept", file_of(*sealed(seal=INTACT | FORM, papers=(KEPT,)))
    yield "form-not-kept", file_of(*sealed(seal=INTACT | FORM))
    yield "another-form-kept", file_of(*sealed(seal=INTACT | FORM, papers=(KEPT | {"sha256": "1e" * 32},)))
    yield "incident-without-words", file_of(*sealed(incident="x"))
    yield "not-canonical", file_of(lab.entries, [respelled(entries[0]), *entries[1:]])
    yield (
        "not-utf-8",
        file_of(lab.entries, replaced(entries, 5, Entry(entries[5].body + b"\xff", entries[5].signatures))),
    )
    yield "withheld", file_of(lab.entries, replaced(entries, 3, without(entries[3])))
    yield "withheld-head", file_of(lab.entries, replaced(entries, 8, without(entries[8])))
    yield "withheld-another", file_of(lab.entries, replaced(entries, 3, without(entries[4])))
    yield "withheld-from-the-lab", file_of(replaced(lab.entries, 2, without(lab.entries[2])), entries)
    as_second = file_of(lab.entries, replaced(entries, 3, without(entries[3])))
    yield "withheld-in-the-first-format", as_second.replace(b"ledger-file/2", b"ledger-file/1")
    yield "damaged-line", good.replace(b'{"body":', b'{"body" ', 1)
    yield "lab-without-root", file_of(lab.entries[1:], entries)
    yield "lab-with-forged-enrolment", file_of(forged_enrolment(lab), entries)
    yield "lab-with-a-gap", file_of([*lab.entries[:2], *lab.entries[3:]], entries)
    yield "no-lab", b"".join(lines_of([(CASE, "case", entries)]))
    yield "no-entries", b"".join(lines_of([(LAB, "lab", lab.entries), (CASE, "case", [])]))


def file_of(lab: list[Entry], case: list[Entry]) -> bytes:
    """Return a ledger file."""
    return b"".join(lines_of([(LAB, "lab", lab), (CASE, "case", case)]))


def added(case: Chain, *members: Member, days: int = 1) -> list[Entry]:
    """Return the case with an entry by each member; the first `days` later, the others at the time of the last."""
    longer, at = Chain(case.chain, case.kind, list(case.entries)), case.at
    for place, one in enumerate(members):
        longer.add("exhibit.move", (one, "actor"), at=at if place else at + timedelta(days=days))
    return longer.entries


def given_key(
    lab: Chain, case: Chain, *, by: Member = ADA, signed_by: Member | None = None, hours: int = 1
) -> tuple[list[Entry], list[Entry]]:
    """Return both chains where Eve, whose key was revoked, is given another one and uses it `hours` after that."""
    longer = Chain(lab.chain, lab.kind, list(lab.entries), NOON + timedelta(days=3))
    facts = {
        "person": EVE.person, "key": EVE_AGAIN.key.key_id, "public_key": EVE_AGAIN.key.public_key.raw.hex(),
        "roles": ["examiner"], "replaces": EVE.key.key_id,
    }  # fmt: skip
    entry = longer.add("key.replace", (by, "actor"), (EVE_AGAIN, "receiver"), facts=facts, reason="Forgot it")
    if signed_by is not None:
        longer.entries[-1] = Entry(entry.body, (entry.signatures[0], signed_by.key.sign(message_of(entry.body))))
    used = Chain(case.chain, case.kind, list(case.entries))
    used.add("exhibit.move", (EVE_AGAIN, "actor"), at=longer.at + timedelta(hours=hours))
    return longer.entries, used.entries


def taken_over(*, hours: int = 1, by: Member = SUSI, taker: Member = OTTO) -> tuple[list[Entry], list[Entry]]:
    """Return both chains where what Eve registered is taken over `hours` after her key ended, by the third rules."""
    lab, ended = new_lab(EVE), NOON + timedelta(days=2)
    lab.enrol(OTTO, "exhibits officer", named=True)
    lab.enrol(SUSI, "supervisor", named=True)
    lab.at = ended - timedelta(minutes=1)
    lab.revoke(EVE)
    row = {"state": "IDENTIFIED", "holder_id": EVE.person, "holder": EVE.name, "number": "LH/01", "case_id": CASE}
    case = Chain(CASE)
    born = Change(table="exhibit", id=CASE, set={name: (None, value) for name, value in row.items()})
    case.add("exhibit.add", (EVE, "actor"), facts={"custody_rules": 3}, changes=(born,))
    facts = {
        "event": "take_over", "from_state": "IDENTIFIED", "to_state": "IDENTIFIED", "custody_rules": 3,
        "unsigned_reason": "She died on Sunday", "key_ended_at": utc_text(ended),
    }  # fmt: skip
    hands = {"holder_id": (EVE.person, taker.person), "holder": (EVE.name, taker.name)}
    changes = (
        Change(table="exhibit", id=CASE, set=hands),
        Change(table="deviation", id=OTHER_CASE, set={"reason": (None, facts["unsigned_reason"])}),
    )
    at = ended + timedelta(hours=hours)
    case.add("custody.take_over", (by, "actor"), (taker, "receiver"), facts=facts, changes=changes, at=at)
    return lab.entries, case.entries


def offered(*, by: Member = SUSI, description: Any = "Laptop") -> tuple[list[Entry], list[Entry]]:
    """Return both chains where Otto seizes an exhibit and offers it to Susi, and ``by`` accepts, by the fifth rules."""
    lab = new_lab(named=True)
    for one in (OTTO, SUSI, EVE):
        lab.enrol(one, "exhibits officer", "supervisor", named=True)
    lab.add("lab.rules", about=("lab", LAB), label="", facts={"custody_rules": 5, "chains": []})
    case, ottos = Chain(CASE), {"holder_id": OTTO.person, "holder": OTTO.name}
    row = {"state": "IDENTIFIED", **ottos, "number": "2026-014/3", "case_id": CASE, "description": description}
    case.add("exhibit.add", (OTTO, "actor"), facts={"custody_rules": 5}, changes=(new_row("exhibit", CASE, row),))
    told = {"custody_rules": 5, "event": "seize", "from_state": "IDENTIFIED", "to_state": "SEIZED"}
    seized = Change(table="exhibit", id=CASE, set={"state": ("IDENTIFIED", "SEIZED")})
    case.add("custody.seize", (OTTO, "actor"), facts=told | {"seizing_officer": OTTO.name}, changes=(seized,))
    offer = {"exhibit_id": CASE, "event": "hand_over", "from_state": "SEIZED", "giver_id": OTTO.person}
    changes = (new_row("transfer_offer", OTHER_CASE, offer | {"receiver_id": SUSI.person}),)
    made = case.add("transfer.offer", (OTTO, "giver"), facts={"offered": "hand_over"}, changes=changes)
    told = {"custody_rules": 5, "event": "hand_over", "from_state": "SEIZED", "to_state": "SEIZED"}
    hands = {"holder_id": (OTTO.person, by.person), "holder": (OTTO.name, by.name)}
    accepted = Change(table="exhibit", id=CASE, set=hands)
    facts = told | {"offer": made.digest.hex(), "offer_entry": 3}
    case.add("custody.hand_over", (by, "receiver"), facts=facts, changes=(accepted,))
    return lab.entries, case.entries


def sealed(
    *,
    seal: Mapping[str, str] = INTACT,
    why: str = "",
    number: str | None = "0049000",
    incident: str = "It was misread",
    seized_under: str = SEAL,
    papers: tuple[dict[str, Any], ...] = (),
) -> tuple[list[Entry], list[Entry]]:
    """Return both chains where Otto seizes an exhibit, tells its seal as he sends it, and corrects its number then."""
    lab = new_lab(named=True)
    lab.enrol(OTTO, "exhibits officer", named=True)
    lab.add("lab.rules", (ADA, "actor"), about=("lab", LAB), label="", facts={"custody_rules": 5, "chains": []})
    case, ottos = Chain(CASE), {"holder_id": OTTO.person, "holder": OTTO.name}
    row = {"state": "IDENTIFIED", **ottos, "number": "2026-014/3", "case_id": CASE}
    case.add("exhibit.add", (OTTO, "actor"), facts={"custody_rules": 5}, changes=(new_row("exhibit", CASE, row),))
    told = {"custody_rules": 5, "event": "seize", "from_state": "IDENTIFIED", "to_state": "SEIZED"}
    pairs = {"state": ("IDENTIFIED", "SEIZED"), "seal_number": (None, SEAL)}
    seized = Change(table="exhibit", id=CASE, set=pairs)
    told |= {"seizing_officer": OTTO.name, "seal_number": seized_under}
    case.add("custody.seize", (OTTO, "actor"), facts=told, changes=(seized,))
    told = {"custody_rules": 5, "event": "dispatch", "from_state": "SEIZED", "to_state": "IN_TRANSIT"}
    sent = Change(table="exhibit", id=CASE, set={"state": ("SEIZED", "IN_TRANSIT")})
    explained = (new_row("deviation", OTHER_CASE, {"reason": why}),) if why else ()
    facts = told | {"carrier": OTTO.name, **seal}
    kept = (
        new_row("paper", f"{OTHER_CASE[:-1]}{place}", {"exhibit_id": CASE, **one}) for place, one in enumerate(papers)
    )
    case.add("custody.dispatch", (OTTO, "actor"), facts=facts, changes=(sent, *explained, *kept))
    corrected = Change(table="exhibit", id=CASE, set={"seal_number": (SEAL, number)})
    found = {"exhibit_id": CASE, "case_id": CASE, "raised_by": OTTO.person, "kind": "seal differs", "what": incident}
    raised = (new_row("incident", OTHER_CASE, found),) if incident else ()
    case.add("exhibit.correct", (OTTO, "actor"), changes=(corrected, *raised), reason="Misread")
    return lab.entries, case.entries


def new_row(table: str, key: str, row: dict[str, Any]) -> Change:
    """Return a row that was not there."""
    return Change(table=table, id=key, set={name: (None, value) for name, value in row.items()})


def changed_reason(entry: Entry) -> Entry:
    """Return an entry whose action was changed after it was signed."""
    return Entry(entry.body.replace(b"exhibit.move", b"exhibit.lost"), entry.signatures)


def respelled(entry: Entry) -> Entry:
    """Return the same entry with a space in its body, signed anew by its signer."""
    body = entry.body.replace(b",", b", ", 1)
    return Entry(body, (EVE.key.sign(message_of(body)),))


def forged_enrolment(lab: Chain) -> list[Entry]:
    """Return the lab chain with an enrolment made by somebody who is no administrator."""
    longer = Chain(lab.chain, lab.kind, list(lab.entries), lab.at)
    longer.enrol(STRANGER, "examiner", by=BEN_AGAIN)
    return longer.entries


def key_of(one: Member) -> dict[str, str]:
    """Describe a key by everything that somebody needs to make it again."""
    seed_text = SEEDS.get(id(one), one.name)
    return {
        "person": one.person,
        "name": one.name,
        "seed": hashlib.sha256(seed_text.encode()).hexdigest(),
        "public_key": one.key.public_key.raw.hex(),
        "key": one.key.key_id,
    }


def as_text(value: Any) -> bytes:
    """Return JSON for people to read."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def main() -> None:
    """Write the files beside this one."""
    for name, content in make_files().items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
