"""Draws the tiles of the gallery: the picture, the name under it, tags, and why a picture is blurred or missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui import icons, theme
from ui.examine.words import SEPARATOR, entry_icon, state_cell, visible
from ui.models.cells import RecordRole
from ui.theme import Size, Space, Type, ui_font

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.tag import Tag
    from ui.examine.thumbnail_store import Tile

TILE = QSize(176, 176)
_WORDS_PX = 34
_BAND_PX = 4
_FLAT = 24
"""A blurred picture is scaled up from fewer pixels than this, so that nothing of it can be made out."""


class TileDelegate(QStyledItemDelegate):
    """Asks for each tile's picture and tags when it is drawn."""

    def __init__(
        self, tile: Callable[[int], Tile | None], tags: Callable[[int], tuple[Tag, ...]], parent: QObject
    ) -> None:
        """Draw what ``tile`` and ``tags`` give for an entry."""
        super().__init__(parent)
        self._tile, self._tags = tile, tags

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All tiles are as large."""
        return TILE

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one tile."""
        entry: CatalogueEntry | None = index.data(RecordRole)
        look, state = theme.current(), option.state
        box: QRect = option.rect.adjusted(Space.XS, Space.XS, -Space.XS, -Space.XS)
        painter.save()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if index.flags() != Qt.ItemFlag.NoItemFlags:
            painter.fillRect(box, QColor(look.selection if chosen else look.sunken))
        if entry is not None:
            room = box.adjusted(Space.S, Space.S, -Space.S, -_WORDS_PX)
            tile = self._tile(entry.id)
            self._picture(painter, room, entry, tile)
            self._words(painter, box, entry, tile)
            self._bands(painter, box, self._tags(entry.id))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(look.focus), Size.FOCUS))
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.restore()

    def _picture(self, painter: QPainter, room: QRect, entry: CatalogueEntry, tile: Tile | None) -> None:
        look, ratio = theme.current(), painter.device().devicePixelRatioF()
        if tile is None or tile.picture.isNull():
            name = "lock" if tile and tile.is_blurred else entry_icon(entry)
            side = Size.ICON_NAV
            at = room.center()
            drawn = icons.pixmap(name, look.text3, side, ratio)
            why = visible(tile.why) if tile else ""
            top = room.top() + Space.XS if why else at.y() - side // 2
            painter.drawPixmap(at.x() - side // 2, top, drawn)
            self._why(painter, room.adjusted(0, side + 2 * Space.XS, 0, 0), why)
            return
        picture = tile.picture
        if tile.is_blurred and max(picture.width(), picture.height()) > _FLAT:
            picture = picture.scaled(_FLAT // 3, _FLAT // 3, Qt.AspectRatioMode.KeepAspectRatio)
        size = picture.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        if not tile.is_blurred and size.width() > picture.width() / ratio:
            size = picture.size()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(room.center())
        painter.drawImage(target, picture)
        painter.setPen(QColor(look.border_strong))
        painter.drawRect(target.adjusted(-1, -1, 0, 0))  # around it: a white picture is seen, and none of it is covered
        if tile.caption:
            self._badge(painter, target, ratio)
        if tile.is_blurred:
            painter.drawPixmap(target.topLeft(), icons.pixmap("eye-off", look.text, Size.ICON, ratio))

    def _why(self, painter: QPainter, room: QRect, why: str) -> None:
        """Why there is no picture, whole, in as many lines as it needs."""
        painter.setFont(ui_font(Type.CAPTION))
        painter.setPen(QColor(theme.current().text3))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap), why)

    def _badge(self, painter: QPainter, target: QRect, ratio: float) -> None:
        """What tells a still of a video from a picture."""
        look, side = theme.current(), Size.ICON + 2 * Space.XXS
        place = QRect(target.left(), target.bottom() - side + 1, side, side)
        painter.fillRect(place, QColor(look.surface))
        painter.drawPixmap(
            place.topLeft() + QPoint(Space.XXS, Space.XXS), icons.pixmap("play", look.text, Size.ICON, ratio)
        )

    def _words(self, painter: QPainter, box: QRect, entry: CatalogueEntry, tile: Tile | None) -> None:
        look = theme.current()
        is_without = tile is not None and tile.picture.isNull()  # why, stands in the place of the picture
        said = "" if is_without else "…" if tile is None else tile.why or tile.caption
        said = SEPARATOR.join(part for part in (state_cell(entry).text, said) if part)
        lines = ((visible(entry.name), look.text if entry.allocated else look.text2), (visible(said), look.text3))
        painter.setFont(ui_font(Type.CAPTION))
        metrics = painter.fontMetrics()
        for at, (words, colour) in enumerate(lines):
            line = QRect(box.x() + Space.S, box.bottom() - _WORDS_PX + 2 + at * 15, box.width() - 2 * Space.S, 15)
            cut = Qt.TextElideMode.ElideRight if at else Qt.TextElideMode.ElideMiddle
            if not at and not entry.allocated:
                line.setLeft(self._sign(painter, line, entry_icon(entry)))
            painter.setPen(QColor(colour))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), metrics.elidedText(words, cut, line.width()))

    def _sign(self, painter: QPainter, line: QRect, icon: str) -> int:
        """The icon that the table has before such a name; returns where the name begins."""
        side, ratio = Size.ICON_SMALL, painter.device().devicePixelRatioF()
        top = line.center().y() - side // 2
        painter.drawPixmap(line.x(), top, icons.pixmap(icon, theme.current().text2, side, ratio))
        return line.x() + side + Space.XS

    def _bands(self, painter: QPainter, box: QRect, tags: tuple[Tag, ...]) -> None:
        """A band in the colour of each tag with its first letter, so that it does not speak by colour alone."""
        look = theme.current()
        painter.setFont(ui_font(Type.CAPTION))
        for at, tag in enumerate(tags[:6]):
            place = QRect(box.right() - 20, box.y() + 4 + at * 18, 18, 16)
            painter.fillRect(place, QColor(look.surface))
            band = QRect(place.x(), place.y(), _BAND_PX, place.height())
            painter.fillRect(band, QColor(getattr(look, f"tag_{tag.colour.value}")))
            painter.setPen(QColor(look.text))
            painter.drawText(place.adjusted(_BAND_PX, 0, 0, 0), int(Qt.AlignmentFlag.AlignCenter), tag.name[:1].upper())
