"""E-mail (EML, RFC 5322 and MIME): headers, parts and text. Nothing is drawn, run or fetched."""

from __future__ import annotations

import binascii
import email
import email.errors
import email.policy
import re
from collections.abc import Iterator
from datetime import timedelta
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from evidence.errors import UnreadableStructureError
from evidence.search.mail_parts import Parts, is_tnef, readable
from evidence.search.markup import Decoder
from evidence.search.part_names import names_of
from evidence.search.transfer import coding_of, from_base64, from_quoted_printable
from evidence.viewers.base import Bytes, OnProgress, Row, TablesViewer, whole
from evidence.viewers.code_pages import Reading, read
from evidence.viewers.words import cut

NAME = "an e-mail"
MOST_BYTES = 96 << 20
MOST_PARTS, MOST_HEADERS = 2_000, 2_000
MOST_TEXT = 400_000
_MOST_TOLD, _MOST_DATES = 12, 50
_ONCE = ("Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject")
_LONGEST_DATE = 1_000
_COMMENT = re.compile(r"\([^()]*\)")
_ZONES = {"GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
          "PST": -8, "PDT": -7}  # fmt: skip
"""Names that RFC 5322, 4.3, defines, and those of UTC; any other may mean several zones."""
_DATE = re.compile(
    r"(?:[a-z]{3,9}(?: ?, ?| ))?[0-9]{1,2} [a-z]{3,9} (?:[0-9]{2}|[1-9][0-9]{3}) [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? "
    rf"(?:({'|'.join(_ZONES)})|([+-])([01][0-9]|2[0-3])([0-5][0-9]))",
    re.ASCII | re.IGNORECASE,
)


