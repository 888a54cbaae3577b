"""Flows of questions at a scene: which come next, and what is missing before a flow can be closed (REQ-04, REQ-05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chain_of_custody.guidance.identifiers import DOUBTS
from chain_of_custody.guidance.rules import GuidanceError, Origin, Source, origin_of


class StepKind(StrEnum):
    """What an answer is."""

    CONFIRM = "confirm"
    CHOICE = "choice"
    DECISION = "decision"
    TEXT = "text"
    PHOTO = "photo"
    CAPTURE = "capture"


DONE, NOT_DONE = "done", "not done"
"""The two answers of a step that is confirmed; the second needs a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the answers that a step offers."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question of a flow.

    Attributes:
        why: Why it is asked; empty where the question says it.
        view: What a photograph is to show, for a step that asks for one.
        needs_reason: Whether the answer needs a reason whatever it is.
        after: The step whose answer decides whether this one is asked, and the answers after which it is; None for a
            step that is always asked.
        check: What finds fault with an answer in words, such as ``phones``; empty where nothing does.
    """

    id: str
    text: str
    kind: StepKind
    why: str
    mandatory: bool
    choices: tuple[Choice, ...]
    view: str
    needs_reason: bool
    after: tuple[str, frozenset[str]] | None
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The questions of one kind of scene, in their order."""

    id: str
    title: str
    introduction: str
    steps: tuple[Step, ...]
    origin: Origin

    def step(self, step_id: str) -> Step:
        """The step with that id.

        Raises:
            GuidanceError: The flow has none.
        """
        for one in self.steps:
            if one.id == step_id:
                return one
        raise GuidanceError(f"The flow {self.id} has no step {step_id}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to a step.

    Attributes:
        value: Id of a choice, ``done`` or ``not done``, words, or how many photographs or captures there are.
        reason: Empty where none was given.
    """

    value: str
    reason: str = ""


def asked(flow: Flow, answers: Mapping[str, Answer]) -> tuple[Step, ...]:
    """The steps that are to be answered, as the answers so far have it."""
    steps: list[Step] = []
    open_ids: set[str] = set()
    for step in flow.steps:
        if step.after is not None:
            before, values = step.after
            if before not in open_ids or before not in answers or answers[before].value not in values:
                continue
        steps.append(step)
        open_ids.add(step.id)
    return tuple(steps)


def fault(step: Step, answer: Answer) -> str | None:
    """What is wrong with an answer, as a sentence; None when it can be recorded."""
    value = answer.value.strip()
    if not value:
        return "Answer the question, or leave it open."
    match step.kind:
        case StepKind.CHOICE | StepKind.DECISION:
            if value not in {choice.id for choice in step.choices}:
                return f"{value!r} is none of the answers offered."
        case StepKind.CONFIRM if value not in (DONE, NOT_DONE):
            return f"{value!r} is none of the answers offered."
        case StepKind.PHOTO | StepKind.CAPTURE if value != NOT_DONE and not (value.isascii() and value.isdigit()):
            return "Give the number of records, or say that it was not done."
    if reason_needed(step, value) and not answer.reason.strip():
        return "State the reason."
    return None


def reason_needed(step: Step, value: str) -> bool:
    """Whether that answer to the step cannot stand without a reason."""
    return step.needs_reason or step.kind is StepKind.DECISION or value in (NOT_DONE, "0")


def doubt(step: Step, answer: Answer) -> str | None:
    """What is doubtful about an answer that can be recorded (REQ-08); None when nothing is."""
    value = answer.value.strip()
    check = DOUBTS.get(step.check)
    return None if check is None or not value or value == NOT_DONE else check(value)


def missing(flow: Flow, answers: Mapping[str, Answer]) -> tuple[Step, ...]:
    """The steps that keep a flow from being closed: mandatory, asked, and without an answer that stands."""
    return tuple(
        step
        for step in asked(flow, answers)
        if step.mandatory and (step.id not in answers or fault(step, answers[step.id]) is not None)
    )


def flow_of(entry: Mapping[str, Any], sources: Mapping[str, Source], where: str) -> Flow:
    """A flow out of an entry of a file.

    Raises:
        GuidanceError: Something is missing, or a step waits for an answer that cannot be given.
    """
    try:
        steps = tuple(_step_of(one, f"{where}, step {number}") for number, one in enumerate(entry["step"], 1))
        flow = Flow(
            id=entry["id"],
            title=entry["title"],
            introduction=entry["introduction"],
            steps=steps,
            origin=origin_of(entry, sources, where),
        )
    except KeyError as error:
        raise GuidanceError(f"{where}: {error} is missing.") from error
    _check(flow, where)
    return flow


def _step_of(entry: Mapping[str, Any], where: str) -> Step:
    try:
        when = entry.get("when")
        return Step(
            id=entry["id"],
            text=entry["text"],
            kind=StepKind(entry["kind"]),
            why=entry.get("why", ""),
            mandatory=entry.get("mandatory", True),
            choices=tuple(Choice(id=one["id"], text=one["text"]) for one in entry.get("choices", ())),
            view=entry.get("view", ""),
            needs_reason=entry.get("needs_reason", False),
            after=None if when is None else (when["step"], frozenset(when["is"])),
            check=entry.get("check", ""),
        )
    except (KeyError, ValueError) as error:
        raise GuidanceError(f"{where}: {error} is missing or unknown.") from error


def _check(flow: Flow, where: str) -> None:
    before: dict[str, Step] = {}
    for step in flow.steps:
        if step.id in before:
            raise GuidanceError(f"{where}: the step {step.id} stands twice.")
        if bool(step.choices) != (step.kind in (StepKind.CHOICE, StepKind.DECISION)):
            raise GuidanceError(f"{where}: {step.id} must offer answers exactly where it is a choice or a decision.")
        if step.check and (step.kind is not StepKind.TEXT or step.check not in DOUBTS):
            raise GuidanceError(f"{where}: {step.id} cannot be checked by {step.check!r}.")
        if step.after is not None:
            earlier, values = step.after
            offered = _values(before, earlier)
            if not values or not values <= offered:
                raise GuidanceError(f"{where}: {step.id} waits for an answer that {earlier} does not offer.")
        before[step.id] = step


def _values(before: Mapping[str, Step], step_id: str) -> frozenset[str]:
    step = before.get(step_id)
    return frozenset() if step is None else frozenset(choice.id for choice in step.choices)
