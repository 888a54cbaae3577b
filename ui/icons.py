"""Stroke icons, 24 x 24, each recoloured from its one source in ``resources/icons``."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

import resources

_SMALL_PX = 16
_STROKE_SMALL, _STROKE = 1.9, 1.7
_LATER_RATIO = 2.0
"""Drawn beside those of the screens there are, for one that is plugged in later."""


def names() -> tuple[str, ...]:
    """The name of every icon there is."""
    return tuple(sorted(file.stem for file in resources.path("icons").glob("*.svg")))


def svg(name: str, colour: str, stroke: float) -> str:
    """The drawing ``name`` in ``colour`` (``#RRGGBB``) with lines ``stroke`` wide on the 24 x 24 grid.

    Raises:
        FileNotFoundError: There is no such icon.
    """
    return _source(name).replace("currentColor", colour).replace('stroke-width="1.75"', f'stroke-width="{stroke}"')


def pixmap(name: str, colour: str, size_px: int = _SMALL_PX, ratio: float = 1.0) -> QPixmap:
    """The icon as a square of ``size_px`` device-independent pixels for a screen of ``ratio`` pixels each."""
    key = f"icon:{name}:{colour}:{size_px}:{ratio}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    stroke = _STROKE_SMALL if size_px <= _SMALL_PX else _STROKE
    side = round(size_px * ratio)
    drawn = QPixmap(QSize(side, side))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg(name, colour, stroke).encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, drawn)
    return drawn


def icon(name: str, colour: str, size_px: int = _SMALL_PX, *, disabled: str = "", checked: str = "") -> QIcon:
    """The icon for a button, with other colours while it is disabled or checked where given."""
    ratios = frozenset({_LATER_RATIO, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())})
    return _icon(name, colour, size_px, disabled, checked, ratios)


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, size_px: int, disabled: str, checked: str, ratios: frozenset[float]) -> QIcon:
    made = QIcon()
    for ratio in ratios:
        made.addPixmap(pixmap(name, colour, size_px, ratio))
        made.addPixmap(pixmap(name, colour, size_px, ratio), QIcon.Mode.Selected)
        if disabled:
            made.addPixmap(pixmap(name, disabled, size_px, ratio), QIcon.Mode.Disabled)
        if checked:
            made.addPixmap(pixmap(name, checked, size_px, ratio), QIcon.Mode.Normal, QIcon.State.On)
    return made


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")
