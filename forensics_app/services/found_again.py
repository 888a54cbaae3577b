"""Finding places of the record again in a catalogue, whichever way that was built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from forensics_app.model.catalogue import CatalogueEntry, Volume
from forensics_app.model.image import ImageId
from forensics_app.model.names import storable
from forensics_app.model.tag import TaggingId
from forensics_app.model.target import Target, TargetArea


@dataclass(slots=True)
class Found:
    """Which entry of a catalogue bears each tag, as far as this process looked; kept for one catalogue of an image."""

    entries: dict[ImageId, tuple[bytes | None, dict[TaggingId, int | None]]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


class Reader(Protocol):
    """What is asked of a catalogue."""

    def rows(self, ids: Sequence[int]) -> tuple[CatalogueEntry, ...]:
        """The entries with these ids."""
        ...

    def with_paths(self, paths: Sequence[str]) -> tuple[CatalogueEntry, ...]:
        """The entries with one of these paths, of any volume."""
        ...

    def volumes(self) -> tuple[Volume, ...]:
        """All volumes."""
        ...


def found_again(reader: Reader, targets: Sequence[Target]) -> list[int | None]:
    """The id of the entry of each place; 0 where it is in no file, None where it is not found again.

    An entry is the same where volume, path and address are, and the SHA-256 of its content where both are known. The
    id that it had is where it is looked for first, and no reason to take another entry for it.
    """
    volumes = {volume.id for volume in reader.volumes()}
    found: list[int | None] = [None] * len(targets)
    in_files: list[int] = []
    for at, target in enumerate(targets):
        if target.area in (TargetArea.FILE, TargetArea.SLACK):
            in_files.append(at)
        elif target.area is TargetArea.MEDIA or target.volume_id in volumes:
            found[at] = 0
    hints = {entry.id: entry for entry in reader.rows([targets[at].entry_id or 0 for at in in_files])}
    missing: list[int] = []
    for at in in_files:
        entry = hints.get(targets[at].entry_id or 0)
        if entry is not None and is_same(targets[at], entry):
            found[at] = entry.id
        else:
            missing.append(at)
    if missing:
        by_place: dict[tuple[str, str], list[CatalogueEntry]] = {}
        for entry in reader.with_paths(list(dict.fromkeys(targets[at].path for at in missing))):
            by_place.setdefault((entry.volume_id, storable(entry.path)), []).append(entry)
        for at in missing:
            place = (targets[at].volume_id, targets[at].path)
            found[at] = next((one.id for one in by_place.get(place, ()) if is_same(targets[at], one)), None)
    return found


def is_same(target: Target, entry: CatalogueEntry) -> bool:
    """Whether an entry is the one that a place of the record is in."""
    if (target.volume_id, target.path, target.address) != (entry.volume_id, storable(entry.path), entry.address):
        return False
    return target.sha256 is None or entry.sha256 is None or target.sha256 == entry.sha256
