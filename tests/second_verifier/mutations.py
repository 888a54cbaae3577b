"""A good ledger, and ways to forge it: edited, deleted, reordered, cut off, replayed, signed by another key."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chain_of_custody.anchors import ANCHOR, anchor_facts
from chain_of_custody.canonical import canonical
from chain_of_custody.file import lines_of
from chain_of_custody.ledger import Entry, message_of
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
)
from tests.chain_of_custody.vectors.make import BEN_AGAIN, EVE_AGAIN, case_chain, given_key, lab_chain

KEYS = {one.key.key_id: one for one in (ADA, BEN, EVE, STRANGER, BEN_AGAIN, EVE_AGAIN)}
LAB_CHAIN, CASE_CHAIN = 0, 1


@dataclass
class Ledger:
    """Entries of the lab chain and of a case; ``header`` is None where it tells the truth."""

    chains: list[list[Entry]]
    header: bytes | None = None

    def file(self) -> bytes:
        lab, case = self.chains
        header, *lines = lines_of([(LAB, "lab", lab), (CASE, "case", case)])
        return b"".join((self.header or header, *lines))


def good() -> Ledger:
    """A lab with a replaced, a revoked and a given key that anchors a case twice, and the case that they signed."""
    lab, case = lab_chain(), case_chain()
    start, (lab.entries, case.entries) = NOON + timedelta(days=3, minutes=1), given_key(lab, case)
    for minutes, entry in ((1, case.entries[3]), (2, case.entries[6])):
        lab.at = start + timedelta(minutes=minutes)
        lab.add(ANCHOR, (ADA, "actor"), facts=anchor_facts(entry.content, entry.digest))
    lab.enrol(STRANGER, "examiner", "supervisor")
    lab.revoke(STRANGER)
    return Ledger([lab.entries, case.entries])


def other_case() -> Chain:
    return grown_case(9, OTHER_CASE)


def any_chain(ledger: Ledger, by: random.Random) -> list[Entry]:
    return ledger.chains[by.choice((LAB_CHAIN, CASE_CHAIN, CASE_CHAIN))]


def edited(ledger: Ledger, by: random.Random) -> None:
    """One byte of a body or of a signature is another."""
    chain = any_chain(ledger, by)
    index = by.randrange(len(chain))
    entry = chain[index]
    if by.random() < 0.3:
        chain[index] = Entry(entry.body, (with_another_byte(entry.signatures[0], by), *entry.signatures[1:]))
    else:
        chain[index] = Entry(with_another_byte(entry.body, by), entry.signatures)


def with_another_byte(data: bytes, by: random.Random) -> bytes:
    place = by.randrange(len(data))
    new = by.choice(
        [one for one in (by.randrange(256), by.choice(b'0189aAfz"\\{}[],: -')) if one != data[place]] or [0]
    )
    return data[:place] + bytes([new]) + data[place + 1 :]


def deleted(ledger: Ledger, by: random.Random) -> None:
    """An entry is gone that was not the last."""
    chain = any_chain(ledger, by)
    del chain[by.randrange(len(chain) - 1)]


def reordered(ledger: Ledger, by: random.Random) -> None:
    """Two entries changed places."""
    chain = any_chain(ledger, by)
    one, other = by.sample(range(len(chain)), 2)
    chain[one], chain[other] = chain[other], chain[one]


def cut_off(ledger: Ledger, by: random.Random) -> None:
    """The end of the case is gone, below its last anchor."""
    del ledger.chains[CASE_CHAIN][by.randrange(7) :]


def replayed(ledger: Ledger, by: random.Random) -> None:
    """An entry of another case, or of this ledger from elsewhere, stands in the place of one or is put in."""
    chain = any_chain(ledger, by)
    found = by.choice([*other_case().entries, *ledger.chains[LAB_CHAIN], *ledger.chains[CASE_CHAIN]])
    place = by.randrange(len(chain))
    if by.random() < 0.5 and found != chain[place]:
        chain[place] = found
    else:
        chain.insert(place, found)


def signed_by_another(ledger: Ledger, by: random.Random) -> None:
    """The signatures of an entry are made by other keys than it names."""
    chain = any_chain(ledger, by)
    index = by.randrange(len(chain))
    entry = chain[index]
    named = {slot.key for slot in entry.content.signers}
    another = by.choice([one for key, one in KEYS.items() if key not in named])
    signatures = list(entry.signatures)
    signatures[by.randrange(len(signatures))] = another.key.sign(message_of(entry.body))
    chain[index] = Entry(entry.body, tuple(signatures))


def signers_wrong(ledger: Ledger, by: random.Random) -> None:
    """A signature is missing, doubled, cut short, or they stand in another order."""
    chain = any_chain(ledger, by)
    index = by.randrange(len(chain))
    entry = chain[index]
    first, *others = entry.signatures
    forms = [(), (first, first, *others), (first[:-1], *others), (first + b"\0", *others), (*others, first[::-1])]
    chain[index] = Entry(entry.body, tuple(by.choice(forms)))


FIELDS: tuple[Callable[[dict[str, Any], random.Random], None], ...] = (
    lambda body, by: body.update(sequence=body["sequence"] + by.choice((-1, 1))),
    lambda body, by: body.update(recorded_at=f"202{by.randrange(5, 8)}{body['recorded_at'][4:]}"),
    lambda body, by: body.update(action=by.choice(("person.enrol", "person.revoke", "key.replace", ANCHOR, "x", ""))),
    lambda body, by: body.update(facts=by.choice(({}, {"person": 1}, {**body["facts"], "key": STRANGER.key.key_id}))),
    lambda body, by: body["facts"].update(roles=by.choice((["administrator"], ["examiner"], "administrator", [1], []))),
    lambda body, by: body["facts"].update(person=by.choice((EVE, BEN, STRANGER)).person),
    lambda body, by: body["facts"].update(shown_of(by.choice((EVE, EVE_AGAIN, BEN, STRANGER)))),
    lambda body, by: body["facts"].update(sequence=by.choice((0, 1, 4, 7, 9, 10, "4")), chain=CASE),
    lambda body, by: body.update(chain=by.choice((CASE, LAB, OTHER_CASE))),
    lambda body, by: body.update(chain_kind=by.choice(("lab", "case"))),
    lambda body, by: body.update(previous=by.choice(("0" * 64, "1" * 64, "A" * 64))),
    lambda body, by: body.update(reason=by.choice((None, "", 1, "\u007f\u2028", "\U0001f600"))),
    lambda body, by: body["actor"].update(id=by.choice((ADA, BEN, EVE)).person),
    lambda body, by: body["signers"][0].update(role=by.choice(("witness", "giver", "owner"))),
    lambda body, by: body["object"].update(more="x"),
    lambda body, by: body.update(changes=[{"table": "t", "id": "i", "set": {}}] * by.randrange(3)),
)


def shown_of(one: Member) -> dict[str, str]:
    return {"key": one.key.key_id, "public_key": one.key.public_key.raw.hex()}


def forged_with_keys(ledger: Ledger, by: random.Random) -> None:
    """Somebody with keys rewrites an entry, signs it, and often all that follows it too."""
    chain = any_chain(ledger, by)
    index = by.randrange(len(chain))
    body = json.loads(chain[index].body)
    signer = by.choice(list(KEYS.values()))
    if by.random() < 0.3:
        body["signers"] = [slot_of(signer)]
        body["actor"]["id"] = signer.person
    else:
        by.choice(FIELDS)(body, by)
    chain[index] = signed(body)
    if by.random() < 0.7:
        relink(chain, index + 1)


def slot_of(one: Member) -> dict[str, str]:
    return {"role": "actor", "person": one.person, "name": one.name, "key": one.key.key_id}


def relink(chain: list[Entry], start: int) -> None:
    for place in range(max(start, 1), len(chain)):
        body = json.loads(chain[place].body)
        body["previous"] = chain[place - 1].digest.hex()
        chain[place] = signed(body)


def signed(body: dict[str, Any]) -> Entry:
    raw = canonical(body)
    return Entry(raw, tuple(KEYS[one["key"]].key.sign(message_of(raw)) for one in body["signers"]))


def header_wrong(ledger: Ledger, by: random.Random) -> None:
    """The first line says something else."""
    header = json.loads(ledger.file().split(b"\n", 1)[0])
    one = by.choice(header["chains"])
    name, values = by.choice(
        (
            ("entries", (0, 3, 8, 99, -1, "9", True)),
            ("head", ("0" * 64, "f" * 64, "F" * 64, "ab")),
            ("chain", (OTHER_CASE, CASE, "x", 1)),
            ("kind", ("lab", "case", "x")),
        )
    )
    one[name] = by.choice([value for value in values if value != one[name] or type(value) is not type(one[name])])
    ledger.header = canonical(header) + by.choice((b"\n", b"\n", b"\n", b"\r\n"))


MUTATIONS = (
    edited, deleted, reordered, cut_off, replayed, signed_by_another, signers_wrong, forged_with_keys, header_wrong,
)  # fmt: skip
ALWAYS_FOUND = (edited, deleted, reordered, cut_off, replayed, signed_by_another, signers_wrong, header_wrong)


def damaged_file(content: bytes, by: random.Random) -> bytes:
    """The file itself is damaged: bytes changed, lines lost, doubled or cut."""
    lines = content.splitlines(keepends=True)
    index = by.randrange(len(lines))
    how = by.randrange(4)
    if how == 0:
        lines[index] = with_another_byte(lines[index], by)
    elif how == 1:
        del lines[index]
    elif how == 2:
        lines.insert(by.randrange(len(lines)), lines[index])
    else:
        lines[index] = lines[index][: by.randrange(len(lines[index]))] + b"\n"
    return b"".join(lines)
