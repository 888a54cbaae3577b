"""The content of single files, by volume and address: for viewers and for export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evidence.errors import UnreadableContentError, UnreadableRegionError
from evidence.filesystems import btrfs_joined, sleuthkit
from evidence.filesystems.archives import KIND as ARCHIVE
from evidence.filesystems.archives import member_content
from evidence.filesystems.content import UNREADABLE, ContentSource, Placed, reason
from evidence.filesystems.formats import Format, recognise, recognise_shared
from evidence.filesystems.logical import tree_of
from evidence.filesystems.opened import FileSystemError, ListedElsewhereError, OpenedFileSystem
from evidence.filesystems.ranges import SLACK, UNALLOCATED, JoinedRanges, Range
from evidence.filesystems.signatures import Found
from evidence.images.base import Image, is_logical
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.base import Readable, Volume, Window
from evidence.volumes.layers import ALONE, DIVIDED, Beside, Inner, siblings
from evidence.volumes.tables import divisions_of_media, layers_of, neighbours

PROOF_BYTES = 512
_LAYERED = frozenset({"decrypted", "logical", "snapshot", "pool_volume"})


class FileContent:
    """The content of one file.

    Attributes:
        size_bytes: As the file system declares it.
    """

    def __init__(self, content: ContentSource, volume_id: str, address: str) -> None:
        """Read ``content``; the names are for errors."""
        self._content, self._volume_id, self._address = content, volume_id, address
        self.size_bytes = content.size_bytes

    def read(self, offset_bytes: int, size_bytes: int) -> bytes:
        """Exactly that many bytes, fewer only at the end of the content.

        Raises:
            UnreadableContentError: They cannot be read; never zeros in silence.
        """
        if offset_bytes < 0 or size_bytes <= 0 or offset_bytes >= self.size_bytes:
            return b""
        try:
            return self._content.read(offset_bytes, size_bytes)
        except UNREADABLE as error:
            raise UnreadableContentError(self._volume_id, self._address, reason(error)) from error

    @property
    def ranges(self) -> Iterable[Range]:
        """Offsets in the volume and lengths, in bytes, of unallocated space and of slack; nothing for others."""
        return self._content if isinstance(self._content, JoinedRanges) else ()

    def stretches(self, offset_bytes: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
        """Where a part lies, as far as that is known: place in the content, offset in the volume, length, in bytes."""
        return self._content.within(offset_bytes, size_bytes) if isinstance(self._content, Placed) else iter(())


class FileReader:
    """An open image with the volumes and file systems in it that were asked for.

    Attributes:
        image: The image; whoever opened it closes it.
    """

    def __init__(self, image: Image, keys: Keys = NO_KEYS) -> None:
        """Read from ``image``; ``keys`` are tried on every locked volume."""
        self.image = image
        self._keys = keys
        self._opened: dict[str, OpenedFileSystem] = {}
        self._inner: dict[str, Inner] = {}
        self._beside_inner: dict[str, Beside] = {}
        self._unused: tuple[str, FileContent] | None = None

    def content(self, volumes: Sequence[Volume], address: str) -> FileContent:
        """The content of a file.

        Args:
            volumes: Those that lie in each other, from the whole media to the one with the file system.
            address: As in a row of the catalogue: ``36-128-4`` or ``12``, in archives ``36-128-4!0``;
                ``unallocated`` is what no file uses, and ``12/slack`` the slack of a file.

        Raises:
            UnreadableContentError: There is no such volume or file, or it has no content.
        """
        if not volumes:
            raise UnreadableContentError("", address, "no volume is named")
        volume_id = volumes[-1].id
        try:
            if volumes[-1].kind == ARCHIVE and len(volumes) > 1:
                return FileContent(member_content(self._file_system(volumes[:-1]), address), volume_id, address)
            return FileContent(_content(self._file_system(volumes), address), volume_id, address)
        except UNREADABLE as error:
            raise UnreadableContentError(volume_id, address, reason(error)) from error

    def slack(self, volumes: Sequence[Volume], address: str) -> FileContent:
        """What lies behind the end of a file's content in the blocks that belong to it; often nothing.

        Raises:
            UnreadableContentError: There is no such volume or file, or its file system has no slack that is read.
        """
        return self.content(volumes, f"{address}{SLACK}")

    def unallocated(self, volumes: Sequence[Volume]) -> FileContent:
        """What no file of a volume uses, one stretch behind the other; ``ranges`` says where they lie.

        Raises:
            UnreadableContentError: There is no such volume, or its file system keeps no record of it that is read.
        """
        volume_id = volumes[-1].id if volumes else ""
        if self._unused is None or self._unused[0] != volume_id:  # reading it in pages must not look for it each time
            self._unused = volume_id, self.content(volumes, UNALLOCATED)
        return self._unused[1]

    def occupied(self, volumes: Sequence[Volume], address: str) -> list[Range]:
        """Where in the volume a content lies, in whatever form it is stored there.

        Raises:
            UnreadableContentError: There is no such volume or file, or it is not known.
        """
        try:
            return self._file_system(volumes).occupied(address)
        except UNREADABLE as error:
            raise UnreadableContentError(volumes[-1].id, address, reason(error)) from error

    def records(self, volumes: Sequence[Volume], address: str) -> list[int]:
        """Of NTFS, the numbers of the file records in which attributes of a file stand, its own first; else none.

        Raises:
            UnreadableContentError: There is no such volume or file, or it is not known.
        """
        try:
            return self._file_system(volumes).records(address)
        except UNREADABLE as error:
            raise UnreadableContentError(volumes[-1].id, address, reason(error)) from error

    def place(self, volumes: Sequence[Volume], address: str, offset_bytes: int) -> int | None:
        """Where a byte of a file's content lies in the volume; None where it is not stored as it is, or not known.

        It is only told where the volume has the same bytes there.

        Raises:
            UnreadableContentError: There is no such volume or file, or it cannot be read.
        """
        content = self.content(volumes, address)
        if volumes[-1].kind in _LAYERED and self._inner_of(volumes).source is None:
            return None  # it is another reading of the volume that it lies in
        try:
            found = next(content.stretches(offset_bytes, PROOF_BYTES), None)
            if found is None or found[0] != offset_bytes:
                return None
            source, (_, start, length) = self.media(volumes), found
            same = source.read_at(start, min(length, source.media_bytes - start)) == content.read(offset_bytes, length)
            return start if same else None
        except UNREADABLE as error:
            raise UnreadableContentError(volumes[-1].id, address, reason(error)) from error

    def media(self, volumes: Sequence[Volume]) -> Readable:
        """The bytes of the last of the volumes, which lie in each other from the whole media on.

        Raises:
            UnreadableContentError: There is no such volume, it is locked, or it has no bytes of its own.
        """
        try:
            return self._source(volumes)
        except UnreadableRegionError as error:
            raise UnreadableContentError(volumes[-1].id, "the volume", str(error)) from error

    def is_locked(self, volumes: Sequence[Volume]) -> bool:
        """Whether the last of the volumes, which lie in each other from the whole media on, stays locked.

        Raises:
            UnreadableContentError: There is no such volume, or it lies in one that is locked.
        """
        last = volumes[-1]
        try:
            if last.kind in _LAYERED and last.encryption is not None:
                inner = self._inner_of(volumes)
                if inner.locked or inner.source is None:
                    return inner.locked
            source, beside = self._source(volumes), self._beside(volumes)
            layers, unread = layers_of(source, self._keys, beside.for_layers)
            is_locked = any(layer.locked for layer in layers)
            if unread and not is_locked:
                raise unread[0]
            return is_locked
        except UNREADABLE as error:
            raise UnreadableContentError(last.id, "the volume", reason(error)) from error

    def _file_system(self, volumes: Sequence[Volume]) -> OpenedFileSystem:
        """The file system of the last volume, kept open."""
        opened = self._opened.get(volumes[-1].id)
        if opened is None:
            opened = self._opened[volumes[-1].id] = self._open(volumes)
        return opened

    def _open(self, volumes: Sequence[Volume]) -> OpenedFileSystem:
        """The file system of the last volume, looked for where an examination looks for it."""
        last = volumes[-1]
        if len(volumes) == 1 and is_logical(self.image):
            try:
                return tree_of(self.image)
            except FileSystemError as error:
                raise UnreadableContentError(last.id, "the list of the files", error.why) from error
        wanted = last.file_system.type if last.file_system else ""
        if last.kind in _LAYERED:
            inner = self._inner_of(volumes)
            if inner.file_system is not None:
                return inner.file_system
        source = self._source(volumes, to_end=True)
        try:
            for found, format_ in (*recognise(source), *recognise_shared(source)):
                if found.type == wanted and format_.is_read:
                    return _opened(format_, source, found, self._beside(volumes))
            return sleuthkit.open_by_trial(source)
        except FileSystemError as error:
            raise UnreadableContentError(last.id, "the file system", str(error)) from error

    def _source(self, volumes: Sequence[Volume], *, to_end: bool = False) -> Readable:
        """The bytes of a volume; ``to_end`` as far as its parent goes, for a file system may outgrow its partition."""
        last = volumes[-1]
        if last.kind in _LAYERED:
            source = self._inner_of(volumes).source
            if source is None:
                raise UnreadableContentError(last.id, "the volume", "it is locked, or has no bytes of its own")
            return source
        if len(volumes) == 1:
            return Window(self.image, 0, self.image.media_bytes)
        parent = self._source(volumes[:-1], to_end=True)
        return Window(parent, last.start_bytes, parent.media_bytes if to_end else last.length_bytes)

    def _inner_of(self, volumes: Sequence[Volume]) -> Inner:
        """The volume that a layer shows; all of that layer are kept."""
        last = volumes[-1]
        if last.id not in self._inner and len(volumes) > 1:
            if volumes[-2].kind in _LAYERED:
                self._inner_of(volumes[:-1])  # a snapshot in a volume of the same layer comes with it
            if last.id not in self._inner:
                self._open_layers(volumes[:-1])
        try:
            return self._inner[last.id]
        except KeyError:
            raise UnreadableContentError(last.id, "the volume", "it is not found again on the image") from None

    def _open_layers(self, volumes: Sequence[Volume]) -> None:
        parent = volumes[-1]
        source, beside = self._source(volumes), self._beside(volumes)
        layers, unread = layers_of(source, self._keys, beside.for_layers)
        for layer in layers:
            self._keep(parent.id, layer.volumes)
            for inner in layer.volumes:
                self._beside_inner[f"{parent.id}.{inner.slot}"] = siblings(layer.volumes, inner)
        if unread and not layers:
            raise unread[0]

    def _keep(self, parent_id: str, volumes: Iterable[Inner]) -> None:
        for inner in volumes:
            self._inner[f"{parent_id}.{inner.slot}"] = inner
            self._keep(f"{parent_id}.{inner.slot}", inner.inner)

    def _beside(self, volumes: Sequence[Volume]) -> Beside:
        last = volumes[-1]
        if len(volumes) == 1 or last.kind in DIVIDED:
            media = self._source(volumes)
            joined = btrfs_joined.behind(media, divisions_of_media(media, self.image.sector_bytes)[0])
            return joined if joined.later else self._beside_inner.get(last.id, ALONE)
        if last.kind != "partition":
            return ALONE
        around = self._source(volumes[:-1])
        for division in divisions_of_media(around, self.image.sector_bytes)[0]:
            for index, stretch in enumerate(division.stretches):
                if (stretch.start_bytes, stretch.length_bytes) == (last.start_bytes, last.length_bytes):
                    return neighbours(division, index, around)
        return ALONE


def _content(opened: OpenedFileSystem, address: str) -> ContentSource:
    """What an address means; raises one of ``UNREADABLE``."""
    if address == UNALLOCATED:
        return opened.unallocated()
    if address.endswith(SLACK):
        return opened.slack(address.removesuffix(SLACK))
    return opened.content(address)


def _opened(format_: Format, source: Readable, found: Found, beside: Beside) -> OpenedFileSystem:
    """A file system; one that is listed elsewhere too, for what lies in this part of it, such as unallocated space."""
    try:
        return format_.opened(source, found, beside)
    except ListedElsewhereError as elsewhere:
        return elsewhere.opened()
