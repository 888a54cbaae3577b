"""PDF documents: their pages as pictures, drawn by PDFium, and what they say of themselves. Scripts never run."""

from __future__ import annotations

import contextlib

import pypdfium2

from evidence.errors import UnreadableStructureError
from evidence.pictures import png_of
from evidence.viewers.base import FACTS, PAGES, Bytes, OnProgress, Part, Row, TablesViewer, whole
from evidence.viewers.words import cut
from evidence.views import Picture

NAME = "a PDF document"
MOST_BYTES = 256 << 20
MOST_PAGES = 100_000
MOST_TEXT = 200_000
MOST_SIDE_PIXELS = 4_000
_INFO = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate", "Trapped")


class Document(TablesViewer):
    """Pages, facts and attachments."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        super().__init__(NAME)
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        try:
            self._document = pypdfium2.PdfDocument(data)
            count = len(self._document)
        except (pypdfium2.PdfiumError, ValueError) as error:
            words = str(error)
            why = (
                "it is encrypted, and opens with a password only" if "assword" in words else f"it is damaged ({words})"
            )
            raise UnreadableStructureError(NAME, why) from error
        if count:
            self._append(Part(key="pages", title="Pages", kind=PAGES, count=min(count, MOST_PAGES)))
        self.add("facts", "Properties", FACTS, tuple(self._facts(count)))
        self.add("attachments", "Attachments", ("Name", "Bytes"), tuple(self._attachments()))

    def picture(self, part: str, number: int, width_pixels: int, height_pixels: int) -> Picture:
        """As :meth:`Viewer.picture`."""
        if not 0 <= number < len(self._document):
            raise UnreadableStructureError(NAME, f"it has no page {number + 1}")
        box = max(1, min(width_pixels, MOST_SIDE_PIXELS)), max(1, min(height_pixels, MOST_SIDE_PIXELS))
        try:
            page = self._document[number]
            try:
                width, height = page.get_size()
                if width <= 0 or height <= 0:
                    raise UnreadableStructureError(NAME, f"page {number + 1} has no size")
                scale = min(box[0] / width, box[1] / height)
                drawn = page.render(scale=scale, may_draw_forms=False).to_pil()
            finally:
                page.close()
        except (pypdfium2.PdfiumError, ValueError, OverflowError, ZeroDivisionError) as error:
            raise UnreadableStructureError(NAME, f"page {number + 1} cannot be drawn ({error})") from error
        return Picture(
            encoded=png_of(drawn), width_pixels=round(width), height_pixels=round(height), format="PDF", exif=()
        )

    def text(self, part: str) -> str:
        """As :meth:`Viewer.text`: the text that the page ``part``, from 0, holds for searching."""
        if not part.isdecimal() or int(part) >= len(self._document):
            return super().text(part)
        return cut(self.whole_text(int(part)), MOST_TEXT)

    def whole_text(self, number: int) -> str:
        """The text of the page ``number``, from 0, however long it is.

        Raises:
            UnreadableStructureError: It cannot be read.
        """
        try:
            with (
                contextlib.closing(self._document[number]) as page,
                contextlib.closing(page.get_textpage()) as words,
            ):
                return str(words.get_text_range())
        except (pypdfium2.PdfiumError, ValueError) as error:
            raise UnreadableStructureError(NAME, f"the text of page {number + 1} cannot be read ({error})") from error

    def close(self) -> None:
        """As :meth:`Viewer.close`."""
        self._document.close()

    def _facts(self, pages: int) -> list[Row]:
        version = self._document.get_version()
        rows: list[Row] = [("Pages", f"{pages:,}")]
        if version:
            rows.append(("Version", f"{version // 10}.{version % 10}"))
        with contextlib.suppress(pypdfium2.PdfiumError, ValueError):
            told = self._document.get_metadata_dict(skip_empty=True)
            for name in _INFO:
                title = f"{name} (as written, with its own zone or none)" if name.endswith("Date") else name
                rows += [(title, cut(str(told[name])))] if name in told else []
        return rows

    def _attachments(self) -> list[Row]:
        rows: list[Row] = []
        with contextlib.suppress(pypdfium2.PdfiumError, ValueError):
            for at in range(min(self._document.count_attachments(), 1_000)):
                attached = self._document.get_attachment(at)
                rows.append((cut(attached.get_name(), 500), f"{len(attached.get_data()):,}"))
        return rows
