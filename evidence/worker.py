"""The main program of a child process: takes requests, answers, and ends when its parent is gone.

Requests and answers are frames of :mod:`evidence.wire`. Every message is a tuple that begins with its kind::

    parent -> child   ("limits", {...}, parent pid)       once, before anything else
                      ("call", name, {argument: value})
    child -> parent   ("ready", (limits that could not be set, ...))
                      ("progress", done, total, place)
                      ("item", packed value)  ("rows", (FileRow, ...))  ("piece", (FileRow, ...)) of the next rows
                      ("value", packed value)             ends a call
                      ("error", class, {attribute: packed value})  an EvidenceError; ends a call
                      ("failed", class, message, traceback)        any other exception; the child ends
                      ("memory",)                         memory ran out; the child ends
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeAlias

from evidence.errors import EvidenceError
from evidence.filesystems.base import FileRow
from evidence.limits import Limits, deny_oneself
from evidence.notes import Notes
from evidence.wire import WireError, decode, encode, pack, read_frame, unpack, write_frame

PROGRESS_EVERY_S = 0.1

_GC_THRESHOLD = 100_000
"""Batches of rows hold no cycles, and looking for some after every 700 new objects takes a tenth of a walk."""

_LONG_CALL_S = 0.02
"""After a call that takes longer, what it left in cycles is given back: opened images hold caches of many MiB."""


class Reporter:
    """The way back to the parent while a call runs."""

    def __init__(self, stream: IO[bytes], notes: Notes | None = None) -> None:
        """Write to ``stream``; ``notes`` take what is to be read only after a death."""
        self._stream, self._lock, self._notes = stream, threading.Lock(), notes
        self._last_s, self.place = 0.0, ""

    def send(self, message: tuple[object, ...]) -> None:
        """Send one message, whole, whichever thread calls."""
        body = encode(message)
        with self._lock:
            write_frame(self._stream, body)

    def note(self, text: str) -> None:
        """Note what is done next, for a parent that outlives this process; costs next to nothing."""
        if self._notes is not None:
            self._notes.write(text)

    def progress(self, done_units: int, total_units: int, /) -> None:
        """Tell how far the work is, the end always, and else at most ten times a second however often it is called."""
        now_s = time.monotonic()
        if now_s - self._last_s >= PROGRESS_EVERY_S or 0 < total_units == done_units:
            self._last_s = now_s
            self.send(("progress", done_units, total_units, self.place))

    def item(self, value: object) -> None:
        """Send a value before the call has ended."""
        self.send(("item", pack(value)))

    def rows(self, rows: tuple[FileRow, ...]) -> None:
        """Send rows of the catalogue; a batch too long for one message goes in pieces, the last of them as rows."""
        self._rows("rows", rows)

    def _rows(self, kind: str, rows: tuple[FileRow, ...]) -> None:
        try:
            self.send((kind, rows))
        except WireError:
            if len(rows) < 2:
                raise
            half = len(rows) // 2
            self._rows("piece", rows[:half])
            self._rows(kind, rows[half:])


Session: TypeAlias = dict[str, Any]
"""What lives in a child between calls, such as opened images, by handle."""

Task: TypeAlias = Callable[[Session, Mapping[str, Any], Reporter], object]
"""A call that a child can run; what it returns is packed and sent."""


def serve(requests: IO[bytes], answers: IO[bytes], load_tasks: Callable[[], Mapping[str, Task]]) -> None:
    """Answer requests until the stream of them ends.

    Args:
        requests: Where they come from.
        answers: Where the answers go.
        load_tasks: Gives the calls by name. It runs after the limits are set, since it imports the native readers.
    """
    reporter = Reporter(answers, Notes(Path.cwd()))
    sys.excepthook = _tell_and_end(reporter)
    first = read_frame(requests)
    if first is None:
        return
    _, limits, parent_pid = unpack(decode(first))
    refused = deny_oneself(Limits(**limits), parent_pid)
    gc.set_threshold(_GC_THRESHOLD)
    tasks = load_tasks()
    gc.freeze()
    reporter.send(("ready", refused))
    session: Session = {}
    while (body := read_frame(requests)) is not None:
        _, name, arguments = unpack(decode(body))
        reporter.place = ""
        began_s = time.monotonic()
        answer = _answer(tasks, session, name, arguments, reporter)
        if time.monotonic() - began_s >= _LONG_CALL_S:
            gc.collect()
        reporter.send(answer)
        if answer[0] == "memory":
            return


def _answer(
    tasks: Mapping[str, Task], session: Session, name: str, arguments: Mapping[str, Any], reporter: Reporter
) -> tuple[object, ...]:
    try:
        return ("value", pack(tasks[name](session, arguments, reporter)))
    except MemoryError:
        return ("memory",)
    except EvidenceError as error:
        return ("error", type(error).__name__, {key: pack(value) for key, value in vars(error).items()})


def _tell_and_end(reporter: Reporter) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """A last word for what nobody expected: whatever a reader throws at hostile bytes has to reach the parent."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        if not isinstance(error, BrokenPipeError):
            reporter.send(("failed", kind.__name__, str(error)[:2000], text[-8000:]))

    return hook


def take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep standard input and output for the messages, and let stray prints go to standard error instead."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def main() -> int:
    """Serve the engine's own calls: ``python -m evidence.worker``, or ``--evidence-worker`` of the frozen program."""
    serve(*take_streams(), _engine_tasks)
    return 0


def _engine_tasks() -> Mapping[str, Task]:
    from evidence.tasks import TASKS  # imports the native readers, so not before the limits

    return TASKS


if __name__ == "__main__":
    sys.exit(main())
