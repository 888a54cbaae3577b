"""7z archives: every way to pack that is read, what is told of others, and archives that were made to do harm."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.filesystems.archive_7z import open_7z
from evidence.filesystems.archives import Limits
from evidence.filesystems.opened import FileSystemError
from tests.evidence.filesystems.made_7z import archive, bomb, framed, number, property_of
from tests.evidence.filesystems.trees import Held, by_path, contents, listed, survive
from tests.evidence.made_images import need, run

NOISE = random.Random(5).randbytes(150_000)
MEMBERS = {
    "a/deep/large.bin": NOISE + bytes(1_000_000) + b"end" * 200_000,
    "b/letter.txt": b"The quick brown fox.\n" * 4000,
    "c/empty": b"",
    "c/სახელი \U0001f4e7.txt": b"name",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("7z") / "tree"
    for name, content in MEMBERS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1_600_000_001, 1_600_000_001))
    (folder / "c" / "link").symlink_to("../b/letter.txt")
    return folder


@pytest.fixture
def packed(tree: Path, tmp_path: Path) -> Callable[..., bytes]:
    need("7z", "sh")

    def make(*options: str, what: str = "*") -> bytes:
        made = tmp_path / "made.7z"
        made.unlink(missing_ok=True)
        run("sh", "-c", f"cd '{tree}' && 7z a -bd -snl {' '.join(options)} '{made}' {what}")
        return made.read_bytes()

    return make


@pytest.mark.parametrize(
    "options",
    [
        ("-m0=LZMA2",), ("-m0=LZMA", "-ms=on"), ("-m0=LZMA", "-ms=off", "-mhc=off"), ("-m0=BZip2",), ("-m0=Deflate",),
        ("-m0=Copy",), ("-m0=BCJ", "-m1=LZMA"), ("-m0=BCJ", "-m1=LZMA2"), ("-m0=Delta:4", "-m1=LZMA"),
        ("-m0=ARM", "-m1=BZip2"), ("-m0=PPC", "-m1=Copy"), ("-m0=SPARC", "-m1=Deflate"), ("-m0=ARMT", "-m1=LZMA2"),
        ("-m0=LZMA2:d=20", "-ms=64k"), ("-m0=BCJ", "-m1=Delta:2", "-m2=LZMA"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_members_of_every_packing_have_the_content_that_went_in(
    packed: Callable[..., bytes], options: tuple[str, ...]
) -> None:
    rows = by_path(open_7z(Held(packed(*options))))
    assert contents(rows.values()) == {f"/{name}": hashlib.md5(data).digest() for name, data in MEMBERS.items()}
    assert (rows["/c/link"]["kind"], rows["/c/link"]["link_target"]) == ("link", "../b/letter.txt")
    assert (rows["/a/deep"]["kind"], rows["/a/deep/large.bin"]["parent_id"]) == ("directory", rows["/a/deep"]["id"])


def test_programs_behind_a_filter_have_the_content_that_bsdtar_reads(tmp_path: Path) -> None:
    need("7z")
    program = Path(os.path.realpath("/proc/self/exe")).read_bytes()[:2_000_003]  # its end is no whole instruction
    (tmp_path / "program").write_bytes(program)
    run("7z", "a", "-bd", "-m0=BCJ", "-m1=LZMA", tmp_path / "made.7z", tmp_path / "program")
    assert (
        by_path(open_7z(Held((tmp_path / "made.7z").read_bytes())))["/program"]["md5"] == hashlib.md5(program).digest()
    )
    need("bsdtar", "sh")
    told = run("sh", "-c", f"bsdtar -xOf '{tmp_path / 'made.7z'}' program | md5sum")
    assert told.split()[0] == hashlib.md5(program).hexdigest()


def test_times_are_in_utc_to_100_ns_as_far_as_any_is_told(packed: Callable[..., bytes]) -> None:
    opened = open_7z(Held(packed("-mtc=on", "-mta=on")))
    rules = {rule.field: (rule.basis, rule.resolution_ns) for rule in opened.time_rules("v0")}
    row = by_path(opened)["/b/letter.txt"]
    assert row["modified_ns"] == 1_600_000_001 * 10**9
    assert rules.keys() >= {"modified", "accessed"}
    assert set(rules.values()) == {("utc", 100)}


@pytest.mark.parametrize(
    ("options", "name"), [("-m0=PPMd", "PPMd"), ("-m0=Deflate64", "Deflate64"), ("-pword", "AES-256")]
)
def test_what_cannot_be_unpacked_is_listed_and_told(packed: Callable[..., bytes], options: str, name: str) -> None:
    rows = {row["path"]: row for row in listed(open_7z(Held(packed(options))))[0]}
    assert rows["/a/deep/large.bin"]["size_bytes"] == len(MEMBERS["a/deep/large.bin"])
    assert (rows["/a/deep/large.bin"]["md5"], name in rows["/a/deep/large.bin"]["note"]) == (None, True)
    assert rows["/c/empty"]["md5"] == hashlib.md5(b"").digest()


def test_an_encrypted_list_of_members_is_told(packed: Callable[..., bytes]) -> None:
    with pytest.raises(FileSystemError, match="encrypted"):
        open_7z(Held(packed("-pword", "-mhe=on")))


def test_in_a_damaged_solid_block_what_comes_before_the_damage_is_kept(tmp_path: Path) -> None:
    need("7z")
    parts = {f"{index:03}": random.Random(index).randbytes(3000) for index in range(200)}
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    run("7z", "a", "-bd", "-m0=LZMA2", "-ms=on", tmp_path / "made.7z", *(tmp_path / name for name in parts))
    whole = (tmp_path / "made.7z").read_bytes()
    assert len(contents(by_path(open_7z(Held(whole))).values())) == 200
    broken = bytearray(whole)
    broken[32 + 400_000 : 32 + 400_100] = b"\xff" * 100
    rows, _ = listed(open_7z(Held(broken)))
    kept = {row["name"] for row in rows if row["md5"] == hashlib.md5(parts[row["name"]]).digest()}
    lost = [row for row in rows if row["md5"] is None]
    assert {f"{index:03}" for index in range(125)} <= kept
    assert len(kept) + len(lost) == 200
    assert lost
    assert all("CRC-32" in row["note"] or "damaged" in row["note"] for row in lost)


def test_a_changed_byte_is_told_by_the_checksum() -> None:
    data = bytearray(archive(["one", "two"], [b"first", b"second"]))
    data[32] ^= 1
    rows = {row["name"]: row for row in listed(open_7z(Held(data)))[0]}
    assert (rows["one"]["md5"], "CRC-32" in rows["one"]["note"]) == (None, True)
    assert rows["two"]["md5"] == hashlib.md5(b"second").digest()


def test_that_no_checksum_is_stored_is_said() -> None:
    (row,) = by_path(open_7z(Held(archive(["one"], [b"first"], crcs=False)))).values()
    assert "no checksum" in row["note"]


def test_names_that_were_made_to_deceive_are_listed_as_they_are() -> None:
    names = ["../../etc/passwd", "/abs", "a\u202egnp.exe", "\ud800half", "same", "same", "same/inner", "C:\\x", "//"]
    rows, problems = listed(open_7z(Held(archive(names, [str(n).encode() for n in range(len(names))]))))
    rows_of = {row["path"]: row for row in rows}
    assert "leads out" in rows_of["/../../etc/passwd"]["note"]
    assert "begins at the root" in rows_of["/abs"]["note"]
    assert rows_of["/a\u202egnp.exe"]["md5"] == hashlib.md5(b"2").digest()
    assert rows_of["/C:\\x"]["name"] == "C:\\x"
    assert [row["name_bytes"] for row in rows if row["name"].endswith("half")] == [
        "\ud800half".encode(errors="surrogatepass")
    ]
    assert len([row for row in rows if row["path"] == "/same"]) == 3
    assert [problem.what for problem in problems if "same path" in problem.what]
    (nameless,) = [row for row in rows if "its name in the archive is" in (row["note"] or "")]
    assert (nameless["path"], nameless["md5"]) == ("/content~", hashlib.md5(b"8").digest())


def test_a_bomb_is_listed_and_not_digested() -> None:
    (row,) = listed(open_7z(Held(archive(["bomb"], [b"x"], unpacked_bytes=1 << 40))))[0]
    assert (row["size_bytes"], row["md5"]) == (1 << 40, None)
    assert "not digested" in row["note"]
    data = bomb(32 << 20)
    assert len(data) < 10_000
    (row,) = by_path(open_7z(Held(data))).values()
    assert row["size_bytes"] == 32 << 20
    assert Limits().unpacked_bytes_of(len(data)) == 1 << 30


def test_a_list_that_is_damaged_or_cut_off_is_refused_with_the_reason() -> None:
    data = archive(["one"], [b"first"])
    for broken, why in (
        (data[:-1], "cut off"), (data[:20], "first header"), (data[:-3] + b"\x7f" + data[-2:], "list of members is"),
        (data[:13] + b"\x7f" + data[14:], "first header is"),
    ):  # fmt: skip
        with pytest.raises(FileSystemError, match=why):
            open_7z(Held(broken))
    assert "follow behind" in listed(open_7z(Held(data + b"hidden")))[1][0].what


def test_headers_with_valid_checksums_and_any_content_end_in_an_error_with_words() -> None:
    chance = random.Random(17)
    whole = archive(["one", "two/three"], [b"first", b"second" * 50])
    body, header = whole[32 : 32 + 305], whole[32 + 305 :]

    def damaged() -> bytes:
        changed = bytearray(header)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice((0, 1, 6, 9, 0x17, 0x7F, 0x80, 0xFF))
        return framed(bytes(changed[: chance.choice((len(changed), chance.randrange(len(changed))))]), body)

    assert survive(open_7z, (damaged() for _ in range(1500))) > 50


def test_coders_in_a_circle_feed_nothing_that_is_read() -> None:
    header = b"\x01\x04\x06" + number(0) + number(1) + b"\x09" + number(5) + b"\x00\x07\x0b" + number(1) + b"\x00"
    header += b"\x03" + b"\x01\x00" * 3 + b"\x00\x01" + b"\x01\x00"  # 0 feeds 1, 1 feeds 0, and 2 is fed by the archive
    header += b"\x0c" + number(5) * 3 + b"\x00\x00\x05" + number(1)
    data = framed(header + property_of(0x11, b"\0x\0\0\0") + b"\0\0", b"first")
    (row,) = listed(open_7z(Held(data)))[0]
    assert row["md5"] == hashlib.md5(b"first").digest()
    twice = data[37:].replace(b"\x00\x01\x01\x00\x0c", b"\x00\x01\x02\x01\x0c")  # 1 would feed both 0 and 2
    assert twice != data[37:]
    with pytest.raises(FileSystemError, match="bound to each other"):
        open_7z(Held(framed(twice, b"first")))


def test_what_no_packer_writes_into_a_list_of_members_is_told() -> None:
    whole = archive(["one", "two"], [b"first", b"second"])
    at, length = (int.from_bytes(whole[place : place + 8], "little") for place in (12, 20))
    header, body = whole[32 + at : 32 + at + length], whole[32 : 32 + at]
    names = b"\0" + "".join(f"{name}\0" for name in ("one", "two")).encode("utf-16-le")
    assert header.endswith(property_of(0x11, names) + b"\0\0")
    before = header[: -len(property_of(0x11, names)) - 2]
    filled = property_of(0x19, bytes(7))
    for more, told in (
        (property_of(0x11, names + b"more") + b"\0\0", "gives names in 4 bytes more than they need"),
        (property_of(0x11, names) * 2 + b"\0\0", "gives names more than once"),
        (property_of(0x11, names) + property_of(0x40, b"x") + b"\0\0", "something of the unknown kind 64"),
        (property_of(0x11, names) + b"\0\0" + b"secret", "6 bytes follow behind the end of the list"),
        (filled + property_of(0x11, names) + filled + b"\0\0", ""),
    ):
        rows, problems = listed(open_7z(Held(framed(before + more, body))))
        assert [row["md5"] for row in rows] == [hashlib.md5(data).digest() for data in (b"first", b"second")]
        assert [told in problem.what for problem in problems] == ([True] if told else [])
