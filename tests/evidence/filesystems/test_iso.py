"""ISO 9660: every tree of a disc, as isoinfo and the files that went in have it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import UnreadableRegionError
from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.iso import IsoTree, descriptors
from evidence.filesystems.reading import FileReader
from evidence.images.base import Problem
from evidence.keys import NO_KEYS
from evidence.shares import Share
from evidence.volumes.base import Volume
from evidence.volumes.iso9660 import open_iso9660
from evidence.volumes.layers import ALONE
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.iso_builder import NOON, NOON_NS, disc, record
from tests.evidence.made_images import need, run, source_tree


def of_volume(found: dict[str, Any], volume: str) -> dict[str, dict[str, Any]]:
    return {row["path"]: row for row in found["rows"] if row["volume_id"] == volume}


def tree_of(path: Path, index: int = 0) -> tuple[IsoTree, dict[str, dict[str, Any]], list[Problem]]:
    """A tree, its rows by path, and problems."""
    image = PlainImage(path)
    tree = IsoTree(image, descriptors(image)[0][index])
    rows: dict[str, dict[str, Any]] = {}
    problems = []
    ids = iter(range(1, 1_000_000))
    for item in tree.lister("v0", ids.__next__, None, lambda count: None, Share()).run():
        if isinstance(item, Problem):
            problems.append(item)
        else:
            rows |= {row[5]: dict(zip(FILE_COLUMNS, row, strict=True)) for row in item}
    return tree, rows, problems


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Names, depths and links that ISO 9660 alone cannot hold."""
    tree = source_tree(tmp_path / "tree")
    deep = tree.joinpath(*"abcdefghij")
    deep.mkdir(parents=True)
    (deep / "below.txt").write_bytes(b"deep down")
    (tree / ("long" * 50)).write_bytes(b"long")
    (tree / "link").symlink_to("docs/large.bin")
    (tree / "far").symlink_to("/usr/../" + "x" * 120 + "/./" + "y" * 60)
    os.utime(tree / "hello.txt", (1_000_000_000, 1_100_000_000))
    return tree


def test_the_tree_with_rock_ridge_names_is_that_of_isoinfo_and_of_the_files(tmp_path: Path, folder: Path) -> None:
    need("genisoimage", "isoinfo")
    path = tmp_path / "x.iso"
    run("genisoimage", "-quiet", "-R", "-o", path, folder)
    rows = of_volume(document(PlainImage(path)), "v0.rock_ridge")
    listed = set(run("isoinfo", "-R", "-f", "-i", path).splitlines())
    assert set(rows) - {"/rr_moved"} == {f"/{file.relative_to(folder)}" for file in folder.rglob("*")}
    assert {name for name in rows if name.count("/") < 6} - {"/rr_moved"} <= listed
    for file in folder.rglob("*"):
        row = rows[f"/{file.relative_to(folder)}"]
        if file.is_symlink():
            assert (row["kind"], row["link_target"]) == ("link", os.readlink(file))  # noqa: PTH115 - a Path would drop a dot
        elif file.is_dir():
            assert row["kind"] == "directory"
        else:
            assert row["sha256"] == hashlib.sha256(file.read_bytes()).digest()
            assert row["modified_ns"] // 10**9 == int(file.stat().st_mtime)


def test_the_joliet_tree_is_that_of_isoinfo(tmp_path: Path, folder: Path) -> None:
    need("genisoimage", "isoinfo")
    path = tmp_path / "x.iso"
    shutil.rmtree(folder / "a")
    shutil.rmtree(folder / "docs" / "deep")  # isoinfo cannot print its name
    run("genisoimage", "-quiet", "-J", "-joliet-long", "-R", "-o", path, folder)
    image = PlainImage(path)
    index = [descriptor.kind for descriptor in descriptors(image)[0]].index("joliet")
    _, rows, problems = tree_of(path, index)
    assert set(rows) == set(run("isoinfo", "-J", "-f", "-i", path).splitlines())
    assert problems == []


