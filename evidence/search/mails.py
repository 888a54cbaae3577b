"""The text of mail: messages, mailboxes (mbox), messages of Apple Mail (emlx) and saved web pages (MHT)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from evidence.search.mail_parts import Parts
from evidence.search.markup import Decoder
from evidence.search.office import Inner

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


def of_mail(data: bytes, cut: list[str], inner: Inner, decoder: Decoder) -> Iterator[str]:
    """Heads, texts and attachments of every message; what is not read is told in ``cut``."""
    parts = Parts(cut, inner, decoder)
    for number, message in enumerate(_messages(data)):
        if number >= _MAX_MESSAGES:
            cut.append(f"What lies behind its first {_MAX_MESSAGES:,} messages was not searched as text.")
            break
        yield from parts.of(message)
    cut += parts.told()


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
