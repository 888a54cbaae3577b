"""The block devices of a system, from what it says of them; none of them is opened.

Linux lists them in ``/sys/block``. Other systems have no such list that is read here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence.acquisition.identity import THIS_SYSTEM, SourceIdentity, System, described, said_in

SIZE_UNIT_BYTES = 512
"""The unit of every size in /sys/block, whatever the sectors of the device."""

_IN_MEMORY = re.compile(r"z?ram\d+")
_BUSES = (
    (re.compile(r"/usb\d+/"), "USB"),
    (re.compile(r"/nvme"), "NVMe"),
    (re.compile(r"/mmc"), "SD or MMC"),
    (re.compile(r"/ata\d+/"), "SATA"),
    (re.compile(r"/virtio\d+/"), "virtual"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A block device as the system describes it.

    Attributes:
        identity: With the path that it is opened by.
        bus: How it is attached, "USB"; empty where that cannot be told.
        backing: The file that stands for the medium of a loop device; empty for others.
        readable: Whether this process has the right to read it.
        partitions: Those that the system knows, in the order in which they lie on the device.
    """

    identity: SourceIdentity
    bus: str = ""
    backing: str = ""
    readable: bool = True
    partitions: tuple[Device, ...] = ()


def can_list_devices(system: System = THIS_SYSTEM) -> bool:
    """Whether ``system`` tells which devices there are."""
    return system.disks.is_dir()


def list_devices(system: System = THIS_SYSTEM) -> tuple[Device, ...]:
    """Every device that has a medium, by name; not what lies in the computer's own memory."""
    return tuple(_disks(system))


def _disks(system: System) -> Iterator[Device]:
    if not can_list_devices(system):
        return
    for entry in sorted(system.disks.iterdir(), key=lambda one: _counting(one.name)):
        if _IN_MEMORY.fullmatch(entry.name):
            continue
        place = entry.resolve()
        if (size_bytes := _size(place)) is None:
            continue
        parts = [one.parent for one in place.glob("*/partition")]
        parts.sort(key=lambda one: (_number(one / "start"), _counting(one.name)))
        yield _device(place, size_bytes, system, tuple(_device(one, _size(one) or 0, system) for one in parts))


def _device(place: Path, size_bytes: int, system: System, partitions: tuple[Device, ...] = ()) -> Device:
    node = _node(place, system)
    return Device(
        identity=described(node, size_bytes, place, system),
        bus=_bus(place),
        backing=said_in(place / "loop/backing_file"),
        readable=os.access(node, os.R_OK),
        partitions=partitions,
    )


def _node(place: Path, system: System) -> Path:
    """The file in /dev; a ``!`` in a name stands for a slash, and a mapped device has a name of its own."""
    mapped = said_in(place / "dm/name")
    return system.nodes / (f"mapper/{mapped}" if mapped else place.name.replace("!", "/"))


def _size(place: Path) -> int | None:
    return _number(place / "size") * SIZE_UNIT_BYTES or None


def _bus(place: Path) -> str:
    path = f"{place}/"
    return next((name for pattern, name in _BUSES if pattern.search(path)), "")


def _number(path: Path) -> int:
    said = said_in(path)
    return int(said) if said.isdecimal() else 0


def _counting(name: str) -> tuple[tuple[int, str], ...]:
    """The order in which people count: loop2 before loop10."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name))
