"""A search in child processes, one for each processor; a content that one dies of is told, the others are searched."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

from evidence.digest import OnProgress
from evidence.errors import IsolationError
from evidence.isolation import Child
from evidence.search.finder import Wanted
from evidence.search.task import ACROSS

MAX_PROCESSES = 4
_TICK_S = 0.2

Piece: TypeAlias = tuple[int, str, str, str, int, int, str, int]
"""As :mod:`evidence.search.task` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Pieces that are looked through one behind the other, and of which all is told or nothing."""

    number: int
    pieces: tuple[Piece, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a unit holds: hits and what was missed, as the child streams them."""

    unit: Unit
    items: tuple[tuple[Any, ...], ...]


class _StoppedError(Exception):
    """Somebody else stopped the search."""


def search_isolated(
    opening: Mapping[str, object],
    wanted: Wanted,
    lineages: Mapping[str, Sequence[object]],
    starts: Mapping[str, int],
    units: Iterable[Unit],
    *,
    check: Callable[[object], None] = lambda described: None,
    on_progress: OnProgress = lambda done, total: None,
    at_most: int = MAX_PROCESSES,
) -> Generator[Searched, None, None]:
    """Look through units; each is yielded when it is done, in no fixed order.

    Args:
        opening: What the call ``open`` takes, keys included.
        wanted: What is looked for.
        lineages: For each volume those that lie in each other, from the whole media to it.
        starts: Where volumes begin on the media, for those that lie on it.
        units: What is looked through; taken in a thread of this process.
        check: Looks at what opening the image tells; what it raises ends the search.
        on_progress: Called five times a second with the bytes done; what it raises ends the search.
        at_most: How many processes; never more than there are processors.

    Raises:
        EvidenceError: The image cannot be opened.
        IsolationError: No process can be started.
    """
    count = max(1, min(at_most, _processors()))
    work = _Work(opening, {"wanted": wanted.plain(), "lineages": dict(lineages), "starts": dict(starts)}, check, units)
    with ThreadPoolExecutor(count, thread_name_prefix="search") as pool:
        running = [pool.submit(work.run) for _ in range(count)]
        try:
            while running or not work.results.empty():
                on_progress(work.done_bytes, 0)
                with contextlib.suppress(queue.Empty):
                    yield work.results.get(timeout=_TICK_S)
                for future in [one for one in running if one.done()]:
                    running.remove(future)
                    future.result()
        finally:
            work.stop()


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, MAX_PROCESSES)


class _Work:
    """What the threads share."""

    def __init__(
        self,
        opening: Mapping[str, object],
        arguments: Mapping[str, object],
        check: Callable[[object], None],
        units: Iterable[Unit],
    ) -> None:
        self._opening, self._arguments, self._check = opening, arguments, check
        self._units, self._lock = iter(units), threading.Lock()
        self.results: queue.Queue[Searched] = queue.Queue(maxsize=64)
        self._stopped = threading.Event()
        self._done_units = 0
        self._running: dict[int, int] = {}

    @property
    def done_bytes(self) -> int:
        """Bytes that all have looked through."""
        with self._lock:
            return self._done_units + sum(self._running.values())

    def stop(self) -> None:
        """Let every thread end; what it had not put yet is dropped."""
        self._stopped.set()

    def run(self) -> None:
        """One thread with its child, from the first unit to the last."""
        child: Child | None = None
        try:
            while (unit := self._next()) is not None:
                items, child = self._searched(child, unit.pieces)
                self._put(Searched(unit=unit, items=tuple(items)))
                with self._lock:
                    self._done_units += unit.size_bytes
                    self._running.pop(threading.get_ident(), None)
        except _StoppedError:
            return
        finally:
            if child is not None:
                child.close()

    def _next(self) -> Unit | None:
        with self._lock:
            return next(self._units, None)

    def _put(self, item: Searched) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self.results.put(item, timeout=_TICK_S)
                return
        raise _StoppedError

    def _searched(self, child: Child | None, pieces: tuple[Piece, ...]) -> tuple[list[tuple[Any, ...]], Child | None]:
        """What pieces hold, and the process for the next; where it dies, each piece is tried alone."""
        if child is None:
            child = self._opened()
        items: list[tuple[Any, ...]] = []
        try:
            child.call("search", {**self._arguments, "image": "search", "pieces": pieces}, on_item=items.append,
                       on_progress=self._on_progress)  # fmt: skip
        except IsolationError as error:
            child.close()
            if len(pieces) == 1:
                number, begin, end, document = pieces[0][0], *pieces[0][4:7]
                if (
                    document and pieces[0][3] != ACROSS
                ):  # what reads documents may have died of it; its bytes are searched all the same
                    items, again = self._searched(None, ((*pieces[0][:6], "", pieces[0][7]),))
                    return [*items, ("missed", number, "text", 0, 0, f"As a document: {error}")], again
                return [("missed", number, "content", begin, max(0, end - begin), str(error))], None
            found, again = list[tuple[Any, ...]](), None
            for piece in pieces:
                some, again = self._searched(again, (piece,))
                found += some
            return found, again
        except BaseException:
            child.close()
            raise
        return items, child

    def _opened(self) -> Child:
        child = Child()
        try:
            self._check(child.call("open", {**self._opening, "image": "search"}))
        except BaseException:
            child.close()
            raise
        return child

    def _on_progress(self, done: int, total: int) -> None:
        if self._stopped.is_set():
            raise _StoppedError
        with self._lock:
            self._running[threading.get_ident()] = done
