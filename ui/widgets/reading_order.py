"""Tab goes through the parts in the order in which they are laid out and read, however and whenever they were made."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLayout, QSplitter, QWidget

_TAB = Qt.FocusPolicy.TabFocus.value


def step(root: QWidget, *, on: bool) -> bool:
    """Give the keyboard to the next stop in ``root``, or to the one before, round and round; tell whether there is one.

    Args:
        root: A window.
        on: Forward (Tab) and not back (Shift+Tab).
    """
    parts = list(_parts(root))
    stops = [at for at, part in enumerate(parts) if _is_stop(part)]
    if not stops:
        return False
    focused = QApplication.focusWidget()
    here = parts.index(focused) if focused in parts else -1
    target = (
        next((at for at in stops if at > here), stops[0])
        if on
        else next((at for at in reversed(stops) if at < here), stops[-1])
    )
    parts[target].setFocus(Qt.FocusReason.TabFocusReason if on else Qt.FocusReason.BacktabFocusReason)
    return True


def _is_stop(part: QWidget) -> bool:
    return bool(part.focusPolicy().value & _TAB) and part.isEnabled() and part.focusProxy() is None


def _parts(root: QWidget) -> Iterator[QWidget]:
    """Every part in sight, in the order of the layouts; what is in none follows in the order it was made."""
    yield root
    for child in _children(root):
        if child.isVisibleTo(root) and not child.isWindow():
            yield from _parts(child)


def _children(part: QWidget) -> list[QWidget]:
    laid_out: list[QWidget | None] = []
    if isinstance(part, QSplitter):
        laid_out = [one for at in range(part.count()) for one in (part.handle(at), part.widget(at))]
    elif (layout := part.layout()) is not None:
        laid_out = list(_laid_out(layout))
    made = [child for child in part.children() if isinstance(child, QWidget)]
    return list(dict.fromkeys(one for one in (*laid_out, *made) if one is not None))


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)
