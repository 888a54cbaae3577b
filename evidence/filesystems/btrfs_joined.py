"""Btrfs devices one behind the other: a media that was put together from the raw images of single disks.

A file system on several disks is imaged disk by disk; given together, in any order, those images make one media.
Source: the superblock in the on-disk format that the kernel documents.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.images.base import Problem
from evidence.volumes.base import Division, Readable, Window, peek
from evidence.volumes.layers import ALONE, Beside

_SUPERBLOCK_AT, _SUPERBLOCK_BYTES = 65536, 4096
_MAGIC = b"_BHRfS_M"
_SECTOR_BYTES = 512
_REST_BYTES = 1 << 20
"""A device is used in whole blocks; so many bytes may lie behind the last of them, before the next device."""
_DEVICES_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Device:
    start_bytes: int
    length_bytes: int
    fsid: bytes
    of: int


class Following(Window):
    """A device that lies in the same volume as the first one, behind it; ``start_bytes`` counts from there."""


def behind(media: Readable, divisions: Sequence[Division]) -> Beside:
    """The devices behind the one that ``media`` begins with; none where partition tables divide it.

    Whether they belong together, their reader checks.
    """
    first = last = None if divisions else _device(media, 0)
    if first is None or first.of < 2:
        return ALONE
    found: list[Following] = []
    while last is not None and len(found) < _DEVICES_MAX:
        last = _next(media, last)
        if last is not None:
            found.append(Following(media, last.start_bytes, last.length_bytes))
    return Beside(later=tuple(found), is_of_layer=True)


def remark(beside: Beside, where: str) -> Problem:
    """That the media is read as several devices."""
    what = f"The media is {len(beside.later) + 1} devices of a Btrfs, one behind the other: they are read together."
    return Problem(what=what, where=where, offset_bytes=None, is_damage=False)


def _next(media: Readable, device: _Device) -> _Device | None:
    end = device.start_bytes + device.length_bytes
    for at in range(end, end + _REST_BYTES, _SECTOR_BYTES):
        following = _device(media, at)
        if following is not None and following.fsid == device.fsid:
            return following
    return None


def _device(media: Readable, at_bytes: int) -> _Device | None:
    """The device whose superblock says that it begins at ``at_bytes``."""
    block = peek(media, at_bytes + _SUPERBLOCK_AT, _SUPERBLOCK_BYTES)
    if len(block) < _SUPERBLOCK_BYTES or block[64:72] != _MAGIC:
        return None
    (address,) = struct.unpack_from("<Q", block, 48)
    (devices,) = struct.unpack_from("<Q", block, 136)
    (length,) = struct.unpack_from("<Q", block, 209)
    if address != _SUPERBLOCK_AT or not _SUPERBLOCK_AT < length <= media.media_bytes - at_bytes:
        return None
    return _Device(start_bytes=at_bytes, length_bytes=length, fsid=block[32:48], of=devices)
