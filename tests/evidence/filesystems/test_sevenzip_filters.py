"""BCJ2 and ARM64 of 7-Zip: programs come out as they went in, and damage never gives a wrong byte without a word."""

from __future__ import annotations

import hashlib
import os
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.filesystems.archive_7z import open_7z
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.sevenzip_filters import Arm64, Bcj2
from evidence.filesystems.unpacking import Decoder
from tests.evidence.filesystems.trees import Held, by_path, listed
from tests.evidence.made_images import need, run

BCJ2 = ["-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"]


def x86_code(seed: int, count: int) -> bytes:
    """Calls, jumps and conditional jumps, near and far, beside each other and cut short."""
    dice, made = random.Random(seed), bytearray()
    for _ in range(count):
        kind = dice.randrange(5)
        target = struct.pack("<i", dice.randrange(-9_999, 300_000))
        if kind == 0:
            made += bytes([dice.choice((0xE8, 0xE9))]) + target
        elif kind == 1:
            made += bytes([0x0F, 0x80 | dice.getrandbits(4)]) + target
        elif kind == 2:
            made += b"\xe8\0\0\0\x0f\x85" + dice.randbytes(4)
        else:
            made += b"\x0f\xe8\xe9"[: dice.randrange(4)] + dice.randbytes(dice.randrange(30))
    return bytes(made)


def arm64_code(seed: int, count: int) -> bytes:
    dice, words = random.Random(seed), list[int]()
    for _ in range(count):
        kind, word = dice.randrange(4), dice.getrandbits(32)
        near = (dice.randrange(1 << 17) - (1 << 16)) & 0x7FFFF
        adrp = 0x90000000 | word & 0x6000001F
        words.append((0x94000000 | word & 0x03FFFFFF, adrp | word & 0xFFFFE0, adrp | near << 5 & 0xFFFFE0, word)[kind])
    return struct.pack(f"<{count}I", *words) + b"odd"


def need_filter(options: list[str]) -> None:
    need("7z")
    if "-m0=ARM64" in options and "ARM64" not in run("7z", "i"):
        pytest.skip("this 7-Zip does not know the filter for ARM64, which came with 23.00")


def read_all(decoder: Decoder) -> bytes:
    return b"".join(iter(lambda: decoder.read(1000), b""))


def pieces(data: bytes, size_bytes: int) -> Callable[[int], bytes]:
    parts = iter([data[at : at + size_bytes] for at in range(0, len(data), size_bytes)])
    return lambda wanted: next(parts, b"")


@pytest.mark.parametrize(
    "options", [BCJ2, ["-m0=BCJ2", "-m1=LZMA"], ["-m0=BCJ2"], ["-m0=ARM64", "-m1=LZMA2"], ["-m0=ARM64", "-m1=Copy"]],
    ids=" ".join,
)  # fmt: skip
def test_programs_have_the_content_that_went_in(tmp_path: Path, options: list[str]) -> None:
    need_filter(options)
    program = Path(os.path.realpath("/proc/self/exe")).read_bytes()[:1_000_003]
    members = {"x86": x86_code(1, 20_000), "arm64": arm64_code(2, 50_000), "python": program}
    for name, content in members.items():
        (tmp_path / name).write_bytes(content)
    run("7z", "a", "-bd", "-ms=on", *options, tmp_path / "made.7z", *(tmp_path / name for name in members))
    rows = by_path(open_7z(Held((tmp_path / "made.7z").read_bytes())))
    assert {name: rows[f"/{name}"]["md5"] for name in members} == {
        name: hashlib.md5(content).digest() for name, content in members.items()
    }
    assert {row["note"] for row in rows.values()} == {None}


def test_a_program_packed_as_ultra_is_read(tmp_path: Path) -> None:
    need("7z")
    program = Path(os.path.realpath("/proc/self/exe")).read_bytes()[:500_000]
    (tmp_path / "p.exe").write_bytes(program)
    run("7z", "a", "-bd", "-mx=9", "-mf=BCJ2", tmp_path / "made.7z", tmp_path / "p.exe")
    assert b"\x03\x03\x01\x1b" in (tmp_path / "made.7z").read_bytes()[-400:]
    assert by_path(open_7z(Held((tmp_path / "made.7z").read_bytes())))["/p.exe"]["md5"] == hashlib.md5(program).digest()


