"""Volume Shadow Copies of NTFS volumes, each as a volume of its own."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable
from evidence.volumes.layers import Beside, Inner, Layer
from evidence.volumes.shadow_catalog import (
    HEADER_BYTES,
    STORE_HEADER,
    ShadowCopy,
    ShadowDamageError,
    chain,
    problem,
    read_catalog,
)
from evidence.volumes.shadow_store import ShadowVolume, Store
from evidence.volumes.signatures import SHADOW_HEADER_AT

_SCOPED = 0x400


def open_shadow_copies(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The shadow copies on an NTFS volume, the oldest first."""
    catalog = read_catalog(source)
    if catalog is None:
        return None
    found: list[Inner] = []
    later: tuple[Store, ...] | None = ()
    for number in range(len(catalog.copies), 0, -1):
        copy = catalog.copies[number - 1]
        inner, later = _copy(source, copy, number, later)
        found.append(inner)
    return Layer(volumes=tuple(reversed(found)), is_beside=True, problems=catalog.problems)


def _copy(
    source: Readable, copy: ShadowCopy, number: int, later: tuple[Store, ...] | None
) -> tuple[Inner, tuple[Store, ...] | None]:
    """A shadow copy, and its store before those of the later ones; None where one of them is lost."""
    problems: list[Problem] = []
    size = min(copy.volume_bytes, source.media_bytes)
    if size < copy.volume_bytes:
        what = f"The shadow copy is of a volume of {copy.volume_bytes} bytes, but the volume has {size}."
        problems.append(problem(what, SHADOW_HEADER_AT))
    store: Store | None = None
    if copy.place is None:
        what = "The data of the shadow copy lie on another volume, which is not read: its files are not listed."
        problems.append(problem(what, SHADOW_HEADER_AT, is_damage=False))
    else:
        try:
            store = Store(source, copy.place, size)
        except (ShadowDamageError, UnreadableRegionError) as error:
            what = f"The shadow copy cannot be put together, its files are not listed: {error}"
            problems.append(problem(what, error.offset_bytes))
    stores = None if store is None or later is None else (store, *later)
    if store is not None and later is None:
        what = "The shadow copy cannot be put together, for a later one that it builds on cannot be read."
        problems.append(problem(what, SHADOW_HEADER_AT))
    if copy.flags & _SCOPED:
        what = (
            "The shadow copy may be one of limited scope, as Windows 8 and later make them: then only files of the "
            "system were kept, and the content of other files may be of a later time."
        )
        problems.append(problem(what, SHADOW_HEADER_AT, is_damage=False))
    return _inner(source, copy, number, stores, size, problems), stores


def _inner(
    source: Readable,
    copy: ShadowCopy,
    number: int,
    stores: Sequence[Store] | None,
    size: int,
    problems: list[Problem],
) -> Inner:
    names = ""
    if copy.place is not None:
        try:
            names = _names(source, copy.place.header)
        except (ShadowDamageError, UnreadableRegionError) as error:
            problems.append(problem(f"What the shadow copy says of itself cannot be read: {error}", error.offset_bytes))
    return Inner(
        slot=f"s{number}",
        kind="snapshot",
        description=f"Shadow copy {names or copy.name}",
        length_bytes=size,
        source=None if stores is None else ShadowVolume(source, stores, size),
        snapshot_time_ns=copy.created_ns,
        problems=tuple(problems),
    )


def _names(source: Readable, offset: int) -> str:
    """The identifier of the shadow copy, of its set, and the computer that made it."""
    _, block = next(chain(source, offset, STORE_HEADER, "the header of a store", 1), (0, b""))
    if not block:
        return ""
    information = block[HEADER_BYTES:]
    copy, of_set = (str(uuid.UUID(bytes_le=information[at : at + 16])) for at in (16, 32))
    (length,) = struct.unpack_from("<H", information, 64)
    machine = information[66 : 66 + length].decode("utf-16-le", errors="replace")
    return f"{copy} of the set {of_set}" + (f", made on {machine}" if machine else "")
