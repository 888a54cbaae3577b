"""What an intake and an acquisition have in common: each goes on whether or not its window is open."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.pace import Pace
from ui.page import utc_now
from ui.tones import Tone

if TYPE_CHECKING:
    from ui.page import PageContext


class Phase(StrEnum):
    """How far a run is; only an intake registers its exhibit."""

    REGISTERING = "registering"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


_TONES = {Phase.DONE: Tone.OK, Phase.FAILED: Tone.BAD, Phase.STOPPED: Tone.WARN}
"""Of what has ended."""


class WatchedRun(QObject):
    """Follows a job of the tray.

    ``changed`` comes at each step and report, ``ended`` once, ``show_asked`` when somebody wants it from the job tray.
    """

    changed = Signal()
    ended = Signal()
    show_asked = Signal()

    def __init__(self, parent: QObject, context: PageContext, phase: Phase) -> None:
        """Stand in the first ``phase``; nothing runs yet."""
        super().__init__(parent)
        self._context = context
        self.phase = phase
        self.pace = Pace()
        self.began_at = utc_now()
        self.error: Exception | None = None
        self._cancel: Callable[[], None] = lambda: None

    @property
    def active(self) -> bool:
        """Whether it still goes on."""
        return self.phase not in _TONES

    @property
    def tone(self) -> Tone:
        """Done, wrong, or at work."""
        return _TONES.get(self.phase, Tone.NONE)

    def stop(self) -> None:
        """Ask it to stop at its next step."""
        if self.active:
            self.phase = Phase.STOPPING
            self._cancel()
            self.changed.emit()

    def _progress(self, done_bytes: int, total_bytes: int) -> None:
        self.pace.add(time.monotonic(), done_bytes, total_bytes)
        if self.phase is Phase.WAITING:
            self.phase = Phase.RUNNING
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self.error = error
        self._end(Phase.FAILED)

    def _stopped(self) -> None:
        self._end(Phase.STOPPED)

    def _end(self, phase: Phase) -> None:
        self.phase = phase
        self.changed.emit()
        self.ended.emit()
        self._context.session.tell_record_changed()
