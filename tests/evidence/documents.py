"""An examination as the document that ``shared/corpus/check.py`` compares, and a bare image to examine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS, TIME_FIELDS, TimeRule
from evidence.images.base import Image, Problem
from evidence.timestamps import utc_text
from evidence.volumes.base import Volume


class PlainImage:
    """One raw file as an image."""

    container = "raw"
    sector_bytes = 512
    metadata: Mapping[str, str] = {}
    stored_digests: Mapping[str, bytes] = {}
    problems: Sequence[Problem] = ()

    def __init__(self, path: Path) -> None:
        self.paths = (path,)
        self.media_bytes = self.container_bytes = path.stat().st_size

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        with self.paths[0].open("rb") as file:  # nothing stays open, so nothing is to be closed
            file.seek(offset_bytes)
            return file.read(size_bytes)

    def close(self) -> None:
        pass


def document(image: Image, *, hash_files: bool = True, zone: str = "UTC") -> dict[str, Any]:
    """``volumes``, ``files`` and ``warnings`` as in ``inspect-schema.md``; rows also by name under ``rows``."""
    volumes: dict[str, Volume] = {}
    rules: dict[tuple[str, str], TimeRule] = {}
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for seen in examine(image, hash_files=hash_files, zone=zone):
        if isinstance(seen, Volume):
            volumes[seen.id] = seen
        elif isinstance(seen, TimeRule):
            rules[seen.volume_id, seen.field] = seen
        elif isinstance(seen, Problem):
            problems.append(seen)
        else:
            rows += [dict(zip(FILE_COLUMNS, row, strict=True)) for row in seen]
    return {
        "source": {"container": image.container, "media_bytes": image.media_bytes},
        "volumes": [_volume(volume) for volume in volumes.values()],
        "files": [_file(row, rules, zone) for row in rows],
        "rows": rows,
        "rules": rules,
        "warnings": problems,
    }


def _volume(volume: Volume) -> dict[str, Any]:
    system = volume.file_system
    return {
        "id": volume.id,
        "parent": volume.parent,
        "kind": volume.kind,
        "start": volume.start_bytes,
        "length": volume.length_bytes,
        "description": volume.description,
        "encryption": volume.encryption,
        "file_system": system
        and {
            "type": system.type,
            "block_bytes": system.block_bytes,
            "label": system.label,
            "serial": system.serial,
            "counts": system.counts,
        },
    }


def _file(row: dict[str, Any], rules: dict[tuple[str, str], TimeRule], zone: str) -> dict[str, Any]:
    times = {}
    for field in TIME_FIELDS:
        stamp = row[f"{field}_ns"]
        rule = rules.get((row["volume_id"], field))
        times[field] = stamp if stamp is None or rule is None else {"utc": utc_text(stamp, rule.basis, zone)}
    return {
        "volume": row["volume_id"],
        "path": row["path"],
        "address": row["address"],
        "kind": row["kind"],
        "allocated": row["allocated"],
        "realloc": row["realloc"],
        "size": row["size_bytes"],
        "times": times,
        "md5": row["md5"] and row["md5"].hex(),
        "sha256": row["sha256"] and row["sha256"].hex(),
    }
