"""A question of which only the newest answer counts, and acts that wait for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject

from ui.jobs import JobRunner, OnProgress

T = TypeVar("T")


class Latest:
    """Asks in the background for one owner; an older question is given up, and its answer is dropped."""

    def __init__(self, owner: QObject, jobs: JobRunner) -> None:
        """Answers reach ``owner`` on the UI thread, and never after it is gone."""
        self._owner, self._jobs = owner, jobs
        self._edition = 0
        self._open = False
        self._waiting: deque[Callable[[], None]] = deque()
        self._give_up: Callable[[], None] = lambda: None

    @property
    def edition(self) -> int:
        """Which question is the newest."""
        return self._edition

    def ask(
        self, work: Callable[[OnProgress], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run ``work`` in a thread; one of the two others follows unless something newer was asked by then."""
        self._leave()
        edition = self._edition
        self._open = True

        def fresh(answer: T) -> None:
            if edition == self._edition:
                self._open = False
                try:
                    done(answer)
                except Exception:
                    self._waiting.clear()
                    raise
                if self._waiting:
                    self._jobs.next_turn(self._owner, self._go_on)

        def fresh_failure(error: Exception) -> None:
            if edition == self._edition:
                self._open = False
                self._waiting.clear()
                failed(error)

        self._give_up = self._jobs.start(self._owner, work, done=fresh, failed=fresh_failure)

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do ``act`` once the newest question is answered, at once when none is open.

        So nobody acts upon what a page still shows of an older reading. Nothing is done when the reading fails.
        """
        if self._open or self._waiting:
            self._waiting.append(act)
        else:
            act()

    def drop(self) -> None:
        """Want no answer any more; acts that waited for it are not done."""
        self._leave()
        self._waiting.clear()

    def _leave(self) -> None:
        self._edition += 1
        self._open = False
        self._give_up()
        self._give_up = lambda: None

    def _go_on(self) -> None:
        while self._waiting and not self._open:
            self._waiting.popleft()()
