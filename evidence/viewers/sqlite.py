"""SQLite databases: their tables in pages, out of a copy in memory; sqlite.org/fileformat2.html."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Iterator

from evidence.errors import EvidenceError, UnreadableStructureError
from evidence.viewers.base import (
    FACTS,
    MOST_ROWS,
    Beside,
    Bytes,
    OnProgress,
    Part,
    Row,
    Rows,
    Sheet,
    Viewer,
    page_of,
    whole,
)
from evidence.viewers.sqlite_changes import JOURNAL, LOG, NoChangesError, applied, read_changes
from evidence.viewers.sqlite_rows import (
    ERRORS,
    MOST_STEPS,
    NAME,
    RULES,
    STEPS_AT_ONCE,
    NotRead,
    Table,
    Text,
    as_words,
    quoted,
)
from evidence.viewers.words import blob, cut

MOST_BYTES = 512 << 20
MOST_BYTES_TWICE = 192 << 20
"""Of a database that is shown with what lies beside it, and without."""
MOST_TABLES = 2_000
_HEADER_BYTES = 100
_ROW_NUMBERS = ("rowid", "_rowid_", "oid")
_ENCODINGS = {1: "UTF-8", 2: "UTF-16LE", 3: "UTF-16BE"}
_MOST_TOLD = 20
_SCHEMA, _FACTS, _TABLE = "schema", "facts", "table:"
_ALONE, _APPLIED = "", "applied:"
_COUNTS, _GONE, _NEW = "counts", "gone:", "new:"
_DIFFERENCES = "rows that are in only one of both"
_NAMES = {LOG: "The write-ahead log", JOURNAL: "The rollback journal"}
_WITH = {LOG: "with the write-ahead log", JOURNAL: "before the unfinished transaction"}
_LOG_REMARK = (
    "This database keeps changes in a write-ahead log, a file of the same name with -wal behind it, until they "
    "are moved over. What is shown is the database file alone: rows that lie only in that log are missing, and "
    "rows changed or deleted there are still shown."
)


class Database(Viewer):
    """The tables of a database. Views are listed and not run; nothing is written.

    Where a write-ahead log or a rollback journal lies beside it, its tables are shown as of both: the file alone, and
    as SQLite would find it, with the log applied or the unfinished transaction rolled back; and what is in only one.
    """

    def __init__(self, content: Bytes, on_progress: OnProgress, beside: Beside = ()) -> None:
        """Read it whole and list its tables."""
        data = whole(content, NAME, MOST_BYTES, on_progress)
        if len(data) < _HEADER_BYTES:
            raise UnreadableStructureError(NAME, "it ends within its header")
        self._steps, self._on_progress = 0, on_progress
        self._numbered: dict[str, str] = {}
        self._tables: dict[str, Table] = {}
        self._shown: dict[str, tuple[str, str]] = {}
        self._compared: dict[str, str] = {}
        self._fixed: dict[str, tuple[Row, ...]] = {}
        self._damaged: dict[str, list[str]] = {}
        self._ends: dict[str, tuple[int, str]] = {}
        states = {_ALONE: data}
        self._words = {_ALONE: ""}
        remarks = self._apply(states, beside)
        self._connection, kept, damage = self._connected(states)
        remarks += damage
        heads = {state: _header(bytes(made[:_HEADER_BYTES]), len(made)) for state, made in states.items()}
        del data, states
        parts: list[Part] = []
        try:
            for state in kept:
                facts, told = heads[state]
                one_state = self._words[state] if len(kept) > 1 else ""
                remarks += tuple(_said(one_state, one) for one in told if not one_state or one != _LOG_REMARK)
                parts += self._parts(state, facts)
                if damaged := self._damaged.get(state):
                    remarks += (_said(one_state, f"It is damaged. Not read whole: {_some(damaged)}."),)
                if len(self._fixed[f"{state}{_SCHEMA}"]) > MOST_TABLES:
                    remarks += (f"It has more than {MOST_TABLES:,} tables, indexes and views; the first are shown.",)
            parts += self._differences(parts) if len(kept) > 1 else []
        except ERRORS as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({error})") from error
        self.sheet = Sheet(format=NAME, parts=tuple(parts), remarks=remarks)

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """As :meth:`Viewer.rows`; rows in the order of their table."""
        if part in self._fixed:
            return page_of(self._fixed[part], first, count)
        found = next((one for one in self.sheet.parts if one.key == part), None)
        if found is None or first < 0:
            return super().rows(part, node, first, count)
        wanted = min(count, MOST_ROWS, max(0, found.count - first))
        end, why = self._ends.get(part, (found.count, ""))
        limit = max(0, min(wanted, end - first))
        rows: list[Row] = []
        try:
            with self._asking(f"{self._question(part)} LIMIT ? OFFSET ?", (limit, first)) as told:
                for row in told:
                    rows.append(tuple(map(_cell, row[: len(found.columns)])))  # noqa: PERF401 - what came before an error stays
        except ERRORS as error:
            if part in self._tables:
                rows = [tuple(map(_cell, row)) for row in self._tables[part].one_by_one(first, limit)]
            else:
                rows.append((f"[not readable from here on: {error}]", *("" for _ in found.columns[1:])))
        if why and len(rows) == limit < wanted:
            rows.append((why, *("" for _ in found.columns[1:])))
        rows += [("[not readable]", *("" for _ in found.columns[1:]))] * (wanted - len(rows))
        return Rows(rows=tuple(rows), total=found.count)

    def close(self) -> None:
        """As :meth:`Viewer.close`."""
        self._connection.close()

    def _apply(self, states: dict[str, bytearray], beside: Beside) -> tuple[str, ...]:
        """Put the state with what lies beside it first; in words, what became of each."""
        data, remarks = states[_ALONE], list[str]()
        page_bytes = _page_bytes(data)
        for kind, content in beside:
            name = _NAMES[kind]
            if len(states) > 1:
                remarks.append(f"{name} lies beside it, too, and is not applied.")
                continue
            try:
                changes = read_changes(kind, content, page_bytes, self._on_progress)
                if max(changes.count * page_bytes, len(data)) > MOST_BYTES_TWICE:
                    why = f"a database of over {MOST_BYTES_TWICE:,} bytes is not held in memory twice"
                    raise NoChangesError(f"{changes.words}; {why}")
                made = applied(data, content, changes)
            except (NoChangesError, EvidenceError) as error:
                remarks.append(f"{name} beside it is not applied: {error}.")
                continue
            states.clear()
            states |= {_APPLIED: made, _ALONE: data}
            self._words = {_APPLIED: _WITH[kind], _ALONE: "the database file alone"}
            remarks.append(f"{name} beside it: {changes.words}. It is applied in the state \u201c{_WITH[kind]}\u201d.")
        return tuple(remarks)

    def _connected(self, states: dict[str, bytearray]) -> tuple[sqlite3.Connection, tuple[str, ...], tuple[str, ...]]:
        """A connection to copies in memory of the states that can be read, which these are, and what is told of it."""
        tried: list[tuple[str, ...]] = [tuple(states), *((one,) for one in states if len(states) > 1)]
        why = ""
        for some in tried:
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            connection.text_factory = Text
            connection.set_progress_handler(self._go_on, STEPS_AT_ONCE)
            self._schemas = dict(zip(some, ("main", "other"), strict=False))
            try:
                for state, schema in self._schemas.items():
                    if schema != "main":
                        connection.execute(f"ATTACH ':memory:' AS {schema}")
                    copy = states[state]
                    marked, copy[18:20] = bytes(copy[18:20]), b"\1\1"  # no write-ahead log lies beside a copy in memory
                    connection.deserialize(copy, name=schema)
                    copy[18:20] = marked
                for rule in RULES:
                    connection.execute(f"PRAGMA {rule}")
                damage = self._schema_damage(connection)
            except ERRORS as error:
                connection.close()
                why = str(error)
                continue
            left = [self._words[state] for state in states if state not in some]
            damage += tuple(f"The state \u201c{one}\u201d cannot be shown: {why}." for one in left)
            return connection, some, damage
        raise UnreadableStructureError(NAME, f"it is damaged ({why})")

    def _schema_damage(self, connection: sqlite3.Connection) -> tuple[str, ...]:
        """Have the schemas read, past what is malformed in them; in words, what is."""
        asked = tuple(f"SELECT 1 FROM {schema}.sqlite_master LIMIT 1" for schema in self._schemas.values())
        try:
            for one in asked:
                connection.execute(one).fetchall()
        except ERRORS as error:
            connection.execute("PRAGMA writable_schema = ON")  # entries that cannot be understood are passed over
            for one in asked:
                connection.execute(one).fetchall()
            return (f"Its schema is damaged ({error}); what it says no more of is not shown as a table.",)
        return ()

    def _parts(self, state: str, facts: tuple[Row, ...]) -> list[Part]:
        """The tables of one state, its schema and its header."""
        schema: list[Row] = []
        parts: list[Part] = []
        asked = f"SELECT type, name, rootpage, sql FROM {self._schemas[state]}.sqlite_master LIMIT ?"
        for kind, raw_name, root, sql in self._connection.execute(asked, (MOST_TABLES + 1,)).fetchall():
            name, count = as_words(raw_name), ""
            if as_words(kind) == "table" and isinstance(root, int) and root > 0 and isinstance(raw_name, Text):
                part, count = self._table(state, name)
                parts += [part] if part else []
            elif as_words(kind) in ("table", "view"):
                count = "not run"
            elif as_words(kind) not in ("index", "trigger"):
                self._damaged.setdefault(state, []).append(f"{name}, which is of no known kind ({as_words(kind)})")
            schema.append((as_words(kind), name, count, cut(as_words(sql))))
        for key, title, heads, rows in (
            (_SCHEMA, "Schema", ("Kind", "Name", "Rows", "SQL"), tuple(schema)),
            (_FACTS, "Header", FACTS, facts),
        ):
            self._fixed[f"{state}{key}"] = rows
            shown = Part(key=f"{state}{key}", title=title, columns=heads, count=len(rows), state=self._words[state])
            parts.append(shown)
        return parts

    def _table(self, state: str, name: str) -> tuple[Part | None, str]:
        """A table as a part, and its number of rows in words; no part where it cannot be read at all."""
        key, source = f"{state}{_TABLE}{name}", f"{self._schemas[state]}.{quoted(name)}"
        told_damaged = self._damaged.setdefault(state, [])
        try:
            with self._asking(f"SELECT * FROM {source} NOT INDEXED LIMIT 0") as told:
                columns = [str(column[0]) for column in told.description]
        except ERRORS as error:
            told_damaged.append(f"the table {name} ({error})")
            return None, f"not readable: {error}"
        try:
            with self._asking(f"SELECT count(*) FROM {source} NOT INDEXED") as told:
                count = int(told.fetchone()[0])
            words, is_counted = f"{count:,}", True
        except ERRORS as error:
            readable = self._readable(source)
            words = f"{readable:,}, then not readable: {error}"
            told_damaged.append(f"the table {name} (readable up to its row {readable:,}, then {error})")
            self._ends[key] = readable, f"[not readable from here on: {error}]"
            count, is_counted = readable + 1, False
        number = next((one for one in _ROW_NUMBERS if one not in {column.lower() for column in columns}), "")
        if number:
            with contextlib.suppress(*ERRORS), self._asking(f"SELECT {number} FROM {source} LIMIT 0"):
                self._numbered[key] = f"{number}, "
        numbered = number if key in self._numbered else ""
        asked = Table(self._asking, self._schemas[state], name, tuple(columns), numbered)
        if is_counted:
            self._tables[key] = asked
            told_damaged += [f"the table {name} ({why})"] if (why := asked.unreadable()) else []
        columns[:0] = [numbered] if numbered else []
        self._shown[key] = state, name
        part = Part(key=key, title=name, columns=tuple(columns), count=count, state=self._words[state])
        return part, words

    def _readable(self, source: str) -> int:
        """How many rows of a damaged table come before the damage."""
        count = 0
        asked = f"SELECT 1 FROM {source} NOT INDEXED"
        with contextlib.suppress(*ERRORS), self._asking(asked) as told:
            for _ in told:
                count += 1
        with contextlib.suppress(*ERRORS), self._asking(f"SELECT count(*) FROM ({asked} LIMIT {count + 1})") as told:
            return int(told.fetchone()[0])  # the library looks one row ahead, and drops a row whose next one fails
        return count

    def _differences(self, parts: list[Part]) -> list[Part]:
        """For each table that is there in either state: how many rows are in only one, and which."""
        tables: dict[str, dict[str, Part]] = {}
        for part in parts:
            if part.key in self._shown:
                state, name = self._shown[part.key]
                tables.setdefault(name, {})[state] = part
        counted: list[Row] = []
        found: list[Part] = []
        self._steps = 0
        for name, both in tables.items():
            cells = [name, *(f"{both[state].count:,}" if state in both else "no table" for state in (_ALONE, _APPLIED))]
            for key, here, there in ((_GONE, _ALONE, _APPLIED), (_NEW, _APPLIED, _ALONE)):
                if here not in both:
                    cells.append("0")
                    continue
                try:
                    part = self._only(f"{key}{name}", both[here], both.get(there))
                except ERRORS as error:
                    cells.append(f"not compared: {error}")
                    continue
                cells.append(f"{part.count:,}")
                found += [part] if part.count else []
            counted.append(tuple(cells))
        heads = ("Table", *(f"Rows, {self._words[one]}" for one in (_ALONE, _APPLIED)))
        heads += tuple(f"Only {self._words[one]}" for one in (_ALONE, _APPLIED))
        self._fixed[_COUNTS] = tuple(counted)
        title = "Rows that differ, counted"
        return [Part(key=_COUNTS, title=title, columns=heads, count=len(counted), state=_DIFFERENCES), *found]

    def _only(self, key: str, here: Part, there: Part | None) -> Part:
        """The rows of a table that the other state does not have; a row that was changed is in both lists."""
        if there is not None and there.columns == here.columns:
            asked = f"{self._values(here)} EXCEPT {self._values(there)}"
            with contextlib.closing(self._connection.execute(f"SELECT count(*) FROM ({asked})")) as told:
                count = int(told.fetchone()[0])
        else:
            asked, count = self._question(here.key), here.count
        self._compared[key] = asked
        title = f"{here.title}: only {here.state}"
        return Part(key=key, title=title, columns=here.columns, count=count, state=_DIFFERENCES)

    def _values(self, part: Part) -> str:
        """A question for all values byte by byte, with their types: a column may take a and A, or 1 and 1.0, as one."""
        state, name = self._shown[part.key]
        columns = [quoted(one) for one in part.columns]
        asked = [f"{one} COLLATE BINARY" for one in columns] + [f"typeof({one})" for one in columns]
        return f"SELECT {', '.join(asked)} FROM {self._schemas[state]}.{quoted(name)} NOT INDEXED"

    def _question(self, part: str) -> str:
        if part in self._compared:
            return self._compared[part]
        state, name = self._shown[part]
        return f"SELECT {self._numbered.get(part, '')}* FROM {self._schemas[state]}.{quoted(name)} NOT INDEXED"

    @contextlib.contextmanager
    def _asking(self, question: str, values: tuple[int, ...] = ()) -> Iterator[sqlite3.Cursor]:
        self._steps = 0
        with contextlib.closing(self._connection.execute(question, values)) as told:
            yield told

    def _go_on(self) -> int:
        self._steps += 1
        self._on_progress(min(self._steps, MOST_STEPS - 1), MOST_STEPS)
        return int(self._steps >= MOST_STEPS)


def _some(told: list[str]) -> str:
    shown = "; ".join(told[:_MOST_TOLD])
    return f"{shown}; and {len(told) - _MOST_TOLD:,} more" if len(told) > _MOST_TOLD else shown


def _header(head: bytes, size_bytes: int) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """What the header says, and what has to be known of it before anybody trusts the tables."""
    page = _page_bytes(head)
    pages, _, free = struct.unpack_from(">3I", head, 28)
    encoding, user_version = struct.unpack_from(">2I", head, 56)
    remarks = []
    if head[18] == 2 or head[19] == 2:
        remarks.append(_LOG_REMARK)
    is_kept = pages and head[24:28] == head[92:96]  # older writers leave it as it was; fileformat2, 1.3.7
    if is_kept and pages * page != size_bytes:
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


def _said(state: str, sentence: str) -> str:
    return f"{state[:1].upper()}{state[1:]}: {sentence}" if state else sentence


def _page_bytes(head: bytes | bytearray) -> int:
    stored = int.from_bytes(head[16:18])
    return 65536 if stored == 1 else stored


def _version(number: int) -> str:
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}" if number else "not stored"


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, NotRead):
        return str(value)
    if isinstance(value, Text):
        text = value.decode("utf-8", "replace")
        return f"'{text}'" if text == "NULL" else cut(text)
    return f"BLOB, {blob(value)}" if isinstance(value, bytes) else str(value)
