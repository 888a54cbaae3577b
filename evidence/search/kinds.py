"""By what a content is taken for a document, or for something whose text nobody can read here, which is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

SNIFFED = "sniffed"
"""Text whose beginning has to be looked at: a mailbox without an extension is taken for plain text."""

OCTETS = "octets"
"""Bytes of no known type, which may be the log of a database; only their beginning is looked at."""

UNREAD: Mapping[str, str] = {
    "packed": "It is packed, and was catalogued without what is in it: only its packed bytes were searched.",
    "binary": "It is a binary document (old Office, Outlook), whose text was searched in its bytes only.",
    "sqlite log": "It is a write-ahead log or a journal of SQLite, with values that go over several pages: a word "
    "across two of these is not found. The viewer applies it to its database.",
}
"""Kinds whose text is not extracted, and what is told of them."""

_EXTENSIONS: Mapping[str, str] = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xltx", "xltm", "xlam", "xlsb", "vsdx"), "ooxml"),
    **dict.fromkeys(("pptx", "pptm", "ppsx", "ppsm", "potx", "potm", "ppam", "sldx"), "ooxml"),
    **dict.fromkeys(("odt", "ods", "odp", "odg", "odf", "odb", "odm", "ott", "ots", "otp", "otg", "oth"), "odf"),
    "epub": "epub",
    **dict.fromkeys(("html", "htm", "xhtml"), "html"),
    **dict.fromkeys(("eml", "mht", "mhtml", "mbox", "mbx", "emlx", "partial"), "mail"),
    **dict.fromkeys(("vcf", "vcard", "ics"), "vcard"),
    "rtf": "rtf",
    "pdf": "pdf",
    "plist": "plist",
    **dict.fromkeys(("doc", "dot", "xls", "xlt", "ppt", "pps", "pot", "msg", "pst", "ost", "vsd"), "binary"),
    **dict.fromkeys(("zip", "7z", "rar", "gz", "tgz", "bz2", "xz", "zst", "cab", "lzh", "lz4", "z", "jar"), "packed"),
}
_TYPES: Mapping[str, str] = {
    "application/vnd.openxmlformats-officedocument": "ooxml",
    "application/vnd.ms-word.": "ooxml",
    "application/vnd.ms-excel.": "ooxml",
    "application/vnd.ms-powerpoint.": "ooxml",
    "application/vnd.ms-visio.": "ooxml",
    "application/vnd.oasis.opendocument": "odf",
    "application/epub": "epub",
    "text/html": "html",
    "application/xhtml": "html",
    "message/": "mail",
    "application/mbox": "mail",
    "multipart/related": "mail",
    "text/vcard": "vcard",
    "text/x-vcard": "vcard",
    "text/calendar": "vcard",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
    "application/pdf": "pdf",
    "application/x-bplist": "plist",
    "application/x-plist": "plist",
}
_UNREAD_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("application/msword", "application/vnd.ms-", "application/x-ole-storage"), "binary"),
    **dict.fromkeys(
        ("application/CDFV2", "application/encrypted", "application/vnd.visio", "application/x-msi"), "binary"
    ),
    **dict.fromkeys(("application/vnd.sqlite3", "application/x-sqlite3"), "sqlite"),
    **dict.fromkeys(("application/zip", "application/x-zip", "application/java-archive"), "packed"),
    **dict.fromkeys(("application/x-java-archive", "application/vnd.android.package-archive"), "packed"),
    **dict.fromkeys(("application/gzip", "application/x-gzip", "application/x-bzip2", "application/x-xz"), "packed"),
    **dict.fromkeys(("application/zstd", "application/x-zstd", "application/x-lzma", "application/x-lz4"), "packed"),
    **dict.fromkeys(("application/x-7z-compressed", "application/x-rar", "application/vnd.rar"), "packed"),
    **dict.fromkeys(
        ("application/x-compress", "application/x-lzip", "application/x-lzh", "application/x-lha"), "packed"
    ),
    **dict.fromkeys(("application/x-arj", "application/x-arc", "application/x-stuffit"), "packed"),
    "application/vnd.ms-cab-compressed": "packed",
}
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"PK\x03\x04", "packed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "binary"),
    (b"!BDN", "binary"),
    (b"\x1f\x8b\x08", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ\x00", "packed"),
    (b"7z\xbc\xaf\x27\x1c", "packed"),
    (b"Rar!\x1a\x07", "packed"),
    (b"\x28\xb5\x2f\xfd", "packed"),
    (b"MSCF\0\0\0\0", "packed"),
    (b"bplist", "plist"),
    (b"BEGIN:VCARD", "vcard"),
    (b"BEGIN:VCALENDAR", "vcard"),
)
_HEADER = rb"(?:[!-9;-~]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*)"
_MAIL = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:From [^\n]{0,200}\n|\d{1,10}[ \t]*\r?\n)?" + _HEADER + rb"{0,40}?"
    rb"(?:From|Received|Return-Path|Delivered-To|Message-ID|MIME-Version|X-Mozilla-Status):[^\n]*\n" + _HEADER,
    re.IGNORECASE,
)  # fmt: skip
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b", re.IGNORECASE)


@lru_cache(maxsize=4096)
def document_kind(extension: str, mime: str | None) -> str:
    """By what a content is taken for a document whose text is extracted, or told to be unread; empty for others."""
    told = mime or ""
    by_type = _of(_TYPES, told)
    if by_type:
        return by_type
    by_name = _EXTENSIONS.get(extension, "")
    if by_name and by_name not in UNREAD:
        return by_name
    if found := _of(_UNREAD_TYPES, told) or by_name:
        return found
    if told == "application/octet-stream":
        return OCTETS
    return SNIFFED if told.startswith("text/") and extension != "log" else ""


def _of(types: Mapping[str, str], mime: str) -> str:
    return next((kind for prefix, kind in types.items() if mime.startswith(prefix)), "")


def kind_of_content(head: bytes) -> str:
    """What the first bytes of a content, 4 KiB if it has as many, say of its kind; empty where they say nothing."""
    found = next((kind for start, kind in _STARTS if head.startswith(start)), "")
    if found:
        return found
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return "html" if _HTML.match(head) else "mail" if _MAIL.match(head) else ""
