"""The window: a warm start, a list of 1,000,000 rows, and whether it answers while an image is read.

There is no peer to measure against.

``FORENSICS_BENCH_ROUNDS`` is the number of starts (5).
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.benchmarks.big_image import e01_image
from tests.benchmarks.measure import MEMORY_LIMIT_MIB, machine, peak_mib, run_once
from tests.benchmarks.window_answers import waits_of_intake
from tests.benchmarks.window_examiner import AT_REST
from tests.builders import make_bench
from ui.models.cells import Cell, Column, Kind
from ui.models.lazy_table import LazyTableModel
from ui.theme import Row, fonts, style
from ui.theme.tokens import DARK
from ui.widgets.table import Table

ROWS = 1_000_000
START_LIMIT_S, PAINT_LIMIT_MS, SCROLL_LIMIT_MS, SORT_LIMIT_MS = 1.0, 100, 50, 500
ANSWER_LIMIT_MS = 50
_ONCE = str(Path(__file__).with_name("window_once.py"))
_STEPS = 300


def row(name: str, value: float, unit: str, limit: float) -> bool:
    """Print one line; tell whether the limit was kept."""
    kept = value <= limit
    print(f"{name:52} {value:8.2f} {unit}  limit {limit:g} {'reached' if kept else 'MISSED'}", flush=True)
    return kept


def start(rounds: int, folder: Path) -> bool:
    """Start the program, with a lab in ``folder`` that has a case: once to warm the caches, then ``rounds`` times."""
    bench = make_bench(folder)
    bench.exhibit(bench.case())
    bench.lab.close()
    command = [sys.executable, _ONCE, str(bench.lab.folder.root)]
    kept = row("window with a lab open, peak memory", peak_mib(command), "MiB", MEMORY_LIMIT_MIB)
    times = [run_once(command) for _ in range(rounds)]
    return row("window with a lab open, usable, warm, median", statistics.median(times), "s", START_LIMIT_S) and kept


def columns() -> tuple[Column[int], ...]:
    """Six columns as the file list has them, computed from the id."""
    return (
        Column(key="name", title="Name", cell=lambda id_: Cell(f"document {id_:07d}.pdf", Kind.NAME, icon="file")),
        Column(key="size", title="Size", cell=lambda id_: Cell(f"{id_ * 37 % 10_000_000:,}", Kind.NUMBER), right=True),
        Column(
            key="time", title="Modified", cell=lambda id_: Cell("2026-11-21 14:02:11 +01:00", Kind.TIME), width_px=190
        ),
        Column(key="type", title="Content", cell=lambda id_: Cell("PDF 1.7", Kind.MUTED)),
        Column(key="state", title="State", cell=lambda id_: Cell("Deleted" if id_ % 9 == 0 else "", Kind.MARK)),
        Column(
            key="tags", title="Tags", cell=lambda id_: Cell("", Kind.TAGS, tags=("Relevant",) if id_ % 7 == 0 else ())
        ),
    )


def timed_ms(act: Callable[[], object]) -> float:
    """How long ``act`` takes, in milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def scroll(app: QApplication) -> bool:
    """Show a million rows, scroll through them at random, and give them a new order."""

    def load(ids: Sequence[int], deliver: Callable[[Sequence[int | None]], None]) -> None:
        deliver(list(ids))

    model: LazyTableModel[int] = LazyTableModel(columns(), load)
    table = Table(model, name="files", title="Files", row_px=Row.DENSE)
    table.resize(1280, 800)
    table.show()
    app.processEvents()
    ids = array("q", range(ROWS))

    def show() -> None:
        model.set_ids(ids)
        table.viewport().repaint()

    paint = timed_ms(show)
    bar, source = table.verticalScrollBar(), random.Random(3)

    def step() -> None:
        bar.setValue(source.randrange(bar.maximum()))
        table.viewport().repaint()

    steps = sorted(timed_ms(step) for _ in range(_STEPS))
    shuffled = array("q", source.sample(range(ROWS), ROWS))
    table.selectRow(5)

    def reorder() -> None:
        model.set_ids(shuffled)
        table.viewport().repaint()

    order = timed_ms(reorder)
    kept = [
        row(f"{ROWS:,} rows, first paint", paint, "ms", PAINT_LIMIT_MS),
        row(f"{ROWS:,} rows, jump and paint, 95th percentile", steps[int(_STEPS * 0.95)], "ms", SCROLL_LIMIT_MS),
        row(f"{ROWS:,} rows, a new order with the selection kept", order, "ms", SORT_LIMIT_MS),
    ]
    model.setParent(table)
    return all(kept) and table.isVisible() and table.focusPolicy() is not Qt.FocusPolicy.NoFocus


def answers(app: QApplication, folder: Path) -> bool:
    """Take in an image of 100,000 files by the wizard and look into it; the longest wait at each station."""
    waits = waits_of_intake(app, folder, e01_image())
    stations = list(waits)
    of_intake = {name: waits[name].ms for name in stations[stations.index(AT_REST) + 1 :]}
    for name, waited in of_intake.items():
        print(f"  longest wait: {name:36} {waited:8.2f} ms", flush=True)
    row("longest wait of the window at rest", waits[AT_REST].ms, "ms", ANSWER_LIMIT_MS)
    return row("longest wait while an image is taken in", max(of_intake.values()), "ms", ANSWER_LIMIT_MS)


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    print(f"window on {machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-window-") as labs:
        started = start(int(os.environ.get("FORENSICS_BENCH_ROUNDS", "5")), Path(labs) / "lab")
    app = QApplication(sys.argv[:1])
    fonts.load_fonts()
    with tempfile.TemporaryDirectory(prefix="bench-window-") as marks:
        style.apply(app, DARK, Path(marks))
        scrolled = scroll(app)
        return int(not (answers(app, Path(marks)) and scrolled and started))


if __name__ == "__main__":
    sys.exit(main())
