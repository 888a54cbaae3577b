"""Documents of the story, each written by hand in its own format, without a date of today in it."""

import io
import sqlite3
import zipfile
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONTS = Path(__file__).parents[2] / "fonts" / "pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
CONTENT_TYPES = f"""\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/word/document.xml" ContentType="{WORD}"/>\
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>\
</Types>"""
RELATIONS = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" \
Target="word/document.xml"/>\
<Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" \
Target="docProps/core.xml"/></Relationships>"""
CORE = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>{author}</dc:creator>\
<cp:lastModifiedBy>{author}</cp:lastModifiedBy>\
<dcterms:modified xsi:type="dcterms:W3CDTF">{when}</dcterms:modified></cp:coreProperties>"""
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(paragraphs: Sequence[str], *, author: str, modified: datetime) -> bytes:
    """A Word document (ECMA-376) of plain paragraphs."""
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in paragraphs)
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{NAMESPACE}"><w:body>{body}</w:body></w:document>'
    )
    core = CORE.format(author=escape(author), when=modified.strftime("%Y-%m-%dT%H:%M:%SZ"))
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS,
        "word/document.xml": document,
        "docProps/core.xml": core,
    }
    return zipped({name: text.encode() for name, text in parts.items()}, modified)


def zipped(parts: dict[str, bytes], when: datetime) -> bytes:
    """A ZIP archive whose members all carry the time `when`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, (when.year, when.month, when.day, when.hour, when.minute, when.second))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return out.getvalue()


def pdf(title: str, lines: Sequence[str], *, author: str) -> bytes:
    """One page with a heading, text lines and a rule; the same bytes every time."""
    for name in ("NotoSans-Regular", "NotoSans-Bold"):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4, invariant=1)
    page.setTitle(title)
    page.setAuthor(author)
    page.setFont("NotoSans-Bold", 20)
    page.drawString(60, 770, title)
    page.line(60, 758, 535, 758)
    page.setFont("NotoSans-Regular", 11)
    for number, line in enumerate(lines):
        page.drawString(60, 730 - 19 * number, line)
    page.showPage()
    page.save()
    return out.getvalue()


def eml(
    *,
    sender: str,
    to: str,
    subject: str,
    sent: datetime,
    text: str,
    number: int,
    attachment: tuple[str, bytes] | None = None,
) -> bytes:
    """A mail as it lies in a folder (RFC 5322)."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(sent)
    mail["Message-ID"] = f"<{sent:%Y%m%d%H%M%S}.{number}@mail.example>"
    mail.set_content(text)
    if attachment is not None:
        name, content = attachment
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        mail.set_boundary(f"=_part_{number:04}")
    return mail.as_bytes()


def browser_history(visits: Sequence[tuple[datetime, str, str]], work: Path) -> bytes:
    """A SQLite database with two tables, as a browser keeps its visits (times in microseconds since 1601)."""
    place = work / "history.sqlite"
    place.unlink(missing_ok=True)
    with sqlite3.connect(place) as database:
        database.execute("CREATE TABLE urls (id INTEGER PRIMARY KEY, url TEXT, title TEXT)")
        database.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, url INTEGER, visit_time INTEGER)")
        for number, (when, url, title) in enumerate(visits, start=1):
            since_1601_us = round((when.timestamp() + 11_644_473_600) * 1_000_000)
            database.execute("INSERT INTO urls VALUES (?, ?, ?)", (number, url, title))
            database.execute("INSERT INTO visits VALUES (?, ?, ?)", (number, number, since_1601_us))
    database.close()
    return place.read_bytes()


def chat(messages: Sequence[tuple[datetime, str, str]]) -> bytes:
    """A conversation as an HTML page."""
    rows = "\n".join(
        f"<p><time>{when:%Y-%m-%d %H:%M}</time> <b>{escape(who)}</b> {escape(text)}</p>" for when, who, text in messages
    )
    head = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Chat export</title></head>\n<body>\n'
    return f"{head}{rows}\n</body></html>\n".encode()


def iban(country: str, account: str) -> str:
    """An account number with a true check (ISO 13616, modulus 97) for an invented bank, in groups of four."""
    digits = "".join(str(int(char, 36)) for char in f"{account}{country}00")
    whole = f"{country}{98 - int(digits) % 97:02}{account}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))
