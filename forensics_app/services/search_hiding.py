"""Which hits in bytes of volumes may be bytes of hidden content (REQ-39, REQ-40): it is told by where they lie.

A content can lie in records of its file system (small files in ``$MFT``, in inodes, in trees of Btrfs), and on devices
whose bytes are searched as they are. Where it cannot be told that a hit is none of it, the hit is hidden.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from evidence.errors import EvidenceError
from evidence.filesystems.ranges import SLACK, Range, joined
from evidence.search.looking import CONTEXT_BYTES
from forensics_app.model.catalogue import CatalogueEntry, CatalogueError, Volume
from forensics_app.model.image import EvidenceImage
from forensics_app.model.logical import volume_around
from forensics_app.model.mark import INSIDE, Mark
from forensics_app.model.search import SearchHit
from forensics_app.services.search_plan import lineage_of
from forensics_app.services.search_spaces import bytes_of

if TYPE_CHECKING:
    from forensics_app.services.examine import Examine

_MASTER_TABLE, _COPIES_OF_RECORDS = "0-128-", ("1-128-", "2-128-")
"""Addresses on NTFS: of ``$MFT``; of its mirror and of ``$LogFile``, which hold copies of its records."""
_RECORDS_BYTES = (1024, 4096)
_RECORD = re.compile(r"\d+-\d+-\d+\Z")
_JOURNAL_OF_EXT = re.compile(r"8(?:-\d+)*\Z")
_VOLUME = "volume"
_MOST_IN_RECORDS_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """Where a hidden content lies.

    Attributes:
        mark: What hides it.
        ranges: In its volume; empty where it lies in records, None where it is not known.
        is_deleted: Whether it may lie in space that is not in use.
        records: Of NTFS, numbers of the file records that hold attributes of its file; None where they are not known.
    """

    mark: Mark
    ranges: Sequence[Range] | None
    is_deleted: bool
    records: frozenset[int] | None = None

    @property
    def is_in_records(self) -> bool:
        """Whether some of it may lie in records of the file system."""
        return not self.ranges

    def touches(self, begin: int, end: int) -> bool:
        """Whether bytes of the volume, or what is shown beside them, are some of its own."""
        if self.ranges is None:
            return True
        at = bisect_left(self.ranges, (end + CONTEXT_BYTES, 0))
        return at > 0 and sum(self.ranges[at - 1]) > begin - CONTEXT_BYTES


@dataclass(frozen=True, slots=True)
class Places:
    """Where marked contents lie, by mark and digest of the catalogue, as far as this process has asked."""

    known: dict[tuple[UUID, bytes | None], Lying | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Hiding:
    """Which hits of an image are hidden. What lies around is asked for when the first hit outside of files is seen."""

    examine: Examine
    image: EvidenceImage
    places: Places
    marks: tuple[Mark, ...]

    def hides(self, hit: SearchHit) -> bool:
        """Whether what was found is not shown."""
        if self._is_of_marked(hit.volume_id, hit.address.removesuffix(SLACK)):
            return True
        if not self.marks or not self._may_be_others(hit):
            return False
        if self.volumes is None:
            return True
        volume = self.volumes.get(hit.volume_id)
        return any(self._may_be(hit, volume, one) for one in self.lying)

    def _is_of_marked(self, volume_id: str, address: str) -> bool:
        return any(mark.hides(self.image, volume_id, address) for mark in self.marks)

    @staticmethod
    def _may_be_others(hit: SearchHit) -> bool:
        is_of_table = hit.address.startswith((_MASTER_TABLE, *_COPIES_OF_RECORDS)) and not hit.is_in_text
        return hit.space != "file" or is_of_table or _JOURNAL_OF_EXT.match(hit.address) is not None

    def _may_be(self, hit: SearchHit, volume: Volume | None, one: Lying) -> bool:
        assert self.volumes is not None
        marked = self.volumes.get(volume_around(one.mark.volume_id))
        if volume is None or marked is None:
            return True
        if bytes_of(self.volumes, volume).id != bytes_of(self.volumes, marked).id:
            return hit.space == _VOLUME and self._is_further_device(volume, marked)
        type_ = marked.file_system.type if marked.file_system is not None else ""
        if hit.space == "file":
            return self._is_in_table(hit, type_, one)
        if hit.space == _VOLUME:
            begin = hit.offset_bytes
            return one.is_in_records or one.touches(begin, begin + hit.length_bytes)
        if one.ranges is None or hit.is_in_text:
            return one.is_deleted
        if hit.media_offset_bytes is None:
            return one.is_deleted and bool(one.ranges)
        begin = hit.media_offset_bytes - sum(around.start_bytes for around in lineage_of(self.volumes, marked.id))
        return one.touches(begin, begin + hit.length_bytes)

    def _is_further_device(self, volume: Volume, marked: Volume) -> bool:
        """Whether a volume may hold bytes of a file system that is listed with another one."""
        if marked.file_system is None or marked.file_system.type != "btrfs" or self.volumes is None:
            return False
        is_around = volume in lineage_of(self.volumes, marked.id)
        return not is_around and (volume.file_system is None or volume.file_system.type == "btrfs")

    @staticmethod
    def _is_in_table(hit: SearchHit, type_: str, one: Lying) -> bool:
        """Whether a hit in what holds records, or copies of them, may be of the record of a content."""
        if type_ == "ntfs" and hit.address.startswith(_MASTER_TABLE):
            first, last = hit.offset_bytes - CONTEXT_BYTES, hit.offset_bytes + hit.length_bytes + CONTEXT_BYTES
            if one.records is None:
                return True
            return any(
                first // size <= number <= (last - 1) // size for size in _RECORDS_BYTES for number in one.records
            )
        if type_ == "ntfs" and hit.address.startswith(_COPIES_OF_RECORDS):
            return one.is_in_records
        return type_.startswith("ext") and bool(_JOURNAL_OF_EXT.match(hit.address))

    @cached_property
    def volumes(self) -> Mapping[str, Volume] | None:
        """Those of the image; None where they are not known."""
        try:
            with self.examine.catalogues.open(self.image) as catalogue:
                return {volume.id: volume for volume in catalogue.volumes()}
        except CatalogueError:
            return None

    @cached_property
    def lying(self) -> tuple[Lying, ...]:
        """Where each marked content lies that nobody looks at for a reason; those without a byte are left out."""
        looked_at = self.examine.marks.seen.looking
        wanted = [mark for mark in self.marks if mark.is_of(self.image) and mark.id not in looked_at]
        known = self.places.known
        entries = self._entries([mark for mark in wanted if (mark.id, self.image.catalogue_sha256) not in known])
        found = (self._lies(mark, entries.get((mark.volume_id, mark.address))) for mark in wanted)
        return tuple(one for one in found if one is not None)

    def _entries(self, marks: Sequence[Mark]) -> Mapping[tuple[str, str], CatalogueEntry]:
        if not marks:
            return {}
        try:
            with self.examine.catalogues.open(self.image) as catalogue:
                found = catalogue.with_addresses({mark.address for mark in marks})
        except CatalogueError:
            return {}
        return {(one.volume_id, one.address): one for one in found}

    def _lies(self, mark: Mark, entry: CatalogueEntry | None) -> Lying | None:
        key = mark.id, self.image.catalogue_sha256
        if key not in self.places.known:
            is_empty = entry is not None and not entry.size_bytes
            ranges = () if is_empty else self._ranges(mark)
            is_small = entry is not None and entry.size_bytes <= _MOST_IN_RECORDS_BYTES
            lying = Lying(
                mark=mark,
                ranges=ranges if ranges or is_small else None,
                is_deleted=entry is None or not entry.allocated,
                records=None if is_empty else self._records(mark),
            )
            if ranges is None:  # it may be known when it is asked for again
                return lying
            self.places.known[key] = None if is_empty else lying
        return self.places.known[key]

    def _records(self, mark: Mark) -> frozenset[int] | None:
        """The file records of a file of NTFS; None where they are not known, or it is none."""
        if not _RECORD.match(mark.address):
            return None
        asked: dict[str, object] = {"address": mark.address}
        try:
            asked["volumes"] = self.examine.volumes_around(self.image, volume_around(mark.volume_id))
            got = self.examine.readers.call(self.image, "records", asked)
        except (EvidenceError, CatalogueError):
            return None
        assert isinstance(got, tuple)
        return frozenset(got)

    def _ranges(self, mark: Mark) -> Sequence[Range] | None:
        """Those of a content in its volume, of one in an archive of that; None where they are not known."""
        asked: dict[str, object] = {"contents": ((mark.address.partition(INSIDE)[0], False),)}
        try:
            asked["volumes"] = self.examine.volumes_around(self.image, volume_around(mark.volume_id))
            got = self.examine.readers.call(self.image, "occupied", asked)
        except (EvidenceError, CatalogueError):
            return None
        assert isinstance(got, tuple)
        return joined((start, length) for start, length, _ in got)