@pytest.mark.parametrize("options", [BCJ2, ["-m0=BCJ2"], ["-m0=ARM64", "-m1=LZMA"]], ids=" ".join)
def test_what_is_changed_or_cut_never_gives_a_wrong_byte_without_a_word(tmp_path: Path, options: list[str]) -> None:
    need_filter(options)
    members = {"first": x86_code(3, 1_500), "second": x86_code(4, 1_500) + arm64_code(5, 2_000)}
    for name, content in members.items():
        (tmp_path / name).write_bytes(content)
    made = tmp_path / "made.7z"
    run("7z", "a", "-bd", "-ms=on", "-mhc=off", *options, made, *(tmp_path / name for name in members))
    whole, dice, told = made.read_bytes(), random.Random(6), 0
    right = {name: hashlib.md5(content).digest() for name, content in members.items()}
    for number in range(120):
        changed = bytearray(whole)
        at = dice.randrange(32, len(whole) - 300)
        if number % 3:
            changed[at] ^= 1 << dice.randrange(8)
        else:  # bytes are lost, and zeros fill up the place
            changed[at : at + 40] = bytes(min(40, len(whole) - 300 - at))
        try:
            rows, _ = listed(open_7z(Held(changed)))
        except FileSystemError:
            told += 1
            continue
        for row in rows:
            if row["kind"] == "file" and row["md5"] != right[row["name"]]:
                assert row["md5"] is None
                assert row["note"]
                told += 1
    assert told > 60


@pytest.mark.parametrize(("size_bytes", "before"), [(1, 0), (2, 1), (7, 3), (4096, 0)])
def test_bcj2_in_pieces_of_any_size_follows_a_target_that_ends_in_0f(size_bytes: int, before: int) -> None:
    """A target's highest byte 0F and what follows it may be a conditional jump, as 7-Zip reads it."""
    ones = b"\0" + b"\x80" + bytes(300)  # the first bit is one, those after it are nought
    made = b"\x90" * before + b"\xe8"
    target = (0x0F000000 + before + 5).to_bytes(4, "big")
    decoder = Bcj2(pieces(made + b"\x85rest", size_bytes), pieces(target, 1), pieces(b"", 1), pieces(ones, 3))
    assert read_all(decoder) == made + b"\0\0\0\x0f\x85rest"
    assert decoder._odds[0x90 if before else 0] < 1024
    assert decoder._odds[257] > 1024


def test_bcj2_tells_streams_that_are_too_short_too_long_or_none() -> None:
    ones = b"\0\x80" + bytes(10)
    for calls, bits, words in (
        (b"\0\0\0", ones, "calls ends too early"),
        (b"", ones, "calls ends too early"),
        (bytes(5), ones, "more targets"),
        (bytes(4), b"\0\0\0", "bits ends too early"),
        (bytes(4), b"\1\0\0\0\0", "does not begin"),
        (bytes(4), b"\0\xff\xff\xff\xff", "does not begin"),
    ):
        decoder = Bcj2(pieces(b"a\xe8b", 9), pieces(calls, 9), pieces(b"", 9), pieces(bits, 9))
        with pytest.raises(OSError, match=words):
            read_all(decoder)


@pytest.mark.parametrize("size_bytes", [1, 3, 5, 1 << 15])
def test_arm64_in_pieces_of_any_size_is_relative_to_where_it_starts(size_bytes: int) -> None:
    kept = struct.pack("<III", 0x94000000 | 0x500, 0x90000000, 0x97FFFFFF) + b"end"
    # BL to 0x1400 from 0x1000 and from 0x1008; ADRP of page 0 seen from page 1 is one page back
    wanted = struct.pack("<III", 0x94000000 | 0x100, 0xF0FFFFE0, 0x94000000 | (0x03FFFFFF - 0x402)) + b"end"
    assert read_all(Arm64(pieces(kept, size_bytes), 0x1000)) == wanted
