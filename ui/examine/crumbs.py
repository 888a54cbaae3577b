"""The path of what is listed: every step can be pressed; the middle gives way where room is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from ui.theme import Size, Space
from ui.widgets.labels import CutLabel, IconLabel
from ui.widgets.layout import hbox

_LONGEST_PX = 220


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step: what it is called, and what a press asks for."""

    words: str
    target: object


class _Step(QToolButton):
    """A step that can be pressed, cut in the middle when its name is long."""

    def __init__(self, crumb: Crumb, at: int) -> None:
        super().__init__()
        self.setObjectName(f"crumb{at}")
        self.crumb = crumb
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        fitting = self.fontMetrics().elidedText(crumb.words, Qt.TextElideMode.ElideMiddle, _LONGEST_PX)
        self.setText(fitting.replace("&", "&&"))
        self.setAccessibleName(crumb.words)
        self.setToolTip(crumb.words)


class CrumbBar(QWidget):
    """Shows where the list is; ``asked`` carries the target of the step that was pressed."""

    asked = Signal(object)

    def __init__(self) -> None:
        """Start with no step."""
        super().__init__()
        self.setObjectName("pathBar")
        self.setAccessibleName(self.tr("Path"))
        self._steps: list[_Step] = []
        self._arrows: list[IconLabel] = []
        self._rest = QToolButton()
        self._rest.setObjectName("hiddenCrumbs")
        self._rest.setText("…")
        self._rest.setAccessibleName(self.tr("Steps between"))
        self._rest.setToolTip(self.tr("Steps between"))
        self._rest.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._rest.clicked.connect(self._open_rest)
        self._rest_arrow = IconLabel("chevron-right", "text3", Space.M)
        self._last = CutLabel("", "strong", mode=Qt.TextElideMode.ElideMiddle, name="lastCrumb")
        self._row = hbox(gap=Space.XXS)
        self.setLayout(self._row)
        self.setMinimumHeight(Size.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_path(self, crumbs: Sequence[Crumb]) -> None:
        """Show these steps; the last is where the list is and cannot be pressed."""
        while item := self._row.takeAt(0):
            widget = item.widget()
            if widget and widget not in (self._rest, self._rest_arrow, self._last):
                widget.hide()
                widget.deleteLater()
        self._steps = [_Step(crumb, at) for at, crumb in enumerate(crumbs[:-1])]
        self._arrows = [IconLabel("chevron-right", "text3", Space.M) for _ in self._steps]
        for at, (step, arrow) in enumerate(zip(self._steps, self._arrows, strict=True)):
            step.clicked.connect(lambda _=False, step=step: self.asked.emit(step.crumb.target))
            self._row.addWidget(step)
            self._row.addWidget(arrow)
            if at == 0:
                self._row.addWidget(self._rest)
                self._row.addWidget(self._rest_arrow)
        if not self._steps:
            self._rest.hide()
            self._rest_arrow.hide()
        self._last.setText(crumbs[-1].words if crumbs else "")
        self._last.setAccessibleName(self._last.text())
        self._row.addSpacing(Space.XS)
        self._row.addWidget(self._last)
        self._row.addStretch(1)
        self._fit()

    @property
    def words(self) -> tuple[str, ...]:
        """All steps in words, the hidden ones as well."""
        return (*(step.crumb.words for step in self._steps), self._last.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide steps in the middle, or show them again."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """As much room as there is."""
        return QSize(0, Size.CONTROL)

    def _fit(self) -> None:
        arrow = Space.M + 2 * Space.XXS
        widths = [step.sizeHint().width() + arrow for step in self._steps]
        room = self.width() - min(self._last.sizeHint().width(), max(_LONGEST_PX // 2, self.width() // 2))
        hidden = 0
        while hidden < len(widths) - 1 and sum(widths) - sum(widths[1 : 1 + hidden]) > room - (
            self._rest.sizeHint().width() + arrow if hidden else 0
        ):
            hidden += 1
        for at, (step, mark) in enumerate(zip(self._steps, self._arrows, strict=True)):
            shown = not 1 <= at <= hidden
            step.setVisible(shown)
            mark.setVisible(shown)
        self._rest.setVisible(hidden > 0)
        self._rest_arrow.setVisible(hidden > 0)

    def _open_rest(self) -> None:
        menu = QMenu(self)
        for step in self._steps:
            if step.isHidden():
                action = menu.addAction(step.crumb.words.replace("&", "&&"))
                action.triggered.connect(lambda _=False, step=step: self.asked.emit(step.crumb.target))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._rest.mapToGlobal(QPoint(0, self._rest.height())))
