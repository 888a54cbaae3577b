"""What stands in a file behind what somebody signed: nothing that any reader shows, and nothing that hides.

The bytes behind a signature are held to the form in which this program writes them, object by object, so that a
reader that repairs a file finds there no object that another one does not see. Of what was signed, only lists may grow:
by data for validation, and by time stamps without an area.

Source: REQ-67; ISO 32000-2, 7.5.6 (incremental updates), 12.8.4 (validation data).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, Reference, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1, ISO32001, ISO32002

_TABLE: Final = re.compile(
    rb"xref\n((?:\d+ \d+\n(?:\d{10} 00000 n \n|0000000000 65535 f \n)+)+)"
    rb"trailer\n<<\n"
    rb"((?:/(?:ID \[ <[0-9a-f]{32}> <[0-9a-f]{32}> \]|(?:Info|Root) \d+ 0 R|(?:Size|Prev) \d{1,10})\n)+)>>\n"
    rb"startxref\n(\d+)\n%%EOF\n"
)
_HIDDEN_OBJECT: Final = re.compile(rb"\d[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+obj")
_STAMP_KEYS: Final = frozenset(("/FT", "/T", "/TU", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"))
_STAMP_VALUE_KEYS: Final = frozenset(("/Contents", "/ByteRange", "/Type", "/Filter", "/SubFilter"))
_DATA: Final = "/DSS"
_EXTENSIONS: Final = (ESIC_EXTENSION_1, ISO32001, ISO32002)
_VERSIONS: Final = frozenset(("/1.7", "/2.0"))
"""A signature says which part of PDF it needs (ISO 32000-2, 7.12), that of one person others than that of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A part of a file behind a signature.

    Attributes:
        signed_revision: Number of the revision that was signed.
        signed_bytes: So many bytes from the start of the file were signed.
        until_revision: Number of the last revision of the part.
        filled: Name of the field that is signed in the part, whose area shows that; empty for none.
    """

    signed_revision: int
    signed_bytes: int
    until_revision: int
    filled: str = ""


def changes_in(pdf: bytes, reader: PdfFileReader, behind: Behind) -> Iterator[str]:
    """What is found in a part of a file that may not be there, in words; nothing where all is in order.

    Args:
        pdf: The file.
        reader: Of the file; what is wrong with the file is raised as in any use of it.
        behind: The part.
    """
    start, grown = behind.signed_bytes, _Grown()
    for revision in range(behind.signed_revision + 1, behind.until_revision + 1):
        end = _end_of(pdf, reader, revision, start)
        if end is None:
            yield "bytes stand there in a form that this program does not write"
            return
        start = end
        yield from _Compared(reader, behind, revision, grown).differences()
    is_last = behind.until_revision == reader.xrefs.total_revisions - 1
    if is_last and start != len(pdf):
        yield "bytes stand behind the end of the document"


def _end_of(pdf: bytes, reader: PdfFileReader, revision: int, start: int) -> int | None:
    """Where a revision ends whose objects follow on one another, each of them listed; None where they do not."""
    refs = reader.xrefs.explicit_refs_in_revision(revision)
    found = ((reader.xrefs.get_historical_ref(ref, revision), ref) for ref in refs if ref.generation == 0)
    placed = sorted(((at, ref) for at, ref in found if isinstance(at, int)), key=lambda one: one[0])
    table_at = reader.xrefs.get_startxref_for_revision(revision)
    if len(placed) != len(refs) or [*(at for at, _ in placed), table_at][0] != start:
        return None
    read = reader.get_historical_resolver(revision)
    for (at, ref), stop in zip(placed, [*(at for at, _ in placed[1:]), table_at], strict=True):
        if not _is_plain(pdf[at:stop], ref, read(ref)):
            return None
    table = _TABLE.match(pdf, table_at)
    if table is None or (table[1].count(b" n \n"), int(table[3])) != (len(placed), table_at):
        return None
    keys = [line.split(b" ")[0] for line in table[2].splitlines()]
    return table.end() if len(keys) == len(set(keys)) else None


def _is_plain(written: bytes, ref: Reference, value: Any) -> bool:
    """Whether the bytes of an object are that object alone, for a reader that searches for objects as well.

    Comments, and a key that stands there twice, which one reader takes from its first place and another from its last,
    are not there any more when the object is written again.
    """
    head, tail = b"%d 0 obj\n" % ref.idnum, b"\nendobj\n"
    if not (written.startswith(head) and written.endswith(tail)):
        return False
    text, again = written[len(head) : -len(tail)], _bytes(value)
    if _HIDDEN_OBJECT.search(text):
        return False
    if isinstance(value, StreamObject):
        data = b"stream\n" + bytes(value.encoded_data) + b"\nendstream"
        if not (text.endswith(data) and again.endswith(data)):
            return False
        text, again = text[: -len(data)], again[: -len(data)]
    return all(text.count(one) == again.count(one) for one in (b"/", b"%", b"stream"))


@dataclass(slots=True)
class _Grown:
    """What came to the lists of fields and annotations since the signature, by the number of its object and its key."""

    lists: dict[tuple[int, str], list[Any]] = field(default_factory=dict)

    def wrong(self, after: Callable[[Reference], Any]) -> Iterator[str]:
        """What of it is more than a time stamp without an area."""
        fields = [one for (_, key), added in self.lists.items() for one in added if key == "/Fields"]
        shown = [one for (_, key), added in self.lists.items() for one in added if key == "/Annots"]
        if {_bytes(one) for one in shown} - {_bytes(one) for one in fields}:
            yield "an annotation was added"
        for one in fields:
            if not isinstance(one, IndirectObject) or not _is_unseen_stamp(after(one.reference), after):
                yield "a field was added that is no time stamp without an area"


@dataclass(slots=True)
class _Compared:
    """A revision against the one that was signed."""

    reader: PdfFileReader
    behind: Behind
    revision: int
    grown: _Grown

    def differences(self) -> Iterator[str]:
        signed, now = self._trailer(self.behind.signed_revision), self._trailer(self.revision)
        if signed != now:
            yield "the document begins at another place"
            return
        before = self.reader.get_historical_resolver(self.behind.signed_revision)
        after = self.reader.get_historical_resolver(self.revision)
        refs = self.reader.xrefs.explicit_refs_in_revision(self.revision)
        for ref in sorted(refs, key=lambda one: one.idnum):
            if self.reader.xrefs.get_historical_ref(ref, self.behind.signed_revision) is None:
                continue
            old, new = before(ref), after(ref)
            for key in _different(old, new):
                where = f"object {ref.idnum}{_kind(old)}{f', {key}' if key else ''}"
                if self._is_filled(old, key) or (_is_catalogue(before, ref) and _is_about_proof(old, new, key)):
                    continue
                if not _grows(before, ref, old, key):
                    yield f"{where}, was changed"
                elif (added := _added(old.get(key, ()), new.raw_get(key))) is None:
                    yield f"{where}, does not keep what it held"
                else:
                    self.grown.lists[(ref.idnum, key)] = added
        yield from self.grown.wrong(after)

    def _trailer(self, revision: int) -> list[bytes]:
        trailer = self.reader.trailer.flatten(revision)
        return [_bytes(trailer.raw_get(key)) if key in trailer else b"" for key in ("/Root", "/Info", "/Encrypt")]

    def _is_filled(self, old: Any, key: str) -> bool:
        """Whether it is how the next person signs: in the field that waited for them, within its area."""
        if not (self.behind.filled and isinstance(old, DictionaryObject)):
            return False
        is_waiting = old.get("/FT") == "/Sig" and str(old.get("/T")) == self.behind.filled and "/V" not in old
        return is_waiting and key in ("/V", "/AP")


def _is_unseen_stamp(widget: Any, after: Callable[[Reference], Any]) -> bool:
    if not isinstance(widget, DictionaryObject) or not set(widget) <= _STAMP_KEYS:
        return False
    held = widget.raw_get("/V") if "/V" in widget else None
    value = after(held.reference) if isinstance(held, IndirectObject) else None
    return (
        (widget.get("/FT"), widget.get("/Subtype")) == ("/Sig", "/Widget")
        and isinstance(widget.raw_get("/Rect"), ArrayObject)
        and [float(one) for one in widget["/Rect"]] == [0.0] * 4
        and isinstance(value, DictionaryObject)
        and value.get("/Type") == "/DocTimeStamp"
        and set(value) <= _STAMP_VALUE_KEYS
    )


def _is_about_proof(signed: Any, catalogue: Any, key: str) -> bool:
    """Whether a change of the catalogue is one that signatures and validation data make: none changes what is seen."""
    if key == "/Extensions":
        told, before = (one.raw_get(key) if key in one else DictionaryObject() for one in (catalogue, signed))
        return isinstance(told, DictionaryObject) and _is_told(told, before)
    return (key == _DATA and key in catalogue) or (key == "/Version" and catalogue.get(key) in _VERSIONS)


def _is_told(extensions: DictionaryObject, signed: Any) -> bool:
    """Whether each part of PDF that a file says to need is one that stood there already, or one of signatures."""
    known = {(str(one.prefix_name), _bytes(one.as_pdf_object())) for one in _EXTENSIONS}
    stood = {(name, one) for name in signed for one in _each(signed.raw_get(name))}
    return all((name, one) in known | stood for name in extensions for one in _each(extensions.raw_get(name)))


def _each(value: Any) -> list[bytes]:
    """A value, or those in a list, as they are written."""
    many = isinstance(value, ArrayObject)
    return [_bytes(value.raw_get(at)) for at in range(len(value))] if many else [_bytes(value)]


def _is_catalogue(before: Any, ref: Reference) -> bool:
    return bool(before.trailer_view.raw_get("/Root").reference == ref)


def _grows(before: Any, ref: Reference, old: Any, key: str) -> bool:
    """Whether it is one of the two lists that a time stamp without an area stands in."""
    if key == "/Annots":
        return isinstance(old, DictionaryObject) and old.get("/Type") == "/Page"
    form = before.root.raw_get("/AcroForm") if "/AcroForm" in before.root else None
    return key == "/Fields" and isinstance(form, IndirectObject) and bool(form.reference == ref)


def _different(old: Any, new: Any) -> list[str]:
    """The keys in which two dictionaries differ; an empty key for anything else that differs."""
    if isinstance(old, StreamObject) or not (isinstance(old, DictionaryObject) and isinstance(new, DictionaryObject)):
        return [""]
    if isinstance(new, StreamObject):
        return [""]
    return [key for key in sorted({*old, *new}) if _value(old, key) != _value(new, key)]


def _added(old: Any, new: Any) -> list[Any] | None:
    """What stands in a list behind what it held; None where it does not hold that any more."""
    if not isinstance(new, ArrayObject):
        return None
    held = [_bytes(old.raw_get(at)) for at in range(len(old))] if old else []
    found = [new.raw_get(at) for at in range(len(new))]
    return found[len(held) :] if [_bytes(one) for one in found[: len(held)]] == held else None


def _kind(old: Any) -> str:
    kind = old.get("/Type") if isinstance(old, DictionaryObject) else None
    return f" ({kind})" if kind else ""


def _value(held: DictionaryObject, key: str) -> bytes:
    return _bytes(held.raw_get(key)) if key in held else b""


def _bytes(value: Any) -> bytes:
    out = io.BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()
