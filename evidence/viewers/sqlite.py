"""SQLite databases: their tables in pages, out of a copy in memory; sqlite.org/fileformat2.html."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Iterator

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import FACTS, MOST_ROWS, Bytes, OnProgress, Part, Row, Rows, Sheet, Viewer, page_of, whole
from evidence.viewers.words import blob, cut

NAME = "a SQLite database"
MOST_BYTES = 512 << 20
MOST_TABLES = 2_000
_HEADER_BYTES = 100
_STEPS_AT_ONCE, _MOST_STEPS = 200_000, 2_000
"""After so many steps of SQLite's own machine progress is told; after so many of these a query is given up."""
_ROW_NUMBERS = ("rowid", "_rowid_", "oid")
_ENCODINGS = {1: "UTF-8", 2: "UTF-16LE", 3: "UTF-16BE"}
_SCHEMA, _FACTS, _TABLE = "schema", "facts", "table:"


class _Text(bytes):
    """Text as it is stored, told apart from a BLOB."""


class Database(Viewer):
    """The tables of a database. Views are listed and not run; nothing is written, and no journal is applied."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole and list its tables."""
        data = whole(content, NAME, MOST_BYTES, on_progress)
        if len(data) < _HEADER_BYTES:
            raise UnreadableStructureError(NAME, "it ends within its header")
        self._facts, remarks = _header(bytes(data[:_HEADER_BYTES]), len(data))
        data[18:20] = b"\1\1"  # a copy in memory has no write-ahead log beside it
        self._steps, self._on_progress = 0, on_progress
        self._numbered: set[str] = set()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.text_factory = _Text
        self._connection.set_progress_handler(self._go_on, _STEPS_AT_ONCE)
        try:
            self._connection.deserialize(data)
            del data
            for rule in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
                self._connection.execute(f"PRAGMA {rule}")
            self._schema, parts = self._tables()
        except (sqlite3.Error, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({error})") from error
        if len(self._schema) > MOST_TABLES:
            remarks += (
                f"It has {len(self._schema):,} tables, indexes and views; the first {MOST_TABLES:,} are shown.",
            )
        self.sheet = Sheet(
            format=NAME,
            parts=(
                *parts,
                Part(key=_SCHEMA, title="Schema", columns=("Kind", "Name", "Rows", "SQL"), count=len(self._schema)),
                Part(key=_FACTS, title="Header", columns=FACTS, count=len(self._facts)),
            ),
            remarks=remarks,
        )

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """As :meth:`Viewer.rows`; rows in the order of their table."""
        if part in (_SCHEMA, _FACTS):
            return page_of(self._schema if part == _SCHEMA else self._facts, first, count)
        found = next((one for one in self.sheet.parts if one.key == part), None)
        if found is None or first < 0:
            return super().rows(part, node, first, count)
        name = part.removeprefix(_TABLE)
        wanted = min(count, MOST_ROWS, max(0, found.count - first))
        number = f"{found.columns[0]}, " if name in self._numbered else ""
        rows: list[Row] = []
        try:
            asked = f"SELECT {number}* FROM {_quoted(name)} NOT INDEXED LIMIT ? OFFSET ?"
            with self._asking(asked, (wanted, first)) as told:
                for row in told:
                    rows.append(tuple(map(_cell, row)))  # noqa: PERF401 - what came before an error stays
        except (sqlite3.Error, OverflowError) as error:
            rows.append((f"[not readable from here on: {error}]", *("" for _ in found.columns[1:])))
        rows += [("[not readable]", *("" for _ in found.columns[1:]))] * (wanted - len(rows))
        return Rows(rows=tuple(rows), total=found.count)

    def close(self) -> None:
        """As :meth:`Viewer.close`."""
        self._connection.close()

    def _tables(self) -> tuple[tuple[Row, ...], tuple[Part, ...]]:
        schema: list[Row] = []
        parts: list[Part] = []
        asked = "SELECT type, name, rootpage, sql FROM sqlite_master LIMIT ?"
        for kind, raw_name, root, sql in self._connection.execute(asked, (MOST_TABLES + 1,)).fetchall():
            name, count = _words(raw_name), ""
            if _words(kind) == "table" and isinstance(root, int) and root > 0 and isinstance(raw_name, _Text):
                part, count = self._table(name)
                parts += [part] if part else []
            elif _words(kind) in ("table", "view"):
                count = "not run"
            schema.append((_words(kind), name, count, cut(_words(sql))))
        return tuple(schema), tuple(parts)

    def _table(self, name: str) -> tuple[Part | None, str]:
        """A table as a part, and its number of rows in words; no part where it cannot be read at all."""
        try:
            with self._asking(f"SELECT * FROM {_quoted(name)} NOT INDEXED LIMIT 0") as told:
                columns = [str(column[0]) for column in told.description]
            with self._asking(f"SELECT count(*) FROM {_quoted(name)} NOT INDEXED") as told:
                count = int(told.fetchone()[0])
        except (sqlite3.Error, OverflowError) as error:
            return None, f"not readable: {error}"
        number = next((one for one in _ROW_NUMBERS if one not in {column.lower() for column in columns}), "")
        if number:
            with contextlib.suppress(sqlite3.Error), self._asking(f"SELECT {number} FROM {_quoted(name)} LIMIT 0"):
                columns.insert(0, number)
                self._numbered.add(name)
        return Part(key=f"{_TABLE}{name}", title=name, columns=tuple(columns), count=count), f"{count:,}"

    @contextlib.contextmanager
    def _asking(self, question: str, values: tuple[int, ...] = ()) -> Iterator[sqlite3.Cursor]:
        self._steps = 0
        with contextlib.closing(self._connection.execute(question, values)) as told:
            yield told

    def _go_on(self) -> int:
        self._steps += 1
        self._on_progress(min(self._steps, _MOST_STEPS - 1), _MOST_STEPS)
        return int(self._steps >= _MOST_STEPS)


def _header(head: bytes, size_bytes: int) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """What the header says, and what has to be known of it before anybody trusts the tables."""
    page = struct.unpack_from(">H", head, 16)[0]
    page = 65536 if page == 1 else page
    pages, _, free = struct.unpack_from(">3I", head, 28)
    encoding, user_version = struct.unpack_from(">2I", head, 56)
    remarks = []
    if head[18] == 2 or head[19] == 2:
        remarks.append(
            "This database keeps changes in a write-ahead log, a file of the same name with -wal behind it, until they "
            "are moved over. What is shown is the database file alone: rows that lie only in that log are missing, and "
            "rows changed or deleted there are still shown."
        )
    if pages * page != size_bytes:
        remarks.append(f"Its header gives {pages:,} pages of {page:,} bytes, and the content has {size_bytes:,} bytes.")
    if free:
        remarks.append(
            f"{free:,} pages are free; deleted rows may still lie in them. Hex, strings and search find them."
        )
    told = (
        ("Page size", f"{page:,} bytes"),
        ("Pages", f"{pages:,}"),
        ("Free pages", f"{free:,}"),
        ("Journal", "write-ahead log" if head[18] == 2 else "rollback journal"),
        ("Text encoding", _ENCODINGS.get(encoding, f"unknown ({encoding})")),
        ("User version", str(user_version)),
        ("Application id", f"0x{struct.unpack_from('>I', head, 68)[0]:08X}"),
        ("Changes", f"{struct.unpack_from('>I', head, 24)[0]:,}"),
        ("Written last by SQLite", _version(struct.unpack_from(">I", head, 96)[0])),
        ("NULL", "NULL stands for no value; a text that reads so stands in quotes"),
    )
    return told, tuple(remarks)


def _version(number: int) -> str:
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}" if number else "not stored"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _words(value: object) -> str:
    if isinstance(value, _Text):
        return value.decode("utf-8", "replace")
    return blob(value) if isinstance(value, bytes) else "" if value is None else str(value)


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, _Text):
        text = value.decode("utf-8", "replace")
        return f"'{text}'" if text == "NULL" else cut(text)
    return f"BLOB, {blob(value)}" if isinstance(value, bytes) else str(value)
