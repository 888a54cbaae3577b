"""Examines an image in child processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from evidence.attempts import MAX_ATTEMPTS, NOTHING, Avoid, place_of
from evidence.errors import (
    ChildDiedError,
    ChildFailedError,
    ChildHungError,
    ChildMemoryError,
    ChildProtocolError,
    ExaminationChangedError,
    IsolationError,
)
from evidence.isolation import SILENCE_S, Child
from evidence.keys import NO_KEYS, Keys

if TYPE_CHECKING:
    from evidence.digest import OnProgress
    from evidence.filesystems.base import FileRow, TimeRule
    from evidence.images.base import Problem
    from evidence.volumes.base import Volume

Seen: TypeAlias = "Volume | TimeRule | tuple[FileRow, ...] | Problem"
"""What an examination yields; see :func:`evidence.examine.examine`."""

MAX_PROCESSES = 4
_ENDED = (ChildDiedError, ChildFailedError, ChildHungError, ChildMemoryError)


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
    logical: bool = False,
    avoid: Avoid = NOTHING,
    on_avoid: Callable[[Avoid], None] = lambda avoid: None,
    archives: bool = False,
) -> Generator[Seen, None, None]:
    """Everything that is on an image, as :func:`evidence.examine.examine` yields it, read in child processes.

    The answer is the same however many processes there are. To list takes one. Contents are read by several: each
    walks the whole image and reads its share of the contents.

    Where a child dies, hangs, fails or reaches its limit of memory, the examination goes on in a new one without the
    content, file system or volume that was being read; a note or a problem says so (:mod:`evidence.attempts`).

    Args:
        paths: The files of the image; one is enough when the others lie beside it.
        hash_files: Whether contents are digested and their types told.
        hash_volumes: Whether decrypted and logical volumes and snapshots are digested.
        zone: Where the wall times of the media were kept.
        keys: Tried on every locked volume.
        on_progress: Called with the number of entries listed so far and 0; what it raises passes through.
        timeout_s: Seconds of silence after which a child is taken for hung.
        processes: How many read contents; one for each processor, up to four, when left out.
        logical: Whether it is a folder or an archive, to be taken as logical evidence.
        avoid: How many batches an examination that was cut off has yielded, and what it left out. The walk runs again,
            without their contents being read, and what is yielded is what came after the last of them.
        on_avoid: Takes what is left out from then on, before anything is yielded that was read without it; to be kept
            for ``avoid`` of an examination that goes on with this one.
        archives: Whether, with ``hash_files``, what lies in archives is listed too.

    Raises:
        EvidenceError: The image cannot be read, or a child died where nothing can be left out.
    """
    shares = (processes or _processors()) if hash_files else 1
    arguments = {
        "paths": tuple(paths),
        "logical": logical,
        "hash_files": hash_files,
        "hash_volumes": hash_volumes,
        "zone": zone,
        "keys": keys,
        "archives": archives,
    }
    for _ in range(MAX_ATTEMPTS):
        done_batches = avoid.done_batches
        with ExitStack() as stack:
            children = _start(shares, stack)
            streams = [
                child.stream(
                    "examine",
                    {**arguments, "share": (number, shares), "avoid": avoid},
                    on_progress=on_progress,
                    timeout_s=timeout_s,
                )
                for number, child in enumerate(children)
            ]
            try:
                for item in _joined(streams, avoid.done_batches):
                    done_batches += isinstance(item, tuple)
                    yield item
                return
            except _ENDED as error:
                avoid = _further(avoid, children, done_batches, error)
                on_avoid(avoid)
    raise ChildProtocolError("examine", "", f"{MAX_ATTEMPTS} attempts did not come to an end")


def _further(avoid: Avoid, children: Sequence[Child], done_batches: int, error: IsolationError) -> Avoid:
    """What the next attempt leaves out; raises ``error`` where there is no sense in one."""
    noted = [place for child in children if not child.is_open and (place := place_of(child.last_note)) is not None]
    further = avoid.after(noted[0], done_batches, str(error)) if noted else None
    if further is None:
        raise error
    return further


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, MAX_PROCESSES)


def _start(count: int, stack: ExitStack) -> list[Child]:
    """So many children, started at the same time; none is left over when one of them cannot be started."""
    if count == 1:
        return [stack.enter_context(Child())]
    from concurrent.futures import ThreadPoolExecutor  # loads much that a listing does not need

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(Child) for _ in range(count)]
    for future in futures:
        if future.exception() is None:
            stack.enter_context(future.result())
    return [future.result() for future in futures]


def _joined(streams: Sequence[Iterator[Seen]], done_batches: int) -> Iterator[Seen]:
    """One examination out of several that are equal but for the batches each of them left to another.

    Up to a batch and with it, what is yielded is what the process that read it has to say; after the last batch, what
    the first process says. The first ``done_batches`` were yielded before and are passed over.
    """
    for number in count():
        parts = [_until_batch(stream) for stream in streams]
        batches = [part[1] for part in parts]
        if all(batch is None for batch in batches):
            if number < done_batches:
                raise ExaminationChangedError("examine", "", "less is found in the image than before")
            yield from parts[0][0]
            return
        readers = [index for index, batch in enumerate(batches) if batch]
        if None in batches or len(readers) > 1 or not (readers or number < done_batches):
            raise ChildProtocolError("examine", "", "two processes do not find the same in one image")
        if number >= done_batches:
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
