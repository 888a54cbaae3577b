"""Few problems of a kind from one archive or file system, so that one made of damage cannot bury what others have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from evidence.errors import EvidenceError
from evidence.images.base import AS_READ, Problem

MOST_OF_A_KIND = 20
MOST_OTHERS = 1_000
"""Of problems that have no kind, such as directories that cannot be read: each says where names are missing."""

Item = TypeVar("Item")


@dataclass(slots=True)
class Few:
    """The problems of one structure, those of a kind (``Problem.about``) up to a number.

    ``AS_READ`` is never counted: what is told must not depend on how many processes read.
    """

    _met: dict[str, int] = field(default_factory=dict)
    _first_left_out: dict[str, Problem] = field(default_factory=dict)

    def takes(self, problem: Problem) -> bool:
        """Whether it is to be told; it is counted if not."""
        kind = problem.about
        if kind == AS_READ:
            return True
        met = self._met[kind] = self._met.get(kind, 0) + 1
        if met <= _most(kind):
            return True
        kept = self._first_left_out.setdefault(kind, problem)
        if problem.is_damage and not kept.is_damage:
            self._first_left_out[kind] = replace(kept, is_damage=True)
        return False

    def of(self, items: Iterable[Item | Problem]) -> Iterator[Item | Problem]:
        """What is yielded, with few problems of a kind; where it ends in an error, how many more is told before."""
        try:
            for item in items:
                if not isinstance(item, Problem) or self.takes(item):
                    yield item
        except (EvidenceError, OSError, RuntimeError, ValueError):
            yield from self.left_out()
            raise

    def left_out(self) -> Iterator[Problem]:
        """For each kind of which some were left out, how many; the first of these is named."""
        for kind, problem in self._first_left_out.items():
            told, more = _most(kind), self._met[kind] - _most(kind)
            of_kind = f"of this kind ({kind})" if kind else "of other kinds"
            what = f"{told} problems {of_kind} are told; {more} more are not, the first of them: {problem.what}"
            yield replace(problem, what=what)


def _most(kind: str) -> int:
    return MOST_OF_A_KIND if kind else MOST_OTHERS
