"""The timeline of a case: what its events say, how many lie where, and what is written of them."""

import csv
import io
import shutil
import subprocess
from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from forensics_app.bootstrap import Lab
from forensics_app.errors import CancelledError, PermissionRefusedError, RefusedError
from forensics_app.model.case import Case
from forensics_app.model.catalogue import TIME_FIELDS, CatalogueQuery
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.report import ReportKind, ReportRequest
from forensics_app.model.timeline import (
    DAY_NS,
    Histogram,
    TimelineEvent,
    TimelineForm,
    TimelineMissingError,
    TimelineQuery,
    beyond_words,
)
from forensics_app.services.timeline_bars import day_around, edges
from forensics_app.services.timeline_forms import HEADS, line_text, written
from forensics_app.services.timeline_reading import TimelineReader
from resources import path as resource
from tests.builders import Bench, make_bench

DEMO = Path(str(resource("demo/demo.E01")))
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALL = TimelineQuery()


class Desk:
    """A lab with the demonstration disk, catalogued, and its timeline; the tests change nothing but the ledger."""

    def __init__(self, folder: Path) -> None:
        self.bench: Bench = make_bench(folder)
        self.lab: Lab = self.bench.lab
        self.case: Case = self.bench.case()
        request = IntakeRequest(
            exhibit_id=self.bench.exhibit(self.case).id, paths=(DEMO,), write_blocker=WriteBlocker(device="T8u")
        )
        self.image = self.lab.intake.take_in(self.bench.examiner, request)
        self.lab.catalogues.build(self.bench.examiner, self.image.id, with_content=False)
        self.state_before = self.lab.timelines.state(self.case.id)
        self.lab.timelines.make(self.bench.examiner, self.case.id)
        self.reader: TimelineReader = self.lab.timelines.open(self.case.id)

    def events(self, query: TimelineQuery = ALL) -> tuple[TimelineEvent, ...]:
        return self.reader.events(self.reader.ids(query))

    def written(self, form: TimelineForm, target: Path, query: TimelineQuery = ALL) -> str:
        self.lab.timelines.export(self.bench.examiner, self.case.id, query, target, form, BERLIN)
        return target.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("timelines") / "lab")
    yield made
    made.reader.close()
    made.lab.close()


def test_times_that_no_timeline_can_hold_are_told(desk: Desk) -> None:
    assert desk.lab.timelines.state(desk.case.id).beyond == 0
    desk.reader.file.beyond = (12,)
    try:
        for form in TimelineForm:
            made = written(desk.reader, ALL, form, BERLIN, lambda done, total: None)
            list(made)
            assert beyond_words(12) in made.remarks()
            assert "12 entries have times before 1678 or after 2261" in beyond_words(12)
    finally:
        desk.reader.file.beyond = (0,)
    assert "make it again" in beyond_words(None)
    assert beyond_words(0) == ""


def test_a_case_says_whether_its_timeline_is_made(desk: Desk) -> None:
    after = desk.lab.timelines.state(desk.case.id)
    assert (desk.state_before.is_made, after.is_made) == (False, True)
    assert [image.number for image in after.images] == [desk.image.number]


def test_every_time_of_the_catalogue_is_in_the_timeline_once(desk: Desk) -> None:
    with desk.lab.catalogues.open(desk.image) as catalogue:
        entries = catalogue.rows(catalogue.ids(CatalogueQuery()))
    expected = sorted((entry.id, field, stamp.ns) for entry in entries for field, stamp in entry.times.items())
    told = sorted((one.entry.id, field, one.stamp.ns) for one in desk.events() for field in one.fields)
    assert told == expected
    assert {field for _, field, _ in told} == set(TIME_FIELDS)


