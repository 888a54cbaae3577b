"""Looking into an image: bytes, files, pictures; choosing files for the report and exporting them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from chain_of_custody.ledger import Json, Subject
from evidence.errors import UnreadablePictureError
from evidence.unshown import TOO_LARGE
from forensics_app.db.engine import Database
from forensics_app.db.mapping import time_text
from forensics_app.db.mapping_report import chosen_file_of
from forensics_app.db.rows import record_or_none
from forensics_app.db.tables import CHOSEN_FILE
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.areas import Area, AreaFacts, AreaKind, Stretch
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueDamagedError, CatalogueEntry, Volume
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage, ImageId, Keys, OnProgress, Picture, VideoStills
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.catalogues import Catalogues, check_examinable
from forensics_app.services.chosen import chosen_files, chosen_values
from forensics_app.services.concealing import Concealing, Uncovered
from forensics_app.services.copying_out import READ_BYTES
from forensics_app.services.exporting import Exporting
from forensics_app.services.hidden_bytes import HiddenBytes
from forensics_app.services.intake import image_with
from forensics_app.services.marks import Marks, Seen
from forensics_app.services.permissions import require
from forensics_app.services.readers import Readers
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.search_hiding import Places
from forensics_app.services.viewing import Applied, Viewing

MAX_PICTURE_BYTES = 63 * 1024 * 1024
"""One message to a child process holds no larger content (``evidence.wire.MAX_FRAME_BYTES``)."""
ROW_PERMILLE = tuple(range(42, 1000, 83))
"""Where in a video the stills of a row are: in the middle of each twelfth."""
ONE_PERMILLE = (100, 300, 500, 700)
"""Where in a video one still is looked for: many begin black."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examine:
    """Use cases of looking. Every read goes through a child process; nothing of an image is parsed here."""

    db: Database
    lab: LabInfo
    catalogues: Catalogues
    now: Callable[[], datetime]
    readers: Readers = field(default_factory=Readers)
    seen: Seen = field(default_factory=Seen)
    uncovered: Uncovered = field(default_factory=Uncovered)
    applied: Applied = field(default_factory=dict)
    places: Places = field(default_factory=Places)

    @property
    def marks(self) -> Marks:
        """What hides content, and lets it be looked at for a reason."""
        return Marks(db=self.db, now=self.now, seen=self.seen)

    @property
    def exporting(self) -> Exporting:
        """What copies files, folders and bytes out of images."""
        return Exporting(examine=self)

    @property
    def viewing(self) -> Viewing:
        """What takes contents apart to be looked at."""
        return Viewing(examine=self, applied=self.applied)

    @property
    def concealing(self) -> Concealing:
        """What conceals pictures, and lets them be looked at for a reason."""
        return Concealing(db=self.db, folder=self.catalogues.folder, now=self.now, uncovered=self.uncovered)

    def read_media(self, image: EvidenceImage, offset_bytes: int, size_bytes: int) -> bytes:
        """Bytes of the media; see :meth:`read_area`."""
        return self.read_area(image, Area(kind=AreaKind.MEDIA), offset_bytes, size_bytes)

    def read_file(
        self, image: EvidenceImage, volume_id: str, address: str, offset_bytes: int, size_bytes: int
    ) -> bytes:
        """Bytes of a file's content, at most 16 MiB; fewer at its end.

        Args:
            image: The image.
            volume_id: The volume that holds the file, as the catalogue names it.
            address: What the file system calls it, as the catalogue has it.
            offset_bytes: From the start of the content.
            size_bytes: How many.

        Raises:
            EvidenceError: They cannot be read.
            RefusedError: The file is marked, and nobody gave a reason to look at it.
        """
        self.marks.refuse_hidden(image, volume_id, address)
        return self.read_unasked(image, volume_id, address, offset_bytes, size_bytes)

    def read_unasked(
        self, image: EvidenceImage, volume_id: str, address: str, offset_bytes: int, size_bytes: int
    ) -> bytes:
        """As :meth:`read_file`, of a file that is marked too; for digests, and for what has asked before."""
        self.check_examinable(image)
        arguments: dict[str, object] = {
            "volumes": self.volumes_around(image, volume_id),
            "address": address,
            "offset_bytes": offset_bytes,
            "size_bytes": size_bytes,
        }
        return _bytes(self.readers.call(image, "read_file", arguments))

    def read_area(self, image: EvidenceImage, area: Area, offset_bytes: int, size_bytes: int) -> bytes:
        """Bytes of the media, a volume, unallocated space or slack, at most 16 MiB; fewer at its end.

        Raises:
            EvidenceError: They cannot be read; never answered by zeros.
            HiddenContentError: Some are of a marked file, and nobody gave a reason to look at it.
        """
        HiddenBytes(examine=self, image=image).refuse(area, offset_bytes, size_bytes)
        return self.read_area_unasked(image, area, offset_bytes, size_bytes)

    def read_area_unasked(self, image: EvidenceImage, area: Area, offset_bytes: int, size_bytes: int) -> bytes:
        """As :meth:`read_area`, where files are marked too; for digests, and for what is copied out whole."""
        if area.kind not in (AreaKind.MEDIA, AreaKind.VOLUME):
            self.marks.refuse_hidden(image, area.volume_id, area.file_address or area.address)
            return self.read_unasked(image, area.volume_id, area.address, offset_bytes, size_bytes)
        self.check_examinable(image)
        part: dict[str, object] = {"offset_bytes": offset_bytes, "size_bytes": size_bytes}
        if area.kind is AreaKind.MEDIA:
            return _bytes(self.readers.call(image, "read", part))
        part["volumes"] = self.volumes_around(image, area.volume_id)
        return _bytes(self.readers.call(image, "read_volume", part))

    def area_facts(self, image: EvidenceImage, area: Area, offset_bytes: int = 0, size_bytes: int = 0) -> AreaFacts:
        """How large an area is; of unallocated space and slack also where the part at ``offset_bytes`` lies.

        Raises:
            EvidenceError: It cannot be found, or the file system keeps no record of it that is read.
        """
        self.check_examinable(image)
        if area.kind is AreaKind.MEDIA:
            return AreaFacts(size_bytes=image.source.media_bytes)
        asked: dict[str, object] = {"volumes": self.volumes_around(image, area.volume_id)}
        if area.kind is AreaKind.VOLUME:
            found = self.readers.call(image, "volume_bytes", asked)
            assert isinstance(found, int)
            return AreaFacts(size_bytes=found)
        asked |= {"address": area.address, "offset_bytes": offset_bytes, "size_bytes": size_bytes}
        told = self.readers.call(image, "stretches", asked)
        assert isinstance(told, tuple)
        return AreaFacts(
            size_bytes=told[0],
            stretches=tuple(
                Stretch(at_bytes=at, volume_offset_bytes=start, length_bytes=length) for at, start, length in told[1]
            ),
        )

    def picture(
        self,
        image: EvidenceImage,
        file: CatalogueEntry | ChosenFile,
        box_px: int,
        encoding: str = "PNG",
        page: int = 0,
        *,
        partly: bool = False,
    ) -> Picture:
        """A picture made harmless, scaled into a square box; made in a process of its own, which may die of it.

        Args:
            image: The image that holds it.
            file: The picture's file.
            box_px: Side of the box.
            encoding: ``PNG`` or ``JPEG``.
            page: Of a file with several pages or frames, from 0.
            partly: Whether of a damaged one is shown what can be decoded; the picture says so.

        Raises:
            EvidenceError: It cannot be read or is no picture that can be shown.
            HiddenContentError: It is concealed by a tag or an alert set, and nobody gave a reason to look at it.
        """
        self.concealing.refuse(image, file)
        return self._picture(image, file, box_px, encoding, page, partly=partly)

    def thumbnail(self, image: EvidenceImage, file: CatalogueEntry, box_px: int) -> Picture:
        """A picture as JPEG, small, whatever conceals it; of a damaged one what can be decoded.

        Raises:
            EvidenceError: It cannot be read or is no picture that can be shown.
            HiddenContentError: It is marked.
        """
        return self._picture(image, file, box_px, "JPEG", partly=True)

    def stills(
        self,
        image: EvidenceImage,
        file: CatalogueEntry | ChosenFile,
        box_px: int,
        at_permille: Sequence[int] = ROW_PERMILLE,
        on_progress: OnProgress = lambda done, total: None,
    ) -> VideoStills:
        """Stills of a video at thousandths of its length, each scaled into a square box.

        Raises:
            EvidenceError: It cannot be read or is no video that is decoded.
            HiddenContentError: It is marked, or concealed by a tag or an alert set, and nobody gave a reason to look.
        """
        self.concealing.refuse(image, file)
        return self._stills(image, file, box_px, at_permille, on_progress)

    def still(self, image: EvidenceImage, file: CatalogueEntry | ChosenFile, box_px: int) -> VideoStills:
        """One still of a video, whatever conceals it: of the first places in it, the first that shows something.

        Raises:
            EvidenceError: It cannot be read or is no video that is decoded.
            HiddenContentError: It is marked.
        """
        return self._stills(image, file, box_px, ONE_PERMILLE, until_seen=True)

    def _stills(
        self,
        image: EvidenceImage,
        file: CatalogueEntry | ChosenFile,
        box_px: int,
        at_permille: Sequence[int],
        on_progress: OnProgress = lambda done, total: None,
        *,
        until_seen: bool = False,
    ) -> VideoStills:
        """Made in a process of its own: one that takes long keeps nobody waiting who looks at something else."""
        self.marks.refuse_hidden(image, file.volume_id, file.address)
        self.check_examinable(image)
        asked: dict[str, object] = {
            "volumes": self.volumes_around(image, file.volume_id),
            "address": file.address,
            "at_permille": tuple(at_permille),
            "box_pixels": box_px,
            "until_seen": until_seen,
        }
        stills = self.readers.apart.apart.call(image, "stills", asked, on_progress)
        assert isinstance(stills, VideoStills)
        return stills

    def _picture(
        self,
        image: EvidenceImage,
        file: CatalogueEntry | ChosenFile,
        box_px: int,
        encoding: str,
        page: int = 0,
        *,
        partly: bool,
    ) -> Picture:
        if file.size_bytes > MAX_PICTURE_BYTES:
            raise UnreadablePictureError(TOO_LARGE.format(size=MAX_PICTURE_BYTES // (1024 * 1024)))
        content = self._content(image, file.volume_id, file.address, file.size_bytes)
        asked: dict[str, object] = {"content": content, "encoding": encoding, "page": page, "partly": partly}
        made = self.readers.apart.call(image, "picture", {**asked, "width_pixels": box_px, "height_pixels": box_px})
        assert isinstance(made, Picture)
        return made

    def sha256_now(self, image: EvidenceImage, chosen: CatalogueEntry | ChosenFile) -> bytes:
        """SHA-256 of a file's content as it reads now; of a marked one too, for it shows nothing.

        Raises:
            EvidenceError: It cannot be read.
        """
        digest = hashlib.sha256()
        for offset_bytes in range(0, chosen.size_bytes, READ_BYTES):
            size_bytes = min(READ_BYTES, chosen.size_bytes - offset_bytes)
            digest.update(self.read_unasked(image, chosen.volume_id, chosen.address, offset_bytes, size_bytes))
        return digest.digest()

    def choose(self, actor: SignedIn, image_id: ImageId, entry: CatalogueEntry, note: str = "") -> ChosenFile:
        """Choose a file for the report; what it is now goes into the record.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: It has been chosen already, or the case has no authority in force.
        """
        require(actor, "choose a file", Role.EXAMINER)
        with self.db.writing() as connection:
            image = image_with(connection, image_id)
            check_examinable(image)
            check_authority(case_with(connection, image.case_id), self.now(), self.lab.zone)
            there = select(CHOSEN_FILE.c.id).where(
                CHOSEN_FILE.c.image_id == str(image_id),
                CHOSEN_FILE.c.entry_id == entry.id,
                CHOSEN_FILE.c.withdrawn_at.is_(None),
            )
            if connection.scalar(there) is not None:
                raise RefusedError(f"{entry.name} has already been chosen for the report.")
            writer = Writer(connection, self.now())
            values = chosen_values(image, entry, note, writer.now)
            writer.insert(CHOSEN_FILE, values)
            facts: dict[str, Json] = {
                "volume": entry.volume_id,
                "address": entry.address,
                "kind": entry.kind,
                "sha256": values["sha256"],
            }
            self.tell(writer, actor, image, "file.choose", entry.path, facts)
        return chosen_file_of(values)

    def withdraw(self, actor: SignedIn, chosen_id: UUID, reason: str) -> None:
        """Take a chosen file back; that it was chosen stays in the record.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: No reason is given.
            NotFoundError: There is no such chosen file.
        """
        require(actor, "take a file back", Role.EXAMINER)
        if not reason.strip():
            raise RefusedError("Taking a file back needs a reason.")
        with self.db.writing() as connection:
            query = select(CHOSEN_FILE).where(CHOSEN_FILE.c.id == str(chosen_id), CHOSEN_FILE.c.withdrawn_at.is_(None))
            chosen = record_or_none(connection, query, chosen_file_of)
            if chosen is None:
                raise NotFoundError("That file is not chosen.")
            writer = Writer(connection, self.now())
            writer.update(CHOSEN_FILE, chosen_id, {"withdrawn_at": time_text(writer.now)})
            image = image_with(connection, chosen.image_id)
            self.tell(writer, actor, image, "file.withdraw", chosen.path, {}, reason.strip())

    def chosen(self, case_id: CaseId) -> tuple[ChosenFile, ...]:
        """The files chosen in a case and not taken back, in the order in which they were chosen."""
        with self.db.reading() as connection:
            return chosen_files(connection, case_id)

    def unlock(self, image: EvidenceImage, keys: Keys) -> None:
        """Try ``keys`` too on the locked volumes of an image from now on, until they are forgotten; kept nowhere."""
        self.readers.unlock(image.id, keys)

    def forget_keys(self) -> None:
        """Forget every key, end the processes that know them, and cover what was looked at for a reason."""
        self.marks.cover()
        self.concealing.cover()
        self.readers.keys.forget()
        self.readers.end_all()

    def close(self) -> None:
        """End the processes that read evidence."""
        self.readers.close()

    def check_examinable(self, image: EvidenceImage) -> None:
        """As the record has it now: ``image`` was read earlier, and may have been quarantined since."""
        with self.db.reading() as connection:
            check_examinable(image_with(connection, image.id))

    def volumes_around(self, image: EvidenceImage, volume_id: str) -> tuple[Volume, ...]:
        """The volumes that lie in each other, from the whole media to ``volume_id``.

        Raises:
            CatalogueDamagedError: The catalogue has no such volume, or volumes that lie in themselves.
        """
        with self.catalogues.open(image) as catalogue:
            volumes = {volume.id: volume for volume in catalogue.volumes()}
        path: list[Volume] = []
        at: str | None = volume_id
        while at is not None:
            if at not in volumes or len(path) == len(volumes):
                raise CatalogueDamagedError(f"The catalogue of {image.number} does not say where volume {at} lies.")
            path.insert(0, volumes[at])
            at = volumes[at].parent
        return tuple(path)

    def _content(self, image: EvidenceImage, volume_id: str, address: str, size_bytes: int) -> bytes:
        parts: list[bytes] = []
        for offset_bytes in range(0, size_bytes, READ_BYTES):
            wanted = min(READ_BYTES, size_bytes - offset_bytes)
            parts.append(self.read_file(image, volume_id, address, offset_bytes, wanted))
        return b"".join(parts)

    def tell(
        self,
        writer: Writer,
        actor: SignedIn,
        image: EvidenceImage,
        action: str,
        path: str,
        facts: dict[str, Json],
        reason: str | None = None,
    ) -> None:
        """Append an entry about what was done with something in an image; ``facts`` are those beyond its place."""
        case = case_with(writer.connection, image.case_id)
        subject = Subject(kind="image", id=str(image.id), label=image.number)
        told = {"image": image.number, "path": storable(path), **facts}
        writer.append(case_chain(case), action, subject, told, [("actor", actor)], reason)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
