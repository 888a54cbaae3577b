"""E-mail addresses. Source: RFC 5321 for the lengths, RFC 5322 for the characters without quotation marks, RFC 6531."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence.detectors.base import AMBIGUOUS, CUT, WELL_FORMED, Found
from evidence.detectors.letters import hosts_at_beginning, is_latin, is_letter

KINDS = ("e-mail address",)
LONGEST_BYTES = 500

_MOST_LOCAL, _MOST_DOMAIN, _MOST_USER = 64, 253, 160
_MOST_LETTER_BYTES = 4
_LOCAL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+/=?^_`{|}~.-")
_DOMAIN = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})(?![A-Za-z0-9-])"
)
_WIDE = rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
_SIGN = re.compile(rb"@(?=[A-Za-z0-9\xc3-\xf4])")
_IN_HOST, _BEHIND_DOT = rb"(?:[A-Za-z0-9-]|" + _WIDE + rb")", rb"\.(?:[A-Za-z0-9]|" + _WIDE + rb")"
_HOST = re.compile(_IN_HOST + rb"{1,128}" + _BEHIND_DOT)
SIGNS = (rb"@" + _IN_HOST + rb"+" + _BEHIND_DOT,)
_ASCII_RUN = re.compile(rb"[A-Za-z0-9.-]{0,%d}" % _MOST_DOMAIN)
_GOES_ON = re.compile(rb"[\x80-\xff][A-Za-z0-9\x80-\xff-]{0,62}\.[A-Za-z0-9\x80-\xff]{2}|[\x80-\xff]{1,4}[A-Za-z]{2}")
_ENDS_UNREAD = re.compile(rb"[A-Za-z][\x80-\xff]{1,3}$")
_BEFORE = re.compile(r"[=/?&]")
"""An address may have these, and next to none has: they end what stands before it in URLs and paths."""
_AROUND = "'`{|}=?/!#$%&*^~"
_NO_AUTHORITY = re.compile(rb"[\x00-\x20/?#\"<>\\,;|]")
_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]{0,20})://[^\x00-\x20/?#\"<>\\,;|]*$")
_URL_IS_TOLD = re.compile(rb"(?:https?|ftps?|sftp|wss?|smb)", re.IGNORECASE)


def find(data: bytes) -> Iterator[Found]:
    """Addresses with a name of a host behind the sign. Whether there is such a host is not looked up.

    Letters beyond ASCII are read in UTF-8. Where letters of another script touch what could be an address alone, both
    readings are told. Before letters that are no UTF-8 it is cut, for the code page is not known.
    """
    for sign in _SIGN.finditer(data):
        if _HOST.match(data, sign.end()):
            found = _around(data, sign.start())
            if found is not None:
                yield found


def _around(data: bytes, at: int) -> Found | None:
    hosts, goes_on = _hosts(data, at + 1)
    if not hosts:
        return None
    names, is_begun = _names(data, at)
    if not names or _is_user_of_url(data, at):
        return None
    short, long = f"{names[0]}@{hosts[0]}", f"{names[-1]}@{hosts[-1]}"
    validity = CUT if goes_on or is_begun else WELL_FORMED if short == long else AMBIGUOUS
    start, end = at - len(names[-1].encode()), at + 1 + len(hosts[-1].encode())
    text = long if short == long else f"{short} or {long}"
    return Found(kind=KINDS[0], start=start, end=end, text=text, validity=validity)


def _hosts(data: bytes, at: int) -> tuple[tuple[str, ...], bool]:
    """What can be read as the host, the shortest first, and whether it seems to go on in another code page."""
    run = _ASCII_RUN.match(data, at)
    end = run.end() if run else at
    if end == len(data) or data[end] < 0x80:
        domain = _DOMAIN.match(data[at : at + 1 + _MOST_DOMAIN])
        return ((domain[0].decode(),) if domain and domain.end() <= _MOST_DOMAIN else ()), False
    text = data[at : at + _MOST_DOMAIN + _MOST_LETTER_BYTES].decode("utf-8", "surrogateescape")
    hosts = hosts_at_beginning(text)
    if not hosts:
        return (), False
    behind = len(hosts[-1].encode())
    is_unread = text[len(hosts[-1]) : len(hosts[-1]) + 1] >= "\udc80" and _is_unread(text[len(hosts[-1])])
    return hosts, is_unread and _GOES_ON.match(data, at + behind) is not None


def _names(data: bytes, at: int) -> tuple[tuple[str, ...], bool]:
    """What can be read as the name before the sign, the shortest first, and whether there is more that is not read."""
    before = data[max(0, at - _MOST_LOCAL - 1) : at]
    start = _start(before)
    if not start or before[start - 1] < 0x80:
        local = _BEFORE.split(before[start:].decode())[-1].lstrip(_AROUND)
        return ((local,) if local and _is_name(local) else ()), False
    before = data[max(0, at - _MOST_LOCAL - _MOST_LETTER_BYTES) : at]
    text = before.decode("utf-8", "surrogateescape")
    start = len(text)
    while start and ((text[start - 1].isascii() and ord(text[start - 1]) in _LOCAL) or is_letter(text[start - 1])):
        start -= 1
    *ended, local = _BEFORE.split(text[start:])
    is_begun = not ended and start > 0 and _is_unread(text[start - 1])
    local = local.lstrip(_AROUND)
    if not local and is_begun and _ENDS_UNREAD.search(before):
        return ("",), True
    if not local or not _is_name(local):
        return (), False
    last = next((index for index in range(len(local) - 1, -1, -1) if not local[index].isascii()), -1)
    tail = local[last + 1 :]
    if last >= 0 and tail[:1].isalnum() and not is_latin(local[last]):
        return (tail, local), is_begun
    return (local,), is_begun


def _is_name(local: str) -> bool:
    is_dotted = local.startswith(".") or local.endswith(".") or ".." in local
    return not is_dotted and len(local.encode()) <= _MOST_LOCAL


def _is_unread(char: str) -> bool:
    """Whether it stands for a byte that is no UTF-8."""
    return "\udc80" <= char <= "\udcff"


def _is_user_of_url(data: bytes, at: int) -> bool:
    """Whether the sign parts the user from the host of a URL, which is no address of mail."""
    scheme = _SCHEME.search(data, max(0, at - _MOST_USER), at)
    if scheme is None or scheme[1].lower() == b"mailto":
        return False
    if b":" in data[scheme.end(1) + 3 : at]:
        return True
    end = _NO_AUTHORITY.search(data, at + 1, at + 1 + _MOST_DOMAIN)
    is_last = b"@" not in data[at + 1 : end.start() if end else at + 1 + _MOST_DOMAIN]
    return is_last and _URL_IS_TOLD.fullmatch(scheme[1]) is not None


def _start(before: bytes) -> int:
    """Where the characters that an address may have begin, seen from its sign."""
    at = len(before)
    while at and before[at - 1] in _LOCAL:
        at -= 1
    return at
