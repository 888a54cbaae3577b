"""Child processes that read hostile bytes, and what becomes of them.

Images are hostile: the readers of containers, file systems and pictures run in a child process that has limited
itself (:mod:`evidence.limits`), talks in plain values only (:mod:`evidence.wire`), and dies with its parent. Every way
in which it can fail comes back as an :class:`~evidence.errors.IsolationError` with the place where it happened.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, get_type_hints

from evidence import notes
from evidence.childprocess import ChildProcess, Ended
from evidence.errors import (
    ChildClosedError,
    ChildDiedError,
    ChildFailedError,
    ChildHungError,
    ChildMemoryError,
    ChildProtocolError,
    ChildStartError,
    EvidenceError,
)
from evidence.later import Later
from evidence.limits import Limits
from evidence.wire import WireError, decode, encode, fits, pack, unpack

if TYPE_CHECKING:
    from evidence.digest import OnProgress

SILENCE_S = 120.0
"""How long a child may give no sign of life; a disk that retries a bad sector is silent for tens of seconds."""

_SCRATCH = "evidence-"
_TICK_S = 0.2
_MAX_UNITS = 2**63 - 1

_RETURNED: Mapping[str, object] = {
    "versions": Mapping[str, str],
    "describe": Later("evidence.views", "ImageDescription"),
    "hash": Later("evidence.digest", "MediaDigests"),
    "hash_parts": int,
    "check_stored": Later("evidence.views", "StoredCheck"),
    "open": Later("evidence.views", "ImageDescription"),
    "read": bytes,
    "read_file": bytes,
    "is_locked": bool,
    "place": int | None,
    "export_file": int,
    "picture": Later("evidence.views", "Picture"),
    "stills": Later("evidence.views", "VideoStills"),
    "ink": Later("evidence.views", "Ink"),
    "view": Later("evidence.viewers.base", "Sheet"),
    "view_rows": Later("evidence.viewers.base", "Rows"),
    "view_nodes": Later("evidence.viewers.base", "Nodes"),
    "view_text": str,
    "view_picture": Later("evidence.views", "Picture"),
}
"""What the calls of :mod:`evidence.tasks` return; another value shows that the evidence has taken over the child."""


def worker_command() -> tuple[str, ...]:
    """The command that starts a child of this program, from source or frozen."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--evidence-worker")
    return (sys.executable, "-B", "-P", "-m", "evidence.worker")


def _no_progress(done_units: int, total_units: int, /) -> None:
    """Nobody wants to know."""


