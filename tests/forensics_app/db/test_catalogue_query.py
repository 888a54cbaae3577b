from collections.abc import Iterator
from pathlib import Path

import pytest

from forensics_app.db.catalogue import Catalogue, write_catalogue
from forensics_app.model.catalogue import CatalogueQuery
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
