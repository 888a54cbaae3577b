"""Whether there is anything on a paper: how much of it is ink, and how far that reaches."""

from __future__ import annotations

from evidence.pictures import decode_picture, ink_in
from evidence.viewers.pdf import Document
from evidence.views import Ink

_BOX_PIXELS = 1200
_MOST_PAGES = 20


def ink_on(content: bytes) -> Ink:
    """Look at a picture, or at the first pages of a PDF document up to the one with the most ink.

    Args:
        content: The whole file.

    Raises:
        UnreadablePictureError: It is no picture, or is damaged.
        UnreadableStructureError: It is a PDF document that cannot be read.
    """
    if not content.startswith(b"%PDF-"):
        return ink_in(decode_picture(content, _BOX_PIXELS, _BOX_PIXELS, "JPEG", is_stretched=False).encoded)
    document = Document(_InMemory(content), lambda done, total: None)
    try:
        pages = next((part.count for part in document.sheet.parts if part.key == "pages"), 0)
        found = [
            ink_in(document.picture("pages", page, _BOX_PIXELS, _BOX_PIXELS).encoded)
            for page in range(min(pages, _MOST_PAGES))
        ]
    finally:
        document.close()
    return max(found, key=lambda ink: ink.of_million, default=Ink(of_million=0, longest_percent=0))


class _InMemory:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size_bytes = len(content)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self._content[offset_bytes : offset_bytes + size_bytes]
