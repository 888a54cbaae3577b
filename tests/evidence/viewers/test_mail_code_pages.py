"""Letters that are not in the code page that they declare, and headers that stand in them twice."""

from __future__ import annotations

import base64

import pytest

from evidence.viewers.mail import Letter

WORDS = "Привіт, мир. Деньги завтра"


class Content:
    def __init__(self, data: bytes) -> None:
        self._data, self.size_bytes = data, len(data)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self._data[offset_bytes : offset_bytes + size_bytes]


def opened(data: bytes) -> Letter:
    return Letter(Content(data), lambda done, total: None)


def letter(body: bytes, charset: str, *, packed: bool = False, kind: str = "plain") -> Letter:
    told = f"Content-Type: text/{kind}{charset and '; charset=' + charset}\r\n".encode()
    if packed:
        told, body = told + b"Content-Transfer-Encoding: base64\r\n", base64.encodebytes(body)
    return opened(b"From: a@b.example\r\n" + told + b"\r\n" + body)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("charset", ["us-ascii", "utf-8", "", "x-unknown", "iso-8859-1"])
@pytest.mark.parametrize("page", ["cp1251", "koi8-u", "cp866"])
def test_a_body_in_another_code_page_is_told_and_can_be_read(page: str, charset: str, packed: bool) -> None:
    found = letter(WORDS.encode(page, "replace"), charset, packed=packed)
    (told,) = [one for one in found.sheet.remarks if one.startswith("Part 1 declares ")]
    assert (charset or "no code page") in told
    assert "in other code pages beside" in told or "see those beside" in told
    assert WORDS.encode(page, "replace").decode(page) in found.text("code_pages").split("\n")


def test_what_is_declared_rightly_is_told_of_nothing() -> None:
    for page, words in (("cp1251", WORDS), ("utf-8", WORDS), ("iso-8859-1", "Über allen Gipfeln ist Ruh"), ("", "a")):
        found = letter(words.encode(page or "ascii"), page)
        assert found.sheet.remarks == ()
        assert found.text("text1") == words
        assert "code_pages" not in [part.key for part in found.sheet.parts]


def test_bytes_that_are_utf_8_are_shown_as_it_and_a_page_as_it_declares_itself() -> None:
    found = letter(WORDS.encode(), "us-ascii")
    assert (found.text("text1"), "it is shown as UTF-8" in found.sheet.remarks[0]) == (WORDS, True)
    page = b"<meta charset=windows-1251>" + "Привет".encode("cp1251")
    for charset in ("us-ascii", ""):
        assert "Привет" in letter(page, charset, kind="html").text("text1")
    assert any("that the page itself declares" in one for one in letter(page, "us-ascii", kind="html").sheet.remarks)


def test_headers_and_names_in_another_code_page_can_be_read() -> None:
    word = b"=?utf-8?B?" + base64.b64encode("Привет".encode("cp1251")) + b"?="
    found = opened(b"Subject: " + word + b"\r\nX-Raw: " + "Сырой".encode("cp1251") + b"\r\n\r\nbody")
    assert [one.split(" declares ")[0] for one in found.sheet.remarks] == ["The header Subject", "The header X-Raw"]
    assert {"Привет", "Сырой"} <= set(found.text("code_pages").split("\n"))
    rows = dict(opened("Subject: Über =?utf-8?q?=C3=9C?=\r\n\r\n".encode()).rows("headers", "", 0, 9).rows)
    assert rows["Subject"] == "Über Ü"
    name = b"Content-Disposition: attachment; filename*=utf-8''%cf%f0%e8\r\n"
    part = b"--x\r\nContent-Type: application/pdf\r\n" + name + b"\r\n1\r\n"
    found = opened(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part + b"--x--\r\n")
    assert any(one.startswith("A name of part 1.1 declares utf-8, but") for one in found.sheet.remarks)
    assert "При" in found.text("code_pages").split("\n")


def test_headers_that_stand_twice_are_told_and_each_date_put_to_utc() -> None:
    dates = b"Date: Mon, 1 Jan 2024 10:00:00 +0200\r\nDate: Tue, 2 Jan 2024 10:00:00 -0100\r\n"
    found = opened(dates + b"From: a@b.example\r\nFrom: c@d.example\r\nReceived: x\r\nReceived: y\r\n\r\nbody")
    rows = found.rows("headers", "", 0, 9).rows
    assert [(row[0][:6], row[1]) for row in rows[:2]] == [
        ("Date 1", "2024-01-01T08:00:00Z"), ("Date 2", "2024-01-02T11:00:00Z"),
    ]  # fmt: skip
    assert found.sheet.remarks == (
        "It has 2 headers Date, where one is allowed: all are shown.",
        "It has 2 headers From, where one is allowed: all are shown.",
    )
