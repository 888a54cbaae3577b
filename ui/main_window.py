"""The window: rail, top bar, pages and job tray; or, before somebody is signed in, the pages of the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QStackedWidget, QWidget

from ui.errors import CrashSheet, ErrorSheet, show_error
from ui.frame.follow_focus import FollowFocus
from ui.frame.help_sheet import HelpSheet
from ui.frame.rail import Rail
from ui.frame.top_bar import TopBar
from ui.job_tray import JobPanel, JobTray
from ui.jobs import Job, JobRunner
from ui.page import Page, PageContext, PageSpec, Shortcut
from ui.session import Session
from ui.theme import dress
from ui.widgets.later import Later
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.reading_order import ReadingOrder
from ui.widgets.sheet import ConfirmSheet

if TYPE_CHECKING:
    from ui.frame.guide_window import GuideWindow

_LEAST_PX = QSize(560, 320)
_TAB_FOCUS = Qt.FocusPolicy.TabFocus.value
Begun: TypeAlias = Page | Iterator[Page | None]
_PIECE_MS = 100
"""So long the window rests between two pieces of work that nobody waits for."""


class MainWindow(QMainWindow):
    """Shows either a page of the start or the pages of the work.

    ``closing`` is sent once when the window goes: jobs first, then windows, then the database.
    """

    closing = Signal()
    page_made = Signal()
    page_shown = Signal(str)

    def __init__(
        self, specs: Sequence[PageSpec], session: Session, jobs: JobRunner, *, layouts: QSettings | None = None
    ) -> None:
        """Build the frame; a page is made when it is first shown. Lists keep how they look in ``layouts``."""
        super().__init__()
        self.layouts = layouts
        self.setObjectName("mainWindow")
        self.setWindowTitle("Forensics")
        self.session, self.jobs = session, jobs
        self._specs = {spec.key: spec for spec in specs}
        self._pages: dict[str, Page] = {}
        self._ahead: dict[str, Begun] = {}
        self._pieces = QTimer(self)
        self._pieces.setInterval(_PIECE_MS)
        self._pieces.timeout.connect(self._make_piece)
        self._current = ""
        self._may_close = False
        self.rail = Rail(specs)
        self.top_bar = TopBar()
        self.panel = JobPanel(jobs)
        self.tray = JobTray(jobs, self.panel)
        self._stack = QStackedWidget()
        self._stack.setObjectName("pages")
        work = plain(vbox(self.top_bar, (self._stack, 1), self.panel, self.tray, gap=0))
        self._work = plain(hbox(self.rail, (work, 1), gap=0))
        self._root = QStackedWidget()
        self._root.addWidget(self._work)
        self._start: QWidget | None = None
        self._guide: GuideWindow | None = None
        self.setCentralWidget(self._root)
        ReadingOrder(self)
        self._add_actions()
        self.rail.page_asked.connect(self.go_to)
        self.setMinimumSize(_LEAST_PX)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            FollowFocus(self, app)
        dress(self)

    def cover(self) -> None:
        """Hide the work at once, as nobody is signed in; answers for its pages wait until the same person is back."""
        self.jobs.hold(self._is_of_work)
        self._show_ground(plain(vbox(gap=0)))

    def show_start(self, page: QWidget) -> None:
        """Show a page before the work: first start, or signing in."""
        self._show_ground(page)
        page.setFocus()

    def _is_of_work(self, owner: QObject) -> bool:
        part: QObject | None = owner
        while part is not None and not isinstance(part, Page):
            part = part.parent()
        return part is not None

    def _show_ground(self, page: QWidget) -> None:
        ground = QFrame()
        ground.setObjectName("StartGround")
        ground.setLayout(vbox((page, 1), gap=0))
        old, self._start = self._start, ground
        self._root.addWidget(ground)
        self._root.setCurrentWidget(ground)
        if old:
            self._root.removeWidget(old)
            old.deleteLater()

    def show_work(self, key: str = "") -> None:
        """Show the pages; ``key`` names the one to begin with, otherwise the last one."""
        self._root.setCurrentWidget(self._work)
        if self._start:
            self._root.removeWidget(self._start)
            self._start.deleteLater()
            self._start = None
        self.jobs.release()
        self.go_to(key or self._current or next(iter(self._specs)))
        if self.page:
            _give_keyboard(self.page)

    @property
    def at_work(self) -> bool:
        """Whether the pages are in sight."""
        return self._root.currentWidget() is self._work

    def go_to(self, key: str, target: object = None) -> None:
        """Show a page; ``target`` is handed to it."""
        if not self.at_work or key not in self._specs:
            return
        left = self.page
        page = self._page(key)
        focused = self.focusWidget()
        follows = left is not None and focused is not None and left.isAncestorOf(focused)
        self._current = key
        self._stack.setCurrentWidget(page)
        self.rail.show_page(key)
        if follows and left is not page:
            _give_keyboard(page)
        page.refresh()
        if target is not None:
            page.open_target(target)
        self.page_shown.emit(key)

    def show_count(self, key: str, count: int) -> None:
        """Say in the rail how much waits on a page; nothing where there is no such page."""
        if key in self._specs:
            self.rail.set_count(key, count)

    @property
    def page(self) -> Page | None:
        """The page in sight."""
        return self._pages.get(self._current) if self.at_work else None

    def made_pages(self) -> tuple[Page, ...]:
        """The pages that were shown once."""
        return tuple(self._pages.values())

    def make_ahead(self) -> None:
        """Make the pages that were not shown yet, in pieces, so that nobody waits when one is first shown."""
        self._pieces.start()

    def forget_pages(self, *, stay: bool = False) -> None:
        """Drop all pages and what they asked for, as another lab was opened or another person signed in.

        Args:
            stay: Whether the page in sight is to be made anew, and not the first one.
        """
        self._pieces.stop()
        self.jobs.drop()
        self._ahead.clear()
        for page in self._pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        if not stay:
            self._current = ""

    def show_error(self, title: str, error: BaseException) -> None:
        """Tell what went wrong in a dialog over the window."""
        modal = QApplication.activeModalWidget()
        show_error(self if isinstance(modal, ErrorSheet | CrashSheet) else modal or self, title, error)

    def common_shortcuts(self) -> tuple[Shortcut, ...]:
        """The keys that work on every page."""
        return (
            Shortcut(keys=f"Alt+1 … Alt+{len(self._specs)}", act=self.tr("pages, from the top")),
            Shortcut(keys="Alt+C", act=self.tr("choose the case")),
            Shortcut(keys="Alt+P", act=self.tr("your passphrase, the look, signing out")),
            Shortcut(keys="Ctrl+K", act=self.tr("find in all cases, or scan a label")),
            Shortcut(keys="Ctrl+F, /", act=self.tr("filter this list")),
            Shortcut(keys="Tab, Shift+Tab", act=self.tr("next, previous part, as the page is read")),
            Shortcut(keys="F6, Shift+F6", act=self.tr("next, previous pane")),
            Shortcut(keys="Return, Space", act=self.tr("open, preview")),
            Shortcut(keys="Ctrl+N", act=self.tr("new on this page")),
            Shortcut(keys="Ctrl+Return", act=self.tr("the primary act")),
            Shortcut(keys="Ctrl+C, Ctrl+Shift+C", act=self.tr("copy cell, copy rows with heads")),
            Shortcut(keys="F5", act=self.tr("verify what is shown")),
            Shortcut(keys="F8", act=self.tr("job tray")),
            Shortcut(keys="Ctrl+L", act=self.tr("lock the key now")),
            Shortcut(keys="F1", act=self.tr("this list")),
            Shortcut(keys="Ctrl+F1", act=self.tr("the user guide")),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the titles out of the rail where the window is small."""
        super().resizeEvent(event)
        self.rail.fit(self.size())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask when jobs run; then end jobs, windows and database in this order."""
        if not self._may_close and self._unfinished():
            event.ignore()
            self._ask_to_close()
            return
        self._may_close = True
        self._pieces.stop()
        self.closing.emit()
        super().closeEvent(event)

    def _page(self, key: str) -> Page:
        if key not in self._pages:
            begun = self._ahead.pop(key, None) or self._begin(key)
            page = begun if isinstance(begun, Page) else next(page for page in begun if page)
            self._pages[key] = page
            self._stack.addWidget(page)
            case = self.session.case
            page.show_case(case.id if case else None)
            self.page_made.emit()
        return self._pages[key]

    def _begin(self, key: str) -> Begun:
        """Make a page, or begin with the steps in which it is made."""
        context = PageContext(session=self.session, jobs=self.jobs, go_to=self.go_to, show_error=self.show_error)
        return self._specs[key].make(context)

    def _make_piece(self) -> None:
        """Take a step to a page, or put one that is made into the window, where it gets its style; then fill rooms."""
        key = next((key for key in self._specs if key not in self._pages), None)
        if not self.at_work or not self.session.has_lab:
            self._pieces.stop()
        elif key is None:
            self._fill_room()
        elif isinstance(self._ahead.get(key), Page):
            self._page(key)
        else:
            begun = self._ahead.get(key) or self._begin(key)
            self._ahead[key] = begun if isinstance(begun, Page) else next(begun) or begun

    def _fill_room(self) -> None:
        """Make one part that lies behind a tab of a page."""
        rooms: Iterator[Later[QWidget]] = (room for page in self._pages.values() for room in page.findChildren(Later))
        room = next((room for room in rooms if not room.is_filled), None)
        if room is None:
            self._pieces.stop()
        else:
            room.fill()

    def _unfinished(self) -> list[Job]:
        return [job for job in self.jobs.active if not job.card.may_be_dropped]

    def _ask_to_close(self) -> None:
        names = ", ".join(job.card.title for job in self._unfinished())
        sheet = ConfirmSheet(
            self,
            title=self.tr("Close the program while work goes on?"),
            sentences=(
                self.tr("Still at work: {names}.").format(names=names),
                self.tr("It is stopped. The record says so, and the next start offers to go on."),
            ),
            act=self.tr("Stop and close"),
            keep=self.tr("Let it run"),
            name="closeWhileRunning",
        )
        sheet.accepted.connect(self._close_now)
        sheet.open()

    def _close_now(self) -> None:
        self._may_close = True
        self.close()

    def _add_actions(self) -> None:
        for keys, text, call in (
            ("F1", self.tr("Help"), self._open_help),
            ("Ctrl+F1", self.tr("User guide"), self._open_guide),
            ("F5", self.tr("Verify what is shown"), self._verify_shown),
            ("F6", self.tr("Next pane"), lambda: self._next_pane(1)),
            ("Shift+F6", self.tr("Previous pane"), lambda: self._next_pane(-1)),
            ("Ctrl+K", self.tr("Find in all cases, or scan a label"), self._focus_find),
            ("Ctrl+N", self.tr("New"), self._press_new),
            ("Ctrl+Return", self.tr("Primary act"), self._press_primary),
            ("/", self.tr("Filter this list"), self._focus_filter),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(call)
            self.addAction(action)

    def _open_help(self) -> None:
        page = self.page
        title = page.accessibleName() if page else self.windowTitle()
        own = page.shortcuts() if page else ()
        sheet = HelpSheet(self, page=title, own=own, common=self.common_shortcuts())
        sheet.guide_asked.connect(lambda: QTimer.singleShot(0, self, self._open_guide))  # once the sheet is gone
        sheet.open()

    def _open_guide(self) -> None:
        from ui.frame.guide_window import GuideWindow

        if self._guide is None:
            self._guide = GuideWindow(self)
        self._guide.show()
        self._guide.raise_()
        self._guide.activateWindow()

    def _verify_shown(self) -> None:
        if self.page:
            self.page.verify_shown()

    def _focus_find(self) -> None:
        if self.at_work:
            self.top_bar.open_find()

    def _focus_filter(self) -> None:
        box = self.page.filter_box() if self.page else None
        if box:
            box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _press_new(self) -> None:
        button = self.page.new_button() if self.page else None
        if button and button.isEnabled():
            button.click()

    def _press_primary(self) -> None:
        button = self.page.primary() if self.page else None
        if button and button.isEnabled():
            button.click()

    def _next_pane(self, step: int) -> None:
        if not self.page:
            return
        panes = [self.rail, self.top_bar, *self.page.panes(), self.tray]
        focused = self.focusWidget()
        here = next(
            (at for at, pane in enumerate(panes) if focused and (pane is focused or pane.isAncestorOf(focused))), -step
        )
        for distance in range(1, len(panes) + 1):
            target = _first_focusable(panes[(here + step * distance) % len(panes)])
            if target:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return


def _give_keyboard(page: Page) -> None:
    """Let the keyboard be in the content of a page; at the page itself while it has nothing to press yet."""
    content = [pane for pane in page.panes() if pane is not page.bar]
    found = (_first_focusable(pane) for pane in [*content, page] if pane.isVisible())
    (next((part for part in found if part), None) or page).setFocus()


def _first_focusable(part: QWidget) -> QWidget | None:
    """The first part, in the order they were made, that takes the keyboard now."""
    if not part.isVisible() or not part.isEnabled():
        return None
    if part.focusPolicy().value & _TAB_FOCUS:
        return part
    parts = (_first_focusable(child) for child in part.children() if isinstance(child, QWidget))
    return next((found for found in parts if found), None)
