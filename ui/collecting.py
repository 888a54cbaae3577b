"""When Python looks for objects that refer to each other in a circle, so that nobody waits for it.

Left to itself it looks whenever enough was made, in whichever thread did, and every other thread stands still
meanwhile: 75 ms in a lab of 20,000 files under search, 200 ms where everything that is loaded is gone through.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from ui.jobs import JobRunner
    from ui.session import Session

LOOK_MS = 2000
MANY_YOUNG = 20_000
"""So many objects made since the last look are left alone while somebody works: to go through them takes too long."""
LONG_S = 0.015


class Collector(QObject):
    """Looks on the UI thread alone, at what is new, and leaves what stays out of it until nobody is signed in.

    A widget that goes with a circle is destroyed in the thread it belongs to, too.
    """

    def __init__(self, parent: QObject, jobs: JobRunner, session: Session) -> None:
        """Take over from Python for as long as ``parent`` is there."""
        super().__init__(parent)
        self._jobs, self._session = jobs, session
        gc.disable()
        self.destroyed.connect(gc.enable)
        self._session.person_changed.connect(lambda: QTimer.singleShot(LOOK_MS, self, self._look_at_all))
        timer = QTimer(self)
        timer.setInterval(LOOK_MS)
        timer.timeout.connect(self.look)
        timer.start()

    def leave(self) -> None:
        """Leave what is there by now out of it: something large was made that stays."""
        gc.freeze()

    def look(self) -> None:
        """Go through what is new; while a job runs through the newest alone, and what is too much for that is left."""
        if gc.get_count()[0] > MANY_YOUNG:
            self.leave()
        elif self._jobs.active:
            gc.collect(0)
        else:
            began_s = time.perf_counter()
            gc.collect()
            if time.perf_counter() - began_s > LONG_S:
                self.leave()

    def _look_at_all(self) -> None:
        """Go through everything, which takes a fifth of a second, where nobody is signed in to wait for it."""
        if not self._session.is_open:
            gc.unfreeze()
            gc.collect()
            self.leave()
