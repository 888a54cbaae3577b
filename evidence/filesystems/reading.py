"""The content of single files, by volume and address: for viewers and for export."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.errors import UnreadableContentError, UnreadableRegionError
from evidence.filesystems.content import Content
from evidence.filesystems.signatures import recognise
from evidence.filesystems.tsk import FileSystemError, TskFileSystem
from evidence.images.base import Image
from evidence.volumes.base import Volume, Window


class FileContent:
    """The content of one file.

    Attributes:
        size_bytes: As the file system declares it.
    """

    def __init__(self, opened: TskFileSystem, content: Content, volume_id: str, address: str) -> None:
        """Read ``content`` of ``opened``; the names are for errors."""
        self._opened, self._content = opened, content
        self._volume_id, self._address = volume_id, address
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
        except OSError as error:
            region = self._opened.take_unreadable()
            why = str(region) if region else " ".join(str(error).split())
            raise UnreadableContentError(self._volume_id, self._address, why) from error


class FileReader:
    """An open image with the file systems in it that were asked for.

    Attributes:
        image: The image; whoever opened it closes it.
    """

    def __init__(self, image: Image) -> None:
        """Read from ``image``."""
        self.image = image
        self._opened: dict[str, TskFileSystem] = {}

    def content(self, volumes: Sequence[Volume], address: str) -> FileContent:
        """The content of a file.

        Args:
            volumes: Those that lie in each other, from the whole media to the one with the file system.
            address: As in a row of the catalogue: ``36-128-4`` or ``12``.

        Raises:
            UnreadableContentError: There is no such volume or file, or it has no content.
        """
        if not volumes:
            raise UnreadableContentError("", address, "no volume is named")
        volume_id = volumes[-1].id
        record, attribute = _parts(volume_id, address)
        opened = self._opened.get(volume_id)
        if opened is None:
            opened = self._opened[volume_id] = self._open(volumes)
        handle = opened.open_record(record)
        if handle is None:
            raise UnreadableContentError(volume_id, address, "there is no such file")
        size = int(handle.info.meta.size) if attribute is None else None
        for found in handle if attribute is not None else ():
            if (int(found.info.type), int(found.info.id)) == attribute:
                size = int(found.info.size)
        if size is None:
            raise UnreadableContentError(volume_id, address, "the file has no such attribute")
        valid = opened.valid_bytes(record)
        content = Content(handle=handle, attribute=attribute, size_bytes=size, valid_bytes=valid)
        return FileContent(opened, content, volume_id, address)

    def _open(self, volumes: Sequence[Volume]) -> TskFileSystem:
        """The file system of the last volume, looked for where an examination looks for it."""
        last, start = volumes[-1], sum(volume.start_bytes for volume in volumes)
        wanted = last.file_system.type if last.file_system else ""
        window = Window(self.image, start, self.image.media_bytes)
        try:
            found = next((item for item in recognise(window) if item.type == wanted), None)
            return TskFileSystem(window, found)
        except (FileSystemError, UnreadableRegionError) as error:
            raise UnreadableContentError(last.id, "the file system", str(error)) from error


def _parts(volume_id: str, address: str) -> tuple[int, tuple[int, int] | None]:
    """Number of the record, and type and number of the attribute if the address names one."""
    parts = address.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts) or len(parts) not in (1, 3):
        raise UnreadableContentError(volume_id, address, "that is no address of a file")
    numbers = [int(part) for part in parts]
    return numbers[0], (numbers[1], numbers[2]) if len(numbers) == 3 else None
