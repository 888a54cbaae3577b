"""Both verifiers say of the same time stamps that they hold; OpenSSL is the judge of the second (REQ-16, REQ-68)."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from chain_of_custody.errors import TimeStampError
from chain_of_custody.file import lines_of, read_lines
from chain_of_custody.report import judge
from chain_of_custody.time_tokens import certificates_of, check_response
from tests.chain_of_custody.chains import LAB, STRANGER, Chain, new_lab
from tests.second_verifier.entries import chains_of
from tests.second_verifier.stamps import OPENSSL, is_authentic, stamps
from tests.second_verifier.verdicts import verify
from tests.time_authority import Authority, certificate, write

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
HEAD = hashlib.sha256(b"head").digest()
REFUSAL = bytes.fromhex("30053003020102")


def query(message: bytes, algorithm: HashAlgorithm = HashAlgorithm.SHA256) -> bytes:
    return TimestampRequestBuilder().data(message).hash_algorithm(algorithm).build().as_bytes()


@dataclass
class StampedLab:
    """A lab whose chain an authority stamps."""

    chain: Chain
    ours: Authority
    other: Authority

    def name(self, authority: Authority, *by: Any) -> None:
        self.chain.add("time_authority.set", *by, facts={"certificates": [authority.certificates]})

    def attach(self, reply: Callable[[bytes], bytes], sequence: int | None = None, **facts: Any) -> None:
        """Attach what is replied to the digest of the last entry, and say that it is of the one with a number."""
        digest, number = self.chain.entries[-1].digest, len(self.chain.entries)
        told = {"sequence": sequence or number, "head": digest.hex(), "response": reply(digest).hex()}
        self.chain.add("time_stamp.attach", facts=told | facts)

    def good(self, digest: bytes) -> bytes:
        return self.ours.reply(query(digest))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> StampedLab:
    folders = (tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("other"))
    lab = StampedLab(new_lab(), *map(Authority, folders))
    write(lab.ours.folder / "old.pem", certificate("Old", lab.ours.root, for_time_stamps=True, days=(-9, -2)))
    return lab


def told_by_both(chain: Chain, folder: Path) -> tuple[list[Any], list[Any]]:
    content = b"".join(lines_of([(LAB, "lab", chain.entries)]))
    report = judge(read_lines(content.splitlines(keepends=True)), root=None, on_progress=lambda *_: None)
    ours = [
        (one.lab_sequence, one.sequence, datetime.fromisoformat(one.stamped_at) if one.stamped_at else None)
        for one in report.stamped.stamps
    ]
    (verdict,) = verify(content)[1]
    doubted = {place for place, _, _ in verdict.found}
    theirs = [(one.place, one.sequence, one.at) for one in stamps(chains_of(content)[0].lines, doubted, folder)]
    return ours, theirs


@pytest.mark.req("REQ-16", "REQ-68")
def test_both_say_of_each_stamp_of_a_lab_whether_it_holds(lab: StampedLab, tmp_path: Path) -> None:
    lab.attach(lab.good)
    lab.name(lab.ours)
    lab.name(lab.other, (STRANGER, "actor"))
    lab.chain.add("time_authority.set", facts={"certificates": ["no certificate", 1]})
    begun = datetime.now(UTC).replace(microsecond=0)
    lab.attach(lab.good)
    last = len(lab.chain.entries)
    lab.attach(lab.good, 2)
    lab.attach(lab.good, 99)
    lab.attach(lab.good, head="ab" * 32)
    lab.attach(lab.good, sequence=True)
    lab.attach(lambda digest: lab.good(b"something else"))
    lab.attach(lambda digest: lab.other.reply(query(digest)))
    lab.attach(lambda digest: lab.ours.reply(query(digest), "old.pem"))
    lab.attach(lambda digest: lab.ours.reply(query(digest, HashAlgorithm.SHA512)))
    lab.attach(lambda digest: lab.good(digest)[:-1])
    lab.attach(lambda digest: lab.good(digest) + b"\0")
    lab.attach(lambda digest: REFUSAL)
    lab.attach(lambda digest: b"")
    lab.attach(lab.good, response="AB" * 40)
    lab.attach(lab.good, response="30 05")
    lab.name(lab.other)
    lab.attach(lambda digest: lab.other.reply(query(digest)))
    ours, theirs = told_by_both(lab.chain, tmp_path)
    assert ours == theirs
    held = [(place, at) for place, _, at in ours if at is not None]
    assert [place for place, _ in held] == [last, len(lab.chain.entries)]
    assert all(begun <= at <= datetime.now(UTC) for _, at in held)


@pytest.mark.req("REQ-16", "REQ-68")
def test_neither_takes_a_changed_response_for_one_that_says_something_else(lab: StampedLab, tmp_path: Path) -> None:
    response, pem = lab.good(HEAD), lab.ours.certificates
    truth, by = is_authentic(response, HEAD, [pem], tmp_path), random.Random(5)
    assert truth is not None
    agreed = 0
    for _ in range(60):
        place = by.randrange(len(response))
        forged = response[:place] + bytes([response[place] ^ (1 << by.randrange(8))]) + response[place + 1 :]
        theirs = is_authentic(forged, HEAD, [pem], tmp_path)
        try:
            ours = check_response(forged, HEAD, certificates_of(pem)).stamped_at
        except TimeStampError:
            ours = None
        assert {ours, theirs} <= {None, truth}, place
        agreed += ours == theirs
    assert agreed >= 55, "they may differ only about the few bytes that nobody signs"
