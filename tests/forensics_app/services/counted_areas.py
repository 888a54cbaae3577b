"""The areas that a search divides an image into, to be counted against its volumes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evidence.errors import EvidenceError
from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.ranges import Range, joined
from evidence.filesystems.reading import FileReader
from evidence.images.base import Image
from evidence.keys import NO_KEYS, Keys
from evidence.tasks import TASKS
from forensics_app.db.search_contents import SearchedContent, contents_of
from forensics_app.model.areas import has_unallocated
from forensics_app.model.catalogue import Volume
from forensics_app.model.search import SearchRequest
from forensics_app.services.search_plan import Spaces, has_slack, lineage_of
from forensics_app.services.search_spaces import GAPS, bytes_of, spaces_of


class _Silent:
    place = ""

    def progress(self, done: int, total: int) -> None:
        """Nobody waits."""

    def item(self, value: object) -> None:
        """Nobody listens."""

    def note(self, step: str) -> None:
        """Nothing dies."""


@dataclass(slots=True)
class Counted:
    """What lies where in one volume."""

    size_bytes: int
    contents: list[Range] = field(default_factory=list)
    slack: list[Range] = field(default_factory=list)
    free: list[Range] = field(default_factory=list)
    gaps: list[Range] = field(default_factory=list)


class Divided:
    """An image, listed and divided as a search divides it."""

    def __init__(self, image: Image, catalogue: Path, keys: Keys = NO_KEYS) -> None:
        self.volumes: dict[str, Volume] = {}
        with closing(sqlite3.connect(catalogue)) as db:
            db.execute(f"CREATE TABLE files ({', '.join(FILE_COLUMNS)})")
            for seen in examine(image, hash_files=False, keys=keys):
                if isinstance(seen, Volume):
                    self.volumes[seen.id] = seen
                elif isinstance(seen, tuple):
                    db.executemany(f"INSERT INTO files VALUES ({', '.join('?' * len(FILE_COLUMNS))})", seen)
            db.commit()
        self.reader = FileReader(image, keys)
        self._session: Any = {"image": self.reader}
        self.catalogue = catalogue
        self.spaces: Spaces = spaces_of(self.call, catalogue, self.volumes, SearchRequest(terms=("x",)))

    def call(self, name: str, arguments: dict[str, object]) -> object:
        """A call of the reading process, in this one."""
        reporter: Any = _Silent()
        return TASKS[name](self._session, {**arguments, "image": "image"}, reporter)

    def contents(self, volume_id: str) -> Iterator[SearchedContent]:
        """What is listed there and not deleted."""
        return (one for one in contents_of(self.catalogue) if one.volume_id == volume_id and one.is_allocated)

    def readings(self, volume_id: str) -> list[str]:
        """Further readings of the bytes of a volume, and what lies in it."""
        volumes = self.volumes.values()
        return [one.id for one in volumes if one.id != volume_id and bytes_of(self.volumes, one).id == volume_id]

    def counted(self, volume_id: str) -> Counted:
        """What lies in a volume, by all readings of its bytes."""
        size = self.reader.media(lineage_of(self.volumes, volume_id)).media_bytes
        found = Counted(size, gaps=[(start, length) for start, length in self.spaces[f"{volume_id} {GAPS}"]])
        for one in (volume_id, *self.readings(volume_id)):
            lineage, system = lineage_of(self.volumes, one), self.volumes[one].file_system
            assert system is not None
            if has_unallocated(system.type, self.volumes[one].kind):
                try:
                    found.free += self.reader.unallocated(lineage).ranges
                except EvidenceError:
                    assert f"{one} unallocated" not in self.spaces, "it is searched with the gaps"
            for content in self.contents(one):
                try:
                    found.contents += self.reader.occupied(lineage, content.address)
                except EvidenceError:
                    continue
                if has_slack(self.volumes, content):
                    found.slack += self.reader.slack(lineage, content.address).ranges
        return found

    def wrongly_placed(self, volume_id: str) -> list[str]:
        """Contents whose bytes are not those at the places that are told for them."""
        lineage, wrong = lineage_of(self.volumes, volume_id), []
        source = self.reader.media(lineage)
        for content in self.contents(volume_id):
            try:
                opened = self.reader.content(lineage, content.address)
            except EvidenceError:
                continue
            for at, start, length in opened.stretches(0, opened.size_bytes):
                if source.read_at(start, length) != opened.read(at, length):
                    wrong.append(f"{content.address} at {at}")
        return wrong


def all_of(found: Counted) -> list[Range]:
    """All areas together."""
    return joined((*found.contents, *found.slack, *found.free, *found.gaps))


def bytes_in(ranges: list[Range]) -> int:
    """How many bytes lie in any of them."""
    return sum(length for _, length in joined(ranges))
