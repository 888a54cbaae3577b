"""Scenes: the flows of the guidance gone through at a place, with who answered what and when (REQ-04 to REQ-06)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.guidance.flows import NOT_DONE, Answer, Flow, Step, StepKind, asked, doubt, fault, missing
from chain_of_custody.guidance.library import Guidance
from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text, told_text
from forensics_app.db.mapping_scene import answer_of, capture_of, capture_values, scene_of, scene_photo_of
from forensics_app.db.rows import readable, record_with
from forensics_app.db.tables import CAPTURE, SCENE, SCENE_ANSWER, SCENE_PHOTO
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import NewPhoto
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.scene import Capture, NewCapture, NewScene, Scene, SceneAnswer, SceneId, ScenePhoto, latest
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.exhibits import exhibit_with
from forensics_app.services.folder import LabFolder
from forensics_app.services.permissions import require
from forensics_app.services.pictures import keeping, next_photo_id, picture_path, scaled
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.told_times import check_told

WORKERS = (Role.EXAMINER, Role.EXHIBITS_OFFICER)
VOLATILITY = "volatility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenes:
    """Use cases at a scene. Nothing that was answered is overwritten; a later answer stands in the place of it."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]
    guidance: Callable[[], Guidance]

    def list(self, case_id: CaseId) -> tuple[Scene, ...]:
        """The flows begun in a case, oldest first."""
        query = select(SCENE).where(SCENE.c.case_id == str(case_id)).order_by(SCENE.c.recorded_at, SCENE.c.id)
        with self.db.reading() as connection:
            return readable(connection, query, scene_of)

    def answers(self, scene_id: SceneId) -> tuple[SceneAnswer, ...]:
        """Every answer that was given, in the order of recording; the last one to a step stands."""
        with self.db.reading() as connection:
            return _answers(connection, scene_id)

    def photos(self, scene_id: SceneId) -> tuple[ScenePhoto, ...]:
        """The photographs, in the order of recording."""
        with self.db.reading() as connection:
            return _photos(connection, scene_id)

    def thumbnail(self, photo: ScenePhoto, box_px: int) -> bytes:
        """A photograph scaled down into a square of ``box_px`` pixels, as PNG: decoded in a child process.

        Raises:
            NotFoundError: There is no such scene.
            RefusedError: The file in the lab folder is gone or cannot be read.
            EvidenceError: It is no picture, or the process that decoded it died.
        """
        with self.db.reading() as connection:
            case_id = scene_with(connection, photo.scene_id).case_id
        return scaled(picture_path(self.folder, case_id, photo.sha256, photo.media_type), box_px)

    def captures(self, scene_id: SceneId) -> tuple[Capture, ...]:
        """The steps of the live capture, in the order of recording."""
        with self.db.reading() as connection:
            return _captures(connection, scene_id)

    def standing_answers(self, scene_id: SceneId) -> dict[str, Answer]:
        """By step: the answer that stands; photographs and captures answer the step that asks for them."""
        with self.db.reading() as connection:
            return self._standing(connection, scene_with(connection, scene_id))

    def asked(self, scene_id: SceneId) -> tuple[Step, ...]:
        """The questions that are asked after what was answered so far, in their order."""
        with self.db.reading() as connection:
            scene = scene_with(connection, scene_id)
            return asked(self._flow(scene.flow), self._standing(connection, scene))

    def missing(self, scene_id: SceneId) -> tuple[Step, ...]:
        """What keeps a flow from being closed."""
        with self.db.reading() as connection:
            scene = scene_with(connection, scene_id)
            return missing(self._flow(scene.flow), self._standing(connection, scene))

    def begin(self, actor: SignedIn, new: NewScene) -> Scene:
        """Begin a flow at a scene.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: The flow is unknown, something required is missing, or the case has no authority in force.
        """
        require(actor, "work at a scene", *WORKERS)
        flow = self._flow(new.flow)
        if not (new.subject.strip() and new.place.strip() and new.led_by.strip()):
            raise RefusedError("A scene needs what it is about, the place, and who leads.")
        now = self.now()
        check_told("The work at the scene", new.started_at, now)
        values: Values = {
            "id": str(uuid4()),
            "case_id": str(new.case_id),
            "exhibit_id": None if new.exhibit_id is None else str(new.exhibit_id),
            "flow": flow.id,
            "flow_version": flow.origin.version,
            "subject": new.subject.strip(),
            "place": new.place.strip(),
            "led_by": new.led_by.strip(),
            "started_at": told_text(new.started_at),
            "recorded_at": time_text(now),
            "closed_at": None,
        }
        with self.db.writing() as connection:
            case = case_with(connection, new.case_id)
            check_authority(case, now, self.lab.zone)
            if new.exhibit_id is not None and exhibit_with(connection, new.exhibit_id).case_id != case.id:
                raise RefusedError("The exhibit belongs to another case.")
            writer = Writer(connection, now)
            writer.insert(SCENE, values)
            scene = scene_of(values)
            facts: dict[str, Json] = {"follows": flow.origin.words()}
            writer.append(case_chain(case), "scene.begin", scene_subject(scene), facts, [("actor", actor)])
        return scene

    def answer(
        self, actor: SignedIn, scene_id: SceneId, step_id: str, given: Answer, given_at: datetime
    ) -> SceneAnswer:
        """Record an answer; what was answered before to the same step stays beside it.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: The scene is closed, the step is not asked, or the answer cannot stand.
        """
        now = self.now()
        check_told("The answer", given_at, now)
        with self.db.writing() as connection:
            scene, step = self._open_step(connection, actor, scene_id, step_id, now)
            if step.kind in (StepKind.PHOTO, StepKind.CAPTURE) and given.value != NOT_DONE:
                raise RefusedError("This step is answered by adding photographs or captures, or by saying why not.")
            if (wrong := fault(step, given)) is not None:
                raise RefusedError(wrong)
            values: Values = {
                "id": str(uuid4()),
                "scene_id": str(scene.id),
                "step": step.id,
                "value": given.value.strip(),
                "reason": given.reason.strip(),
                "person_id": str(actor.person.id),
                "given_at": told_text(given_at),
                "recorded_at": time_text(now),
                "number": len(_answers(connection, scene.id)) + 1,
            }
            writer = Writer(connection, now)
            writer.insert(SCENE_ANSWER, values)
            facts: dict[str, Json] = {"question": step.text, "step": step.id}
            if (doubtful := doubt(step, given)) is not None:
                facts["doubt"] = doubtful
            self._append(writer, scene, "scene.answer", facts, actor, given.reason)
        return answer_of(values)

    def add_photo(self, actor: SignedIn, scene_id: SceneId, step_id: str, new: NewPhoto) -> ScenePhoto:
        """Copy a photograph into the lab folder and record its SHA-256 with the step that it answers (REQ-11).

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: The scene is closed, the step is not asked, or the file is no JPEG or PNG.
        """
        require(actor, "work at a scene", *WORKERS)
        with self.db.reading() as connection:
            case_id = scene_with(connection, scene_id).case_id
        with keeping(self.db, self.folder, case_id, new.path) as kept, self.db.writing() as connection:
            now = self.now()
            check_told("The photograph", new.taken_at, now)
            scene, step = self._open_step(connection, actor, scene_id, step_id, now)
            values: Values = {
                "id": next_photo_id(connection, SCENE_PHOTO, time_text(now)),
                "scene_id": str(scene.id),
                "step": step.id,
                "view": new.view.value,
                "caption": new.caption.strip(),
                "taken_at": told_text(new.taken_at),
                "author_id": str(actor.person.id),
                "sha256": kept.sha256.hex(),
                "size_bytes": kept.size_bytes,
                "media_type": kept.media_type,
                "recorded_at": time_text(now),
            }
            writer = Writer(connection, now)
            writer.insert(SCENE_PHOTO, values)
            facts: dict[str, Json] = {"sha256": kept.sha256.hex(), "view": new.view.value, "file": new.path.name}
            self._append(writer, scene, "scene.photo", facts, actor)
            kept.make_sure()
        return scene_photo_of(values)

    def add_capture(self, actor: SignedIn, scene_id: SceneId, step_id: str, new: NewCapture) -> Capture:
        """Record a step of a live capture; one that comes too late is flagged, never refused (REQ-06).

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: The scene is closed, the step is not asked, or something required is missing.
        """
        rules = {rule.id: rule for rule in self.guidance().practices[VOLATILITY].rules}
        if not (new.what.strip() and new.tool.strip() and new.command.strip()):
            raise RefusedError("A capture needs what was captured, the tool, and what was typed or pressed.")
        if new.rule not in rules:
            raise RefusedError("Say where the capture stands in the order of volatility.")
        if new.ended_at < new.started_at:
            raise RefusedError("The capture ends before it begins.")
        tier = rules[new.rule].tier or 0
        with self.db.writing() as connection:
            now = self.now()
            check_told("The capture", new.ended_at, now)
            check_told("The capture", new.started_at, now)
            scene, _ = self._open_step(connection, actor, scene_id, step_id, now)
            before = _captures(connection, scene.id)
            values: Values = {
                "id": str(uuid4()),
                "scene_id": str(scene.id),
                "number": len(before) + 1,
                "tier": tier,
                "out_of_order": int(any(one.tier > tier for one in before)),
                **capture_values(new),
                "person_id": str(actor.person.id),
                "recorded_at": time_text(now),
            }
            writer = Writer(connection, now)
            writer.insert(CAPTURE, values)
            self._append(writer, scene, "scene.capture", {"step": step_id, "order": rules[new.rule].text}, actor)
        return capture_of(values)

    def close(self, actor: SignedIn, scene_id: SceneId) -> Scene:
        """Close a flow; one in which a mandatory question is open stays open (REQ-05).

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: It is closed already, or questions are open; they are named.
        """
        require(actor, "close a scene", *WORKERS)
        with self.db.writing() as connection:
            scene = _open_scene(connection, scene_id)
            left = missing(self._flow(scene.flow), self._standing(connection, scene))
            if left:
                counted = "1 question is open:" if len(left) == 1 else f"{len(left)} questions are open, the first:"
                raise RefusedError(
                    f"{counted} {left[0].text}",
                    then="Answer them, or say why they cannot be answered.",
                )
            now = self.now()
            writer = Writer(connection, now)
            writer.update(SCENE, scene.id, {"closed_at": time_text(now)})
            self._append(writer, scene, "scene.close", {}, actor)
            return scene_with(connection, scene_id)

    def _append(
        self, writer: Writer, scene: Scene, action: str, facts: dict[str, Json], actor: SignedIn, reason: str = ""
    ) -> None:
        case = case_with(writer.connection, scene.case_id)
        subject = scene_subject(scene)
        writer.append(case_chain(case), action, subject, facts, [("actor", actor)], reason.strip() or None)

    def _flow(self, flow_id: str) -> Flow:
        flow = self.guidance().flows.get(flow_id)
        if flow is None:
            raise RefusedError(f"The guidance has no flow {flow_id!r}.")
        return flow

    def _open_step(
        self, connection: Connection, actor: SignedIn, scene_id: SceneId, step_id: str, now: datetime
    ) -> tuple[Scene, Step]:
        require(actor, "work at a scene", *WORKERS)
        scene = _open_scene(connection, scene_id)
        check_authority(case_with(connection, scene.case_id), now, self.lab.zone)
        steps = asked(self._flow(scene.flow), self._standing(connection, scene))
        for step in steps:
            if step.id == step_id:
                return scene, step
        raise RefusedError("This question is not asked after what was answered before.")

    def _standing(self, connection: Connection, scene: Scene) -> dict[str, Answer]:
        standing = dict(latest(_answers(connection, scene.id)))
        counts: dict[str, int] = {}
        for photo in _photos(connection, scene.id):
            counts[photo.step] = counts.get(photo.step, 0) + 1
        captures = len(_captures(connection, scene.id))
        for step in self._flow(scene.flow).steps:
            number = captures if step.kind is StepKind.CAPTURE else counts.get(step.id, 0)
            if step.kind in (StepKind.PHOTO, StepKind.CAPTURE) and number:
                standing[step.id] = Answer(value=str(number), reason="recorded")
        return standing


