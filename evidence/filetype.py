"""The type of a content by its first bytes.

Common types are told by a table of signatures, which costs microseconds, as long as the name agrees; libmagic, which
costs 0.3 ms, is asked for what is left and wherever name and table disagree. What a compound file (OLE 2) is stands in
its directory, wherever that lies; it is read there. Nothing else in the program knows libmagic.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.compound import SIGNATURE as COMPOUND
from evidence.compound import Read, compound_type

HEAD_BYTES = 4096
"""How much of a content is looked at, but for what the few formats say elsewhere that :class:`TypeFinder` names."""


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
DATA = FileType(mime="application/octet-stream", text="data")

_TARGA, _TARGA_END = "image/x-tga", b"TRUEVISION-XFILE.\0"
_WITHOUT_SIGNATURE = {
    _TARGA: frozenset({"tga", "icb", "vda", "vst", "targa"}),
    "image/x-atari-degas": frozenset({"pi1", "pi2", "pi3", "pc1", "pc2", "pc3"}),
    "image/x-gem": frozenset({"img", "gem", "ximg", "timg"}),
    "image/x-award-bioslogo": frozenset({"epa", "bin", "awbm"}),
}
"""Pictures whose formats begin with no mark, which libmagic tells by a few small numbers that tables and bitmaps have
as well, with the extensions that confirm them."""

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

REGISTRY, PREFETCH = "application/x.windows-registry", "application/x.windows-prefetch"
_PREFETCH_VERSIONS = (17, 23, 26, 30, 31)
_PACKED, _MOST_PACKED_BYTES = (b"MAM\x04", b"MAM\x84"), 1 << 26
_STARTS = tuple(start for start, _, _ in SIGNATURES)
_VAGUE = frozenset({"application/zip", "application/gzip", "application/x-dosexec", "text/plain", "text/html"})
"""Starts that many things have, so that the name must say the same, or else libmagic is asked."""

ARCHIVE = "application/zip"
_IN_ARCHIVES = frozenset(
    {
        *("docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "xlsb", "pptx", "pptm", "ppsx", "potx", "vsdx"),
        *("odt", "ods", "odp", "odg", "ott", "jar", "apk", "epub"),
    }
)

_TEXT = ("text/", "application/x-wine-extension-ini", "application/x-setupscript", "application/x-subrip")
_PLAIN = (*_TEXT, "application/json", "application/csv", "message/", "application/pgp-keys", "application/x-ndjson")
_SEALED_OFFICE = ("application/encrypted", "application/x-ole-storage", "application/CDFV2")  # around the archive
_OFFICE = (
    "application/zip", "application/vnd.openxmlformats-officedocument.", "application/vnd.ms-", *_SEALED_OFFICE,
)  # fmt: skip
_OPEN_DOCUMENT = ("application/zip", "application/vnd.oasis.")
_OLE = (
    "application/x-ole-storage", "application/CDFV2", "application/vnd.ms-", "application/msword",
    "application/vnd.visio", "application/vnd.openofficeorg",
)  # fmt: skip
_ARCHIVES = (
    "application/zip", "application/vnd.", "application/java-archive", "application/x-java-archive",
    "application/epub+zip", "application/x-zip",
)  # fmt: skip
_EXECUTABLE = ("application/x-dosexec", "application/vnd.microsoft.portable-executable", "application/x-msdownload")
_ISO_MEDIA = (
    "video/mp4", "video/quicktime", "audio/mp4", "video/x-m4v", "audio/x-m4a", "video/3gpp", "audio/3gpp", "image/heic",
)  # fmt: skip
_GZIP = ("application/gzip", "application/x-gzip")
_ASF = ("video/x-ms-asf", "video/x-ms-wmv", "audio/x-ms-wma", "application/vnd.ms-asf")
_MATROSKA = ("video/x-matroska", "video/webm", "audio/x-matroska", "audio/webm")
_OGG = ("audio/ogg", "video/ogg", "application/ogg")
_MPEG = ("video/mpeg", "video/mpv", "video/mp2t", "video/mp2p", "video/mp1s")
_FONT = ("font/", "application/font-", "application/vnd.ms-opentype", "application/x-font-")
_XML = (*_TEXT, "application/xml", "image/svg+xml", "application/xhtml+xml", "application/vnd.google-earth.kml+xml")
_SQLITE = ("application/vnd.sqlite3", "application/x-sqlite3", "application/octet-stream")


def _alike(names: str, *types: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names.split(), types)


EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    **_alike("jpg jpeg jpe jfif", "image/jpeg"),
    **_alike("png", "image/png"),
    **_alike("gif", "image/gif"),
    **_alike("bmp dib", "image/bmp", "image/x-ms-bmp"),
    **_alike("tif tiff", "image/tiff"),
    **_alike("webp", "image/webp"),
    **_alike("heic heif", "image/heic", "image/heif"),
    **_alike("avif", "image/avif"),
    **_alike("ico", "image/vnd.microsoft.icon", "image/x-icon"),
    **_alike("psd", "image/vnd.adobe.photoshop"),
    **_alike("svg", *_XML),
    **_alike("pdf", "application/pdf"),
    **_alike("ps eps", "application/postscript", "image/x-eps", "application/octet-stream"),
    **_alike("zip jar apk war ear aar xpi ipa cbz kmz whl nupkg vsix", *_ARCHIVES),
    **_alike("epub", "application/zip", "application/epub+zip"),
    **_alike("docx docm dotx dotm xlsx xlsm xltx xlsb pptx pptm ppsx potx vsdx", *_OFFICE),
    **_alike("odt ods odp odg ott ots otp", *_OPEN_DOCUMENT),
    **_alike("doc dot", *_OLE, "text/rtf", *_OFFICE),
    **_alike("xls xlt ppt pps vsd", *_OLE, *_OFFICE),
    **_alike("msg", *_OLE),
    **_alike("msi msp", *_OLE, "application/x-msi"),
    **_alike("pst ost", "application/vnd.ms-outlook", "application/octet-stream"),
    **_alike("gz tgz svgz", *_GZIP),
    **_alike("bz2 tbz tbz2", "application/x-bzip2"),
    **_alike("xz txz", "application/x-xz"),
    **_alike("zst", "application/zstd", "application/x-zstd"),
    **_alike("tar", "application/x-tar", "application/x-gtar", "application/x-ustar"),
    **_alike("7z", "application/x-7z-compressed"),
    **_alike("rar cbr", "application/x-rar", "application/vnd.rar"),
    **_alike("cab", "application/vnd.ms-cab-compressed"),
    **_alike("iso", "application/x-iso9660-image", "application/x-udf-image", "application/octet-stream"),
    **_alike("exe dll scr ocx cpl drv efi", *_EXECUTABLE),
    **_alike("sys", *_EXECUTABLE, "application/octet-stream", *_TEXT),
    **_alike("lnk", "application/x-ms-shortcut"),
    **_alike("class", "application/x-java-applet", "application/java-vm"),
    **_alike("sqlite sqlite3", *_SQLITE),
    **_alike("mp3", "audio/mpeg", "application/octet-stream"),
    **_alike("mp4 m4v m4a m4b mov qt 3gp 3g2", *_ISO_MEDIA),
    **_alike("avi", "video/x-msvideo"),
    **_alike("wmv wma asf", *_ASF),
    **_alike("mkv mka webm", *_MATROSKA),
    **_alike("ogg oga ogv opus", *_OGG),
    **_alike("mpg mpeg mts m2ts vob", *_MPEG, "application/octet-stream"),
    **_alike("flv", "video/x-flv"),
    **_alike("wav", "audio/x-wav", "audio/wav"),
    **_alike("flac", "audio/flac"),
    **_alike("mid midi", "audio/midi"),
    **_alike("ttf otf ttc woff woff2", *_FONT),
    **_alike("txt", *_PLAIN),
    **_alike("log", *_PLAIN, "application/octet-stream", REGISTRY),
    **_alike("csv tsv", *_TEXT, "application/csv"),
    **_alike("json", *_TEXT, "application/json", "application/x-ndjson"),
    **_alike("xml xsd xsl kml", *_XML),
    **_alike("htm html xhtml", *_TEXT, "application/xhtml+xml"),
    **_alike("eml", *_TEXT, "message/"),
    **_alike("rtf", "text/rtf"),
}
"""What an extension may stand for, as MIME types or beginnings of them; one that is not here says nothing."""

_PRINTABLE = bytes([9, 10, 12, 13, 27, *range(32, 127)])
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_OTHER_TEXT = re.compile(rb"\s*(?:<|#!|%!|-----BEGIN|From |Return-Path|Received|Subject|\{\\rtf|\xef\xbb\xbf)")
_PLAIN_EXTENSIONS = frozenset({"txt", "log", "json"})


def library_versions() -> dict[str, str]:
    """Version of libmagic, and the SHA-256 of its database: it states no version, and a system may bring its own."""
    import magic  # here and below: it takes long to load, and listing files does without it

    number: int = magic.version()  # type: ignore[no-untyped-call]
    digest = hashlib.sha256()
    for path in _databases():
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return {
        "libmagic": f"{number // 100}.{number % 100:02d}",
        "libmagic database": f"sha256 {digest.hexdigest()}",
    }


def _databases() -> list[Path]:
    """The files that libmagic reads its signatures from, in its order; the compiled one before its source."""
    import ctypes

    import magic

    shipped = Path(magic.__file__).with_name("magic.mgc")
    if shipped.is_file():
        return [shipped]
    get_path = magic.libmagic.magic_getpath
    get_path.restype, get_path.argtypes = ctypes.c_char_p, (ctypes.c_char_p, ctypes.c_int)
    names = os.fsdecode(get_path(None, 0) or b"").split(os.pathsep)
    choices = ((Path(f"{name}.mgc"), Path(name)) for name in names if name)
    return [found for pair in choices if (found := next((path for path in pair if path.is_file()), None))]


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

    def of(self, head: bytes, name: str, *, size_bytes: int, read: Read | None = None) -> FileType:
        """The type of a content.

        What ``read`` raises passes through.

        Args:
            head: Its first bytes, 4 KiB if it has as many.
            name: Judged against the content; empty for content that is not known to belong to the name.
            size_bytes: Of the whole content.
            read: Bytes of it by offset and size, for the directory of a compound file and the end of a Targa picture;
                without it only the head is looked at.
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
        found = self._looked_at(head, extension, size_bytes, read)
        if agrees(extension, found.mime) is False:
            return FileType(mime=found.mime, text=found.text, mismatch=True)
        return found

    def _looked_at(self, head: bytes, extension: str, size_bytes: int, read: Read | None) -> FileType:
        if head.startswith(COMPOUND) and read is not None and (told := compound_type(size_bytes, read)):
            return FileType(mime=told[0], text=told[1])
        found = FileType(mime=self._mime.from_buffer(head), text=self._words.from_buffer(head))
        if found.mime == DATA.mime:
            return of_system(head) or found
        names = _WITHOUT_SIGNATURE.get(found.mime)
        if names is None or extension in names or (found.mime == _TARGA and _has_targa_end(size_bytes, read)):
            return found
        return FileType(mime=DATA.mime, text=f"data (nothing but weak signs of: {found.text})")


