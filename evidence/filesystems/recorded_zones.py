"""Wall times beside which the entry itself records their distance from UTC: exFAT, and plain records of ISO 9660.

The columns of a row keep wall times, as their rule says; its note has them in UTC. Sources: Microsoft's exFAT
specification, 7.4.10 ("UtcOffset"); ECMA-119 4th edition, 9.1.5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.iso_records import ZONE_QUARTERS
from evidence.filesystems.stamps import FatStamps, Stamps
from evidence.later import Later
from evidence.timestamps import iso_text
from evidence.volumes.base import Readable

ORPHANS = "/$OrphanFiles/"
_MINUTE_NS, _QUARTER_MINUTES = 60_000_000_000, 15
_FIELDS = ("modified", "accessed", "changed", "created")
_PACKED = "compressed by zisofs: size and digests are those of the stored bytes; the Rock Ridge tree has the content"
_IN_PARTS = (
    "one extent of a file that has several: size and digests are those of this part; "
    "the tree of the disc that is listed beside this one has the whole file"
)
_ELSEWHERE = "not deleted, for nothing on a disc is: it stands in another tree of directories than the one listed here"
_MAX_RECORDS = 500_000
_DESCRIPTORS = Later("evidence.filesystems.iso", "descriptors")
_TREE = Later("evidence.filesystems.iso", "IsoTree")


def zone_text(minutes: int) -> str:
    """``UTC+03:00``."""
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def in_utc(stamps: Stamps, minutes: Mapping[str, int]) -> str | None:
    """A note with the wall times of an entry in UTC, by the zone recorded for each; None where none is."""
    told = [
        f"{field} {iso_text(stamp - minutes[field] * _MINUTE_NS)} ({zone_text(minutes[field])})"
        for field, stamp in zip(_FIELDS, stamps[:4], strict=True)
        if stamp is not None and field in minutes
    ]
    return f"in UTC, by the zone recorded in its entry: {', '.join(told)}" if told else None


class ExfatZones:
    """The zones in the entries of exFAT."""

    def __init__(self, stamps: FatStamps) -> None:
        """Read the entries through ``stamps``."""
        self._stamps = stamps

    def note(self, path: str, address: int, stamps: Stamps) -> str | None:
        """A sentence for the row of an entry; None where no zone is recorded."""
        return in_utc(stamps, self._stamps.zones_of(address))


class IsoZones:
    """What the directory records of ISO 9660 say and the reader of the volume does not: zones, further extents."""

    def __init__(self, source: Readable) -> None:
        """Find the records of all trees of a disc; what cannot be read has none."""
        self._by_path: dict[tuple[str, int], set[int]] = defaultdict(set)
        self._by_time: dict[int, set[int]] = defaultdict(set)
        self._packed: set[str] = set()
        self._in_parts: set[str] = set()
        left = _MAX_RECORDS
        for descriptor in _DESCRIPTORS(source)[0]:
            try:
                for found in _TREE(source, descriptor).recorded():
                    if found.is_packed:
                        self._packed |= found.paths
                    if found.is_in_parts:
                        self._in_parts |= found.paths
                    if found.wall_ns is not None:
                        self._by_time[found.wall_ns].add(found.quarters)
                        for path in found.paths:
                            self._by_path[path, found.wall_ns].add(found.quarters)
                    left -= 1
                    if left <= 0:
                        return
            except UNREADABLE:
                continue

    def note(self, path: str, address: int, stamps: Stamps) -> str | None:
        """A sentence for the row of an entry."""
        told = (
            _ELSEWHERE if path.startswith(ORPHANS) else None,
            _IN_PARTS if path in self._in_parts else None,
            _PACKED if path in self._packed else None,
            self._zone(path, stamps),
        )
        return "; ".join(filter(None, told)) or None

    def _zone(self, path: str, stamps: Stamps) -> str | None:
        stamp = stamps[3]
        if stamp is None:
            return None
        found = self._by_path.get((path, stamp)) or self._by_time.get(stamp) or set()
        if len(found) != 1:
            return "the zone of its time is not known: records of this time have several, or none that is found"
        (quarters,) = found
        if quarters not in ZONE_QUARTERS:
            return f"the zone recorded with its time is none: {zone_text(quarters * _QUARTER_MINUTES)}"
        return in_utc(stamps, {"created": quarters * _QUARTER_MINUTES})
