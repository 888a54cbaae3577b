"""Opens whatever image a path leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError, NotAnImageError
from evidence.images.base import Image
from evidence.images.containers import Container
from evidence.images.detect import identify
from evidence.images.layers import Layers
from evidence.images.raw import open_raw
from evidence.images.segments import raw_beside
from evidence.later import Later

_NAMED_LIKE_A_CONTAINER = re.compile(
    r"\.(?:[esl]\d\d|[el]x\d\d|qcow2?|vhdx?|avhdx?|vmdk|vdi|dmg|aff|aff4|ad1|hdd|wim)", re.IGNORECASE
)

_NAMED_LIKE_A_PART_OF_VHD = re.compile(r"\.v(?:hd|\d\d)", re.IGNORECASE | re.ASCII)
_IS_SPLIT_VHD, _OPEN_VHD = Later("evidence.images.vhd_set", "is_split"), Later("evidence.images.vhd", "open_vhd")


def open_image(paths: Sequence[Path]) -> Image:
    """Open an image, by what its first file holds; names only help to find the other segments.

    One path is enough where the segments lie beside it. Several paths are one image: the segments of a raw image in
    the order given (or of their numbers, if they are numbered), those of an EWF set in any order.

    Raises:
        NotAnImageError: A folder, an empty file, a text, a document ...
        UnsupportedContainerError: A container without a reader, which must not be read as raw.
        MissingSegmentError: Segments are missing; says which.
        DamagedContainerError: What is needed to find the media is damaged.
        SourceAccessError: A file cannot be read.
        ValueError: No path was given.
    """
    if not paths:
        raise ValueError("no path was given")
    return _open([Path(path) for path in paths], Layers(opener=_open))


def _open(files: Sequence[Path], layers: Layers) -> Image:
    container, files = _identified(files)
    if container is not None:
        with _named(container.name):
            return container.open_with(files, layers)
    if _NAMED_LIKE_A_PART_OF_VHD.fullmatch(files[0].suffix) and _IS_SPLIT_VHD(files[0]):
        with _named("vhd"):
            opened: Image = _OPEN_VHD(files)
            return opened
    with _named("raw"):
        return open_raw(files, named_otherwise=bool(_NAMED_LIKE_A_CONTAINER.fullmatch(files[0].suffix)))


def _identified(files: Sequence[Path]) -> tuple[Container | None, Sequence[Path]]:
    """Which container the files are, and what to open it by.

    A later segment of a raw image may begin like anything, so what the first one is counts then.
    """
    first = raw_beside(files[0])[0][0]
    try:
        container = identify(files[0])
    except NotAnImageError:
        if first == files[0]:
            raise
        container = None
    if container is not None or first == files[0]:
        return container, files
    whole = identify(first)
    return whole, files if whole is None else [first]


@contextmanager
def _named(container: str) -> Iterator[None]:
    """Let errors say which container it is that cannot be opened; of images that stand on others, the uppermost."""
    try:
        yield
    except (DamagedContainerError, MissingSegmentError) as error:
        error.container = container
        raise