def test_wall_times_are_put_to_utc_by_the_zone_of_the_catalogue_and_it_is_named(desk: Desk) -> None:
    of_fat = [one for one in desk.events() if one.stamp.basis == "local"]
    assert of_fat
    for one in of_fat:
        wall = EPOCH.replace(tzinfo=BERLIN) + timedelta(seconds=one.stamp.ns // 10**9)
        assert one.utc_ns // 10**9 == int(wall.timestamp())
        assert one.zone == "Europe/Berlin"
    assert all(one.utc_ns == one.stamp.ns and not one.zone for one in desk.events() if one.stamp.basis == "utc")


def test_a_date_stands_in_the_middle_of_its_day_and_in_no_bar_of_hours(desk: Desk) -> None:
    dates = [one for one in desk.events() if one.is_date]
    assert dates
    day = min(one.stamp.ns for one in dates)
    start = int(datetime.fromtimestamp(day // 10**9, UTC).replace(tzinfo=NEW_YORK).timestamp()) * 10**9
    ids = desk.reader.ids(ALL)
    count = sum(one.stamp.ns == day for one in dates)
    by_hours = desk.reader.histogram(ALL, ids, start, start + DAY_NS, NEW_YORK)
    assert by_hours.dates_apart == count
    query = TimelineQuery(fields=("accessed",), filter=parse("volume:v0.p2", BERLIN))
    by_days = desk.reader.histogram(query, desk.reader.ids(query), start - 40 * DAY_NS, start + 120 * DAY_NS, NEW_YORK)
    bar = next(one for one in by_days.bars if one.start_ns <= start < one.end_ns)
    assert (bar.events, by_days.dates_apart) == (count, 0)


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata")], ids=str)
@pytest.mark.parametrize("days", [0.01, 1, 3, 40, 900, 40_000, 3_000_000])
def test_the_bars_count_what_lies_in_them(desk: Desk, zone: ZoneInfo, days: float) -> None:
    ids = desk.reader.ids(ALL)
    first, end = desk.reader.whole_span(ids) or (0, 0)
    middle = (first + end) // 2
    half = int(days * DAY_NS) // 2
    found: Histogram = desk.reader.histogram(ALL, ids, middle - half, middle + half, zone)
    moments = [one.utc_ns for one in desk.events() if days > 100 or not one.is_date]
    assert [bar.events for bar in found.bars] == [
        sum(bar.start_ns <= at < bar.end_ns for at in moments) for bar in found.bars
    ]
    assert sum(bar.events for bar in found.bars) + found.before + found.after + found.dates_apart == len(ids)
    assert all(one.end_ns == other.start_ns for one, other in zip(found.bars, found.bars[1:], strict=False))


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK], ids=str)
def test_days_begin_at_midnight_of_the_zone_also_where_the_clocks_are_changed(zone: ZoneInfo) -> None:
    start = int(datetime(2026, 3, 1, tzinfo=zone).timestamp()) * 10**9
    parts, whole_days = edges(start, start + 40 * DAY_NS, zone, most=40)
    assert whole_days
    shown = [datetime.fromtimestamp(at // 10**9, zone) for at in parts]
    assert {(at.hour, at.minute) for at in shown} == {(0, 0)}
    assert [at.date().toordinal() for at in shown] == list(
        range(shown[0].date().toordinal(), shown[-1].date().toordinal() + 1)
    )


def test_a_query_narrows_by_time_filter_image_and_span(desk: Desk) -> None:
    events = desk.events()
    changed = desk.events(TimelineQuery(fields=("changed",)))
    assert [one.id for one in changed] == [one.id for one in events if "changed" in one.fields]
    named = desk.events(TimelineQuery(filter=parse("ext:csv deleted", BERLIN)))
    assert named
    assert all(one.entry.extension == "csv" and not one.entry.allocated for one in named)
    middle = events[len(events) // 2].utc_ns
    later = desk.events(TimelineQuery(from_ns=middle))
    earlier = desk.events(TimelineQuery(before_ns=middle, images=(desk.image.id,)))
    exact = [one.id for one in events if not one.is_date]
    assert [one.id for one in (*earlier, *later) if not one.is_date] == exact


@pytest.mark.parametrize("fields", [(), ("accessed",)])
@pytest.mark.parametrize(
    ("start_h", "end_h"), [(15, None), (23, 36), (None, 9), (-30, 1), (10, 11), (24, 48), (-24, 0)]
)
def test_a_date_is_among_the_events_of_every_stretch_that_its_day_has_a_part_in(
    desk: Desk, start_h: int | None, end_h: int | None, fields: tuple[str, ...]
) -> None:
    events = desk.events(TimelineQuery(fields=fields))
    wall_ns = min(one.stamp.ns for one in events if one.is_date)
    day = datetime.fromtimestamp(wall_ns // 10**9, UTC).replace(tzinfo=BERLIN)
    midnight_ns, hour_ns = int(day.timestamp()) * 10**9, 3600 * 10**9
    query = TimelineQuery(
        fields=fields,
        from_ns=None if start_h is None else midnight_ns + start_h * hour_ns,
        before_ns=None if end_h is None else midnight_ns + end_h * hour_ns,
    )
    from_ns, before_ns = (-(2**63) if query.from_ns is None else query.from_ns), query.before_ns or 2**63
    half = {one.id: DAY_NS // 2 if one.is_date else 0 for one in events}
    expected = [
        one.id
        for one in events
        if one.utc_ns - half[one.id] < before_ns and one.utc_ns + max(half[one.id], 1) > from_ns
    ]
    assert [one.id for one in desk.events(query)] == expected
    some = desk.reader.entries(query, 1000)
    told = {(entry.id, field) for _, rows in some for entry, names in rows for field in names}
    listed = {(one.entry.id, field) for one in events if one.id in set(expected) for field in one.fields}
    assert {one for one in told if not fields or one[1] in fields} == {
        one for one in listed if not fields or one[1] in fields
    }


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_on_which_the_clocks_are_changed_is_shorter_or_longer(day: str, hours: int) -> None:
    noon_ns = int(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=BERLIN).timestamp()) * 10**9
    start_ns, end_ns = day_around(noon_ns, BERLIN)
    assert datetime.fromtimestamp(start_ns // 10**9, BERLIN).isoformat().startswith(f"{day}T00:00:00")
    assert (end_ns - start_ns) // (3600 * 10**9) == hours


def body_of(text: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Times by path and address; only of lines that are no ``$FILE_NAME``, and without sizes."""
    lines = [line.split("|") for line in text.splitlines()]
    return {(line[1].partition("] ")[2] or line[1], line[2]): tuple(line[7:]) for line in lines}


@pytest.mark.skipif(shutil.which("fls") is None, reason="The Sleuth Kit's fls is not installed")
@pytest.mark.parametrize(("volume", "start"), [("v0.p1", "NTFS"), ("v0.p2", "FAT"), ("v0.p3", "Ext4")])
def test_the_body_file_has_the_times_that_fls_writes(desk: Desk, volume: str, start: str, tmp_path: Path) -> None:
    with desk.lab.catalogues.open(desk.image) as catalogue:
        sector = next(one.start_bytes for one in catalogue.volumes() if one.id == volume) // 512
    command = ["fls", "-r", "-p", "-m", "/", "-z", "Europe/Berlin", "-i", "ewf", "-o", str(sector), str(DEMO)]
    theirs = body_of(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    query = TimelineQuery(filter=parse(f"volume:{volume}", BERLIN))
    ours = body_of(desk.written(TimelineForm.BODYFILE, tmp_path / "body", query))
    both = ours.keys() & theirs.keys()
    assert len(both) > 5
    for key in both:
        path, address = key
        name, deleted, rest = path.partition(" (deleted")
        dates = ours.get((f"{name} (date only){deleted}{rest}", address), ("0",) * 4)
        joined = tuple(max(one, other, key=int) for one, other in zip(ours[key], dates, strict=True))
        assert joined == theirs[key], key


@pytest.mark.skipif(shutil.which("mactime") is None, reason="The Sleuth Kit's mactime is not installed")
def test_mactime_reads_the_body_file_and_tells_the_same_moments(desk: Desk, tmp_path: Path) -> None:
    desk.written(TimelineForm.BODYFILE, tmp_path / "body")
    command = ["mactime", "-b", str(tmp_path / "body"), "-z", "UTC", "-d", "-y"]
    told = list(csv.reader(io.StringIO(subprocess.run(command, capture_output=True, text=True, check=True).stdout)))[1:]
    theirs = sorted(
        (row[0][:19].rstrip("Z"), letter, row[7])
        for row in told
        for letter in row[2]
        if letter != "." and row[0][:4] != "0000"
    )
    ours = []
    for one in desk.events():
        suffix = " ($FILE_NAME)" if one.fields[0].startswith("fn_") else " (date only)" if one.is_date else ""
        state = "" if one.entry.allocated else " (deleted-realloc)" if one.entry.realloc else " (deleted)"
        target = f" -> {one.entry.link_target}" if one.entry.link_target else ""
        at_ns = one.utc_ns - (DAY_NS // 2 if one.is_date else 0)
        moment = f"{EPOCH + timedelta(seconds=at_ns // 10**9):%Y-%m-%dT%H:%M:%S}"
        path = f"[{one.image.number} {one.entry.volume_id}] {line_text(one.entry.path)}{target}{suffix}{state}"
        letters = {"modified": "m", "accessed": "a", "changed": "c", "created": "b"}
        ours += [(moment, letters[field.removeprefix("fn_")], path) for field in one.fields if field != "deleted"]
    assert theirs == sorted(ours)


def test_csv_has_a_line_for_each_event_in_the_columns_of_log2timeline(desk: Desk, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(desk.written(TimelineForm.CSV, tmp_path / "t.csv"))))
    events = desk.events()
    assert len(rows) == len(events)
    assert HEADS[:4] == ("date", "time", "timezone", "MACB")
    for one, said in zip(events, rows, strict=True):
        assert said["filename"] == f"{desk.image.number} {one.entry.volume_id}:{line_text(one.entry.path)}"
        if one.is_date:
            assert (said["time"], said["datetime_utc"], len(said["datetime"])) == ("--:--:--", "", 10)
        else:
            at = datetime.fromisoformat(said["datetime"])
            assert int(at.timestamp()) == one.utc_ns // 10**9
            assert at.utcoffset() == datetime.fromtimestamp(one.utc_ns // 10**9, BERLIN).utcoffset()
            assert said["date"] + said["time"] == f"{at:%m/%d/%Y%H:%M:%S}"


def test_an_export_is_recorded_with_what_was_asked_and_its_digest(desk: Desk, tmp_path: Path) -> None:
    query = TimelineQuery(fields=("created",), filter=parse("ext:jpg", BERLIN))
    made = desk.lab.timelines.export(
        desk.bench.examiner, desk.case.id, query, tmp_path / "t.csv", TimelineForm.CSV, BERLIN, told="ext:jpg"
    )
    entry = desk.lab.custody.case_history(desk.case.id)[-1]
    assert entry.action == "timeline.export"
    assert (entry.facts["sha256"], entry.facts["filter"]) == (made.sha256.hex(), "ext:jpg")
    assert (entry.facts["lines"], entry.facts["times"]) == (made.lines, ["created"])


def test_an_export_overwrites_nothing_and_leaves_nothing_when_it_is_stopped(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "t.csv"
    export, examiner, case_id = desk.lab.timelines.export, desk.bench.examiner, desk.case.id

    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        export(examiner, case_id, ALL, target, TimelineForm.CSV, BERLIN, on_progress=stop)
    assert list(tmp_path.iterdir()) == []
    target.write_text("mine")
    with pytest.raises(RefusedError, match="already exists"):
        export(examiner, case_id, ALL, target, TimelineForm.CSV, BERLIN)
    with pytest.raises(PermissionRefusedError):
        export(desk.bench.custodian, case_id, ALL, tmp_path / "other", TimelineForm.CSV, BERLIN)
    assert target.read_text() == "mine"


def test_a_timeline_of_other_catalogues_is_not_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "lab")
    desk.reader.close()
    (tmp_path / "blank.raw").write_bytes(bytes(65_536))
    exhibit = desk.bench.exhibit(desk.case, "LH/02")
    blank = desk.lab.intake.take_in(
        desk.bench.examiner,
        IntakeRequest(exhibit_id=exhibit.id, paths=(tmp_path / "blank.raw",), write_blocker=WriteBlocker(device="T8u")),
    )
    with_one = desk.lab.timelines.state(desk.case.id)
    assert with_one.is_made
    assert [(one.number, one.why) for one in with_one.left_out] == [(blank.number, "There is no catalogue of it yet.")]
    desk.lab.catalogues.build(desk.bench.examiner, blank.id)
    assert not desk.lab.timelines.state(desk.case.id).is_made
    with pytest.raises(TimelineMissingError, match="are others than"):
        desk.lab.timelines.open(desk.case.id)
    desk.lab.timelines.make(desk.bench.examiner, desk.case.id)
    with desk.lab.timelines.open(desk.case.id) as reader:
        assert [image.number for image in reader.images] == [desk.image.number, blank.number]
        assert reader.ids(TimelineQuery(images=(blank.id,))) == array("q")
    desk.lab.close()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a|b", "a\\x7cb"),
        ("line\nbreak\r", "line\\x0abreak\\x0d"),
        ("back\\slash", "back\\x5cslash"),
        ("cod\u202etxt.exe", "cod\\u202etxt.exe"),
        ("\x00\u2028", "\\x00\\u2028"),
        ("zażółć 中", "zażółć 中"),
    ],
)
def test_no_name_ends_a_line_or_a_field(name: str, written: str) -> None:
    assert line_text(name) == written


def test_a_report_prints_the_times_of_a_case_as_a_figure_that_counts_every_event(desk: Desk) -> None:
    request = ReportRequest(case_id=desk.case.id, kind=ReportKind.BUNDLE, zone="Europe/Berlin")
    figure = desk.lab.reporting.dossier(desk.bench.examiner.person, request).timeline
    assert figure is not None
    assert figure.images == (desk.image.number,)
    shown = [bar.count for bar in figure.bars]
    assert sum(shown) == figure.total > 0
    apart = [int(words.split(" ")[0].replace(",", "")) for words in figure.left_out]
    assert figure.total + sum(apart) == len(desk.reader.ids(ALL))
    assert all(first.begin < second.begin for first, second in pairwise(figure.bars))
    bare = desk.lab.reporting.dossier(desk.bench.examiner.person, replace(request, kind=ReportKind.CUSTODY))
    assert bare.timeline is None
