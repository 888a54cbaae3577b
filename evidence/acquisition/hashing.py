"""The digests of the media while it passes: one thread for each, fed in order."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from evidence.digest import PART_BYTES

ALGORITHMS = ("md5", "sha1", "sha256")


class _Parts:
    """SHA-256 of one part after the other."""

    def __init__(self, part_bytes: int) -> None:
        self._part_bytes, self._in_part = part_bytes, 0
        self._state, self._ended = hashlib.sha256(), list[bytes]()

    def update(self, view: memoryview) -> None:
        while view:
            piece = view[: self._part_bytes - self._in_part]
            self._state.update(piece)
            self._in_part += len(piece)
            view = view[len(piece) :]
            if self._in_part == self._part_bytes:
                self._ended.append(self._state.digest())
                self._state, self._in_part = hashlib.sha256(), 0

    def digests(self) -> tuple[bytes, ...]:
        return (*self._ended, *((self._state.digest(),) if self._in_part else ()))


class MediaHasher:
    """MD5, SHA-1, SHA-256 and SHA-256 of every part; a context, which ends its threads."""

    def __init__(self, part_bytes: int = PART_BYTES) -> None:
        """Begin with no media."""
        self._states = {name: hashlib.new(name, usedforsecurity=False) for name in ALGORITHMS}
        self._parts = _Parts(part_bytes)
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix="digest") for _ in range(len(ALGORITHMS) + 1)]

    def feed(self, view: memoryview) -> list[Future[None]]:
        """Hand over what comes next; ``view`` must stay as it is until all that is returned is done."""
        updates = [*(state.update for state in self._states.values()), self._parts.update]
        return [thread.submit(update, view) for thread, update in zip(self._threads, updates, strict=True)]

    def digests(self) -> dict[str, bytes]:
        """Of all that was handed over and done."""
        return {name: state.digest() for name, state in self._states.items()}

    def parts(self) -> tuple[bytes, ...]:
        """Of all that was handed over and done; the last may be of a shorter part."""
        return self._parts.digests()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the threads; what they have not begun is left out."""
        for thread in self._threads:
            thread.shutdown(wait=True, cancel_futures=True)
