"""What becomes of a mutant in a child process: judged by what the program promises, whatever the bytes are."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evidence.digest import MediaDigests
from evidence.errors import (
    ChildDiedError,
    ChildFailedError,
    ChildHungError,
    ChildMemoryError,
    EvidenceError,
    IsolationError,
)
from evidence.examination import examine_isolated
from evidence.filesystems.base import FILE_COLUMNS
from evidence.images.base import Problem
from evidence.isolation import Child
from evidence.views import ImageDescription
from evidence.volumes.base import Volume
from tests.fuzz.specimens import Specimen

SILENCE_S = 30.0
TOO_LONG_S = 120.0
ATTEMPTS_S = 600.0
HASHED_BYTES = 32 << 20
"""Larger media is digested only where checksums cover it: that takes most of the time, and finds nothing."""
_ENDED = "the reading process ended"
_FRAME = re.compile(r'File "[^"]*/(evidence/[^"]+)", line (\d+), in (\w+)')
_NOTE, _ID, _MD5 = (FILE_COLUMNS.index(name) for name in ("note", "id", "md5"))
_OF_CONTENT = frozenset((_ID, *range(_MD5, len(FILE_COLUMNS))))


class TookTooLongError(Exception):
    """The child goes on telling progress, and does not come to an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that must not be.

    Attributes:
        kind: ``crash``, ``hang``, ``memory``, ``failure``, ``slow`` or ``silence``.
        signature: Findings with the same one have the same cause, most likely.
        words: The error, with the trace if there is one.
        is_contained: Whether the program, which goes on without the place that a child ended at, told it in its result.
    """

    kind: str
    signature: str
    words: str
    is_contained: bool = False


@dataclass(slots=True, kw_only=True)
class Reading:
    """What was read of an image.

    Attributes:
        refusal: Why it was not read at all; empty if it was.
        problems: What is said of the image and of what is in it, notes of rows included.
        of_media: What is said of the media: problems of the container, unreadable regions.
        media: SHA-256 of the media; None if it was not digested.
        names: Digest of all rows without what comes of contents.
        all: Digest of all rows.
    """

    refusal: str = ""
    rows: int = 0
    media: bytes | None = None
    names: bytes = b""
    all: bytes = b""
    problems: list[str] = field(default_factory=list)
    of_media: list[str] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
        """Everything that is said."""
        return self.of_media + self.problems


class Judge:
    """Reads images in a child that is kept for the next one, unless it dies."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self.peak_kib = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._child is not None:
            self._child.close()

    def reading(self, specimen: Specimen, files: tuple[Path, ...]) -> Reading | Finding:
        """Describe, digest and examine the image in ``files``."""
        try:
            return self._read(specimen, files)
        except IsolationError as error:
            return replace(_finding(error), is_contained=_is_told(specimen, files))
        except TookTooLongError as error:
            self._child = None
            return Finding(kind="slow", signature=f"slow {error}", words=f"no end after {TOO_LONG_S:g} s: {error}")
        except EvidenceError as error:
            return Reading(refusal=f"{type(error).__name__}: {error}")
        finally:
            self._measure()

    def _read(self, specimen: Specimen, files: tuple[Path, ...]) -> Reading:
        if self._child is None or not self._child.is_open:
            self._child = Child()
        child, end_s = self._child, time.monotonic() + TOO_LONG_S
        opened = {"paths": files, "logical": specimen.is_logical}
        description: ImageDescription = child.call("describe", opened, timeout_s=SILENCE_S)
        reading = Reading(of_media=[repr(problem) for problem in description.problems])
        if specimen.checked == "media" or description.media_bytes <= HASHED_BYTES:
            arguments = {**opened, "algorithms": ("sha256",)}
            watch = _until(end_s, "hash")
            media: MediaDigests = child.call("hash", arguments, on_progress=watch, timeout_s=SILENCE_S)
            reading.media = media.digests["sha256"]
            reading.of_media += map(repr, (*media.unreadable, *media.problems))
        names, whole = hashlib.sha256(), hashlib.sha256()
        for item in self._seen(child, specimen, files, end_s):
            if isinstance(item, Problem):
                reading.problems.append(item.what)
            elif isinstance(item, Volume):
                names.update(repr(item).encode())
            elif isinstance(item, tuple):
                for row in item:
                    reading.rows += 1
                    reading.problems += filter(None, (row[_NOTE],))
                    whole.update(repr(row).encode(errors="replace"))
                    plain = tuple(value for index, value in enumerate(row) if index not in _OF_CONTENT)
                    names.update(repr(plain).encode(errors="replace"))
        reading.names, reading.all = names.digest(), whole.digest()
        return reading

    def _seen(self, child: Child, specimen: Specimen, files: tuple[Path, ...], end_s: float) -> Iterator[Any]:
        arguments = {
            "paths": files,
            "hash_files": True,
            "hash_volumes": True,
            "zone": "UTC",
            "keys": specimen.keys,
            "logical": specimen.is_logical,
            "archives": True,
        }
        watch = _until(end_s, "examine")
        with closing(child.stream("examine", arguments, on_progress=watch, timeout_s=SILENCE_S)) as stream:
            for item in stream:
                watch(0, 0)
                yield item

    def _measure(self) -> None:
        """The most memory that a child was seen to hold."""
        if self._child is None or not self._child.is_open:
            return
        try:
            lines = Path(f"/proc/{self._child.pid}/status").read_text().splitlines()
        except OSError:
            return
        for line in lines:
            if line.startswith("VmHWM:"):
                self.peak_kib = max(self.peak_kib, int(line.split()[1]))


