"""Verification of a chain against the bare rate of Ed25519 on the same cores, and the check of the links alone.

``FORENSICS_BENCH_ENTRIES`` is the number of entries (100,000), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chain_of_custody.ledger import (
    Answer,
    Change,
    Draft,
    Entry,
    KeyRing,
    Party,
    SignerSlot,
    Subject,
    compose,
    message_of,
    sign,
    verify,
    verify_links,
)
from chain_of_custody.signing import OpenKey
from chain_of_custody.workers import worker_command
from tests.benchmarks.measure import machine

SHARE_OF_BARE_RATE = 0.8
LINKS_LIMIT_S = 1.0
PERSON = "00000000-0000-4000-8000-000000000001"
LAB = "00000000-0000-4000-8000-00000000000a"
CASE = "00000000-0000-4000-8000-0000000000c1"
_BLOCK = 256


def make_chain(count: int) -> tuple[KeyRing, list[Entry]]:
    """Make a lab of one administrator, and a case in which an exhibit moves from shelf to shelf."""
    seed = bytes(range(32))
    key, start = OpenKey(seed), datetime(2026, 1, 1, tzinfo=UTC)
    party = Party(id=PERSON, name="Administrator", function="Head of laboratory")
    slot = SignerSlot(role="actor", person=PERSON, name=party.name, key=key.key_id)

    def entry(after: Entry | None, at: datetime, draft: Draft) -> Entry:
        return sign(compose(draft, after=after, at=at), [key])

    facts = {"person": PERSON, "key": key.key_id, "public_key": key.public_key.raw.hex(), "roles": ["administrator"]}
    person = Subject(kind="person", id=PERSON, label=party.name)
    root = Draft(
        chain=LAB, chain_kind="lab", actor=party, signers=(slot,), action="person.enrol", obj=person, facts=facts
    )
    ring = KeyRing.from_lab([entry(None, start, root)])
    entries: list[Entry] = []
    for number in range(count):
        change = Change(table="exhibit", id=CASE, set={"shelf": (f"A{number}", f"A{number + 1}")})
        move = Draft(
            chain=CASE,
            chain_kind="case",
            actor=party,
            signers=(slot,),
            action="exhibit.move",
            obj=Subject(kind="exhibit", id=CASE, label="2026-014/3"),
            facts={"purpose": "examination"},
            changes=(change,),
        )
        made = entry(entries[-1] if entries else None, start + timedelta(seconds=number + 1), move)
        entries.append(Entry(made.body, made.signatures))
    return ring, entries


def bare(pairs: Sequence[tuple[bytes, bytes]]) -> None:
    """Verify signatures on all cores and do nothing else."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()

    def block(start: int) -> None:
        for signature, message in pairs[start : start + _BLOCK]:
            key.verify(signature, message)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(block, range(0, len(pairs), _BLOCK)))


def seconds(job: Callable[[], object]) -> float:
    """Return how long a job takes."""
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def main() -> int:
    """Print the rates; 1 if a limit was missed."""
    count = int(os.environ.get("FORENSICS_BENCH_ENTRIES", "100000"))
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    ring, entries = make_chain(count)
    size = sum(len(one.body) for one in entries) // count
    print(f"ledger of {count:,} entries of {size} bytes on {machine()}", flush=True)
    print(f"peer: cryptography {version('cryptography')}", flush=True)
    pairs = [(one.signatures[0], message_of(one.body)) for one in entries]
    if verify(entries, ring).first_bad is not None or verify_links(entries).intact is not Answer.YES:
        raise RuntimeError("the chain that was made does not verify")
    worker = worker_command()
    times = [
        (
            seconds(lambda: verify(entries, ring, worker=worker)),
            seconds(lambda: bare(pairs)),
            seconds(lambda: verify_links(entries)),
        )
        for _ in range(rounds)
    ]
    ours_s, bare_s, links_s = (statistics.median(one) for one in zip(*times, strict=True))
    share = statistics.median(one[1] / one[0] for one in times)
    links_per_100k_s = links_s * 100_000 / count
    print(f"bare Ed25519: {count / bare_s:8,.0f} signatures/s on all cores, {bare_s:.2f} s")
    print(f"verify:       {count / ours_s:8,.0f} entries/s, {ours_s:.2f} s, {share:.2f} of the bare rate", end="")
    print(f"  limit {SHARE_OF_BARE_RATE:.2f} {'reached' if share >= SHARE_OF_BARE_RATE else 'MISSED'}")
    print(f"links alone:  {count / links_s:8,.0f} entries/s, {links_per_100k_s:.2f} s for 100,000", end="")
    print(f"  limit {LINKS_LIMIT_S:.2f} s {'reached' if links_per_100k_s <= LINKS_LIMIT_S else 'MISSED'}", flush=True)
    return int(share < SHARE_OF_BARE_RATE or links_per_100k_s > LINKS_LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
