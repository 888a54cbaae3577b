"""The window while every kind of job runs, in a large lab: how long it is ever kept from answering.

Beside each wait stands how long the window's own thread computed at most without answering. The rest of a wait is for
locks and for processors that others have. Stations whose wait is over the limit are marked.

Where the window starts jobs stands in ``MEASURED``, by module; in ``NOT_MEASURED`` with the reason, where nobody
walks there. There is no peer to measure against.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from tests.benchmarks.measure import machine
from tests.benchmarks.window_answers import Wait, waits
from tests.benchmarks.window_house import House
from tests.benchmarks.window_large_lab import CHIEF, make_large_lab

ANSWER_LIMIT_MS = 50
MEASURED = {
    "ui/acquire/run.py": "a disk is acquired",
    "ui/examine/acts.py": "a folder is exported; its lists and single files take the same way",
    "ui/examine/case_timeline.py": "a timeline is made",
    "ui/examine/content_search.py": "an image and a case are searched, detectors too",
    "ui/examine/looking_up.py": "an image is looked up in the hash sets",
    "ui/examine/second_reader.py": "a second reader compares",
    "ui/examine/structure_pane.py": "a large database, hive, log and PDF are opened",
    "ui/exhibits/intakes.py": "an image is read back and catalogued; in parts it takes the same way",
    "ui/exhibits/intake_run.py": "an image is taken in, by bench_window",
    "ui/lab/backups_tab.py": "the lab is backed up",
    "ui/lab/hash_sets_tab.py": "a hash set is imported",
    "ui/record_keeper.py": "the lab is verified",
    "ui/reports/steps.py": "a report is issued",
}
NOT_MEASURED = {
    "ui/custody/verifying.py": "the job of ui/record_keeper.py from another page",
    "ui/examine/hex_pane.py": "nobody finds bytes in contents here",
    "ui/examine/same_content.py": "nobody looks for files of the same content here",
    "ui/jobs.py": "lists what an earlier run did not finish",
    "ui/lab/retention_tab.py": "nobody erases here",
    "ui/lab/schedule_tab.py": "reads images back as ui/exhibits/intakes.py does",
    "ui/lab/tools_tab.py": "nobody validates the program here",
    "ui/reports/comparing.py": "nobody compares chosen files here",
    "ui/reports/export_menu.py": "nobody exports a report here",
    "ui/widgets/rows_copy.py": "nobody copies thousands of rows here",
    "ui/reports/signatures.py": "nobody checks or adds to signatures here",
}


def tell(station: str, wait: Wait) -> None:
    """Print the line of a station."""
    mark = "  OVER" if wait.ms > ANSWER_LIMIT_MS else ""
    if station:
        print(f"  longest wait: {station:36} {wait.ms:8.2f} ms, computing {wait.at_work_ms:8.2f} ms{mark}", flush=True)


def main() -> int:
    """Print a line for each station; 1 if the window was ever kept from answering for too long."""
    print(f"window while jobs run, on {machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-window-") as folder:
        lab = make_large_lab(Path(folder))
        app = QApplication(sys.argv[:1])
        found = waits(app, Path(folder), CHIEF, lambda application: House(application, lab), tell)
    worked = {name: wait for name, wait in found.items() if name}
    longest_ms = max(wait.ms for wait in worked.values())
    busiest_ms = max(wait.at_work_ms for wait in worked.values())
    over = sum(wait.ms > ANSWER_LIMIT_MS for wait in worked.values())
    said = "reached" if not over else f"MISSED at {over} of {len(worked)} stations"
    print(f"longest wait while jobs run {longest_ms:.2f} ms, limit {ANSWER_LIMIT_MS} {said}")
    print(f"longest that the window's own thread computed {busiest_ms:.2f} ms")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main())
