"""Contents whose mode is that of a pipe, a socket, a device, a folder or a link, and members without a name."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from evidence.examine import examine
from evidence.filesystems.archive_7z import open_7z
from evidence.filesystems.archive_tar import open_tar
from evidence.filesystems.archive_zip import open_zip
from evidence.filesystems.archives import Media, open_archive
from evidence.filesystems.base import FILE_COLUMNS
from evidence.images.opening import open_image
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.made_7z import archive, framed, property_of
from tests.evidence.filesystems.trees import Held, by_path, listed
from tests.evidence.made_images import need, run

TEXT = b"what was hidden in the pipe\n" * 50
MODES = {
    "fifo": (stat.S_IFIFO, "a named pipe"),
    "socket": (stat.S_IFSOCK, "a socket"),
    "character": (stat.S_IFCHR, "a character device"),
    "block": (stat.S_IFBLK, "a block device"),
}


def zip_of(mode: int, data: bytes, name: str = "odd") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, (mode | 0o600) << 16
        file.writestr(info, data, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def sevenzip_of(mode: int, data: bytes, name: str = "odd") -> bytes:
    whole = archive([name], [data] if data else [])
    at, length = (int.from_bytes(whole[place : place + 8], "little") for place in (12, 20))
    header = whole[32 + at : 32 + at + length - 2]
    attributes = (0x8000 | (mode | 0o600) << 16).to_bytes(4, "little")
    return framed(header + property_of(0x15, b"\x01\x00" + attributes) + b"\0\0", whole[32 : 32 + at])


@pytest.mark.parametrize("kind", MODES)
def test_a_member_with_a_content_is_a_file_whatever_its_mode_says(kind: str) -> None:
    mode, words = MODES[kind]
    for tree in (open_zip(Held(zip_of(mode, TEXT))), open_7z(Held(sevenzip_of(mode, TEXT)))):
        (row,) = by_path(tree).values()
        assert (row["kind"], row["size_bytes"]) == ("file", len(TEXT))
        assert row["sha256"] == hashlib.sha256(TEXT).digest()
        assert f"its mode is that of {words}; it holds {len(TEXT)} bytes" in row["note"]
    (row,) = by_path(open_zip(Held(zip_of(mode, b"")))).values()
    assert (row["kind"], row["size_bytes"], row["note"]) == (kind, 0, None), "one without a content stays what it is"


def test_a_mode_of_a_folder_or_a_link_conceals_no_content() -> None:
    long = TEXT * 4
    for tree in (open_zip(Held(zip_of(stat.S_IFDIR, TEXT))), open_7z(Held(sevenzip_of(stat.S_IFDIR, TEXT)))):
        (row,) = by_path(tree).values()
        assert (row["kind"], row["sha256"]) == ("file", hashlib.sha256(TEXT).digest())
        assert "its mode is that of a folder" in row["note"]
    for tree in (open_zip(Held(zip_of(stat.S_IFLNK, long))), open_7z(Held(sevenzip_of(stat.S_IFLNK, long)))):
        (row,) = by_path(tree).values()
        assert (row["kind"], row["sha256"]) == ("file", hashlib.sha256(long).digest())
        assert "its mode is that of a symbolic link" in row["note"]
    for tree in (
        open_zip(Held(zip_of(stat.S_IFLNK, b"caf\xe9"))), open_7z(Held(sevenzip_of(stat.S_IFLNK, b"caf\xe9"))),
    ):  # fmt: skip
        (row,) = by_path(tree).values()
        assert (row["kind"], row["link_target"]) == ("link", "caf\ufffd")
        assert "its target is no UTF-8; its bytes are 636166e9" in row["note"]
    rows, problems = listed(open_zip(Held(zip_of(stat.S_IFDIR, TEXT, "folder/"))))
    assert [row["kind"] for row in rows] == ["directory"]
    assert f"The folder folder is stored with a content of {len(TEXT)} bytes" in problems[0].what


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_what_stands_behind_the_header_of_a_pipe_or_device_in_a_tar_is_its_content(kind: bytes) -> None:
    def member(name: str, kind: bytes, size: int) -> bytes:
        info = tarfile.TarInfo(name)
        info.type, info.size = kind, size
        return info.tobuf(tarfile.USTAR_FORMAT)

    body = TEXT + bytes(-len(TEXT) % 512)
    behind = member("behind", tarfile.REGTYPE, 0) + bytes(1024)
    rows = by_path(open_tar(Held(member("odd", kind, len(TEXT)) + body + behind)))
    assert list(rows) == ["/odd", "/behind"]
    assert (rows["/odd"]["kind"], rows["/odd"]["sha256"]) == ("file", hashlib.sha256(TEXT).digest())
    assert "its header is that of a" in rows["/odd"]["note"]
    rows = by_path(open_tar(Held(member("odd", kind, 0) + behind)))
    assert rows["/odd"]["kind"] in ("fifo", "character", "block")
    rows = by_path(open_tar(Held(member("odd", kind, 4096) + behind)))
    assert list(rows) == ["/odd", "/behind"], "a size that nothing stands for"
    assert rows["/odd"]["size_bytes"] == 0


def test_a_record_of_iso_9660_with_a_content_is_a_file_and_a_pipe_of_a_file_system_a_pipe(tmp_path: Path) -> None:
    need("genisoimage")
    folder, path = tmp_path / "tree", tmp_path / "x.iso"
    folder.mkdir()
    (folder / "odd.txt").write_bytes(TEXT)
    run("genisoimage", "-quiet", "-R", "-o", path, folder)
    data = bytearray(path.read_bytes())
    for form, order in ((stat.S_IFREG, "little"), (stat.S_IFREG, "big")):
        for access in (0o444, 0o644, 0o600):
            found = (form | access).to_bytes(4, order)
            data = data.replace(found, (stat.S_IFIFO | access).to_bytes(4, order))
    path.write_bytes(data)
    rows = {row["path"]: row for row in document(PlainImage(path))["rows"] if row["volume_id"] == "v0.rock_ridge"}
    assert (rows["/odd.txt"]["kind"], rows["/odd.txt"]["sha256"]) == ("file", hashlib.sha256(TEXT).digest())
    assert "its mode is that of a named pipe" in rows["/odd.txt"]["note"]


def test_archives_packed_from_a_pipe_are_opened_with_all_in_them(tmp_path: Path) -> None:
    need("zip", "7z", "tar", "mke2fs", "sh")
    folder, inner, image = tmp_path / "tree", tmp_path / "inner", tmp_path / "image.raw"
    folder.mkdir()
    inner.mkdir()
    (inner / "letter.txt").write_bytes(TEXT)
    pack = f"tar cf - -C '{inner}' letter.txt |"
    run("sh", "-c", f"cd '{folder}' && mkfifo pipe && {pack} zip -q s.zip -")
    run("sh", "-c", f"cd '{folder}' && {pack} 7z a -bd -siback.tar back.tar.7z && {pack} 7z a -bd -si 'no name.7z'")
    run("mke2fs", "-q", "-t", "ext4", "-d", folder, image, "16M")
    opened = open_image([image])
    batches = [item for item in examine(opened, hash_files=True, archives=True) if isinstance(item, tuple)]
    opened.close()
    rows = {row[5]: dict(zip(FILE_COLUMNS, row, strict=True)) for batch in batches for row in batch}
    digest = hashlib.sha256(TEXT).digest()
    for path in ("/s.zip/-", "/back.tar.7z/back.tar", "/no name.7z/no name"):
        assert rows[path]["kind"] == "file"
        assert rows[path]["size_bytes"] >= 10_240
        assert rows[f"{path}/letter.txt"]["sha256"] == digest
    assert "listed by the name of the archive" in rows["/no name.7z/no name"]["note"]
    assert rows["/pipe"]["kind"] == "fifo", "a pipe of a file system is one"


def test_members_without_a_name_are_listed_by_that_of_their_archive() -> None:
    seven = Media(_Content(archive(["", ".", "//", "named"], [b"1", b"2", b"3", b"4"])))
    rows = listed(open_archive(seven, "back.7z"))[0]
    assert [(row["path"], row["sha256"]) for row in rows] == [
        (path, hashlib.sha256(data).digest())
        for path, data in (("/back", b"1"), ("/back", b"2"), ("/back", b"3"), ("/named", b"4"))
    ]
    assert "it has no name in the archive: it is listed by the name of the archive" in rows[0]["note"]
    assert "its name in the archive is b'.'" in rows[1]["note"]
    (row,) = listed(open_archive(Media(_Content(zip_of(0, TEXT, "./"[:1]))), "other.bin"))[0]
    assert (row["path"], row["sha256"]) == ("/other.bin~", hashlib.sha256(TEXT).digest())


def test_an_archive_of_info_zip_that_came_out_of_a_pipe_is_whole(tmp_path: Path) -> None:
    need("zip", "sh")
    run("sh", "-c", f"cd '{tmp_path}' && printf 'some text' | zip -q - - > piped.zip")
    data = (tmp_path / "piped.zip").read_bytes()
    assert b"PK\x06\x06" in data, "this zip writes no ZIP64 record any more: the test says nothing"
    rows, problems = listed(open_zip(Held(data)))
    assert not problems
    assert [(row["name"], row["md5"]) for row in rows] == [("-", hashlib.md5(b"some text").digest())]
    end, record = data.rindex(b"PK\x05\x06"), data.rindex(b"PK\x06\x06")
    for place in (record + 48, record + 40, record + 32):  # where, how long, how many: contradictory
        broken = bytearray(data)
        broken[place] ^= 1
        assert listed(open_zip(Held(broken)))[1], place
    cut = data[:record] + data[end:]
    assert not listed(open_zip(Held(cut)))[1]


class _Content:
    def __init__(self, data: bytes) -> None:
        self._data, self.size_bytes = data, len(data)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self._data[offset_bytes : offset_bytes + size_bytes]
