"""Bytes of an image that are no file's content: media, volumes, what no file uses, what lies behind a file's end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from evidence.filesystems.free_space import READS_SLACK_OF as READS_SLACK_OF
from evidence.filesystems.free_space import TELLS_PLACES_OF as TELLS_PLACES_OF
from evidence.filesystems.free_space import has_unallocated as has_unallocated
from evidence.filesystems.free_space import keeps_in_records as keeps_in_records
from evidence.filesystems.ranges import KEEPS_NO_RECORD as KEEPS_NO_RECORD
from evidence.filesystems.ranges import SLACK, UNALLOCATED

_LAYERED = frozenset({"decrypted", "logical", "snapshot", "pool_volume"})


class AreaKind(StrEnum):
    """What bytes are looked at."""

    MEDIA = "media"
    VOLUME = "volume"
    UNALLOCATED = "unallocated space"
    SLACK = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Bytes of an image that have no entry in its catalogue.

    Attributes:
        volume_id: As the catalogue names it; empty for the media.
        file_address: Of slack: what the file system calls the file; ``file_path`` where it is.
    """

    kind: AreaKind
    volume_id: str = ""
    file_address: str = ""
    file_path: str = ""

    @property
    def address(self) -> str:
        """By which the engine reads it, where it reads it as a content of a file system; else an empty text."""
        match self.kind:
            case AreaKind.UNALLOCATED:
                return UNALLOCATED
            case AreaKind.SLACK:
                return f"{self.file_address}{SLACK}"
        return ""

    @property
    def words(self) -> str:
        """What it is, for the record."""
        match self.kind:
            case AreaKind.MEDIA:
                return "the whole media"
            case AreaKind.VOLUME:
                return f"volume {self.volume_id}"
            case AreaKind.UNALLOCATED:
                return f"unallocated space of {self.volume_id}"
        return f"slack of {self.file_path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of an area that lies in one: its place in the area, and where the volume has it; all in bytes."""

    at_bytes: int
    volume_offset_bytes: int
    length_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFacts:
    """How large an area is, and where a part of it lies, which for unallocated space can be in many pieces."""

    size_bytes: int
    stretches: tuple[Stretch, ...] = ()


def lies_on_media(kinds: tuple[str, ...]) -> bool:
    """Whether an offset in the last of volumes that lie in each other, of these kinds, is one of the media too."""
    return not _LAYERED.intersection(kinds)
