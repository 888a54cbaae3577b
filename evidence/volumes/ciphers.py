"""Block ciphers over runs of sectors, as disk encryption uses them: XTS (IEEE 1619), CBC with an IV per sector, ECB.

A call of the cipher library for every sector costs more than the cipher itself, so a whole run of small sectors goes
through it at once, with the tweaks or IVs of all its sectors laid beside the data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol, TypeAlias

from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB, XTS

BLOCK_BYTES = 16
IV_KINDS = ("zero", "plain", "plain64", "plain64be", "eboiv")

Block: TypeAlias = Callable[[bytes], BlockCipherAlgorithm]
"""Makes a cipher of blocks of 16 bytes of a key; ValueError for a key of another length."""

_PIECE_BYTES = 1 << 18
_FEW_SECTORS = 64
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
    """XTS whose tweak is made from the number of the sector."""

    def __init__(
        self, key: bytes, iv: str = "plain64", *, sector_bytes: int = 512, step: int = 1, block: Block = AES
    ) -> None:
        """Take both halves of the key: 32 bytes for AES-128, 64 for AES-256.

        Args:
            key: The key for the data, then the one for the tweaks.
            iv: What is encrypted as the tweak, as for :class:`CbcSectors`.
            sector_bytes: A multiple of 16.
            step: By how much the number grows from one sector to the next, 8 for sectors of 4096 bytes that are
                counted in units of 512.
            block: The cipher.

        Raises:
            ValueError: The key or the sector has another length, or the kind of IV is not known.
        """
        if len(key) not in (32, 64):
            raise ValueError(f"XTS has no key of {len(key)} bytes")
        _check_sector(sector_bytes)
        half = len(key) // 2
        self._data, self._tweak = Cipher(block(key[:half]), ECB()), Cipher(block(key[half:]), ECB())
        self._ivs = _Ivs(iv, key, block, sector_bytes, step)
        self._whole = AES(key) if block is AES and key[:half] != key[half:] else None  # what the library's XTS takes
        self._step = step
        self.sector_bytes = sector_bytes

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """As :meth:`SectorCipher.decrypt`."""
        _check_run(data, self.sector_bytes)
        if self._whole is not None and (self.sector_bytes > 512 or len(data) < _FEW_SECTORS * self.sector_bytes):
            return self._one_by_one(self._whole, data, first_number)
        piece = max(1, _PIECE_BYTES // self.sector_bytes) * self.sector_bytes
        per_piece = piece // self.sector_bytes * self._step
        return b"".join(
            self._decrypt(data[at : at + piece], first_number + index * per_piece)
            for index, at in enumerate(range(0, len(data), piece))
        )

    def _one_by_one(self, key: AES, data: bytes, first_number: int) -> bytes:
        """Few or large sectors: a call of the library for each costs less than the powers of alpha."""
        ivs = self._ivs.run(len(data) // self.sector_bytes, first_number)
        return b"".join(
            Cipher(key, XTS(ivs[iv : iv + BLOCK_BYTES])).decryptor().update(data[at : at + self.sector_bytes])
            for iv, at in zip(range(0, len(ivs), BLOCK_BYTES), range(0, len(data), self.sector_bytes), strict=True)
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
        ivs = self._ivs.run(sectors, first_number)
        lanes = int.from_bytes(self._tweak.encryptor().update(ivs), "little")
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
    """CBC, begun anew in every sector with an IV made from the sector's number."""

    def __init__(self, key: bytes, iv: str, *, sector_bytes: int = 512, step: int = 1, block: Block = AES) -> None:
        """Take the key, 16, 24 or 32 bytes, and how the IV is made.

        Args:
            key: Of the data; the key of the IVs follows from it.
            iv: ``zero``; the number in little-endian order, of 32 bits (``plain``) or 64 (``plain64``), or in
                big-endian order (``plain64be``); the 64-bit number encrypted under a digest of the key
                (``essiv:sha256``); the number times ``sector_bytes`` encrypted under the key itself (``eboiv``).
            sector_bytes: A multiple of 16.
            step: As for :class:`XtsSectors`.
            block: The cipher.

        Raises:
            ValueError: The key has another length, or the kind of IV is not known.
        """
        _check_sector(sector_bytes)
        self._key, self._ivs = block(key), _Ivs(iv, key, block, sector_bytes, step)
        self.sector_bytes = sector_bytes

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """As :meth:`SectorCipher.decrypt`."""
        size = self.sector_bytes
        _check_run(data, size)
        ivs = self._ivs.run(len(data) // size, first_number)
        chained = b"".join(
            part
            for iv, at in zip(range(0, len(ivs), BLOCK_BYTES), range(0, len(data), size), strict=True)
            for part in (ivs[iv : iv + BLOCK_BYTES], data[at : at + size])
        )
        plain = Cipher(self._key, CBC(bytes(BLOCK_BYTES))).decryptor().update(chained)
        whole = size + BLOCK_BYTES
        return b"".join(plain[at + BLOCK_BYTES : at + whole] for at in range(0, len(plain), whole))


class EcbSectors:
    """ECB: every block by itself, whatever its place."""

    def __init__(self, key: bytes, *, sector_bytes: int = 512, block: Block = AES) -> None:
        """Take the key, 16, 24 or 32 bytes.

        Raises:
            ValueError: The key has another length.
        """
        _check_sector(sector_bytes)
        self._cipher = Cipher(block(key), ECB())
        self.sector_bytes = sector_bytes

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """As :meth:`SectorCipher.decrypt`."""
        _check_run(data, self.sector_bytes)
        return self._cipher.decryptor().update(data)


class _Ivs:
    """The IVs of the sectors of a run."""

    def __init__(self, kind: str, key: bytes, block: Block, sector_bytes: int, step: int) -> None:
        """Raises ValueError where no such kind is known, or the digest is no key of the cipher."""
        if kind not in IV_KINDS and not kind.startswith("essiv:"):
            raise ValueError(f"no kind of IV is called {kind}")
        self._kind, self._step, self._unit = kind, step, 1
        self._cipher: Cipher[ECB] | None = None
        if kind.startswith("essiv:"):
            digest = hashlib.new(kind.removeprefix("essiv:"), key, usedforsecurity=False).digest()
            self._cipher = Cipher(block(digest), ECB())
        elif kind == "eboiv":
            self._cipher, self._unit = Cipher(block(key), ECB()), sector_bytes

    def run(self, sectors: int, first_number: int) -> bytes:
        """Those of that many sectors, 16 bytes each."""
        if self._kind == "zero":
            return bytes(BLOCK_BYTES * sectors)
        if self._kind == "plain":
            return _numbers(sectors, first_number, self._step, modulo=1 << 32)
        if self._kind == "plain64be":
            run = range(first_number, first_number + sectors * self._step, self._step)
            return b"".join([number.to_bytes(BLOCK_BYTES, "big") for number in run])
        numbers = _numbers(sectors, first_number * self._unit, self._step * self._unit)
        return numbers if self._cipher is None else self._cipher.encryptor().update(numbers)


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
