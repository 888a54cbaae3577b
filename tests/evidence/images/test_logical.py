"""Folders and archives as logical evidence."""

from __future__ import annotations

import hashlib
import os
import socket
import tarfile
import zipfile
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import NotAnImageError, SourceChangedError, UnreadableContentError, UnsupportedContainerError
from evidence.filesystems.base import FileSystem
from evidence.filesystems.reading import FileReader
from evidence.images import open_image
from evidence.images.logical import open_logical
from evidence.volumes.base import Volume
from tests.evidence.documents import document
from tests.evidence.made_images import source_tree

WHOLE = Volume(id="v0", parent=None, kind="whole", start_bytes=0, length_bytes=0, description="")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tree = source_tree(tmp_path / "tree")
    (tree / "link").symlink_to("docs")
    os.mkfifo(tree / "pipe")
    (Path(os.fsencode(tree).decode()) / os.fsdecode(b"b\xffd")).write_bytes(b"odd name")
    os.utime(tree / "hello.txt", ns=(1_100_000_000_123_456_789, 1_000_000_000_987_654_321))
    return tree


def files_of(folder: Path) -> dict[str, str]:
    return {
        "/" + os.fsencode(path.relative_to(folder)).decode(errors="replace"): hashlib.md5(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.is_relative_to(folder / "link")
    }


def in_media_order(folder: Path) -> bytes:
    """The contents as the definition of the media says."""
    names = sorted(folder.iterdir(), key=os.fsencode)
    here = b"".join(path.read_bytes() for path in names if path.is_file() and not path.is_symlink())
    return here + b"".join(in_media_order(path) for path in names if path.is_dir() and not path.is_symlink())


def test_a_folder_has_its_files_and_a_media_that_can_be_digested_again(folder: Path) -> None:
    image = open_logical([folder])
    found = document(image)
    assert {f["path"]: f["md5"] for f in found["files"] if f["md5"]} == files_of(folder)
    rows = {row["path"]: row for row in found["rows"]}
    assert (rows["/link"]["kind"], rows["/link"]["link_target"]) == ("link", "docs")
    assert rows["/pipe"]["kind"] == "fifo"
    assert rows["/b\ufffdd"]["name_bytes"] == b"b\xffd"
    assert rows["/hello.txt"]["modified_ns"] == 1_000_000_000_987_654_321
    assert rows["/hello.txt"]["accessed_ns"] == 1_100_000_000_123_456_789
    assert (image.container, image.media_bytes) == ("logical", len(in_media_order(folder)))
    assert image.read_at(0, image.media_bytes) == in_media_order(folder)
    assert hash_media(image).digests["md5"] == hashlib.md5(in_media_order(folder)).digest()
    content = FileReader(image).content([WHOLE], rows["/docs/large.bin"]["address"])
    assert content.read(1000, 5000) == (folder / "docs" / "large.bin").read_bytes()[1000:6000]
    with pytest.raises(UnreadableContentError):
        FileReader(image).content([WHOLE], rows["/pipe"]["address"])
    image.close()


def test_reading_a_folder_leaves_its_times_of_access(folder: Path) -> None:
    paths = [path for path in (folder, *folder.rglob("*")) if not path.is_symlink()]  # a link is read by its text
    for path in paths:
        os.utime(path, ns=(1, 2))
    before = [path.lstat().st_atime_ns for path in paths]
    image = open_logical([folder])
    hash_media(image)
    document(image)
    image.close()
    assert [path.lstat().st_atime_ns for path in paths] == before


def test_a_socket_is_listed_and_not_opened(folder: Path) -> None:
    held = socket.socket(socket.AF_UNIX)
    held.bind(str(folder / "socket"))
    image = open_logical([folder])
    rows = {row["path"]: row for row in document(image)["rows"]}
    assert (rows["/socket"]["kind"], rows["/socket"]["md5"]) == ("socket", None)
    held.close()
    image.close()


def test_a_file_that_is_written_to_is_refused_when_it_is_opened_again(folder: Path) -> None:
    for number in range(60):
        (folder / f"{number:03}").write_bytes(b"before")
    image = open_logical([folder])
    rows = {row["path"]: row for row in document(image, hash_files=False)["rows"]}
    (folder / "000").write_bytes(b"after!")
    with pytest.raises((SourceChangedError, UnreadableContentError)):
        FileReader(image).content([WHOLE], rows["/000"]["address"]).read(0, 6)
    image.close()


def test_an_empty_folder_has_no_media(tmp_path: Path) -> None:
    image = open_logical([tmp_path])
    assert (image.media_bytes, image.read_at(0, 10), document(image)["files"]) == (0, b"", [])
    image.close()


def test_archives_are_evidence_only_where_that_was_asked_for(folder: Path, tmp_path: Path) -> None:
    (folder / "pipe").unlink()
    (folder / os.fsdecode(b"b\xffd")).unlink()
    (folder / "link").unlink()
    with tarfile.open(tmp_path / "made.tar.gz", "w:gz") as tar, zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        for path in folder.rglob("*"):
            tar.add(path, path.relative_to(folder), recursive=False)
            archive.write(path, path.relative_to(folder))
    for name, kind in (("made.tar.gz", "tar"), ("made.zip", "zip")):
        with pytest.raises(NotAnImageError):
            open_image([tmp_path / name])
        image = open_logical([tmp_path / name])
        found = document(image)
        assert {f["path"]: f["md5"] for f in found["files"] if f["md5"]} == files_of(folder)
        assert found["volumes"][0]["file_system"]["type"] == kind
        assert image.read_at(0, image.media_bytes) == (tmp_path / name).read_bytes()
        image.close()
    with pytest.raises(NotAnImageError, match="a folder"):
        open_image([folder])


def test_what_is_neither_folder_nor_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    with pytest.raises(NotAnImageError, match="no directory of members"):
        open_logical([tmp_path / "text"])
    with pytest.raises(UnsupportedContainerError):
        open_logical([tmp_path, tmp_path])


def test_the_kind_of_a_folder_is_its_file_system(folder: Path) -> None:
    image = open_logical([folder])
    assert image.tree.facts == FileSystem(type="folder", block_bytes=None, label="tree", serial=None)
    image.close()
