"""Rows of images, what was found in them and their checks, as values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from forensics_app.db.mapping import Row, bytes_or_none, json_text, moment, of_table
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.image import (
    EvidenceImage,
    ImageCheck,
    ImageDescription,
    ImageId,
    Integrity,
    Problem,
    Region,
    WriteBlocker,
)

ALGORITHMS = ("md5", "sha1", "sha256")
_SHA256_BYTES = 32


def regions_text(regions: Iterable[Region]) -> str:
    """Stretches of the media as ``[[offset, length], ...]`` in bytes."""
    return json_text(_pairs(regions))


def _pairs(regions: Iterable[Region]) -> list[list[int]]:
    return [[region.offset_bytes, region.length_bytes] for region in regions]


def regions_of(text: str) -> tuple[Region, ...]:
    """The inverse of :func:`regions_text`."""
    return tuple(Region(offset_bytes=offset, length_bytes=length) for offset, length in json.loads(text))


def parts_of(text: str) -> tuple[bytes, ...]:
    """SHA-256 of parts out of their hex digits, one after the other.

    Raises:
        ValueError: They are no whole digests.
    """
    raw = bytes.fromhex(text)
    if len(raw) % _SHA256_BYTES:
        raise ValueError("digests of parts are cut off")
    return tuple(raw[at : at + _SHA256_BYTES] for at in range(0, len(raw), _SHA256_BYTES))


def digests_text(digests: Mapping[str, bytes]) -> str:
    """Digests by algorithm as JSON, hex."""
    return json_text({name: value.hex() for name, value in digests.items()})


def problems_text(problems: Iterable[Problem]) -> str:
    """What was found wrong with a container, as JSON; what a problem is about follows only where it is named."""
    return json_text(
        [
            [problem.what, problem.where, problem.offset_bytes, int(problem.is_damage)]
            + ([problem.about, _pairs(problem.regions)] if problem.about else [])
            for problem in problems
        ]
    )


def _problem_of(
    what: str,
    where: str,
    offset_bytes: int | None,
    is_damage: int,
    about: str = "",
    regions: Iterable[tuple[int, int]] = (),
) -> Problem:
    return Problem(
        what=what,
        where=where,
        offset_bytes=offset_bytes,
        is_damage=bool(is_damage),
        about=about,
        regions=tuple(Region(offset_bytes=start, length_bytes=length) for start, length in regions),
    )


@of_table("image")
def image_of(row: Row) -> EvidenceImage:
    """An image, with the number of its derived exhibit in ``number``."""
    source = ImageDescription(
        paths=tuple(Path(path) for path in json.loads(row["paths"])),
        container=row["container"],
        media_bytes=row["media_bytes"],
        container_bytes=row["container_bytes"],
        sector_bytes=row["sector_bytes"],
        metadata=json.loads(row["metadata"]),
        stored_digests={name: bytes.fromhex(value) for name, value in json.loads(row["stored_digests"]).items()},
        problems=tuple(_problem_of(*problem) for problem in json.loads(row["problems"])),
    )
    return EvidenceImage(
        id=ImageId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])),
        number=row["number"],
        source=source,
        digests={name: bytes.fromhex(row[name]) for name in ALGORITHMS},
        unreadable=regions_of(row["unreadable"]),
        integrity=Integrity(row["integrity"]),
        write_blocker=WriteBlocker(device=row["write_blocker"], reason_for_none=row["no_write_blocker_reason"]),
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        tool=row["tool"],
        decision=row["decision"],
        catalogue_sha256=bytes_or_none(row["catalogue_sha256"]),
        catalogue_entries=row["catalogue_entries"],
    )


@of_table("image_check")
def check_of(row: Row) -> ImageCheck:
    """One reading of an image."""
    return ImageCheck(
        id=UUID(row["id"]),
        image_id=ImageId(UUID(row["image_id"])),
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        digests={name: bytes.fromhex(row[name]) for name in ALGORITHMS if row[name]},
        unreadable=regions_of(row["unreadable"]),
        agrees=bool(row["agrees"]),
        what=row["what"],
        part_bytes=row["part_bytes"],
        parts=parts_of(row["parts"] or ""),
        differing=regions_of(row["differing"] or "[]"),
    )
