"""An unfinished catalogue is gone on with only if it is what was committed; else it is begun anew, and that is told."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest

from evidence.examination import examine_isolated
from forensics_app.db.catalogue import Catalogue, content_digest, write_catalogue
from forensics_app.db.catalogue_file import building_name
from forensics_app.db.catalogue_seal import Seals
from forensics_app.db.catalogue_writer import CatalogueBuilding, building_catalogue
from forensics_app.model.catalogue import FILE_COLUMNS
from tests.evidence import made_images
from tests.forensics_app.db.catalogue_rows import HEADER, row
from tests.forensics_app.db.test_catalogue_resume import StoppedError, examined, stopped_after

LEFT_AFTER = 12
NAMES = ", ".join(FILE_COLUMNS)


@dataclass
class Kept:
    """What is kept outside of the catalogue, and what a building said of what it found."""

    told: tuple[str, ...] = ()
    refused: list[bool] = field(default_factory=list)

    def seals(self) -> Seals:
        def keep(told: tuple[str, ...]) -> None:
            self.told = told

        return Seals(known=frozenset(self.told), keep=keep)


def build(path: Path, kept: Kept, items: int | None = None) -> int:
    with building_catalogue(path, HEADER, seals=kept.seals(), commit_every_s=0) as building:
        before = building.done_batches
        kept.refused.append(bool(building.why_refused))
        if not building.is_walked:
            building.take(examined(before) if items is None else stopped_after(items, before))
        building.index()
        building.publish()
    return before


@contextmanager
def left(path: Path, kept: Kept) -> Iterator[CatalogueBuilding]:
    """A building that stops behind the block, committed after every batch."""
    with (
        suppress(StoppedError),
        building_catalogue(path, HEADER, seals=kept.seals(), commit_every_s=0) as building,
    ):
        yield building
        raise StoppedError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.catalogue"


@pytest.fixture
def digest(tmp_path: Path) -> bytes:
    write_catalogue(tmp_path / "whole", examined(), HEADER)
    return content_digest(tmp_path / "whole")


def test_what_was_committed_is_gone_on_with_however_often_it_stops(path: Path, digest: bytes) -> None:
    kept, before = Kept(), 0
    for _ in range(3):
        with pytest.raises(StoppedError):
            build(path, kept, 6)
    before = build(path, kept)
    assert before >= 6
    assert kept.refused == [False] * 4
    assert content_digest(path) == digest


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE files SET name = 'planted' WHERE id = 7",
        "UPDATE files SET sha256 = x'00' WHERE id = 7",
        "DELETE FROM files WHERE id = 7",
        f"INSERT INTO files ({NAMES}) SELECT 99999, {NAMES[4:]} FROM files WHERE id = 7",
        "UPDATE problems SET what = 'nothing is wrong'",
        "DELETE FROM problems",
        "UPDATE volumes SET description = 'x'",
        "UPDATE time_rules SET basis = 'other'",
        "UPDATE type_counts SET entries = entries + 1",
        "UPDATE meta SET value = value + 1 WHERE key = 'batches'",
        "UPDATE meta SET value = 'all' WHERE key = 'left_out'",
        "CREATE TRIGGER hides AFTER INSERT ON files BEGIN DELETE FROM files WHERE id = new.id; END",
        "CREATE INDEX files_by_path ON files (path)",
    ],
)
@pytest.mark.req("REQ-62")
def test_a_changed_one_is_begun_anew(path: Path, digest: bytes, change: str) -> None:
    kept = Kept()
    with pytest.raises(StoppedError):
        build(path, kept, LEFT_AFTER)
    with closing(sqlite3.connect(building_name(path))) as db, db:
        assert db.execute(change).rowcount != 0
    assert build(path, kept) == 0
    assert kept.refused == [False, True]
    assert content_digest(path) == digest


def test_an_index_that_hides_a_row_from_its_folder_is_found(path: Path, digest: bytes) -> None:
    kept = Kept()
    with pytest.raises(StoppedError):
        build(path, kept, LEFT_AFTER)
    with closing(sqlite3.connect(building_name(path))) as db, db:
        index = db.execute("SELECT * FROM sqlite_master WHERE name = 'files_by_parent'").fetchone()
        db.execute("UPDATE files SET parent_id = 5 WHERE id = 7")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("DELETE FROM sqlite_master WHERE name = 'files_by_parent'")
    with closing(sqlite3.connect(building_name(path))) as db, db:
        db.execute("UPDATE files SET parent_id = NULL WHERE id = 7")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", index)
    assert build(path, kept) == 0
    assert kept.refused == [False, True]
    assert content_digest(path) == digest


def test_an_older_state_of_it_is_not_taken_for_the_last(path: Path) -> None:
    kept = Kept()
    with pytest.raises(StoppedError):
        build(path, kept, 8)
    older = building_name(path).read_bytes()
    with pytest.raises(StoppedError):
        build(path, kept, 5)
    building_name(path).write_bytes(older)
    assert build(path, kept) == 0


def test_one_of_which_nothing_is_known_is_begun_anew(path: Path, digest: bytes) -> None:
    with pytest.raises(StoppedError):
        build(path, Kept(), LEFT_AFTER)
    kept = Kept()
    assert build(path, kept) == 0
    assert kept.refused == [True]
    assert content_digest(path) == digest


def test_the_state_before_a_commit_that_a_kill_took_back_is_known(path: Path) -> None:
    kept = Kept()
    with pytest.raises(StoppedError):
        build(path, kept, 8)
    before = building_name(path).read_bytes()
    sealed = kept.told[-1]
    seals: list[tuple[str, ...]] = []

    def keep(told: tuple[str, ...]) -> None:
        if not seals:
            seals.append(told)  # killed behind this: the commit that it was told for never happened

    with building_catalogue(path, HEADER, seals=Seals(known=frozenset(kept.told), keep=keep), commit_every_s=0) as one:
        one.take(islice(examined(one.done_batches), 3))
    building_name(path).write_bytes(before)
    assert sealed in seals[0]
    kept.told = seals[0]
    assert build(path, kept) > 0


def test_rows_that_had_to_be_mended_and_members_of_archives_are_sealed_as_they_lie_there(path: Path) -> None:
    odd = (
        row(1, None, "/a\udcff", size_bytes=2**70),
        row(2, None, "/b", name_bytes=b"\xff", md5=b"m" * 16, mismatch=True, allocated=False),
        row((1 << 32) + 1, 1, "/a/member"),
    )
    kept = Kept()
    with left(path, kept) as building:
        building.take((*islice(examined(), 4), odd, (row(3, None, "/c"), row((3 << 32) + 1, 3, "/c/member"))))
    with building_catalogue(path, HEADER, seals=kept.seals()) as building:
        assert (building.entries, building.why_refused) == (5, "")


def test_a_real_examination_with_archives_is_gone_on_with(tmp_path: Path, path: Path) -> None:
    tree = tmp_path / "tree"
    for number in range(3):
        (tree / f"d{number}").mkdir(parents=True)
        with zipfile.ZipFile(tree / f"d{number}" / "a.zip", "w") as file:
            for member in range(4):
                file.writestr(f"m{member}", "content")
    image, kept = made_images.ext(tmp_path / "disk.raw", tree), Kept()
    with left(path, kept) as building:
        building.take(examine_isolated([image], hash_files=True, archives=True, processes=1))
        building._file.commit()
    with building_catalogue(path, HEADER, seals=kept.seals()) as building:
        assert (building.why_refused, building.is_walked) == ("", True)
        building.publish()
    with Catalogue(path) as catalogue:
        assert catalogue.summary.entries > 12
