"""The timeline of catalogues, against one that is put together entry by entry here."""

import random
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from evidence.timestamps import BEYOND_COLUMNS, to_utc
from forensics_app.db.catalogue_writer import write_catalogue
from forensics_app.db.timeline_file import EventQuery, TimelineFile
from forensics_app.db.timeline_writer import write_timeline
from forensics_app.errors import CancelledError
from forensics_app.model.catalogue import FILE_COLUMNS, TIME_FIELDS, FileRow, TimeRule
from forensics_app.model.image import ImageId
from forensics_app.model.timeline import (
    BITS,
    DAY_NS,
    TimelineError,
    TimelineMissingError,
    TimelineSource,
    bits_of,
    fields_of,
)
from tests.forensics_app.db.catalogue_rows import HEADER, PART, WHOLE, row

ZONE = "Europe/Warsaw"
HOUR_NS = 3_600_000_000_000
SUMMER_NS, AUTUMN_NS = 1_711_848_600_000_000_000, 1_729_992_600_000_000_000  # the clocks are changed in these hours
BASES: dict[str, dict[str, str]] = {"v0.p1": {}, "v0.p2": {"modified": "local", "created": "local", "accessed": "date"}}


def quiet(done: int, total: int) -> None:
    """Nobody looks."""


def rules() -> list[TimeRule]:
    return [
        TimeRule(volume_id=volume, field=field, source="s", basis=bases.get(field, "utc"), resolution_ns=100)
        for volume, bases in BASES.items()
        for field in TIME_FIELDS
    ]


