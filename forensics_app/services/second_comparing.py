"""Holds what a second reader lists against a catalogue, folder by folder as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evidence.second_reader.base import GAP, SecondEntry
from evidence.second_reader.comparing import Differs, differences, is_listed_by_both
from forensics_app.db.catalogue import Catalogue
from forensics_app.model.catalogue import TIME_FIELDS, CatalogueEntry, CatalogueQuery
from forensics_app.model.names import storable
from forensics_app.model.second_reading import KEPT_LINES, ONLY_OURS, ONLY_THEIRS, UNREADABLE, DifferingLine

_AT_ONCE = 1_000
_AT_ONE_NAME = "libfsext tells the attributes of a file of several names at one of them"
_Folder = dict[str, CatalogueEntry]


class Comparing:
    """One comparison. Memory grows with the largest folders on one path and by a bit for each entry."""

    def __init__(self, catalogue: Catalogue, volume_id: str, file_system: str, *, with_content: bool) -> None:
        """Compare with ``catalogue``."""
        self._catalogue, self._volume_id, self._type = catalogue, volume_id, file_system
        self._with_content = with_content
        self._seen = bytearray(catalogue.summary.entries // 8 + 1)
        self._folders: dict[str, _Folder] = {}
        self._gaps: Counter[str] = Counter()
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
        """Compare one name; a folder comes before what is in it."""
        around = theirs.path.rpartition("/")[0]
        if GAP in theirs.path:
            self._gaps[around] += 1
            self._note(theirs.path, "", Differs(what=UNREADABLE, ours=None, theirs=None))
            return
        ours = self._folder(around).get(theirs.path)
        if ours is None:
            self._note(theirs.path, "", Differs(what=ONLY_THEIRS, ours=None, theirs=theirs.size_bytes))
            return
        self._seen[ours.id // 8] |= 1 << ours.id % 8
        self.both += 1
        times = {field: stamp.ns for field, stamp in ours.times.items()}
        asked = {field: times.get(field) for field in TIME_FIELDS}
        for one in differences(theirs, ours, asked, self._type, with_content=self._with_content):
            self._note(ours.path, ours.address, one)

    def finish(self) -> None:
        """Name what the second reader did not list.

        What may stand behind a name that it could not read is not named, nor what lies below it; where more is missing
        in a folder than it could not read, all of it is.
        """
        spared, told = self._spared(), self._told_at_another_name()
        for ours in self._missing():
            if ours.path in spared or any(ours.path[:at] in spared for at in _ends(ours.path)):
                continue
            known = _AT_ONE_NAME if ours.kind == "stream" and ours.address in told else ""
            self._note(ours.path, ours.address, Differs(what=ONLY_OURS, ours=ours.size_bytes, theirs=None, known=known))

    def _missing(self) -> Iterator[CatalogueEntry]:
        return (one for one in self._allocated() if not self._is_seen(one) and is_listed_by_both(one))

    def _is_seen(self, ours: CatalogueEntry) -> int:
        return self._seen[ours.id // 8] >> ours.id % 8 & 1

    def _spared(self) -> set[str]:
        """The missing names of folders in which no more are missing than could not be read."""
        missing: dict[str, set[str]] = {folder: set() for folder in self._gaps}
        for ours in self._missing() if self._gaps else ():
            around = ours.path.rpartition("/")[0]
            if around in missing and ours.kind != "stream":
                missing[around].add(ours.path)
        return {path for folder, paths in missing.items() if len(paths) <= self._gaps[folder] for path in paths}

    def _told_at_another_name(self) -> set[str]:
        """Addresses of extended attributes that the second reader told at one name of a file and not at another."""
        if not self._type.startswith("ext"):
            return set()
        missing = {one.address for one in self._missing() if one.kind == "stream"}
        listed = (one for one in self._allocated() if self._is_seen(one)) if missing else ()
        return {one.address for one in listed if one.kind == "stream" and one.address in missing}

    def _allocated(self) -> Iterator[CatalogueEntry]:
        query = CatalogueQuery(volume_id=self._volume_id, deleted=False)
        page = self._catalogue.page(query, None, _AT_ONCE)
        while True:
            yield from (one for one in page.entries if one.volume_id == self._volume_id and one.path != "/")
            if page.next is None:
                return
            page = self._catalogue.page(query, page.next, _AT_ONCE)

    def _folder(self, path: str) -> _Folder:
        """What the catalogue has in a folder, allocated, by path; kept for the folders above the one in sight."""
        if path not in self._folders:
            for other in [one for one in self._folders if one and path != one and not path.startswith(f"{one}/")]:
                del self._folders[other]
            self._folders[path] = self._read(path)
        return self._folders[path]

    def _read(self, path: str) -> _Folder:
        parents: list[int | None] = [None]
        if path:
            folder = self._folder(path.rpartition("/")[0]).get(path)
            parents = [folder.id] if folder else []
        else:
            parents += [one.id for one in self._catalogue.children(self._volume_id, None) if one.path == "/"]
        found = (one for parent in parents for one in self._catalogue.children(self._volume_id, parent))
        return {one.path: one for one in found if one.allocated}

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


def _ends(path: str) -> Iterator[int]:
    """Where the paths of its folders end, and where that of a file does whose stream it may be."""
    return (at for at, letter in enumerate(path) if letter in "/:" and at)


def _plain(value: str | int | bytes | None) -> str | int | None:
    return value.hex() if isinstance(value, bytes) else storable(value) if isinstance(value, str) else value
