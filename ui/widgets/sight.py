"""Scrolling to a part wherever it lies in something larger than its room."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QScrollArea, QScrollBar, QWidget

_MARGIN_PX = 12


def bring_into_sight(part: QWidget) -> None:
    """Scroll every area around ``part`` until it is seen; one that is larger than its area shows its beginning."""
    inner = part
    parent = part.parentWidget()
    while parent is not None and not inner.isWindow():
        if isinstance(parent, QScrollArea):
            _scroll(parent, part)
        inner, parent = parent, parent.parentWidget()


def _scroll(area: QScrollArea, part: QWidget) -> None:
    content, room = area.widget(), area.viewport().size()
    if content is None or not content.isAncestorOf(part):
        return
    at = QRect(part.mapTo(content, QPoint(0, 0)), part.size())
    at = at.adjusted(-_MARGIN_PX, -_MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
    _scroll_along(area.verticalScrollBar(), at.top(), at.height(), room.height())
    _scroll_along(area.horizontalScrollBar(), at.left(), at.width(), room.width())


def _scroll_along(bar: QScrollBar, first_px: int, length_px: int, room_px: int) -> None:
    end_px, shown_px = first_px + length_px, bar.value() + room_px
    if length_px >= room_px:
        seen_px = min(end_px, shown_px) - max(first_px, bar.value())
        if seen_px < room_px / 2:
            bar.setValue(first_px)
    elif first_px < bar.value():
        bar.setValue(first_px)
    elif end_px > shown_px:
        bar.setValue(end_px - room_px)
