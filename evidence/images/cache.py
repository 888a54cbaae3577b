"""A cache of bounded size for tables and unpacked blocks, shared by threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Keeps what was used last, up to ``limit_bytes`` (but always the last one)."""

    def __init__(self, limit_bytes: int) -> None:
        """Start empty."""
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size_bytes = 0

    def get(self, key: K, load: Callable[[K], tuple[V, int]]) -> V:
        """Give what is kept under ``key``, or what ``load`` gives: the value and its size in bytes.

        Two threads may load the same at once; what ``load`` raises passes through and nothing is kept.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        value, size_bytes = load(key)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = (value, size_bytes)
                self._size_bytes += size_bytes
            while self._size_bytes > self._limit_bytes and len(self._kept) > 1:
                self._size_bytes -= self._kept.popitem(last=False)[1][1]
        return value
