"""A report with a table of 50,000 rows, and one with 1,000 pictures, against reportlab's own tables of 500 rows.

``FORENSICS_BENCH_ROWS`` is the number of rows (50,000), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3).
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import Comparison, compare, machine

_ONCE = str(Path(__file__).with_name("report_once.py"))
_LIMIT = 0.35
_MEMORY_LIMIT_MIB = 150
_AIM_ROWS, _AIM_S = 50_000, 4.0
"""What the design sets for a whole report with that many files, beside the memory."""
PICTURES, _PICTURES_LIMIT_MIB = 1_000, 256


def run(rows: int, rounds: int) -> list[Comparison]:
    """Measure a list of files and a custody record."""
    found: list[Comparison] = []
    for kind in ("files", "custody"):
        ours, peer = ([sys.executable, _ONCE, who, kind, str(rows)] for who in ("ours", "peer"))
        name = f"report, {rows:,} rows of {kind} / tables of 500"
        aim_s = _AIM_S if (kind, rows) == ("files", _AIM_ROWS) else None
        found += compare(name, ours, peer, rounds, limit=_LIMIT, memory_limit_mib=_MEMORY_LIMIT_MIB, aim_s=aim_s)
    ours, peer = ([sys.executable, _ONCE, who, "pictures", str(PICTURES)] for who in ("ours", "peer"))
    found += compare(
        f"report, {PICTURES:,} pictures / tables",
        ours,
        peer,
        rounds,
        limit=_LIMIT,
        memory_limit_mib=_PICTURES_LIMIT_MIB,
    )
    return found


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    rows = int(os.environ.get("FORENSICS_BENCH_ROWS", "50000"))
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    print(f"reports on {machine()}; memory limit {_MEMORY_LIMIT_MIB} MiB", flush=True)
    print(f"peer: reportlab {version('reportlab')}", flush=True)
    found = run(rows, rounds)
    return int(not all(result.reached for result in found))


if __name__ == "__main__":
    sys.exit(main())
