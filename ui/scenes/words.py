"""The words of scenes: how they stand, how each question stands, and where its rule comes from."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from forensics_app.model.exhibit import PhotoView
from forensics_app.model.person import Person, Role
from forensics_app.model.scene import DONE, NOT_DONE, Flow, Step, StepKind
from ui import text
from ui.scenes.reading import Question, SceneLine, SceneView
from ui.tones import Tone

WORKERS = (Role.EXAMINER, Role.EXHIBITS_OFFICER)


def scene_mark(line: SceneLine) -> tuple[Tone, str]:
    """The badge of a scene."""
    if line.scene.closed_at is not None:
        return Tone.LOCK, _tr("Closed")
    return Tone.RUN, _tr("Open")


def open_words(count: int) -> str:
    """How many questions are open."""
    return text.plural(count, _tr("1 question open"), _tr("{n} questions open")) if count else _tr("nothing open")


def question_mark(question: Question) -> tuple[Tone, str]:
    """How a question stands."""
    if not question.number:
        return Tone.INFO, _tr("Not asked now")
    if question.standing is None:
        return (Tone.NONE, _tr("Open")) if question.step.mandatory else (Tone.NONE, _tr("Optional"))
    if question.standing.value == NOT_DONE:
        return Tone.WARN, _tr("Not done")
    if any(capture.out_of_order for capture in question.captures):
        return Tone.WARN, _tr("Out of order")
    return Tone.DONE, _tr("Answered")


def answer_words(step: Step, value: str) -> str:
    """An answer as it is read: the words of a choice, not its id."""
    chosen = {choice.id: choice.text for choice in step.choices}
    named = {DONE: _tr("Done"), NOT_DONE: _tr("Not done")}
    return chosen.get(value) or (value if step.choices else named.get(value, value))


def standing_words(question: Question) -> str:
    """What stands as the answer, in one line."""
    standing, step = question.standing, question.step
    if standing is None or not question.number:
        return question_mark(question)[1]
    if question.photos:
        return text.plural(len(question.photos), _tr("1 photograph"), _tr("{n} photographs"))
    if question.captures:
        return text.plural(len(question.captures), _tr("1 step of capture"), _tr("{n} steps of capture"))
    return " ".join(answer_words(step, standing.value).split())


def overdue_words(flow: Flow) -> str:
    """What somebody must know who is asked by a rule whose review is past."""
    words = _tr("These questions should have been reviewed by {day}. Ask whether they still hold; the record says so.")
    return words.format(day=flow.origin.review_by.isoformat())


def missing_words(view: SceneView) -> str:
    """Why a scene cannot be closed; empty when nothing is missing."""
    questions = view.open
    if not questions:
        return ""
    one, many = _tr("It cannot be closed: 1 question is open."), _tr("It cannot be closed: {n} questions are open.")
    first = questions[0]
    then = _tr("The first is {n}: {question} Answer them, or say why they cannot be answered.")
    return f"{text.plural(len(questions), one, many)} {then.format(n=first.number, question=first.step.text)}"


def kind_words(step: Step) -> str:
    """What kind of answer is asked for."""
    return {
        StepKind.CONFIRM: _tr("To confirm"),
        StepKind.CHOICE: _tr("To choose"),
        StepKind.DECISION: _tr("A decision, with its reason"),
        StepKind.TEXT: _tr("In words"),
        StepKind.PHOTO: _tr("Photographs"),
        StepKind.CAPTURE: _tr("Steps of a live capture"),
    }[step.kind]


def view_of(step: Step) -> PhotoView:
    """What a photograph that a step asks for shows, until somebody says otherwise."""
    views = {view.value: view for view in PhotoView}
    return views.get(step.view, PhotoView.CONTEXT)


def why_not_work(person: Person) -> str:
    """Why a person may not work at a scene; empty when they may."""
    if person.roles & set(WORKERS):
        return ""
    return _tr("Scenes are gone through by an examiner or an exhibits officer.")


def _tr(words: str) -> str:
    return QCoreApplication.translate("Scenes", words)
