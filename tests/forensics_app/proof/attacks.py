"""What somebody without a key adds behind the signatures of a report, to show something else or to hide it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper

from forensics_app.proof.signing import Ask, _Authority, _Writer

PAGE = (0, 0, 595, 842)
COVER = b"1 1 1 rg 0 0 595 842 re f 0 0 0 rg 60 600 300 30 re f"


def names(**values: Any) -> DictionaryObject:
    return DictionaryObject({pdf_name(f"/{key}"): value for key, value in values.items()})


def box(*numbers: float) -> ArrayObject:
    return ArrayObject([FloatObject(one) for one in numbers])


def cover() -> StreamObject:
    return StreamObject(
        names(Type=NameObject("/XObject"), Subtype=NameObject("/Form"), BBox=box(*PAGE)), stream_data=COVER
    )


def field(writer: IncrementalPdfFileWriter, name: str) -> DictionaryObject:
    found = (one.get_object() for one in writer.root["/AcroForm"]["/Fields"])
    return next(one for one in found if one["/T"] == name)


def put(writer: IncrementalPdfFileWriter, where: DictionaryObject, key: str, value: Any) -> None:
    where[pdf_name(key)] = value
    writer.update_container(where)


def a_visible_empty_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("cover", on_page=1, box=PAGE))
    put(writer, field(writer, "cover"), "/AP", names(N=writer.add_object(cover())))


def an_unseen_empty_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("later", on_page=1))


def a_moved_field(writer: IncrementalPdfFileWriter) -> None:
    put(writer, field(writer, "author"), "/Rect", box(*PAGE))


def another_appearance(writer: IncrementalPdfFileWriter) -> None:
    put(writer, field(writer, "author"), "/AP", names(N=writer.add_object(cover())))


def other_metadata(writer: IncrementalPdfFileWriter) -> None:
    made = StreamObject(names(Type=NameObject("/Metadata"), Subtype=NameObject("/XML")), stream_data=b"<x/>")
    put(writer, writer.root, "/Metadata", writer.add_object(made))


def changed_metadata(writer: IncrementalPdfFileWriter) -> None:
    old = writer.root["/Metadata"]
    old._data, old._encoded_data = b"<x/>", None
    writer.update_container(old)


def another_title(writer: IncrementalPdfFileWriter) -> None:
    put(writer, writer.trailer["/Info"], "/Title", pdf_string("Another"))


def an_action(writer: IncrementalPdfFileWriter) -> None:
    put(writer, writer.root, "/OpenAction", names(S=NameObject("/JavaScript"), JS=pdf_string("app.alert('x')")))


def an_embedded_file(writer: IncrementalPdfFileWriter) -> None:
    put(writer, writer.root, "/Names", names(EmbeddedFiles=names(Names=ArrayObject())))


def layers(writer: IncrementalPdfFileWriter) -> None:
    group = writer.add_object(names(Type=NameObject("/OCG"), Name=pdf_string("Layer")))
    shown = names(OFF=ArrayObject([group]))
    put(writer, writer.root, "/OCProperties", names(OCGs=ArrayObject([group]), D=shown))


def fewer_pages(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].pop()
    put(writer, pages, "/Count", NumberObject(len(pages["/Kids"])))


def other_content(writer: IncrementalPdfFileWriter) -> None:
    page = writer.find_page_for_modification(0)[0].get_object()
    put(writer, page, "/Contents", writer.add_object(StreamObject(stream_data=COVER)))


def an_annotation(writer: IncrementalPdfFileWriter) -> None:
    page = writer.find_page_for_modification(0)[0].get_object()
    made = names(Type=NameObject("/Annot"), Subtype=NameObject("/FreeText"), Rect=box(*PAGE), Contents=pdf_string("x"))
    put(writer, page, "/Annots", ArrayObject([*page.get("/Annots", ()), writer.add_object(made)]))


def new_appearances(writer: IncrementalPdfFileWriter) -> None:
    put(writer, writer.root["/AcroForm"], "/NeedAppearances", BooleanObject(True))


CHANGES: tuple[Callable[[IncrementalPdfFileWriter], None], ...] = (
    a_visible_empty_field,
    an_unseen_empty_field,
    a_moved_field,
    another_appearance,
    other_metadata,
    changed_metadata,
    another_title,
    an_action,
    an_embedded_file,
    layers,
    fewer_pages,
    other_content,
    an_annotation,
    new_appearances,
)


def changed(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with a revision behind it."""
    writer, out = _Writer(io.BytesIO(pdf)), io.BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def covered(pdf: bytes, ask: Ask, rectangle: tuple[int, int, int, int] = PAGE) -> bytes:
    """The file with a time stamp in a field that shows something over its second page."""
    writer, out = _Writer(io.BytesIO(pdf)), io.BytesIO()
    append_signature_field(writer, SigFieldSpec("stamp", on_page=1, box=rectangle))
    put(writer, field(writer, "stamp"), "/AP", names(N=writer.add_object(cover())))
    stamper = PdfTimeStamper(_Authority(ask), field_name="stamp")
    stamper.timestamp_pdf(writer, "sha256", bytes_reserved=16384, output=out)
    return out.getvalue()


