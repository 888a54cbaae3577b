"""The digests of the media while it passes: one thread for each, fed in order."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from evidence.digest import PART_BYTES
from evidence.priority import give_way_here

ALGORITHMS = ("md5", "sha1", "sha256")


class Parts:
    """SHA-256 of one part of the media after the other."""

    def __init__(self, part_bytes: int = PART_BYTES) -> None:
        """Begin with no media."""
        self._part_bytes, self._in_part = part_bytes, 0
        self._state, self._ended = hashlib.sha256(), tuple[bytes, ...]()

    def followed_by(self, view: memoryview) -> Parts:
        """What they are once ``view`` follows; these stay as they are."""
        after = Parts(self._part_bytes)
        after._in_part, after._state, after._ended = self._in_part, self._state.copy(), self._ended
        after._update(view)
        return after

    def _update(self, view: memoryview) -> None:
        while view:
            piece = view[: self._part_bytes - self._in_part]
            self._state.update(piece)
            self._in_part += len(piece)
            view = view[len(piece) :]
            if self._in_part == self._part_bytes:
                self._ended += (self._state.digest(),)
                self._state, self._in_part = hashlib.sha256(), 0

    def digests(self) -> tuple[bytes, ...]:
        """Of all media so far; the last may be of a shorter part."""
        return (*self._ended, *((self._state.digest(),) if self._in_part else ()))


@dataclass(frozen=True, slots=True)
class Feeding:
    """Media that was handed over and is being hashed; ``parts`` gives the parts as far as its end."""

    digests: list[Future[None]]
    parts: Future[Parts]


class MediaHasher:
    """MD5, SHA-1, SHA-256 and SHA-256 of every part; a context, which ends its threads."""

    def __init__(self, part_bytes: int = PART_BYTES) -> None:
        """Begin with no media."""
        self._states = {name: hashlib.new(name, usedforsecurity=False) for name in ALGORITHMS}
        self._parts = Parts(part_bytes)
        self._threads = [
            ThreadPoolExecutor(1, thread_name_prefix="digest", initializer=give_way_here)
            for _ in range(len(ALGORITHMS) + 1)
        ]

    def feed(self, view: memoryview) -> Feeding:
        """Hand over what comes next; ``view`` must stay as it is until all that is returned is done."""
        *threads, last = self._threads
        states = self._states.values()
        digests = [thread.submit(state.update, view) for thread, state in zip(threads, states, strict=True)]
        return Feeding(digests, last.submit(self._go_on, view))

    def digests(self) -> dict[str, bytes]:
        """Of all that was handed over and done."""
        return {name: state.digest() for name, state in self._states.items()}

    @property
    def parts(self) -> Parts:
        """Of all that was handed over and done."""
        return self._parts

    def _go_on(self, view: memoryview) -> Parts:
        self._parts = self._parts.followed_by(view)
        return self._parts

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the threads; what they have not begun is left out."""
        for thread in self._threads:
            thread.shutdown(wait=True, cancel_futures=True)
