"""An examination goes on after a child died of it, without what it died of; ids and order are kept."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from evidence.attempts import (
    DIGEST,
    LIST,
    LOOK,
    MAX_ATTEMPTS,
    MAX_UNLISTED,
    MAX_UNREAD,
    MAX_UNREAD_OF_ALL,
    NOTHING,
    OPEN,
    READ,
    Avoid,
    Place,
    Stop,
    Unlisted,
    Unread,
    avoid_of,
    place_of,
)
from evidence.errors import ExaminationChangedError
from evidence.examination import examine_isolated
from evidence.examine import examine
from evidence.filesystems.archives import MARK
from evidence.filesystems.base import FILE_COLUMNS, FileRow
from evidence.images import open_image
from evidence.images.base import Problem
from evidence.shares import Share
from evidence.volumes.base import Volume
from tests.evidence.made_images import blank, ext, need, run, source_tree

PATIENCE_S = 8.0
ID, VOLUME, PATH, SHA256, NOTE = (FILE_COLUMNS.index(name) for name in ("id", "volume_id", "path", "sha256", "note"))
ROWS_IN_THE_FIRST = 30_000
"""More batches than a pipe holds, so that a child that is stopped after its first has not made its last."""


PARTITION_BYTES = 12 << 20
SECTORS = PARTITION_BYTES // 512


def partition(path: Path, folder: Path) -> bytes:
    """The bytes of a small ext2 file system that holds ``folder``."""
    need("mkfs.ext2")
    run("mkfs.ext2", "-q", "-I", "128", "-b", "1024", "-N", "32768", "-d", folder, blank(path, PARTITION_BYTES))
    return path.read_bytes()


def stop_children() -> None:
    """Stop the processes that this one has started, as a reader stands still that never comes back."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            told = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
            if int(told["PPid"]) == os.getpid():
                os.kill(int(status.parent.name), signal.SIGSTOP)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two partitions, the first with many files."""
    folder = tmp_path_factory.mktemp("disk")
    many = folder / "many"
    for number in range(ROWS_IN_THE_FIRST):  # a few to a folder: mkfs looks through a folder for each name it adds
        inner = many / "a" / f"{number // 500:02d}"
        inner.mkdir(parents=True, exist_ok=True)
        (inner / f"{number:05d}").touch()
    first = partition(folder / "first", many)
    second = partition(folder / "second", source_tree(folder / "tree"))
    record = bytearray(512)
    for number in range(2):
        place = struct.pack("<B3xB3xII", 0, 0x83, 2048 + SECTORS * number, SECTORS)
        record[446 + 16 * number : 462 + 16 * number] = place
    record[510:] = b"\x55\xaa"
    path = folder / "disk.raw"
    path.write_bytes(bytes(record).ljust(1 << 20, b"\0") + first + second)
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file system whose contents take several batches."""
    folder = tmp_path_factory.mktemp("plain")
    for name in "abcde":
        (folder / "tree" / name).mkdir(parents=True)
        for number in range(830):
            content = f"%PDF-1.4 {name} {number}"  # of a type that is told quickly
            (folder / "tree" / name / f"{number:04d}").write_text(content, encoding="ascii")
    need("mkfs.ext2")
    path = folder / "plain.raw"
    run("mkfs.ext2", "-q", "-I", "128", "-N", "6144", "-d", folder / "tree", blank(path, 16 << 20))
    return path


def examined(path: Path, avoid: Avoid = NOTHING, **others: Any) -> Iterator[Any]:
    image = open_image((path,))
    try:
        yield from examine(image, hash_files=True, avoid=avoid, **others)
    finally:
        image.close()


def rows_of(found: Iterable[Any]) -> list[FileRow]:
    return [row for batch in found if isinstance(batch, tuple) for row in batch]


@pytest.fixture(scope="module")
def of_plain(plain: Path) -> tuple[Any, ...]:
    """All that is found where nothing is left out."""
    return tuple(examined(plain))


