"""Formats that a report goes out in beside the signed PDF."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ReportFormat(StrEnum):
    """What can be written of a report; none of it is signed."""

    DOCX = "docx"
    HTML = "html"
    CSV = "csv"
    BODYFILE = "bodyfile"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file of an export; ``sha256`` is of what was written."""

    path: Path
    size_bytes: int
    sha256: bytes
