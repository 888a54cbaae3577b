"""The SQL of a filter selects exactly what the filter means, told row by row in plain Python."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from forensics_app.db.catalogue import Catalogue, write_catalogue
from forensics_app.model.catalogue import FILE_COLUMNS, TIME_FIELDS, CatalogueQuery, SortColumn, TimeRule
from forensics_app.model.filter_language import tree
from forensics_app.model.filter_language.parser import parse
from tests.forensics_app.db.catalogue_rows import HEADER, WHOLE, row
from tests.forensics_app.db.filter_by_hand import holds, random_rows, random_tree

ROWS = random_rows(random.Random(1), 120)
LOCAL, DATE = "v0.p2", "v0.p3"


def basis(volume_id: str, field: str) -> str:
    if volume_id == LOCAL and field != "accessed":
        return "local"
    return "date" if volume_id in (DATE, LOCAL) else "utc"


def whole_with(*others: Any) -> Iterator[Any]:
    """What examining a medium yields."""
    yield WHOLE
    yield from others


def rules() -> Iterator[TimeRule]:
    for volume_id in (LOCAL, DATE, "v0.p1"):
        for field in TIME_FIELDS:
            yield TimeRule(volume_id=volume_id, field=field, source="x", basis=basis(volume_id, field), resolution_ns=1)


@pytest.fixture(scope="module")
def of_both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """With times in UTC, local times, and dates."""
    path = tmp_path_factory.mktemp("filter") / "c"
    write_catalogue(path, whole_with(*rules(), ROWS), HEADER)
    with Catalogue(path) as catalogue:
        yield catalogue


@pytest.fixture(scope="module")
def of_utc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """With nothing but UTC."""
    path = tmp_path_factory.mktemp("filter") / "c"
    write_catalogue(path, whole_with(ROWS), HEADER)
    with Catalogue(path) as catalogue:
        yield catalogue


def by_hand(expression: tree.Expression, *, is_utc: bool) -> list[int]:
    rows = (dict(zip(FILE_COLUMNS, one, strict=True)) for one in ROWS)
    told = (lambda volume_id, field: "utc") if is_utc else basis
    return [int(one["id"]) for one in rows if holds(expression, one, told)]


@pytest.mark.parametrize("seed", range(5))
def test_random_filters_select_what_they_mean(of_both: Catalogue, of_utc: Catalogue, seed: int) -> None:
    chance = random.Random(seed)
    found = 0
    for _ in range(60):
        expression = random_tree(chance, chance.choice((0, 1, 3)))
        for catalogue in (of_both, of_utc):
            expected = by_hand(expression, is_utc=catalogue is of_utc)
            query = CatalogueQuery(filter=expression)
            assert list(catalogue.ids(query)) == expected, expression
            assert catalogue.count(query) == len(expected), expression
            page = catalogue.page(CatalogueQuery(filter=expression, volume_id="v0.p2", sort=SortColumn.MODIFIED))
            own = {one[0] for one in ROWS if one[1] == "v0.p2"}
            assert {entry.id for entry in page.entries} == own & set(expected), expression
            found += len(expected)
    assert found > 2_000


def test_what_cannot_be_told_is_left_out_and_so_is_its_opposite(of_both: Catalogue) -> None:
    moment = parse("modified>=2000-01-01T00:00Z", ZoneInfo("UTC"))
    assert moment is not None
    times = {one[0] for one in ROWS if one[FILE_COLUMNS.index("modified_ns")] is not None}
    untold = times & {one[0] for one in ROWS if one[1] in (LOCAL, DATE)}
    found = set(of_both.ids(CatalogueQuery(filter=moment)))
    others = set(of_both.ids(CatalogueQuery(filter=tree.Opposite(part=moment))))
    assert untold
    assert not untold & (found | others)
    assert found | others | untold == {one[0] for one in ROWS}


def test_a_local_time_is_compared_as_it_reads_in_every_zone(tmp_path: Path) -> None:
    """A FAT time of 23:30 on the last of March is of March wherever the examiner sits."""
    stamp_ns = 1_711_927_800 * 10**9  # 2024-03-31 23:30 as a wall clock shows it
    rule = TimeRule(volume_id="v0.p1", field="modified", source="directory entry", basis="local", resolution_ns=1)
    for basis_, zones in (("local", {"UTC", "Asia/Tokyo", "America/New_York"}), ("utc", {"UTC", "America/New_York"})):
        path = tmp_path / basis_
        own = TimeRule(volume_id=rule.volume_id, field=rule.field, source="x", basis=basis_, resolution_ns=1)
        write_catalogue(path, whole_with(own, (row(1, None, "/a", modified_ns=stamp_ns),)), HEADER)
        with Catalogue(path) as catalogue:
            for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
                march = parse("modified:2024-03", ZoneInfo(zone))
                assert bool(catalogue.count(CatalogueQuery(filter=march))) == (zone in zones), (basis_, zone)


@pytest.mark.parametrize(
    "text", ["*a" * 60 + "*b", "*ä" * 60 + "*b", '"' + "a" * 3000 + '"', " or ".join(["x*"] * 200)]
)
def test_a_pattern_that_is_made_to_take_for_ever_does_not(tmp_path: Path, text: str) -> None:
    write_catalogue(tmp_path / "c", whole_with((row(1, None, "/" + "aä" * 2000),)), HEADER)
    expression = parse(text, ZoneInfo("UTC"))
    with Catalogue(tmp_path / "c") as catalogue:
        assert catalogue.count(CatalogueQuery(filter=expression)) == 0


def test_the_deepest_and_the_widest_filter_are_still_answered(of_utc: Catalogue) -> None:
    deep = parse("-(x or a -(" * 5 + "name:ä or modified:2024" + "))" * 5, ZoneInfo("UTC"))
    wide = parse(" ".join(f"(-name:x{number} or size>{number})" for number in range(100)), ZoneInfo("UTC"))
    for expression in (deep, wide):
        assert expression is not None
        assert list(of_utc.ids(CatalogueQuery(filter=expression))) == by_hand(expression, is_utc=True)
