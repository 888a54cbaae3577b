"""A picture of the colour of its ground is told from no picture."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from ui import theme
from ui.examine.tile_delegate import TileDelegate


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
