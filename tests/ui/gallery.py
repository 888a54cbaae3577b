"""Draws every part, frame and page into PNG files, to be looked at.

    python -m tests.ui.gallery FOLDER [dark|light] [check] [NAME ...]

Each picture is drawn in both themes at 1280 x 800 and 1920 x 1080. Data are invented. With ``check`` the program
ends with status 1 when a text is cut off.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from tests.ui import gallery_frame, gallery_parts, gallery_viewers, room
from ui.theme import dress, fonts, style
from ui.theme.tokens import DARK, LIGHT

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
SIZES = (QSize(1280, 800), QSize(1920, 1080))
PICTURES: dict[str, Callable[[], QWidget]] = {
    **gallery_parts.PICTURES,
    **gallery_viewers.PICTURES,
    **gallery_frame.PICTURES,
}


def draw(widget: QWidget, size: QSize, target: Path) -> None:
    """Save a widget as it is shown in a window of this size, with a dialog over it if one is open."""
    dress(widget)
    widget.resize(size)
    widget.show()
    app = QApplication.instance()
    assert app is not None
    for _ in range(4):
        app.processEvents()
    picture = widget.grab()
    for dialog in widget.findChildren(QDialog):
        if dialog.isVisible():
            painter = QPainter(picture)
            painter.drawPixmap(dialog.pos() - widget.pos(), dialog.grab())
            painter.end()
    picture.save(str(target))


def main(arguments: list[str]) -> int:
    cut: list[str] = []
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    themes = [name for name in arguments[1:] if name in THEMES] or list(THEMES)
    names = [name for name in arguments[1:] if name in PICTURES] or list(PICTURES)
    app = QApplication([])
    fonts.load_fonts()
    with tempfile.TemporaryDirectory() as marks:
        for theme in themes:
            style.apply(app, THEMES[theme], Path(marks))
            for name in names:
                for size in SIZES:
                    widget = PICTURES[name]()
                    draw(widget, size, folder / f"{name}-{theme}-{size.width()}.png")
                    cut += [f"{name}: {text}" for text in room.cut_texts(widget)]
                    widget.close()
                    widget.deleteLater()
    if "check" in arguments and cut:
        sys.stdout.write("\n".join([*cut, ""]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
