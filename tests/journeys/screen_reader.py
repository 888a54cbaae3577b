"""A message bus of our own for screen readers, by which a program tells what stands in its window."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from build_spec.workshop.trial_window import running, until

START_S = 60.0
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


def program_on(connection: DBusConnection) -> str:
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
