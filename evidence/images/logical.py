"""Logical evidence that is no image of a medium: a folder, a ZIP or a tar. Opened only where it was asked for.

The media of an archive is the archive as it is. The media of a folder is the contents of all files that can be read,
one behind the other without anything between, in the order of a walk that lists the names of each folder in the order
of their bytes, and a folder's files and folders where their names stand; what is in a folder follows all names beside
it. So its digest can be computed again from the folder; names, sizes and times are in the list of the files, not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from evidence.errors import NotAnImageError, SourceError, UnsupportedContainerError
from evidence.filesystems import archive_tar, archive_zip
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.copied_folders import open_copied_folders
from evidence.filesystems.folder import FolderTree, walk_folder
from evidence.filesystems.listing import Tree
from evidence.filesystems.manifest import Head
from evidence.filesystems.opened import FileSystemError
from evidence.images.base import Problem
from evidence.images.raw import RawImage

_BYTE = 1
_ROOTS_LETTERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """The content of a file of a folder, as a stretch of the media."""

    image: RawImage
    start: int
    size_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        offset = max(0, offset_bytes)
        try:
            return self.image.read_at(self.start + offset, max(0, min(size_bytes, self.size_bytes - offset)))
        except UNREADABLE:
            raise
        except SourceError as error:
            raise OSError(str(error)) from error


class LogicalImage:
    """Logical evidence; see ``evidence.images.base.Image``.

    Attributes:
        is_logical: Always True.
        tree: The files in it.
    """

    container = "logical"
    is_logical = True
    sector_bytes = _BYTE

    def __init__(
        self, path: Path, kind: str, raw: RawImage | None, tree: Tree, said: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Take what ``open_logical`` opened.

        Args:
            path: The folder or archive.
            kind: What it is, in a word or two.
            raw: Has the bytes of the media, if there are any.
            tree: The files in it.
            said: What it says of itself.
        """
        self.paths = (path,)
        self.tree = tree
        self._raw = raw
        self.media_bytes = self.container_bytes = raw.media_bytes if raw else 0
        self.metadata: Mapping[str, str] = {**said, "media_type": f"logical evidence ({kind})"}
        self.stored_digests: Mapping[str, bytes] = {}
        self.problems: Sequence[Problem] = ()

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Read exactly that many bytes of the media; fewer only at its end. The errors of ``RawImage.read_at``."""
        return self._raw.read_at(offset_bytes, size_bytes) if self._raw else b""

    def close(self) -> None:
        """Close the files."""
        if self._raw:
            self._raw.close()


def open_logical(paths: Sequence[Path]) -> LogicalImage:
    """Open a folder, a ZIP or a tar (also packed by gzip, bzip2, xz or Zstandard) as logical evidence.

    Raises:
        NotAnImageError: It is neither.
        UnsupportedContainerError: More than one path was given.
        SourceAccessError: It cannot be read.
    """
    if len(paths) != 1:
        raise UnsupportedContainerError(paths[0] if paths else Path(), "logical evidence of more than one path")
    path = Path(paths[0])
    try:
        return _of_folder(path) if path.is_dir() else _of_archive(path)
    except FileSystemError as error:
        raise NotAnImageError(path, f"logical evidence that cannot be opened: {error.why}") from error


def _of_folder(path: Path) -> LogicalImage:
    walk = walk_folder(path)
    raw = RawImage(walk.files) if walk.files else None
    contents = []
    if raw is not None:
        start = 0
        for size in raw.sizes_bytes:
            contents.append(_Stretch(image=raw, start=start, size_bytes=size))
            start += size
    return LogicalImage(path, "folder", raw, FolderTree(walk, contents))


def _said_by(head: Head) -> Mapping[str, str]:
    """What a manifest says of the acquisition, by the names that images have for it."""
    labels = {"software" if name == "tool" else name: text for name, text in head.labels.items()}
    said = {**labels, "acquired_at": head.started_at, "description": ", ".join(head.roots)[:_ROOTS_LETTERS]}
    return {name: text for name, text in said.items() if text}


def _of_archive(path: Path) -> LogicalImage:
    raw = RawImage([path])
    try:
        if archive_tar.look(raw):
            return LogicalImage(path, "tar", raw, archive_tar.open_tar(raw))
        archive = archive_zip.open_zip(raw)
        folders = open_copied_folders(archive)
        if folders is None:
            return LogicalImage(path, "zip", raw, archive)
        return LogicalImage(path, "copied folders", raw, folders, _said_by(folders.head))
    except BaseException:
        raw.close()
        raise
