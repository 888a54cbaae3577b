"""Extended attributes of XFS as xfs_db sets them, in the inode, in blocks and in a tree of blocks, and damaged ones."""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.xfs import XfsTree
from tests.evidence.filesystems.test_xfs import opened
from tests.evidence.filesystems.trees import listed
from tests.evidence.filesystems.xfs_images import asked, change, inode_at, made, read, seal
from tests.evidence.made_images import run

BLOCK = 4096
OPTIONS = {"version 5": (), "version 4": ("-m", "crc=0,finobt=0", "-n", "ftype=0", "-i", "size=256")}
SHORT = {"user.comment": 20, "trusted.root": 5, "security.label": 1}
REMOTE = {"user.a": 10, "user.large": 3000, "trusted.four": 4040, "security.five": 4041, "user.most": 65536}
MANY = {f"user.attribute-{number:03d}": 1 + number % 200 for number in range(120)}


def with_attributes(folder: Path, *options: str) -> Path:
    path = made(folder, *options, folders={"short": 2})
    commands = []
    for name, attributes in (("small", SHORT), ("big", REMOTE), ("short", MANY), ("near", {"trusted.link": 3})):
        commands += [f"path /{name}"]
        for key, size in attributes.items():
            space, _, own = key.partition(".")
            commands.append(f"attr_set -{ {'user': 'u', 'trusted': 'r', 'security': 's'}[space] } -v {size} {own}")
    run("xfs_db", "-x", *(part for command in commands for part in ("-c", command)), path)
    return path


@pytest.fixture(scope="module", params=OPTIONS.values(), ids=OPTIONS.keys())
def made_with(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_attributes(tmp_path_factory.mktemp("xfs"), *request.param)


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return with_attributes(tmp_path_factory.mktemp("xfs")).read_bytes()


def tree(path: Path) -> XfsTree:
    found = opened(path)
    assert isinstance(found, XfsTree)
    return found


def streams(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    rows, problems = listed(tree(path))
    found = {row["path"]: row for row in rows if row["kind"] == "stream"}
    assert len(found) == sum(row["kind"] == "stream" for row in rows)
    return found, [problem.what for problem in problems]


def test_attributes_in_every_place_are_streams_with_their_values(made_with: Path) -> None:
    found, problems = streams(made_with)
    wanted = {("/small", key): size for key, size in SHORT.items()} | {("/near", "trusted.link"): 3}
    wanted |= {("/big", key): size for key, size in REMOTE.items()}
    wanted |= {("/short", key): size for key, size in MANY.items()}
    assert {path: row["size_bytes"] for path, row in found.items()} == {
        f"{path}:{key}": size for (path, key), size in wanted.items()
    }
    assert not problems
    for row in found.values():
        assert row["sha256"] == hashlib.sha256(b"v" * row["size_bytes"]).digest()
        assert row["note"] is None


def test_a_value_is_read_again_by_its_address(made_with: Path) -> None:
    found, _ = streams(made_with)
    reader = tree(made_with)
    for path in ("/small:trusted.root", "/big:user.most", "/short:user.attribute-101"):
        content = reader.content(found[path]["address"])
        assert content.read(0, content.size_bytes) == b"v" * found[path]["size_bytes"]
        assert content.read(content.size_bytes - 1, 10) == b"v"
    for address in ("131:99", "131:x", "131:"):
        with pytest.raises(OSError, match="no such attribute"):
            reader.content(address)
    with pytest.raises(OSError, match="slack of extended attributes is not read"):
        reader.slack(found["/big:user.most"]["address"])


def number_of(path: Path, name: str) -> int:
    (number,) = re.findall(r"inumber = (\d+)", asked(path, f"path /{name}", "print v3.inumber"))
    return int(number)


def block_of(path: Path, name: str, number: int) -> int:
    """Where a block of the attributes of a file lies, in bytes, as xfs_db has it."""
    told = asked(path, f"path /{name}", f"ablock {number}", "daddr")
    return int(re.findall(r"current daddr is (\d+)", told)[0]) * 512


def test_a_value_is_what_stands_in_its_blocks(image: Path) -> None:
    found, _ = streams(image)
    at = block_of(
        image,
        "big",
        int(
            re.findall(r"valueblk = (0x[0-9a-f]+)", asked(image, "path /big", "ablock 0", "type attr3", "print"))[-1],
            16,
        ),
    )
    raw = read(image, at, BLOCK)
    assert raw[:4] == b"XARM"
    (start,) = struct.unpack_from(">I", raw, 4)
    raw[56:61] = b"other"
    change(image, at, seal(raw, 12))
    changed = [path for path, row in streams(image)[0].items() if row["sha256"] != found[path]["sha256"]]
    (path,) = changed
    content = tree(image).content(found[path]["address"])
    assert content.read(start, 6) == b"otherv"


@pytest.mark.parametrize(("at", "words"), [(60, "checksum or its size"), (0, "no part of the attribute")])
def test_a_block_of_a_value_that_is_damaged_is_told_in_the_note_of_that_value(image: Path, at: int, words: str) -> None:
    where = block_of(image, "big", 1)
    change(image, where + at, bytes([read(image, where + at, 1)[0] ^ 1]))
    found, problems = streams(image)
    told = [path for path, row in found.items() if row["note"] is not None]
    assert len(told) == 1
    assert words in found[told[0]]["note"]
    assert found[told[0]]["sha256"] is None
    assert not problems


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (8, b"\0\0", "holds no attributes"),
        (55, b"\x01", "belongs to another inode"),
        (56, b"\xff\xff", "declares 65535 others"),
        (64 + 4, struct.pack(">I", 0), "leads in a circle"),
        (64 + 4, struct.pack(">I", 77777), "have no block 77777"),
    ],
)
def test_a_damaged_tree_of_attributes_is_told_and_the_file_is_listed(
    image: Path, at: int, value: bytes, words: str
) -> None:
    where = block_of(image, "short", 0)
    raw = read(image, where, BLOCK)
    assert raw[8:10] == b"\x3e\xbe"
    raw[at : at + len(value)] = value
    change(image, where, seal(raw, 12))
    found, (told,) = streams(image)
    assert words in told
    assert f"inode {number_of(image, 'short')} cannot be read to their end" in told
    assert "/small:trusted.root" in found
    assert len(found) < len(SHORT) + len(REMOTE) + len(MANY)


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (80 + 4, b"\xff\xfe", "reaches beyond it"),
        (56, b"\xff\xff", "declares 65535 of them"),
        (100, None, "checksum of the block of attributes"),
    ],
)
def test_a_damaged_block_of_names_is_told(image: Path, at: int, value: bytes | None, words: str) -> None:
    where = block_of(image, "big", 0)
    raw = read(image, where, BLOCK)
    raw[at : at + len(value or b"x")] = value or bytes([raw[at] ^ 1])
    change(image, where, seal(raw, 12) if value else raw)
    found, (told,) = streams(image)
    assert words in told
    assert not any(path.startswith("/big:") for path in found)


