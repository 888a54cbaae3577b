"""What is told of exhibits and incidents under the fifth rules: both verifiers allow and name the same entries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chain_of_custody.erasure_rules import listed_of
from chain_of_custody.ledger import Change, Entry, SignerRole, breaches
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import ADA, CASE, LAB, OTHER_CASE, Member
from tests.chain_of_custody.test_possession_rules import BRANDT, FORM, seized, third
from tests.chain_of_custody.test_rules import EMMA, LAW, OLGA, OTTO, RING, SUSI, Custody
from tests.second_verifier import acts
from tests.second_verifier.entries import Line
from tests.second_verifier.people import people_of
from tests.second_verifier.test_absence_agreement import GONE
from tests.second_verifier.test_acts_agreement import lines_of
from tests.second_verifier.test_forged_hands import named

INCIDENT = f"{LAB[:-6]}990001"
RAISED = {"what": (None, "The bag was open"), "raised_by": (None, OTTO.person), "case_id": (None, CASE)}


def fifth(rules: int) -> Custody:
    """What Emma received and has on the shelf, by these rules."""
    case = third(seized(), **FORM, giver=BRANDT)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    case.stated = {"custody_rules": rules}
    case.step("store", "STORED", (OTTO, "actor"), told={"shelf": "A-07", "remarks": None})
    return case


def changed(case: Custody, action: str, by: Member, *changes: Change, about: Any = None, **facts: Any) -> Entry:
    more = {} if about is None else {"about": about}
    reason = "A slip of the pen" if action.startswith("exhibit.correct") else None
    return case.add(action, (by, "actor"), facts=facts, changes=changes, reason=reason, **more)


def of_exhibit(**pairs: tuple[Any, Any]) -> Change:
    return Change(table="exhibit", id=CASE, set=pairs)


def raised(case: Custody, by: Member = OTTO, **more: Any) -> None:
    changed(case, "incident.raise", by, Change(table="incident", id=INCIDENT, set={**RAISED, **more}))


def corrected(case: Custody, *corrections: dict[str, Any], number: int = 4, digest: str = "", **more: Any) -> None:
    for pairs in corrections:
        facts = {"corrects": number, "corrects_digest": digest or case.entries[3].digest.hex(), "corrected": pairs}
        changed(case, "exhibit.correct_step", OTTO, **{**facts, **more})


RIGHT: dict[str, Callable[[Custody], object]] = {
    "a correction of what an exhibit is": lambda case: changed(
        case, "exhibit.correct", OTTO, of_exhibit(serial=(None, "A1"))
    ),
    "two of them": lambda case: [
        changed(case, "exhibit.correct", EMMA, of_exhibit(serial=pair)) for pair in ((None, "A1"), ("A1", "A2"))
    ],
    "an image that fails its check": lambda case: changed(
        case, "image.check", SUSI, of_exhibit(integrity_failed=(None, 1))
    ),
    "an incident": raised,
    "an incident found by an auditor": lambda case: raised(case, OLGA, raised_by=(None, OLGA.person)),
    "a decision about it": lambda case: [
        raised(case),
        changed(case, "incident.close", SUSI, Change(
            table="incident", id=INCIDENT, set={"decided_by": (None, SUSI.person), "decision": (None, "No harm")}
        )),
    ],
    "a correction of a step, and one of the correction": lambda case: corrected(
        case, {"remarks": ["", "It rained"]}, {"remarks": ["It rained", "It snowed"], "purpose": ["", "Storing"]}
    ),
}  # fmt: skip
WRONG: dict[str, tuple[str, Callable[[Custody], object]]] = {
    "an auditor writes of an exhibit": (
        "Olga Auditor writes by note.add of an exhibit",
        lambda case: changed(case, "note.add", OLGA, of_exhibit(integrity_failed=(None, 1))),
    ),
    "an administrator raises an incident": (
        "Ada Administrator writes by incident.raise of an incident",
        lambda case: raised(case, ADA, raised_by=(None, ADA.person)),
    ),
    "a note changes what an exhibit is": (
        "note.add changes what is told of LH/01",
        lambda case: changed(case, "note.add", OTTO, of_exhibit(serial=(None, "A1"))),
    ),
    "a step of another one does": (
        "changes what is told of LH/01",
        lambda case: changed(
            case, "exhibit.correct", OTTO, of_exhibit(serial=(None, "A1")), about=("exhibit", OTHER_CASE)
        ),
    ),
    "another old value": (
        "exhibit.correct states that serial of LH/01 was another one",
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(serial=("A0", "A1"))),
    ),
    "a number for a truth": (
        "integrity_failed of LH/01 was another one",
        lambda case: [
            changed(case, "image.check", OTTO, of_exhibit(integrity_failed=pair)) for pair in ((None, 1), (True, 0))
        ],
    ),
    "an exhibit that nobody registered": (
        "that this chain never registered",
        lambda case: changed(
            case, "exhibit.correct", OTTO, Change(table="exhibit", id=OTHER_CASE, set={"serial": (None, "A1")})
        ),
    ),
    "the words of an incident": (
        "changes an incident, of which only incident.close",
        lambda case: [
            raised(case),
            changed(case, "note.add", OTTO, Change(
                table="incident", id=INCIDENT, set={"what": ("The bag was open", "")}
            )),
        ],
    ),
    "the words with the decision": (
        "changes an incident, of which only incident.close",
        lambda case: [
            raised(case),
            changed(case, "incident.close", SUSI, Change(
                table="incident", id=INCIDENT, set={"decided_by": (None, SUSI.person), "what": ("The bag was open", "")}
            )),
        ],
    ),
    "an incident in the name of another": (
        "in the name of somebody who does not sign",
        lambda case: raised(case, raised_by=(None, EMMA.person)),
    ),
    "an incident of another case": ("or in another case", lambda case: raised(case, case_id=(None, OTHER_CASE))),
    "a correction of what was never told": (
        "shelf of entry 4 was told otherwise", lambda case: corrected(case, {"shelf": ["A-01", "A-08"]})
    ),
    "a correction of what was corrected before": (
        "shelf of entry 4 was told otherwise",
        lambda case: corrected(case, {"shelf": ["A-07", "A-08"]}, {"shelf": ["A-07", "A-09"]}),
    ),
    "a correction that is none": ("shelf of entry 4 was told", lambda case: corrected(case, {"shelf": "A-07"})),
    "an empty correction": ("does not say what it corrects", lambda case: corrected(case, {})),
    "a correction of no step": ("corrects no step", lambda case: corrected(case, {"shelf": ["", "A"]}, number=1)),
    "a correction of a step by its number in words": (
        "corrects no step", lambda case: corrected(case, {"shelf": ["A-07", "A-08"]}, corrects="4")
    ),
    "a correction of another entry": (
        "states another digest", lambda case: corrected(case, {"shelf": ["A-07", "A-08"]}, digest="0" * 64)
    ),
    "a step that states another state before in the row": (
        "states that place of LH/01 was another one",
        lambda case: case.add(
            "custody.move", (OTTO, "actor"),
            facts={"event": "move", "from_state": "STORED", "to_state": "STORED", "custody_rules": 5},
            changes=(of_exhibit(place=("B-01", "B-02"), state=("STORED", "STORED")),),
        ),
    ),
    "a submission that freezes no records": (
        "report.submit does not say which records it freezes",
        lambda case: [_draft(case), _submit(case)],
    ),
    "an erasure of files that are not named": (
        "erasure.propose does not say which files",
        lambda case: [_kept(case), changed(case, "erasure.propose", SUSI, erasure="e", what=["photos"])],
    ),
}  # fmt: skip


def _draft(case: Custody) -> None:
    row = {"state": (None, "draft"), "author_id": (None, EMMA.person), "case_id": (None, CASE)}
    change = Change(table="report_draft", id=OTHER_CASE, set=row)
    changed(case, "report.draft", EMMA, change, about=("report_draft", OTHER_CASE))


def _submit(case: Custody, **facts: Any) -> None:
    change = Change(table="report_draft", id=OTHER_CASE, set={"state": ("draft", "in review")})
    changed(case, "report.submit", EMMA, change, about=("report_draft", OTHER_CASE), **facts)


def _kept(case: Custody) -> None:
    changed(case, "retention.set", SUSI, keep_until="2026-01-01")


@pytest.mark.req("REQ-20", "REQ-68")
@pytest.mark.parametrize("act", RIGHT.values(), ids=[*RIGHT])
def test_what_may_be_written_is_named_by_neither(act: Callable[[Custody], object]) -> None:
    case = fifth(5)
    act(case)
    assert named(case) == []


@pytest.mark.req("REQ-20", "REQ-68")
@pytest.mark.parametrize(("words", "act"), WRONG.values(), ids=[*WRONG])
def test_what_may_not_be_written_is_named_by_both_and_was_not_before(
    words: str, act: Callable[[Custody], object]
) -> None:
    case = fifth(5)
    act(case)
    assert any(words in what for what in named(case))
    if "custody.move" not in {one.content.action for one in case.entries}:
        older = fifth(4)
        act(older)
        assert named(older) == [], "ledgers of before are judged by the rules of before"


@pytest.mark.req("REQ-64", "REQ-68")
def test_what_freezes_records_or_lists_files_is_named_by_neither() -> None:
    case = fifth(5)
    _draft(case)
    _submit(case, records={})
    _kept(case)
    count, digest = listed_of([], CASE)
    changed(case, "erasure.propose", SUSI, erasure="e", what=["photos"], file_count=count, files_sha256=digest)
    assert named(case) == []


@pytest.mark.req("REQ-18", "REQ-68")
@pytest.mark.parametrize(("rules", "found"), [(4, 0), (5, 1)])
def test_an_offer_of_who_has_no_key_any_more_is_accepted_by_nobody(rules: int, found: int) -> None:
    case = third(seized(), **FORM, giver=BRANDT)
    case.step("receive", "RECEIVED", (EMMA, "receiver"), holder_id=EMMA.person)
    case.stated = {"custody_rules": rules}
    giver: tuple[Member, SignerRole] = (EMMA, "giver")
    row = {"exhibit_id": CASE, "event": "hand_over", "from_state": "RECEIVED"}
    row |= {"giver_id": EMMA.person, "receiver_id": OTTO.person}
    change = Change(table="transfer_offer", id=INCIDENT, set={name: (None, value) for name, value in row.items()})
    made = case.add("transfer.offer", giver, facts={"offered": "hand_over"}, changes=(change,))
    case.at += timedelta(hours=1)
    told = {"offer": made.digest.hex()}
    case.step("hand_over", "RECEIVED", (OTTO, "receiver"), told=told, holder_id=OTTO.person)
    assert named(case, LAW) == [], "her key is in force in this laboratory"
    assert [one.endswith("by Emma Examiner, whose key had ended.") for one in named(case, GONE)] == [True] * found


@pytest.mark.req("REQ-20", "REQ-68")
def test_behind_what_is_withheld_nobody_says_what_was_there() -> None:
    case = fifth(5)
    case.add("note.add", (OTTO, "actor"))
    changed(case, "exhibit.correct", OTTO, of_exhibit(serial=("A0", "A1")))
    changed(case, "note.add", OLGA, of_exhibit(integrity_failed=(None, 1)))
    lab, lines = lines_of(LAW.entries), lines_of(case.entries)
    for is_withheld, found in ((False, [5, 6]), (True, [6])):
        entries = [*case.entries]
        if is_withheld:
            entries[4] = Entry(b"", (), withheld=case.entries[4].digest)
            lines[4] = Line(b"", [], case.entries[4].digest.hex())
        assert sorted({one.entry_index for one in breaches(entries, RING, Begun())}) == found
        assert acts.breaches(lines, people_of(lab, set(), None), lab) == found
