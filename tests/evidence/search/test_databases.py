"""Databases that hold values over several pages, their logs and journals: words across the pages are found or told."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from evidence.search.databases import goes_over_pages, is_log, log_goes_over_pages
from evidence.search.extraction import text_of
from evidence.search.finder import Wanted
from evidence.search.kinds import document_kind
from tests.evidence.search.searched_files import found_in_texts


def database(*values: str, rules: str = "") -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(f"PRAGMA page_size = 4096; CREATE TABLE t (a); {rules}")
        made.executemany("INSERT INTO t VALUES (?)", ((value,) for value in values))
        made.commit()
        return made.serialize()


@pytest.mark.parametrize(
    ("values", "rules", "is_cut"),
    [
        (("short", "a" * 4_050), "", False),
        (("short", "a" * 4_070), "", True),
        (("a" * 600,) * 50, "CREATE INDEX i ON t (a);", False),
        (("a" * 1_100,) * 50, "CREATE INDEX i ON t (a);", True),
        (("word",) * 5_000, "", False),
    ],
)
def test_values_that_go_over_several_pages_are_noticed(values: tuple[str, ...], rules: str, *, is_cut: bool) -> None:
    data = database(*values, rules=rules)
    assert goes_over_pages(data) == is_cut
    for size in range(100, 6_000, 97):
        goes_over_pages(data[:size])


def laid(folder: Path, mode: str) -> tuple[bytes, bytes]:
    """A database with a log or journal beside it, as a program leaves it that is ended amid its work."""
    path = folder / f"{mode}.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute(f"PRAGMA journal_mode = {mode}")
        made.execute("PRAGMA cache_size = 1")
        made.execute("CREATE TABLE t (a)")
        made.execute("BEGIN")
        made.executemany("INSERT INTO t VALUES (?)", [("b" * 9_000,)] * 30)
        made.execute("COMMIT")
        made.execute("BEGIN")
        made.execute("UPDATE t SET a = 'c' || a")
        beside = path.with_name(f"{path.name}-{'wal' if mode == 'wal' else 'journal'}").read_bytes()
        return path.read_bytes(), beside


TEXT = f"{'x' * 4_050} needle one {'y' * 4_080}needle two{'z' * 9_000}"
WANTED = Wanted(terms=("needle one", "needle two", "сума"), encodings=("utf-8", "utf-16-le", "cp1251"))


def whole(encoding: str = "UTF-8", page: int = 4096) -> bytes:
    """Words at the ends of pages, in a table with and one without rowids, an index, a BLOB and a virtual table."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(f"""PRAGMA encoding = '{encoding}'; PRAGMA page_size = {page};
            CREATE TABLE "a ""b" (n, t, b);
            CREATE TABLE k (t PRIMARY KEY) WITHOUT ROWID; CREATE INDEX i ON "a ""b" (t);
            CREATE VIRTUAL TABLE v USING fts4 (t); CREATE TABLE short (t); INSERT INTO short VALUES ('needle one');
            CREATE VIEW w AS SELECT randomblob(1000000000);""")
        for at in range(40):
            blob = " " * at + "." * 8_160 + "сума " * 20
            made.execute('INSERT INTO "a ""b" VALUES (?, ?, ?)', (at, TEXT[at * 7 :], blob.encode("cp1251")))
        made.execute("INSERT INTO k VALUES (?)", (TEXT,))
        made.commit()
        return made.serialize()


@pytest.mark.req("REQ-57")
def test_words_across_the_pages_of_a_database_are_found_and_damage_is_told(tmp_path: Path) -> None:
    damaged = bytearray(whole())
    damaged[4096 * 9 : 4096 * 14] = bytes(4096 * 5)
    log, journal = (laid(tmp_path, mode) for mode in ("wal", "delete"))
    contents = {
        "whole.db": whole(), "wide.db": whole("UTF-16le"), "be.db": whole("UTF-16be", 1024),
        "damaged.db": bytes(damaged), "half.db": whole()[:99], "text": b"needle one",
    }  # fmt: skip
    files = {name: ("sqlite", data) for name, data in contents.items()}
    files |= {"log": ("octets", log[1]), "journal": ("octets", journal[1]), "octets": ("octets", bytes(9_000))}
    hits, missed = found_in_texts(tmp_path, files, WANTED)
    for name in ("whole.db", "wide.db", "be.db"):
        counts = Counter(term for term, *_ in hits[name])
        assert counts[0] == counts[1] == 41, name
        assert counts[2] == 40 * 20
        assert missed[name] == []
    assert "cannot be read" in " ".join(missed["damaged.db"])
    assert "cannot be read" in " ".join(missed["half.db"])
    assert [*hits["text"], *missed["text"], *missed["octets"]] == []
    for name in ("log", "journal"):
        assert ["write-ahead log or a journal" in why for why in missed[name]] == [True]


def test_a_log_of_short_values_is_not_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = wal")
        made.execute("CREATE TABLE t (a)")
        made.executemany("INSERT INTO t VALUES (?)", [("short",)] * 500)
        log = (tmp_path / "a.db-wal").read_bytes()
    assert is_log(log)
    assert not log_goes_over_pages(log)
    for size in range(0, 6_000, 97):
        log_goes_over_pages(log[:size])


def test_all_values_of_a_database_in_a_mail_are_searched() -> None:
    mail = EmailMessage()
    mail.add_attachment(
        database("the needle", "b" * 9_000), maintype="application", subtype="octet-stream", filename="a"
    )
    text, told = text_of("mail", mail.as_bytes())
    assert ("the needle" in text, told) == (True, "")


def test_kinds_of_databases_are_known() -> None:
    assert document_kind("db", "application/vnd.sqlite3") == "sqlite"
    assert document_kind("", "application/octet-stream") == "octets"
