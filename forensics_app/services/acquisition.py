"""Imaging devices and files for an exhibit, and copying folders; the record says how, from what, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from chain_of_custody.ledger import Json
from evidence.acquisition import Labels, Settings, acquire, acquire_folders, can_list_devices, list_devices, plan
from evidence.acquisition.identity import THIS_SYSTEM
from evidence.errors import EvidenceError
from forensics_app.db.engine import Database
from forensics_app.db.mapping import time_text
from forensics_app.errors import CancelledError, RefusedError
from forensics_app.model.acquisition import (
    Acquired,
    Acquisition,
    AcquisitionRequest,
    Device,
    FolderAcquisition,
    FolderRequest,
    FoldersTakenIn,
    Format,
    OnStanding,
    Plan,
    Stage,
    Standing,
    System,
    Unfinished,
)
from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType
from forensics_app.model.image import IntakeRequest, OnProgress, WriteBlocker
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.acquisition_facts import acquisition_facts, blocker_facts, folder_facts, names_of
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.exhibit_rules import check_in_hand
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.intake import CLOSED_STATES, Intake
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.program import TOOL
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.seal_opening import check_opening, told_of_seal
from forensics_app.services.unfinished import FOLDER_KIND, KIND, TARGET, parameters_of, standing_of, unfinished_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisitions:
    """Use cases that make images.

    The copying runs in the thread that calls: nothing of what is copied is looked at, so that no hostile content is
    parsed, and reading, hashing and packing let other threads run. What was made is read by the intake, in a child.
    ``system`` is where the computer tells of its devices.
    """

    db: Database
    lab: LabInfo
    journal: Journal
    intake: Intake
    now: Callable[[], datetime]
    system: System = THIS_SYSTEM

    def devices(self) -> tuple[Device, ...]:
        """The block devices of this computer, as its system describes them; none of them is opened."""
        return list_devices(self.system)

    def can_list_devices(self) -> bool:
        """Whether this computer's system tells which devices there are."""
        return can_list_devices(self.system)

    def plan(self, request: AcquisitionRequest) -> Plan:
        """What an acquisition would take and become; nothing is written, the source is opened read-only for its size.

        Raises:
            EvidenceError: What is asked is not possible, or the source cannot be opened.
        """
        return plan(request.source, request.target, _how(request))

    def unfinished(self, exhibit_id: ExhibitId) -> tuple[Unfinished, ...]:
        """Acquisitions of an exhibit that were stopped or failed and can be taken up again, the last one first."""
        with self.db.reading() as connection:
            exhibit = exhibit_with(connection, exhibit_id)
            images = [image for image in self.intake.list(exhibit.case_id) if image.exhibit_id == exhibit.id]
            found = tuple(unfinished_of(connection, exhibit, images))
        return tuple(one for job, request in found if (one := standing_of(job, request)) is not None)

    def acquire(
        self,
        actor: SignedIn,
        request: AcquisitionRequest,
        *,
        on_progress: OnProgress = lambda done, total: None,
        on_standing: OnStanding = lambda standing: None,
    ) -> Acquired:
        """Image a device or a file for an exhibit, record how, and take the image in.

        An E01 is read back by the intake, which compares it with the digests that the acquisition stored in it; raw
        holds none, and is read back and compared before.

        Args:
            actor: An examiner or exhibits officer.
            request: What is imaged, and how.
            on_progress: Bytes done and in all; it starts again for the intake. What it raises stops the work, which
                can be taken up again with ``resume``.
            on_standing: What it is doing, and how much could not be read, whenever one of them changes.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No write blocker and no reason (REQ-32); the case or the exhibit does not allow it; or what
                was read back is not what was copied.
            EvidenceError: The source or the target failed; only that was recorded.
        """
        case, exhibit = self._allowed(actor, request)
        settings = _settings(request, case, exhibit, actor)
        parameters = parameters_of(request)
        paths = (request.source, request.target)
        telling = _Telling(on_progress, on_standing, reads_back=settings.verify)
        with self._running(KIND, actor, case, exhibit, request.write_blocker, paths, parameters):
            made = acquire(
                request.source,
                request.target,
                settings,
                telling.progress,
                resume=request.resume,
                started_at=self.now(),
                on_unreadable=telling.lost,
            )
            in_force = configuration_sha256(self.lab, self.journal.folder)
            self._note(
                actor,
                exhibit,
                "image.acquire",
                acquisition_facts(made, request.write_blocker, in_force) | told_of_seal(exhibit, request.seal),
            )
            _refuse_difference(made)
        taken = IntakeRequest(
            exhibit_id=exhibit.id, paths=made.paths, write_blocker=request.write_blocker, seal=request.seal
        )
        telling.stage(Stage.TAKING_IN)
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
        case, exhibit = self._allowed(actor, request)
        labels = {
            "case_number": case.number,
            "evidence_number": exhibit.number,
            "examiner": actor.person.name,
            "notes": request.notes.strip(),
            "tool": TOOL,
        }
        paths = (*request.folders, request.target)
        given = {"exhibit_id": str(exhibit.id), TARGET: str(request.target.absolute())}
        with self._running(FOLDER_KIND, actor, case, exhibit, request.write_blocker, paths, given):
            made = acquire_folders(
                request.folders, request.target, labels=labels, started_at=self.now(), on_progress=on_progress
            )
            in_force = configuration_sha256(self.lab, self.journal.folder)
            self._note(
                actor,
                exhibit,
                "image.acquire_folders",
                folder_facts(made, request, in_force) | told_of_seal(exhibit, request.seal),
            )
        return made

    def take_in_folders(
        self, actor: SignedIn, request: FolderRequest, *, on_progress: OnProgress = lambda done, total: None
    ) -> FoldersTakenIn:
        """Copy folders into a container as :meth:`acquire_folders` does, and take the container in.

        Args:
            actor: An examiner or exhibits officer.
            request: What is copied.
            on_progress: Bytes done and in all, as far as they are known; it starts again for the intake. What it raises
                stops the work; a container that was complete by then stays.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: As of both; or what was read back is not what was copied.
            EvidenceError: A folder, the target or the container failed; only that was recorded.
        """
        made = self.acquire_folders(actor, request, on_progress=on_progress)
        _refuse_difference(made)
        taken = IntakeRequest(
            exhibit_id=request.exhibit_id, paths=(made.path,), write_blocker=request.write_blocker, logical=True,
            seal=request.seal,
        )  # fmt: skip
        return FoldersTakenIn(acquisition=made, image=self.intake.take_in(actor, taken, on_progress=on_progress))

    def _allowed(self, actor: SignedIn, request: AcquisitionRequest | FolderRequest) -> tuple[Case, Exhibit]:
        blocker = request.write_blocker
        require(actor, "acquire evidence", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        if not (blocker.device.strip() or blocker.reason_for_none.strip()):
            raise RefusedError("Name the write blocker, or the reason why there was none.")
        with self.db.reading() as connection:
            exhibit = exhibit_with(connection, request.exhibit_id)
            case = case_with(connection, exhibit.case_id)
        check_authority(case, self.now(), self.lab.zone)
        if exhibit.state in CLOSED_STATES:
            raise RefusedError(f"{exhibit.number} is {exhibit.state.value.lower()}; it has left the lab.")
        if exhibit.type is ExhibitType.IMAGE:
            raise RefusedError(f"{exhibit.number} is itself an image; acquire the exhibit it was made of.")
        check_in_hand(actor, exhibit)
        check_opening(exhibit, request.seal)
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


def _how(request: AcquisitionRequest) -> Settings:
    return Settings(
        format=request.format,
        compression=request.compression,
        segment_bytes=request.segment_bytes,
        retries=request.retries,
        software=TOOL,
        verify=request.format is Format.RAW,
    )


def _settings(request: AcquisitionRequest, case: Case, exhibit: Exhibit, actor: SignedIn) -> Settings:
    described = described_as(exhibit) if request.description is None else request.description.strip()
    labels = Labels(
        case_number=case.number,
        evidence_number=exhibit.number,
        description=described,
        examiner=actor.person.name,
        notes=request.notes.strip(),
    )
    return replace(_how(request), labels=labels)


def described_as(exhibit: Exhibit) -> str:
    """What an image calls the exhibit it was made of, unless somebody words it otherwise."""
    words = exhibit.description
    for more in (exhibit.make, exhibit.model, exhibit.serial):
        words += f" {more}" if more and more not in words else ""
    return words.strip()


class _Telling:
    """Tells what an acquisition is doing, from the two things that the engine reports."""

    def __init__(self, on_progress: OnProgress, on_standing: OnStanding, *, reads_back: bool) -> None:
        self._on_progress, self._on_standing, self._reads_back = on_progress, on_standing, reads_back
        self._standing = Standing()

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        """Bytes done and in all, which are counted twice where the target is read back."""
        if self._reads_back and 2 * done_bytes > total_bytes:
            self.stage(Stage.READING_BACK)
        self._on_progress(done_bytes, total_bytes)

    def lost(self, lost_bytes: int) -> None:
        self._say(replace(self._standing, lost_bytes=lost_bytes))

    def stage(self, stage: Stage) -> None:
        self._say(replace(self._standing, stage=stage))

    def _say(self, standing: Standing) -> None:
        if standing != self._standing:
            self._standing = standing
            self._on_standing(standing)


def _refuse_difference(made: Acquisition | FolderAcquisition) -> None:
    if made.verified is False:
        raise RefusedError(
            f"What was read back is not what was copied: {', '.join(made.differing[:10])}.",
            kept="What was written was left where it is and not taken in; the record says what differs.",
            then="Check the disk that it was written to, then acquire again to another one.",
        )
