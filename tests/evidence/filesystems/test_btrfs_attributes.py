"""Extended attributes of Btrfs as streams, beside what was set before mkfs.btrfs copied the folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.reading import FileReader
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.btrfs_images import Editor, made
from tests.evidence.filesystems.test_btrfs_free import opened

SET = {
    "file": {b"user.xdg.origin.url": b"https://example.org/a", b"user.empty": b"", b"user.large": b"z" * 3000},
    "folder": {b"user.colour": b"blue"},
    "bad": {b"user.\xff\xfe": b"\0\1"},
}
SINGLE = ("-m", "single", "-d", "single")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    for name in ("file", "bad", "plain"):
        (source / name).write_bytes(b"content " * 1000)
    try:
        for name, attributes in SET.items():
            for key, value in attributes.items():
                os.setxattr(source / name, key, value)
    except OSError:
        pytest.skip("the temporary folder takes no extended attributes")
    return made(tmp_path / "b.img", source, *SINGLE)


def test_each_attribute_is_a_stream_and_is_read_again_by_its_address(image: Path) -> None:
    found = document(PlainImage(image))
    rows = [row for row in found["rows"] if row["kind"] == "stream"]
    reader, volumes = opened(PlainImage(image))
    for name, attributes in SET.items():
        own = [row for row in rows if row["path"].startswith(f"/{name}:")]
        said = {row["name_bytes"] or row["name"].encode(): content_of(reader, volumes["v0"], row) for row in own}
        assert said == {name.encode() + b":" + key: value for key, value in attributes.items()}
    assert len(rows) == 5
    assert {row["name"] for row in rows if row["name_bytes"]} == {"bad:user.\ufffd\ufffd"}
    assert not [problem for problem in found["warnings"] if "attributes" in problem.what]


def content_of(reader: FileReader, volume: Volume, row: dict[str, Any]) -> bytes:
    content = reader.content([volume], row["address"])
    assert reader.slack([volume], row["address"]).size_bytes == 0
    assert content.size_bytes == row["size_bytes"]
    return content.read(0, 1 << 20)


def test_a_damaged_attribute_is_a_note_and_the_file_is_read(image: Path) -> None:
    edit = Editor(image)
    edit.change(5, lambda key: key[1] == 24, 25, (60_000).to_bytes(2, "little"))
    edit.save()
    rows = {row["path"]: row for row in document(PlainImage(image))["rows"]}
    assert rows["/file"]["note"] == "its extended attributes cannot be read: an extended attribute is damaged"
    assert rows["/file"]["sha256"] == rows["/plain"]["sha256"]
    assert rows["/plain"]["note"] is None
