"""Files that Windows compressed: unpacked as wimlib packed them, by every method, and refused when damaged."""

from __future__ import annotations

import contextlib
import hashlib
import random
import struct
from pathlib import Path

import pytest

from evidence.filesystems.content import BytesContent
from evidence.filesystems.formats import recognise
from evidence.filesystems.huffman import decoding_table
from evidence.filesystems.lzx import unpack_lzx
from evidence.filesystems.sleuthkit import open_by_signature
from evidence.filesystems.wof import WofContent
from evidence.filesystems.xpress import unpack_xpress
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.test_ntfs_reparse import point, with_reparse_point
from tests.evidence.made_images import need, ntfs, run

METHODS = {0: ("xpress", 1 << 12), 1: ("lzx", 1 << 15), 2: ("xpress", 1 << 13), 3: ("xpress", 1 << 14)}
_RNG = random.Random(8)
_CALLS = b"".join(
    b"\xe8" + struct.pack("<i", _RNG.randrange(-1000, 100_000)) + _RNG.randbytes(number % 5) for number in range(3000)
)
CONTENTS = {
    "text": b"".join(b"line %d of a text %d\n" % (number, number * number % 977) for number in range(3000)),
    "calls": _CALLS,
    "zeros": bytes(100_001),
    "mixed": _RNG.randbytes(33_000) + b"again and " * 4000 + _CALLS[:3000],
    "short": b"hello hello hello " * 20,
}
LETTERS = bytes.fromhex("00" * 48 + "50" + "55" * 10 + "454404" + "00" * 66 + "04") + bytes(127)
"""The lengths of codes in the first example of [MS-XCA] for LZ77+Huffman, the letters from a to z."""


def packed(tmp_path: Path, content: bytes, method: int) -> bytes | None:
    """The resource that ``wimcapture`` makes of a content; None where it stores it."""
    need("wimcapture")
    name, chunk = METHODS[method]
    (tmp_path / "tree").mkdir(exist_ok=True)
    (tmp_path / "tree" / "file").write_bytes(content)
    wim = tmp_path / "made.wim"
    wim.unlink(missing_ok=True)
    run("wimcapture", tmp_path / "tree", wim, f"--compress={name}", f"--chunk-size={chunk}", "--no-acls")
    data = wim.read_bytes()
    table = int.from_bytes(data[56:64], "little")
    for at in range(table, table + int.from_bytes(data[48:55], "little"), 50):
        size, flags = int.from_bytes(data[at : at + 7], "little"), data[at + 7]
        place, plain = struct.unpack_from("<QQ", data, at + 8)
        if plain == len(content) and not flags & 2 and flags & 4:
            return data[place : place + size]
    return None


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CONTENTS)
def test_what_wimlib_packed_is_unpacked_right(tmp_path: Path, name: str, method: int) -> None:
    content = CONTENTS[name]
    resource = packed(tmp_path, content, method)
    assert resource is not None
    found = WofContent(BytesContent(resource), method, len(content))
    assert found.read(0, len(content) + 9) == content
    assert found.read(len(content) // 2, 100) == content[len(content) // 2 :][:100]
    for cut in range(1, 9):
        with contextlib.suppress(OSError):  # the last bytes may be those that only end the stream
            assert WofContent(BytesContent(resource[:-cut]), method, len(content)).read(0, len(content)) == content
    with pytest.raises(OSError, match=r"."):
        WofContent(BytesContent(resource[:-40]), method, len(content)).read(0, len(content))


@pytest.mark.parametrize("method", [0, 1])
def test_a_packed_file_of_a_volume_has_the_digest_of_its_content(tmp_path: Path, method: int) -> None:
    content = CONTENTS["mixed"]
    resource = packed(tmp_path, content, method)
    assert resource is not None
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "hello.txt").write_bytes(bytes(len(content)))
    path = ntfs(tmp_path / "ntfs.raw", folder)
    (tmp_path / "stream").write_bytes(resource)
    run("ntfscp", "-q", "-N", "WofCompressedData", path, tmp_path / "stream", "hello.txt")
    with_reparse_point(path, "hello.txt", point(0x80000017, struct.pack("<IIII", 1, 2, 1, method)))
    row = next(row for row in document(PlainImage(path))["rows"] if row["name"] == "hello.txt")
    assert (row["size_bytes"], row["md5"]) == (len(content), hashlib.md5(content).digest())
    assert row["note"].startswith("compressed by Windows (")
    reader = open_by_signature(PlainImage(path), recognise(PlainImage(path))[0][0])
    assert reader.content(row["address"]).read(33_000, 10) == b"again and "


@pytest.mark.parametrize("seed", range(40))
def test_damaged_data_are_refused_or_have_their_length(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(rng.randbytes(400))
    data[:256] = (LETTERS + b"\xd8\x52\x3e\xd7\x94\x11\x5b\xe9")[:256]
    for unpack in (unpack_xpress, unpack_lzx):
        for size in (1, 300, 32_768):
            try:
                plain = unpack(bytes(data), size)
            except OSError:
                continue
            assert len(plain) == size


def test_the_first_example_of_the_specification_of_xpress() -> None:
    stream = bytes.fromhex("d8523ed794115be9195ff9d67cdf8d0400000000")
    assert unpack_xpress(LETTERS + stream, 26) == b"abcdefghijklmnopqrstuvwxyz"


def test_a_stored_block_of_lzx_sets_the_recent_distances() -> None:
    content = bytes(range(255))
    head = _words(f"{3:03b}0{255:016b}")
    assert unpack_lzx(head + struct.pack("<3I", 1, 2, 3) + content + b"\0", 255) == content


def test_a_stored_block_of_lzx_that_begins_on_an_even_place_follows_sixteen_bits_of_nothing() -> None:
    """The first block ends in the middle of a word; the header of the second, of an odd one, fills it up."""
    first = _words(f"{3:03b}0{12:016b}") + struct.pack("<3I", 1, 1, 1) + b"first block "
    second = _words(f"{3:03b}0{12:016b}") + struct.pack("<3I", 1, 1, 1) + b"second block"
    assert unpack_lzx(first + second, 24) == b"first block second block"


def test_codes_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(OSError, match="contradict"):
        decoding_table([1, 1, 1], 15)
    assert decoding_table([1, 2], 2) == [1, 1, 1 << 5 | 2, 0]


def _words(bits: str) -> bytes:
    """Bits as LZX has them: in words of 16 bits, the first in the highest place."""
    bits += "0" * (-len(bits) % 16)
    return b"".join(int(bits[at : at + 16], 2).to_bytes(2, "little") for at in range(0, len(bits), 16))
