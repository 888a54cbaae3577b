"""Which databases hold values that go over several pages."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from evidence.search.databases import goes_over_pages
from evidence.search.extraction import text_of
from evidence.search.kinds import document_kind


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


def test_of_such_a_database_it_is_told_that_words_may_be_cut() -> None:
    assert document_kind("db", "application/vnd.sqlite3") == "sqlite"
    with pytest.raises(ValueError, match="a word across two of these is not found"):
        text_of("sqlite", database("a" * 5_000))
