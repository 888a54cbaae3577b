"""The catalogues that are open, one for each image; opened and read in worker threads only."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, cast
from uuid import UUID

if TYPE_CHECKING:
    from forensics_app.model.catalogue import (
        CatalogueEntry,
        CatalogueHeader,
        CataloguePage,
        CatalogueQuery,
        CatalogueSummary,
        PageMark,
        Problem,
        TypeCount,
        Volume,
    )
    from forensics_app.model.image import EvidenceImage

T = TypeVar("T")
_Key: TypeAlias = tuple[UUID, bytes | None]


class Reader(Protocol):
    """What the page asks of a catalogue; any thread may ask. Each raises CatalogueDamagedError."""

    @property
    def header(self) -> CatalogueHeader: ...  # noqa: D102

    @property
    def summary(self) -> CatalogueSummary: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102

    def volumes(self) -> tuple[Volume, ...]: ...  # noqa: D102

    def problems(self) -> tuple[Problem, ...]: ...  # noqa: D102

    def type_counts(self, volume_id: str | None = None) -> tuple[TypeCount, ...]: ...  # noqa: D102

    def entry(self, entry_id: int) -> CatalogueEntry | None: ...  # noqa: D102

    def rows(self, ids: Sequence[int]) -> tuple[CatalogueEntry, ...]: ...  # noqa: D102

    def count(self, query: CatalogueQuery) -> int: ...  # noqa: D102

    def ids(self, query: CatalogueQuery) -> array[int]: ...  # noqa: D102

    def page(  # noqa: D102
        self, query: CatalogueQuery, after: PageMark | None = None, limit: int = 200
    ) -> CataloguePage: ...


class Shelf:
    """Keeps each catalogue open until it is built anew or the case changes."""

    def __init__(self, open_catalogue: Callable[[EvidenceImage], Reader]) -> None:
        """Open through ``open_catalogue`` when a catalogue is first asked for."""
        self._open = open_catalogue
        self._lock = Lock()
        self._readers: dict[_Key, Reader] = {}
        self._contents: dict[_Key, object] = {}

    def content(self, image: EvidenceImage, read: Callable[[Reader], T]) -> T:
        """What ``read`` makes of a catalogue, remembered as long as the catalogue stays the same.

        Raises:
            CatalogueError: There is none, it is being built, or it cannot be used.
        """
        key = (image.id, image.catalogue_sha256)
        reader = self.reader(image)
        if key not in self._contents:
            self._contents[key] = read(reader)
        return cast("T", self._contents[key])

    def reader(self, image: EvidenceImage) -> Reader:
        """The catalogue of ``image`` as it was recorded last.

        Raises:
            CatalogueError: There is none, it is being built, or it cannot be used.
        """
        key = (image.id, image.catalogue_sha256)
        with self._lock:
            if key not in self._readers:
                self._readers[key] = self._open(image)
            return self._readers[key]

    def forget(self, image_id: UUID) -> None:
        """Close what is open of an image, such as before its catalogue is built anew."""
        with self._lock:
            for key in [key for key in self._readers if key[0] == image_id]:
                self._readers.pop(key).close()
                self._contents.pop(key, None)

    def close(self) -> None:
        """Close all."""
        with self._lock:
            self._contents.clear()
            while self._readers:
                self._readers.popitem()[1].close()
