"""Every part of documents that has words, attachments and what is embedded; and that what is not read is told."""

from __future__ import annotations

import base64
import contextlib
import io
import plistlib
import shutil
import subprocess
import time
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from evidence.filesystems.content import BytesContent
from evidence.search.extraction import kind_in, text_of
from evidence.search.kinds import document_kind
from evidence.viewers.pdf import Document

DOCX = "<w:document><w:body><w:p><w:r><w:t>main</w:t></w:r></w:p></w:body></w:document>"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\1"
HEADS = b"From - Mon Nov 23 06:47:23 2026\r\nX-Mozilla-Status: 0001\r\n", b"From a@b Mon Nov 23\n"


def docx(words: str = "main") -> bytes:
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": DOCX.replace("main", words)})


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("docProps/core.xml", "<cp:coreProperties><dc:creator>NEEDLE</dc:creator></cp:coreProperties>"),
        ("docProps/custom.xml", "<property name='Client'><vt:lpwstr>NEEDLE</vt:lpwstr></property>"),
        ("docProps/custom.xml", "<property name='NEEDLE'><vt:lpwstr>x</vt:lpwstr></property>"),
        ("word/charts/chart1.xml", "<c:chart><c:v>NEEDLE</c:v></c:chart>"),
        ("word/diagrams/data1.xml", "<dgm:pt><a:p><a:r><a:t>NEE</a:t></a:r><a:r><a:t>DLE</a:t></a:r></a:p></dgm:pt>"),
        ("word/glossary/document.xml", "<w:p><w:r><w:t>NEEDLE</w:t></w:r></w:p>"),
        ("word/_rels/document.xml.rels", '<Relationship Id="r" Target="https://a.example/NEEDLE?a=1&amp;b=2"/>'),
        ("word/document2.xml", "<w:p><w:t>NEEDLE</w:t></w:p>"),
        ("word/document3.xml", '<?xml version="1.0" encoding="UTF-16"?><w:p><w:t>NEEDLE</w:t></w:p>'.encode("utf-16")),
        ("word/document4.xml", '<?xml version="1.0" encoding="UTF-16LE"?><w:t>NEEDLE</w:t>'.encode("utf-16-le")),
        ("word/document5.xml", "<w:p><w:t><![CDATA[NEEDLE]]></w:t></w:p>"),
        ("xl/workbook.xml", '<workbook><sheets><sheet name="NEEDLE" sheetId="1"/></sheets></workbook>'),
        ("xl/drawings/drawing1.xml", "<xdr:txBody><a:p><a:t>NEEDLE</a:t></a:p></xdr:txBody>"),
        ("xl/threadedComments/threadedComment1.xml", "<threadedComment><text>NEEDLE</text></threadedComment>"),
        ("xl/persons/person.xml", '<person displayName="NEEDLE" id="1"/>'),
        ("word/settings.xml", '<w:docVar w:name="a" w:val="NEEDLE"/>'),
        ("word/header1.xml", '<v:textpath string="NEEDLE"/>'),
        ("xl/worksheets/sheet1.xml", '<dataValidation prompt="NEEDLE" promptTitle="a"/>'),
        ("xl/pivotCache/pivotCacheRecords1.xml", '<r><s v="NEEDLE"/></r>'),
        ("ppt/tags/tag1.xml", '<p:tag name="a" val="> NEEDLE"/>'),
        ("xl/sharedStrings.xml", "<sst><si><t>NEE_x0044_LE</t></si></sst>"),
        ("ppt/comments/comment1.xml", "<p:cm><p:text>NEEDLE</p:text></p:cm>"),
        ("ppt/diagrams/data1.xml", "<dgm:t><a:t>NEEDLE</a:t></dgm:t>"),
        ("word/embeddings/report.docx", docx("NEEDLE")),
        ("word/afchunk.rtf", rb"{\rtf1 NE{\b ED}LE}"),
    ],
)  # fmt: skip
def test_every_part_of_an_office_file_that_has_words_is_read(part: str, content: str | bytes) -> None:
    text, left_out = text_of("ooxml", zipped({"word/document.xml": DOCX, part: content}))
    assert "NEEDLE" in text
    assert "main" in text
    assert left_out == ""


