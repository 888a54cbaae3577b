from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import room
from ui.jobs import JobRunner
from ui.preferences import Preferences
from ui.session import Session
from ui.theme import dress, fonts, style
from ui.theme.tokens import LIGHT

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform keeps no size hints and grabs no keyboard, and says so; that is no fault of ours."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(scope="session")
def styled_app(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> QApplication:
    """The application with our fonts and the light theme."""
    fonts.load_fonts()
    style.apply(qapp, LIGHT, tmp_path_factory.mktemp("marks"))
    return qapp


class Wardrobe(QtBot):
    """Gives what a test shows as a window of its own the stylesheet that the program's window has."""

    def addWidget(self, widget: QWidget, *, before_close_func: Callable[[QWidget], object] | None = None) -> None:
        if widget.parentWidget() is None and not widget.styleSheet():
            dress(widget)
        super().addWidget(widget, before_close_func=before_close_func)


@pytest.fixture
def qtbot(styled_app: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return Wardrobe(request)


@pytest.fixture(autouse=True)
def _styled(styled_app: QApplication) -> None:
    """Every test of the window looks like the window."""


@pytest.fixture(autouse=True)
def _dialogs_by_keyboard(styled_app: QApplication) -> Iterator[None]:
    """Whatever dialog a test opens: its controls have names, are reached by Tab, and in the order they stand in."""
    wrong: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isVisible():
            found = (room.unnamed(dialog), room.unreachable(dialog), room.against_the_order(dialog))
            wrong.extend(f"{dialog.objectName()}: {one}" for listed in found for one in listed)

    soon = QTimer()  # the signal comes while windows are being taken apart, too
    soon.setSingleShot(True)
    soon.timeout.connect(look)

    def look_soon() -> None:
        soon.start(0)

    styled_app.focusWindowChanged.connect(look_soon)
    yield
    styled_app.focusWindowChanged.disconnect(look_soon)
    assert wrong == []


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[JobRunner]:
    """A runner that is shut down after the test."""
    parent = QObject()
    runner = JobRunner(parent)
    yield runner
    runner.shut_down()
    parent.deleteLater()


@pytest.fixture
def session(jobs: JobRunner) -> Iterator[Session]:
    """A session without a lab."""
    made = Session(jobs, jobs)
    yield made
    made.close()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """Preferences of nobody."""
    return Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))
