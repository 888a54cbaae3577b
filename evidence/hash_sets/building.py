"""Makes stored sets of a list, one for each algorithm in it; whole or not at all."""

from __future__ import annotations

import os
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import BinaryIO

from evidence.digest import OnProgress
from evidence.errors import HashSetError
from evidence.hash_sets.base import DUPLICATE, FIRST_REMARKS, NAMES, Remark, Remarks, Source
from evidence.hash_sets.spool import Spool
from evidence.hash_sets.stored import KEY_BYTES, LEAST_BITS, MOST_BITS, Header, StoredSet, content_sha256

SUFFIX = ".hashes"
_PER_PLACE = 12
"""About so many digests share a place of the fan-out table."""
_STEPS = 1000
_READING, _WRITING = 700, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFile:
    """A stored set that was made.

    Attributes:
        count: Different digests in it.
        sha256: As its header holds it.
    """

    algorithm: str
    path: Path
    count: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was made of a list.

    Attributes:
        unit: What the entries of the list are called: ``line`` or ``record``.
        counts: How many remarks there are of each kind; ``first`` holds the first of each in words.
    """

    files: tuple[BuiltFile, ...]
    format: str
    unit: str
    told: Mapping[str, str]
    counts: Mapping[str, int]
    first: tuple[Remark, ...]


def build(source: Source, folder: Path, on_progress: OnProgress = lambda done, total: None) -> Built:
    """Read a list to its end and write ``md5.hashes``, ``sha1.hashes`` and ``sha256.hashes``, those that it fills.

    Args:
        source: The list.
        folder: An empty folder. What is in it after an error or a kill is worth nothing.
        on_progress: Called with thousandths of the work. What it raises passes through and ends it.

    Raises:
        HashSetError: The list does not hold together, or no digest is in it.
        OSError: The folder cannot be written.
    """
    remarks = Remarks()
    with ExitStack() as stack:
        spools: dict[str, Spool] = {}
        for batch in source.batches(remarks, _share(on_progress, 0, _READING)):
            if batch.algorithm not in spools:
                spools[batch.algorithm] = stack.enter_context(closing(Spool(folder, batch.algorithm)))
            spools[batch.algorithm].add(batch.digests)
        if not spools:
            raise HashSetError(source.path, _none_words(remarks, source.unit))
        files, twice, more = [], dict[str, set[str]](), 0
        total, before = sum(spool.count for spool in spools.values()), 0
        for algorithm, spool in sorted(spools.items()):
            share = _share(on_progress, _READING, _WRITING, before, total)
            made, twice[algorithm], repeated = _write(spool, folder / f"{algorithm}{SUFFIX}", algorithm, share)
            files.append(made)
            before, more = before + spool.count, more + repeated
    if more and source.unit == "line":  # records of one file in many packages are no slip of the list
        _say_where(source, twice, remarks, _share(on_progress, _READING + _WRITING, _STEPS - _READING - _WRITING))
    if more:
        remarks.counts[DUPLICATE] = more
    on_progress(_STEPS, _STEPS)
    return Built(
        files=tuple(files),
        format=source.format,
        unit=source.unit,
        told=source.told,
        counts=dict(remarks.counts),
        first=tuple(remarks.first),
    )


def _write(spool: Spool, path: Path, algorithm: str, on_progress: OnProgress) -> tuple[BuiltFile, set[str], int]:
    """Write one set; also some digests that came twice, and how many did."""
    bits = min(MOST_BITS, max(LEAST_BITS, (spool.count // _PER_PLACE).bit_length()))

    def part(begin: int, length: int) -> OnProgress:
        """Progress of so many tenths of the work, in digests."""
        return lambda done, total: on_progress(
            spool.count * begin // 10 + spool.count * length * done // (10 * max(total, 1)), spool.count
        )

    sorting = part(0, 6)
    fan, more, count, twice = FanOut(bits), 0, 0, set[str]()
    with _synced(path) as file:
        file.seek(Header(bits=bits, algorithm=algorithm, count=0, sha256=b"").body_offset)
        for digests, repeated, examples in spool.in_order():
            file.write("".join(digests).encode("latin-1"))
            fan.add(digests)
            count += len(digests)
            more += repeated
            if len(twice) < FIRST_REMARKS:
                twice.update(one.encode("latin-1").hex() for one in examples)
            sorting(count + more, spool.count)
        header = Header(bits=bits, algorithm=algorithm, count=count, sha256=b"")
        file.seek(0)
        file.write(header.packed() + fan.finished())
    sha256 = content_sha256(path, part(6, 2))
    with _synced(path, "r+b") as file:
        file.write(header.packed(sha256))
    with StoredSet(path) as stored:
        stored.verify(part(8, 2))
    return BuiltFile(algorithm=algorithm, path=path, count=count, sha256=sha256), twice, more


class FanOut:
    """For each value of the leading bits, how many digests are smaller."""

    def __init__(self, bits: int) -> None:
        """Begin with so many leading bits, and no digest."""
        self._shift, self._places = 8 * KEY_BYTES - bits, 1 << bits
        self._table, self._count = array("Q"), 0

    def add(self, digests: list[str]) -> None:
        """Take digests that follow on the ones before."""
        if not digests:
            return
        first, last = (self._place(digests[end]) for end in (0, -1))
        self._table.extend(repeat(self._count, first + 1 - len(self._table)))
        keys = self._keys(len(self._table), last + 1)
        self._table.extend(map(self._count.__add__, map(bisect_left, repeat(digests), keys)))
        self._count += len(digests)

    def _place(self, digest: str) -> int:
        return int.from_bytes(digest[:KEY_BYTES].encode("latin-1"), "big") >> self._shift

    def _keys(self, start: int, stop: int) -> list[str]:
        """The least leading bytes of digests that belong in these places."""
        values = array("I", range(start << self._shift, stop << self._shift, 1 << self._shift))
        if sys.byteorder == "little":
            values.byteswap()
        text, size = values.tobytes().decode("latin-1"), values.itemsize
        return [text[end - KEY_BYTES : end] for end in range(size, len(text) + 1, size)]

    def finished(self) -> bytes:
        """The table as stored: one value more than there are places."""
        self._table.extend([self._count] * (self._places + 1 - len(self._table)))
        if sys.byteorder == "big":
            self._table.byteswap()
        return self._table.tobytes()


def _say_where(source: Source, twice: Mapping[str, set[str]], remarks: Remarks, on_progress: OnProgress) -> None:
    """Read the list again to tell in which lines the first duplicates stand."""
    seen: dict[str, int] = {}
    for batch in source.batches(Remarks(), on_progress):
        if twice.get(batch.algorithm, set()).isdisjoint(batch.digests):
            continue
        for digest, number in zip(batch.digests, batch.numbers, strict=True):
            if digest not in twice[batch.algorithm]:
                continue
            if digest in seen:
                words = f"the {NAMES[batch.algorithm]} digest of {source.unit} {seen[digest]} again"
                remarks.add(DUPLICATE, number, words)
                if remarks.counts[DUPLICATE] == FIRST_REMARKS:
                    return
            seen.setdefault(digest, number)


def _none_words(remarks: Remarks, unit: str) -> str:
    refused = [remark for remark in remarks.first if remark.kind == "refused"]
    if not refused:
        return "holds no digest at all"
    first = refused[0]
    return f"holds no digest that can be taken; {unit} {first.number}: {first.what}"


def _share(on_progress: OnProgress, begin: int, length: int, before: int = 0, whole: int = 0) -> OnProgress:
    """Progress of a part of the work, which comes after ``before`` of ``whole``, in thousandths of everything."""
    return lambda done, total: on_progress(
        begin + length * min(before + done, whole or total) // max(whole or total, 1), _STEPS
    )


@contextmanager
def _synced(path: Path, mode: str = "xb") -> Iterator[BinaryIO]:
    with path.open(mode) as file:
        yield file  # type: ignore[misc]
        file.flush()
        os.fsync(file.fileno())
