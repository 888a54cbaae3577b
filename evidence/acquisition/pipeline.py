"""Media on its way: read ahead by one thread, hashed and packed by others, handed over in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from evidence.acquisition.hashing import Feeding, MediaHasher, Parts
from evidence.acquisition.settings import BadRegion
from evidence.acquisition.targets import Packed
from evidence.priority import give_way_here

BLOCK_BYTES = 1 << 20
BLOCKS_AHEAD = 16
TICK_S = 0.2

Read: TypeAlias = Callable[[int, memoryview], list[BadRegion]]
Pack: TypeAlias = Callable[[memoryview], Packed]
_Value = TypeVar("_Value")


@dataclass(slots=True, kw_only=True)
class Block:
    """A stretch of the media, with what could not be read in it; ``packed`` is empty where nothing is packed.

    ``parts_before`` are those of the media that the hasher got before it.
    """

    offset_bytes: int
    view: memoryview
    parts_before: Parts
    bad: list[BadRegion] = field(default_factory=list)
    packed: Packed = field(default_factory=list)


@dataclass(slots=True)
class _Flight:
    block: Block
    reading: Future[None]
    hashing: Feeding | None
    packing: list[Future[Packed]]


def stream(
    read: Read,
    start_bytes: int,
    end_bytes: int,
    hasher: MediaHasher,
    *,
    pack: Pack | None = None,
    stop: Callable[[], None] = lambda: None,
    on_tick: Callable[[], None] = lambda: None,
) -> Generator[Block, None, None]:
    """Yield the media in order, each block after it was read, hashed and packed.

    A block's memory is used again when the next one is asked for.

    Args:
        read: Fills a view from an offset; called from one thread, in order.
        start_bytes: Where to begin.
        end_bytes: Where to end.
        hasher: Gets every block, in order.
        pack: Makes a block ready to be stored; called from several threads.
        stop: Called when the work ends, in whichever way, before waiting for a read.
        on_tick: Called while a block is waited for; what it raises ends the work.
    """
    with _threads(1, "read") as reader, _threads(os.cpu_count() or 1, "pack") as packers:
        flights: deque[_Flight] = deque()
        free = [memoryview(bytearray(BLOCK_BYTES)) for _ in range(BLOCKS_AHEAD)]
        offset, parts = start_bytes, hasher.parts

        def fetch(flight: _Flight) -> None:
            block = flight.block
            block.bad = read(block.offset_bytes, block.view)
            flight.hashing = hasher.feed(block.view)
            if pack is not None:
                flight.packing = [packers.submit(pack, block.view)]

        try:
            while offset < end_bytes or flights:
                while free and offset < end_bytes:
                    view = free.pop()[: min(BLOCK_BYTES, end_bytes - offset)]
                    flight = _Flight(Block(offset_bytes=offset, view=view, parts_before=parts), Future(), None, [])
                    flight.reading = reader.submit(fetch, flight)
                    flights.append(flight)
                    offset += len(view)
                flight = flights.popleft()
                _wait(flight.reading, on_tick)
                for packing in flight.packing:
                    flight.block.packed = _wait(packing, on_tick)
                flight.block.parts_before = parts
                yield flight.block
                if flight.hashing is not None:
                    for hashing in flight.hashing.digests:
                        _wait(hashing, on_tick)
                    parts = _wait(flight.hashing.parts, on_tick)
                whole = flight.block.view.obj
                free.append(memoryview(whole))
        finally:
            stop()


def _wait(future: Future[_Value], on_tick: Callable[[], None]) -> _Value:
    while True:
        try:
            return future.result(TICK_S)
        except NotYetError:
            if future.done():  # it ended just now, or what ran in the thread raised it
                return future.result()
            on_tick()


@contextmanager
def _threads(count: int, name: str) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(count, thread_name_prefix=name, initializer=give_way_here)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
