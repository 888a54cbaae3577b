"""Every entry of file systems made by the tools of the operating systems, as Debian's Sleuth Kit lists them."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import ext, fat, fls, ntfs, run, source_tree

KINDS = ["ext2", "ext3", "ext4", "fat12", "fat16", "fat32", "ntfs"]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return source_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> dict[str, Any]:
    return {"folder": tmp_path_factory.mktemp("made"), "tree": tree}


def image_of(kind: str, made: dict[str, Any]) -> Path:
    path: Path = made["folder"] / f"{kind}.raw"
    if not path.exists():
        if kind.startswith("ext"):
            ext(path, made["tree"], kind)
        elif kind.startswith("fat"):
            fat(path, made["tree"], int(kind[3:]))
        else:
            ntfs(path, made["tree"])
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_paths_addresses_and_deletions_are_those_of_fls(kind: str, made: dict[str, Any]) -> None:
    path = image_of(kind, made)
    files = document(PlainImage(path), hash_files=False)["files"]
    got = Counter((f["path"].lstrip("/"), f["address"], not f["allocated"]) for f in files)
    wanted = Counter(fls(path))
    assert wanted - got == Counter()
    assert {address for _, address, _ in got - wanted} <= {"9", "24", "25", "26"}  # named streams only, in NTFS


@pytest.mark.parametrize("kind", KINDS)
def test_contents_have_the_digests_of_the_files_that_went_in(kind: str, made: dict[str, Any]) -> None:
    rows = {row["name"]: row for row in document(PlainImage(image_of(kind, made)))["rows"] if row["allocated"]}
    for file in made["tree"].rglob("*"):
        if file.is_file() and file.name != "gone.txt":
            content, row = file.read_bytes(), rows[file.name]
            assert row["size_bytes"] == len(content)
            assert row["md5"] == hashlib.md5(content, usedforsecurity=False).digest()
            assert row["sha256"] == hashlib.sha256(content).digest()
            assert row["note"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_system_says_what_fsstat_and_blkid_say(kind: str, made: dict[str, Any]) -> None:
    path = image_of(kind, made)
    (volume,) = document(PlainImage(path), hash_files=False)["volumes"]
    system = volume["file_system"]
    blkid = dict(line.split("=", 1) for line in run("blkid", "-p", "-o", "export", path).splitlines())
    assert system["type"] == kind
    assert system["label"] == blkid["LABEL"].replace("\\ ", " ")
    assert system["serial"] == blkid["UUID"]
    assert system["counts"].files + system["counts"].directories > 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_counts_are_those_of_the_rows(kind: str, made: dict[str, Any]) -> None:
    found = document(PlainImage(image_of(kind, made)), hash_files=False)
    rows, counts = found["rows"], found["volumes"][0]["file_system"]["counts"]
    assert counts.rows == len(rows)
    assert counts.deleted == sum(not row["allocated"] for row in rows)
    assert counts.directories == sum(row["allocated"] and row["kind"] == "directory" for row in rows)


@pytest.mark.parametrize("kind", KINDS)
def test_a_parent_comes_before_its_children_and_names_their_path(kind: str, made: dict[str, Any]) -> None:
    seen: dict[int, str] = {}
    for row in document(PlainImage(image_of(kind, made)), hash_files=False)["rows"]:
        assert row["path"] == f"{seen[row['parent_id']] if row['parent_id'] else ''}/{row['name']}"
        seen[row["id"]] = row["path"]
    assert sorted(seen) == list(range(1, len(seen) + 1))


def test_a_link_says_where_it_leads(made: dict[str, Any]) -> None:
    rows = document(PlainImage(image_of("ext4", made)), hash_files=False)["rows"]
    assert [(row["path"], row["link_target"]) for row in rows if row["kind"] == "link"] == [
        ("/link.txt", "docs/large.bin")
    ]


def test_an_alternate_data_stream_is_an_entry_beside_its_file(made: dict[str, Any]) -> None:
    rows = {row["path"]: row for row in document(PlainImage(image_of("ntfs", made)))["rows"]}
    stream, file = rows["/hello.txt:secret"], rows["/hello.txt"]
    assert (stream["kind"], stream["size_bytes"], stream["sha256"]) == (
        "stream",
        6,
        hashlib.sha256(b"hello\n").digest(),
    )
    assert stream["parent_id"] == file["parent_id"]


def test_a_name_that_is_no_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    source_tree(folder)
    (folder / "x").mkdir()
    with open(bytes(folder / "x") + b"/bad\xff\xfe", "wb") as file:  # noqa: PTH123 - a Path cannot name it
        file.write(b"1")
    rows = document(PlainImage(ext(tmp_path / "bytes.raw", folder)), hash_files=False)["rows"]
    (row,) = [row for row in rows if row["path"].startswith("/x/")]
    assert (row["name"], row["name_bytes"]) == ("bad\ufffd\ufffd", b"bad\xff\xfe")


def test_control_characters_stay_in_names(tmp_path: Path) -> None:
    folder = source_tree(tmp_path / "tree")
    (folder / "tab\tand\x01.txt").write_bytes(b"1")
    rows = document(PlainImage(ext(tmp_path / "control.raw", folder)), hash_files=False)["rows"]
    assert "/tab\tand\x01.txt" in {row["path"] for row in rows}
