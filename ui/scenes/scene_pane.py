"""A scene: its questions in a list at the left, the chosen one at the right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from ui import text
from ui.cases.words import authority_warning, lacks_authority, origin_words
from ui.models.record_table import RecordTableModel
from ui.scenes.columns import question_columns
from ui.scenes.question_pane import QuestionPane
from ui.scenes.reading import Question, SceneView
from ui.scenes.words import missing_words, overdue_words, why_not_work
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import line, pane, plain, vbox
from ui.widgets.notes import Note
from ui.widgets.sides import Sides
from ui.widgets.table import Table

_LIST_PX, _TURN_PX = 336, 620


class ScenePane(QWidget):
    """Shows a :class:`SceneView`; ``step_shown`` carries the id of the question in sight."""

    step_shown = Signal(str)
    case_asked = Signal()

    def __init__(self, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        """Start without a scene; ``now`` is the time that is offered."""
        super().__init__()
        self.setObjectName("scenePane")
        self._view: SceneView | None = None
        self._person: Person | None = None
        self._step = ""
        self._model: RecordTableModel[Question] = RecordTableModel(
            question_columns(), self, key=lambda question: question.step.id
        )
        self.table = Table(self._model, name="questions", title=self.tr("Questions"), row_px=Row.TWO_LINE)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.setMinimumWidth(8 * Space.XXL)
        self.question = QuestionPane(zone, now)
        self.question.setMinimumWidth(9 * Space.XXL)
        self._about = label(role="small", wrap=True, name="sceneAbout")
        self._origin = label(role="caption", wrap=True, name="sceneOrigin")
        self._overdue = Note(Tone.WARN, "", name="sceneOverdue")
        self._refused = Note(Tone.BAD, "", name="closeRefused")
        to_case = Button(self.tr("Go to the case"), name="sceneToCase")
        to_case.clicked.connect(self.case_asked)
        self._authority = Note(Tone.LATE, "", to_case, name="sceneAuthority")
        for part in (self._authority, self._overdue, self._refused):
            part.hide()
        sides = (Space.M, Space.S, Space.M, Space.S)
        notes = plain(vbox(self._authority, self._overdue, self._refused, gap=Space.XS))
        head, foot = plain(vbox(self._about, margins=sides)), plain(vbox(self._origin, margins=sides))
        left = pane(vbox(head, line(), (self.table, 1), line(), foot, gap=0))
        split = Sides(left, self.question, sizes=(_LIST_PX, 2 * _LIST_PX), name="sceneSplit", turn_px=_TURN_PX)
        self.setLayout(vbox(notes, (split, 1), gap=0))
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(lambda _: self.question.take_keyboard())
        self.question.step_asked.connect(self.go)

    @property
    def view(self) -> SceneView | None:
        """What is shown."""
        return self._view

    @property
    def step(self) -> str:
        """The id of the question in sight."""
        return self._step

    def show_scene(self, view: SceneView, person: Person | None, *, step: str = "") -> None:
        """Show a scene; ``step`` is the question to show, otherwise the one in sight or the first that is open."""
        same = self._view is not None and self._view.scene.id == view.scene.id
        self._view, self._person = view, person
        wanted = step or (self._step if same else "")
        if view.question(wanted) is None:
            following = view.next_open() or next(iter(view.questions), None)
            wanted = following.step.id if following else ""
        self._show_frame(view, same=same)
        self._step = wanted
        self._model.set_records(view.questions)
        self.table.select_key(wanted)
        self._show_question()

    def go(self, by: int) -> None:
        """Show the question so many places further."""
        ids = [question.step.id for question in self._view.questions] if self._view else []
        if self._step in ids:
            at = min(max(0, ids.index(self._step) + by), len(ids) - 1)
            self.table.select_key(ids[at])
            self.question.take_keyboard()

    def refuse_close(self) -> bool:
        """Say in words why the scene cannot be closed, and show the first open question; tell whether it is so."""
        words = missing_words(self._view) if self._view else ""
        self._refused.setVisible(bool(words))
        if words and self._view:
            self._refused.say(Tone.BAD, words)
            self.table.select_key(self._view.open[0].step.id)
        return bool(words)

    def _show_frame(self, view: SceneView, *, same: bool) -> None:
        scene = view.scene
        answered = len(view.asked) - len(view.open)
        lines = [
            self.tr("{place}, led by {name}").format(place=scene.place, name=scene.led_by),
            self.tr("Began {time}").format(time=text.time_text(scene.started_at, to_minute=True)),
        ]
        if view.exhibit:
            lines.append(self.tr("Exhibit {number}").format(number=view.exhibit.number))
        counted = self.tr("{open} open of {all} that are asked").format(open=len(view.open), all=len(view.asked))
        lines.append(counted if view.open else self.tr("{n} asked, nothing open").format(n=answered))
        self._about.setText("\n".join(lines))
        self._origin.setText(origin_words(view.flow.origin))
        lacking = lacks_authority(view.case, view.today) and scene.closed_at is None
        self._authority.setVisible(lacking)
        if lacking:
            self._authority.say(Tone.LATE, authority_warning(view.case, view.today))
        self._overdue.setVisible(view.is_overdue)
        if view.is_overdue:
            self._overdue.say(Tone.WARN, overdue_words(view.flow))
        if not same or missing_words(view) != self._refused.text:
            self._refused.hide()

    def _on_chosen(self, question: Question | None) -> None:
        if question is not None and question.step.id != self._step:
            self._step = question.step.id
            self._show_question()
            self.step_shown.emit(self._step)

    def _show_question(self) -> None:
        view = self._view
        question = view.question(self._step) if view else None
        if view and question:
            why_not = why_not_work(self._person) if self._person else self.tr("Nobody is signed in.")
            self.question.show_question(view, question, why_not)
