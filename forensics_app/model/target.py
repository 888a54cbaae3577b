"""What a tag is on and what a finding cites: a file, or bytes of a file, a volume or the media."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.image import EvidenceImage, ImageId
from forensics_app.model.told import Count, Told

LONGEST_TERM_CHARACTERS = 1_000


class TargetArea(StrEnum):
    """In what offsets count."""

    FILE = "file"
    SLACK = "slack"
    UNALLOCATED = "unallocated space"
    VOLUME = "volume"
    MEDIA = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place in evidence that can be found again when its catalogue is built anew.

    Attributes:
        path: Inside its volume; empty where it is no file's.
        address: What the file system calls the file; empty where it is no file's.
        entry_id: Its id in the catalogue that was looked at; only a hint where to look first.
        size_bytes: Of the file, or of the area.
        sha256: Of the file's content, where the catalogue has it.
        offset_bytes: Where the bytes begin in ``area``; None for the whole of a file.
        length_bytes: How many bytes; None with ``offset_bytes``.
        term: What a search looked for, where it is a hit.
    """

    image_id: ImageId
    area: TargetArea
    volume_id: str
    path: str
    address: str
    entry_id: int | None
    size_bytes: int
    sha256: bytes | None
    offset_bytes: int | None = None
    length_bytes: int | None = None
    term: str = ""

    @property
    def is_whole_file(self) -> bool:
        """Whether it is a file and not bytes of something."""
        return self.area is TargetArea.FILE and self.offset_bytes is None

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other places, whatever the catalogue is."""
        return (self.image_id, self.area, self.volume_id, self.path, self.address, self.offset_bytes, self.length_bytes)

    @property
    def words(self) -> str:
        """Where it is, in words; all but a path is told, so that a report can say it in its language."""
        match self.area:
            case TargetArea.MEDIA:
                place: str = Told("the media")
            case TargetArea.VOLUME:
                place = Told("volume {volume}", volume=self.volume_id)
            case TargetArea.UNALLOCATED:
                place = Told("unallocated space of {volume}", volume=self.volume_id)
            case TargetArea.SLACK:
                place = Told("slack of {file}", file=f"{self.volume_id}{self.path}")
            case _:
                place = f"{self.volume_id}{self.path}"
        if self.offset_bytes is None or self.length_bytes is None:
            return place
        offset = Count(self.offset_bytes)
        if self.length_bytes == 1:
            return Told("{place}, 1 byte from byte {offset}", place=place, offset=offset)
        count = Count(self.length_bytes)
        return Told("{place}, {count} bytes from byte {offset}", place=place, count=count, offset=offset)


def entry_target(
    image: EvidenceImage,
    entry: CatalogueEntry,
    offset_bytes: int | None = None,
    length_bytes: int | None = None,
    term: str = "",
) -> Target:
    """A file, or bytes of its content."""
    return Target(
        image_id=image.id,
        area=TargetArea.FILE,
        volume_id=entry.volume_id,
        path=entry.path,
        address=entry.address,
        entry_id=entry.id,
        size_bytes=entry.size_bytes,
        sha256=entry.sha256,
        offset_bytes=offset_bytes,
        length_bytes=length_bytes,
        term=term,
    )


def area_target(
    image: EvidenceImage, area: Area, size_bytes: int, offset_bytes: int, length_bytes: int, term: str = ""
) -> Target:
    """Bytes of the media, a volume, unallocated space or slack."""
    kinds = {
        AreaKind.MEDIA: TargetArea.MEDIA,
        AreaKind.VOLUME: TargetArea.VOLUME,
        AreaKind.UNALLOCATED: TargetArea.UNALLOCATED,
        AreaKind.SLACK: TargetArea.SLACK,
    }
    return Target(
        image_id=image.id,
        area=kinds[area.kind],
        volume_id=area.volume_id,
        path=area.file_path,
        address=area.file_address,
        entry_id=None,
        size_bytes=size_bytes,
        sha256=None,
        offset_bytes=offset_bytes,
        length_bytes=length_bytes,
        term=term,
    )
