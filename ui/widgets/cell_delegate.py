"""Draws the cells of every table: names, times with their zone, badges, tags, two lines."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui import icons, theme
from ui.models.cells import EMPTY, Cell, CellRole, Kind
from ui.theme import MEDIUM, REGULAR, SEMIBOLD, Row, Size, Space, Theme, Type, mono_font, ui_font
from ui.tones import Tone, colours_of
from ui.widgets.badges import paint_badge

_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_CUT_END, _CUT_MIDDLE = Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle
_SELECTED = QStyle.StateFlag.State_Selected.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
_HOVERED = QStyle.StateFlag.State_MouseOver.value
_TAG_POINT, _TAG_PAD, _TAG_HALF, _TAG_BAND = 6, 11, 8, 3
_LINE_PX = 18
_NAME_COLOUR = {Tone.WARN: "warn", Tone.BAD: "bad", Tone.INFO: "accent", Tone.LOCK: "warn"}


class CellDelegate(QStyledItemDelegate):
    """Paints a :class:`Cell`; the selected row has a tint and a bar, the keyboard's place a ring."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        cell: Cell = index.data(CellRole) or EMPTY
        look = theme.current()
        box: QRect = option.rect
        state: int = option.state.value
        selected = bool(state & _SELECTED)
        painter.save()
        self._ground(painter, box, index.column(), look, state)
        inner = box.adjusted(Space.S, 0, -Space.S, 0)
        _PAINTERS[cell.kind](_Brush(painter, look, selected), inner, cell)
        if state & _FOCUSED:
            painter.setPen(QPen(_colour(look.focus), Size.FOCUS))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wide enough for what the cell says, so that a column fitted by a double click cuts nothing."""
        cell: Cell = index.data(CellRole) or EMPTY
        words = _type(Type.BODY)[1].horizontalAdvance(max(cell.text, cell.second, key=len))
        return QSize(
            words + 2 * Space.S + (Space.XXL if cell.icon or cell.kind in (Kind.BADGE, Kind.MARK) else 0), Row.NORMAL
        )

    def _ground(self, painter: QPainter, box: QRect, column: int, look: Theme, state: int) -> None:
        selected = state & _SELECTED
        ground = look.selection if selected else look.hover if state & _HOVERED else look.surface
        if ground != look.surface:
            painter.fillRect(box, _colour(ground))
        if selected and column == 0:
            painter.fillRect(QRect(box.x(), box.y(), Size.ACCENT_EDGE, box.height()), _colour(look.accent))
        if box.height() > Row.NORMAL + 2:
            painter.setPen(_colour(look.grid))
            painter.drawLine(box.bottomLeft(), box.bottomRight())


@lru_cache(maxsize=16)
def _type(size_px: int, weight: QFont.Weight = REGULAR, *, mono: bool = False) -> tuple[QFont, QFontMetrics]:
    """A font with its metrics, made once: a list draws hundreds of cells for each turn of the wheel."""
    font = mono_font(size_px) if mono else ui_font(size_px, weight)
    return font, QFontMetrics(font)


@lru_cache(maxsize=128)
def _colour(value: str) -> QColor:
    return QColor(value)


class _Brush:
    """A painter with the theme and whether the row is selected, as every kind of cell needs them."""

    def __init__(self, painter: QPainter, look: Theme, selected: bool) -> None:
        self.painter, self.look = painter, look
        self.second = look.text2 if selected else look.text3
        self.ratio = painter.device().devicePixelRatioF()

    def words(
        self,
        box: QRect,
        text: str,
        kind: tuple[QFont, QFontMetrics],
        colour: str,
        align: int = _LEFT,
        cut: Qt.TextElideMode = _CUT_END,
    ) -> None:
        font, metrics = kind
        self.painter.setFont(font)
        self.painter.setPen(_colour(colour))
        room = box.width()
        surely_fits = len(text) * metrics.height() <= room
        self.painter.drawText(box, align, text if surely_fits else metrics.elidedText(text, cut, room))

    def icon(self, x: float, y: float, name: str, colour: str, size_px: int) -> None:
        self.painter.drawPixmap(QPointF(x, y), icons.pixmap(name, colour, size_px, self.ratio))


def _middle(box: QRect) -> int:
    return box.y() + box.height() // 2


def _text(brush: _Brush, box: QRect, cell: Cell) -> None:
    kind = _type(Type.BODY)
    first, rest = _broken(cell.text, kind[1], box) if box.height() >= Row.TWO_LINE - 1 else (cell.text, "")
    if rest:
        lines = _lines(box)
        brush.words(lines[0], first, kind, brush.look.text)
        brush.words(lines[1], rest, kind, brush.look.text)
    else:
        brush.words(box, first, kind, brush.look.text)


def _broken(text: str, metrics: QFontMetrics, box: QRect) -> tuple[str, str]:
    """The words that fit into one line, and those for the line under it."""
    if metrics.horizontalAdvance(text) <= box.width():
        return text, ""
    words = text.split(" ")
    for count in range(len(words) - 1, 0, -1):
        first = " ".join(words[:count])
        if metrics.horizontalAdvance(first) <= box.width():
            return first, " ".join(words[count:])
    return text, ""


def _lines(box: QRect) -> tuple[QRect, QRect]:
    """The two lines of a high row."""
    first = QRect(box.x(), _middle(box) - _LINE_PX, box.width(), _LINE_PX)
    return first, first.translated(0, _LINE_PX)


def _strong(brush: _Brush, box: QRect, cell: Cell) -> None:
    brush.words(box, cell.text, _type(Type.BODY, SEMIBOLD), brush.look.text)


def _muted(brush: _Brush, box: QRect, cell: Cell) -> None:
    brush.words(box, cell.text, _type(Type.BODY), brush.look.text2)


def _path(brush: _Brush, box: QRect, cell: Cell) -> None:
    """Beginning and end of a path tell more than its middle."""
    brush.words(box, cell.text, _type(Type.BODY), brush.look.text2, cut=_CUT_MIDDLE)


def _mono(brush: _Brush, box: QRect, cell: Cell) -> None:
    brush.words(box, cell.text, _type(Type.SMALL, mono=True), brush.look.text2 if cell.faded else brush.look.text)


def _number(brush: _Brush, box: QRect, cell: Cell) -> None:
    brush.words(box, cell.text, _type(Type.BODY), brush.look.text, _RIGHT)


def _time(brush: _Brush, box: QRect, cell: Cell) -> None:
    main, _, zone = cell.text.rpartition(" ")
    small, caption = _type(Type.SMALL), _type(Type.CAPTION)
    advance = small[1].horizontalAdvance(main) + 5
    if box.height() >= Row.TWO_LINE - 1 and advance + caption[1].horizontalAdvance(zone) > box.width():
        day, _, main = main.partition(" ")
        first, box = _lines(box)
        brush.words(first, day, small, brush.look.text)
        advance = small[1].horizontalAdvance(main) + 5
    brush.words(box, main or zone, small, brush.look.text)
    if main:
        brush.words(box.adjusted(advance, 0, 0, 0), zone, caption, brush.second)


def _badge(brush: _Brush, box: QRect, cell: Cell) -> None:
    middle = _middle(box)
    if cell.second:
        under = QRect(box.x() + Space.S, middle + 3, box.width() - Space.S, _LINE_PX)
        brush.words(under, cell.second, _type(Type.SMALL), colours_of(cell.tone, brush.look)[0])
        middle -= Size.BADGE // 2
    if cell.text:
        paint_badge(brush.painter, box.x(), middle, cell.tone, cell.text, room=box.width())


def _mark(brush: _Brush, box: QRect, cell: Cell) -> None:
    if cell.text:
        paint_badge(brush.painter, box.x(), _middle(box), cell.tone, cell.text, room=box.width() + Space.S, bare=True)


def _name(brush: _Brush, box: QRect, cell: Cell) -> None:
    colour: str = getattr(brush.look, _NAME_COLOUR.get(cell.tone, "text2"))
    brush.icon(box.x(), _middle(box) - Size.ICON // 2, cell.icon, colour, Size.ICON)
    words = brush.look.text2 if cell.faded else brush.look.text
    brush.words(box.adjusted(Size.ICON + Space.S, 0, 0, 0), cell.text, _type(Type.BODY), words, cut=_CUT_MIDDLE)


def _two(brush: _Brush, box: QRect, cell: Cell) -> None:
    indent, middle = 0, _middle(box)
    if cell.icon:
        brush.icon(box.x() + 2, middle - Size.ICON_TWO_LINE / 2, cell.icon, brush.look.text2, Size.ICON_TWO_LINE)
        indent = Space.XXL
    room = box.adjusted(indent, 0, 0, 0)
    first, second = _lines(room) if cell.text and cell.second else (room, room)
    brush.words(first, cell.text, _type(Type.BODY, SEMIBOLD), brush.look.text)
    brush.words(second, cell.second, _type(Type.SMALL), brush.second)


def _tags(brush: _Brush, box: QRect, cell: Cell) -> None:
    kind = _type(Type.CAPTION, MEDIUM)
    metrics = kind[1]
    x, middle = box.x(), _middle(box)
    for at, tag in enumerate(cell.tags):
        width = metrics.horizontalAdvance(tag) + 2 * _TAG_PAD - 2
        rest = f"+{len(cell.tags) - at}"
        more = metrics.horizontalAdvance(rest) + Space.XS if at < len(cell.tags) - 1 else 0
        if x + width + more > box.right() + Space.S and at:
            brush.words(QRect(x, box.y(), box.right() - x + Space.S, box.height()), rest, kind, brush.look.text2)
            return
        colour = cell.tag_colours[at] if at < len(cell.tag_colours) else ""
        _tag(brush, QRect(x, middle, min(width, box.right() + Space.S - x), 0), tag, kind, colour)
        x += width + 6


def _tag(brush: _Brush, place: QRect, text: str, kind: tuple[QFont, QFontMetrics], colour: str = "") -> None:
    """A tag has a pointed left edge, so that it is never taken for a state; one of the lab's own has its colour."""
    word, soft = colours_of(Tone.INFO, brush.look)
    edge = word
    if colour:
        word, soft, edge = brush.look.text, brush.look.surface, getattr(brush.look, colour)
    x, middle, width = place.x(), place.y(), place.width()
    painter, y, right = brush.painter, middle + 0.5, x + width - 0.5
    shape = QPainterPath()
    shape.addPolygon(
        QPolygonF(
            [
                QPointF(x + 0.5, y),
                QPointF(x + _TAG_POINT, y - _TAG_HALF),
                QPointF(right, y - _TAG_HALF),
                QPointF(right, y + _TAG_HALF),
                QPointF(x + _TAG_POINT, y + _TAG_HALF),
            ]
        )
    )
    shape.closeSubpath()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(edge), 1))
    painter.setBrush(QColor(soft))
    painter.drawPath(shape)
    if colour:
        painter.fillRect(QRect(x + _TAG_POINT, middle - _TAG_HALF + 1, _TAG_BAND, 2 * _TAG_HALF - 1), QColor(edge))
    brush.words(QRect(x + _TAG_PAD, middle - _TAG_HALF, width - _TAG_PAD, 2 * _TAG_HALF), text, kind, word)


_PAINTERS: dict[Kind, Callable[[_Brush, QRect, Cell], None]] = {
    Kind.TEXT: _text,
    Kind.STRONG: _strong,
    Kind.MUTED: _muted,
    Kind.PATH: _path,
    Kind.MONO: _mono,
    Kind.NUMBER: _number,
    Kind.TIME: _time,
    Kind.BADGE: _badge,
    Kind.MARK: _mark,
    Kind.NAME: _name,
    Kind.TAGS: _tags,
    Kind.TWO: _two,
}
