"""Finds text that is cut off, controls that a screen reader cannot name, and controls that no key reaches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from ui.page import Shortcut
from ui.widgets.badges import Badge
from ui.widgets.labels import CutLabel

INTERACTIVE = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit)
_ROUNDING_PX = 1


def visible_parts(root: QWidget) -> Iterator[QWidget]:
    """Everything in sight that we made ourselves, not the inner parts of Qt's own controls."""
    for part in root.findChildren(QWidget):
        inner = isinstance(part.parentWidget(), QLineEdit | QComboBox) or isinstance(part, QScrollBar | QHeaderView)
        if part.isVisible() and not part.objectName().startswith("qt_") and not inner:
            yield part


def cut_texts(root: QWidget) -> list[str]:
    """The texts that have less room than they need; those that are cut on purpose have the whole as tooltip."""
    return [f"{type(part).__name__} {_text(part)!r}" for part in visible_parts(root) if _is_cut(part)]


def unnamed(root: QWidget) -> list[str]:
    """The controls without an object name or without anything to be called by."""
    return [
        f"{type(part).__name__} {part.objectName()!r}"
        for part in visible_parts(root)
        if isinstance(part, INTERACTIVE) and not (part.objectName() and (part.accessibleName() or _text(part)))
    ]


def unreachable(root: QWidget) -> list[str]:
    """The controls that cannot be reached with the Tab key."""
    return [
        part.objectName()
        for part in visible_parts(root)
        if isinstance(part, INTERACTIVE)
        and part.isEnabled()
        and not in_reach_by_arrows(part)
        and not part.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


def against_the_order(root: QWidget) -> list[str]:
    """Where Tab goes from one control up, or back in a line, to the next one with the same parent."""
    chain, part = list[QWidget](), root.nextInFocusChain()
    while part is not root and part not in chain:
        chain.append(part)
        part = part.nextInFocusChain()
    met = [
        one
        for one in chain
        if isinstance(one, INTERACTIVE)
        and root.isAncestorOf(one)
        and one.isVisible()
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not one.objectName().startswith("qt_")
    ]
    return [
        f"{before.objectName()!r} before {after.objectName()!r}"
        for before, after in itertools.pairwise(met)
        if before.parentWidget() is after.parentWidget() and _is_behind(before.geometry(), after.geometry())
    ]


def _is_behind(before: QRect, after: QRect) -> bool:
    is_in_line = (
        before.top() <= after.center().y() <= before.bottom() or after.top() <= before.center().y() <= after.bottom()
    )
    return after.right() < before.left() if is_in_line else after.bottom() < before.top()


def in_reach_by_arrows(part: QWidget) -> bool:
    """Whether it is one of buttons of which only one can be on: Tab reaches that one, and the arrow keys the others."""
    if not isinstance(part, QAbstractButton):
        return False
    group = part.group()
    alone = group is not None and group.exclusive()
    return alone or part.autoExclusive()


def _text(part: QWidget) -> str:
    text = getattr(part, "text", "")
    return str(text() if callable(text) else text)


def _is_cut(part: QWidget) -> bool:
    if isinstance(part, CutLabel):
        return part.width() < part.minimumSizeHint().width() - _ROUNDING_PX
    if isinstance(part, QLabel) and part.text():
        if part.wordWrap():
            return part.height() < part.heightForWidth(part.width()) - _ROUNDING_PX
        return _smaller_than_hint(part)
    return isinstance(part, QAbstractButton | Badge) and bool(_text(part)) and _smaller_than_hint(part)


def _smaller_than_hint(part: QWidget) -> bool:
    hint = part.sizeHint()
    return part.width() < hint.width() - _ROUNDING_PX or part.height() < hint.height() - _ROUNDING_PX


def registered_keys(part: QWidget) -> set[str]:
    """Every combination of keys that something on a part answers to, in portable form, seen at present or not."""
    below = (part, *part.findChildren(QWidget))
    found = [shortcut.key() for shortcut in part.findChildren(QShortcut)]
    found += [one.shortcut() for one in below if isinstance(one, QAbstractButton)]
    found += [keys for one in below for action in one.actions() for keys in action.shortcuts()]
    return {text for keys in found if (text := keys.toString(QKeySequence.SequenceFormat.PortableText))}


def told_keys(shortcuts: Iterable[Shortcut]) -> set[str]:
    """The combinations that lines of the help name; ``Alt+1 \u2026 Alt+3`` are three."""
    found: set[str] = set()
    for keys in (keys for shortcut in shortcuts for keys in shortcut.keys.split(", ")):
        first, _, last = keys.partition(" \u2026 ")
        if last:
            found |= {f"{first.strip()[:-1]}{number}" for number in range(int(first[-1]), int(last[-1]) + 1)}
        else:
            found.add(QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText))
    return found
