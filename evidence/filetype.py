"""The type of a content by its first bytes.

Common types are told by a table of signatures, which costs microseconds, as long as the name agrees; libmagic, which
costs 0.3 ms, is asked for what is left and wherever name and table disagree. Nothing else in the program knows
libmagic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

HEAD_BYTES = 4096
"""How much of a content is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileType:
    """What a content is.

    Attributes:
        mime: As libmagic calls it.
        text: In words.
        mismatch: The extension stands for something else.
    """

    mime: str
    text: str
    mismatch: bool = False


EMPTY = FileType(mime="inode/x-empty", text="empty")

SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg", "JPEG image data"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png", "PNG image data"),
    (b"GIF89a", "image/gif", "GIF image data, version 89a"),
    (b"GIF87a", "image/gif", "GIF image data, version 87a"),
    (b"%PDF-1.", "application/pdf", "PDF document"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3", "SQLite 3.x database"),
    (b"PK\x03\x04", "application/zip", "Zip archive data"),
    (b"\x1f\x8b\x08", "application/gzip", "gzip compressed data"),
    (b"BZh91AY&SY", "application/x-bzip2", "bzip2 compressed data"),
    (b"\xfd7zXZ\x00", "application/x-xz", "XZ compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "7-zip archive data"),
    (b"Rar!\x1a\x07\x00", "application/x-rar", "RAR archive data"),
    (b"Rar!\x1a\x07\x01\x00", "application/x-rar", "RAR archive data, v5"),
    (b"MZ", "application/x-dosexec", "MS-DOS or Windows executable"),
)
"""Start of the content, MIME type, words."""

_STARTS = tuple(start for start, _, _ in SIGNATURES)
_VAGUE = frozenset({"application/zip", "application/gzip", "application/x-dosexec", "text/plain", "text/html"})
"""Starts that many things have, so that the name must say the same, or else libmagic is asked."""

ARCHIVE = "application/zip"
_IN_ARCHIVES = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp", "jar", "apk", "epub"})

_TEXT = ("text/",)
_OFFICE = ("application/zip", "application/vnd.openxmlformats-officedocument.")
_OLE = ("application/x-ole-storage", "application/CDFV2", "application/vnd.ms-", "application/msword")
_EXECUTABLE = ("application/x-dosexec", "application/vnd.microsoft.portable-executable")

EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "jpg": ("image/jpeg",),
    "jpeg": ("image/jpeg",),
    "png": ("image/png",),
    "gif": ("image/gif",),
    "bmp": ("image/bmp", "image/x-ms-bmp"),
    "tif": ("image/tiff",),
    "tiff": ("image/tiff",),
    "webp": ("image/webp",),
    "heic": ("image/heic", "image/heif"),
    "ico": ("image/vnd.microsoft.icon", "image/x-icon"),
    "pdf": ("application/pdf",),
    "zip": ("application/zip", "application/vnd.", "application/java-archive", "application/epub+zip"),
    "jar": ("application/zip", "application/java-archive", "application/x-java-archive"),
    "apk": ("application/zip", "application/java-archive", "application/vnd.android.package-archive"),
    "docx": _OFFICE,
    "xlsx": _OFFICE,
    "pptx": _OFFICE,
    "odt": ("application/zip", "application/vnd.oasis."),
    "ods": ("application/zip", "application/vnd.oasis."),
    "odp": ("application/zip", "application/vnd.oasis."),
    "doc": (*_OLE, "text/rtf", *_OFFICE),
    "xls": (*_OLE, *_OFFICE),
    "ppt": (*_OLE, *_OFFICE),
    "msg": _OLE,
    "msi": (*_OLE, "application/x-msi"),
    "gz": ("application/gzip",),
    "bz2": ("application/x-bzip2",),
    "xz": ("application/x-xz",),
    "7z": ("application/x-7z-compressed",),
    "rar": ("application/x-rar", "application/vnd.rar"),
    "exe": _EXECUTABLE,
    "dll": _EXECUTABLE,
    "sys": (*_EXECUTABLE, "application/octet-stream", *_TEXT),
    "sqlite": ("application/vnd.sqlite3", "application/x-sqlite3", "application/octet-stream"),
    "mp3": ("audio/mpeg", "application/octet-stream"),
    "mp4": ("video/mp4", "video/quicktime", "audio/mp4", "video/x-m4v"),
    "mov": ("video/quicktime", "video/mp4"),
    "avi": ("video/x-msvideo",),
    "wav": ("audio/x-wav", "audio/wav"),
    "flac": ("audio/flac",),
    "txt": (*_TEXT, "application/json", "application/csv", "message/", "application/pgp-keys"),
    "log": (*_TEXT, "application/json", "application/x-ndjson", "application/octet-stream"),
    "csv": (*_TEXT, "application/csv"),
    "json": (*_TEXT, "application/json", "application/x-ndjson"),
    "htm": (*_TEXT, "application/xhtml+xml"),
    "html": (*_TEXT, "application/xhtml+xml"),
    "rtf": ("text/rtf",),
}
"""What an extension may stand for, as MIME types or beginnings of them; one that is not here says nothing."""

