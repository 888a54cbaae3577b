from __future__ import annotations

import random
import struct
import zlib

import lzfse
import pytest

from evidence.filesystems.content import BytesContent
from evidence.filesystems.decmpfs import CHUNK_BYTES, CompressedContent, header_of
from evidence.lzfse import unpack_lzfse, unpack_lzvn

TEXT = b"".join(b"line %d of what was compressed\n" % number for number in range(6000))
SHORT = TEXT[:3000]


def attribute(method: int, size: int, inline: bytes = b"") -> bytes:
    return b"fpmc" + struct.pack("<IQ", method, size) + inline


def content(packed: bytes, fork: bytes | None = None) -> CompressedContent:
    return CompressedContent(header_of(packed), BytesContent(packed), None if fork is None else BytesContent(fork))


def lzvn(data: bytes) -> bytes:
    """The payload of the LZVN block that the library writes for short input."""
    stream: bytes = lzfse.compress(data)
    assert stream[:4] == b"bvxn"
    return stream[12 : 12 + struct.unpack_from("<I", stream, 8)[0]]


def chunks(data: bytes) -> list[bytes]:
    return [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]


def zlib_fork(parts: list[bytes]) -> bytes:
    table, at = struct.pack("<I", len(parts)), 4 + 8 * len(parts)
    for part in parts:
        table += struct.pack("<II", at, len(part))
        at += len(part)
    return (
        struct.pack(">IIII", 256, 260 + at, at, 50).ljust(256, b"\0") + struct.pack(">I", at) + table + b"".join(parts)
    )


def offsets_fork(parts: list[bytes]) -> bytes:
    at = 4 * (len(parts) + 1)
    table = [at := at + (len(parts[index - 1]) if index else 0) for index in range(len(parts) + 1)]
    return struct.pack(f"<{len(table)}I", *table) + b"".join(parts)


INLINE = {
    "stored plainly": (1, SHORT),
    "zlib": (3, zlib.compress(SHORT)),
    "zlib, stored": (3, b"\xff" + SHORT),
    "LZVN": (7, lzvn(SHORT)),
    "LZVN, stored": (7, b"\x06" + SHORT),
    "stored": (9, b"\xcc" + SHORT),
    "LZFSE": (11, lzfse.compress(SHORT)),
    "LZFSE, stored": (11, b"\xff" + SHORT),
}
FORKS = {
    "zlib": (4, zlib_fork([zlib.compress(part) for part in chunks(TEXT)])),
    "zlib, one chunk stored": (4, zlib_fork([b"\xff" + chunks(TEXT)[0], *map(zlib.compress, chunks(TEXT)[1:])])),
    "LZVN, stored": (8, offsets_fork([b"\x06" + part for part in chunks(TEXT)])),
    "stored": (10, offsets_fork([b"\xcc" + part for part in chunks(TEXT)])),
    "LZFSE": (12, offsets_fork([lzfse.compress(part) for part in chunks(TEXT)])),
}


@pytest.mark.parametrize(("method", "packed"), INLINE.values(), ids=INLINE.keys())
def test_content_inside_the_attribute_is_unpacked(method: int, packed: bytes) -> None:
    found = content(attribute(method, len(SHORT), packed))
    assert found.read(0, len(SHORT) + 5) == SHORT
    assert found.read(100, 7) == SHORT[100:107]


@pytest.mark.parametrize(("method", "fork"), FORKS.values(), ids=FORKS.keys())
def test_content_in_the_resource_fork_is_unpacked_chunk_by_chunk(method: int, fork: bytes) -> None:
    found = content(attribute(method, len(TEXT)), fork)
    assert found.read(0, len(TEXT)) == TEXT
    assert found.read(CHUNK_BYTES - 10, 20) == TEXT[CHUNK_BYTES - 10 : CHUNK_BYTES + 10]
    assert found.read(len(TEXT), 1) == b""


@pytest.mark.parametrize("method", [0, 2, 5, 6, 13, 14, 15, 0x80000001])
def test_a_method_that_is_not_read_is_named_and_its_packed_bytes_are_never_given(method: int) -> None:
    with pytest.raises(OSError, match="the content is "):
        content(attribute(method, 100, SHORT), TEXT).read(0, 100)


@pytest.mark.parametrize(("method", "packed"), INLINE.values(), ids=INLINE.keys())
def test_content_that_is_longer_or_shorter_than_declared_is_refused(method: int, packed: bytes) -> None:
    for size in (len(SHORT) - 1, len(SHORT) + 1):
        with pytest.raises(OSError, match=r"."):
            content(attribute(method, size, packed)).read(0, size)


def test_a_header_that_makes_no_sense_is_refused() -> None:
    for header in (b"", b"fpmc", b"xxxx" + bytes(12), attribute(3, 1 << 63)):
        with pytest.raises(OSError, match="compressed content"):
            header_of(header)


def test_a_content_that_claims_more_chunks_than_its_fork_can_name_is_refused() -> None:
    for method in (4, 8, 12):
        with pytest.raises(OSError, match=r"no room|has \d+ chunks"):
            content(attribute(method, 1 << 60), bytes(1000)).read(0, 10)
    with pytest.raises(OSError, match="there is none"):
        content(attribute(4, 100)).read(0, 10)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_compressed_content_is_right_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    method, fork = rng.choice(list(FORKS.values()))
    damaged = bytearray(fork)
    for _ in range(rng.randint(1, 5)):
        damaged[rng.choice((rng.randrange(len(damaged)), rng.randrange(20)))] = rng.randrange(256)
    found = content(attribute(method, len(TEXT)), bytes(damaged[: rng.choice((len(damaged), len(damaged) // 2))]))
    try:
        data = found.read(0, len(TEXT))
    except OSError:
        return
    assert len(data) == len(TEXT)


def test_streams_that_claim_more_than_they_may_are_refused_before_they_are_unpacked() -> None:
    stream = lzfse.compress(bytes(1 << 24))
    with pytest.raises(OSError, match="claims more than"):
        unpack_lzfse(stream, CHUNK_BYTES)
    with pytest.raises(OSError, match="no end"):
        unpack_lzfse(stream[:-4], 1 << 24)
    with pytest.raises(OSError, match="LZVN"):
        unpack_lzvn(b"\xff" * 100, 1000)
