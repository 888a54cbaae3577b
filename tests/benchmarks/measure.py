"""Measures commands side by side: whole processes, interleaved, so that what else the machine does meets both."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEMORY_LIMIT_MIB = 300
"""What all processes of one of our jobs together may take, whatever the size of the image."""

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
_LOOK_EVERY_S = 0.02
_VERSIONS = {
    "bulk_extractor": ("bulk_extractor", "-V"),
    "grep": ("grep", "--version"),
    "hashdeep": ("hashdeep", "-V"),
    "openssl": ("openssl", "version"),
    "sha256sum": ("sha256sum", "--version"),
    "ewfverify": ("ewfverify", "-V"),
    "fls": ("fls", "-V"),
    "hfind": ("hfind", "-V"),
    "tsk_loaddb": ("tsk_loaddb", "-V"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Medians over all rounds, and the ratios ours / peer.

    ``ratio`` is the median over the rounds and is held against ``limit``. ``best_ratio`` is that of the quickest runs
    of either, which other work on the machine disturbs least; it is for comparison only. ``aim_s`` is what
    the median of our own time may be, in seconds by the clock, where the design sets that. The memory is that of the
    whole tree of processes, each counted with its own peak.
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
    memory_limit_mib: float = MEMORY_LIMIT_MIB
    aim_s: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the median ratio, the median of our time and the memory are within their limits."""
        held = ((self.ratio, self.limit), (self.ours_s, self.aim_s), (self.ours_mib, self.memory_limit_mib))
        return all(limit is None or value <= limit for value, limit in held)

    def row(self) -> str:
        """One line for people."""
        target = ""
        if self.limit is not None:
            target = f"  limit {self.limit:.2f} {_verdict(self.ratio, self.limit)}"
        if self.aim_s is not None:
            target += (
                f"  limit {self.aim_s:g} s {_verdict(self.ours_s, self.aim_s)}"
                f"  limit {self.memory_limit_mib:.0f} MiB {_verdict(self.ours_mib, self.memory_limit_mib)}"
            )
        elif self.ours_mib > self.memory_limit_mib:
            target += f"  memory limit {self.memory_limit_mib:.0f} MiB MISSED"
        return (
            f"{self.name:44} ours {self.ours_s:7.2f} s {self.ours_mib:5.0f} MiB   "
            f"peer {self.peer_s:7.2f} s {self.peer_mib:5.0f} MiB   "
            f"ratio {self.ratio:4.2f}, of the best {self.best_ratio:4.2f}{target}"
        )


def _verdict(value: float, limit: float) -> str:
    return "reached" if value <= limit else "MISSED"


def peers(*names: str) -> str:
    """Name the versions of the programs that are measured against, and those that are not there."""
    return "peers: " + ", ".join(_version(name) for name in names)


def _version(name: str) -> str:
    if not shutil.which(name):
        return f"{name} (not installed)"
    done = subprocess.run(_VERSIONS[name], capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if any(letter.isdigit() for letter in line)]
    told = lines[0].strip() if lines else "of an unknown version"
    return told if name in told else f"{name} {told}"


def not_measured(name: str, why: str) -> None:
    """Print the row of what cannot be measured here."""
    print(f"{name:44} not measured: {why}", flush=True)


def machine() -> str:
    """Name the processor, the number of cores that may be used, the system and the Python."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def run_once(command: Sequence[str]) -> float:
    """Run a command to its end; seconds by the clock.

    Raises:
        RuntimeError: It ended with an exit status other than 0.
    """
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    spent = time.perf_counter() - began
    _refuse(command, done.returncode)
    return spent


def peak_mib(command: Sequence[str]) -> float:
    """Run a command to its end; the peaks of all processes of its tree together, in MiB.

    Where there is no ``/proc``, the largest of them alone.

    Raises:
        RuntimeError: It ended with an exit status other than 0.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks: dict[int, int] = {}
    while True:
        for pid in _tree(process.pid):
            peaks[pid] = max(peaks.get(pid, 0), _peak_bytes(pid))
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        time.sleep(_LOOK_EVERY_S)
    process.returncode = os.waitstatus_to_exitcode(status)
    _refuse(command, process.returncode)
    return max(sum(peaks.values()), usage.ru_maxrss * _MAXRSS_BYTES) / 2**20


def _tree(pid: int) -> list[int]:
    """A process and all below it, as the system tells at this moment."""
    found = [pid]
    for each in found:
        for told in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += map(int, told.read_text().split())
            except OSError:  # it ended just now
                continue
    return found


def _peak_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _refuse(command: Sequence[str], status: int) -> None:
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {status}")


def compare(
    name: str,
    ours: Sequence[str],
    peer: Sequence[str],
    rounds: int = 3,
    *,
    limit: float | None = None,
    needs: str | None = None,
    memory_limit_mib: float = MEMORY_LIMIT_MIB,
    aim_s: float | None = None,
) -> list[Comparison]:
    """Run both commands in turn, ``rounds`` times, and print a row.

    One round before warms the caches and tells the memory; it is not timed.

    Args:
        name: What the row says.
        ours: Our command.
        peer: The command it is measured against.
        rounds: How many are timed.
        limit: What the median of the ratios may be.
        needs: The program that has to be installed for the peer; its first word when left out.
        memory_limit_mib: What our processes together may take.
        aim_s: What the median of our own time may be, in seconds.

    Returns:
        The comparison; nothing where the peer is not installed, which the row says.
    """
    program = needs or peer[0]
    if not shutil.which(program):
        not_measured(name, f"{program} is not installed")
        return []
    ours_mib, peer_mib = peak_mib(ours), peak_mib(peer)
    pairs = [(run_once(ours), run_once(peer)) for _ in range(rounds)]
    result = Comparison(
        name=name,
        rounds=rounds,
        ours_s=statistics.median(mine for mine, _ in pairs),
        peer_s=statistics.median(theirs for _, theirs in pairs),
        ratio=statistics.median(mine / theirs for mine, theirs in pairs),
        best_ratio=min(mine for mine, _ in pairs) / min(theirs for _, theirs in pairs),
        limit=limit,
        ours_mib=ours_mib,
        peer_mib=peer_mib,
        memory_limit_mib=memory_limit_mib,
        aim_s=aim_s,
    )
    print(result.row(), flush=True)
    return [result]
