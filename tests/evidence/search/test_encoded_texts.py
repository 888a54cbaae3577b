"""Text that stands in a mail in base64 only: whatever its code page, its markup and its borders are."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.reading import FileReader
from evidence.search.characters import USUAL_ENCODINGS
from evidence.search.extraction import text_of
from evidence.search.finder import Wanted
from evidence.search.markup import Aside
from evidence.search.task import search
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, need, run
from tests.evidence.search.test_mailboxes import Kept

WORDS = "Передай гроші завтра"
HEAD = b"From: a@b\r\nTo: c@d\r\nMIME-Version: 1.0\r\n"


def mail(content_type: bytes, body: bytes) -> bytes:
    coding = b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return HEAD + b"Content-Type: " + content_type + coding + base64.encodebytes(body)


def attached(name: bytes, content_type: bytes, body: bytes) -> bytes:
    kind = content_type + b"; name=" + name + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    part = b"--B\r\nContent-Type: " + kind + base64.encodebytes(body) + b"--B--\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + part


def headed(charset: str) -> bytes:
    return f"Subject: =?{charset}?B?{base64.b64encode(CYRILLIC).decode()}?=\r\n\r\nx".encode()


CYRILLIC = WORDS.encode("cp1251")
UNDECLARED = {
    "body": mail(b"text/plain", CYRILLIC),
    "unknown": mail(b"text/plain; charset=x-nobody", CYRILLIC),
    "wrong": mail(b"text/plain; charset=us-ascii", CYRILLIC),
    "file": attached(b"note.txt", b"application/octet-stream", CYRILLIC),
    "wide": attached(b"note.txt", b"text/plain", WORDS.encode("utf-16-le")),
    "page": mail(b"text/html", CYRILLIC.replace(b"\xf0\xee", b"\xf0<i>\xee")),
    "named": attached(b"a.html", b"text/html; charset=koi8-u", b"<html>" + WORDS.encode("koi8-u")),
    "known": mail(b"text/plain; charset=windows-1251", CYRILLIC),
    "utf-8 told as latin": mail(b"text/plain; charset=iso-8859-1", WORDS.encode()),
    "told as latin": mail(b"text/plain; charset=iso-8859-1", CYRILLIC),
    "told as koi8": mail(b"text/html; charset=koi8-r", b"<p>" + CYRILLIC),
    "head": mail(b"message/rfc822", b"Subject: " + CYRILLIC + b"\r\n\r\nx"),
    "head told as utf-8": headed("utf-8"),
    "head told as latin": headed("iso-8859-1"),
    "head as it is": headed("windows-1251"),
}  # fmt: skip


@pytest.mark.req("REQ-57")
def test_words_in_base64_are_found_in_the_encodings_of_the_search(tmp_path: Path) -> None:
    need("mkfs.vfat", "mcopy")
    path = blank(tmp_path / "fat", 8 << 20)
    run("mkfs.vfat", path)
    for name, data in UNDECLARED.items():
        (tmp_path / name).write_bytes(data)
        run("mcopy", "-i", path, tmp_path / name, f"::{name}")
    seen = list(examine(PlainImage(path), hash_files=False))
    (volume,) = {one.id: one for one in seen if isinstance(one, Volume)}.values()
    rows = [dict(zip(FILE_COLUMNS, row, strict=True)) for one in seen if isinstance(one, tuple) for row in one]
    places = {str(row["path"])[1:]: row["address"] for row in rows}
    kept: Any = Kept()
    asked = {
        "image": "image", "wanted": Wanted(terms=("гроші",), encodings=USUAL_ENCODINGS).plain(),
        "lineages": {"v0": (volume,)}, "starts": {"v0": 0},
        "pieces": tuple(
            (number, "v0", places[name], "file", 0, -1, "mail", 1) for number, name in enumerate(UNDECLARED)
        ),
    }  # fmt: skip
    search({"image": FileReader(PlainImage(path))}, asked, kept)
    names = list(UNDECLARED)
    found = {names[one[1]]: [(hit[4], hit[5]) for hit in one[3]] for one in kept.items if one[0] == "hits"}
    assert found == {
        **{name: [("cp1251", "гроші")] for name in ("body", "unknown", "wrong", "file", "page")},
        "wide": [("utf-16-le", "гроші")], "named": [("utf-8", "гроші")], "known": [("utf-8", "гроші")],
        **{name: [("cp1251", "гроші")] for name in ("told as latin", "told as koi8", "head", "head told as utf-8")},
        "head told as latin": [("cp1251", "гроші")], "utf-8 told as latin": [("utf-8", "гроші")],
        "head as it is": [("utf-8", "гроші")],
    }  # fmt: skip
    (missed,) = [one for one in kept.items if one[0] == "missed"]
    assert names[missed[1]] == "unknown"
    assert "The code page “x-nobody” is not known" in missed[5]


def test_what_is_found_in_a_text_is_not_found_once_more_in_its_bytes() -> None:
    unknown = list[bytes]()
    for name in ("known", "named"):
        assert WORDS in text_of("mail", UNDECLARED[name], unknown)[0]
    assert [type(one) for one in unknown] == [Aside, Aside], "kept, for it reads as another code page, too"
    word = CYRILLIC.index("гроші".encode("cp1251"))
    assert isinstance(unknown[0], Aside)
    assert unknown[0].is_in_text(word, word + 5, "cp1251")
    assert not unknown[0].is_in_text(word, word + 5, "koi8-u")


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize(
    "page",
    [
        b"<script>location='http://NEEDLE.example/'</script>", b"<style>.NEEDLE{}</style>", b"<!-- NEEDLE -->",
        b"<![if NEEDLE]>x", b"<input value='NEEDLE'/>", b"<form action='http://NEEDLE/'>", b"<p data-x=NEEDLE>x",
        b"<a onclick=\"go('NEEDLE')\">x", b"<script>NEEDLE", b"NEE<small>D</small>LE", b"NEE<a href='x://y'>DLE</a>",
        b"NEE<img alt=x>DLE", b"<script src=x />NEEDLE",
    ],
)  # fmt: skip
def test_what_a_page_in_base64_does_not_show_is_searched_too(page: bytes) -> None:
    for data in (mail(b"text/html", page), attached(b"a.html", b"text/html", b"<html>" + page)):
        text, left_out = text_of("mail", data)
        assert ("NEEDLE" in text, left_out) == (True, "")


def test_cells_and_paragraphs_are_lines_of_their_own() -> None:
    text, _ = text_of("html", b"<table><tr><td>one</td><td>two</td></tr></table><div>three</div>four")
    assert text.split() == ["one", "two", "three", "four"]
