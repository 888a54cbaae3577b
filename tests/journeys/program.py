"""The command line of the program that the tests run in: of the sources, or of a packaged program."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def verify(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What ``verify`` says, in a process of its own."""
    begin = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "forensics_app"]
    command = [*begin, "verify", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
