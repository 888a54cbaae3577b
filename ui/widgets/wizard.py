"""A dialog in steps: the steps at the left with their state and what was entered; it can be left and resumed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QStackedWidget, QWidget

from ui.theme import Size, Space
from ui.tones import Tone, icon_of
from ui.widgets.buttons import Button, RowButton
from ui.widgets.labels import CutLabel, IconLabel, label, set_tone
from ui.widgets.layout import hbox, plain, restyle, scrolled, vbox
from ui.widgets.sheet import Sheet, takes_input

_STEPS_PX = 226
_ROOM_FOR_LIST_PX, _HEIGHT_FOR_LIST_PX = 840, 560
_COLOUR = {Tone.OK: "ok", Tone.RUN: "accent", Tone.WARN: "warn", Tone.BAD: "bad"}


class WizardStep(QWidget):
    """One step. ``changed`` tells the wizard to ask again for :meth:`problem` and :meth:`summary`."""

    changed = Signal()
    title = ""
    next_text = ""

    def summary(self) -> str:
        """What was entered, in a few words, for the list at the left."""
        return ""

    def problem(self) -> str:
        """Why the wizard cannot go on from here yet, or an empty text."""
        return ""

    def show_problems(self) -> None:
        """Mark at the fields what :meth:`problem` says."""

    def tone(self) -> Tone:
        """The step's own state; NONE for: as far as the wizard came."""
        return Tone.NONE

    def entered(self) -> None:
        """The step came into sight."""


class Wizard(Sheet):
    """Leads through :class:`WizardStep` parts; ``parked`` says that the person closed it to come back later."""

    parked = Signal()

    def __init__(
        self,
        parent: QWidget,
        steps: Sequence[WizardStep],
        *,
        title: str,
        subtitle: str,
        finish: Button,
        name: str,
        hint: str = "",
    ) -> None:
        """Start at the first step; ``finish`` replaces Next on the last, ``hint`` stands under the steps."""
        super().__init__(parent, title=title, subtitle=subtitle, name=name, width_px=1040, height_px=746)
        self.steps = tuple(steps)
        self._furthest = 0
        self._stack = QStackedWidget()
        self._stack.setObjectName("wizardPages")
        self._rows = [_StepRow(number, step.title) for number, step in enumerate(self.steps, 1)]
        self._back = Button(self.tr("Back"), name="backButton")
        self._back.clicked.connect(lambda: self.go_to(self.current - 1))
        self._next = Button(self.tr("Next"), name="nextButton", kind="primary")
        self._next.clicked.connect(self._on_next)
        self._finish = finish
        self._list = self._step_list(hint)
        self._where = StepChooser(len(self.steps))
        self._where.clicked.connect(self._open_steps)
        self._where.hide()
        body = plain(vbox(self._where, (plain(hbox(self._list, (self._stack, 1), gap=0)), 1), gap=0))
        self.set_body(body, scroll=False)
        for at, (step, row) in enumerate(zip(self.steps, self._rows, strict=True)):  # in place: it is styled but once
            self._stack.addWidget(scrolled(step, name=f"step{at + 1}Scroll", parent=self._stack))
            step.changed.connect(self._refresh)
            row.clicked.connect(lambda _=False, at=at: self.go_to(at))
        self.set_buttons(finish, self._back, self._next)
        self.go_to(0)

    @property
    def current(self) -> int:
        """The step in sight, from 0."""
        return self._stack.currentIndex()

    def go_to(self, step: int) -> None:
        """Show a step that was reached before."""
        if 0 <= step < len(self.steps) and step <= self._furthest:
            self._stack.setCurrentIndex(step)
            self.steps[step].entered()
            self._refresh()
            if self.isVisible():
                self._take_keyboard()

    def put_left(self, button: Button) -> None:
        """Put a button at the left of the foot, where Tab comes to it before the others there."""
        self._foot_row.insertWidget(0, button)
        for before, behind in itertools.pairwise((button, self._back, self._next, self._finish)):
            QWidget.setTabOrder(before, behind)

    def problem(self) -> str:
        """The first thing that is missing in any step."""
        return next((found for step in self.steps if (found := step.problem())), "")

    def adjust(self) -> None:
        """Put the list of the steps into one line above them where the window is small; then take the size it needs."""
        room = self._below.size()
        short = room.width() < _ROOM_FOR_LIST_PX or room.height() < _HEIGHT_FOR_LIST_PX
        self._list.setVisible(not short)
        self._where.setVisible(short)
        box = self.layout()
        if box:
            box.activate()
        super().adjust()

    def steps_menu(self) -> QMenu:
        """The steps to go to, from the line above them."""
        menu = QMenu(self)
        menu.setObjectName("stepsMenu")
        for at, (step, row) in enumerate(zip(self.steps, self._rows, strict=True)):
            action = menu.addAction(f"{at + 1}  {step.title}".replace("&", "&&"))
            action.setToolTip(row.accessibleName())
            action.setCheckable(True)
            action.setChecked(at == self.current)
            action.setEnabled(at <= self._furthest)
            action.triggered.connect(lambda _=False, at=at: self.go_to(at))
        return menu

    def reject(self) -> None:
        """Close, and say that it can be resumed."""
        self.parked.emit()
        super().reject()

    def _body_parts(self) -> list[QWidget]:
        return self.steps[self.current].findChildren(QWidget)

    def _press_primary(self) -> None:
        (self._finish if self.current == len(self.steps) - 1 else self._next).click()

    def _step_list(self, hint: str) -> QFrame:
        column = vbox(*self._rows, None, gap=Space.XXS, margins=(Space.S, Space.M, Space.S, Space.L))
        if hint:
            words = label(hint, "caption", wrap=True)
            words.setContentsMargins(Space.S, 0, Space.XS, 0)
            column.addWidget(words)
        made = QFrame()
        made.setObjectName("Steps")
        made.setFixedWidth(_STEPS_PX)
        made.setLayout(column)
        return made

    def _open_steps(self) -> None:
        menu = self.steps_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._where.mapToGlobal(QPoint(Space.L, self._where.height())))

    def _take_keyboard(self) -> None:
        """Let the person type at once; where a step asks for nothing, go on with a button that can be pressed."""
        parts = [part for part in self._body_parts() if takes_input(part) and part.isVisible()]
        target = next(
            iter(
                [
                    *parts,
                    *(one for one in (self._next, self._finish, self._back) if one.isVisible() and one.isEnabled()),
                ]
            ),
            None,
        )
        if target:
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_next(self) -> None:
        step = self.steps[self.current]
        problem = step.problem()
        if problem:
            step.show_problems()
            self.say(problem)
            return
        self._furthest = max(self._furthest, self.current + 1)
        self.go_to(self.current + 1)

    def _refresh(self) -> None:
        at, last = self.current, len(self.steps) - 1
        problem = self.steps[at].problem() if at < last else self.problem()
        for number, (step, row) in enumerate(zip(self.steps, self._rows, strict=True)):
            row.show_state(self._tone(number, step), step.summary(), current=number == at)
            row.setEnabled(number <= self._furthest)
        self._where.show_step(at + 1, self.steps[at].title, self._tone(at, self.steps[at]), self.steps[at].summary())
        self._back.setEnabled(at > 0)
        self._next.setVisible(at < last)
        self._next.set_text(self.steps[at].next_text or self.tr("Next"))
        self._next.setEnabled(not problem)
        self._finish.setVisible(at == last)
        self._finish.setEnabled(not problem)
        self.say(problem)

    def _tone(self, number: int, step: WizardStep) -> Tone:
        own = step.tone()
        if own is not Tone.NONE:
            return own
        if number == self.current:
            return Tone.RUN
        done = number < self._furthest or (number == self._furthest and number < self.current)
        return Tone.OK if done and not step.problem() else Tone.NONE


