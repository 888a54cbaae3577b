"""AES over runs of sectors, as disk encryption uses it: XTS (IEEE 1619), CBC with an IV per sector, ECB.

A call of the cipher library for every sector costs more than the cipher itself, so a whole run goes through it at
once, with the tweaks or IVs of all its sectors laid beside the data.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

BLOCK_BYTES = 16
IV_KINDS = ("zero", "plain", "plain64", "plain64be", "essiv:sha256", "eboiv")

_PIECE_BYTES = 1 << 18
_CARRY = 0x87


class SectorCipher(Protocol):
    """Decrypts whole sectors, each of which was encrypted by itself."""

    @property
    def sector_bytes(self) -> int: ...  # noqa: D102

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """The plain text of a run of sectors.

        Args:
            data: Whole sectors.
            first_number: Number of the first of them, in the units of the cipher.

        Raises:
            ValueError: ``data`` is no whole number of sectors.
        """
        ...


class XtsSectors:
    """AES-XTS whose tweak is the number of the sector (``plain64``)."""

    def __init__(self, key: bytes, *, sector_bytes: int = 512, step: int = 1) -> None:
        """Take both halves of the key: 32 bytes for AES-128, 64 for AES-256.

        Args:
            key: The key for the data, then the one for the tweaks.
            sector_bytes: A multiple of 16.
            step: By how much the number grows from one sector to the next, 8 for sectors of 4096 bytes that are
                counted in units of 512.

        Raises:
            ValueError: The key or the sector has another length.
        """
        if len(key) not in (32, 64):
            raise ValueError(f"AES-XTS has no key of {len(key)} bytes")
        _check_sector(sector_bytes)
        half = len(key) // 2
        self._data, self._tweak = Cipher(AES(key[:half]), ECB()), Cipher(AES(key[half:]), ECB())
        self._step = step
        self.sector_bytes = sector_bytes

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """As :meth:`SectorCipher.decrypt`."""
        _check_run(data, self.sector_bytes)
        piece = max(1, _PIECE_BYTES // self.sector_bytes) * self.sector_bytes
        per_piece = piece // self.sector_bytes * self._step
        return b"".join(
            self._decrypt(data[at : at + piece], first_number + index * per_piece)
            for index, at in enumerate(range(0, len(data), piece))
        )

    def _decrypt(self, data: bytes, first_number: int) -> bytes:
        size = len(data)
        mask = int.from_bytes(self._mask(size // self.sector_bytes, first_number), "little")
        inner = (int.from_bytes(data, "little") ^ mask).to_bytes(size, "little")
        plain = self._data.decryptor().update(inner)
        return (int.from_bytes(plain, "little") ^ mask).to_bytes(size, "little")

    def _mask(self, sectors: int, first_number: int) -> bytearray:
        """What the blocks are whitened with: for all sectors at once, the tweak times the powers of alpha."""
        size, words = BLOCK_BYTES * sectors, self.sector_bytes // 8
        numbers = _numbers(sectors, first_number, self._step)
        lanes = int.from_bytes(self._tweak.encryptor().update(numbers), "little")
        ones = int.from_bytes((b"\x01" + bytes(15)) * sectors, "little")
        low = int.from_bytes((b"\xff" * 15 + b"\x7f") * sectors, "little")
        mask = bytearray(sectors * self.sector_bytes)
        with memoryview(mask).cast("Q") as target:
            for word in range(0, words, 2):
                tweaks = memoryview(lanes.to_bytes(size, "little")).cast("Q")
                target[word::words], target[word + 1 :: words] = tweaks[::2], tweaks[1::2]
                lanes = ((lanes & low) << 1) ^ (((lanes >> 127) & ones) * _CARRY)
        return mask


class CbcSectors:
    """AES-CBC, begun anew in every sector with an IV made from the sector's number."""

    def __init__(self, key: bytes, iv: str, *, sector_bytes: int = 512, step: int = 1) -> None:
        """Take the key, 16, 24 or 32 bytes, and how the IV is made.

        Args:
            key: Of the data; the key of the IVs follows from it.
            iv: ``zero``; the number in little-endian order, of 32 bits (``plain``) or 64 (``plain64``), or in
                big-endian order (``plain64be``); the 64-bit number encrypted under the SHA-256 of the key
                (``essiv:sha256``); the number times ``sector_bytes`` encrypted under the key itself (``eboiv``).
            sector_bytes: A multiple of 16.
            step: As for :class:`XtsSectors`.

        Raises:
            ValueError: The key has another length, or the kind of IV is not known.
        """
        if iv not in IV_KINDS:
            raise ValueError(f"no kind of IV is called {iv}")
        _check_sector(sector_bytes)
        self._key, self._iv, self._step = AES(key), iv, step
        self._iv_key = AES(hashlib.sha256(key).digest()) if iv == "essiv:sha256" else self._key
        self.sector_bytes = sector_bytes

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """As :meth:`SectorCipher.decrypt`."""
        size = self.sector_bytes
        _check_run(data, size)
        ivs = self._ivs(len(data) // size, first_number)
        chained = b"".join(
            part
            for iv, at in zip(range(0, len(ivs), BLOCK_BYTES), range(0, len(data), size), strict=True)
            for part in (ivs[iv : iv + BLOCK_BYTES], data[at : at + size])
        )
        plain = Cipher(self._key, CBC(bytes(BLOCK_BYTES))).decryptor().update(chained)
        whole = size + BLOCK_BYTES
        return b"".join(plain[at + BLOCK_BYTES : at + whole] for at in range(0, len(plain), whole))

    def _ivs(self, sectors: int, first_number: int) -> bytes:
        if self._iv == "zero":
            return bytes(BLOCK_BYTES * sectors)
        if self._iv == "plain":
            return _numbers(sectors, first_number, self._step, modulo=1 << 32)
        if self._iv == "plain64be":
            run = range(first_number, first_number + sectors * self._step, self._step)
            return b"".join([number.to_bytes(BLOCK_BYTES, "big") for number in run])
        unit = self.sector_bytes if self._iv == "eboiv" else 1
        numbers = _numbers(sectors, first_number * unit, self._step * unit)
        return numbers if self._iv == "plain64" else Cipher(self._iv_key, ECB()).encryptor().update(numbers)


class EcbSectors:
    """AES-ECB: every block by itself, whatever its place."""

    def __init__(self, key: bytes, *, sector_bytes: int = 512) -> None:
        """Take the key, 16, 24 or 32 bytes.

        Raises:
            ValueError: The key has another length.
        """
        _check_sector(sector_bytes)
        self._cipher = Cipher(AES(key), ECB())
        self.sector_bytes = sector_bytes

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """As :meth:`SectorCipher.decrypt`."""
        _check_run(data, self.sector_bytes)
        return self._cipher.decryptor().update(data)


def _numbers(sectors: int, first: int, step: int, *, modulo: int = 1 << 64) -> bytes:
    """The numbers of the sectors, 16 bytes each."""
    run = range(first, first + sectors * step, step)
    return b"".join([(number % modulo).to_bytes(BLOCK_BYTES, "little") for number in run])


def _check_sector(sector_bytes: int) -> None:
    if sector_bytes < BLOCK_BYTES or sector_bytes % BLOCK_BYTES:
        raise ValueError(f"no sector of {sector_bytes} bytes can be encrypted by blocks of {BLOCK_BYTES}")


def _check_run(data: bytes, sector_bytes: int) -> None:
    if len(data) % sector_bytes:
        raise ValueError(f"{len(data)} bytes are no whole number of sectors of {sector_bytes}")
