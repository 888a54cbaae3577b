"""The parts of one message (MIME, RFC 2045 to 2049), also of a damaged one: nothing is passed over in silence.

What a damaged part is decoded to is searched, and its bytes as they stand, too; that is told with the mail.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesParser

from evidence.search.markup import Decoder
from evidence.search.office import MAX_PARTS, TOO_MANY, Inner, listed
from evidence.search.part_names import names_of
from evidence.search.transfer import PLAIN, UNIX, coding_of, from_base64, from_quoted_printable

_UUENCODED = re.compile(r"^begin [0-7]{3,4} \S", re.MULTILINE)
_ARMORED = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_SEALED = ("pkcs7-mime", "x-pkcs7-mime", "pgp-encrypted")
_TNEF_TYPES, _TNEF_MARK = ("ms-tnef", "vnd.ms-tnef"), b"\x78\x9f\x3e\x22"
_CODING = "Content-Transfer-Encoding"
_BEGIN = re.compile(rb"^--([^\r\n]{1,250}?)[ \t]*\r?\n(?=content-[a-z-]{1,60}:)", re.MULTILINE | re.IGNORECASE)
_LINE = re.compile(rb"^--([^\r\n]{1,260})\r?\n?", re.MULTILINE)
_MAX_DEPTH = 8
_DEFECTS = {
    "NoBoundaryInMultipartDefect": "no border of its parts is told",
    "StartBoundaryNotFoundDefect": "the border of its parts that it tells is nowhere in it",
    "CloseBoundaryNotFoundDefect": "it ends before its last border",
    "FirstHeaderLineIsContinuationDefect": "its head begins amid a line",
    "MisplacedEnvelopeHeaderDefect": "a line of an envelope stands in its head",
    "MissingHeaderBodySeparatorDefect": "its head ends without an empty line",
    "InvalidHeaderDefect": "a line of its head has no name",
}


class Parts:
    """Takes the heads, texts and attachments of messages.

    Attributes:
        cut: What is left out, as sentences.
        unread: Names of attachments that are not read.
        damaged: Names of parts that do not hold together, and why.
    """

    def __init__(self, cut: list[str], inner: Inner, decoder: Decoder) -> None:
        """Read documents in mail by ``inner``, and bytes of text by ``decoder``."""
        self.cut, self.unread, self.damaged = cut, list[str](), list[str]()
        self._inner, self._decoder = inner, decoder
        self._count = self._depth = 0

    def of(self, data: bytes) -> Iterator[str]:
        """Everything that is read of a message."""
        self._count = 0
        yield from self._of_message(data)

    def told(self) -> Iterator[str]:
        """What is to be said of the messages that were taken."""
        if self.unread:
            yield listed("were not searched as text", self.unread)
        if self.damaged:
            yield listed("are damaged; what can be read was searched, the rest as it stands only", self.damaged)

    def _of_message(self, data: bytes) -> Iterator[str]:
        message = BytesParser(_class=EmailMessage, policy=policy.compat32).parsebytes(data)
        left, is_damaged = [message], False
        while left:
            part = left.pop()
            self._count += 1
            if self._count > MAX_PARTS:
                self.cut += [TOO_MANY] if TOO_MANY not in self.cut else []
                return
            yield from (f"{name}: {self._head(str(value))}" for name, value in part.raw_items())
            is_damaged |= self._is_damaged(part)
            if not part.is_multipart():
                yield from self._of_part(part)
                continue
            for around in (part.preamble, part.epilogue):
                yield from self._loose(_bytes(around or ""), is_told=False)
            is_read = yield from self._packed_message(part)
            left += [] if is_read else reversed(_inside(part))
        if is_damaged:
            yield from self._decoded(data)

    def _head(self, value: str) -> str:
        """A head as people read it; its bytes are kept where they may be in another code page than they declare."""
        for data, charset in _words_of(value):
            self._decoder.text(data, charset)
        return readable(value)

    def _is_damaged(self, part: Message) -> bool:
        """Whether the head of a part or its border do not hold together, which is told."""
        why = dict.fromkeys(filter(None, (_DEFECTS.get(type(one).__name__) for one in part.defects)))
        self._tell(part, ", ".join(why))
        return bool(why)

    def _packed_message(self, part: Message) -> Generator[str, None, bool]:
        """A message that is packed for the way, which no writer should do and some did: it was parsed as it stands.

        Returns:
            Whether all of it was read.
        """
        coding = coding_of(str(part.get(_CODING, "")))
        if part.get_content_maintype() != "message" or coding in PLAIN:
            return False
        try:
            held = b"".join(one.as_bytes() for one in _inside(part)).lstrip(b"\r\n")
        except (MessageError, LookupError, ValueError, TypeError):
            self._tell(part, "packed, and its heads make no sense")
            return False
        content, why = self._unpacked(coding, held)
        self._tell(part, why)
        yield from self._inner(_name(part) or "message/rfc822", "message/rfc822", content)
        return not why and coding == "base64"

    def _of_part(self, part: Message) -> Iterator[str]:
        names = names_of(part, readable, self._decoder.text)
        name = names[0] if names else ""
        yield from names
        coding = coding_of(str(part.get(_CODING, "")))
        raw, content, why = self._content(part, coding)
        if why:
            self._tell(part, why)
            yield from self._decoded(raw)
        if not content:
            return
        kind, sub = part.get_content_maintype(), part.get_content_subtype()
        if sub in _SEALED:
            self.unread.append(f"{name or part.get_content_type()} (encrypted)")
        elif is_tnef(part, content):
            self.unread.append(f"{name or part.get_content_type()} (TNEF of Outlook, which is not taken apart)")
            yield from self._decoded(content)
        elif kind == "multipart":
            yield from self._loose(content, is_told=True)
        elif kind == "text" and sub in ("plain", "html", "xml", "enriched") and not name:
            yield from self._text(content, sub, str(part.get_content_charset() or ""))
        else:
            charset = str(part.get_content_charset() or "") if kind == "text" else ""
            plain = f"text/{sub}; charset={charset}" if charset else part.get_content_type()
            yield from self._inner(name or plain, plain, content)

    def _content(self, part: Message, coding: str) -> tuple[bytes, bytes, str]:
        """The bytes of a part as they stand and as they are meant, and why these are not all."""
        unpacked = part.get_payload(decode=True) if coding in UNIX else None
        del part[_CODING]
        found = part.get_payload(decode=True)
        raw = found if isinstance(found, bytes) else b""
        if coding not in UNIX:
            return raw, *self._unpacked(coding, raw)
        is_whole = isinstance(unpacked, bytes) and unpacked != raw
        return raw, unpacked if isinstance(unpacked, bytes) else raw, "" if is_whole else "uuencoded and damaged"

    @staticmethod
    def _unpacked(coding: str, raw: bytes) -> tuple[bytes, str]:
        if coding in PLAIN:
            return raw, ""
        if coding == "quoted-printable":
            return from_quoted_printable(raw)
        content, why = from_base64(raw)
        if coding == "base64":
            return content, why
        shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in coding[:40])
        return raw if why else content, f"packed as “{shown}”, which is not known"

    def _text(self, content: bytes, sub: str, charset: str) -> Iterator[str]:
        text = self._decoder.html(content, charset) if sub == "html" else self._decoder.text(content, charset)
        if _UUENCODED.search(text):
            self.cut.append("What is uuencoded in it was not searched as text.")
        if _ARMORED.search(text):
            self.cut.append("What is encrypted in it was not searched as text.")
        yield text
        if sub == "plain" and _BEGIN.search(content):  # a message that was returned or forwarded as text
            yield from self._loose(content, is_told=False)

    def _loose(self, data: bytes, *, is_told: bool) -> Iterator[str]:
        """Text in which parts stand without a border that is told: parted at lines that look like one."""
        borders = {found[1] for found in _BEGIN.finditer(data)}
        if not borders:
            yield from self._decoded(data)
            return
        if self._depth >= _MAX_DEPTH:
            if is_told:
                self.damaged.append("multipart (too deep)")
            yield from self._decoded(data)
            return
        at, is_part = 0, False
        self._depth += 1
        for found in (*_LINE.finditer(data), None):
            name = found[1].rstrip() if found else b""
            if found is not None and name not in borders and name.removesuffix(b"--") not in borders:
                continue
            piece = data[at : found.start() if found else len(data)]
            yield from self._of_message(piece) if is_part else self._decoded(piece)
            if found is not None:
                at, is_part = found.end(), name in borders
        self._depth -= 1

    def _decoded(self, data: bytes) -> Iterator[str]:
        if data.strip():
            yield self._decoder.text(data)

    def _tell(self, part: Message, why: str) -> None:
        if why:
            self.damaged.append(f"{_name(part) or part.get_content_type()} ({why})")


def _inside(part: Message) -> list[Message]:
    found = part.get_payload()
    return [one for one in found if isinstance(one, Message)] if isinstance(found, list) else []


def _words_of(value: str) -> Iterator[tuple[bytes, str]]:
    """What a head has in any code page, and in which; empty where none is declared."""
    raw = _bytes(value)
    if not raw.isascii():
        yield raw, ""
    if b"=?" in raw:
        with suppress(ValueError, MessageError):
            for word, charset in decode_header(raw.decode("utf-8", "replace")):
                if charset and isinstance(word, bytes):
                    yield word, charset


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def is_tnef(part: Message, content: bytes) -> bool:
    """Whether a part is what Outlook and Exchange pack body and attachments in, as winmail.dat (MS-OXTNEF)."""
    return part.get_content_subtype() in _TNEF_TYPES or content.startswith(_TNEF_MARK)


def _name(part: Message) -> str:
    return next(iter(names_of(part, readable)), "")


def readable(value: str) -> str:
    """A head as people read it; as it stands where it cannot be decoded."""
    raw = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" not in raw:
        return raw
    try:
        return str(make_header(decode_header(raw)))
    except (MessageError, LookupError, ValueError, TypeError):
        return raw
