"""The call of the child process that lists a volume by a second reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from evidence.errors import UnreadableContentError
from evidence.second_reader.base import SecondEntry
from evidence.second_reader.listing import library_for, second_entries
from evidence.worker import Reporter

if TYPE_CHECKING:
    from evidence.filesystems.reading import FileReader

_AT_ONCE = 200
_HALF = re.compile("[\ud800-\udfff]")


def second_reading(reader: FileReader, arguments: Mapping[str, Any], reporter: Reporter) -> str:
    """Stream every name of the last volume of ``volumes``, some at a time; the value is the reader's name and version.

    Each is a tuple of the fields of ``SecondEntry``; with ``with_content`` contents are read, too.

    Raises:
        UnreadableContentError: There is no second reader for the file system, or it cannot open the volume.
    """
    volumes = arguments["volumes"]
    last = volumes[-1]
    library = library_for(last.file_system.type if last.file_system else "")
    if library is None:
        raise UnreadableContentError(last.id, "the volume", "there is no second reader for its file system")
    found = second_entries(library, reader.media(volumes), with_content=arguments["with_content"])
    done = 0
    try:
        while some := list(islice(found, _AT_ONCE)):
            reporter.place = f"{last.id}:{some[-1].path}"
            reporter.item(tuple(map(_plain, some)))
            done += len(some)
            reporter.progress(done, 0)
    except OSError as error:
        raise UnreadableContentError(last.id, "the volume", f"{library.version()} cannot open it: {error}") from error
    return library.version()


def _plain(entry: SecondEntry) -> tuple[object, ...]:
    texts = (entry.folder, entry.path, entry.number, entry.stream_of)
    target = None if entry.link_target is None else _whole(entry.link_target)
    numbers = (entry.is_directory, entry.is_named, entry.size_bytes, entry.md5)
    return (*map(_whole, texts), *numbers, dict(entry.times), target, entry.unread, dict(entry.known))


def _whole(text: str) -> str:
    """The text with U+FFFD for each half of a character, as in the catalogue."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def entry_of(plain: tuple[Any, ...]) -> SecondEntry:
    """The entry of such a tuple, which a child process sent.

    Raises:
        TypeError: It is none.
    """
    folder, path, number, stream_of, is_directory, is_named, size_bytes, md5, times, link_target, unread, known = plain
    whole = all(isinstance(one, str) for one in (folder, path, number, stream_of))
    whole = whole and all(isinstance(one, bool) for one in (is_directory, is_named))
    whole = whole and all(isinstance(one, dict) for one in (times, known)) and isinstance(unread, tuple)
    if not whole or not isinstance(size_bytes, (int, type(None))) or not isinstance(md5, (bytes, type(None))):
        raise TypeError("no entry of a second reader")
    return SecondEntry(
        folder=folder,
        path=path,
        number=number,
        stream_of=stream_of,
        is_directory=is_directory,
        is_named=is_named,
        size_bytes=size_bytes,
        md5=md5,
        times=times,
        link_target=link_target,
        unread=unread,
        known=known,
    )
