"""The text of documents, where their bytes do not show it: Office and OpenDocument files, PDF, RTF, HTML, mail, cards.

A hit in such a text says so: its place is counted in characters of the text. Documents in documents are read too, some
deep. What is known to be left out is told, so that nobody takes a search that found nothing for one that looked.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from email.errors import MessageError

from evidence.errors import UnreadableStructureError
from evidence.filetype import extension_of
from evidence.search.databases import MAGIC, is_log, texts_of_database
from evidence.search.kinds import OCTETS, SNIFFED, UNREAD, document_kind, kind_of_content
from evidence.search.mails import messages_in, of_mail
from evidence.search.markup import Decoder, decoded
from evidence.search.office import Inner, listed, of_xml, of_zip
from evidence.search.rich_text import of_rtf
from evidence.search.transfer import from_quoted_printable

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
MAX_TEXT_CHARACTERS = 16 * 1024 * 1024
HEAD_BYTES = 4096
_MAX_DEPTH = 4
_MAX_INNER = 1_000
_TOO_LONG = f"What lies behind its first {MAX_TEXT_CHARACTERS:,} characters was not searched as text."
_TEXTS = ("text/", "application/json", "application/xml", "application/csv")
_TEXT_EXTENSIONS = frozenset({"txt", "csv", "tsv", "json", "xml", "log", "md", "ini", "sql", "srt", "kml", "gpx"})
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_OFFICE = ("ooxml", "odf", "epub")
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, LookupError, OSError, MessageError,
    RecursionError, AssertionError, AttributeError, TypeError, UnreadableStructureError,
)  # fmt: skip
_PARTED = "\ufffe"
_FOLDED = re.compile(r"\r?\n[ \t]")


def text_of(kind: str, data: bytes, unknown: list[bytes] | None = None) -> tuple[str, str]:
    """The text of a document, and what of it was left out as a sentence; empty where nothing was.

    Args:
        kind: By which it is read.
        data: The document.
        unknown: Takes texts whose code page cannot be told, as the bytes that they are.

    Raises:
        ValueError: It is none of this kind, or does not hold together; the message says what is wrong.
    """
    reader = _Reader()
    text = reader.text(kind, data)
    if len(text) > MAX_TEXT_CHARACTERS:
        reader.cut.append(_TOO_LONG)
    if unknown is not None:
        unknown += reader.decoder.unknown
    return text[:MAX_TEXT_CHARACTERS], reader.told()


def is_mailbox(kind: str, head: bytes) -> bool:
    """Whether a mail of this beginning is a mailbox, which :func:`texts_of_mailbox` reads however large it is."""
    return kind == "mail" and head.startswith(b"From ")


def texts_of_mailbox(
    read: Callable[[int, int], bytes], size_bytes: int, unknown: list[bytes] | None = None
) -> Iterator[tuple[str, str]]:
    """The text of each message of a mailbox, one after the other, and what of it was left out; as :func:`text_of`."""
    for number, (message, is_cut) in enumerate(messages_in(read, size_bytes, MAX_DOCUMENT_BYTES), 1):
        reader, text = _Reader(), ""
        try:
            text = reader.text("mail", message)
        except ValueError as error:
            reader.cut.append(f"Of message {number}, {error}.")
        if is_cut:
            what = f"What lies behind the first {MAX_DOCUMENT_BYTES:,} bytes of message {number}"
            reader.cut.append(f"{what} was not searched as text.")
        if len(text) > MAX_TEXT_CHARACTERS:
            reader.cut.append(_TOO_LONG)
        if unknown is not None:
            unknown += reader.decoder.unknown
        yield text[:MAX_TEXT_CHARACTERS], reader.told()


def kind_in(kind: str, head: bytes) -> str:
    """``kind``, or what the first bytes say of a content where only they can tell; empty for what is no document."""
    if kind == "packed" or (kind in ("ooxml", "odf", "html") and head.startswith(b"\xd0\xcf\x11\xe0")):
        return kind_of_content(head) or kind
    if kind == OCTETS:
        return "sqlite log" if is_log(head) else "plist" if head.startswith(b"bplist") else ""
    if kind == "sqlite":
        return "sqlite log" if is_log(head) else kind if head.startswith(MAGIC) else ""
    if kind == "plist" and not head.startswith(b"bplist"):
        return ""
    return kind_of_content(head) if kind == SNIFFED else kind


class _Reader:
    """Takes the text of a document with those in it."""

    def __init__(self) -> None:
        self.cut, self._unread = list[str](), list[str]()
        self.decoder = Decoder(self.cut)
        self._depth = self._inner_count = 0

    def told(self) -> str:
        unread = [listed("were not searched as text", self._unread)] if self._unread else []
        return " ".join(dict.fromkeys((*self.cut, *unread)))

    def text(self, kind: str, data: bytes, charset: str = "") -> str:
        """As :func:`text_of`; ``charset`` is the code page of a page of HTML where it is told beside it."""
        try:
            return self._text(kind, data, charset)
        except (*_DAMAGE, ValueError) as error:
            if str(error).startswith("its text "):
                raise
            raise ValueError(f"its text cannot be extracted: {error or type(error).__name__}") from error

    def _text(self, kind: str, data: bytes, charset: str) -> str:
        if kind in _OFFICE and data.startswith(b"\xd0\xcf\x11\xe0"):
            raise ValueError("its text cannot be extracted: it is encrypted, or a binary document under another name")
        if kind in _OFFICE:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return "\n".join(of_zip(archive, kind, self.cut, self._inner))
        if kind == "packed":
            return self._of_packed(data)
        if kind in UNREAD:
            raise ValueError(f"its text was not extracted: {UNREAD[kind]}".rstrip("."))
        match kind:
            case "html":
                return self.decoder.html(data, charset)
            case "pdf":
                return "\n".join(_of_pdf(data, self.cut, self._inner))
            case "rtf":
                return of_rtf(data, self.cut)
            case "sqlite":
                return "\n".join(self._of_database(data))
            case "plist":
                return "\n".join(self._of_property_list(data))
            case "vcard":
                self.decoder.text(data)  # notes bytes in a code page that cannot be told
                return _of_cards(decoded(data), self.decoder)
            case _:
                return "\n".join(of_mail(data, self.cut, self._inner, self.decoder))

    def _of_database(self, data: bytes) -> Iterator[str]:
        """All values of a database that is in a document, whose bytes do not show them."""
        for text, left_out in texts_of_database(bytearray(data), self.decoder.unknown, is_all=True):
            self.cut += [left_out] if left_out else []
            yield text

    def _of_property_list(self, data: bytes) -> Iterator[str]:
        """Keys and texts of a binary property list, and of those in it; other data in it is looked through as bytes."""
        from evidence.viewers.plist import loaded  # loads plistlib

        todo, seen = [loaded(data)], set[int]()
        while todo:
            value = todo.pop()
            if isinstance(value, bytes) and value.startswith(b"bplist"):
                yield from self._inner("a property list in it", "", value)
            elif isinstance(value, bytes):
                self.decoder.unknown.append(value)
            elif isinstance(value, str):
                yield value
            elif isinstance(value, dict | list) and id(value) not in seen:
                seen.add(id(value))
                todo += reversed([*value, *value.values()] if isinstance(value, dict) else value)

    def _of_packed(self, data: bytes) -> str:
        """An archive, which may be a document under another name."""
        if data.startswith(b"PK\x03\x04"):
            with contextlib.suppress(*_DAMAGE), zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = set(archive.namelist())
                kind = ("ooxml" if "[Content_Types].xml" in names else "odf" if "content.xml" in names
                        else "epub" if "META-INF/container.xml" in names else "")  # fmt: skip
                if kind:
                    return "\n".join(of_zip(archive, kind, self.cut, self._inner))
        raise ValueError(f"its text was not extracted: {UNREAD['packed']}".rstrip("."))

    def _inner(self, name: str, mime: str, data: bytes) -> Iterator[str]:
        """The text of something in a document."""
        self._inner_count += 1
        if self._depth >= _MAX_DEPTH or self._inner_count > _MAX_INNER or len(data) > MAX_DOCUMENT_BYTES:
            self._unread.append(f"{name} (too deep, too many, or too large)")
            return
        kind = "sqlite" if data.startswith(MAGIC) else kind_of_content(data[:HEAD_BYTES])
        by_name = document_kind(extension_of(name), mime)
        if kind in ("", "packed") and by_name not in ("", SNIFFED, OCTETS, "sqlite", *UNREAD):
            kind = by_name
        if kind in ("", SNIFFED):
            yield from self._plain(name, mime, data)
            return
        self._depth += 1
        try:
            yield self.text(kind, data, mime.partition("charset=")[2])
        except ValueError:
            self._unread.append(name)
        finally:
            self._depth -= 1

    def _plain(self, name: str, mime: str, data: bytes) -> Iterator[str]:
        """Text that is no document; anything else is told as unread."""
        is_text = mime.startswith(_TEXTS) or extension_of(name) in _TEXT_EXTENSIONS
        is_marked = data.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0?\0"))
        if is_marked or not _CONTROLS.search(data[:HEAD_BYTES]) or is_text:
            charset = mime.partition("charset=")[2]
            text = self.decoder.text(data, charset)
            is_xml = extension_of(name) == "xml" or text.lstrip("\ufeff").startswith("<?xml")
            yield of_xml(text) if is_xml else text
            return
        self._unread.append(name)


def _of_cards(text: str, decoder: Decoder) -> str:
    """Cards and calendars: lines joined that were folded, and what is in quoted-printable as its characters."""
    lines, goes_on = list[list[str]](), False
    for line in _FOLDED.sub("", text).splitlines():
        if goes_on:
            lines[-1].append(line)
        else:
            lines.append([line])
        goes_on = line.endswith("=") and "QUOTED-PRINTABLE" in lines[-1][0].partition(":")[0].upper()
        if goes_on:
            lines[-1][-1] = line[:-1]
    return "\n".join(_of_card_line("".join(line), decoder) for line in lines)


def _of_card_line(line: str, decoder: Decoder) -> str:
    head, colon, value = line.partition(":")
    if "QUOTED-PRINTABLE" not in head.upper():
        return re.sub(r"\\([,;\\])", r"\1", line).replace("\\n", "\n")
    told = re.search(r"CHARSET=([\w.-]+)", head, re.IGNORECASE)
    content, _ = from_quoted_printable(value.encode("utf-8", "replace"))
    return head + colon + decoder.text(content, told[1] if told else "")


class _Held:
    """Bytes that are there already, as a viewer takes them."""

    def __init__(self, data: bytes) -> None:
        self._data, self.size_bytes = data, len(data)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self._data[offset_bytes : offset_bytes + size_bytes]


def _joined(text: str) -> str:
    """A word that a hyphen parts at the end of a line as one word, and behind the text once more with its hyphen.

    PDFium gives U+FFFE for the hyphen and the end of the line.
    """
    if _PARTED not in text:
        return text
    hyphened = (word.replace(_PARTED, "-") for word in text.split() if _PARTED in word)
    return "\n".join((text.replace(_PARTED, ""), *dict.fromkeys(hyphened)))


def _of_pdf(data: bytes, cut: list[str], inner: Inner) -> Iterator[str]:
    from evidence.viewers.pdf import MOST_PAGES, Document  # loads PDFium

    document, left = Document(_Held(data), lambda done, total: None, lists_marks=False), MAX_TEXT_CHARACTERS
    with contextlib.closing(document):
        count = next((part.count for part in document.sheet.parts if part.key == "pages"), 0)
        if count >= MOST_PAGES:
            cut.append(f"What lies behind its first {MOST_PAGES:,} pages was not searched as text.")
        yield from document.words_beside_pages()
        for number in range(count):
            if left <= 0:
                cut.append(_TOO_LONG)
                return
            try:
                text = _joined(document.whole_text(number))
                files = list(document.attached(number))
            except UnreadableStructureError as error:
                cut.append(f"{error}.")
                continue
            left -= len(text)
            yield text
            for name, content in files:
                yield name
                yield from inner(name, "", content)
        for name, content in document.attached(None):
            yield name
            yield from inner(name, "", content)
        cut += document.left_out
