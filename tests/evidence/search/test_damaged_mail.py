"""Mail that does not hold together: what can be read is searched, and what cannot be decoded is told."""

from __future__ import annotations

import base64
import random
from email import policy
from email.parser import BytesParser

import pytest

from evidence.search.extraction import text_of
from evidence.search.transfer import from_base64, from_quoted_printable

HEAD = b"From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
PACKED = base64.encodebytes("word needle \u0441\u0443\u043c\u0430 end".encode())
PART = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + PACKED
CODING = b"Content-Transfer-Encoding: base64\r\n"
NO_CODE = "quoted-printable that stands for nothing"
SHOWN = b"--AA\r\nContent-Type: text/plain\r\n\r\n"
NEEDLE = "needle \u0441\u0443\u043c\u0430"


def multipart(body: bytes, rules: bytes = b'; boundary="AA"', coding: bytes = b"") -> bytes:
    return HEAD + b"Content-Type: multipart/mixed" + rules + b"\r\n" + coding + b"\r\n" + body


def single(body: bytes, coding: bytes, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + coding + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (multipart(b"--BB\r\n" + PART + b"--BB--\r\n"), "the border of its parts that it tells is nowhere in it"),
        (multipart(b"--BB\r\n" + PART + b"--BB--\r\n", b""), "no border of its parts is told"),
        (multipart(b"--AA\r\n" + PART), "it ends before its last border"),
        (
            multipart(
                b"--AA\r\nContent-Type: multipart/mixed; boundary=CC\r\n\r\n--CC\r\n" + PART + b"--AA\r\n"
                b"Content-Type: text/plain\r\n\r\nsecond\r\n--AA--\r\n"
            ),
            "it ends before its last border",
        ),
        (
            multipart(base64.encodebytes(b"--AA\r\n" + PART + b"--AA--\r\n"), coding=CODING),
            "the border of its parts that it tells is nowhere in it",
        ),
        (HEAD + b"a line that is none\r\n" + PART, "its head ends without an empty line"),
        (single(PACKED, b"base-64"), "packed as \u201cbase-64\u201d, which is not known"),
        (single(base64.encodebytes(b"first") + PACKED, b"base64"), "padding amid its base64"),
        (single(b"!!!none!!!\n" + PACKED + b"list@example.org", b"base64"), "signs in its base64 that are none of it"),
        (single(PACKED.strip() + b"AAAAA", b"base64"), "base64 that ends amid a byte"),
        (single(b"a =ZZ needle =D1=81=D1=83=D0=BC=D0=B0 b", b"quoted-printable"), NO_CODE),
        (single(b"a=\rneedle =D1=81=D1=83=D0=BC=D0=B0\nb", b"quoted-printable"), NO_CODE),
    ],
)  # fmt: skip
def test_words_in_damaged_mail_are_found_and_the_damage_is_told(mail: bytes, why: str) -> None:
    unknown = list[bytes]()
    text, told = text_of("mail", mail, unknown)
    if "head ends" not in why:  # its packed text belongs to no part any more
        assert NEEDLE in text or any(NEEDLE.encode() in data for data in unknown)
    assert why in told


@pytest.mark.parametrize(
    "mail",
    [
        multipart(b"hidden --\r\n--ZZ\r\n" + PART + b"" + SHOWN + b"shown\r\n--AA--\r\n"),
        multipart(SHOWN + b"shown\r\n--AA--\r\n--AA\r\n" + PART + b"--AA--\r\nhidden --"),
        multipart(SHOWN + b"hidden -- returned:\r\n--ZZ\r\n" + PART + b"--ZZ--\r\n--AA--\r\n"),
        single(PACKED + b"\r\n", b"base64 (hidden --)"),
        single(b"From: b@example.org\nSubject: inner\n\nhidden -- " + NEEDLE.encode(), b"8bit", b"message/rfc822"),
        single(base64.encodebytes(b"From: x\n\nhidden -- " + NEEDLE.encode()), b"base64", b"message/rfc822"),
    ],
)  # fmt: skip
def test_what_stands_around_parts_or_is_packed_without_need_is_read_and_nothing_is_told(mail: bytes) -> None:
    text, told = text_of("mail", mail)
    assert NEEDLE in text
    assert "hidden --" in text
    assert told == ""


def test_lines_of_a_head_that_the_parser_drops_are_read_also_within_a_packed_message() -> None:
    inner = b" dropped-continuation\nSubject: inner\n:dropped-name\nFrom: x\n\nbody\n"
    text, told = text_of("mail", single(base64.encodebytes(inner), b"base64", b"message/rfc822"))
    assert "dropped-continuation" in text
    assert "dropped-name" in text
    assert "a line of its head has no name" in told


def test_a_damaged_line_of_base64_costs_that_line_alone() -> None:
    words = " ".join(f"word{number:04}" for number in range(500)).encode()
    lines = base64.encodebytes(words).splitlines(keepends=True)
    lines[10] = b"*" + lines[10][1:]
    found, why = from_base64(b"".join(lines))
    assert "signs in its base64" in why
    assert found == words[: 57 * 10] + words[57 * 11 :]


def test_what_is_sound_is_decoded_as_the_library_does_and_hostile_mail_ends() -> None:
    chance = random.Random(5)
    for size in range(80):
        data = chance.randbytes(size)
        assert from_base64(base64.encodebytes(data)) == (data, "")
    part = BytesParser(policy=policy.compat32).parsebytes(single(b"=41=\nb =3D", b"quoted-printable"))
    assert from_quoted_printable(b"=41=\nb =3D") == (part.get_payload(decode=True), "")
    whole = multipart(b"--AA\r\n" + PART + b"--AA--\r\n")
    for _ in range(200):
        at = chance.randrange(len(whole))
        text_of("mail", whole[:at] + chance.randbytes(chance.randrange(3)) + whole[at + chance.randrange(9) :])
    nested = b"".join(b"--B%d\r\nContent-Type: multipart/mixed\r\n\r\n" % level for level in range(300))
    text, told = text_of("mail", multipart(nested + b"needle at the end", b""))
    assert "needle at the end" in text
    assert "no border of its parts is told" in told
