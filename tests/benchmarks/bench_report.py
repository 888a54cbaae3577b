"""A report with a table of 50,000 rows, against reportlab's own tables of 500 rows.

``FORENSICS_BENCH_ROWS`` is the number of rows (50,000), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import Comparison, compare, machine

_ONCE = str(Path(__file__).with_name("report_once.py"))
_LIMIT = 0.35
_MEMORY_LIMIT_MIB = 150


def run(rows: int, rounds: int) -> list[Comparison]:
    """Measure a list of files and a custody record."""
    return [
        compare(
            f"report, {rows:,} rows of {kind} / reportlab tables of 500",
            [sys.executable, _ONCE, "ours", kind, str(rows)],
            [sys.executable, _ONCE, "peer", kind, str(rows)],
            rounds,
            limit=_LIMIT,
        )
        for kind in ("files", "custody")
    ]


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    rows = int(os.environ.get("FORENSICS_BENCH_ROWS", "50000"))
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    print(f"reports on {machine()}; memory limit {_MEMORY_LIMIT_MIB} MiB", flush=True)
    found = run(rows, rounds)
    return int(not all(result.reached and result.ours_mib <= _MEMORY_LIMIT_MIB for result in found))


if __name__ == "__main__":
    sys.exit(main())