def test_a_text_part_of_another_name_is_the_document() -> None:
    text, _ = text_of("ooxml", zipped({"[Content_Types].xml": "<Types/>", "word/document2.xml": DOCX}))
    assert "main" in text


def test_objects_in_an_opendocument_file_are_read_and_one_that_is_encrypted_is_told() -> None:
    inner = "<text:p>NE<text:span>EDLE</text:span></text:p>"
    parts: dict[str, str | bytes] = {"content.xml": "<text:p>main</text:p>", "Object 1/content.xml": inner}
    text, left_out = text_of("odf", zipped(parts))
    assert "NEEDLE" in text
    assert left_out == ""
    sealed = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    with pytest.raises(ValueError, match="encrypted"):
        text_of("odf", zipped({**parts, "META-INF/manifest.xml": sealed}))


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "xl/worksheets/sheet1.bin", "word/embeddings/oleObject1.bin"])
def test_parts_that_are_not_read_are_told(name: str) -> None:
    text, left_out = text_of("ooxml", zipped({"word/document.xml": DOCX, name: OLE}))
    assert "main" in text
    assert name in left_out


def test_a_book_is_read() -> None:
    parts: dict[str, str | bytes] = {"META-INF/container.xml": "<c/>", "a/1.xhtml": "<p>NEED<i>LE</i></p>"}
    assert "NEEDLE" in text_of("epub", zipped(parts))[0]


def letter(*attachments: tuple[str, str, bytes]) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "ana@example.org", "papers"
    made.set_content("see there")
    for name, mime, content in attachments:
        main, _, sub = mime.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def test_attachments_of_mail_are_read_where_their_kind_is_known_and_else_told() -> None:
    csv = b"name;sum\r\nNEEDLEcsv;1"
    inner = letter(("in.docx", "application/octet-stream", docx("NEEDLEinner")))
    data = letter(
        ("a.docx", "application/octet-stream", docx("NEEDLEdocx")), ("b.csv", "application/vnd.ms-excel", csv),
        ("c.eml", "application/octet-stream", inner), ("d.jpg", "image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("e.zip", "application/zip", zipped({"a.txt": "x"})),
    )  # fmt: skip
    assert b"NEEDLE" not in data
    text, left_out = text_of("mail", data)
    for words in ("NEEDLEdocx", "NEEDLEcsv", "NEEDLEinner", "d.jpg"):
        assert words in text
    assert left_out == "2 of its parts were not searched as text: d.jpg, e.zip."


@pytest.mark.parametrize("head", HEADS)
def test_a_mailbox_without_a_name_that_says_so_is_read_message_by_message(head: bytes) -> None:
    body = base64.encodebytes("NEEDLE сума".encode()).decode()
    coding = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64"
    one = f"From: a@b\nSubject: x\nMIME-Version: 1.0\n{coding}\n\n{body}\n\n"
    data = head + one.encode() + head + one.replace("Subject: x", "Subject: =?utf-8?b?0LTRgNGD0LPQuNC5?=").encode()
    kind = kind_in(document_kind("", "text/plain"), data[:4096])
    assert kind == "mail"
    text, left_out = text_of(kind, data)
    assert text.count("NEEDLE сума") == 2
    assert "другий" in text
    assert left_out == ""


def test_a_message_of_apple_mail_is_read() -> None:
    message = letter(("a.docx", "application/octet-stream", docx("NEEDLE")))
    properties = b"<?xml version='1.0'?><plist><string>flags</string></plist>"
    text, _ = text_of("mail", f"{len(message)}\n".encode() + message + properties)
    assert "NEEDLE" in text
    assert "flags" in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rb"{\rtf1\ansi NE{\b ED}\i0 LE\par}", "NEEDLE"),
        (rb"{\rtf1\ansi\ansicpg1251 \'c4\'ee\'ec\u1078?x}", "\u0414\u043e\u043c\u0436x"),
        (rb"{\rtf1{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f1 \'c4\f0 \'e4}", "Дä"),
        (rb"{\rtf1\uc2 a\u-10179??\u-8704??b}", "a\U0001f600b"),
        (rb"{\rtf1 wo{\*\bkmkstart Go}rd{\field{\*\fldinst HYPERLINK NEEDLE}{\fldrslt x}}}", "wordx"),
        (rb"{\rtf1{\info{\author NEEDLE}}text}", "NEEDLE"),
        (b"{\\rtf1 NEED\r\nLE}", "NEEDLE"),
        (b"{\\rtf1 NE{\\pict\\bin3 }}{ }EDLE}", "NEEDLE"),
    ],
)  # fmt: skip
def test_the_words_of_rtf_are_read(data: bytes, words: str) -> None:
    text, left_out = text_of("rtf", data)
    assert words in text
    assert left_out == ""