@pytest.mark.parametrize(("hash_files", "processes"), [(False, 1), (True, 2)])
def test_what_follows_a_volume_that_hangs_its_reader_is_listed_all_the_same(
    disk: Path, hash_files: bool, processes: int
) -> None:
    found: list[Any] = []
    for item in examine_isolated((disk,), hash_files=hash_files, timeout_s=PATIENCE_S, processes=processes):
        if not rows_of(found) and rows_of([item]):
            stop_children()
        found.append(item)
    rows = rows_of(found)
    assert [row[ID] for row in rows] == list(range(1, len(rows) + 1))
    paths = {volume: [row[PATH] for row in rows if row[VOLUME] == volume] for volume in ("v0.p1", "v0.p2")}
    assert ROWS_IN_THE_FIRST - 500 <= len(paths["v0.p1"]) < ROWS_IN_THE_FIRST + 100
    assert {"/hello.txt", "/docs/large.bin", "/$OrphanFiles"} <= set(paths["v0.p2"])
    said = [item for item in found if isinstance(item, Problem)]
    assert [problem.where for problem in said] == ["v0.p1"]
    assert said[0].what.startswith("The directory /a/")
    assert "entries are missing: the reading process ended" in said[0].what
    assert f"silent for {PATIENCE_S:g} s" in said[0].what
    assert said[0].is_damage
    last = {item.id: item for item in found if isinstance(item, Volume)}
    first = last["v0.p1"].file_system
    assert first is not None
    assert first.counts is not None
    assert first.counts.files + first.counts.directories == len(paths["v0.p1"])


def test_an_examination_that_is_gone_on_with_leaves_out_what_it_left_out_before(plain: Path) -> None:
    unread = Unread(volume_id="v0", flush=3, index=5, why="signal 11")
    stop = Stop(volume_id="v0", step=LIST, batches=3, why="signal 9")
    before = Avoid(stops=(stop,), unread=(unread,))
    whole = list(examine_isolated((plain,), hash_files=True, processes=1, avoid=before))
    after_a_kill = avoid_of(before.text(), done_batches=1)
    rest = list(examine_isolated((plain,), hash_files=True, processes=2, avoid=after_a_kill))
    assert [item for item in rest if isinstance(item, tuple)] == [i for i in whole if isinstance(i, tuple)][1:]
    assert sum("signal 11" in (row[NOTE] or "") for row in rows_of(rest)) == 1
    assert rest[-1] == whole[-1]


def test_what_is_left_out_survives_as_text() -> None:
    avoid = Avoid(
        done_batches=7,
        stops=(Stop(volume_id="v0.p1", step=LIST, batches=3, why="signal 11"),),
        unread=(Unread(volume_id="v0", flush=2, index=5, why="zażółć"),),
    )
    assert avoid_of(avoid.text(), 7) == avoid
    assert avoid_of("", 4) == Avoid(done_batches=4)


class DeathError(Exception):
    """Stands for the end of the process that was about to take a step."""


