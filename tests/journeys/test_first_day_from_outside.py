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
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from build_spec.workshop.trial_window import running, screen, until
from resources import path as resource
from tests.journeys.first_day import CASE, LAB, REPORT, FirstDay, Paths
from tests.journeys.outside import Outside, Screenshots
from tests.journeys.program import ROOT, verify

PACKAGED = os.environ.get("FORENSICS_PACKAGED", "")
TOOLS = ("Xvfb", "xdotool", "dbus-daemon", "matchbox-window-manager", "pdftotext", "pdfsig")
MISSING = [name for name in TOOLS if shutil.which(name) is None]
START_S = 60.0
WHEN = "it takes two minutes; the trial of the package walks it, and here FORENSICS_JOURNEY_SHOTS names a folder"
_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "busconfig.dtd">
<busconfig>
  <type>accessibility</type>
  <listen>{address}</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


@contextmanager
def bus(config: Path) -> Iterator[tuple[str, DBusConnection]]:
    """A message bus for screen readers, open to the account that the program runs under, and found in any root."""
    address = f"unix:abstract=forensics-journey-{os.getpid()}"
    config.write_text(_BUS.format(address=address), encoding="utf-8")
    with running(["dbus-daemon", "--nofork", f"--config-file={config}"]):
        until(lambda: is_open(address), START_S, "dbus-daemon did not start")
        with open_dbus_connection(address) as connection:
            yield address, connection


def is_open(address: str) -> bool:
    """Whether a bus answers."""
    try:
        open_dbus_connection(address).close()
    except OSError:
        return False
    return True


def reader_of(connection: DBusConnection) -> str:
    """The name on the bus of the one program that is there besides us."""
    asked = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    found: list[str] = []

    def is_there() -> bool:
        names = connection.send_and_get_reply(new_method_call(asked, "ListNames")).body[0]
        found[:] = [name for name in names if name.startswith(":") and name != connection.unique_name]
        return bool(found)

    until(is_there, START_S, "The program did not come to the bus")
    (name,) = found
    return name


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
            hands = Outside(connection, reader_of(connection), shown)
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
