"""AES-CBC with the Elephant diffuser, for BitLocker volumes of Windows Vista and 7.

Source: N. Ferguson, "AES-CBC + Elephant diffuser: A Disk Encryption Algorithm for Windows Vista" (2006).

The diffuser mixes the 32-bit words of one sector with each other. All sectors of a run go through it together: word
``i`` of all of them is one large integer with a lane of 64 bits for each sector, so that neither the carry of an
addition nor the bits that a rotation pushes out reach the next lane.
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from evidence.volumes.ciphers import CbcSectors

_ROTATIONS_A, _CYCLES_A = (9, 13), 5
_ROTATIONS_B, _CYCLES_B = (10, 25), 3
_LANE_BYTES, _WORD_BYTES, _SECTOR_KEY_BYTES = 8, 4, 32
_BATCH_SECTORS = 1024


class ElephantSectors:
    """AES-CBC and the diffuser; a sector is numbered by its place in the volume."""

    def __init__(self, key: bytes, tweak_key: bytes, *, sector_bytes: int = 512) -> None:
        """Take the key of the data and the key of the sector keys, 16 or 32 bytes each.

        Raises:
            ValueError: A key has another length.
        """
        self._cbc = CbcSectors(key, "eboiv", sector_bytes=sector_bytes)
        self._tweak = Cipher(AES(tweak_key), ECB())
        self.sector_bytes = sector_bytes

    def decrypt(self, data: bytes, first_number: int, /) -> bytes:
        """As :meth:`evidence.volumes.ciphers.SectorCipher.decrypt`."""
        mixed = self._cbc.decrypt(data, first_number)
        batch = _BATCH_SECTORS * self.sector_bytes
        return b"".join(
            self._unmix(mixed[at : at + batch], first_number + at // self.sector_bytes)
            for at in range(0, len(mixed), batch)
        )

    def _unmix(self, data: bytes, first_number: int) -> bytes:
        """One batch, from the diffuser's output to the plain text."""
        sectors, words = len(data) // self.sector_bytes, self.sector_bytes // _WORD_BYTES
        mask = int.from_bytes((b"\xff" * _WORD_BYTES + bytes(_WORD_BYTES)) * sectors, "little")
        lanes = list(_to_lanes(data, sectors, words))
        for _ in range(_CYCLES_B):
            _cycle_b(lanes, mask)
        for _ in range(_CYCLES_A):
            _cycle_a(lanes, mask)
        plain = _from_lanes(lanes, sectors, words)
        keys = self._sector_keys(sectors, first_number)
        return (int.from_bytes(plain, "little") ^ int.from_bytes(keys, "little")).to_bytes(len(data), "little")

    def _sector_keys(self, sectors: int, first_number: int) -> bytes:
        """What every sector is XORed with, repeated over its length."""
        offsets = range(
            first_number * self.sector_bytes, (first_number + sectors) * self.sector_bytes, self.sector_bytes
        )
        plain = b"".join(
            [offset.to_bytes(16, "little") + offset.to_bytes(15, "little") + b"\x80" for offset in offsets]
        )
        keys = self._tweak.encryptor().update(plain)
        times = self.sector_bytes // _SECTOR_KEY_BYTES
        return b"".join([keys[at : at + _SECTOR_KEY_BYTES] * times for at in range(0, len(keys), _SECTOR_KEY_BYTES)])


def _cycle_b(lanes: list[int], mask: int) -> None:
    """Diffuser B, undone once; of four words, the second and the fourth are mixed with a rotated one."""
    words = len(lanes)
    for index in range(0, words, 4):
        back = index - words  # a negative index counts from the end: it wraps around as the words do
        lanes[index] = (lanes[index] + (lanes[back + 2] ^ lanes[back + 5])) & mask
        far = lanes[back + 6] << _ROTATIONS_B[0]
        lanes[index + 1] = (lanes[index + 1] + (lanes[back + 3] ^ ((far | far >> 32) & mask))) & mask
        lanes[index + 2] = (lanes[index + 2] + (lanes[back + 4] ^ lanes[back + 7])) & mask
        far = lanes[back + 8] << _ROTATIONS_B[1]
        lanes[index + 3] = (lanes[index + 3] + (lanes[back + 5] ^ ((far | far >> 32) & mask))) & mask


def _cycle_a(lanes: list[int], mask: int) -> None:
    """Diffuser A, undone once; of four words, the first and the third are mixed with a rotated one."""
    for index in range(0, len(lanes), 4):
        far = lanes[index - 5] << _ROTATIONS_A[0]
        lanes[index] = (lanes[index] + (lanes[index - 2] ^ ((far | far >> 32) & mask))) & mask
        lanes[index + 1] = (lanes[index + 1] + (lanes[index - 1] ^ lanes[index - 4])) & mask
        far = lanes[index - 3] << _ROTATIONS_A[1]
        lanes[index + 2] = (lanes[index + 2] + (lanes[index] ^ ((far | far >> 32) & mask))) & mask
        lanes[index + 3] = (lanes[index + 3] + (lanes[index + 1] ^ lanes[index - 2])) & mask


def _to_lanes(data: bytes, sectors: int, words: int) -> Iterator[int]:
    source = memoryview(data).cast("I")
    wide = bytearray(sectors * _LANE_BYTES)
    with memoryview(wide).cast("I") as lanes:
        for word in range(words):
            lanes[::2] = source[word::words]
            yield int.from_bytes(wide, "little")


def _from_lanes(values: list[int], sectors: int, words: int) -> bytearray:
    data = bytearray(sectors * words * _WORD_BYTES)
    with memoryview(data).cast("I") as target:
        for word, value in enumerate(values):
            wide = memoryview(value.to_bytes(sectors * _LANE_BYTES, "little")).cast("I")
            target[word::words] = wide[::2]
    return data
