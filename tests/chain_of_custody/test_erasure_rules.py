"""Erasures, forged: decided by who proposed them, by nobody, twice, carried out by who approved them, or too early.

Also of files that nobody approved. What is forged is judged by the second verifier, too.
"""

from datetime import timedelta
from typing import Any

import pytest

from chain_of_custody.erasure_rules import Erasures, listed_of
from chain_of_custody.ledger import breaches
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import CASE, NOON, OTHER_CASE, ring_of
from tests.chain_of_custody.test_decision_rules import decide
from tests.chain_of_custody.test_rules import EMMA, LAW, OLGA, OTTO, SUSI, Custody, Member
from tests.second_verifier import acts as second
from tests.second_verifier.entries import Line
from tests.second_verifier.people import people_of

NAME = f"cases/{CASE}/photos/ab.jpg"
FILES: list[Any] = [{"name": NAME, "size_bytes": 3, "sha256": "ab"}]
WHAT = ["photos", "reports"]
P, A, R, C, F = "propose", "approve", "reject", "carry_out", "finish"


def kept_until(day: object, who: Member = SUSI) -> Custody:
    case = Custody()
    case.put("retention.set", (who, "actor"), facts={"keep_until": day, "basis": "The order"})
    return case


def acted(*acts: tuple[str, Member], case: Custody | None = None) -> Custody:
    case = case or kept_until("2026-01-30")
    for act, who in acts:
        facts = {"erasure": "e1", **({"files": FILES} if act == C else {}), **({"what": WHAT} if act in (P, C) else {})}
        case.put(f"erasure.{act}", (who, "actor"), facts=facts)
    return case


def erased(case: Custody) -> dict[str, str]:
    acts = Erasures()
    for entry in case.entries:
        list(acts.take(entry.content))
    return acts.erased


@pytest.mark.req("REQ-70")
def test_what_two_people_decide_is_allowed_and_known_to_be_erased() -> None:
    case = acted((P, OTTO), (A, SUSI), (C, OTTO))
    assert case.found() == []
    assert erased(case) == {NAME: "ab"}
    assert acted((P, OTTO), (R, SUSI)).found() == []
    assert acted((P, OTTO), (A, SUSI), (C, OTTO), (F, OTTO)).found() == []


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize(
    ("acts", "words"),
    [
        (((P, SUSI), (A, SUSI)), "Susi Supervisor decides about an erasure that they proposed."),
        (((P, OTTO), (C, OTTO)), "erasure.carry_out erases what nobody else approved."),
        (((P, OTTO), (A, SUSI), (C, SUSI)), "Susi Supervisor carries out an erasure that they approved."),
        (((P, OTTO), (R, SUSI), (C, OTTO)), "erasure.carry_out is about an erasure that does not wait for it."),
        (((P, OTTO), (A, SUSI), (A, SUSI)), "erasure.approve is no step that follows there."),
        (((P, OTTO), (A, SUSI), (F, OTTO)), "erasure.finish is about an erasure that was not carried out."),
        (((P, OTTO), (R, SUSI), (F, OTTO)), "erasure.finish is about an erasure that was not carried out."),
        (((C, OTTO),), "erasure.carry_out is about an erasure that does not wait for it."),
        (((P, OTTO), (P, SUSI)), "erasure.propose proposes what was proposed before."),
        (((P, EMMA),), "Emma Examiner signs erasure.propose and did not hold the role for it then."),
        (
            ((P, OTTO), (A, SUSI), (C, OLGA)),
            "Olga Auditor signs erasure.carry_out and did not hold the role for it then.",
        ),
        (((P, OTTO), (A, EMMA)), "Emma Examiner signs erasure.approve and did not hold the role for it then."),
    ],
)
def test_every_other_way_is_named(acts: tuple[tuple[str, Member], ...], words: str) -> None:
    case = acted(*acts)
    assert case.found() == [f"Entry {len(acts) + 1}: {words}"]
    assert erased(case) == {} or acts[-1][1] is OLGA


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize("day", ["2026-02-01", "9999-12-31", "tomorrow", None, 20260101, "0000"])
def test_an_erasure_while_the_case_is_kept_is_named_at_each_of_its_steps(day: object) -> None:
    case = acted((P, OTTO), (A, SUSI), (C, OTTO), case=kept_until(day))
    assert [one.split(" was done before")[0] for one in case.found()] == [
        "Entry 2: erasure.propose",
        "Entry 3: erasure.approve",
        "Entry 4: erasure.carry_out",
    ]
    rejected = acted((P, OTTO), (R, SUSI), case=kept_until(day))
    assert [one.split(":")[0] for one in rejected.found()] == ["Entry 2"], "a rejection keeps the case"


