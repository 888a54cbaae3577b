"""One start of the window, to the moment when it can be typed into: ``window_once.py``. Prints nothing."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from ui.application import Application
from ui.preferences import Preferences


def main() -> int:
    """Show the first-start page, let everything that waits be painted, and end; 1 if it cannot be typed into."""
    with tempfile.TemporaryDirectory(prefix="bench-window-") as folder:
        app = QApplication(sys.argv[:1])
        settings = QSettings(str(Path(folder) / "preferences.ini"), QSettings.Format.IniFormat)
        application = Application(app, Preferences(settings))
        application.start()
        ready: list[bool] = []

        def end() -> None:
            ready.append(application.window.isVisible() and application.window.focusWidget() is not None)
            app.quit()

        QTimer.singleShot(0, end)
        app.exec()
        sqlalchemy_waits = "sqlalchemy" not in sys.modules
        application.window.close()
    return 0 if ready == [True] and sqlalchemy_waits else 1


if __name__ == "__main__":
    os._exit(main())
