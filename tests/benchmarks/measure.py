"""Measures commands side by side: whole processes, interleaved, so that what else the machine does meets both."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Medians over all rounds, and the ratios ours / peer.

    ``ratio`` is the median over the rounds, ``best_ratio`` that of the quickest runs of either, which other work on
    the machine disturbs least; this one is held against ``limit``.
    """

    name: str
    rounds: int
    ours_s: float
    peer_s: float
    ratio: float
    best_ratio: float
    limit: float | None
    ours_mib: float
    peer_mib: float

    @property
    def reached(self) -> bool:
        """Whether the ratio is within its limit."""
        return self.limit is None or self.best_ratio <= self.limit

    def row(self) -> str:
        """One line for people."""
        target = "" if self.limit is None else f"  limit {self.limit:.2f} {'reached' if self.reached else 'MISSED'}"
        return (
            f"{self.name:40} ours {self.ours_s:7.2f} s {self.ours_mib:5.0f} MiB   "
            f"peer {self.peer_s:7.2f} s {self.peer_mib:5.0f} MiB   "
            f"ratio {self.ratio:4.2f}, of the best {self.best_ratio:4.2f}{target}"
        )


def machine() -> str:
    """Name the processor, the number of cores that may be used, the system and the Python."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def run_once(command: Sequence[str]) -> tuple[float, float]:
    """Run a command to its end.

    Returns:
        Seconds by the clock, and its peak memory in MiB.

    Raises:
        RuntimeError: It ended with an exit status other than 0.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    spent = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return spent, usage.ru_maxrss * _MAXRSS_BYTES / 2**20


def compare(
    name: str, ours: Sequence[str], peer: Sequence[str], rounds: int = 3, *, limit: float | None = None
) -> Comparison:
    """Run both commands in turn, ``rounds`` times after one round that is not counted, and print a row."""
    run_once(ours)
    run_once(peer)
    pairs = [(run_once(ours), run_once(peer)) for _ in range(rounds)]
    result = Comparison(
        name=name,
        rounds=rounds,
        ours_s=statistics.median(mine[0] for mine, _ in pairs),
        peer_s=statistics.median(theirs[0] for _, theirs in pairs),
        ratio=statistics.median(mine[0] / theirs[0] for mine, theirs in pairs),
        best_ratio=min(mine[0] for mine, _ in pairs) / min(theirs[0] for _, theirs in pairs),
        limit=limit,
        ours_mib=max(mine[1] for mine, _ in pairs),
        peer_mib=max(theirs[1] for _, theirs in pairs),
    )
    print(result.row(), flush=True)
    return result
