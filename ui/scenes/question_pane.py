"""One question of a scene: what is asked and why, what was said, and the answer to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from forensics_app.model.scene import Answer, ScenePhoto, Step, StepKind
from ui import text
from ui.exhibits.moment import Moment, MomentField
from ui.exhibits.photos_tab import Photographs
from ui.scenes.answer_entry import AnswerEntry
from ui.scenes.reading import Question, SceneView
from ui.scenes.records import Captures
from ui.scenes.story import story
from ui.scenes.words import kind_words, question_mark
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, scrolled, vbox
from ui.widgets.notes import Note
from ui.widgets.wrap_layout import WrapLayout

_SIDES = (Space.L, Space.M, Space.L, Space.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer to be recorded; ``at`` is None where it is given now."""

    step: Step
    answer: Answer
    at: datetime | None


class QuestionPane(QFrame):
    """Shows a question; what was filled in and not recorded is kept until it is."""

    record_asked = Signal(object)
    photos_asked = Signal(object)
    capture_asked = Signal(object)
    thumbnail_wanted = Signal(object)
    enlarge_asked = Signal(object)
    step_asked = Signal(int)

    def __init__(self, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        """Start without a question; times are asked for in ``zone``, and ``now`` is offered."""
        super().__init__()
        self.setObjectName("questionPane")
        self.setAccessibleName(self.tr("The question"))
        self.setProperty("pane", True)
        self._zone, self._now = zone, now
        self._view: SceneView | None = None
        self._question: Question | None = None
        self._shown: tuple[object, ...] = ()
        self._entry: AnswerEntry | None = None
        self._when: Moment | None = None
        self._told_when = False
        self._photographs: Photographs | None = None
        self._add: Button | None = None
        self._made: dict[bytes, bytes] = {}
        self._drafts: dict[tuple[UUID, str], Answer] = {}
        self._refusal = Note(Tone.BAD, "", name="answerRefused")
        self._refusal_row = plain(vbox(self._refusal, margins=(Space.L, 0, Space.L, Space.S)))
        self._refusal_row.hide()
        self._area: QScrollArea = scrolled(QWidget(), name="questionScroll")
        self.setLayout(vbox((self._area, 1), self._refusal_row, line(), self._foot(), gap=0))

    def show_question(self, view: SceneView, question: Question, why_not: str) -> None:
        """Show a question of a scene; ``why_not`` says why it cannot be answered by who is signed in."""
        closed = view.scene.closed_at is not None
        shown = (view.scene.id, question.step.id, question.number, len(question.given), len(question.photos),
                 len(question.captures), question.is_open, closed, why_not, view.is_overdue)  # fmt: skip
        if shown == self._shown:
            return
        self._keep_draft()
        moved = shown[:2] != self._shown[:2]
        self._view, self._question, self._shown = view, question, shown
        self._refusal_row.hide()
        can = not closed and not why_not and bool(question.number)
        focus = QApplication.focusWidget()
        has_keyboard = self.isVisible() and (focus is None or self._area.isAncestorOf(focus))
        self._build(view, question, why_not, answered_anew=False, can=can)
        if moved:
            self._area.verticalScrollBar().setValue(0)
        elif has_keyboard:
            self.take_keyboard()

    def take_keyboard(self) -> None:
        """Let the person answer at once."""
        target = self._add or (self._entry.first() if self._entry else None)
        (target or self.next).setFocus()

    def refuse(self, sentence: str, then: str = "") -> None:
        """Say why it was not recorded; what was filled in stays."""
        self.record.setEnabled(True)
        self._refusal.say(Tone.BAD, "\n".join(part for part in (sentence, then) if part))
        self._refusal_row.show()

    def forget_draft(self, scene_id: UUID, step_id: str) -> None:
        """What was filled in is recorded now."""
        self._drafts.pop((scene_id, step_id), None)
        if self._shown[:2] == (scene_id, step_id):
            self._entry = None

    def show_thumbnail(self, photo: ScenePhoto, encoded: bytes) -> None:
        """Put a picture into its place."""
        self._made[photo.sha256] = encoded
        if self._photographs:
            self._photographs.show_picture(photo, encoded)

    def show_no_thumbnail(self, photo: ScenePhoto, why: str) -> None:
        """Say that a photograph cannot be shown."""
        if self._photographs:
            self._photographs.show_refused(photo, why)

    def _foot(self) -> QWidget:
        self.back = Button(self.tr("Back"), name="questionBack", icon="chevron-left", shortcut="Alt+Up")
        self.back.clicked.connect(lambda: self.step_asked.emit(-1))
        self.next = Button(self.tr("Next"), name="questionNext", icon="chevron-right", shortcut="Alt+Down")
        self.next.clicked.connect(lambda: self.step_asked.emit(1))
        self._why_not = label(role="small", wrap=True, name="whyNotAnswer")
        tip = self.tr("Sign the answer and go on (Ctrl+Enter)")
        self.record = Button(self.tr("Record answer"), name="recordAnswer", kind="primary", icon="sign", tip=tip)
        self.record.clicked.connect(self._submit)
        row = hbox(self.back, self.next, (self._why_not, 1), self.record, margins=(Space.L, Space.S, Space.L, Space.S))
        return plain(row)

    def _build(self, view: SceneView, question: Question, why_not: str, *, answered_anew: bool, can: bool) -> None:
        self._entry, self._when, self._photographs, self._add = None, None, None, None
        self._told_when = False
        parts = [self._head(view, question)]
        if told := story(question, view.names, self._zone):
            parts.append(told)
        parts += self._records(view, question, can=can)
        ask = can and (question.standing is None or answered_anew)
        if ask:
            parts += self._entry_parts(question)
        elif can and not (question.photos or question.captures):
            anew = Button(self.tr("Answer anew…"), name="answerAnew", icon="edit")
            anew.clicked.connect(lambda: self._answer_anew(view, question))
            parts.append(plain(hbox(anew, None)))
        self.record.setVisible(ask)
        self._why_not.setText(self._why_nothing(view, why_not))
        body = plain(vbox(*parts, None, gap=Space.M, margins=_SIDES))
        body.setProperty("clear", True)
        self._area.setWidget(body)
        self._restore_draft((view.scene.id, question.step.id))

    def _restore_draft(self, key: tuple[UUID, str]) -> None:
        if self._entry and key in self._drafts:
            self._entry.restore(self._drafts[key])

    def _head(self, view: SceneView, question: Question) -> QWidget:
        place = self.tr("Question {n} of {all}").format(n=question.number, all=len(view.asked))
        where = place if question.number else self.tr("Not asked any more, after what was answered since")
        over = label(f"{where} · {kind_words(question.step)}", "caption", wrap=True, name="questionPlace")
        tone, word = question_mark(question)
        words = label(question.step.text, "section", wrap=True, name="questionText")
        lines: list[QWidget] = [plain(hbox((over, 1), Badge(tone, word, name="questionState"))), words]
        if question.step.why:
            lines.append(label(question.step.why, "muted", wrap=True, name="questionWhy"))
        return plain(vbox(*lines, gap=Space.XS))

    def _records(self, view: SceneView, question: Question, *, can: bool) -> list[QWidget]:
        parts: list[QWidget] = []
        if question.photos:
            self._photographs = Photographs(question.photos, enlarge=self.enlarge_asked.emit)
            parts.append(self._photographs)
            for photo in question.photos:
                who = view.names.get(photo.author_id, "")
                words = self.tr("Added by {name}, {when}, SHA-256 {digest}").format(
                    name=who, when=text.time_text(photo.recorded_at, self._zone), digest=text.digest_text(photo.sha256)
                )
                parts.append(label(words, "caption", wrap=True, select=True))
                if photo.sha256 in self._made:
                    self._photographs.show_picture(photo, self._made[photo.sha256])
                else:
                    self.thumbnail_wanted.emit(photo)
        if question.captures:
            parts.append(Captures(question.captures, order=view.order, names=view.names, zone=self._zone))
        if can and question.step.kind is StepKind.PHOTO:
            parts.append(self._add_button("addScenePhoto", self.tr("Add photographs…"), "photo", question))
        if can and question.step.kind is StepKind.CAPTURE:
            parts.append(self._add_button("addCapture", self.tr("Record a step…"), "plus", question))
        return parts

    def _add_button(self, name: str, words: str, icon: str, question: Question) -> QWidget:
        button = Button(words, name=name, icon=icon)
        signal = self.photos_asked if question.step.kind is StepKind.PHOTO else self.capture_asked
        button.clicked.connect(lambda: signal.emit(question.step))
        self._add = button if question.standing is None else None
        return plain(hbox(button, None))

    def _entry_parts(self, question: Question) -> list[QWidget]:
        self._entry = AnswerEntry(question.step)
        self._entry.changed.connect(self._refusal_row.hide)
        self._when = Moment(self._now(), self._zone)
        self._when.entry.dateTimeChanged.connect(self._on_when)
        words = self.tr("When ({zone}); now, unless changed").format(zone=self._zone.key)
        field = MomentField(words, self._when, name="answeredAt")
        field.setMaximumWidth(10 * Space.XXL)
        return [self._entry, plain(WrapLayout(field))]

    def _on_when(self) -> None:
        self._told_when = True

    def _answer_anew(self, view: SceneView, question: Question) -> None:
        self._build(view, question, "", answered_anew=True, can=True)
        self.take_keyboard()

    def _why_nothing(self, view: SceneView, why_not: str) -> str:
        if view.scene.closed_at is not None:
            closed = text.time_text(view.scene.closed_at, self._zone)
            return self.tr("Closed {time}; nothing is added any more.").format(time=closed)
        return why_not

    def _keep_draft(self) -> None:
        if self._entry and self._view and self._question:
            draft = self._entry.answer()
            key = (self._view.scene.id, self._question.step.id)
            if draft.value or draft.reason:
                self._drafts[key] = draft
            else:
                self._drafts.pop(key, None)

    def _submit(self) -> None:
        if self._entry is None or self._question is None:
            return
        when = self._when.problem() if self._when and self._told_when else ""
        problem = self._entry.problem() or when
        if problem:
            self._refusal_row.hide()
            if not self._entry.says_why:
                self.refuse(problem)
            return
        self._refusal_row.hide()
        self.record.setEnabled(False)
        at = self._when.told() if self._when and self._told_when else None
        self.record_asked.emit(Given(step=self._question.step, answer=self._entry.answer(), at=at))

    def ready(self) -> None:
        """What was asked for is done."""
        self.record.setEnabled(True)
