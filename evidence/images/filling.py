"""Reading as every container with tables does it: within the media, piece after piece."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from evidence.errors import ShortReadError
from evidence.images.base import refuse_negative
from evidence.images.cache import BoundedCache

CHUNKS_CACHE_BYTES = 8 * 1024 * 1024


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


class Chunks:
    """Bytes that are stored in chunks of one size, the last of them cut off where the bytes end.

    A chunk that is read whole is unpacked anew each time; one of which a part is read is kept for the next part.
    """

    def __init__(self, size_bytes: int, chunk_bytes: int, unpack: Callable[[int], bytes]) -> None:
        """Take the sizes, and what gives a chunk by its number: at least as many bytes as belong to it."""
        self._size_bytes, self._chunk_bytes, self._unpack = size_bytes, chunk_bytes, unpack
        self._cache: BoundedCache[int, bytes] = BoundedCache(CHUNKS_CACHE_BYTES)

    def size_of(self, number: int) -> int:
        """How many bytes belong to a chunk."""
        return min(self._chunk_bytes, self._size_bytes - number * self._chunk_bytes)

    def fill_some(self, offset_bytes: int, target: memoryview) -> int:
        """Fill the beginning of ``target`` from one chunk; return how many bytes. What unpacks it may raise."""
        number, inside = divmod(offset_bytes, self._chunk_bytes)
        size = min(len(target), self.size_of(number) - inside)
        chunk = self._unpack(number) if size == self.size_of(number) else self._cache.get(number, self._weighed)
        target[:size] = memoryview(chunk)[inside : inside + size]
        return size

    def _weighed(self, number: int) -> tuple[bytes, int]:
        chunk = self._unpack(number)
        return chunk, len(chunk)
