"""Measures how long the UI thread is ever kept from answering."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

BEAT_MS = 5
_LATE_S, _LOOK_S = 0.045, 0.01
_KEPT, _FRAMES = 5, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A wait between two beats: how long, how much of it the UI thread itself computed, and where it was seen."""

    wall_ms: float
    cpu_ms: float
    where: str

    def __str__(self) -> str:
        return f"{self.wall_ms:.0f} ms, of which the UI thread computed {self.cpu_ms:.0f} ms\n{self.where}"


class Heartbeat(QObject):
    """Beats every 5 ms on the UI thread; a thread beside it notes what that thread was doing while it was late."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.stalls: list[Stall] = []
        self.beats = 0
        self._seen = ""
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._main = threading.get_ident()
        self._ended = threading.Event()
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to measure."""
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._timer.start()
        self._watcher.start()

    def stop(self) -> Stall:
        """End; the longest wait."""
        self._timer.stop()
        self._ended.set()
        self._watcher.join()
        return max(self.stalls, key=lambda one: one.wall_ms, default=Stall(wall_ms=0, cpu_ms=0, where=""))

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        stall = Stall(wall_ms=(now - self._last) * 1000, cpu_ms=(cpu - self._last_cpu) * 1000, where=self._seen)
        self._last, self._last_cpu, self._seen = now, cpu, ""
        self.beats += 1
        self.stalls = sorted([*self.stalls, stall], key=lambda one: -one.wall_ms)[:_KEPT]

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_S):
            if time.perf_counter() - self._last > _LATE_S and not self._seen:
                frame = sys._current_frames().get(self._main)
                self._seen = "".join(traceback.format_stack(frame)[-_FRAMES:]) if frame else ""
