from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from forensics_app.db.catalogue import Catalogue, write_catalogue
from forensics_app.errors import CancelledError
from forensics_app.model.catalogue import CatalogueQuery, SortColumn
from forensics_app.model.filter_language.parser import parse
from tests.forensics_app.db.catalogue_rows import HEADER, WHOLE, row


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    rows = (
        row(1, None, "/src", kind="directory"),
        row(2, 1, "/src/a.c", mime="text/x-c"),
        row(3, 1, "/src/b.cc", mime="text/x-c++"),
        row(4, None, "/unknown"),
    )
    write_catalogue(tmp_path / "c", iter([WHOLE, rows]), HEADER)
    with Catalogue(tmp_path / "c") as catalogue:
        yield catalogue


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (CatalogueQuery(mime="text/x-c"), [2]),
        (CatalogueQuery(mime_prefix="text/x-c"), [2, 3]),
        (CatalogueQuery(mime=""), [1, 4]),
        (CatalogueQuery(top=True), [1, 4]),
        (CatalogueQuery(top=True, mime="text/x-c"), []),
    ],
)
def test_a_type_is_asked_for_exactly_and_the_uppermost_entries_alone(
    catalogue: Catalogue, query: CatalogueQuery, ids: list[int]
) -> None:
    assert query.narrows
    assert list(catalogue.ids(query)) == ids
    assert catalogue.count(query) == len(ids)


def test_an_entry_is_found_by_its_path_however_many_paths_hold_the_same_words(tmp_path: Path) -> None:
    many = tuple(row(number, None, f"/a/{number:06d}") for number in range(1, 12_001))
    last = (row(12_001, None, "/A"), row(12_002, None, "/a"), row(12_003, None, "/a", allocated=False))
    write_catalogue(tmp_path / "c", iter([WHOLE, many, last]), HEADER)
    with Catalogue(tmp_path / "c") as catalogue:
        assert [entry.id for entry in catalogue.at("v0.p1", "/a")] == [12_002, 12_003]
        assert catalogue.at("v0.p1", "/b") == ()
        assert catalogue.at("v0.p2", "/a") == ()


def test_sizes_are_counted_between_steps_and_folders_not_at_all(tmp_path: Path) -> None:
    sizes = (0, 0, 1, 9, 10, 11, 2**40)
    files = tuple(row(number, None, f"/{number}", size_bytes=size) for number, size in enumerate(sizes, 2))
    write_catalogue(
        tmp_path / "c", iter([WHOLE, (row(1, None, "/d", kind="directory", size_bytes=4096), *files)]), HEADER
    )
    with Catalogue(tmp_path / "c") as catalogue:
        assert catalogue.size_counts((1, 10)) == (2, 2, 3)
        assert catalogue.size_counts(()) == (7,)


def test_a_question_that_nobody_waits_for_ends_while_it_is_answered(tmp_path: Path) -> None:
    many = tuple(row(number, None, f"/a/{number:06d}") for number in range(1, 12_001))
    write_catalogue(tmp_path / "c", iter([WHOLE, many]), HEADER)
    query = CatalogueQuery(filter=parse("name:9 or name:8 or name:7 or name:x", ZoneInfo("UTC")), sort=SortColumn.NAME)
    looks = []

    def ask() -> None:
        looks.append(1)
        raise CancelledError

    with Catalogue(tmp_path / "c") as catalogue:
        with pytest.raises(CancelledError), catalogue.stoppable(ask):
            catalogue.ids(query)
        assert looks
        with catalogue.stoppable(lambda: None):
            before = catalogue.ids(query)
        assert len(before) == catalogue.count(query) > 0
