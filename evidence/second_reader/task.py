"""The call of the child process that lists a volume by a second reader."""

from __future__ import annotations

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
    path = entry.path.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return path, entry.is_directory, entry.size_bytes, entry.md5, dict(entry.times), entry.link_target


def entry_of(plain: tuple[Any, ...]) -> SecondEntry:
    """The entry of such a tuple, which a child process sent.

    Raises:
        TypeError: It is none.
    """
    path, is_directory, size_bytes, md5, times, link_target = plain
    whole = isinstance(path, str) and isinstance(is_directory, bool) and isinstance(times, dict)
    if not whole or not isinstance(size_bytes, (int, type(None))) or not isinstance(md5, (bytes, type(None))):
        raise TypeError("no entry of a second reader")
    return SecondEntry(
        path=path, is_directory=is_directory, size_bytes=size_bytes, md5=md5, times=times, link_target=link_target
    )