def scene_subject(scene: Scene) -> Subject:
    """The scene as the object of an entry."""
    return Subject(kind="scene", id=str(scene.id), label=scene.subject)


def scene_with(connection: Connection, scene_id: SceneId) -> Scene:
    """The scene with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = select(SCENE).where(SCENE.c.id == str(scene_id))
    return record_with(connection, query, scene_of, f"scene with the id {scene_id}")


def _open_scene(connection: Connection, scene_id: SceneId) -> Scene:
    scene = scene_with(connection, scene_id)
    if scene.closed_at is not None:
        raise RefusedError("This scene is closed; nothing is added to it any more.", then="Begin another one.")
    return scene


def _answers(connection: Connection, scene_id: SceneId) -> tuple[SceneAnswer, ...]:
    query = select(SCENE_ANSWER).where(SCENE_ANSWER.c.scene_id == str(scene_id)).order_by(SCENE_ANSWER.c.number)
    return readable(connection, query, answer_of)


def _photos(connection: Connection, scene_id: SceneId) -> tuple[ScenePhoto, ...]:
    query = select(SCENE_PHOTO).where(SCENE_PHOTO.c.scene_id == str(scene_id))
    return readable(connection, query.order_by(SCENE_PHOTO.c.recorded_at, SCENE_PHOTO.c.id), scene_photo_of)


def _captures(connection: Connection, scene_id: SceneId) -> tuple[Capture, ...]:
    query = select(CAPTURE).where(CAPTURE.c.scene_id == str(scene_id)).order_by(CAPTURE.c.number)
    return readable(connection, query, capture_of)