def test_trees_that_show_different_files_are_volumes_of_their_own(tmp_path: Path, folder: Path) -> None:
    need("genisoimage")
    path = tmp_path / "x.iso"
    run("genisoimage", "-quiet", "-J", "-R", "-hide", "hello.txt", "-hide-joliet", "empty.bin", "-o", path, folder)
    found = document(PlainImage(path))
    assert "/hello.txt" not in of_volume(found, "v0.rock_ridge")
    assert "/empty.bin" in of_volume(found, "v0.rock_ridge")
    shown = {row["path"] for row in found["rows"]}
    assert {"/hello.txt", "/empty.bin"} <= shown


def test_a_directory_with_a_long_joliet_name_does_not_hide_the_main_tree(tmp_path: Path) -> None:
    need("genisoimage", "isoinfo")
    path, folder = tmp_path / "x.iso", tmp_path / "tree"
    (folder / ("n" * 80)).mkdir(parents=True)
    (folder / ("n" * 80) / "a.txt").write_bytes(b"text")
    run("genisoimage", "-quiet", "-R", "-J", "-joliet-long", "-o", path, folder)
    image = PlainImage(path)
    found = document(image)
    (remark,) = found["warnings"]
    assert remark.what.endswith("a reader of our own lists its primary tree.")
    rows = of_volume(found, "v0")
    assert set(rows) == set(run("isoinfo", "-i", path, "-f").replace(";1", "").split())
    (text,) = [row for row in rows.values() if row["kind"] == "file"]
    assert text["sha256"] == hashlib.sha256(b"text").digest()
    (whole,) = [seen for seen in examine(image, hash_files=False) if isinstance(seen, Volume) and seen.id == "v0"][:1]
    assert FileReader(image).content([whole], text["address"]).read(0, 10) == b"text"
    assert f"/{'n' * 80}/a.txt" in of_volume(found, "v0.rock_ridge")


def test_what_stands_in_another_tree_only_is_told_not_to_be_deleted(tmp_path: Path) -> None:
    need("xorriso")
    path, folder = tmp_path / "x.iso", tmp_path / "tree"
    folder.mkdir()
    for name in "abc":
        (folder / (name * 70)).write_bytes(b"")
    (folder / "full.txt").write_bytes(b"text")
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", path, folder)
    found = document(PlainImage(path))
    orphans = [row for row in found["rows"] if row["path"].startswith("/$OrphanFiles/")]
    assert orphans, "the reader finds the same empty file twice"
    assert all(row["note"].startswith("not deleted, for nothing on a disc is") for row in orphans)
    counts = next(volume for volume in found["volumes"] if volume["id"] == "v0")["file_system"]["counts"]
    assert (counts.deleted, counts.orphans) == (0, 0)
    assert counts.rows == len([row for row in found["rows"] if row["volume_id"] == "v0"])


def test_extents_that_the_main_reading_shows_one_by_one_say_so(tmp_path: Path) -> None:
    need("genisoimage")
    path, folder = tmp_path / "x.iso", tmp_path / "tree"
    folder.mkdir()
    (folder / "B.BIN").write_bytes(b"b" * 4096)
    (folder / "C.BIN").write_bytes(b"c" * 2500)
    run("genisoimage", "-quiet", "-o", path, folder)
    raw = bytearray(path.read_bytes())
    raw[raw.find(b"B.BIN;1") - 8] |= 0x80  # the flags of its record: another extent follows
    at = raw.find(b"C.BIN;1")
    raw[at : at + 7] = b"B.BIN;1"
    path.write_bytes(raw)
    rows = document(PlainImage(path))["rows"]
    parts = [row for row in rows if row["volume_id"] == "v0" and row["path"] == "/B.BIN"]
    assert [row["size_bytes"] for row in parts] == [4096, 2500]
    assert all(row["note"].startswith("one extent of a file that has several") for row in parts)
    (whole,) = [row for row in rows if row["volume_id"] == "v0.primary" and row["path"] == "/B.BIN"]
    assert whole["sha256"] == hashlib.sha256(b"b" * 4096 + b"c" * 2500).digest()


