import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import pytest

from forensics_app.db.catalogue import Catalogue, write_catalogue
from forensics_app.db.catalogue_file import connect
from forensics_app.db.catalogue_ids import MAX_AT_ONCE, sorted_ids
from forensics_app.db.catalogue_query import condition_of, order_of
from forensics_app.db.catalogue_schema import INDICES_PAY_FROM, LATE_INDICES
from forensics_app.model.catalogue import (
    CatalogueQuery,
    FileRow,
    PageMark,
    SortColumn,
    Stamp,
    TypeCount,
)
from forensics_app.model.filter_language.tree import Both, Words
from tests.forensics_app.db.catalogue_rows import COUNTS, HEADER, PART, PROBLEM, RULES, TREE, WHOLE, examination, row


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    write_catalogue(tmp_path / "c", examination(), HEADER)
    with Catalogue(tmp_path / "c") as catalogue:
        yield catalogue


def found(catalogue: Catalogue, query: CatalogueQuery) -> list[int]:
    ids = list(catalogue.ids(query))
    assert catalogue.count(query) == len(ids)
    assert [entry.id for entry in catalogue.page(query).entries] == ids
    return ids


def test_header_volumes_rules_and_problems_come_back_equal(catalogue: Catalogue) -> None:
    assert catalogue.header == HEADER
    assert PART.file_system is not None
    assert catalogue.volumes() == (WHOLE, replace(PART, file_system=replace(PART.file_system, counts=COUNTS)))
    assert set(catalogue.time_rules()) == set(RULES)
    assert catalogue.problems() == (PROBLEM,)


def test_an_entry_comes_back_with_every_value_and_its_times_explained(catalogue: Catalogue) -> None:
    entry = catalogue.entry(7)
    assert entry is not None
    assert (entry.name, entry.path, entry.parent_id, entry.address) == ("gone.txt", "/gone.txt", 1, "7")
    assert entry.allocated is False
    assert entry.time("modified") == Stamp(ns=6_000, source="inode", basis="utc", resolution_ns=1)
    assert entry.time("deleted") == Stamp(ns=9_000_000_000, source="inode", basis="utc", resolution_ns=1_000_000_000)
    assert entry.time("accessed") is None
    named = catalogue.entry(5)
    assert named is not None
    assert named.name_bytes == b"\xfcn\xef.jpg"
    hashed = catalogue.entry(3)
    assert hashed is not None
    assert (hashed.md5, hashed.sha256, hashed.mime) == (b"m" * 16, b"s" * 32, "text/plain")
    assert catalogue.entry(99) is None


