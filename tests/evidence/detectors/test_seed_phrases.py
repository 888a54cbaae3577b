"""Seed phrases among other words, and as people write them; made of random entropy, in places of ours."""

import itertools
import random
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Literal

import pytest

from evidence.detectors import checked_phrases
from evidence.detectors import words as wordlists
from evidence.detectors.base import Found
from evidence.detectors.scanning import find_all, scan
from evidence.detectors.seeds import KINDS


@cache
def listed(language: str) -> list[str]:
    return (files("mnemonic") / "wordlist" / f"{language}.txt").read_text("utf-8").split()


def phrase(seed: int, language: str = "english", count: int = 12) -> list[str]:
    source = random.Random(seed)
    words = source.choices(listed(language), k=count - 1)
    places = wordlists.places(language)
    for last in listed(language):
        if checked_phrases.bip39([places[word] for word in map(wordlists.plain, (*words, last))]) == count:
            return [*words, last]
    raise AssertionError(seed)


def phrases(data: bytes) -> list[Found]:
    return [one for one in find_all(data) if one.kind == KINDS[0]]


@pytest.mark.req("REQ-58")
def test_no_chance_candidate_swallows_the_phrase_that_begins_behind_it() -> None:
    for seed in range(200):
        text = " ".join(phrase(seed))
        data = f"my seed phrase: {text} about this wallet".encode()
        begin = data.index(text.encode())
        assert any(one.start <= begin and begin + len(text) <= one.end for one in phrases(data)), seed


def test_a_phrase_within_a_longer_one_is_not_told_again_and_pieces_tell_the_same() -> None:
    data = b"\n".join(" ".join(phrase(seed, count=24)).encode() for seed in range(40))
    found = phrases(data)
    assert all(one.end < other.end and one.start < other.start for one, other in itertools.pairwise(found))
    for size in (3000, 7777):
        again = scan(data[at : at + size] for at in range(0, len(data), size))
        assert [one for one in again if one.kind == KINDS[0]] == found


@pytest.mark.req("REQ-58")
@pytest.mark.parametrize(
    "form",
    [
        "\u201c{}\u201d ", "{}\u00a0", "\u2022{}\n", "{} \u2014 ", "{}_", "{}/", "{}\r\n", "{}%20", "{}%2C", "{}+",
        "{}\u3000", "[{}]\t", "<{}>", "{}&", "{}\u2192", "{}\udc80", "{}\udc93\udc94", "{} \U0001f511 ", "{} \\ ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["english", "french"])
def test_a_phrase_is_found_in_whatever_stands_between_its_words(form: str, language: str) -> None:
    words = phrase(3, language)
    data = b"\xff \xe9 " + "".join(form.format(word) for word in words).encode("utf-8", "surrogateescape")
    (found,) = phrases(data)
    assert data[found.start :].startswith(words[0].encode())
    assert data[: found.end].endswith(words[-1].encode())
    numbered = "\n".join(f"{at:02}.) \u2013 {word}" for at, word in enumerate(words, 1)).encode()
    assert [one.text for one in phrases(numbered)] == [f"*** (12 words, {language})"]


@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("language", ["chinese_simplified", "chinese_traditional"])
def test_chinese_without_spaces_is_found_where_it_stands(language: str) -> None:
    text = "".join(phrase(11, language))
    for before in (b"", b"key: ", b"\xe7\x9a ", b"\xff\xfe\x80", "\u0416".encode()):
        data = before + text.encode() + b"."
        assert (len(before), len(data) - 1) in {(one.start, one.end) for one in phrases(data)}


@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("language", ["english", "french", "czech", "spanish", "japanese", "korean"])
@pytest.mark.parametrize("form", ["NFC", "NFKD"])
def test_utf_16_is_read_in_other_languages_too(language: str, form: Literal["NFC", "NFKD"]) -> None:
    words = [unicodedata.normalize(form, word) for word in phrase(5, language)]
    for before in (b"\xff\xfe", b"\x07plain text, odd"):
        data = before + "\u2014".join(words).encode("utf-16-le") + b"\0\0\0"
        (found,) = phrases(data)
        assert data[found.start : found.end].decode("utf-16-le") == "\u2014".join(words)


def test_letters_of_another_script_and_a_long_gap_end_a_phrase() -> None:
    words = phrase(3)
    for between in (" \u0436 ", " the ", " " * 17, ""):
        assert phrases(f"{' '.join(words[:6])}{between}{' '.join(words[6:])}".encode()) == []
