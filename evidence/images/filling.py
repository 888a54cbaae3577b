"""Reading as every container with tables does it: within the media, piece after piece."""

from __future__ import annotations

from abc import ABC, abstractmethod

from evidence.errors import ShortReadError
from evidence.images.base import refuse_negative


class FillingImage(ABC):
    """The two ways of reading of an ``Image`` that also fills buffers, made of one that fills some of a buffer."""

    media_bytes: int

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Read exactly that many bytes of the media; fewer only at its end.

        Raises:
            UnreadableRegionError: Bytes are missing or damaged, or a table or a checksum is.
            ShortReadError: A file became shorter than it was.
            SourceAccessError: A file cannot be read.
            SourceChangedError: A file is not the one it was.
        """
        target = bytearray(max(0, min(size_bytes, self.media_bytes - offset_bytes)))
        self.read_into(offset_bytes, memoryview(target))
        return bytes(target)

    def read_into(self, offset_bytes: int, target: memoryview, /) -> None:
        """Fill all of ``target`` from the media; the errors of ``read_at``."""
        refuse_negative(offset_bytes)
        if len(target) and offset_bytes + len(target) > self.media_bytes:
            raise ShortReadError(self.media_bytes, offset_bytes + len(target))
        done = 0
        while done < len(target):
            done += self._fill_some(offset_bytes + done, target[done:])

    @abstractmethod
    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        """Fill the beginning of ``target``, which lies within the media; return how many bytes, at least one."""
