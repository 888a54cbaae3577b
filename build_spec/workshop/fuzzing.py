"""Runs the fuzzing of the readers in tests/fuzz."""

import os

from build_spec.workshop.console import ROOT, show
from build_spec.workshop.environment import PYTHON


def run(arguments: list[str]) -> int:
    """Runs tests/fuzz/run.py, which knows the arguments; the status is 1 when something was found."""
    path = os.pathsep.join(("/usr/sbin", "/sbin", os.environ.get("PATH", "")))
    return show([PYTHON, "-m", "tests.fuzz.run", *arguments], env={"PYTHONPATH": str(ROOT), "PATH": path}, cwd=ROOT)
