"""The two bundled families, with tabular figures and without ligatures."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

import resources
from ui.theme.tokens import FALLBACK, FAMILY, MONO, Type

Weight = QFont.Weight
REGULAR, MEDIUM, SEMIBOLD = Weight.Normal, Weight.Medium, Weight.DemiBold
_GEORGIAN_BOLD = "NotoSansGeorgian-Bold.ttf"


class FontsMissingError(RuntimeError):
    """The program's own font files cannot be loaded: the installation is not whole."""

    def __init__(self, files: tuple[str, ...]) -> None:
        """Keep the names of the files."""
        super().__init__(f"These font files of the program cannot be loaded: {', '.join(files)}.")
        self.files = files


def load_fonts() -> None:
    """Make the bundled fonts known to Qt; call once after the QApplication exists.

    Raises:
        FontsMissingError: A font file is missing or damaged.
    """
    files = [*sorted(resources.path("fonts/ui").glob("*.?tf")), resources.path(f"fonts/pdf/{_GEORGIAN_BOLD}")]
    refused = tuple(file.name for file in files if QFontDatabase.addApplicationFont(str(file)) < 0)
    if refused or len(files) == 1:
        raise FontsMissingError(refused or ("fonts/ui",))


def ui_font(size_px: int = Type.BODY, weight: QFont.Weight = REGULAR) -> QFont:
    """Inter with figures of one width, so that columns of numbers line up.

    Its contextual alternates are off: they would show the file ``640x480.jpg`` with a multiplication sign and ``a->b``
    with an arrow, and a name in evidence is to be read as it is.
    """
    font = QFont([FAMILY, FALLBACK])
    font.setPixelSize(size_px)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def mono_font(size_px: int = Type.SMALL) -> QFont:
    """JetBrains Mono with ligatures off: bytes and digests show as they are."""
    font = QFont([MONO, FALLBACK])
    font.setPixelSize(size_px)
    font.setFeature(QFont.Tag("calt"), 0)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    return font
