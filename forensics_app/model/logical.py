"""Logical evidence: files that were chosen and copied, without the medium they came from; and members of archives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence.views import ImageDescription
from evidence.views import StoredCheck as StoredCheck
from evidence.volumes.base import Volume

_ARCHIVE_FILE = "logical"
_MEDIA = "logical evidence"
_MEMBERS, _MARK = "archive", "!"


def is_archive_file(source: ImageDescription) -> bool:
    """Whether it is a ZIP or a tar, or a container of copied folders; its media is that file as it is."""
    return source.container == _ARCHIVE_FILE


def is_logical(source: ImageDescription) -> bool:
    """Whether it is logical evidence at all; the media of an L01 is the contents of its files."""
    return is_archive_file(source) or source.metadata.get("media_type", "").startswith(_MEDIA)


def stores_digests_of_files(source: ImageDescription) -> bool:
    """Whether a container of this kind has a place for digests of the files in it: copied folders, or an L01."""
    return source.metadata.get("media_type", "") in (_MEDIA, f"{_MEDIA} (copied folders)")


def opening(source: ImageDescription, paths: Sequence[Path] = ()) -> dict[str, Any]:
    """What a child process is told so that it opens the source as the intake did; ``paths`` where they are others."""
    return {"paths": tuple(paths or source.paths), "logical": is_archive_file(source)}


def digested_words(source: ImageDescription) -> str:
    """What the digests of an image are of, behind "Digests of"."""
    if is_archive_file(source):
        return "the file as it is"
    return "the contents of the files in it, one behind the other" if is_logical(source) else "the media"


def is_members(volume: Volume) -> bool:
    """Whether it is no volume of the media, but holds the members of archives that lie in its parent as files."""
    return volume.kind == _MEMBERS


def volume_around(volume_id: str) -> str:
    """The volume that an entry lies in as a person sees it: for a member of an archive, that of the archive."""
    return volume_id.partition(_MARK)[0]
