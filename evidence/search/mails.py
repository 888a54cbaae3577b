"""The text of mail: messages, mailboxes (mbox), messages of Apple Mail (emlx) and saved web pages (MHT)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesParser

from evidence.search.markup import Decoder
from evidence.search.office import MAX_PARTS, TOO_MANY, Inner, listed

_MAX_MESSAGES = 100_000
_FROM = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_DATED = (
    rb"From [^ \r\n]{1,320} +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +"
    rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [^\r\n]{1,40}\d{4}[^\r\n]{0,100}\r?\n"
)  # a border also where no empty line stands before it
_DATED_LINE = re.compile(_DATED)
_BORDER = re.compile(rb"\n\r{0,2}\nFrom [^\r\n]{0,1000}\r?\n|\n" + _DATED)
_BORDER_BYTES, _PIECE_BYTES = 1100, 1 << 20
_APPLE = re.compile(rb"\s*(\d{1,10})[ \t]*\r?\n")
_UUENCODED = re.compile(r"^begin [0-7]{3,4} \S", re.MULTILINE)
_ARMORED = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_SEALED = ("pkcs7-mime", "x-pkcs7-mime", "pgp-encrypted")


def of_mail(data: bytes, cut: list[str], inner: Inner, decoder: Decoder) -> Iterator[str]:
    """Heads, texts and attachments of every message; what is not read is told in ``cut``."""
    unread = list[str]()
    for number, message in enumerate(_messages(data)):
        if number >= _MAX_MESSAGES:
            cut.append(f"What lies behind its first {_MAX_MESSAGES:,} messages was not searched as text.")
            break
        yield from _of_message(message, cut, unread, inner, decoder)
    if unread:
        cut.append(listed("were not searched as text", unread))


def messages_in(read: Callable[[int, int], bytes], size_bytes: int, most_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """The messages of a mailbox (mbox) one by one, read in pieces; and whether one was cut off.

    Args:
        read: Gives bytes from an offset on.
        size_bytes: Of the mailbox.
        most_bytes: So much of a message is held; what lies behind is passed over.
    """
    held, begin, seen, at = bytearray(b"\n\n"), 0, 0, 0
    first, is_cut = b"", False
    while True:
        border = _BORDER.search(held, seen)
        if border is not None or at >= size_bytes:
            message = first or bytes(held[begin : border.start() + 1 if border else len(held)])
            if message.strip():
                yield message, is_cut
            if border is None:
                return
            begin, seen = border.end(), border.end() - 1  # the end of its line may be half of an empty one
            first, is_cut = b"", False
            continue
        if len(held) - begin > most_bytes and not first:
            first, is_cut = bytes(held[begin : begin + most_bytes]), True
        seen = max(begin - 1, 0, len(held) - _BORDER_BYTES)
        passed = seen if first else min(begin, seen)
        del held[:passed]
        begin, seen = max(0, begin - passed), seen - passed
        piece = read(at, min(_PIECE_BYTES, size_bytes - at))
        if not piece:
            raise ValueError(f"it ends at byte {at} of {size_bytes}")
        held += piece
        at += len(piece)


def _messages(data: bytes) -> Iterator[bytes]:
    apple = _APPLE.match(data)
    if apple:
        yield data[apple.end() : apple.end() + int(apple[1])]
        yield b"\n" + data[apple.end() + int(apple[1]) :]  # its properties, as text
        return
    if not data.startswith(b"From "):
        yield data
        return
    starts = [match.span() for match in _FROM.finditer(data) if _is_border(data, match.start())]
    for at, (_, begin) in enumerate(starts):
        yield data[begin : starts[at + 1][0] if at + 1 < len(starts) else len(data)]


def _is_border(data: bytes, at: int) -> bool:
    is_apart = at == 0 or data[max(0, at - 4) : at].replace(b"\r", b"").endswith(b"\n\n")
    return is_apart or _DATED_LINE.match(data, at) is not None


def _of_message(data: bytes, cut: list[str], unread: list[str], inner: Inner, decoder: Decoder) -> Iterator[str]:
    message = BytesParser(_class=EmailMessage, policy=policy.compat32).parsebytes(data)
    for number, part in enumerate(message.walk()):
        if number >= MAX_PARTS:
            cut.append(TOO_MANY)
            return
        yield from (f"{name}: {_readable(str(value))}" for name, value in part.raw_items())
        if not part.is_multipart():
            yield from _of_part(part, cut, unread, inner, decoder)


def _of_part(part: Message, cut: list[str], unread: list[str], inner: Inner, decoder: Decoder) -> Iterator[str]:
    name = _name(part)
    if name:
        yield name
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content:
        return
    kind, sub = part.get_content_maintype(), part.get_content_subtype()
    if sub in _SEALED:
        unread.append(f"{name or part.get_content_type()} (encrypted)")
    elif kind == "text" and sub in ("plain", "html", "xml", "enriched") and not name:
        charset = str(part.get_content_charset() or "")
        text = decoder.html(content, charset) if sub == "html" else decoder.text(content, charset)
        if _UUENCODED.search(text):
            cut.append("What is uuencoded in it was not searched as text.")
        if _ARMORED.search(text):
            cut.append("What is encrypted in it was not searched as text.")
        yield text
    else:
        charset = str(part.get_content_charset() or "") if kind == "text" else ""
        plain = f"text/{sub}; charset={charset}" if charset else part.get_content_type()
        if _is_message_in_base64(part):
            content, plain = base64.b64decode(content, validate=False), "message/rfc822"
        yield from inner(name or plain, plain, content)


def _is_message_in_base64(part: Message) -> bool:
    """Not parsed as a message, for what holds it is packed in base64, which no writer should do and some did."""
    return part.get_content_maintype() == "message" and "base64" in str(part.get("Content-Transfer-Encoding", ""))


def _name(part: Message) -> str:
    try:
        return _readable(part.get_filename() or "")
    except (LookupError, ValueError, TypeError):
        return ""


def _readable(value: str) -> str:
    """A head as people read it; as it stands where it cannot be decoded."""
    raw = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" not in raw:
        return raw
    try:
        return str(make_header(decode_header(raw)))
    except (LookupError, ValueError, TypeError):
        return raw
