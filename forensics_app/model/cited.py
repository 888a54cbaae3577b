"""Findings and bookmarks: places in evidence that somebody cites with a sentence, or wants to come back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import Stamp
from forensics_app.model.target import Target

CitedId = NewType("CitedId", UUID)
LONGEST_TEXT_CHARACTERS = 5_000
MOST_DIGESTED_BYTES = 1 << 30


class CitedKind(StrEnum):
    """A finding says something and goes into the report; a bookmark only marks a place."""

    FINDING = "finding"
    BOOKMARK = "bookmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A place, what it held when it was cited, and what is said of it.

    Attributes:
        number: From 1 within the case, in the order of recording.
        state: "allocated", "deleted", "deleted, reallocated" or "orphan"; empty where it is no file.
        times: Of the file, by field, as found, with source, basis and resolution.
        bytes_sha256: Of the cited bytes as they were read; None where the whole of a file is cited.
        exhibit: Number of the exhibit; ``image`` that of its image.
        withdrawn_at: When it was taken back; None while it stands.
    """

    id: CitedId
    case_id: CaseId
    number: int
    kind: CitedKind
    exhibit: str
    image: str
    target: Target
    state: str
    times: Mapping[str, Stamp]
    bytes_sha256: bytes | None
    text: str
    author: str
    recorded_at: datetime
    withdrawn_at: datetime | None
