"""Work off the UI thread: named jobs with progress, cancelling, and answers back on it."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from threading import Event
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, QTimerEvent, Signal, Slot

from forensics_app.errors import CancelledError
from ui.pace import Pace

T = TypeVar("T")
OnProgress = Callable[[int, int], None]
PROGRESS_INTERVAL_S = 0.1
LONG_WORKERS, QUICK_WORKERS = 2, 4
READS_AT_ONCE = 2
"""More only take the interpreter from each other and from the window."""
_LASTS_MS = 100
"""A read that lasts longer waits for something else, so that another may begin beside it."""
NICENESS = 3
"""Enough for Linux to give a processor to the window as soon as it wakes; its equal may go on for 4 ms."""
ENDED_KEPT = 50
_log = logging.getLogger(__name__)


def step_behind() -> None:
    """Let this thread go slightly behind the window's, where a system knows priorities of threads.

    Not further: it may hold the interpreter when the window wants it, and must come to a processor before the children.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    WARNED = "finished with a warning"
    FAILED = "failed"
    CANCELLED = "stopped"
    INTERRUPTED = "interrupted"


ACTIVE = (State.WAITING, State.RUNNING, State.STOPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that can be done about a job from its row, such as opening what it made.

    One that is ``always`` there can be done while the job runs, too.
    """

    text: str
    call: Callable[[], None]
    always: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """What the tray says of a job.

    ``title`` is act and object (``Verify LH/05-I1``), ``unit`` what is counted (``bytes``, ``entries``),
    ``if_stopped`` what is kept when somebody stops it, ``needs_key`` that it signs when it ends, ``may_be_dropped``
    that closing the program need not ask because of it. ``remark`` gives what else is to be known while it runs,
    such as what could not be read; it is asked on the UI thread.
    """

    title: str
    icon: str = "active"
    unit: str = "bytes"
    if_stopped: str = ""
    needs_key: bool = False
    may_be_dropped: bool = False
    acts: tuple[Act, ...] = ()
    remark: Callable[[], str] = str


class Job:
    """One named job; lives on the UI thread only."""

    def __init__(self, number: int, card: JobCard, cancel: Callable[[], None]) -> None:
        """Wait for a free thread."""
        self.number, self.card, self._cancel = number, card, cancel
        self.state = State.WAITING
        self.pace = Pace()
        self.message = ""
        self.acts = card.acts

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ACTIVE

    def cancel(self) -> None:
        """Ask it to stop at its next report of progress."""
        if self.active:
            self.state = State.STOPPING
            self._cancel()


class JobRunner(QObject):
    """Owns the threads and the only signals they touch, so both outlive any window.

    Work with a card is a long job: it is listed, and two run at a time. Work without one is a short read for the page
    in sight; it has threads of its own, so that it never waits behind an image being hashed.
    """

    added = Signal(object)
    changed = Signal(object)
    ended = Signal(object)
    listed = Signal()
    _posted = Signal(object)  # a callable, sent from a worker, run on the UI thread

    def __init__(self, parent: QObject, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the threads; ``clock`` gives seconds that never go back."""
        super().__init__(parent)
        self._clock = clock
        self._long = ThreadPoolExecutor(LONG_WORKERS, thread_name_prefix="job", initializer=step_behind)
        self._quick = ThreadPoolExecutor(QUICK_WORKERS, thread_name_prefix="read", initializer=step_behind)
        self._stops: set[Event] = set()
        self._numbers = itertools.count(1)
        self._jobs: list[Job] = []
        self._closed = False
        self._calls: deque[Callable[[], None]] = deque()
        self._reads: deque[Callable[[], None]] = deque()
        self._reading: set[int] = set()
        self._read_numbers = itertools.count(1)
        self._waits: Callable[[QObject], bool] = lambda owner: False
        self._held: list[Callable[[], None]] = []
        self._posted.connect(self._run_here, Qt.ConnectionType.QueuedConnection)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every job of this run of the program, newest first; ended ones until they are cleared."""
        return tuple(reversed(self._jobs))

    @property
    def active(self) -> tuple[Job, ...]:
        """The jobs that wait or run, oldest first."""
        return tuple(job for job in self._jobs if job.active)

    def start(
        self,
        owner: QObject,
        work: Callable[[OnProgress], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: OnProgress = lambda done, total: None,
        cancelled: Callable[[], None] = lambda: None,
        card: JobCard | None = None,
        warning: Callable[[T], str] = lambda result: "",
    ) -> Callable[[], None]:
        """Run ``work(on_progress)`` in a thread; return a function that cancels it.

        Exactly one of ``done``, ``failed`` and ``cancelled`` is called, on the UI thread, and none of them once
        ``owner`` (a widget) is gone; later when it is put by (:meth:`hold`). The job's row is kept up in any case.
        ``warning`` turns the result into a sentence when the job ended well but found something that needs attention.
        """
        stop, last_sent = Event(), 0.0
        job = self._list(card, stop.set) if card else None

        def on_progress(done_units: int, total_units: int) -> None:
            nonlocal last_sent
            if stop.is_set():
                raise CancelledError
            if (now := self._clock()) - last_sent >= PROGRESS_INTERVAL_S or done_units == total_units:
                last_sent = now
                self._posted.emit(partial(self._note_progress, job, now, done_units, total_units))
                self._posted.emit(partial(self._answer, owner, partial(progress, done_units, total_units), passes=True))

        def tell(call: Callable[[], None]) -> None:
            self._posted.emit(partial(self._answer, owner, call))

        def end(state: State, message: str, call: Callable[[], None]) -> None:
            self._posted.emit(partial(self._note_end, job, state, message))
            tell(call)

        def run() -> None:
            try:
                if stop.is_set():
                    raise CancelledError
                self._posted.emit(partial(self._note_start, job))
                result = work(on_progress)
                said = warning(result)
            except CancelledError:
                end(State.CANCELLED, "", cancelled)
            except Exception as error:  # noqa: BLE001  (the one blind except of the window: `failed` shows it)
                _log.info("work in the background failed", exc_info=error)
                end(State.FAILED, str(error), partial(failed, error))
            else:
                end(State.WARNED if said else State.DONE, said, partial(done, result))
            finally:
                self._stops.discard(stop)

        if not self._closed:  # a timer of a window that is going may still ask
            self._stops.add(stop)
            if card:
                self._long.submit(run)
            else:
                self._reads.append(run)
                QTimer.singleShot(0, self, self._begin_reads)
        return job.cancel if job else stop.set

    def next_turn(self, owner: QObject, call: Callable[[], None]) -> None:
        """Do ``call`` at a later turn of the event loop, unless ``owner`` is gone by then.

        What takes long because much is made is done in parts, so that the window answers in between.
        """
        self._run_here(partial(self._answer, owner, call))

    def hold(self, waits: Callable[[QObject], bool]) -> None:
        """From now on keep the answers of the owners that ``waits`` names, until :meth:`release`."""
        self._waits = waits

    def drop(self) -> None:
        """Forget the answers that were kept: who asked for them is gone."""
        self._held.clear()

    def release(self) -> None:
        """Give the answers that were kept, in their order, and keep no more."""
        self._waits = lambda owner: False
        held, self._held = self._held, []
        for answer in held:
            self._run_here(answer)

    def note_interrupted(self, title: str, message: str, acts: tuple[Act, ...]) -> Job:
        """List what an earlier run of the program did not finish, with what can be done about it."""
        job = Job(next(self._numbers), JobCard(title=title, icon="verify-warning"), lambda: None)
        job.state, job.message, job.acts = State.INTERRUPTED, message, acts
        self._jobs.append(job)
        self.added.emit(job)
        self.listed.emit()
        return job

    def forget(self, job: Job) -> None:
        """Take an ended job off the list."""
        if job in self._jobs and not job.active:
            self._jobs.remove(job)
            self.listed.emit()

    def forget_ended(self) -> None:
        """Take all ended jobs off the list, but not what was interrupted and awaits a decision."""
        self._jobs = [job for job in self._jobs if job.active or job.state is State.INTERRUPTED]
        self.listed.emit()

    def shut_down(self) -> None:
        """Stop everything and wait for it; call before windows and database go. Nobody is called back any more."""
        self._closed = True
        self._reads.clear()
        for stop in tuple(self._stops):
            stop.set()
        for pool in (self._quick, self._long):
            pool.shutdown(wait=True, cancel_futures=True)

    def _begin_reads(self) -> None:
        """Begin what was asked, behind the paint of what asked for it."""
        while self._reads and len(self._reading) < READS_AT_ONCE and not self._closed:
            number = next(self._read_numbers)
            self._reading.add(number)
            self._quick.submit(self._read, self._reads.popleft(), number)
            QTimer.singleShot(_LASTS_MS, self, partial(self._pass_over, number))

    def _read(self, run: Callable[[], None], number: int) -> None:
        run()
        self._posted.emit(partial(self._pass_over, number))

    def _pass_over(self, number: int) -> None:
        self._reading.discard(number)
        self._begin_reads()

    def _list(self, card: JobCard, cancel: Callable[[], None]) -> Job:
        def cancel_and_tell() -> None:
            cancel()
            self.changed.emit(job)

        job = Job(next(self._numbers), card, cancel_and_tell)
        self._jobs.append(job)
        ended = [old for old in self._jobs if not old.active and old.state is not State.INTERRUPTED]
        for old in ended[:-ENDED_KEPT]:
            self._jobs.remove(old)
        self.added.emit(job)
        self.listed.emit()
        return job

    def _answer(self, owner: QObject, call: Callable[[], None], *, passes: bool = False) -> None:
        """Give an answer now, or keep it; one that ``passes`` is of no use later."""
        if not shiboken6.isValid(owner):
            return
        if not self._waits(owner):
            call()
        elif not passes:
            self._held.append(partial(self._answer, owner, call))

    def _note_start(self, job: Job | None) -> None:
        if job and job.state is State.WAITING:
            job.state = State.RUNNING
            self.changed.emit(job)
            self.listed.emit()

    def _note_progress(self, job: Job | None, now_s: float, done_units: int, total_units: int) -> None:
        if job:
            job.pace.add(now_s, done_units, total_units)
            self.changed.emit(job)

    def _note_end(self, job: Job | None, state: State, message: str) -> None:
        if job:
            job.state, job.message = state, message
            self.ended.emit(job)
            self.listed.emit()

    @Slot(object)
    def _run_here(self, call: Callable[[], None]) -> None:
        self._calls.append(call)
        if len(self._calls) == 1:
            self.startTimer(0)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Give one answer at each turn of the event loop, so that keys and paints come in between."""
        self.killTimer(event.timerId())
        call = self._calls.popleft()
        if self._calls:
            self.startTimer(0)  # before the call, which may open a dialog and wait in it
        if not self._closed:
            call()
