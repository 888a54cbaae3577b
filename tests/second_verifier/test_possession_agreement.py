"""Both verifiers find the same steps from hand to hand not allowed by the third rules, in random sequences."""

import random

import pytest

from chain_of_custody.ledger import breaches
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import ring_of
from tests.chain_of_custody.test_rules import LAW, checked_out, registered, stored
from tests.second_verifier import acts
from tests.second_verifier.people import people_of
from tests.second_verifier.test_acts_agreement import STATED, Forger, lines_of

POSSESSION = (
    "leaves it in the hands of somebody", "states no receipt", "and names", "whom it does not name as who takes it",
    "changes who has it, and nobody takes it", "and leaves it with somebody else", "signs for it",
    "who has a key of the laboratory",
    "the signature of one of them", "states no signature", "does not name who gives", "and no incident is stated",
    "as somebody outside, who signs",
)  # fmt: skip
"""Words of the findings about hands under the third rules."""


@pytest.mark.req("REQ-17", "REQ-18", "REQ-68")
def test_both_name_the_same_steps_from_hand_to_hand_drawn_by_lot() -> None:
    lab = lines_of(LAW.entries)
    people, ring = people_of(lab, set(), None), ring_of(LAW)
    good, found = 0, set[str]()
    for seed in range(900, 1700):
        by = random.Random(seed)
        case = by.choice((registered, registered, stored, checked_out))()
        forger = Forger(case, by)
        case.row["holder"] = "Otto Officer"
        forger.told_truly = 0.7
        for _ in range(10):
            likely = {name: by.choice((values[0], by.choice(values))) for name, values in STATED if by.random() < 0.6}
            if by.random() < 0.9:
                likely.pop("outsider", None)
            if by.random() < 0.5:
                likely.pop("form_sha256", None)
                likely.pop("unsigned_reason", None)
            case.stated = {**likely, "custody_rules": 3}
            forger.step()
        ours = breaches(case.entries, ring, Begun())
        places = sorted({one.entry_index for one in ours})
        assert places == acts.breaches(lines_of(case.entries), people, lab), f"seed {seed}"
        good += len(case.entries) - len(places)
        found |= {rule for rule in POSSESSION for one in ours if rule in one.what}
    assert good > 800
    assert found == set(POSSESSION), "every rule is broken somewhere"
