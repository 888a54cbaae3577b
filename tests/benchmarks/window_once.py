"""One start of the window with a lab: ``window_once.py LAB``. Prints nothing.

It ends when the lab is open and a person can type who signs in; with 1 where that does not come about.
"""

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

_LOOK_EVERY_MS, _GIVE_UP_MS = 2, 30_000


def main() -> int:
    """Start as the program does on a computer where the lab was open before; 1 if it cannot be used."""
    with tempfile.TemporaryDirectory(prefix="bench-window-") as folder:
        app = QApplication(sys.argv[:1])
        preferences = Preferences(QSettings(str(Path(folder) / "preferences.ini"), QSettings.Format.IniFormat))
        preferences.remember_lab(Path(sys.argv[1]))
        application = Application(app, preferences)
        application.start()
        ready: list[bool] = []

        def look() -> None:
            window = application.window
            if application.session.has_lab and window.isVisible() and window.focusWidget() is not None:
                ready.append(window.focusWidget().isEnabled())
                app.quit()

        looking = QTimer(app)
        looking.timeout.connect(look)
        looking.start(_LOOK_EVERY_MS)
        QTimer.singleShot(_GIVE_UP_MS, app.quit)
        app.exec()
    return 0 if ready == [True] else 1


if __name__ == "__main__":
    os._exit(main())
