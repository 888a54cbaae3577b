"""Puts text, rules and pictures on the canvas by their coordinates.

Every line of text is one PDF text object written literally: laying a page out with reportlab's flowables costs
thirty times as long for a table of 50,000 rows (see `tests/benchmarks/bench_report.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import BinaryIO

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFName, PDFStream
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from forensics_app.reports.fonts import Face, Font, font_file, is_plain, shaper, visible
from forensics_app.reports.lines import Line, Style

PAGE_WIDTH_PT, PAGE_HEIGHT_PT = A4
_ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})


class Pen:
    """Draws on the current page of one document; all coordinates in points from the lower left corner."""

    def __init__(self, target: BinaryIO, *, title: str, author: str, subject: str, made_at: datetime) -> None:
        """Begin a document whose bytes depend on what is drawn and on nothing else."""
        rl_config.useA85 = 0  # binary streams; this package is the only user of reportlab in the program
        stamp = made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
        first = font_file("sans")
        registerFont(first)  # a first font of our own keeps reportlab from naming one that is not embedded
        self._canvas = Canvas(
            target,
            pagesize=A4,
            pageCompression=1,
            invariant=1,
            pdfVersion=(1, 5),
            initialFontName=first.fontName,
            lang="en",
        )
        self._canvas.setTitle(visible(title))
        self._canvas.setAuthor(visible(author))
        self._canvas.setSubject(visible(subject))
        self._canvas.setCreator("forensics-app")
        self._canvas.setProducer("reportlab")
        self._canvas.setDateFormatter(lambda *_: stamp)
        self._canvas.setViewerPreference("DisplayDocTitle", "true")
        self._document = self._canvas._doc  # what fonts and pictures are registered with has no public name
        self._code: list[str] = []
        self._resources: dict[str, str] = {}
        self._encoded: dict[tuple[Face, str], list[tuple[str, float, str]]] = {}
        self._pictures: set[str] = set()

    def text(self, x_pt: float, y_pt: float, text: str, style: Style) -> None:
        """Draw one line, its baseline at `y_pt`."""
        if not text:
            return
        parts = [f"{style.grey:g} g BT 1 0 0 1 {x_pt:.2f} {y_pt:.2f} Tm"]
        for resource, factor, literal in self._encode(text, style.face):
            parts.append(f"{resource} {style.size_pt * factor:g} Tf ({literal}) Tj")
        parts.append("ET")
        self._code.append(" ".join(parts))

    def column(
        self,
        lines: Sequence[Line],
        x_pt: float,
        right_pt: float | None,
        top_pt: float,
        leading_pt: float,
    ) -> None:
        """Draw lines below one another from `top_pt` down, ending at `right_pt` where it is given."""
        if not lines:
            return
        if right_pt is not None or any(line.struck for line in lines):
            self._column_line_by_line(lines, x_pt, right_pt, top_pt, leading_pt)
            return
        style = lines[0].style
        parts = [f"BT {leading_pt:g} TL 1 0 0 1 {x_pt:.2f} {top_pt - style.size_pt:.2f} Tm {style.grey:g} g"]
        grey = style.grey
        font = ""
        for text, style, _ in lines:
            if style.grey != grey:
                grey = style.grey
                parts.append(f"{grey:g} g")
            for resource, factor, literal in self._encode(text, style.face):
                wanted = f"{resource} {style.size_pt * factor:g} Tf"
                if wanted != font:
                    parts.append(wanted)
                    font = wanted
                parts.append(f"({literal}) Tj")
            parts.append("T*")
        parts.append("ET")
        self._code.append(" ".join(parts))

    def _column_line_by_line(
        self,
        lines: Sequence[Line],
        x_pt: float,
        right_pt: float | None,
        top_pt: float,
        leading_pt: float,
    ) -> None:
        baseline = top_pt
        for text, style, struck in lines:
            width = shaper(style.face).width_pt(text, style.size_pt)
            start = x_pt if right_pt is None else right_pt - width
            self.text(start, baseline - style.size_pt, text, style)
            if struck:
                self.rule(start, baseline - style.size_pt * 0.72, width, weight_pt=0.5)
            baseline -= leading_pt

    def text_right(self, right_pt: float, y_pt: float, text: str, style: Style) -> None:
        """Draw one line that ends at `right_pt`."""
        self.text(right_pt - shaper(style.face).width_pt(text, style.size_pt), y_pt, text, style)

    def overline(self, x_pt: float, y_pt: float, words: str, style: Style) -> None:
        """Draw a short label in spaced capitals."""
        self._code.append("0.7 Tc")
        self.text(x_pt, y_pt, words.upper(), style)
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
    ) -> None:
        """Embed an 8-bit JPEG as it is, undecoded.

        Args:
            jpeg: The file.
            pixels: Its width and height.
            components: 1 for grey, 3 for colour.
            place_pt: Left, bottom, width and height of where it goes.
        """
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
        self._canvas.linkRect("", key, (x_pt, y_pt, x_pt + width_pt, y_pt + height_pt), thickness=0)

    def end_page(self) -> None:
        """Finish the current page."""
        self._flush()
        self._canvas.showPage()

    def finish(self) -> None:
        """Write the document to its target."""
        self._canvas.save()

    def _flush(self) -> None:
        if self._code:
            self._canvas.addLiteral("\n".join(self._code))
            self._code = []

    def _resource(self, key: str, subset: int) -> str:
        name = f"{key}+{subset}"
        if name not in self._resources:
            self._resources[name] = font_file(key).getSubsetInternalName(subset, self._document)
        return self._resources[name]

    def _encode(self, text: str, face: Face) -> list[tuple[str, float, str]]:
        if is_plain(text):
            # The first subset keeps printable ASCII at its own codes.
            first: Font = shaper(face).first
            return [(self._resource(first.key, 0), 1.0, text.translate(_ESCAPES))]
        known = self._encoded.get((face, text))
        if known is None:
            known = [
                (self._resource(run.font.key, subset), run.font.factor, _literal(codes))
                for run in shaper(face).runs(text)
                for subset, codes in font_file(run.font.key).splitString(run.text, self._document)
            ]
            if len(self._encoded) < 4096:
                self._encoded[face, text] = known
        return known


def _literal(codes: bytes) -> str:
    return "".join(chr(code).translate(_ESCAPES) if 0x20 <= code < 0x7F else f"\\{code:03o}" for code in codes)
