"""Lists a volume of NTFS, FAT, exFAT or ext once more, by a reader that shares no code with ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeAlias, cast

from evidence.filesystems.walk import MAX_DEPTH, MAX_VISITS
from evidence.second_reader.base import Library, Place, SecondEntry, VolumeBytes
from evidence.volumes.base import Readable

_Above: TypeAlias = "tuple[str, _Above] | None"


def library_for(file_system: str) -> Library | None:
    """The reader for a file system as catalogues call it: ``ntfs``, ``fat16``, ``exfat``, ``ext4``; else None."""
    for beginnings, module in ((("ntfs",), "ntfs"), (("fat", "exfat"), "fat"), (("ext",), "ext")):
        if file_system.startswith(beginnings):
            return cast(Library, import_module(f"evidence.second_reader.{module}"))
    return None


def second_entries(library: Library, source: Readable, *, with_content: bool = True) -> Iterator[SecondEntry]:
    """Every name: all of a folder one after the other, then what is in the folders among them.

    A name that cannot be read is an entry ``/folder/?number`` in its place. What lies in a folder whose own entry
    cannot be read is not listed. A folder that leads back into one of its parents is not entered again.

    Raises:
        OSError: The reader cannot open the volume.
    """
    volume = VolumeBytes(source)
    opened, root = library.open(volume)
    visits = Counter[str]()
    try:
        todo: list[tuple[Any, int, str, int, _Above]] = [(root, -1, "", 0, (library.number(volume, root), None))]
        while todo:
            parent, index, path, depth, above = todo.pop()
            try:
                folder = parent if index < 0 else parent.get_sub_file_entry(index)
            except OSError:
                yield _unread(Place(folder=path, path=f"{path}/?", is_named=False))
                continue
            inner = []
            for number, entry in _in(library, volume, folder, path, with_content):
                yield entry
                if entry.is_directory and depth < MAX_DEPTH and _may_enter(entry.number, above, visits):
                    inner.append((folder, number, entry.path, depth + 1, (entry.number, above)))
            todo += reversed(inner)
    finally:
        opened.close()


def _unread(place: Place) -> SecondEntry:
    """What stands for an entry that cannot be read."""
    return SecondEntry(
        folder=place.folder, path=place.path, is_named=place.is_named, is_directory=False, unread=("entry",)
    )


def _may_enter(number: str, above: _Above, visits: Counter[str]) -> bool:
    """Whether a folder is none of its own parents, and was not listed by many names already."""
    if not number:
        return True
    while above is not None:
        if number == above[0]:
            return False
        above = above[1]
    visits[number] += 1
    return visits[number] <= MAX_VISITS


def _in(
    library: Library, volume: VolumeBytes, folder: Any, path: str, with_content: bool
) -> Iterator[tuple[int, SecondEntry]]:
    """What is in a folder, each with its index there."""
    try:
        count = folder.number_of_sub_file_entries
    except OSError:
        count = 0
        yield -1, _unread(Place(folder=path, path=f"{path}/?", is_named=False))
    for index in range(count):
        place = Place(folder=path, path=f"{path}/?{index}", is_named=False)
        found: list[SecondEntry] = []
        try:
            item = folder.get_sub_file_entry(index)
            name = _name(item)
            if name in (".", ".."):
                continue
            if name is not None:
                place = Place(folder=path, path=f"{path}/{name}")
            found.extend(library.entries(volume, item, place, with_content))
        except OSError:
            found[:1] = [replace(one, unread=(*one.unread, "streams")) for one in found[:1]] or [_unread(place)]
        for entry in found:
            yield index, entry


def _name(item: Any) -> str | None:
    try:
        name: str | None = item.name
    except OSError:
        return None
    return name
