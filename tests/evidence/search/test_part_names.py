"""Names of attachments in pieces and code pages, and what Outlook packs: the same in the search and in the viewer."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage

import pytest

from evidence.search.extraction import text_of
from evidence.viewers.mail import Letter

TNEF = b"\x78\x9f\x3e\x22\x01\x00" + b"needle inside" + bytes(40)


class Content:
    def __init__(self, data: bytes) -> None:
        self.data, self.size_bytes = data, len(data)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self.data[offset_bytes : offset_bytes + size_bytes]


def mail(disposition: bytes, kind: bytes = b"application/pdf", body: bytes = b"body") -> bytes:
    return (
        b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=AA\r\n\r\n--AA\r\n"
        b"Content-Type: " + kind + b"\r\nContent-Disposition: " + disposition + b"\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(body) + b"--AA--\r\n"
    )


def names_shown(data: bytes) -> list[str]:
    letter = Letter(Content(data), lambda done, total: None)
    return [row[2] for row in letter.rows("parts", "", 0, 100).rows]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"attachment;\r\n filename*0*=utf-8'uk'%D0%B4%D0%BE;\r\n filename*1*=%D0%B3.pdf", "дог.pdf"),
        (b"attachment;\r\n filename*1*=%BE%D0%B3.pdf;\r\n filename*0*=utf-8''%D0%B4%D0", "дог.pdf"),
        (b"attachment; filename*0*=koi8-r''%C4%CF; filename*1=\"-x;.pdf\"", "до-x;.pdf"),
        (b"attachment; FileName*=Windows-1251''%E4%EE%E3.pdf", "дог.pdf"),
        (b"attachment; filename*=x-nothing''%D0%B4.pdf", "д.pdf"),
        (b"attachment; filename*=us-ascii''%D0%B4.pdf", "д.pdf"),
        (b"attachment; filename*=%D0%B4.pdf", "д.pdf"),
        (b"attachment; filename=\"plain.pdf\"; filename*=utf-8''%D0%B4.pdf", "д.pdf (also: plain.pdf)"),
        (b'attachment; filename*0="=?utf-8?B?0LTQvtCz"; filename*1="LnBkZg==?="', "дог.pdf"),
        ('attachment; filename="дог.pdf"'.encode(), "дог.pdf"),
        (b'attachment; filename="a\\"b;c.pdf"', 'a"b;c.pdf'),
        (b"attachment\r\nContent-Type: x/y; name*=utf-8''%D0%B4", "д"),
    ],
)
def test_names_are_decoded_in_the_viewer_and_found_by_the_search(disposition: bytes, name: str) -> None:
    data = mail(disposition)
    text = text_of("mail", data, [])[0].splitlines()
    for one in name.removesuffix(")").split(" (also: "):
        assert one in text
    assert names_shown(data)[1] == name


def test_names_as_a_standard_library_writes_them_come_back() -> None:
    name = "Договір про надання послуг " * 6 + "№ 1 'копія' 100%.pdf"
    letter = EmailMessage()
    letter["From"] = "a@example.org"
    letter.set_content("text")
    letter.add_attachment(b"x", maintype="application", subtype="pdf", filename=name)
    data = letter.as_bytes()
    assert b"filename*1*=" in data
    assert name in text_of("mail", data, [])[0].splitlines()
    assert name in names_shown(data)


def test_a_name_in_another_code_page_than_declared_is_looked_through() -> None:
    unknown = list[bytes]()
    text_of("mail", mail(b"attachment; filename*=us-ascii''%E4%EE%E3.pdf"), unknown)
    assert "дог.pdf".encode("windows-1251") in [bytes(one) for one in unknown]


def test_heads_that_were_made_to_take_long_do_not() -> None:
    began = time.process_time()
    for head in (b'a="\\";' * 50_000, b"filename*0=x;" * 50_000, b"=?" * 100_000, b";" * 300_000):
        text_of("mail", mail(b"attachment;" + head), [])
    assert time.process_time() - began < 10


@pytest.mark.parametrize("kind", [b"application/ms-tnef", b"application/octet-stream"])
def test_what_outlook_packs_is_told_and_its_bytes_are_looked_through(kind: bytes) -> None:
    data, unknown = mail(b"attachment; filename=winmail.dat", kind, TNEF), list[bytes]()
    assert "winmail.dat (TNEF of Outlook" in text_of("mail", data, unknown)[1]
    assert TNEF in [bytes(one) for one in unknown]
    remarks = " ".join(Letter(Content(data), lambda done, total: None).sheet.remarks)
    assert "TNEF of Outlook (winmail.dat) in part 1.1" in remarks
