"""Extended attributes of SquashFS as sqfstar puts them in, of every kind of entry, and damaged ones."""

from __future__ import annotations

import io
import struct
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.squashfs import SquashTree
from evidence.filesystems.squashfs_tables import METADATA_BYTES
from tests.evidence.filesystems.test_squashfs import opened
from tests.evidence.filesystems.trees import Held, listed
from tests.evidence.made_images import need

SHARED = "shared " * 300
LISTS = 530
KINDS = {"link": tarfile.SYMTYPE, "folder": tarfile.DIRTYPE, "pipe": tarfile.FIFOTYPE, "disk": tarfile.BLKTYPE}


def attributes() -> dict[str, dict[str, str]]:
    """The attributes of each entry: more lists than one block of them holds, and a value that many share."""
    found = {f"file {number}": {"user.own": f"of {number}", "trusted.all": SHARED} for number in range(LISTS)}
    found |= {name: {"trusted.kind": name, "security.empty": ""} for name in KINDS}
    return found | {"none": {}}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """With metadata that is stored as it is, so that it can be changed."""
    need("sqfstar")
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, values in attributes().items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = KINDS.get(name, tarfile.REGTYPE), "file 1" if name == "link" else ""
            member.pax_headers = {f"SCHILY.xattr.{key}": value for key, value in values.items()}
            content = name.encode() if member.isreg() else b""
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    path: Path = tmp_path_factory.mktemp("squashfs") / "made.sqfs"
    options = ["-quiet", "-no-progress", "-xattrs", "-noX", "-noI"]
    subprocess.run(["sqfstar", *options, path], input=held.getvalue(), capture_output=True, check=True)
    return path.read_bytes()


def rows_of(tree: SquashTree) -> dict[str, dict[str, Any]]:
    rows, problems = listed(tree, digested=False)
    assert not problems
    return {row["path"]: row for row in rows}


def test_attributes_of_every_kind_of_entry_are_streams_with_their_values(image: bytes) -> None:
    tree = opened(Held(image))
    rows = rows_of(tree)
    wanted = {f"/{name}:{key}": value for name, values in attributes().items() for key, value in values.items()}
    found = {path: row for path, row in rows.items() if row["kind"] == "stream"}
    assert {path: tree.content(row["address"]).read(0, 1 << 20).decode() for path, row in found.items()} == wanted
    assert {path: row["size_bytes"] for path, row in found.items()} == {
        path: len(value) for path, value in wanted.items()
    }
    assert rows["/link"]["link_target"] == "file 1"


def test_a_value_that_several_share_is_stored_once_and_read_for_each(image: bytes) -> None:
    assert image.count(SHARED.encode()) < 5
    assert image.count(struct.pack("<HH", 0x101, 3) + b"all") > LISTS - 5


def test_an_address_without_an_attribute_is_refused(image: bytes) -> None:
    tree = opened(Held(image))
    address = rows_of(tree)["/none"]["address"]
    for place in ("0", "x", ""):
        with pytest.raises(OSError, match="no such attribute"):
            tree.content(f"{address}:{place}")


def damaged(image: bytes, old: bytes, new: bytes) -> SquashTree:
    at = image.index(old)
    return opened(Held(image[:at] + new + image[at + len(old) :]))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (struct.pack("<HH", 0, 3) + b"own", struct.pack("<HH", 7, 3) + b"own", "kind that is not known"),
        (b"own" + struct.pack("<I", 4), b"own" + struct.pack("<I", 1 << 20), "declares a value of 1048576 bytes"),
        (b"all" + struct.pack("<I", 8), b"all" + struct.pack("<I", 9), "elsewhere has 9 bytes"),
    ],
)
def test_a_damaged_attribute_is_told_and_the_others_are_listed(
    image: bytes, old: bytes, new: bytes, words: str
) -> None:
    rows, problems = listed(damaged(image, old, new), digested=False)
    (told,) = problems
    assert words in told.what
    assert "cannot be read to their end" in told.what
    assert sum(row["kind"] == "stream" for row in rows) in (2 * (LISTS + 4) - 1, 2 * (LISTS + 4) - 2)
    assert sum(row["kind"] == "file" for row in rows) == LISTS + 1


def test_a_table_of_attributes_that_leads_nowhere_is_told_for_each_entry(image: bytes) -> None:
    (at,) = struct.unpack_from("<Q", image, 56)
    for place, value, words in ((8, 3, "there is no list"), (16, 1 << 50, "there is no metadata block")):
        data = bytearray(image)
        struct.pack_into("<I" if place == 8 else "<Q", data, at + place, value)
        rows, problems = listed(opened(Held(data)), digested=False)
        assert len(problems) >= LISTS - METADATA_BYTES // 16
        assert any(words in problem.what for problem in problems)
        assert sum(row["kind"] == "file" for row in rows) == LISTS + 1
