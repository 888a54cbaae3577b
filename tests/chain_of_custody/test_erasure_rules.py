"""Erasures, forged: decided by who proposed them, by nobody, twice, or carried out by who approved them."""

import pytest

from chain_of_custody.erasure_rules import Erasures
from tests.chain_of_custody.test_rules import EMMA, OTTO, SUSI, Custody, Member

FILES = [{"name": "cases/1/photos/ab.jpg", "size_bytes": 3, "sha256": "ab"}]
P, A, R, C, F = "propose", "approve", "reject", "carry_out", "finish"


def acted(*acts: tuple[str, Member]) -> Custody:
    case = Custody()
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
        (((P, OTTO), (P, EMMA)), "erasure.propose proposes what was proposed before."),
        (((P, OTTO), (A, EMMA)), "Emma Examiner signs erasure.approve and did not hold the role for it then."),
    ],
)
def test_every_other_way_is_named(acts: tuple[tuple[str, Member], ...], words: str) -> None:
    case = acted(*acts)
    assert case.found() == [f"Entry {len(acts)}: {words}"]
    assert erased(case) == {}


def test_who_approved_an_erasure_does_not_finish_it() -> None:
    case = acted((P, OTTO), (A, SUSI), (C, OTTO), (F, SUSI))
    assert case.found() == ["Entry 4: Susi Supervisor finishes an erasure that they approved."]


def test_a_list_of_files_that_is_none_names_nothing_as_erased() -> None:
    case = acted((P, OTTO), (A, SUSI))
    case.put("erasure.carry_out", (OTTO, "actor"), facts={"erasure": "e1", "files": ["ab"]})
    assert erased(case) == {}
