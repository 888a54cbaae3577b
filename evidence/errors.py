"""Everything the engine may raise: one root, one class for one situation, numbers kept as attributes.

The message is a plain sentence for a log. What the user reads is worded elsewhere, from the attributes.
Every class can be made again from them, as ``type(error)(**vars(error))``: that is how an error comes back
from a child process.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class EvidenceError(Exception):
    """The evidence, or a reader of it, did not allow what was asked."""


class SourceError(EvidenceError):
    """A source could not be opened, or not be read as its container promises."""


class SourceAccessError(SourceError):
    """The system did not let a source be opened or read."""

    def __init__(self, path: Path | str, why: str) -> None:
        """Keep the path and what the system said."""
        super().__init__(f"{path} cannot be read: {why}")
        self.path, self.why = Path(path), why


class SourceChangedError(SourceError):
    """A file of the source is not the one that was opened before: someone writes to the evidence."""

    def __init__(self, path: Path | str, what: str) -> None:
        """Keep the path and what is different: "size", "time of modification" or "identity"."""
        super().__init__(f"{path} changed while it was being read ({what})")
        self.path, self.what = Path(path), what


class NotAnImageError(SourceError):
    """The source is no image of any kind: a folder, an empty file, a text, a document."""

    def __init__(self, path: Path | str, found: str) -> None:
        """Keep the path and, in a few words, what is there instead of an image."""
        super().__init__(f"{path} is not an image: it is {found}")
        self.path, self.found = Path(path), found


class UnsupportedContainerError(SourceError):
    """The source is a known container without a reader; read as raw it would give wrong data."""

    def __init__(self, path: Path | str, container: str) -> None:
        """Keep the path and the name of the container."""
        super().__init__(f"{path} is a container that cannot be read yet: {container}")
        self.path, self.container = Path(path), container


class MissingSegmentError(SourceError):
    """Segments of a set are missing, so the media is not whole."""

    def __init__(self, found: Iterable[Path | str], missing: Iterable[str]) -> None:
        """Keep the segments that are there, in order, and the names of those that are not."""
        self.found, self.missing = tuple(Path(path) for path in found), tuple(missing)
        super().__init__(f"{len(self.found)} segments found, missing: {', '.join(self.missing)}")


class DamagedContainerError(SourceError):
    """The container's own structures are damaged so far that the media cannot be found in it."""

    def __init__(self, path: Path | str, what: str, offset_bytes: int | None) -> None:
        """Keep the path, what is wrong, and where in that file (bytes of the container; None if nowhere)."""
        place = "" if offset_bytes is None else f" at byte {offset_bytes}"
        super().__init__(f"{path} is damaged{place}: {what}")
        self.path, self.what, self.offset_bytes = Path(path), what, offset_bytes


class UnreadableRegionError(SourceError):
    """Bytes of the media cannot be had: a checksum fails, or they are missing. Never answered by zeros."""

    def __init__(self, offset_bytes: int, length_bytes: int, why: str) -> None:
        """Keep the region of the media that is known to be unreadable, and why."""
        super().__init__(f"{length_bytes} bytes of the media at {offset_bytes} cannot be read: {why}")
        self.offset_bytes, self.length_bytes, self.why = offset_bytes, length_bytes, why


class ShortReadError(SourceError):
    """A source ended before its declared size."""

    def __init__(self, read_bytes: int, declared_bytes: int) -> None:
        """Keep how many bytes came and how many were declared."""
        super().__init__(f"read {read_bytes} of {declared_bytes} bytes")
        self.read_bytes, self.declared_bytes = read_bytes, declared_bytes