def some_rows(count: int, seed: int) -> list[FileRow]:
    chance = random.Random(seed)
    moments = [
        *(0, -5 * DAY_NS, 2**63 - 1, -(2**63), 1_700_000_000_123_456_700),
        *(SUMMER_NS + step * HOUR_NS // 2 for step in range(-4, 5)),
        *(AUTUMN_NS + step * HOUR_NS // 2 for step in range(-4, 5)),
    ]
    rows = [row(1, None, "")]
    for number in range(2, count + 2):
        times = {f"{field}_ns": chance.choice([*moments, None]) for field in TIME_FIELDS}
        volume = chance.choice(list(BASES))
        if volume == "v0.p2" and times["accessed_ns"] is not None:
            times["accessed_ns"] = max(times["accessed_ns"], -(2**62)) // DAY_NS * DAY_NS
        rows.append(row(number, 1, f"/file {number}", volume_id=volume, **times))
    return rows


def source(folder: Path, rows: list[FileRow]) -> TimelineSource:
    path = folder / f"{uuid4()}.db"
    write_catalogue(path, [WHOLE, PART, *rules(), tuple(rows)], HEADER)
    return TimelineSource(image_id=ImageId(uuid4()), path=path, catalogue_sha256="", zone=ZONE)


def by_hand(images: list[list[FileRow]]) -> list[tuple[int, int, int, str, bool]]:
    """Moment, image, entry, field, and whether it is a date: one for each stamp."""
    found = []
    at = FILE_COLUMNS.index("modified_ns")
    for image, rows in enumerate(images):
        for one in rows:
            for field, ns in zip(TIME_FIELDS, one[at : at + len(TIME_FIELDS)], strict=True):
                if ns is None:
                    continue
                basis = BASES[one[1]].get(field, "utc")
                noon = DAY_NS // 2 if basis == "date" else 0
                moment = min(max(to_utc(ns + noon, basis, ZONE).utc_ns, -(2**63)), 2**63 - 1)
                found.append((moment, image, one[0], field, basis == "date"))
    return sorted(found)


@pytest.fixture(scope="module")
def images() -> list[list[FileRow]]:
    return [some_rows(300, 1), some_rows(120, 2)]


@pytest.fixture(scope="module")
def path(images: list[list[FileRow]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("timeline")
    write_timeline(folder / "timeline.events", [source(folder, rows) for rows in images], quiet)
    return folder / "timeline.events"


def test_every_stamp_of_every_entry_is_in_it_once_and_in_order(path: Path, images: list[list[FileRow]]) -> None:
    with TimelineFile(path) as file:
        rows = file.rows(file.ids(EventQuery()))
    told = [
        (one.at_ns, one.image, one.entry, field, one.stamps >= 512) for one in rows for field in fields_of(one.stamps)
    ]
    assert sorted(told) == by_hand(images)
    assert all(before.at_ns <= after.at_ns for before, after in pairwise(rows))


def test_equal_stamps_of_one_kind_are_one_event_and_those_of_the_name_are_another(tmp_path: Path) -> None:
    alike = {f"{field}_ns": 5_000 for field in TIME_FIELDS}
    made = source(tmp_path, [row(1, None, ""), row(2, 1, "/a", **alike)])
    assert write_timeline(tmp_path / "t", [made], quiet).events == 2
    with TimelineFile(tmp_path / "t") as file:
        assert [fields_of(one.stamps) for one in file.rows([1, 2])] == [TIME_FIELDS[:5], TIME_FIELDS[5:]]


@pytest.mark.parametrize("fields", [("accessed",), ("modified", "fn_created"), ("deleted",)])
def test_a_query_finds_what_is_found_by_hand(path: Path, images: list[list[FileRow]], fields: tuple[str, ...]) -> None:
    wanted = {0: [3, 5, 8, 200, 999], 1: list(range(2, 60))}
    query = EventQuery(images=(0, 1), stamps=bits_of(fields), entries=wanted)
    with TimelineFile(path) as file:
        ids = list(file.ids(query))
        found = {(one.at_ns, one.image, one.entry) for one in file.rows(ids)}
        among = {image: list(some) for image, some in file.entries(query, 1, file.events + 1, 10**6)}
    expected = {one[:3] for one in by_hand(images) if one[3] in fields and one[2] in wanted[one[1]]}
    assert found == expected
    assert ids == sorted(ids)
    assert {(image, entry) for image, some in among.items() for entry, _ in some} == {one[1:] for one in expected}


def test_a_moment_is_found_by_halving_as_by_counting(path: Path, images: list[list[FileRow]]) -> None:
    with TimelineFile(path) as file:
        moments = [one.at_ns for one in file.rows(file.ids(EventQuery()))]
        asked = [moments[0] - 1, *moments[:: len(moments) // 40], moments[-1], moments[-1] + 1]
        assert file.first_from(asked) == [1 + sum(one < at for one in moments) for at in asked]


def test_dates_are_counted_by_themselves(path: Path, images: list[list[FileRow]]) -> None:
    with TimelineFile(path) as file:
        found = sum(count for _, _, count in file.dates(EventQuery(images=(1,)), -(2**63), 2**63 - 1))
    assert found == sum(one[4] and one[1] == 1 for one in by_hand(images)) > 0


def test_a_timeline_that_was_stopped_leaves_nothing_and_the_one_before_stays(tmp_path: Path) -> None:
    made, target = source(tmp_path, some_rows(10, 3)), tmp_path / "timeline.events"
    write_timeline(target, [made], quiet)
    before = target.read_bytes()

    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        write_timeline(target, [made], stop)
    assert target.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {target.name, made.path.name}


def test_entries_with_times_that_no_event_can_hold_are_counted_of_each_catalogue(tmp_path: Path) -> None:
    late = row(2, 1, "/late", modified_ns=2**70, created_ns=5)
    old = row(3, 1, "/old", note="x; modified_ns is 9223372036854775808, more than the catalogue can hold")
    large = row(4, 1, "/large", size_bytes=2**64)
    ntfs = row(5, 1, "/ntfs", note=f"{BEYOND_COLUMNS}: created 9999-12-31T23:59:59.000000000Z")
    first, second = source(tmp_path, [row(1, None, ""), late, old, large, ntfs]), source(tmp_path, some_rows(9, 5))
    assert write_timeline(tmp_path / "t", [first, second], quiet).beyond == (3, 0)
    with TimelineFile(tmp_path / "t") as file:
        assert file.beyond == (3, 0)


def test_what_is_no_timeline_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(TimelineError, match="does not hold together"):
        TimelineFile(tmp_path / "t")
    with pytest.raises(TimelineMissingError):
        TimelineFile(tmp_path / "none")
    catalogue = source(tmp_path, some_rows(3, 4)).path
    with pytest.raises(TimelineError, match="is no timeline"):
        TimelineFile(catalogue)


def test_the_bits_of_fields_and_the_fields_of_bits_are_one() -> None:
    for bit in range(512):
        assert bits_of(fields_of(bit)) == bit
    assert set(BITS) == set(TIME_FIELDS)
