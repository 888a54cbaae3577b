"""Viewers behind tabs; several tabs may show the same viewer in different ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QTabBar, QWidget

from ui.theme import Size, Space
from ui.widgets.buttons import IconButton
from ui.widgets.layout import hbox, line, vbox

_SCROLLS_FROM = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A tab: its key and words, the viewer under it, and what stands at the right end of the row of tabs."""

    key: str
    words: str
    viewer: QWidget
    tools: QWidget | None = None


class TabGroup(QFrame):
    """A row of tabs over their viewers.

    ``shown`` carries the key of the tab that was chosen; ``enlarge_asked`` wants all the room, or to give it back.
    """

    shown = Signal(str)
    enlarge_asked = Signal()

    def __init__(self, *, name: str, title: str, may_be_large: bool = False) -> None:
        """Start without a tab; one that ``may_be_large`` has a button for it."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("pane", True)
        self._tabs: tuple[Tab, ...] = ()
        self._bar = QTabBar()
        self._bar.setObjectName(f"{name}Tabs")
        self._bar.setAccessibleName(title)
        self._bar.setExpanding(False)
        self._bar.setDrawBase(False)
        self._bar.setElideMode(Qt.TextElideMode.ElideNone)
        self._bar.currentChanged.connect(self._on_tab)
        self._stack = QStackedWidget()
        self._tools = QStackedWidget()
        self._no_tools = QWidget()
        self._tools.addWidget(self._no_tools)
        self._tools.setFixedHeight(Space.XXL - 2)
        self._tools.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._enlarge = IconButton("enlarge", "", name=f"{name}Enlarge", size_px=Size.ICON_SMALL)
        if not may_be_large:
            self._enlarge.hide()
        self._enlarge.clicked.connect(self.enlarge_asked)
        self.show_large(False)
        row = hbox((self._bar, 0), (self._tools, 1), self._enlarge, gap=Space.XXS, margins=(Space.XS, 0, Space.XS, 0))
        self.setLayout(vbox(row, line(), (self._stack, 1), gap=0))

    def set_tabs(self, tabs: Sequence[Tab], current: str = "") -> None:
        """Take these tabs over, from another group if need be; show the one with the key ``current``."""
        self._bar.blockSignals(True)
        while self._bar.count():
            self._bar.removeTab(0)
        self._tabs = tuple(tabs)
        self._bar.setUsesScrollButtons(len(self._tabs) > _SCROLLS_FROM)
        for tab in self._tabs:
            self._bar.addTab(tab.words)
            if self._stack.indexOf(tab.viewer) < 0:
                self._stack.addWidget(tab.viewer)
            if tab.tools and self._tools.indexOf(tab.tools) < 0:
                self._tools.addWidget(tab.tools)
        self._bar.blockSignals(False)
        if self.parentWidget() is not None or not self._tabs:  # shown without a parent it would be a window
            self.setVisible(bool(self._tabs))
        if self._tabs:
            keys = [tab.key for tab in self._tabs]
            self._bar.setCurrentIndex(keys.index(current) if current in keys else 0)
            self._on_tab(self._bar.currentIndex())

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its tabs."""
        return tuple(tab.key for tab in self._tabs)

    def show_large(self, is_large: bool) -> None:
        """Say what the button at the end does now."""
        words = (
            self.tr("Back beside the list (Ctrl+Shift+M)") if is_large else self.tr("Enlarge this pane (Ctrl+Shift+M)")
        )
        self._enlarge.set_icon("shrink" if is_large else "enlarge")
        self._enlarge.set_tip(words)

    def take_focus(self) -> None:
        """Let the keyboard be in the row of tabs."""
        self._bar.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def current(self) -> str:
        """The key of the tab in sight."""
        at = self._bar.currentIndex()
        return self._tabs[at].key if 0 <= at < len(self._tabs) else ""

    def show_tab(self, key: str) -> bool:
        """Bring a tab into sight; tell whether it is one of this group's."""
        for at, tab in enumerate(self._tabs):
            if tab.key == key:
                self._bar.setCurrentIndex(at)
                return True
        return False

    def set_enabled(self, key: str, on: bool, why_not: str = "") -> None:
        """Let a tab be chosen or not; ``why_not`` is its tooltip then."""
        for at, tab in enumerate(self._tabs):
            if tab.key == key:
                self._bar.setTabEnabled(at, on)
                self._bar.setTabToolTip(at, "" if on else why_not)

    def when_shown(self, call: Callable[[str], None]) -> None:
        """Call ``call`` with the key of each tab that is chosen."""
        self.shown.connect(call)

    def _on_tab(self, at: int) -> None:
        if not 0 <= at < len(self._tabs):
            return
        tab = self._tabs[at]
        self._stack.setCurrentWidget(tab.viewer)
        self._tools.setCurrentWidget(tab.tools or self._no_tools)
        self.shown.emit(tab.key)
