"""Shares of SLIP-39 and phrases of Monero: the published vectors, and what is near them and none.

``slip39_vectors.json`` is that of python-shamir-mnemonic (MIT), which SLIP-39 names, without what the shares open;
``monero_vectors.json`` are the phrases of the tests of monero-python (BSD with three clauses).
"""

import json
import random
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from evidence.detectors import checked_phrases, words
from evidence.detectors.base import CANDIDATE, Found
from evidence.detectors.scanning import find_all, scan
from evidence.detectors.seeds import MONERO, SLIP39

SHARES: list[tuple[str, list[str]]] = json.loads((Path(__file__).parent / "slip39_vectors.json").read_text("utf-8"))
PHRASES: dict[str, list[str]] = json.loads((Path(__file__).parent / "monero_vectors.json").read_text("utf-8"))
NO_SHARES = ("invalid checksum", "insufficient length", "invalid master secret length")


def of_kind(data: bytes, kind: str) -> list[Found]:
    return [one for one in find_all(data) if one.kind == kind]


@pytest.mark.req("REQ-57")
@pytest.mark.req("REQ-58")
def test_each_published_share_is_told_masked_and_those_with_a_wrong_checksum_or_length_are_not() -> None:
    assert len(SHARES) == 45
    for what, shares in SHARES:
        for share in shares:
            found = of_kind(f"Share 1 of 3: {share}\n".encode(), SLIP39)
            if any(wrong in what for wrong in NO_SHARES):
                assert not found, what
                continue
            (one,) = found
            assert one.text == f"*** ({len(share.split())} words, english)"
            assert (one.start, one.end - one.start, one.validity) == (14, len(share), CANDIDATE)


@pytest.mark.req("REQ-58")
def test_no_share_with_one_other_word_or_two_changed_places_passes() -> None:
    """RS1024 finds up to three wrong words for certain."""
    source, listed = random.Random(39), list(words.places(words.SLIP39))
    for _, (share, *_) in SHARES[::4]:
        good = share.split()
        for _ in range(25):
            changed = list(good)
            at, other = source.sample(range(len(good)), 2)
            changed[at] = source.choice([word for word in listed if word != good[at]])
            changed[other] = source.choice([good[other], *listed])
            assert of_kind(" ".join(changed).encode(), SLIP39) == []


@pytest.mark.req("REQ-57")
@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("form", ["NFC", "NFKD"])
@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        (language, encoding)
        for language in PHRASES
        for encoding in ("utf-8", "utf-16-le")
        if (language, encoding) != ("chinese_simplified", "utf-16-le")  # as for BIP-39: it looks like any ASCII
    ],
)
def test_phrases_of_monero_are_found_in_every_language_and_form(
    language: str, form: Literal["NFC", "NFKD"], encoding: str
) -> None:
    for phrase in PHRASES[language]:
        text = unicodedata.normalize(form, phrase)
        data = f"My wallet: {text} -- keep it".encode(encoding)
        begin, length = len("My wallet: ".encode(encoding)), len(text.encode(encoding))
        found = [one for one in of_kind(data, MONERO) if (one.start, one.end) == (begin, begin + length)]
        assert [one.validity for one in found] == [CANDIDATE]
        assert found[0].text == f"*** ({len(phrase.split())} words, {language.replace('_', ' ')})"


def test_every_list_has_a_vector_and_its_beginnings_tell_its_words_apart() -> None:
    assert {f"monero_{language}" for language in PHRASES} == set(words.MONERO)
    for name in words.MONERO:
        assert len(words.places(name)) == len(set(words.beginnings(name))) == 1626
    assert len(words.places(words.SLIP39)) == 1024
    assert list(words.places(words.SLIP39)) == sorted(words.places(words.SLIP39))


def test_a_phrase_of_monero_with_another_last_word_or_in_another_order_is_none() -> None:
    for phrase in (one for listed in PHRASES.values() for one in listed):
        *others, last = phrase.split()
        at = [place for place, word in enumerate(others) if word == last]
        missing = next(word for word in words.places("monero_english") if word not in others)
        assert of_kind(" ".join([*others, missing]).encode(), MONERO) == []
        assert at
    *others, last = PHRASES["english"][0].split()
    passed = 0
    for seed in range(200):
        random.Random(seed).shuffle(others)
        passed += bool(of_kind(" ".join([*others, last]).encode(), MONERO))
    assert passed < 40  # one in 24 passes by chance


@pytest.mark.req("REQ-58")
def test_pieces_tell_the_same_and_no_other_find_shows_a_word() -> None:
    share, phrase = SHARES[19][1][0], PHRASES["russian"][0]
    data = (
        f"{'x ' * 3000}https://a.example/?s={share.replace(' ', '+')}&b=1 {'y ' * 2000}{phrase}{' z' * 3000}".encode()
    )
    whole = find_all(data)
    assert {SLIP39, MONERO, "URL"} <= {one.kind for one in whole}
    for size in (1999, 7000):
        assert list(scan(data[at : at + size] for at in range(0, len(data), size))) == whole
    shown = " ".join(one.text for one in whole)
    assert not any(word in shown for word in (*share.split(), *phrase.split()) if len(word) > 4)


@pytest.mark.parametrize("places", [[], [1], [1] * 19, [1023] * 60])
def test_few_or_many_words_are_no_share(places: list[int]) -> None:
    assert checked_phrases.slip39(places) == 0


def test_long_shares_are_shares_too() -> None:
    """Of a secret of 512 bits, made here: the three last words are what makes the checksum 1."""
    values = [random.Random(512).randrange(1024) for _ in range(56)]
    values[1] &= ~0x10
    prefix = [*b"shamir"]
    check = 1
    for value in [*prefix, *values, 0, 0, 0]:
        check = checked_phrases._stepped(check, value)
    values += [(check ^ 1) >> shift & 1023 for shift in (20, 10, 0)]
    assert checked_phrases.slip39(values) == 59
