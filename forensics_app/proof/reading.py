"""Reading a PDF with pyHanko: what damage raises, and revisions of files with very many bookmarks."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, Final

from pyhanko.pdf_utils.generic import DictionaryObject, Reference
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from forensics_app.proof.errors import NotAReportError

UNREADABLE: Final = (
    PdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    struct.error,
    zlib.error,
)
"""What reading a damaged PDF or signature can raise in pyHanko and asn1crypto."""


def opened(pdf: bytes) -> PdfFileReader:
    """A reader of a PDF.

    Raises:
        NotAReportError: It cannot be read.
    """
    try:
        reader = _Reader(io.BytesIO(pdf))
        list(reader.embedded_signatures)  # read now, so that what is wrong with them is found here
    except UNREADABLE as error:
        raise NotAReportError("the file cannot be read as a PDF") from error
    return reader


class _Reader(PdfFileReader):
    """Looks at revisions without going down the outline."""

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        found = self._historical_resolver_cache.get(revision)
        if found is None:
            found = self._historical_resolver_cache[revision] = _Revision(self, revision)
        return found


class _Revision(HistoricalResolver):
    """A revision whose list of ways to each object leaves out those through the outline.

    Bookmarks are a chain as long as the report has headings, which pyHanko follows by recursion, both ways. An object
    that is reached by it alone is in no list then; one that was changed is found all the same, as nothing allows it.
    """

    _is_listing = False

    def _load_reverse_xref_cache(self) -> None:
        self._is_listing = True
        try:
            super()._load_reverse_xref_cache()
        finally:
            self._is_listing = False

    def __call__(self, ref: Reference) -> Any:
        found = super().__call__(ref)
        if self._is_listing and isinstance(found, DictionaryObject) and found.get("/Type") == "/Catalog":
            return DictionaryObject({key: found.raw_get(key) for key in found if key != "/Outlines"})
        return found