def with_deaths(path: Path, is_deadly: Callable[[Place], bool]) -> tuple[list[Any], Avoid]:
    """What attempts find together, each without what the ones before it died of; and what the last one left out."""
    avoid, found = NOTHING, list[Any]()

    def take(text: str) -> None:
        noted.append(text)
        place = place_of(text)
        assert place is not None
        if is_deadly(place):
            raise DeathError

    for _ in range(MAX_ATTEMPTS):
        noted: list[str] = []
        items = examined(path, avoid, on_place=take, archives=True)
        try:
            for number, item in enumerate(item for item in items if isinstance(item, tuple)):
                if number >= avoid.done_batches:
                    found.append(item)
            return [
                *found,
                *(item for item in examined(path, avoid, archives=True) if isinstance(item, Problem)),
            ], avoid
        except DeathError:
            place = place_of(noted[-1])
            assert place is not None
            further = avoid.after(place, len(found), "signal 11")
            assert further is not None
            avoid = further
    raise AssertionError("the attempts do not come to an end")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file system with a hundred small files."""
    need("mkfs.ext2")
    folder = tmp_path_factory.mktemp("small")
    (folder / "tree").mkdir()
    for number in range(100):
        (folder / "tree" / f"{number:03}.txt").write_text(f"content {number}", encoding="ascii")
    path = folder / "small.raw"
    run("mkfs.ext2", "-q", "-I", "128", "-N", "256", "-d", folder / "tree", blank(path, 2 << 20))
    return path


def test_a_volume_with_many_contents_that_end_the_reader_is_listed_whole_and_says_which_were_left_out(
    small: Path,
) -> None:
    whole = rows_of(list(examined(small)))
    found, avoid = with_deaths(small, lambda place: place.step == READ and place.index % 5 == 2)
    rows = rows_of(found)
    assert [row[: SHA256 - 1] for row in rows] == [row[: SHA256 - 1] for row in whole]
    ended = [row for row in rows if "the reading process ended (signal 11)" in (row[NOTE] or "")]
    behind = [row for row in rows if row[NOTE] == "content not read: too many before it ended the reading process"]
    assert len(ended) == MAX_UNREAD + 1
    assert len(behind) == 100 - 43
    assert all(row[SHA256] is None for row in (*ended, *behind))
    left = {row[ID] for row in (*ended, *behind)}
    assert all(new == old for new, old in zip(rows, whole, strict=True) if new[ID] not in left)
    (said,) = [item.what for item in found if isinstance(item, Problem)]
    assert said == (
        "9 contents of this volume ended the reading process and were left out, and so were all contents behind the "
        "last of them: the notes of their entries say so, and every entry is listed."
    )
    left_out = Avoid(stops=avoid.stops, unread=avoid.unread)
    halves = [list(examined(small, left_out, share=Share(number, 2))) for number in range(2)]
    either = zip(*([item for item in half if isinstance(item, tuple)] for half in halves), strict=True)
    assert [row for first, second in either for row in first or second] == rows


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file system with twelve archives of one member each."""
    need("mkfs.ext2")
    folder = tmp_path_factory.mktemp("packed")
    (folder / "tree").mkdir()
    for number in range(12):
        with ZipFile(folder / "tree" / f"{number:02}.zip", "w") as archive:
            archive.writestr("member.txt", f"content {number}")
    path = folder / "packed.raw"
    run("mkfs.ext2", "-q", "-I", "128", "-d", folder / "tree", blank(path, 2 << 20))
    return path


@pytest.mark.parametrize("deaths", [1, MAX_UNREAD + 1])
def test_an_archive_that_ends_the_reader_is_left_out_and_the_others_are_opened(packed: Path, deaths: int) -> None:
    whole = [row for row in rows_of(list(examined(packed, archives=True))) if row[PATH].endswith(".zip")]
    deadly = {row[ID] for row in whole[:deaths]}
    found, _ = with_deaths(packed, lambda place: place.volume_id == f"v0{MARK}" and place.index in deadly)
    rows = rows_of(found)
    archives = [row for row in rows if row[PATH].endswith(".zip")]
    assert [row[:NOTE] for row in archives] == [row[:NOTE] for row in whole]
    notes = [row[NOTE] for row in archives]
    assert notes[:deaths] == ["the archive is not opened: the reading process ended (signal 11)"] * deaths
    rest = None if deaths == 1 else "the archive is not opened: too many before it ended the reading process"
    assert notes[deaths:] == [rest] * (12 - deaths)
    assert sum(row[PATH].endswith("/member.txt") for row in rows) == (11 if deaths == 1 else 0)
    (said,) = [item.what for item in found if isinstance(item, Problem)]
    assert said.startswith(f"{deaths} archive{'' if deaths == 1 else 's'} of this volume ended the reading process")


def test_a_content_that_is_left_out_says_why_and_changes_nothing_else(plain: Path, of_plain: tuple[Any, ...]) -> None:
    whole = rows_of(of_plain)
    left = Unread(volume_id="v0", flush=2, index=5, why="signal 11")
    rows = rows_of(list(examined(plain, Avoid(unread=(left,)))))
    assert len(rows) == len(whole)
    different = [(old, new) for old, new in zip(whole, rows, strict=True) if old != new]
    assert len(different) == 1
    old, new = different[0]
    assert old[: SHA256 - 1] == new[: SHA256 - 1]
    assert (new[SHA256], new[NOTE]) == (None, "content not read: the reading process ended (signal 11)")


