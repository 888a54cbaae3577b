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


class SourceGoneError(SourceAccessError):
    """The source is not there any more: it was unplugged, or the connection to it broke."""


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

    def __init__(self, found: Iterable[Path | str], missing: Iterable[str], container: str = "") -> None:
        """Keep the segments that are there, in order, the names of those that are not, and what kind they are of.

        ``container`` is the name in the table of containers, or "raw"; whoever opens the image fills it in.
        """
        self.found, self.missing = tuple(Path(path) for path in found), tuple(missing)
        self.container = container
        super().__init__(f"{len(self.found)} segments found, missing: {', '.join(self.missing)}")


class DamagedContainerError(SourceError):
    """The container's own structures are damaged so far that the media cannot be found in it."""

    def __init__(self, path: Path | str, what: str, offset_bytes: int | None, container: str = "") -> None:
        """Keep the path, what is wrong, where in that file (bytes of the container; None if nowhere), and its kind.

        ``container`` is the name in the table of containers, or "raw"; whoever opens the image fills it in.
        """
        place = "" if offset_bytes is None else f" at byte {offset_bytes}"
        super().__init__(f"{path} is damaged{place}: {what}")
        self.container = container
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


class SourceEndedError(ShortReadError):
    """What is copied into an image ends before its declared size."""

    def __init__(self, path: Path | str, read_bytes: int, declared_bytes: int) -> None:
        """Keep the source, besides how many bytes came and how many were declared."""
        super().__init__(read_bytes, declared_bytes)
        self.path = Path(path)


class UnreadablePictureError(EvidenceError):
    """Content is no picture that can be shown: of no known format, damaged, or of too many pixels."""

    def __init__(self, why: str) -> None:
        """Keep the reason, as part of a sentence."""
        super().__init__(f"the picture cannot be shown: {why}")
        self.why = why


class UnreadableVideoError(EvidenceError):
    """Content is no video of which stills can be shown: of no known container or codec, or damaged."""

    def __init__(self, why: str) -> None:
        """Keep the reason, as part of a sentence."""
        super().__init__(f"no still of the video can be shown: {why}")
        self.why = why


class UnreadableContentError(EvidenceError):
    """The content of a file cannot be had: there is no such file or volume, or its bytes cannot be read."""

    def __init__(self, volume_id: str, address: str, why: str) -> None:
        """Keep the volume, what the file system calls the file, and the reason, as part of a sentence."""
        super().__init__(f"the content of {address} in {volume_id} cannot be read: {why}")
        self.volume_id, self.address, self.why = volume_id, address, why


class NoViewerError(EvidenceError):
    """Content is of no format that is taken apart to be shown; its bytes and its text can be."""

    def __init__(self) -> None:
        """Nothing is kept."""
        super().__init__("this content is of no format that is taken apart here")


class UnreadableStructureError(EvidenceError):
    """Content of a known format cannot be shown, or not this part of it."""

    def __init__(self, format: str, why: str) -> None:
        """Keep the format, with its article, and the reason, as part of a sentence."""
        super().__init__(f"{format} cannot be shown: {why}")
        self.format, self.why = format, why


class NotOpenError(EvidenceError):
    """An image was asked for under a name that none is open as."""

    def __init__(self, image: str) -> None:
        """Keep the name."""
        super().__init__(f"no image is open as {image}")
        self.image = image


class IsolationError(EvidenceError):
    """The child process that reads the evidence did not finish what was asked; the program itself is unharmed.

    Every subclass keeps the ``call`` that was running and the ``place`` it had last told of ("" when it told none).
    """


class ChildStartError(IsolationError):
    """A child process could not be started at all."""

    def __init__(self, call: str, place: str, why: str) -> None:
        """Keep what the system said."""
        super().__init__(f"a process for reading evidence cannot be started: {why}")
        self.call, self.place, self.why = call, place, why


