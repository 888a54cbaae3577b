"""The calls that a child process can run, by name. Nothing else can be asked of it.

Each takes what lives in the child between calls, its arguments as plain values, and the way back to the parent. What
it returns is packed and sent. ``paths`` is always the files of one image in order, or with ``logical`` the folder or
archive that is logical evidence; ``image`` the name under which ``open`` keeps one open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence.attempts import NOTHING
from evidence.digest import PART_BYTES, MediaDigests, hash_media, hash_part
from evidence.errors import NotOpenError, UnreadableVideoError
from evidence.examine import examine
from evidence.filesystems import tsk
from evidence.filesystems.ranges import UNALLOCATED
from evidence.filetype import library_versions
from evidence.images import open_image
from evidence.images.base import Image
from evidence.keys import NO_KEYS
from evidence.later import Later
from evidence.shares import Share
from evidence.unshown import NOT_LOADED
from evidence.views import ImageDescription, Ink, Picture, StoredCheck, VideoStills
from evidence.worker import Reporter, Session, Task

MAX_READ_BYTES = 16 * 1024 * 1024
EXPORT_BYTES = 1024 * 1024
RANGES_IN_A_BATCH = 10_000

if TYPE_CHECKING:
    from evidence.filesystems.reading import FileContent, FileReader

_Arguments = Mapping[str, Any]
_FILE_READER = Later("evidence.filesystems.reading", "FileReader")
_OPEN_LOGICAL = Later("evidence.images.logical", "open_logical")
_VIEWER_CALL = Later("evidence.viewers.calls", "call")
_CHECK_STORED = Later("evidence.stored_check", "check_stored")
_OCCUPIED = Later("evidence.search.occupied", "occupied")
_SEARCH = Later("evidence.search.task", "search")
_STILLS = Later("evidence.video", "read_stills")
_SECOND_READING = Later("evidence.second_reader.task", "second_reading")


def _open(arguments: _Arguments) -> Image:
    opened: Image = _OPEN_LOGICAL(arguments["paths"]) if arguments.get("logical") else open_image(arguments["paths"])
    return opened


@contextmanager
def _opened(arguments: _Arguments) -> Iterator[Image]:
    image = _open(arguments)
    try:
        yield image
    finally:
        image.close()


def versions(session: Session, arguments: _Arguments, reporter: Reporter) -> Mapping[str, str]:
    """The libraries that evidence is read with, by name."""
    import importlib.metadata  # this and the others: not needed for the calls that have to start quickly
    import platform
    import ssl
    import zlib

    return {
        "python": platform.python_version(),
        "sleuthkit": tsk.version(),
        "libewf": importlib.metadata.version("libewf-python"),
        **library_versions(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "openssl": ssl.OPENSSL_VERSION,
    }


def describe(session: Session, arguments: _Arguments, reporter: Reporter) -> ImageDescription:
    """Open an image, say what it is, and close it."""
    with _opened(arguments) as image:
        return _description(image)


def hash_(session: Session, arguments: _Arguments, reporter: Reporter) -> MediaDigests:
    """Digest the whole media; ``algorithms`` are names of hashlib, ``with_parts`` asks for SHA-256 of every part.

    ``part_bytes`` is the size of a part, 1 GiB when it is left out.
    """
    with _opened(arguments) as image:
        return hash_media(
            image,
            algorithms=arguments["algorithms"],
            with_parts=arguments.get("with_parts", False),
            part_bytes=arguments.get("part_bytes", PART_BYTES),
            on_progress=reporter.progress,
        )


def hash_parts(session: Session, arguments: _Arguments, reporter: Reporter) -> int:
    """Stream a ``PartDigest`` for each of the parts ``numbers`` of ``part_bytes``; the value is how many there were."""
    size_bytes, numbers = arguments["part_bytes"], arguments["numbers"]
    with _opened(arguments) as image:
        for index, number in enumerate(numbers):

            def told(done_bytes: int, _total_bytes: int, before_bytes: int = index * size_bytes) -> None:
                reporter.progress(before_bytes + done_bytes, len(numbers) * size_bytes)

            reporter.item(hash_part(image, number * size_bytes, size_bytes, on_progress=told))
    return len(numbers)


def check_stored_(session: Session, arguments: _Arguments, reporter: Reporter) -> StoredCheck:
    """Compare the contents of logical evidence with the digests that its container stores of them."""
    with _opened(arguments) as image:
        found: StoredCheck = _CHECK_STORED(image, reporter.progress)
        return found


def examine_(session: Session, arguments: _Arguments, reporter: Reporter) -> None:
    """Stream everything that an examination finds, with ``hash_files``, ``zone`` and ``keys`` as for ``examine``.

    ``share`` is the number of the share and how many there are; without it all contents are read here. ``avoid`` is
    what earlier attempts ended at, and ``archives`` asks for what lies in archives.
    """
    with _opened(arguments) as image:
        found = examine(
            image,
            hash_files=arguments["hash_files"],
            hash_volumes=arguments.get("hash_volumes", False),
            zone=arguments["zone"],
            keys=arguments.get("keys", NO_KEYS),
            on_progress=reporter.progress,
            share=Share(*arguments.get("share", ())),
            avoid=arguments.get("avoid", NOTHING),
            on_place=reporter.note,
            archives=arguments.get("archives", False),
        )
        for item in found:
            if isinstance(item, tuple):
                reporter.place = f"{item[-1][1]}:{item[-1][5]}" if item else reporter.place
                reporter.rows(item)
            else:
                reporter.item(item)


def open_(session: Session, arguments: _Arguments, reporter: Reporter) -> ImageDescription:
    """Open an image and keep it open as ``image``; one of that name is closed before.

    ``keys`` unlock the volumes in it.
    """
    close(session, arguments, reporter)
    opened = _open(arguments)
    session[arguments["image"]] = _FILE_READER(opened, arguments.get("keys", NO_KEYS))
    return _description(opened)


def close(session: Session, arguments: _Arguments, reporter: Reporter) -> None:
    """Close ``image``; nothing happens when it is not open."""
    reader: FileReader | None = session.pop(arguments["image"], None)
    if reader is not None:
        reader.image.close()


def read(session: Session, arguments: _Arguments, reporter: Reporter) -> bytes:
    """Bytes of the media: ``size_bytes`` from ``offset_bytes``, at most 16 MiB, fewer at its end."""
    size_bytes = min(arguments["size_bytes"], MAX_READ_BYTES)
    return _reader(session, arguments).image.read_at(arguments["offset_bytes"], size_bytes)


def read_file(session: Session, arguments: _Arguments, reporter: Reporter) -> bytes:
    """Bytes of a file's content: as ``read``, of the file ``address`` in the last volume of ``volumes``.

    ``volumes`` are those that lie in each other, from the whole media to the one with the file system.
    """
    content = _content(session, arguments)
    return content.read(arguments["offset_bytes"], min(arguments["size_bytes"], MAX_READ_BYTES))


def read_volume(session: Session, arguments: _Arguments, reporter: Reporter) -> bytes:
    """Bytes of the last volume of ``volumes``: as ``read``, of a decrypted or logical volume those that are in it."""
    source = _reader(session, arguments).media(arguments["volumes"])
    offset_bytes = arguments["offset_bytes"]
    size_bytes = min(arguments["size_bytes"], MAX_READ_BYTES, source.media_bytes - offset_bytes)
    return source.read_at(offset_bytes, size_bytes) if offset_bytes >= 0 and size_bytes > 0 else b""


def volume_bytes(session: Session, arguments: _Arguments, reporter: Reporter) -> int:
    """How many bytes the last volume of ``volumes`` has."""
    return _reader(session, arguments).media(arguments["volumes"]).media_bytes


def stretches(
    session: Session, arguments: _Arguments, reporter: Reporter
) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """Size of unallocated space or slack, as named for ``unallocated``, and where a part of it lies.

    Of the part at ``offset_bytes`` of ``size_bytes``: each stretch's place in the content, offset in the volume, and
    length in bytes; at most 10,000 of them.
    """
    content = _content(session, arguments)
    found = content.stretches(arguments["offset_bytes"], arguments["size_bytes"])
    return content.size_bytes, tuple(islice(found, RANGES_IN_A_BATCH))


def place(session: Session, arguments: _Arguments, reporter: Reporter) -> int | None:
    """Where the byte ``offset_bytes`` of a file lies in its volume; None where that is not known or makes no sense."""
    return _reader(session, arguments).place(arguments["volumes"], arguments["address"], arguments["offset_bytes"])


def is_locked(session: Session, arguments: _Arguments, reporter: Reporter) -> bool:
    """Whether the last volume of ``volumes``, as for ``read_file``, stays locked with the keys of ``image``."""
    return _reader(session, arguments).is_locked(arguments["volumes"])


def unallocated(session: Session, arguments: _Arguments, reporter: Reporter) -> int:
    """Stream the stretches of a volume that no file uses, as tuples of offsets in the volume and lengths in bytes.

    The value is the sum of the lengths. The bytes are read and exported as the file ``unallocated`` of the volume, and
    the slack of a file as its address followed by ``/slack``.
    """
    content = _reader(session, arguments).unallocated(arguments["volumes"])
    ranges = iter(content.ranges)
    while batch := tuple(islice(ranges, RANGES_IN_A_BATCH)):
        reporter.item(batch)
    return content.size_bytes


def export_file(session: Session, arguments: _Arguments, reporter: Reporter) -> int:
    """Stream a file's content in pieces of 1 MiB; the value is its size in bytes."""
    content = _reader(session, arguments).content(arguments["volumes"], arguments["address"])
    reporter.place = arguments["address"]
    done = 0
    while done < content.size_bytes:
        piece = content.read(done, EXPORT_BYTES)
        reporter.item(piece)
        done += len(piece)
        reporter.progress(done, content.size_bytes)
    return done


