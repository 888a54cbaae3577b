"""ZIP archives: every way to pack, names, times, and archives that were made to deceive or to do harm."""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from evidence.filesystems.archive_zip import open_zip
from evidence.filesystems.opened import FileSystemError
from tests.evidence.filesystems.trees import Held, by_path, contents, listed, survive
from tests.evidence.made_images import need, run, source_tree

LARGE = random.Random(5).randbytes(300_000) + bytes(2_000_000) + b"end" * 500_000


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return bytearray(held.getvalue())


def digests(members: dict[str, bytes]) -> dict[str, bytes]:
    return {f"/{name}": hashlib.md5(data).digest() for name, data in members.items()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_of_every_packing_have_the_content_that_went_in(method: int) -> None:
    members = {"large.bin": LARGE, "a/b/c.txt": b"deep", "empty": b"", "სახელი.txt": b"name"}
    rows = by_path(open_zip(Held(archive(members, method))))
    assert contents(rows.values()) == digests(members)
    assert rows["/a/b"]["kind"] == "directory"
    assert "no member" in rows["/a"]["note"]
    assert rows["/a/b/c.txt"]["parent_id"] == rows["/a/b"]["id"]


def test_a_large_member_reads_at_any_place_as_it_went_in() -> None:
    data = random.Random(6).randbytes(1 << 16) * 500
    tree = open_zip(Held(archive({"large": data})))
    content = tree.content(by_path(tree)["/large"]["address"])
    for offset in random.Random(7).sample(range(len(data)), 40):
        assert content.read(offset, 5000) == data[offset : offset + 5000]


def test_an_archive_of_info_zip_has_links_modes_and_times_in_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("zip")
    folder = source_tree(tmp_path / "tree")
    (folder / "link").symlink_to("docs/large.bin")
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (1_100_000_001, 1_000_000_001), follow_symlinks=False)
    monkeypatch.chdir(folder)
    run("zip", "-q", "-r", "-y", tmp_path / "made.zip", ".")
    tree = open_zip(Held((tmp_path / "made.zip").read_bytes()))
    rows = by_path(tree)
    files = {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.is_symlink()
    }
    assert contents(rows.values()) == digests(files)
    assert (rows["/link"]["kind"], rows["/link"]["link_target"]) == ("link", "docs/large.bin")
    assert rows["/hello.txt"]["modified_ns"] == 1_000_000_001 * 10**9
    assert rows["/hello.txt"]["accessed_ns"] == 1_100_000_001 * 10**9
    assert {rule.field: rule.basis for rule in tree.time_rules("v0")} == dict.fromkeys(
        ("modified", "accessed", "created"), "utc"
    )


def test_times_of_an_archive_without_extra_fields_are_wall_times_of_two_seconds() -> None:
    info = zipfile.ZipInfo("f", (2024, 2, 29, 23, 59, 59))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr(info, b"x")
    tree = open_zip(Held(held.getvalue()))
    (rule,) = tree.time_rules("v0")
    assert (rule.field, rule.basis, rule.resolution_ns) == ("modified", "local", 2 * 10**9)
    assert by_path(tree)["/f"]["modified_ns"] == 1_709_251_198 * 10**9


def test_a_time_of_ntfs_is_told_beside_the_wall_time_where_not_all_members_have_one() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        info = zipfile.ZipInfo("with", (2024, 1, 1, 12, 0, 0))
        stamps = [(1_704_103_200 + step) * 10**7 + 116_444_736_000_000_000 for step in range(3)]
        info.extra = struct.pack("<HHIHHQQQ", 10, 32, 0, 1, 24, *stamps)
        file.writestr(info, b"x")
        file.writestr(zipfile.ZipInfo("without", (2024, 1, 1, 12, 0, 0)), b"y")
    tree = open_zip(Held(held.getvalue()))
    rows = by_path(tree)
    assert "2024-01-01T10:00:00Z" in rows["/with"]["note"]
    assert rows["/with"]["accessed_ns"] == 1_704_103_201 * 10**9
    assert rows["/with"]["modified_ns"] == rows["/without"]["modified_ns"] == 1_704_110_400 * 10**9
    assert {rule.basis for rule in tree.time_rules("v0")} == {"local", "utc"}


@pytest.mark.parametrize("method", ["Deflate", "Deflate64", "BZip2", "LZMA", "PPMd"])
def test_an_archive_of_7_zip_is_read_or_refused_by_the_name_of_its_packing(tmp_path: Path, method: str) -> None:
    need("7z")
    (tmp_path / "large.bin").write_bytes(LARGE)
    run("7z", "a", "-bd", f"-mm={method}", tmp_path / "made.zip", tmp_path / "large.bin")
    tree = open_zip(Held((tmp_path / "made.zip").read_bytes()))
    if method in ("Deflate64", "PPMd"):
        (row,) = listed(tree)[0]
        assert (row["md5"], row["size_bytes"]) == (None, len(LARGE))
        assert f"packed by {method}" in row["note"]
    else:
        assert contents(by_path(tree).values()) == digests({"large.bin": LARGE})


