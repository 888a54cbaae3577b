"""What a question is answered with: big buttons, words, and the reason where one is needed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from forensics_app.model.scene import DONE, NOT_DONE, Answer, Choice, Step, StepKind, doubt, fault, reason_needed
from ui.theme import Size, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import RowButton
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import hbox, vbox
from ui.widgets.notes import Note

_BIG_PX = Size.CONTROL + Space.L
_KEYS = 9


class ChoiceButton(RowButton):
    """One of the answers offered, large enough for a thumb; of those beside each other one is on."""

    def __init__(self, choice: Choice, *, key: int) -> None:
        """``key`` is the digit that chooses it."""
        super().__init__(name=f"choice-{choice.id}", shortcut=str(key) if key <= _KEYS else "", ground="raised",
                         edge="border_strong")  # fmt: skip
        self.choice = choice
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self._mark = IconLabel("pending", "text3", Size.ICON_TWO_LINE)
        words = label(choice.text, wrap=True)
        digit = label(str(key) if key <= _KEYS else "", "key")
        self.setLayout(hbox(self._mark, (words, 1), digit, gap=Space.M, margins=(Space.M, Space.S, Space.M, Space.S)))
        self.adopt()
        self.setAccessibleName(choice.text)
        self.setMinimumHeight(_BIG_PX)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.toggled.connect(self._on_toggle)

    def _on_toggle(self, on: bool) -> None:
        self._mark.set_icon("active" if on else "pending", "accent" if on else "text3")


class AnswerEntry(QWidget):
    """Asks for the answer to one step; ``changed`` whenever it differs."""

    changed = Signal()

    def __init__(self, step: Step) -> None:
        """Offer what ``step`` can be answered with."""
        super().__init__()
        self.setObjectName("answerEntry")
        self._step = step
        self._choices = tuple(ChoiceButton(choice, key=at) for at, choice in enumerate(self._offered(), 1))
        self._words = forms.Field(self.tr("Answer"), forms.text_edit(lines=4), name="answerWords")
        self._doubt = Note(Tone.WARN, "", name="answerDoubt")
        self._cannot = forms.check(self._cannot_words(), name="cannotAnswer")
        self._reason = forms.Field(self.tr("Reason"), forms.text_edit(lines=3), name="answerReason")
        parts: list[QWidget] = [*self._choices]
        if step.kind is StepKind.TEXT:
            parts += [self._words, self._doubt]
        if not self._choices:
            parts.append(self._cannot)
        self.setLayout(vbox(*parts, self._reason, gap=Space.S))
        for button in self._choices:
            button.toggled.connect(self._follow)
        self._words.changed.connect(self._follow)
        self._cannot.toggled.connect(self._follow)
        self._reason.changed.connect(self.changed)
        self._follow()

    def answer(self) -> Answer:
        """What was given so far; without a value nothing was."""
        return Answer(value=self._value(), reason=self._reason.text() if not self._reason.isHidden() else "")

    def restore(self, draft: Answer) -> None:
        """Show what was filled in before."""
        for button in self._choices:
            button.setChecked(button.choice.id == draft.value)
        self._cannot.setChecked(not self._choices and draft.value == NOT_DONE)
        if self._step.kind is StepKind.TEXT and draft.value != NOT_DONE:
            self._words.set_text(draft.value)
        self._reason.set_text(draft.reason)

    def problem(self) -> str:
        """What keeps the answer from being recorded, also under its field; empty when nothing does."""
        given = self.answer()
        wrong = fault(self._step, given) or ""
        lacks_reason = bool(wrong and given.value and not given.reason)
        self._reason.set_error(self.tr("Write the reason.") if lacks_reason else "")
        if lacks_reason:
            self._reason.entry.setFocus()
        elif wrong and self._step.kind is StepKind.TEXT:
            self._words.set_error(self.tr("Write the answer, or say that it cannot be answered, and why."))
            self._words.entry.setFocus()
        return wrong

    @property
    def says_why(self) -> bool:
        """Whether the problem stands under one of the fields."""
        return bool(self._reason.error or self._words.error)

    def first(self) -> QWidget:
        """Where the keyboard begins."""
        if self._choices:
            return next((button for button in self._choices if button.isChecked()), self._choices[0])
        return self._words.entry if self._step.kind is StepKind.TEXT else self._cannot

    def _offered(self) -> tuple[Choice, ...]:
        if self._step.kind is StepKind.CONFIRM:
            return Choice(id=DONE, text=self.tr("Done")), Choice(id=NOT_DONE, text=self.tr("Not done"))
        return self._step.choices

    def _cannot_words(self) -> str:
        if self._step.kind is StepKind.TEXT:
            return self.tr("It cannot be answered")
        return self.tr("It was not done")

    def _value(self) -> str:
        if self._choices:
            return next((button.choice.id for button in self._choices if button.isChecked()), "")
        if self._cannot.isChecked():
            return NOT_DONE
        return self._words.text() if self._step.kind is StepKind.TEXT else ""

    def _follow(self) -> None:
        value = self._value()
        needed = reason_needed(self._step, value)
        may_be_told = bool(self._choices)
        self._reason.set_title(self.tr("Reason") if needed else self.tr("Remark"), optional=not needed)
        self._reason.setVisible((needed and bool(value)) or may_be_told)
        self._words.setVisible(self._step.kind is StepKind.TEXT and not self._cannot.isChecked())
        self._reason.set_error("")
        self._words.set_error("")
        self._doubt.setVisible(bool(doubtful := doubt(self._step, self.answer())))
        if doubtful:
            self._doubt.say(Tone.WARN, self.tr("{doubt} It can be recorded as it reads.").format(doubt=doubtful))
        self.changed.emit()
