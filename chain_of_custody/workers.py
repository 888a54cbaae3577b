"""Judging the runs of a chain on all cores: in threads, or in processes, which do not wait for one another.

Whatever becomes of a process, its run is judged: by this one, if need be.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from chain_of_custody.blocks import Block, Task, judge_block
from chain_of_custody.messages import from_keys, from_task, read_frame, to_block, write_frame
from chain_of_custody.signing import PublicKey

_Keys: TypeAlias = Mapping[str, PublicKey]

_BLOCKS_PER_CORE: Final = 4
_THREADS_PER_CORE: Final = 2
"""Reading a body keeps other threads from Python, checking a signature does not: a core has work while one waits."""

_TICK_S: Final = 0.2
_SILENCE_S: Final = 60.0
"""A run takes a process a tenth of a second; one that has not answered after a minute is taken for hung."""


def worker_command(module: str = "chain_of_custody.worker") -> tuple[str, ...]:
    """Return the command that starts a worker; empty in a frozen program, which alone knows what starts it as one.

    A worker shuts out what this process shuts out: the variables of Python, the packages of the user.
    """
    if getattr(sys, "frozen", False):
        return ()
    given = {"-I": sys.flags.isolated, "-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site}
    shut_out = (flag for flag, is_given in given.items() if is_given)
    return (sys.executable, *shut_out, "-B", "-P", "-m", module)


def judge_all(
    tasks: Iterable[Task],
    public_keys: _Keys,
    command: Sequence[str],
    *,
    on_tick: Callable[[], object],
    silence_s: float = _SILENCE_S,
) -> Generator[tuple[Task, Block], None, None]:
    """Judge runs of entries on all cores, and yield them in order. Few are held at once.

    Args:
        tasks: the runs.
        public_keys: by key id.
        command: starts a worker process; empty for threads.
        on_tick: called several times a second while nothing can be yielded; what it raises passes through.
        silence_s: so long a run may take; then the processes are ended, and the rest is judged here.
    """
    from concurrent.futures import Future, ThreadPoolExecutor, wait  # loads much that most users of a ledger never need

    cores = os.cpu_count() or 1
    workers = Workers(command, public_keys)
    pool = ThreadPoolExecutor(cores * (1 if command else _THREADS_PER_CORE), thread_name_prefix="ledger")
    waiting: deque[tuple[Task, Future[Block]]] = deque()

    def first() -> tuple[Task, Block]:
        task, future = waiting.popleft()
        until_s = time.monotonic() + silence_s
        while not wait((future,), _TICK_S).done:
            on_tick()
            if time.monotonic() > until_s:
                workers.end()
        return task, future.result()

    try:
        for task in tasks:
            waiting.append((task, pool.submit(workers.judge, task)))
            if len(waiting) == cores * _BLOCKS_PER_CORE:
                yield first()
        while waiting:
            yield first()
    finally:
        workers.end()
        pool.shutdown(cancel_futures=True)


class Workers:
    """Processes that judge runs of entries, started as they are needed, ended by `end`.

    One that does not start, dies, or answers nonsense is given up, and its run is judged by this process.
    """

    def __init__(self, command: Sequence[str], public_keys: _Keys) -> None:
        """Keep the command that starts a worker, empty for none, and the keys of the lab by key id."""
        self._command, self._public_keys = command, public_keys
        self._all: list[_Worker] = []
        self._idle: deque[_Worker] = deque()
        self._may_start, self._lock = bool(command), threading.Lock()

    def judge(self, task: Task) -> Block:
        """Judge a run of entries as `judge_block` does. Several threads may call it; each call takes one worker."""
        worker = None
        try:
            worker = self._idle_or_new()
            if worker is not None:
                block = worker.judge(task, self._public_keys)
                self._idle.append(worker)
                return block
        except (OSError, ValueError):
            self._may_start = False
            if worker is not None:
                worker.end()
        return judge_block(task, self._public_keys)

    def end(self) -> None:
        """End every worker and start no more. What they have not answered is judged by the thread that asked."""
        with self._lock:
            self._may_start = False
            for worker in self._all:
                worker.end()

    def _idle_or_new(self) -> _Worker | None:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if not self._may_start:
                return None
            self._all.append(_Worker(self._command))
            return self._all[-1]


class _Worker:
    """One process. The first question gives it the keys."""

    def __init__(self, command: Sequence[str]) -> None:
        import subprocess  # only long chains need it

        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
        )
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)  # behind what somebody looks at
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        self._has_keys = False

    def judge(self, task: Task, public_keys: _Keys) -> Block:
        if not self._has_keys:
            write_frame(self._questions, from_keys(public_keys))
            self._has_keys = True
        write_frame(self._questions, from_task(task))
        answer = read_frame(self._answers)
        if answer is None:
            raise ValueError("the worker has ended")
        return to_block(task, answer)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._questions, self._answers):
            with contextlib.suppress(OSError):  # a question that was never read
                stream.close()


def _environment() -> Mapping[str, str]:
    """The surroundings of this process, in which this very package is found first."""
    root = str(Path(__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
