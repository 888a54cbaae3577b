"""A question of which only the newest answer counts."""

from __future__ import annotations

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
        self._give_up: Callable[[], None] = lambda: None

    @property
    def edition(self) -> int:
        """Which question is the newest."""
        return self._edition

    def ask(
        self, work: Callable[[OnProgress], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run ``work`` in a thread; one of the two others follows unless something newer was asked by then."""
        self.drop()
        edition = self._edition

        def fresh(answer: T) -> None:
            if edition == self._edition:
                done(answer)

        def fresh_failure(error: Exception) -> None:
            if edition == self._edition:
                failed(error)

        self._give_up = self._jobs.start(self._owner, work, done=fresh, failed=fresh_failure)

    def drop(self) -> None:
        """Want no answer any more."""
        self._edition += 1
        self._give_up()
        self._give_up = lambda: None
