"""What the page reads of a case: its images, their catalogues, and what is chosen for the report. In worker threads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from forensics_app.model.areas import lies_on_media
from forensics_app.model.catalogue import CatalogueError, CatalogueQuery, SortColumn
from forensics_app.model.filter_language.vocabulary import Vocabulary, vocabulary_of
from forensics_app.model.logical import is_members, volume_around
from ui.examine.places import ARCHIVE_KINDS, ARCHIVE_MIMES, FOLDER_KINDS, Place, Subject
from ui.examine.shelf import Reader, Shelf
from ui.examine.tags_shown import TagsShown, read_tags

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.catalogue import (
        CatalogueEntry,
        CatalogueHeader,
        Problem,
        TypeCount,
        Volume,
    )
    from forensics_app.model.finding import ChosenFile
    from forensics_app.model.image import EvidenceImage, ImageId

FOLDERS_SHOWN = 2_000
_LOOKED_INTO = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a catalogue holds, apart from its entries."""

    header: CatalogueHeader
    entries: int
    volumes: tuple[Volume, ...]
    problems: tuple[Problem, ...]
    types: tuple[TypeCount, ...]
    mismatches: int
    orphans: int
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageShown:
    """An image with its catalogue, or with the reason why that cannot be used.

    Attributes:
        refusal: Why there is no content; None when there is.
        missing: Files of the image that are not where the record has them.
    """

    image: EvidenceImage
    content: Content | None
    refusal: CatalogueError | None
    missing: tuple[Path, ...]

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes that the catalogue knows."""
        return self.content.volumes if self.content else ()

    def volume(self, volume_id: str | None) -> Volume | None:
        """The volume with this id."""
        return next((volume for volume in self.volumes if volume.id == volume_id), None)

    def volume_at(self, place: Place) -> Volume | None:
        """The volume that a place lies in; of the image itself, the whole media where that is encrypted."""
        if place.volume_id is None and place.view is None:
            return next((one for one in self.volumes if one.parent is None and one.encryption), None)
        return self.volume(place.volume_id)

    def lineage(self, volume_id: str | None) -> tuple[Volume, ...]:
        """The volumes that lie in each other, from the whole media to this one."""
        found: list[Volume] = []
        volume = self.volume(volume_id)
        while volume is not None:
            found.insert(0, volume)
            volume = self.volume(volume.parent)
        return tuple(found)

    def subject(
        self, volume_id: str | None = None, entry: CatalogueEntry | None = None, *, unallocated: bool = False
    ) -> Subject:
        """A subject for the viewers."""
        lineage = self.lineage(volume_around(entry.volume_id) if entry else volume_id)
        return Subject(
            image=self.image, volume=lineage[-1] if lineage else None, entry=entry,
            volume_start_bytes=sum(volume.start_bytes for volume in lineage), unallocated=unallocated,
            on_media=lies_on_media(tuple(volume.kind for volume in lineage)),
            archives_opened=bool(self.content and self.content.header.archives_opened),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """The images of a case in the order of their numbers, the files chosen for its report, tags and findings."""

    images: tuple[ImageShown, ...] = ()
    chosen: tuple[ChosenFile, ...] = ()
    tags: TagsShown = field(default_factory=TagsShown)

    def image(self, image_id: ImageId) -> ImageShown | None:
        """The image with this id."""
        return next((shown for shown in self.images if shown.image.id == image_id), None)

    @property
    def catalogues(self) -> Mapping[ImageId, str]:
        """Of each image, the SHA-256 of its catalogue's content in hex; empty without one."""
        return {shown.image.id: (shown.image.catalogue_sha256 or b"").hex() for shown in self.images}

    def rebuilt_since(self, before: CaseShown) -> frozenset[ImageId]:
        """Images whose catalogue holds something else than it did ``before``."""
        now = self.catalogues
        return frozenset(id_ for id_, was in before.catalogues.items() if was and now.get(id_, was) != was)

    def chosen_of(self, image_id: ImageId, entry_id: int) -> ChosenFile | None:
        """What the record has of an entry that is chosen."""
        same = (file for file in self.chosen if file.image_id == image_id and file.entry_id == entry_id)
        return next(same, None)


class LabGiver(Protocol):
    """Whoever knows the open lab."""

    @property
    def lab(self) -> Lab:
        """The open lab."""
        ...


def read_case(lab: Lab, shelf: Shelf, case_id: CaseId) -> CaseShown:
    """Read a case; a catalogue that cannot be used is told of in its image, and hides no other."""
    images = tuple(_image_shown(image, shelf) for image in lab.intake.list(case_id))
    return CaseShown(images=images, chosen=lab.examine.chosen(case_id), tags=read_tags(lab, shelf, case_id, images))


