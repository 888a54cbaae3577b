"""Where the viewers read bytes from: the content of a file, a volume, the whole media. Called in worker threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics_app.errors import explain
from ui.examine.words import tr

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from ui.examine.places import Subject

ReadAt = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteSource:
    """Bytes to look at.

    Attributes:
        name: What an offset counts in: ``v0.p1``, ``LH/01-I1``, or the name of a file.
        length_bytes: As the file system, the partition table or the image declares it.
        read: ``read(offset_bytes, size_bytes)``, at most 16 MiB; raises where the bytes cannot be had.
        media_offset_bytes: Where it begins on the media; None for a file, which may lie in pieces.
        why_empty: What to say when it has no bytes.
    """

    name: str
    length_bytes: int
    read: ReadAt
    media_offset_bytes: int | None = None
    why_empty: str = ""


def file_source(lab: Lab, subject: Subject) -> ByteSource | None:
    """The content of the entry; None when the subject is none."""
    entry, image = subject.entry, subject.image
    if entry is None:
        return None

    def read(offset_bytes: int, size_bytes: int) -> bytes:
        return lab.examine.read_file(image, entry.volume_id, entry.address, offset_bytes, size_bytes)

    return ByteSource(
        name=entry.name,
        length_bytes=entry.size_bytes,
        read=read,
        why_empty=tr("The file system gives this entry a size of 0 bytes."),
    )


def volume_source(lab: Lab, subject: Subject) -> ByteSource | None:
    """The bytes of the volume as they lie on the media; None when the subject has none."""
    volume, image, start = subject.volume, subject.image, subject.volume_start_bytes
    if volume is None:
        return None
    length = max(0, min(volume.length_bytes, image.source.media_bytes - start))

    def read(offset_bytes: int, size_bytes: int) -> bytes:
        return lab.examine.read_media(image, start + offset_bytes, min(size_bytes, length - offset_bytes))

    return ByteSource(
        name=volume.id,
        length_bytes=length,
        read=read,
        media_offset_bytes=start,
        why_empty=tr("The partition table puts this volume behind the end of the media."),
    )


def media_source(lab: Lab, subject: Subject) -> ByteSource:
    """The whole media of the image."""
    image = subject.image
    return ByteSource(
        name=image.number,
        length_bytes=image.source.media_bytes,
        read=lambda offset_bytes, size_bytes: lab.examine.read_media(image, offset_bytes, size_bytes),
        media_offset_bytes=0,
    )


def in_words(error: BaseException) -> str:
    """An error in a sentence, for a place where there is no room for a dialog."""
    known = explain(error)
    return known.what if known else str(error) or type(error).__name__
