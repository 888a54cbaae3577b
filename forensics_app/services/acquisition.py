"""Imaging devices and files for an exhibit, and copying folders; the record says how, from what, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from chain_of_custody.ledger import Json
from evidence.acquisition import Labels, Settings, acquire, acquire_folders
from evidence.errors import EvidenceError
from forensics_app.db.engine import Database
from forensics_app.db.mapping import time_text
from forensics_app.errors import CancelledError, RefusedError
from forensics_app.model.acquisition import (
    Acquired,
    Acquisition,
    AcquisitionRequest,
    Compression,
    FolderAcquisition,
    FolderRequest,
    Format,
)
from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType
from forensics_app.model.image import IntakeRequest, OnProgress, WriteBlocker
from forensics_app.model.lab import Job, LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.acquisition_facts import TOOL, acquisition_facts, blocker_facts, folder_facts, names_of
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.intake import CLOSED_STATES, Intake
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain

JOB, FOLDER_JOB = "acquisition", "folder copy"
"""Kinds of operations in the journal; only the first can be taken up again where it stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisitions:
    """Use cases that make images.

    The copying runs in the thread that calls: nothing of what is copied is looked at, so that no hostile content is
    parsed, and reading, hashing and packing let other threads run. What was made is read by the intake, in a child.
    """

    db: Database
    lab: LabInfo
    journal: Journal
    intake: Intake
    now: Callable[[], datetime]

    def acquire(
        self, actor: SignedIn, request: AcquisitionRequest, *, on_progress: OnProgress = lambda done, total: None
    ) -> Acquired:
        """Image a device or a file for an exhibit, record how, and take the image in.

        An E01 is read back by the intake, which compares it with the digests that the acquisition stored in it; raw
        holds none, and is read back and compared before.

        Args:
            actor: An examiner or exhibits officer.
            request: What is imaged, and how.
            on_progress: Bytes done and in all; it starts again for the intake. What it raises stops the work, which
                can be taken up again with ``resume``.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No write blocker and no reason (REQ-32); the case or the exhibit does not allow it; or what
                was read back is not what was copied.
            EvidenceError: The source or the target failed; only that was recorded.
        """
        case, exhibit = self._allowed(actor, request.exhibit_id, request.write_blocker)
        settings = _settings(request, case, exhibit, actor)
        parameters = _parameters(request)
        paths = (request.source, request.target)
        with self._running(JOB, actor, case, exhibit, request.write_blocker, paths, parameters):
            made = acquire(
                request.source,
                request.target,
                settings,
                on_progress,
                resume=request.resume,
                started_at=self.now(),
            )
            self._note(actor, exhibit, "image.acquire", acquisition_facts(made, request.write_blocker))
            _refuse_difference(made)
        taken = IntakeRequest(exhibit_id=exhibit.id, paths=made.paths, write_blocker=request.write_blocker)
        return Acquired(acquisition=made, image=self.intake.take_in(actor, taken, on_progress=on_progress))

    def acquire_folders(
        self, actor: SignedIn, request: FolderRequest, *, on_progress: OnProgress = lambda done, total: None
    ) -> FolderAcquisition:
        """Copy folders into a container with a manifest, and record the digests of both.

        Args:
            actor: An examiner or exhibits officer.
            request: What is copied.
            on_progress: Bytes done, and 0 until it is known how many there are. What it raises stops the work, and
                nothing is left of it.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No write blocker and no reason, or the case or the exhibit does not allow it.
            EvidenceError: A folder or the target failed; only that was recorded.
        """
        case, exhibit = self._allowed(actor, request.exhibit_id, request.write_blocker)
        labels = {
            "case_number": case.number,
            "evidence_number": exhibit.number,
            "examiner": actor.person.name,
            "notes": request.notes.strip(),
            "tool": TOOL,
        }
        paths = (*request.folders, request.target)
        given = {"exhibit_id": str(exhibit.id)}
        with self._running(FOLDER_JOB, actor, case, exhibit, request.write_blocker, paths, given):
            made = acquire_folders(
                request.folders, request.target, labels=labels, started_at=self.now(), on_progress=on_progress
            )
            self._note(actor, exhibit, "image.acquire_folders", folder_facts(made, request))
        return made

    def _allowed(self, actor: SignedIn, exhibit_id: ExhibitId, blocker: WriteBlocker) -> tuple[Case, Exhibit]:
        require(actor, "acquire evidence", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        if not (blocker.device.strip() or blocker.reason_for_none.strip()):
            raise RefusedError("Name the write blocker, or the reason why there was none.")
        with self.db.reading() as connection:
            exhibit = exhibit_with(connection, exhibit_id)
            case = case_with(connection, exhibit.case_id)
        check_authority(case, self.now(), self.lab.zone)
        if exhibit.state in CLOSED_STATES:
            raise RefusedError(f"{exhibit.number} is {exhibit.state.value.lower()}; it has left the lab.")
        if exhibit.type is ExhibitType.IMAGE:
            raise RefusedError(f"{exhibit.number} is itself an image; acquire the exhibit it was made of.")
        return case, exhibit

    @contextmanager
    def _running(
        self,
        kind: str,
        actor: SignedIn,
        case: Case,
        exhibit: Exhibit,
        blocker: WriteBlocker,
        paths: tuple[Path, ...],
        parameters: dict[str, str],
    ) -> Iterator[None]:
        """Keep the work in the journal; when it does not come to its end, the record says so."""
        started_at = self.now()
        with self.journal.running(kind, exhibit.number, case.id, parameters) as say:
            try:
                yield
            except (EvidenceError, OSError, CancelledError, KeyboardInterrupt) as error:
                cancelled = isinstance(error, (CancelledError, KeyboardInterrupt))
                facts: dict[str, Json] = {
                    "started_at": time_text(started_at),
                    "paths": names_of(paths),
                    "result": "stopped by the examiner" if cancelled else str(error),
                    **blocker_facts(blocker),
                }
                action = "image.acquire_cancelled" if cancelled else "image.acquire_failed"
                self._note(actor, exhibit, action, facts)
                raise
            say(f"{exhibit.number}: acquired.")

    def _note(self, actor: SignedIn, exhibit: Exhibit, action: str, facts: Mapping[str, Json]) -> None:
        with self.db.writing() as connection:
            case = case_with(connection, exhibit.case_id)
            subject = exhibit_subject(exhibit)
            Writer(connection, self.now()).append(case_chain(case), action, subject, dict(facts), [("actor", actor)])


def request_again(job: Job) -> AcquisitionRequest:
    """What an interrupted acquisition was asked for, to be taken up again where it stopped."""
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
        resume=True,
    )


def _parameters(request: AcquisitionRequest) -> dict[str, str]:
    return {
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


def _settings(request: AcquisitionRequest, case: Case, exhibit: Exhibit, actor: SignedIn) -> Settings:
    thing = " ".join(filter(None, (exhibit.description, exhibit.make, exhibit.model, exhibit.serial)))
    return Settings(
        format=request.format,
        compression=request.compression,
        segment_bytes=request.segment_bytes,
        retries=request.retries,
        labels=Labels(
            case_number=case.number,
            evidence_number=exhibit.number,
            description=thing,
            examiner=actor.person.name,
            notes=request.notes.strip(),
        ),
        software=TOOL,
        verify=request.format is Format.RAW,
    )


def _refuse_difference(made: Acquisition) -> None:
    if made.verified is False:
        raise RefusedError(
            f"What was read back is not what was copied: {', '.join(made.differing[:10])}.",
            kept="The image was left where it is and not taken in; the record says what differs.",
            then="Check the disk that the image was written to, then acquire again to another one.",
        )
