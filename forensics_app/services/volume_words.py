"""Where a file lies, in words: in which volume, decrypted from what, in the snapshot of which time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from forensics_app.model.catalogue import Volume
from forensics_app.model.logical import is_members

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {"bitlocker": "BitLocker", "luks": "LUKS", "filevault": "FileVault", "apfs": "APFS encryption"}


def encryption_words(volume: Volume) -> str | None:
    """The name by which the encryption of a volume is known; None where there is none."""
    return None if volume.encryption is None else _NAMES.get(volume.encryption, volume.encryption)


def snapshot_words(volume: Volume) -> str | None:
    """``snapshot of 2026-01-31 09:30:00 UTC``; None for what is no snapshot."""
    if volume.kind != "snapshot":
        return None
    if volume.snapshot_time_ns is None:
        return "snapshot of a time that is not stored"
    try:
        at = _EPOCH + timedelta(microseconds=volume.snapshot_time_ns // 1000)
    except OverflowError:
        return "snapshot of a time that cannot be"
    return f"snapshot of {at:%Y-%m-%d %H:%M:%S} UTC"


def place_words(volumes: Iterable[Volume], volume_id: str) -> str:
    """A volume as a file in it is cited: its id, and what of the volumes it lies in matters.

    ``v0.p1.d.s2 (decrypted from v0.p1, BitLocker; snapshot of 2026-01-31 09:30:00 UTC)``; a member of an archive by
    the volume that the archive lies in.
    """
    by_id = {volume.id: volume for volume in volumes}
    told: list[str] = []
    if volume_id in by_id and is_members(by_id[volume_id]):
        told.append("in an archive")
        volume_id = by_id[volume_id].parent or volume_id
    seen: set[str] = set()
    at = by_id.get(volume_id)
    while at is not None and at.id not in seen:
        seen.add(at.id)
        snapshot, encryption = snapshot_words(at), encryption_words(at)
        if encryption:
            where = f"decrypted from {at.id}" if at.id != volume_id else "decrypted"
            told.insert(0, f"{where}, {encryption}")
        if snapshot:
            told.append(snapshot if at.id == volume_id else f"{snapshot} ({at.id})")
        at = by_id.get(at.parent or "")
    return f"{volume_id} ({'; '.join(told)})" if told else volume_id
