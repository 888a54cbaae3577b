"""Both verifiers hold whoever does an act to the roles for it, as whatever they sign; who only saw it needs none."""

import pytest

from chain_of_custody.ledger import breaches
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.test_rules import LAW, OLGA, OTTO, RING, By, Custody
from tests.second_verifier import acts
from tests.second_verifier.people import people_of
from tests.second_verifier.test_acts_agreement import lines_of

ACTS = (
    "exhibit.add", "exhibit.derive", "exhibit.correct", "exhibit.correct_step", "image.intake", "image.decision",
    "transfer.offer", "custody.store", "custody.reject_disposal", "disposal.approve", "hold.place", "hold.lift",
    "erasure.propose", "erasure.approve", "erasure.reject", "erasure.carry_out", "erasure.finish", "retention.set",
    "certificate.authority", "certificate.issue", "certificate.revocations", "incident.close", "medium.wipe",
    "medium.assign", "medium.return", "desk.approve", "desk.return", "report.draft",
)  # fmt: skip


def named(action: str, *by: By) -> bool:
    """Whether somebody is named who did not hold the role; both verifiers find the entry not allowed then."""
    case = Custody()
    case.add(action, *by)
    lab = lines_of(LAW.entries)
    ours = breaches(case.entries, RING, Begun())
    theirs = acts.breaches(lines_of(case.entries), people_of(lab, set(), None), lab)
    assert sorted({one.entry_index for one in ours}) == theirs
    return any("Olga Auditor signs" in one.what for one in ours)


@pytest.mark.req("REQ-18", "REQ-22", "REQ-68")
@pytest.mark.parametrize("action", ACTS)
def test_nobody_escapes_a_role_by_signing_as_a_witness_of_their_own_act(action: str) -> None:
    assert named(action, (OLGA, "actor"))
    assert named(action, (OLGA, "witness"))
    assert not named(action, (OTTO, "actor"), (OLGA, "witness"))


@pytest.mark.parametrize("action", ["erasure", "certificate"])
def test_an_action_that_only_begins_like_another_is_none_of_its_kind_to_either(action: str) -> None:
    assert not named(action, (OTTO, "actor"))
