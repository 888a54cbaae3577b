"""What the record says of an image that was made: read from the facts of its signed entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forensics_app.model.acquisition import BadRegion
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.image import EvidenceImage

ACQUIRED, FOLDERS_ACQUIRED = "image.acquire", "image.acquire_folders"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionRecord:
    """An acquisition as its entry tells it; texts are empty and numbers None where the entry does not say.

    Attributes:
        source: Path of the device or the file; of folders, all of them.
        source_said: What the system said of the source: kind, vendor, model, serial number, as named in the entry.
        settings: Format, compression, segment_bytes, retries, fill.
        paths: The files that were written.
        read_back: "equal", "differs", or "by the intake", which compares what it reads with what was copied.
        bad: What could not be read; the entry may list fewer than ``bad_count`` of them.
        attributes: Of folders: how many extended attributes were copied, or "not copied".
        unreadable_files: Of folders: what could not be read whole, and why.
    """

    recorded_at: datetime
    actor: str
    source: str
    source_said: Mapping[str, object]
    settings: Mapping[str, object]
    started_at: str
    resumed: int
    paths: tuple[Path, ...]
    journal: str
    media_bytes: int
    digests: Mapping[str, bytes]
    read_back: str
    differing: tuple[str, ...]
    bad: tuple[BadRegion, ...]
    bad_count: int
    bad_bytes: int
    attributes: int | str
    unreadable_files: tuple[str, ...]
    tool: str

    @property
    def is_of_folders(self) -> bool:
        """Whether folders were copied, not a medium."""
        return not self.source_said


def acquisitions_of(events: Iterable[CustodyEvent]) -> tuple[AcquisitionRecord, ...]:
    """The acquisitions that entries tell of, in their order."""
    return tuple(_record(event) for event in events if event.action in (ACQUIRED, FOLDERS_ACQUIRED))


def acquisition_of(image: EvidenceImage, records: Iterable[AcquisitionRecord]) -> AcquisitionRecord | None:
    """The acquisition that made the files of an image."""
    first = image.source.paths[0]
    return next((one for one in records if first in one.paths), None)


def _record(event: CustodyEvent) -> AcquisitionRecord:
    facts = event.facts
    said = _table(facts.get("source"))
    folder, files = Path(_text(facts.get("folder"))), _texts(facts.get("files"))
    paths = (Path(_text(facts.get("file"))),) if event.action == FOLDERS_ACQUIRED else tuple(folder / n for n in files)
    of_folders = event.action == FOLDERS_ACQUIRED
    names = {"container_sha256": "SHA-256 of the container", "manifest_sha256": "SHA-256 of the manifest"}
    media = {"media_sha256": "sha256", "media_sha1": "sha1", "media_md5": "md5"}
    return AcquisitionRecord(
        recorded_at=event.recorded_at,
        actor=event.actor,
        source=", ".join(_texts(facts.get("folders"))) if of_folders else _text(said.get("path")),
        source_said=said,
        settings=_table(facts.get("settings")),
        started_at=_text(facts.get("started_at")),
        resumed=_number(facts.get("resumed")),
        paths=paths,
        journal=_text(facts.get("journal")),
        media_bytes=_number(facts.get("content_bytes" if of_folders else "media_bytes")),
        digests={
            name: bytes.fromhex(value)
            for key, name in (names if of_folders else media).items()
            if (value := _text(facts.get(key)))
        },
        read_back=_text(facts.get("read_back")),
        differing=_texts(facts.get("differing")),
        bad=() if of_folders else _regions(facts.get("unreadable")),
        bad_count=_number(facts.get("unreadable_count")),
        bad_bytes=_number(facts.get("unreadable_bytes")),
        attributes=_number(said_of) if isinstance(said_of := facts.get("extended_attributes"), int) else _text(said_of),
        unreadable_files=_texts(facts.get("unreadable")) if of_folders else (),
        tool=_text(facts.get("tool")),
    )


def _regions(value: object) -> tuple[BadRegion, ...]:
    rows = value if isinstance(value, (list, tuple)) else ()
    return tuple(BadRegion(offset_bytes=int(at), length_bytes=int(size), why=str(why)) for at, size, why in rows)


def _table(value: object) -> Mapping[str, object]:
    return {str(name): one for name, one in value.items()} if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
