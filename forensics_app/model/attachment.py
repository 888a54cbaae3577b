"""A file that travels inside a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Relationship(StrEnum):
    """How an attached file belongs to the report (ISO 32000-2, 7.11.3, AFRelationship)."""

    DATA = "Data"
    SUPPLEMENT = "Supplement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that travels inside a report, so that whoever has the report has it too.

    Attributes:
        name: Plain file name, unique in the report.
        media_type: Such as ``text/csv``.
        words: What it is, for people.
        as_of: When its content was so, aware.
    """

    name: str
    content: bytes
    media_type: str
    words: str
    relationship: Relationship
    as_of: datetime
