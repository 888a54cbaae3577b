"""The packaged program: from its start, warm, to a window at which a person can type.

It is the one that ``python3 build_spec/dev.py package`` left in ``build/package/program``, on an X server of its own.
There is no peer to measure against. That a field can be typed into is asked as a screen reader asks, which costs the
program some of the time.

``FORENSICS_BENCH_ROUNDS`` is the number of starts (5).
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QSettings

from build_spec.workshop.benchmarks import NOT_MEASURED
from build_spec.workshop.frozen import PROGRAM
from build_spec.workshop.trial_window import running, screen, until
from tests.benchmarks.measure import machine, not_measured
from tests.builders import make_bench
from tests.journeys.outside import Outside
from tests.journeys.screen_reader import START_S, bus, program_on
from ui.preferences import ORGANISATION, Preferences

LIMIT_S = 2.0
_NAME = "packaged program"
_EXECUTABLE = PROGRAM / "forensics-app"
_TOOLS = ("Xvfb", "dbus-daemon")
_WAITED_FOR = {"a first start": "labName", "a lab of before": "signInPassphrase"}


def why_not() -> str:
    """Why nothing can be measured here; empty where it can."""
    missing = [name for name in _TOOLS if shutil.which(name) is None]
    if not _EXECUTABLE.is_file():
        return "nothing is built; python3 build_spec/dev.py package builds it, on Linux"
    return f"not installed: {' '.join(missing)}" if missing else ""


def home_with_a_lab(folder: Path) -> Path:
    """The home of somebody who had a lab with a case open when the window was closed."""
    bench = make_bench(folder)
    bench.exhibit(bench.case())
    bench.lab.close()
    home = folder / "home"
    settings = home / ".config" / ORGANISATION / f"{ORGANISATION}.ini"
    preferences = Preferences(QSettings(str(settings), QSettings.Format.IniFormat))
    preferences.remember_lab(bench.lab.folder.root)
    preferences.store.sync()
    return home


def seconds_until(field: str, home: Path, scratch: Path) -> float:
    """Start it in a home and wait until a field can be typed into."""
    with ExitStack() as open_:
        shown = open_.enter_context(screen(scratch / "screen"))
        address, connection = open_.enter_context(bus(scratch / "bus.conf"))
        surroundings = {
            "HOME": home,
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "QT_QPA_PLATFORM": "xcb",
            "DISPLAY": shown.display,
            "AT_SPI_BUS_ADDRESS": address,
        }
        words = [f"{name}={value}" for name, value in surroundings.items()]
        began = time.perf_counter()
        open_.enter_context(running(["env", "-i", f"--chdir={home}", *words, str(_EXECUTABLE)]))
        until(shown.is_painted, START_S, "The window was not painted")  # asked no sooner, for answering takes it time
        hands = Outside(connection, program_on(connection), shown)
        hands.until(lambda: hands.sees(field) and hands.can_press(field), f"{field} to type into")
        return time.perf_counter() - began


def run(rounds: int) -> bool:
    """Measure both starts, once to warm the caches and then ``rounds`` times each; whether the limit was kept."""
    kept = True
    with tempfile.TemporaryDirectory(prefix="bench-package-") as name:
        folder = Path(name)
        (folder / "empty").mkdir()
        homes = {"a first start": folder / "empty", "a lab of before": home_with_a_lab(folder)}
        for what, field in _WAITED_FOR.items():
            times_s = [seconds_until(field, homes[what], folder) for _ in range(rounds + 1)][1:]
            middle_s = statistics.median(times_s)
            told = f"median {middle_s:5.2f} s, longest {max(times_s):5.2f} s  limit {LIMIT_S:g} s"
            print(f"{_NAME}, {what:28} {told} {'reached' if middle_s <= LIMIT_S else 'MISSED'}", flush=True)
            kept = kept and middle_s <= LIMIT_S
    return kept


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    print(f"{_NAME}, warm, until a person can type, on {machine()}", flush=True)
    if reason := why_not():
        not_measured(_NAME, reason)
        sys.exit(NOT_MEASURED)
    return int(not run(int(os.environ.get("FORENSICS_BENCH_ROUNDS", "5"))))


if __name__ == "__main__":
    sys.exit(main())
