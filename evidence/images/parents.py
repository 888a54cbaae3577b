"""Where the parent of a differencing disk may lie, by the names that the disk keeps of it.

A name comes from the evidence, so it is never followed out of the folder of the disk: what is tried is a relative path
down from there, and the bare name beside the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, urlsplit

CHAIN_MAX = 64
"""So many disks may build on each other; Hyper-V allows fewer."""


def bare_name(name: str) -> str:
    """The last part of a path or file URL of Windows or macOS."""
    if name.startswith("file:"):
        try:
            name = unquote(urlsplit(name).path)
        except ValueError:
            return ""
    return PureWindowsPath(name).name


def candidates(child: Path, names: Sequence[str], given: Iterable[Path]) -> Iterator[Path]:
    """Files that may be the parent of ``child``: those given, then by the names in their order. Each exists.

    Args:
        child: The differencing disk.
        names: What it calls its parent: paths of Windows, relative or absolute, or file URLs.
        given: Other files that the user named.
    """
    tried: set[Path] = {child}
    for path in (*given, *(found for name in names for found in _by_name(child.parent, name))):
        if path not in tried:
            tried.add(path)
            yield path


def _by_name(folder: Path, name: str) -> Iterator[Path]:
    relative = PureWindowsPath(name)
    if "\0" in name or not relative.name:
        return
    inside = not relative.drive and not relative.root and ".." not in relative.parts
    if inside and not name.startswith("file:"):
        path = folder.joinpath(*relative.parts)
        if _is_file(path):
            yield path
    bare = bare_name(name)
    if not bare or "/" in bare:
        return
    if _is_file(folder / bare):
        yield folder / bare
        return
    yield from (path for path in _files_of(folder) if path.name.casefold() == bare.casefold())


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


def _files_of(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return []
