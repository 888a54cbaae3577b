"""What the Scenes page reads of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from forensics_app.errors import NotFoundError
from forensics_app.model.scene import Answer, StepKind
from forensics_app.services.scenes import VOLATILITY

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case, CaseId
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.person import PersonId
    from forensics_app.model.scene import Capture, Flow, Rule, Scene, SceneAnswer, SceneId, ScenePhoto, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneLine:
    """A scene as the list shows it; ``open_count`` is how many questions keep it from being closed."""

    number: int
    scene: Scene
    flow: Flow | None
    open_count: int

    @property
    def flow_title(self) -> str:
        """What the flow is called; its id where the guidance has it no more."""
        return self.flow.title if self.flow else self.scene.flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenesView:
    """The scenes of a case, newest first, and what a new one may choose from."""

    case: Case
    lines: tuple[SceneLine, ...]
    flows: tuple[Flow, ...]
    exhibits: tuple[Exhibit, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with everything that was said to it, oldest first.

    Attributes:
        number: Its place among those that are asked, from 1; 0 where it is asked no more.
        is_open: Whether it keeps the scene from being closed.
    """

    number: int
    step: Step
    standing: Answer | None
    given: tuple[SceneAnswer, ...]
    photos: tuple[ScenePhoto, ...]
    captures: tuple[Capture, ...]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneView:
    """One scene, with its questions in their order; those that are asked no more, but were answered, come last."""

    case: Case
    line: SceneLine
    flow: Flow
    questions: tuple[Question, ...]
    order: tuple[Rule, ...]
    names: Mapping[PersonId, str]
    exhibit: Exhibit | None
    today: date

    @property
    def scene(self) -> Scene:
        """The scene itself."""
        return self.line.scene

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that are asked as the answers so far have it."""
        return tuple(question for question in self.questions if question.number)

    @property
    def open(self) -> tuple[Question, ...]:
        """What keeps the scene from being closed."""
        return tuple(question for question in self.questions if question.is_open)

    @property
    def is_overdue(self) -> bool:
        """Whether the day has passed by which the flow should have been looked at again (REQ-03)."""
        return self.flow.origin.is_overdue(self.today)

    def question(self, step_id: str) -> Question | None:
        """The question with that id, if it is asked or was answered."""
        return next((question for question in self.questions if question.step.id == step_id), None)

    def next_open(self, after: str = "") -> Question | None:
        """The first open question behind ``after``, otherwise the first of all."""
        ids = [question.step.id for question in self.questions]
        place = ids.index(after) + 1 if after in ids else 0
        behind = [question for question in self.questions[place:] if question.is_open]
        return next(iter([*behind, *self.open]), None)


def read_scenes(lab: Lab, case_id: CaseId, now: datetime) -> ScenesView:
    """Read the list of a case."""
    lines = tuple(_line(lab, number, scene) for number, scene in enumerate(lab.scenes.list(case_id), 1))
    return ScenesView(
        case=lab.cases.get(case_id),
        lines=lines[::-1],
        flows=tuple(lab.guidance().flows.values()),
        exhibits=lab.exhibits.list(case_id),
        today=_today(lab, now),
    )


def read_scene(lab: Lab, case_id: CaseId, scene_id: SceneId, now: datetime) -> SceneView:
    """Read one scene with everything that was said.

    Raises:
        NotFoundError: The case has no such scene.
        RefusedError: The guidance has its flow no more.
    """
    numbered = {one.id: (at, one) for at, one in enumerate(lab.scenes.list(case_id), 1)}
    if scene_id not in numbered:
        raise NotFoundError("The case has no such scene.")
    number, scene = numbered[scene_id]
    guidance = lab.guidance()
    asked = lab.scenes.asked(scene_id)
    flow = guidance.flows[scene.flow]
    exhibit = None if scene.exhibit_id is None else lab.exhibits.get(scene.exhibit_id)
    return SceneView(
        case=lab.cases.get(case_id),
        line=_line(lab, number, scene),
        flow=flow,
        questions=_questions(lab, scene_id, flow, asked),
        order=guidance.practices[VOLATILITY].rules,
        names={person.id: person.name for person in lab.people.list()},
        exhibit=exhibit,
        today=_today(lab, now),
    )


def _questions(lab: Lab, scene_id: SceneId, flow: Flow, asked: Sequence[Step]) -> tuple[Question, ...]:
    given, photos = lab.scenes.answers(scene_id), lab.scenes.photos(scene_id)
    captures, standing = lab.scenes.captures(scene_id), lab.scenes.standing_answers(scene_id)
    missing = {step.id for step in lab.scenes.missing(scene_id)}
    numbers = {step.id: number for number, step in enumerate(asked, 1)}
    asked_no_more = [step for step in flow.steps if step.id not in numbers and step.id in standing]
    return tuple(
        Question(
            number=numbers.get(step.id, 0),
            step=step,
            standing=standing.get(step.id),
            given=tuple(one for one in given if one.step == step.id),
            photos=tuple(one for one in photos if one.step == step.id),
            captures=captures if step.kind is StepKind.CAPTURE else (),
            is_open=step.id in missing,
        )
        for step in (*asked, *asked_no_more)
    )


def _line(lab: Lab, number: int, scene: Scene) -> SceneLine:
    flow = lab.guidance().flows.get(scene.flow)
    missing = 0 if flow is None or scene.closed_at else len(lab.scenes.missing(scene.id))
    return SceneLine(number=number, scene=scene, flow=flow, open_count=missing)


def _today(lab: Lab, now: datetime) -> date:
    return now.astimezone(ZoneInfo(lab.info.zone)).date()
