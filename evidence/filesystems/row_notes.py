"""What the notes of rows say, in the words that examiners read."""

from __future__ import annotations

REUSED = "its record is used by another file now: size, times and content are that file's"
WITHOUT_METADATA = "its metadata is gone: size, times and content are not available"
WITHOUT_ATTRIBUTES = "no attribute in its record can be read: size, times and content are not available"
WITHOUT_CONTENT = "its record says nothing of a content: size and content are not available"
NAME_AS_SHOWN = "a ^ in its name may stand for what is not text: its record does not hold the name any more"
NOTHING_STORED = "not digested: a map as large as the volume, with nothing stored behind it"


def joined(*notes: str | None) -> str | None:
    """Notes as one; None of none."""
    return "; ".join(filter(None, notes)) or None
