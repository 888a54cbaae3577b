"""By what the layers on volumes are recognised; their readers are loaded for what is found only.

Each function answers whether a layer may be there. What it stands on is in the reader of the layer.
"""

from __future__ import annotations

import uuid

from evidence.filesystems import signatures
from evidence.volumes.base import Readable, peek

BITLOCKER_MARK = b"-FVE-FS-"
BITLOCKER_ID = uuid.UUID("4967d63b-2e29-4ad8-8399-f6a339e3d001").bytes_le

LUKS_PRIMARY, LUKS_SECONDARY = b"LUKS\xba\xbe", b"SKUL\xba\xbe"
LUKS_HEADER_SIZES = tuple(0x4000 << step for step in range(9))

SHADOW_HEADER_AT = 0x1E00
SHADOW_ID = uuid.UUID("3808876b-c176-4e48-b7ae-04046e6cc752").bytes_le

_SECTOR_BYTES = 512


def bitlocker(source: Readable) -> bool:
    """BitLocker and BitLocker To Go, by the boot sector."""
    boot = peek(source, 0, _SECTOR_BYTES)
    return boot[3:11] == BITLOCKER_MARK or boot[424:440] == BITLOCKER_ID


def luks(source: Readable) -> bool:
    """LUKS, by its header or the second one of LUKS2."""
    return peek(source, 0, 6) == LUKS_PRIMARY or any(peek(source, at, 6) == LUKS_SECONDARY for at in LUKS_HEADER_SIZES)


def core_storage(source: Readable) -> bool:
    """A physical volume of Core Storage."""
    return peek(source, 88, 2) == b"CS"


def lvm(source: Readable) -> bool:
    """A physical volume of LVM2: the label is in one of the first four sectors."""
    return any(peek(source, sector * _SECTOR_BYTES, 8) == b"LABELONE" for sector in range(4))


def apfs(source: Readable) -> bool:
    """A container of APFS."""
    return signatures.apfs(source) is not None


def shadow_copies(source: Readable) -> bool:
    """An NTFS volume on which shadow copies were kept."""
    return peek(source, SHADOW_HEADER_AT, 16) == SHADOW_ID and peek(source, 3, 8) == b"NTFS    "


def iso9660(source: Readable) -> bool:
    """A disc of ISO 9660."""
    return signatures.iso9660(source) is not None
