from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from ui.preferences import Preferences

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says of every window that it keeps no size hints; that is no fault of ours."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """Preferences of nobody."""
    return Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))
