"""Addresses in the web and of files elsewhere. Source: RFC 3986, and RFC 3987 for letters beyond ASCII."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator

from evidence.detectors.base import AMBIGUOUS, CUT, WELL_FORMED, Found
from evidence.detectors.letters import hosts_at_beginning, is_host, is_latin, is_letter

KINDS = ("URL",)
LONGEST_BYTES = 2100
SIGNS = (b"://",)

_MOST = 2048
_ASCII = rb"A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%"
_MORE = re.compile(rb"[" + _ASCII + rb"]")
_SIGN = re.compile(rb"://")
_SCHEME = re.compile(rb"(?<![A-Za-z0-9+.-])(?:https?|ftps?|sftp|wss?|smb)\Z", re.IGNORECASE)
_LONGEST_SCHEME = 5
_PATTERN = re.compile(rb"(?P<scheme>[A-Za-z]{2,5}://)[" + _ASCII + rb"]{0,%d}" % _MOST)
_RUN = re.compile(rb"[" + _ASCII + rb"\x80-\xff]+")
_NEXT = re.compile(r"(?:https?|ftps?|sftp|wss?|smb)://", re.IGNORECASE)
_HOST = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?"
)
_BEHIND = ".,;:!?'"
_PAIRS = {")": "(", "]": "["}
_BETWEEN_LETTERS = "\u2019\u00b7\u200c\u200d"
_ENDS_TEXT = ("Pi", "Pf", "Ps", "Pe", "Zs", "Zl", "Zp", "Cc")


def find(data: bytes) -> Iterator[Found]:
    """Addresses whose host and port have the form of such. What ends a sentence behind one is no part of it.

    Letters beyond ASCII are read in UTF-8. Other text can follow an address without a blank, in databases above all:
    where such letters begin behind what is an address alone, both readings are told. Before letters that are no UTF-8,
    and before a sign with more of the kind behind it, it is cut.
    """
    for match in _matches(data):
        if match.end() - match.end("scheme") == _MOST:
            is_cut = _MORE.match(data, match.end()) is not None or data[match.end() : match.end() + 1] >= b"\x80"
            readings = _told(match[0].decode("ascii"), is_cut=is_cut)
        elif data[match.end() : match.end() + 1] < b"\x80":
            readings, is_cut = _told(match[0].decode("ascii"), is_cut=False), False
        else:
            readings, is_cut = _with_letters(data, match)
        if readings:
            end = match.start() + len(readings[-1].encode())
            validity = CUT if is_cut else WELL_FORMED if len(readings) == 1 else AMBIGUOUS
            yield Found(kind=KINDS[0], start=match.start(), end=end, text=" or ".join(readings), validity=validity)


def _matches(data: bytes) -> Iterator[re.Match[bytes]]:
    """A scheme that is known with all characters of ASCII behind it that may be of the address; none within another."""
    done = 0
    for sign in _SIGN.finditer(data):
        scheme = _SCHEME.search(data, max(done, sign.start() - _LONGEST_SCHEME), sign.start())
        match = _PATTERN.match(data, scheme.start()) if scheme else None
        if match:
            done = match.end()
            yield match


def _told(word: str, *, is_cut: bool) -> tuple[str, ...]:
    word = word if is_cut else _trimmed(word)
    return (word,) if _has_host(word) else ()


def _with_letters(data: bytes, match: re.Match[bytes]) -> tuple[tuple[str, ...], bool]:
    """What can be read where a byte beyond ASCII follows, the shortest first, and whether it goes on unread."""
    run = _RUN.match(data, match.end(), match.end("scheme") + _MOST)
    text = (match[0] + (run[0] if run else b"")).decode("utf-8", "surrogateescape")
    first, end, is_cut = len(match[0]), *_end(text, len(match[0]))
    stop = match.end("scheme") + _MOST
    is_cut = is_cut or (
        end == len(text) and run is not None and run.end() == stop and _RUN.match(data, stop, stop + 1) is not None
    )
    long = _told(text[:end], is_cut=is_cut)
    if end == first:
        return long, is_cut
    short = () if _goes_on_as_word(text, first) else _told(text[:first], is_cut=False)
    if not long:
        scheme = text[: match.end("scheme") - match.start()]
        names = hosts_at_beginning(text[len(scheme) : end])[-1:]
        long = tuple(scheme + name for name in names if _is_other_text(text[len(scheme) + len(name) : end]))
        is_cut = is_cut and not (short or long)
    return tuple(dict.fromkeys((*short, *long))), is_cut


def _end(text: str, at: int) -> tuple[int, bool]:
    """Where an address ends whose first character beyond ASCII is at a place, and whether what follows may be of it."""
    following = _NEXT.search(text, at)
    until = following.start() if following else len(text)
    while at < until:
        char, behind = text[at], text[at + 1 : at + 2]
        if not (char.isascii() or is_letter(char)):
            is_within = char in _BETWEEN_LETTERS and text[at - 1].isalpha() and behind.isalpha()
            if not is_within:
                return at, _may_go_on(char, behind)
        at += 1
    return until, False


def _may_go_on(char: str, behind: str) -> bool:
    if "\udc80" <= char <= "\udcff":
        return True
    is_for_ideographs = "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uff65"
    is_end = is_for_ideographs or unicodedata.category(char) in _ENDS_TEXT
    return not is_end and bool(behind) and (behind.isascii() or is_letter(behind))


def _goes_on_as_word(text: str, first: int) -> bool:
    """Whether the first character beyond ASCII is a Latin letter within a word, and not at the end of a host's name."""
    if not (is_latin(text[first]) and text[first - 1].isalpha()):
        return False
    host = re.split(r"[/?#]", text.split("://", 1)[1], maxsplit=1)[0]
    at = first - text.index("://") - 3
    return at >= len(host) or "." in host[at:]


def _is_other_text(behind: str) -> bool:
    """Whether what stands behind a host's name begins with a letter beyond ASCII, which is of another script."""
    return bool(behind) and not behind.lstrip("-")[:1].isascii()


def _trimmed(word: str) -> str:
    while word[-1] in _BEHIND or (word[-1] in _PAIRS and word.count(word[-1]) > word.count(_PAIRS[word[-1]])):
        word = word[:-1]
    return word


def _has_host(word: str) -> bool:
    authority = re.split(r"[/?#]", word.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    host, port = authority, ""
    if authority.startswith("["):
        host, _, behind = authority[1:].partition("]")
        if behind and not behind.startswith(":"):
            return False
        return _is_port(behind[1:]) and _is_v6(host)
    if ":" in authority:
        host, _, port = authority.partition(":")
    if not host.isascii():
        return is_host(host.removesuffix(".")) and _is_port(port)
    is_short = host.lower() == "localhost" or bool(port) or word[:4].lower() == "smb:"
    is_name = 0 < len(host) <= 253 and _HOST.fullmatch(host) is not None
    return is_name and _is_port(port) and ("." in host or is_short)


def _is_port(port: str) -> bool:
    return not port or (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536)


def _is_v6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
