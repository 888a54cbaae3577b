"""What a damaged record of NTFS says of itself."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import ntfs, source_tree

NAME = "hello.txt".encode("utf-16-le")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Of a volume in which the first attribute of a file is said to lie outside, behind the end of the volume."""
    folder = tmp_path_factory.mktemp("ntfs")
    path = ntfs(folder / "image", source_tree(folder / "tree"))
    raw = bytearray(path.read_bytes())
    for at in range(0, len(raw), 1024):
        if raw[at : at + 4] != b"FILE" or NAME not in raw[at : at + 1024]:
            continue
        first = at + struct.unpack_from("<H", raw, at + 20)[0]
        if struct.unpack_from("<I", raw, first)[0] == 0x10:
            raw[first + 8] = 1
            struct.pack_into("<QQHH4xQQQ", raw, first + 16, 0, 0, 0x40, 0, 4096, 72, 72)
            raw[first + 0x40 : first + 0x48] = bytes.fromhex("3101ffff7f000000")
    path.write_bytes(raw)
    return {row["path"]: row for row in document(PlainImage(path), hash_files=True)["rows"]}


def test_a_record_whose_attributes_cannot_be_read_is_no_empty_file_in_silence(rows: dict[str, dict[str, Any]]) -> None:
    damaged = rows["/hello.txt"]
    assert (damaged["sha256"], damaged["modified_ns"]) == (None, None)
    assert "can be read: size, times and content are not available" in damaged["note"]


def test_the_others_have_no_such_note(rows: dict[str, dict[str, Any]]) -> None:
    assert [path for path, row in rows.items() if "no attribute in its record" in (row["note"] or "")] == ["/hello.txt"]
