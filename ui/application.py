"""The program with its window: shows it first, then opens the lab behind it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

from ui.appearance import Appearance
from ui.collecting import Collector
from ui.errors import catch_unexpected
from ui.jobs import JobRunner, OnProgress
from ui.lab.first_start import CreateLab, FirstStart
from ui.lab.sign_in import Credentials, SignIn
from ui.main_window import MainWindow
from ui.pages import load_first_page, load_pages, page_specs
from ui.preferences import Preferences
from ui.record_keeper import RecordKeeper
from ui.session import Session
from ui.theme.fonts import load_fonts
from ui.widgets.notes import EmptyState

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import Person, SignedIn

NO_DISPLAY = 3


_PAINTED_MS = 250
"""After so long a page that was just shown is painted, and what goes on beside it does not keep it from that."""
THREAD_TURN_S = 0.0002
"""How long a thread may keep the interpreter. A paint asks for it hundreds of times and must not wait 5 ms each time
while a worker reads a catalogue."""


def run() -> int:
    """Open the window and work until it is closed; return the exit status."""
    if needs_display() and not os.environ.get("QT_QPA_PLATFORM"):
        sys.stderr.write("There is no display, so no window can be opened. The command line needs none: try demo.\n")
        return NO_DISPLAY
    sys.setswitchinterval(THREAD_TURN_S)
    preferences = Preferences()
    scale = preferences.scale_percent
    if scale != 100 and "QT_SCALE_FACTOR" not in os.environ:
        os.environ["QT_SCALE_FACTOR"] = str(scale / 100)
    app = QApplication(sys.argv[:1])
    application = Application(app, preferences)
    application.grown.connect(Collector(application, application.jobs, application.session).leave)
    application.start()
    return app.exec()


def is_lab(folder: Path) -> bool:
    """Whether the folder looks like one of a lab, with its record in it or on a server."""
    return any((folder / name).is_file() for name in ("lab.db", "lab-server.json"))


def needs_display() -> bool:
    """Whether this system shows windows only through a display that is not there."""
    elsewhere = sys.platform in ("win32", "darwin", "cygwin")
    return not elsewhere and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


class Application(QObject):
    """Builds the window and leads from the first start through signing in to the pages.

    ``grown`` says that something large was made or loaded that stays: what a person works with, or a page.
    """

    grown = Signal()

    def __init__(self, app: QApplication, preferences: Preferences) -> None:
        """Build everything that needs no lab."""
        super().__init__(app)
        app.setApplicationName("forensics-app")
        app.setApplicationDisplayName("Forensics")
        load_fonts()
        self._app, self._preferences = app, preferences
        self._prepared_lab: Lab | None = None
        self.appearance = Appearance(app, preferences)
        self.jobs = JobRunner(self)
        self.session = Session(self, self.jobs)
        app.focusWindowChanged.connect(self._watch)
        specs = page_specs(preferences, self.appearance)
        self.window = MainWindow(specs, self.session, self.jobs, layouts=preferences.store)
        self.keeper = RecordKeeper(self.window, preferences)
        self.keeper.sign_in_asked.connect(self.show_sign_in)
        self.window.closing.connect(self._close)
        self.session.person_changed.connect(lambda *_: self.grown.emit())
        self.session.lab_moved.connect(self.open_lab)
        self.window.page_made.connect(self.grown)
        catch_unexpected(lambda error: self.window.show_error(self.tr("Something unexpected happened"), error))

    def start(self) -> None:
        """Show the window at once; open the last lab, or offer to create one, behind it."""
        geometry = self._preferences.geometry
        if geometry is None or not self.window.restoreGeometry(geometry):
            room = self.window.screen().availableSize()
            self.window.resize(min(1440, room.width()), min(900, room.height()))
        recent = [folder for folder in self._preferences.recent_labs if is_lab(folder)]
        if recent:
            self.window.show_start(EmptyState("lab", self.tr("Opening the lab in {folder} …").format(folder=recent[0])))
            QTimer.singleShot(0, self, lambda: self.open_lab(recent[0]))
        else:
            self.show_first_start()
        self.window.show()

    def show_first_start(self) -> None:
        """Offer to create a lab or to open one."""
        from forensics_app.model.person import MINIMUM_PASSPHRASE_CHARACTERS

        recent = [folder for folder in self._preferences.recent_labs if is_lab(folder)]
        page = FirstStart(recent, shortest_passphrase=MINIMUM_PASSPHRASE_CHARACTERS)
        page.create_asked.connect(lambda asked: self.create_lab(page, asked))
        page.open_asked.connect(lambda folder: self.open_lab(folder, page))
        page.join_asked.connect(lambda asked: self.open_lab(asked.folder, page, server=asked.server))
        page.restore_asked.connect(self.restore_lab)
        self.window.show_start(page)

    def restore_lab(self) -> None:
        """Ask for a backup, make a lab of it, and open that."""
        from forensics_app.errors import AppError
        from ui.lab.restore_sheet import RestoreAsked, RestoreSheet

        sheet = RestoreSheet(self.window)

        def asked(told: RestoreAsked) -> None:
            def work(on_progress: OnProgress) -> Path:
                from forensics_app.bootstrap import restore_lab
                from forensics_app.model.backup import RestoreRequest

                request = RestoreRequest(
                    source=told.source, target=told.target, passphrase=told.backup_passphrase or None, root=told.root
                )
                return restore_lab(request, told.name, told.passphrase, on_progress=on_progress).folder

            def done(folder: Path) -> None:
                sheet.finish()
                self.open_lab(folder)

            def failed(error: Exception) -> None:
                if isinstance(error, AppError):
                    sheet.refuse(str(error), error.then)
                else:
                    sheet.refuse(self.tr("The lab was not restored."))
                    self.window.show_error(self.tr("Restore a lab from a backup"), error)

            self.jobs.start(sheet, work, done=done, failed=failed)

        sheet.submitted.connect(asked)
        sheet.open()

    def create_lab(self, page: FirstStart, asked: CreateLab) -> None:
        """Create the lab that the page asked for and sign its administrator in."""

        def work(on_progress: OnProgress) -> tuple[Lab, SignedIn]:
            from forensics_app.bootstrap import create_lab
            from forensics_app.model.lab import NewLab
            from forensics_app.model.person import NewPerson, Role

            lab = create_lab(
                NewLab(
                    folder=asked.folder,
                    name=asked.name,
                    address=asked.address,
                    zone=asked.zone,
                    server=asked.server,
                    encrypted=asked.encrypted,
                ),
                NewPerson(
                    name=asked.person_name,
                    function=asked.function,
                    organisation=asked.organisation,
                    id_number=asked.id_number,
                    roles=asked.roles | {Role.ADMINISTRATOR},
                ),
                asked.passphrase,
            )
            return lab, lab.people.sign_in(asked.person_name, asked.passphrase)

        def done(made: tuple[Lab, SignedIn]) -> None:
            lab, signed_in = made
            self._take_lab(lab)
            self._enter(signed_in)
            self._prepare_soon(lab)

        page.show_busy(self.tr("Creating the lab and your key …"))
        self.jobs.start(
            page, work, done=done, failed=lambda error: self._failed(page, self.tr("Create the lab"), error)
        )

    def open_lab(self, folder: Path, page: FirstStart | None = None, *, server: str = "") -> None:
        """Open the lab in ``folder`` and ask who signs in; ``server`` is told where the folder does not know it."""

        def work(on_progress: OnProgress) -> tuple[Lab | None, tuple[Person, ...], tuple[str, ...]]:
            from forensics_app.bootstrap import join_lab, open_lab, who_unlocks

            if (names := who_unlocks(folder)) is not None:
                return None, (), names
            lab = join_lab(server, folder) if server else open_lab(folder)
            return lab, lab.people.list(), ()

        def done(opened: tuple[Lab | None, tuple[Person, ...], tuple[str, ...]]) -> None:
            lab, people, names = opened
            if lab is None:
                self._show_unlock(folder, server, names)
                return
            self._take_lab(lab)
            self._show_sign_in(self.session.lab, people)

        if page:
            page.show_busy(self.tr("Opening the lab in {folder} …").format(folder=folder))
        self.jobs.start(self, work, done=done, failed=lambda error: self._failed(page, self.tr("Open the lab"), error))

    def _show_unlock(self, folder: Path, server: str, names: tuple[str, ...]) -> None:
        """Ask for what unlocks an encrypted lab, and sign that person in at once."""
        last = self._preferences.last_person or (names[0] if len(names) == 1 else "")
        notice = self.tr("This lab is encrypted. Your passphrase unlocks it for as long as it is open here.")
        page = SignIn(lab_name=folder.name, folder=folder, people=names, last_person=last, notice=notice)
        page.sign_in_asked.connect(lambda asked: self._unlock(page, folder, server, asked))
        page.other_lab_asked.connect(self.show_first_start)
        self.window.show_start(page)

    def _unlock(self, page: SignIn, folder: Path, server: str, asked: Credentials) -> None:
        def work(on_progress: OnProgress) -> tuple[Lab, SignedIn]:
            from forensics_app.bootstrap import join_lab, open_lab, unlocked

            with unlocked(folder, asked.name, asked.passphrase):
                lab = join_lab(server, folder) if server else open_lab(folder)
            try:
                return lab, lab.people.sign_in(asked.name, asked.passphrase)
            except BaseException:
                lab.close()
                raise

        def done(opened: tuple[Lab, SignedIn]) -> None:
            lab, signed_in = opened
            self._take_lab(lab)
            self._enter(signed_in)
            self._prepare_soon(lab)

        self.jobs.start(page, work, done=done, failed=lambda error: self._refused(page, error))

    def show_sign_in(self, notice: str = "") -> None:
        """Ask for a name and passphrase; ``notice`` says why, such as that the key was locked."""
        lab = self.session.lab
        self.jobs.start(
            self,
            lambda _: lab.people.list(),
            done=lambda people: self._show_sign_in(lab, people, notice),
            failed=lambda error: self._failed(None, self.tr("Read who is enrolled"), error),
        )

    def _show_sign_in(self, lab: Lab, people: tuple[Person, ...], notice: str = "") -> None:
        """Ask, unless another lab was opened meanwhile, or none is open any more."""
        if not self.session.still_has(lab):
            return
        names = [person.name for person in people if person.revoked_at is None]
        last = self._preferences.last_person or (names[0] if len(names) == 1 else "")
        page = SignIn(lab_name=lab.info.name, folder=lab.folder.root, people=names, last_person=last, notice=notice)
        page.sign_in_asked.connect(lambda asked: self._sign_in(page, asked))
        page.other_lab_asked.connect(self.show_first_start)
        self.window.show_start(page)
        self._prepare_soon(lab)

    def _prepare_soon(self, lab: Lab) -> None:
        """Once what is in sight is painted; whoever signs in sooner than that is not to lose it."""
        QTimer.singleShot(_PAINTED_MS, self, lambda: self._prepare(lab))

    def _prepare(self, lab: Lab) -> None:
        """Load what the pages need while a passphrase is typed, unless the lab was closed meanwhile."""
        if not self.session.still_has(lab):
            return

        def work(on_progress: OnProgress) -> None:
            lab.build_all()
            load_pages()

        self.jobs.start(
            self,
            work,
            done=lambda _: self._prepared(lab),
            failed=lambda error: self._failed(None, self.tr("Prepare the lab"), error),
        )

    def _prepared(self, lab: Lab) -> None:
        self._prepared_lab = lab
        self.grown.emit()
        self._make_pages_ahead()

    def _make_pages_ahead(self) -> None:
        """Once somebody is signed in and what the pages need is loaded."""
        if self.window.at_work and self.session.has_lab and self.session.lab is self._prepared_lab:
            self.window.make_ahead()

    def _sign_in(self, page: SignIn, asked: Credentials) -> None:
        lab = self.session.lab

        def sign_in(_: object) -> SignedIn:
            signed_in = lab.people.sign_in(asked.name, asked.passphrase)
            load_first_page()
            return signed_in

        self.jobs.start(
            page,
            sign_in,
            done=self._enter,
            failed=lambda error: self._refused(page, error),
        )

    def _refused(self, page: SignIn, error: Exception) -> None:
        from forensics_app.errors import SignInRefusedError, StoreRefusedError

        if isinstance(error, SignInRefusedError):
            page.refuse(str(error), error.retry_after_s)
        elif isinstance(error, StoreRefusedError):
            page.refuse(str(error), 0)
        else:
            page.show_busy(False)
            self.window.show_error(self.tr("Sign in"), error)

    def _take_lab(self, lab: Lab) -> None:
        if self.session.has_lab:
            self.window.forget_pages()
            self.session.close()
        self.session.open_lab(lab)
        self._preferences.remember_lab(lab.folder.root)

    def _enter(self, signed_in: SignedIn) -> None:
        self._preferences.last_person = signed_in.person.name
        self.session.sign_in(signed_in)
        self.window.show_work()
        self.jobs.next_turn(self, self._begin_work)

    def _begin_work(self) -> None:
        """Read what the frame shows, in a turn of its own: the first page takes one to be made."""
        if self.session.is_open:
            self.keeper.enter()
            self._make_pages_ahead()

    def _failed(self, page: FirstStart | None, title: str, error: Exception) -> None:
        if page:
            page.show_busy("")
        elif not self.window.at_work:
            self.show_first_start()
        self.window.show_error(title, error)

    def _watch(self, window: QWindow | None) -> None:
        """Let the session see key presses and clicks of each window that gets the focus."""
        if window:
            window.installEventFilter(self.session)

    def _close(self) -> None:
        self._preferences.geometry = self.window.saveGeometry()
        self.jobs.shut_down()
        self.keeper.sign_in_asked.disconnect(self.show_sign_in)  # closing locks the key; nobody is to sign in again
        self.session.close()
