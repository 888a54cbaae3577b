"""What a damaged record of NTFS says of itself."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import ntfs, source_tree


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Of a volume in which the first attribute of one file lies behind its end, and another has lost its content."""
    folder = tmp_path_factory.mktemp("ntfs")
    path = ntfs(folder / "image", source_tree(folder / "tree"))
    raw = bytearray(path.read_bytes())
    first = attribute(raw, "hello.txt", 0x10)
    raw[first + 8] = 1
    struct.pack_into("<QQHH4xQQQ", raw, first + 16, 0, 0, 0x40, 0, 4096, 72, 72)
    raw[first + 0x40 : first + 0x48] = bytes.fromhex("3101ffff7f000000")
    struct.pack_into("<I", raw, attribute(raw, "large.bin", 0x80), 0x100)
    path.write_bytes(raw)
    return {row["path"]: row for row in document(PlainImage(path), hash_files=True)["rows"]}


def attribute(raw: bytearray, name: str, kind: int) -> int:
    """Where an attribute of the file of this name lies."""
    for at in range(0, len(raw), 1024):
        if raw[at : at + 4] == b"FILE" and name.encode("utf-16-le") in raw[at : at + 1024]:
            place = at + struct.unpack_from("<H", raw, at + 20)[0]
            while place < at + 1024 and raw[place : place + 4] != b"\xff" * 4:
                found, length = struct.unpack_from("<II", raw, place)
                if found == kind:
                    return place
                place += length
    pytest.fail(f"{name} has no attribute {kind:#x}")


def test_a_record_whose_attributes_cannot_be_read_is_no_empty_file_in_silence(rows: dict[str, dict[str, Any]]) -> None:
    damaged = rows["/hello.txt"]
    assert (damaged["sha256"], damaged["modified_ns"]) == (None, None)
    assert "can be read: size, times and content are not available" in damaged["note"]


def test_a_file_without_content_says_so(rows: dict[str, dict[str, Any]]) -> None:
    assert (rows["/large.bin"]["size_bytes"], rows["/large.bin"]["sha256"]) == (0, None)
    assert "says nothing of a content" in rows["/large.bin"]["note"]


def test_the_others_have_no_such_note(rows: dict[str, dict[str, Any]]) -> None:
    assert {path for path, row in rows.items() if "not available" in (row["note"] or "")} == {
        "/hello.txt",
        "/large.bin",
    }
