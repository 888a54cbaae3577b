"""Sets as they are made and asked, against Python's own sets and against ``hfind`` of The Sleuth Kit."""

import hashlib
import random
import shutil
import struct
import subprocess
from collections import Counter
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import HashSetError
from evidence.hash_sets.base import Remarks
from evidence.hash_sets.building import Built, FanOut, build
from evidence.hash_sets.sources import open_source
from evidence.hash_sets.spool import Spool
from evidence.hash_sets.stored import DIGEST_OFFSET, HEADER, LEAST_BITS, StoredSet


class StopError(Exception):
    """What a person's cancelling raises."""


def digests(count: int, width: int = 16, seed: int = 1) -> list[bytes]:
    source = random.Random(seed)
    return [source.randbytes(width) for _ in range(count)]


def made(folder: Path, text: str) -> Built:
    (folder / "list.txt").write_bytes(text.encode())
    (folder / "set").mkdir()
    return build(open_source(folder / "list.txt"), folder / "set")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    folder, all_of_them = tmp_path_factory.mktemp("large"), digests(20_000)
    lines = "".join(f"{one.hex()}  {number}.bin\n" for number, one in enumerate(all_of_them))
    return made(folder, lines).files[0].path, all_of_them


def test_a_set_holds_what_was_in_the_list_and_nothing_else(large: tuple[Path, list[bytes]]) -> None:
    path, there = large
    others = digests(20_000, seed=2)
    with StoredSet(path) as stored:
        stored.verify()
        assert len(stored) == 20_000
        assert stored.found(list(enumerate([*there, *others]))) == list(range(20_000))


def test_neighbours_of_a_digest_are_not_found(large: tuple[Path, list[bytes]]) -> None:
    path, there = large
    near = [(int.from_bytes(one, "big") ^ 1).to_bytes(16, "big") for one in there[:500]]
    shifted = [one[1:] + other[:1] for one, other in zip(sorted(there), sorted(there)[1:], strict=False)]
    with StoredSet(path) as stored:
        assert stored.found(list(enumerate([*near, *shifted]))) == []


def test_a_set_of_one_digest_and_its_ends_are_found(tmp_path: Path) -> None:
    ends = [b"\0" * 32, b"\xff" * 32, b"\x7f" + b"\xff" * 31, b"\x80" + b"\0" * 31]
    built = made(tmp_path, "".join(f"{one.hex()}\n" for one in ends))
    with StoredSet(built.files[0].path) as stored:
        assert all(stored.holds(one) for one in ends)
        assert not stored.holds(b"\0" * 31 + b"\1")
        assert not stored.holds(b"\0" * 16)


def test_digests_that_all_begin_alike_are_found_and_counted_once(tmp_path: Path) -> None:
    there = [b"\xab\xcd\xef" + one[3:] for one in digests(3000)]
    built = made(tmp_path, "".join(f"{one.hex()}\n" for one in [*there, *[there[5]] * 300]))
    assert built.files[0].count == 3000
    assert built.counts["duplicate"] == 300
    assert {(one.number, one.what) for one in built.first} == {
        (3001 + number, "the MD5 digest of line 6 again") for number in range(20)
    }
    with StoredSet(built.files[0].path) as stored:
        assert stored.found(list(enumerate([*there, *digests(100)]))) == list(range(3000))


def in_order(folder: Path, given: list[str], sorted_digests: int) -> tuple[list[str], int]:
    with closing(Spool(folder, "md5", held_digests=70, sorted_digests=sorted_digests)) as held:
        for at in range(0, len(given), 50):
            held.add(given[at : at + 50])
        parts = list(held.in_order())
    return [one.encode("latin-1").hex() for part, _, _ in parts for one in part], sum(more for _, more, _ in parts)


def test_more_than_fit_into_memory_are_divided_by_further_bytes(tmp_path: Path) -> None:
    given = [("abcdef" + one.hex()[6:]) if number % 3 else one.hex() for number, one in enumerate(digests(600))]
    assert in_order(tmp_path, given * 2, 10) == (sorted(given), 600)


def test_one_digest_a_thousand_times_is_one(tmp_path: Path) -> None:
    assert in_order(tmp_path, ["00" * 16] * 1000, 100) == (["00" * 16], 999)


