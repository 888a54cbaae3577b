"""Lists of what cannot be read of a media, however damaged it is."""

from __future__ import annotations

from bisect import bisect_left

from evidence.images.base import Problem, Region

MAX_REGIONS = 100_000
"""So many unreadable regions are told apart; lists in memory, messages and the record are no longer."""
_FIRST_GAP_BYTES = 4096


class Regions:
    """Regions that come roughly in order, merged as they come; each is compared with its neighbours only.

    There are never more than :data:`MAX_REGIONS`: with more, those that lie near each other become one.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._found: list[tuple[int, int]] = []
        self._gap_bytes = 0

    def add(self, offset_bytes: int, length_bytes: int) -> None:
        """Add one."""
        found, start, end = self._found, offset_bytes, offset_bytes + length_bytes
        first = last = bisect_left(found, (start,))
        if first and found[first - 1][1] + self._gap_bytes >= start:
            first -= 1
        while last < len(found) and found[last][0] <= end + self._gap_bytes:
            last += 1
        if first < last:
            start, end = min(start, found[first][0]), max(end, found[last - 1][1])
        found[first:last] = [(start, end)]
        while len(found) > MAX_REGIONS:
            self._gap_bytes = max(_FIRST_GAP_BYTES, 2 * self._gap_bytes)
            self._join()

    def _join(self) -> None:
        joined = self._found[:1]
        for start, end in self._found[1:]:
            if start - joined[-1][1] <= self._gap_bytes:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        self._found[:] = joined

    def regions(self) -> list[Region]:
        """All of them, in order; none touches another."""
        return [Region(offset_bytes=start, length_bytes=end - start) for start, end in self._found]

    def problems(self) -> list[Problem]:
        """That regions were joined over bytes that were read."""
        if not self._gap_bytes:
            return []
        what = (
            f"More than {MAX_REGIONS} places of the media cannot be read. Those with at most {self._gap_bytes} bytes "
            "between them are listed as one; the bytes between them were read, and went into the digests as they are."
        )
        return [Problem(what=what, where="media", offset_bytes=self._found[0][0])]
