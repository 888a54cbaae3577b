"""Which questions come next at a scene, and what keeps a flow open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.guidance.flows import DONE, NOT_DONE, Answer, Flow, Step, StepKind, asked, fault, missing
from chain_of_custody.guidance.library import load
from resources import path as resource

GUIDANCE = load(resource("guidance"))
LIVE, MOBILE = GUIDANCE.flows["live-box"], GUIDANCE.flows["mobile"]


def fitting(step: Step, pick: int = 0) -> Answer:
    """An answer that stands; ``pick`` says which where several are offered."""
    match step.kind:
        case StepKind.CONFIRM:
            return Answer(value=DONE)
        case StepKind.PHOTO | StepKind.CAPTURE:
            return Answer(value="2")
        case StepKind.CHOICE | StepKind.DECISION:
            return Answer(value=step.choices[pick % len(step.choices)].id, reason="seen on the screen")
    return Answer(value="as found")


def answered(flow: Flow, pick: int = 0) -> dict[str, Answer]:
    """Answers to everything that is asked, one after the other."""
    answers: dict[str, Answer] = {}
    while left := [step for step in asked(flow, answers) if step.id not in answers]:
        answers[left[0].id] = fitting(left[0], pick)
    return answers


@pytest.mark.req("REQ-05")
def test_a_machine_that_runs_is_not_done_with_before_a_decision_and_its_reason() -> None:
    answers = answered(LIVE)
    assert missing(LIVE, answers) == ()
    del answers["live-decision"]
    assert "live-decision" in {step.id for step in missing(LIVE, answers)}
    answers["live-decision"] = Answer(value="pull-plug")
    assert [step.id for step in missing(LIVE, answers)] == ["live-decision"]
    answers["live-decision"] = Answer(value="pull-plug", reason="a wiping program was running")
    assert missing(LIVE, answers) == ()


def test_what_is_asked_follows_the_decision() -> None:
    answers = {"live-decision": Answer(value="live-capture", reason="an open volume")}
    ids = {step.id for step in asked(LIVE, answers)}
    assert {"live-capture", "live-competent", "live-after", "live-seal"} <= ids
    assert "live-plug" not in ids


def test_an_answer_that_was_changed_takes_the_questions_behind_it_away() -> None:
    answers = {"mobile-state": Answer(value="unlocked")}
    assert "mobile-unlocked" in {step.id for step in asked(MOBILE, answers)}
    answers["mobile-state"] = Answer(value="off")
    assert "mobile-isolation" not in {step.id for step in asked(MOBILE, answers)}


@pytest.mark.parametrize("flow", GUIDANCE.flows.values(), ids=lambda flow: flow.id)
@given(pick=st.integers(min_value=0, max_value=11))
def test_every_flow_can_be_gone_through_whatever_is_answered(flow: Flow, pick: int) -> None:
    answers = answered(flow, pick)
    assert missing(flow, answers) == ()
    for step in asked(flow, answers):
        if step.mandatory:
            rest = {name: answer for name, answer in answers.items() if name != step.id}
            assert step in missing(flow, rest)


@pytest.mark.parametrize(
    ("step_id", "answer", "said"),
    [
        ("live-untouched", Answer(value=NOT_DONE), "State the reason."),
        ("live-untouched", Answer(value="perhaps"), "none of the answers"),
        ("live-decision", Answer(value="wait", reason="x"), "none of the answers"),
        ("live-screen", Answer(value="0"), "State the reason."),
        ("live-screen", Answer(value="two"), "Give the number"),
        ("live-time", Answer(value="   "), "Answer the question"),
    ],
)
def test_an_answer_that_cannot_stand_is_told_why(step_id: str, answer: Answer, said: str) -> None:
    assert said in (fault(LIVE.step(step_id), answer) or "")


def test_something_that_was_not_done_stands_with_its_reason() -> None:
    assert fault(LIVE.step("live-untouched"), Answer(value=NOT_DONE, reason="the mouse was moved")) is None
    assert fault(LIVE.step("live-screen"), Answer(value=NOT_DONE, reason="no camera at hand")) is None
