"""Which contents of allocated entries could not be read whole: an examiner has to learn of them without searching."""

from __future__ import annotations

from collections.abc import Iterable

from forensics_app.model.catalogue import FILE_COLUMNS, FileRow, Problem

_VOLUME, _ALLOCATED, _NOTE = map(FILE_COLUMNS.index, ("volume_id", "allocated", "note"))
_SAID = "content not readable"


def volumes_of_unread(rows: Iterable[FileRow]) -> list[str]:
    """The volume of each row that is allocated and says in its note that its content could not be read whole.

    Deleted entries are not among them: their clusters may be another file's by now, which is no damage.
    """
    return [str(row[_VOLUME]) for row in rows if row[_NOTE] and row[_ALLOCATED] and _SAID in str(row[_NOTE])]


def unread_problem(volume_id: str, entries: int) -> Problem:
    """What is said of so many of them in a volume."""
    what = f"Contents of allocated entries that could not be read whole: {entries:,}"
    where_and_why = "The notes of these entries say where reading ended and why; they have no digest."
    return Problem(what=f"{what}. {where_and_why}", where=volume_id, offset_bytes=None)
