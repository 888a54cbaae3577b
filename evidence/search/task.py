"""The call of a child process that looks through contents; see :mod:`evidence.tasks` for how calls are made.

A piece travels as a tuple: its number, volume, address, kind, first byte, byte behind the last (-1 for the end of the
content), by what its text is extracted (empty where it is not), and a number that is of no account here. The address
of a volume's own bytes is empty, or that of a part of them, beside which nothing is shown (:func:`part_address`). A
piece of the kind :data:`ACROSS` is a border of areas: its bytes are those of both, the place of the border stands where
others have by what their text is extracted, and its address is that of a content on one side, or empty; those of
contents on both sides have :data:`BOTH` between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any

from evidence.errors import EvidenceError
from evidence.search.borders import Border, across, end_of, reach_of
from evidence.search.characters import UTF_8
from evidence.search.databases import (
    MAX_DATABASE_BYTES,
    goes_over_pages,
    log_goes_over_pages,
    texts_of_database,
)
from evidence.search.extraction import HEAD_BYTES, MAX_DOCUMENT_BYTES, is_mailbox, kind_in, text_of, texts_of_mailbox
from evidence.search.finder import Finder, Wanted
from evidence.search.flowing import flowing, flowing_term
from evidence.search.kinds import UNREAD
from evidence.search.looking import Hit, Missed, Read, look
from evidence.search.markup import Aside

if TYPE_CHECKING:
    from evidence.filesystems.reading import FileReader
    from evidence.volumes.base import Volume
    from evidence.worker import Reporter, Session

VOLUME, ACROSS, BOTH = "volume", "across", " | "
MAX_HITS_OF_A_PIECE = 100_000
_AT_ONCE, _AT_ONCE_BYTES, _TOLD_OF_MESSAGES = 500, 1 << 20, 20
_KEPT = "what search looks for"
_BAD_CLUSTERS = "8-128-"
"""Address of the content and the streams of ``$BadClus`` on NTFS, of which ``$Bad`` is as large as the volume."""


def part_address(begin: int, end: int) -> str:
    """What stands for the address of a content in a piece of a part of a volume."""
    return f"{begin}+{end - begin}"


def part_of(address: str) -> tuple[int, int]:
    """Its first byte and the byte behind its last, in the volume."""
    begin, _, length = address.partition("+")
    return int(begin), int(begin) + int(length)


def search(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> int:
    """Stream what is found in ``pieces`` of ``image``; the value is how many bytes were looked through.

    ``wanted`` is what :meth:`Wanted.plain` gives; ``lineages`` are the volumes that lie in each other, by the id of the
    last, and ``starts`` the offset of that in the media where it has one. Streamed are ``("hits", piece, place,
    (hit, ...))`` with hits as tuples of the fields of :class:`Hit` and the offset in the media or None, and
    ``("missed", piece, place, first byte, length, why)``; the place is ``content`` or ``text``, or
    ``across`` for what stands across a border, whose offsets are those in the volume.
    """
    reader: FileReader = session[arguments["image"]]
    finders = _finders(session, arguments["wanted"])
    done = 0
    for piece in arguments["pieces"]:
        number, volume_id, address, kind, begin, end, document, _ = piece
        reporter.note(str(number))
        reporter.place = f"{volume_id}:{address}"
        told = _Told(reporter, number, done)
        lineage, start = arguments["lineages"][volume_id], arguments["starts"].get(volume_id)
        try:
            if kind == ACROSS:
                _look_across(finders.contents, reader, lineage, (begin, int(document), end), start, told)
                told.flush()
                continue
            content = _Content(reader, lineage, address, kind, start)
            stop = content.size_bytes if end < 0 else min(end, content.size_bytes)
            if content.is_empty_list_of_bad_clusters:
                done += max(0, stop - begin)
                continue
            edges = begin, stop, content.size_bytes, content.begin_bytes
            for item in look(finders.contents, finders.contents.wanted, content.read, *edges):
                if isinstance(item, int):
                    reporter.progress(done + item - begin, 0)
                elif not told.take("content", item, content.media_offset):
                    break
            done += max(0, stop - begin)
            if document and begin == 0:
                _look_at_text(finders, content, document, told)
            if kind == "slack" and (found := _end_in(reader, lineage, address, finders.contents)) is not None:
                _look_across(finders.contents, reader, lineage, found, start, told)
        except EvidenceError as error:
            told.missed("content", Missed(offset_bytes=begin, length_bytes=max(0, end - begin), why=str(error)))
        told.flush()
        reporter.progress(done, 0)
    return done


def _finders(session: Session, plain: Mapping[str, Any]) -> _Finders:
    """Compiled once for a process, not for each batch."""
    wanted = Wanted.of_plain(plain)
    kept = session.get(_KEPT)
    if kept is None or kept.contents.wanted != wanted:
        kept = session[_KEPT] = _Finders(wanted)
    found: _Finders = kept
    return found


class _Finders:
    """For contents, for texts, for texts in unknown code pages, and for terms in texts as they flow."""

    def __init__(self, wanted: Wanted) -> None:
        both = wanted.encodings if UTF_8 in wanted.encodings else (UTF_8, *wanted.encodings)
        self.contents, self.texts = _Ready(wanted), _Ready(replace(wanted, encodings=(UTF_8,)))
        self.unknown = self.contents if both == wanted.encodings else _Ready(replace(wanted, encodings=both))
        terms = tuple(map(flowing_term, wanted.terms))
        alone = replace(wanted, terms=terms, expressions=(), encodings=(UTF_8,), detect=False)
        self.flowing = _Ready(alone) if terms else None


class _Ready(Finder):
    """A finder with what it looks for."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class _Content:
    """The bytes of a piece, and where they lie on the media."""

    def __init__(
        self, reader: FileReader, lineage: Sequence[Volume], address: str, kind: str, start_bytes: int | None
    ) -> None:
        self._start_bytes = start_bytes
        self.is_empty_list_of_bad_clusters, self.begin_bytes = False, 0
        if kind == VOLUME:
            source = reader.media(lineage)
            self.size_bytes, self._file = source.media_bytes, None
            self.read: Read = source.read_at
            if address:
                self.begin_bytes, self.size_bytes = part_of(address)
        else:
            self._file = reader.content(lineage, address)
            self.size_bytes = self._file.size_bytes
            self.read = self._file.read
            system = lineage[-1].file_system
            if system is not None and system.type == "ntfs" and address.startswith(_BAD_CLUSTERS):
                self.is_empty_list_of_bad_clusters = not any(True for _ in self._file.stretches(0, self.size_bytes))

    def media_offset(self, offset_bytes: int) -> int | None:
        """Where a byte lies on the media; None where it cannot be told."""
        if self._start_bytes is None:
            return None
        if self._file is None:
            return self._start_bytes + offset_bytes
        for _, offset, _ in self._file.stretches(offset_bytes, 1):
            return self._start_bytes + offset
        return None


