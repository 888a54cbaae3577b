"""What the page shows and asks for, as values: a place in an image, a way to narrow it, a subject to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import FILE_KINDS, CatalogueQuery, SortColumn
from forensics_app.model.filter_language.tree import Both, InSet, Tagged

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry, Volume
    from forensics_app.model.filter_language.tree import Expression
    from forensics_app.model.image import EvidenceImage, ImageId

FOLDER_KINDS = ("directory",)
SIZED_KINDS = tuple(kind for kind in FILE_KINDS if kind not in FOLDER_KINDS)
"""The size of a folder says nothing of what it holds."""
ARCHIVE_KINDS, ARCHIVE_MIMES = ("file",), "application/"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A list over a whole image, such as all pictures; ``title`` is how the path bar names it.

    ``tag`` is the name of a tag, ``in_sets`` a kind of hash sets.
    """

    title: str
    mime: str | None = None
    mime_prefix: str = ""
    extension: str | None = None
    deleted: bool | None = None
    orphan: bool | None = None
    mismatch: bool | None = None
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    tag: str = ""
    in_sets: str = ""

    @property
    def is_of_sizes(self) -> bool:
        """Whether it lists by size, and so no folders."""
        return self.min_size_bytes is not None or self.max_size_bytes is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is listed: an image, a volume's uppermost folder, a folder or archive, or a view over the image.

    ``unallocated`` is what no file of a volume uses, which lists nothing. ``volume_id`` is the volume of the media;
    what lies in an archive lies in that of the archive.
    """

    image_id: ImageId
    volume_id: str | None = None
    folder_id: int | None = None
    view: View | None = None
    unallocated: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it is one folder, which can be listed with or without what lies deeper."""
        return self.volume_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What the line of filter leaves of a place."""

    filter: Expression | None = None
    recursive: bool = False
    deleted: bool = False
    mismatch: bool = False
    pictures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """How the line of filter stands: its text as typed, and which chips are on."""

    text: str = ""
    recursive: bool = False
    deleted: bool = False
    mismatch: bool = False
    pictures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By which column, and whether backward."""

    column: SortColumn = SortColumn.NAME
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the viewers look at: an entry, or a volume, or the whole media of an image.

    Attributes:
        unallocated: Whether it is what no file of the volume uses.
        on_media: Whether an offset in the volume is, from ``volume_start_bytes`` on, one of the media too.
        archives_opened: Whether members of archives are in the catalogue.
    """

    image: EvidenceImage
    volume: Volume | None = None
    entry: CatalogueEntry | None = None
    volume_start_bytes: int = 0
    unallocated: bool = False
    on_media: bool = True
    archives_opened: bool = True

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other subjects."""
        what = self.entry.id if self.entry else AreaKind.UNALLOCATED if self.unallocated else None
        return (self.image.id, self.volume.id if self.volume else None, what)

    def whole_area(self) -> Area:
        """All of what is looked at where that is no entry."""
        kind = AreaKind.UNALLOCATED if self.unallocated else AreaKind.VOLUME if self.volume else AreaKind.MEDIA
        return self.area(kind)

    def area(self, kind: AreaKind) -> Area:
        """Bytes of it that are no file's content."""
        if kind is AreaKind.MEDIA or self.volume is None:
            return Area(kind=AreaKind.MEDIA)
        if kind is AreaKind.SLACK and self.entry is not None:
            entry = self.entry
            return Area(kind=kind, volume_id=entry.volume_id, file_address=entry.address, file_path=entry.path)
        return Area(kind=kind, volume_id=self.volume.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesWanted:
    """Bytes of an area that are to be exported; without a size, all of them."""

    image: EvidenceImage
    area: Area
    offset_bytes: int = 0
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A place in evidence that another page points at: an entry of an image, or the image alone."""

    image_id: ImageId
    entry_id: int | None = None


def query_of(place: Place, narrowing: Narrowing, order: Order) -> CatalogueQuery:
    """The question that lists a place."""
    base = CatalogueQuery(
        volume_id=place.volume_id if place.folder_id is None else None,
        folder_id=place.folder_id,
        recursive=narrowing.recursive and place.folder_id is not None,
        top=place.is_folder and place.folder_id is None and not narrowing.recursive,
        filter=narrowing.filter,
        deleted=True if narrowing.deleted else None,
        mismatch=True if narrowing.mismatch else None,
        mime_prefix="image/" if narrowing.pictures else "",
        sort=order.column,
        descending=order.descending,
    )
    return _seen_through(base, place.view) if place.view else base


def _seen_through(base: CatalogueQuery, view: View) -> CatalogueQuery:
    return replace(
        base,
        filter=_filter_with(base.filter, view),
        mime=view.mime,
        mime_prefix=base.mime_prefix or view.mime_prefix,
        extension=view.extension,
        deleted=base.deleted if base.deleted is not None else view.deleted,
        orphan=view.orphan,
        mismatch=base.mismatch if base.mismatch is not None else view.mismatch,
        kinds=SIZED_KINDS if view.is_of_sizes else (),
        min_size_bytes=view.min_size_bytes,
        max_size_bytes=view.max_size_bytes,
    )


def _filter_with(typed: Expression | None, view: View) -> Expression | None:
    """What was typed, and what the view asks of tags and hash sets."""
    parts = [typed] if typed is not None else []
    if view.tag:
        parts.append(Tagged(name=view.tag))
    if view.in_sets:
        parts.append(InSet(kind=view.in_sets, name="*"))
    return None if not parts else parts[0] if len(parts) == 1 else Both(parts=tuple(parts))


def folders_first(place: Place, narrowing: Narrowing, order: Order) -> bool:
    """Whether folders stand before files: in one folder, by name. Every other order mixes them, as it compares."""
    return place.is_folder and not narrowing.recursive and order.column is SortColumn.NAME