@pytest.mark.parametrize(("at", "value", "words"), [(0, 9999, "declare 9999 bytes"), (0, 20, "are cut off")])
def test_attributes_in_an_inode_that_reach_beyond_it_are_told(image: Path, at: int, value: int, words: str) -> None:
    number = number_of(image, "small")
    where = inode_at(image, number)
    raw = read(image, where, 512)
    fork = 176 + raw[82] * 8
    struct.pack_into(">H", raw, fork + at, value)
    change(image, where, seal(raw, 100))
    found, (told,) = streams(image)
    assert words in told
    assert f"the attributes in inode {number} at byte {where}" in told
    assert "/big:user.most" in found


def test_names_that_are_no_text_keep_their_bytes(image: Path) -> None:
    where = inode_at(image, number_of(image, "small"))
    raw = read(image, where, 512)
    at = raw.index(b"comment")
    raw[at : at + 2] = b"\xff\xfe"
    change(image, where, seal(raw, 100))
    found, _ = streams(image)
    row = found["/small:user.\ufffd\ufffdmment"]
    assert row["name_bytes"] == b"small:user.\xff\xfemment"


@pytest.mark.parametrize("flag", [0x08, 0x80])
def test_pointers_to_parents_and_what_was_never_set_completely_are_no_attributes(image: Path, flag: int) -> None:
    where = inode_at(image, number_of(image, "small"))
    raw = read(image, where, 512)
    raw[raw.index(b"comment") - 1] |= flag
    change(image, where, seal(raw, 100))
    found, problems = streams(image)
    assert sorted(path for path in found if path.startswith("/small:")) == [
        "/small:security.label",
        "/small:trusted.root",
    ]
    assert not problems
