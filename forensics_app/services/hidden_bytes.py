"""Bytes of the media, of volumes and of space that no file uses, which are those of a marked file (REQ-39, REQ-40).

They are hidden where it is known that the content lies there. What lies in a record of its file system, and what lies
in a volume that is stored in pieces, encrypted or packed on the media, has no place of its own there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics_app.errors import HiddenContentError
from forensics_app.model.areas import Area, AreaKind, lies_on_media
from forensics_app.model.logical import volume_around
from forensics_app.services.search_hiding import Hiding, Lying
from forensics_app.services.search_plan import lineage_of
from forensics_app.services.search_spaces import bytes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forensics_app.model.catalogue import Volume
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.mark import Mark
    from forensics_app.services.examine import Examine


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenBytes:
    """Tells bytes of an image that nobody gave a reason to look at from others."""

    examine: Examine
    image: EvidenceImage

    def refuse(self, area: Area, offset_bytes: int, size_bytes: int) -> None:
        """Let bytes be read that are none of a marked file, or of one that somebody looks at for a reason.

        Raises:
            HiddenContentError: Some are; it names the first file.
            EvidenceError: It cannot be told where unallocated space lies.
        """
        for one in self._lying_in(area, offset_bytes, size_bytes):
            raise _hidden(one)

    def in_whole(self, area: Area) -> tuple[Mark, ...]:
        """The marks of files whose content lies in an area, in its records too, and which nobody looks at for a reason.

        Raises:
            EvidenceError: It cannot be told where unallocated space lies.
        """
        if area.kind is AreaKind.SLACK:
            return ()
        if area.kind is AreaKind.UNALLOCATED:
            size_bytes = self.examine.area_facts(self.image, area).size_bytes
            return tuple({one.mark.id: one.mark for one in self._lying_in(area, 0, size_bytes)}.values())
        looked_at = self.examine.marks.seen.looking
        marks = [one for one in self.examine.marks.list(self.image.case_id) if one.is_of(self.image)]
        hiding = Hiding(examine=self.examine, image=self.image, places=self.examine.places, marks=tuple(marks))
        volumes = hiding.volumes if area.kind is AreaKind.VOLUME and marks else None
        return tuple(
            one
            for one in marks
            if one.id not in looked_at and (volumes is None or _may_lie_in(volumes, area.volume_id, one))
        )

    def _lying_in(self, area: Area, offset_bytes: int, size_bytes: int) -> Iterator[Lying]:
        """What is hidden of the bytes; of one that lies in pieces once for each of them."""
        if area.kind is AreaKind.SLACK:
            return
        marks = tuple(mark for mark in self.examine.marks.list(self.image.case_id) if mark.is_of(self.image))
        if not marks:
            return
        hiding = Hiding(examine=self.examine, image=self.image, places=self.examine.places, marks=marks)
        lying = [one for one in hiding.lying if one.ranges]
        volumes = hiding.volumes
        if not lying or volumes is None:
            return
        before = [_before(volumes, area, volumes.get(volume_around(one.mark.volume_id))) for one in lying]
        for first, length in self._in_volume(area, offset_bytes, size_bytes):
            for one, at in zip(lying, before, strict=True):
                if at is not None and _is_in(one, first - at, first - at + length):
                    yield one

    def _in_volume(self, area: Area, offset_bytes: int, size_bytes: int) -> Iterator[tuple[int, int]]:
        """The bytes as places in their volume, or on the media."""
        if area.kind is not AreaKind.UNALLOCATED:
            yield offset_bytes, size_bytes
            return
        for one in self.examine.area_facts(self.image, area, offset_bytes, size_bytes).stretches:
            first, last = (
                max(one.at_bytes, offset_bytes),
                min(one.at_bytes + one.length_bytes, offset_bytes + size_bytes),
            )
            if first < last:
                yield one.volume_offset_bytes + first - one.at_bytes, last - first


def _before(volumes: Mapping[str, Volume], area: Area, marked: Volume | None) -> int | None:
    """How many bytes of an area lie before a volume in it; None where it is not in it, or not in one piece as it is."""
    if marked is None:
        return None
    lineage = lineage_of(volumes, marked.id)
    if area.kind is not AreaKind.MEDIA:
        looked_at = volumes.get(area.volume_id)
        if looked_at is None:
            return None
        if bytes_of(volumes, looked_at).id == bytes_of(volumes, marked).id:
            return 0
        if looked_at not in lineage:
            return None
        lineage = lineage[lineage.index(looked_at) + 1 :]
    is_whole = lies_on_media(tuple(one.kind for one in lineage))
    return sum(one.start_bytes for one in lineage) if is_whole else None


def _may_lie_in(volumes: Mapping[str, Volume], volume_id: str, mark: Mark) -> bool:
    """Whether the content of a marked file may lie in a volume: it is of it, or of one in it, or that is not known."""
    marked = volumes.get(volume_around(mark.volume_id))
    return marked is None or any(around.id == volume_id for around in lineage_of(volumes, marked.id))


def _is_in(one: Lying, begin: int, end: int) -> bool:
    return any(start < end and begin < start + length for start, length in one.ranges or ())


def _hidden(one: Lying) -> HiddenContentError:
    return HiddenContentError(
        f"Bytes of {one.mark.name} lie there, which is marked as {one.mark.kind.value}. They are not shown.",
        then=f"Choose {one.mark.path} in the list and give a reason to look at it; each look is an entry of the "
        "record.",
    )
