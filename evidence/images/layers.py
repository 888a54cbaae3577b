"""Images that stand on others: an overlay and its backing file, a snapshot and its parent.

A name written in evidence is never followed out of the folder of the image that has it: what lies elsewhere, or is
named by an absolute path, is looked for by its base name beside that image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evidence.errors import DamagedContainerError, MissingSegmentError
from evidence.images.base import Image
from evidence.images.raw import open_raw

LAYERS_MAX = 64
_NAME_CHARACTERS_MAX = 4096


def find_named(name: str, beside: Path, given: Sequence[Path] = ()) -> Path | None:
    """Find the file that an image names: among those ``given``, or in the folder of the image ``beside``.

    Args:
        name: As written in the image; both kinds of slashes part it.
        beside: The image that has the name.
        given: Files that the user gave, looked at first, by their base name.
    """
    if not name or "\0" in name or len(name) > _NAME_CHARACTERS_MAX:
        return None
    written = PurePosixPath(name.removeprefix("file:").replace("\\", "/"))
    base = written.name
    if base in ("", ".."):
        return None
    for path in given:
        if path.name.casefold() == base.casefold():
            return path
    inside = not written.is_absolute() and ".." not in written.parts and ":" not in written.parts[0]
    for candidate in (beside.parent / written, beside.parent / base) if inside else (beside.parent / base,):
        if _is_file(candidate):
            return candidate
    return _spelt_otherwise(beside.parent, base)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file() or path.is_block_device()
    except OSError:
        return False


def _spelt_otherwise(folder: Path, base: str) -> Path | None:
    try:
        return next((path for path in folder.iterdir() if path.name.casefold() == base.casefold()), None)
    except OSError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The way down to an image.

    Attributes:
        opener: Opens what a path leads to, by its content.
        above: The images that stand on it, from the top.
    """

    opener: Callable[[Sequence[Path], Layers], Image]
    above: tuple[Path, ...] = ()

    def open_below(self, name: str, overlay: Path, *, raw: bool = False) -> Image:
        """Open the image that ``overlay`` says it stands on.

        Args:
            name: As written in the overlay.
            overlay: The path of the overlay.
            raw: Whether the overlay says that it is raw, whatever it looks like.

        Raises:
            MissingSegmentError: There is no such file.
            DamagedContainerError: It is one of those above it, or there are too many.
            SourceError: It cannot be opened.
        """
        found = find_named(name, overlay)
        if found is None:
            raise MissingSegmentError((*self.above, overlay), [name])
        above = (*self.above, overlay)
        if any(_same(found, other) for other in above):
            raise DamagedContainerError(overlay, f"the images stand on each other in a circle: {name}", None)
        if len(above) > LAYERS_MAX:
            raise DamagedContainerError(overlay, f"more than {LAYERS_MAX} images stand on each other", None)
        if raw:
            return open_raw([found], beside=False)
        return self.opener([found], Layers(opener=self.opener, above=above))


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return path == other
