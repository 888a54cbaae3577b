"""A catalogue as a file: what is refused, how it is opened, and what its small tables say."""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from forensics_app.db import sqlite
from forensics_app.db.catalogue_schema import APPLICATION_ID, FORMAT_VERSION, VOLUME_COLUMNS
from forensics_app.model.catalogue import (
    CatalogueDamagedError,
    CatalogueHeader,
    CatalogueMissingError,
    CatalogueNewerError,
    CatalogueOlderError,
    CatalogueSummary,
    CatalogueUnfinishedError,
    Counts,
    FileSystem,
    PartitionTable,
    Volume,
)

CONTENT_SHA256 = "content_sha256"
"""What the SHA-256 of its content is called in the table ``meta``; it is in none that no digest was recorded of."""


def building_name(path: Path) -> Path:
    """What a catalogue is called until it is complete."""
    return path.with_name(path.name + ".building")


def publish(building: Path, path: Path) -> None:
    """Bring the file to the disk, then give it its name, then bring the name to the disk."""
    with building.open("r+b") as file:
        os.fsync(file.fileno())
    building.replace(path)
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


_CACHE_KIB: Final = 48 * 1024
"""Holds the index of a million paths, which is read through at each letter that is typed into a filter."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, and that looks for no journal: a finished catalogue never changes."""
    db = sqlite.connect(path, "mode=ro&immutable=1", check_same_thread=False, isolation_level=None)
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def refuse_what_is_none(path: Path) -> None:
    """Look at the header of the file: SQLite itself would take a newer or cut-off one without a word.

    Raises:
        CatalogueError: It is missing, unfinished, of a newer format, cut off, or something else.
    """
    try:
        with path.open("rb") as file:
            header, size_bytes = file.read(100), path.stat().st_size
    except FileNotFoundError:
        if building_name(path).exists():
            raise CatalogueUnfinishedError(
                f"The catalogue {path} is being built, or its building was interrupted."
            ) from None
        raise CatalogueMissingError(f"There is no catalogue {path}.") from None
    except OSError as error:
        raise CatalogueMissingError(f"The catalogue {path} cannot be read: {error}.") from error
    if sqlite.is_encrypted(path):
        page_bytes, pages, version, application = _told_by_pragmas(path)
    elif len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        raise CatalogueDamagedError(f"{path} is no catalogue.")
    else:
        page_bytes, pages = struct.unpack_from(">H", header, 16)[0], struct.unpack_from(">I", header, 28)[0]
        version, application = struct.unpack_from(">I", header, 60)[0], struct.unpack_from(">I", header, 68)[0]
    if application != APPLICATION_ID:
        raise CatalogueDamagedError(f"{path} is a database, but no catalogue.")
    if version > FORMAT_VERSION:
        raise CatalogueNewerError(f"The catalogue {path} has format {version}; this program knows {FORMAT_VERSION}.")
    if version < FORMAT_VERSION:
        raise CatalogueOlderError(f"The catalogue {path} was written by an older version of the program.")
    if size_bytes != pages * (65536 if page_bytes == 1 else page_bytes):
        raise CatalogueDamagedError(f"The catalogue {path} is cut off: {size_bytes} bytes are there.")


def _told_by_pragmas(path: Path) -> tuple[int, int, int, int]:
    """Bytes of a page, pages, version and application, where the header of the file is encrypted, too."""
    try:
        with closing(connect(path)) as db:
            names = ("page_size", "page_count", "user_version", "application_id")
            size, pages, version, application = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
    except sqlite.SQLITE_ERRORS as error:
        raise CatalogueDamagedError(f"{path} is no catalogue of this store: {error}.") from error
    return size, pages, version, application


def header_values(header: CatalogueHeader) -> dict[str, str]:
    """The header as it stands in the table ``meta``; see :func:`header_of`."""
    return {
        "format": str(FORMAT_VERSION),
        "created_at": header.created_at.isoformat(),
        "program": header.program,
        "libraries": json.dumps(dict(header.libraries), sort_keys=True),
        "image_digests": json.dumps(
            {name: digest.hex() for name, digest in header.image_digests.items()}, sort_keys=True
        ),
        "zone": header.zone,
        "content_examined": str(int(header.content_examined)),
        "archives_opened": str(int(header.archives_opened)),
    }


def header_of(meta: dict[str, str], path: Path) -> CatalogueHeader:
    """The header from the table ``meta``."""
    try:
        return CatalogueHeader(
            created_at=datetime.fromisoformat(meta["created_at"]),
            program=meta["program"],
            libraries=json.loads(meta["libraries"]),
            image_digests={name: bytes.fromhex(text) for name, text in json.loads(meta["image_digests"]).items()},
            zone=meta["zone"],
            content_examined=meta["content_examined"] == "1",
            archives_opened=meta.get("archives_opened") == "1",
        )
    except (KeyError, ValueError, AttributeError) as error:
        raise CatalogueDamagedError(f"What the catalogue {path} says of itself cannot be read.") from error


def summary_of(meta: dict[str, str], path: Path) -> CatalogueSummary:
    """The numbers from the table ``meta``."""
    try:
        return CatalogueSummary(
            entries=int(meta["entries"]), volumes=int(meta["volumes"]), problems=int(meta["problems"])
        )
    except (KeyError, ValueError) as error:
        raise CatalogueDamagedError(f"What the catalogue {path} says of itself cannot be read.") from error


def volume_of(row: tuple[Any, ...]) -> Volume:
    """The volume in a row of ``VOLUME_COLUMNS``."""
    v = dict(zip(VOLUME_COLUMNS, row, strict=True))
    counts = None
    if v["files"] is not None:
        counts = Counts(**{name: v[name] for name in ("files", "directories", "links", "deleted", "orphans")})
    system = None
    if v["fs_type"] is not None:
        system = FileSystem(
            type=v["fs_type"], block_bytes=v["block_bytes"], label=v["label"], serial=v["serial"], counts=counts
        )
    table = PartitionTable(scheme=v["scheme"], sector_bytes=v["sector_bytes"]) if v["scheme"] is not None else None
    return Volume(
        **{
            name: v[name]
            for name in ("id", "parent", "kind", "start_bytes", "length_bytes", "description", "encryption")
        },
        locked=bool(v["locked"]),
        file_system=system,
        partition_table=table,
        snapshot_time_ns=v["snapshot_time_ns"],
        md5=v["md5"],
        sha256=v["sha256"],
    )
