"""Extended attributes of UDF that a system or a program keeps beside a file."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.test_udf import opened
from tests.evidence.filesystems.udf_builder import Volume, entity, long_ad, tagged

HEAD = tagged(262, 0, bytes(8))
FINDER = b"TEXTttxt" + bytes(24)


def kept(name: str, value: bytes, kind: int = 2048, size: int | None = None) -> bytes:
    """An attribute of a system (2048) or of a program (65536)."""
    length = -(-(48 + len(value)) // 4) * 4
    head = struct.pack("<IB3xII", kind, 1, length, len(value) if size is None else size)
    return (head + entity(name) + value).ljust(length, b"\0")


def test_attributes_in_the_entry_and_in_their_own_file_are_streams(tmp_path: Path) -> None:
    volume = Volume()
    raw = HEAD + kept("*UDF Mac FinderInfo", FINDER) + kept("*UDF FreeEASpace", b"nothing")
    more = HEAD + kept("*Program", b"1234567", 65536)
    apart = volume.file(more, extended=True)
    place = long_ad(volume.block, apart, volume.ref)
    file = volume.entry(5, 3, b"abc", attributes=raw, extended=True, attribute_file=place)
    path = volume.write(tmp_path / "x.raw", volume.directory(volume.name("a", file), at=1))
    rows = {row["path"]: row for row in document(PlainImage(path))["rows"]}
    assert sorted(rows) == ["/a", "/a:*Program", "/a:*UDF Mac FinderInfo"]
    said = {"/a:*UDF Mac FinderInfo": FINDER, "/a:*Program": b"1234567"}
    system = opened(path)
    for name, value in said.items():
        row = rows[name]
        assert (row["kind"], row["size_bytes"]) == ("stream", len(value))
        assert system.content(row["address"]).read(0, 100) == value
        assert system.slack(row["address"]).size_bytes == 0


def test_a_damaged_attribute_is_a_note_and_the_file_is_read(tmp_path: Path) -> None:
    volume = Volume()
    raw = HEAD + kept("*UDF Mac FinderInfo", FINDER, size=9_999)
    file = volume.entry(5, 3, b"abc", attributes=raw, extended=True)
    path = volume.write(tmp_path / "x.raw", volume.directory(volume.name("a", file), at=1))
    (row,) = document(PlainImage(path))["rows"]
    assert row["note"].startswith("its extended attributes cannot be read: an extended attribute of type 2048 has 9999")
    assert row["sha256"]
