"""The checks that a change must pass: style, format, types, tests."""

import time
from pathlib import Path

from build_spec.workshop.console import ROOT, say, show
from build_spec.workshop.environment import PYTHON

CHECKS: tuple[tuple[str, tuple[str | Path, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    ("mypy of the build", ("-m", "mypy", "-p", "build_spec.workshop")),
    ("compile", ("-m", "compileall", "-q", "chain_of_custody", "evidence", "forensics_app", "resources", "ui")),
)
PYTEST = ("-m", "pytest", "--numprocesses", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
"""One process for each core; the tests of one file stay together, for they share what is dear to make, and the files
come in the order of tests/conftest.py, not by how many tests they hold."""

ENVIRONMENT = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": ""}
"""The tests start thousands of processes of ours; where nothing is kept compiled, each compiles what it imports."""


def run_all(pytest_arguments: list[str]) -> int:
    """Runs all checks, even after one failed, pytest last; returns the first status that is not 0."""
    outcomes: list[tuple[str, int]] = []
    for name, arguments in (*CHECKS, ("pytest", (*PYTEST, *pytest_arguments))):
        say(f"{name} ...")
        began = time.monotonic()
        status = show([PYTHON, *arguments], env=ENVIRONMENT, cwd=ROOT)
        outcomes.append((name, status))
        say(f"{name}: {'passed' if status == 0 else f'FAILED with status {status}'} ({time.monotonic() - began:.0f} s)")
    failed = [(name, status) for name, status in outcomes if status != 0]
    if failed:
        say("Failed: " + ", ".join(name for name, _ in failed))
        return failed[0][1]
    say("All checks passed")
    return 0
