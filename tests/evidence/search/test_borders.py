"""What stands across the border of two areas: found where it crosses, and only there."""

from __future__ import annotations

import random

from evidence.detectors.table import DETECTORS
from evidence.filesystems.ranges import Range
from evidence.search.borders import across
from evidence.search.finder import Finder, Wanted
from evidence.search.looking import Hit
from forensics_app.services.search_borders import Runs, borders_of, meetings


def found(data: bytes, first: int, at: int, last: int, **wanted: object) -> list[tuple[int, int]]:
    asked = Wanted(encodings=("utf-8", "utf-16-le"), **wanted)  # type: ignore[arg-type]
    hits = across(Finder(asked), asked, lambda begin, size: data[begin : begin + size], (first, at, last))
    return [(hit.offset_bytes, hit.length_bytes) for hit in hits if isinstance(hit, Hit)]


def test_a_term_is_found_at_every_place_that_crosses_the_border_and_at_no_other() -> None:
    for begin in range(60, 140):
        data = bytes(begin) + b"needle" + bytes(200)
        assert found(data, 0, 100, 200, terms=("needle",)) == ([(begin, 6)] if begin < 100 < begin + 6 else []), begin


def test_the_halves_outside_of_both_areas_do_not_count() -> None:
    data = bytes(97) + b"needle" + bytes(97)
    assert found(data, 97, 100, 103, terms=("needle",)) == [(97, 6)]
    assert found(data, 98, 100, 103, terms=("needle",)) == []
    assert found(data, 97, 100, 102, terms=("needle",)) == []


def test_text_in_utf_16_and_expressions_cross_it_too() -> None:
    data = bytes(91) + "needle".encode("utf-16-le") + bytes(97)
    assert found(data, 0, 100, 200, terms=("NEEDLE",)) == [(91, 12)]
    assert found(data, 0, 100, 200, expressions=("n[a-z]+e",)) == [(91, 12)]
    assert found(b"7" * 9000, 0, 4500, 9000, expressions=("7{10}",)) != []


def test_what_detectors_find_crosses_it() -> None:
    wallet = b"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
    assert max(detector.longest_bytes for detector in DETECTORS) > len(wallet)
    assert (980, len(wallet)) in found(bytes(980) + wallet + bytes(986), 0, 1000, 2000, detect=True)


def runs_of(*runs: tuple[int, int, int]) -> Runs:
    made = Runs()
    for start, length, entry in runs:
        made.add((start, length), entry)
    return made


def test_borders_are_those_of_free_space_and_gaps_with_each_other_and_with_a_content() -> None:
    free, gaps = [(100, 50), (150, 50), (400, 100)], [(200, 20), (0, 10)]
    runs = runs_of((10, 90, 7), (220, 180, 8), (500, 20, 9))
    assert list(borders_of(runs, free, gaps)) == [
        (0, 10, 100, 7),
        (10, 100, 220, 7),
        (100, 200, 220, 0),
        (100, 220, 400, 8),
        (220, 400, 500, 8),
        (400, 500, 520, 9),
    ]


def test_no_border_is_looked_at_where_it_is_not_known_whose_bytes_are_beside_it() -> None:
    assert list(borders_of(runs_of((0, 100, 0)), [(100, 10)], [])) == []
    assert list(borders_of(runs_of((0, 100, 3), (50, 50, 4)), [(100, 10)], [])) == []
    assert list(borders_of(runs_of((0, 100, 3), (0, 100, 3)), [(100, 10)], [])) == [(0, 100, 110, 3)]


def test_contents_meet_where_one_ends_and_another_begins_and_it_is_clear_whose_bytes_they_are() -> None:
    runs = runs_of((0, 100, 1), (100, 50, 2), (150, 10, 2), (160, 40, 3), (210, 10, 4), (220, 10, 0), (230, 10, 5))
    assert list(meetings(runs)) == [(0, 100, 150, 1, 2), (150, 160, 200, 2, 3)]
    assert list(meetings(runs_of((0, 100, 1), (50, 50, 2), (100, 10, 3)))) == []
    assert list(meetings(runs_of((0, 100, 1), (100, 10, 2), (100, 10, 3)))) == []
    assert list(meetings(runs_of((0, 100, 1), (100, 10, 2), (105, 10, 3)))) == []
    assert list(meetings(runs_of())) == []


def test_every_crossing_of_many_areas_is_found_once() -> None:
    """Areas in a random order; a term across each border is found once, unless it goes through a whole content."""
    source = random.Random(36)
    for _ in range(60):
        at, areas, last = 0, list[tuple[str, Range]](), ""
        for _ in range(12):
            kind = source.choice([one for one in ("content", "free", "gap") if one != last or one == "content"])
            length = source.randint(4 if kind == "content" else 2, 9)  # a content fills a block
            areas.append((kind, (at, length)))
            at, last = at + length, kind
        runs = runs_of(*((*area, number) for number, (kind, area) in enumerate(areas, 1) if kind == "content"))
        free, gaps = ([area for kind, area in areas if kind == wanted] for wanted in ("free", "gap"))
        borders = [*borders_of(runs, free, gaps), *meetings(runs)]
        for start in range(at - 3):
            data = bytearray(at)
            data[start : start + 4] = b"term"
            touched = [kind for kind, (first, length) in areas if first < start + 4 and start < first + length]
            hits = [hit for border in borders for hit in found(bytes(data), *border[:3], terms=("term",))]
            expected = len(touched) > 1 and (touched.count("content") < 2 or touched == ["content"] * 2)
            assert hits == ([(start, 4)] if expected else []), (areas, start, borders)
