"""Somebody who works at the window from station to station: presses, waits for what follows, looks on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from tests.builders import PASSPHRASE
from ui.application import Application
from ui.examine.page import ExaminePage

W = TypeVar("W", bound=QWidget)
Station = tuple[str, Callable[[], object], Callable[[], object]]
LOOK_MS = 40
_GIVE_UP_S = 600.0


class StuckError(RuntimeError):
    """What a station waits for did not come."""


class Walker(QObject):
    """Goes from station to station of :meth:`stations`; ``arrived`` carries the name of the one that begins.

    ``ended`` carries None, or the exception that it ended with.
    """

    arrived = Signal(str)
    ended = Signal(object)

    def __init__(self, application: Application) -> None:
        """Stand before the window of ``application``."""
        super().__init__(application)
        self.application = application
        self.window, self.jobs, self.session = application.window, application.jobs, application.session
        self._stations = self.stations()
        self._name, self._began_s = "", time.monotonic()
        self._has_come: Callable[[], object] = passed(0.0)
        self._look_timer = QTimer(self)
        self._look_timer.setInterval(LOOK_MS)
        self._look_timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Go to the first station."""
        self._look_timer.start()

    def stations(self) -> Iterator[Station]:
        """The name of each station, what is done there, and what is waited for before the next."""
        raise NotImplementedError

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

    def sign_in(self) -> None:
        """Type the passphrase of the person who is offered, and sign in."""
        self.part("signInPassphrase", QLineEdit).setText(PASSPHRASE)
        self.press("signInButton")()

    @property
    def examine(self) -> ExaminePage:
        """The Examine page, which is in sight."""
        page = self.window.page
        assert isinstance(page, ExaminePage), page
        return page

    @property
    def rows(self) -> int:
        """How many files are listed."""
        return self.examine.browser.files.model.rowCount()

    def keys(self, keys: str) -> Callable[[], None]:
        """Press keys."""
        return lambda: QTest.keySequence(self.window, keys)

    def press(self, name: str) -> Callable[[], None]:
        """Press a button that can be pressed."""

        def press() -> None:
            button = self.part(name, QAbstractButton)
            assert button.isEnabled(), f"{name}: {button.toolTip()}"
            button.click()

        return press

    def fill(self, **values: str) -> None:
        """Write into fields and choose in lists."""
        for name, value in values.items():
            entry: QWidget = self.part(name)
            match entry:
                case QLineEdit():
                    entry.setText(value)
                case QPlainTextEdit():
                    entry.setPlainText(value)
                case QComboBox():
                    entry.setCurrentIndex(int(value))

    def may_press(self, name: str) -> bool:
        """Whether something is in sight and can be pressed."""
        return self.sees(name) and self.part(name).isEnabled()

    def part(self, name: str, kind: type[W] = QWidget) -> W:  # type: ignore[assignment]
        """The newest part in sight with a name."""
        found = [part for part in self.window.findChildren(kind, name) if part.isVisible()]
        assert found, f"nothing called {name} is in sight"
        return found[-1]

    def sees(self, name: str) -> bool:
        """Whether a part with a name is in sight."""
        return any(part.isVisible() for part in self.window.findChildren(QWidget, name))


def nothing() -> None:
    """Only wait."""


def passed(seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed since the first look."""
    began: list[float] = []

    def check() -> bool:
        began.append(time.monotonic())
        return began[-1] - began[0] >= seconds

    return check