def _until(end_s: float, what: str) -> Any:
    def watch(done: int, total: int) -> None:
        if time.monotonic() > end_s:
            raise TookTooLongError(what)

    return watch


def silence(specimen: Specimen, original: Reading, mutant: Reading) -> Finding | None:
    """A change that a checksum covers, and that nothing was said about."""
    if mutant.refusal:
        return None
    if specimen.checked == "media" and mutant.media != original.media and mutant.of_media == original.of_media:
        what = "the media reads differently"
    elif specimen.checked == "names" and mutant.names != original.names and mutant.told == original.told:
        what = "names, sizes or times differ"
    else:
        return None
    return Finding(kind="silence", signature=f"silence {specimen.name}", words=f"{what}, and nothing says so")


def _is_told(specimen: Specimen, files: tuple[Path, ...]) -> bool:
    """Whether the examination as the program runs it comes to an end, and says what could not be read or why not."""
    until_s = time.monotonic() + ATTEMPTS_S
    found = examine_isolated(
        files,
        hash_files=True,
        hash_volumes=True,
        keys=specimen.keys,
        on_progress=_until(until_s, "attempts"),
        timeout_s=SILENCE_S,
        processes=1,
        logical=specimen.is_logical,
        archives=True,
    )
    told = False
    try:
        with closing(found):
            for item in found:
                if isinstance(item, Problem):
                    told |= _ENDED in item.what
                elif isinstance(item, tuple):
                    told |= any(_ENDED in (row[_NOTE] or "") for row in item)
    except (IsolationError, TookTooLongError):
        return False
    except EvidenceError:
        return True
    return told


def _finding(error: IsolationError) -> Finding:
    match error:
        case ChildFailedError():
            frames = _FRAME.findall(error.trace)
            last = ":".join(frames[-1]) if frames else "?"
            return Finding(kind="failure", signature=f"{error.kind} {last}", words=error.trace)
        case ChildDiedError():
            return Finding(
                kind="crash", signature=f"exit {error.exit_status} {error.call}", words=f"{error}\n{error.last_words}"
            )
        case ChildHungError():
            return Finding(kind="hang", signature=f"hang {error.call}", words=str(error))
        case ChildMemoryError():
            return Finding(kind="memory", signature=f"memory {error.call}", words=str(error))
    return Finding(kind="failure", signature=type(error).__name__, words=str(error))
