"""Exports of an image that the record knows: what is handed out as one has to be such an export, with its manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Content, Json
from forensics_app.db.ledger import entries_after
from forensics_app.db.tables import FILE_EXPORT
from forensics_app.errors import RefusedError
from forensics_app.model.exhibit import Exhibit
from forensics_app.services.export_manifest import JSON_NAME

EXPORT = "file.export"
_MOST_BYTES = 1 << 30
"""Of a manifest: some hundred thousand files have a tenth of it."""


def manifest_facts(path: Path) -> tuple[bytes, dict[str, Json]]:
    """Read a manifest, for the entry that names it.

    Returns:
        Its content, and its name and SHA-256 as facts.

    Raises:
        RefusedError: It cannot be read, or is larger than any manifest.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _MOST_BYTES:
        raise RefusedError(f"{path} has more than {_MOST_BYTES:,} bytes; no manifest is as long.")
    return content, {"manifest": path.name, "manifest_sha256": hashlib.sha256(content).hexdigest()}


def recorded_export(connection: Connection, image: Exhibit, name: str, content: bytes) -> dict[str, Json]:
    """What the record says of the export that a manifest is of.

    Args:
        connection: Of the open transaction.
        image: The exhibit that is said to have been exported from.
        name: Of the manifest, for words.
        content: Of the manifest.

    Returns:
        The number of the entry of the export, and how many files it wrote.

    Raises:
        RefusedError: The record knows no export of this image with this very manifest, or the manifest does not say
            what that entry says.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    mine = (FILE_EXPORT.c.image_id == str(image.id)) & (FILE_EXPORT.c.sha256 == sha256)
    rows = set(connection.scalars(select(FILE_EXPORT.c.id).where(mine)))
    _, entries = entries_after(connection, str(image.case_id), 0, [EXPORT])
    found = [one.content for one in entries if one.content.facts.get("tree") is True and _makes(one.content, rows)]
    if not found:
        raise RefusedError(
            f"{name} is not the manifest of an export of {image.number} that the record knows.",
            kept=f"Its SHA-256 is {sha256}. Nothing was recorded.",
            then=f"Export the files with this program, and give the {JSON_NAME} beside them as it was written; of "
            "one file alone: export --with-manifest.",
        )
    told = found[-1]
    files = _files_in(content, image.number)
    if files is None or files != told.facts.get("files"):
        raise RefusedError(f"{name} does not say what entry {told.sequence} says of the export of {image.number}.")
    return {"export_entry": told.sequence, "files": files}


def _makes(content: Content, rows: set[str]) -> bool:
    return any(change.table == FILE_EXPORT.name and change.id in rows for change in content.changes)


def _files_in(content: bytes, image: str) -> int | None:
    """How many files a manifest lists as written from an image; None where it is no manifest, or one of another."""
    try:
        listed = json.loads(content)["entries"]
        images = {one["image"] for one in listed}
        written = [one for one in listed if one["sha256_written"]]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return len(written) if images == {image} else None