class Letter(TablesViewer):
    """A letter: its text first, then headers and parts."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        super().__init__(NAME)
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress)).removeprefix(b"\xef\xbb\xbf")
        try:
            letter = email.message_from_bytes(data, policy=email.policy.compat32)
            parts = list(_walk(letter))
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({error})") from error
        self._odd, self._in_others = list[str](), list[str]()
        headers = list(letter.raw_items())
        shown = tuple((name, cut(self._header(name, value))) for name, value in headers[:MOST_HEADERS])
        self.add("headers", "Headers", ("Name", "Value"), (*_sent(letter), *shown))
        self.add("parts", "Parts", ("No.", "Type", "Name", "Bytes, decoded", "Disposition", "Encoding", "Damage"),
                 tuple(self._row(number, part) for number, part in parts[:MOST_PARTS]))  # fmt: skip
        for number, part in parts[:MOST_PARTS]:
            kind = part.get_content_type()
            is_attached = part.get_content_disposition() == "attachment"
            if kind in ("text/plain", "text/html") and not is_attached and len(self.sheet.parts) < 12:
                title = f"Text, part {number}" if kind == "text/plain" else f"Source of the HTML, part {number}"
                reading = self._reading(f"Part {number}", _content(part), part.get_content_charset() or "", kind)
                self.add_text(f"text{number}", title, cut(reading.text.replace("\r\n", "\n"), MOST_TEXT))
        if any(part.get_content_type() == "text/html" for _, part in parts):
            self.remark("HTML is shown as its source; it is not drawn, and nothing that it names is fetched.")
        packed = [number for number, part in parts[:MOST_PARTS] if is_tnef(part, _content(part))]
        if packed:
            some = ", ".join(packed[:5])
            self.remark(
                f"TNEF of Outlook (winmail.dat) in part {some}: the text and attachments that are packed in it are not "
                "taken apart. Export the letter and open it with another tool."
            )
        self._take_apart(data)
        self._tell_code_pages()
        self._tell_repeated(letter)
        if len(parts) > MOST_PARTS or len(headers) > MOST_HEADERS:
            self.remark(f"It has {len(parts):,} parts and {len(headers):,} headers; not all are shown.")
        if data.startswith(b"From "):
            self.remark("This may be a mailbox of several letters; the first of them is shown, the rest as its text.")

    def _reading(self, what: str, data: bytes, charset: str, kind: str = "text/plain") -> Reading:
        """Bytes in the code page that is declared; where that cannot be, it is told, and others are kept."""
        reading = read(data, charset, is_html=kind == "text/html")
        if reading.why:
            self._odd.append(f"{what} {reading.why}.")
        if reading.others and sum(map(len, self._in_others)) < MOST_TEXT:
            self._in_others.append(f"{what}\n\n{reading.others}")
        return reading

    def _header(self, name: str, value: object) -> str:
        """A header with its encoded words decoded, in one line; as it stands where they cannot be."""
        what, raw = f"The header {cut(name, 60)}", str(value).encode("utf-8", "surrogateescape")
        line = " ".join(self._reading(what, raw, "").text.split())
        try:
            words = decode_header(line) if "=?" in line else [(line, None)]
        except (ValueError, LookupError, binascii.Error, email.errors.MessageError):
            return line
        plain = "ascii" if line.isascii() else "raw-unicode-escape"  # as decode_header gives what is not encoded
        pieces = list[str]()
        for word, charset in words:
            if isinstance(word, str):
                pieces.append(word)
            else:
                pieces.append(self._reading(what, word, charset).text if charset else word.decode(plain, "replace"))
        return "".join(pieces)

    def _row(self, number: str, part: Message) -> Row:
        first, *others = names_of(
            part, readable, lambda data, page: self._reading(f"A name of part {number}", data, page)
        ) or ("",)
        name = f"{first} (also: {', '.join(others)})" if others else first
        if number != "1" and "\ufffd" in name:  # the headers of the letter itself are all shown
            for head in ("Content-Disposition", "Content-Type"):
                self._header(f"{head} of part {number}", part.get(head, ""))
        damage = ", ".join(type(defect).__name__ for defect in part.defects)
        return (
            number,
            cut(part.get_content_type(), 200),
            cut(name, 500),
            "" if part.is_multipart() else f"{len(_content(part)):,}",
            cut(str(part.get_content_disposition() or ""), 100),
            cut(str(part.get("Content-Transfer-Encoding") or ""), 100),
            damage,
        )

    def _tell_code_pages(self) -> None:
        for told in self._odd[:_MOST_TOLD]:
            self.remark(told)
        if len(self._odd) > _MOST_TOLD:
            self.remark(f"So it is with {len(self._odd) - _MOST_TOLD:,} more.")
        if self._in_others:
            text = "\n".join(self._in_others)
            self.add_text("code_pages", "In other code pages", cut(text, MOST_TEXT))

    def _tell_repeated(self, letter: Message) -> None:
        """Fields of which RFC 5322, 3.6, allows one: programs show the first or the last."""
        for name in _ONCE:
            if (count := len(letter.get_all(name, ()))) > 1:
                self.remark(f"It has {count:,} headers {name}, where one is allowed: all are shown.")

    def _take_apart(self, data: bytes) -> None:
        """Of a damaged letter, add what the search reads of it: also parts without their border, and all as it is."""

        def inner(name: str, plain: str, content: bytes) -> Iterator[str]:
            yield f"[{name}, {plain}: {len(content):,} bytes]"

        read = Parts([], inner, Decoder([]))
        try:
            text = "\n".join(read.of(data))
        except (email.errors.MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
            self.remark(f"It is damaged, and its parts cannot be told from each other ({error}).")
            return
        if read.damaged:
            some, more = ", ".join(read.damaged[:5]), len(read.damaged) - 5
            self.remark(f"Damaged: {cut(some, 600)}{f' and {more:,} more' if more > 0 else ''}.")
            self.add_text("readable", "All that can be read of the damaged letter", cut(text, MOST_TEXT))


def _walk(letter: Message, number: str = "1") -> Iterator[tuple[str, Message]]:
    """Every part with its number, a part before those in it."""
    waiting: list[tuple[str, Message]] = [(number, letter)]
    while waiting:
        at, part = waiting.pop()
        yield at, part
        inside = part.get_payload()
        if isinstance(inside, list):
            waiting += [
                (f"{at}.{n}", one) for n, one in reversed(list(enumerate(inside, 1))) if isinstance(one, Message)
            ]


def _sent(letter: Message) -> tuple[Row, ...]:
    """Each ``Date`` put to UTC where it says its zone; as they were written they stand among the headers."""
    values = letter.get_all("Date", [])[:_MOST_DATES]
    numbers = ("",) if len(values) == 1 else tuple(f" {number}" for number in range(1, len(values) + 1))
    return tuple(_put_to_utc(f"Date{number}, put to UTC", value) for number, value in zip(numbers, values, strict=True))


def _put_to_utc(name: str, value: object) -> Row:
    text = _without_comments(str(value))
    try:
        wall = parsedate_to_datetime(text).replace(tzinfo=None)
        offset = _offset(text)
        at = None if offset is None else wall - offset
    except (ValueError, TypeError, IndexError, OverflowError):
        return (name, "not a date that can be read")
    if at is None:
        return (name, "no time of a zone that is known; it is not put to UTC")
    return (f"{name} (as the sender's computer wrote it, to the second)", f"{at.isoformat()}Z")


def _without_comments(text: str) -> str:
    """A date in one line without what stands in brackets; empty where it is too long for a date."""
    if len(text) > _LONGEST_DATE:
        return ""
    shorter = _COMMENT.sub(" ", text)
    while shorter != text:
        text, shorter = shorter, _COMMENT.sub(" ", shorter)
    return " ".join(text.split())


def _offset(text: str) -> timedelta | None:
    """How far the zone of a date is ahead of UTC; None where it names none, or one that standards do not define.

    Python alone takes any zone that it does not know for none, which -0000 is too: that is UTC, and only where the
    sender was is not told (RFC 5322, 3.3).
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    name, sign, hours, minutes = found.groups()
    if name:
        return timedelta(hours=_ZONES[name.upper()])
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return -ahead if sign == "-" else ahead


def _content(part: Message) -> bytes:
    """The bytes of a part, decoded as far as they can be: behind foreign signs and padding in base64, too."""
    coding = coding_of(str(part.get("Content-Transfer-Encoding") or ""))
    try:
        found = part.get_payload(decode=True)
        if coding in ("base64", "quoted-printable"):
            stated = part.get_payload()
            raw = stated.encode("utf-8", "surrogateescape") if isinstance(stated, str) else b""
            found = (from_base64 if coding == "base64" else from_quoted_printable)(raw)[0]
    except (ValueError, LookupError, AttributeError, TypeError):
        return b""
    return found if isinstance(found, bytes) else b""
