"""The names of attachments: every one that the heads of a part tell, decoded as the standards say.

Sources: RFC 2183 (``filename``), RFC 2045 (``name``), RFC 2231 (pieces and code pages of values), RFC 2047 as many
writers use it against RFC 2231.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.message import Message
from urllib.parse import unquote_to_bytes

_LONGEST_HEAD = 64 * 1024
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100}?)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_PIECE = re.compile(r"([a-z]+)(?:\*(\d{1,4}))?(\*?)\Z", re.ASCII)
_QUOTED = re.compile(r"\\(.)", re.DOTALL)
_HEADS = (("content-disposition", "filename"), ("content-type", "name"))


def names_of(
    part: Message, readable: Callable[[str], str], on_bytes: Callable[[bytes, str], object] = lambda data, charset: None
) -> tuple[str, ...]:
    """All names of a part, each once: of the place of storing before that of its type, the encoded before the plain.

    Args:
        part: Of a message that was parsed from bytes.
        readable: Decodes what is written in encoded words or in bytes.
        on_bytes: Told the bytes of names in a code page, and which is declared; empty for none.
    """
    found: list[str] = []
    for head, key in _HEADS:
        for name, value in part.raw_items():
            if name.lower() == head:
                found += _names(_FOLD.sub("", str(value)[:_LONGEST_HEAD]), key, readable, on_bytes)
    return tuple(dict.fromkeys(one for one in found if one))


def _names(
    head: str, key: str, readable: Callable[[str], str], on_bytes: Callable[[bytes, str], object]
) -> Iterator[str]:
    plain: list[str] = []
    pieces: dict[int, tuple[str, bool]] = {}
    for told in _PARAMETER.finditer(head):
        piece = _PIECE.match(told[1].lower())
        if piece is None or piece[1] != key:
            continue
        value = _QUOTED.sub(r"\1", told[2][1:-1]) if told[2].startswith('"') and len(told[2]) > 1 else told[2].strip()
        if piece[2] is None and not piece[3]:
            plain.append(value)
        else:
            pieces.setdefault(int(piece[2] or 0), (value, bool(piece[3])))
    if pieces:
        yield _joined([pieces[number] for number in sorted(pieces)], readable, on_bytes)
    yield from map(readable, plain)


def _joined(
    pieces: list[tuple[str, bool]], readable: Callable[[str], str], on_bytes: Callable[[bytes, str], object]
) -> str:
    """A name in pieces; those that are marked so are bytes in percent signs, in the code page that the first tells."""
    if not any(is_encoded for _, is_encoded in pieces):
        return readable("".join(value for value, _ in pieces))
    first, charset = pieces[0][0], ""
    if pieces[0][1] and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
    data = b"".join(
        unquote_to_bytes(raw) if is_encoded else raw
        for raw, is_encoded in (
            (value.encode("utf-8", "surrogateescape"), is_encoded)
            for value, is_encoded in ((first, pieces[0][1]), *pieces[1:])
        )
    )
    on_bytes(data, charset)
    for code_page in dict.fromkeys((charset.strip() or "utf-8", "utf-8")):
        try:
            return data.decode(code_page).replace("\0", "\ufffd")
        except (LookupError, ValueError):
            continue
    return data.decode("utf-8", "replace")