class Child:
    """A child process that answers calls, one at a time, until it is closed.

    Use it as a context manager. A call that ends with an :class:`~evidence.errors.IsolationError`, or that is
    cancelled, ends the process too; the next call raises ``ChildClosedError``. Other errors of the evidence leave it
    ready. Not to be shared between threads without a lock.
    """

    def __init__(self, *, limits: Limits | None = None, command: Sequence[str] | None = None) -> None:
        """Start the process.

        Args:
            limits: What the child denies itself; the defaults of :class:`~evidence.limits.Limits` when left out.
            command: The program to run instead of this program's own worker.

        Raises:
            ChildStartError: The system would not start it, or it did not come up.
        """
        self._limits = limits or Limits()
        self._scratch = _scratch_folder()
        notes.prepare(Path(self._scratch.name))
        self._call, self._place = "start", ""
        self._progress, self._last_note = (0, 0), ""
        self._process = ChildProcess(tuple(command or worker_command()), Path(self._scratch.name))
        self._open = True
        try:
            self._ask(("limits", asdict(self._limits), os.getpid()), SILENCE_S)
            self.unset_limits = self._ready()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """The child itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_open(self) -> bool:
        """Whether it takes further calls."""
        return self._open

    @property
    def last_note(self) -> str:
        """What the process noted last before it was ended: a line that may be nonsense, empty while it is open."""
        return self._last_note

    def close(self) -> None:
        """End the process and remove its scratch folder. Closing twice does no harm.

        Any thread may close it: a call that another thread waits for ends with ``ChildClosedError``.
        """
        self._open = False
        self._process.end()
        self._last_note = self._last_note or notes.read(Path(self._scratch.name))
        self._scratch.cleanup()

    def call(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        on_item: Callable[[Any], None] | None = None,
        on_progress: OnProgress = _no_progress,
        timeout_s: float = SILENCE_S,
    ) -> Any:
        """Run one of the calls of :mod:`evidence.tasks` in the child, and wait for its value.

        Args:
            name: The call.
            arguments: Plain values and paths, which are made absolute.
            on_item: Takes each value that the call streams; what it raises passes through and ends the child.
            on_progress: Called at least five times a second, in this thread; what it raises passes through and ends
                the child.
            timeout_s: Seconds of silence after which the child is taken for hung. A call that works is not silent.

        Returns:
            What the call returned.

        Raises:
            EvidenceError: As raised in the child, the subclass and its attributes included.
            IsolationError: The child died, hung, ran out of memory, failed, or sent what is no message.
        """
        stream = self.stream(name, arguments, on_progress=on_progress, timeout_s=timeout_s)
        with contextlib.closing(stream):
            while True:
                try:
                    item = next(stream)
                except StopIteration as stop:
                    return stop.value
                if on_item is not None:
                    on_item(item)

    def stream(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        on_progress: OnProgress = _no_progress,
        timeout_s: float = SILENCE_S,
    ) -> Generator[Any, None, Any]:
        """As :meth:`call`, but yields what the call streams, and returns its value.

        A generator that is dropped before its end ends the child.
        """
        if not self._open:
            raise ChildClosedError(name, "")
        self._call, self._place, self._progress = name, "", (0, 0)
        finished = False
        pieces: tuple[Any, ...] = ()
        try:
            self._ask(("call", name, {key: pack(_absolute(value)) for key, value in arguments.items()}), timeout_s)
            while True:
                message = self._next(on_progress, timeout_s)
                match message:
                    case ("progress", int(done), int(total), str(place)) if _are_counts(done, total):
                        self._progress, self._place = (done, total), place
                        on_progress(done, total)
                    case ("piece", tuple(rows)):
                        pieces += rows
                    case ("rows", tuple(rows)):
                        yield pieces + rows
                        pieces = ()
                    case ("item", value):
                        yield self._unpack(value)
                    case ("value", value):
                        value = self._unpack(value)
                        kind = _RETURNED.get(name, object)
                        if not fits(value, kind.resolve() if isinstance(kind, Later) else kind):
                            raise ChildProtocolError(name, self._where(), "it is no answer to what was asked")
                        finished = True
                        return value
                    case ("error", str(kind), dict(attributes)):
                        error = self._rebuild_error(kind, attributes)
                        finished = True
                        raise error
                    case _:
                        raise self._failure(message)
        finally:
            if not finished:
                self.close()

    def _ask(self, message: tuple[object, ...], timeout_s: float) -> None:
        body = encode(message)
        if not self._process.send(body, timeout_s):
            raise ChildHungError(self._call, self._where(), timeout_s)

    def _ready(self) -> tuple[str, ...]:
        match self._next(_no_progress, SILENCE_S):
            case ("ready", tuple(unset)):
                return unset
            case other:
                raise self._failure(other)

    def _next(self, on_progress: OnProgress, timeout_s: float) -> object:
        """The next message; while there is none, ``on_progress`` is called again so that a cancel is noticed."""
        silent_since_s = time.monotonic()
        while True:
            try:
                got = self._process.answers.get(timeout=min(_TICK_S, timeout_s))
            except queue.Empty:
                if time.monotonic() - silent_since_s >= timeout_s:
                    raise ChildHungError(self._call, self._where(), timeout_s) from None
                on_progress(*self._progress)
                continue
            match got:
                case Ended() if not self._open:
                    raise ChildClosedError(self._call, self._where())
                case Ended():
                    raise self._death(got)
                case WireError():
                    raise ChildProtocolError(self._call, self._where(), str(got)) from got
                case body:
                    try:
                        return decode(body)
                    except WireError as error:
                        raise ChildProtocolError(self._call, self._where(), str(error)) from error

    def _unpack(self, plain: object) -> Any:
        try:
            return unpack(plain)
        except (WireError, RecursionError) as error:
            raise ChildProtocolError(self._call, self._where(), str(error)) from error

    def _death(self, ended: Ended) -> EvidenceError:
        if ended.exit_status is None:
            return ChildStartError(self._call, self._where(), ended.last_words)
        return ChildDiedError(self._call, self._where(), ended.exit_status, ended.last_words)

    def _failure(self, message: object) -> EvidenceError:
        match message:
            case ("memory",):
                return ChildMemoryError(self._call, self._where(), self._limits.memory_bytes)
            case ("failed", str(kind), str(what), str(trace)):
                return ChildFailedError(self._call, self._where(), kind, what, trace)
        return ChildProtocolError(self._call, self._where(), "it is of no known kind")

    def _rebuild_error(self, kind: str, attributes: Mapping[str, object]) -> EvidenceError:
        """The error as it was raised in the child; only the engine's own errors are made."""
        found = _errors(EvidenceError).get(kind)
        if found is not None:
            values, hints = self._unpack(attributes), get_type_hints(found.__init__)
            if values.keys() == hints.keys() - {"return"} and all(fits(values[key], hints[key]) for key in values):
                return found(**values)
        return ChildProtocolError(self._call, self._where(), "it reports an unknown error")

    def _where(self) -> str:
        done, total = self._progress
        return " ".join(filter(None, (self._place, f"({done} of {total})" if total else "")))


