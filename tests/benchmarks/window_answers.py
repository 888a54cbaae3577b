"""How long the window is ever kept from answering while an image is taken in through it and looked into.

A timer of 5 ms beats on the UI thread of the real program while an :class:`Examiner` works at it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from forensics_app.model.person import Role
from tests.benchmarks.window_examiner import Examiner
from tests.builders import PEOPLE, make_bench
from ui.application import THREAD_TURN_S, Application, spare_collector
from ui.preferences import Preferences

BEAT_MS = 5


class Heartbeat(QObject):
    """Beats on the UI thread and keeps the longest wait between two beats, for each station of the work."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest_ms: dict[str, float] = {}
        self._station = ""
        self._last = time.perf_counter()
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(BEAT_MS)
        timer.timeout.connect(self.beat)
        timer.start()

    def arrive(self, station: str) -> None:
        """What follows belongs to another station."""
        self.beat()
        self._station = station

    def beat(self) -> None:
        """Note how long ago the last beat was."""
        now = time.perf_counter()
        waited_ms = (now - self._last) * 1000
        self.longest_ms[self._station] = max(self.longest_ms.get(self._station, 0.0), waited_ms)
        self._last = now


def longest_waits_ms(app: QApplication, folder: Path, image_path: Path) -> dict[str, float]:
    """Take an image in and look into it; the longest wait in milliseconds at each station.

    Raises:
        StuckError: Something that should follow did not.
        AssertionError: Something that should be in sight was not.
    """
    sys.setswitchinterval(THREAD_TURN_S)
    bench = make_bench(folder / "lab")
    bench.exhibit(bench.case(expires_on=None))
    bench.lab.close()
    preferences = Preferences(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    preferences.remember_lab(folder / "lab")
    preferences.last_person = next(name for name, role in PEOPLE.items() if role is Role.EXAMINER)
    application = Application(app, preferences)
    application.grown.connect(spare_collector)
    examiner, heart = Examiner(application, image_path), Heartbeat(application)
    examiner.arrived.connect(heart.arrive)
    at_work, ends = QEventLoop(), list[Exception | None]()
    examiner.ended.connect(ends.append)
    examiner.ended.connect(at_work.quit)
    application.start()
    examiner.begin()
    at_work.exec()
    heart.beat()
    application.window.close()
    if ends[0]:
        raise ends[0]
    return heart.longest_ms