def with_data(pdf: bytes, kind: str = "") -> bytes:
    """The file with empty validation data behind it, written by hand; ``kind`` says what is wrong with it."""
    read = PdfFileReader(io.BytesIO(pdf))
    root, info = read.trailer.raw_get("/Root").idnum, read.trailer.raw_get("/Info").idnum
    size, before = int(read.trailer["/Size"]), read.last_startxref
    out = io.BytesIO()
    read.root.write_to_stream(out, None)
    catalogue = out.getvalue().removesuffix(b">>") + b"/DSS %d 0 R\n>>" % size
    page = b"%d 0 obj\n<<\n/Type /Pages\n/Kids [ ]\n/Count 0\n>>\nendobj\n" % read.root.raw_get("/Pages").idnum
    if kind == "a key twice":
        catalogue = catalogue.removesuffix(b">>") + b"/Pages %d 0 R\n>>" % (size + 1)
        catalogue = re.sub(rb"(/Pages \d+ 0 R\n)(.*)(/Pages \d+ 0 R\n)", rb"\3\2\1", catalogue, flags=re.DOTALL)
    if kind == "a comment":
        catalogue = catalogue.replace(b"/DSS", b"%% %s\n/DSS" % page.replace(b"\n", b" "))
    if kind == "an extension of its own":
        catalogue = re.sub(
            rb"/BaseVersion /1.7\n/ExtensionLevel \d+", rb"/BaseVersion /1.7\n/ExtensionLevel 77", catalogue
        )
        assert b"/ExtensionLevel 77" in catalogue
    data = b"<<\n/Certs [ ]\n>>"
    if kind == "an object in a stream":
        data = b"<<\n/Length %d\n>>\nstream\n%s\nendstream" % (len(page), page)
    objects = [(root, catalogue), (size, data)]
    if kind == "a rewritten object":
        objects.append((read.root.raw_get("/Pages").idnum, b"<<\n/Type /Pages\n/Kids [ ]\n/Count 0\n>>"))
    made, table = pdf, b"xref\n0 1\n0000000000 65535 f \n"
    for number, content in objects:
        table += b"%d 1\n%010d 00000 n \n" % (number, len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        made += page if kind == "an object that is not listed" and number == root else b""
    if kind == "a freed object":
        table += b"%d 1\n0000000000 00001 f \n" % read.root.raw_get("/Metadata").idnum
    keys = b"/Info %d 0 R\n/Root %d 0 R\n/Size %d\n/Prev %d\n" % (info, root, size + 1, before)
    if kind == "another root":
        keys = keys.replace(b"/Root %d" % root, b"/Root %d" % size)
    if kind == "two roots":
        keys = b"/Root %d 0 R\n" % size + keys
    keys += {"a size of nothing": b"/Size 5 6\n", "an id that is none": b"/ID 5\n"}.get(kind, b"")
    if kind == "a size of nothing":
        keys = keys.replace(b"/Size %d\n" % (size + 1), b"", 1)
    end = b"%% %s\n" % page.replace(b"\n", b" ") if kind == "bytes behind the end" else b""
    return made + table + b"trailer\n<<\n%s>>\nstartxref\n%d\n%%%%EOF\n" % (keys, len(made)) + end


BY_HAND = (
    "a key twice",
    "a comment",
    "an object in a stream",
    "a rewritten object",
    "an object that is not listed",
    "a freed object",
    "another root",
    "two roots",
    "bytes behind the end",
    "an extension of its own",
    "an id that is none",
    "a size of nothing",
)
