"""The contents of a catalogue that a search goes through, each of them once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from forensics_app.db.catalogue_file import connect
from forensics_app.db.sqlite import SQLITE_ERRORS
from forensics_app.model.search import SearchError

_ROWS_AT_ONCE = 10_000
_FAR = 1 << 48
MEMBERS = "!"
"""In ids of volumes and in addresses: what follows lies in an archive."""
_KINDS = ("file", "stream", "metadata", "directory", "link", "virtual")


@dataclass(frozen=True, slots=True)
class SearchedContent:
    """A content, under the first of the entries that share it; an allocated one goes before a deleted one."""

    entry_id: int
    volume_id: str
    address: str
    kind: str
    size_bytes: int
    is_allocated: bool
    extension: str
    mime: str | None


def contents_of(catalogue: Path) -> Iterator[SearchedContent]:
    """Every content that has bytes, in the order of the entries.

    Raises:
        SearchError: The catalogue cannot be read.
    """
    first = f"min(CASE WHEN allocated THEN id ELSE id + {_FAR} END)"
    query = (
        f"SELECT id, volume_id, address, kind, size_bytes, allocated, extension, mime, {first} FROM files"
        f" WHERE size_bytes > 0 AND kind IN ({', '.join('?' * len(_KINDS))}) GROUP BY volume_id, address ORDER BY id"
    )
    try:
        with closing(connect(catalogue)) as db:
            rows = db.execute(query, _KINDS)
            while found := rows.fetchmany(_ROWS_AT_ONCE):
                for entry_id, volume, address, kind, size, is_allocated, extension, mime, _ in found:
                    yield SearchedContent(entry_id, volume, address, kind, size, bool(is_allocated), extension, mime)
    except SQLITE_ERRORS as error:
        raise SearchError(f"The catalogue {catalogue} cannot be searched: {error}.") from error


def opened_archives(catalogue: Path) -> frozenset[tuple[str, str]]:
    """The archives whose members are in the catalogue: the volume around them, and their address.

    Raises:
        SearchError: The catalogue cannot be read.
    """
    query = "SELECT DISTINCT volume_id, address FROM files WHERE instr(volume_id, ?) > 0"
    try:
        with closing(connect(catalogue)) as db:
            rows = db.execute(query, (MEMBERS,))
            return frozenset((volume.partition(MEMBERS)[0], address.rpartition(MEMBERS)[0]) for volume, address in rows)
    except SQLITE_ERRORS as error:
        raise SearchError(f"The catalogue {catalogue} cannot be searched: {error}.") from error
