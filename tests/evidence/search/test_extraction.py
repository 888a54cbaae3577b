"""The text of documents, and documents that are none."""

import io
import zipfile

import pytest
from reportlab.pdfgen.canvas import Canvas

from evidence.search.extraction import kind_in, text_of
from evidence.search.kinds import document_kind
from evidence.viewers.pdf import MOST_TEXT


def zipped(**parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return made.getvalue()


def pdf() -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=1)
    for words in ("the first page", "the second page"):
        canvas.drawString(100, 700, words)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


WORDS = "<w:p><w:t>a &amp; b</w:t></w:p><w:p><w:t>se</w:t><w:t>cond</w:t></w:p>"
PAGE = b"<meta charset='cp1251'><p>\xc4\xee<b>\xec</b><script>no()</script><a href='x://y'>z</a>"
MAIL = (
    b"From: ana@example.org\r\nSubject: =?utf-8?b?0JTQvtCz0L7QstGW0YA=?=\r\nContent-Type: text/html; charset=koi8-u\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nPGI+0NLJzcXSPC9iPg==\r\n"
)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("ooxml", zipped(word__document=WORDS), "a & b\nsecond"),
        ("ooxml", zipped(xl__sharedStrings="<si><t>cell &#x416;</t></si>"), "cell \u0416"),
        ("odf", zipped(content="<text:p>one<text:tab/>two</text:p>"), "one\ntwo"),
        ("html", PAGE, "\u0414\u043e\u043c"),
        ("mail", MAIL, "\u0414\u043e\u0433\u043e\u0432\u0456\u0440"),
        ("mail", MAIL, "\u043f\u0440\u0438\u043c\u0435\u0440"),
        ("pdf", pdf(), "the first page"),
        ("pdf", pdf(), "the second page"),
    ],
)  # fmt: skip
def test_the_text_of_a_document_is_extracted(kind: str, data: bytes, words: str) -> None:
    text, left_out = text_of(kind, data)
    assert words in text
    assert left_out == ""


@pytest.mark.parametrize("kind", ["ooxml", "odf", "pdf"])
@pytest.mark.parametrize("data", [b"", b"PK\3\4 half a file", b"%PDF-1.7 and no more", zipped(other="x")])
def test_what_is_no_such_document_is_told_in_words(kind: str, data: bytes) -> None:
    with pytest.raises(ValueError, match="its text cannot be extracted"):
        text_of(kind, data)


def test_of_a_document_that_swells_the_beginning_is_read_and_the_rest_told() -> None:
    text, left_out = text_of("ooxml", zipped(word__document="begin" + "\0" * (65 * 1024 * 1024), word__other="end"))
    assert text.startswith("begin")
    assert "more than 67,108,864 bytes" in left_out


def parts(count: int) -> bytes:
    return zipped(**{f"xl__worksheets__sheet{number}": f"<c>cell {number}</c>" for number in range(count)})


@pytest.mark.parametrize(
    ("kind", "data", "last", "words"),
    [
        ("ooxml", parts(2000), "cell 1999", ""),
        ("ooxml", parts(2001), "cell 1999", "first 2,000 parts"),
        (
            "mail",
            b"Content-Type: multipart/mixed; boundary=x\r\n" + b"\r\n--x\r\n\r\npart" * 2001,
            "part",
            "first 2,000 parts",
        ),
        ("html", b"<p>end" + b"a" * 16 * 1024 * 1024, "end", "first 16,777,216 characters"),
    ],
)
def test_what_is_left_out_of_the_text_of_a_large_document_is_told(
    kind: str, data: bytes, last: str, words: str
) -> None:
    text, left_out = text_of(kind, data)
    assert last in text
    assert "cell 2000" not in text
    assert words in left_out
    assert bool(words) == bool(left_out)


def test_documents_are_known_by_their_type_and_else_by_their_extension() -> None:
    assert document_kind("bin", "application/pdf") == "pdf"
    assert document_kind("docx", None) == "ooxml"
    assert kind_in(document_kind("txt", "text/plain"), b"From here on") == ""


def test_a_page_with_more_text_than_a_viewer_shows_is_searched_to_its_end() -> None:
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=1)
    for row in range(2_100):
        canvas.drawString(10, 10 + row / 4, f"{row:04} " + "filler " * 14)
    canvas.drawString(10, 5, "the very last words")
    canvas.save()
    text, left_out = text_of("pdf", made.getvalue())
    assert len(text) > MOST_TEXT
    assert "the very last words" in text
    assert "[cut" not in text
    assert left_out == ""


def test_a_word_of_a_pdf_that_goes_over_the_end_of_a_line_is_found_whole_and_with_its_hyphen() -> None:
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=1)
    for number, line in enumerate(("this is confi-", "dential, and well-", "known")):
        canvas.drawString(100, 700 - 15 * number, line)
    canvas.save()
    text, left_out = text_of("pdf", made.getvalue())
    for words in ("is confidential, and", "confi-dential,", "wellknown", "well-known"):
        assert words in text
    assert "\ufffe" not in text
    assert left_out == ""