def _image_shown(image: EvidenceImage, shelf: Shelf) -> ImageShown:
    content, refusal = None, None
    if image.may_be_examined:
        try:
            content = shelf.content(image, content_of)
        except CatalogueError as error:
            refusal = error
    missing = tuple(path for path in image.source.paths if not path.exists())
    return ImageShown(image=image, content=content, refusal=refusal, missing=missing)


def content_of(reader: Reader) -> Content:
    """Everything about a catalogue that the tree and the bar show."""
    volumes, types = reader.volumes(), reader.type_counts()
    return Content(
        header=reader.header,
        entries=reader.summary.entries,
        volumes=volumes,
        problems=reader.problems(),
        types=types,
        mismatches=reader.count(CatalogueQuery(mismatch=True)),
        orphans=reader.count(CatalogueQuery(orphan=True)),
        vocabulary=vocabulary_of(reader.header, volumes, types, reader.time_rules()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Folders and opened archives of one folder for the tree.

    Those in it that hold folders are known, and how many are not shown.
    """

    folders: tuple[CatalogueEntry, ...]
    openable: frozenset[int]
    left_out: int


def read_branch(reader: Reader, volume_id: str, folder_id: int | None) -> Branch:
    """The folders directly in a folder, by name, at most :data:`FOLDERS_SHOWN` of them."""
    folders: list[CatalogueEntry] = []
    left_out = 0
    for query in _branch_queries(reader, volume_id, folder_id):
        page = reader.page(query, None, FOLDERS_SHOWN)
        folders += page.entries
        left_out += reader.count(query) - len(page.entries) if page.next else 0
    return Branch(folders=tuple(folders), openable=_openable(reader, folders), left_out=left_out)


def _branch_queries(reader: Reader, volume_id: str, folder_id: int | None) -> list[CatalogueQuery]:
    """What finds the folders in a folder, and the archives in it that were opened."""
    folders = CatalogueQuery(
        volume_id=volume_id if folder_id is None else None,
        folder_id=folder_id,
        top=folder_id is None,
        kinds=FOLDER_KINDS,
        sort=SortColumn.NAME,
    )
    archives = replace(folders, kinds=ARCHIVE_KINDS, mime_prefix=ARCHIVE_MIMES, holding=True)
    return [folders, archives] if reader.header.archives_opened else [folders]


def _openable(reader: Reader, folders: Sequence[CatalogueEntry]) -> frozenset[int]:
    """Those that hold folders or archives; of a very long list, all may."""
    if len(folders) > _LOOKED_INTO:
        return frozenset(folder.id for folder in folders)
    return frozenset(
        folder.id
        for folder in folders
        if any(reader.count(query) for query in _branch_queries(reader, folder.volume_id, folder.id))
    )


def ancestors(reader: Reader, folder_id: int | None) -> tuple[CatalogueEntry, ...]:
    """The folders from the uppermost to the one with ``folder_id``."""
    chain: list[CatalogueEntry] = []
    seen: set[int] = set()
    at = folder_id
    while at is not None and at not in seen:
        seen.add(at)
        entry = reader.entry(at)
        if entry is None:
            break
        chain.insert(0, entry)
        at = entry.parent_id
    return tuple(chain)


def place_of(shown: ImageShown, entry: CatalogueEntry) -> Place:
    """The folder that an entry lies in."""
    return Place(image_id=shown.image.id, volume_id=volume_around(entry.volume_id), folder_id=entry.parent_id)


def first_place(images: Iterable[ImageShown]) -> Place | None:
    """Where to begin: the first file system of the first image that has one, else the first image."""
    images = tuple(images)
    for shown in images:
        for volume in shown.volumes:
            if volume.file_system and not volume.locked and not is_members(volume):
                return Place(image_id=shown.image.id, volume_id=volume.id)
    return Place(image_id=images[0].image.id) if images else None


def kept_place(case: CaseShown, place: Place | None, rebuilt: Collection[ImageId], *, was_barred: bool) -> Place | None:
    """Where the page was, if that is still there; inside the image once there is something to go into.

    Of an image of ``rebuilt`` the numbers of folders are others now: the volume is kept, not the folder.
    """
    shown = case.image(place.image_id) if place else None
    if place is None or shown is None:
        return None
    if was_barred and shown.content:
        return first_place((shown,))
    return replace(place, folder_id=None) if place.image_id in rebuilt else place


def differ(before: CaseShown, after: CaseShown) -> bool:
    """Whether tree and list have to be read again; what is chosen for the report does not matter to them."""
    return [(shown.image, shown.content, type(shown.refusal)) for shown in before.images] != [
        (shown.image, shown.content, type(shown.refusal)) for shown in after.images
    ]
