"""The order in which a live system is captured: what is lost first comes first (RFC 3227, 2.1; REQ-06)."""

from __future__ import annotations

from collections.abc import Sequence


def out_of_order(tiers: Sequence[int]) -> tuple[int, ...]:
    """The places, from 0, of captures that came after one of something less volatile; flagged, never refused."""
    late: list[int] = []
    reached = 0
    for place, tier in enumerate(tiers):
        if tier < reached:
            late.append(place)
        reached = max(reached, tier)
    return tuple(late)
