"""The first day once more at the window of a program of its own: the packaged one, or the sources where none is named.

Keys and clicks come through an X server with a window manager, and parts are found as a screen reader finds them. The
trial of the package (``dev.py package --test``) names the packaged program in ``FORENSICS_PACKAGED``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from build_spec.workshop.trial_window import running, screen
from resources import path as resource
from tests.journeys.first_day import CASE, LAB, REPORT, FirstDay, Paths
from tests.journeys.outside import Outside, Screenshots
from tests.journeys.program import ROOT, verify
from tests.journeys.screen_reader import bus, program_on

PACKAGED = os.environ.get("FORENSICS_PACKAGED", "")
TOOLS = ("Xvfb", "xdotool", "dbus-daemon", "matchbox-window-manager", "pdftotext", "pdfsig")
MISSING = [name for name in TOOLS if shutil.which(name) is None]
WHEN = "it takes two minutes; the trial of the package walks it, and here FORENSICS_JOURNEY_SHOTS names a folder"


@contextmanager
def hands_at(command: list[str], paths: Paths, scratch: Path) -> Iterator[tuple[Outside, Screenshots]]:
    """Start the program on a screen of its own, and give hands that work there."""
    told = os.environ.get("FORENSICS_JOURNEY_SHOTS")
    with screen(scratch / "screen") as shown, bus(scratch / "bus.conf") as (address, connection):
        there = {"DISPLAY": shown.display, "AT_SPI_BUS_ADDRESS": address}
        manager = ["matchbox-window-manager", "-display", f":{shown.number}", "-use_titlebar", "no"]
        at = command.index("-i") + 1
        full = [
            *command[:at],
            f"--chdir={paths.inside}",
            *(f"{name}={value}" for name, value in there.items()),
            *command[at:],
        ]
        with running(manager), running(full):
            hands = Outside(connection, program_on(connection), shown)
            yield hands, Screenshots(shown, Path(told) if told else None)


@pytest.fixture
def program(tmp_path: Path) -> tuple[list[str], Paths]:
    """The command that opens the window, ``env -i`` in it, and where it works."""
    told = os.environ.get("FORENSICS_PACKAGED")
    if told:
        given = json.loads(told)
        return given["command"], Paths(Path(given["work"]), given["inside"], given["resources"])
    surroundings = [
        f"HOME={tmp_path}",
        f"PATH={os.environ['PATH']}",
        f"PYTHONPATH={ROOT}",
        "QT_QPA_PLATFORM=xcb",
        "LC_ALL=C.UTF-8",
    ]
    command = ["env", "-i", *surroundings, sys.executable, "-m", "forensics_app"]
    return command, Paths(tmp_path, str(tmp_path), str(resource("")))


@pytest.mark.skipif(not PACKAGED and "FORENSICS_JOURNEY_SHOTS" not in os.environ, reason=WHEN)
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {' '.join(MISSING)}")
@pytest.mark.req("REQ-64")
def test_a_first_day_is_lived_through_from_outside_up_to_a_signed_report(
    program: tuple[list[str], Paths], tmp_path: Path
) -> None:
    command, paths = program
    with hands_at(command, paths, tmp_path) as (hands, album):
        day = FirstDay(hands, album, paths)
        try:
            day.live_through()
        finally:
            album.shot("end")
    report, lab = paths.seen(REPORT), tmp_path / "copy"
    shutil.copytree(paths.seen(LAB), lab)
    words = subprocess.run(["pdftotext", report, "-"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert CASE in words
    signed = subprocess.run(["pdfsig", report], capture_output=True, text=True, timeout=60, check=False).stdout
    assert re.findall(r"Signature Validation: (.*)", signed) == ["Signature is Valid."] * 2, signed
    for what in ([lab], [report, "--lab", lab]):
        verified = verify(*what)
        assert verified.returncode == 0, verified.stdout + verified.stderr
