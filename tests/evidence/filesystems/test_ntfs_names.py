"""Names of NTFS that are no valid text: every one keeps its bytes, and its content."""

from __future__ import annotations

import hashlib
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.ntfs_names import as_shown, stored_names, text_of
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import need, ntfs, run


def utf16(name: str) -> bytes:
    return name.encode("utf-16-le", "surrogatepass")


def renamed(path: Path, **names: str) -> None:
    """Change names of equal length wherever they stand, in records and indexes alike."""
    data = path.read_bytes()
    for old, new in names.items():
        assert len(utf16(old)) == len(utf16(new))
        assert utf16(old) in data
        data = data.replace(utf16(old), utf16(new))
    path.write_bytes(data)


def volume(tmp_path: Path, *names: str, streams: tuple[str, ...] = ()) -> Path:
    """A volume with files whose content is their name, and the streams of ``hello`` likewise."""
    (tmp_path / "tree").mkdir()
    for name in (*names, "hello.txt"):
        (tmp_path / "tree" / name).write_bytes(f"content of {name}".encode())
    path = ntfs(tmp_path / "ntfs.raw", tmp_path / "tree")
    for stream in streams:
        content = tmp_path / "stream"
        content.write_bytes(f"content of {stream}".encode())
        run("ntfscp", "-q", "-N", stream, path, content, "hello.txt")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [row for row in document(PlainImage(path))["rows"] if row["kind"] in ("file", "stream")]


def digest_of(path: Path, address: str) -> bytes:
    """The MD5 of what ``icat`` gives."""
    need("icat")
    return hashlib.md5(subprocess.run(["icat", str(path), address], capture_output=True, check=True).stdout).digest()


def test_names_that_differ_only_in_a_lone_surrogate_stay_two_files(tmp_path: Path) -> None:
    path = volume(tmp_path, "NAME1.txt", "NAME2.txt")
    renamed(path, **{"NAME1.txt": "NAME\ud800.txt", "NAME2.txt": "NAME\udfff.txt"})
    rows = [row for row in rows_of(path) if row["name"] == "NAME\ufffd.txt"]
    assert {row["name_bytes"] for row in rows} == {utf16("NAME\ud800.txt"), utf16("NAME\udfff.txt")}
    assert len({row["address"] for row in rows}) == 2
    assert {row["md5"] for row in rows} == {digest_of(path, row["address"]) for row in rows}
    assert {row["extension"] for row in rows} == {"txt"}


def test_a_name_that_ends_with_half_a_character_is_not_cut(tmp_path: Path) -> None:
    path = volume(tmp_path, "AAAA", "BBBB")
    renamed(path, AAAA="AAA\ud800", BBBB="BB\x02B")
    rows = {row["name"]: row for row in rows_of(path)}
    assert rows["AAA\ufffd"]["name_bytes"] == utf16("AAA\ud800")
    assert rows["BB\x02B"]["name_bytes"] is None
    assert rows["BB\x02B"]["path"] == "/BB\x02B"


def test_streams_keep_control_characters_and_the_bytes_of_invalid_names(tmp_path: Path) -> None:
    path = volume(tmp_path, streams=("strm1", "strm2", "strm3", "strm4"))
    changes = {"strm1": "strm\x01", "strm2": "strm\x02", "strm3": "str\udc003", "strm4": "strm\ud800"}
    renamed(path, **changes)
    rows = {row["name"]: row for row in rows_of(path) if row["path"].startswith("/hello.txt")}
    assert rows["hello.txt:strm\x01"]["name_bytes"] is None
    assert rows["hello.txt:strm\x02"]["name_bytes"] is None
    assert rows["hello.txt:str\ufffd3"]["name_bytes"] == utf16("hello.txt:str\udc003")
    assert rows["hello.txt:strm\ufffd"]["name_bytes"] == utf16("hello.txt:strm\ud800")
    assert len(rows) == 6
    assert len({row["md5"] for row in rows.values()}) == 5  # hello.txt and the stream "secret" hold the same
    for name, old in (("strm\x01", "strm1"), ("strm\ufffd", "strm4")):
        assert rows[f"hello.txt:{name}"]["size_bytes"] == len(f"content of {old}")


def test_a_stream_that_is_named_like_the_content_is_not_taken_for_it(tmp_path: Path) -> None:
    path = volume(tmp_path, streams=("$Data",))
    rows = {row["name"]: row for row in rows_of(path)}
    assert rows["hello.txt"]["size_bytes"] == len("content of hello.txt")
    assert rows["hello.txt:$Data"]["size_bytes"] == len("content of $Data")


def test_streams_listed_in_other_records_keep_their_names(tmp_path: Path) -> None:
    names = [f"{'n' * 200}{number}" for number in range(6)]
    path = volume(tmp_path, streams=tuple(names))
    renamed(path, **{names[4]: f"{'n' * 200}\ud800", names[5]: f"{'n' * 199}\udc005"})
    rows = {row["name"]: row for row in rows_of(path) if row["name"].startswith("hello.txt:")}
    assert len(rows) == 7
    for stored in (f"{'n' * 200}\ud800", f"{'n' * 199}\udc005"):
        row = rows["hello.txt:" + stored.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")]
        assert row["name_bytes"] == utf16(f"hello.txt:{stored}")
        assert row["md5"] == digest_of(path, row["address"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\ud800.b", "a^b"), ("a\udc00.b", "a^.b"), ("ab\ud800", "ab"), ("a\U0001f600", "a\U0001f600"), ("a\0b", "a")],
)
def test_what_the_sleuth_kit_makes_of_a_name_is_known(name: str, shown: str) -> None:
    assert as_shown(utf16(name)) == shown


def test_links_of_one_file_whose_names_are_shown_alike_are_all_found() -> None:
    def link(parent: int, name: str) -> bytes:
        return struct.pack("<Q", parent) + bytes(56) + bytes((len(utf16(name)) // 2, 1)) + utf16(name)

    links = [link(5, "a\udc00"), link(5, "a\udc01"), link(5, "a^"), link(6, "a\udc02"), link(5, "b")]
    assert stored_names(b"a^", 5, links) == [utf16("a\udc00"), utf16("a\udc01"), utf16("a^")]
    assert stored_names(b"b", 5, links) == [utf16("b")]
    assert stored_names(b"c", 5, links) == []
    assert text_of(utf16("a\udc00")) == ("a\ufffd", utf16("a\udc00"))
