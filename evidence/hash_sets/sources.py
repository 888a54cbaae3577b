"""Which reader a list needs, by what it begins with."""

from __future__ import annotations

from pathlib import Path

from evidence.errors import HashSetError
from evidence.hash_sets.base import Source
from evidence.hash_sets.lines import beginning, first_line
from evidence.hash_sets.lists import HashdeepSource, ListSource
from evidence.hash_sets.tables import TableSource, columns_of
from evidence.hash_sets.vics import VicsSource

SQLITE = b"SQLite format 3\0"
_REFUSED = {
    b"PK\x03\x04": "is a ZIP archive; unpack it, and import the list in it",
    b"\x1f\x8b": "is packed with gzip; unpack it, and import the list in it",
    b"7z\xbc\xaf\x27\x1c": "is a 7-Zip archive; unpack it, and import the list in it",
}


def is_database(path: Path) -> bool:
    """Whether it begins like an SQLite database, as the NSRL's RDS of version 3 is one.

    Raises:
        HashSetError: It cannot be read.
    """
    return _start(path) == SQLITE


def open_source(path: Path) -> Source:
    """The reader of a list that is a text.

    Raises:
        HashSetError: It is empty, packed, no text, or cannot be read.
    """
    start = _start(path)
    for signature, words in _REFUSED.items():
        if start.startswith(signature):
            raise HashSetError(path, words)
    if beginning(path).lstrip().startswith(("{", "[")):
        return VicsSource(path)
    number, line = first_line(path)
    if not line:
        raise HashSetError(path, "is empty")
    if line.strip().startswith("%%%% "):
        return HashdeepSource(path)
    columns = columns_of(line)
    return TableSource(path, *columns, header_line=number) if columns else ListSource(path)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE))
    except OSError as error:
        raise HashSetError(path, f"cannot be read: {error.strerror}") from error
