from __future__ import annotations

import gzip
import hashlib
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import UnreadableContentError
from evidence.examination import examine_isolated
from evidence.examine import examine
from evidence.filesystems.archives import Archives, Limits
from evidence.filesystems.base import FILE_COLUMNS, TimeRule
from evidence.filesystems.reading import FileReader
from evidence.filesystems.sleuthkit import open_by_trial
from evidence.filetype import TypeFinder
from evidence.images.base import Problem
from evidence.images.opening import open_image
from evidence.volumes.base import Volume
from tests.evidence.made_images import need, run

TEXT = b"The quick brown fox jumps over the lazy dog.\n" * 100


class Seen:
    """An examination, by what it yielded."""

    def __init__(self, image: Path, *, with_archives: bool = True) -> None:
        opened = open_image([image])
        self.items = list(examine(opened, hash_files=True, archives=with_archives))
        opened.close()
        self.volumes = {item.id: item for item in self.items if isinstance(item, Volume)}
        self.rules = {(r.volume_id, r.field): r for r in self.items if isinstance(r, TimeRule)}
        self.problems = [item.what for item in self.items if isinstance(item, Problem)]
        batches = [item for item in self.items if isinstance(item, tuple)]
        self.rows = [dict(zip(FILE_COLUMNS, row, strict=True)) for batch in batches for row in batch]
        self.by_path = {row["path"]: row for row in self.rows}

    def members(self, archive: str) -> dict[str, dict[str, Any]]:
        return {path[len(archive) + 1 :]: row for path, row in self.by_path.items() if path.startswith(f"{archive}/")}


@pytest.fixture
def image_with(tmp_path: Path) -> Callable[..., Path]:
    need("mke2fs")

    def make(**files: bytes | Path) -> Path:
        folder, image = tmp_path / "tree", tmp_path / "image.raw"
        folder.mkdir()
        for name, content in files.items():
            data = content.read_bytes() if isinstance(content, Path) else content
            (folder / name.replace("__", ".")).write_bytes(data)
        image.unlink(missing_ok=True)
        run("mke2fs", "-q", "-t", "ext4", "-d", folder, image, "64M")
        return image

    return make


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)
    return out.getvalue()


