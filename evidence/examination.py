"""Examines an image in child processes."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from evidence.digest import OnProgress
from evidence.errors import ChildProtocolError
from evidence.filesystems.base import FileRow, TimeRule
from evidence.images.base import Problem
from evidence.isolation import SILENCE_S, Child
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.base import Volume

Seen: TypeAlias = Volume | TimeRule | tuple[FileRow, ...] | Problem
"""What an examination yields; see :func:`evidence.examine.examine`."""

MAX_PROCESSES = 4


def examine_isolated(
    paths: Sequence[Path],
    *,
    hash_files: bool,
    hash_volumes: bool = False,
    zone: str = "UTC",
    keys: Keys = NO_KEYS,
    on_progress: OnProgress = lambda done, total: None,
    timeout_s: float = SILENCE_S,
    processes: int | None = None,
) -> Generator[Seen, None, None]:
    """Everything that is on an image, as :func:`evidence.examine.examine` yields it, read in child processes.

    The answer is the same however many processes there are. To list takes one. Contents are read by several: each
    walks the whole image and reads its share of the contents.

    Args:
        paths: The files of the image; one is enough when the others lie beside it.
        hash_files: Whether contents are digested and their types told.
        hash_volumes: Whether decrypted and logical volumes and snapshots are digested.
        zone: Where the wall times of the media were kept.
        keys: Tried on every locked volume.
        on_progress: Called with the number of entries listed so far and 0; what it raises passes through.
        timeout_s: Seconds of silence after which a child is taken for hung.
        processes: How many read contents; one for each processor, up to four, when left out.

    Raises:
        EvidenceError: The image cannot be read, or a child died.
    """
    count = (processes or _processors()) if hash_files else 1
    with ExitStack() as stack:
        streams = []
        for number, child in enumerate(_start(count, stack)):
            arguments = {
                "paths": tuple(paths),
                "hash_files": hash_files,
                "hash_volumes": hash_volumes,
                "zone": zone,
                "share": (number, count),
                "keys": keys,
            }
            streams.append(child.stream("examine", arguments, on_progress=on_progress, timeout_s=timeout_s))
        if count == 1:
            yield from streams[0]
        else:
            yield from _joined(streams)


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, MAX_PROCESSES)


def _start(count: int, stack: ExitStack) -> list[Child]:
    """So many children, started at the same time; none is left over when one of them cannot be started."""
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(Child) for _ in range(count)]
    for future in futures:
        if future.exception() is None:
            stack.enter_context(future.result())
    return [future.result() for future in futures]


def _joined(streams: Sequence[Iterator[Seen]]) -> Iterator[Seen]:
    """One examination out of several that are equal but for the batches each of them left to another.

    Up to a batch and with it, what is yielded is what the process that read it has to say; after the last batch, what
    the first process says.
    """
    while True:
        parts = [_until_batch(stream) for stream in streams]
        batches = [part[1] for part in parts]
        if all(batch is None for batch in batches):
            yield from parts[0][0]
            return
        readers = [number for number, batch in enumerate(batches) if batch]
        if None in batches or len(readers) != 1:
            raise ChildProtocolError("examine", "", "two processes do not find the same in one image")
        others, batch = parts[readers[0]]
        yield from others
        if batch is not None:
            yield batch


def _until_batch(stream: Iterator[Seen]) -> tuple[list[Seen], tuple[FileRow, ...] | None]:
    """What comes before the next batch, and the batch; None at the end."""
    others: list[Seen] = []
    for item in stream:
        if isinstance(item, tuple):
            return others, item
        others.append(item)
    return others, None