def _end_in(reader: FileReader, lineage: Sequence[Volume], address: str, finder: _Ready) -> Border | None:
    """The border of a content and its slack where they are bytes of the volume as it lies there."""
    try:
        reader.media(lineage)
    except EvidenceError:
        return None  # it has none of its own
    return end_of(reader, lineage, address, reach_of(finder, finder.wanted))


def _look_across(
    finder: _Ready, reader: FileReader, lineage: Sequence[Volume], border: Border, start_bytes: int | None, told: _Told
) -> None:
    """Look for what stands across a border; offsets of hits are those in the volume."""
    for item in across(finder, finder.wanted, reader.media(lineage).read_at, border):
        if not told.take(ACROSS, item, lambda offset: None if start_bytes is None else start_bytes + offset):
            return


class _Told:
    """Sends what is found, some at a time; counts, so that no content fills the disk."""

    def __init__(self, reporter: Reporter, number: int, done: int) -> None:
        self._reporter, self._number, self._done = reporter, number, done
        self._place, self._hits, self._count = "content", list[tuple[object, ...]](), 0

    def take(self, place: str, item: Hit | Missed, media_offset: Any) -> bool:
        """Note a hit or what was missed; tell whether more are taken."""
        if isinstance(item, Missed):
            self.missed(place, item)
            return True
        if place != self._place:
            self.flush()
            self._place = place
        self._count += 1
        if self._count > MAX_HITS_OF_A_PIECE:
            why = f"After {MAX_HITS_OF_A_PIECE:,} hits the rest was not looked through; narrow the terms to see more."
            self.missed(place, Missed(offset_bytes=item.offset_bytes, length_bytes=0, why=why))
            return False
        self._hits.append((*astuple(item), media_offset(item.offset_bytes)))
        if len(self._hits) >= _AT_ONCE:
            self.flush()
        return True

    def missed(self, place: str, missed: Missed) -> None:
        self._reporter.item(("missed", self._number, place, *astuple(missed)))

    def goes_on(self) -> None:
        """Let it be seen that something is done, where no bytes are counted."""
        self._reporter.progress(self._done, 0)

    def flush(self) -> None:
        if self._hits:
            self._reporter.item(("hits", self._number, self._place, tuple(self._hits)))
            self._hits = []