def test_an_object_in_rtf_is_told() -> None:
    assert "embedded" in text_of("rtf", rb"{\rtf1 a{\object\objemb{\*\objdata 0105}}}")[1]


def test_cards_are_read_as_people_read_them() -> None:
    card = b"BEGIN:VCARD\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=94=D0=BE=\r\n=D0=BC\r\nNOTE:NEE\r\n DLE\r\n"
    text, _ = text_of("vcard", card)
    assert "Дом" in text
    assert "NEEDLE" in text


def test_a_card_in_a_code_page_that_it_does_not_tell_is_searched_as_bytes() -> None:
    packed = "".join(f"={byte:02X}" for byte in "сума".encode("cp1251"))
    card = b"BEGIN:VCARD\r\nN:" + "справа".encode("cp1251") + b"\r\nFN;ENCODING=QUOTED-PRINTABLE:"
    unknown = list[bytes]()
    text_of("vcard", card + packed.encode() + b"=\rhidden =41B\r\nX;ENCODING=QUOTED-PRINTABLE:=53um\r\n", unknown)
    assert any("сума".encode("cp1251") in data and b"hidden AB" in data for data in unknown)
    assert any("справа".encode("cp1251") in data for data in unknown)


def plist(value: object) -> bytes:
    return plistlib.dumps(value, fmt=plistlib.FMT_BINARY)


def test_texts_of_binary_property_lists_are_read_also_of_those_in_them_and_in_mail() -> None:
    inner = plist({"ключ": ["сума inside"], "$objects": [1, 2.5, True]})
    data = plist({"назва": "довга нота", "data": inner, "other": "справа".encode("cp1251"), "list": [{"k": "end"}]})
    assert "сума".encode("utf-16-be") in inner
    for kind, document in (("plist", data), ("mail", attached(data))):
        unknown = list[bytes]()
        text, told = text_of(kind, document, unknown)
        assert {"назва", "довга нота", "ключ", "сума inside", "end"} <= set(text.splitlines())
        assert ("справа".encode("cp1251") in unknown, told) == (True, "")
    assert (kind_in("octets", data), kind_in("plist", data), kind_in("plist", b"<?xml")) == ("plist", "plist", "")
    for size in range(len(data)):
        with pytest.raises(ValueError, match="its text cannot be extracted"):
            text_of("plist", data[:size])


def attached(data: bytes) -> bytes:
    mail = EmailMessage()
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename="notes.plist")
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("extension", "mime", "kind"),
    [
        *((name, "application/zip", "ooxml") for name in ("ppsx", "xltx", "potx", "dotm", "docx")),
        ("otp", "application/zip", "odf"), ("epub", "application/epub+zip", "epub"), ("mht", "text/plain", "mail"),
        ("emlx", "text/plain", "mail"), ("mbox", "text/plain", "mail"), ("vcf", "text/vcard", "vcard"),
        ("rtf", "text/rtf", "rtf"), ("zip", "application/zip", "packed"), ("gz", "application/gzip", "packed"),
        ("msi", "application/x-msi", "binary"), ("", "application/vnd.ms-outlook", "binary"),
        ("doc", "application/msword", "binary"), ("exe", "application/x-dosexec", ""), ("jpg", "image/jpeg", ""),
    ],
)  # fmt: skip
def test_kinds_are_known(extension: str, mime: str, kind: str) -> None:
    assert document_kind(extension, mime) == kind


