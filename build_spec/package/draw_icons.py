"""Draws the program's icon: ``draw_icons.py SVG FOLDER SIZE...``, to FOLDER/SIZE.png, and as .ico and .icns."""

import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer


def main() -> int:
    """Draw them; the status is 1 when one could not be written."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    application = QGuiApplication([sys.argv[0], "-platform", "offscreen"])
    renderer = QSvgRenderer(str(source))
    folder.mkdir(parents=True, exist_ok=True)
    saved = True
    for size_px in map(int, sys.argv[3:]):
        image = QImage(QSize(size_px, size_px), QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        saved = image.save(str(folder / f"{size_px}.png")) and saved
    del application
    with Image.open(folder / f"{max(map(int, sys.argv[3:]))}.png") as largest:
        largest.save(folder / "forensics-app.ico")
        largest.save(folder / "forensics-app.icns")
    return 0 if saved and renderer.isValid() else 1


if __name__ == "__main__":
    sys.exit(main())
