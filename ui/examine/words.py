"""Entries, volumes and types in the words of the page; no widget, so that a test and a worker thread can use it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui import text
from ui.models.cells import EMPTY, Cell, Kind
from ui.tones import Tone

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry, Volume
    from forensics_app.model.image import EvidenceImage

ORPHANS = "$OrphanFiles"
SEPARATOR = "  ·  "
_SHOWN_AS_THEY_ARE = ("Zs", "Cn")
ENTROPY_BYTES = 1 << 16
"""As much as the engine looks at for the entropy of a content."""

_UNREADABLE = "content not readable"
_TYPES = {
    "application/pdf": "PDF",
    "application/zip": "ZIP archive",
    "application/gzip": "Gzip archive",
    "application/x-7z-compressed": "7-Zip archive",
    "application/x-rar": "RAR archive",
    "application/x-tar": "Tar archive",
    "application/x-bzip2": "Bzip2 archive",
    "application/x-xz": "XZ archive",
    "application/zstd": "Zstandard archive",
    "application/octet-stream": "Data",
    "application/vnd.sqlite3": "SQLite",
    "application/x-sqlite3": "SQLite",
    "application/json": "JSON",
    "application/javascript": "JavaScript",
    "application/msword": "Word",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
    "application/vnd.ms-outlook": "Outlook",
    "application/vnd.visio": "Visio",
    "application/x-msi": "Windows Installer",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/x-dosexec": "Windows program",
    "application/vnd.microsoft.portable-executable": "Windows program",
    "application/x-executable": "Linux program",
    "application/x-pie-executable": "Linux program",
    "application/x-sharedlib": "Linux library",
    "application/x-ms-shortcut": "Shortcut",
    "application/x-ms-evtx": "Event log",
    "application/x-ms-evt": "Event log",
    "application/x.windows-registry": "Registry hive",
    "application/x.windows-prefetch": "Prefetch",
    "application/x-bplist": "Property list",
    "application/x-plist": "Property list",
    "application/x-ms-ese": "ESE database",
    "application/x-msaccess": "Access database",
    "application/x-ole-storage": "Compound file",
    "application/CDFV2": "Compound file",
    "application/encrypted": "Encrypted document",
    "application/mbox": "Mailbox",
    "application/rtf": "Rich text",
    "application/xml": "XML",
    "application/x-ndjson": "JSON lines",
    "application/csv": "CSV table",
    "application/epub+zip": "EPUB book",
    "application/java-archive": "Java archive",
    "application/x-java-archive": "Java archive",
    "application/vnd.android.package-archive": "Android package",
    "application/vnd.ms-cab-compressed": "Cabinet archive",
    "application/vnd.rar": "RAR archive",
    "application/x-iso9660-image": "Disc image",
    "application/x-udf-image": "Disc image",
    "application/x-mach-binary": "macOS program",
    "application/x-object": "Object code",
    "application/postscript": "PostScript",
    "application/vnd.oasis.opendocument.text": "OpenDocument text",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument table",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument slides",
    "image/jpeg": "JPEG image",
    "image/png": "PNG image",
    "image/gif": "GIF image",
    "image/bmp": "BMP image",
    "image/tiff": "TIFF image",
    "image/webp": "WebP image",
    "image/heic": "HEIC image",
    "image/heif": "HEIF image",
    "image/avif": "AVIF image",
    "image/jp2": "JPEG 2000 image",
    "image/vnd.microsoft.icon": "Icon",
    "image/x-icon": "Icon",
    "image/vnd.adobe.photoshop": "Photoshop image",
    "image/x-ms-bmp": "BMP image",
    "image/svg+xml": "SVG drawing",
    "image/x-tga": "TGA image",
    "inode/x-empty": "Empty",
    "message/rfc822": "E-mail",
    "text/plain": "Text",
    "text/csv": "CSV table",
    "text/html": "HTML page",
    "text/xml": "XML",
    "text/rtf": "Rich text",
    "text/calendar": "Calendar",
    "text/vcard": "Contact card",
    "text/x-c": "C program",
    "text/x-script.python": "Python program",
    "text/javascript": "JavaScript",
    "text/x-shellscript": "Shell script",
    "text/x-python": "Python program",
    "video/mp4": "MP4 video",
    "video/quicktime": "QuickTime video",
    "video/3gpp": "3GP video",
    "video/x-m4v": "MP4 video",
    "video/x-matroska": "Matroska video",
    "video/webm": "WebM video",
    "video/x-msvideo": "AVI video",
    "video/x-ms-asf": "Windows Media video",
    "video/mpeg": "MPEG video",
    "audio/mpeg": "MP3 sound",
    "audio/mp4": "MP4 sound",
    "audio/x-m4a": "MP4 sound",
    "audio/x-wav": "WAV sound",
    "audio/flac": "FLAC sound",
    "audio/ogg": "Ogg sound",
    "audio/amr": "AMR sound",
    "audio/midi": "MIDI music",
}


ARCHIVES = frozenset(
    {
        *("application/zip", "application/java-archive", "application/x-java-archive"),
        *("application/vnd.android.package-archive", "application/x-tar", "application/x-gtar", "application/x-ustar"),
        *("application/gzip", "application/x-gzip", "application/x-bzip2", "application/x-xz", "application/zstd"),
        "application/x-7z-compressed",
    }
)
"""What the engine opens; a test holds it against the engine's own list."""