def picture(session: Session, arguments: _Arguments, reporter: Reporter) -> Picture:
    """Make a picture of ``content`` harmless; ``width_pixels`` and ``height_pixels`` are the box it has to fit.

    ``encoding`` is ``PNG`` when it is left out, or ``JPEG``.
    """
    from evidence.pictures import decode_picture  # not needed for most calls

    box = arguments["width_pixels"], arguments["height_pixels"]
    page, partly = arguments.get("page", 0), arguments.get("partly", False)
    return decode_picture(arguments["content"], *box, arguments.get("encoding", "PNG"), page, partly=partly)


def stills(session: Session, arguments: _Arguments, reporter: Reporter) -> VideoStills:
    """Stills of the video at ``address``; the other arguments are those of :func:`evidence.video.read_stills`."""
    content = _content(session, arguments)
    reporter.place = arguments["address"]
    asked = arguments["at_permille"], arguments["box_pixels"], arguments["until_seen"]
    try:
        found: VideoStills = _STILLS(content, *asked, reporter.progress)
    except ImportError as error:  # a library of the system that Qt Multimedia links to is missing
        raise UnreadableVideoError(NOT_LOADED.format(error=error)) from error
    return found


def ink(session: Session, arguments: _Arguments, reporter: Reporter) -> Ink:
    """How much ink is on the paper of which ``content`` is a picture or a PDF document."""
    from evidence.ink import ink_on  # not needed for most calls

    return ink_on(arguments["content"])


