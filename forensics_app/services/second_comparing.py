"""Holds what a second reader lists against a catalogue, folder by folder as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evidence.second_reader.base import SecondEntry
from evidence.second_reader.comparing import ATTRIBUTE_ONCE, Differs, differences, is_listed_by_both
from evidence.second_reader.pairing import Pairing
from forensics_app.db.catalogue import Catalogue
from forensics_app.model.catalogue import TIME_FIELDS, CatalogueEntry, CatalogueQuery
from forensics_app.model.names import storable
from forensics_app.model.second_reading import KEPT_LINES, ONLY_OURS, ONLY_THEIRS, UNREADABLE, DifferingLine

_AT_ONCE = 1_000


class Comparing:
    """One comparison. Memory grows with the largest folder, the folders still to come, and by a bit for each entry."""

    def __init__(self, catalogue: Catalogue, volume_id: str, file_system: str, *, with_content: bool) -> None:
        """Compare with ``catalogue``."""
        self._catalogue, self._volume_id, self._type = catalogue, volume_id, file_system
        self._with_content = with_content
        self._seen = bytearray(catalogue.summary.entries // 8 + 1)
        self._folders: dict[str, int] = {}
        self._here: str | None = None
        self._ours: tuple[CatalogueEntry, ...] = ()
        self._pairing: Pairing[CatalogueEntry] = Pairing((), file_system)
        self._lines: list[DifferingLine] = []
        self._known_lines: list[DifferingLine] = []
        self.both = 0
        self.counts: Counter[str] = Counter()
        self.known: Counter[str] = Counter()

    @property
    def lines(self) -> tuple[DifferingLine, ...]:
        """What differs; what is known comes last."""
        return tuple((self._lines + self._known_lines)[:KEPT_LINES])

    def take(self, theirs: SecondEntry) -> None:
        """Compare one name; all of a folder come one after the other, and before what is in the folders among them."""
        if theirs.folder != self._here:
            self._leave()
            self._here, self._ours = theirs.folder, self._read(theirs.folder)
            self._pairing = Pairing(self._ours, self._type)
        ours = self._pairing.take(theirs)
        if ours is not None:
            self._compare(theirs, ours)

    def finish(self) -> None:
        """Name what the second reader did not list."""
        self._leave()
        for ours in self._allocated():
            if not self._is_seen(ours) and is_listed_by_both(ours):
                known = ATTRIBUTE_ONCE if self._is_listed_attribute(ours) else ""
                one = Differs(what=ONLY_OURS, ours=ours.size_bytes, theirs=None, known=known)
                self._note(ours.path, ours.address, one)

    def _leave(self) -> None:
        """Compare what is left of the folder in sight."""
        for theirs, ours in self._pairing.rest():
            if ours is not None:
                self._compare(theirs, ours)
            elif not theirs.is_named:
                self._note(theirs.path, "", Differs(what=UNREADABLE, ours=None, theirs=None))
            else:
                self._note(theirs.path, "", Differs(what=ONLY_THEIRS, ours=None, theirs=theirs.size_bytes))

    def _compare(self, theirs: SecondEntry, ours: CatalogueEntry) -> None:
        self._see(ours)
        self.both += "entry" not in theirs.unread
        if theirs.is_directory:
            self._folders[theirs.path] = ours.id
        if "streams" in theirs.unread or "entry" in theirs.unread:
            self._see_streams(ours)
        if "entry" in theirs.unread:
            self._see_below(ours)
        times = {field: stamp.ns for field, stamp in ours.times.items()}
        asked = {field: times.get(field) for field in TIME_FIELDS}
        for differing in differences(theirs, ours, asked, self._type, with_content=self._with_content):
            self._note(ours.path, ours.address, differing)

    def _see(self, ours: CatalogueEntry) -> None:
        self._seen[ours.id // 8] |= 1 << ours.id % 8

    def _see_streams(self, owner: CatalogueEntry) -> None:
        """Leave out the streams of what the second reader cannot read."""
        for one in self._ours:
            if one.kind == "stream" and one.path.startswith(f"{owner.path}:"):
                self._see(one)

    def _see_below(self, ours: CatalogueEntry) -> None:
        """Leave out what lies in a folder whose own entry the second reader cannot read."""
        todo = [ours]
        while todo:
            for one in self._catalogue.children(self._volume_id, todo.pop().id):
                self._see(one)
                todo += [one] if one.kind == "directory" else []

    def _is_seen(self, ours: CatalogueEntry) -> bool:
        return bool(self._seen[ours.id // 8] >> ours.id % 8 & 1)

    def _is_listed_attribute(self, ours: CatalogueEntry) -> bool:
        """Whether it is an attribute of ext that the second reader listed, by another name of the same file."""
        if not self._type.startswith("ext") or ours.kind != "stream":
            return False
        same = (ours.volume_id, ours.size_bytes, ours.md5)
        return any(
            self._is_seen(one) and (one.volume_id, one.size_bytes, one.md5) == same
            for one in self._catalogue.with_addresses([ours.address])
        )

    def _allocated(self) -> Iterator[CatalogueEntry]:
        query = CatalogueQuery(volume_id=self._volume_id, deleted=False)
        page = self._catalogue.page(query, None, _AT_ONCE)
        while True:
            yield from (one for one in page.entries if one.volume_id == self._volume_id and one.path != "/")
            if page.next is None:
                return
            page = self._catalogue.page(query, page.next, _AT_ONCE)

    def _read(self, path: str) -> tuple[CatalogueEntry, ...]:
        """What the catalogue has in a folder of the second reader, allocated; nothing where it has no such folder."""
        parents: list[int | None] = [self._folders.pop(path)] if path in self._folders else []
        if not path:
            parents = [None, *(one.id for one in self._catalogue.children(self._volume_id, None) if one.path == "/")]
        found = (one for parent in parents for one in self._catalogue.children(self._volume_id, parent))
        return tuple(one for one in found if one.allocated and one.path != "/")

    def _note(self, path: str, address: str, one: Differs) -> None:
        line = DifferingLine(
            path=storable(path),
            address=address,
            what=one.what,
            ours=_plain(one.ours),
            theirs=_plain(one.theirs),
            known=one.known,
        )
        if one.known:
            self.known[one.known] += 1
        else:
            self.counts[one.what] += 1
        kept = self._known_lines if one.known else self._lines
        if len(kept) < KEPT_LINES:
            kept.append(line)


def _plain(value: str | int | bytes | None) -> str | int | None:
    return value.hex() if isinstance(value, bytes) else storable(value) if isinstance(value, str) else value
