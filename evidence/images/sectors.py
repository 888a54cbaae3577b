"""The size of a sector where the container does not say it."""

from __future__ import annotations

from collections.abc import Callable

from evidence.errors import UnreadableRegionError

DEFAULT_SECTOR_BYTES = 512
_LARGE_SECTOR_BYTES = 4096
_GPT_SIGNATURE = b"EFI PART"


def guess_sector_bytes(read_at: Callable[[int, int], bytes]) -> int:
    """Say 4096 where the media has a GPT of such sectors, else 512.

    Args:
        read_at: Of the image. Where it raises ``UnreadableRegionError`` the answer is 512.
    """
    try:
        small = read_at(DEFAULT_SECTOR_BYTES, len(_GPT_SIGNATURE))
        large = read_at(_LARGE_SECTOR_BYTES, len(_GPT_SIGNATURE))
    except UnreadableRegionError:
        return DEFAULT_SECTOR_BYTES
    return _LARGE_SECTOR_BYTES if large == _GPT_SIGNATURE != small else DEFAULT_SECTOR_BYTES