def _has_targa_end(size_bytes: int, read: Read | None) -> bool:
    end = len(_TARGA_END)
    return read is not None and size_bytes > end and read(size_bytes - end, end) == _TARGA_END


def of_system(head: bytes) -> FileType | None:
    """What systems write for themselves and libmagic calls data: registry hives, prefetch, property lists.

    Their marks are short, so that what stands behind them must make sense, too.
    """
    number, more = (int.from_bytes(head[at : at + 4], "little") for at in (0, 20))
    if head.startswith(b"regf") and more == 1:
        return FileType(mime=REGISTRY, text="Windows registry hive or its log")
    if head[4:8] == b"SCCA" and number in _PREFETCH_VERSIONS:
        return FileType(mime=PREFETCH, text=f"Windows prefetch file, version {number}")
    if head.startswith(_PACKED) and 84 <= int.from_bytes(head[4:8], "little") <= _MOST_PACKED_BYTES:
        return FileType(mime=PREFETCH, text="Windows prefetch file, packed (or other data of MAM)")
    if head.startswith((b"bplist00", b"bplist01", b"bplist15", b"bplist16")):
        return FileType(mime="application/x-bplist", text="Apple binary property list")
    if head.startswith(b"\x30\0\0\0LfLe"):
        return FileType(mime="application/x-ms-evt", text="Windows event log before Vista")
    return None


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
            import json  # which a listing does not need

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
