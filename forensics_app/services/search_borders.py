"""Where the areas that a search looks through touch each other in a volume, so that what stands across is found too."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from evidence.filesystems.ranges import Range, merged

_NOBODYS = 0
"""Stands for a content whose marks cannot be asked for here, because it is listed with another reading."""

Bordered: TypeAlias = tuple[int, int, int, int]
"""A :data:`evidence.search.borders.Border`, and the entry of the content on one of its sides; 0 for none."""


Meeting: TypeAlias = tuple[int, int, int, int, int]
"""A border of two contents, and the entries of both."""


@dataclass(slots=True)
class Runs:
    """The stretches of each content with its slack, in a volume."""

    starts: array[int] = field(default_factory=lambda: array("Q"))
    ends: array[int] = field(default_factory=lambda: array("Q"))
    entries: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, run: Range, entry_id: int) -> None:
        """Note one; without an entry nothing is looked for at its borders."""
        self.starts.append(run[0])
        self.ends.append(sum(run))
        self.entries.append(entry_id)


def borders_of(runs: Runs, free: Iterable[Range], gaps: Iterable[Range]) -> Iterator[Bordered]:
    """The borders of unallocated space and of gaps, with each other and with contents; :func:`meetings` are others."""
    chains = list(_chains(sorted((*merged(sorted(free)), *gaps))))
    before = _edges({chain[0] for chain in chains}, runs.ends, runs)
    behind = _edges({chain[-1] for chain in chains}, runs.starts, runs)
    for chain in chains:
        first, last = chain[0], chain[-1]
        if first in before:
            start, _, entry = before[first]
            yield start, first, last, entry
        for start, at in pairwise(chain[:-1]):
            yield start, at, last, 0
        if last in behind:
            _, end, entry = behind[last]
            yield first, last, end, entry


def meetings(runs: Runs) -> Iterator[Meeting]:
    """Where one content ends and another begins; not where it is not known, or not clear, whose bytes are beside it."""
    order = sorted(range(len(runs.starts)), key=lambda index: (runs.starts[index], runs.ends[index]))
    reach = 0
    for place, (index, other) in enumerate(pairwise(order)):
        start, at = runs.starts[index], runs.starts[other]
        behind = order[place + 2] if place + 2 < len(order) else None
        is_clear = start >= reach and (behind is None or runs.starts[behind] >= runs.ends[other])
        reach = max(reach, runs.ends[index])
        one, two = runs.entries[index], runs.entries[other]
        if is_clear and runs.ends[index] == at and _NOBODYS not in (one, two) and one != two:
            yield start, at, runs.ends[other], one, two


def _chains(areas: list[Range]) -> Iterator[list[int]]:
    """Areas that touch each other: where the first begins, each border between them, and where the last one ends."""
    chain: list[int] = []
    for start, length in areas:
        if chain and chain[-1] != start:
            yield chain
            chain = []
        chain += [start + length] if chain else [start, start + length]
    if chain:
        yield chain


def _edges(wanted: set[int], edges: array[int], runs: Runs) -> dict[int, tuple[int, int, int]]:
    found: dict[int, tuple[int, int, int]] = {}
    shared: set[int] = set()
    for index, edge in enumerate(edges):
        if edge in wanted:
            run = runs.starts[index], runs.ends[index], runs.entries[index]
            if edge in found and found[edge] != run:
                shared.add(edge)
            found[edge] = run
    return {edge: run for edge, run in found.items() if run[2] != _NOBODYS and edge not in shared}
