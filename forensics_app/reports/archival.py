"""What makes a document fit for an archive: PDF/A-3, level B (ISO 19005-3).

Metadata in XMP that say what the information dictionary says, the colour space sRGB as output intent, attached files
with their relationship, and streams that end as the standard wants them to.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObject, PDFStream, PDFString

import resources
from forensics_app.model.attachment import Attachment

ENTRIES = ("OutputIntents", "AF")
"""Entries of a catalog that reportlab does not know."""
_TRAILER = re.compile(rb"/Info (\d+ 0 R)[^>]*?/Root (\d+ 0 R)", re.DOTALL)
_END_OF_STREAM = b"endstream\nendobj\n"
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<xmp:CreateDate>{made_at}</xmp:CreateDate>
<xmp:ModifyDate>{made_at}</xmp:ModifyDate>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a document says of itself, in XMP and in its information dictionary alike."""

    title: str
    author: str
    subject: str
    made_at: datetime
    creator: str = "forensics-app"
    producer: str = "reportlab"


def pdf_date(moment: datetime) -> str:
    """A moment as PDF writes it, in UTC."""
    return moment.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")


def describe(document: Any, facts: Facts) -> None:
    """Give a document of reportlab its metadata and its output intent."""
    catalog = document.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, *ENTRIES]
    told = {
        name: escape(value)
        for name in ("title", "author", "subject", "creator", "producer")
        if isinstance(value := getattr(facts, name), str)
    }
    xmp = _XMP.format(**told, made_at=facts.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    catalog.Metadata = _Metadata(xmp.encode("utf-8"))
    catalog.OutputIntents = PDFArray([_srgb(document)])


class _Metadata(PDFObject):  # type: ignore[misc]
    """A stream without a filter, which reportlab's own cannot be (6.6.2.1)."""

    __RefOnly__ = 1

    def __init__(self, xmp: bytes) -> None:
        self._xmp = xmp

    def format(self, document: Any) -> bytes:
        return b"<< /Length %d /Subtype /XML /Type /Metadata >>\nstream\n%sendstream\n" % (len(self._xmp), self._xmp)


def _srgb(document: Any) -> PDFDictionary:
    profile = PDFStream(content=resources.path("report/sRGB.icc").read_bytes())
    profile.dictionary["N"] = 3
    return PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString("sRGB"),
            "Info": PDFString("sRGB IEC61966-2.1"),
            "DestOutputProfile": document.Reference(profile),
        }
    )


def attach(document: Any, attachments: Sequence[Attachment]) -> None:
    """Put files into a document, each named in the catalog and in the list of embedded files."""
    if not attachments:
        return
    named: list[Any] = []
    for one in sorted(attachments, key=lambda attachment: attachment.name):
        named += [PDFString(one.name), document.Reference(_file_specification(document, one))]
    references = named[1::2]
    document.Catalog.AF = PDFArray(references)
    embedded = PDFDictionary({"Names": PDFArray(named)})
    document.Catalog.Names = PDFDictionary({"EmbeddedFiles": embedded})


def _file_specification(document: Any, one: Attachment) -> PDFDictionary:
    stream = PDFStream(content=one.content)
    date = PDFString(pdf_date(one.as_of))
    stream.dictionary["Type"], stream.dictionary["Subtype"] = PDFName("EmbeddedFile"), _media_type(one.media_type)
    stream.dictionary["Params"] = PDFDictionary(
        {
            "Size": len(one.content),
            "CreationDate": date,
            "ModDate": date,
            "CheckSum": _hexadecimal(hashlib.md5(one.content, usedforsecurity=False).digest()),
        }
    )
    reference = document.Reference(stream)
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(one.name),
            "UF": PDFString(one.name),
            "Desc": PDFString(one.words),
            "AFRelationship": PDFName(one.relationship.value),
            "EF": PDFDictionary({"F": reference, "UF": reference}),
        }
    )


def _media_type(text: str) -> str:
    return "/" + text.replace("/", "#2F").replace("+", "#2B")


def _hexadecimal(raw: bytes) -> bytes:
    return b"<" + raw.hex().encode("ascii") + b">"


def finished(raw: bytes, offsets: Sequence[int]) -> Iterator[bytes]:
    """The file as ISO 19005-3 wants it (6.1.3, 6.1.7.1): a line ends before each endstream; the id is of the content.

    Args:
        raw: What reportlab wrote.
        offsets: Where its objects begin, in the order of their numbers.
    """
    references = _TRAILER.search(raw, offsets[-1])
    assert references is not None, "reportlab wrote no trailer"
    end = raw.rindex(b"xref\n0 ", 0, references.start())
    pieces = [raw[: offsets[0]]]
    for start, stop in zip(offsets, [*offsets[1:], end], strict=True):
        piece = raw[start:stop]
        if piece.endswith(_END_OF_STREAM):
            piece = piece[: -len(_END_OF_STREAM)] + b"\n" + _END_OF_STREAM
        pieces.append(piece)
    digest, at, table = hashlib.sha256(), 0, [b"0000000000 65535 f \n"]
    for position, piece in enumerate(pieces):
        if position:
            table.append(b"%010d 00000 n \n" % at)
        digest.update(piece)
        at += len(piece)
        yield piece
    name = digest.hexdigest()[:32].encode("ascii")
    yield b"xref\n0 %d\n%s" % (len(table), b"".join(table))
    info, root = references.groups()
    yield b"trailer\n<< /ID [<%s> <%s>] /Info %s /Root %s /Size %d >>\n" % (name, name, info, root, len(table))
    yield b"startxref\n%d\n%%%%EOF\n" % at
