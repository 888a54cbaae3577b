"""Files and folders of an image, written with their tree into a new folder and nowhere else."""

from __future__ import annotations

import hashlib
import os
import shutil
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from evidence.durable import sync_folder
from evidence.errors import ChildStartError, EvidenceError, MissingSegmentError, SourceAccessError, SourceChangedError
from forensics_app import __version__
from forensics_app.db.tables import CASE, EXHIBIT
from forensics_app.errors import HiddenContentError, LabUnusableError, OutcomeUnknownError, RefusedError, explain
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.finding import LeftOut, TreeExport
from forensics_app.model.image import EvidenceImage, OnProgress
from forensics_app.model.names import storable
from forensics_app.model.person import SignedIn
from forensics_app.services.carried import Carried
from forensics_app.services.concealing import place_of
from forensics_app.services.copying_out import in_pieces, keep_times, read_back
from forensics_app.services.export_manifest import Line, Manifest
from forensics_app.services.hidden_names import HiddenNames
from forensics_app.services.safe_names import TakenNames, safe_name

if TYPE_CHECKING:
    from forensics_app.db.catalogue import Catalogue
    from forensics_app.services.exporting import Exporting

FILES = "files"
INCOMPLETE = "EXPORT NOT COMPLETE.txt"
_INCOMPLETE_WORDS = (
    "This export is not complete and not in the record of the lab. It runs, or was stopped by force.\n"
    "When it does not run any more, delete this folder and export again.\n"
)
_LONG = "long paths"
_LONGEST_PATH_CHARACTERS = 180
"""Below the target; Windows gives a path 260 in all."""
_MOST_CHARACTERS, _HALF_CHARACTERS = 80, 38
_ROWS_AT_ONCE = 500
_MOST_TOLD = 50
_NOTE_NOT_WRITTEN = "Its note names what is marked or concealed and is not written here."
_TARGET_NOT_WRITTEN = "Its target names what is marked or concealed and is not written here."
_NO_CONTENT = {
    "link": "a symbolic link; what is known of its target is in this manifest, and no link was made",
    "fifo": "a named pipe has no content",
    "socket": "a socket has no content",
    "character": "a device has no content",
    "block": "a device has no content",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be exported: ids of entries, parents first, those that begin a tree, and their sizes in bytes."""

    ids: array[int]
    tops: frozenset[int]
    size_bytes: int


@dataclass(slots=True)
class _Way:
    """Where the entries of a folder go: its path from the target, and the names given in it."""

    path: str
    names: TakenNames = field(default_factory=TakenNames)


class ExportedTree:
    """One export. What it makes lies below ``target``, which it makes itself; no link is ever made or followed."""

    def __init__(
        self, exporting: Exporting, actor: SignedIn, image: EvidenceImage, catalogue: Catalogue, target: Path
    ) -> None:
        """Prepare; nothing is written."""
        self._exporting, self._actor, self._image = exporting, actor, image
        self._catalogue, self._target = catalogue, target
        self._carried = Carried(exporting.examine, image, catalogue)
        self._hidden_names = HiddenNames(exporting.examine, image, catalogue)
        self._ways: dict[int, _Way] = {}
        self._path_bytes: dict[int, bytes] = {}
        self._folders: list[tuple[Path, CatalogueEntry]] = []
        self._top, self._long = _Way(FILES), _Way(f"{FILES}/{_LONG}")
        self._top.names.take(_LONG)
        self._files = self._size_bytes = self._left_out_count = self._hidden = 0
        self._left_out: list[LeftOut] = []

    def plan(self, chosen: Sequence[CatalogueEntry]) -> Plan:
        """Find out what is in the chosen folders.

        Raises:
            RefusedError: Nothing is chosen, or the disk has not the room.
            LabUnusableError: The folder to export to is not there.
            CatalogueError: The catalogue cannot be read.
        """
        if not chosen:
            raise RefusedError("Nothing is chosen to be exported.")
        below: set[int] = set()
        for entry in chosen:
            if entry.id not in below and entry.kind in ("directory", "virtual"):
                query = CatalogueQuery(folder_id=entry.id, recursive=True)
                below.update(self._catalogue.ids(query))
        tops = frozenset(entry.id for entry in chosen if entry.id not in below)
        volumes = {entry.volume_id for entry in chosen}
        found, size_bytes = array("q"), 0
        for entry in self._rows(array("q", sorted(below | tops))):
            if entry.volume_id in volumes:
                found.append(entry.id)
                size_bytes += entry.size_bytes if _has_content(entry) else 0
        try:
            room_bytes = shutil.disk_usage(self._target.parent).free
        except OSError as error:
            raise LabUnusableError(f"{self._target.parent} cannot be written: {error.strerror}.") from error
        if size_bytes > room_bytes:
            raise RefusedError(
                f"The files have {size_bytes:,} bytes; {self._target.parent} has room for {room_bytes:,}.",
                then="Choose another disk, or fewer files.",
            )
        return Plan(ids=found, tops=tops, size_bytes=size_bytes)

    @contextmanager
    def kept_only_if_recorded(self) -> Iterator[None]:
        """Make the folder, and remove it with all that is in it when the block that writes and records it fails."""
        try:
            self._target.mkdir()
        except OSError as error:
            raise LabUnusableError(f"The folder {self._target} cannot be made: {error.strerror}.") from error
        try:
            yield
        except OutcomeUnknownError as error:
            error.kept = f"{error.kept} The folder {self._target} was kept."
            raise
        except OSError as error:
            shutil.rmtree(self._target, ignore_errors=True)
            where = error.filename or self._target
            raise LabUnusableError(
                f"{where} cannot be written: {error.strerror}.",
                kept="The folder was removed again, and nothing was recorded.",
            ) from error
        except BaseException:
            shutil.rmtree(self._target, ignore_errors=True)
            raise

    def write(self, plan: Plan, on_progress: OnProgress) -> TreeExport:
        """Write everything, and the manifest.

        Raises:
            HiddenContentError: All of it is marked or concealed.
            RefusedError: Nothing could be exported.
            EvidenceError: The image cannot be opened.
            OSError: The target cannot be written.
        """
        target = self._target
        (target / INCOMPLETE).write_text(_INCOMPLETE_WORDS, encoding="utf-8")
        (target / FILES).mkdir()
        done_bytes = 0
        with Manifest(target, *self._head(plan)) as manifest:
            for entry, concealed in self._with_what_conceals(plan.ids):

                def report(done: int, total: int, before: int = done_bytes) -> None:
                    on_progress(before + done, plan.size_bytes)

                manifest.add(self._nameless(self._one(entry, concealed, report, is_top=entry.id in plan.tops)))
                done_bytes += entry.size_bytes if _has_content(entry) else 0
                on_progress(done_bytes, plan.size_bytes)
            if not self._files and not self._folders:
                raise self._why_nothing()
            for path, entry in reversed(self._folders):
                keep_times(path, entry, self._zone)
                sync_folder(path)
            totals = {"files": self._files, "folders": len(self._folders), "size_bytes": self._size_bytes}
            json_sha256, csv_sha256 = manifest.end({**totals, "left_out": self._left_out_count})
        sync_folder(target / FILES)
        sync_folder(target)
        return TreeExport(
            target=target,
            files=self._files,
            folders=len(self._folders),
            size_bytes=self._size_bytes,
            left_out=tuple(self._left_out),
            left_out_count=self._left_out_count,
            manifest_sha256=json_sha256,
            csv_sha256=csv_sha256,
        )

    def unmark(self) -> None:
        """Take away the file that says that the export is not complete."""
        (self._target / INCOMPLETE).unlink(missing_ok=True)
        sync_folder(self._target)

    @property
    def _zone(self) -> str:
        return self._exporting.examine.lab.zone

    def _head(self, plan: Plan) -> tuple[dict[str, object], str, str]:
        image, examine = self._image, self._exporting.examine
        with examine.db.reading() as connection:
            exhibit = connection.scalar(select(EXHIBIT.c.number).where(EXHIBIT.c.id == str(image.exhibit_id)))
            case = connection.scalar(select(CASE.c.number).where(CASE.c.id == str(image.case_id)))
        head: dict[str, object] = {
            "what": "files exported from an image; the SHA-256 of this file is in the record of the lab",
            "program": f"forensics-app {__version__}",
            "laboratory": examine.lab.name,
            "case": case,
            "exhibit": exhibit,
            "image": image.number,
            "image_sha256": image.digests["sha256"].hex(),
            "catalogue_sha256": image.catalogue_sha256.hex() if image.catalogue_sha256 else None,
            "exported_by": self._actor.person.name,
            "begun_at": examine.now().isoformat(),
            "zone_of_wall_times": f"{self._zone}; the copies bear the times of modification and access, wall times put "
            "to UTC by this zone; the times in this manifest are as found; a time before 1678 or after 2261 is in the "
            "note of its entry alone, and the copy has another: that of the export where it is the modification",
            "entries_chosen": len(plan.tops),
        }
        return head, str(exhibit), image.number

    def _one(self, entry: CatalogueEntry, concealed: str, report: OnProgress, *, is_top: bool) -> Line:
        raw = self._bytes_of_path(entry)
        way = self._top if is_top else self._ways.get(entry.parent_id or 0, self._top)
        if entry.kind in _NO_CONTENT and not concealed:
            return self._leave_out(entry, raw, _NO_CONTENT[entry.kind])
        if not _has_content(entry) and entry.kind not in _NO_CONTENT:
            name = self._make_folder(way, entry)
            self._ways[entry.id] = _Way(name)
            return Line(entry=entry, path_bytes=raw, exported_name=name)
        try:
            if concealed:
                raise HiddenContentError(f"{entry.name} is {concealed}.")
            self._exporting.examine.marks.exported(self._actor, self._image, entry)
            for _ in self._carried.facts_of_others(self._actor, entry):
                pass
            name, sha256 = self._copy(way, entry, report)
        except HiddenContentError as error:
            self._hidden += 1
            told = self._leave_out(entry, raw, f"{error} Nobody gave a reason to look at it.")
            return replace(told, why_not=self._why_hidden(entry, concealed), is_hidden=True)
        except (SourceAccessError, SourceChangedError, MissingSegmentError, ChildStartError):
            raise  # nothing else can be read, either
        except (RefusedError, EvidenceError) as error:
            explained = explain(error)
            return self._leave_out(entry, raw, explained.what if explained else str(error))
        self._files += 1
        self._size_bytes += entry.size_bytes
        return Line(entry=entry, path_bytes=raw, exported_name=name, sha256=sha256)

    def _nameless(self, line: Line) -> Line:
        """The line of an entry that is not hidden, without a target or note that names what is."""
        entry, told = line.entry, self._hidden_names.are_told_in
        if entry.note and told(entry.note):
            entry = replace(entry, note=_NOTE_NOT_WRITTEN)
        if entry.link_target and told(entry.link_target):
            entry = replace(entry, link_target=None, note=" ".join(filter(None, (entry.note, _TARGET_NOT_WRITTEN))))
        return line if entry is line.entry else replace(line, entry=entry)

    def _leave_out(self, entry: CatalogueEntry, raw: bytes, why: str) -> Line:
        self._left_out_count += 1
        if len(self._left_out) < _MOST_TOLD:
            self._left_out.append(LeftOut(path=storable(entry.path), why=storable(why)))
        return Line(entry=entry, path_bytes=raw, why_not=why)

    def _why_hidden(self, entry: CatalogueEntry, concealed: str) -> str:
        """Why a content is not in the export, in words that name neither it nor what it holds."""
        marks = self._exporting.examine.marks.of_content(self._image, entry.volume_id, entry.address)
        kinds = sorted({mark.kind.value for mark in marks})
        what = concealed or (f"marked as {' and '.join(kinds)}" if kinds else "the same as hidden content, or holds it")
        return f"It is {what}. Nobody gave a reason to look at it, and its name is not written here."

    def _why_nothing(self) -> RefusedError:
        first = self._left_out[0]
        kind = HiddenContentError if self._hidden == self._left_out_count else RefusedError
        more = f" So it is with all {self._left_out_count:,} of them." if self._left_out_count > 1 else ""
        then = "Give a reason to look at it first; each look is an entry of the record."
        return kind(
            f"Nothing of it can be exported. {first.path}: {first.why}{more}",
            then=then if kind is HiddenContentError else None,
        )

    def _copy(self, way: _Way, entry: CatalogueEntry, report: OnProgress) -> tuple[str, bytes]:
        """Write a content under a name of its own, read it back; no part of it is left when that fails."""
        name, path = self._begin(way, entry)
        try:
            digest = hashlib.sha256()
            with path.open("r+b") as out:
                for piece in in_pieces(self._exporting.reader(self._image, entry), entry.size_bytes, report):
                    digest.update(piece)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            read_back(path, digest.digest(), entry.name, entry.sha256)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        keep_times(path, entry, self._zone)
        return name, digest.digest()

    def _begin(self, way: _Way, entry: CatalogueEntry) -> tuple[str, Path]:
        """An empty file under the first safe name that the file system, too, takes for a new one."""
        for name, path in self._names(way, entry):
            try:
                path.open("xb").close()
            except FileExistsError:
                continue
            return name, path
        raise AssertionError("names never end")

    def _make_folder(self, way: _Way, entry: CatalogueEntry) -> str:
        for name, path in self._names(way, entry):
            try:
                path.mkdir()
            except FileExistsError:
                continue
            self._folders.append((path, entry))
            return name
        raise AssertionError("names never end")

    def _names(self, way: _Way, entry: CatalogueEntry) -> Iterator[tuple[str, Path]]:
        shown = safe_name(entry.name or entry.volume_id)
        if len(f"{way.path}/{shown}") > _LONGEST_PATH_CHARACTERS:
            short = (
                f"{shown[:_HALF_CHARACTERS]}...{shown[-_HALF_CHARACTERS:]}" if len(shown) > _MOST_CHARACTERS else shown
            )
            way, shown = self._long, f"{entry.id} {short}"
            (self._target / way.path).mkdir(exist_ok=True)
        for name in way.names.candidates(shown):
            yield f"{way.path}/{name}", self._target / way.path / name

    def _bytes_of_path(self, entry: CatalogueEntry) -> bytes:
        """The path as the file system stores it."""
        above = b""
        if entry.parent_id is not None:
            above = self._path_bytes.get(entry.parent_id, b"")
            if not above and (parent := self._catalogue.entry(entry.parent_id)) and parent.volume_id == entry.volume_id:
                above = self._bytes_of_path(parent)
        name = entry.name_bytes or entry.name.encode("utf-8", "surrogatepass")
        raw = above + b"/" + name
        if not _has_content(entry):
            self._path_bytes[entry.id] = raw
        return raw

    def _with_what_conceals(self, ids: array[int]) -> Iterator[tuple[CatalogueEntry, str]]:
        """The entries, each with why it is concealed; empty where it is not."""
        concealing = self._exporting.examine.concealing
        for start in range(0, len(ids), _ROWS_AT_ONCE):
            rows = self._catalogue.rows(ids[start : start + _ROWS_AT_ONCE])
            found = concealing.why(self._image, rows, by=self._actor)
            yield from ((entry, found.get(place_of(entry), "")) for entry in rows)

    def _rows(self, ids: array[int]) -> Iterator[CatalogueEntry]:
        for start in range(0, len(ids), _ROWS_AT_ONCE):
            yield from self._catalogue.rows(ids[start : start + _ROWS_AT_ONCE])


def _has_content(entry: CatalogueEntry) -> bool:
    """Whether there are bytes to be copied: not of folders, of which the reader makes some itself."""
    return entry.kind not in (*_NO_CONTENT, "directory") and not (entry.kind == "virtual" and not entry.size_bytes)