def test_batches_of_an_earlier_attempt_come_empty_and_the_others_as_they_were(
    plain: Path, of_plain: tuple[Any, ...]
) -> None:
    whole = [item for item in of_plain if isinstance(item, tuple)]
    assert len(whole) == 3
    again = [item for item in examined(plain, Avoid(done_batches=2)) if isinstance(item, tuple)]
    assert again == [(), (), whole[2]]


def test_a_listing_that_is_stopped_ends_after_the_batches_that_were_there(
    plain: Path, of_plain: tuple[Any, ...]
) -> None:
    stop = Stop(volume_id="v0", step=LIST, batches=1, why="signal 11")
    found = list(examined(plain, Avoid(stops=(stop,))))
    assert [item for item in found if isinstance(item, tuple)] == [
        item for item in of_plain if isinstance(item, tuple)
    ][:1]
    assert [item.what for item in found if isinstance(item, Problem)] == [
        "The listing of this volume stops here, entries are missing: the reading process ended (signal 11)."
    ]


@pytest.mark.parametrize(
    ("step", "words"), [(LOOK, "What this volume holds is not known"), (OPEN, "its files are not listed")]
)
def test_a_volume_that_cannot_be_looked_into_is_shown_with_the_reason(plain: Path, step: str, words: str) -> None:
    stop = Stop(volume_id="v0", step=step, batches=0, why="signal 11")
    found = list(examined(plain, Avoid(stops=(stop,))))
    assert [item.id for item in found if isinstance(item, Volume)] == ["v0"]
    assert rows_of(found) == []
    (problem,) = [item for item in found if isinstance(item, Problem)]
    assert words in problem.what
    assert "signal 11" in problem.what


def test_a_place_comes_back_from_its_text_and_nonsense_does_not() -> None:
    place = Place(volume_id="v0.p1.lv a b", step=READ, flush=7, index=12)
    assert place_of(place.text()) == place
    for text in (
        "",
        "read",
        "read 1 2",
        "read 1 2 ",
        "read a 2 v0",
        "jump 0 0 v0",
        "read ² 1 v0",
        f"read {9**99} 1 v0",
    ):
        assert place_of(text) is None


def test_after_some_contents_no_others_of_the_volume_are_read_and_nothing_is_tried_twice() -> None:
    avoid: Avoid | None = NOTHING
    for index in range(MAX_UNREAD):
        assert avoid is not None
        avoid = avoid.after(Place(volume_id="v1", step=READ, flush=3, index=index), 4, "why")
    assert avoid is not None
    assert [unread.index for unread in avoid.unread] == list(range(MAX_UNREAD))
    further = avoid.after(Place(volume_id="v1", step=READ, flush=3, index=99), 5, "why")
    assert further is not None
    assert further.stops == (Stop(volume_id="v1", step=READ, batches=5, why="why", flush=3, index=99),)
    assert further.done_batches == 5
    assert further.after(Place(volume_id="v1", step=READ, flush=3, index=99), 6, "why") is None
    sooner = further.after(Place(volume_id="v1", step=READ, flush=2, index=120), 6, "of a second process")
    assert sooner is not None
    assert [(stop.flush, stop.index) for stop in sooner.stops] == [(2, 120)]
    assert avoid.after(Place(volume_id="v1", step=READ, flush=3, index=0), 4, "why") is None
    assert avoid.after(Place(volume_id="v1", step=DIGEST), 4, "why") is not None
    assert further.after(Place(volume_id="v2", step=READ, flush=9, index=1), 6, "why") is not None


def test_after_many_contents_in_all_each_further_volume_has_those_up_to_the_first_that_ends_a_process() -> None:
    avoid: Avoid | None = NOTHING
    for number in range(MAX_UNREAD_OF_ALL):
        assert avoid is not None
        avoid = avoid.after(Place(volume_id=f"v{number // 4}", step=READ, flush=number, index=0), number, "why")
    assert avoid is not None
    assert (len(avoid.unread), avoid.stops) == (MAX_UNREAD_OF_ALL, ())
    further = avoid.after(Place(volume_id="v99", step=READ, flush=99, index=7), 99, "why")
    assert further is not None
    assert [(stop.volume_id, stop.step, stop.index) for stop in further.stops] == [("v99", READ, 7)]


