"""The custody timeline: newest first; each event with its people, seal, digest, state and signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui import icons, theme
from ui.models.cells import Index, RecordRole
from ui.text import duration_text, time_text
from ui.theme import MEDIUM, SEMIBOLD, Row, Size, Space, Theme, Type, mono_font, ui_font
from ui.tones import Tone, colours_of, icon_of
from ui.widgets.badges import paint_badge

_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_LINE_PX, _NODE_PX, _TIME_WIDTH, _NODE_AT, _STATES_WIDTH = 18, 14, 112, 186, 168
_ARROW = " → "
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One custody entry as the timeline shows it.

    ``signatures`` are a tone and a word for each party; ``struck`` says that a later entry corrects this one.
    """

    key: object
    sequence: int
    icon: str
    title: str
    occurred_at: datetime
    people: str
    particulars: str
    state: str
    signatures: tuple[tuple[Tone, str], ...]
    seal: str = ""
    digest: str = ""
    tone: Tone = Tone.NONE
    struck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which nobody's custody is recorded; drawn as a dashed line with its length."""

    length_s: float


class TimelineModel(QAbstractListModel):
    """Events and gaps from the newest to the oldest, with times in ``zone`` (the events' own by default)."""

    def __init__(self, parent: QObject | None = None, zone: tzinfo | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.zone = zone
        self._rows: tuple[Event | Gap, ...] = ()

    def set_rows(self, rows: Sequence[Event | Gap]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def row_of(self, key: object) -> int:
        """The row of the event with ``key``, or -1."""
        return next((at for at, row in enumerate(self._rows) if isinstance(row, Event) and row.key == key), -1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many events and gaps there are."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A gap cannot be chosen."""
        if index.isValid() and isinstance(self._rows[index.row()], Gap):
            return Qt.ItemFlag.ItemNeverHasChildren
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row as a sentence, or the row itself."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == RecordRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(row)
        return None

    def _sentence(self, row: Event | Gap) -> str:
        if isinstance(row, Gap):
            return gap_text(row)
        when = time_text(row.occurred_at, self.zone)
        marks = ", ".join(word for _, word in row.signatures)
        parts = (f"{row.sequence}: {row.title}", row.people, when, row.particulars, row.seal, row.state, marks)
        return ", ".join(part for part in parts if part)


class Timeline(QListView):
    """Shows a :class:`TimelineModel`; ``chosen`` and ``opened`` carry the :class:`Event`."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, model: TimelineModel, *, title: str, name: str = "timeline") -> None:
        """Show ``model``; ``title`` is what a screen reader says."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setModel(model)
        self.setItemDelegate(_EventDelegate(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.doubleClicked.connect(lambda index: self._open(index))

    def select_key(self, key: object) -> bool:
        """Make the event with ``key`` current; tell whether it is there."""
        model = self.model()
        row = model.row_of(key) if isinstance(model, TimelineModel) else -1
        if row >= 0:
            self.setCurrentIndex(model.index(row, 0))
        return row >= 0

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which event is current."""
        super().currentChanged(current, previous)
        row = current.data(RecordRole) if current.isValid() else None
        self.chosen.emit(row if isinstance(row, Event) else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the event."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        row = index.data(RecordRole)
        if isinstance(row, Event):
            self.opened.emit(row)


def gap_text(gap: Gap) -> str:
    """What is said of a gap."""
    sentence = QCoreApplication.translate("Timeline", "No custody is recorded for {length}")
    return sentence.format(length=duration_text(gap.length_s))


class _EventDelegate(QStyledItemDelegate):
    """Draws events and gaps."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """76 px for an event, less for a gap."""
        height = Row.NORMAL + Space.XS if isinstance(index.data(RecordRole), Gap) else Row.EVENT
        return QSize(_NODE_AT + _STATES_WIDTH, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        model = index.model()
        row = index.data(RecordRole)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        pen = _Pen(painter, option.rect, theme.current(), selected)
        pen.ground(hovered=bool(option.state & QStyle.StateFlag.State_MouseOver))
        last = index.row() == model.rowCount() - 1
        if isinstance(row, Gap):
            _paint_gap(pen, row)
        elif isinstance(row, Event) and isinstance(model, TimelineModel):
            _paint_thread(pen, row, first=index.row() == 0, last=last)
            _paint_when(pen, row, model.zone)
            _paint_what(pen, row)
            _paint_states(pen, row)
            painter.setPen(QColor(pen.look.grid))
            painter.drawLine(
                QPointF(pen.words_x, pen.box.bottom() + 0.5), QPointF(pen.box.right(), pen.box.bottom() + 0.5)
            )
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(pen.look.focus), Size.FOCUS))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(1, 1, -1, -1))
        painter.restore()


class _Pen:
    """A painter with the places of one row."""

    def __init__(self, painter: QPainter, box: QRect, look: Theme, selected: bool) -> None:
        self.painter, self.box, self.look, self.selected = painter, box, look, selected
        self.second = look.text2 if selected else look.text3
        self.thread_x = box.x() + _NODE_AT
        self.words_x = self.thread_x + 2 * _NODE_PX
        self.states_x = box.right() - _STATES_WIDTH - Space.S
        self.words_width = self.states_x - self.words_x - Space.M
        self.ratio = painter.device().devicePixelRatioF()

    def ground(self, *, hovered: bool) -> None:
        ground = self.look.selection if self.selected else self.look.hover if hovered else self.look.surface
        self.painter.fillRect(self.box, QColor(ground))
        if self.selected:
            bar = QRect(self.box.x(), self.box.y(), Size.ACCENT_EDGE, self.box.height())
            self.painter.fillRect(bar, QColor(self.look.accent))

    def words(
        self, x: float, y: float, width: float, text: str, font: QFont, colour: str, align: Qt.AlignmentFlag = _LEFT
    ) -> int:
        """Draw one line at ``y`` below the row's top; return how far it reaches."""
        metrics = QFontMetrics(font)
        fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(width)))
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        place = QRect(int(x), int(self.box.y() + y), max(0, int(width)), _LINE_PX)
        self.painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), fitting)
        return metrics.horizontalAdvance(fitting)

    def icon(self, x: float, y: float, name: str, colour: str, size_px: int) -> None:
        self.painter.drawPixmap(QPointF(x, self.box.y() + y), icons.pixmap(name, colour, size_px, self.ratio))


def _paint_thread(pen: _Pen, event: Event, *, first: bool, last: bool) -> None:
    painter, x, y = pen.painter, pen.thread_x, pen.box.y() + 24
    painter.setPen(QPen(QColor(pen.look.border_strong), 1.5))
    if not first:
        painter.drawLine(QPointF(x, pen.box.y()), QPointF(x, y - _NODE_PX - 2))
    if not last:
        painter.drawLine(QPointF(x, y + _NODE_PX + 2), QPointF(x, pen.box.bottom() + 1))
    stated = event.tone is not Tone.NONE
    word, soft = colours_of(event.tone, pen.look)
    painter.setPen(QPen(QColor(word if stated else pen.look.border_strong), 1.5))
    painter.setBrush(QColor(soft if stated else pen.look.surface))
    painter.drawEllipse(QPointF(x, y), _NODE_PX, _NODE_PX)
    pen.icon(x - 8, 16, event.icon, word if stated else pen.look.text2, Size.ICON)


def _paint_when(pen: _Pen, event: Event, zone: tzinfo | None) -> None:
    date, clock, offset = time_text(event.occurred_at, zone).split(" ")
    left = pen.box.x()
    pen.words(left + Space.L, 9, 44, f"#{event.sequence}", mono_font(Type.CAPTION), pen.second)
    right = left + 52
    pen.words(right, 9, _TIME_WIDTH, date, ui_font(Type.SMALL, MEDIUM), pen.look.text, _RIGHT)
    pen.words(right, 27, _TIME_WIDTH, f"{clock}  {offset}", ui_font(Type.SMALL), pen.second, _RIGHT)


def _paint_what(pen: _Pen, event: Event) -> None:
    x, width = pen.words_x, pen.words_width
    font = ui_font(Type.BODY, SEMIBOLD)
    font.setStrikeOut(event.struck)
    title = pen.words(x, 8, width, event.title, font, pen.look.text) + 10
    pen.words(x + title, 8, width - title, event.people, ui_font(), pen.look.text2)
    pen.words(x, 27, width, event.particulars, ui_font(Type.SMALL), pen.look.text2)
    reach = 0
    if event.seal:
        pen.icon(x, 49, "seal", pen.look.text2, Size.ICON_SMALL)
        reach = 19 + pen.words(x + 19, 47, width - 19, event.seal, ui_font(Type.SMALL), pen.look.text2) + _LINE_PX
    if event.digest and width - reach > 2 * Row.EVENT:
        pen.icon(x + reach, 49, "hash", pen.look.text2, Size.ICON_SMALL)
        pen.words(x + reach + 19, 47, width - reach - 19, event.digest, mono_font(Type.CAPTION), pen.look.text2)


def state_lines(state: str) -> tuple[str, ...]:
    """The lines on which the states of an event are shown: no state is cut, one after the arrow goes on the next."""
    font = QFontMetrics(ui_font(Type.CAPTION, SEMIBOLD))
    before, arrow, after = state.partition(_ARROW)
    if not arrow or font.horizontalAdvance(state) <= _STATES_WIDTH:
        return (state,)
    return (before + _ARROW.rstrip(), after)


def _paint_states(pen: _Pen, event: Event) -> None:
    lines = state_lines(event.state)
    first, middle = (8, 37) if len(lines) == 1 else (3, 46)
    for at, line in enumerate(lines):
        y = first + at * (_LINE_PX - 2)
        pen.words(pen.states_x, y, _STATES_WIDTH, line, ui_font(Type.CAPTION, SEMIBOLD), pen.look.text2)
    for at, (tone, word) in enumerate(event.signatures[:2]):
        middle_px = pen.box.y() + middle + at * (Size.BADGE if len(lines) == 1 else Size.BADGE - 1)
        paint_badge(pen.painter, pen.states_x, middle_px, tone, word, room=_STATES_WIDTH, bare=True)


def _paint_gap(pen: _Pen, gap: Gap) -> None:
    dashed = QPen(QColor(pen.look.warn), 1.5, Qt.PenStyle.DashLine)
    pen.painter.setPen(dashed)
    pen.painter.drawLine(QPointF(pen.thread_x, pen.box.y()), QPointF(pen.thread_x, pen.box.bottom() + 1))
    y = (pen.box.height() - _LINE_PX) / 2
    pen.icon(pen.words_x, y + 2, icon_of(Tone.WARN), pen.look.warn, Size.ICON_SMALL)
    pen.words(pen.words_x + 19, y, pen.words_width, gap_text(gap), ui_font(Type.SMALL, MEDIUM), pen.look.warn)
