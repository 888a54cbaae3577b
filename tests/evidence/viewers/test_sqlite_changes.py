"""Databases with a write-ahead log or a rollback journal beside them, against SQLite itself on copies."""

import random
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evidence.errors import UnreadableStructureError
from evidence.filesystems.content import BytesContent
from evidence.viewers import sqlite, sqlite_changes
from evidence.viewers.base import Part, Viewer
from evidence.viewers.table import in_words, open_viewer

WITH, BEFORE = "with the write-ahead log", "before the unfinished transaction"
ALONE, ONE_ONLY = "the database file alone", "rows that are in only one of both"
Made = tuple[bytes, bytes]
FRAME = 24 + 4096


def opened(data: bytes, log: bytes, kind: str = "log") -> Viewer:
    return open_viewer(BytesContent(data), lambda done, total: None, ((kind, BytesContent(log)),))


def part(viewer: Viewer, title: str, state: str) -> Part:
    return next(one for one in viewer.sheet.parts if (one.title, one.state) == (title, state))


def rows(viewer: Viewer, title: str, state: str) -> list[tuple[str, ...]]:
    found = part(viewer, title, state)
    return [row for first in range(0, found.count, 500) for row in viewer.rows(found.key, "", first, 500).rows]


def as_sqlite_reads(folder: Path, data: bytes, beside: bytes, suffix: str = "-wal") -> list[tuple[str, ...]]:
    """What SQLite finds in copies, which it recovers; the oracle."""
    path = folder / "copy.db"
    for old in folder.glob("copy.db*"):
        old.unlink()
    path.write_bytes(data)
    path.with_name(f"copy.db{suffix}").write_bytes(beside)
    with closing(sqlite3.connect(path)) as connection:
        return [tuple(map(str, row)) for row in connection.execute("SELECT rowid, * FROM t ORDER BY rowid")]


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Callable[..., sqlite3.Connection]]:
    """Makes connections to ``made.db`` that are closed at the end, after their files were taken as they lie."""
    made = list[sqlite3.Connection]()

    def connect(journal: str) -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / "made.db", isolation_level=None)
        for rule in (f"journal_mode = {journal}", "wal_autocheckpoint = 0", "cache_size = 1", "page_size = 4096"):
            connection.execute(f"PRAGMA {rule}")
        made.append(connection)
        return connection

    yield connect
    for connection in made:
        connection.close()