def test_a_plain_tree_is_shown_once(tmp_path: Path, folder: Path) -> None:
    need("genisoimage")
    path = tmp_path / "x.iso"
    shutil.rmtree(folder / "a")
    run("genisoimage", "-quiet", "-o", path, folder)
    found = document(PlainImage(path))
    assert [volume["id"] for volume in found["volumes"]] == ["v0"]
    assert "/DOCS/LARGE.BIN" in of_volume(found, "v0")


def test_trees_with_the_same_names_over_other_bytes_are_all_shown(tmp_path: Path) -> None:
    joliet = record("A.TXT;1".encode("utf-16-be"), 25, 3)
    path = disc(tmp_path / "x.iso", record(b"A.TXT;1", 24, 3), joliet, b"abc".ljust(2048, b"\0") + b"xyz")
    found = document(PlainImage(path))
    digests = {row["md5"] for row in found["rows"] if row["path"] == "/A.TXT"}
    assert digests == {hashlib.md5(text, usedforsecurity=False).digest() for text in (b"abc", b"xyz")}


def test_earlier_sessions_keep_their_files(tmp_path: Path) -> None:
    need("xorriso")
    path = tmp_path / "x.iso"
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_bytes(b"first")
    second.write_bytes(b"second")
    run("xorriso", "-dev", path, "-map", first, "/first.txt", "-commit", "-end")
    run("xorriso", "-dev", path, "-rm", "/first.txt", "--", "-map", second, "/second.txt", "-commit", "-end")
    found = document(PlainImage(path))
    rows = [row for row in found["rows"] if row["volume_id"] != "v0"]
    by_volume: dict[str, set[str]] = {}
    for row in rows:
        by_volume.setdefault(row["volume_id"], set()).add(row["path"])
    assert {"/second.txt"} in by_volume.values()
    assert {"/first.txt"} in by_volume.values()
    (gone,) = [row for row in rows if row["path"] == "/first.txt"]
    assert gone["sha256"] == hashlib.sha256(b"first").digest()


def test_a_file_in_several_extents_is_one_content(tmp_path: Path) -> None:
    content = os.urandom(2048 + 2048 + 100)
    records = record(b"B.BIN;1", 26, 100, 0x80) + record(b"B.BIN;1", 24, 2048, 0x80) + record(b"B.BIN;1", 25, 2048)
    path = disc(tmp_path / "x.iso", records, content=content)
    tree, rows, problems = tree_of(path)
    whole = content[4096:] + content[:4096]
    assert rows["/B.BIN"]["size_bytes"] == len(whole)
    assert tree.content(rows["/B.BIN"]["address"]).read(0, 1 << 20) == whole
    assert tree.content(rows["/B.BIN"]["address"]).read(90, 2060) == whole[90:2150]
    assert problems == []


def test_what_is_interleaved_is_refused_in_words(tmp_path: Path) -> None:
    _, rows, _ = tree_of(disc(tmp_path / "x.iso", record(b"I.BIN;1", 24, 3, unit=1, gap=1), content=b"abc"))
    assert "interleaved" in rows["/I.BIN"]["note"]


def test_fields_that_disagree_are_said(tmp_path: Path) -> None:
    path = disc(tmp_path / "x.iso", record(b"A.TXT;1", 24, 3, big_block=25), content=b"abc".ljust(4096, b"\0"))
    layer = open_iso9660(PlainImage(path), NO_KEYS, ALONE)
    assert layer is not None
    _, _, problems = tree_of(path)
    assert [problem.what for problem in (*problems,)] == [
        "Of A.TXT the extent begins at block 24 by its little-endian and at 25 by its big-endian field; "
        "the little-endian one is followed."
    ]


@pytest.mark.parametrize(("zone", "shift_s"), [(0, 0), (8, -7200), (256 - 20, 18000)])
def test_a_time_is_put_to_utc_by_the_zone_of_its_record(tmp_path: Path, zone: int, shift_s: int) -> None:
    recorded = NOON[:6] + bytes((zone,))
    tree, rows, _ = tree_of(disc(tmp_path / "x.iso", record(b"A.TXT;1", 24, 0, recorded=recorded)))
    assert rows["/A.TXT"]["created_ns"] == NOON_NS + shift_s * 10**9
    assert [(rule.field, rule.basis) for rule in tree.time_rules("v0")] == [("created", "utc")]


