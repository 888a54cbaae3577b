"""What two readers say differently of odd volumes: nothing that is not there, and no name hidden by another one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from evidence.filesystems import ntfs as records
from evidence.second_reader.comparing import ATTRIBUTE_ONCE, UNREADABLE
from forensics_app.model.second_reading import ONLY_OURS
from tests.evidence.documents import PlainImage
from tests.evidence.filesystems.test_ntfs_names import renamed, volume
from tests.evidence.filesystems.test_ntfs_reparse import point, with_reparse_point
from tests.evidence.made_images import blank, fat, need, ntfs, run, source_tree
from tests.evidence.test_second_reader import Patched, compared, known, told

NOT_UTF8 = "libfsext reads no text that is not UTF-8"
AFTER_2262 = "libfsext reads no inode with a time after 2262"
INSIDE = "libfsext reads 60 bytes of what lies in no extent, and zeros behind them"
FIELDS = ("mtime", "atime", "ctime", "crtime")


def ext(folder: Path, tree: Path, *requests: str, options: tuple[str, ...] = ("-I", "256")) -> PlainImage:
    """An ext4 of a tree, changed by ``debugfs``."""
    need("mkfs.ext4", "debugfs")
    path = blank(folder / "made.raw", 32 << 20)
    run("mkfs.ext4", "-q", *options, "-d", tree, path)
    (folder / "requests").write_text("".join(f"{one}\n" for one in requests))
    run("debugfs", "-w", "-f", folder / "requests", path)
    return PlainImage(path)


def times(file: str, seconds: int, more: int) -> list[str]:
    """Requests to set all times of a file, with what extends them."""
    return [one for field in FIELDS for one in (f"sif {file} {field} {seconds}", f"sif {file} {field}_extra {more}")]


def small_tree(tmp_path: Path) -> Path:
    (tmp_path / "v30").write_bytes(bytes(range(30)))
    (tmp_path / "v300").write_bytes(bytes(range(1, 151)) * 2)
    return source_tree(tmp_path / "tree")


@pytest.mark.parametrize("options", [("-I", "256"), ("-I", "128")], ids=["inode", "block"])
def test_an_attribute_of_a_file_with_several_names_is_no_difference(tmp_path: Path, options: tuple[str, ...]) -> None:
    tree = small_tree(tmp_path)
    image = ext(
        tmp_path,
        tree,
        "ln /hello.txt /docs/twice.txt",
        "ln /hello.txt /docs/deep/thrice.txt",
        "sif /hello.txt links_count 3",
        f"ea_set -f {tmp_path}/v30 /hello.txt user.small",
        f"ea_set -f {tmp_path}/v30 /docs/large.bin user.other",
        options=options,
    )
    found = compared(image, tmp_path)
    assert told(found) == set()
    once = {("/docs/twice.txt:user.small", ATTRIBUTE_ONCE), ("/docs/deep/thrice.txt:user.small", ATTRIBUTE_ONCE)}
    assert {(path, why) for what, path, why in known(found) if what == ONLY_OURS} <= once
    names = ("/hello.txt", "/docs/twice.txt", "/docs/deep/thrice.txt")
    hidden = {f"{name}:user.small" for name in names} | {"/docs/large.bin:user.other"}
    assert told(compared(image, tmp_path, without=hidden)) == {(ONLY_OURS, path) for path in hidden}


def test_an_attribute_that_libfsext_reads_in_part_is_known_and_a_shorter_one_is_compared(tmp_path: Path) -> None:
    requests = (f"ea_set -f {tmp_path}/{value} /hello.txt user.{value}" for value in ("v30", "v300"))
    found = compared(ext(tmp_path, small_tree(tmp_path), *requests), tmp_path)
    assert told(found) == set()
    assert known(found) == {("md5", "/hello.txt:user.v300", INSIDE)}


def test_content_inside_an_inode_is_known_where_libfsext_reads_a_part_of_it(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    (tree / "sixty.txt").write_bytes(b"s" * 60)
    (tree / "hundred.txt").write_bytes(b"h" * 100)
    found = compared(ext(tmp_path, tree, options=("-O", "inline_data", "-I", "256")), tmp_path)
    assert told(found) == set()
    assert ("md5", "/hundred.txt", INSIDE) in known(found)
    assert {path for _, path, _ in known(found)} <= {"/hundred.txt"}


@pytest.mark.parametrize("inode_bytes", ["128", "256"])
@pytest.mark.parametrize("seconds", [0, 0x80000001, 0xFFFFFFFF], ids=["1970", "1901", "second before 1970"])
def test_times_at_and_before_1970_are_no_differences(tmp_path: Path, inode_bytes: str, seconds: int) -> None:
    requests = times("/hello.txt", seconds, 0)
    if inode_bytes == "128":
        requests = [one for one in requests if "_extra" not in one and "crtime" not in one]
    found = compared(ext(tmp_path, small_tree(tmp_path), *requests, options=("-I", inode_bytes)), tmp_path)
    assert (told(found), known(found)) == (set(), set())


def test_another_time_than_1970_is_told(tmp_path: Path) -> None:
    image = ext(
        tmp_path, small_tree(tmp_path), *times("/hello.txt", 0, 0), options=("-I", "256", "-O", "^metadata_csum")
    )
    place = run("debugfs", "-R", "imap /hello.txt", image.paths[0])
    block, offset = (int(part, 0) for part in place.splitlines()[-1].replace(",", "").split()[3::2])
    size = int(
        next(line for line in run("dumpe2fs", "-h", image.paths[0]).splitlines() if "Block size" in line).split()[-1]
    )
    found = compared(image, tmp_path, second=lambda source: Patched(source, block * size + offset + 16, 7))
    assert {(line.what, line.path, line.ours, line.theirs) for one in found for line in one.lines} == {
        ("modified", "/hello.txt", 0, 7 * 10**9)
    }


def test_a_name_that_is_no_text_is_told_by_itself_and_what_lies_around_and_in_it_is_compared(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    folder = tree / "docs" / "b\udcffd"
    folder.mkdir()
    (folder / "in it.txt").write_bytes(b"in it")
    for name in ("g\udcfe", "g\udcfd"):
        (tree / "docs" / name).write_bytes(name.encode("utf-8", "surrogateescape"))
    image = ext(tmp_path, tree, f'ea_set -f {tmp_path}/v30 "/hello.txt" user.a')
    found = compared(image, tmp_path)
    assert told(found) == set()
    assert sorted((what, path, why) for what, path, why in known(found)) == [
        (UNREADABLE, "/docs/b\ufffdd", NOT_UTF8),
        (UNREADABLE, "/docs/g\ufffd", NOT_UTF8),
    ]
    assert sum(found[0].known.values()) == 3
    kept_back = ("/docs/large.bin", "/docs/?0/in it.txt", "/docs/?1/in it.txt")
    assert told(compared(image, tmp_path, without=kept_back)) == {
        (ONLY_OURS, "/docs/large.bin"),
        (ONLY_OURS, "/docs/b\ufffdd/in it.txt"),
    }


def test_of_what_the_second_reader_cannot_read_at_all_each_hides_one_name_with_what_is_in_it(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    image = ext(tmp_path, tree, *times("/docs/deep", 0xFFFFFFF0, 3), *times("/hello.txt", 0x7FFFFFFF, 2))
    found = compared(image, tmp_path)
    assert told(found) == set()
    assert known(found) == {(UNREADABLE, "/docs/deep", AFTER_2262), (UNREADABLE, "/hello.txt", AFTER_2262)}
    kept_back = ("/docs/large.bin", "/empty.bin")
    assert told(compared(image, tmp_path, without=kept_back)) == {(ONLY_OURS, path) for path in kept_back}


def test_names_that_look_like_paths_or_gaps_long_ones_and_deep_folders_are_compared(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    (tree / "?5").write_bytes(b"no gap")
    (tree / ("n" * 255)).write_bytes(b"the longest")
    deep = tree
    for number in range(80):
        deep = deep / f"d{number}"
        deep.mkdir()
    (deep / "bottom.txt").write_bytes(b"bottom")
    image = ext(
        tmp_path, tree, f"ea_set -f {tmp_path}/v30 /?5 user.with/slash", f"ea_set -f {tmp_path}/v30 /?5 user.a:b"
    )
    found = compared(image, tmp_path)
    assert told(found) == set()
    assert known(found) == {(UNREADABLE, "/" + "n" * 255, "libfsext reads no names of 255 bytes")}


def test_a_target_that_is_no_text_is_told_of_its_link_only(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    (tree / "odd.lnk").symlink_to("to\udcff")
    found = compared(ext(tmp_path, tree), tmp_path)
    assert told(found) == set()
    assert known(found) == {("target", "/odd.lnk", NOT_UTF8)}


def standard_times(path: Path, name: str) -> int:
    """Where the four times of $STANDARD_INFORMATION of a file begin on a volume of NTFS."""
    raw = path.read_bytes()
    stored, at = name.encode("utf-16-le"), -1
    while (at := raw.find(b"FILE0", at + 1)) >= 0:
        if stored in raw[at : at + 1024]:
            first = at + struct.unpack_from("<H", raw, at + 20)[0]
            assert struct.unpack_from("<I", raw, first)[0] == records.STANDARD_INFORMATION
            return int(first + struct.unpack_from("<H", raw, first + 20)[0])
    raise AssertionError(name)


def with_times(path: Path, name: str, *filetimes: int) -> int:
    """Set created, modified, changed and accessed; gives where they stand."""
    at = standard_times(path, name)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(struct.pack("<4Q", *filetimes))
    return at


def test_times_that_only_a_note_can_tell_are_compared_with_it(tmp_path: Path) -> None:
    path = ntfs(tmp_path / "made.raw", source_tree(tmp_path / "tree"))
    year_2300 = records.FILETIME_1970 + 10_413_792_000 * 10**7
    at = with_times(path, "hello.txt", year_2300, year_2300 + 1, 1, 2**63 - 1)
    with_times(path, "empty.bin", records.FILETIME_1970, 0, records.FIRST_FILETIME, records.LAST_FILETIME)
    image = PlainImage(path)
    assert told(compared(image, tmp_path)) == set()
    found = compared(image, tmp_path, second=lambda source: Patched(source, at, 1))
    assert told(found) == {("created", "/hello.txt"), ("md5", "/$MFT")}
    (line,) = [line for one in found for line in one.lines if line.what == "created"]
    assert (line.ours, line.theirs) == ("2300-01-01T00:00:00.000000000Z", 10_413_792_000 * 10**9 + 100)
    found = compared(image, tmp_path, second=lambda source: Patched(source, at + 7, 0))
    assert told(found) == {("created", "/hello.txt"), ("md5", "/$MFT")}


def test_a_junction_is_a_directory_for_both_and_a_link_has_no_content_to_compare(tmp_path: Path) -> None:
    path = ntfs(tmp_path / "made.raw", source_tree(tmp_path / "tree"))
    target = "C:\\somewhere".encode("utf-16-le")
    data = struct.pack("<4HI", 0, len(target), 0, len(target), 0) + target
    with_reparse_point(path, "hello.txt", point(0xA000000C, data))
    found = compared(PlainImage(path), tmp_path)
    assert told(found) == set()


def test_names_of_ntfs_with_halves_of_characters_are_compared(tmp_path: Path) -> None:
    path = volume(tmp_path, "AAAA", "BBBB", "CC\x7fC", streams=("strm1",))
    renamed(path, AAAA="AA\ud800A", BBBB="AA\ud801A", **{"CC\x7fC": "CC/C"})
    assert told(compared(PlainImage(path), tmp_path)) == set()


def test_a_stream_whose_name_is_no_text_hides_its_file_only(tmp_path: Path) -> None:
    path = volume(tmp_path, "AAAA", "BBBB", streams=("strm1",))
    renamed(path, strm1="st\ud800m1")
    found = compared(PlainImage(path), tmp_path, without=("/AAAA",))
    assert told(found) == {(UNREADABLE, "/hello.txt"), (ONLY_OURS, "/AAAA")}


def with_entries(path: Path, **entries: tuple[int, bytes]) -> None:
    """Put bytes at a place of the directory entries of short names."""
    raw = bytearray(path.read_bytes())
    for name, (at, data) in entries.items():
        stored = name.encode().ljust(8) + b"TXT"
        assert raw.count(stored) == 1
        place = raw.index(stored) + at
        raw[place : place + len(data)] = data
    path.write_bytes(raw)


@pytest.mark.parametrize("bits", [12, 16, 32])
def test_odd_entries_of_fat_are_compared_by_what_they_are(tmp_path: Path, bits: int) -> None:
    tree = tmp_path / "tree"
    (tree / "docs").mkdir(parents=True)
    for name in ("DATE", "LATE", "TENTHS", "LETTERS", "SPACES", "EPOCH"):
        (tree / f"{name}.TXT").write_bytes(name.encode())
    (tree / "docs" / "gone.txt").write_bytes(b"gone")
    path = fat(tmp_path / "made.raw", tree, bits)
    first_of_1980 = struct.pack("<B3H", 0, 0, 0x21, 0x21)
    with_entries(
        path,
        DATE=(13, struct.pack("<B3H2x2H", 0, 0x0842, 0x0005, 0x0021, 0x0842, 0)),
        TENTHS=(13, b"\xff"),
        LETTERS=(0, b"\x8f\xe0\xa8\xa2\xa5\xe2 "),
        SPACES=(0, b"S P A C "),
        EPOCH=(13, first_of_1980),
    )
    found = compared(PlainImage(path), tmp_path)
    assert told(found) == set()
    odd = {(what, name.rpartition("/")[2], why) for what, name, why in known(found) if "twice" not in why}
    none = "libfsfat makes a time of what is none"
    assert odd == {
        ("modified", "DATE.TXT", none),
        ("created", "DATE.TXT", none),
        ("created", "TENTHS.TXT", "libfsfat adds more than two seconds"),
        ("name", "^^^^^^.TXT", "libfsfat tells no letters beyond ASCII of a short name"),
    }
