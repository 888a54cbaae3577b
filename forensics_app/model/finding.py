"""Files that were chosen for a report, and files that were exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import Stamp
from forensics_app.model.image import ImageId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFile:
    """A file cited in the record: where it lies, what it is, and what it held when it was chosen.

    Attributes:
        entry_id: Its id in the catalogue of the image, the same whenever the catalogue is built again.
        state: "allocated", "deleted", "deleted, reallocated" or "orphan".
        times: By field, as found, with source, basis and resolution.
        withdrawn_at: When it was taken back; None while it is chosen.
    """

    id: UUID
    case_id: CaseId
    image_id: ImageId
    volume_id: str
    entry_id: int
    path: str
    address: str
    size_bytes: int
    state: str
    times: Mapping[str, Stamp]
    md5: bytes | None
    sha256: bytes | None
    mime: str | None
    note: str
    chosen_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileExport:
    """A file copied out of an image, with the SHA-256 of what was written and read back."""

    id: UUID
    image_id: ImageId
    volume_id: str
    path: str
    address: str
    target: Path
    size_bytes: int
    sha256: bytes
    exported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that was to be exported and was not, and a sentence that says why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeExport:
    """Files and folders copied out of an image, each file read back.

    Attributes:
        target: The new folder.
        files: How many files were written.
        folders: How many folders were made for folders of the evidence.
        size_bytes: Of the contents written.
        left_out: What was not exported, the first of it; the manifest has all.
        left_out_count: How much was not exported.
        manifest_sha256: Of ``manifest.json``; ``csv_sha256`` that of ``manifest.csv``.
    """

    target: Path
    files: int
    folders: int
    size_bytes: int
    left_out: tuple[LeftOut, ...]
    left_out_count: int
    manifest_sha256: bytes
    csv_sha256: bytes

    def facts(self) -> dict[str, int]:
        """The numbers, for the record."""
        return {"files": self.files, "folders": self.folders, "left_out": self.left_out_count}
