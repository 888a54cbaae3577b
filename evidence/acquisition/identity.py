"""What a source is: size, sectors, make and serial number as the system tells them. Nothing is asked of the device.

Linux tells of a block device in ``/sys/dev/block/MAJOR:MINOR`` and, where udev runs, in ``/run/udev/data``. Areas that
a disk hides from the system (HPA, DCO) are not looked for, and nothing is said of them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import AcquisitionRefusedError, NotAnImageError, SourceAccessError
from evidence.images.raw import RawImage
from evidence.images.source import SourceFile

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Where a Linux system tells of its devices; ``root`` is another folder where another system is described."""

    root: Path = Path("/")

    @property
    def numbers(self) -> Path:
        """Devices by their numbers."""
        return self.root / "sys/dev/block"

    @property
    def disks(self) -> Path:
        """Whole devices by their names."""
        return self.root / "sys/block"

    @property
    def udev(self) -> Path:
        """What udev found out."""
        return self.root / "run/udev/data"

    @property
    def mounts(self) -> Path:
        """What is mounted."""
        return self.root / "proc/self/mountinfo"

    @property
    def nodes(self) -> Path:
        """The files that devices are opened by."""
        return self.root / "dev"


THIS_SYSTEM = System()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceIdentity:
    """The source as the system describes it; texts are empty and numbers None where it says nothing.

    Attributes:
        kind: "block device" or "file".
        physical_sector_bytes: What a device reads at once inside; ``logical_sector_bytes`` what it is addressed by.
        firmware: Revision of the device's own program.
        read_only: Whether the system says that the device cannot be written to; None for a file.
        mounted_at: Where the device or a part of it is mounted, "/mnt (rw)".
        modified_ns: Of a file: its time of modification.
    """

    path: Path
    kind: str
    size_bytes: int
    logical_sector_bytes: int
    physical_sector_bytes: int | None = None
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    wwn: str = ""
    partition: bool = False
    removable: bool | None = None
    rotational: bool | None = None
    read_only: bool | None = None
    mounted_at: tuple[str, ...] = ()
    modified_ns: int | None = None


def identify(path: Path, sector_bytes: int | None = None) -> SourceIdentity:
    """Describe a block device or a file.

    Args:
        path: The source.
        sector_bytes: Size of its sectors, if it is known better than from the source.

    Raises:
        AcquisitionRefusedError: It is empty.
        NotAnImageError: It is neither a block device nor a file.
        SourceAccessError: It cannot be opened.
    """
    path = path.absolute()
    file = SourceFile(path)
    try:
        size_bytes = file.size_bytes
    finally:
        file.close()
    if not size_bytes:
        raise AcquisitionRefusedError(f"{path} is empty: there is nothing to acquire.")
    status = _status(path)
    if stat.S_ISBLK(status.st_mode):
        return _device(path, size_bytes, status.st_rdev, sector_bytes)
    return SourceIdentity(
        path=path,
        kind="file",
        size_bytes=size_bytes,
        logical_sector_bytes=sector_bytes or _sectors_of_file(path, size_bytes),
        modified_ns=status.st_mtime_ns,
    )


def devices_below(number: int) -> frozenset[int | tuple[int, int]]:
    """A block device and all that it lies on: the disk of a partition, the members of a volume, the file of a loop.

    Args:
        number: ``st_dev`` of a file, or ``st_rdev`` of a device.

    Returns:
        Numbers of devices, and (device, inode) of files that serve as devices.
    """
    found: set[int | tuple[int, int]] = set()
    waiting = [number]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        found.add(here)
        place = _sys(here)
        if place is None:
            waiting += _mounted_from(here)
            continue
        if (place / "partition").exists():
            waiting += _numbers([place.parent / "dev"])
        waiting += _numbers([*place.glob("slaves/*/dev"), *place.parent.glob("slaves/*/dev")])
        backing = said_in(place / "loop" / "backing_file") or said_in(place.parent / "loop" / "backing_file")
        if backing and Path(backing).exists():
            status = Path(backing).stat()
            found.add((status.st_dev, status.st_ino))
            waiting.append(status.st_dev)
    return frozenset(found)


def lies_on(folder: Path, source: Path) -> bool:
    """Whether what is written into ``folder`` lands on the source."""
    status = source.stat()
    wanted = status.st_rdev if stat.S_ISBLK(status.st_mode) else (status.st_dev, status.st_ino)
    return wanted in devices_below(folder.stat().st_dev)


