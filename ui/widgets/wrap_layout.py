"""A row that goes on in the next line when there is no room, so that nothing is cut at large scales."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from ui.theme import Space


@dataclass(slots=True, frozen=True)
class _Part:
    item: QLayoutItem
    least: int
    height: int
    grows: bool


@dataclass(slots=True)
class _Line:
    parts: list[_Part]
    width: int
    height: int


class WrapLayout(QLayout):
    """Puts widgets beside each other at their own width; those that expand share what is left of their line.

    An expanding widget needs its minimum width only, so it shrinks before the row is broken; it grows to its maximum.
    """

    def __init__(self, *parts: QWidget, gap: int = Space.S, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        """Lay out ``parts`` in this order."""
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._measured: tuple[_Part, ...] | None = None
        self._gap = gap
        self.setContentsMargins(*margins)
        for part in parts:
            self.addWidget(part)

    def addItem(self, item: QLayoutItem) -> None:
        """Take one more part."""
        self._items.append(item)
        self._measured = None

    def count(self) -> int:
        """How many parts there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The part at a place, or None."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give a part back."""
        self._measured = None
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def invalidate(self) -> None:
        """Forget the sizes of the parts: one of them has another, came or went."""
        self._measured = None
        super().invalidate()

    def expandingDirections(self) -> Qt.Orientation:
        """It takes the width it is given."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """A narrower row is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that all lines need."""
        margins = self.contentsMargins()
        lines = self._lines(width - margins.left() - margins.right())
        heights = sum(line.height for line in lines) + self._gap * max(0, len(lines) - 1)
        return heights + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """Everything in one line."""
        widths = [part.item.sizeHint().width() for part in self._parts()]
        width = sum(widths) + self._gap * max(0, len(widths) - 1) + self._sides()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        """The widest part alone; the height of the lines at the width that there is now."""
        width = max((part.least for part in self._parts()), default=0) + self._sides()
        return QSize(width, self.heightForWidth(max(width, self.geometry().width())))

    def setGeometry(self, rect: QRect) -> None:
        """Place every part."""
        super().setGeometry(rect)
        inner = rect.marginsRemoved(self.contentsMargins())
        y = inner.y()
        for line in self._lines(inner.width()):
            spare = inner.width() - line.width
            growing = sum(part.grows for part in line.parts)
            x = inner.x()
            for part in line.parts:
                width = part.least + (spare // growing if part.grows else 0)
                width = min(width, part.item.maximumSize().width())
                height = min(line.height, part.height)
                part.item.setGeometry(QRect(x, y + (line.height - height) // 2, width, height))
                x += width + self._gap
            y += line.height + self._gap

    def _lines(self, width: int) -> list[_Line]:
        lines: list[_Line] = []
        for part in self._parts():
            if lines and lines[-1].width + self._gap + part.least <= width:
                line = lines[-1]
                line.parts.append(part)
                line.width += self._gap + part.least
                line.height = max(line.height, part.height)
            else:
                lines.append(_Line([part], part.least, part.height))
        return lines

    def _sides(self) -> int:
        margins = self.contentsMargins()
        return margins.left() + margins.right()

    def _parts(self) -> tuple[_Part, ...]:
        """What is shown, measured once until something changes: Qt asks for the same heights hundreds of times."""
        if self._measured is None:
            self._measured = tuple(_measured(item) for item in self._items if not item.isEmpty())
        return self._measured


def _measured(item: QLayoutItem) -> _Part:
    widget, hint = item.widget(), item.sizeHint()
    grows = widget is not None and widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Expanding
    return _Part(item, item.minimumSize().width() if grows else hint.width(), hint.height(), grows)