def test_a_folder_lists_its_children_by_name_whatever_their_case(catalogue: Catalogue) -> None:
    root = catalogue.root("v0.p1")
    assert root is not None
    assert [entry.name for entry in catalogue.children("v0.p1", root.id)] == [
        "$OrphanFiles",
        "docs",
        "empty",
        "gone.txt",
    ]
    assert [entry.name for entry in catalogue.children("v0.p1", 2)] == ["a.txt", "B_100%.TXT", "ünï.jpg"]
    assert [entry.name for entry in catalogue.folders("v0.p1", root.id)] == ["$OrphanFiles", "docs"]
    assert [entry.id for entry in catalogue.children("v0.p1", None)] == [1]
    assert catalogue.root("v0") is None


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (CatalogueQuery(), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (CatalogueQuery(descending=True), [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (CatalogueQuery(volume_id="v0"), []),
        (CatalogueQuery(folder_id=1), [2, 6, 7, 8]),
        (CatalogueQuery(folder_id=1, recursive=True), [2, 3, 4, 5, 6, 7, 8, 9]),
        (CatalogueQuery(folder_id=2, recursive=True), [3, 4, 5]),
        (CatalogueQuery(filter=Words(column="name", text="TXT")), [3, 4, 7]),
        (CatalogueQuery(filter=Words(column="name", text="%")), [4]),
        (CatalogueQuery(filter=Words(column="name", text="_")), [4]),
        (CatalogueQuery(filter=Words(column="name", text="\\")), []),
        (CatalogueQuery(filter=Words(column="name", text="'; DROP TABLE files; --")), []),
        (CatalogueQuery(filter=Words(column="path", text="docs/")), [3, 4, 5]),
        (CatalogueQuery(deleted=True), [7, 9]),
        (CatalogueQuery(deleted=False), [1, 2, 3, 4, 5, 6, 8]),
        (CatalogueQuery(orphan=True), [9]),
        (CatalogueQuery(kinds=("directory", "virtual")), [1, 2, 8]),
        (CatalogueQuery(mime_prefix="image/"), [4, 5]),
        (CatalogueQuery(extension="txt"), [3, 4, 7]),
        (CatalogueQuery(extension=""), [1, 2, 6, 8, 9]),
        (CatalogueQuery(mismatch=True), [4]),
        (CatalogueQuery(mismatch=False, extension="txt"), [3, 7]),
        (CatalogueQuery(min_size_bytes=20, max_size_bytes=30), [4, 5, 7]),
        (CatalogueQuery(sort=SortColumn.SIZE), [6, 8, 9, 3, 5, 4, 7, 1, 2]),
        (CatalogueQuery(sort=SortColumn.SIZE, descending=True), [2, 1, 7, 4, 5, 3, 9, 8, 6]),
        (CatalogueQuery(sort=SortColumn.NAME, folder_id=2), [3, 4, 5]),
        (CatalogueQuery(sort=SortColumn.MODIFIED, kinds=("file",)), [5, 6, 9, 3, 7, 4]),
        (CatalogueQuery(sort=SortColumn.MODIFIED, kinds=("file",), descending=True), [4, 7, 3, 9, 6, 5]),
    ],
)
def test_a_query_finds_what_it_says_in_its_order(catalogue: Catalogue, query: CatalogueQuery, ids: list[int]) -> None:
    assert found(catalogue, query) == ids


@pytest.mark.parametrize("column", list(SortColumn))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_of_any_size_join_to_the_whole_order(tmp_path: Path, column: SortColumn, descending: bool) -> None:
    chance = random.Random(1)
    many = [
        row(
            number, None, f"/{chance.choice('abAB')}{chance.randrange(5)}", size_bytes=chance.randrange(4),
            modified_ns=chance.choice([None, -1, 0, 7]), md5=chance.choice([None, b"a", b"b"]),
            mime=chance.choice([None, "a/b", "c/d"]),
        )
        for number in range(1, 60)
    ]  # fmt: skip
    write_catalogue(tmp_path / "c", iter([PART, tuple(many)]), HEADER)
    with Catalogue(tmp_path / "c") as catalogue:
        query = CatalogueQuery(sort=column, descending=descending)
        whole = list(catalogue.ids(query))
        assert sorted(whole) == list(range(1, 60))
        for limit in (1, 7):
            got: list[int] = []
            mark: PageMark | None = None
            while True:
                page = catalogue.page(query, mark, limit)
                got += [entry.id for entry in page.entries]
                mark = page.next
                if mark is None:
                    break
            assert got == whole


@pytest.mark.parametrize("column", list(SortColumn))
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("entries", [1, INDICES_PAY_FROM, MAX_AT_ONCE + 1])
def test_ids_come_in_the_same_order_whatever_the_size_of_the_catalogue(
    tmp_path: Path, column: SortColumn, descending: bool, entries: int
) -> None:
    chance = random.Random(3)
    stamps = [None, -(2**63), 2**63 - 1, 0, 5]
    many = tuple(
        row(
            number, None, f"/{chance.choice('abAB')}", size_bytes=chance.choice([0, 2**63 - 1, 7]),
            modified_ns=chance.choice(stamps), created_ns=chance.choice(stamps),
        )
        for number in range(1, 200)
    )  # fmt: skip
    write_catalogue(tmp_path / "c", iter([PART, many]), HEADER)
    texts = [Words(column="name", text="a"), Words(column="path", text="\u00e4B"), Words(column="note", text="a")]
    for looked_for in (None, *texts, Both(parts=(texts[0], texts[2]))):
        query = CatalogueQuery(sort=column, descending=descending, filter=looked_for)
        condition = condition_of(query)
        with closing(connect(tmp_path / "c")) as db:
            plain = db.execute(f"SELECT id FROM files{condition.where}{order_of(query)}", condition.values).fetchall()
            assert list(sorted_ids(db, query, entries)) == [found[0] for found in plain]


def test_rows_come_in_the_order_asked_for(catalogue: Catalogue) -> None:
    assert [entry.id for entry in catalogue.rows([7, 3, 99, 3, 1])] == [7, 3, 3, 1]


def test_rows_of_more_ids_than_a_statement_takes_come_whole(tmp_path: Path) -> None:
    rows: tuple[FileRow, ...] = tuple(row(number, None, f"/{number}") for number in range(1, 1501))
    write_catalogue(tmp_path / "c", iter([PART, rows]), HEADER)
    with Catalogue(tmp_path / "c") as catalogue:
        wanted = list(range(1500, 0, -1))
        assert [entry.id for entry in catalogue.rows(wanted)] == wanted


def test_ids_with_gaps_are_given_as_they_are(tmp_path: Path) -> None:
    write_catalogue(tmp_path / "c", iter([PART, (row(2, None, "/a"), row(5, None, "/b"))]), HEADER)
    with Catalogue(tmp_path / "c") as catalogue:
        assert list(catalogue.ids(CatalogueQuery())) == [2, 5]
        assert list(catalogue.ids(CatalogueQuery(descending=True))) == [5, 2]


def test_types_are_counted(catalogue: Catalogue) -> None:
    counts = catalogue.type_counts()
    assert sum(count.entries for count in counts) == len(TREE)
    assert counts[0] == TypeCount(
        volume_id="v0.p1", kind="directory", mime=None, extension="", allocated=True, entries=2
    )
    assert all(first.entries >= second.entries for first, second in pairwise(counts))
    assert catalogue.type_counts("v0") == ()


def test_several_threads_read_at_the_same_time(catalogue: Catalogue) -> None:
    seen: list[int] = []
    both_there = threading.Barrier(2)

    def read() -> None:
        both_there.wait()
        seen.append(len(catalogue.ids(CatalogueQuery(kinds=("file",)))))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [6, 6]


_LARGE, _FIRST_OF_LARGE = 12_000, 5


def _large_folder(path: Path, *, has_gap: bool) -> None:
    """The folder 2 has 12,000 entries, ids from 5 on; others lie before and behind it."""
    chance = random.Random(9)
    stamps = [None, -(2**63), 2**63 - 1, 0, 5, 6, 7]
    rows = [row(1, None, "", kind="directory"), row(2, 1, "/big", kind="directory"), row(3, 1, "/x"), row(4, 1, "/b")]
    for number in range(_FIRST_OF_LARGE, _FIRST_OF_LARGE + _LARGE + 3000):
        is_inside = number < _FIRST_OF_LARGE + _LARGE or (has_gap and number % 1000 == 0)
        name = "".join(chance.choices("aAbB\u00e4_\u043f0.", k=3))
        times = {f"{field}_ns": chance.choice(stamps) for field in ("modified", "accessed", "changed", "created")}
        size = chance.choice([0, 2**63 - 1, 7, number % 50])
        rows.append(row(number, 2 if is_inside else 1, f"/big/{name}", size_bytes=size, **times))
    write_catalogue(path, iter([PART, tuple(rows)]), HEADER)


@pytest.mark.parametrize("has_gap", [False, True])
@pytest.mark.parametrize("volume_id", [None, "v0.p1", "v0"])
def test_a_large_folder_is_found_in_an_index_in_the_order_that_a_sort_gives(
    tmp_path: Path, has_gap: bool, volume_id: str | None
) -> None:
    _large_folder(tmp_path / "c", has_gap=has_gap)
    entries = 4 + _LARGE + 3000
    for is_indexed in (False, True):
        with closing(sqlite3.connect(tmp_path / "c")) as db, db:
            for statement in LATE_INDICES if is_indexed else ():
                db.execute(statement)
            plans: list[str] = []
            for column, descending in product(SortColumn, (False, True)):
                query = CatalogueQuery(folder_id=2, volume_id=volume_id, sort=column, descending=descending)
                condition = condition_of(query)
                order = order_of(query).replace("ORDER BY ", "ORDER BY +")
                plain = db.execute(f"SELECT id FROM files{condition.where}{order}", condition.values).fetchall()
                db.set_trace_callback(plans.append)
                assert list(sorted_ids(db, query, entries)) == [found[0] for found in plain], query
                db.set_trace_callback(None)
                assert len(plain) == (0 if volume_id == "v0" else _LARGE + 3 * has_gap)
        used = sum("INDEXED BY" in plan for plan in plans)
        assert used == (2 * len(LATE_INDICES) if is_indexed and not has_gap and volume_id != "v0" else 0)
