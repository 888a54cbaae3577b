"""Times as the file systems hold them, with their basis, and what they mean in a zone."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence.filesystems.ntfs import four_times, link_target, name_times, out_of_range
from evidence.filesystems.stamps import dos_time
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import blank, ext, need, ntfs, run, source_tree

S = 1_000_000_000


def wall(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


def rows_of(path: Path, **options: Any) -> dict[str, dict[str, Any]]:
    return {row["path"]: row for row in document(PlainImage(path), hash_files=False, **options)["rows"]}


def fat_with_times(tmp_path: Path, *entries: tuple[str, int, int, int, int, int, int]) -> Path:
    """A floppy whose root directory holds short entries: name, 10 ms, created time, date, accessed, written."""
    need("mkfs.vfat")
    path = blank(tmp_path / "times.raw", 1_474_560)
    run("mkfs.vfat", "-F", "12", path)
    boot = path.read_bytes()[:512]
    reserved, copies, per_fat = struct.unpack_from("<H", boot, 14)[0], boot[16], struct.unpack_from("<H", boot, 22)[0]
    data = b"".join(
        name.ljust(11).encode()
        + b"\x20\0"
        + struct.pack("<BHHHHHHHI", tenths, ctime, cdate, adate, 0, wtime, wdate, 0, 0)
        for name, tenths, ctime, cdate, adate, wtime, wdate in entries
    )
    with path.open("r+b") as file:
        file.seek((reserved + copies * per_fat) * 512)
        file.write(data)
    return path


def date(year: int, month: int, day: int) -> int:
    return (year - 1980) << 9 | month << 5 | day


def time(hour: int, minute: int, second: int) -> int:
    return hour << 11 | minute << 5 | second // 2


def test_what_only_the_reader_shows_of_fat_has_no_times(tmp_path: Path) -> None:
    path = fat_with_times(tmp_path)
    with path.open("ab") as file:  # a volume may be shorter than its partition: old entries lie behind it
        file.write((b"OLD     TXT\x20\0" + struct.pack("<BHHHHHHHI", 9, 1, 999, 999, 0, 1, 999, 0, 0)) * 16384)
    shown = {path: row for path, row in rows_of(path).items() if path.startswith("/$")}
    assert shown.keys() == {"/$MBR", "/$FAT1", "/$FAT2", "/$OrphanFiles"}
    for row in shown.values():
        assert [value for name, value in row.items() if name.endswith("_ns") and value is not None] == []


def test_fat_times_are_wall_times_with_the_hundredths_of_creation(tmp_path: Path) -> None:
    path = fat_with_times(
        tmp_path,
        ("WINTER  TXT", 157, time(14, 0, 0), date(2004, 1, 1), date(2004, 1, 2), time(14, 0, 2), date(2004, 1, 1)),
    )
    row = rows_of(path)["/WINTER.TXT"]
    assert row["created_ns"] == wall("2004-01-01T14:00:01") + 570_000_000
    assert row["modified_ns"] == wall("2004-01-01T14:00:02")
    assert row["accessed_ns"] == wall("2004-01-02T00:00:00")


def test_european_daylight_saving_moves_fat_times_by_the_season_of_each_stamp(tmp_path: Path) -> None:
    path = fat_with_times(
        tmp_path,
        ("WINTER  TXT", 0, time(14, 0, 0), date(2004, 1, 1), date(2004, 1, 1), time(14, 0, 2), date(2004, 1, 1)),
        ("SUMMER  TXT", 0, time(15, 0, 0), date(2004, 6, 1), date(2004, 6, 1), time(15, 0, 4), date(2004, 6, 1)),
    )
    files = {f["path"]: f["times"] for f in document(PlainImage(path), hash_files=False, zone="Europe/Warsaw")["files"]}
    assert files["/WINTER.TXT"]["modified"]["utc"] == "2004-01-01T13:00:02.000000000Z"
    assert files["/SUMMER.TXT"]["modified"]["utc"] == "2004-06-01T13:00:04.000000000Z"


def test_fat_times_that_were_never_set_are_absent_and_not_1970_or_1980(tmp_path: Path) -> None:
    path = fat_with_times(tmp_path, ("NONE    TXT", 0, 0, 0, 0, time(1, 2, 4), date(1999, 12, 31)))
    row = rows_of(path)["/NONE.TXT"]
    assert (row["created_ns"], row["accessed_ns"]) == (None, None)
    assert row["modified_ns"] == wall("1999-12-31T01:02:04")


def test_the_rules_of_fat_say_local_and_date(tmp_path: Path) -> None:
    rules = document(PlainImage(fat_with_times(tmp_path)), hash_files=False)["rules"]
    assert {field: (rule.basis, rule.resolution_ns) for (_, field), rule in rules.items()} == {
        "modified": ("local", 2 * S),
        "accessed": ("date", 86_400 * S),
        "created": ("local", 10_000_000),
    }


def test_an_impossible_dos_date_is_absent() -> None:
    assert dos_time(date(2004, 13, 1), 0, 0) is None
    assert dos_time(date(2004, 2, 30), 0, 0) is None
    assert dos_time(date(2004, 2, 29), time(25, 0, 0), 0) is None


def test_ext4_times_keep_epoch_bits_and_nanoseconds(tmp_path: Path) -> None:
    path = ext(tmp_path / "times.raw", source_tree(tmp_path / "tree"))
    for request in (
        "sif /hello.txt mtime @4102444800",  # 2100, in 32 bits only with its epoch
        f"sif /hello.txt mtime_extra {123_456_789 << 2 | 1}",
        "sif /hello.txt atime @0x80000000",  # 1901, for no epoch bit is set
        "sif /hello.txt atime_extra 0",
    ):
        run("debugfs", "-w", "-R", request, path)
    row = rows_of(path)["/hello.txt"]
    assert row["modified_ns"] == wall("2100-01-01T00:00:00") + 123_456_789
    assert row["accessed_ns"] == -(2**31) * S


def test_a_deleted_ext_inode_says_when(tmp_path: Path) -> None:
    path = ext(tmp_path / "deleted.raw", source_tree(tmp_path / "tree"), "ext2")
    rows = rows_of(path)
    (gone,) = [row for name, row in rows.items() if name.endswith("gone.txt")]
    assert gone["deleted_ns"] is not None
    assert gone["deleted_ns"] % S == 0
    assert rows["/hello.txt"]["deleted_ns"] is None


def test_ntfs_times_of_both_attributes_are_those_of_istat(tmp_path: Path) -> None:
    need("istat")
    path = ntfs(tmp_path / "ntfs.raw", source_tree(tmp_path / "tree"))
    row = rows_of(path)["/hello.txt"]
    told = run("istat", "-z", "UTC", path, row["address"].split("-")[0])
    wanted = [
        line.split("\t")[1] for line in told.splitlines() if line.startswith(("Created:", "File Mod", "MFT Mod", "Acc"))
    ]
    fields = ["created", "modified", "changed", "accessed"]
    got = [row[f"{field}_ns"] for field in fields] + [row[f"fn_{field}_ns"] for field in fields]
    assert [f"{datetime.fromtimestamp(ns // S, UTC):%Y-%m-%d %H:%M:%S}.{ns % S:09d} (UTC)" for ns in got] == wanted


def test_filetimes_that_are_not_set_or_that_no_catalogue_can_hold_are_absent() -> None:
    raw = struct.pack("<4Q", 1, 116_444_736_000_000_000 - 1, 0, 2**64 - 1)
    assert four_times(raw, 0) == (-100, None, None, None)
    assert out_of_range(raw, 0, "fn_") == [
        "fn_created 1601-01-01T00:00:00.000000100Z",
        "fn_accessed +060056-05-28T05:36:10.955161500Z",
    ]


def test_a_year_that_no_column_holds_is_told_with_its_time(tmp_path: Path) -> None:
    """11 March 2385 01:08:38.3 in $STANDARD_INFORMATION and, of another time, in $FILE_NAME."""
    path = ntfs(tmp_path / "ntfs.raw", source_tree(tmp_path / "tree"))
    address = rows_of(path)["/hello.txt"]["address"].split("-")[0]
    media = bytearray(path.read_bytes())
    cluster_bytes = struct.unpack_from("<H", media, 11)[0] * media[13]
    at = struct.unpack_from("<Q", media, 48)[0] * cluster_bytes + int(address) * 1024
    assert media[at : at + 4] == b"FILE"
    standard = at + struct.unpack_from("<H", media, at + 20)[0]
    assert media[standard] == 0x10
    name = standard + struct.unpack_from("<I", media, standard + 4)[0]
    assert media[name] == 0x30
    late = 247_466_057_183_000_000
    struct.pack_into("<Q", media, standard + 24 + 8, late)
    struct.pack_into("<Q", media, name + 24 + 8, late + 1)
    path.write_bytes(media)
    row = rows_of(path)["/hello.txt"]
    assert (row["modified_ns"], row["fn_created_ns"]) == (None, None)
    assert row["changed_ns"] is not None
    assert row["note"] == (
        "times before 1678 or after 2261, which the columns cannot hold: "
        "modified 2385-03-11T01:08:38.300000000Z, fn_created 2385-03-11T01:08:38.300000100Z"
    )


def file_name_attribute(parent: int, name: str, created: int, space: int) -> bytes:
    head = parent.to_bytes(8, "little") + struct.pack("<4Q", created, created, created, created) + bytes(24)
    return head + bytes([len(name), space]) + name.encode("utf-16-le")


def test_the_file_name_times_are_those_of_the_name_that_is_listed() -> None:
    base = 116_444_736_000_000_000
    names = [
        file_name_attribute(5, "LONGNA~1.TXT", base + 10, 2),
        file_name_attribute(5, "Long name.txt", base + 20, 1),
        file_name_attribute(64, "other name.txt", base + 30, 1),
    ]
    assert name_times(names, 5, "Long name.txt")[3] == 2000
    assert name_times(names, 64, "other name.txt")[3] == 3000
    assert name_times(names, 99, "no such name")[3] == 2000


def test_a_symbolic_link_of_ntfs_says_where_it_leads() -> None:
    target = "C:\\Użytkownicy".encode("utf-16-le")
    raw = struct.pack("<IHHHHHHI", 0xA000000C, 12 + len(target), 0, 0, len(target), 0, 0, 0) + target
    assert link_target(raw) == "C:\\Użytkownicy"
    assert link_target(struct.pack("<I", 0x80000017) + bytes(60)) is None


def test_a_short_name_beyond_ascii_keeps_the_bytes_of_its_unknown_code_page(tmp_path: Path) -> None:
    path = fat_with_times(tmp_path, ("ZA%LC   TXT", 0, 0, 0, 0, time(1, 2, 4), date(1999, 12, 31)))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"ZA%LC   TXT", b"ZA\xa2LC   TXT"))
    (row,) = [row for row in rows_of(path).values() if row["kind"] == "file"]
    assert (row["name"], row["name_bytes"]) == ("ZA^LC.TXT", b"ZA\xa2LC.TXT")
