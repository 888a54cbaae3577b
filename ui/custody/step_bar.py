"""The buttons of the steps that are open now; those less used are in a menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from ui.custody.further import Act, act_words
from ui.custody.step import OFFERED_FIRST, in_order
from ui.custody.words import step_icon, step_words
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.layout import hbox
from ui.widgets.refill import refill

if TYPE_CHECKING:
    from forensics_app.model.custody import Transition


class StepBar(QWidget):
    """``step_asked`` carries the transition that was pressed, ``further_asked`` the act."""

    step_asked = Signal(object)
    further_asked = Signal(object)

    def __init__(self) -> None:
        """Offer nothing yet."""
        super().__init__()
        self.setObjectName("stepBar")
        self._row = hbox(gap=Space.S)
        self.setLayout(self._row)
        self._menu: QMenu | None = None
        self._primary: Button | None = None
        self._shown: tuple[tuple[Transition, ...], tuple[Act, ...]] | None = None

    @property
    def primary(self) -> Button | None:
        """The step that Ctrl+Enter takes."""
        return self._primary

    @property
    def menu(self) -> QMenu | None:
        """The steps that have no button of their own."""
        return self._menu

    def show_steps(self, steps: Sequence[Transition], further: Sequence[Act] = ()) -> None:
        """Offer these; the first of the usual ones is the primary button, at the right end."""
        if (tuple(steps), tuple(further)) == self._shown:
            return
        self._shown = tuple(steps), tuple(further)
        named = [one for one in in_order(steps) if one.event in OFFERED_FIRST]
        others = [one for one in steps if one.event not in OFFERED_FIRST]
        buttons = [self._button(one, primary=at == 0) for at, one in enumerate(named)]
        self._primary = buttons[0] if buttons else None
        parts: list[QWidget] = [*buttons[:0:-1], *buttons[:1]]
        if others or further:
            parts.insert(0, self._more(others, further))
        focused = next((part.objectName() for part in self.findChildren(Button) if part.hasFocus()), "")
        refill(self._row, parts)
        if focused and parts:
            self._take_keyboard(next((part for part in parts if part.objectName() == focused), parts[-1]))

    def _take_keyboard(self, part: QWidget) -> None:
        """Keep the keyboard here when the button that had it was exchanged."""
        part.show()
        part.setFocus(Qt.FocusReason.OtherFocusReason)

    def _button(self, step: Transition, *, primary: bool) -> Button:
        words = f"{step_words(step.event)}…"
        tip = self.tr("{step} (Ctrl+Return)").format(step=step_words(step.event)) if primary else ""
        made = Button(
            words, name=f"step-{step.event}", kind="primary" if primary else "", icon=step_icon(step.event), tip=tip
        )
        made.clicked.connect(lambda: self.step_asked.emit(step))
        return made

    def _more(self, steps: Sequence[Transition], further: Sequence[Act]) -> Button:
        menu = QMenu(self)
        menu.setObjectName("moreSteps")
        for step in steps:
            action = menu.addAction(f"{step_words(step.event)}…")
            action.setObjectName(f"step-{step.event}")
            action.triggered.connect(lambda _=False, step=step: self.step_asked.emit(step))
        if steps and further:
            menu.addSeparator()
        for act in further:
            action = menu.addAction(f"{act_words(act)}…")
            action.setObjectName(f"act-{act}")
            action.triggered.connect(lambda _=False, act=act: self.further_asked.emit(act))
        self._menu = menu
        made = Button(self.tr("More"), name="moreStepsButton", icon="chevron-down", tip=self.tr("Further steps"))
        made.setMenu(menu)
        return made