def test_an_archive_that_is_a_document_is_read_and_another_told() -> None:
    assert "main" in text_of("packed", docx())[0]
    for data in (zipped({"a.txt": "x"}), b"\x1f\x8b\x08 and so on"):
        with pytest.raises(ValueError, match="packed bytes"):
            text_of("packed", data)
    with pytest.raises(ValueError, match="encrypted"):
        text_of("ooxml", OLE + bytes(600))


def outcome(kind: str, data: bytes) -> str:
    try:
        text_of(kind, data)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("kind", "data"),
    [("ooxml", docx()), ("mail", letter(("a.docx", "a/b", docx()))), ("rtf", rb"{\rtf1 {\b a}\u1?}" * 9)],
)
def test_damaged_documents_end_with_a_sentence(kind: str, data: bytes) -> None:
    for at in range(0, len(data), max(1, len(data) // 60)):
        for changed in (data[:at], data[:at] + b"\xff" + data[at + 1 :]):
            assert outcome(kind, changed)[:30] in ("", "its text cannot be extracted: ")


FORM_BOX = {"x": 50, "width": 300, "height": 40}


def form() -> bytes:
    """A page on which only fields and annotations stand."""
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=1)
    canvas.setAuthor("NEEDLEauthor")
    canvas.bookmarkPage("a")
    canvas.addOutlineEntry("NEEDLEbookmark", "a")
    canvas.acroForm.textfield(name="holder", tooltip="Account", value="NEEDLEfield", y=600, **FORM_BOX)
    canvas.acroForm.choice(name="bank", value="NEEDLEchoice", options=["NEEDLEchoice", "other"], y=500, **FORM_BOX)
    canvas.acroForm.checkbox(name="NEEDLEbox", checked=True, x=50, y=400)
    canvas.textAnnotation("NEEDLEnote", Rect=[50, 300, 80, 330])
    canvas.linkURL("https://a.example/NEEDLElink", (50, 200, 100, 220))
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def test_what_is_filled_in_and_noted_on_a_page_of_pdf_is_searched() -> None:
    text, left_out = text_of("pdf", form())
    for words in ("author", "bookmark", "field", "choice", "box", "note", "link"):
        assert f"NEEDLE{words}" in text
    assert left_out == ""


def test_fields_and_annotations_are_listed_and_drawn_as_another_program_draws_them(tmp_path: Path) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed")
    (tmp_path / "form.pdf").write_bytes(form())
    subprocess.run(["pdftoppm", "-r", "144", "-png", "-singlefile", "form.pdf", "form"], cwd=tmp_path, check=True)
    viewer = Document(BytesContent(form()), lambda done, total: None)
    with contextlib.closing(viewer):
        fields = viewer.rows("fields", "", 0, 9).rows
        notes = viewer.rows("annotations", "", 0, 9).rows
        picture = viewer.picture("pages", 0, 10_000, 1684)
    assert fields[0] == ("1", "holder / Account", "text", "NEEDLEfield")
    assert fields[1][2:] == ("combo box", "NEEDLEchoice")
    assert fields[2][2] == "check box"
    assert "(chosen)" in fields[2][3]
    assert {row[3] or row[4] for row in notes} == {"NEEDLEnote", "https://a.example/NEEDLElink"}
    for bottom in (600, 500):
        ours, others = (ink(data, bottom) for data in (picture.encoded, (tmp_path / "form.png").read_bytes()))
        assert others[2] - others[0] > 100, "the oracle drew no words"
        assert ours == pytest.approx(others, abs=12), "words stand elsewhere than the oracle has them"


def ink(data: bytes, bottom: int) -> tuple[int, int, int, int]:
    """What the words in a field take up inside its border; their fonts may differ."""
    with Image.open(io.BytesIO(data)) as page:
        scale = page.height / 841.89
        box = (53, 841.89 - bottom - 38, 340, 841.89 - bottom - 3)
        grey = page.convert("L").crop(tuple(round(side * scale) for side in box))
    return grey.point(lambda shade: 255 * (shade < 128)).getbbox() or (0, 0, 0, 0)


def test_the_library_that_draws_forms_runs_no_scripts() -> None:
    assert not {"V8", "XFA"} & set(pypdfium2.PDFIUM_INFO.flags)


def test_a_file_attached_to_a_pdf_is_searched(tmp_path: Path) -> None:
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf is not installed")
    (tmp_path / "form.pdf").write_bytes(form())
    (tmp_path / "a.docx").write_bytes(docx("NEEDLEattached"))
    (tmp_path / "b.bin").write_bytes(bytes(range(256)))
    for source, target, name in (("form.pdf", "one.pdf", "a.docx"), ("one.pdf", "two.pdf", "b.bin")):
        subprocess.run(["qpdf", source, "--add-attachment", name, "--", target], cwd=tmp_path, check=True)
    text, left_out = text_of("pdf", (tmp_path / "two.pdf").read_bytes())
    assert "NEEDLEattached" in text
    assert left_out == "1 of its parts were not searched as text: b.bin."


@pytest.mark.parametrize("again", ["<![CDATA[", "<w:br ", "<", "& ", ' name="', "]]>"])
def test_hostile_parts_take_a_time_that_grows_with_their_size(again: str) -> None:
    begun = time.process_time()
    text_of("ooxml", zipped({"word/document.xml": DOCX + again * (1 << 20)}))
    text_of("vcard", b"A;ENCODING=QUOTED-PRINTABLE:=\n" + b"x=\n" * 300_000)
    assert time.process_time() - begun < 10


def test_hyphens_and_blanks_that_are_elements_are_characters_and_names_of_the_format_are_left_out() -> None:
    words = "<w:p><w:r><w:t>NEE</w:t><w:noBreakHyphen/><w:t>DLE</w:t></w:r></w:p>"
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text, _ = text_of("ooxml", zipped({"word/document.xml": f'<w:document xmlns:w="{space}">{words}</w:document>'}))
    assert "NEE-DLE" in text
    assert "schemas." not in text
    text, _ = text_of("odf", zipped({"content.xml": "<text:p>two<text:s/>words<text:s text:c='2'/>more</text:p>"}))
    assert "two words  more" in text


GROSHI = "\u0433\u0440\u043e\u0448\u0456"
MONEY = r"\'e3\'f0\'ee\'f8\'b3"


@pytest.mark.parametrize(
    ("rtf", "words"),
    [
        (r"\ansicpg1252\deff0{\fonttbl{\f0\fcharset204 Arial;}}" + MONEY, GROSHI),
        (r"\ansicpg1252\deff3{\fonttbl{\f1 B;}{\f3\fcharset204 A;}}\f1\plain " + MONEY, GROSHI),
        (r"\ansicpg1252{\fonttbl{\f7\fcharset0\cpg1251 A;}}\f7 " + MONEY, GROSHI),
        (r"\ansicpg1252{\fonttbl{\f7\cpg1251\fcharset238 A;}}\f7 " + MONEY, GROSHI),
        (r"\ansicpg1251{\fonttbl{\f7\fcharset0 A;}}\f7 " + MONEY, GROSHI),
        (r"\ansicpg1251{\fonttbl{\f7\fcharset0 A;}}\f7 caf\'e9", "caf\u00e9"),
        (r"\uc1 \u1075\b NEEDLE", "\u0433NEEDLE"),
        (r"\uc2 \u1075\-?NEEDLE", "\u0433NEEDLE"),
        (r"\uc1 \u1075?NEEDLE", "\u0433NEEDLE"),
    ],
)  # fmt: skip
def test_text_of_rtf_is_read_in_the_code_page_of_its_font(rtf: str, words: str) -> None:
    text, left_out = text_of("rtf", (r"{\rtf1\ansi" + rtf + r"\par}").encode("ascii"))
    assert words in text
    assert left_out == ""


def test_bytes_of_an_rtf_file_that_are_said_to_go_beyond_its_end_hide_nothing_and_are_told() -> None:
    text, left_out = text_of("rtf", rb"{\rtf1{\pict\bin5 }}}{{}NE\'45DLE{\pict\bin999999999 }zq\'65leven}")
    assert "NEEDLE" in text
    assert "zqeleven" in text
    assert "more bytes than it has" in left_out
