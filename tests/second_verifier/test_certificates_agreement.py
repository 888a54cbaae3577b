"""Both verifiers find the same acts about certificates not allowed, in random sequences."""

import random
from typing import Any

import pytest

from chain_of_custody.ledger import breaches
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import ADA, ring_of
from tests.chain_of_custody.test_certificate_rules import certified
from tests.chain_of_custody.test_rules import SUSI
from tests.second_verifier import acts
from tests.second_verifier.people import people_of
from tests.second_verifier.test_acts_agreement import PEOPLE, lines_of


@pytest.mark.req("REQ-67", "REQ-68")
def test_both_name_the_same_certificates_of_hundreds_drawn_by_lot() -> None:
    good, bad = 0, 0
    for seed in range(120):
        by, lab = random.Random(f"certificates {seed}"), certified()
        for _ in range(10):
            act = by.choice(
                ("authority", "request", "request", "issue", "issue", "issue", "import", "revocations", "x")
            )
            who = (
                by.choice((ADA, ADA, ADA, SUSI)) if act in ("authority", "issue", "revocations") else by.choice(PEOPLE)
            )
            facts: dict[str, Any] = {"sha256": by.choice(("a1", "a2", "a3", 1)), "salt": by.choice(("51", "52", None))}
            if act in ("issue", "revocations"):
                to = by.choice(PEOPLE)
                facts |= {"authority": by.choice(("a1", "a1", "a2", [], None)), "salt": by.choice(("51", "52"))}
                facts |= {"person": to.person, "key": to.key.key_id}
            if by.random() < 0.1:
                facts[by.choice(list(facts))] = by.choice((None, SUSI.person, 1, ["a1"], {"a": 1}))
            if by.random() < 0.05:
                lab.enrol(by.choice((SUSI, ADA)), by.choice(("administrator", "auditor")), action="key.replace")
            lab.certify(act, who, **facts)
        lines = lines_of(lab.entries)
        ours = sorted({one.entry_index for one in breaches(lab.entries, ring_of(lab), Begun())})
        assert ours == acts.breaches(lines, people_of(lines, set(), None), lines), f"seed {seed}"
        bad += len(ours)
        good += len(lab.entries) - len(ours)
    assert min(good, bad) > 300
