"""Addresses in the web and of files elsewhere. Source: RFC 3986."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from evidence.detectors.base import CUT, WELL_FORMED, Found

KINDS = ("URL",)
LONGEST_BYTES = 2100
SIGNS = (b"://",)

_MOST = 2048
_MORE = re.compile(rb"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_PATTERN = re.compile(
    rb"(?<![A-Za-z0-9+.-])(?P<scheme>(?:https?|ftps?|sftp|wss?|smb)://)" + _MORE.pattern + rb"{1,%d}" % _MOST,
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?"
)
_BEHIND = ".,;:!?'"
_PAIRS = {")": "(", "]": "["}


def find(data: bytes) -> Iterator[Found]:
    """Addresses whose host and port have the form of such. What ends a sentence behind one is no part of it."""
    for match in _PATTERN.finditer(data):
        is_cut = match.end() - match.end("scheme") == _MOST and _MORE.match(data, match.end()) is not None
        word = match[0].decode("ascii") if is_cut else _trimmed(match[0].decode("ascii"))
        if _has_host(word):
            end = match.start() + len(word)
            yield Found(kind=KINDS[0], start=match.start(), end=end, text=word, validity=CUT if is_cut else WELL_FORMED)


def _trimmed(word: str) -> str:
    while word[-1] in _BEHIND or (word[-1] in _PAIRS and word.count(word[-1]) > word.count(_PAIRS[word[-1]])):
        word = word[:-1]
    return word


def _has_host(word: str) -> bool:
    authority = re.split(r"[/?#]", word.split("://", 1)[1], maxsplit=1)[0].rpartition("@")[2]
    host, port = authority, ""
    if authority.startswith("["):
        host, _, behind = authority[1:].partition("]")
        if behind and not behind.startswith(":"):
            return False
        return _is_port(behind[1:]) and _is_v6(host)
    if ":" in authority:
        host, _, port = authority.partition(":")
    is_short = host.lower() == "localhost" or bool(port) or word[:4].lower() == "smb:"
    is_name = 0 < len(host) <= 253 and _HOST.fullmatch(host) is not None
    return is_name and _is_port(port) and ("." in host or is_short)


def _is_port(port: str) -> bool:
    return not port or (port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536)


def _is_v6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
