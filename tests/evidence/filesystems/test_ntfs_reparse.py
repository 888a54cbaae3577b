"""Reparse points of NTFS: what a file's content is, where it is not what its clusters hold."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from evidence.filesystems.ntfs import content_elsewhere, is_packed_by_windows, link_target
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import ntfs, source_tree

RESIDENT, ATTRIBUTES_AT = 0, 20
MFT_CLUSTER_AT, RECORD_BYTES = 48, 1024


def point(tag: int, data: bytes) -> bytes:
    return struct.pack("<IHH", tag, len(data), 0) + data


PACKED = point(0x80000017, struct.pack("<IIII", 1, 2, 1, 1))


def with_reparse_point(path: Path, name: str, value: bytes) -> None:
    """Append a resident $REPARSE_POINT to the record of a file, in front of its end mark."""
    data = bytearray(path.read_bytes())
    (cluster,) = struct.unpack_from("<Q", data, MFT_CLUSTER_AT)
    record = cluster * 4096
    while name.encode("utf-16-le") not in data[record : record + RECORD_BYTES]:
        record += RECORD_BYTES
    (used,) = struct.unpack_from("<I", data, record + 24)
    end = record + used - 8
    body = value + bytes(-len(value) % 8)
    attribute = struct.pack("<IIBBHHHIHBB", 0xC0, 24 + len(body), RESIDENT, 0, 0, 0, 30, len(value), 24, 0, 0) + body
    assert used + len(attribute) < 510 or (used > 520 and used + len(attribute) < 1022)  # the ends of sectors are saved
    data[end : end + len(attribute) + 4] = attribute + b"\xff\xff\xff\xff"
    struct.pack_into("<I", data, record + 24, used + len(attribute))
    path.write_bytes(data)


def test_a_file_that_windows_compressed_is_not_digested_as_zeros(tmp_path: Path) -> None:
    path = ntfs(tmp_path / "ntfs.raw", source_tree(tmp_path / "tree"))
    with_reparse_point(path, "large.bin", PACKED)
    row = next(row for row in document(PlainImage(path))["rows"] if row["name"] == "large.bin")
    assert (row["kind"], row["md5"], row["sha256"]) == ("file", None, None)
    assert row["note"] == (
        "compressed by Windows (LZX 32K) in its stream WofCompressedData; "
        "not digested: its content is in a WIM archive, or there is no stream that holds it"
    )


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (point(0x80000017, struct.pack("<IIII", 1, 1, 0, 0)), "in a WIM archive"),
        (point(0x80000013, bytes(40)), "deduplicated"),
        (point(0x9000701A, bytes(40)), "in a cloud"),
    ],
)
def test_a_placeholder_is_told(raw: bytes, words: str) -> None:
    assert words in str(content_elsewhere(raw))


@pytest.mark.parametrize("raw", [b"", point(0xA000000C, bytes(40)), point(0x80000023, b"")])
def test_other_reparse_points_say_nothing_of_the_content(raw: bytes) -> None:
    assert content_elsewhere(raw) is None
    assert not is_packed_by_windows(raw)


def test_a_link_of_linux_on_windows_says_where_it_leads() -> None:
    assert link_target(point(0xA000001D, struct.pack("<I", 2) + "zażółć/a".encode())) == "zażółć/a"
