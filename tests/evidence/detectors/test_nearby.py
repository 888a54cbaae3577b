"""Detectors look only near signs of what they find: what they find is what they find when they look everywhere."""

import itertools
import json
import random
import re
from pathlib import Path

import pytest

from evidence.detectors import nearby, scanning, words
from evidence.detectors.base import Detector
from evidence.detectors.table import DETECTORS
from tests.evidence.detectors.test_secrets import SECRETS
from tests.evidence.detectors.test_virtual_currency import ADDRESSES

HERE = Path(__file__).parent
OTHERS = (
    "ada.lovelace@mail.example.org", "https://a.example/x?u=http://b.example:80/(y)", "smb://host/share", "192.0.2.7",
    "2001:db8::7:1", "::ffff:192.0.2.1", "12:30:45", "a:b", "+44 20 7946 0958", "+1 (212) 555-0100", "4111111111111111",
    "4111 1111 1111 1111", "3782-822463-10005", "DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819",
    "NO9386011117947", "48.858370, 2.294481", "1.23456,2.34567,3.45678,4.56789", "geo:48.2010,16.3695", "%3D", "%2C",
    "+44 (0)20 7946 0958", "0044 20 7946 0958", "0049-(0)30/1234567", "de89 3704 0044 0532 0130 00",
    "gb82west12345698765432", "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "+49\u202f30\u2007123\u00a04567",
    "MT84\u202fMALT\u202f0110\u202f0001\u202f2345\u202fMTLC\u202fAST0\u202f01S", "4111\u00a01111\u00a01111\u00a01111",
    "3782\u2007822463\u200710005", "+48.8577+002.295/",
    "48\u00b051\u203229\u2033N 2\u00b017'40\"E", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "addr_test1", "bitcoincash:", "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
)  # fmt: skip
BETWEEN = (
    "",
    " ",
    "\n",
    ".",
    ",",
    ":",
    "/",
    "+",
    "-",
    "@",
    "%20",
    "%3D",
    "\0",
    "\0\0\0",
    "\u3000",
    "\u2014",
    "\u00a0",
    "\u2007",
    "\u202f",
    "(0)",
    "00",
    "_",
    "=",
    "0",
)


def known() -> list[str]:
    shares = json.loads((HERE / "slip39_vectors.json").read_text("utf-8"))
    monero = json.loads((HERE / "monero_vectors.json").read_text("utf-8"))
    listed = [phrase for phrases in monero.values() for phrase in phrases] + [shares[0][1][0], shares[19][1][0]]
    return [*ADDRESSES, *SECRETS.values(), *OTHERS, *listed]


def made(seed: int, size: int) -> bytes:
    """Everything that is known, whole, cut, changed and one behind the other, with words of lists and noise between."""
    source, parts = random.Random(seed), known()
    lists = [list(words.places(name)) for name in (*words.BIP39, words.SLIP39, *words.MONERO)]
    data = bytearray()
    while len(data) < size:
        kind = source.randrange(7)
        if kind < 3:
            part = source.choice(parts)
            if kind == 1:
                first = source.randrange(len(part))
                part = part[first : source.randrange(first, len(part)) + 1]
            if kind == 2:
                at = source.randrange(len(part))
                part = part[:at] + source.choice(parts)[:1] + part[at + 1 :]
            data += part.encode("utf-16-le" if source.random() < 0.2 else "utf-8")
        elif kind == 3:
            data += (
                source.choice(BETWEEN[1:]).join(source.choices(source.choice(lists), k=source.randrange(30))).encode()
            )
        elif kind == 4:
            data += source.randbytes(source.choice((1, 2, 17, 200)))
        elif kind == 5:
            signs = source.choice(
                (
                    b"0123456789",
                    b"0123456789abcdef:.",
                    b"acdefghj1",
                    b"+-. ()/",
                    b"0123456789 \xc2\xa0+()",
                    b"0149 -\xe2\x80\xaf\x87",
                    b"aA1z",
                    b"%2C@",
                )
            )
            data += bytes(source.choices(signs, k=source.choice((3, 20, 150))))
        else:
            data += source.choice((b"x " * source.randrange(400), b"\0" * source.randrange(200)))
        data += source.choice(BETWEEN).encode()
    return bytes(data)


