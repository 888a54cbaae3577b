"""The devices of a Btrfs that lies on several partitions of one media, or several volumes of one volume group.

As with volume groups, the partition that comes first shows the files; the others only say that they belong to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from evidence.errors import UnreadableRegionError
from evidence.filesystems.btrfs import GIVE_ALL, BtrfsTree
from evidence.filesystems.btrfs_free import Shown
from evidence.filesystems.btrfs_joined import Following
from evidence.filesystems.btrfs_super import Superblock, read_superblock
from evidence.filesystems.opened import FileSystemError, ListedElsewhereError
from evidence.filesystems.signatures import Found, btrfs, btrfs_copy
from evidence.images.base import Problem
from evidence.volumes.base import Readable
from evidence.volumes.layers import Beside

_BEHIND_MAX = 1
"""A crash between the superblocks of two devices leaves one a commit behind, with nothing on it that is out of date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Device:
    source: Readable
    superblock: Superblock


def open_btrfs(source: Readable, found: Found, beside: Beside) -> BtrfsTree:
    """Open a Btrfs with those of its devices that lie on the same media.

    Raises:
        ListedElsewhereError: An earlier partition shows its files.
        FileSystemError: It cannot be opened.
    """
    superblock, _ = read_superblock(source)
    own = _Device(source=source, superblock=superblock)
    if superblock.devices == 1:
        return BtrfsTree(source, {}, shown=_shown(own, [own]))
    if any(True for _ in _devices(found, beside.earlier, superblock, [])):
        what = (
            f"This is device {superblock.device_id} of a Btrfs on {superblock.devices} devices ({found.serial}), "
            "whose files are listed with the partition or volume of it that comes first."
        )
        raise ListedElsewhereError("btrfs", what, partial(_together, own, found, (*beside.earlier, *beside.later)))
    return _together(own, found, beside.later)


def _together(own: _Device, found: Found, sources: Iterable[Readable]) -> BtrfsTree:
    """Open it with those of its devices that lie in ``sources``; raises FileSystemError."""
    problems: list[Problem] = []
    superblock = own.superblock
    main, used = _chosen([own, *_devices(found, sources, superblock, problems)], problems)
    others = {number: device.source for number, device in used.items()}
    try:
        return BtrfsTree(main.source, others, problems, shown=_shown(own, (main, *used.values())))
    except FileSystemError as error:
        here = sorted((main.superblock.device_id, *used))
        if len(here) == superblock.devices:
            raise
        names = ", ".join(map(str, here))
        what = (
            f"{error.why}. It spans {superblock.devices} devices, and of them only these are here: {names}. {GIVE_ALL}"
        )
        raise FileSystemError("btrfs", what) from error


def _shown(own: _Device, used: Iterable[_Device]) -> Shown:
    """Which of the devices that are used lie in the volume of ``own``."""
    starts = {
        device.superblock.device_id: (
            device.source.start_bytes if isinstance(device.source, Following) else 0,
            device.superblock.device_bytes,
        )
        for device in used
        if device.source is own.source or isinstance(device.source, Following)
    }
    return Shown(source=own.source, devices=starts)


def _devices(found: Found, sources: Iterable[Readable], own: Superblock, problems: list[Problem]) -> Iterator[_Device]:
    """The partitions that are devices of the same file system."""
    for source in sources:
        seen = btrfs(source) or btrfs_copy(source)
        if seen is None or seen.serial != found.serial:
            continue
        try:
            superblock, damage = read_superblock(source)
        except (FileSystemError, UnreadableRegionError) as error:
            _tell(problems, f"A further device of this Btrfs cannot be used: {error}")
            continue
        if superblock.fsid == own.fsid:
            problems += damage
            yield _Device(source=source, superblock=superblock)


def _chosen(devices: list[_Device], problems: list[Problem]) -> tuple[_Device, dict[int, _Device]]:
    """The device whose superblock counts, and the others by their numbers, without those left behind."""
    newest = max(device.superblock.generation for device in devices)
    main = next(device for device in devices if device.superblock.generation == newest)
    used: dict[int, _Device] = {main.superblock.device_id: main}
    for device in sorted(devices, key=lambda device: -device.superblock.generation):
        number, generation = device.superblock.device_id, device.superblock.generation
        if device is main:
            continue
        if generation < newest - _BEHIND_MAX:
            _tell(problems, f"Device {number} was last written in generation {generation} of {newest}; it is left out.")
        elif number in used:
            _tell(problems, f"Device {number} is there more than once; the first is used.")
        else:
            used[number] = device
    del used[main.superblock.device_id]
    return main, used


def _tell(problems: list[Problem], what: str) -> None:
    problems.append(Problem(what=what, where="", offset_bytes=None))
