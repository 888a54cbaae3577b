"""Files of a disc that mkzftree compressed."""

from __future__ import annotations

import hashlib
import random
import struct
from pathlib import Path

import pytest

from evidence.filesystems.content import BytesContent
from evidence.filesystems.iso import IsoTree, descriptors
from evidence.filesystems.zisofs import Packing, ZisofsContent
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import need, run

TEXT = b"".join(b"line %d of a text\n" % number for number in range(9000))
CONTENTS = {
    "text": TEXT,
    "zeros": bytes(200_000),
    "holes": TEXT[:32_768] + bytes(40_000) + TEXT[:100],
    "empty": b"",
    "noise": random.Random(4).randbytes(40_000),
}


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    need("mkzftree", "genisoimage")
    (tmp_path / "plain").mkdir()
    for name, content in CONTENTS.items():
        (tmp_path / "plain" / name).write_bytes(content)
    run("mkzftree", tmp_path / "plain", tmp_path / "packed")
    assert (tmp_path / "packed" / "text").read_bytes() != TEXT
    run("genisoimage", "-quiet", "-R", "-z", "-o", tmp_path / "x.iso", tmp_path / "packed")
    return tmp_path / "x.iso"


def test_files_packed_by_mkzftree_have_the_digests_of_what_went_in(disc: Path) -> None:
    rows = document(PlainImage(disc))["rows"]
    tree = IsoTree(PlainImage(disc), descriptors(PlainImage(disc))[0][0])
    shown = {row["path"]: row for row in rows if row["volume_id"] == "v0.rock_ridge"}
    for name, content in CONTENTS.items():
        row = shown[f"/{name}"]
        assert (row["size_bytes"], row["md5"]) == (len(content), hashlib.md5(content).digest())
        assert tree.content(row["address"]).read(32_760, 20) == content[32_760:32_780]
    assert "zisofs" in shown["/text"]["note"]
    main = next(row for row in rows if row["volume_id"] == "v0" and row["path"].lower() == "/text")
    assert "stored bytes" in main["note"]


def packed(blocks: list[bytes], size: int, log_block: int = 15) -> tuple[BytesContent, Packing]:
    at = 16 + 4 * (len(blocks) + 1)
    places = [at + sum(map(len, blocks[:index])) for index in range(len(blocks) + 1)]
    head = b"\x37\xe4\x53\x96\xc9\xdb\xd6\x07" + struct.pack("<IBBxx", size, 4, log_block)
    data = head + struct.pack(f"<{len(places)}I", *places) + b"".join(blocks)
    return BytesContent(data), Packing(method=b"pz", header_bytes=16, log_block=log_block, size_bytes=size)


def test_a_block_without_bytes_is_zeros() -> None:
    assert ZisofsContent(*packed([b""], 100)).read(0, 200) == bytes(100)


@pytest.mark.parametrize("block", [b"no deflate", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_damaged_block_is_refused(block: bytes) -> None:
    with pytest.raises(OSError, match="block 0"):
        ZisofsContent(*packed([block], 100)).read(0, 100)


def test_a_newer_form_is_told() -> None:
    content, packing = packed([b""], 100)
    with pytest.raises(OSError, match="not read"):
        ZisofsContent(content, Packing(method=b"PZ", header_bytes=16, log_block=15, size_bytes=packing.size_bytes))
    with pytest.raises(OSError, match="damaged"):
        ZisofsContent(content, Packing(method=b"pz", header_bytes=16, log_block=15, size_bytes=101))