@pytest.mark.req("REQ-57")
@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("detector", DETECTORS, ids=lambda one: one.kinds[0])
def test_a_detector_finds_near_its_signs_what_it_finds_everywhere(detector: Detector) -> None:
    found = 0
    for seed in range(20):
        data = made(seed, 20_000)
        everywhere = [(one.start, one.end, one.kind, one.text, one.validity) for one in detector.find(data)]
        near = [
            (begin + one.start, begin + one.end, one.kind, one.text, one.validity)
            for begin, end in nearby.stretches(data, detector.signs, detector.reach_bytes)
            for one in detector.find(data[begin:end])
        ]
        assert sorted(near) == sorted(everywhere), seed
        found += len(near)
    assert found, "nothing was there to be found"


NUMBERS = {
    "IBAN": (
        "de89 3704 0044 0532 0130 00",
        "MT84\u202fMALT\u202f0110\u202f0001\u202f2345\u202fMTLC\u202fAST0\u202f01S",
    ),
    "telephone number": ("+44 (0)20 7946 0958", "0044 20 7946 0958", "+49\u00a030\u20071234567"),
    "card number": ("4111 1111 1111 1111", "3782\u202f822463\u202f10005"),
}


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("kind", NUMBERS)
def test_nothing_is_found_at_the_edge_of_a_stretch_that_what_stands_before_it_forbids(kind: str) -> None:
    (detector,) = (one for one in DETECTORS if one.kinds[0].startswith(kind))
    found = 0
    for forbidden, allowed in itertools.product(NUMBERS[kind], repeat=2):
        for gap in range(1, 2 * detector.reach_bytes):
            data = b"x " * 200 + b"0" + forbidden.encode() + b"\n" * gap + allowed.encode()
            everywhere = [(one.start, one.end, one.text) for one in detector.find(data)]
            near = [
                (begin + one.start, begin + one.end, one.text)
                for begin, end in nearby.stretches(data, detector.signs, detector.reach_bytes)
                for one in detector.find(data[begin:end])
            ]
            assert near == everywhere, (forbidden, allowed, gap)
            found += len(near)
    assert found > detector.reach_bytes


def test_signs_leave_most_of_text_and_noise_out() -> None:
    source = random.Random(5)
    text = " ".join(
        source.choices(["the", "of", "a", "house", "window", "administration", "is", "under"], k=20_000)
    ).encode()
    for data in (text, source.randbytes(100_000)):
        for detector in DETECTORS:
            looked_at = sum(end - begin for begin, end in nearby.stretches(data, detector.signs, detector.reach_bytes))
            assert looked_at < len(data) // 2, detector.kinds


def test_stretches_of_utf_16_are_those_that_python_finds() -> None:
    letter = rb"[\t\n\r\x20-\x7e\xa0-\xff]\x00|[\x00-\xff][\x01\x03\x04\x11\x30\xac-\xd7]|[\x07\x10-\x3a]\x20"
    pattern = re.compile(rb"(?!\x00\x30)(?:" + letter + rb"){6,}", re.DOTALL)
    for seed in range(10):
        data = made(seed, 20_000)
        spans = list(nearby.spans(scanning._WIDE, data))
        assert spans == [match.span() for match in pattern.finditer(data)]
        assert spans


def test_stretches_are_in_order_and_apart() -> None:
    data = made(1, 20_000)
    found = nearby.stretches(data, (b"@", b"://"), 30)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))
    assert nearby.stretches(b"", (b"@",), 30) == nearby.stretches(b"abc", (b"@",), 30) == []
    assert nearby.stretches(b"a@b@c", (b"@",), 1) == [(0, 5)]