def run_isolated(
    name: str,
    arguments: Mapping[str, object],
    *,
    on_item: Callable[[Any], None] | None = None,
    on_progress: OnProgress = _no_progress,
    timeout_s: float = SILENCE_S,
    limits: Limits | None = None,
) -> Any:
    """Run one call in a child of its own; see :meth:`Child.call`."""
    with Child(limits=limits) as child:
        return child.call(name, arguments, on_item=on_item, on_progress=on_progress, timeout_s=timeout_s)


def _are_counts(*values: int) -> bool:
    return all(0 <= value <= _MAX_UNITS for value in values)


def _absolute(value: object) -> object:
    if isinstance(value, Path):
        return value.absolute()
    if isinstance(value, (list, tuple)):
        return tuple(_absolute(item) for item in value)
    return value


def _errors(root: type[EvidenceError]) -> dict[str, type[EvidenceError]]:
    """Every error below ``root`` that this program knows, by name."""
    found = {root.__name__: root}
    for kind in root.__subclasses__():
        found |= _errors(kind)
    return found


def _scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of its own for a child; those that a killed program left behind are removed."""
    _remove_abandoned()
    return tempfile.TemporaryDirectory(prefix=f"{_SCRATCH}{os.getpid()}-", dir=scratch_parent())


@cache
def scratch_parent() -> Path:
    """Where scratch folders are made: in memory where the system offers that, for notes name what is in evidence."""
    memory = Path("/dev/shm")
    usable = sys.platform == "linux" and memory.is_dir() and os.access(memory, os.W_OK | os.X_OK)
    return memory if usable else Path(tempfile.gettempdir())


@cache
def _remove_abandoned() -> None:
    """Remove the scratch folders of programs that are gone, once. Nothing but the notes of children lies there."""
    if sys.platform != "linux":
        return
    for folder in scratch_parent().glob(f"{_SCRATCH}*-*"):
        pid = folder.name.removeprefix(_SCRATCH).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            with contextlib.suppress(OSError):
                notes.remove(folder)
                folder.rmdir()
