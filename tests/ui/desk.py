"""The window over a real lab with the record keeper at work, as the program shows it after signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.person import SignedIn
from tests.builders import Bench, make_bench
from tests.ui import room
from ui.jobs import JobRunner
from ui.main_window import MainWindow
from ui.page import Page, PageContext, PageSpec
from ui.preferences import Preferences
from ui.record_keeper import RecordKeeper
from ui.session import Session
from ui.widgets.buttons import Button

W = TypeVar("W", bound=QWidget)
WAIT_MS = 15_000
BESIDE = ("exhibits", "custody")


@dataclass
class Desk:
    """The window, its lab, and the errors that were told in a dialog."""

    bench: Bench
    window: MainWindow
    keeper: RecordKeeper
    qtbot: QtBot
    errors: list[BaseException]

    @property
    def session(self) -> Session:
        return self.window.session

    def until(self, check: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(check()), timeout=WAIT_MS)

    def part(self, kind: type[W], name: str) -> W:
        """The newest part in sight with a name."""
        found = [part for part in self.window.findChildren(kind, name) if part.isVisible()]
        assert found, f"nothing called {name} is in sight"
        return found[-1]

    def seen(self, name: str) -> bool:
        return any(part.isVisible() for part in self.window.findChildren(QWidget, name))

    def press(self, name: str) -> None:
        button = self.part(Button, name)
        assert button.isEnabled(), f"{name} cannot be pressed: {button.toolTip()}"
        button.click()

    def open_dialog(self, button: str, dialog: str) -> QWidget:
        """Press a button and wait for its dialog, which opens once the page has read what is recorded."""
        self.press(button)
        self.until(lambda: self.seen(dialog))
        return self.part(QDialog, dialog)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            entry = self.part(QWidget, name)
            match entry:
                case QLineEdit():
                    entry.setText(value)
                case QPlainTextEdit():
                    entry.setPlainText(value)
                case QComboBox():
                    entry.setCurrentText(value)

    def laid_out(self, part: QWidget) -> None:
        """Wait until every text of ``part`` has its room; fail with those that are cut."""

        def uncut() -> None:
            assert room.cut_texts(part) == []

        self.qtbot.waitUntil(uncut, timeout=WAIT_MS)

    def sign_in(self, person: SignedIn) -> None:
        self.session.sign_in(person)
        self.window.show_work()


@contextmanager
def open_desk(
    folder: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences, key: str,
    make: Callable[[PageContext], Page], *, prepare: Callable[[Bench], object] = lambda bench: None,
    who: Callable[[Bench], SignedIn] = lambda bench: bench.examiner,
) -> Iterator[Desk]:  # fmt: skip
    """Show the page that ``make`` builds over the lab that ``prepare`` filled; plain pages stand for the others."""
    bench = make_bench(folder)
    prepare(bench)
    session = Session(jobs, jobs)
    errors: list[BaseException] = []

    def watched(context: PageContext) -> Page:
        return make(replace(context, show_error=lambda title, error: errors.append(error)))

    def beside(context: PageContext) -> Page:
        return Page(context, title="Another page", name="besidePage")

    specs = [PageSpec(key=key, title=key.capitalize(), icon=key.removesuffix("s"), make=watched)]
    specs += [PageSpec(key=name, title=name.capitalize(), icon=name.removesuffix("s"), make=beside) for name in BESIDE]
    window = MainWindow(specs, session, jobs)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    session.open_lab(bench.lab)
    session.sign_in(who(bench))
    keeper = RecordKeeper(window, preferences)
    window.show_work(key)
    keeper.enter()
    try:
        yield Desk(bench=bench, window=window, keeper=keeper, qtbot=qtbot, errors=errors)
    finally:
        jobs.shut_down()
        session.close()
