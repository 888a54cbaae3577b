"""An action whose icon follows the theme, for use inside input boxes and menus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ui import icons, theme
from ui.theme import Theme


class IconAction(QAction):
    """An action drawn with one of our icons in a token's colour."""

    def __init__(self, icon: str, parent: QWidget, text: str = "", *, colour: str = "text3") -> None:
        """Belong to ``parent``, whose theme the icon follows."""
        super().__init__(parent)
        self._drawn_in: Theme | None = None
        self.setText(text)
        self._icon, self._colour = icon, colour
        parent.installEventFilter(self)
        self._draw()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the theme of the widget that shows the action."""
        if event.type() == QEvent.Type.PaletteChange and self._drawn_in != theme.current():
            self._draw()
        return False

    def _draw(self) -> None:
        self._drawn_in = theme.current()
        self.setIcon(icons.icon(self._icon, getattr(self._drawn_in, self._colour)))
