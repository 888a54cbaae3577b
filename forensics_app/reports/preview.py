"""Pages of a finished PDF as pictures, for the preview; pypdfium2 is used nowhere else."""

from __future__ import annotations

from io import BytesIO

import pypdfium2


def page_count(pdf_bytes: bytes) -> int:
    """The number of pages."""
    document = pypdfium2.PdfDocument(pdf_bytes)
    try:
        return len(document)
    finally:
        document.close()


def page_png(pdf_bytes: bytes, index: int, width_px: int) -> bytes:
    """One page as a PNG file.

    Args:
        pdf_bytes: The document.
        index: The page, from 0.
        width_px: Width of the picture; its height follows from the page.

    Raises:
        IndexError: There is no such page.
    """
    document = pypdfium2.PdfDocument(pdf_bytes)
    try:
        if not 0 <= index < len(document):
            raise IndexError(f"There is no page {index + 1} in a document of {len(document)}.")
        page = document[index]
        picture = page.render(scale=width_px / page.get_width()).to_pil()
        written = BytesIO()
        picture.save(written, "PNG")
        return written.getvalue()
    finally:
        document.close()
