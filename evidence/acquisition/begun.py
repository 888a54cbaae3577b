"""How far an acquisition came that was begun: what its journal beside the target says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.acquisition import journal, naming


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An acquisition that was begun.

    Attributes:
        size_bytes: Of the source.
        safe_bytes: So much of the media is safe on the disk; from there it goes on.
        lost_bytes: So much of that could not be read.
        is_whole: Whether all of the image was written.
        differs: Whether the image was read back and was not what was copied.
    """

    first_file: Path
    size_bytes: int
    safe_bytes: int
    lost_bytes: int
    is_whole: bool
    differs: bool


def begun(target: Path) -> Begun:
    """What the journal of an acquisition says; ``target`` is as it was given when it was begun.

    Raises:
        ResumeError: There is no journal, or none of ours.
    """
    base = naming.begun_as(target.absolute())
    entry = journal.load(naming.journal_of(base))
    size_bytes = entry.source.size_bytes
    return Begun(
        first_file=naming.file_of(base, entry.settings, 1),
        size_bytes=size_bytes,
        safe_bytes=size_bytes if entry.is_whole else entry.checkpoint.media_bytes,
        lost_bytes=sum(one.length_bytes for one in entry.bad),
        is_whole=entry.is_whole,
        differs=entry.equal is False,
    )
