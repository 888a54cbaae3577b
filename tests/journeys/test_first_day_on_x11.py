"""The same journey on a real display server, with the window system's own events, focus and drawing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JOURNEY = "tests/journeys/test_first_day.py"
LIMIT_S = 240
_XVFB = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24"]


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is the display server of Linux")
@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="xvfb-run is not installed (Debian's package xvfb)")
def test_the_first_day_is_the_same_under_xvfb() -> None:
    """Runs in a process of its own, as the platform of Qt is chosen once in a process."""
    command = [*_XVFB, sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", JOURNEY]
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "xcb"}
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "1 passed" in done.stdout