def _viewing(name: str) -> Task:
    """A call of :mod:`evidence.viewers.calls`, which is loaded when it is first asked for."""

    def call(session: Session, arguments: _Arguments, reporter: Reporter) -> object:
        return _VIEWER_CALL(name, _content, session, arguments, reporter)

    return call


def search(session: Session, arguments: _Arguments, reporter: Reporter) -> int:
    """Look through contents of ``image``; see :func:`evidence.search.task.search`."""
    found: int = _SEARCH(session, arguments, reporter)
    return found


def occupied(session: Session, arguments: _Arguments, reporter: Reporter) -> tuple[tuple[int, int, int], ...]:
    """Where contents of ``image`` lie in their volume; see :func:`evidence.search.occupied.occupied`."""
    found: tuple[tuple[int, int, int], ...] = _OCCUPIED(session, arguments, reporter)
    return found


def records(session: Session, arguments: _Arguments, reporter: Reporter) -> tuple[int, ...]:
    """The file records of a file of ``image``; see :meth:`evidence.filesystems.reading.FileReader.records`."""
    reporter.place = arguments["address"]
    return tuple(_reader(session, arguments).records(arguments["volumes"], arguments["address"]))


def second_reading(session: Session, arguments: _Arguments, reporter: Reporter) -> str:
    """List a volume by a second reader; see :func:`evidence.second_reader.task.second_reading`."""
    told: str = _SECOND_READING(_reader(session, arguments), arguments, reporter)
    return told


TASKS: Mapping[str, Task] = {
    "versions": versions,
    "describe": describe,
    "hash": hash_,
    "hash_parts": hash_parts,
    "check_stored": check_stored_,
    "examine": examine_,
    "open": open_,
    "close": close,
    "read": read,
    "read_file": read_file,
    "read_volume": read_volume,
    "volume_bytes": volume_bytes,
    "stretches": stretches,
    "place": place,
    "is_locked": is_locked,
    "export_file": export_file,
    "unallocated": unallocated,
    "picture": picture,
    "stills": stills,
    "ink": ink,
    "view": _viewing("open"),
    "view_rows": _viewing("rows"),
    "view_nodes": _viewing("nodes"),
    "view_text": _viewing("text"),
    "view_picture": _viewing("picture"),
    "occupied": occupied,
    "records": records,
    "search": search,
    "second_reading": second_reading,
}


def _reader(session: Session, arguments: _Arguments) -> FileReader:
    reader: FileReader | None = session.get(arguments["image"])
    if reader is None:
        raise NotOpenError(arguments["image"])
    return reader


def _content(session: Session, arguments: _Arguments) -> FileContent:
    reader, volumes, address = _reader(session, arguments), arguments["volumes"], arguments["address"]
    return reader.unallocated(volumes) if address == UNALLOCATED else reader.content(volumes, address)


def _description(image: Image) -> ImageDescription:
    return ImageDescription(
        container=image.container,
        paths=tuple(Path(path) for path in image.paths),
        media_bytes=image.media_bytes,
        container_bytes=image.container_bytes,
        sector_bytes=image.sector_bytes,
        metadata=dict(image.metadata),
        stored_digests=dict(image.stored_digests),
        problems=tuple(image.problems),
    )
