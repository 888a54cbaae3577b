"""Words and icons that are only looked at."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui import icons, theme
from ui.theme import Size
from ui.widgets.layout import restyle
from ui.widgets.wrapped_text import WrappedText

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


def label(
    text: str = "", role: str = "", *, wrap: bool = False, select: bool = False, tone: str = "", name: str = ""
) -> QLabel:
    """Plain text in one of the stylesheet's roles (title, section, label, caption, mono, strong ...).

    Text that wraps and can be selected, such as a name or a path, wraps inside words, too.
    """
    made = WrappedText(text) if wrap and select else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if tone:
        made.setProperty("tone", tone)
    if name:
        made.setObjectName(name)
    if wrap:
        made.setWordWrap(True)
        made.setMinimumWidth(1)
    if select and not wrap:
        made.setTextInteractionFlags(_SELECTABLE)
        made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return made


def set_tone(target: QLabel, tone: str) -> None:
    """Recolour a label with one of the states' words: ok, warn, bad, accent, or none for an empty one."""
    restyle(target, "tone", tone)


class CutLabel(QLabel):
    """One line that is cut with an ellipsis where room is short, with the whole text as its tooltip."""

    def __init__(
        self, text: str = "", role: str = "", *, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, name: str = ""
    ) -> None:
        """Show one line of plain text."""
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        if name:
            self.setObjectName(name)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Room for an ellipsis at least."""
        return QSize(self.fontMetrics().horizontalAdvance("…" * 3), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        fitting = self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width() + 1)
        cut = fitting != self.text()
        if cut != bool(self.toolTip()):
            self.setToolTip(self.text() if cut else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), fitting)


class IconLabel(QWidget):
    """An icon in one of the theme's colours; ``colour`` is the token's name."""

    def __init__(self, icon: str, colour: str = "text2", size_px: int = Size.ICON) -> None:
        """Show an icon of ``size_px`` square."""
        super().__init__()
        self._icon, self._colour, self._size_px = icon, colour, size_px
        self.setFixedSize(size_px, size_px)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def icon(self) -> str:
        """The name of the icon shown."""
        return self._icon

    def set_icon(self, icon: str, colour: str) -> None:
        """Show another icon or colour."""
        self._icon, self._colour = icon, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon in the theme's colour."""
        colour: str = getattr(theme.current(), self._colour)
        QPainter(self).drawPixmap(0, 0, icons.pixmap(self._icon, colour, self._size_px, self.devicePixelRatioF()))
