"""Raw: the media as it is, in one file or in .001, .002 ... of the same size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evidence.acquisition.settings import BadRegion
from evidence.acquisition.targets import Checkpoint, Packed, TargetFile
from evidence.durable import sync_folder


class RawTarget:
    """See ``evidence.acquisition.targets.Target``."""

    def __init__(self, base: Path, *, segment_bytes: int | None, start: Checkpoint) -> None:
        """Begin, or continue at ``start``.

        Args:
            base: The name of the one file, or without the number of the several.
            segment_bytes: The size of each but the last of several files; None for one file.
            start: Where to continue.

        Raises:
            OSError: A file exists, or cannot be written.
        """
        self._base, self._segment_bytes = base, segment_bytes
        self._media_bytes, self._count = start.media_bytes, start.files
        self._file: TargetFile | None = None
        if start.files:
            self._file = TargetFile(self._path(start.files), continue_at=start.last_bytes)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files so far, in order."""
        return tuple(self._path(number) for number in range(1, self._count + 1))

    @property
    def reached(self) -> Checkpoint:
        """All that was written."""
        last = self._file.size_bytes if self._file else 0
        return Checkpoint(media_bytes=self._media_bytes, files=self._count, last_bytes=last)

    def pack(self, block: memoryview) -> Packed:
        """The media is stored as it is."""
        return [(block, False)]

    def write(self, packed: Packed) -> None:
        """Append, beginning a new file where the last is full."""
        for data, _ in packed:
            view = memoryview(data)
            while view:
                file = self._file_with_room()
                room = len(view) if self._segment_bytes is None else self._segment_bytes - file.size_bytes
                file.write(view[:room])
                self._media_bytes += len(view[:room])
                view = view[room:]

    def sync(self) -> None:
        """Bring all of it to the disk."""
        if self._file is not None:
            self._file.sync()

    def finish(self, digests: Mapping[str, bytes], bad: tuple[BadRegion, ...]) -> int:
        """Nothing follows the media; what was bad is listed in the journal alone."""
        self.sync()
        return len(bad)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _file_with_room(self) -> TargetFile:
        full = self._file is not None and self._segment_bytes is not None
        if self._file is not None and not (full and self._file.size_bytes == self._segment_bytes):
            return self._file
        if self._file is not None:
            self._file.sync()
            self._file.close()
        self._count += 1
        self._file = TargetFile(self._path(self._count))
        sync_folder(self._base.parent)
        return self._file

    def _path(self, number: int) -> Path:
        if self._segment_bytes is None:
            return self._base
        return self._base.with_name(f"{self._base.name}.{number:03d}")