@pytest.mark.req("REQ-70")
def test_the_last_day_of_a_period_may_be_over_where_the_laboratory_is_and_not_yet_in_utc() -> None:
    last_day = acted((P, OTTO), case=kept_until("2026-01-31"))
    assert last_day.found() == [], "at noon of it in UTC it is the next day in Kiritimati"
    alone = Custody()
    alone.at = NOON - timedelta(hours=4)
    alone.put("retention.set", (SUSI, "actor"), facts={"keep_until": "2026-01-31"})
    alone.put("erasure.propose", (OTTO, "actor"), facts={"erasure": "e1"})
    words = "erasure.propose was done before the retention period was over, which ends 2026-01-31."
    assert alone.found() == [f"Entry 2: {words}"]


@pytest.mark.req("REQ-70")
def test_an_erasure_of_what_nobody_said_how_long_it_is_kept_is_named() -> None:
    case = acted((P, OTTO), case=Custody())
    words = "erasure.propose is about a case of which nobody had said how long it is kept."
    assert case.found() == [f"Entry 1: {words}"]


def test_a_period_that_an_examiner_ends_is_named() -> None:
    words = "Emma Examiner signs retention.set and did not hold the role for it then."
    assert kept_until("2026-01-30", EMMA).found() == [f"Entry 1: {words}"]


@pytest.mark.req("REQ-70")
def test_an_erasure_under_a_legal_hold_is_named_until_the_hold_is_lifted() -> None:
    case = acted((P, OTTO), (A, SUSI))
    decide(case, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=OTHER_CASE, lifted_at=None)
    case.put("erasure.carry_out", (OTTO, "actor"), facts={"erasure": "e1", "what": WHAT, "files": FILES})
    assert case.found() == ["Entry 5: erasure.carry_out was done under a legal hold."]
    lifted = acted((P, OTTO))
    decide(lifted, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=None, lifted_at=None)
    decide(lifted, "hold.lift", (SUSI, "actor"), "legal_hold", lifted_at="2026-01-31T12:10:00.000000Z")
    lifted.put("erasure.approve", (SUSI, "actor"), facts={"erasure": "e1"})
    assert lifted.found() == []


def test_who_approved_an_erasure_does_not_finish_it() -> None:
    case = acted((P, OTTO), (A, SUSI), (C, OTTO), (F, SUSI))
    assert case.found() == ["Entry 5: Susi Supervisor finishes an erasure that they approved."]


def test_a_list_of_files_that_is_none_names_nothing_as_erased() -> None:
    case = acted((P, OTTO), (A, SUSI))
    case.put("erasure.carry_out", (OTTO, "actor"), facts={"erasure": "e1", "what": WHAT, "files": ["ab"]})
    assert erased(case) == {}


