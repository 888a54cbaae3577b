"""Photographs in the lab folder: each is kept once in a case, under its SHA-256, as long as the record names it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Connection, Table, func, select

from evidence.isolation import run_isolated
from forensics_app.db.engine import Database
from forensics_app.db.tables import EXHIBIT, PHOTO, SCENE, SCENE_PHOTO
from forensics_app.errors import AppError, RefusedError
from forensics_app.model.image import Picture
from forensics_app.services.folder import LabFolder, chunks_of, content_of, sha256_of, write_whole

PICTURES = {b"\xff\xd8\xff": ("image/jpeg", ".jpg"), b"\x89PNG\r\n\x1a\n": ("image/png", ".png")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A photograph in the lab folder.

    Attributes:
        source: The file that it was copied from.
        sha256: Of its bytes.
    """

    case_id: UUID
    source: Path
    path: Path
    sha256: bytes
    size_bytes: int
    media_type: str

    def make_sure(self) -> None:
        """Copy it again if somebody who failed to record the same photograph took it away meanwhile."""
        if not self.path.exists():
            write_whole(self.path, chunks_of(self.source), expected=self.sha256)


def picture_path(folder: LabFolder, case_id: UUID, sha256: bytes, media_type: str) -> Path:
    """Where a photograph of a case lies."""
    suffix = next(suffix for kind, suffix in PICTURES.values() if kind == media_type)
    return folder.photo(case_id, sha256, suffix)


def next_photo_id(connection: Connection, photos: Table, recorded_at: str) -> str:
    """The id of a photograph that is recorded now; of one moment, the later one has the higher id.

    Photographs are listed by time and id, so that those of one moment stand in the order of their recording.
    """
    last = connection.scalar(select(func.max(photos.c.id)).where(photos.c.recorded_at == recorded_at))
    return str(UUID(int=UUID(last).int + 1) if last else uuid4())


def scaled(path: Path, box_px: int) -> bytes:
    """A photograph scaled down into a square of ``box_px`` pixels, as PNG: decoded in a child process.

    Raises:
        RefusedError: The file in the lab folder is gone or cannot be read.
        EvidenceError: It is no picture, or the process that decoded it died.
    """
    try:
        content = content_of(path)
    except FileNotFoundError as error:
        raise RefusedError(
            f"The photograph {path.name} is not in the lab folder: it was erased, or is missing.",
            then="Verify the lab: it tells an erased file from a missing one.",
        ) from error
    except OSError as error:
        raise RefusedError(f"The photograph {path.name} cannot be read: {error.strerror}.") from error
    picture: Picture = run_isolated("picture", {"content": content, "width_pixels": box_px, "height_pixels": box_px})
    return picture.encoded


@contextlib.contextmanager
def keeping(db: Database, folder: LabFolder, case_id: UUID, source: Path) -> Iterator[Kept]:
    """Copy a photograph into the lab folder for the block that records it; without a record it is removed again.

    Raises:
        RefusedError: The file is no JPEG or PNG, or cannot be read.
        LabUnusableError: It cannot be written.
    """
    media_type = _media_type(source)
    sha256 = sha256_of(source)
    kept = Kept(
        case_id=case_id,
        source=source,
        path=picture_path(folder, case_id, sha256, media_type),
        sha256=sha256,
        size_bytes=source.stat().st_size,
        media_type=media_type,
    )
    kept.make_sure()
    try:
        yield kept
    except BaseException:
        _remove_unrecorded(db, kept)
        raise


def _remove_unrecorded(db: Database, kept: Kept) -> None:
    """Remove a photograph that no row of its case names; while one is being looked for, none can be added."""
    with contextlib.suppress(AppError), db.writing() as connection:
        if not _is_recorded(connection, kept):
            kept.path.unlink(missing_ok=True)


def _is_recorded(connection: Connection, kept: Kept) -> bool:
    of_exhibits = select(PHOTO.c.id).join(EXHIBIT, EXHIBIT.c.id == PHOTO.c.exhibit_id)
    of_scenes = select(SCENE_PHOTO.c.id).join(SCENE, SCENE.c.id == SCENE_PHOTO.c.scene_id)
    digest, case = kept.sha256.hex(), str(kept.case_id)
    return any(
        connection.execute(query).first() is not None
        for query in (
            of_exhibits.where(EXHIBIT.c.case_id == case, PHOTO.c.sha256 == digest),
            of_scenes.where(SCENE.c.case_id == case, SCENE_PHOTO.c.sha256 == digest),
        )
    )


def _media_type(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}.") from error
    for signature, (media_type, _) in PICTURES.items():
        if head.startswith(signature):
            return media_type
    raise RefusedError(f"{path.name} is neither a JPEG nor a PNG picture.", then="Choose a photograph.")
