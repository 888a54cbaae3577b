"""Lists a volume of NTFS, FAT, exFAT or ext once more, by a reader that shares no code with ours."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast

from evidence.second_reader.base import GAP, Library, SecondEntry, VolumeBytes
from evidence.volumes.base import Readable

_DEEPEST = 64


def library_for(file_system: str) -> Library | None:
    """The reader for a file system as catalogues call it: ``ntfs``, ``fat16``, ``exfat``, ``ext4``; else None."""
    for beginnings, module in ((("ntfs",), "ntfs"), (("fat", "exfat"), "fat"), (("ext",), "ext")):
        if file_system.startswith(beginnings):
            return cast(Library, import_module(f"evidence.second_reader.{module}"))
    return None


def second_entries(library: Library, source: Readable, *, with_content: bool = True) -> Iterator[SecondEntry]:
    """Every name, a folder before what is in it.

    A name that cannot be read is an entry ``/folder/?number`` in its place.

    Raises:
        OSError: The reader cannot open the volume.
    """
    opened, root = library.open(VolumeBytes(source))
    try:
        yield from _below(library, root, "", 0, with_content)
    finally:
        opened.close()


def _below(library: Library, folder: Any, path: str, depth: int, with_content: bool) -> Iterator[SecondEntry]:
    for index in range(folder.number_of_sub_file_entries):
        try:
            item = folder.get_sub_file_entry(index)
            if item.name in (".", "..") or item.name is None:
                continue
            found = list(library.entries(item, f"{path}/{item.name}", with_content))
        except OSError:
            yield SecondEntry(path=f"{path}{GAP}{index}", is_directory=False)
            continue
        yield from found
        if found[0].is_directory and depth < _DEEPEST:
            yield from _below(library, item, f"{path}/{item.name}", depth + 1, with_content)
