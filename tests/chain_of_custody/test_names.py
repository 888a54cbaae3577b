"""Names of people, compared: written otherwise, hidden, and truly different."""

import random

import pytest

from chain_of_custody.names import names, same_name, why_no_name
from tests.second_verifier import names as second

ALIKE = (
    ("Ivan Petrov", "Petrov, Ivan"),
    ("Ivan Petrov", " ivan\u00a0\u00a0PETROV "),
    ("Ivan Petrov", "Iv\u0430n P\u0435tr\u043ev"),
    ("Ivan Petrov", "lvan Petrov"),
    ("Ivan Petrov", "I\u200bvan\u2060 Pet\u00adrov"),
    ("Ivan Petrov", "I\ufe0fvan Petrov"),
    ("Ivan Petrov", "\uff29van Petrov (at the door)"),
    ("Ana Kova\u010d", "Ana Kovac\u030c"),
    ("Ana Kova\u010d", "Ana Kovac"),
    ("Nikos", "\u039dikos"),
    ("\u039d\u03af\u03ba\u03bf\u03c2", "\u039d\u0399\u039a\u039f\u03a3"),
    ("\u0418\u0432\u0430\u043d", "\u0418BAH"),
    ("Stra\u00dfe", "STRASSE"),
    ("Roy", "Ro\u10e7"),
    ("Jos\u00e9 \u0141ukasz", "JOSE LUKASZ"),
    ("Anne-Marie Roux", "anne marie roux"),
)
APART = (
    ("Ivan Petrov", "Ivana Petrov"),
    ("Ian Ross", "Lan Ross"),
    ("Ivan Petrov", "Petrov"),
    ("Ivan Ivan", "Ivan"),
    ("\u0418\u0432\u0430\u043d", "\u0418\u0432\u0430"),
    ("", ""),
    ("\u200b", " (x)"),
)
LETTERS = (
    "Ivan Petrov,(0lI1\u0430\u0435\u041d\u03bd\u039d\u03c3\u03c2\u10e7"
    "\u1ca7\u00df\u1e9e\u0131\u0130\u010dc\u030c\u200b\u00ad\ufe0f\u3164\uff29\u202e-\u0141 "
)


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_person_written_otherwise_is_one_person(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_people_are_two(one: str, other: str) -> None:
    assert not same_name(one, other)


@pytest.mark.req("REQ-19")
def test_a_name_is_found_in_what_is_told_wherever_its_words_stand() -> None:
    for told in ("Sgt. Otto Officer, courier", "Officer; OTTO", "Otto \u041efficer \u2013 driver"):
        assert names(told, "Otto Officer"), told
    assert not names("Otto, courier", "Otto Officer")
    assert not names("Anna Otto Nordlund", "Otto"), "a name of one word is only the same, not found among others"


def test_what_is_no_name_is_told() -> None:
    assert why_no_name("Iv\u0430n Petrov") == "Iv\u0430n is written with letters of several alphabets (cyrillic, latin)"
    assert "direction" in why_no_name("\u202enavI Petrov")
    for name in (
        "Ivan \u041f\u0435\u0442\u0440\u043e\u0432",
        "\u7530\u4e2d\u306e\u308a\u5b50",
        "Ana Kovac\u030c",
        "J. O'Neill-3",
        "",
        "\u0441\u0438\u043d",
    ):
        assert why_no_name(name) == ""


def test_the_second_verifier_compares_names_drawn_by_lot_in_the_same_way() -> None:
    by, same = random.Random(1), 0
    for _ in range(4000):
        one = "".join(by.choices(LETTERS, k=by.randrange(1, 7)))
        other = "".join(by.choice((char, char, by.choice(LETTERS))) for char in one)
        assert same_name(one, other) == second.are_same(one, other), (one, other)
        assert names(one + " " + other, one) == second.is_in(one + " " + other, one), (one, other)
        same += same_name(one, other)
    assert 300 < same < 3700
