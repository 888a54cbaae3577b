"""The ciphers of dm-crypt by their names, and the content of a volume under them.

Source: the names of the Linux kernel's dm-crypt documentation (admin-guide/device-mapper/dm-crypt.rst).
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import Camellia
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from evidence.volumes.base import Readable
from evidence.volumes.ciphers import Block, CbcSectors, EcbSectors, SectorCipher, XtsSectors
from evidence.volumes.joined import clipped, exactly
from evidence.volumes.luks_header import SECTOR_BYTES, LuksError

_BLOCKS: dict[str, Block] = {"aes": AES, "camellia": Camellia}
_IVS = {"null": "zero", "plain": "plain", "plain64": "plain64", "plain64be": "plain64be"}


class _Clear:
    """What ``cipher_null`` does: nothing."""

    sector_bytes = SECTOR_BYTES

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """The data as they are."""
        return data


def sector_cipher(name: str, key: bytes, *, sector_bytes: int = SECTOR_BYTES) -> SectorCipher:
    """The cipher that dm-crypt calls ``name``, such as ``aes-xts-plain64``; its numbers count units of 512 bytes.

    Raises:
        LuksError: It is not supported, or takes no key of this length.
    """
    cipher, _, rest = name.partition("-")
    mode, _, iv = rest.partition("-")
    step = sector_bytes // SECTOR_BYTES
    if cipher == "cipher_null":
        return _Clear()
    kind = iv if iv.startswith("essiv:") else _IVS.get(iv, "")
    block = _BLOCKS.get(cipher)
    try:
        if block is not None and mode == "ecb":
            return EcbSectors(key, sector_bytes=sector_bytes, block=block)
        if block is not None and mode == "xts" and kind:
            return XtsSectors(key, kind, sector_bytes=sector_bytes, step=step, block=block)
        if block is not None and mode == "cbc" and kind:
            return CbcSectors(key, kind, sector_bytes=sector_bytes, step=step, block=block)
    except (ValueError, UnsupportedAlgorithm) as error:
        what = f"The cipher {name} with a key of {len(key)} bytes is not supported: {error}"
        raise LuksError(what, is_damage=False) from None
    raise LuksError(f"The cipher {name} is not supported.", is_damage=False)


class Decrypted:
    """A stretch of a volume, decrypted.

    Attributes:
        media_bytes: Whole sectors only.
    """

    def __init__(
        self, source: Readable, offset_bytes: int, length_bytes: int, cipher: SectorCipher, first_iv: int
    ) -> None:
        """Decrypt ``length_bytes`` from ``offset_bytes`` on; the first sector has the number ``first_iv``."""
        self._source, self._offset, self._cipher, self._first_iv = source, offset_bytes, cipher, first_iv
        self.media_bytes = length_bytes // cipher.sector_bytes * cipher.sector_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: With the offset in the volume.
        """
        size_bytes = clipped(self.media_bytes, offset_bytes, size_bytes)
        if not size_bytes:
            return b""
        unit = self._cipher.sector_bytes
        start = offset_bytes // unit * unit
        end = -(-(offset_bytes + size_bytes) // unit) * unit
        raw = exactly(self._source, self._offset + start, end - start)
        plain = self._cipher.decrypt(raw, self._first_iv + start // SECTOR_BYTES)
        return plain[offset_bytes - start : offset_bytes - start + size_bytes]
