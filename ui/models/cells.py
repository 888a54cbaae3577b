"""What a cell of a table shows, said as data; the delegate in ``ui.widgets.cell_delegate`` draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from ui.tones import Tone

Index = QModelIndex | QPersistentModelIndex
R = TypeVar("R")
CellRole = Qt.ItemDataRole.UserRole
RecordRole = Qt.ItemDataRole.UserRole + 1


class Kind(StrEnum):
    """The ways a cell can be drawn."""

    TEXT = "text"
    STRONG = "strong"
    MUTED = "muted"
    PATH = "path"
    MONO = "mono"
    NUMBER = "number"
    TIME = "time"
    BADGE = "badge"
    MARK = "mark"
    NAME = "name"
    TAGS = "tags"
    TWO = "two"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text is what is copied, exported and read aloud.

    ``second`` is the lower line of a two-line cell, and what else is to be known of a badge, such as that it is late;
    ``icon`` stands before names and two-line cells; ``tone`` is what a badge, a mark or a name's icon says; ``faded``
    draws a name paler (a deleted entry). ``tag_colours`` are names of tokens, one for
    each tag; without them tags are blue.
    """

    text: str
    kind: Kind = Kind.TEXT
    second: str = ""
    icon: str = ""
    tone: Tone = Tone.NONE
    tags: tuple[str, ...] = ()
    tag_colours: tuple[str, ...] = ()
    faded: bool = False

    @property
    def whole(self) -> str:
        """Everything the cell says, as text."""
        return ", ".join(part for part in (self.text, self.second, *self.tags) if part)


EMPTY = Cell("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[R]):
    """One column: its head, what it shows of a record, and its first width in pixels.

    ``key`` names it in settings and in sort requests. ``sort_key`` orders small tables (default: the text);
    None for a column in ``sortable=False`` means that the head does nothing. ``narrow_px`` is the width that it takes
    where the stretching column would have too little room; its cells then break into two lines. ``wide_px`` is the
    width that it takes where the stretching column has ample room. ``whole`` is what is copied of a record where the
    cell shows only a part of it.
    """

    key: str
    title: str
    cell: Callable[[R], Cell]
    width_px: int = 120
    narrow_px: int = 0
    wide_px: int = 0
    right: bool = False
    stretch: bool = False
    sortable: bool = True
    hidden: bool = False
    sort_key: Callable[[R], Any] | None = None
    whole: Callable[[R], str] | None = None

    def said(self, record: R) -> str:
        """Everything that the column says of a record, as text."""
        return self.whole(record) if self.whole else self.cell(record).whole

    def head(self, role: int) -> str | int | None:
        """What the column's head says for one of Qt's roles."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


def cell_data(cell: Cell, role: int) -> Any:
    """What ``cell`` answers to one of Qt's roles."""
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return cell.text
        case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
            return cell.whole
        case _ if role == CellRole:
            return cell
    return None
