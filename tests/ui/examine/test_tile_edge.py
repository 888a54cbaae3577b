"""A picture of the colour of its ground is told from no picture."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from pytestqt.qtbot import QtBot

from ui import theme
from ui.examine.picture_view import PictureView
from ui.examine.tile_delegate import TileDelegate
from ui.theme import Type, ui_font


def test_a_white_picture_has_an_edge_and_is_whole_within_it(qtbot: QtBot) -> None:
    class White:
        picture = QImage(40, 30, QImage.Format.Format_RGB32)
        is_blurred = False
        caption = ""

    White.picture.fill(QColor("white"))
    ground = QImage(100, 100, QImage.Format.Format_RGB32)
    ground.fill(QColor("white"))
    delegate = TileDelegate.__new__(TileDelegate)
    painter = QPainter(ground)
    delegate._picture(painter, QRect(0, 0, 100, 100), cast(Any, None), cast(Any, White))
    painter.end()
    edge = QColor(theme.current().border_strong).rgb()
    drawn = [(x, y) for x in range(100) for y in range(100) if ground.pixel(x, y) == edge]
    left, right = min(x for x, _ in drawn), max(x for x, _ in drawn)
    top, bottom = min(y for _, y in drawn), max(y for _, y in drawn)
    inside = {ground.pixel(x, y) for x in range(left + 1, right) for y in range(top + 1, bottom)}
    assert inside == {QColor("white").rgb()}
    assert (right - left - 1) / (bottom - top - 1) == 40 / 30


def test_a_white_picture_in_the_preview_has_an_edge_in_a_room_as_large_as_it(qtbot: QtBot) -> None:
    view, picture = PictureView(), QImage(400, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    qtbot.addWidget(view)
    view.show_image(picture)
    edge = QColor(theme.current().border_strong).rgb()
    view.show()
    for width, height in ((400, 300), (200, 600), (700, 500)):
        view.resize(width, height)
        drawn = view.viewport().grab().toImage()
        seen = view.size_in(view.size())
        left, top = (width - seen.width()) // 2, (height - seen.height()) // 2
        along = {drawn.pixel(QPoint(x, height // 2)) for x in range(max(0, left - 2), left + 1)}
        down = {drawn.pixel(QPoint(width // 2, y)) for y in range(max(0, top - 2), top + 1)}
        assert edge in along & down, (width, height)


def test_why_there_is_no_picture_is_said_whole_on_its_tile(qtbot: QtBot) -> None:
    class Nothing:
        picture = QImage()
        is_blurred = False
        why = "The picture cannot be shown: it is of no format that this version decodes, or its beginning is damaged."

    class Named:
        mime, kind, allocated, parent_id, name = "image/jpeg", "file", True, 1, "none.jpg"

    ground, room = QImage(160, 300, QImage.Format.Format_RGB32), QRect(0, 0, 160, 126)
    ground.fill(QColor("white"))
    painter = QPainter(ground)
    TileDelegate.__new__(TileDelegate)._picture(painter, room, cast(Any, Named), cast(Any, Nothing))
    painter.end()
    metrics = QFontMetrics(ui_font(Type.CAPTION))
    needed = metrics.boundingRect(QRect(0, 0, 160, 1000), Qt.TextFlag.TextWordWrap, Nothing.why).height()
    white = QColor("white").rgb()
    inked = [y for y in range(300) if any(ground.pixel(x, y) != white for x in range(160))]
    assert needed >= 3 * metrics.height()
    assert needed <= max(inked) - min(inked) < room.bottom()
