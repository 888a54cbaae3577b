"""Anchors in the lab chain: what is cut off from the end of a case is missed (REQ-16)."""

from typing import Any

import pytest

from chain_of_custody.anchors import ANCHOR, anchor_facts
from chain_of_custody.file import ChainPart, lines_of, read_lines
from chain_of_custody.ledger import Entry
from chain_of_custody.report import FileReport, entry_answers, judge
from tests.chain_of_custody.chains import BEN, CASE, EVE, LAB, OTHER_CASE, STRANGER, Chain, grown_case, new_lab


def judged(lab: Chain, case: list[Entry], chain: str = CASE) -> FileReport:
    lines = list(lines_of([(LAB, "lab", lab.entries), (chain, "case", case)]))
    parts: tuple[ChainPart, ...] = read_lines(lines)
    return judge(parts, root=None, on_progress=lambda *_: None)


def anchored_lab(entry: Entry, **more: Any) -> Chain:
    lab = new_lab(BEN, EVE)
    facts = {**anchor_facts(entry.content, entry.digest), **more}
    lab.at = entry.content.recorded_at
    lab.add(ANCHOR, (EVE, "actor"), facts=facts)
    return lab


@pytest.mark.req("REQ-16")
def test_a_case_is_anchored_until_the_entry_that_the_lab_chain_names() -> None:
    case = grown_case(6)
    report = judged(anchored_lab(case.entries[3]), case.entries)
    assert report.all_yes
    anchored = report.chains[1].anchored
    assert anchored is not None
    assert (anchored.sequence, anchored.lab_sequence) == (4, 4)
    assert [one.is_anchored for one in entry_answers(report.chains[1])] == [True] * 4 + [False] * 2


@pytest.mark.req("REQ-16")
def test_entries_cut_off_below_an_anchor_are_missed_though_the_header_agrees() -> None:
    case = grown_case(6)
    report = judged(anchored_lab(case.entries[5]), case.entries[:4])
    verdict = report.chains[1].verdict
    assert (verdict.intact, verdict.signed, verdict.trusted) == ("no", "yes", "yes")
    assert verdict.first_bad is not None
    assert verdict.first_bad.what == (
        "Entry 6 was anchored by entry 4 of the lab chain and is missing: the end of the chain was cut off."
    )
    assert report.chains[1].anchored is None


def test_entries_cut_off_after_the_last_anchor_are_not_missed_which_is_why_anchors_are_made() -> None:
    case = grown_case(6)
    assert judged(anchored_lab(case.entries[2]), case.entries[:4]).all_yes


@pytest.mark.req("REQ-16")
def test_a_chain_written_anew_by_its_own_people_differs_from_the_anchor() -> None:
    case = grown_case(6)
    again = Chain()
    for _ in range(6):
        again.add("exhibit.move", (EVE, "actor"))
    found = judged(anchored_lab(case.entries[4]), again.entries).chains[1].verdict.first_bad
    assert found is not None
    assert (found.entry_index, found.answer) == (4, "intact")


@pytest.mark.parametrize("wrong", [{"sequence": "6"}, {"sequence": 0}, {"chain": 6}, {"head": None}])
def test_an_anchor_that_names_no_entry_anchors_nothing(wrong: dict[str, Any]) -> None:
    case = grown_case(6)
    report = judged(anchored_lab(case.entries[5], **wrong), case.entries)
    assert (report.all_yes, report.chains[1].anchored) == (True, None)


def test_an_anchor_of_another_case_says_nothing_of_this_one() -> None:
    report = judged(anchored_lab(grown_case(6, OTHER_CASE).entries[5]), grown_case(2).entries)
    assert (report.all_yes, report.chains[1].anchored) == (True, None)


@pytest.mark.req("REQ-16")
def test_an_anchor_by_a_stranger_anchors_nothing() -> None:
    case, lab = grown_case(6), new_lab(BEN, EVE)
    last = case.entries[5]
    lab.at = last.content.recorded_at
    lab.add(ANCHOR, (STRANGER, "actor"), facts=anchor_facts(last.content, last.digest))
    report = judged(lab, case.entries)
    assert (report.all_yes, report.chains[1].anchored) == (False, None)


def test_a_word_changed_in_an_entry_is_the_answer_of_that_entry_alone() -> None:
    case = grown_case(6)
    forged = [*case.entries]
    forged[2] = Entry(forged[2].body.replace(b"Shelf 2", b"Shelf 3"), forged[2].signatures)
    answers = [dict(one.answers) for one in entry_answers(judged(new_lab(BEN, EVE), forged).chains[1])]
    yes = {"intact": "yes", "signed": "yes", "trusted": "yes"}
    assert answers == [yes, yes, yes | {"signed": "no"}, yes | {"intact": "no"}, yes, yes]
