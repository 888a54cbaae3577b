"""The right side of the page: one exhibit with its tabs, and the acts that are open in its state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QMenu, QStackedWidget, QTabBar

from forensics_app.model.exhibit import AT_HAND, ExhibitType
from forensics_app.model.person import Person, Role
from ui.custody.step import in_order
from ui.custody.words import step_icon, step_words
from ui.exhibits.facts_tab import FactsTab
from ui.exhibits.history_tab import HistoryTab
from ui.exhibits.images_tab import ImagesTab
from ui.exhibits.notes_tab import NotesTab
from ui.exhibits.photos_tab import PhotosTab
from ui.exhibits.reading import ExhibitDetail
from ui.exhibits.words import state_badge
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, scrolled, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.wrap_layout import WrapLayout

WIDTH_PX = 360
HANDLERS = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER})
WRITERS = HANDLERS | {Role.SUPERVISOR}


class DetailsPane(QFrame):
    """Shows an :class:`ExhibitDetail`; its signals ask for acts upon the exhibit shown."""

    custody_asked = Signal()
    step_asked = Signal(object)
    intake_asked = Signal()
    acquire_asked = Signal()
    correct_asked = Signal()
    tell_asked = Signal()
    photo_asked = Signal()
    derive_asked = Signal()

    def __init__(self) -> None:
        """Start without an exhibit."""
        super().__init__()
        self.setObjectName("exhibitDetails")
        self.setAccessibleName(self.tr("Exhibit"))
        self.setProperty("pane", True)
        self.setMinimumWidth(WIDTH_PX - Space.XXL)
        self.facts, self.photos, self.images, self.history = FactsTab(), PhotosTab(), ImagesTab(), HistoryTab()
        self.notes = NotesTab()
        self._number = label(role="title", name="detailNumber", wrap=True, select=True)
        self._state = Badge(Tone.NONE, "", name="detailState")
        self._what = label(role="muted", wrap=True, name="detailDescription")
        self._acts = WrapLayout(gap=Space.S)
        self._more: list[QAction] = []
        self._told: tuple[object, ...] = ()
        self._to_fill: dict[int, Callable[[], None]] = {}
        self._lay_out()
        for signal in (self.facts.intake_asked, self.images.intake_asked):
            signal.connect(self.intake_asked)
        self.images.acquire_asked.connect(self.acquire_asked)
        self.facts.correct_asked.connect(self.correct_asked)
        self.facts.tell_asked.connect(self.tell_asked)
        self.photos.add_asked.connect(self.photo_asked)
        self.history.custody_asked.connect(self.custody_asked)

    def show_nothing(self) -> None:
        """Say that no exhibit is chosen."""
        self._nothing.set_sentence(self.tr("No exhibit is chosen. Choose one in the list."))
        self._shown.setCurrentIndex(0)

    def show_reading(self, number: str) -> None:
        """Say in the place of what is not there yet that an exhibit is being read."""
        self._nothing.set_sentence(self.tr("{number} is being read.").format(number=number))

    def show_tab(self, at: int) -> None:
        """Show one of the tabs: details, photos, images, history, notes."""
        self._tabs.setCurrentIndex(at)

    def show_detail(self, detail: ExhibitDetail, zone: ZoneInfo, person: Person | None) -> None:
        """Show an exhibit as ``person`` may deal with it."""
        exhibit, roles = detail.exhibit, person.roles if person else frozenset()
        may_act, may_examine = bool(HANDLERS & roles), Role.EXAMINER in roles
        self._number.setText(exhibit.number)
        self._state.show_state(*state_badge(exhibit, datetime.now(UTC)))
        self._what.setText(exhibit.description)
        if (detail, zone, roles) == self._told:
            self._shown.setCurrentIndex(1)
            return
        self._told = detail, zone, roles
        self._to_fill = {
            0: lambda: self.facts.show_detail(detail, zone, may_act=may_act),
            1: lambda: self.photos.show_photos(exhibit, detail.photos, may_act=may_act),
            2: lambda: self.images.show_detail(detail, zone, may_act=may_act, may_examine=may_examine),
            3: lambda: self.history.show_detail(detail, zone),
            4: lambda: self.notes.show_notes(detail.notes, zone, may_write=bool(WRITERS & roles)),
        }
        self._fill(self._tabs.currentIndex())
        for at, (words, count) in enumerate((
            (self.tr("Details"), None),
            (self.tr("Photos"), len(detail.photos)),
            (self.tr("Images"), len(detail.line.images)),
            (self.tr("History"), len(detail.events)),
            (self.tr("Notes"), len(detail.notes)),
        )):  # fmt: skip
            self._tabs.setTabText(at, words if count is None else f"{words} {count}")
        self._show_acts(detail, may_act=may_act)
        self._shown.setCurrentIndex(1)

    def _fill(self, at: int) -> None:
        """Fill the tab in sight; the others wait until they are looked at."""
        fill = self._to_fill.pop(at, None)
        if fill:
            fill()

    def _lay_out(self) -> None:
        self._tabs = QTabBar()
        self._tabs.setObjectName("exhibitTabs")
        self._tabs.setAccessibleName(self.tr("Parts of the exhibit"))
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._tabs.setUsesScrollButtons(True)
        self._stack = QStackedWidget()
        for tab in (self.facts, self.photos, self.images, self.history, self.notes):
            self._tabs.addTab("")
            self._stack.addWidget(scrolled(tab, name=f"{tab.objectName()}Scroll"))
        self._tabs.currentChanged.connect(self._fill)
        self._tabs.currentChanged.connect(self._stack.setCurrentIndex)
        margins = (Space.L, Space.M, Space.L, Space.S)
        top = hbox((self._number, 1), self._state)
        top.setAlignment(self._state, Qt.AlignmentFlag.AlignTop)
        head = vbox(top, self._what, gap=Space.XXS, margins=margins)
        tabs = hbox((self._tabs, 1), margins=(Space.XS, 0, Space.XS, 0))
        self._more_button = IconButton("more", self.tr("More acts"), name="moreActs")
        self._more_button.clicked.connect(self._open_more)
        foot = hbox((plain(self._acts), 1), self._more_button, margins=(Space.L, Space.S + 2, Space.M, Space.S + 2))
        foot.setAlignment(self._more_button, Qt.AlignmentFlag.AlignTop)
        whole = plain(vbox(head, tabs, line(), (self._stack, 1), line(), foot, gap=0))
        self._nothing = EmptyState("exhibit", "", name="nothingChosen")
        self._shown = QStackedWidget()
        self._shown.addWidget(self._nothing)
        self._shown.addWidget(whole)
        self.show_nothing()
        self.setLayout(vbox(self._shown, gap=0))

    def _show_acts(self, detail: ExhibitDetail, *, may_act: bool) -> None:
        while (item := self._acts.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        steps = in_order(detail.steps)
        for at, step in enumerate(steps[:2]):
            words = self.tr("{act}…").format(act=step_words(step.event))
            button = Button(
                words, name=f"step-{step.event}", kind="" if at else "primary", icon=step_icon(step.event),
                tip=self.tr("Opens on the Custody page"),
            )  # fmt: skip
            button.clicked.connect(lambda _=False, event=step.event: self.step_asked.emit(event))
            self._acts.addWidget(button)
        self._more = self._more_acts(detail, may_act=may_act)
        self._more_button.setEnabled(bool(self._more))

    def _more_acts(self, detail: ExhibitDetail, *, may_act: bool) -> list[QAction]:
        steps = in_order(detail.steps)
        acts: list[tuple[str, Callable[[], None]]] = []
        if may_act and detail.exhibit.type is not ExhibitType.IMAGE:
            acts = [
                (self.tr("Acquire…"), self.acquire_asked.emit),
                (self.tr("Take in image…"), self.intake_asked.emit),
                (self.tr("Correct…"), self.correct_asked.emit),
                (self.tr("Add photograph…"), self.photo_asked.emit),
            ]
        if may_act and detail.exhibit.type is ExhibitType.IMAGE:
            acts.append((self.tr("Register an export of it…"), self.derive_asked.emit))
        elif may_act and detail.exhibit.state in AT_HAND:
            acts.append((self.tr("Take a part out…"), self.derive_asked.emit))
        acts += [
            (self.tr("{act}…").format(act=step_words(step.event)), partial(self.step_asked.emit, step.event))
            for step in steps[2:]
        ]
        made = []
        for words, act in acts:
            action = QAction(words, self)
            action.triggered.connect(lambda _=False, act=act: act())
            made.append(action)
        return made

    @property
    def more_acts(self) -> tuple[QAction, ...]:
        """What the button at the foot offers beside the steps."""
        return tuple(self._more)

    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.addActions(self._more)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more_button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