class StepChooser(RowButton):
    """Which step of how many is in sight, in one line; a press lists them."""

    def __init__(self, steps: int) -> None:
        """Stand for ``steps`` steps."""
        super().__init__(name="stepChooser", ground="sunken")
        self._steps = steps
        self._mark = IconLabel("pending", "text3", 18)
        self._title = label(role="strong", name="stepTitle")
        self._summary = CutLabel("", "caption")
        chevron = IconLabel("chevron-down", "text2", Size.ICON_SMALL)
        row = hbox(self._mark, self._title, (self._summary, 1), chevron, margins=(Space.L, Space.S, Space.L, Space.S))
        self.setLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.adopt()

    def show_step(self, number: int, title: str, tone: Tone, summary: str) -> None:
        """Show the step with this number, from 1."""
        self._mark.set_icon(icon_of(tone), _COLOUR.get(tone, "text3"))
        words = self.tr("Step {number} of {all}: {title}").format(number=number, all=self._steps, title=title)
        self._title.setText(words)
        self._summary.setText(summary)
        self.setAccessibleName(words)
        self.setToolTip(self.tr("Choose a step"))


class _StepRow(RowButton):
    """A step in the list at the left."""

    def __init__(self, number: int, title: str) -> None:
        super().__init__(name=f"step{number}")
        self._title_text = title
        self._mark = IconLabel("pending", "text3", 18)
        self._title = label(f"{number}  {title}")
        self._summary = CutLabel("", "caption")
        words = vbox(self._title, self._summary, gap=1)
        mark = vbox(self._mark, None, margins=(0, 1, 0, 0))
        self.setLayout(hbox(mark, (words, 1), gap=10, margins=(Space.S, 5, Space.XS, 5)))
        self.adopt()

    def show_state(self, tone: Tone, summary: str, *, current: bool) -> None:
        self._mark.set_icon(icon_of(tone), _COLOUR.get(tone, "text3"))
        self._summary.setText(summary)
        restyle(self._title, "role", "strong" if current else "")
        set_tone(self._title, "accent" if current else "")
        self.setAccessibleName(f"{self._title_text}, {self._words(tone)}{', ' if summary else ''}{summary}")

    def _words(self, tone: Tone) -> str:
        match tone:
            case Tone.OK:
                return self.tr("done")
            case Tone.RUN:
                return self.tr("in work")
            case Tone.WARN:
                return self.tr("warning")
            case Tone.BAD:
                return self.tr("wrong")
        return self.tr("not yet")
