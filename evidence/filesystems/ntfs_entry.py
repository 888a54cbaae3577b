"""What the attributes of one NTFS file say, read through The Sleuth Kit, with names as they are stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evidence.filesystems import ntfs
from evidence.filesystems.ntfs_names import stored_streams, text_of
from evidence.filesystems.tsk import TskFileSystem
from evidence.timestamps import BEYOND_COLUMNS

_ENCRYPTED = 0x08
_INDEX_NAME = "$I30"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedStream:
    """A named content or index.

    Attributes:
        attribute: Its type and id.
        name_bytes: In UTF-16LE, where the name is not valid text.
    """

    attribute: tuple[int, int]
    size_bytes: int
    name: str
    name_bytes: bytes | None = None


@dataclass(slots=True, kw_only=True)
class NtfsEntry:
    """What the attributes say.

    Attributes:
        times: Of $STANDARD_INFORMATION.
        names: Each $FILE_NAME as it is.
        main: Type, id and size of the content, or of the index of a directory; None where there is none.
        target: Where a link leads.
        is_packed: Whether Windows compressed it, so that it reads as zeros.
        packed_by: The method, where its stream holds it.
        notes: Sentences for its row.
    """

    times: ntfs.Four = (None, None, None, None)
    names: list[bytes] = field(default_factory=list)
    main: tuple[int, int, int] | None = None
    streams: list[NamedStream] = field(default_factory=list)
    target: str | None = None
    is_packed: bool = False
    packed_by: int | None = None
    notes: list[str] = field(default_factory=list)


def ntfs_entry(opened: TskFileSystem, entry: Any, *, is_directory: bool) -> NtfsEntry:
    """Read the attributes of a ``pytsk3.File``; raises OSError where they cannot be read."""
    found, contents = NtfsEntry(), []
    left_out: list[str] = []
    for attribute in entry:
        info = attribute.info
        kind, number = info.type, info.id
        if kind == ntfs.STANDARD_INFORMATION:
            raw = entry.read_random(0, 48, kind, number)
            found.times = ntfs.four_times(raw, 0)
            if None in found.times:
                left_out += ntfs.out_of_range(raw, 0)
        elif kind == ntfs.FILE_NAME:
            size = info.size
            name = entry.read_random(0, size if size < 1024 else 1024, kind, number)
            found.names.append(name)
            left_out += ntfs.out_of_range(name, 8, "fn_")
        elif kind == ntfs.DATA or kind == ntfs.INDEX_ROOT:
            contents.append((int(kind), int(number), info.size, info.name, bool(info.flags & _ENCRYPTED)))
        elif kind == ntfs.REPARSE_POINT:
            raw = entry.read_random(0, min(info.size, 16_384), kind, number)
            found.target, found.is_packed = ntfs.link_target(raw), ntfs.is_packed_by_windows(raw)
            found.packed_by = ntfs.packing_method(raw)
            found.notes += filter(None, [ntfs.content_elsewhere(raw)])
    if left_out:
        told = ", ".join(dict.fromkeys(left_out))
        found.notes.append(f"{BEYOND_COLUMNS}: {told}")
    _sort(found, opened, entry, contents, is_directory=is_directory)
    return found


def _sort(
    found: NtfsEntry,
    opened: TskFileSystem,
    entry: Any,
    contents: list[tuple[int, int, int, bytes | None, bool]],
    *,
    is_directory: bool,
) -> None:
    """Tell the content of a file from its named streams."""
    names: list[tuple[str | None, bytes | None]] = [_plain(label) for _, _, _, label, _ in contents]
    if any(name is not None for name, _ in names) or len(contents) > 1:
        try:
            stored = stored_streams(
                opened.handle, entry, opened.record_bytes, [(kind, label) for kind, _, _, label, _ in contents]
            )
            names = [text_of(name) if name else (None, None) for name in stored]
        except OSError as error:
            if any(name and "^" in name for name, _ in names):
                found.notes.append(f"names of streams are as The Sleuth Kit shows them: {error}")
    for (kind, number, size, _, encrypted), (name, name_bytes) in zip(contents, names, strict=True):
        if name is None or (kind == ntfs.INDEX_ROOT and name == _INDEX_NAME):
            if found.main is None or (kind == ntfs.INDEX_ROOT) == is_directory:
                found.main = (kind, number, size)
                if encrypted:
                    found.notes.append("encrypted by EFS: digests and type are those of the stored bytes")
        else:
            found.streams.append(
                NamedStream(attribute=(kind, number), size_bytes=size, name=name, name_bytes=name_bytes)
            )


def _plain(label: bytes | None) -> tuple[str | None, None]:
    return (label.decode(errors="replace") if label is not None else None), None