@pytest.mark.parametrize(("method", "name"), [("ZipCrypto", "ZipCrypto"), ("AES256", "AES-256")])
def test_encrypted_members_are_listed_without_digests(tmp_path: Path, method: str, name: str) -> None:
    need("7z")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    run("7z", "a", "-bd", f"-mem={method}", "-ppass", tmp_path / "made.zip", tmp_path / "secret.txt")
    tree = open_zip(Held((tmp_path / "made.zip").read_bytes()))
    (row,), problems = listed(tree)
    assert not problems
    assert (row["name"], row["size_bytes"], row["md5"]) == ("secret.txt", 6, None)
    assert f"encrypted ({name})" in row["note"]
    with pytest.raises(OSError, match="encrypted"):
        tree.content(row["address"])


def test_zip64_members_and_directories_are_read() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for number in range(66_000):
            file.writestr(f"{number % 7}/{number}", b"")
        with file.open("wide", "w", force_zip64=True) as member:
            member.write(b"wide")
    rows = listed(open_zip(Held(held.getvalue())), digested=False)[0]
    assert len(rows) == 66_000 + 7 + 1
    assert next(row for row in rows if row["name"] == "wide")["size_bytes"] == 4


def test_a_member_written_to_a_pipe_has_its_sizes_behind_it() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    held = Pipe()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", LARGE)
        file.writestr("b", b"second")
    whole = held.getvalue()
    members = {"a": LARGE, "b": b"second"}
    assert contents(by_path(open_zip(Held(whole))).values()) == digests(members)
    cut = whole[: whole.index(b"PK\x01\x02")]
    rows, problems = listed(open_zip(Held(cut)))
    assert contents(rows) == digests(members)
    assert any("directory of the archive is missing" in problem.what for problem in problems)


def streamed(members: dict[str, bytes], *, mark: bytes, method: int = 8) -> bytes:
    """Members with their sizes behind them, and no directory; ``mark`` is or is not before the sizes."""
    made = b""
    for name, data in members.items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush() if method else data
        made += struct.pack("<4s5H3I2H", b"PK\3\4", 20, 8, method, 0, 0x5A21, 0, 0, 0, len(name), 0) + name.encode()
        made += packed + mark + struct.pack("<III", zlib.crc32(data), len(packed), len(data))
    return made


@pytest.mark.parametrize("mark", [b"PK\7\x08", b""])
def test_members_without_a_directory_are_bounded_by_their_streams_with_and_without_the_mark(mark: bytes) -> None:
    members = {"a/one.txt": b"first " * 500, "two.bin": LARGE[:70_000], "empty": b""}
    tree = open_zip(Held(streamed(members, mark=mark)))
    rows, problems = listed(tree)
    assert contents(row for row in rows if row["kind"] == "file") == digests(members)
    assert "3 members were found by what stands before each" in problems[0].what


def test_what_cannot_be_bounded_or_is_cut_off_is_told_by_name() -> None:
    whole = bytes(archive({"whole.txt": b"whole" * 9}, zipfile.ZIP_STORED))
    whole = whole[: whole.index(b"PK\1\2")]
    stored = streamed({"stored.txt": b"no end of it"}, mark=b"", method=0)
    cut = bytes(archive({"cut.txt": random.Random(2).randbytes(9_000)}))[:5_000]
    rows, problems = listed(open_zip(Held(whole + stored + cut)))
    assert [row["name"] for row in rows if row["kind"] == "file"] == ["whole.txt"]
    told = [problem.what for problem in problems]
    assert "1 member was found" in told[0]
    assert any("stored.txt is not listed: its size is written behind it, and nothing says where" in one for one in told)
    assert any("cut.txt is not listed: it should end at byte" in one for one in told)


def test_of_a_damaged_directory_what_it_does_not_name_is_told_as_such() -> None:
    data = archive({"first": b"1" * 90, "second": b"2" * 90, "third": b"3" * 90})
    at = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    data[at : at + 4] = b"XXXX"
    rows, problems = listed(open_zip(Held(bytes(data))))
    notes = {row["name"]: row["note"] or "" for row in rows if row["kind"] == "file"}
    assert set(notes) == {"first", "second", "third"}
    assert "directory of the archive is damaged and does not name" in notes["second"]
    assert any("cannot be read to its end" in problem.what for problem in problems)


def test_what_was_put_before_an_archive_shifts_it() -> None:
    members = {"a": LARGE, "b/c": b"second"}
    whole = b"#!/bin/sh\nexit\n" * 100 + archive(members)
    assert contents(by_path(open_zip(Held(whole))).values()) == digests(members)


def test_names_follow_the_flag_of_utf_8_and_else_the_system_that_wrote_them() -> None:
    data = archive({"ab": b"1"})
    for host, raw, shown in ((0, b"\x84\x94", "äö"), (3, b"\xc3\xa4", "ä"), (3, b"\x84\x94", "äö")):
        changed = data.replace(b"ab", raw)
        changed[changed.index(b"PK\x01\x02") + 5] = host
        (row,), _ = listed(open_zip(Held(changed)))
        assert row["name"] == shown
        assert row["name_bytes"] == (None if shown == "ä" else raw)
        assert ("code page" in (row["note"] or "")) == (shown == "äö")


