"""One process with pipes to it: started, read, written and ended so that neither side can wait for ever."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from evidence.priority import give_way
from evidence.wire import WireError, read_frame, write_frame

_FRAMES_AHEAD = 8
_PIPE_BYTES = 1024 * 1024
_LAST_WORDS_BYTES = 4096
_SMALL_FRAME_BYTES = 4096
_KEPT_VARIABLES = ("SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The stream of answers is over.

    Attributes:
        exit_status: Of the process, minus the signal's number if a signal ended it; None if it never started.
        last_words: The end of what it wrote to standard error, or why it did not start.
    """

    exit_status: int | None
    last_words: str


Answer: TypeAlias = bytearray | WireError | Ended


class ChildProcess:
    """A process and the threads that read its output.

    The thread that reads the answers also starts the process. Linux kills a child that asked to die with its parent
    when the *thread* that started it ends, so that thread has to live exactly as long as the child.

    Attributes:
        answers: The bodies of the frames it wrote, then an ``Ended``. Few are held: a child that is faster than its
            reader waits.
    """

    def __init__(self, command: tuple[str, ...], folder: Path) -> None:
        """Start ``command`` in ``folder``; if that fails, ``answers`` says so."""
        self._command, self._folder = command, folder
        self.answers: queue.Queue[Answer] = queue.Queue(_FRAMES_AHEAD)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evidence child", daemon=True)
        self._thread.start()
        self._started.wait()

    @property
    def pid(self) -> int:
        """The number of the process; 0 if it never started."""
        return self._process.pid if self._process else 0

    def send(self, body: bytes, timeout_s: float) -> bool:
        """Write one frame to the child.

        Returns:
            False if the child did not take it within ``timeout_s`` and was killed. A child that is dead is no error
            here: ``answers`` tells.
        """
        if self._process is None or self._process.stdin is None:
            return True
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.kill()

        timer = threading.Timer(timeout_s, give_up)
        if len(body) > _SMALL_FRAME_BYTES:  # a smaller one fits into the pipe of an idle child
            timer.start()
        try:
            write_frame(self._process.stdin, body)
        except (OSError, ValueError):  # the pipe is broken, or closed already
            return not late.is_set()
        finally:
            timer.cancel()
        return True

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """End the process and wait for its threads; another thread that waits for an answer gets the ``Ended``."""
        self.kill()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self.answers.get(timeout=0.01)
        self._thread.join()
        exit_status = self._process.returncode if self._process else None
        with contextlib.suppress(queue.Full):  # then there is something for who waits
            self.answers.put_nowait(Ended(exit_status=exit_status, last_words=""))

    def _run(self) -> None:
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._folder,
                env=_environment(),
            )
        except OSError as error:
            self._started.set()
            self.answers.put(Ended(exit_status=None, last_words=str(error)))
            return
        self._process = process
        give_way(process.pid)
        self._started.set()
        tail = _Tail(process.stderr)
        self._read_answers(process.stdout)
        exit_status = process.wait()
        tail.join()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):  # a request that was never read
                    stream.close()
        self.answers.put(Ended(exit_status=exit_status, last_words=tail.text()))

    def _read_answers(self, stream: IO[bytes] | None) -> None:
        if stream is None:
            return
        _widen(stream)
        try:
            while (body := read_frame(stream)) is not None:
                self.answers.put(body)
        except WireError as error:
            self.kill()
            self.answers.put(error)


class _Tail(threading.Thread):
    """Reads a stream to its end and keeps the end of it."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        super().__init__(name="evidence child's errors", daemon=True)
        self._stream, self._kept = stream, b""
        self.start()

    def run(self) -> None:
        if self._stream is not None:
            while block := os.read(self._stream.fileno(), _LAST_WORDS_BYTES):
                self._kept = (self._kept + block)[-_LAST_WORDS_BYTES:]

    def text(self) -> str:
        return self._kept.decode(errors="replace").strip()


def _widen(stream: IO[bytes]) -> None:
    """Let the pipe hold a whole batch of rows, so that the child seldom waits; where the system can."""
    if sys.platform == "linux":
        import fcntl  # absent on Windows

        with contextlib.suppress(OSError):
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _environment() -> Mapping[str, str]:
    """Nothing of the parent's surroundings but what starting needs."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    package_root = str(Path(__file__).parents[1])
    return kept | {
        "PATH": os.defpath,
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": package_root,
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "MALLOC_ARENA_MAX": "2",
    }
