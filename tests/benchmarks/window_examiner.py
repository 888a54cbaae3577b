"""What an examiner does at the window with an image: takes it in, and looks into it while its catalogue is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget

from tests.builders import PASSPHRASE
from ui.application import Application
from ui.examine.page import ExaminePage

W = TypeVar("W", bound=QWidget)
Station = tuple[str, Callable[[], None], Callable[[], object]]
AT_REST = "at rest"
LOOK_MS = 40
REST_S = 2.0
STEPS_AFTERWARDS = 250
LISTED_BEFORE = 20_000
_GIVE_UP_S = 600.0
_JUMP, _CHOOSE = 50, 10


class StuckError(RuntimeError):
    """What a station waits for did not come."""


class Examiner(QObject):
    """Goes from station to station of :func:`stations`; ``arrived`` carries the name of the one that begins.

    ``ended`` carries None, or the exception that it ended with.
    """

    arrived = Signal(str)
    ended = Signal(object)

    def __init__(self, application: Application, image_path: Path) -> None:
        """``image_path`` is the image that is taken in."""
        super().__init__(application)
        self._window, self._jobs = application.window, application.jobs
        self._session, self._image_path = application.session, image_path
        self._steps = 0
        self._stations = self.stations()
        self._name, self._began_s = "", time.monotonic()
        self._has_come: Callable[[], object] = _passed(0.0)
        self._look_timer = QTimer(self)
        self._look_timer.setInterval(LOOK_MS)
        self._look_timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Go to the first station."""
        self._look_timer.start()

    def stations(self) -> Iterator[Station]:
        """The name of each station, what is done there, and what is waited for before the next."""
        yield "signing in", _nothing, lambda: self._sees("signInButton")
        yield "first page", self._sign_in, lambda: self._window.at_work and not self._jobs.active
        yield "case chosen", self._choose_case, _passed(REST_S)
        yield AT_REST, _nothing, _passed(2 * REST_S)
        yield "Exhibits opened", self._keys("Alt+2"), lambda: self._may_press("takeInImage")
        yield "wizard opened", self._press("takeInImage"), lambda: self._sees("intakeWizard")
        yield "exhibit chosen", self._choose_exhibit, lambda: self._may_press("nextButton")
        for number in (2, 3, 4):
            yield f"step {number} of the wizard", self._press("nextButton"), _passed(LOOK_MS / 1000)
        yield "source described", self._name_source, lambda: self._may_press("nextButton")
        yield "image read", self._press("nextButton"), lambda: self._may_press("nextButton")
        yield "result shown", self._press("nextButton"), lambda: self._may_press("wizardFinish")
        yield "wizard closed", self._press("wizardFinish"), lambda: not self._sees("intakeWizard")
        yield "Examine opened", self._keys("Alt+3"), _passed(REST_S)
        yield "catalogue begun", _nothing, self._offered_what_is_there
        yield "first files listed", self._look_so_far, lambda: self._sees("subfoldersChip") and self._rows
        yield "all files listed so far", self._press("subfoldersChip"), _passed(REST_S)
        yield "looking while the catalogue is written", _nothing, self._looking_until(lambda: not self._jobs.active)
        yield "whole catalogue listed", self._begin_anew, lambda: self._rows >= self._entries
        yield "looking afterwards", _nothing, self._looking_until(lambda: self._steps >= STEPS_AFTERWARDS)

    def _look(self) -> None:
        """Go on once what is waited for has come."""
        try:
            if time.monotonic() - self._began_s > _GIVE_UP_S:
                raise StuckError(f"waited in vain at: {self._name}")
            if not self._has_come():
                return
            self._name, act, self._has_come = next(self._stations)
            self._began_s = time.monotonic()
            self.arrived.emit(self._name)
            act()
        except StopIteration:
            self._end(None)
        except (AssertionError, StuckError) as error:
            self._end(error)

    def _end(self, error: Exception | None) -> None:
        self._look_timer.stop()
        self.ended.emit(error)

    def _sign_in(self) -> None:
        self._part("signInPassphrase", QLineEdit).setText(PASSPHRASE)
        self._press("signInButton")()

    def _choose_case(self) -> None:
        self._session.show_case(self._session.lab.cases.list()[0])

    def _choose_exhibit(self) -> None:
        self._part("intakeExhibit", QComboBox).setCurrentIndex(1)

    def _name_source(self) -> None:
        self._part("sourcePath", QLineEdit).setText(str(self._image_path))
        self._part("writeBlocker", QComboBox).setCurrentText("Tableau T8u")

    def _look_so_far(self) -> None:
        if self._sees("gateSecond"):
            self._press("gateSecond")()

    def _begin_anew(self) -> None:
        self._steps = 0

    @property
    def _page(self) -> ExaminePage:
        page = self._window.page
        assert isinstance(page, ExaminePage), page
        return page

    @property
    def _rows(self) -> int:
        return self._page.browser.files.model.rowCount()

    @property
    def _entries(self) -> int:
        shown = self._page.browser.image
        assert shown is not None
        return shown.content.entries if shown.content else 1 << 62

    def _offered_what_is_there(self) -> bool:
        """Whether what is written so far can be looked at; until then the page is asked to look again.

        True, too, where all of it was written before that came about.
        """
        listed = sum(job.pace.done_units for job in self._jobs.active)
        if self._sees("subfoldersChip") or (listed >= LISTED_BEFORE and self._sees("gateSecond")):
            return True
        self._page.refresh()
        return False

    def _looking_until(self, ended: Callable[[], bool]) -> Callable[[], bool]:
        def check() -> bool:
            if not ended():
                self._look_on()
                return False
            return True

        return check

    def _look_on(self) -> None:
        """A page further; now and then a file is chosen, which the viewers show, or a jump to somewhere else."""
        table = self._page.browser.files.table
        self._steps += 1
        bar, view = table.verticalScrollBar(), table.viewport()
        jump = self._steps % _JUMP == 0
        bar.setValue(self._steps * 7919 % (bar.maximum() + 1) if jump else bar.value() + bar.pageStep())
        if self._steps % _CHOOSE == 0:
            QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())

    def _keys(self, keys: str) -> Callable[[], None]:
        return lambda: QTest.keySequence(self._window, keys)

    def _press(self, name: str) -> Callable[[], None]:
        def press() -> None:
            button = self._part(name, QAbstractButton)
            assert button.isEnabled(), name
            button.click()

        return press

    def _may_press(self, name: str) -> bool:
        return self._sees(name) and self._part(name).isEnabled()

    def _part(self, name: str, kind: type[W] = QWidget) -> W:  # type: ignore[assignment]
        found = [part for part in self._window.findChildren(kind, name) if part.isVisible()]
        assert found, f"nothing called {name} is in sight"
        return found[-1]

    def _sees(self, name: str) -> bool:
        return any(part.isVisible() for part in self._window.findChildren(QWidget, name))


def _nothing() -> None:
    """Only wait."""


def _passed(seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed since the first look."""
    began: list[float] = []

    def check() -> bool:
        began.append(time.monotonic())
        return began[-1] - began[0] >= seconds

    return check
