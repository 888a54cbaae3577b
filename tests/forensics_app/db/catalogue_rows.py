"""Rows and headers for tests of the catalogue."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from forensics_app.model.catalogue import (
    FILE_COLUMNS,
    CatalogueHeader,
    Counts,
    FileRow,
    FileSystem,
    PartitionTable,
    Problem,
    TimeRule,
    Volume,
)

HEADER = CatalogueHeader(
    created_at=datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
    program="forensics-app 0.1.0",
    libraries={"sleuthkit": "4.12"},
    image_digests={"md5": bytes(16)},
    zone="Europe/Warsaw",
    content_examined=True,
)
WHOLE = Volume(
    id="v0",
    parent=None,
    kind="whole",
    start_bytes=0,
    length_bytes=1 << 30,
    description="Whole media",
    partition_table=PartitionTable(scheme="dos", sector_bytes=512),
)
PART = Volume(
    id="v0.p1",
    parent="v0",
    kind="partition",
    start_bytes=1 << 20,
    length_bytes=1 << 29,
    description="Linux",
    file_system=FileSystem(type="ext4", block_bytes=4096, label="DATA", serial="1111"),
)
COUNTS = Counts(files=5, directories=2, links=0, deleted=2, orphans=1)
RULES = (
    TimeRule(volume_id="v0.p1", field="modified", source="inode", basis="utc", resolution_ns=1),
    TimeRule(volume_id="v0.p1", field="deleted", source="inode", basis="utc", resolution_ns=1_000_000_000),
)
PROBLEM = Problem(what="A loop.", where="v0.p1", offset_bytes=512)


def row(entry_id: int, parent_id: int | None, path: str, **others: Any) -> FileRow:
    name = path.rpartition("/")[2]
    values: dict[str, Any] = dict.fromkeys(FILE_COLUMNS)
    values |= {"id": entry_id, "volume_id": "v0.p1", "parent_id": parent_id, "name": name, "path": path or "/"}
    values |= {"extension": name.rpartition(".")[2] if "." in name else "", "kind": "file", "allocated": True}
    values |= {"realloc": False, "orphan": False, "size_bytes": 0, "address": str(entry_id), "mismatch": False}
    values["marks"] = ""
    return tuple((values | others).values())  # type: ignore[return-value]


TREE: tuple[FileRow, ...] = (
    row(1, None, "", kind="directory", size_bytes=4096),
    row(2, 1, "/docs", kind="directory", size_bytes=4096),
    row(3, 2, "/docs/a.txt", size_bytes=10, modified_ns=5_000, mime="text/plain", md5=b"m" * 16, sha256=b"s" * 32),
    row(4, 2, "/docs/B_100%.TXT", extension="txt", size_bytes=30, modified_ns=7_000, mime="image/png", mismatch=True),
    row(5, 2, "/docs/ünï.jpg", size_bytes=20, mime="image/jpeg", name_bytes=b"\xfcn\xef.jpg"),
    row(6, 1, "/empty", note="its record is marked as unused"),
    row(7, 1, "/gone.txt", allocated=False, size_bytes=30, modified_ns=6_000, deleted_ns=9_000_000_000),
    row(8, 1, "/$OrphanFiles", kind="virtual", allocated=True),
    row(9, 8, "/$OrphanFiles/OrphanFile-12", allocated=False, orphan=True, size_bytes=2, modified_ns=-5),
)


def examination() -> Iterator[Any]:
    """What examining a small disk yields."""
    yield WHOLE
    yield PART
    yield from RULES
    yield TREE[:4]
    yield PROBLEM
    yield TREE[4:]
    assert PART.file_system is not None
    yield replace(PART, file_system=replace(PART.file_system, counts=COUNTS))