def _status(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except OSError as error:
        raise SourceAccessError(path, error.strerror or str(error)) from error
    if not stat.S_ISBLK(status.st_mode) and not stat.S_ISREG(status.st_mode):
        raise NotAnImageError(path, "neither a block device nor a file")
    return status


def _sectors_of_file(path: Path, size_bytes: int) -> int:
    image = RawImage([path])
    try:
        return image.sector_bytes if size_bytes % image.sector_bytes == 0 else 512
    finally:
        image.close()


def _device(path: Path, size_bytes: int, number: int, sector_bytes: int | None) -> SourceIdentity:
    place = _sys(number)
    if place is None:
        return SourceIdentity(
            path=path, kind="block device", size_bytes=size_bytes, logical_sector_bytes=sector_bytes or 512
        )
    return described(path, size_bytes, place, THIS_SYSTEM, sector_bytes)


def described(
    path: Path, size_bytes: int, place: Path, system: System, sector_bytes: int | None = None
) -> SourceIdentity:
    """What ``system`` says of the block device that it describes in the folder ``place``; nothing is opened."""
    partition = (place / "partition").exists()
    disk = place.parent if partition else place
    udev = _udev(disk, system)
    read_only = said_in(place / "ro")
    return SourceIdentity(
        path=path,
        kind="block device",
        size_bytes=size_bytes,
        logical_sector_bytes=sector_bytes or int(said_in(disk / "queue/logical_block_size") or 512),
        physical_sector_bytes=int(said_in(disk / "queue/physical_block_size") or 0) or None,
        vendor=said_in(disk / "device/vendor") or udev.get("ID_VENDOR", ""),
        model=said_in(disk / "device/model") or said_in(disk / "device/name") or udev.get("ID_MODEL", ""),
        serial=_serial(disk) or udev.get("ID_SERIAL_SHORT", ""),
        firmware=said_in(disk / "device/firmware_rev") or said_in(disk / "device/rev") or udev.get("ID_REVISION", ""),
        wwn=said_in(disk / "wwid") or said_in(disk / "device/wwid") or udev.get("ID_WWN", ""),
        partition=partition,
        removable=_flag(disk / "removable"),
        rotational=_flag(disk / "queue/rotational"),
        read_only=read_only == "1" if read_only else None,
        mounted_at=tuple(_mounts(place, system)),
    )


def _serial(disk: Path) -> str:
    for name in ("device/serial", "serial"):
        if said := said_in(disk / name):
            return said
    try:
        page = (disk / "device/vpd_pg80").read_bytes()  # SCSI "unit serial number", behind a header of four bytes
    except OSError:
        return ""
    return page[4:].decode("ascii", errors="replace").strip("\0 ")


def _mounts(place: Path, system: System) -> Iterator[str]:
    """Where this device, a partition of it, or a volume that lies on one of them is mounted."""
    numbers = set(_numbers_above(place, set()))
    for fields in _mount_lines(system):
        if fields[2] in numbers:
            where = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
            yield f"{where} ({'ro' if 'ro' in fields[5].split(',') else 'rw'})"


def _numbers_above(place: Path, seen: set[Path]) -> Iterator[str]:
    """The numbers of a device, of its partitions, and of what is built upon them."""
    place = place.resolve()
    if place in seen:
        return
    seen.add(place)
    if number := said_in(place / "dev"):
        yield number
    parts = [one.parent for one in place.glob("*/partition")]
    for above in (*parts, *place.glob("holders/*")):
        yield from _numbers_above(above, seen)


def _mounted_from(number: int) -> list[int]:
    """The device behind a file system that has a number of its own, such as Btrfs."""
    wanted = f"{os.major(number)}:{os.minor(number)}"
    for fields in _mount_lines(THIS_SYSTEM):
        if fields[2] == wanted and "-" in fields:
            source = Path(fields[fields.index("-") + 2])
            if source.is_absolute() and source.is_block_device():
                return [source.stat().st_rdev]
    return []


def _mount_lines(system: System) -> list[list[str]]:
    text = said_in(system.mounts)
    return [fields for line in text.splitlines() if len(fields := line.split()) > 6]


def _udev(disk: Path, system: System) -> dict[str, str]:
    lines = said_in(system.udev / f"b{said_in(disk / 'dev')}").splitlines()
    return dict(line[2:].split("=", 1) for line in lines if line.startswith("E:") and "=" in line)


def _numbers(files: list[Path]) -> list[int]:
    texts = [text for file in files if (text := said_in(file))]
    return [os.makedev(*map(int, text.split(":"))) for text in texts]


def _sys(number: int) -> Path | None:
    if not hasattr(os, "major"):
        return None
    place = THIS_SYSTEM.numbers / f"{os.major(number)}:{os.minor(number)}"
    return place.resolve() if place.exists() else None


def _flag(path: Path) -> bool | None:
    text = said_in(path)
    return text == "1" if text else None


def said_in(path: Path) -> str:
    """What the system says in a file of its own, such as one in /sys; empty where it says nothing."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
