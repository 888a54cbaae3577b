"""The text of documents, where their bytes do not show it: Office and OpenDocument files, PDF, HTML and mail.

A hit in such a text says so: its place is counted in characters of the text. What a document holds beyond its text,
such as macros and pictures, is searched in its bytes only.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser

from evidence.errors import UnreadableStructureError

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
MAX_TEXT_CHARACTERS = 16 * 1024 * 1024
_MAX_PART_BYTES = 64 * 1024 * 1024
_MAX_PARTS = 2000
_TOO_LONG = f"What lies behind its first {MAX_TEXT_CHARACTERS:,} characters was not searched as text."
_TOO_MANY = f"What lies behind its first {_MAX_PARTS:,} parts was not searched as text."
_OOXML = re.compile(r"(word/(document|header\d*|footer\d*|footnotes|endnotes|comments)|xl/(sharedStrings|worksheets/"
                    r"sheet\d+|comments\d*)|ppt/(slides/slide\d+|notesSlides/notesSlide\d+))\.xml")  # fmt: skip
_ODF = re.compile(r"(content|styles|meta)\.xml")
_ENDS_LINE = re.compile(rb"</(?:w:p|a:p|text:p|text:h|si|row|c)>|<(?:w:br|text:line-break|w:tab|text:tab)\b[^>]*>")
_TAG = re.compile(r"<[^<>]*>")
_SIGN = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_EXTENSIONS: Mapping[str, str] = {
    **dict.fromkeys(("docx", "docm", "dotx", "xlsx", "xlsm", "pptx", "pptm"), "ooxml"),
    **dict.fromkeys(("odt", "ods", "odp", "odg", "ott"), "odf"),
    **dict.fromkeys(("html", "htm", "xhtml"), "html"),
    "eml": "mail",
    "pdf": "pdf",
}
_TYPES: Mapping[str, str] = {
    "application/vnd.openxmlformats-officedocument": "ooxml",
    "application/vnd.oasis.opendocument": "odf",
    "text/html": "html",
    "message/rfc822": "mail",
    "application/pdf": "pdf",
}


def document_kind(extension: str, mime: str | None) -> str:
    """By what a content is taken for a document whose text is extracted; empty for others."""
    by_type = next((kind for prefix, kind in _TYPES.items() if (mime or "").startswith(prefix)), "")
    return by_type or _EXTENSIONS.get(extension, "")


def text_of(kind: str, data: bytes) -> tuple[str, str]:
    """The text of a document, and what of it was left out as a sentence; empty where nothing was.

    Raises:
        ValueError: It is none of this kind, or does not hold together; the message says what is wrong.
    """
    cut = list[str]()
    try:
        match kind:
            case "ooxml":
                text = "\n".join(_of_zip(data, _OOXML, cut))
            case "odf":
                text = "\n".join(_of_zip(data, _ODF, cut))
            case "html":
                text = _of_html(_decoded(data))
            case "pdf":
                text = "\n".join(_of_pdf(data, cut))
            case _:
                text = "\n".join(_of_mail(data, cut))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, LookupError, OSError) as error:
        raise ValueError(f"its text cannot be extracted: {error}") from error
    except UnreadableStructureError as error:
        raise ValueError(f"its text cannot be extracted: {error}") from error
    except (MessageError, RecursionError, AssertionError, AttributeError, TypeError) as error:
        raise ValueError(f"its text cannot be extracted: {error or type(error).__name__}") from error
    if len(text) > MAX_TEXT_CHARACTERS:
        cut.append(_TOO_LONG)
    return text[:MAX_TEXT_CHARACTERS], " ".join(dict.fromkeys(cut))


def _of_zip(data: bytes, wanted: re.Pattern[str], cut: list[str]) -> Iterator[str]:
    left = _MAX_PART_BYTES
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [one for one in archive.infolist() if wanted.fullmatch(one.filename)]
        if len(names) > _MAX_PARTS:
            cut.append(_TOO_MANY)
            del names[_MAX_PARTS:]
        if not names:
            raise ValueError("its text cannot be extracted: the part with the text is missing")
        for one in names:
            with archive.open(one) as part:
                content = part.read(left + 1)
            left -= len(content)
            if left < 0:
                raise ValueError(f"its text cannot be extracted: it is more than {_MAX_PART_BYTES:,} bytes")
            yield _of_xml(_ENDS_LINE.sub(b"\n", content).decode("utf-8", "replace"))


def _of_xml(text: str) -> str:
    """Characters between the tags; no entity is resolved but those of single characters."""
    return _SIGN.sub(_sign, _TAG.sub("", text))


def _sign(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    point = int(match[1]) if match[1] else int(match[2], 16)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd"


class _Held:
    """Bytes that are there already, as a viewer takes them."""

    def __init__(self, data: bytes) -> None:
        self._data, self.size_bytes = data, len(data)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self._data[offset_bytes : offset_bytes + size_bytes]


def _of_pdf(data: bytes, cut: list[str]) -> Iterator[str]:
    from evidence.viewers.pdf import MOST_PAGES, Document  # loads PDFium

    document, left = Document(_Held(data), lambda done, total: None), MAX_TEXT_CHARACTERS
    with contextlib.closing(document):
        count = next((part.count for part in document.sheet.parts if part.key == "pages"), 0)
        if count >= MOST_PAGES:
            cut.append(f"What lies behind its first {MOST_PAGES:,} pages was not searched as text.")
        for number in range(count):
            if left <= 0:
                cut.append(_TOO_LONG)
                return
            text = document.whole_text(number)
            left -= len(text)
            yield text


class _Html(HTMLParser):
    """Takes the text and the targets of links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self.parts.append("" if tag in ("b", "i", "em", "strong", "span", "font", "u", "a", "wbr") else "\n")
        self.parts += [f" {value} " for name, value in attrs if name in ("href", "src", "alt", "title") and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _of_html(text: str) -> str:
    parser = _Html()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts)


_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)


def _decoded(data: bytes, charset: str = "") -> str:
    told = _CHARSET.search(data[:4096])
    name = charset or (told[1].decode("ascii") if told else "utf-8")
    try:
        return data.decode(name, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _of_mail(data: bytes, cut: list[str]) -> Iterator[str]:
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(data)
    for name in ("From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date"):
        yield from (f"{name}: {value}" for value in message.get_all(name, ()))
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            cut.append(_TOO_MANY)
            return
        if part.get_filename():
            yield f"{part.get_filename()}"
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                text = _decoded(content, str(part.get_content_charset() or ""))
                yield _of_html(text) if part.get_content_subtype() == "html" else text
