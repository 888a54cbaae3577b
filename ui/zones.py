"""The names of time zones that this computer knows."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def zone_names() -> tuple[str, ...]:
    """All of them by the alphabet; to look for them takes a while, and is done once."""
    return tuple(sorted(available_timezones()))