class ChildDiedError(IsolationError):
    """The child ended before it answered, by a signal (a crash in a reader, a kill) or by itself."""

    def __init__(self, call: str, place: str, exit_status: int, last_words: str) -> None:
        """Keep how it ended: minus the number of the signal, or its exit status; and the end of its error output."""
        how = f"signal {-exit_status}" if exit_status < 0 else f"exit status {exit_status}"
        super().__init__(f"the reading process ended by {how} during {call}{_after(place)}")
        self.call, self.place, self.exit_status, self.last_words = call, place, exit_status, last_words


class ChildHungError(IsolationError):
    """The child gave no sign of life for too long and was ended."""

    def __init__(self, call: str, place: str, silent_s: float) -> None:
        """Keep for how many seconds it was silent."""
        super().__init__(f"the reading process was silent for {silent_s:g} s during {call}{_after(place)}")
        self.call, self.place, self.silent_s = call, place, silent_s


class ChildMemoryError(IsolationError):
    """The child needed more memory than it is allowed."""

    def __init__(self, call: str, place: str, limit_bytes: int) -> None:
        """Keep the limit of its address space."""
        super().__init__(f"the reading process reached its limit of {limit_bytes} bytes during {call}{_after(place)}")
        self.call, self.place, self.limit_bytes = call, place, limit_bytes


class ChildProtocolError(IsolationError):
    """What the child sent is no message; it may be under the control of the evidence it read, and was ended."""

    def __init__(self, call: str, place: str, what: str) -> None:
        """Keep what is wrong with the message."""
        super().__init__(f"the reading process sent no proper message during {call}{_after(place)}: {what}")
        self.call, self.place, self.what = call, place, what


class ExaminationChangedError(ChildProtocolError):
    """An examination that was to go on does not come by what was kept of it; it has to begin anew."""


class ChildFailedError(IsolationError):
    """A reader inside the child failed in a way that nobody foresaw."""

    def __init__(self, call: str, place: str, kind: str, what: str, trace: str) -> None:
        """Keep the exception's class and message, and the traceback as text."""
        super().__init__(f"reading failed during {call}{_after(place)}: {kind}: {what}")
        self.call, self.place, self.kind, self.what, self.trace = call, place, kind, what, trace


class ChildClosedError(IsolationError):
    """The child was closed, or ended in an earlier call; a new one has to be started."""

    def __init__(self, call: str, place: str) -> None:
        """Keep the call that was asked of it."""
        super().__init__(f"the reading process is closed, {call} cannot be asked of it")
        self.call, self.place = call, place


def _after(place: str) -> str:
    return f" after {place}" if place else ""


class AcquisitionError(EvidenceError):
    """An image could not be made, or not to its end."""


class AcquisitionRefusedError(AcquisitionError):
    """What was asked is not possible, or not allowed; nothing was written. The message is a sentence for a person."""

    def __init__(self, why: str) -> None:
        """Keep the sentence."""
        super().__init__(why)
        self.why = why


class TargetError(AcquisitionError):
    """The target cannot be written: full, gone, or refused by the system. What was written before is kept."""

    def __init__(self, path: Path | str, why: str, kept_bytes: int) -> None:
        """Keep the file, what the system said, and how much media is safe: from there it can be taken up again."""
        super().__init__(f"{path} cannot be written: {why}; {kept_bytes} bytes of the media are safe")
        self.path, self.why, self.kept_bytes = Path(path), why, kept_bytes


class ResumeError(AcquisitionError):
    """A begun acquisition cannot be taken up again: its files or its source are not what they were."""

    def __init__(self, journal: Path | str, why: str) -> None:
        """Keep the journal beside the target, and the reason as part of a sentence."""
        super().__init__(f"the acquisition of {journal} cannot be taken up again: {why}")
        self.journal, self.why = Path(journal), why


class HashSetError(EvidenceError):
    """A list of digests cannot be read, or a stored hash set cannot be used. The message is a sentence for a person."""

    def __init__(self, path: Path | str, why: str) -> None:
        """Keep the file, and what is wrong with it as the rest of a sentence that begins with its name."""
        super().__init__(f"{Path(path).name} {why}")
        self.path, self.why = Path(path), why
