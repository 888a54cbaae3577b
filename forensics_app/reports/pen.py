"""Puts text, rules and pictures on the canvas by their coordinates.

Every line of text is one PDF text object written literally: laying a page out with reportlab's flowables costs
thirty times as long for a table of 50,000 rows (see `tests/benchmarks/bench_report.py`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO
from zlib import compress

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from forensics_app.model.attachment import Attachment
from forensics_app.reports.archival import Facts, attach, describe, finished, pdf_date
from forensics_app.reports.fonts import font_file, visible
from forensics_app.reports.lines import Piece, Style, remember
from forensics_app.reports.words import say, spoken

PAGE_WIDTH_PT, PAGE_HEIGHT_PT = A4
_COMPRESSION = 6
_PRINTED, _LOCKED = 4, 128  # flags of annotations (ISO 32000-1, table 165); ISO 19005-3, 6.3.2 asks for the first
_STRIKE_HEIGHT = 0.28
_BASELINE = 0.77
_ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})

Lines = tuple[float, float | None, Sequence[Piece]]
"""Where a column of lines begins, where its lines end if they end below one another, and the lines."""


class Pen:
    """Draws on the current page of one document; all coordinates in points from the lower left corner."""

    def __init__(
        self,
        target: BinaryIO,
        *,
        title: str,
        author: str,
        subject: str,
        made_at: datetime,
        size_pt: tuple[float, float] = A4,
        language: str = "en",
    ) -> None:
        """Begin a document whose bytes depend on what is drawn and on nothing else."""
        rl_config.useA85 = 0  # binary streams; this package is the only user of reportlab in the program
        self._target, self._raw = target, io.BytesIO()
        facts = Facts(title=visible(title), author=visible(author), subject=visible(subject), made_at=made_at)
        first = font_file("sans")
        registerFont(first)  # a first font of our own keeps reportlab from naming one that is not embedded
        self._canvas = Canvas(
            self._raw,
            pagesize=size_pt,
            pageCompression=1,
            invariant=1,
            pdfVersion=(1, 7),
            initialFontName=first.fontName,
            lang=language,
        )
        self._canvas.setTitle(facts.title)
        self._canvas.setAuthor(facts.author)
        self._canvas.setSubject(facts.subject)
        self._canvas.setCreator(facts.creator)
        self._canvas.setProducer(facts.producer)
        self._canvas.setDateFormatter(lambda *_: pdf_date(made_at))
        self._canvas.setViewerPreference("DisplayDocTitle", "true")
        self._document = self._canvas._doc  # what fonts and pictures are registered with has no public name
        describe(self._document, facts)
        self._fields: list[str] = []
        self._code: list[str] = []
        self._resources: dict[str, str] = {}
        self._shown: dict[tuple[str, Style], str] = {}
        self._voices: dict[Style, str] = {}
        self._pictures: set[str] = set()

    def text(self, x_pt: float, y_pt: float, text: str, style: Style) -> None:
        """Draw one line, its baseline at `y_pt`."""
        if text:
            self._code.append(f"BT 1 0 0 1 {x_pt:.2f} {y_pt:.2f} Tm {self._voice(style)} {self._show(text, style)} ET")

    def column(
        self,
        lines: Sequence[Piece],
        x_pt: float,
        right_pt: float | None,
        top_pt: float,
        leading_pt: float,
    ) -> None:
        """Draw lines below one another from `top_pt` down, ending at `right_pt` where it is given."""
        self.columns([(x_pt, right_pt, lines)], top_pt, leading_pt)

    def columns(self, columns: Sequence[Lines], top_pt: float, leading_pt: float) -> None:
        """Draw columns of lines beside one another, all from `top_pt` down."""
        baseline = top_pt - _BASELINE * leading_pt
        leading, first_line = f"BT {leading_pt:g} TL 1 0 0 1", f"{baseline:.2f} Tm"
        voices, code = self._voices, self._code
        for x_pt, right_pt, lines in columns:
            if right_pt is not None:
                self._right(lines, right_pt, top_pt, leading_pt)
                continue
            if len(lines) == 1 and not lines[0][2]:
                text, style, _ = lines[0]
                voice = voices.get(style) or self._voice(style)
                code.append(f"{leading} {x_pt:.2f} {first_line} {voice} {self._show(text, style)} T* ET")
                continue
            last, any_struck, shown = None, False, []
            for text, style, struck in lines:
                if style is not last:
                    last = style
                    shown.append(voices.get(style) or self._voice(style))
                shown.append(self._show(text, style))
                shown.append("T*")
                any_struck = any_struck or struck
            if shown:
                code.append(f"{leading} {x_pt:.2f} {first_line} {' '.join(shown)} ET")
            if any_struck:
                for position, (text, style, struck) in enumerate(lines):
                    if struck:
                        self._strike(x_pt, baseline - position * leading_pt, text, style)

    def _right(self, lines: Sequence[Piece], right_pt: float, top_pt: float, leading_pt: float) -> None:
        for position, (text, style, struck) in enumerate(lines):
            start = right_pt - style.width_pt(text)
            baseline = top_pt - (position + _BASELINE) * leading_pt
            self.text(start, baseline, text, style)
            if struck:
                self._strike(start, baseline, text, style)

    def _strike(self, x_pt: float, baseline_pt: float, text: str, style: Style) -> None:
        self.rule(x_pt, baseline_pt + style.size_pt * _STRIKE_HEIGHT, style.width_pt(text), weight_pt=0.5)

    def text_right(self, right_pt: float, y_pt: float, text: str, style: Style) -> None:
        """Draw one line that ends at `right_pt`."""
        self.text(right_pt - style.width_pt(text), y_pt, text, style)

    def overline(self, x_pt: float, y_pt: float, words: str, style: Style) -> None:
        """Draw a short label in spaced capitals."""
        self._code.append("0.7 Tc")
        self.text(x_pt, y_pt, spoken().capitals(say(words)), style)
        self._code.append("0 Tc")

    def rule(self, x_pt: float, y_pt: float, width_pt: float, *, weight_pt: float = 0.4, grey: float = 0.0) -> None:
        """Draw a horizontal line."""
        self._code.append(
            f"{grey:g} G {weight_pt:g} w {x_pt:.2f} {y_pt:.2f} m {x_pt + width_pt:.2f} {y_pt:.2f} l S",
        )

    def box(self, x_pt: float, y_pt: float, width_pt: float, height_pt: float, *, grey: float = 0.6) -> None:
        """Outline a rectangle with its lower left corner at the given place."""
        self._code.append(f"{grey:g} G 0.5 w {x_pt:.2f} {y_pt:.2f} {width_pt:.2f} {height_pt:.2f} re S")

    def ground(self, x_pt: float, y_pt: float, width_pt: float, height_pt: float, *, grey: float) -> None:
        """Fill a rectangle."""
        self._code.append(f"{grey:g} g {x_pt:.2f} {y_pt:.2f} {width_pt:.2f} {height_pt:.2f} re f")

    def picture(
        self,
        jpeg: bytes,
        pixels: tuple[int, int],
        components: int,
        place_pt: tuple[float, float, float, float],
        words: str,
    ) -> None:
        """Embed an 8-bit JPEG as it is, undecoded.

        Args:
            jpeg: The file.
            pixels: Its width and height.
            components: 1 for grey, 3 for colour.
            place_pt: Left, bottom, width and height of where it goes.
            words: What it shows, for formats that can say it beside; an untagged PDF cannot.
        """
        del words
        name = f"picture-{sha256(jpeg).hexdigest()}"
        if name not in self._pictures:
            stream = PDFStream(content=jpeg)
            stream.dictionary["Type"] = PDFName("XObject")
            stream.dictionary["Subtype"] = PDFName("Image")
            stream.dictionary["Width"], stream.dictionary["Height"] = pixels
            stream.dictionary["BitsPerComponent"] = 8
            stream.dictionary["ColorSpace"] = PDFName("DeviceGray" if components == 1 else "DeviceRGB")
            stream.dictionary["Filter"] = PDFName("DCTDecode")
            self._document.addForm(name, stream)
            self._pictures.add(name)
        left, bottom, width, height = place_pt
        self._flush()
        self._canvas.saveState()
        self._canvas.transform(width, 0, 0, height, left, bottom)
        self._canvas.doForm(name)
        self._canvas.restoreState()

    def stamp(self, name: str, x_pt: float, y_pt: float) -> None:
        """Place a form that is drawn later by `define_stamp`, such as the number of pages."""
        self._flush()
        self._canvas.saveState()
        self._canvas.translate(x_pt, y_pt)
        self._canvas.doForm(name)
        self._canvas.restoreState()

    def begin_stamp(self, name: str) -> None:
        """What is drawn from here on belongs to the form, around its own origin."""
        self._canvas.beginForm(name, -PAGE_WIDTH_PT, -PAGE_HEIGHT_PT, PAGE_WIDTH_PT, PAGE_HEIGHT_PT)

    def end_stamp(self) -> None:
        """Finish the form."""
        self._flush()
        self._canvas.endForm()

    def bookmark(self, key: str, title: str, level: int, top_pt: float) -> None:
        """Make this place on the page a target of links and an entry of the outline."""
        self._canvas.bookmarkPage(key, fit="XYZ", left=0, top=top_pt, zoom=0)
        self._canvas.addOutlineEntry(title, key, level, closed=level > 0)

    def link(self, key: str, x_pt: float, y_pt: float, width_pt: float, height_pt: float) -> None:
        """Make a rectangle jump to a bookmark."""
        self._canvas.linkRect("", key, (x_pt, y_pt, x_pt + width_pt, y_pt + height_pt), thickness=0, F=_PRINTED)

    def signature_field(self, name: str, x_pt: float, y_pt: float, width_pt: float, height_pt: float) -> None:
        """Leave a place on this page where somebody signs digitally, later; until then nothing is seen there."""
        nothing = PDFStream(content=b"")
        nothing.dictionary["Type"], nothing.dictionary["Subtype"] = PDFName("XObject"), PDFName("Form")
        nothing.dictionary["BBox"] = PDFArray([0, 0, width_pt, height_pt])
        nothing.dictionary["Resources"] = PDFDictionary({})
        widget = PDFDictionary(
            {
                "Type": PDFName("Annot"),
                "Subtype": PDFName("Widget"),
                "FT": PDFName("Sig"),
                "T": PDFString(name),
                "Rect": PDFArray([x_pt, y_pt, x_pt + width_pt, y_pt + height_pt]),
                "F": _PRINTED | _LOCKED,
                "AP": PDFDictionary({"N": self._document.Reference(nothing)}),
            }
        )
        self._canvas._addAnnotation(widget, f"field-{name}")
        self._fields.append(f"field-{name}")

    def end_page(self) -> None:
        """Finish the current page, and compress it so that a long document stays small in memory."""
        self._flush()
        self._canvas.showPage()
        page = self._document.Pages[-1]
        content = PDFStream(content=compress(page.stream.encode("ascii"), _COMPRESSION))
        content.dictionary["Filter"] = PDFName("FlateDecode")
        page.Contents, page.stream = content, None

    def finish(self, attachments: Sequence[Attachment] = ()) -> None:
        """Write the document, with files that travel inside it, to its target."""
        attach(self._document, attachments)
        if self._fields:
            fields = [self._document.refAnnotation(name) for name in self._fields]
            self._document.Catalog.AcroForm = PDFDictionary({"Fields": PDFArray(fields)})
        self._canvas.save()
        offsets = self._document.idToOffset.values()
        self._target.writelines(finished(self._raw.getvalue(), list(offsets)))

    def _flush(self) -> None:
        if self._code:
            self._canvas.addLiteral("\n".join(self._code))
            self._code = []

    def _resource(self, key: str, subset: int) -> str:
        name = f"{key}+{subset}"
        if name not in self._resources:
            self._resources[name] = font_file(key).getSubsetInternalName(subset, self._document)
        return self._resources[name]

    def _voice(self, style: Style) -> str:
        voice = self._voices.get(style)
        if voice is None:
            # The first subset of a font keeps printable ASCII at its own codes.
            resource = self._resource(style.shaper.first.key, 0)
            voice = self._voices[style] = f"{style.grey:g} g {resource} {style.size_pt:g} Tf"
        return voice

    def _show(self, text: str, style: Style) -> str:
        """The operators that show a line while the style's voice is set, and leave it set."""
        if text.isascii() and text.isprintable():
            if "(" in text or ")" in text or "\\" in text:
                text = text.translate(_ESCAPES)
            return f"({text}) Tj"
        known = self._shown.get((text, style))
        if known is None:
            known = self._show_runs(text, style)
            remember(self._shown, (text, style), known)
        return known

    def _show_runs(self, text: str, style: Style) -> str:
        parts = []
        for run in style.shaper.runs(text):
            size = f"{style.size_pt * run.font.factor:g}"
            for subset, codes in font_file(run.font.key).splitString(run.text, self._document):
                parts.append(f"{self._resource(run.font.key, subset)} {size} Tf ({_literal(codes)}) Tj")
        return f"{' '.join(parts)} {self._voice(style)}"


def _literal(codes: bytes) -> str:
    return "".join(chr(code).translate(_ESCAPES) if 0x20 <= code < 0x7F else f"\\{code:03o}" for code in codes)
