"""Signed papers in the lab folder: forms and receipts, each kept once in a case under its SHA-256."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select

from forensics_app.db.engine import Database
from forensics_app.db.mapping import time_text
from forensics_app.db.tables import PAPER
from forensics_app.errors import AppError, RefusedError
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import Exhibit
from forensics_app.services.folder import LabFolder, chunks_of, content_size, sha256_of, write_whole
from forensics_app.services.record import Writer
from forensics_app.services.signed_papers import check_ink

KINDS: Final = {
    b"%PDF-": ("application/pdf", ".pdf"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
    b"\x89PNG\r\n\x1a\n": ("image/png", ".png"),
}
LIMIT_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPaper:
    """A paper in the lab folder.

    Attributes:
        source: The file that it was copied from.
    """

    kind: PaperKind
    source: Path
    path: Path
    sha256: bytes
    size_bytes: int
    media_type: str

    def make_sure(self) -> None:
        """Copy it again if somebody who failed to record the same paper took it away meanwhile."""
        if not self.path.exists():
            write_whole(self.path, chunks_of(self.source), expected=self.sha256)


def paper_path(folder: LabFolder, case_id: UUID, sha256: bytes, media_type: str) -> Path:
    """Where a paper of a case lies."""
    suffix = next((suffix for kind, suffix in KINDS.values() if kind == media_type), ".pdf")
    return folder.paper(case_id, sha256, suffix)


@contextlib.contextmanager
def keeping_papers(
    db: Database, folder: LabFolder, case_id: UUID, papers: Mapping[PaperKind, Path]
) -> Iterator[tuple[KeptPaper, ...]]:
    """Copy papers into the lab folder for the block that records them; what is not recorded is removed again.

    Raises:
        RefusedError: A file is neither PDF, JPEG nor PNG, is too large, blank, or cannot be read.
        LabUnusableError: It cannot be written.
    """
    kept = tuple(_kept(folder, case_id, kind, source) for kind, source in papers.items())
    try:
        for paper in kept:
            paper.make_sure()
        yield kept
    except BaseException:
        for paper in kept:
            _remove_unrecorded(db, case_id, paper)
        raise


def insert_papers(writer: Writer, exhibit: Exhibit, papers: tuple[KeptPaper, ...]) -> None:
    """Add the rows of papers; the entry that is appended next explains them."""
    for paper in papers:
        writer.insert(
            PAPER,
            {
                "id": str(uuid4()),
                "case_id": str(exhibit.case_id),
                "exhibit_id": str(exhibit.id),
                "kind": paper.kind.value,
                "name": paper.source.name,
                "sha256": paper.sha256.hex(),
                "size_bytes": paper.size_bytes,
                "media_type": paper.media_type,
                "recorded_at": time_text(writer.now),
            },
        )
        paper.make_sure()


def _kept(folder: LabFolder, case_id: UUID, kind: PaperKind, source: Path) -> KeptPaper:
    try:
        head = next(chunks_of(source), b"")[:8]
        size_bytes = content_size(source)
        media_type = next((found for signature, (found, _) in KINDS.items() if head.startswith(signature)), "")
        if not media_type:
            raise RefusedError(f"{source.name} is neither a PDF nor a JPEG or PNG picture.", then="Scan the paper.")
        if size_bytes > LIMIT_BYTES:
            raise RefusedError(f"{source.name} is larger than 256 MiB.", then="Scan the paper again, smaller.")
        sha256 = sha256_of(source)
    except OSError as error:
        raise RefusedError(f"{source} cannot be read: {error.strerror}.") from error
    check_ink(source, sha256)
    return KeptPaper(
        kind=kind,
        source=source,
        path=paper_path(folder, case_id, sha256, media_type),
        sha256=sha256,
        size_bytes=size_bytes,
        media_type=media_type,
    )


def _remove_unrecorded(db: Database, case_id: UUID, paper: KeptPaper) -> None:
    """Remove a paper that no row of its case names; while one is being looked for, none can be added."""
    query = select(PAPER.c.id).where(PAPER.c.case_id == str(case_id), PAPER.c.sha256 == paper.sha256.hex())
    with contextlib.suppress(AppError), db.writing() as connection:
        if connection.execute(query).first() is None:
            paper.path.unlink(missing_ok=True)
