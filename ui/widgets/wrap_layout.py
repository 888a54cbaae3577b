"""A row that goes on in the next line when there is no room, so that nothing is cut at large scales."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from ui.theme import Space


@dataclass(slots=True)
class _Line:
    items: list[QLayoutItem]
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
        self._gap = gap
        self.setContentsMargins(*margins)
        for part in parts:
            self.addWidget(part)

    def addItem(self, item: QLayoutItem) -> None:
        """Take one more part."""
        self._items.append(item)

    def count(self) -> int:
        """How many parts there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The part at a place, or None."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give a part back."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

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
        shown = self._shown()
        width = sum(item.sizeHint().width() for item in shown) + self._gap * max(0, len(shown) - 1) + self._sides()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        """The widest part alone; the height of the lines at the width that there is now."""
        width = max((self._least(item) for item in self._shown()), default=0) + self._sides()
        return QSize(width, self.heightForWidth(max(width, self.geometry().width())))

    def setGeometry(self, rect: QRect) -> None:
        """Place every part."""
        super().setGeometry(rect)
        inner = rect.marginsRemoved(self.contentsMargins())
        y = inner.y()
        for line in self._lines(inner.width()):
            spare = inner.width() - line.width
            growing = [item for item in line.items if self._grows(item)]
            x = inner.x()
            for item in line.items:
                width = self._least(item) + (spare // len(growing) if item in growing else 0)
                width = min(width, item.maximumSize().width())
                height = min(line.height, item.sizeHint().height())
                item.setGeometry(QRect(x, y + (line.height - height) // 2, width, height))
                x += width + self._gap
            y += line.height + self._gap

    def _lines(self, width: int) -> list[_Line]:
        lines: list[_Line] = []
        for item in self._shown():
            least, height = self._least(item), item.sizeHint().height()
            if lines and lines[-1].width + self._gap + least <= width:
                line = lines[-1]
                line.items.append(item)
                line.width += self._gap + least
                line.height = max(line.height, height)
            else:
                lines.append(_Line([item], least, height))
        return lines

    def _sides(self) -> int:
        margins = self.contentsMargins()
        return margins.left() + margins.right()

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _grows(self, item: QLayoutItem) -> bool:
        widget = item.widget()
        return widget is not None and widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Expanding

    def _least(self, item: QLayoutItem) -> int:
        return item.minimumSize().width() if self._grows(item) else item.sizeHint().width()
