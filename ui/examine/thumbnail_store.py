"""The thumbnails that the gallery shows: those in sight are asked for, the last few hundred are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from forensics_app.model.showing import is_video
from ui.latest import Latest

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage
    from ui.jobs import JobRunner

MOST_KEPT = 600
AT_ONCE = 6
"""So many are made before those that came into sight meanwhile are asked for."""


@dataclass(frozen=True, slots=True)
class Tile:
    """What is shown of a file: a picture, which may be blurred, or why there is none; a still has a caption."""

    picture: QImage
    why: str = ""
    is_blurred: bool = False
    caption: str = ""


class ThumbnailStore(QObject):
    """``came`` follows each few that came; ``failed`` carries why none can be shown at all."""

    came = Signal()
    failed = Signal(object)

    def __init__(self, owner: QObject, jobs: JobRunner, lab: Callable[[], Lab]) -> None:
        """Start with none."""
        super().__init__(owner)
        self._lab = lab
        self._asking = Latest(self, jobs)
        self._tiles: OrderedDict[int, Tile] = OrderedDict()
        self._image: EvidenceImage | None = None
        self._wanted: list[CatalogueEntry] = []
        self._busy = False

    def show_image(self, image: EvidenceImage | None) -> None:
        """Show another image; what was shown of the one before, or of an older catalogue of it, is dropped."""
        if image != self._image:
            self.forget()
            self._image = image

    def forget(self) -> None:
        """Ask for everything anew, such as after something was concealed or looked at."""
        self._asking.drop()
        self._busy = False
        self._tiles.clear()
        self._wanted = []

    def tile(self, entry_id: int) -> Tile | None:
        """What there is of a file; None while it is on its way."""
        found = self._tiles.get(entry_id)
        if found is not None:
            self._tiles.move_to_end(entry_id)
        return found

    @property
    def holds_blurred(self) -> bool:
        """Whether one of those that are kept is blurred."""
        return any(tile.is_blurred and not tile.picture.isNull() for tile in self._tiles.values())

    def want(self, entries: Sequence[CatalogueEntry]) -> None:
        """Ask for what is in sight now; what was asked for before and is out of sight again is left."""
        self._wanted = [entry for entry in entries if entry.id not in self._tiles]
        self._ask()

    def _next(self) -> list[CatalogueEntry]:
        """Pictures before videos, and these one by one: a still may take seconds."""
        pictures = [entry for entry in self._wanted if not is_video(entry.mime, entry.extension)]
        return pictures[:AT_ONCE] or self._wanted[:1]

    def _ask(self) -> None:
        image, some = self._image, self._next()
        if self._busy or image is None or not some:
            return
        self._busy, lab = True, self._lab()

        def read() -> list[Tile]:
            made = lab.thumbnails.of(image, some)
            return [Tile(QImage.fromData(one.encoded), one.why, one.is_blurred, one.caption) for one in made]

        def take(tiles: list[Tile]) -> None:
            self._busy = False
            for entry, tile in zip(some, tiles, strict=True):
                self._tiles[entry.id] = tile
            while len(self._tiles) > MOST_KEPT:
                self._tiles.popitem(last=False)
            self._wanted = [entry for entry in self._wanted if entry.id not in self._tiles]
            self.came.emit()
            self._ask()

        def fail(error: Exception) -> None:
            self._busy = False
            self._wanted = []
            self.failed.emit(error)

        self._asking.ask(lambda _: read(), take, fail)