def _look_at_text(finders: _Finders, content: _Content, document: str, told: _Told) -> None:
    """Look through the text that a document holds; offsets and lengths of hits are in characters."""
    head = content.read(0, min(HEAD_BYTES, content.size_bytes))
    document = kind_in(document, head)
    if not document:
        return
    if document.startswith("sqlite"):
        _look_at_database(finders, content, document, told)
        return
    if content.size_bytes > MAX_DOCUMENT_BYTES:
        if is_mailbox(document, head):
            _look_at_mailbox(finders, content, told)
            return
        why = f"Its text was not extracted: it is larger than {MAX_DOCUMENT_BYTES:,} bytes."
        told.missed("text", Missed(offset_bytes=0, length_bytes=0, why=why))
        return
    unknown = list[bytes]()
    try:
        text, left_out = text_of(document, content.read(0, content.size_bytes), unknown)
    except ValueError as error:
        told.missed("text", Missed(offset_bytes=0, length_bytes=0, why=f"As a document, {error}."))
        return
    if left_out:
        told.missed("text", Missed(offset_bytes=0, length_bytes=0, why=f"Its text is not whole. {left_out}"))
    if _look_at_characters(finders, text, 0, told):
        _look_at_unknown(finders.unknown, unknown, len(text) + 1, told)


def _look_at_database(finders: _Finders, content: _Content, document: str, told: _Told) -> None:
    """The long values of a database of SQLite, which lie in pieces; of a log it is told that it has such."""
    if content.size_bytes > MAX_DATABASE_BYTES:
        why = f"Its values over several pages were not read: it is larger than {MAX_DATABASE_BYTES:,} bytes."
        told.missed("text", Missed(offset_bytes=0, length_bytes=0, why=why))
        return
    data = bytearray()
    while len(data) < content.size_bytes and (
        piece := content.read(len(data), min(_AT_ONCE_BYTES, content.size_bytes))
    ):
        data += piece
        told.goes_on()
    if document != "sqlite":
        if log_goes_over_pages(data):
            told.missed("text", Missed(offset_bytes=0, length_bytes=0, why=UNREAD[document]))
        return
    if goes_over_pages(data):
        unknown = list[bytes]()
        _look_at_parts(finders, texts_of_database(data, unknown, told.goes_on), unknown, told)


def _look_at_mailbox(finders: _Finders, content: _Content, told: _Told) -> None:
    """The messages of a large mailbox one by one."""
    unknown = list[bytes]()
    _look_at_parts(finders, texts_of_mailbox(content.read, content.size_bytes, unknown), unknown, told)


