"""The folder of a Parallels disk: a descriptor, and one image for each state of the disk, standing on each other.

Source: "Parallels Hard Disk image format", J. Metz, libphdi documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

from evidence.errors import DamagedContainerError, MissingSegmentError, UnsupportedContainerError
from evidence.images.base import Image, Problem
from evidence.images.layers import LAYERS_MAX, find_named
from evidence.images.mapped import BadBlockError, Described, MappedImage, Run, RunKind
from evidence.images.parallels import SECTOR_BYTES, open_on
from evidence.images.raw import open_raw
from evidence.images.signatures import PARALLELS_DESCRIPTOR_NAME
from evidence.images.source import SourceFile, SourceSet

DESCRIPTOR_BYTES_MAX = 1024 * 1024
BLOCK_BYTES = 1024 * 1024

_NOBODY = "{00000000-0000-0000-0000-000000000000}"


class _Whole:
    """A map that leads down for every byte: the descriptor itself has none."""

    block_bytes = BLOCK_BYTES

    def runs(self, _: int, size_bytes: int, /) -> Iterator[Run]:
        if size_bytes:
            yield Run(RunKind.BELOW, size_bytes)

    def unpack(self, run: Run, _: int, /) -> bytes:
        raise BadBlockError(f"the block at byte {run.place_bytes} is not packed")


def open_bundle(paths: Sequence[Path]) -> MappedImage:
    """Open a Parallels disk by its folder or its descriptor, in its present state.

    Raises:
        MissingSegmentError: An image is missing; says which.
        UnsupportedContainerError: It is encrypted, split, or has several present states.
        DamagedContainerError: The descriptor says what cannot be.
        SourceError: A file cannot be opened.
    """
    path = paths[0] / PARALLELS_DESCRIPTOR_NAME if paths[0].is_dir() else paths[0]
    return _open_state(path, _parsed(path), "")


def open_expanding(paths: Sequence[Path]) -> MappedImage:
    """Open an expanding image; where it stands on others by the descriptor beside it, with these.

    Raises:
        SourceError: As for ``open_bundle``.
    """
    path = paths[0]
    descriptor = path.with_name(PARALLELS_DESCRIPTOR_NAME)
    if descriptor.is_file():
        root = _parsed(descriptor)
        files = [image.findtext("File", "").strip() for image in root.iterfind("StorageData/Storage/Image")]
        if len(files) > 1 and path.name in files:
            return _open_state(descriptor, root, path.name)
    return open_on(path, None)


def _open_state(path: Path, root: ElementTree.Element, top: str) -> MappedImage:
    if root.findtext("Disk_Parameters/Encryption/Engine", _NOBODY).strip() not in ("", _NOBODY):
        raise UnsupportedContainerError(path, "Parallels encrypted")
    states, snapshots = _states(path, root, top)
    with ExitStack() as opened:
        files = SourceSet([path])
        opened.callback(files.close)
        below = _stacked(path, states)
        opened.callback(below.close)
        said = Described(
            container="parallels",
            media_bytes=below.media_bytes,
            metadata={**below.metadata, "format": "Parallels disk", "snapshots": str(snapshots)},
            problems=[*_held_against(path, root, below), *_told(path, snapshots)],
        )
        image = MappedImage(files, _Whole(), said, below)
        opened.pop_all()
        return image


def _parsed(path: Path) -> ElementTree.Element:
    file = SourceFile(path)
    try:
        if file.size_bytes > DESCRIPTOR_BYTES_MAX:
            raise DamagedContainerError(path, f"the descriptor has {file.size_bytes} bytes", None)
        data = file.read(0, file.size_bytes)
    finally:
        file.close()
    if b"<!" in data.replace(b"<!--", b""):
        raise DamagedContainerError(path, "the descriptor has declarations that do not belong there", None)
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise DamagedContainerError(path, f"the descriptor is no proper XML: {error}", None) from error


def _states(path: Path, root: ElementTree.Element, top: str) -> tuple[list[ElementTree.Element], int]:
    """The images that make up one state, from the top, and how many other images there are.

    Args:
        path: The descriptor.
        root: What it says.
        top: The file that is the state; "" for the present one.
    """
    storages = root.findall("StorageData/Storage")
    if len(storages) != 1:
        raise UnsupportedContainerError(path, f"Parallels of {len(storages)} parts (split)")
    images = {image.findtext("GUID", "").strip().lower(): image for image in storages[0].findall("Image")}
    if not images:
        raise DamagedContainerError(path, "the descriptor names no image", None)
    parents = {
        shot.findtext("GUID", "").strip().lower(): shot.findtext("ParentGUID", _NOBODY).strip().lower()
        for shot in root.findall("Snapshots/Shot")
    }
    said = root.findtext("Snapshots/TopGUID", "").strip().lower()
    tops = [said] if said in images else [name for name in images if name not in parents.values()]
    tops = [name for name, image in images.items() if image.findtext("File", "").strip() == top] if top else tops
    if len(tops) != 1:
        raise UnsupportedContainerError(path, f"Parallels with {len(tops)} present states")
    chain: list[ElementTree.Element] = []
    name = tops[0]
    while name != _NOBODY:
        if name not in images or len(chain) > min(LAYERS_MAX, len(images)):
            raise DamagedContainerError(path, f"the snapshots of the descriptor lead to no image: {name}", None)
        chain.append(images[name])
        name = parents.get(name, _NOBODY)
    return chain, len(images) - 1


def _stacked(path: Path, states: list[ElementTree.Element]) -> Image:
    names = [state.findtext("File", "").strip() for state in states]
    found = [find_named(name, path) for name in names]
    if None in found:
        there = [file for file in found if file is not None]
        missing = [name for name, file in zip(names, found, strict=True) if file is None]
        raise MissingSegmentError([path, *there], missing)
    with ExitStack() as opened:
        below: Image | None = None
        for state, file in zip(reversed(states), reversed(found), strict=True):
            kind = state.findtext("Type", "").strip().lower()
            if file is None or kind not in ("plain", "compressed") or (kind == "plain" and below is not None):
                raise UnsupportedContainerError(path, f"Parallels with an image of type {kind}")
            below = open_raw([file], beside=False) if kind == "plain" else open_on(file, below)
            opened.pop_all()
            opened.callback(below.close)
        opened.pop_all()
    if below is None:
        raise DamagedContainerError(path, "the descriptor names no image", None)
    return below


def _held_against(path: Path, root: ElementTree.Element, below: Image) -> Iterator[Problem]:
    text = root.findtext("Disk_Parameters/Disk_size", "").strip()
    size = int(text) * SECTOR_BYTES if text.isascii() and text.isdigit() and len(text) < 20 else None
    if size != below.media_bytes:
        what = f"The descriptor says {size} bytes, and the image has {below.media_bytes}."
        yield Problem(what=what, where=path.name, offset_bytes=None)


def _told(path: Path, snapshots: int) -> Iterator[Problem]:
    if snapshots:
        what = f"The disk has {snapshots} snapshots: earlier states, which are not shown by themselves."
        yield Problem(what=what, where=path.name, offset_bytes=None, is_damage=False)
