"""A stored hash set: one algorithm, sorted digests behind a fan-out table. The format is docs/hash-set-format.md."""

from __future__ import annotations

import hashlib
import mmap
import struct
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.digest import OnProgress
from evidence.errors import HashSetError
from evidence.hash_sets.base import DIGEST_BYTES

MAGIC = b"HASHSET\n"
VERSION = 1
HEADER = struct.Struct("<8sII8sQ32s")
DIGEST_OFFSET = HEADER.size - 32
LEAST_BITS, MOST_BITS = 8, 22
KEY_BYTES = 3
_SCAN = 48
"""With so few digests left between two bounds, a search through their bytes is quicker than halving on."""
_CHUNK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a stored set says of itself.

    Attributes:
        bits: So many leading bits of a digest are its place in the fan-out table.
        sha256: Of the whole file, with these 32 bytes as zeros.
    """

    bits: int
    algorithm: str
    count: int
    sha256: bytes

    def packed(self, sha256: bytes = bytes(32)) -> bytes:
        """The header as stored, with this digest."""
        return HEADER.pack(MAGIC, VERSION, self.bits, self.algorithm.encode().ljust(8, b"\0"), self.count, sha256)

    @property
    def body_offset(self) -> int:
        """Where the first digest begins."""
        return HEADER.size + 8 * ((1 << self.bits) + 1)

    @property
    def file_bytes(self) -> int:
        """How long the file is."""
        return self.body_offset + self.count * DIGEST_BYTES[self.algorithm]


class StoredSet:
    """One open set, read-only; any number of threads may ask it. A context manager."""

    def __init__(self, path: Path) -> None:
        """Open it and check its header, its length and its table; :meth:`verify` checks every byte.

        Raises:
            HashSetError: It is missing, no hash set, of a newer format, or not as long as it says.
        """
        self.path = path
        try:
            with path.open("rb") as file:
                self.header = _header(path, file.read(HEADER.size))
                size_bytes = file.seek(0, 2)
                if size_bytes != self.header.file_bytes:
                    raise HashSetError(path, f"is {size_bytes} bytes long, it says {self.header.file_bytes}")
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise HashSetError(path, f"cannot be read: {error.strerror}") from error
        self._width, self._body = DIGEST_BYTES[self.header.algorithm], self.header.body_offset
        self._shift = 8 * KEY_BYTES - self.header.bits
        self._fan = _table(self._map[HEADER.size : self._body])
        if self._fan[0] != 0 or self._fan[-1] != self.header.count:
            self.close()
            raise HashSetError(path, "has a table that does not agree with its header")

    def __enter__(self) -> Self:
        """The set itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def __len__(self) -> int:
        """How many digests it holds."""
        return self.header.count

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def verify(self, on_progress: OnProgress = lambda done, total: None) -> None:
        """Compare every byte with the digest that the header holds.

        Raises:
            HashSetError: It differs.
        """
        if content_sha256(self.path, on_progress) != self.header.sha256:
            raise HashSetError(self.path, "was changed after it was made: its content does not have its digest")

    def holds(self, digest: bytes) -> bool:
        """Whether a digest is in it; one of another length is not."""
        return len(digest) == self._width and bool(self.found([(0, digest)]))

    def found(self, digests: Iterable[tuple[int, bytes]]) -> list[int]:
        """The numbers of those of ``digests`` that are in it. All have the length of the set's algorithm."""
        fan, data, width, body, shift, key = self._fan, self._map, self._width, self._body, self._shift, KEY_BYTES
        numbers = []
        for number, digest in digests:
            place = int.from_bytes(digest[:key], "big") >> shift
            low, high = fan[place], fan[place + 1]
            while high - low > _SCAN:
                middle = (low + high) // 2
                if data[body + middle * width : body + (middle + 1) * width] > digest:
                    high = middle
                else:
                    low = middle
            piece = data[body + low * width : body + high * width]
            at = piece.find(digest)
            while at > 0 and at % width:
                at = piece.find(digest, at + 1)
            if at >= 0:
                numbers.append(number)
        return numbers


def content_sha256(path: Path, on_progress: OnProgress = lambda done, total: None) -> bytes:
    """SHA-256 of a stored set with zeros where its header holds that digest."""
    size_bytes, digest = path.stat().st_size, hashlib.sha256()
    with path.open("rb") as file:
        digest.update(file.read(DIGEST_OFFSET) + bytes(len(file.read(32))))
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            on_progress(file.tell(), size_bytes)
    return digest.digest()


def _header(path: Path, stored: bytes) -> Header:
    if len(stored) < HEADER.size or not stored.startswith(MAGIC):
        raise HashSetError(path, "is no stored hash set")
    _, version, bits, name, count, sha256 = HEADER.unpack(stored)
    if version != VERSION:
        raise HashSetError(path, f"has format {version}; this program knows {VERSION}")
    algorithm = name.rstrip(b"\0").decode("ascii", "replace")
    if algorithm not in DIGEST_BYTES or not LEAST_BITS <= bits <= MOST_BITS:
        raise HashSetError(path, "has a header that makes no sense")
    return Header(bits=bits, algorithm=algorithm, count=count, sha256=sha256)


def _table(stored: bytes) -> array[int]:
    found = array("Q")
    found.frombytes(stored)
    if sys.byteorder == "big":
        found.byteswap()
    return found
