"""The catalogues that are open, one for each image; opened and read in worker threads only."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, cast
from uuid import UUID

from forensics_app.model.catalogue import CatalogueUnfinishedError

if TYPE_CHECKING:
    from forensics_app.model.catalogue import (
        CatalogueEntry,
        CatalogueHeader,
        CataloguePage,
        CatalogueQuery,
        CatalogueSummary,
        PageMark,
        Problem,
        TimeRule,
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

    def size_counts(self, steps: Sequence[int]) -> tuple[int, ...]: ...  # noqa: D102

    def time_rules(self) -> tuple[TimeRule, ...]: ...  # noqa: D102

    def stoppable(self, ask: Callable[[], None]) -> AbstractContextManager[None]: ...  # noqa: D102

    def entry(self, entry_id: int) -> CatalogueEntry | None: ...  # noqa: D102

    def with_paths(self, paths: Sequence[str]) -> tuple[CatalogueEntry, ...]: ...  # noqa: D102

    def rows(self, ids: Sequence[int]) -> tuple[CatalogueEntry, ...]: ...  # noqa: D102

    def count(self, query: CatalogueQuery) -> int: ...  # noqa: D102

    def ids(self, query: CatalogueQuery) -> array[int]: ...  # noqa: D102

    def page(  # noqa: D102
        self, query: CatalogueQuery, after: PageMark | None = None, limit: int = 200
    ) -> CataloguePage: ...


class Shelf:
    """Keeps each catalogue open until it is built anew or the case changes."""

    def __init__(
        self,
        open_catalogue: Callable[[EvidenceImage], Reader],
        open_unfinished: Callable[[EvidenceImage], Reader] | None = None,
    ) -> None:
        """Open through ``open_catalogue`` when a catalogue is first asked for; the other opens what is being built."""
        self._open, self._open_unfinished = open_catalogue, open_unfinished
        self._asked: set[UUID] = set()
        self._unfinished: set[UUID] = set()
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
                self._readers[key] = self._opened(image)
            return self._readers[key]

    def ask_unfinished(self, image_id: UUID) -> None:
        """Show what there is of an image's catalogue, although it is being built: the old one, or the unfinished."""
        self.forget(image_id)
        self._asked.add(image_id)

    def is_asked(self, image_id: UUID) -> bool:
        """Whether what there is of it is shown while it is built."""
        return image_id in self._asked

    def is_unfinished(self, image_id: UUID) -> bool:
        """Whether what is open of an image is not complete."""
        return image_id in self._unfinished

    def _opened(self, image: EvidenceImage) -> Reader:
        self._unfinished.discard(image.id)
        try:
            return self._open(image)
        except CatalogueUnfinishedError:
            if self._open_unfinished is None or image.id not in self._asked:
                raise
            self._asked.discard(image.id)
            reader = self._open_unfinished(image)
            self._asked.add(image.id)
            self._unfinished.add(image.id)
            return reader

    def forget(self, image_id: UUID) -> None:
        """Close what is open of an image, such as before its catalogue is built anew."""
        with self._lock:
            self._asked.discard(image_id)
            self._unfinished.discard(image_id)
            for key in [key for key in self._readers if key[0] == image_id]:
                self._readers.pop(key).close()
                self._contents.pop(key, None)

    def close(self) -> None:
        """Close all."""
        with self._lock:
            self._contents.clear()
            while self._readers:
                self._readers.popitem()[1].close()
