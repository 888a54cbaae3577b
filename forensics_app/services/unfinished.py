"""Acquisitions that did not come to their end: what the journal of operations and the one beside each target say."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select

from evidence.acquisition import Begun, begun, left_over
from evidence.errors import ResumeError
from forensics_app.db.mapping import job_of
from forensics_app.db.tables import JOB
from forensics_app.model.acquisition import AcquisitionRequest, Compression, Format, Unfinished
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.image import EvidenceImage, WriteBlocker
from forensics_app.model.incident import seal_again, seal_parameters
from forensics_app.model.lab import Job, JobState
from forensics_app.services.whole_folder import remove_left

KIND, INTAKE_KIND, FOLDER_KIND = "acquisition", "intake", "folder copy"
"""Kinds in the journal of operations; copying folders cannot be taken up again where it stopped."""
EXPORT_KIND, KIT_KIND, TREE_KIND = "report export", "defence kit", "export"
"""Kinds in the journal of operations that write a folder."""

TARGET = "target"
_OVER = (JobState.CANCELLED, JobState.FAILED)


def request_again(job: Job) -> AcquisitionRequest:
    """What an acquisition in the journal was asked for, to be taken up again where it stopped."""
    given = job.parameters
    return AcquisitionRequest(
        exhibit_id=ExhibitId(UUID(given["exhibit_id"])),
        source=Path(given["source"]),
        target=Path(given["target"]),
        write_blocker=WriteBlocker(device=given["write_blocker"], reason_for_none=given["reason_for_none"]),
        format=Format(given["format"]),
        compression=Compression(given["compression"]),
        segment_bytes=int(given["segment_bytes"]) or None,
        retries=int(given["retries"]),
        notes=given["notes"],
        description=given.get("description"),
        resume=True,
        seal=seal_again(given),
    )


def parameters_of(request: AcquisitionRequest) -> dict[str, str]:
    """What the journal keeps of a request."""
    kept = {
        "exhibit_id": str(request.exhibit_id),
        "source": str(request.source.absolute()),
        "target": str(request.target.absolute()),
        "write_blocker": request.write_blocker.device,
        "reason_for_none": request.write_blocker.reason_for_none,
        "format": request.format.value,
        "compression": request.compression.value,
        "segment_bytes": str(request.segment_bytes or 0),
        "retries": str(request.retries),
        "notes": request.notes,
    }
    kept |= seal_parameters(request.seal)
    return kept if request.description is None else {**kept, "description": request.description}


def unfinished_of(
    connection: Connection, exhibit: Exhibit, images: Iterable[EvidenceImage]
) -> Iterator[tuple[Job, AcquisitionRequest]]:
    """The last operation at each target of an exhibit, where it was stopped or failed and no image came of it.

    One that came to its own end counts, too, where the intake that followed it did not.
    """
    query = (
        select(JOB)
        .where(JOB.c.kind.in_((KIND, INTAKE_KIND)), JOB.c.case_id == str(exhibit.case_id))
        .order_by(JOB.c.started_at.desc(), JOB.c.id)
    )
    taken = {path for image in images for path in image.source.paths}
    seen: set[str] = set()
    intakes: dict[Path, Job] = {}
    for row in connection.execute(query).mappings():
        job = job_of(row)
        given = job.parameters
        if given.get("exhibit_id") != str(exhibit.id):
            continue
        if job.kind == INTAKE_KIND:
            for path in json.loads(given["paths"]):
                intakes.setdefault(Path(path), job)
        elif given["target"] not in seen:
            seen.add(given["target"])
            target = Path(given["target"])
            after = next((one for path, one in intakes.items() if _is_of(path, target)), job)
            last = after if job.state is JobState.DONE else job
            if last.state in _OVER and not any(_is_of(path, target) for path in taken):
                yield last, request_again(job)


def left_of(job: Job) -> str:
    """What an operation that was cut off left on the disk, in sentences; empty where nothing lies there.

    Folders without a name, in which an export of a report or a kit was being made, are removed.
    """
    if job.kind in (EXPORT_KIND, KIT_KIND, TREE_KIND) and TARGET in job.parameters:
        return " ".join(_left_of_folder(job, Path(job.parameters[TARGET])))
    if job.kind != FOLDER_KIND or TARGET not in job.parameters:
        return ""
    parts = left_over(Path(job.parameters[TARGET]))
    if not parts:
        return ""
    names = ", ".join(str(part) for part in parts)
    return f"It left {names}: no complete container, of no use, and yours to delete. Copy the folders once more."


def _left_of_folder(job: Job, target: Path) -> Iterator[str]:
    try:
        removed = remove_left(target.parent) if job.kind != TREE_KIND else ()
    except OSError as error:
        yield f"Whether it left something in {target.parent} is not known: {error.strerror}."
        return
    if removed:
        yield f"What it had begun was removed: {', '.join(map(str, removed))}."
    if os.path.lexists(target):
        yield f"{target} is there. If the record does not name it, it is not complete: delete it, and export again."


def standing_of(job: Job, request: AcquisitionRequest) -> Unfinished | None:
    """How far it came, by the journal beside the target; None where it cannot be taken up again."""
    try:
        found: Begun = begun(request.target)
    except ResumeError:
        return None
    if found.differs:
        return None
    return Unfinished(
        request=request,
        ended_at=job.ended_at or job.started_at,
        why=job.message,
        size_bytes=found.size_bytes,
        safe_bytes=found.safe_bytes,
        lost_bytes=found.lost_bytes,
    )


def _is_of(path: Path, target: Path) -> bool:
    """Whether a file of an image is one of those that a target became."""
    return path.parent == target.parent and path.name in (target.name, f"{target.name}.E01", f"{target.name}.001")