def test_the_same_list_makes_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    there = [one.hex() for one in digests(500)]
    for name, order in (("a", there), ("b", there[::-1])):
        (tmp_path / name).mkdir()
        made(tmp_path / name, "\n".join(order))
    paths = [tmp_path / name / "set" / "md5.hashes" for name in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_header_is_as_the_document_of_the_format_says(large: tuple[Path, list[bytes]]) -> None:
    stored = large[0].read_bytes()
    magic, version, bits, name, count, sha256 = struct.unpack_from("<8sII8sQ32s", stored)
    assert (magic, version, name, count) == (b"HASHSET\n", 1, b"md5\0\0\0\0\0", 20_000)
    assert sha256 == hashlib.sha256(stored[:DIGEST_OFFSET] + bytes(32) + stored[HEADER.size :]).digest()
    table = struct.unpack_from(f"<{(1 << bits) + 1}Q", stored, 64)
    body = stored[64 + 8 * len(table) :]
    assert [body[at : at + 16] for at in range(0, len(body), 16)] == sorted(large[1])
    assert table[-1] == 20_000
    leading = [int.from_bytes(one[:4], "big") >> (32 - bits) for one in large[1]]
    assert all(table[place + 1] - table[place] == leading.count(place) for place in range(0, 1 << bits, 97))


@pytest.mark.parametrize("at", [0, 9, 12, 18, 26, 40, 64, 2000, -1])
def test_a_changed_byte_anywhere_is_found_out(large: tuple[Path, list[bytes]], tmp_path: Path, at: int) -> None:
    stored = bytearray(large[0].read_bytes())
    stored[at] ^= 0x10
    changed = tmp_path / "changed.hashes"
    changed.write_bytes(stored)
    with pytest.raises(HashSetError), StoredSet(changed) as opened:
        opened.verify()


def test_a_set_that_is_cut_off_is_refused_when_it_is_opened(large: tuple[Path, list[bytes]], tmp_path: Path) -> None:
    for length in (0, 10, 63, 500, 100_000):
        half = tmp_path / f"{length}.hashes"
        half.write_bytes(large[0].read_bytes()[:length])
        with pytest.raises(HashSetError, match=r"is no stored hash set|bytes long"):
            StoredSet(half)


def test_what_a_person_stops_raises_through(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\n".join(one.hex() for one in digests(10)))
    (tmp_path / "set").mkdir()

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        build(open_source(tmp_path / "list.txt"), tmp_path / "set", stop)


def test_progress_never_goes_back_and_ends_whole(tmp_path: Path) -> None:
    text = "".join(f"1,{one.hex()},{one.hex() * 2},x\n" for one in digests(2000))
    (tmp_path / "list.txt").write_text(f"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n{text}")
    (tmp_path / "set").mkdir()
    told: list[tuple[int, int]] = []
    build(open_source(tmp_path / "list.txt"), tmp_path / "set", lambda *at: told.append(at))
    assert told == sorted(told)
    assert {760, 780, 800, 860, 880, 900} <= {done for done, _ in told}  # both sets sorted, digested and compared
    assert told[-1] == (1000, 1000)


@pytest.mark.skipif(shutil.which("hfind") is None, reason="hfind of The Sleuth Kit is not installed")
def test_hfind_finds_the_same(large: tuple[Path, list[bytes]], tmp_path: Path) -> None:
    listed = tmp_path / "list.md5"
    listed.write_text("".join(f"{one.hex()}  f\n" for one in large[1][:2000]))
    subprocess.run(["hfind", "-i", "md5sum", listed], check=True, capture_output=True)
    asked = [*large[1][:100], *digests(100, seed=3)]
    (tmp_path / "asked").write_text("".join(f"{one.hex()}\n" for one in asked))
    told = subprocess.run(["hfind", "-f", tmp_path / "asked", listed], check=True, capture_output=True, text=True)
    theirs = ["Not Found" not in line for line in told.stdout.splitlines()]
    with StoredSet(large[0]) as stored:
        assert [stored.holds(one) for one in asked] == theirs


def test_a_list_can_be_read_twice_with_the_same_result(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\n".join(one.hex() for one in digests(10)))
    source = open_source(tmp_path / "list.txt")
    first, second = ([batch.digests for batch in source.batches(Remarks(), lambda done, total: None)] for _ in range(2))
    assert first == second


@settings(max_examples=50)
@given(
    st.integers(LEAST_BITS, 12),
    st.lists(st.integers(0, 2**24 - 1), max_size=60, unique=True),
    st.lists(st.integers(0, 60), max_size=4),
)
def test_the_table_of_places_counts_the_smaller_digests_however_they_come(
    bits: int, leading: list[int], cuts: list[int]
) -> None:
    in_order = [one.to_bytes(3, "big") + bytes(13) for one in sorted(leading)]
    fan, borders = FanOut(bits), [0, *sorted(cuts), len(in_order)]
    for start, stop in pairwise(borders):
        fan.add([one.decode("latin-1") for one in in_order[start:stop]])
    shift = 24 - bits
    counts = Counter(one >> shift for one in leading)
    expected = accumulate((counts[place] for place in range(1 << bits)), initial=0)
    assert fan.finished() == struct.pack(f"<{(1 << bits) + 1}Q", *expected)
