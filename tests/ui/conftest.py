from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication

from ui.jobs import JobRunner
from ui.preferences import Preferences
from ui.session import Session
from ui.theme import fonts, style
from ui.theme.tokens import LIGHT

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says of every window that it keeps no size hints; that is no fault of ours."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture(scope="session")
def styled_app(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> QApplication:
    """The application with our fonts and the light theme."""
    fonts.load_fonts()
    style.apply(qapp, LIGHT, tmp_path_factory.mktemp("marks"))
    return qapp


@pytest.fixture(autouse=True)
def _styled(styled_app: QApplication) -> None:
    """Every test of the window looks like the window."""


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
