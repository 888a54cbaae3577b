import hashlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forensics_app.db.catalogue import Catalogue, content_digest, write_catalogue
from forensics_app.db.catalogue_file import building_name
from forensics_app.model.catalogue import (
    CatalogueDamagedError,
    CatalogueMissingError,
    CatalogueNewerError,
    CatalogueOlderError,
    CatalogueSummary,
    CatalogueUnfinishedError,
    CatalogueWriteError,
)
from tests.forensics_app.db.catalogue_rows import HEADER, PART, TREE, examination, row


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.catalogue"


def execute(path: Path, statement: str) -> None:
    db = sqlite3.connect(path)
    db.execute(statement)
    db.commit()
    db.close()


def test_what_was_written_is_counted(path: Path) -> None:
    assert write_catalogue(path, examination(), HEADER) == CatalogueSummary(entries=9, volumes=2, problems=1)


def test_nothing_but_the_catalogue_is_left(path: Path) -> None:
    write_catalogue(path, examination(), HEADER)
    assert list(path.parent.iterdir()) == [path]


def test_an_examination_that_fails_leaves_nothing_and_the_old_catalogue_stays(path: Path) -> None:
    write_catalogue(path, examination(), HEADER)
    before = path.read_bytes()

    def broken() -> Iterator[Any]:
        yield from examination()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_catalogue(path, broken(), HEADER)
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_catalogue_is_not_there_before_it_is_complete(path: Path) -> None:
    def looking() -> Iterator[Any]:
        yield from examination()
        assert not path.exists()
        assert building_name(path).exists()
        with pytest.raises(CatalogueUnfinishedError, match="being built"):
            Catalogue(path)

    write_catalogue(path, looking(), HEADER)
    Catalogue(path).close()


def test_a_building_killed_half_way_is_said_and_can_be_done_again(path: Path) -> None:
    root = Path(__file__).parents[3]
    program = (
        "import sys, time; from pathlib import Path\n"
        "from forensics_app.db.catalogue import write_catalogue\n"
        "from tests.forensics_app.db.catalogue_rows import HEADER, examination\n"
        "def slow():\n    yield from examination()\n    print('half', flush=True)\n    time.sleep(60)\n"
        f"write_catalogue(Path({str(path)!r}), slow(), HEADER)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    with pytest.raises(CatalogueUnfinishedError):
        Catalogue(path)
    write_catalogue(path, examination(), HEADER)
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_two_buildings_have_the_same_content_digest_whenever_and_by_whatever_they_were_made(path: Path) -> None:
    write_catalogue(path, examination(), HEADER)
    first = content_digest(path)
    again = path.with_name("again")

    def in_other_batches() -> Iterator[Any]:
        for item in examination():
            if isinstance(item, tuple):
                yield from ((one,) for one in item)
            else:
                yield item

    later = type(HEADER)(
        created_at=HEADER.created_at.replace(year=2027), program="other", libraries={}, image_digests={}, zone="UTC",
        content_examined=True,
    )  # fmt: skip
    write_catalogue(again, in_other_batches(), later)
    assert content_digest(again) == first


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE files SET size_bytes = 11 WHERE id = 3",
        "UPDATE files SET sha256 = NULL WHERE id = 3",
        "UPDATE files SET note = '' WHERE id = 3",
        "UPDATE volumes SET label = 'X'",
        "UPDATE time_rules SET basis = 'local' WHERE field = 'deleted'",
        "UPDATE problems SET what = 'No loop.'",
        "DELETE FROM files WHERE id = 9",
    ],
)
def test_any_change_of_what_was_found_changes_the_content_digest(path: Path, change: str) -> None:
    write_catalogue(path, examination(), HEADER)
    before = content_digest(path)
    execute(path, change)
    assert content_digest(path) != before


def test_the_content_digest_is_the_one_that_its_description_gives(path: Path) -> None:
    write_catalogue(path, iter([PART, (TREE[0],)]), HEADER)

    def word(value: object) -> str:
        if value is None:
            return "-"
        if isinstance(value, (bool, int)):
            return str(int(value))
        return (value if isinstance(value, bytes) else str(value).encode()).hex().upper()

    volume = (1, "v0.p1", "v0", "partition", 1 << 20, 1 << 29, "Linux", None, 0, "ext4", 4096, "DATA", "1111")
    lines = ["volumes", " ".join(map(word, volume + (None,) * 10)), "time_rules", "files"]
    lines += [" ".join(map(word, TREE[0])), "problems", ""]
    assert content_digest(path) == hashlib.sha256("\n".join(lines).encode()).digest()


def test_numbers_and_texts_that_sqlite_cannot_hold_are_put_right_and_said(path: Path) -> None:
    odd = row(2, 1, "/x", size_bytes=2**64, modified_ns=2**70, note="before")
    lone = row(3, 1, "/\udce4", size_bytes=5)
    write_catalogue(path, iter([(TREE[0], odd), (lone,)]), HEADER)
    with Catalogue(path) as catalogue:
        first, second, third = catalogue.rows([1, 2, 3])
    assert first.size_bytes == 4096
    assert second.size_bytes == 2**63 - 1
    assert second.times == {}
    assert second.note == (
        f"before; size_bytes is {2**64}, more than the catalogue can hold;"
        " times before 1678 or after 2261, which the columns cannot hold: modified +039381-06-16T20:51:57.411303424Z"
    )
    assert set(third.name) == {"\ufffd"}


