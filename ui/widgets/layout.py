"""Layouts in one expression: rows, columns, cards, panes and lines."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import Space
from ui.widgets.dividers import Splitter

Part: TypeAlias = QWidget | QLayout
Item: TypeAlias = Part | tuple[Part, int] | int | None
Margins: TypeAlias = tuple[int, int, int, int]
_NO_MARGINS: Margins = (0, 0, 0, 0)


def hbox(*items: Item, gap: int = Space.S, margins: Margins = _NO_MARGINS) -> QHBoxLayout:
    """A row. None is a stretch, a number a gap in pixels, a tuple a part with its share of the room."""
    row = QHBoxLayout()
    _fill(row, items, gap, margins)
    return row


def vbox(*items: Item, gap: int = Space.S, margins: Margins = _NO_MARGINS) -> QVBoxLayout:
    """A column, with the items of :func:`hbox`."""
    column = QVBoxLayout()
    _fill(column, items, gap, margins)
    return column


def centred(*items: Item, gap: int = 1) -> QVBoxLayout:
    """A column whose items stand in the middle of its height."""
    return vbox(None, *items, None, gap=gap)


def frame(content: QLayout, **properties: bool | str) -> QFrame:
    """A frame around ``content`` that the stylesheet knows by ``properties``."""
    made = QFrame()
    for name, value in properties.items():
        made.setProperty(name, value)
    made.setLayout(content)
    return made


def card(content: QLayout) -> QFrame:
    """A bordered surface."""
    return frame(content, card=True)


def pane(content: QLayout) -> QFrame:
    """A surface without a border, such as one side of a splitter."""
    return frame(content, pane=True)


def plain(content: QLayout) -> QWidget:
    """A widget with no ground of its own."""
    made = QWidget()
    made.setLayout(content)
    return made


def line(*, vertical: bool = False) -> QFrame:
    """A line of one pixel between two parts."""
    made = QFrame()
    made.setProperty("line", "v" if vertical else "h")
    return made


def splitter(
    orientation: Qt.Orientation, *parts: QWidget, sizes: tuple[int, ...] = (), name: str, is_remembered: bool = False
) -> Splitter:
    """Panes with a line between them that can be moved; ``sizes`` are the first sizes in pixels.

    ``is_remembered`` keeps where they part for the next start, where nobody else does.
    """
    made = Splitter(orientation, name=name, is_remembered=is_remembered)
    for part in parts:
        made.addWidget(part)
    if sizes:
        made.setSizes(list(sizes))
        for at, size in enumerate(sizes):
            made.setStretchFactor(at, 1 if size == max(sizes) else 0)
    return made


class ScrolledWhenSeen(QScrollArea):
    """Lays its content out when it is first seen or asked for: what lies behind a tab or a step costs nothing before.

    From the beginning the content is a child of the area, so that it is found and styled with it.
    """

    def __init__(self, content: QWidget, parent: QWidget | None) -> None:
        """Keep ``content`` ready."""
        super().__init__(parent)
        self._waiting: QWidget | None = content
        content.setParent(self.viewport())

    def widget(self) -> QWidget | None:
        """The content."""
        self._take()
        return super().widget()

    def setWidget(self, content: QWidget) -> None:
        """Show another content from now on."""
        self._take()
        super().setWidget(content)

    def showEvent(self, event: QShowEvent) -> None:
        """Lay the content out, as it is seen now."""
        self._take()
        super().showEvent(event)

    def _take(self) -> None:
        content, self._waiting = self._waiting, None
        if content is not None:
            super().setWidget(content)


def scrolled(content: QWidget, *, name: str, parent: QWidget | None = None) -> QScrollArea:
    """``content`` in an area that scrolls downward when the room is too small."""
    content.setProperty("clear", True)
    area = ScrolledWhenSeen(content, parent)
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def restyle(widget: QWidget, name: str, value: bool | str) -> None:
    """Set a property that the stylesheet reads, and draw the widget anew with it."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _fill(box: QBoxLayout, items: tuple[Item, ...], gap: int, margins: Margins) -> None:
    box.setSpacing(gap)
    box.setContentsMargins(*margins)
    for item in items:
        part, share = item if isinstance(item, tuple) else (item, 0)
        if part is None:
            box.addStretch(1)
        elif isinstance(part, int):
            box.addSpacing(part)
        elif isinstance(part, QWidget):
            box.addWidget(part, share)
        else:
            box.addLayout(part, share)
