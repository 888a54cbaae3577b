"""Families of content types that a filter can name with one word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from forensics_app.model.filter_language.tree import ContentType

_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "document": (
        "application/pdf", "application/postscript", "application/rtf", "text/rtf", "application/msword",
        "application/vnd.ms-excel*", "application/vnd.ms-powerpoint*", "application/vnd.ms-word*",
        "application/vnd.ms-office", "application/vnd.ms-works", "application/vnd.ms-publisher",
        "application/vnd.ms-project", "application/vnd.ms-xpsdocument", "application/vnd.visio*",
        "application/vnd.openxmlformats-officedocument.*", "application/vnd.oasis.opendocument.*",
        "application/vnd.sun.xml.*", "application/vnd.apple.*", "application/vnd.wordperfect", "application/x-mswrite",
        "application/x-hwp", "application/vnd.lotus-*", "application/epub+zip", "application/x-ole-storage",
        "application/cdfv2", "application/encrypted", "image/vnd.djvu",
    ),
    "archive": (
        "application/zip", "application/x-zip", "application/gzip", "application/x-gzip", "application/x-xz",
        "application/x-bzip2", "application/zstd", "application/x-zstd", "application/x-tar", "application/x-gtar",
        "application/x-ustar", "application/x-rar", "application/vnd.rar", "application/x-7z-compressed",
        "application/vnd.ms-cab-compressed", "application/java-archive", "application/x-java-archive",
        "application/vnd.android.package-archive", "application/x-lzma", "application/x-lzip", "application/x-lz4",
        "application/x-compress", "application/x-lha", "application/x-lzh-compressed", "application/x-arc",
        "application/x-arj", "application/x-ace-compressed", "application/x-cpio", "application/x-archive",
        "application/x-rpm", "application/vnd.debian.binary-package", "application/x-xar", "application/x-stuffit",
        "application/x-iso9660-image", "application/x-udf-image",
    ),
    "e-mail": ("message/*", "application/vnd.ms-outlook", "application/mbox", "application/vnd.ms-tnef"),
    "database": (
        "application/vnd.sqlite3", "application/x-sqlite3", "application/x-dbf", "application/x-msaccess",
        "application/vnd.ms-access", "application/x-dbm", "application/x-gdbm", "application/x-ese",
        "application/x-ms-ese",
    ),
    "program": (
        "application/x-dosexec", "application/x-msdownload", "application/vnd.microsoft.portable-executable",
        "application/x-executable", "application/x-pie-executable", "application/x-sharedlib", "application/x-object",
        "application/x-mach-binary", "application/x-msi", "application/java-vm", "application/x-java-applet",
        "application/javascript", "application/x-setupscript", "application/x-coredump",
        "text/x-shellscript", "text/x-python", "text/x-script.python", "text/x-perl", "text/x-php", "text/x-ruby",
        "text/x-msdos-batch", "text/javascript",
    ),
    "text": (
        "text/*", "application/json", "application/x-ndjson", "application/xml", "application/xhtml+xml",
        "application/csv", "application/javascript", "application/x-subrip", "application/x-wine-extension-ini",
    ),
    "system": (
        "application/x.windows-registry", "application/x.windows-prefetch", "application/x-ms-evtx",
        "application/x-ms-evt", "application/x-ms-shortcut", "application/x-bplist", "application/x-plist",
    ),
    "image": ("image/*",),
    "video": ("video/*", "application/vnd.ms-asf"),
    "audio": ("audio/*",),
    "font": ("font/*", "application/font-*", "application/x-font-*", "application/vnd.ms-opentype"),
}  # fmt: skip

FAMILIES: Final[dict[str, str]] = {
    "image": "pictures of every format",
    "video": "moving pictures",
    "audio": "sound",
    "document": "PDF, Office, OpenDocument, RTF",
    "archive": "ZIP, 7-Zip, tar, and packed files",
    "e-mail": "messages and mailboxes",
    "database": "SQLite, dBASE, Access",
    "program": "executables, libraries and scripts",
    "system": "registry hives, event logs, prefetch, shortcuts, property lists",
    "text": "plain text, tables, XML, JSON, source",
    "font": "typefaces",
    "unknown": "content that was not looked at",
}
"""The words that stand for families, with what is in them."""

_ALSO: Final = {
    "picture": "image", "pictures": "image", "images": "image", "videos": "video", "sound": "audio",
    "documents": "document", "archives": "archive", "email": "e-mail", "mail": "e-mail", "databases": "database",
    "programs": "program",
}  # fmt: skip


def family(word: str) -> ContentType | None:
    """The types of a family by its name in lower case; None where there is no such family."""
    name = _ALSO.get(word, word)
    if name == "unknown":
        return ContentType(unknown=True)
    if name not in _TYPES:
        return None
    return of_types(_TYPES[name])


def of_types(types: Sequence[str]) -> ContentType:
    """Types in lower case, and with ``*`` at their end beginnings of types."""
    beginnings = {one for one in types if one.endswith("*")}
    return ContentType(
        types=frozenset(types) - beginnings, prefixes=frozenset(one.removesuffix("*") for one in beginnings)
    )
