"""Whether the lab folder is encrypted, and the disk under it, as far as the system tells it (REQ-70)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from forensics_app.services.folder import LabFolder
from forensics_app.services.store import is_encrypted, names

SYSTEM_DEVICES = Path("/sys/dev/block")
_ENCRYPTED = "CRYPT-"
_DEPTH = 8


def at_rest_words(folder: Path, devices: Path = SYSTEM_DEVICES) -> str:
    """In a sentence or two: whether what lies in ``folder`` is encrypted, by this program or on its disk.

    On Linux the block devices below are asked for dm-crypt (LUKS and its like). What other systems do, what a drive
    does by itself, and what lies below a file system without a device of its own, is not found out, and that is said.

    Args:
        folder: The lab folder.
        devices: Where the system tells of its block devices.
    """
    place = LabFolder(folder, is_read_only=True)
    disk = _disk_words(folder, devices, is_sealed=is_encrypted(place))
    if not is_encrypted(place):
        return disk
    return (
        f"The lab folder is encrypted; {_people(len(names(place)))} can unlock it. Not encrypted are the lab's "
        f"hash sets and stationery, what is exported, and images. {disk}"
    )


def _people(number: int) -> str:
    return "one person" if number == 1 else f"{number:,} people"


def _disk_words(folder: Path, devices: Path, *, is_sealed: bool) -> str:
    unknown = f"Whether the disk under {folder} is encrypted cannot be told here; ask who looks after the computer."
    if not sys.platform.startswith("linux"):
        return unknown
    number = folder.stat().st_dev
    device = devices / f"{os.major(number)}:{os.minor(number)}"
    if os.major(number) == 0 or not device.exists():
        return unknown
    below = list(_below(device, _DEPTH))
    if all(any(uuid.startswith(_ENCRYPTED) for uuid in way) for way in below):
        return f"{folder} lies on an encrypted disk (dm-crypt): it is readable while the computer runs."
    words = f"{folder} does not lie on a disk that this system encrypts (dm-crypt)."
    if is_sealed:
        return words
    return (
        f"{words} Whoever takes the disk reads all that is in it, but not people's keys, kept keys of volumes and "
        "encrypted backups."
    )


def _below(device: Path, depth: int) -> Iterator[tuple[str, ...]]:
    """The device-mapper ids on each way from a device down to a disk."""
    try:
        uuid = (device / "dm" / "uuid").read_text("ascii", "replace").strip()
    except OSError:
        uuid = ""
    slaves = device / "slaves"
    under = sorted(slaves.iterdir()) if depth and slaves.is_dir() else []
    if not under:
        yield (uuid,)
    for one in under:
        for way in _below(one, depth - 1):
            yield (uuid, *way)
