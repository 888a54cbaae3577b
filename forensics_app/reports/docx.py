"""Writes a report as an editable document (Office Open XML), marked as unsigned on every page.

Written here and not by a library: a report needs paragraphs, tables and pictures, and they are told one by one, so that
of a list of any length only what is packed is held in memory, and nothing goes to a temporary file (REQ-70). Sources:
ECMA-376 (5th edition), part 1, clauses 17 and 20; part 2.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC
from gzip import GzipFile
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.sax.saxutils import escape

from forensics_app.model.dossier import Dossier
from forensics_app.reports.fonts import Face
from forensics_app.reports.lines import Piece, Style
from forensics_app.reports.pdf import tell
from forensics_app.reports.telling import shown
from forensics_app.reports.unsigned import identity_words, unsigned_words
from forensics_app.reports.wording import words_of
from forensics_app.reports.words import as_told, speaking

_PIECE_BYTES = 1 * 1024 * 1024
_EMU_PER_PT = 12_700
_PAGE_TWIPS = 9_866
_LABEL_TWIPS = 2_440
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = f"""{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/>\
<Override PartName="/word/document.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>\
<Override PartName="/word/styles.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>\
<Override PartName="/word/header1.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>\
<Override PartName="/word/footer1.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>\
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>\
</Types>"""
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TOP = f"""{_HEAD}<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_R}/officeDocument" \
Target="word/document.xml"/><Relationship Id="r2" \
Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" \
Target="docProps/core.xml"/></Relationships>"""
_STYLES = f"""{_HEAD}<w:styles xmlns:w="{_W}"><w:docDefaults><w:rPrDefault><w:rPr>\
<w:rFonts w:ascii="Noto Sans" w:hAnsi="Noto Sans" w:eastAsia="Noto Sans CJK SC" w:cs="Noto Sans"/><w:sz w:val="18"/>\
</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="60"/></w:pPr></w:pPrDefault></w:docDefaults>\
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>\
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>\
<w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="420" w:after="100"/><w:outlineLvl w:val="0"/></w:pPr>\
<w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>\
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:basedOn w:val="Normal"/>\
<w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="260" w:after="80"/><w:outlineLvl w:val="1"/></w:pPr>\
<w:rPr><w:b/><w:sz w:val="22"/></w:rPr></w:style>\
<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblCellMar>\
<w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>"""
_LINES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="BBBBBB"/>' for side in ("top", "bottom", "insideH")
)
_TABLE = (
    f'<w:tbl><w:tblPr><w:tblW w:w="{_PAGE_TWIPS}" w:type="dxa"/><w:tblBorders>{_LINES}</w:tblBorders>'
    '<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>'
)
_SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="header"/><w:footerReference w:type="default" r:id="footer"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1500" w:right="1020" w:bottom="1300" w:left="1020" '
    'w:header="600" w:footer="560" w:gutter="0"/></w:sectPr>'
)


def write_docx(dossier: Dossier, target: BinaryIO) -> None:
    """Write the report as a document that a word processor opens.

    Args:
        dossier: What the report says; equal dossiers give equal bytes.
        target: An open binary file.

    Raises:
        OSError: It cannot be written.
    """
    with (
        speaking(words_of(dossier.stationery)),
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        BytesIO() as packed,
    ):
        with GzipFile(fileobj=packed, mode="wb", compresslevel=1) as body:
            teller = _DocxTeller(archive, body)
            body.write(_opening("document").encode() + b"<w:body>")
            tell(dossier, teller)
            body.write(f"{_SECTION}</w:body></w:document>".encode())
        packed.seek(0)
        with (
            archive.open(_entry("word/document.xml"), "w", force_zip64=True) as part,
            GzipFile(fileobj=packed, mode="rb") as body,
        ):
            while some := body.read(_PIECE_BYTES):
                part.write(some)
        _finish(archive, dossier, teller.pictures)


def _finish(archive: zipfile.ZipFile, dossier: Dossier, pictures: int) -> None:
    """The parts beside the document."""
    unsigned, identity = _run(Piece(unsigned_words(), _BOLD)), _run(Piece(identity_words(dossier), _PLAIN))
    pages = "".join(
        f'{_run(Piece(before, _PLAIN))}<w:fldSimple w:instr="{name}">{_run(Piece("1", _PLAIN))}</w:fldSimple>'
        for before, name in ((" · ", "PAGE"), (" / ", "NUMPAGES"))
    )
    images = "".join(
        f'<Relationship Id="picture{number}" Type="{_R}/image" Target="media/picture{number}.jpeg"/>'
        for number in range(1, pictures + 1)
    )
    relations = "".join(
        f'<Relationship Id="{name}" Type="{_R}/{kind}" Target="{file}"/>'
        for name, kind, file in (
            ("styles", "styles", "styles.xml"),
            ("header", "header", "header1.xml"),
            ("footer", "footer", "footer1.xml"),
        )
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _TOP,
        "word/_rels/document.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{relations}{images}</Relationships>'
        ),
        "word/styles.xml": _STYLES,
        "word/header1.xml": f"{_opening('hdr')}<w:p>{unsigned}</w:p></w:hdr>",
        "word/footer1.xml": f"{_opening('ftr')}<w:p>{unsigned}</w:p><w:p>{identity}{pages}</w:p></w:ftr>",
        "docProps/core.xml": _core(dossier),
    }
    for name, content in parts.items():
        archive.writestr(_entry(name), content.encode(), compress_type=zipfile.ZIP_DEFLATED)


def _core(dossier: Dossier) -> str:
    head = dossier.head
    made = head.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{_text(f'{as_told(head.title)}, {as_told(head.number)}')}</dc:title>"
        f"<dc:creator>{_text(dossier.author.name)}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{made}</dcterms:created></cp:coreProperties>'
    )


class _DocxTeller:
    """Writes each thing as it is told.

    Attributes:
        pictures: How many were told.
    """

    def __init__(self, archive: zipfile.ZipFile, body: GzipFile) -> None:
        self._archive, self._body = archive, body
        self._widths: list[int] = []
        self._figures: Sequence[bool] = ()
        self._numbers: dict[bytes, int] = {}
        self._placed = 0

    @property
    def pictures(self) -> int:
        return len(self._numbers)

    def heading(self, number: str, title: str, level: int) -> None:
        words = " ".join(shown(Piece(f"{number}  {title}", _PLAIN)))
        run = f'<w:r><w:t xml:space="preserve">{_text(words)}</w:t></w:r>'
        self._put(f'<w:p><w:pPr><w:pStyle w:val="Heading{level}"/></w:pPr>{run}</w:p>')

    def paragraph(self, lines: Sequence[Piece]) -> None:
        self._put(_paragraph(lines, keeps=bool(lines) and all(one.style.face is Face.BOLD for one in lines)))

    def properties(self, rows: Sequence[tuple[Piece, Sequence[Piece]]]) -> None:
        self._begin([_LABEL_TWIPS, _PAGE_TWIPS - _LABEL_TWIPS])
        for label, values in rows:
            self._put(f"<w:tr>{self._cell((label,), 0)}{self._cell(values, 1)}</w:tr>")
        self._end()

    def picture(self, jpeg: bytes, pixels: tuple[int, int], size_pt: tuple[float, ...], words: str) -> None:
        del pixels
        digest = hashlib.sha256(jpeg).digest()
        number = self._numbers.get(digest)
        if number is None:
            number = self._numbers[digest] = len(self._numbers) + 1
            self._archive.writestr(_entry(f"word/media/picture{number}.jpeg"), jpeg)
        self._placed += 1
        width, height = (round(one * _EMU_PER_PT) for one in size_pt)
        told = " ".join(shown(Piece(words, _PLAIN)))
        self._put(_picture(number, self._placed, width, height, told))

    def table(self, name: str, titles: Sequence[str], figures: Sequence[bool], widths_pt: Sequence[float]) -> None:
        self._put(_paragraph([Piece(name, _BOLD)], keeps=True))
        self._figures = figures
        whole_pt = sum(widths_pt)
        self._begin([round(_PAGE_TWIPS * width_pt / whole_pt) for width_pt in widths_pt])
        cells = "".join(self._cell((Piece(title, _BOLD),), at, keeps=True) for at, title in enumerate(titles))
        self._put(f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{cells}</w:tr>")

    def row(self, cells: Sequence[Sequence[Piece]], above: Sequence[Piece], below: Sequence[Piece]) -> None:
        if above:
            self._span(above)
        self._put(f"<w:tr>{''.join(self._cell(cell, at) for at, cell in enumerate(cells))}</w:tr>")
        if below:
            self._span(below)

    def end_table(self, last: str | None) -> None:
        self._end()
        if last is not None:
            self._put(_paragraph([Piece(last, _ITALIC)]))

    def _begin(self, widths: list[int]) -> None:
        self._widths = widths
        self._put(_TABLE + "".join(f'<w:gridCol w:w="{width}"/>' for width in widths) + "</w:tblGrid>")

    def _end(self) -> None:
        self._figures = ()
        self._put("</w:tbl><w:p/>")

    def _cell(self, pieces: Sequence[Piece], at: int, *, keeps: bool = False) -> str:
        is_figure = at < len(self._figures) and self._figures[at]
        width = f'<w:tcPr><w:tcW w:w="{self._widths[at]}" w:type="dxa"/></w:tcPr>'
        return f"<w:tc>{width}{_paragraph(pieces, right=is_figure, keeps=keeps)}</w:tc>"

    def _span(self, pieces: Sequence[Piece]) -> None:
        width, columns = sum(self._widths[1:]), len(self._widths) - 1
        properties = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{columns}"/></w:tcPr>'
        self._put(f"<w:tr>{self._cell((), 0)}<w:tc>{properties}{_paragraph(pieces)}</w:tc></w:tr>")

    def _put(self, xml: str) -> None:
        self._body.write(xml.encode())


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(str(PurePosixPath(name)), _EPOCH)
    info.external_attr = 0o600 << 16
    return info


def _opening(name: str) -> str:
    return f'{_HEAD}<w:{name} xmlns:w="{_W}" xmlns:r="{_R}">'


def _paragraph(pieces: Sequence[Piece], *, right: bool = False, keeps: bool = False) -> str:
    """Lines of one paragraph; one that `keeps` stands on the page of what follows it."""
    lines = "<w:r><w:br/></w:r>".join(_run(one) for one in pieces)
    marks = "<w:keepNext/>" * keeps + '<w:jc w:val="right"/>' * right
    return f"<w:p><w:pPr>{marks}</w:pPr>{lines}</w:p>" if marks else f"<w:p>{lines}</w:p>"


def _run(piece: Piece) -> str:
    style = piece.style
    marks = {Face.BOLD: "<w:b/>", Face.ITALIC: "<w:i/>"}.get(style.face, "")
    font = '<w:rFonts w:ascii="Noto Sans Mono" w:hAnsi="Noto Sans Mono"/>' if style.face is Face.MONO else ""
    strike = "<w:strike/>" if piece.struck else ""
    colour = '<w:color w:val="555555"/>' if style.grey else ""
    size = f'<w:sz w:val="{round(style.size_pt * 2)}"/>'
    texts = "<w:br/>".join(f'<w:t xml:space="preserve">{_text(line)}</w:t>' for line in shown(piece))
    return f"<w:r><w:rPr>{font}{marks}{strike}{colour}{size}</w:rPr>{texts}</w:r>"


def _text(text: str) -> str:
    """Text that is no markup and that XML can hold."""
    return escape(_NOT_XML.sub("\ufffd", text), {'"': "&quot;"})


def _picture(number: int, place: int, width_emu: int, height_emu: int, words: str) -> str:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    size = f'cx="{width_emu}" cy="{height_emu}"'
    name = f'id="{place}" name="picture {place}" descr="{_text(words)}"'
    return (
        f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="{drawing}/wordprocessingDrawing"><wp:extent {size}/>'
        f'<wp:docPr {name}/><a:graphic xmlns:a="{drawing}/main"><a:graphicData uri="{drawing}/picture">'
        f'<pic:pic xmlns:pic="{drawing}/picture"><pic:nvPicPr><pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="picture{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r></w:p>"
    )


_PLAIN, _BOLD = Style(Face.REGULAR, 9.0, 13.0), Style(Face.BOLD, 9.0, 13.0)
_ITALIC = Style(Face.ITALIC, 8.0, 12.0, 0.35)
