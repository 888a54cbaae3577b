"""Contents taken apart to be looked at: tables, trees, texts and pages, all of them out of a child process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics_app.errors import HiddenContentError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import EvidenceImage, OnProgress, Picture
from forensics_app.model.viewing import Rows, Sheet, TreeNode

if TYPE_CHECKING:
    from forensics_app.services.examine import Examine

_LONG_BYTES = 32 * 1024 * 1024
_MOST_BESIDE = 200
_KINDS = {"-wal": "log", "-journal": "journal"}
"""Of the files whose changes a database is shown with, by how their names go on."""
_KEPT = 64
_BESIDE = ("-wal", "-journal", ".log", ".log1", ".log2")
"""How the names of files go on that hold changes which a database or a hive does not have yet; in small letters."""


Applied = dict[tuple[object, ...], tuple[CatalogueEntry, ...]]
"""What lies beside databases that were opened and is applied to them, by image, catalogue and content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """Use cases of looking into contents whose format is known. Whatever a content does, bytes can still be read."""

    examine: Examine
    applied: Applied

    def open(
        self,
        image: EvidenceImage,
        entry: CatalogueEntry,
        on_progress: OnProgress = lambda done, total: None,
    ) -> Sheet:
        """What a content is and which parts it has.

        Args:
            image: The image that holds it.
            entry: Its entry.
            on_progress: Bytes read, bytes in all; what it raises stops the reading of a large content.

        Raises:
            NoViewerError: It is of no format that is taken apart.
            EvidenceError: It cannot be read or shown, or the process that took it apart died of it.
            RefusedError: The file is marked, and nobody gave a reason to look at it.
        """
        stops = on_progress if entry.size_bytes > _LONG_BYTES else lambda done, total: None
        sheet = self._ask(image, entry, "view", {}, stops, ())
        assert isinstance(sheet, Sheet)
        if sheet.format not in ("a SQLite database", "a registry hive"):
            return sheet
        beside = self._beside(image, entry)
        applied, remarks = self._applicable(image, entry, beside) if sheet.format == "a SQLite database" else ((), ())
        self._keep(_key(image, entry), applied)
        if applied:
            sheet = self._ask(image, entry, "view", {}, stops, applied)
            assert isinstance(sheet, Sheet)
        others = tuple(
            f"{one.name} lies beside it with {one.size_bytes:,} bytes"
            f"{'.' if one in applied else ', and is not applied to what is shown.'}"
            for one in beside
        )
        return replace(sheet, remarks=(*sheet.remarks, *remarks, *others))

    def rows(
        self, image: EvidenceImage, entry: CatalogueEntry, part: str, first: int, count: int, node: str = ""
    ) -> Rows:
        """Rows of a table, or of a node of a tree. Raises as :meth:`open`."""
        asked: dict[str, object] = {"part": part, "node": node, "first": first, "count": count}
        rows = self._ask(image, entry, "view_rows", asked)
        assert isinstance(rows, Rows)
        return rows

    def nodes(self, image: EvidenceImage, entry: CatalogueEntry, part: str, node: str = "") -> tuple[TreeNode, ...]:
        """What lies in a node of a tree; the uppermost without one. Raises as :meth:`open`."""
        nodes = self._ask(image, entry, "view_nodes", {"part": part, "node": node})
        assert isinstance(nodes, tuple)
        return nodes

    def text(self, image: EvidenceImage, entry: CatalogueEntry, part: str) -> str:
        """A text. Raises as :meth:`open`."""
        text = self._ask(image, entry, "view_text", {"part": part})
        assert isinstance(text, str)
        return text

    def page(self, image: EvidenceImage, entry: CatalogueEntry, part: str, number: int, box_px: int) -> Picture:
        """The page ``number``, from 0, in a square box. Raises as :meth:`open`, and HiddenContentError if concealed."""
        self.examine.concealing.refuse(image, entry)
        asked: dict[str, object] = {"part": part, "number": number, "width_pixels": box_px, "height_pixels": box_px}
        picture = self._ask(image, entry, "view_picture", asked)
        assert isinstance(picture, Picture)
        return picture

    def place(self, image: EvidenceImage, entry: CatalogueEntry, offset_bytes: int) -> int | None:
        """Where a byte of a file lies in its volume; None where it is packed, in a record, never written or not known.

        Raises:
            EvidenceError: The content or the volume cannot be read.
            RefusedError: The file is marked, and nobody gave a reason to look at it.
        """
        self.examine.marks.refuse_hidden(image, entry.volume_id, entry.address)
        self.examine.check_examinable(image)
        volumes = self.examine.volumes_around(image, entry.volume_id)
        asked: dict[str, object] = {"volumes": volumes, "address": entry.address, "offset_bytes": offset_bytes}
        found = self.examine.readers.call(image, "place", asked)
        assert found is None or isinstance(found, int)
        return found

    def _ask(
        self,
        image: EvidenceImage,
        entry: CatalogueEntry,
        call: str,
        asked: dict[str, object],
        on_progress: OnProgress = lambda done, total: None,
        applied: tuple[CatalogueEntry, ...] | None = None,
    ) -> object:
        self.examine.marks.refuse_hidden(image, entry.volume_id, entry.address)
        self.examine.check_examinable(image)
        place: dict[str, object] = {
            "volumes": self.examine.volumes_around(image, entry.volume_id),
            "address": entry.address,
        }
        applied = self.applied.get(_key(image, entry), ()) if applied is None else applied
        for one in applied:
            self.examine.marks.refuse_hidden(image, one.volume_id, one.address)
        if applied:
            place["beside"] = tuple((_kind(entry, one), one.address) for one in applied)
        return self.examine.readers.apart.call(image, call, {**place, **asked}, on_progress)

    def _beside(self, image: EvidenceImage, entry: CatalogueEntry) -> tuple[CatalogueEntry, ...]:
        """Files in the same folder that hold changes which are not in this content."""
        asked = CatalogueQuery(volume_id=entry.volume_id, filter=Words(column="path", text=entry.path))
        with self.examine.catalogues.open(image) as catalogue:
            found = catalogue.rows(list(catalogue.ids(asked))[:_MOST_BESIDE])
        paths = {f"{entry.path}{more}".lower() for more in _BESIDE}
        return tuple(one for one in found if one.path.lower() in paths and one.size_bytes)

    def _applicable(
        self, image: EvidenceImage, entry: CatalogueEntry, beside: tuple[CatalogueEntry, ...]
    ) -> tuple[tuple[CatalogueEntry, ...], tuple[str, ...]]:
        """Those whose changes a database is shown with: one log and one journal that are there; and why others not."""
        found: dict[str, CatalogueEntry] = {}
        remarks: list[str] = []
        for one in beside:
            kind = _kind(entry, one)
            if not kind or kind in found:
                continue
            if not one.allocated and entry.allocated:
                remarks.append(f"{one.name} beside it was deleted, so that it may be of another time.")
                continue
            try:
                self.examine.marks.refuse_hidden(image, one.volume_id, one.address)
            except HiddenContentError as error:
                remarks.append(str(error))
                continue
            found[kind] = one
        return tuple(found[kind] for kind in _KINDS.values() if kind in found), tuple(remarks)

    def _keep(self, key: tuple[object, ...], applied: tuple[CatalogueEntry, ...]) -> None:
        while len(self.applied) >= _KEPT:
            self.applied.pop(next(iter(self.applied)), None)
        self.applied[key] = applied


def _key(image: EvidenceImage, entry: CatalogueEntry) -> tuple[object, ...]:
    return image.id, image.catalogue_sha256, entry.volume_id, entry.address


def _kind(entry: CatalogueEntry, beside: CatalogueEntry) -> str:
    return _KINDS.get(beside.path.lower().removeprefix(entry.path.lower()), "")
