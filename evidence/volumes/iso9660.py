"""The trees of an ISO 9660 disc that its main reading does not show: Rock Ridge, Joliet, earlier and later sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, count
from typing import TypeAlias

from evidence.filesystems import signatures
from evidence.filesystems.base import FileRow
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.iso import Descriptor, IsoTree, descriptors
from evidence.filesystems.iso_main import open_main
from evidence.filesystems.opened import FileSystemError, OpenedFileSystem
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.shares import Share
from evidence.volumes.base import Readable
from evidence.volumes.layers import Beside, Inner, Layer

_MAX_COMPARED = 500_000
_Line: TypeAlias = tuple[str, Descriptor, IsoTree]
_Names: TypeAlias = frozenset[tuple[str, str, int]]
_Places: TypeAlias = frozenset[tuple[str, tuple[tuple[int, int], ...]]]
_WORDS = {
    "primary": "ISO 9660 tree",
    "joliet": "Joliet tree",
    "enhanced": "ISO 9660:1999 tree",
    "supplementary": "supplementary ISO 9660 tree",
}


def open_iso9660(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """Every tree that holds other names, sizes or places than the main reading and the trees before it."""
    found = signatures.iso9660(source)
    if found is None:
        return None
    all_descriptors, problems = descriptors(source)
    trees: list[_Line] = []
    for descriptor in all_descriptors:
        try:
            tree = IsoTree(source, descriptor)
        except UNREADABLE as error:
            what = (
                f"The root of the {_WORDS[descriptor.kind]} of the session at {descriptor.session} is damaged: {error}"
            )
            problems.append(Problem(what=what, where="", offset_bytes=descriptor.root.offset_bytes))
            continue
        trees.append((_slot(descriptor, tree, trees), descriptor, tree))
    volumes = [_inner(*line) for line in _worth_showing(source, found, trees)]
    return Layer(volumes=tuple(volumes), is_beside=True, problems=tuple(problems))


def _slot(descriptor: Descriptor, tree: IsoTree, before: list[_Line]) -> str:
    kind = "rock_ridge" if tree.has_rock_ridge else descriptor.kind
    base = kind if not descriptor.session else f"{kind}-{descriptor.session}"
    taken = {slot for slot, _, _ in before}
    return next(slot for slot in chain((base,), (f"{base}-{n}" for n in count(2))) if slot not in taken)


def _inner(slot: str, descriptor: Descriptor, tree: IsoTree) -> Inner:
    words = f"{_WORDS[descriptor.kind]}{' with Rock Ridge' if tree.has_rock_ridge else ''}"
    if descriptor.session:
        words += f" of the session at sector {descriptor.session}"
    return Inner(
        slot=slot,
        kind="logical",
        description=f"The same bytes read as {words}",
        length_bytes=tree.size_bytes,
        file_system=tree,
    )


def _worth_showing(source: Readable, found: signatures.Found, trees: list[_Line]) -> Iterator[_Line]:
    """The trees that hold anything that the main reading and the trees before them do not.

    Trees with the same names and other extents are all shown: which of them the main reading follows is not known.
    """
    try:
        shown = {_names(open_main(source, found))}
    except FileSystemError:
        shown = set()
    names = [_names(tree) for _, _, tree in trees]
    places: list[_Places] = [_places(tree) for _, _, tree in trees]
    for index, line in enumerate(trees):
        alike = [places[other] for other in range(len(trees)) if names[other] == names[index]]
        is_first = places[index] not in [places[other] for other in range(index) if names[other] == names[index]]
        is_other = names[index] not in shown or line[2].has_rock_ridge or any(one != alike[0] for one in alike)
        if is_first and is_other:
            yield line
        shown.add(names[index])


def _names(opened: OpenedFileSystem) -> _Names:
    """Path, kind and size of what is allocated; the orphans of a reader aside."""
    return frozenset(
        (row[5], row[7], 0 if row[7] == "directory" else row[11])
        for row in _rows(opened)
        if row[8] and not row[5].startswith("/$OrphanFiles")
    )


def _places(tree: IsoTree) -> _Places:
    """Where every content lies."""
    found = set()
    for row in _rows(tree):
        if row[7] == "file":
            with suppress(*UNREADABLE):
                found.add((row[5], tree.stored(row[12]).pieces))
    return frozenset(found)


def _rows(opened: OpenedFileSystem) -> Iterator[FileRow]:
    left = _MAX_COMPARED
    for batch in opened.lister("", count(1).__next__, None, lambda entries: None, Share()).run():
        if not isinstance(batch, Problem):
            yield from batch
            left -= len(batch)
            if left <= 0:
                return
