"""Erasures, forged: decided by who proposed them, by nobody, twice, carried out by who approved them, or too early."""

from datetime import timedelta

import pytest

from chain_of_custody.erasure_rules import Erasures
from tests.chain_of_custody.chains import NOON, OTHER_CASE
from tests.chain_of_custody.test_decision_rules import decide
from tests.chain_of_custody.test_rules import EMMA, OLGA, OTTO, SUSI, Custody, Member

FILES = [{"name": "cases/1/photos/ab.jpg", "size_bytes": 3, "sha256": "ab"}]
P, A, R, C, F = "propose", "approve", "reject", "carry_out", "finish"


def kept_until(day: object, who: Member = SUSI) -> Custody:
    case = Custody()
    case.put("retention.set", (who, "actor"), facts={"keep_until": day, "basis": "The order"})
    return case


def acted(*acts: tuple[str, Member], case: Custody | None = None) -> Custody:
    case = case or kept_until("2026-01-30")
    for act, who in acts:
        facts = {"erasure": "e1", **({"files": FILES} if act == C else {})}
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
    assert erased(case) == {"cases/1/photos/ab.jpg": "ab"}
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
    case.put("erasure.carry_out", (OTTO, "actor"), facts={"erasure": "e1", "files": FILES})
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
    case.put("erasure.carry_out", (OTTO, "actor"), facts={"erasure": "e1", "files": ["ab"]})
    assert erased(case) == {}
