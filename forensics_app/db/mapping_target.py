"""Rows of tags, of what bears them and of findings into records, and places in evidence into columns."""

from __future__ import annotations

import json
from uuid import UUID

from forensics_app.db.mapping import Row, Values, bytes_or_none, moment, of_table, time_or_none
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import Stamp
from forensics_app.model.cited import Cited, CitedId, CitedKind
from forensics_app.model.image import ImageId
from forensics_app.model.names import storable
from forensics_app.model.tag import Tag, TagColour, Tagging, TaggingId, TagId
from forensics_app.model.target import Target, TargetArea


def target_values(target: Target) -> Values:
    """The columns of a place in evidence."""
    return {
        "image_id": str(target.image_id),
        "area": target.area.value,
        "volume_id": target.volume_id,
        "path": storable(target.path),
        "address": target.address,
        "entry_id": target.entry_id,
        "size_bytes": target.size_bytes,
        "sha256": target.sha256.hex() if target.sha256 else None,
        "offset_bytes": target.offset_bytes,
        "length_bytes": target.length_bytes,
        "term": storable(target.term),
    }


def _target_of(row: Row) -> Target:
    return Target(
        image_id=ImageId(UUID(row["image_id"])),
        area=TargetArea(row["area"]),
        volume_id=row["volume_id"],
        path=row["path"],
        address=row["address"],
        entry_id=row["entry_id"],
        size_bytes=row["size_bytes"],
        sha256=bytes_or_none(row["sha256"]),
        offset_bytes=row["offset_bytes"],
        length_bytes=row["length_bytes"],
        term=row["term"],
    )


@of_table("tag")
def tag_of(row: Row) -> Tag:
    """A tag of the lab."""
    return Tag(
        id=TagId(UUID(row["id"])),
        name=row["name"],
        colour=TagColour(row["colour"]),
        key=row["key"],
        conceals=bool(row["conceals"]),
        recorded_at=moment(row["recorded_at"]),
        retired_at=time_or_none(row["retired_at"]),
    )


@of_table("tagging")
def tagging_of(row: Row) -> Tagging:
    """A tag on a place; ``author`` is the name of who put it."""
    return Tagging(
        id=TaggingId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        tag_id=TagId(UUID(row["tag_id"])),
        target=_target_of(row),
        author=row["author"],
        tagged_at=moment(row["tagged_at"]),
        removed_at=time_or_none(row["removed_at"]),
    )


@of_table("finding")
def cited_of(row: Row) -> Cited:
    """A finding or a bookmark; ``author``, ``exhibit`` and ``image`` are of the rows that it points at."""
    return Cited(
        id=CitedId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        number=row["number"],
        kind=CitedKind(row["kind"]),
        exhibit=row["exhibit"],
        image=row["image"],
        target=_target_of(row),
        state=row["state"],
        times={
            name: Stamp(ns=ns, source=source, basis=basis, resolution_ns=resolution_ns)
            for name, (ns, source, basis, resolution_ns) in json.loads(row["times"]).items()
        },
        bytes_sha256=bytes_or_none(row["bytes_sha256"]),
        text=row["text"],
        author=row["author"],
        recorded_at=moment(row["recorded_at"]),
        withdrawn_at=time_or_none(row["withdrawn_at"]),
    )