def test_an_examination_that_finds_less_than_was_kept_of_it_has_to_begin_anew(tmp_path: Path) -> None:
    image = ext(tmp_path / "disk.dd", source_tree(tmp_path / "tree"))
    with pytest.raises(ExaminationChangedError):
        list(examine_isolated([image], hash_files=False, avoid=Avoid(done_batches=50)))


@pytest.fixture(scope="module", params=["mkfs.ext2", "mksquashfs"])
def folders(request: pytest.FixtureRequest, plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same tree in file systems that The Sleuth Kit reads and that we read."""
    if request.param == "mkfs.ext2":
        return plain
    need("mksquashfs")
    path = tmp_path_factory.mktemp("squashed") / "plain.squashfs"
    run("mksquashfs", plain.parent / "tree", path, "-quiet", "-no-progress", "-processors", "1")
    return path


@pytest.mark.parametrize("deaths", [{2}, {4}, {1}, {3, 5}])
def test_a_directory_that_ends_the_reader_is_left_out_and_named_and_the_others_are_listed(
    folders: Path, deaths: set[int]
) -> None:
    whole = rows_of(list(examined(folders)))
    found, avoid = with_deaths(folders, lambda place: place.step == LIST and place.index in deaths)
    rows = rows_of(found)
    assert [row[ID] for row in rows] == list(range(1, len(rows) + 1))
    said = [item for item in found if isinstance(item, Problem)]
    assert len(said) == len(deaths) == len(avoid.unlisted)
    assert all("entries are missing: the reading process ended (signal 11)." in one.what for one in said)
    assert all(one.what.startswith("The directory /") and one.is_damage for one in said)
    is_by_sleuthkit = folders.suffix != ".squashfs"
    assert all(one.what.endswith("stand among the orphans.") == is_by_sleuthkit for one in said)
    left_out = {one.what.split(" is not listed")[0].removeprefix("The directory ").rstrip("/") for one in said}
    missing = {str(row[PATH]) for row in whole} - {str(row[PATH]) for row in rows}
    assert {path.rpartition("/")[0] for path in missing if path.rpartition("/")[0] not in missing} <= left_out
    assert avoid.stops == ()


def test_a_directory_is_listed_as_far_as_it_was_when_the_reader_ended_in_the_middle_of_it(plain: Path) -> None:
    whole = [item for item in examined(plain) if isinstance(item, tuple)]
    within = next(number for number in range(1, 9) if is_cut_in(plain, number))
    left = Unlisted(volume_id="v0", index=within, batches=1, why="signal 11")
    found = list(examined(plain, Avoid(unlisted=(left,))))
    assert next(item for item in found if isinstance(item, tuple)) == whole[0]
    (said,) = [item.what for item in found if isinstance(item, Problem)]
    assert "is not listed to its end, entries are missing: the reading process ended (signal 11)." in said
    assert len(rows_of(found)) < len(rows_of(whole))


def is_cut_in(path: Path, number: int) -> bool:
    """Whether the first batch ends in the directory of this number."""
    avoid = Avoid(unlisted=(Unlisted(volume_id="v0", index=number, batches=1, why="signal 11"),))
    return any("to its end" in item.what for item in examined(path, avoid) if isinstance(item, Problem))


def test_with_one_directory_too_many_that_ended_the_reader_the_listing_of_the_volume_ends() -> None:
    avoid: Avoid | None = NOTHING
    for number in range(1, MAX_UNLISTED + 2):
        assert avoid is not None
        avoid = avoid.after(Place(volume_id="v0", step=LIST, index=number), number, "signal 11")
    assert avoid is not None
    assert [one.index for one in avoid.unlisted] == list(range(1, MAX_UNLISTED + 1))
    assert [(stop.step, stop.batches) for stop in avoid.stops] == [(LIST, MAX_UNLISTED + 1)]
    assert avoid_of(avoid.text(), MAX_UNLISTED + 1) == avoid
