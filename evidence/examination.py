"""Examines an image in child processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from evidence.digest import OnProgress
from evidence.filesystems.base import FileRow, TimeRule
from evidence.images.base import Problem
from evidence.isolation import SILENCE_S, Child
from evidence.volumes.base import Volume

Seen: TypeAlias = Volume | TimeRule | tuple[FileRow, ...] | Problem
"""What an examination yields; see :func:`evidence.examine.examine`."""


def examine_isolated(
    paths: Sequence[Path],
    *,
    hash_files: bool,
    zone: str = "UTC",
    on_progress: OnProgress = lambda done, total: None,
    timeout_s: float = SILENCE_S,
) -> Iterator[Seen]:
    """Everything that is on an image, as :func:`evidence.examine.examine` yields it, read in a child process.

    Args:
        paths: The files of the image; one is enough when the others lie beside it.
        hash_files: Whether contents are digested and their types told.
        zone: Where the wall times of the media were kept.
        on_progress: Called with the number of entries listed so far and 0; what it raises passes through.
        timeout_s: Seconds of silence after which the child is taken for hung.

    Raises:
        EvidenceError: The image cannot be read, or the child died.
    """
    arguments = {"paths": tuple(paths), "hash_files": hash_files, "zone": zone}
    with Child() as child:
        yield from child.stream("examine", arguments, on_progress=on_progress, timeout_s=timeout_s)
