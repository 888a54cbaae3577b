"""The navigation at the left edge: one button a page, with its shortcut and perhaps a count."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton

from ui import icons, theme
from ui.page import PageSpec
from ui.theme import Size, Theme
from ui.widgets.buttons import with_shortcut
from ui.widgets.labels import label
from ui.widgets.layout import restyle, vbox

_BUTTON_PX, _SLIM_BUTTON_PX, _SLIM_PX = 58, 36, 52
_EDGE_PX, _COUNT_TOP_PX = 6, 5
_ROOM_FOR_TITLES_PX = 860


class RailButton(QToolButton):
    """One page in the rail."""

    def __init__(self, spec: PageSpec, shortcut: str) -> None:
        """Show icon and title under each other."""
        super().__init__()
        self._drawn_in: Theme | None = None
        self.setObjectName(f"rail-{spec.key}")
        self._icon, self._title = spec.icon, spec.title
        self.setText(spec.title)
        self.setAccessibleName(spec.title)
        self.setToolTip(with_shortcut(spec.title, shortcut))
        QShortcut(QKeySequence(shortcut), self).activated.connect(self.click)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(Size.ICON_NAV, Size.ICON_NAV))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(_BUTTON_PX)
        self._count = label(role="count")
        self._count.setParent(self)
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._count.hide()
        self._slim = False
        self._colour()

    def set_slim(self, slim: bool) -> None:
        """Show the icon alone; the title is the tooltip in any case."""
        self._slim = slim
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if slim else Qt.ToolButtonStyle.ToolButtonTextUnderIcon
        self.setToolButtonStyle(style)
        self.setMinimumHeight(_SLIM_BUTTON_PX if slim else _BUTTON_PX)
        self._place_count()

    def set_count(self, count: int) -> None:
        """Show how much waits there; nothing for 0."""
        self._count.setText(str(count) if count < 100 else "99+")
        self._count.setVisible(count > 0)
        self.setAccessibleName(f"{self._title}, {count}" if count else self._title)
        self._place_count()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the count at the icon."""
        super().resizeEvent(event)
        self._place_count()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange and self._drawn_in != theme.current():
            self._colour()
        super().changeEvent(event)

    def _place_count(self) -> None:
        self._count.adjustSize()
        self._count.move(self.width() // 2 + Size.ICON_NAV // 4, 1 if self._slim else _COUNT_TOP_PX)

    def _colour(self) -> None:
        look = self._drawn_in = theme.current()
        self.setIcon(icons.icon(self._icon, look.text2, Size.ICON_NAV, disabled=look.text3, checked=look.accent))


class Rail(QFrame):
    """``page_asked`` carries the key of the page."""

    page_asked = Signal(str)

    def __init__(self, specs: Sequence[PageSpec]) -> None:
        """Show the pages in order; those of the foot below a gap."""
        super().__init__()
        self.setObjectName("Rail")
        self.setAccessibleName(self.tr("Pages"))
        self._group = QButtonGroup(self)
        self._buttons: dict[str, RailButton] = {}
        column = vbox(gap=0, margins=(0, _EDGE_PX, 0, _EDGE_PX))
        head = [spec for spec in specs if not spec.at_foot]
        foot = [spec for spec in specs if spec.at_foot]
        for number, spec in enumerate([*head, *foot], 1):
            if foot and spec is foot[0]:
                column.addStretch(1)
            button = RailButton(spec, f"Alt+{number}")
            button.clicked.connect(lambda _=False, key=spec.key: self.page_asked.emit(key))
            self._group.addButton(button)
            self._buttons[spec.key] = button
            column.addWidget(button)
        if not foot:
            column.addStretch(1)
        self.setLayout(column)
        self._slim = False

    @property
    def slim(self) -> bool:
        """Whether only the icons are shown."""
        return self._slim

    def fit(self, room: QSize) -> None:
        """Show the icons alone in a window of the size ``room`` that is too narrow or too low for the titles."""
        slim = room.width() < _ROOM_FOR_TITLES_PX or room.height() < len(self._buttons) * _BUTTON_PX + 2 * _EDGE_PX
        if slim == self._slim:
            return
        self._slim = slim
        restyle(self, "slim", slim)
        for button in self._buttons.values():
            button.set_slim(slim)
            restyle(button, "slim", slim)
        self._show_width()

    def changeEvent(self, event: QEvent) -> None:
        """Take the width that the titles need in the window's own type."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._show_width()

    def _show_width(self) -> None:
        widest = max((button.sizeHint().width() for button in self._buttons.values()), default=0)
        self.setFixedWidth(_SLIM_PX if self._slim else max(Size.RAIL, widest))

    def button(self, key: str) -> RailButton:
        """The button of a page."""
        return self._buttons[key]

    def show_page(self, key: str) -> None:
        """Mark a page as the one in sight."""
        self._buttons[key].setChecked(True)

    def set_count(self, key: str, count: int) -> None:
        """Show how much waits on a page."""
        self._buttons[key].set_count(count)
