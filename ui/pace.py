"""How fast a job goes and how long it still takes, from what it reports."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

LEAST_DATA_S = 10.0
KEPT_S = 480.0
_SAMPLE_S = 1.0
_RATE_S = 10.0
_LEFT_S = 60.0


class Pace:
    """Collects (time, units done) samples; times are seconds of any steady clock."""

    def __init__(self) -> None:
        """Start without a sample."""
        self.done_units = 0
        self.total_units = 0
        self._first: tuple[float, int] | None = None
        self._last_s = 0.0
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, at_s: float, done_units: int, total_units: int) -> None:
        """Take one report; one a second is kept, for eight minutes. A count that falls begins a new phase."""
        if self._first is None or done_units < self.done_units:
            self._first = (at_s, done_units)
            self._samples.clear()
        self.done_units, self.total_units, self._last_s = done_units, total_units, at_s
        if not self._samples or at_s - self._samples[-1][0] >= _SAMPLE_S:
            self._samples.append((at_s, done_units))
        while at_s - self._samples[0][0] > KEPT_S:
            self._samples.popleft()

    @property
    def share(self) -> float | None:
        """The part that is done, 0 to 1; None while the total is unknown."""
        return min(1.0, self.done_units / self.total_units) if self.total_units > 0 else None

    @property
    def elapsed_s(self) -> float:
        """Seconds from the first to the last report."""
        return self._last_s - self._first[0] if self._first else 0.0

    @property
    def rate(self) -> float | None:
        """Units a second over the last ten seconds; None before there are two samples."""
        return self._rate_over(_RATE_S)

    @property
    def mean_rate(self) -> float | None:
        """Units a second from the beginning on."""
        if not self._first or self.elapsed_s <= 0:
            return None
        return (self.done_units - self._first[1]) / self.elapsed_s

    @property
    def left_s(self) -> float | None:
        """Seconds still to go; None before ten seconds of data, without a total, or while nothing moves."""
        rate = self._rate_over(_LEFT_S)
        if self.elapsed_s < LEAST_DATA_S or not rate or self.total_units <= 0:
            return None
        return max(0.0, (self.total_units - self.done_units) / rate)

    def rates(self) -> list[float]:
        """The rate of each second of the last eight minutes, oldest first."""
        return [(units - before) / (at - earlier) for (earlier, before), (at, units) in pairwise(self._samples)]

    def _rate_over(self, window_s: float) -> float | None:
        from_s, from_units = next(
            (sample for sample in self._samples if self._last_s - sample[0] <= window_s),
            (self._last_s, self.done_units),
        )
        passed = self._last_s - from_s
        return (self.done_units - from_units) / passed if passed > 0 else None