_PRINTABLE = bytes([9, 10, 12, 13, 27, *range(32, 127)])
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_OTHER_TEXT = re.compile(rb"\s*(?:<|#!|%!|-----BEGIN|From |Return-Path|Received|Subject|\{\\rtf|\xef\xbb\xbf)")
_PLAIN_EXTENSIONS = frozenset({"txt", "log", "json"})


def library_versions() -> dict[str, str]:
    """Version of libmagic, and of its database as far as it says one (they come together)."""
    import magic  # here and below: it takes long to load, and listing files does without it

    number: int = magic.version()  # type: ignore[no-untyped-call]
    return {"libmagic": f"{number // 100}.{number % 100:02d}"}


def extension_of(name: str) -> str:
    """The lower-case extension without its dot; empty for none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


class TypeFinder:
    """Tells types. Holds libmagic's database, which takes long to load: make one and keep it, in one thread."""

    def __init__(self) -> None:
        """Load the database."""
        import magic

        self._mime, self._words = magic.Magic(mime=True), magic.Magic()

    def of(self, head: bytes, name: str, *, size_bytes: int) -> FileType:
        """The type of a content.

        Args:
            head: Its first bytes, 4 KiB if it has as many.
            name: Judged against the content; empty for content that is not known to belong to the name.
            size_bytes: Of the whole content.
        """
        if size_bytes == 0:
            return EMPTY
        extension = extension_of(name)
        quick = by_signature(head) or by_text(head, extension, size_bytes)
        if quick is not None:
            agreed = agrees(extension, quick.mime)
            if quick.mime == ARCHIVE and extension in _IN_ARCHIVES:
                agreed = False  # libmagic looks into the archive: a document, a program, or only an archive
            if agreed or (agreed is None and quick.mime not in _VAGUE):
                return quick
        found = FileType(mime=self._mime.from_buffer(head), text=self._words.from_buffer(head))
        if agrees(extension, found.mime) is False:
            return FileType(mime=found.mime, text=found.text, mismatch=True)
        return found


def by_signature(head: bytes) -> FileType | None:
    """What the table says of a content."""
    if not head.startswith(_STARTS):
        return None
    for start, mime, text in SIGNATURES:
        if head.startswith(start):
            return FileType(mime=mime, text=text)
    return None


def by_text(head: bytes, extension: str, size_bytes: int) -> FileType | None:
    """HTML, JSON and plain ASCII text, where nothing in it hints at another sort of text."""
    if head.translate(None, _PRINTABLE):
        return None
    if _MARKUP.match(head):
        return FileType(mime="text/html", text="HTML document, ASCII text")
    if extension == "json" and size_bytes <= len(head) and head.lstrip()[:1] in (b"{", b"["):
        try:
            json.loads(head)
        except (ValueError, RecursionError):
            return FileType(mime="text/plain", text="ASCII text")
        return FileType(mime="application/json", text="JSON text data")
    if extension in _PLAIN_EXTENSIONS and not _OTHER_TEXT.match(head) and b"\n" in head:
        return FileType(mime="text/plain", text="ASCII text")
    return None


def agrees(extension: str, mime: str) -> bool | None:
    """Whether a type may hide behind an extension; None where the extension says nothing."""
    allowed = EXTENSIONS.get(extension)
    return None if allowed is None else mime.startswith(allowed)
