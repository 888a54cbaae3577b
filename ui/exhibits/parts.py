"""Small parts that the tabs of an exhibit are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QWidget

from ui.theme import Space
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import Fact, facts
from ui.widgets.refill import refill as refill_box

_LABEL_PX = 104


def section(title: str, rows: Sequence[tuple[str, Fact]], *more: QWidget, action: QWidget | None = None) -> QWidget:
    """A heading with its act, facts under it, and further parts; facts without a value are left out."""
    head = hbox(label(title, "section"), None)
    if action:
        head.addWidget(action)
    told = [(name, value) for name, value in rows if value]
    return plain(vbox(head, facts(told, label_px=_LABEL_PX), *more, gap=6))


def refill(column: QBoxLayout, parts: Sequence[QWidget]) -> None:
    """Take everything out of ``column``, put ``parts`` in, and leave the rest of the room empty."""
    refill_box(column, parts)
    column.addStretch(1)


def tab_column() -> QBoxLayout:
    """A column with the margins of a tab."""
    return vbox(gap=Space.M + 2, margins=(Space.L, Space.M, Space.L, Space.S))