def _look_at_parts(finders: _Finders, parts: Iterable[tuple[str, str]], unknown: list[bytes], told: _Told) -> None:
    """Texts with what was left out of each, one by one; characters are counted from the first, as of one text."""
    at, seen = 0, set[str]()
    try:
        for text, left_out in parts:
            told.goes_on()
            if left_out and left_out not in seen and len(seen) <= _TOLD_OF_MESSAGES:
                seen.add(left_out)
                why = f"Its text is not whole. {left_out}"
                if len(seen) > _TOLD_OF_MESSAGES:
                    why = f"Its text is not whole: of more than {_TOLD_OF_MESSAGES} messages something was left out."
                told.missed("text", Missed(offset_bytes=0, length_bytes=0, why=why))
            if not _look_at_characters(finders, text, at, told):
                return
            at += len(text) + 1
            at = _look_at_unknown(finders.unknown, unknown, at, told)
            if at < 0:
                return
            unknown.clear()
    except ValueError as error:
        told.missed("text", Missed(offset_bytes=0, length_bytes=0, why=f"As a document, {error}."))


def _look_at_characters(finders: _Finders, text: str, at: int, told: _Told) -> bool:
    """Look through a text whose first character has the number ``at``; tell whether more hits are taken."""
    seen = set[tuple[int, int, int]]()
    for item in _found_in(finders.texts, text):
        moved = replace(item, offset_bytes=item.offset_bytes + at)
        if isinstance(item, Hit):
            seen.add((item.term, item.offset_bytes, item.length_bytes))
        if not told.take("text", moved, lambda _: None):
            return False
    return finders.flowing is None or _look_at_flowing(finders.flowing, text, at, told, seen)


def _look_at_flowing(finder: _Ready, text: str, at: int, told: _Told, seen: set[tuple[int, int, int]]) -> bool:
    """Look for terms across the ends of lines and the like; places are those in the text as it stands."""
    for flowed, until in flowing(text):
        told.goes_on()
        for item in _found_in(finder, flowed.text):
            begin = flowed.origin(item.offset_bytes)
            end = flowed.origin(item.offset_bytes + max(1, item.length_bytes) - 1) + 1
            term = item.term if isinstance(item, Hit) else -1
            if begin >= until or (term, begin, end - begin) in seen:
                continue
            if isinstance(item, Hit):
                seen.add((term, begin, end - begin))
            if not told.take("text", replace(item, offset_bytes=at + begin, length_bytes=end - begin), lambda _: None):
                return False
    return True


def _found_in(finder: _Ready, text: str) -> Iterator[Hit | Missed]:
    """What is found in a text, its places counted in characters."""
    data = text.encode("utf-8", "replace")
    return _in_characters(data, look(finder, finder.wanted, _reading(data), 0, len(data), len(data)))


def _look_at_unknown(finder: _Ready, unknown: Sequence[bytes], at: int, told: _Told) -> int:
    """Look through texts in unknown code pages; each byte counts as a character behind the text before it.

    Returns:
        The number of the character behind them; -1 where no more hits are taken.
    """
    for data in unknown:
        for item in look(finder, finder.wanted, _reading(data), 0, len(data), len(data)):
            if isinstance(item, int):
                continue
            if isinstance(item, Hit) and isinstance(data, Aside):
                begin = item.offset_bytes
                is_told = data.is_in_text(begin, begin + item.length_bytes, item.encoding)
                if is_told:
                    continue  # as a hit in the text
            if not told.take("text", replace(item, offset_bytes=item.offset_bytes + at), lambda _: None):
                return -1
        at += len(data) + 1
    return at


def _reading(data: bytes) -> Read:
    return lambda begin, size: data[begin : begin + size]


def _in_characters(data: bytes, found: Iterator[Hit | Missed | int]) -> Iterator[Hit | Missed]:
    at = characters = 0
    for item in found:
        if isinstance(item, Hit):
            if item.offset_bytes < at:
                at = characters = 0
            characters += len(data[at : item.offset_bytes].decode("utf-8", "replace"))
            at = item.offset_bytes
            length = len(data[at : at + item.length_bytes].decode("utf-8", "replace"))
            yield replace(item, offset_bytes=characters, length_bytes=length)
        elif isinstance(item, Missed):
            yield item
