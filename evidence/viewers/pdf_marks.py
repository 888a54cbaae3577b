"""What lies on the pages of a PDF beside their content: fields of forms, annotations, links, and attached files.

Forms are loaded so that what somebody filled in is drawn and read. Scripts do not run: PDFium is told of no platform
for them, and forms in XFA are not loaded, only read as text.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MOST_MARKS = 5_000
"""Of one page."""
_LONGEST_BYTES = 4 << 20
_FIELDS = {
    1: "button", 2: "check box", 3: "radio button", 4: "combo box", 5: "list box", 6: "text", 7: "signature",
}  # fmt: skip
_KINDS = {
    1: "note", 2: "link", 3: "free text", 4: "line", 5: "square", 6: "circle", 7: "polygon", 8: "polyline",
    9: "highlight", 10: "underline", 11: "squiggly", 12: "strike-out", 13: "stamp", 14: "caret", 15: "ink",
    16: "pop-up", 17: "attached file", 18: "sound", 19: "movie", 28: "redaction",
}  # fmt: skip
_CHECKED = ("check box", "radio button")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A field of a form or an annotation.

    Attributes:
        is_field: Whether it is a field.
        kind: In words.
        name: Of a field its name, of an annotation who made it, as written there.
        value: What is filled in, or the text.
        target: Where a link leads.
    """

    is_field: bool
    kind: str
    name: str
    value: str
    target: str = ""


def load_forms(document: pypdfium2.PdfDocument) -> None:
    """Make filled-in fields be drawn and read; call it before the pages are counted.

    Raises:
        pypdfium2.PdfiumError: They cannot be.
    """
    if "XFA" in pypdfium2.PDFIUM_INFO.flags:
        return  # such a library would run what XFA holds; none is shipped
    document.init_forms(pdfium.FPDF_FORMFILLINFO(version=2, xfa_disabled=True))


def has_xfa(document: pypdfium2.PdfDocument) -> bool:
    """Whether it holds a form in XFA."""
    return document.get_formtype() in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)


def xfa_of(document: pypdfium2.PdfDocument) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the packets of a form in XFA."""
    for at in range(min(max(0, pdfium.FPDF_GetXFAPacketCount(document)), 100)):
        size = ctypes.c_ulong()
        pdfium.FPDF_GetXFAPacketContent(document, at, None, 0, size)
        buffer = (ctypes.c_char * size.value)()
        if size.value and pdfium.FPDF_GetXFAPacketContent(document, at, buffer, size.value, size):
            yield f"form-{at}.xml", bytes(buffer)


def marks_of(page: pypdfium2.PdfPage) -> Iterator[Mark]:
    """Fields and annotations of a page, in its order."""
    for annotation in _annotations(page):
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind == pdfium.FPDF_ANNOT_WIDGET:
            yield _field(page, annotation)
            continue
        mark = Mark(
            is_field=False,
            kind=_KINDS.get(kind, "other"),
            name=_value(annotation, b"T"),
            value="\n".join(filter(None, (_value(annotation, b"Subj"), _value(annotation, b"Contents")))),
            target=_target(page, annotation) if kind == pdfium.FPDF_ANNOT_LINK else "",
        )
        if mark.value or mark.target or kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            yield mark


def files_on(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfAttachment]:
    """Files that are attached to a place on a page."""
    for annotation in _annotations(page):
        if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            raw = pdfium.FPDFAnnot_GetFileAttachment(annotation)
            if raw:
                yield pypdfium2.PdfAttachment(raw, page.pdf)


def count_on(page: pypdfium2.PdfPage) -> int:
    """How many there are."""
    count: int = pdfium.FPDFPage_GetAnnotCount(page)
    return max(0, count)


def _annotations(page: pypdfium2.PdfPage) -> Iterator[Any]:
    for at in range(min(count_on(page), MOST_MARKS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if annotation:
            try:
                yield annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


def _field(page: pypdfium2.PdfPage, annotation: Any) -> Mark:
    form = page.formenv
    if form is None:
        return Mark(is_field=True, kind="field", name=_value(annotation, b"T"), value=_value(annotation, b"V"))
    kind = _FIELDS.get(pdfium.FPDFAnnot_GetFormFieldType(form, annotation), "field")
    names = (
        _wide(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldName(form, annotation, buffer, size)),
        _wide(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldAlternateName(form, annotation, buffer, size)),
    )
    if kind in _CHECKED:
        told = _wide(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldExportValue(form, annotation, buffer, size))
        value = f"{told} (chosen)" if pdfium.FPDFAnnot_IsChecked(form, annotation) else f"{told} (not chosen)"
    else:
        value = _wide(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size))
        value = "\n".join(dict.fromkeys(filter(None, (value, *_chosen(form, annotation)))))
    return Mark(is_field=True, kind=kind, name=" / ".join(dict.fromkeys(filter(None, names))), value=value.strip())


def _chosen(form: Any, annotation: Any) -> Iterator[str]:
    """The options of a list that are chosen."""
    for at in range(min(max(0, pdfium.FPDFAnnot_GetOptionCount(form, annotation)), MOST_MARKS)):
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, at):
            yield _option(form, annotation, at)


def _option(form: Any, annotation: Any, at: int) -> str:
    return _wide(lambda buffer, size: pdfium.FPDFAnnot_GetOptionLabel(form, annotation, at, buffer, size))


def _value(annotation: Any, key: bytes) -> str:
    return _wide(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size))


def _target(page: pypdfium2.PdfPage, annotation: Any) -> str:
    link = pdfium.FPDFAnnot_GetLink(annotation)
    action = pdfium.FPDFLink_GetAction(link) if link else None
    if not action:
        return ""
    size = min(pdfium.FPDFAction_GetURIPath(page.pdf, action, None, 0), _LONGEST_BYTES)
    buffer = ctypes.create_string_buffer(max(1, size))
    pdfium.FPDFAction_GetURIPath(page.pdf, action, buffer, size)
    return buffer.raw[: max(0, size - 1)].decode("utf-8", "replace")


def _wide(call: Callable[[Any, int], int]) -> str:
    """A text in UTF-16 that a function of PDFium writes behind the length that it told."""
    size = call(None, 0)
    if not 2 < size <= _LONGEST_BYTES:
        return ""
    buffer = (pdfium.FPDF_WCHAR * (size // 2))()
    call(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").replace("\r\n", "\n").replace("\r", "\n")
