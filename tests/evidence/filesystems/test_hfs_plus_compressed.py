"""Files of HFS+ that macOS compressed are read as their content, or told."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import subprocess
import zlib
from pathlib import Path
from typing import Any

import lzfse
import pytest

from evidence.filesystems.formats import recognise
from evidence.filesystems.hfs_plus_compressed import value_of
from evidence.filesystems.sleuthkit import open_by_signature
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.hfs_compressed import compressed_volume
from tests.evidence.filesystems.test_decmpfs import SHORT, TEXT, attribute, chunks, lzvn, offsets_fork, zlib_fork
from tests.evidence.made_images import need

FILES = {
    "m03.txt": (attribute(3, len(SHORT), zlib.compress(SHORT)), b""),
    "m04.txt": (attribute(4, len(TEXT)), zlib_fork([zlib.compress(part) for part in chunks(TEXT)])),
    "m07.txt": (attribute(7, len(SHORT), lzvn(SHORT)), b""),
    "m08.txt": (attribute(8, len(SHORT)), offsets_fork([lzvn(SHORT)])),
    "m09.txt": (attribute(9, 600, b"\xcc" + SHORT[:600]), b""),
    "m10.txt": (attribute(10, len(TEXT)), offsets_fork([b"\xcc" + part for part in chunks(TEXT)])),
    "m11.txt": (attribute(11, len(SHORT), lzfse.compress(SHORT)), b""),
    "m12.txt": (attribute(12, len(TEXT)), offsets_fork([lzfse.compress(part) for part in chunks(TEXT)])),
    "m13.txt": (attribute(13, len(TEXT), b"ZBM"), b""),
    "m14.txt": (attribute(14, len(TEXT)), b"ZBM"),
    "dmg.txt": (b"none" * 4, b""),
}
CONTENTS = {
    **dict.fromkeys(("m03.txt", "m07.txt", "m08.txt", "m11.txt"), SHORT),
    **dict.fromkeys(("m04.txt", "m10.txt", "m12.txt"), TEXT),
    "m09.txt": SHORT[:600],
    "plain.txt": b"plain",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compressed_volume(tmp_path_factory.mktemp("hfs"), FILES)


@pytest.fixture(scope="module")
def rows(path: Path) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in document(PlainImage(path))["rows"]}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_compressed_file_has_the_size_and_digest_of_its_content(
    name: str, rows: dict[str, dict[str, Any]], path: Path
) -> None:
    row, content = rows[name], CONTENTS[name]
    assert (row["size_bytes"], row["md5"], row["note"]) == (len(content), hashlib.md5(content).digest(), None)
    reader = open_by_signature(PlainImage(path), recognise(PlainImage(path))[0][0])
    assert reader.content(row["address"]).read(5, 500) == content[5:505]


@pytest.mark.parametrize("name", ["m03.txt", "m04.txt", "plain.txt"])
def test_icat_gives_the_same(name: str, rows: dict[str, dict[str, Any]], path: Path) -> None:
    need("icat")
    told = subprocess.run(["icat", str(path), rows[name]["address"]], capture_output=True, check=True).stdout
    assert hashlib.md5(told).digest() == rows[name]["md5"]


@pytest.mark.parametrize("name", ["m13.txt", "m14.txt"])
def test_lzbitmap_is_told_by_name(name: str, rows: dict[str, dict[str, Any]]) -> None:
    assert (rows[name]["md5"], rows[name]["size_bytes"]) == (None, len(TEXT))
    assert "LZBITMAP" in rows[name]["note"]


def test_a_damaged_header_is_told(rows: dict[str, dict[str, Any]]) -> None:
    assert rows["dmg.txt"]["md5"] is None
    assert "header of the compressed content is damaged" in rows["dmg.txt"]["note"]


def test_no_changed_byte_of_the_attributes_file_is_more_than_words(path: Path) -> None:
    reader = open_by_signature(PlainImage(path), recognise(PlainImage(path))[0][0])
    file = reader.open_record(8)
    assert file is not None
    whole = bytes(file.read_random(0, 16384))
    name = "com.apple.decmpfs".encode("utf-16-be")
    for at in (*range(8, 40), *range(8192, 8300), *range(16340, 16384)):
        for byte in (0x00, 0x7F, 0xFF):
            data = whole[:at] + bytes((byte,)) + whole[at + 1 :]
            with contextlib.suppress(OSError):
                found = value_of(functools.partial(_exactly, data), 17, name)
                assert found is None or isinstance(found, bytes)


def _exactly(data: bytes, offset: int, size: int) -> bytes:
    if offset + size > len(data):
        raise OSError("the attributes file ends")
    return data[offset : offset + size]
