"""Free blocks and slack of XFS against xfs_db, and against headers, trees and lists that are damaged."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.ranges import JoinedRanges, merged
from evidence.filesystems.xfs import XfsTree
from tests.evidence.filesystems.test_xfs import VARIANTS, opened
from tests.evidence.filesystems.xfs_images import BIG, asked, change, inode_at, made, read, seal

BLOCK, GROUP, SECTOR = 4096, 8192, 512
HEADER, LIST, TREE = SECTOR, 3 * SECTOR, BLOCK
ROOM = (SECTOR - 36) // 4


def tree(path: Path) -> XfsTree:
    found = opened(path)
    assert isinstance(found, XfsTree)
    return found


def told(path: Path) -> list[tuple[int, int]]:
    """The free stretches that xfs_db names, in bytes."""
    (block,) = (int(number) for number in re.findall(r"blocksize = (\d+)", asked(path, "sb 0", "print blocksize")))
    (group,) = (int(number) for number in re.findall(r"agblocks = (\d+)", asked(path, "sb 0", "print agblocks")))
    lines = re.findall(r"^ +(\d+) +(\d+) +(\d+)$", asked(path, "freesp -d"), re.M)
    found = sorted((int(number) * group + int(start), int(count)) for number, start, count in lines)
    return list(merged((start * block, count * block) for start, count in found))


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS.keys())
def test_free_blocks_are_those_of_xfs_db_and_of_the_superblock(options: tuple[str, ...], tmp_path: Path) -> None:
    path = made(tmp_path, *options)
    free = tree(path).unallocated()
    assert isinstance(free, JoinedRanges)
    assert list(free) == told(path)
    (blocks,) = (int(number) for number in re.findall(r"fdblocks = (\d+)", asked(path, "sb 0", "print fdblocks")))
    assert free.size_bytes == blocks * tree(path).facts.block_bytes  # type: ignore[operator]


def shredded(path: Path) -> None:
    """Give the first group a tree of two levels in which every second block of a stretch is free."""
    raw = read(path, TREE, BLOCK)
    (start, count) = max(struct.iter_unpack(">II", raw[56 : 56 + 8 * 8]), key=lambda record: record[1])
    assert count > 2000
    records = [(start + 2 + 2 * index, 1) for index in range(700)]
    for number, part in enumerate((records[:300], records[300:])):
        leaf = bytearray(BLOCK)
        leaf[:56] = raw[:56]
        struct.pack_into(">H", leaf, 6, len(part))
        struct.pack_into(">IIQ", leaf, 8, *((0xFFFFFFFF, start + 1), (start, 0xFFFFFFFF))[number], (start + number) * 8)
        struct.pack_into(f">{2 * len(part)}I", leaf, 56, *(value for record in part for value in record))
        change(path, (start + number) * BLOCK, seal(leaf, 52))
    root = bytearray(BLOCK)
    root[:56] = raw[:56]
    struct.pack_into(">HH", root, 4, 1, 2)
    struct.pack_into(">4I", root, 56, *records[0], *records[300])
    struct.pack_into(">2I", root, 56 + (BLOCK - 56) // 12 * 8, start, start + 1)
    change(path, TREE, seal(root, 52))
    header = read(path, HEADER, SECTOR)
    struct.pack_into(">I", header, 28, 2)
    change(path, HEADER, seal(header, 216))


def test_a_tree_of_two_levels_is_followed_in_its_order(image: Path) -> None:
    shredded(image)
    found = list(tree(image).unallocated())  # type: ignore[call-overload]
    assert len(found) > 700
    assert found == told(image)


def test_a_free_list_that_goes_around_the_end_of_its_ring_is_read_whole(image: Path) -> None:
    header, listed = read(image, HEADER, SECTOR), read(image, LIST, SECTOR)
    first, last, count = struct.unpack_from(">III", header, 40)
    blocks = [struct.unpack_from(">I", listed, 36 + at * 4)[0] for at in range(first, last + 1)]
    assert len(blocks) == count >= 4
    for index, block in enumerate(blocks):
        struct.pack_into(">I", listed, 36 + (ROOM - 2 + index) % ROOM * 4, block)
    struct.pack_into(">II", header, 40, ROOM - 2, count - 3)
    before = list(tree(image).unallocated())  # type: ignore[call-overload]
    change(image, HEADER, seal(header, 216))
    change(image, LIST, seal(listed, 32))
    assert list(tree(image).unallocated()) == before == told(image)  # type: ignore[call-overload]


def test_unallocated_space_holds_what_is_on_the_disk(image: Path) -> None:
    free = tree(image).unallocated()
    assert isinstance(free, JoinedRanges)
    place, _ = list(free)[-1]
    change(image, place, b"left behind")
    at = sum(length for _, length in list(free)[:-1])
    assert tree(image).unallocated().read(at, 11) == b"left behind"


def damaged_header(path: Path, at: int, value: int) -> None:
    raw = read(path, HEADER, SECTOR)
    struct.pack_into(">I", raw, at, value)
    change(path, HEADER, seal(raw, 216))


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (0, 0, "no header of the free space of group 0 at byte 512"),
        (8, 7, "no header of the free space of group 0 at byte 512"),
        (12, 9000, "declares 9000 blocks"),
        (16, 9000, "lies outside the file system"),
        (16, 2, "the block at byte 8192 is damaged"),
        (28, 99, "declares 99 levels"),
        (40, 9000, "contradicts its header"),
        (48, 1, "contradicts its header"),
    ],
)
def test_a_header_that_makes_no_sense_is_an_error_in_words(image: Path, at: int, value: int, words: str) -> None:
    damaged_header(image, at, value)
    with pytest.raises(OSError, match=words):
        tree(image).unallocated()


@pytest.mark.parametrize(
    ("at", "words"), [(HEADER + 100, "checksum"), (LIST + 100, "checksum"), (TREE + 100, "checksum"), (LIST, "no list")]
)
def test_a_changed_byte_is_found_by_its_checksum(image: Path, at: int, words: str) -> None:
    change(image, at, bytes([read(image, at, 1)[0] ^ 1]))
    with pytest.raises(OSError, match=words):
        tree(image).unallocated()


def test_free_stretches_that_overlap_or_leave_the_group_are_refused(image: Path) -> None:
    raw = read(image, TREE, BLOCK)
    (count,) = struct.unpack_from(">H", raw, 6)
    start, length = struct.unpack_from(">II", raw, 56 + (count - 1) * 8)
    for record in ((start, GROUP), (0, length)):
        struct.pack_into(">II", raw, 56 + (count - 1) * 8, *record)
        change(image, TREE, seal(raw, 52))
        with pytest.raises(OSError, match="contradict each other"):
            tree(image).unallocated()


def test_a_tree_that_leads_in_a_circle_ends(image: Path) -> None:
    shredded(image)
    raw = read(image, TREE, BLOCK)
    at = 56 + (BLOCK - 56) // 12 * 8
    struct.pack_into(">I", raw, at + 4, struct.unpack_from(">I", raw, at)[0])
    change(image, TREE, seal(raw, 52))
    with pytest.raises(OSError, match="leads in a circle"):
        tree(image).unallocated()


def runs_of(path: Path, name: str) -> list[tuple[int, int, int]]:
    """Of each extent the block in the file, the block on the volume and how many, by xfs_db."""
    lines = asked(path, f"path /{name}", "bmap")
    found = []
    for first, _, agno, agblock, count in re.findall(
        r"offset (\d+) startblock (\d+) \((\d+)/(\d+)\) count (\d+)", lines
    ):
        found.append((int(first), int(agno) * GROUP + int(agblock), int(count)))
    assert found
    return found


def behind(runs: list[tuple[int, int, int]], size: int) -> list[tuple[int, int]]:
    """The bytes of extents beyond a size, by counting single blocks."""
    found = []
    for first, block, count in runs:
        for index in range(count):
            used = min(max(0, size - (first + index) * BLOCK), BLOCK)
            found.append(((block + index) * BLOCK + used, BLOCK - used))
    return list(merged((start, length) for start, length in found if length))


def address_of(path: Path, name: str) -> int:
    (number,) = re.findall(r"v3.inumber = (\d+)", asked(path, f"path /{name}", "print v3.inumber"))
    return int(number)


def test_slack_is_what_lies_behind_the_end_in_the_blocks_that_xfs_db_names(image: Path) -> None:
    number = address_of(image, "big")
    slack = tree(image).slack(str(number))
    assert list(slack) == behind(runs_of(image, "big"), len(BIG))  # type: ignore[call-overload]
    assert slack.size_bytes == -len(BIG) % BLOCK > 0
    assert tree(image).slack(str(address_of(image, "short"))).size_bytes == 0


def test_blocks_given_in_advance_belong_to_the_slack(image: Path) -> None:
    number = address_of(image, "big")
    at = inode_at(image, number)
    raw = read(image, at, 512)
    struct.pack_into(">Q", raw, 56, 5000)
    change(image, at, seal(raw, 100))
    slack = tree(image).slack(str(number))
    assert list(slack) == behind(runs_of(image, "big"), 5000)  # type: ignore[call-overload]
    assert slack.read(0, slack.size_bytes) == BIG[5000:] + bytes(-len(BIG) % BLOCK)


def test_what_is_no_file_has_no_slack_and_says_so(image: Path) -> None:
    for name in ("pipe", "near"):
        with pytest.raises(UNREADABLE, match="no regular file"):
            tree(image).slack(str(address_of(image, name)))
    with pytest.raises(UNREADABLE, match="no address"):
        tree(image).slack("x")
