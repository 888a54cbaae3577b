"""ZIP archives: their list; of Office documents (OOXML, ISO/IEC 29500-2) and OpenDocument also the properties."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import FACTS, Bytes, ContentFile, OnProgress, Row, TablesViewer
from evidence.viewers.words import cut
from evidence.viewers.xml_text import XmlError, texts_of

NAME = "a ZIP archive"
MOST_MEMBERS = 200_000
MOST_XML_BYTES = 4 << 20
_BUFFER_BYTES = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError,
            IndexError, OSError, OverflowError, KeyError)  # fmt: skip
_OFFICE, _OPEN_DOCUMENT = "[Content_Types].xml", "META-INF/manifest.xml"
_KINDS = {"word/": "a Word document (OOXML)", "xl/": "an Excel workbook (OOXML)", "ppt/": "a presentation (OOXML)"}
_METHODS = {0: "stored", 8: "deflate", 9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 99: "AES"}


class Zipped(TablesViewer):
    """A document's properties, where it is one, and the members of the archive."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read the list of members."""
        super().__init__(NAME)
        try:
            with zipfile.ZipFile(io.BufferedReader(ContentFile(content), _BUFFER_BYTES)) as archive:
                members = archive.infolist()
                on_progress(1, 2)
                self._properties(archive, {member.filename: member for member in members})
        except _DAMAGED as error:
            raise UnreadableStructureError(self.sheet.format, f"it is damaged ({error})") from error
        columns = ("Name", "Bytes", "Packed", "Modified (local, DOS time of 2 s, no zone)", "Method", "CRC-32")
        self.add("members", "Members", columns, tuple(map(_member, members[:MOST_MEMBERS])))
        if len(members) > MOST_MEMBERS:
            self.remark(f"It has {len(members):,} members; the first {MOST_MEMBERS:,} are shown.")
        if any(member.flag_bits & 1 for member in members):
            self.remark("Members of it are encrypted.")

    def _properties(self, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
        names = {"docProps/core.xml": "Properties", "docProps/app.xml": "Application", "docProps/custom.xml": "Custom",
                 "meta.xml": "Properties"}  # fmt: skip
        if _OFFICE in members:
            kind = next((words for start, words in _KINDS.items() if any(n.startswith(start) for n in members)), "")
            self._name(kind or "an Office document (OOXML)")
        elif "meta.xml" in members and _OPEN_DOCUMENT in members:
            self._name("an OpenDocument file")
        else:
            return
        for name, title in names.items():
            member = members.get(name)
            if member is None:
                continue
            try:
                rows = tuple(_facts(_read(archive, member)))
            except (XmlError, *_DAMAGED) as error:
                self.remark(f"{name} cannot be shown: {error}.")
                continue
            self.add(name, title, FACTS, rows)
        told = "Times among the properties are those that the program wrote, with the zone that it wrote (Z is UTC)."
        self.remark(told)

    def _name(self, words: str) -> None:
        sheet = self.sheet
        self.sheet = type(sheet)(format=words, parts=sheet.parts, remarks=sheet.remarks)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & 1:
        raise XmlError("it is encrypted")
    with archive.open(member) as opened:
        data = opened.read(MOST_XML_BYTES + 1)
    if len(data) > MOST_XML_BYTES:
        raise XmlError(f"it has more than {MOST_XML_BYTES:,} bytes")
    return data


def _facts(data: bytes) -> Iterator[Row]:
    for path, attributes, text in texts_of(data):
        given = attributes.get("name") or next(
            (value for key, value in attributes.items() if key.endswith(" name")), ""
        )
        if text:
            yield (cut(given or path[-1], 200), cut(text))
        elif path[-1] == "document-statistic":
            yield from ((key.rpartition(" ")[2], cut(value)) for key, value in attributes.items())
        elif len(path) > 1 and path[-1] == "property" and given:
            yield (cut(given, 200), "(see below)")


def _member(member: zipfile.ZipInfo) -> Row:
    year, month, day, hour, minute, second = member.date_time
    return (
        cut(member.filename, 1_000),
        f"{member.file_size:,}",
        f"{member.compress_size:,}",
        f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}",
        _METHODS.get(member.compress_type, str(member.compress_type)) + (", encrypted" if member.flag_bits & 1 else ""),
        f"{member.CRC:08x}",
    )
