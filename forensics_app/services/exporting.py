"""Files and bytes on their way out of an image, each read back and in the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from chain_of_custody.ledger import Json
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_report import export_of
from forensics_app.db.tables import FILE_EXPORT
from forensics_app.errors import HiddenContentError, RefusedError
from forensics_app.model.areas import Area
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.finding import FileExport, TreeExport
from forensics_app.model.image import EvidenceImage, ImageId, OnProgress
from forensics_app.model.mark import Mark
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.carried import Carried
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.copying_out import finish, in_pieces, read_back
from forensics_app.services.exported_tree import ExportedTree
from forensics_app.services.folder import kept_only_if_recorded, write_whole
from forensics_app.services.hidden_bytes import HiddenBytes
from forensics_app.services.intake import image_with
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.record import Writer
from forensics_app.services.unfinished import TREE_KIND

if TYPE_CHECKING:
    from forensics_app.services.examine import Examine


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """Use cases of copying out of images. Nothing is ever overwritten; what is not recorded is not kept."""

    examine: Examine

    def uncover(self, actor: SignedIn, image: EvidenceImage, entries: Iterable[CatalogueEntry], reason: str) -> None:
        """Look at what is marked or concealed and would leave with ``entries`` for a reason; then it can be exported.

        Raises:
            PermissionRefusedError: The actor may not see content with such a mark, or concealed pictures.
            RefusedError: There is no reason, or there are too many concealed pictures at once.
            CatalogueError: The catalogue cannot be read.
            MatchesError: It cannot be told what is concealed.
        """
        files = {entry.id: entry for entry in entries}
        with self.examine.catalogues.open(image) as catalogue:
            carried = Carried(self.examine, image, catalogue)
            files |= {other.id: other for entry in tuple(files.values()) for other in carried.others(entry)}
        marks = {
            mark.id: mark
            for entry in files.values()
            for mark in self.examine.marks.of_content(image, entry.volume_id, entry.address)
        }
        for mark in marks.values():
            self.examine.marks.look(actor, image.id, mark, reason)
        self.examine.concealing.look(actor, image, tuple(files.values()), reason)

    def file(
        self,
        actor: SignedIn,
        image_id: ImageId,
        entry: CatalogueEntry,
        target: Path,
        *,
        on_progress: OnProgress = lambda done, total: None,
    ) -> FileExport:
        """Copy a file out of an image, read it back, and record its SHA-256.

        Args:
            actor: An examiner.
            image_id: The image.
            entry: The file or stream.
            target: Where the person wants it; must not exist yet.
            on_progress: Bytes done, bytes in all. What it raises stops the export; no part of it is left.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The target exists or lies in evidence or in the lab, the case has no authority in force, the
                file or something in it is marked or concealed (REQ-39, REQ-40), or is the same as such a content, and
                the actor has given no reason to look at that, or what was read is not what the catalogue has.
            CatalogueError: The catalogue cannot be read.
            EvidenceError: The content cannot be read.
            MatchesError: It cannot be told whether the file is concealed.
            LabUnusableError: The target cannot be written.
        """
        image = self._exportable(actor, image_id, target)
        with self.examine.catalogues.open(image) as catalogue:
            told = Carried(self.examine, image, catalogue).facts(actor, entry)
        written = write_whole(target, in_pieces(self.reader(image, entry), entry.size_bytes, on_progress))
        with kept_only_if_recorded(target):
            finish(target, written, entry, self.examine.lab.zone)
            place = (entry.volume_id, entry.path, entry.address)
            size_bytes = target.stat().st_size
            return self._record(actor, image, place, (target, size_bytes, written), told)

    def area(
        self,
        actor: SignedIn,
        image_id: ImageId,
        area: Area,
        target: Path,
        *,
        offset_bytes: int = 0,
        size_bytes: int | None = None,
        on_progress: OnProgress = lambda done, total: None,
    ) -> FileExport:
        """Copy bytes of an area out of an image, read them back, and record their SHA-256, as of a file.

        Args:
            actor: An examiner.
            image_id: The image.
            area: What they are of.
            target: Where the person wants them; must not exist yet.
            offset_bytes: From the start of the area.
            size_bytes: How many; None for all.
            on_progress: Bytes done, bytes in all. What it raises stops the export; no part of it is left.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The target exists or lies in evidence or in the lab, the case has no authority in force, or
                there are not so many bytes.
            EvidenceError: They cannot be read.
            HiddenContentError: Some of it is of a marked file that nobody looks at for a reason; of a whole volume or
                medium, a marked file lies in it.
            LabUnusableError: The target cannot be written.
        """
        image = self._exportable(actor, image_id, target)
        whole_bytes = self.examine.area_facts(image, area).size_bytes
        size_bytes = whole_bytes - offset_bytes if size_bytes is None else size_bytes
        if offset_bytes < 0 or size_bytes <= 0 or offset_bytes + size_bytes > whole_bytes:
            raise RefusedError(f"{area.words.capitalize()} has {whole_bytes:,} bytes; others were asked for.")

        is_part = size_bytes != whole_bytes
        if not is_part and (hidden := self.hidden_in(image, area)):
            raise _hidden_in(area, hidden)
        looked_at = self.examine.marks.looked_at(actor, image)
        read_area = self.examine.read_area if is_part else self.examine.read_area_unasked

        def read(at_bytes: int, count: int) -> bytes:
            return read_area(image, area, offset_bytes + at_bytes, count)

        written = write_whole(target, in_pieces(read, size_bytes, on_progress))
        with kept_only_if_recorded(target):
            read_back(target, written, area.words, None)
            path = f"{area.words}, {size_bytes} bytes from byte {offset_bytes}" if is_part else area.words
            told: dict[str, Json] = {"area": area.kind.value, "offset_bytes": offset_bytes, **looked_at}
            place = (area.volume_id, path, area.address)
            return self._record(actor, image, place, (target, size_bytes, written), told)

    def hidden_in(self, image: EvidenceImage, area: Area) -> tuple[Mark, ...]:
        """The marks of files that would leave with a whole area, and which nobody looks at for a reason.

        Raises:
            EvidenceError: It cannot be told where unallocated space lies.
        """
        return HiddenBytes(examine=self.examine, image=image).in_whole(area)

    def uncover_area(self, actor: SignedIn, image: EvidenceImage, area: Area, reason: str) -> None:
        """Look at what is marked and would leave with a whole area for a reason; then it can be exported.

        Raises:
            PermissionRefusedError: The actor may not see content with such a mark.
            RefusedError: There is no reason.
            EvidenceError: It cannot be told where unallocated space lies.
        """
        for mark in self.hidden_in(image, area):
            self.examine.marks.look(actor, image.id, mark, reason)

    def tree(
        self,
        actor: SignedIn,
        image_id: ImageId,
        entries: Iterable[CatalogueEntry],
        target: Path,
        *,
        on_progress: OnProgress = lambda done, total: None,
    ) -> TreeExport:
        """Copy files and folders with all that is in them, with a manifest, as one act with one entry in the record.

        The new folder ``target`` gets ``files/`` with the copies, ``manifest.json`` and ``manifest.csv``; the record
        has the SHA-256 of both, and they have that of each copy. What cannot be read, is hidden or concealed (REQ-39,
        REQ-40), or is not as the catalogue has it, is left out, and the manifest says of each why. What lies in an
        archive is not unpacked; the archive itself is copied. As long as it is not recorded, a file in the folder says
        that the export is not complete.

        Args:
            actor: An examiner.
            image_id: The image.
            entries: The chosen files and folders; those in a chosen folder are copied with it once.
            target: A folder that does not exist yet, in one that does.
            on_progress: Bytes done, bytes in all. What it raises stops the export; the folder is removed.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: The target exists or lies in evidence or in the lab, the case has no authority in force, the
                disk has not the room, or nothing of what was chosen can be exported.
            CatalogueError: The catalogue cannot be read.
            EvidenceError: The image cannot be opened.
            MatchesError: It cannot be told what is concealed.
            LabUnusableError: The target cannot be written.
        """
        image = self._exportable(actor, image_id, target)
        chosen = tuple(entries)
        journal = self.examine.catalogues.journal
        parameters = {"image_id": str(image.id), "target": str(target.absolute())}
        with (
            journal.running(TREE_KIND, f"{image.number} to {target.name}", image.case_id, parameters) as say,
            self.examine.catalogues.open(image) as catalogue,
        ):
            made = ExportedTree(self, actor, image, catalogue, target)
            plan = made.plan(chosen)
            with made.kept_only_if_recorded():
                done = made.write(plan, on_progress)
                first = min(chosen, key=lambda entry: entry.id)
                path = first.path if len(chosen) == 1 else f"{len(chosen)} entries, the first {first.path}"
                facts: dict[str, Json] = {**done.facts(), "tree": True, "csv_sha256": done.csv_sha256.hex()}
                place = (first.volume_id, path, first.address)
                self._record(actor, image, place, (target, done.size_bytes, done.manifest_sha256), facts)
            made.unmark()
            say(f"{done.files:,} files exported")
        return done

    def reader(self, image: EvidenceImage, entry: CatalogueEntry) -> Callable[[int, int], bytes]:
        """Reads the content of an entry, marked or not; who calls it has asked before."""

        def read(at_bytes: int, count: int) -> bytes:
            return self.examine.read_unasked(image, entry.volume_id, entry.address, at_bytes, count)

        return read

    def hidden_facts(self, actor: SignedIn, image: EvidenceImage, entry: CatalogueEntry) -> Mapping[str, Json]:
        """What the entry of an export states of what hides a file, and of the reason to look at it all the same.

        Raises:
            HiddenContentError: It is marked or concealed, and the actor has given no reason to look at it.
            MatchesError: It cannot be told whether it is concealed.
        """
        marked = self.examine.marks.exported(actor, image, entry)
        concealing = self.examine.concealing
        concealing.refuse(image, entry, by=actor)
        why = concealing.why(image, (entry,), also_seen=True)
        return {**marked, "concealed": next(iter(why.values()))} if why else marked

    def _exportable(self, actor: SignedIn, image_id: ImageId, target: Path) -> EvidenceImage:
        require(actor, "export a file", Role.EXAMINER)
        if target.exists() or target.is_symlink():
            raise RefusedError(f"{target} already exists.", then="Choose another name; nothing is ever overwritten.")
        with self.examine.db.reading() as connection:
            image = image_with(connection, image_id)
            check_authority(case_with(connection, image.case_id), self.examine.now(), self.examine.lab.zone)
        where, lab = target.parent.resolve(), self.examine.catalogues.folder.root.resolve()
        if where.is_relative_to(lab):
            raise RefusedError(
                f"{target} lies in {lab}, which is the folder of the lab.", then="Choose a folder outside the lab's."
            )
        for source in image.source.paths:
            if source.is_dir() and where.is_relative_to(source.resolve()):
                raise RefusedError(
                    f"{target} lies in {source}, which is evidence.", then="Choose a folder that is no evidence."
                )
        return image

    def _record(
        self,
        actor: SignedIn,
        image: EvidenceImage,
        place: tuple[str, str, str],
        made: tuple[Path, int, bytes],
        more: Mapping[str, Json],
    ) -> FileExport:
        """Record an export.

        ``place`` is the volume, the path and the address of what was exported, ``made`` the target, its size in bytes
        and its SHA-256 (of a tree, of its manifest); ``more`` are further facts.
        """
        volume_id, path, address = place
        target, size_bytes, sha256 = made
        examine = self.examine
        with examine.db.writing() as connection:
            writer = Writer(connection, examine.now())
            values: Values = {
                "id": str(uuid4()),
                "case_id": str(image.case_id),
                "image_id": str(image.id),
                "volume_id": volume_id,
                "path": storable(path),
                "address": address,
                "target": str(target),
                "size_bytes": size_bytes,
                "sha256": sha256.hex(),
                "exported_at": time_text(writer.now),
            }
            writer.insert(FILE_EXPORT, values)
            examine.tell(writer, actor, image, "file.export", path, {
                "volume": volume_id, "address": address, "target": target.name, "sha256": sha256.hex(),
                "size_bytes": size_bytes, **more,
                **act_facts(
                    {"volume": volume_id, "address": address, **more},
                    configuration=configuration_sha256(examine.lab, examine.catalogues.folder),
                    inputs={image.number: image.digests["sha256"].hex()}, outputs={target.name: sha256.hex()},
                ),
            })  # fmt: skip
        return export_of(values)


def _hidden_in(area: Area, marks: Sequence[Mark]) -> HiddenContentError:
    first = marks[0]
    others = f" and {len(marks) - 1} others" if len(marks) > 1 else ""
    return HiddenContentError(
        f"{first.name}{others} lie in {area.words}, marked as {first.kind.value}. It is not exported whole.",
        then="Give a reason to look at what is marked in it; each look is an entry of the record.",
    )
