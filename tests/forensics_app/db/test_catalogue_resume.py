import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from forensics_app.db.catalogue import Catalogue, content_digest, write_catalogue
from forensics_app.db.catalogue_file import building_name
from forensics_app.db.catalogue_unfinished import UnfinishedCatalogue
from forensics_app.db.catalogue_writer import building_catalogue
from forensics_app.model.catalogue import (
    CatalogueBusyError,
    CatalogueChangedError,
    CatalogueHeader,
    CatalogueMissingError,
    CatalogueQuery,
    CatalogueUnfinishedError,
    PageMark,
    Problem,
    SortColumn,
    TimeRule,
)
from forensics_app.model.filter_language.parser import parse
from tests.forensics_app.db.catalogue_rows import COUNTS, HEADER, PART, RULES, WHOLE, row

BATCHES = 12
ROWS = 50


class StoppedError(Exception):
    """The examination was stopped."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.catalogue"


def problem(number: int) -> Problem:
    return Problem(what=f"Problem {number}.", where="v0.p1", offset_bytes=number)


def batch(number: int) -> tuple[Any, ...]:
    """Two contents of each are not readable, one of them that of a deleted entry."""
    first = number * ROWS + 1
    unread = {"note": "content not readable from byte 0 on: a bad block"}
    others: dict[int, dict[str, Any]] = {first + 1: unread, first + 2: {**unread, "allocated": False}}
    return tuple(
        row(
            entry_id, None, f"/{number}/{entry_id}.x{entry_id % 7}", size_bytes=entry_id * 7919 % 1000,
            **others.get(entry_id, {}),
        )
        for entry_id in range(first, first + ROWS)
    )  # fmt: skip


def examined(after_batches: int = 0) -> Iterator[Any]:
    """What an examination yields after so many batches: problems lie between them, the counts of a volume behind."""
    if after_batches == 0:
        yield from (WHOLE, PART, *RULES)
    for number in range(after_batches, BATCHES):
        if number % 3 == 1:
            yield problem(number)
        yield batch(number)
    yield problem(99)
    assert PART.file_system is not None
    yield replace(PART, file_system=replace(PART.file_system, counts=COUNTS))


def stopped_after(items: int, after_batches: int = 0) -> Iterator[Any]:
    yield from islice(examined(after_batches), items)
    raise StoppedError


def with_act_after(items: int, act: Callable[[], None]) -> Iterator[Any]:
    for number, item in enumerate(examined()):
        if number == items:
            act()
        yield item


def build(path: Path, items: int | None = None, header: CatalogueHeader = HEADER, **parameters: str) -> int:
    """Build or go on, committing after every batch; stop after so many items. The batches that were there already."""
    with building_catalogue(path, header, parameters, commit_every_s=0) as building:
        before = building.done_batches
        if not building.is_walked:
            building.take(examined(before) if items is None else stopped_after(items, before))
        building.index()
        building.publish()
    return before


@pytest.fixture
def digest(tmp_path: Path) -> bytes:
    """Of the catalogue that was built without a stop."""
    whole = tmp_path / "whole"
    write_catalogue(whole, examined(), HEADER)
    found = content_digest(whole)
    whole.unlink()
    return found


@pytest.mark.parametrize("items", range(1, 20))
def test_wherever_the_building_stops_it_is_gone_on_with_to_the_same_content(
    path: Path, digest: bytes, items: int
) -> None:
    with pytest.raises(StoppedError):
        build(path, items)
    build(path)
    assert content_digest(path) == digest
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("items", [None, 1, 9, 19])
def test_the_last_problem_counts_the_contents_of_allocated_entries_that_no_attempt_could_read(
    path: Path, items: int | None
) -> None:
    if items:
        with pytest.raises(StoppedError):
            build(path, items)
    build(path)
    with Catalogue(path) as catalogue:
        last = catalogue.problems()[-1]
    assert last.what.startswith(f"Contents of allocated entries that could not be read whole: {BATCHES}. ")
    assert (last.where, last.is_damage) == ("v0.p1", True)


def test_a_building_that_stops_again_and_again_comes_to_the_same_content(path: Path, digest: bytes) -> None:
    for _ in range(4):
        with pytest.raises(StoppedError):
            build(path, 6)
    assert build(path) >= 8
    assert content_digest(path) == digest


def test_what_an_examination_leaves_out_is_kept_with_what_was_taken_since(path: Path) -> None:
    with building_catalogue(path, HEADER, commit_every_s=0) as building:
        assert building.left_out == ""
        building.leave_out("a content that ended the child")
        building.take(islice(examined(), 12))
        building.leave_out("and another, before anything more was taken")
    with building_catalogue(path, HEADER) as building:
        assert building.done_batches > 0
        assert building.left_out == "a content that ended the child"
        building.begin_anew()
        assert building.left_out == ""


def test_what_is_counted_is_that_of_the_whole(path: Path) -> None:
    with pytest.raises(StoppedError):
        build(path, 12)
    assert build(path) > 0
    again = path.with_name("again")
    summary = write_catalogue(again, examined(), HEADER)
    with Catalogue(path) as gone_on, Catalogue(again) as whole:
        assert gone_on.summary == whole.summary == summary
        assert gone_on.type_counts() == whole.type_counts()
        assert gone_on.problems() == whole.problems()
        assert gone_on.volumes() == whole.volumes()


def test_the_date_of_a_catalogue_is_that_of_its_beginning(path: Path) -> None:
    with pytest.raises(StoppedError):
        build(path, 12)
    build(path, header=replace(HEADER, created_at=HEADER.created_at.replace(year=2027)))
    with Catalogue(path) as catalogue:
        assert catalogue.header == HEADER


@pytest.mark.parametrize(
    "other",
    [
        {"program": "forensics-app 0.2.0"},
        {"libraries": {"sleuthkit": "4.13"}},
        {"image_digests": {"md5": b"x" * 16}},
        {"zone": "UTC"},
        {"content_examined": False},
    ],
    ids=str,
)
def test_what_was_begun_with_anything_else_is_begun_anew(path: Path, digest: bytes, other: dict[str, Any]) -> None:
    with pytest.raises(StoppedError):
        build(path, 12)
    assert build(path, header=replace(HEADER, **other)) == 0
    assert content_digest(path) == digest


def test_what_was_begun_with_other_keys_is_begun_anew(path: Path) -> None:
    with pytest.raises(StoppedError):
        build(path, 12, keys="one")
    assert build(path, keys="other") == 0


def test_an_examination_that_does_not_go_on_where_the_catalogue_ends_is_refused(path: Path, digest: bytes) -> None:
    with pytest.raises(StoppedError):
        build(path, 12)
    with building_catalogue(path, HEADER, commit_every_s=0) as building:
        with pytest.raises(CatalogueChangedError):
            building.take(examined(building.done_batches + 1))
        building.begin_anew()
        assert building.done_batches == 0
        building.take(examined())
        building.publish()
    assert content_digest(path) == digest


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut off", "old format"])
def test_an_unfinished_catalogue_that_is_damaged_is_begun_anew(path: Path, digest: bytes, damage: str) -> None:
    with pytest.raises(StoppedError):
        build(path, 12)
    building = building_name(path)
    content = building.read_bytes()
    if damage == "old format":
        db = sqlite3.connect(building)
        db.execute("PRAGMA user_version = 1")
        db.close()
    else:
        building.write_bytes({"garbage": b"x" * 5000, "empty": b"", "cut off": content[:3000]}[damage])
    assert build(path) == 0
    assert content_digest(path) == digest


def test_nothing_is_kept_of_what_was_never_committed(path: Path) -> None:
    with pytest.raises(StoppedError), building_catalogue(path, HEADER, commit_every_s=3600) as building:
        building.take(stopped_after(12))
    assert not list(path.parent.iterdir())


def test_two_programs_do_not_build_the_same_catalogue(path: Path) -> None:
    with building_catalogue(path, HEADER), pytest.raises(CatalogueBusyError):
        write_catalogue(path, examined(), HEADER)


def test_the_old_catalogue_is_read_until_the_new_one_is_complete(path: Path, digest: bytes) -> None:
    write_catalogue(path, (batch(0),), HEADER)
    with pytest.raises(StoppedError):
        build(path, 12)
    with Catalogue(path) as old:
        assert old.summary.entries == ROWS
    build(path)
    assert content_digest(path) == digest


def test_what_is_committed_can_be_read_while_it_is_built(path: Path) -> None:
    with building_catalogue(path, HEADER, commit_every_s=0) as building:
        source = examined()
        building.take(islice(source, 8))
        with UnfinishedCatalogue(path) as catalogue:
            entries = catalogue.summary.entries
            assert 0 < entries < BATCHES * ROWS
            assert list(catalogue.ids(CatalogueQuery())) == list(range(1, entries + 1))
            assert catalogue.count(CatalogueQuery(extension="x3")) == len(
                [number for number in range(1, entries + 1) if number % 7 == 3]
            )
            assert {volume.id for volume in catalogue.volumes()} == {"v0", "v0.p1"}
            building.take(source)
            building._file.commit()
            assert catalogue.summary.entries == BATCHES * ROWS
            assert catalogue.count(CatalogueQuery()) == BATCHES * ROWS
            by_size = CatalogueQuery(sort=SortColumn.SIZE)
            found: list[int] = []
            mark: PageMark | None = None
            while mark is not None or not found:
                page = catalogue.page(by_size, mark, limit=90)
                found += [entry.id for entry in page.entries]
                mark = page.next
            assert found == list(catalogue.ids(by_size))
            building.publish()
            assert catalogue.summary.entries == BATCHES * ROWS


def test_what_a_stopped_building_left_can_be_read(path: Path) -> None:
    with pytest.raises(StoppedError):
        build(path, 12)
    with UnfinishedCatalogue(path) as catalogue:
        assert catalogue.summary.entries > 0
        assert catalogue.header == HEADER
    assert build(path) > 0


def test_before_the_first_commit_there_is_nothing_to_read(path: Path) -> None:
    with pytest.raises(CatalogueMissingError):
        UnfinishedCatalogue(path)
    with building_catalogue(path, HEADER, commit_every_s=3600) as building:
        building.take(examined())
        with pytest.raises(CatalogueUnfinishedError):
            UnfinishedCatalogue(path)
        building.publish()


def test_a_reader_that_stays_does_not_stop_the_building(path: Path, digest: bytes) -> None:
    with building_catalogue(path, HEADER, commit_every_s=0) as building:
        readers: list[sqlite3.Cursor] = []

        def begin_to_read() -> None:
            db = sqlite3.connect(f"{building_name(path).as_uri()}?mode=ro", uri=True)
            readers.append(db.execute("SELECT id FROM files"))
            readers[0].fetchone()

        building.take(with_act_after(8, begin_to_read))
        readers[0].close()
        readers[0].connection.close()
        building.publish()
    assert content_digest(path) == digest


def test_many_threads_read_what_one_writes(path: Path, digest: bytes) -> None:
    ended, wrong = threading.Event(), []

    def read() -> None:
        with UnfinishedCatalogue(path) as catalogue:
            while not ended.is_set():
                ids = list(catalogue.ids(CatalogueQuery(sort=SortColumn.SIZE)))
                if len(ids) % ROWS or sorted(ids) != list(range(1, len(ids) + 1)):
                    wrong.append(ids)

    with building_catalogue(path, HEADER, commit_every_s=0) as building:
        threads = [threading.Thread(target=read) for _ in range(4)]

        def start() -> None:
            for thread in threads:
                thread.start()

        building.take(with_act_after(6, start))
        ended.set()
        for thread in threads:
            thread.join()
        building.publish()
    assert not wrong
    assert content_digest(path) == digest


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
@pytest.mark.parametrize("lines", [1, 3, 7, 11])
def test_a_building_killed_at_any_moment_is_gone_on_with(path: Path, digest: bytes, lines: int) -> None:
    root = Path(__file__).parents[3]
    program = (
        "from pathlib import Path\n"
        "from forensics_app.db.catalogue_writer import building_catalogue\n"
        "from tests.forensics_app.db.test_catalogue_resume import examined, HEADER\n"
        "def told():\n"
        "    for item in examined():\n        print('item', flush=True)\n        yield item\n"
        f"with building_catalogue(Path({str(path)!r}), HEADER, commit_every_s=0) as building:\n"
        "    building.take(told())\n    building.publish()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
    build(path)
    assert content_digest(path) == digest
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the sqlite3 shell is not installed")
def test_the_sqlite_shell_finds_nothing_wrong_in_what_was_gone_on_with(path: Path) -> None:
    with pytest.raises(StoppedError):
        build(path, 12)
    build(path)
    said = subprocess.check_output(["sqlite3", "-readonly", str(path), "PRAGMA integrity_check"], text=True)
    assert said == "ok\n"


def test_a_filter_of_times_heeds_the_rules_that_were_committed_since_it_was_last_asked(path: Path) -> None:
    asked = CatalogueQuery(filter=parse("modified>=1970-01-01T00:00Z", UTC))
    local = TimeRule(volume_id="v0.p1", field="modified", source="x", basis="local", resolution_ns=1)
    first, second = ((row(number, None, f"/{number}", modified_ns=number),) for number in (1, 2))
    with building_catalogue(path, HEADER, commit_every_s=0) as building:
        building.take((WHOLE, PART, first))
        with UnfinishedCatalogue(path) as catalogue:
            assert catalogue.count(asked) == 1
            building.take((local, second))
            assert catalogue.count(asked) == 0
