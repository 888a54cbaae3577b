"""What the entries about acquisitions say."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from chain_of_custody.ledger import Json
from forensics_app.model.acquisition import Acquisition, BadRegion, FolderAcquisition, FolderRequest, SourceIdentity
from forensics_app.model.image import WriteBlocker
from forensics_app.model.names import storable
from forensics_app.services.program import act_facts

REGIONS_MAX = 200
"""So many regions that could not be read stand in an entry; the journal beside the image has all of them."""


def acquisition_facts(made: Acquisition, blocker: WriteBlocker, configuration: bytes) -> dict[str, Json]:
    """An image that was made: source, settings, digests, and what could not be read."""
    settings = made.settings
    return {
        "source": source_facts(made.source),
        "settings": {
            "format": settings.format.value,
            "compression": settings.compression.value,
            "segment_bytes": settings.segment_bytes,
            "retries": settings.retries,
            "fill": "zeros",
            "sector_bytes": made.source.logical_sector_bytes,
        },
        "labels": {one.name: getattr(settings.labels, one.name) for one in fields(settings.labels)},
        **blocker_facts(blocker),
        "started_at": made.started_at,
        "resumed": made.resumed,
        "files": [path.name for path in made.paths],
        "folder": str(made.journal.parent),
        "journal": made.journal.name,
        "journal_sha256": hashlib.sha256(made.journal.read_bytes()).hexdigest(),
        "media_bytes": made.media_bytes,
        **{f"media_{name}": value.hex() for name, value in made.digests.items()},
        "parts": len(made.parts),
        "part_bytes": made.part_bytes,
        "parts_sha256": hashlib.sha256(b"".join(made.parts)).hexdigest(),
        **bad_facts(made.bad),
        "unlisted_regions": made.unlisted_bad,
        "read_back": "by the intake" if made.verified is None else "equal" if made.verified else "differs",
        "differing": list(made.differing[:REGIONS_MAX]),
        **act_facts(
            {"format": settings.format.value, "retries": settings.retries, "resumed": made.resumed},
            configuration=configuration,
            inputs={str(made.source.path): made.digests.get("sha256", b"").hex()},
            outputs={made.paths[0].name: made.digests.get("sha256", b"").hex()},
        ),
    }


def folder_facts(made: FolderAcquisition, request: FolderRequest, configuration: bytes) -> dict[str, Json]:
    """Folders that were copied into a container."""
    return {
        "folders": [str(folder) for folder in made.folders],
        "container": "zip",
        "file": str(made.path),
        "container_sha256": made.sha256.hex(),
        "manifest_sha256": made.manifest_sha256.hex(),
        "entries": made.entries,
        "files": made.files,
        "content_bytes": made.content_bytes,
        "extended_attributes": "not copied" if made.attributes is None else made.attributes,
        "unreadable_count": made.unreadable_count,
        "unreadable": [f"{path}: {why}" for path, why in made.unreadable[:REGIONS_MAX]],
        "read_back": "equal" if made.verified else "differs",
        "differing": list(made.differing[:REGIONS_MAX]),
        "notes": request.notes.strip(),
        **blocker_facts(request.write_blocker),
        "started_at": made.started_at,
        **act_facts(
            {"folders": len(made.folders), "container": "zip"},
            configuration=configuration,
            inputs={str(folder): "" for folder in made.folders},
            outputs={made.path.name: made.sha256.hex()},
        ),
    }


def source_facts(source: SourceIdentity) -> dict[str, Json]:
    """A source as the system describes it; what it does not say is left out."""
    said: dict[str, Json] = {"path": str(source.path), "hidden_areas": "not looked for"}
    for field in fields(source):
        value = getattr(source, field.name)
        if field.name == "mounted_at":
            said[field.name] = list(value)
        elif field.name == "modified_ns" and value is not None:
            said[field.name] = str(value)  # too large for a number of JSON
        elif field.name != "path" and value not in (None, ""):
            said[field.name] = value
    return said


def blocker_facts(blocker: WriteBlocker) -> dict[str, Json]:
    """How the source was protected."""
    return {"write_blocker": blocker.device.strip(), "no_write_blocker_reason": blocker.reason_for_none.strip()}


def bad_facts(bad: Sequence[BadRegion]) -> dict[str, Json]:
    """What could not be read."""
    return {
        "unreadable_bytes": sum(one.length_bytes for one in bad),
        "unreadable_count": len(bad),
        "unreadable": [[one.offset_bytes, one.length_bytes, one.why] for one in bad[:REGIONS_MAX]],
    }


def names_of(paths: Sequence[Path]) -> list[Json]:
    """Paths as text, whatever bytes they hold."""
    return [storable(str(path)) for path in paths]
