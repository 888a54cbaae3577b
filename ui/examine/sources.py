"""Where the viewers read bytes from: the content of a file, a volume, the whole media. Called in worker threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics_app.errors import HiddenContentError, explain
from forensics_app.model.areas import Area, AreaKind
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
        locate: Says where a byte lies besides its offset, in words; called in a worker thread. None where that is not
            known.
        area: What can be exported of it; None for the content of a file, which is exported as such.
    """

    name: str
    length_bytes: int
    read: ReadAt
    media_offset_bytes: int | None = None
    why_empty: str = ""
    locate: Callable[[int], str] | None = None
    area: Area | None = None


def file_source(lab: Lab, subject: Subject) -> ByteSource | None:
    """The content of the entry; None when the subject is none."""
    entry, image = subject.entry, subject.image
    if entry is None:
        return None

    def read(offset_bytes: int, size_bytes: int) -> bytes:
        return lab.examine.read_file(image, entry.volume_id, entry.address, offset_bytes, size_bytes)

    in_volume = subject.volume is not None and subject.volume.id == entry.volume_id
    start = subject.volume_start_bytes if subject.on_media else None

    def locate(offset_bytes: int) -> str:
        at = lab.examine.viewing.place(image, entry, offset_bytes)
        return _in_volume(at, start) if at is not None else ""

    return ByteSource(
        name=entry.name,
        length_bytes=entry.size_bytes,
        read=read,
        locate=locate if in_volume else None,
        why_empty=tr("The file system gives this entry a size of 0 bytes."),
    )


def volume_source(lab: Lab, subject: Subject) -> ByteSource | None:
    """The bytes of the volume, unlocked where it is; None when the subject has none."""
    volume, image, start = subject.volume, subject.image, subject.volume_start_bytes
    if volume is None:
        return None
    area = subject.area(AreaKind.VOLUME)
    if not subject.on_media:
        return ByteSource(
            name=volume.id,
            length_bytes=max(0, volume.length_bytes),
            read=lambda offset_bytes, size_bytes: lab.examine.read_area(image, area, offset_bytes, size_bytes),
            why_empty=tr("This volume has no bytes of its own."),
            area=area,
        )
    length = max(0, min(volume.length_bytes, image.source.media_bytes - start))

    def read(offset_bytes: int, size_bytes: int) -> bytes:
        return lab.examine.read_media(image, start + offset_bytes, min(size_bytes, length - offset_bytes))

    return ByteSource(
        name=volume.id,
        length_bytes=length,
        read=read,
        media_offset_bytes=start,
        why_empty=tr("The partition table puts this volume behind the end of the media."),
        locate=lambda offset_bytes: tr("media 0x{at:X}").format(at=start + offset_bytes),
        area=area,
    )


def media_source(lab: Lab, subject: Subject) -> ByteSource:
    """The whole media of the image."""
    image = subject.image
    return ByteSource(
        name=image.number,
        length_bytes=image.source.media_bytes,
        read=lambda offset_bytes, size_bytes: lab.examine.read_media(image, offset_bytes, size_bytes),
        media_offset_bytes=0,
        area=subject.area(AreaKind.MEDIA),
    )


def area_source(lab: Lab, subject: Subject, kind: AreaKind) -> ByteSource:
    """Unallocated space or the slack of a file. It is looked for, so this is called in a worker thread.

    Raises:
        EvidenceError: It cannot be found.
    """
    image, area = subject.image, subject.area(kind)
    start = subject.volume_start_bytes if subject.on_media else None
    is_slack = kind is AreaKind.SLACK
    name = subject.entry.name if is_slack and subject.entry else area.volume_id

    def locate(offset_bytes: int) -> str:
        found = lab.examine.area_facts(image, area, offset_bytes, 1).stretches
        if not found:
            return ""
        return _in_volume(found[0].volume_offset_bytes, start)

    empty = tr(
        "Nothing lies behind the end of this content in the blocks that belong to it, and all of it was written."
    )
    return ByteSource(
        name=(tr("slack of {name}") if is_slack else tr("unallocated space of {name}")).format(name=name),
        length_bytes=lab.examine.area_facts(image, area).size_bytes,
        read=lambda offset_bytes, size_bytes: lab.examine.read_area(image, area, offset_bytes, size_bytes),
        why_empty=empty if is_slack else tr("Every block of this volume is used."),
        locate=locate,
        area=area,
    )


def _in_volume(at_bytes: int, start_bytes: int | None) -> str:
    """A place in a volume, and on the media where the volume begins at ``start_bytes`` of it."""
    words = tr("volume 0x{at:X}").format(at=at_bytes)
    if start_bytes is None:
        return words
    return tr("{volume}  ·  media 0x{at:X}").format(volume=words, at=start_bytes + at_bytes)


def refusal(error: BaseException, icon: str) -> tuple[str, str]:
    """Why there is nothing to see, with its icon: a padlock where a mark hides it, else ``icon``."""
    if isinstance(error, HiddenContentError):
        return f"{error} {error.then}", "lock"
    return in_words(error), icon


def in_words(error: BaseException) -> str:
    """An error in a sentence, for a place where there is no room for a dialog."""
    known = explain(error)
    return known.what if known else str(error) or type(error).__name__
