"""Detectors leap over what cannot be a find: they find what plain expressions find that are tried everywhere."""

import ipaddress
import random
import re

import pytest

from evidence.detectors import cards, coordinates, network, web
from evidence.detectors.scanning import find_all
from evidence.detectors.seeds import BIP39
from tests.evidence.detectors.test_coordinates import FORMS
from tests.evidence.detectors.test_nearby import made

_V4 = re.compile(rb"(?<![0-9A-Za-z.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z]|\.[0-9])")
_URL = re.compile(
    rb"(?<![A-Za-z0-9+.-])(?:https?|ftps?|sftp|wss?|smb)://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{0,2048}", re.IGNORECASE
)
_SIGNS = (
    b"0123456789.,;NSEWOnsewo \xc2\xb0'\"+-",
    b'lat:on="0123456789.-,',
    b":/htpsfwmbHTPS.a@",
    b"0123456789.",
    b"123456789abcdefABCDEF:.",
)


BETWEEN = (b"", b" ", b"\n", b", ", b".", b"x", b"\xc2\xa0")


def texts(seed: int) -> list[bytes]:
    """Coordinates cut and joined, signs by chance, and everything that is known."""
    source = random.Random(seed)
    forms = [*FORMS, "48.858370N2.294481E", "48,8583\u00b0N2,2944\u00b0E", "HTTPS://a.example/x", "1:2:3:4:5:6:7:8"]
    parts = [made(seed, 4000)]
    for _ in range(200):
        encoding = source.choice(("utf-8", "latin-1"))
        text = source.choice(forms).encode(encoding, "replace") + source.choice(BETWEEN)
        if source.random() < 0.5:
            first = source.randrange(len(text))
            text = text[first : source.randrange(first, len(text)) + 1]
        text += source.choice(forms).encode(encoding, "replace")
        parts.append(text + source.choice(BETWEEN) + bytes(source.choices(source.choice(_SIGNS), k=30)))
    return parts


def test_coordinates_of_each_form_have_the_signs_that_it_is_looked_for_by() -> None:
    found = 0
    for seed in range(30):
        for data in texts(seed):
            plain = []
            for _, pattern, read in coordinates._FORMS:
                for match in pattern.finditer(data):
                    pair = read(match)
                    if pair is not None and abs(pair[0]) <= 90 and abs(pair[1]) <= 180:
                        plain.append(match.span())
            assert [(one.start, one.end) for one in coordinates.find(data)] == plain, data
            found += len(plain)
    assert found > 1000


def test_urls_begin_where_a_plain_expression_sees_them_begin() -> None:
    found = 0
    for seed in range(30):
        for data in texts(seed):
            spans = [match.span() for match in web._matches(data)]
            assert spans == [match.span() for match in _URL.finditer(data)], data
            found += len(spans)
    assert found > 100
    assert [one.span() for one in web._matches(b"http\n://a.example HTTPS://b.example xhttp://c.example")] == [(18, 35)]


def test_addresses_of_the_internet_are_those_that_plain_expressions_and_pythons_reader_take() -> None:
    found = 0
    for seed in range(30):
        for data in texts(seed):
            assert [one.span() for one in network._V4.finditer(data)] == [one.span() for one in _V4.finditer(data)], (
                data
            )
            sixes = [one.text for one in network.find(data) if one.kind == network.V6]
            words = [match[1].decode().rstrip(".") for match in network._V6.finditer(data)]
            words = [word[:-1] if word.endswith(":") and not word.endswith("::") else word for word in words]
            assert sixes == [word for word in words if sum(map(bool, word.split(":"))) > 1 and _is_v6(word)], data
            found += len(sixes)
    assert found > 100


def _is_v6(word: str) -> bool:
    try:
        ipaddress.IPv6Address(word)
    except ValueError:
        return False
    return True


def test_the_scheme_of_a_card_is_the_first_of_the_table_that_issues_its_number() -> None:
    source = random.Random(3)
    for beginning in range(1000, 10_000):
        digits = f"{beginning}{source.randrange(10**15):015}"[: source.randint(13, 19)]
        fits = [
            scheme
            for scheme, (first, last), lengths in cards._RANGES
            if len(digits) in lengths and first <= int(digits[: len(str(first))]) <= last
        ]
        assert cards._scheme(digits) == (fits[0] if fits else None), digits


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize(
    "address", ["ivan@\u4f8b\u5b50.\u6d4b\u8bd5", "iv\u00e1n@p.\u6d4b\u8bd5", "i.van@m\u4f8b.example"]
)
def test_an_address_in_utf_16_is_found_though_its_host_goes_on_in_signs_that_are_no_sign_of_utf_16(
    address: str,
) -> None:
    data = f"to: <{address}> so".encode("utf-16-le")
    assert address in " ".join(one.text for one in find_all(data) if one.kind == "e-mail address")


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("pair", ["48.858370N2.294481E", "48.858370 N2.294481 E", "48,858370N2,294481E"])
def test_coordinates_with_nothing_behind_the_side_are_found_without_other_signs(pair: str) -> None:
    assert [one.text for one in find_all(f"at {pair} so".encode()) if one.kind == "coordinates"] == [
        "48.858370, 2.294481"
    ]


@pytest.mark.req("REQ-58")
def test_a_seed_phrase_among_letters_of_another_script_is_a_candidate() -> None:
    phrase = "abandon " * 11 + "about"
    for before in ("\u0441\u043b\u043e\u0432\u0430: ", "%20caf\u00e9 ", "\u8a5e\u3002"):
        found = [
            one for one in find_all(f"{before}{phrase} \u0456 \u0434\u0430\u043b\u0456".encode()) if one.kind == BIP39
        ]
        assert [one.start for one in found] == [len(before.encode())]
