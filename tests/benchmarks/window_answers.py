"""How long the window is ever kept from answering while somebody works at it.

A timer of 5 ms beats on the UI thread of the real program while a :class:`Walker` goes from station to station.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from forensics_app.model.person import Role
from tests.benchmarks.window_examiner import Examiner
from tests.benchmarks.window_walk import Walker
from tests.builders import PEOPLE, make_bench
from ui.application import THREAD_TURN_S, Application
from ui.collecting import Collector
from ui.preferences import Preferences

BEAT_MS = 5


class Wait(NamedTuple):
    """How long the window did not answer at a station.

    Attributes:
        ms: The longest time between two beats.
        at_work_ms: The longest that its thread computed between two beats; the rest of a wait is for locks and for
            processors that others have, and does not repeat on a machine with nothing else to do.
    """

    ms: float = 0.0
    at_work_ms: float = 0.0


class Heartbeat(QObject):
    """Beats on the UI thread and keeps the longest wait between two beats, for each station of the work.

    ``left`` carries the name of a station that is over, and its :class:`Wait`.
    """

    left = Signal(str, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest: dict[str, Wait] = {}
        self._station = ""
        self._last = time.perf_counter(), time.thread_time()
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(BEAT_MS)
        timer.timeout.connect(self.beat)
        timer.start()

    def arrive(self, station: str) -> None:
        """What follows belongs to another station."""
        self.beat()
        self.left.emit(self._station, self.longest[self._station])
        self._station = station

    def beat(self) -> None:
        """Note how long ago the last beat was."""
        now = time.perf_counter(), time.thread_time()
        before = self.longest.get(self._station, Wait())
        waited_ms, at_work_ms = ((new - old) * 1000 for new, old in zip(now, self._last, strict=True))
        self.longest[self._station] = Wait(max(before.ms, waited_ms), max(before.at_work_ms, at_work_ms))
        self._last = now


def waits_of_intake(app: QApplication, folder: Path, image_path: Path) -> dict[str, Wait]:
    """Take an image in and look into it; the longest wait at each station.

    Raises:
        StuckError: Something that should follow did not.
        AssertionError: Something that should be in sight was not.
    """
    bench = make_bench(folder / "lab")
    bench.exhibit(bench.case(expires_on=None))
    bench.lab.close()
    person = next(name for name, role in PEOPLE.items() if role is Role.EXAMINER)
    return waits(app, folder, person, lambda application: Examiner(application, image_path))


def waits(
    app: QApplication, folder: Path, person: str, walker_at: Callable[[Application], Walker],
    tell: Callable[[str, Wait], None] = lambda station, wait: None,
) -> dict[str, Wait]:  # fmt: skip
    """Let a walker work in the lab ``folder / "lab"`` as ``person``; the longest wait at each station.

    Args:
        app: Shows the window.
        folder: Takes the preferences, too.
        person: Who is offered to sign in.
        walker_at: Makes the walker at an application.
        tell: Hears of each station as soon as it is over.

    Raises:
        StuckError: Something that should follow did not.
        AssertionError: Something that should be in sight was not.
    """
    sys.setswitchinterval(THREAD_TURN_S)
    preferences = Preferences(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    preferences.remember_lab(folder / "lab")
    preferences.last_person = person
    application = Application(app, preferences)
    application.grown.connect(Collector(application, application.jobs, application.session).leave)
    walker, heart = walker_at(application), Heartbeat(application)
    walker.arrived.connect(heart.arrive)
    heart.left.connect(tell)
    at_work, ends = QEventLoop(), list[Exception | None]()
    walker.ended.connect(ends.append)
    walker.ended.connect(at_work.quit)
    application.start()
    walker.begin()
    at_work.exec()
    heart.arrive("")
    application.window.close()
    if ends[0]:
        raise ends[0]
    return heart.longest
