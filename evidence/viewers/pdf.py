"""PDF documents: their pages as pictures, drawn by PDFium, and what they say of themselves. Scripts never run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pypdfium2

from evidence.errors import UnreadableStructureError
from evidence.pictures import png_of
from evidence.viewers.base import FACTS, PAGES, Bytes, OnProgress, Part, Row, TablesViewer, whole
from evidence.viewers.pdf_marks import (
    MOST_MARKS,
    Mark,
    count_on,
    files_on,
    has_xfa,
    load_forms,
    marks_of,
    xfa_of,
)
from evidence.viewers.words import cut
from evidence.views import Picture

NAME = "a PDF document"
MOST_BYTES = 256 << 20
MOST_PAGES = 100_000
MOST_TEXT = 200_000
MOST_SIDE_PIXELS = 4_000
MOST_LISTED_PAGES = 200
"""So many pages are looked through for fields and annotations when it is opened; each page's text has its own."""
_MOST_LISTED = 5_000
_MOST_ATTACHED = 1_000
_MOST_BOOKMARKS = 10_000
_INFO = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate", "Trapped")


class Document(TablesViewer):
    """Pages, facts, fields of forms, annotations and attachments.

    Attributes:
        left_out: Sentences on what could not be read, as far as it was asked for.
    """

    def __init__(self, content: Bytes, on_progress: OnProgress, *, lists_marks: bool = True) -> None:
        """Read it whole; fields and annotations are listed if ``lists_marks``."""
        super().__init__(NAME)
        self.left_out: list[str] = []
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        try:
            self._document = pypdfium2.PdfDocument(data)
            self._load_forms()
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
        if lists_marks:
            self._list_marks(count)
        self.add("attachments", "Attachments", ("Name", "Bytes"), tuple(self._attachments()))
        for sentence in self.left_out:
            self.remark(sentence)

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
                drawn = page.render(scale=scale, may_draw_forms=True).to_pil()
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
        """The text of the page ``number``, from 0, however long it is, and what is filled in and noted on it.

        Raises:
            UnreadableStructureError: It cannot be read.
        """
        try:
            with (
                contextlib.closing(self._document[number]) as page,
                contextlib.closing(page.get_textpage()) as words,
            ):
                marks = [_words(mark) for mark in marks_of(page)]
                if count_on(page) > MOST_MARKS:
                    self._miss(f"Page {number + 1} has more than {MOST_MARKS:,} annotations; the others were left out.")
                return "\n".join((str(words.get_text_range()), *filter(None, marks)))
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

    def words_beside_pages(self) -> Iterator[str]:
        """What it says of itself, and the titles of its bookmarks."""
        with contextlib.suppress(pypdfium2.PdfiumError, ValueError):
            yield from self._document.get_metadata_dict(skip_empty=True).values()
        with contextlib.suppress(pypdfium2.PdfiumError, ValueError):
            for at, bookmark in enumerate(self._document.get_toc()):
                if at >= _MOST_BOOKMARKS:
                    self._miss(f"What lies behind its first {_MOST_BOOKMARKS:,} bookmarks was left out.")
                    return
                yield str(bookmark.get_title())

    def attached(self, number: int | None) -> Iterator[tuple[str, bytes]]:
        """Names and contents of the files on the page ``number``, or of those of the document, its form included."""
        if number is None:
            if has_xfa(self._document):
                yield from xfa_of(self._document)
            for at in range(min(self._document.count_attachments(), _MOST_ATTACHED)):
                yield from self._content_of(self._document.get_attachment(at))
            if self._document.count_attachments() > _MOST_ATTACHED:
                self._miss(f"It has more than {_MOST_ATTACHED:,} attachments; the others were left out.")
            return
        with contextlib.closing(self._document[number]) as page:
            for file in files_on(page):
                yield from self._content_of(file)

    def _content_of(self, file: pypdfium2.PdfAttachment) -> Iterator[tuple[str, bytes]]:
        try:
            yield str(file.get_name()), bytes(file.get_data())
        except (pypdfium2.PdfiumError, ValueError):
            self._miss("A file that is attached to it cannot be read.")

    def _load_forms(self) -> None:
        try:
            load_forms(self._document)
        except pypdfium2.PdfiumError:
            self._miss("Its form cannot be read: what is filled in is neither drawn nor listed.")
        if has_xfa(self._document):
            self._miss("It holds a form in XFA, which is not drawn; what a page shows in its place may be another.")

    def _list_marks(self, pages: int) -> None:
        fields, notes = list[Row](), list[Row]()
        for number in range(min(pages, MOST_LISTED_PAGES)):
            try:
                with contextlib.closing(self._document[number]) as page:
                    for mark in marks_of(page):
                        told = (cut(mark.name), mark.kind, cut(mark.value))
                        if mark.is_field:
                            fields.append((f"{number + 1}", *told))
                        else:
                            notes.append((f"{number + 1}", *told, cut(mark.target)))
            except (pypdfium2.PdfiumError, ValueError):
                self._miss(f"Fields and annotations of page {number + 1} cannot be read.")
        if pages > MOST_LISTED_PAGES:
            self._miss(f"Fields and annotations are listed of its first {MOST_LISTED_PAGES:,} pages.")
        if max(len(fields), len(notes)) > _MOST_LISTED:
            self._miss(f"Its first {_MOST_LISTED:,} fields and annotations are listed.")
        self.add("fields", "Fields of the form", ("Page", "Field", "Kind", "Value"), tuple(fields[:_MOST_LISTED]))
        heads = ("Page", "By (as written)", "Kind", "Text", "Leads to")
        self.add("annotations", "Annotations", heads, tuple(notes[:_MOST_LISTED]))

    def _miss(self, sentence: str) -> None:
        if sentence not in self.left_out:
            self.left_out.append(sentence)

    def _attachments(self) -> list[Row]:
        rows: list[Row] = []
        for at in range(min(self._document.count_attachments(), _MOST_ATTACHED)):
            try:
                attached = self._document.get_attachment(at)
                rows.append((cut(attached.get_name(), 500), f"{len(attached.get_data()):,}"))
            except (pypdfium2.PdfiumError, ValueError):
                self._miss("A file that is attached to it cannot be read.")
        return rows


def _words(mark: Mark) -> str:
    return "\n".join(filter(None, (mark.name, mark.value, mark.target)))
