"""The file beside a target that tells how far it is, and in the end what came out: NAME.acquisition.json.

It is replaced as a whole, so that it is never half written, and only after what it tells of is safe on the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from evidence.acquisition.identity import SourceIdentity
from evidence.acquisition.settings import BadRegion, Compression, Format, Labels, Settings
from evidence.acquisition.targets import NOTHING_YET, Checkpoint
from evidence.durable import sync_folder
from evidence.errors import ResumeError

SUFFIX = ".acquisition.json"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the journal holds.

    Attributes:
        checkpoint: From where the target can be continued.
        bad: What could not be read before that.
        resumed: How often it was taken up again.
        files: The names of the files, once all of them are whole; before, empty.
        digests: Of the media, from then on.
        parts: SHA-256 of the parts of the media as it was read from the source; before the files are whole, of what
            lies before the checkpoint, of which the last part may be shorter. Earlier versions had none until then.
        equal: Whether what was read back is the same; None while it was not.
        end_sha256: Of the last MiB of the source as it was at the beginning; None where it could not be read.
    """

    source: SourceIdentity
    settings: Settings
    identifier: UUID
    started_at: datetime
    checkpoint: Checkpoint = NOTHING_YET
    bad: tuple[BadRegion, ...] = ()
    resumed: int = 0
    files: tuple[str, ...] = ()
    digests: Mapping[str, bytes] = field(default_factory=dict)
    parts: tuple[bytes, ...] = ()
    unlisted_bad: int = 0
    equal: bool | None = None
    differing: tuple[str, ...] = ()
    end_sha256: bytes | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the target was written."""
        return bool(self.files)


def save(path: Path, entry: Entry) -> None:
    """Replace the journal.

    Raises:
        OSError: It cannot be written; the one before is still there.
    """
    document = {"version": VERSION, **asdict(entry)}
    text = json.dumps(document, default=_plain, indent=1, sort_keys=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def load(path: Path) -> Entry:
    """Read the journal.

    Raises:
        ResumeError: It is not there, or is none of ours.
    """
    try:
        said = json.loads(path.read_text(encoding="ascii"))
    except OSError as error:
        raise ResumeError(path, f"its journal cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ResumeError(path, "its journal is damaged") from error
    try:
        if said.pop("version") != VERSION:
            raise ResumeError(path, "its journal was written by another version of the program")
        return _entry(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResumeError(path, "its journal is damaged") from error


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (Path, UUID)):
        return str(value)
    raise TypeError(f"{value!r} has no place in a journal")


def _entry(said: dict[str, Any]) -> Entry:
    source, settings = dict(said["source"]), dict(said["settings"])
    source |= {"path": Path(source["path"]), "mounted_at": tuple(source["mounted_at"])}
    settings |= {
        "format": Format(settings["format"]),
        "compression": Compression(settings["compression"]),
        "labels": Labels(**settings["labels"]),
    }
    said |= {
        "source": SourceIdentity(**source),
        "settings": Settings(**settings),
        "identifier": UUID(said["identifier"]),
        "started_at": datetime.fromisoformat(said["started_at"]),
        "checkpoint": Checkpoint(**said["checkpoint"]),
        "bad": tuple(BadRegion(**one) for one in said["bad"]),
        "files": tuple(map(str, said["files"])),
        "digests": {name: bytes.fromhex(value) for name, value in said["digests"].items()},
        "parts": tuple(map(bytes.fromhex, said["parts"])),
        "differing": tuple(said["differing"]),
        "end_sha256": bytes.fromhex(said["end_sha256"]) if said.get("end_sha256") else None,
    }
    return Entry(**said)


def refuse_other_source(path: Path, entry: Entry, now: SourceIdentity) -> None:
    """See whether the source is described as the one that was begun with.

    Raises:
        ResumeError: It differs in what does not depend on where it is plugged in.
    """
    before = replace(entry.source, logical_sector_bytes=now.logical_sector_bytes)
    differing = [name for name in _STAYS if getattr(before, name) != getattr(now, name)]
    differing += [name for name in _STAYS_IF_SAID if _both_differ(getattr(before, name), getattr(now, name))]
    if differing:
        words = ", ".join(name.replace("_", " ") for name in differing)
        raise ResumeError(path, f"the source is another one, or was changed ({words})")


def refuse_other_exhibit(path: Path, entry: Entry, labels: Labels) -> None:
    """See whether it was begun for the same exhibit of the same case, as far as both are named.

    Raises:
        ResumeError: It was begun for another one.
    """
    begun = entry.settings.labels
    for what, was, asked in (
        ("case", begun.case_number, labels.case_number),
        ("exhibit", begun.evidence_number, labels.evidence_number),
    ):
        if _both_differ(was, asked):
            raise ResumeError(path, f"it was begun for the {what} {was}, and is to go on for the {what} {asked}")


def _both_differ(before: str, now: str) -> bool:
    return bool(before) and bool(now) and before != now


_STAYS = ("kind", "size_bytes", "model", "serial", "partition", "modified_ns")
_STAYS_IF_SAID = ("wwn",)