def tarred(**members: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, content in members.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size, info.mtime = len(content), 1_700_000_000
            file.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "source" / "docs" / "old"
    inner.mkdir(parents=True)
    (inner / "letter.txt").write_bytes(TEXT)
    (inner.parent / "noise.bin").write_bytes(os.urandom(70_000))
    return tmp_path / "source"


@pytest.mark.parametrize(
    ("ending", "command"),
    [
        ("7z", ("7z", "a", "-bd")),
        ("zip", ("7z", "a", "-bd", "-tzip")), ("zip", ("zip", "-q", "-r")), ("tar", ("tar", "-cf")),
        ("tgz", ("tar", "-czf")), ("tbz2", ("tar", "-cjf")), ("txz", ("tar", "-cJf")),
    ],
)  # fmt: skip
def test_members_are_listed_beneath_their_archive_as_the_tool_unpacks_them(
    ending: str, command: tuple[str, ...], folder: Path, tmp_path: Path, image_with: Callable[..., Path]
) -> None:
    need(command[0], "sh")
    made = tmp_path / f"made.{ending}"
    run("sh", "-c", f"cd '{folder}' && {' '.join(command)} '{made}' docs")
    seen = Seen(image_with(**{f"a__{ending}": made}))
    members = seen.members(f"/a.{ending}")
    assert set(members) == {"docs", "docs/old", "docs/old/letter.txt", "docs/noise.bin"}
    for name in ("docs/old/letter.txt", "docs/noise.bin"):
        content = (folder / name).read_bytes()
        row = members[name]
        assert (row["size_bytes"], row["sha256"]) == (len(content), hashlib.sha256(content).digest())
        assert row["allocated"]
    archive = seen.by_path[f"/a.{ending}"]
    assert members["docs"]["parent_id"] == archive["id"]
    assert members["docs/noise.bin"]["parent_id"] == members["docs"]["id"]
    assert members["docs"]["address"].startswith(f"{archive['address']}!")
    volume = seen.volumes[members["docs"]["volume_id"]]
    assert (volume.parent, volume.kind) == ("v0", "archive")


@pytest.mark.parametrize(("ending", "tool"), [("gz", "gzip"), ("bz2", "bzip2"), ("xz", "xz")])
def test_a_packed_file_has_one_member(ending: str, tool: str, tmp_path: Path, image_with: Callable[..., Path]) -> None:
    need(tool)
    path = tmp_path / "letter.txt"
    path.write_bytes(TEXT)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    run(tool, path)
    seen = Seen(image_with(**{f"letter__txt__{ending}": tmp_path / f"letter.txt.{ending}"}))
    (row,) = seen.members(f"/letter.txt.{ending}").values()
    assert (row["name"], row["sha256"]) == ("letter.txt", hashlib.sha256(TEXT).digest())
    assert row["modified_ns"] == (1_600_000_000 * 10**9 if ending == "gz" else None)
    assert ((row["volume_id"], "modified") in seen.rules) == (ending == "gz")


def test_times_of_a_zip_are_wall_times_of_two_seconds_unless_it_keeps_others(
    tmp_path: Path, image_with: Callable[..., Path]
) -> None:
    need("zip")
    path = tmp_path / "letter.txt"
    path.write_bytes(TEXT)
    os.utime(path, (1_600_000_001, 1_600_000_001))
    run("zip", "-q", "-j", tmp_path / "utc.zip", path)
    run("zip", "-q", "-j", "-X", tmp_path / "local.zip", path)
    seen = Seen(image_with(utc__zip=tmp_path / "utc.zip", local__zip=tmp_path / "local.zip"))
    utc, local = seen.by_path["/utc.zip/letter.txt"], seen.by_path["/local.zip/letter.txt"]
    told = [seen.rules[row["volume_id"], "modified"] for row in (utc, local)]
    assert [(rule.basis, rule.resolution_ns) for rule in told] == [("utc", 10**9), ("local", 2 * 10**9)]
    assert utc["modified_ns"] == 1_600_000_001 * 10**9
    assert abs(local["modified_ns"] - 1_600_000_001 * 10**9) <= 2 * 10**9  # the tool ran in UTC


def test_archives_in_archives_are_opened_three_deep(image_with: Callable[..., Path]) -> None:
    three = zipped(c__zip=zipped(d__zip=zipped(e__txt=TEXT)))
    seen = Seen(image_with(b__tar=tarred(b__zip=three)))
    assert set(seen.members("/b.tar")) == {"b.zip", "b.zip/c.zip", "b.zip/c.zip/d.zip"}
    assert any("/b.tar/b.zip/c.zip/d.zip lies in 3 others" in problem for problem in seen.problems)
    paths = [row["path"] for row in seen.rows]
    ids = {row["id"]: index for index, row in enumerate(seen.rows)}
    assert len(set(paths)) == len(paths) == len(ids)
    assert all(row["parent_id"] is None or ids[row["parent_id"]] < ids[row["id"]] for row in seen.rows)


def test_documents_that_are_archives_are_not_opened(image_with: Callable[..., Path]) -> None:
    word = zipped(**{"[Content_Types]__xml": b"<Types/>", "word/document__xml": b"<x/>"})
    seen = Seen(image_with(a__docx=word, b__jar=zipped(**{"META-INF/MANIFEST__MF": b"Manifest-Version: 1.0\n"})))
    assert seen.members("/a.docx") == {}
    assert set(seen.members("/b.jar")) == {"META-INF", "META-INF/MANIFEST.MF"}


def test_rows_of_the_file_system_are_the_same_with_and_without_archives(image_with: Callable[..., Path]) -> None:
    image = image_with(a__zip=zipped(x=TEXT), b__txt=TEXT)
    alone, all_rows = Seen(image, with_archives=False).rows, Seen(image).rows
    assert [row for row in all_rows if "!" not in row["volume_id"]] == alone
    assert len(all_rows) == len(alone) + 1


def test_the_answer_is_the_same_however_many_processes_share_it(tmp_path: Path) -> None:
    need("mke2fs")
    tree = tmp_path / "tree"
    for number in range(4500):
        (tree / str(number // 1500)).mkdir(parents=True, exist_ok=True)
        content = b"%%PDF-1.4 %d" % number  # of a type that is told quickly
        ending, content = ("zip", zipped(**{f"m{number}": content})) if number % 50 == 0 else ("pdf", content)
        (tree / str(number // 1500) / f"{number}.{ending}").write_bytes(content)
    image = tmp_path / "image.raw"
    run("mke2fs", "-q", "-t", "ext4", "-N", "6000", "-d", tree, image, "64M")
    alone = Seen(image)
    assert len([row for row in alone.rows if "!" in row["address"]]) == 90
    for processes in (1, 2, 3):
        assert list(examine_isolated([image], hash_files=True, archives=True, processes=processes)) == alone.items


def test_the_content_of_a_member_is_read_by_its_volume_and_address(image_with: Callable[..., Path]) -> None:
    image = image_with(b__tar=tarred(b__zip=zipped(letter__txt=TEXT)), c__gz=gzip.compress(TEXT))
    seen = Seen(image)
    opened = open_image([image])
    reader = FileReader(opened)
    for path in ("/b.tar/b.zip/letter.txt", "/c.gz/c"):
        row = seen.by_path[path]
        volumes = (seen.volumes["v0"], seen.volumes[row["volume_id"]])
        content = reader.content(volumes, row["address"])
        assert content.read(0, content.size_bytes) == TEXT
        assert content.read(50, 10) == TEXT[50:60]
        for wrong in ("!", "!!", "12!0!0!0!0!0", f"{row['address']}!0", row["address"][:-1] + "x", "99999!0"):
            with pytest.raises(UnreadableContentError):
                reader.content(volumes, wrong)
    opened.close()


def test_encrypted_members_are_listed_without_their_content(tmp_path: Path, image_with: Callable[..., Path]) -> None:
    need("zip")
    (tmp_path / "letter.txt").write_bytes(TEXT)
    run("zip", "-q", "-j", "-P", "word", tmp_path / "made.zip", tmp_path / "letter.txt")
    row = Seen(image_with(a__zip=tmp_path / "made.zip")).by_path["/a.zip/letter.txt"]
    assert (row["size_bytes"], row["sha256"]) == (len(TEXT), None)
    assert "encrypted" in row["note"]


def test_members_of_a_bomb_are_read_up_to_a_limit_and_what_is_left_out_is_said(
    image_with: Callable[..., Path],
) -> None:
    limits = Limits(least_unpacked_bytes=1 << 20, unpacked_bytes=1 << 20, members=50)
    layer = zipped(**{f"zeros{number}": bytes(300_000) for number in range(4)})
    bomb = zipped(**{f"{number}__zip": layer for number in range(30)})
    with closing(open_image([image_with(bomb__zip=bomb)])) as opened:
        (batch,) = [item for item in examine(opened, hash_files=True) if isinstance(item, tuple)]
        system = open_by_trial(opened)
        told, rows = Archives(TypeFinder(), lambda: None, limits).with_members(batch, system)
    members = [dict(zip(FILE_COLUMNS, row, strict=True)) for row in rows[len(batch) :]]
    assert len(members) == 50
    assert all(row["path"].startswith("/bomb.zip/") for row in members)
    assert sum(row["size_bytes"] for row in members if row["sha256"] is not None) <= 1 << 20
    assert any("the limit for it" in (row["note"] or "") for row in members)
    assert any("more members than are listed" in item.what for item in told if isinstance(item, Problem))


def test_what_is_unpacked_again_and_again_ends_at_a_limit_of_work_and_says_so_the_same_each_time(
    image_with: Callable[..., Path],
) -> None:
    limits = Limits(least_unpacked_bytes=1 << 20, unpacked_bytes=1 << 20, work_ratio=1)
    bomb = tarred(**{f"{number}__zip": zipped(zeros=bytes(500_000)) for number in range(40)})
    with closing(open_image([image_with(bomb__tgz=gzip.compress(bomb), plain__zip=zipped(a=TEXT))])) as opened:
        (batch,) = [item for item in examine(opened, hash_files=True) if isinstance(item, tuple)]
        system = open_by_trial(opened)
        first, second = (Archives(TypeFinder(), lambda: None, limits).with_members(batch, system) for _ in range(2))
    assert first == second
    told, rows = first
    members = {row[5]: dict(zip(FILE_COLUMNS, row, strict=True)) for row in rows[len(batch) :]}
    assert len([path for path in members if path.endswith(".zip")]) == 40
    assert members["/plain.zip/a"]["sha256"] == hashlib.sha256(TEXT).digest()
    words = "1048576 bytes were read and unpacked for this archive, the limit for it; it was stopped"
    assert any(words in item.what and item.is_damage for item in told if isinstance(item, Problem))


def test_a_packed_file_that_does_not_end_is_given_up_at_a_limit(image_with: Callable[..., Path]) -> None:
    need("bzip2")
    one = run("sh", "-c", "head -c 900000 /dev/zero | bzip2 | od -An -v -tx1")
    stream = bytes.fromhex("".join(one.split()))
    seen = Seen(image_with(bomb__bz2=stream * 1300))
    (row,) = seen.members("/bomb.bz2").values()
    assert row["sha256"] is None
    assert "cannot be unpacked" in row["note"]
    assert any("unpacks to more than 1073741824 bytes" in problem for problem in seen.problems)


def test_a_tar_with_a_huge_sparse_member_is_listed_and_not_read(
    tmp_path: Path, image_with: Callable[..., Path]
) -> None:
    need("tar", "truncate")
    run("truncate", "-s", "200G", tmp_path / "hole")
    run("tar", "-C", tmp_path, "-S", "-cf", tmp_path / "made.tar", "hole")
    row = Seen(image_with(a__tar=tmp_path / "made.tar")).by_path["/a.tar/hole"]
    assert (row["size_bytes"], row["sha256"]) == (200 << 30, None)
    assert "not " in row["note"]


def test_overlapping_members_are_listed_and_not_read(image_with: Callable[..., Path]) -> None:
    data = bytearray(zipped(a=TEXT, b=TEXT))
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)
    seen = Seen(image_with(a__zip=bytes(data)))
    named = [row for row in seen.rows if "!" in row["address"] and row["allocated"]]
    assert [row["sha256"] for row in named] == [None, None]
    assert any("share bytes" in problem for problem in seen.problems)


@pytest.mark.parametrize("step", [1, 7, 50])
def test_a_damaged_archive_is_listed_as_far_as_it_goes(step: int, image_with: Callable[..., Path]) -> None:
    files: dict[str, bytes] = {}
    for number, whole in enumerate((zipped(a=TEXT, b=TEXT), tarred(a=TEXT, b=TEXT), gzip.compress(TEXT))):
        for place in range(8, len(whole), max(1, len(whole) // 12) + step):
            damaged = bytearray(whole)
            damaged[place] ^= 0xFF
            files[f"{number}-{place}"] = bytes(damaged)
            files[f"{number}-{place}-cut"] = whole[:place]
    seen = Seen(image_with(**files))
    assert {f"/{name}" for name in files} <= set(seen.by_path)


def contradicting(members: int) -> bytes:
    """An archive whose directory gives every member another CRC than the record before it."""
    data = bytearray(zipped(**{f"m{number:03d}": b"x" for number in range(members)}))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 16] ^= 0xFF
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(data)


@pytest.mark.req("REQ-62")
def test_one_archive_cannot_bury_what_is_wrong_with_others(image_with: Callable[..., Path]) -> None:
    inner = {f"n{number}__zip": contradicting(30) for number in range(3)}
    seen = Seen(image_with(a__zip=contradicting(300), b__zip=contradicting(1), c__zip=zipped(**inner)))
    told = [[one for one in seen.problems if f"/{name}.zip" in one] for name in "abc"]
    assert [len(one) for one in told] == [21, 1, 21]  # what lies in an archive counts as of it
    assert told[0][20].startswith(
        "20 problems of this kind (two accounts of a member that differ) are told; 280 more are not, the first of "
        "them: In the archive /a.zip: The directory gives m020 the CRC-32"
    )
    assert "; 70 more are not" in told[2][20]
    assert len(seen.members("/a.zip")) == 300
