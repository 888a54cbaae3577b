"""Rows of hash sets into records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from forensics_app.db.mapping import Row, json_text, moment, of_table
from forensics_app.model.hash_set import HashSet, HashSetId, HashSetKind, StoredPart


@of_table("hash_set")
def hash_set_of(row: Row) -> HashSet:
    """A hash set; ``recorder`` is the name of who imported it."""
    return HashSet(
        id=HashSetId(UUID(row["id"])),
        name=row["name"],
        version=row["version"],
        source=row["source"],
        kind=HashSetKind(row["kind"]),
        list_name=row["list_name"],
        list_sha256=bytes.fromhex(row["list_sha256"]),
        list_bytes=row["list_bytes"],
        format=row["format"],
        parts=tuple(
            StoredPart(algorithm=name, count=part["count"], sha256=bytes.fromhex(part["sha256"]))
            for name, part in json.loads(row["parts"]).items()
        ),
        refused=row["refused"],
        recorded_by=row["recorder"],
        recorded_at=moment(row["recorded_at"]),
        removed_at=moment(row["removed_at"]) if row["removed_at"] else None,
    )


def parts_text(parts: Sequence[StoredPart]) -> str:
    """The column ``parts``."""
    return json_text({part.algorithm: {"count": part.count, "sha256": part.sha256.hex()} for part in parts})
