"""What a file is, by its content: a container, raw media, or no image at all. Names are never trusted.

A container that is read as raw gives wrong data without an error, so everything known is looked for before a file
counts as raw: the containers of ``evidence.images.containers``, then other kinds of files.
"""

from __future__ import annotations

import codecs
import zlib
from pathlib import Path

from evidence.errors import DamagedContainerError, NotAnImageError, UnsupportedContainerError
from evidence.images.containers import CONTAINERS, PARALLELS_BUNDLE, REFUSED, Container, Ends
from evidence.images.signatures import EWF_FILE_HEADER_BYTES, PARALLELS_DESCRIPTOR_NAME
from evidence.images.source import SourceFile

HEAD_BYTES = 128 * 1024
TAIL_BYTES = 64 * 1024
_SAMPLES = 64
_SAMPLE_BYTES = 4096
_SECTOR_BYTES = 512
_TEXT_CONTROLS = frozenset("\t\n\r\f\b\x1b\x85")
_CUT_BYTES = {"utf-8": 3, "utf-16-le": 3, "utf-16-be": 3, "cp1252": 0}

_MEDIA: tuple[tuple[int, bytes], ...] = (
    (510, b"\x55\xaa"),
    (512, b"EFI PART"),
    (4096, b"EFI PART"),
    (512, b"PM\x00\x00"),
    (1080, b"\x53\xef"),
    (1024, b"H+\x00\x04"),
    (1024, b"HX\x00\x05"),
    (1024, b"BD"),
    (32, b"NXSB"),
    (0, b"XFSB"),
    (0, b"LUKS\xba\xbe"),
    (65600, b"_BHRfS_M"),
    (32769, b"CD001"),
    (3, b"NTFS    "),
    (3, b"-FVE-FS-"),
    (3, b"EXFAT   "),
)
_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "a PDF document"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"GIF87a", "a GIF picture"),
    (0, b"GIF89a", "a GIF picture"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (0, b"{\\rtf", "a text document (RTF)"),
    (0, b"SQLite format 3\x00", "an SQLite database"),
    (0, b"\x1f\x8b\x08", "a file packed with gzip"),
    (0, b"BZh", "a file packed with bzip2"),
    (0, b"\xfd7zXZ\x00", "a file packed with xz"),
    (0, b"\x28\xb5\x2f\xfd", "a file packed with Zstandard"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (4, b"ftyp", "a video, or a HEIF picture"),
    (0, b"OggS", "an Ogg recording"),
    (0, b"ID3", "an MP3 recording"),
    (0, b"\x1aE\xdf\xa3", "a Matroska video"),
    (0, b"\x7fELF", "a program (ELF)"),
)
_OFFICE_MARKS = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")


def identify(path: Path) -> Container | None:
    """Say which container a file is.

    Returns:
        Its line in the table of containers; None for raw media.

    Raises:
        NotAnImageError: A folder, an empty file, a text, a document ...; ``found`` says which.
        UnsupportedContainerError: A container without a reader.
        DamagedContainerError: An EWF whose signature is damaged.
        SourceAccessError: The file cannot be read.
    """
    if path.is_dir():
        bundle = (path / "Info.plist").is_file() and (path / "bands").is_dir()
        if bundle:
            raise UnsupportedContainerError(path, "Apple sparse bundle")
        if (path / PARALLELS_DESCRIPTOR_NAME).is_file():
            return PARALLELS_BUNDLE
        raise NotAnImageError(path, "a folder")
    file = SourceFile(path)
    try:
        return _identify(file)
    finally:
        file.close()


def _identify(file: SourceFile) -> Container | None:
    size = file.size_bytes
    if not size:
        raise NotAnImageError(file.path, "an empty file")
    head = file.read(0, min(size, HEAD_BYTES))
    tail = file.read(max(0, size - TAIL_BYTES), min(size, TAIL_BYTES))
    ends = Ends(head=head, tail=tail, size_bytes=size)
    for container in CONTAINERS:
        if container.recognises(ends):
            return container
    for refused in REFUSED:
        if refused.recognises(ends):
            raise UnsupportedContainerError(file.path, refused.title)
    if _is_damaged_ewf(head):
        raise DamagedContainerError(file.path, "the signature of the EWF is damaged", 0, "ewf")
    if not any(head.startswith(mark, place) for place, mark in _MEDIA):
        found = _other(head) or _text(file, head)
        if found is not None:
            raise NotAnImageError(file.path, found)
    return None


def _is_damaged_ewf(head: bytes) -> bool:
    """Whether the descriptor of a first section stands where an EWF has it, its checksum right."""
    descriptor = head[EWF_FILE_HEADER_BYTES : EWF_FILE_HEADER_BYTES + 76]
    if len(descriptor) < 76 or not any(descriptor):
        return False
    return zlib.adler32(descriptor[:72]) == int.from_bytes(descriptor[72:], "little")


def _other(head: bytes) -> str | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "an office document" if any(mark in head for mark in _OFFICE_MARKS) else "a ZIP archive"
    if head.startswith(b"RIFF") and head[8:12] in (b"WAVE", b"AVI ", b"WEBP"):
        return "a recording, video or picture (RIFF)"
    return next((name for place, mark, name in _OTHERS if head.startswith(mark, place)), None)


def _text(file: SourceFile, head: bytes) -> str | None:
    """A text, if the beginning and samples from all over the file read as one.

    Media wiped with a printable byte has no line ends, and so is none.
    """
    encoding = _encoding(head)
    line_ends = "\n".encode(encoding) in head or "\r".encode(encoding) in head
    if not line_ends and not (len(head) < _SAMPLE_BYTES and file.size_bytes % _SECTOR_BYTES):
        return None
    step = max(_SAMPLE_BYTES, file.size_bytes // _SAMPLES) & ~1
    samples = (file.read(at, min(_SAMPLE_BYTES, file.size_bytes - at)) for at in range(0, file.size_bytes, step))
    if _reads_as_text(head, encoding) and all(_reads_as_text(sample, encoding) for sample in samples):
        return "a text"
    return None


def _encoding(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    return "utf-8" if _reads_as_text(head, "utf-8") else "cp1252"


def _reads_as_text(data: bytes, encoding: str) -> bool:
    """Whether ``data`` decodes, once the rest of a cut character is taken off either end, without control codes."""
    slack = _CUT_BYTES[encoding]
    for start in range(slack + 1):
        for stop in range(len(data), len(data) - slack - 1, -1):
            try:
                text = data[start:stop].decode(encoding)
            except UnicodeDecodeError:
                continue
            return bool(text) and not any(_is_control(letter) for letter in set(text))
    return False


def _is_control(letter: str) -> bool:
    return (letter < " " or "\x7f" <= letter < "\xa0") and letter not in _TEXT_CONTROLS
