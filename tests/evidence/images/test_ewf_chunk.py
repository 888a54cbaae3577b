"""ISA-L unpacks chunks as zlib does: the same bytes, the same refusals."""

import zlib

from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from evidence.images.ewf_chunk import BadChunkError, unpack
from tests.evidence.images.ewf_builder import CHUNK, chunks_of, media_of

SMALL = 2048
CONTENTS = st.one_of(
    st.binary(max_size=SMALL),
    st.builds(lambda words: b"".join(words)[:SMALL], st.lists(st.sampled_from([b"the ", b"disk", b"\0" * 64]))),
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Some content, and what every kind of compressor that zlib has makes of it."""
    data = draw(CONTENTS)
    strategy = draw(st.sampled_from([zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED]))
    packer = zlib.compressobj(draw(st.integers(0, 9)), zlib.DEFLATED, draw(st.sampled_from([9, 12, 15])), 9, strategy)
    flush = draw(st.sampled_from([zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_NO_FLUSH]))
    start = packer.compress(data[: len(data) // 2])
    if flush != zlib.Z_NO_FLUSH:
        start += packer.flush(flush)
    return data, start + packer.compress(data[len(data) // 2 :]) + packer.flush()


def unpacked(stored: bytes, size: int) -> bytes | None:
    """What the reader makes of it; None where it refuses."""
    try:
        return bytes(unpack(memoryview(stored), compressed=True, wanted_bytes=size, chunk_bytes=size))
    except BadChunkError:
        return None


def by_zlib(stored: bytes, size: int) -> bytes | None:
    """What zlib makes of it, the same limits kept; None where it refuses."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(stored, size + 1)
    except zlib.error:
        return None
    return data if unpacker.eof and len(data) == size else None


@given(streams(), st.binary(max_size=20))
def test_a_sound_stream_gives_its_content_and_leaves_what_follows(stream: tuple[bytes, bytes], after: bytes) -> None:
    data, stored = stream
    assert unpacked(stored + after, len(data)) == data
    for library in (zlib, isal_zlib):
        unpacker = library.decompressobj()
        assert unpacker.decompress(stored + after, len(data) + 1) == data
        assert (unpacker.eof, unpacker.unused_data) == (True, after)


@given(streams(), st.integers(0, SMALL))
def test_nothing_is_taken_for_a_chunk_of_another_size(stream: tuple[bytes, bytes], size: int) -> None:
    data, stored = stream
    assert unpacked(stored, size) == (data if size == len(data) else None)


@given(streams(), st.data())
def test_a_stream_that_is_cut_off_is_refused(stream: tuple[bytes, bytes], choice: st.DataObject) -> None:
    data, stored = stream
    assert unpacked(stored[: choice.draw(st.integers(0, len(stored) - 1))], len(data)) is None


@given(streams(), st.data())
def test_a_damaged_stream_is_refused_as_zlib_does_or_gives_what_its_checksum_says(
    stream: tuple[bytes, bytes], choice: st.DataObject
) -> None:
    data, stored = stream
    damaged = bytearray(stored)
    for _ in range(choice.draw(st.integers(1, 3))):
        damaged[choice.draw(st.integers(0, len(stored) - 1))] = choice.draw(st.integers(0, 255))
    given, expected = unpacked(bytes(damaged), len(data)), by_zlib(bytes(damaged), len(data))
    if expected is not None:
        assert given == expected
    elif given is not None:  # a code that nothing uses is described wrongly: zlib minds, ISA-L does not
        assert given == data
        assert zlib.adler32(given) == int.from_bytes(stored[-4:], "big")


def test_the_header_of_a_stream_is_judged_as_zlib_judges_it() -> None:
    rest = zlib.compress(b"content" * 9)[2:]
    for header in range(0, 1 << 16, 31):  # the others fail the check of the header itself
        stored = header.to_bytes(2, "big") + rest
        assert unpacked(stored, 63) == by_zlib(stored, 63)
    assert unpacked(b"\x78\x9d" + rest, 63) is None


@given(st.binary(max_size=4 * SMALL))
def test_both_libraries_know_the_same_checksum(data: bytes) -> None:
    assert isal_zlib.adler32(data) == zlib.adler32(data)


def test_a_whole_chunk_of_every_kind_has_the_same_checksum_in_both_libraries() -> None:
    for chunk in (*chunks_of(media_of(4 * CHUNK, seed=7)), bytes(CHUNK), b"\xff" * CHUNK, b"\xff" * (1 << 20)):
        assert isal_zlib.adler32(chunk) == zlib.adler32(chunk)