DOCUMENTS = frozenset(
    {
        *("docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xltx", "xlsb", "pptx", "pptm", "ppsx", "potx", "vsdx"),
        *("odt", "ods", "odp", "odg", "epub"),
    }
)
"""Endings of names for which the engine takes a ZIP for a document; a test holds it against the engine's own list."""


def tr(words: str) -> str:
    """The words in the language of the window."""
    return QCoreApplication.translate("Examine", words)


def visible(name: str) -> str:
    """A name from evidence in which nothing hides: what would steer or vanish is written as its code point.

    A right-to-left override becomes ``[U+202E]``, so that ``fdp.scr`` does not read as ``rcs.pdf``.
    """
    if name.isprintable():
        return name
    return "".join(char if _shows(char) else f"[U+{ord(char):04X}]" for char in name)


def _shows(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) in _SHOWN_AS_THEY_ARE


def is_folder(entry: CatalogueEntry) -> bool:
    """Whether entries can lie in it."""
    return entry.kind == "directory"


def is_archive(entry: CatalogueEntry) -> bool:
    """Whether its content is an archive and no document, in which others can lie where archives were opened."""
    is_document = entry.mime == "application/zip" and entry.extension in DOCUMENTS
    return entry.mime in ARCHIVES and not entry.realloc and not is_document


def is_orphanage(entry: CatalogueEntry) -> bool:
    """Whether it is the folder that the reader made for files without one."""
    return entry.parent_id is None and entry.name == ORPHANS


def entry_icon(entry: CatalogueEntry) -> str:
    """The icon of an entry; a dashed outline where it is not allocated."""
    if is_folder(entry):
        return "folder" if entry.allocated and not is_orphanage(entry) else "folder-deleted"
    if not entry.allocated:
        return "file-deleted"
    return {"link": "link", "stream": "text"}.get(entry.kind, "file")


def entry_name(entry: CatalogueEntry) -> str:
    """The name as it is shown; a stream with the file that it belongs to."""
    return tr("Orphan files") if is_orphanage(entry) else visible(entry.name)


def name_cell(entry: CatalogueEntry) -> Cell:
    """Icon and name; paler when deleted, marked when the type differs."""
    tone = Tone.WARN if entry.mismatch else Tone.NONE
    return Cell(entry_name(entry), Kind.NAME, icon=entry_icon(entry), tone=tone, faded=not entry.allocated)


def state_words(entry: CatalogueEntry) -> str:
    """Deleted, overwritten or orphan; nothing for what is allocated."""
    if entry.allocated:
        return ""
    if entry.orphan:
        return tr("Orphan")
    return tr("Overwritten") if entry.realloc else tr("Deleted")


def stream_words(entry: CatalogueEntry) -> str:
    """Says of an alternate data stream that it is one; nothing of anything else."""
    return tr("Stream") if entry.kind == "stream" else ""


def state_cell(entry: CatalogueEntry) -> Cell:
    """How an entry stands, by outline and word; what else there is to know follows in the tooltip."""
    words = ", ".join(part for part in (stream_words(entry), state_words(entry)) if part)
    second = visible(entry.note or "")
    if entry.mismatch:
        differs = tr("type differs") if words else tr("Type differs")
        return Cell(", ".join(part for part in (words, differs) if part), Kind.MARK, second, tone=Tone.WARN)
    if second.startswith(_UNREADABLE):
        return Cell(", ".join(part for part in (words, tr("Not readable")) if part), Kind.MARK, second, tone=Tone.WARN)
    if words:
        return Cell(words, Kind.MARK, second, tone=Tone.NONE)
    return Cell(tr("Note"), Kind.MARK, second, tone=Tone.INFO) if second else EMPTY


def type_name(mime: str) -> str:
    """A content type in words where there are usual ones, else as it is."""
    return tr(_TYPES[mime]) if mime in _TYPES else mime


def content_cell(entry: CatalogueEntry) -> Cell:
    """What an entry holds, found out from its content; what the file system says where that was not looked at."""
    if entry.mime:
        return Cell(type_name(entry.mime), Kind.MUTED, visible(entry.type_text or ""))
    return Cell(kind_words(entry), Kind.MUTED)