@pytest.fixture
def logged(writing: Callable[..., sqlite3.Connection], tmp_path: Path) -> Made:
    """A database whose log adds, changes and deletes rows, makes a table, and ends in a transaction not committed."""
    connection = writing("WAL")
    connection.execute("CREATE TABLE t (x, y TEXT COLLATE NOCASE)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, "kept") for n in range(50)])
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("DELETE FROM t WHERE rowid = 7")
    connection.execute("UPDATE t SET y = 'KEPT' WHERE rowid = 9")
    connection.execute("INSERT INTO t VALUES (99, 'new')")
    connection.execute("CREATE TABLE late (z)")
    connection.execute("INSERT INTO late VALUES (1)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, "w" * 500) for n in range(400)])
    return files(tmp_path, "-wal")


def files(folder: Path, suffix: str) -> Made:
    path = folder / "made.db"
    return path.read_bytes(), path.with_name(f"made.db{suffix}").read_bytes()


def test_a_log_is_applied_up_to_its_last_commit_and_the_file_alone_is_shown_too(logged: Made, tmp_path: Path) -> None:
    data, log = logged
    found = opened(data, log)
    assert found.sheet.parts[0].state == WITH
    told = rows(found, "t", WITH)
    assert told == as_sqlite_reads(tmp_path, data, log)
    assert len(told) == 50
    assert [row[1] for row in rows(found, "t", ALONE)] == [str(n) for n in range(50)]
    assert rows(found, "late", WITH) == [("1", "1")]
    assert "valid and not committed" in found.sheet.remarks[0]
    assert not any("What is shown is the database file alone" in one for one in found.sheet.remarks)
    found.close()


def test_rows_that_are_in_only_one_of_both_are_counted_and_listed(logged: Made) -> None:
    found = opened(*logged)
    assert rows(found, "t: only the database file alone", ONE_ONLY) == [("7", "6", "kept"), ("9", "8", "kept")]
    assert rows(found, f"t: only {WITH}", ONE_ONLY) == [("9", "8", "KEPT"), ("51", "99", "new")]
    counts = {row[0]: row[1:] for row in rows(found, "Rows that differ, counted", ONE_ONLY)}
    assert counts == {"t": ("50", "50", "2", "2"), "late": ("no table", "1", "0", "1")}
    found.close()


def test_frames_of_an_older_log_are_counted_and_not_applied(
    writing: Callable[..., sqlite3.Connection], tmp_path: Path
) -> None:
    connection = writing("WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(30)])
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
    connection.execute("UPDATE t SET x = 'now' WHERE rowid = 3")
    data, log = files(tmp_path, "-wal")
    found = opened(data, log)
    assert rows(found, "t", WITH) == as_sqlite_reads(tmp_path, data, log)
    frames = (len(log) - 32) // FRAME
    assert f"1 of its {frames} frames are valid up to the last of 1 commits" in found.sheet.remarks[0]
    assert f"{frames - 1} have another salt, of an older log" in found.sheet.remarks[0]
    found.close()


@pytest.fixture
def unfinished(writing: Callable[..., sqlite3.Connection], tmp_path: Path) -> Made:
    """A database in the middle of a transaction, with its journal."""
    connection = writing("DELETE")
    connection.execute("CREATE TABLE t (x, y)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, "w" * 500) for n in range(200)])
    connection.execute("BEGIN")
    connection.execute("UPDATE t SET y = 'changed' || y")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, "v" * 900) for n in range(100)])
    return files(tmp_path, "-journal")


def test_an_unfinished_transaction_is_rolled_back_by_its_journal(unfinished: Made, tmp_path: Path) -> None:
    data, journal = unfinished
    found = opened(data, journal, "journal")
    told = rows(found, "t", BEFORE)
    assert told == as_sqlite_reads(tmp_path, data, journal, "-journal")
    assert len(told) == 200
    assert all(row[2] == "w" * 500 for row in told)
    done = opened(data, bytes(28) + journal[28:], "journal")  # as PERSIST leaves it
    assert {one.state for one in done.sheet.parts} == {""}
    assert "its header is not valid" in done.sheet.remarks[0]
    found.close()
    done.close()


def test_a_log_that_was_tampered_with_never_shows_other_rows_than_sqlite(logged: Made, tmp_path: Path) -> None:
    """Seeded damage anywhere: what is shown with the log is what SQLite recovers from the same bytes."""
    data, log = logged
    dice, not_applied = random.Random(5), 0
    log = log[: 32 + 12 * FRAME]
    for _ in range(60):
        hurt = bytearray(log)
        place = dice.choice((dice.randrange(32), 32 + FRAME * dice.randrange(12) + dice.randrange(24)))
        hurt[dice.choice((place, dice.randrange(len(hurt))))] ^= 1 << dice.randrange(8)
        del hurt[dice.choice((len(hurt), dice.randrange(1, len(hurt)))) :]
        found = opened(data, bytes(hurt))
        applies = any(one.state == WITH for one in found.sheet.parts)
        not_applied += not applies
        assert rows(found, "t", WITH if applies else "") == as_sqlite_reads(tmp_path, data, bytes(hurt))
        found.close()
    assert 0 < not_applied < 60


def test_a_damaged_journal_rolls_back_as_far_as_it_does_in_sqlite(unfinished: Made, tmp_path: Path) -> None:
    data, journal = unfinished
    dice, compared = random.Random(6), 0
    for _ in range(30):
        hurt = bytearray(journal)
        hurt[dice.randrange(512, len(hurt))] ^= 1 << dice.randrange(8)
        del hurt[dice.choice((len(hurt), dice.randrange(600, len(hurt)))) :]
        try:
            expected = as_sqlite_reads(tmp_path, data, bytes(hurt), "-journal")
        except sqlite3.DatabaseError:
            continue
        found = opened(data, bytes(hurt), "journal")
        applies = any(one.state == BEFORE for one in found.sheet.parts)
        assert rows(found, "t", BEFORE if applies else "") == expected
        compared += 1
        found.close()
    assert compared > 5


def with_sums(log: bytearray) -> bytes:
    """A log whose checksums are right whatever somebody wrote into it."""
    is_big = bool(log[3] & 1)
    sums = sqlite_changes._summed(bytes(log[:24]), (0, 0), is_big)
    struct.pack_into(">2I", log, 24, *sums)
    for at in range(32, len(log) - FRAME + 1, FRAME):
        sums = sqlite_changes._summed(bytes(log[at : at + 8] + log[at + 24 : at + FRAME]), sums, is_big)
        struct.pack_into(">2I", log, at + 16, *sums)
    return bytes(log)


def test_a_hostile_log_with_right_checksums_takes_no_more_memory_than_is_allowed(
    logged: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, log = logged
    huge = bytearray(log[: 32 + FRAME])
    struct.pack_into(">2I", huge, 32, 1, 0xFFFFFFFF)
    found = opened(data, with_sums(huge))
    assert {one.state for one in found.sheet.parts} == {""}
    assert "not held in memory twice" in found.sheet.remarks[0]
    found.close()
    monkeypatch.setattr(sqlite_changes, "MOST_BYTES", 1000)
    found = opened(data, log)
    assert "at most 1,000 are looked through" in found.sheet.remarks[0]
    found.close()


def test_a_log_that_breaks_the_database_leaves_the_file_alone_to_be_shown(logged: Made) -> None:
    data, log = logged
    broken = bytearray(log[: 32 + FRAME])
    struct.pack_into(">2I", broken, 32, 1, len(data) // 4096)
    broken[56 : 56 + 4096] = b"\xff" * 4096
    found = opened(data, with_sums(broken))
    assert {one.state for one in found.sheet.parts} == {ALONE}
    assert any(f"The state “{WITH}” cannot be shown" in one for one in found.sheet.remarks)
    assert len(rows(found, "t", ALONE)) == 50
    found.close()
    with pytest.raises(UnreadableStructureError), in_words("it"):
        opened(data[:100] + b"\xff" * 8000, with_sums(broken))


def test_comparing_is_given_up_after_so_many_steps(logged: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "STEPS_AT_ONCE", 200)
    monkeypatch.setattr(sqlite, "MOST_STEPS", 4)
    found = opened(*logged)
    counts = rows(found, "Rows that differ, counted", ONE_ONLY)
    assert any("not compared" in cell for row in counts for cell in row)
    found.close()
