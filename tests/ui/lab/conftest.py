from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from ui.appearance import Appearance
from ui.preferences import Preferences
from ui.theme import style
from ui.theme.tokens import LIGHT


@pytest.fixture(scope="module")
def appearance(styled_app: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appearance]:
    """One look for the tests of a file that choose none: to put on another takes as long as the rest of a test."""
    folder = tmp_path_factory.mktemp("appearance")
    settings = QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat)
    made = Appearance(styled_app, Preferences(settings))
    yield made
    made.deleteLater()
    style.apply(styled_app, LIGHT, folder)