def marks_words(entry: CatalogueEntry) -> str:
    """What is special about the content as a whole."""
    words = {
        "empty": tr("Empty"),
        "encrypted": tr("Encrypted, or a part of it"),
        "random": tr("Like noise: encrypted container, or random data"),
        "truncated": tr("Cut off"),
    }
    return ", ".join(words.get(mark, mark) for mark in entry.marks.split())


def entropy_words(millibits: int, size_bytes: int) -> str:
    """Bits per byte of the beginning that was looked at."""
    words = tr("{n} bits per byte").format(n=f"{millibits / 1000:.2f}")
    return words if size_bytes <= ENTROPY_BYTES else tr("{n}, in the first 64 KiB").format(n=words)


def kind_words(entry: CatalogueEntry) -> str:
    """What the file system says an entry is, where its content says nothing."""
    return {
        "directory": tr("Folder"),
        "link": tr("Link"),
        "stream": tr("Stream, not looked at") if entry.size_bytes else tr("Stream, empty"),
        "fifo": tr("Pipe"),
        "socket": tr("Socket"),
        "character": tr("Character device"),
        "block": tr("Block device"),
        "file": tr("Not looked at") if entry.size_bytes else tr("Empty"),
    }.get(entry.kind, tr("File system data"))


def volume_icon(volume: Volume) -> tuple[str, str]:
    """Icon and the name of its colour; each state has an outline of its own."""
    if volume.locked:
        return "lock", "warn"
    if volume.kind == "unallocated":
        return "pending", "text2"
    if volume.kind == "metadata":
        return "hash", "text3"
    if volume.file_system is None and volume.partition_table is None:
        return "verify-warning", "warn"
    return ("disk" if volume.kind == "whole" else "volume"), "text2"


def volume_name(volume: Volume) -> str:
    """``v0.p1  System``: its id and its label, or what the partition table says of it."""
    label = volume.file_system.label if volume.file_system and volume.file_system.label else ""
    words = label.strip() or volume.description
    return f"{volume.id}  {visible(words)}"


def volume_facts(volume: Volume, holds_volumes: bool) -> str:
    """File system, state in words, and size, parted by dots."""
    parts = []
    if volume.locked:
        parts.append(tr("{scheme}, locked").format(scheme=encryption_name(volume)))
    elif volume.file_system:
        parts.append(volume.file_system.type.upper())
    elif volume.partition_table:
        parts.append(volume.partition_table.scheme.upper())
    elif volume.kind not in ("unallocated", "metadata") and not holds_volumes:
        parts.append(tr("no file system known"))
    return SEPARATOR.join([*parts, text.size_text(volume.length_bytes)])


def encryption_name(volume: Volume) -> str:
    """The name by which an encryption is known."""
    names = {"bitlocker": "BitLocker", "luks": "LUKS", "filevault": "FileVault", "apfs": "APFS encryption"}
    return names.get(volume.encryption or "", volume.encryption or tr("Encrypted"))


def unallocated_words(volume: Volume) -> str:
    """What stands in the place of a list where unallocated space is looked at."""
    words = tr("What no file of {volume} uses, one stretch behind the other. It has no entries; its bytes are below.")
    return words.format(volume=volume_name(volume))


def why_no_files(volume: Volume) -> str:
    """Why a volume has no list of files, and what can be done."""
    size = text.size_text(volume.length_bytes)
    if volume.locked:
        words = tr("{volume} is encrypted ({scheme}) and locked. Its files were not examined; its bytes are below.")
        return words.format(volume=volume.id, scheme=encryption_name(volume))
    if volume.kind == "unallocated":
        return tr("{volume} belongs to no partition ({size}). Its bytes are below.").format(volume=volume.id, size=size)
    if volume.kind == "metadata":
        words = tr("{volume} is a part of the partition table ({what}). Its bytes are below.")
        return words.format(volume=volume.id, what=visible(volume.description))
    words = tr("No file system that can be read was recognised in {volume} ({size}). Its bytes are below.")
    return words.format(volume=volume.id, size=size)


def image_facts(image: EvidenceImage, volumes: tuple[Volume, ...]) -> str:
    """Size of the media and the scheme of its partition table."""
    parts = [text.size_text(image.source.media_bytes)]
    whole = next((volume for volume in volumes if volume.parent is None), None)
    if whole and whole.locked:
        parts.insert(0, tr("{scheme}, locked").format(scheme=encryption_name(whole)))
    if whole and whole.partition_table:
        parts.append({"dos": "MBR"}.get(whole.partition_table.scheme, whole.partition_table.scheme.upper()))
    return SEPARATOR.join(parts)
