"""NTFS with clusters larger than 64 KiB, shown so that a reader that knows only smaller ones can list it.

Since Windows 10 (1709) clusters have up to 2 MiB. The boot sector then holds the negative of a power of two where else
the number of sectors in a cluster stands (the Linux driver ntfs3, ``true_sectors_per_clst``). Nothing but that sector
counts in sectors, so it is shown with larger ones: of the same cluster there are then fewer.
"""

from __future__ import annotations

import struct

from evidence.filesystems.rearranged import Rearranged
from evidence.volumes.base import Readable, peek

_SECTOR, _PER_CLUSTER, _SECTORS, _RECORD = 11, 13, 40, 64
_MOST_PLAIN, _FEWEST_POWERS = 0x80, 0xF0
_SHOWN_PER_CLUSTER, _MAX_BYTES = 64, 1 << 21


def cluster_bytes(boot: bytes) -> int | None:
    """The size of a cluster by a boot sector of NTFS; None where what it says cannot be."""
    sector, per_cluster = struct.unpack_from("<HB", boot, _SECTOR)
    if per_cluster > _MOST_PLAIN:
        per_cluster = 1 << (256 - per_cluster) if per_cluster >= _FEWEST_POWERS else 0
    size: int = sector * per_cluster
    return size if size and size & (size - 1) == 0 and 256 <= sector <= 4096 else None


def with_known_clusters(source: Readable) -> Readable:
    """The volume itself, or with larger sectors where its clusters are large."""
    boot = bytearray(peek(source, 0, 512))
    if len(boot) < 512 or boot[_PER_CLUSTER] <= _MOST_PLAIN:
        return source
    size = cluster_bytes(bytes(boot))
    if size is None or not 1 << 16 < size <= _MAX_BYTES:
        return source
    (sector,), (sectors,) = struct.unpack_from("<H", boot, _SECTOR), struct.unpack_from("<Q", boot, _SECTORS)
    shown = size // _SHOWN_PER_CLUSTER
    struct.pack_into("<HB", boot, _SECTOR, shown, _SHOWN_PER_CLUSTER)
    struct.pack_into("<Q", boot, _SECTORS, sectors * sector // shown)
    return Rearranged(source, source.media_bytes, {0: bytes(boot)})


def record_bytes(boot: bytes) -> int:
    """The size of a file record by a boot sector of NTFS; 0 where what it says cannot be."""
    told = boot[_RECORD] if len(boot) > _RECORD else 0
    size = 1 << (256 - told) if told > 0x80 else told * (cluster_bytes(boot) or 0)
    return size if 512 <= size <= 1 << 16 else 0