def test_two_members_with_one_path_are_both_listed_and_told() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("same", b"first")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("same", b"second")
    rows, problems = listed(open_zip(Held(held.getvalue())))
    assert [row["md5"] for row in rows] == [hashlib.md5(data).digest() for data in (b"first", b"second")]
    assert any("same path" in problem.what for problem in problems)


def test_a_member_whose_record_contradicts_the_directory_is_told() -> None:
    data = archive({"shown.txt": b"content"})
    data[data.index(b"shown")] = ord("S")
    _, problems = listed(open_zip(Held(bytes(data))))
    assert any("name b'shown.txt', the record before it b'Shown.txt'" in problem.what for problem in problems)


def test_a_member_taken_out_of_the_directory_is_listed_as_deleted() -> None:
    data = bytes(archive({"kept": b"kept" * 50, "folder/gone": b"gone" * 50, "last": b"last"}))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    third = data.index(b"PK\x01\x02", second + 4)
    end = data.index(b"PK\x05\x06")
    central = data[first:second] + data[third:end]
    end_record = struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 2, 2, len(central), first, 0)
    tree = open_zip(Held(data[:first] + central + end_record))
    rows = {row["name"]: row for row in listed(tree)[0]}
    assert (rows["gone"]["allocated"], rows["gone"]["orphan"]) == (False, True)
    assert rows["gone"]["md5"] == hashlib.md5(b"gone" * 50).digest()
    assert "does not name" in rows["gone"]["note"]
    assert "/folder" in rows["gone"]["note"]
    assert tree.content(rows["gone"]["address"]).read(0, 8) == b"gonegone"
    assert rows["kept"]["allocated"]


def test_members_that_share_their_bytes_are_told_and_not_digested() -> None:
    """The bomb of D. Fifield lets thousands of members share one stream."""
    data = bytes(archive({"a": b"x" * 5000}))
    central = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    first = data.index(b"PK\x01\x02")
    end = struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 40, 40, 40 * len(central), first, 0)
    rows, problems = listed(open_zip(Held(data[:first] + central * 40 + end)))
    assert len(rows) == 40
    assert all(row["md5"] is None for row in rows)
    assert any("40 members share bytes" in problem.what for problem in problems)


def test_a_member_declared_to_be_huge_is_not_digested_and_gives_no_more_than_there_is() -> None:
    data = archive({"a": b"x" * 5000}, zipfile.ZIP_LZMA)
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFFE)
    tree = open_zip(Held(bytes(data)))
    (row,), problems = listed(tree)
    assert "not digested" in row["note"]
    assert problems
    with pytest.raises(OSError, match="gives 5000 bytes instead of"):
        tree.content(row["address"]).read(0, 1 << 20)


def test_a_wrong_checksum_and_a_wrong_size_are_not_passed_over() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        data = archive({"a": LARGE}, method)
        for at in (data.index(b"PK\x01\x02") + 16, 14):
            data[at] ^= 1
        (row,), _ = listed(open_zip(Held(bytes(data))))
        assert row["md5"] is None
        assert "CRC-32" in row["note"]
    data = archive({"a": LARGE})
    for at in (data.index(b"PK\x01\x02") + 24, 22):
        data[at : at + 4] = struct.pack("<I", len(LARGE) - 1)
    assert "more than" in listed(open_zip(Held(bytes(data))))[0][0]["note"]


def test_names_that_lead_out_of_the_archive_stay_in_it() -> None:
    rows = by_path(open_zip(Held(archive({"../../etc/passwd": b"x", "/top/y": b"y", "a//./b": b"z"}))))
    assert set(rows) == {"/..", "/../..", "/../../etc", "/../../etc/passwd", "/top", "/top/y", "/a", "/a/b"}
    assert "leads out" in rows["/../../etc/passwd"]["note"]
    assert "root of a system" in rows["/top/y"]["note"]


def test_no_archive_and_a_part_of_one_are_refused() -> None:
    with pytest.raises(FileSystemError, match="no directory"):
        open_zip(Held(b"nothing" * 100))
    data = archive({"a": b"1"})
    at = data.index(b"PK\x05\x06")
    data[at + 4] = 3
    with pytest.raises(FileSystemError, match="part 4"):
        open_zip(Held(bytes(data)))


def test_damaged_archives_end_in_words() -> None:
    random_ = random.Random(8)
    whole = bytes(archive({"a": LARGE[:50_000], "b/c": b"second", "d": bytes(20_000)}, zipfile.ZIP_LZMA))
    whole += bytes(archive({f"x/{n}": zlib.compress(bytes([n])) for n in range(20)}))

    def damaged() -> bytes:
        data = bytearray(whole)
        for _ in range(random_.randrange(1, 12)):
            near = random_.choice((len(data), 3000, 200))
            data[len(data) - 1 - random_.randrange(near)] = random_.randrange(256)
        return bytes(data[: random_.choice((len(data), random_.randrange(1, len(data))))])

    assert survive(open_zip, (damaged() for _ in range(150))) > 20
