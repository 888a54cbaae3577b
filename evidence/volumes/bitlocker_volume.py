"""The decrypted bytes of a BitLocker volume, as Windows shows them.

Source: "BitLocker Drive Encryption (BDE) format specification", J. Metz (libbde), chapter "Virtual sector(s)".
"""

from __future__ import annotations

from evidence.errors import UnreadableRegionError
from evidence.volumes.base import Readable, Window
from evidence.volumes.bitlocker_metadata import VISTA, Metadata
from evidence.volumes.ciphers import CbcSectors, SectorCipher, XtsSectors
from evidence.volumes.elephant import ElephantSectors

METHODS = {
    0x8000: "AES-CBC 128-bit with Elephant diffuser",
    0x8001: "AES-CBC 256-bit with Elephant diffuser",
    0x8002: "AES-CBC 128-bit",
    0x8003: "AES-CBC 256-bit",
    0x8004: "AES-XTS 128-bit",
    0x8005: "AES-XTS 256-bit",
}

_CLEAR_SECTORS = 16
_TWEAK_AT = 32


def cipher_of(method: int, key: bytes, sector_bytes: int) -> SectorCipher | None:
    """The cipher of a volume; None where the method is not known, or the key is too short for it."""
    size = {0x8000: 16, 0x8001: 32, 0x8002: 16, 0x8003: 32, 0x8004: 32, 0x8005: 64}.get(method)
    if size is None or len(key) < size:
        return None
    if method in (0x8004, 0x8005):
        return XtsSectors(key[:size], sector_bytes=sector_bytes)
    if method in (0x8002, 0x8003):
        return CbcSectors(key[:size], "eboiv", sector_bytes=sector_bytes)
    if len(key) < _TWEAK_AT + size:
        return None
    return ElephantSectors(key[:size], key[_TWEAK_AT : _TWEAK_AT + size], sector_bytes=sector_bytes)


class DecryptedVolume:
    """Reads through the cipher. Safe from several threads.

    Attributes:
        media_bytes: Whole sectors of the encrypted volume.
    """

    def __init__(
        self,
        source: Readable,
        cipher: SectorCipher,
        metadata: Metadata,
        *,
        moved_bytes: int,
        hidden: tuple[tuple[int, int], ...],
    ) -> None:
        """Take the encrypted volume and where its special sectors are.

        Args:
            source: The encrypted volume.
            cipher: Of its sectors.
            metadata: As chosen; its places must be whole sectors.
            moved_bytes: How many bytes at the start are stored at ``metadata.moved_to``; 0 for Windows Vista.
            hidden: Starts and ends of what reads as zeros: the metadata, and the place of the moved sectors.
        """
        sector = cipher.sector_bytes
        self.media_bytes = source.media_bytes // sector * sector
        self._source = Window(source, 0, self.media_bytes)
        self._cipher = cipher
        self._moved_bytes, self._moved_to = moved_bytes, metadata.moved_to
        self._hidden = hidden
        self._clear_bytes = _CLEAR_SECTORS * sector if metadata.version == VISTA else 0
        self._encrypted_bytes = metadata.encrypted_bytes or self.media_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: The image does not give them, or ends before the place the sectors were moved to.
        """
        end = min(offset_bytes + size_bytes, self.media_bytes)
        parts: list[bytes] = []
        while 0 <= offset_bytes < end:
            until = min(end, self._next_border(offset_bytes))
            parts.append(self._part(offset_bytes, until))
            offset_bytes = until
        return b"".join(parts)

    def _next_border(self, offset: int) -> int:
        """Where the sectors end that are stored as the one at ``offset`` is."""
        borders = [self._moved_bytes, self._clear_bytes, self._encrypted_bytes, self.media_bytes]
        borders += [self._encrypted_bytes - self._moved_to] if self._moved_bytes else []
        borders += [border for stretch in self._hidden for border in stretch]
        return min(border for border in borders if border > offset)

    def _part(self, start: int, end: int) -> bytes:
        if start < self._moved_bytes:
            return self._stored(start + self._moved_to, end + self._moved_to)
        if any(first <= start < last for first, last in self._hidden):
            return bytes(end - start)
        if start < self._clear_bytes:
            return self._clear(start, end)
        return self._stored(start, end)

    def _stored(self, start: int, end: int) -> bytes:
        """Bytes of the encrypted volume, decrypted where they lie in the part that is encrypted."""
        if start >= self._encrypted_bytes:
            return self._exact(start, end)
        sector = self._cipher.sector_bytes
        first = start // sector
        whole = self._exact(first * sector, -(-end // sector) * sector)
        return self._cipher.decrypt(whole, first)[start - first * sector : end - first * sector]

    def _clear(self, start: int, end: int) -> bytes:
        """From the first sectors of a volume of Windows Vista: its boot sector as NTFS had it."""
        data = bytearray(self._exact(0, self._clear_bytes))
        data[3:11] = b"NTFS    "
        data[56:64] = self._moved_to.to_bytes(8, "little")
        return bytes(data[start:end])

    def _exact(self, start: int, end: int) -> bytes:
        data = self._source.read_at(start, end - start)
        if len(data) < end - start:
            raise UnreadableRegionError(start, end - start, "the volume ends before it")
        return data
