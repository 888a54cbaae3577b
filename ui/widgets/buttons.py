"""Things to press: buttons with words, buttons with an icon only, chips, and whole rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QToolButton, QWidget

from ui import icons, theme
from ui.text import plain
from ui.theme import Size, Theme

_THIN = "\u2009"
_ICON_COLOUR = {"primary": "on_accent", "danger": "bad", "quiet": "accent"}


def with_shortcut(tip: str, shortcut: str) -> str:
    """A tooltip that names the shortcut: ``Lock the key now (Ctrl+L)``."""
    if not shortcut:
        return tip
    keys = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{tip} ({keys})"


class Button(QPushButton):
    """A button with words; ``kind`` is primary (one in a view), danger, quiet or empty."""

    def __init__(
        self, text: str, *, name: str, kind: str = "", icon: str = "", tip: str = "", shortcut: str = ""
    ) -> None:
        """Make a button; ``name`` is its object name, ``icon`` one of :func:`ui.icons.names`."""
        super().__init__(_THIN + text if icon else text)
        self._drawn_in: Theme | None = None
        self.setObjectName(name)
        self.setAccessibleName(plain(text))
        self._icon, self._kind = icon, kind
        if kind:
            self.setProperty("kind", kind)
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
        if tip or shortcut:
            self.setToolTip(with_shortcut(tip or plain(text), shortcut))
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._colour()

    def set_text(self, text: str) -> None:
        """Change the words, also for a screen reader."""
        keys = self.shortcut()
        self.setText(_THIN + text if self._icon else text)
        self.setShortcut(keys)  # Qt takes it away with the words
        self.setAccessibleName(plain(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange and self._drawn_in != theme.current():
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        look = self._drawn_in = theme.current()
        if not self._icon:
            return
        colour: str = getattr(look, _ICON_COLOUR.get(self._kind, "text2"))
        self.setIcon(icons.icon(self._icon, colour, Size.ICON, disabled=look.text3))
        self.setIconSize(QSize(Size.ICON, Size.ICON))


def allow(button: Button, why_not: str) -> None:
    """Let ``button`` be pressed, or say why not."""
    button.setEnabled(not why_not)
    button.setToolTip(why_not)


class IconButton(QToolButton):
    """A button with an icon only: its name is its tooltip, with the shortcut."""

    def __init__(
        self,
        icon: str,
        tip: str,
        *,
        name: str,
        shortcut: str = "",
        size_px: int = Size.ICON,
        checkable: bool = False,
    ) -> None:
        """Make a button whose accessible name is ``tip``."""
        super().__init__()
        self._drawn_in: Theme | None = None
        self.setObjectName(name)
        self._icon, self._size_px = icon, size_px
        side = max(size_px + 12, Size.CONTROL_SMALL)
        self.setFixedSize(side, side)
        self.setIconSize(QSize(size_px, size_px))
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._shortcut = shortcut
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
        self.set_tip(tip)
        self._colour()

    def set_tip(self, tip: str) -> None:
        """Change what the button is called."""
        self.setToolTip(with_shortcut(tip, self._shortcut))
        self.setAccessibleName(tip)

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange and self._drawn_in != theme.current():
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        look = self._drawn_in = theme.current()
        self.setIcon(icons.icon(self._icon, look.text2, self._size_px, disabled=look.text3, checked=look.accent))


class Chip(QToolButton):
    """A filter that is on or off, with its count in the words."""

    def __init__(self, text: str, *, name: str, icon: str = "", on: bool = False, exclusive: bool = False) -> None:
        """Make a chip; of ``exclusive`` ones in one parent exactly one is on."""
        super().__init__()
        self._drawn_in: Theme | None = None
        self.setObjectName(name)
        self._icon = icon
        self.setProperty("chip", True)
        self.setCheckable(True)
        self.setChecked(on)
        self.setAutoExclusive(exclusive)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if icon:
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.setIconSize(QSize(Size.ICON_SMALL, Size.ICON_SMALL))
        self.set_text(text)
        self._colour()

    def set_text(self, text: str) -> None:
        """Change the words, such as a count."""
        self.setText(_THIN + text if self._icon else text)
        self.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange and self._drawn_in != theme.current():
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        look = self._drawn_in = theme.current()
        if self._icon:
            self.setIcon(icons.icon(self._icon, look.text2, Size.ICON_SMALL, checked=look.accent))


class RowButton(QAbstractButton):
    """A whole row to press: its content is a layout of labels; ground and focus are drawn here.

    ``ground`` and ``edge`` are token names of the resting look; empty ones draw nothing.
    """

    def __init__(self, *, name: str, tip: str = "", shortcut: str = "", ground: str = "", edge: str = "") -> None:
        """Make an empty row; set a layout and call :meth:`adopt`."""
        super().__init__()
        self.setObjectName(name)
        self._ground, self._edge = ground, edge
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
        if tip:
            self.setToolTip(with_shortcut(tip, shortcut))

    def adopt(self) -> None:
        """Let presses on the content reach the row; call once the layout is set."""
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            child.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        """The size of the content."""
        box = self.layout()
        return box.sizeHint() if box else QSize(Size.CONTROL, Size.CONTROL)

    def minimumSizeHint(self) -> QSize:
        """The least size of the content."""
        box = self.layout()
        return box.minimumSize() if box else QSize(Size.CONTROL, Size.CONTROL)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the row can be pressed."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Rest again."""
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, and the focus as a ring of 2 px."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "hover" if self.underMouse() and self.isEnabled() else self._ground
        if self.isChecked():
            ground = "selection"
        ring = self.hasFocus()
        width = Size.FOCUS if ring else 1
        edge = "focus" if ring else self._edge
        painter.setBrush(QColor(getattr(look, ground)) if ground else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(getattr(look, edge)), width) if edge else Qt.PenStyle.NoPen)
        inset = width / 2
        painter.drawRoundedRect(self.rect().toRectF().adjusted(inset, inset, -inset, -inset), Size.RADIUS, Size.RADIUS)
