"""ZIP archives: their list; of Office documents (OOXML, ISO/IEC 29500-2) and OpenDocument also the properties."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from evidence.errors import UnreadableStructureError
from evidence.filesystems.zip_records import ENCRYPTED, IS_UTF8, Entry
from evidence.filesystems.zip_search import Head, heads_between
from evidence.viewers.base import FACTS, Bytes, ContentFile, OnProgress, Row, TablesViewer
from evidence.viewers.words import cut
from evidence.viewers.xml_text import XmlError, texts_of

NAME = "a ZIP archive"
MOST_MEMBERS = 200_000
MOST_XML_BYTES = 4 << 20
_BUFFER_BYTES = 1 << 20
_LEAST_WORK_BYTES, _WORK_RATIO, _LEAST_READ_BYTES = 64 << 20, 8, 512
_MOST_TOLD = 20
_COLUMNS = ("Name", "Bytes", "Packed", "Modified (local, DOS time of 2 s, no zone)", "Method", "CRC-32")
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
            self._by_heads(content, error)
            return
        self.add("members", "Members", _COLUMNS, tuple(map(_member, members[:MOST_MEMBERS])))
        if len(members) > MOST_MEMBERS:
            self.remark(f"It has {len(members):,} members; the first {MOST_MEMBERS:,} are shown.")
        if any(member.flag_bits & 1 for member in members):
            self.remark("Members of it are encrypted.")

    def _by_heads(self, content: Bytes, damage: Exception) -> None:
        """List the members by what stands before each, as the directory is of no use."""
        found, lost = list[Entry](), list[Head]()
        stopped = ""
        try:
            for head in heads_between(_Bounded(content), 0, content.size_bytes):
                if len(found) == MOST_MEMBERS or len(lost) == MOST_MEMBERS:
                    stopped = f"more than {MOST_MEMBERS:,} heads stand in it"
                    break
                if head.why_not:
                    lost.append(head)
                else:
                    found.append(head.entry)
        except _TooMuchWorkError as error:
            stopped = str(error)
        if not found and not lost:
            raise UnreadableStructureError(self.sheet.format, f"it is damaged ({damage})") from damage
        count = (
            "1 member found by its own head" if len(found) == 1 else f"{len(found):,} members found by their own heads"
        )
        self.remark(f"Its directory is missing or damaged ({damage}): {count}.")
        if stopped:
            self.remark(f"Members behind those are not listed: {stopped}.")
        for head in lost[:_MOST_TOLD]:
            self.remark(f"The member {_name(head.entry)} is not whole: {head.why_not}.")
        if len(lost) > _MOST_TOLD:
            self.remark(f"{len(lost) - _MOST_TOLD:,} more members are not whole.")
        self.add("members", "Members by own heads", _COLUMNS, tuple(map(_member_by_head, found)))
        if any(entry.flags & ENCRYPTED for entry in (*found, *(head.entry for head in lost))):
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


class _TooMuchWorkError(Exception):
    """Looking for heads read more than is good."""


class _Bounded:
    """A content as something to search, up to some times its size."""

    def __init__(self, content: Bytes) -> None:
        self._content, self.media_bytes = content, content.size_bytes
        self._left = max(_LEAST_WORK_BYTES, _WORK_RATIO * content.size_bytes)

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        size_bytes = max(0, min(size_bytes, self.media_bytes - offset_bytes))
        self._left -= max(_LEAST_READ_BYTES, size_bytes)
        if self._left < 0:
            raise _TooMuchWorkError("to look for them would read it too many times")
        return self._content.read(offset_bytes, size_bytes) if size_bytes else b""


def _member_by_head(entry: Entry) -> Row:
    seconds, date = entry.time, entry.date
    day = f"{1980 + (date >> 9):04d}-{date >> 5 & 15:02d}-{date & 31:02d}"
    return (
        cut(_name(entry), 1_000),
        f"{entry.size_bytes:,}",
        f"{entry.packed_bytes:,}",
        f"{day} {seconds >> 11:02d}:{seconds >> 5 & 63:02d}:{(seconds & 31) * 2:02d}",
        _METHODS.get(entry.method, str(entry.method)) + (", encrypted" if entry.flags & ENCRYPTED else ""),
        f"{entry.crc32:08x}",
    )


def _name(entry: Entry) -> str:
    """As of UTF-8 where its flag says so, else of CP437, as the specification has it (APPNOTE D.1)."""
    return cut(entry.name.decode("utf-8" if entry.flags & IS_UTF8 else "cp437", errors="replace"), 1_000)


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