def test_the_main_reading_tells_each_time_in_utc_by_the_zone_of_its_own_record(tmp_path: Path) -> None:
    need("genisoimage", "istat")
    zones = {"A.TXT": 8, "B.TXT": 256 - 20, "C.TXT": 0, "D.TXT": 53}
    (tmp_path / "tree").mkdir()
    for name in zones:
        (tmp_path / "tree" / name).write_bytes(b"abc")
    run("genisoimage", "-quiet", "-o", tmp_path / "x.iso", tmp_path / "tree")
    raw = bytearray((tmp_path / "x.iso").read_bytes())
    for name, zone in zones.items():
        at = raw.index(f"{name};1".encode()) - 33 + 18
        raw[at : at + 7] = NOON[:6] + bytes((zone,))
    (tmp_path / "x.iso").write_bytes(raw)
    found = document(PlainImage(tmp_path / "x.iso"), hash_files=False)
    rows = {row["path"]: row for row in found["rows"] if row["volume_id"] == "v0"}
    for name, clock in (("A", "10:00:03.000000000Z (UTC+02:00)"), ("B", "17:00:03.000000000Z (UTC-05:00)")):
        assert rows[f"/{name}.TXT"]["note"] == (
            f"in UTC, by the zone recorded in its entry: created 2022-06-01T{clock}"
        )
    assert "T12:00:03.000000000Z (UTC+00:00)" in rows["/C.TXT"]["note"]
    assert rows["/D.TXT"]["note"] == "the zone recorded with its time is none: UTC+13:15"
    assert {row["created_ns"] for path, row in rows.items() if path.endswith(".TXT")} == {NOON_NS}
    assert "2022-06-01 12:00:03 (UTC)" in run("istat", "-z", "UTC", tmp_path / "x.iso", rows["/A.TXT"]["address"])


def test_an_impossible_time_is_left_out_and_said(tmp_path: Path) -> None:
    for recorded in (bytes((122, 13, 1, 0, 0, 0, 0)), NOON[:6] + b"\x7f"):
        _, rows, _ = tree_of(disc(tmp_path / "x.iso", record(b"A.TXT;1", 24, 0, recorded=recorded)))
        assert rows["/A.TXT"]["created_ns"] is None
        assert "impossible time" in rows["/A.TXT"]["note"]


def test_directories_and_continuations_that_lead_back_end_in_words(tmp_path: Path) -> None:
    own = b"SP\x07\x01\xbe\xef\x00"
    chain = b"CE\x1c\x01" + b"".join(value.to_bytes(4, "little") + value.to_bytes(4, "big") for value in (24, 0, 28))
    records = record(b"LOOP", 20, 2048, 2) + record(b"A.TXT;1", 24, 0, more=chain)
    path = disc(tmp_path / "x.iso", records, content=chain, own=own)
    _, rows, problems = tree_of(path)
    assert "lead back" in rows["/A.TXT"]["note"]
    assert any("leads back" in problem.what for problem in problems)


def test_no_flipped_byte_is_more_than_words(tmp_path: Path, folder: Path) -> None:
    need("genisoimage")
    path = tmp_path / "x.iso"
    (folder / "docs" / "large.bin").unlink()
    run("genisoimage", "-quiet", "-J", "-R", "-no-pad", "-o", path, folder)
    whole = path.read_bytes()
    used = [at for at in range(32768, len(whole)) if whole[at]]
    dice = random.Random(11)
    for _ in range(60):
        raw = bytearray(whole)
        for at in dice.sample(used, 6):
            raw[at] = dice.randrange(256)
        path.write_bytes(raw[: dice.choice((len(raw), dice.randrange(32768, len(raw))))])
        image = PlainImage(path)
        for descriptor in descriptors(image)[0]:
            with contextlib.suppress(OSError, UnreadableRegionError):
                tree = IsoTree(image, descriptor)
                for item in tree.lister("v0", iter(range(1, 10**6)).__next__, None, lambda count: None, Share()).run():
                    for row in () if isinstance(item, Problem) else item:
                        with contextlib.suppress(*UNREADABLE):
                            tree.content(row[12]).read(0, 1 << 16)