@pytest.mark.parametrize(
    "rows",
    [
        ((1, 2, 3),),
        (TREE[0], TREE[1][:-1]),
        (row(1, None, "", size_bytes="much"),),
        (row(1, None, "", size_bytes=None),),
        (row(1, None, "", name={}),),
        (row(1, None, "", name=b"x"),),
        (TREE[0], TREE[0]),
        (None,),
        5,
    ],
)
def test_rows_that_are_none_are_refused_in_words(path: Path, rows: Any) -> None:
    batch = rows if isinstance(rows, tuple) else (rows,)
    with pytest.raises(CatalogueWriteError):
        write_catalogue(path, iter([PART, batch]), HEADER)
    assert not list(path.parent.iterdir())


def test_a_full_disk_is_said_in_words(path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def many() -> Iterator[Any]:
        yield PART
        for start in range(1, 400_000, 1000):
            yield tuple(row(number, None, f"/{number:0200}") for number in range(start, start + 1000))

    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(CatalogueWriteError, match="cannot be written"):
            write_catalogue(path, many(), HEADER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(path.parent.iterdir())


def test_a_folder_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CatalogueWriteError, match="cannot be written"):
        write_catalogue(tmp_path / "none" / "catalogue", examination(), HEADER)


def test_no_catalogue_is_said(path: Path) -> None:
    with pytest.raises(CatalogueMissingError):
        Catalogue(path)


def test_a_newer_catalogue_is_refused_in_words(path: Path) -> None:
    write_catalogue(path, examination(), HEADER)
    execute(path, "PRAGMA user_version = 99")
    with pytest.raises(CatalogueNewerError, match="has format 99; this program knows 3"):
        Catalogue(path)


def test_an_older_catalogue_is_refused_in_words(path: Path) -> None:
    write_catalogue(path, examination(), HEADER)
    execute(path, "PRAGMA user_version = 1")
    with pytest.raises(CatalogueOlderError, match="older version of the program"):
        Catalogue(path)


@pytest.mark.parametrize("kept", [0, 50, 4096, 10_000, -1])
def test_a_catalogue_cut_off_anywhere_is_refused_in_words(path: Path, kept: int) -> None:
    write_catalogue(path, examination(), HEADER)
    content = path.read_bytes()
    path.write_bytes(content[:kept])
    with pytest.raises(CatalogueDamagedError):
        Catalogue(path)


def test_a_file_that_is_something_else_is_refused_in_words(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"The quick brown fox jumps over the lazy dog.\n" * 1000)
    with pytest.raises(CatalogueDamagedError, match="is no catalogue"):
        Catalogue(path)
    other = tmp_path / "other.db"
    execute(other, "CREATE TABLE t (c)")
    with pytest.raises(CatalogueDamagedError, match="no catalogue"):
        Catalogue(other)


def test_damage_inside_is_said_at_the_latest_when_it_is_read(path: Path) -> None:
    rows = tuple(row(number, None, f"/{number:0100}") for number in range(1, 2000))
    write_catalogue(path, iter([PART, rows]), HEADER)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4096 // 2 * 4096)
        file.write(b"\xff" * 4096 * 8)

    def read() -> None:
        with Catalogue(path) as catalogue:
            catalogue.rows(range(1, 2000))

    for reading in (read, lambda: content_digest(path)):
        with pytest.raises(CatalogueDamagedError):
            reading()


def test_a_catalogue_marked_incomplete_is_refused(path: Path) -> None:
    write_catalogue(path, examination(), HEADER)
    execute(path, "UPDATE meta SET value = '0' WHERE key = 'complete'")
    with pytest.raises(CatalogueUnfinishedError):
        Catalogue(path)


def test_memory_does_not_grow_with_the_number_of_entries(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    program = (
        "import sys, resource; from pathlib import Path\n"
        "from forensics_app.db.catalogue import write_catalogue\n"
        "from tests.forensics_app.db.catalogue_rows import HEADER, PART, row\n"
        "def many(count):\n    yield PART\n"
        "    for start in range(1, count, 2000):\n"
        "        yield tuple(row(n, None, f'/folder/{n}', extension=str(n)) for n in range(start, start + 2000))\n"
        f"write_catalogue(Path({str(tmp_path)!r}) / sys.argv[1], many(int(sys.argv[1])), HEADER)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    begun_s = time.monotonic()
    few, many = (
        int(subprocess.check_output([sys.executable, "-c", program, count], cwd=root)) for count in ("20000", "200000")
    )
    assert many - few < 80_000, f"{few} KiB and {many} KiB, {time.monotonic() - begun_s:.0f} s"


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the sqlite3 shell is not installed")
def test_the_sqlite_shell_finds_nothing_wrong(path: Path) -> None:
    write_catalogue(path, examination(), HEADER)
    said = subprocess.check_output(["sqlite3", "-readonly", str(path), "PRAGMA integrity_check"], text=True)
    assert said == "ok\n"
