"""What an intake writes: the columns of an image and of a reading, and the facts of their entries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from chain_of_custody.ledger import Json
from chain_of_custody.states import AT_HAND
from evidence.digest import MediaDigests
from forensics_app.db.mapping import Values, json_text, time_text
from forensics_app.db.mapping_image import ALGORITHMS, digests_text, problems_text, regions_text
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import STORED_DIGESTS, ImageDescription, ImageId, IntakeRequest, Integrity, Problem
from forensics_app.model.logical import StoredCheck, digested_words
from forensics_app.services.comparison import Comparison, Reading, reading_of
from forensics_app.services.program import TOOL, act_facts

IMAGE_MADE = "image_made"
"""The fact that tells where and by whom an image was made of what nobody of the laboratory had checked out."""
NOT_SAID_BY_WHOM = "Not said where and by whom"


def integrity_of(
    source: ImageDescription,
    media: MediaDigests,
    contents: StoredCheck | None = None,
    findings: Sequence[Problem] = (),
) -> Integrity:
    """Compare the digests with those stored; unreadable regions count as a failure (REQ-27, REQ-28).

    So do stored digests that are damaged or contradict each other: that is not the same as none.

    Args:
        source: With the digests that the container stores of its media.
        media: As it was read.
        contents: How the contents of logical evidence compare with the digests that the container stores of them.
        findings: What those comparisons gave.
    """
    compared = [media.digests[name] == value for name, value in source.stored_digests.items() if name in ALGORITHMS]
    in_doubt = any(problem.about == STORED_DIGESTS for problem in source.problems)
    if media.unreadable or in_doubt or not all(compared) or any(problem.is_damage for problem in findings):
        return Integrity.FAILED
    return Integrity.MATCH if compared or (contents and contents.compared) else Integrity.NONE_STORED


def digest_facts(reading: Reading, media_bytes: int) -> dict[str, Json]:
    """What a reading of the media gave, for an entry; the digests of the parts stand among its changes."""
    return {
        "media_bytes": media_bytes,
        **{f"media_{name}": value.hex() for name, value in reading.digests.items()},
        "unreadable_bytes": sum(region.length_bytes for region in reading.unreadable),
        "parts": len(reading.parts),
        "part_bytes": reading.part_bytes,
        "parts_sha256": hashlib.sha256(b"".join(reading.parts)).hexdigest(),
    }


def intake_facts(
    derived: Exhibit,
    exhibit: Exhibit,
    request: IntakeRequest,
    source: ImageDescription,
    media: MediaDigests,
    integrity: Integrity,
    configuration: bytes,
) -> dict[str, Json]:
    """What an intake found, for its entry; ``configuration`` is the SHA-256 of the one in force."""
    return {
        **digest_facts(reading_of(media), media.media_bytes),
        "image": derived.number,
        "container": source.container,
        "digests_of": digested_words(source),
        "files": [path.name for path in source.paths],
        "stored_digests": {name: value.hex() for name, value in source.stored_digests.items()},
        "result": integrity.value,
        "problems": [f"{problem.where}: {problem.what}" for problem in _first(source.problems)],
        "write_blocker": request.write_blocker.device.strip(),
        "no_write_blocker_reason": request.write_blocker.reason_for_none.strip(),
        **_made_elsewhere(exhibit, request),
        **act_facts(
            {
                "algorithms": list(ALGORITHMS),
                "part_bytes": reading_of(media).part_bytes,
                "logical": request.logical,
            },
            configuration=configuration,
            inputs={"media": media.digests["sha256"].hex()},
        ),
    }


def _made_elsewhere(exhibit: Exhibit, request: IntakeRequest) -> dict[str, Json]:
    """Where and by whom an image was made of what nobody of the laboratory had checked out; that nobody says is told.

    Such an image was made before it was sealed, or elsewhere (guidance 2.2): no seal is opened by taking it in.
    """
    told = request.made.strip()
    if told or exhibit.state in AT_HAND or request.on_scene:
        return {IMAGE_MADE: told} if told else {}
    state = exhibit.state.value.replace("_", " ").lower()
    sealed = f", sealed with {exhibit.seal_number}" if exhibit.seal_number else ""
    return {IMAGE_MADE: f"{NOT_SAID_BY_WHOM}; {exhibit.number} was {state}{sealed}, and not checked out"}


def _first(problems: Sequence[Problem]) -> list[Problem]:
    """As many as an entry names, those that decide about the integrity before the others."""
    return sorted(problems, key=lambda problem: problem.about != STORED_DIGESTS)[:50]


def image_values(
    derived: Exhibit,
    exhibit: Exhibit,
    request: IntakeRequest,
    source: ImageDescription,
    media: MediaDigests,
    integrity: Integrity,
    started_at: datetime,
    ended_at: datetime,
) -> Values:
    """The columns of a new image."""
    return {
        "id": str(derived.id),
        "case_id": str(exhibit.case_id),
        "exhibit_id": str(exhibit.id),
        "paths": json_text([str(path) for path in source.paths]),
        "container": source.container,
        "media_bytes": source.media_bytes,
        "container_bytes": source.container_bytes,
        "sector_bytes": source.sector_bytes,
        "metadata": json_text(dict(source.metadata)),
        "problems": problems_text(source.problems),
        "stored_digests": digests_text(source.stored_digests),
        **{name: media.digests[name].hex() for name in ALGORITHMS},
        "unreadable": regions_text(media.unreadable),
        "integrity": integrity.value,
        "write_blocker": request.write_blocker.device.strip(),
        "no_write_blocker_reason": request.write_blocker.reason_for_none.strip(),
        "started_at": time_text(started_at),
        "ended_at": time_text(ended_at),
        "tool": TOOL,
        "decision": "",
        "catalogue_sha256": None,
        "catalogue_entries": None,
    }


def check_values(
    image_id: ImageId, started_at: datetime, ended_at: datetime, reading: Reading, comparison: Comparison
) -> Values:
    """The columns of one reading of the media."""
    digests = reading.digests
    return {
        "id": str(uuid4()),
        "image_id": str(image_id),
        "started_at": time_text(started_at),
        "ended_at": time_text(ended_at),
        **{name: digests[name].hex() if name in digests else "" for name in ALGORITHMS},
        "unreadable": regions_text(reading.unreadable),
        "agrees": int(comparison.agrees),
        "what": comparison.what,
        "part_bytes": reading.part_bytes,
        "parts": b"".join(reading.parts).hex(),
        "differing": regions_text(comparison.differing),
    }
