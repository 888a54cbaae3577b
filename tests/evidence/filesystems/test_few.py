"""Few problems of a kind are told, and how many are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evidence.filesystems.few import MOST_OF_A_KIND, MOST_OTHERS, Few
from evidence.images.base import AS_READ, Problem


def problem(number: int, about: str = "", *, is_damage: bool = True) -> Problem:
    return Problem(what=f"Problem {number}.", where="v1", offset_bytes=number, is_damage=is_damage, about=about)


def test_each_kind_has_its_own_number_and_its_own_line() -> None:
    few = Few()
    taken = [few.takes(problem(n, about)) for n in range(MOST_OF_A_KIND + 5) for about in ("one kind", "another", "")]
    assert taken.count(False) == 10
    told = list(few.left_out())
    assert [one.about for one in told] == ["one kind", "another"]
    assert told[0].what == (
        "20 problems of this kind (one kind) are told; 5 more are not, the first of them: Problem 20."
    )
    assert (told[0].where, told[0].offset_bytes) == ("v1", 20)


def test_damage_among_what_is_left_out_stays_damage() -> None:
    few = Few()
    for number in range(MOST_OF_A_KIND + 2):
        few.takes(problem(number, "kind", is_damage=number > MOST_OF_A_KIND))
    assert [one.is_damage for one in few.left_out()] == [True]


def test_of_what_has_no_kind_many_are_told() -> None:
    few = Few()
    assert sum(few.takes(problem(number)) for number in range(MOST_OTHERS + 9)) == MOST_OTHERS
    (told,) = few.left_out()
    assert told.what.startswith("1000 problems of other kinds are told; 9 more are not")


def test_what_only_one_process_finds_is_not_counted() -> None:
    few = Few()
    assert all(few.takes(problem(number, AS_READ)) for number in range(2 * MOST_OTHERS))
    assert list(few.left_out()) == []


def test_what_is_left_out_is_told_also_where_the_walk_ends_in_an_error() -> None:
    def walk() -> Iterator[Problem | tuple[int]]:
        for number in range(MOST_OF_A_KIND + 3):
            yield problem(number, "kind")
            yield (number,)
        raise OSError("the disk is gone")

    told = list[Problem | tuple[int]]()
    with pytest.raises(OSError, match="gone"):
        told.extend(Few().of(walk()))
    assert [one for one in told if isinstance(one, tuple)] == [(number,) for number in range(MOST_OF_A_KIND + 3)]
    problems = [one for one in told if isinstance(one, Problem)]
    assert len(problems) == MOST_OF_A_KIND + 1
    assert "3 more are not" in problems[-1].what
