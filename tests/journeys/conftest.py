import shutil
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from ui.preferences import Preferences

HERE = Path(__file__).parent
JOURNEY, ON_X11 = "test_first_day", "test_first_day_on_x11"
DISPLAY_IS_MISSING = sys.platform != "linux" or shutil.which("xvfb-run") is None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform keeps no size hints and grabs no keyboard, and says so; that is no fault of ours."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))
    if not DISPLAY_IS_MISSING and any(item.path.stem == ON_X11 for item in items):
        for item in items:
            if item.path.stem == JOURNEY:
                item.add_marker(pytest.mark.skip(reason=f"{ON_X11} walks the same on a real display server"))


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """Preferences of nobody."""
    return Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))
