"""Two panes beside each other; one above the other, scrolled as one, where the room is short."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QWidget

from ui.widgets.layout import splitter

TURN_PX = 820
SHORT_PX = 320
_GROWING_SHARE = 0.25
"""What the smaller pane gets of the room beyond the first widths, until somebody drags the line."""


class Sides(QScrollArea):
    """Turns at a width of ``turn_px``; ``dragged`` says that somebody moved the line while they stood side by side.

    ``stacked_px`` are the least heights when one stands above the other, ``short_px`` is the least height otherwise;
    where there is less, both are scrolled together.
    """

    dragged = Signal()

    def __init__(
        self,
        first: QWidget,
        second: QWidget,
        *,
        sizes: tuple[int, int],
        name: str,
        stacked_px: tuple[int, int] = (300, 340),
        turn_px: int = TURN_PX,
        short_px: int = SHORT_PX,
    ) -> None:
        """Begin beside each other with ``sizes`` as widths; ``name`` is the splitter's object name."""
        super().__init__()
        self.setObjectName(f"{name}Scroll")
        self._sizes, self._stacked_px, self._turn_px, self._short_px = sizes, stacked_px, turn_px, short_px
        self._beside_state = QByteArray()
        self._placed = self._is_alone = False
        self._first = first
        self._split = splitter(Qt.Orientation.Horizontal, first, second, sizes=sizes, name=name)
        self._split.setProperty("clear", True)
        self._split.splitterMoved.connect(self._on_dragged)
        self._split.setMinimumHeight(short_px)
        self.setWidget(self._split)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # beside each other they always fit
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def splitter(self) -> QSplitter:
        """The panes with the line between them."""
        return self._split

    def show_second_alone(self, on: bool) -> None:
        """Give the second pane all the room, as low as it may be; or both theirs again."""
        self._is_alone = on
        self._first.setVisible(not on)
        self._set_least()

    def _set_least(self) -> None:
        both_px = sum(self._stacked_px) if self.stacked else self._short_px
        self._split.setMinimumHeight(0 if self._is_alone else both_px)

    @property
    def stacked(self) -> bool:
        """Whether one pane stands above the other."""
        return self._split.orientation() is Qt.Orientation.Vertical

    def state(self) -> QByteArray:
        """Where the line is while they stand beside each other, for the settings."""
        return self._beside_state if self.stacked else self._split.saveState()

    def restore(self, state: QByteArray) -> None:
        """Take back what :meth:`state` gave."""
        self._placed = True
        if self.stacked:
            self._beside_state = state
        else:
            self._split.restoreState(state)
            self._split.setOrientation(Qt.Orientation.Horizontal)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the width asks for it."""
        if (self.width() < self._turn_px) != self.stacked:
            self._turn()
        super().resizeEvent(event)
        if not (self.stacked or self._placed):
            self._split.setSizes(self._first_sizes())

    def _first_sizes(self) -> list[int]:
        """The smaller pane grows with the window, too, though less than the other."""
        first, second = self._sizes
        small = min(first, second)
        small += round(max(0, self.width() - first - second) * _GROWING_SHARE)
        other = max(0, self.width() - small - self._split.handleWidth())
        return [small, other] if first < second else [other, small]

    def _turn(self) -> None:
        off, when_needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(off if self.stacked else when_needed)
        if self.stacked:
            self._split.setOrientation(Qt.Orientation.Horizontal)
            self._set_least()
            if not self._split.restoreState(self._beside_state):
                self._split.setSizes(self._first_sizes())
            return
        if self._placed:
            self._beside_state = self._split.saveState()
        self._split.setOrientation(Qt.Orientation.Vertical)
        self._set_least()
        self._split.setSizes(list(self._stacked_px))

    def _on_dragged(self) -> None:
        if not self.stacked:
            self._placed = True
            self.dragged.emit()
