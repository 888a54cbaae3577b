"""The tables of a catalogue: one SQLite file for one image, derived from it and built in one pass.

``files`` has the engine's columns in the engine's order. Times are as found; ``time_rules`` says what they mean.
"""

from __future__ import annotations

from forensics_app.model.catalogue import FILE_COLUMNS

APPLICATION_ID = 0x46434154  # "FCAT"
FORMAT_VERSION = 3

INTEGER_COLUMNS = frozenset(
    {"id", "parent_id", "allocated", "realloc", "orphan", "size_bytes", "mismatch", "entropy_head_millibits"}
    | {column for column in FILE_COLUMNS if column.endswith("_ns")}
)
"""Of the table ``files``."""

_BLOB = frozenset({"name_bytes", "md5", "sha256"})
_NULLABLE = frozenset(
    {"parent_id", "name_bytes", "link_target", "md5", "sha256", "mime", "type_text", "entropy_head_millibits", "note"}
    | {column for column in FILE_COLUMNS if column.endswith("_ns")}
)

VOLUME_COLUMNS = (
    "id", "parent", "kind", "start_bytes", "length_bytes", "description", "encryption", "locked", "fs_type",
    "block_bytes", "label", "serial", "files", "directories", "links", "deleted", "orphans", "scheme", "sector_bytes",
    "snapshot_time_ns", "md5", "sha256",
)  # fmt: skip


def _file_column(name: str) -> str:
    kind = "INTEGER" if name in INTEGER_COLUMNS else "BLOB" if name in _BLOB else "TEXT"
    rule = " PRIMARY KEY" if name == "id" else "" if name in _NULLABLE else " NOT NULL"
    return f"{name} {kind}{rule}"


TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE volumes (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, parent TEXT, kind TEXT NOT NULL,
        start_bytes INTEGER NOT NULL, length_bytes INTEGER NOT NULL, description TEXT NOT NULL,
        encryption TEXT, locked INTEGER NOT NULL, fs_type TEXT, block_bytes INTEGER, label TEXT, serial TEXT,
        files INTEGER, directories INTEGER, links INTEGER, deleted INTEGER, orphans INTEGER,
        scheme TEXT, sector_bytes INTEGER, snapshot_time_ns INTEGER, md5 BLOB, sha256 BLOB) STRICT""",
    """CREATE TABLE time_rules (
        volume_id TEXT NOT NULL, field TEXT NOT NULL, source TEXT NOT NULL, basis TEXT NOT NULL,
        resolution_ns INTEGER NOT NULL, PRIMARY KEY (volume_id, field)) STRICT, WITHOUT ROWID""",
    f"CREATE TABLE files ({', '.join(map(_file_column, FILE_COLUMNS))}) STRICT",
    """CREATE TABLE problems (
        number INTEGER PRIMARY KEY, what TEXT NOT NULL, place TEXT NOT NULL, offset_bytes INTEGER,
        is_damage INTEGER NOT NULL) STRICT""",
    """CREATE TABLE type_counts (
        volume_id TEXT NOT NULL, kind TEXT NOT NULL, mime TEXT NOT NULL, extension TEXT NOT NULL,
        allocated INTEGER NOT NULL, entries INTEGER NOT NULL,
        PRIMARY KEY (volume_id, kind, mime, extension, allocated)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX files_by_parent ON files (parent_id)",
)
"""In the order of making. Rows come in the order of their folders, so that index costs next to nothing."""

ORDERED_BY = {
    "name COLLATE NOCASE": "files_by_name",
    "path COLLATE NOCASE": "files_by_path",
    "size_bytes": "files_by_size",
    "modified_ns": "files_by_modified",
    "accessed_ns": "files_by_accessed",
    "changed_ns": "files_by_changed",
    "created_ns": "files_by_created",
    "extension": "files_by_extension",
}
"""The index that has the order of a column; small catalogues have none."""
LATE_INDICES = tuple(f"CREATE INDEX IF NOT EXISTS {name} ON files ({column})" for column, name in ORDERED_BY.items())
"""Made when all rows are in: sorting once is cheaper than a million insertions at random."""

INDICES_PAY_FROM = 250_000
"""With fewer entries a sort takes less than half a second without an index, and the index a tenth of the building."""

CONTENT_TABLES = {
    "volumes": ("number", *VOLUME_COLUMNS),
    "time_rules": ("volume_id", "field", "source", "basis", "resolution_ns"),
    "files": FILE_COLUMNS,
    "problems": ("number", "what", "place", "offset_bytes", "is_damage"),
}
"""What the digest of a catalogue's content covers, with the order of rows given by the first column or columns."""