def named(proposed: dict[str, Any], carried_out: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """What both verifiers say of an erasure that two people decided, and what is known to be erased then."""
    case = kept_until("2026-01-30")
    case.put("erasure.propose", (OTTO, "actor"), facts={"erasure": "e1", "what": WHAT, **proposed})
    case.put("erasure.approve", (SUSI, "actor"), facts={"erasure": "e1"})
    told = {"erasure": "e1", "what": WHAT, "files": FILES, **carried_out}
    case.put("erasure.carry_out", (OTTO, "actor"), facts=told)
    case.put("erasure.finish", (OTTO, "actor"), facts={"erasure": "e1", "files": []})
    lab, lines = ([Line(one.body, list(one.signatures)) for one in chain.entries] for chain in (LAW, case))
    found = breaches(case.entries, ring_of(LAW), Begun())
    assert sorted({one.entry_index for one in found}) == second.breaches(lines, people_of(lab, set(), None), lab)
    assert {one.sequence for one in found} <= {4}
    return [one.what.removeprefix("Entry 4: erasure.carry_out ") for one in found], erased(case)


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize(
    "name",
    [
        f"cases/{OTHER_CASE}/photos/ab.jpg",
        f"cases/{CASE}/papers/ab.pdf",
        f"cases/{CASE}/photos",
        f"cases/{CASE}/photos/",
        f"cases/{CASE}/photos/../../{OTHER_CASE}/photos/ab.jpg",
        f"cases/{CASE}/photos/.. /ab.jpg",
        f"cases/{CASE}/photos//ab.jpg",
        f"cases/{CASE}/photos/..\\ab.jpg",
        f"/cases/{CASE}/photos/ab.jpg",
        f"./cases/{CASE}/photos/ab.jpg",
        f"x/cases/{CASE}/photos/ab.jpg",
        f"cases/{CASE}/secret/ab.jpg",
        "../outside.txt",
        "/etc/passwd",
        "lab.db",
        "",
        None,
        7,
    ],
)
def test_a_file_that_the_approval_does_not_cover_is_named_and_not_explained(name: object) -> None:
    other = {"name": name, "size_bytes": 3, "sha256": "cd"}
    what = [*WHAT, "secret"]
    words = f"erases {name!r}, which is nothing that was approved."
    assert named({"what": what}, {"what": what, "files": [*FILES, other]}) == ([words], {NAME: "ab"})


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize("what", [["photos"], ["photos", "reports", "papers"], [], None, "photos reports"])
def test_an_erasure_of_other_kinds_than_were_approved_explains_nothing(what: object) -> None:
    assert named({}, {"what": what}) == (["erases something else than was approved."], {})


@pytest.mark.req("REQ-70")
def test_what_came_after_the_proposal_is_not_erased_with_it() -> None:
    count, sha256 = listed_of(FILES, CASE)
    stated = {"file_count": count, "files_sha256": sha256}
    words = ["erases other files than were there when it was proposed."]
    later = {"name": f"cases/{CASE}/photos/é\n\u2028😀.jpg", "size_bytes": 4, "sha256": "cd"}
    assert named(stated, {}) == ([], {NAME: "ab"})
    assert named(stated, {"files": [*FILES, later]}) == (words, {})
    assert named(stated, {"files": []}) == (words, {})
    assert named(stated, {"files": [FILES[0] | {"sha256": "ac"}]}) == (words, {})
    assert named(stated | {"file_count": 2}, {}) == (words, {})
    assert named(stated | {"files_sha256": None}, {}) == (words, {})
    assert named({}, {"files": [*FILES, later]})[0] == [], (
        "a proposal from before lists were stated is judged as it was"
    )
    count, sha256 = listed_of([*FILES, later], CASE)
    assert named({"file_count": count, "files_sha256": sha256}, {"files": [*FILES, later]})[0] == []


@pytest.mark.req("REQ-70")
def test_catalogues_may_have_changed_since_they_were_proposed_for_erasure() -> None:
    what = ["catalogues", *WHAT]
    count, sha256 = listed_of(FILES, CASE)
    catalogue = {"name": f"cases/{CASE}/catalogues/1.searches/one.db", "size_bytes": 5, "sha256": "ef"}
    found, explained = named(
        {"what": what, "file_count": count, "files_sha256": sha256}, {"what": what, "files": [catalogue, *FILES]}
    )
    assert (found, explained) == ([], {NAME: "ab", catalogue["name"]: "ef"})
