"""Taking images in, checking them again, and deciding about those that disagree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select

from chain_of_custody.ledger import Json
from chain_of_custody.states import Event, State
from evidence.digest import MediaDigests
from evidence.errors import EvidenceError, NotAnImageError
from evidence.isolation import run_isolated
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import Values, json_text, time_text
from forensics_app.db.mapping_image import ALGORITHMS, check_of, image_of
from forensics_app.db.rows import readable, record_with
from forensics_app.db.tables import EXHIBIT, IMAGE, IMAGE_CHECK
from forensics_app.errors import CancelledError, RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.container_name import container_name
from forensics_app.model.exhibit import NO_OUTSIDE, Exhibit, ExhibitType, NewExhibit
from forensics_app.model.image import (
    PART_BYTES,
    EvidenceImage,
    ImageCheck,
    ImageDescription,
    ImageId,
    IntakeRequest,
    Integrity,
    OnProgress,
)
from forensics_app.model.incident import seal_parameters
from forensics_app.model.lab import LabInfo
from forensics_app.model.logical import StoredCheck, opening
from forensics_app.model.names import counting_key, looks
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.comparison import Comparison, Reading, compare, reading_of
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.exhibit_rules import check_in_hand
from forensics_app.services.exhibits import exhibit_subject, exhibit_with, insert_exhibit, trying
from forensics_app.services.imaging import check_scene, imaging_step
from forensics_app.services.intake_values import check_values, digest_facts, image_values, intake_facts, integrity_of
from forensics_app.services.journal import Journal
from forensics_app.services.logical_evidence import compare_contents, content_facts, findings, refuse_folder
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.refusals import RECORDED, noting_refusals
from forensics_app.services.seal_opening import check_opening

CLOSED_STATES = frozenset({State.RETURNED, State.DESTROYED, State.FORFEITED, State.RETAINED_BY_COURT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Use cases about images. The sources are opened read-only, in a child process.

    ``part_bytes`` is the size of the parts that are digested on their own, so that damage can be placed.
    """

    db: Database
    lab: LabInfo
    journal: Journal
    now: Callable[[], datetime]
    part_bytes: int = PART_BYTES

    def describe(self, paths: Sequence[Path], *, logical: bool = False) -> ImageDescription:
        """What a source says of itself: container, segments, sizes, stored digests; nothing is hashed.

        Args:
            paths: The first segment is enough when the others lie beside it.
            logical: Whether it is a ZIP or a tar whose files are the evidence.

        Raises:
            EvidenceError: It is no image, a segment is missing, or no reader knows the container.
            RefusedError: It is a folder, which has to be copied into a container first.
        """
        if logical:
            refuse_folder(paths)
        try:
            description: ImageDescription = run_isolated("describe", {"paths": tuple(paths), "logical": logical})
        except NotAnImageError:
            refuse_folder(paths)
            raise
        return description

    def list(self, case_id: CaseId) -> tuple[EvidenceImage, ...]:
        """The images of a case, by number as people count."""
        with self.db.reading() as connection:
            return images_of(connection, case_id)

    def failed(self) -> tuple[EvidenceImage, ...]:
        """The images of every case that do not read as they are recorded and wait for a decision (REQ-28)."""
        with self.db.reading() as connection:
            return readable(connection, _images().where(IMAGE.c.integrity == Integrity.FAILED.value), image_of)

    def get(self, image_id: ImageId) -> EvidenceImage:
        """The image with this id.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            return image_with(connection, image_id)

    def checks(self, image_id: ImageId) -> tuple[ImageCheck, ...]:
        """Every reading of the whole media, the intake's first."""
        with self.db.reading() as connection:
            return checks_of(connection, image_id)

    def take_in(
        self, actor: SignedIn, request: IntakeRequest, *, on_progress: OnProgress = lambda done, total: None
    ) -> EvidenceImage:
        """Read an image once, compare its digests, and record it as an exhibit derived from the one it was made of.

        The media is read to its end before anything is written; image, check and entry are then written in one short
        transaction. A stored digest that disagrees and regions that cannot be read are findings: they are recorded,
        the exhibit is marked, and analysis waits for a supervisor (REQ-24 to REQ-28).

        Args:
            actor: An examiner or exhibits officer.
            request: What is taken in, and how the source was protected.
            on_progress: Media bytes done, media bytes in all; then, of logical evidence whose container stores digests
                of its files, the same for their contents. What it raises stops the intake.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No write blocker and no reason (REQ-32), the case or exhibit does not allow it, the actor does
                not hold the checked-out exhibit, or the source is a folder. The attempt was recorded (REQ-17).
            EvidenceError: The source cannot be read as an image; only the refusal was recorded.
        """
        event = Event.IMAGE_ON_SCENE if request.on_scene else Event.IMAGE
        with noting_refusals(self.db, self.now, actor, trying(request.exhibit_id, event)):
            return self._take_in(actor, request, on_progress)

    def _take_in(self, actor: SignedIn, request: IntakeRequest, on_progress: OnProgress) -> EvidenceImage:
        require(actor, "take in an image", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        blocker = request.write_blocker
        if not (blocker.device.strip() or blocker.reason_for_none.strip()):
            raise RefusedError("Name the write blocker, or the reason why there was none.")
        with self.db.reading() as connection:
            exhibit = exhibit_with(connection, request.exhibit_id)
            case = case_with(connection, exhibit.case_id)
        self._check_open(case, exhibit)
        check_in_hand(actor, exhibit)
        check_scene(exhibit, request)
        check_opening(exhibit, request.seal)
        parameters = {
            "exhibit_id": str(exhibit.id),
            "paths": json_text([str(path) for path in request.paths]),
            "write_blocker": blocker.device,
            "reason_for_none": blocker.reason_for_none,
            "logical": str(int(request.logical)),
            "on_scene": str(int(request.on_scene)),
            "made": request.made,
            **seal_parameters(request.seal),
        }
        with self.journal.running("intake", exhibit.number, case.id, parameters) as say:
            started_at = self.now()
            try:
                source = self.describe(request.paths, logical=request.logical)
                before = _fingerprint(source.paths)
                media = _hash(source, self.part_bytes, on_progress)
                contents = compare_contents(source, on_progress)
                if _fingerprint(source.paths) != before:
                    raise RefusedError(
                        "A file of the source was changed while it was read.",
                        then="Find out what writes to the source, protect it, then take it in again.",
                    )
            except (EvidenceError, RefusedError, OSError, CancelledError, KeyboardInterrupt) as error:
                self._note_unfinished(actor, exhibit, request.paths, started_at, error)
                if isinstance(error, RefusedError):
                    error.kept = RECORDED
                raise
            image = self._record(actor, exhibit, request, source, media, contents, started_at)
            say(f"{image.number}: {image.integrity}.")
        return image

    def recheck(
        self, actor: SignedIn, image_id: ImageId, *, on_progress: OnProgress = lambda done, total: None
    ) -> ImageCheck:
        """Read a whole image again and compare it with what was recorded at intake (REQ-29).

        The answer also says which parts of the media differ, whether the digests stored in the container fit, and how
        the reading compares with the one before it.

        Raises:
            PermissionRefusedError: The actor is no examiner, exhibits officer or supervisor.
            EvidenceError: The source cannot be read as an image.
        """
        require(actor, "check an image", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
        image = self.get(image_id)
        with self.journal.running("recheck", image.number, image.case_id, {"image_id": str(image_id)}) as say:
            started_at = self.now()
            media = _hash(image.source, self.part_bytes, on_progress)
            with self.db.writing() as connection:
                check = record_check(
                    connection, actor, image.id, reading_of(media), started_at, self.now(), self._configuration()
                )
            say(f"{image.number}: {check.what}.")
        return check

    def decide(self, actor: SignedIn, image_id: ImageId, *, release: bool, reason: str) -> EvidenceImage:
        """Decide about an image whose integrity failed: release it for analysis, or quarantine it (REQ-28).

        The exhibit stays marked as long as an image of it waits or is quarantined.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: No reason is given, nothing waits for a decision, or the actor took the image in.
        """
        require(actor, "decide about a failed integrity", Role.SUPERVISOR)
        if not reason.strip():
            raise RefusedError("The decision needs a reason.")
        with self.db.writing() as connection:
            image = image_with(connection, image_id)
            if image.integrity is not Integrity.FAILED:
                raise RefusedError(f"{image.number} does not wait for a decision.")
            if str(actor.person.id) in _taken_in_by(connection, image):
                raise RefusedError(
                    f"{actor.person.name} took {image.number} in; nobody decides about their own act.",
                    then="Let another supervisor decide.",
                )
            verdict = Integrity.RELEASED if release else Integrity.QUARANTINED
            writer = Writer(connection, self.now())
            writer.update(IMAGE, image_id, {"integrity": verdict.value, "decision": reason.strip()})
            exhibit = exhibit_with(connection, image.exhibit_id)
            shut = (Integrity.FAILED.value, Integrity.QUARANTINED.value)
            closed = select(func.count()).select_from(IMAGE).where(
                IMAGE.c.exhibit_id == str(exhibit.id), IMAGE.c.integrity.in_(shut)
            )  # fmt: skip
            if connection.scalar(closed) == 0:
                writer.update(EXHIBIT, exhibit.id, {"integrity_failed": 0})
            facts: dict[str, Json] = {"image": image.number, "decision": verdict.value}
            case = case_with(connection, image.case_id)
            subject = exhibit_subject(exhibit)
            writer.append(case_chain(case), "image.decision", subject, facts, [("actor", actor)], reason.strip())
            return image_with(connection, image_id)

    def _configuration(self) -> bytes:
        return configuration_sha256(self.lab, self.journal.folder)

    def _check_open(self, case: Case, exhibit: Exhibit) -> None:
        check_authority(case, self.now(), self.lab.zone)
        if exhibit.state in CLOSED_STATES:
            raise RefusedError(f"{exhibit.number} is {exhibit.state.value.lower()}; it has left the lab.")
        if exhibit.type is ExhibitType.IMAGE:
            raise RefusedError(f"{exhibit.number} is itself an image; take it in for the exhibit it was made of.")

    def _record(
        self,
        actor: SignedIn,
        exhibit: Exhibit,
        request: IntakeRequest,
        source: ImageDescription,
        media: MediaDigests,
        contents: StoredCheck | None,
        started_at: datetime,
    ) -> EvidenceImage:
        now = self.now()
        with self.db.writing() as connection:
            exhibit = exhibit_with(connection, exhibit.id)
            case = case_with(connection, exhibit.case_id)
            self._check_open(case, exhibit)
            check_in_hand(actor, exhibit)
            check_scene(exhibit, request)
            found = findings(connection, exhibit, source, media, contents)
            source = replace(source, problems=(*source.problems, *media.problems, *found))
            integrity = integrity_of(source, media, contents, found)
            writer = Writer(connection, now)
            derived = self._derive(writer, actor, exhibit, source)
            values = image_values(derived, exhibit, request, source, media, integrity, started_at, now)
            writer.insert(IMAGE, values)
            agrees = integrity is not Integrity.FAILED
            writer.insert(
                IMAGE_CHECK,
                check_values(
                    ImageId(derived.id),
                    started_at,
                    now,
                    reading_of(media),
                    Comparison(agrees=agrees, what=integrity.value, differing=()),
                ),
            )
            facts = intake_facts(
                derived, exhibit, request, source, media, integrity, self._configuration()
            ) | content_facts(contents)
            marks, stated = imaging_step(writer, actor, exhibit, request, media)
            facts |= stated
            if not agrees:
                marks["integrity_failed"] = 1
            if marks:
                writer.update(EXHIBIT, exhibit.id, marks)
            writer.append(case_chain(case), "image.intake", exhibit_subject(exhibit), facts, [("actor", actor)])
            return image_with(connection, ImageId(derived.id))

    def _derive(self, writer: Writer, actor: SignedIn, exhibit: Exhibit, source: ImageDescription) -> Exhibit:
        of_case = select(EXHIBIT.c.number).where(EXHIBIT.c.case_id == str(exhibit.case_id))
        taken = {looks(one) for one in writer.connection.scalars(of_case)}
        number = next(name for at in count(1) if looks(name := f"{exhibit.number}-I{at}") not in taken)
        segments = "1 file" if len(source.paths) == 1 else f"{len(source.paths)} files"
        new = NewExhibit(
            case_id=exhibit.case_id,
            number=number,
            type=ExhibitType.IMAGE,
            description=f"Image of {exhibit.number}: {container_name(source)}, {segments}",
            parent_id=exhibit.id,
            no_photo_reason=NO_OUTSIDE,
        )
        derived: Values = {
            "state": State.STORED.value,
            "holder_id": None,
            "holder": self.lab.name,
            "place": "",
        }
        return insert_exhibit(writer, new, exhibit, actor, derived=derived)

    def _note_unfinished(
        self, actor: SignedIn, exhibit: Exhibit, paths: Sequence[Path], started_at: datetime, error: BaseException
    ) -> None:
        cancelled = isinstance(error, (CancelledError, KeyboardInterrupt))
        facts: dict[str, Json] = {
            "started_at": time_text(started_at),
            "files": [path.name for path in paths],
            "result": "cancelled by the examiner" if cancelled else str(error),
        }
        with self.db.writing() as connection:
            case = case_with(connection, exhibit.case_id)
            action = "image.intake_cancelled" if cancelled else "image.intake_refused"
            subject = exhibit_subject(exhibit)
            Writer(connection, self.now()).append(case_chain(case), action, subject, facts, [("actor", actor)])


def image_with(connection: Connection, image_id: ImageId) -> EvidenceImage:
    """The image with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = _images().where(IMAGE.c.id == str(image_id))
    return record_with(connection, query, image_of, f"image with the id {image_id}")


def _taken_in_by(connection: Connection, image: EvidenceImage) -> set[str]:
    """Ids of who signed the intake of an image."""
    contents = (entry.content for entry in entries_about(connection, [str(image.exhibit_id)]))
    return {
        slot.person
        for content in contents
        if content.action == "image.intake" and content.facts.get("image") == image.number
        for slot in content.signers
    }


def _images() -> Select[Any]:
    return select(IMAGE, EXHIBIT.c.number).join(EXHIBIT, EXHIBIT.c.id == IMAGE.c.id)


def images_of(connection: Connection, case_id: CaseId) -> tuple[EvidenceImage, ...]:
    """The images of a case, by number as people count."""
    found = readable(connection, _images().where(IMAGE.c.case_id == str(case_id)), image_of)
    return tuple(sorted(found, key=lambda image: counting_key(image.number)))


def checks_of(connection: Connection, image_id: ImageId) -> tuple[ImageCheck, ...]:
    """Every reading of the whole media of an image, the intake's first."""
    query = select(IMAGE_CHECK).where(IMAGE_CHECK.c.image_id == str(image_id)).order_by(IMAGE_CHECK.c.ended_at)
    return readable(connection, query, check_of)


def record_check(
    connection: Connection,
    actor: SignedIn,
    image_id: ImageId,
    reading: Reading,
    started_at: datetime,
    now: datetime,
    configuration: bytes,
    more: Mapping[str, Json] | None = None,
) -> ImageCheck:
    """Write a reading with its comparison and the entry that says so; one that differs closes the image (REQ-29).

    ``configuration`` is the SHA-256 of the one in force; ``more`` are further facts of the entry.
    """
    image = image_with(connection, image_id)
    comparison = compare(image, checks_of(connection, image_id), reading)
    writer = Writer(connection, now)
    values = check_values(image_id, started_at, now, reading, comparison)
    writer.insert(IMAGE_CHECK, values)
    if not comparison.agrees:
        mark_failed(writer, image)
    facts = {
        **digest_facts(reading, image.source.media_bytes),
        "result": comparison.what,
        "differing": [[region.offset_bytes, region.length_bytes] for region in comparison.differing],
        "image": image.number,
        **act_facts(
            {"algorithms": list(reading.digests), "part_bytes": reading.part_bytes},
            configuration=configuration,
            inputs={image.number: image.digests["sha256"].hex()},
        ),
        **(more or {}),
    }
    subject = exhibit_subject(exhibit_with(connection, image.exhibit_id))
    writer.append(case_chain(case_with(connection, image.case_id)), "image.check", subject, facts, [("actor", actor)])
    return check_of(values)


def mark_failed(writer: Writer, image: EvidenceImage) -> None:
    """Close an image that does not read as it did at the intake, until a supervisor decides (REQ-28)."""
    writer.update(IMAGE, image.id, {"integrity": Integrity.FAILED.value})
    writer.update(EXHIBIT, image.exhibit_id, {"integrity_failed": 1})


def _hash(source: ImageDescription, part_bytes: int, on_progress: OnProgress) -> MediaDigests:
    arguments = {**opening(source), "algorithms": ALGORITHMS, "with_parts": True, "part_bytes": part_bytes}
    media: MediaDigests = run_isolated("hash", arguments, on_progress=on_progress)
    return media


def _fingerprint(paths: Sequence[Path]) -> list[tuple[int, int]]:
    return [(stat.st_size, stat.st_mtime_ns) for stat in (path.stat() for path in paths)]
