"""How a case stands to the five principles, computed from its records, and the deviations people explain (REQ-02)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from chain_of_custody.errors import CustodyError
from chain_of_custody.guidance.library import Guidance
from chain_of_custody.ledger import Content, Entry, Json
from chain_of_custody.reasons import is_in_words
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_of
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_scene import answer_of, capture_of, deviation_of, scene_of
from forensics_app.db.rows import readable
from forensics_app.db.tables import CAPTURE, DEVIATION, PERSON, SCENE, SCENE_ANSWER
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.competence import Assignment, Training, in_force
from forensics_app.model.custody import in_zone
from forensics_app.model.exhibit import Exhibit, ExhibitType, State
from forensics_app.model.image import EvidenceImage, Integrity
from forensics_app.model.incident import Incident
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import PersonId, Role, SignedIn
from forensics_app.model.scene import (
    NOT_DONE,
    Capture,
    Deviation,
    Gap,
    PrincipleView,
    Scene,
    SceneAnswer,
    SceneId,
    Standing,
    latest,
)
from forensics_app.model.scene import Answer as Answered
from forensics_app.model.told import Told
from forensics_app.services.cases import case_subject, case_with
from forensics_app.services.competence_rules import assignments_of, trainings_of
from forensics_app.services.exhibits import exhibits_of
from forensics_app.services.incidents import incidents_of
from forensics_app.services.intake import images_of
from forensics_app.services.particulars import untold_of
from forensics_app.services.permissions import require
from forensics_app.services.principle_authority import Authorities, authorities_in
from forensics_app.services.principle_trail import Trails
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.unreadable import Unread, unread_rows
from forensics_app.services.worded import WORDS_ASKED, check_reason_told

SPECIALIST_STEP, COMPETENCE_STEP, PRIVILEGE_STEP = "live-specialist", "live-competent", "arrival-privilege-how"
NOT_YET_SEIZED = (State.IDENTIFIED, State.LEFT_IN_PLACE, State.IMAGED_ON_SCENE)
BY_THE_TRAINED = (
    "custody.check_out", "custody.begin_examination", "exhibit.derive", "image.acquire", "image.acquire_folders",
    "image.intake", "image.check", "image.catalogue", "volume.unlock", "file.choose", "file.export", "scene.capture",
    "report.issue",
)  # fmt: skip

Found = tuple[list[str], list[Gap]]
"""What the records show for a principle, in sentences, and what departs from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """An act that needs training.

    Attributes:
        day: In the lab's zone.
    """

    person_id: str
    person: str
    at: datetime
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the record holds of a case.

    Attributes:
        untold: Numbers of the exhibits of which the guidance asks for more than was told.
    """

    case: Case
    exhibits: Sequence[Exhibit]
    images: Sequence[EvidenceImage]
    scenes: Sequence[Scene]
    answers: Sequence[SceneAnswer]
    captures: Sequence[Capture]
    incidents: Sequence[Incident]
    authorities: Authorities
    work: Sequence[_Work]
    trainings: Sequence[Training]
    assignments: Sequence[Assignment]
    untold: Sequence[str]
    trail: Sequence[Gap]
    unread: Sequence[Unread]
    entries: int

    def answers_to(self, step: str) -> dict[SceneId, Answered]:
        """The answers that stand to a step, by scene."""
        found = {}
        for scene in self.scenes:
            standing = latest(tuple(answer for answer in self.answers if answer.scene_id == scene.id))
            if step in standing:
                found[scene.id] = standing[step]
        return found

    def told(self, step: str, key: str, not_done: str, words: Callable[[Scene, str], str]) -> Found:
        """What was answered to a step: a record where it was done, a gap with its reason where it was not."""
        answers = self.answers_to(step)
        told = [(scene, answers[scene.id]) for scene in self.scenes if scene.id in answers]
        records = [words(scene, answer.value) for scene, answer in told if answer.value != NOT_DONE]
        gaps = [
            Gap(key=f"{key}:{scene.id}", what=Told(not_done, scene=scene.subject), explained=answer.reason)
            for scene, answer in told
            if answer.value == NOT_DONE
        ]
        return records, gaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Principles:
    """Use cases about the principles. What is met is computed each time; only deviations are written down."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]
    guidance: Callable[[], Guidance]
    _trails: Trails = field(default_factory=Trails, init=False, compare=False)

    def of_case(self, case_id: CaseId) -> tuple[PrincipleView, ...]:
        """The five principles and how the case stands to each."""
        with self.db.reading() as connection:
            return self.of_case_in(connection, case_id)

    def of_case_in(self, connection: Connection, case_id: CaseId) -> tuple[PrincipleView, ...]:
        """The same in a transaction that reads more, such as all that a report says."""
        seen = self._seen(connection, case_with(connection, case_id))
        deviations = _deviations(connection, case_id)
        views = []
        for rule, find in zip(
            self.guidance().principles, (_integrity, _trail, _support, _training, _legality), strict=True
        ):
            records, gaps = find(seen)
            told = tuple(one for one in deviations if one.principle == rule.id)
            standing = Standing.DEVIATION if gaps or told else Standing.MET if records else Standing.NOTHING_YET
            views.append(
                PrincipleView(rule=rule, standing=standing, records=tuple(records), gaps=tuple(gaps), deviations=told)
            )
        return tuple(views)

    def deviate(
        self, actor: SignedIn, case_id: CaseId, principle: str, what: str, reason: str, *, gap: str = ""
    ) -> Deviation:
        """Write down a deviation from a principle, or the reason for one that the records show.

        Args:
            actor: An examiner, exhibits officer or supervisor.
            case_id: The case.
            principle: Id of the principle.
            what: What departs from it.
            reason: Why; required.
            gap: Key of the gap that is explained; empty for something that only the person knows of.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: Something required is missing, or the case shows no such gap.
        """
        require(actor, "record a deviation", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
        if not is_in_words(what):
            raise RefusedError("It is not said what departs from the principle.", then=WORDS_ASKED)
        check_reason_told(reason, what.strip())
        views = {view.rule.id: view for view in self.of_case(case_id)}
        if principle not in views:
            raise RefusedError(f"The guidance has no principle {principle!r}.")
        if gap and gap not in {one.key for one in views[principle].gaps}:
            raise RefusedError("The records show no such departure any more.", then="Look at the principles again.")
        now = self.now()
        values: Values = {
            "id": str(uuid4()),
            "case_id": str(case_id),
            "principle": principle,
            "gap": gap,
            "what": what.strip(),
            "reason": reason.strip(),
            "author_id": str(actor.person.id),
            "recorded_at": time_text(now),
        }
        with self.db.writing() as connection:
            case = case_with(connection, case_id)
            writer = Writer(connection, now)
            writer.insert(DEVIATION, values)
            facts: dict[str, Json] = {"principle": views[principle].rule.title, "what": what.strip()}
            chain, subject = case_chain(case), case_subject(case)
            writer.append(chain, "case.deviation", subject, facts, [("actor", actor)], reason.strip())
        return deviation_of({**values, "author": actor.person.name})

    def _seen(self, connection: Connection, case: Case) -> _Seen:
        key = str(case.id)
        of_scenes = select(SCENE.c.id).where(SCENE.c.case_id == key)
        answers = select(SCENE_ANSWER).where(SCENE_ANSWER.c.scene_id.in_(of_scenes)).order_by(SCENE_ANSWER.c.number)
        captures = select(CAPTURE).where(CAPTURE.c.scene_id.in_(of_scenes)).order_by(CAPTURE.c.number)
        entries = list(entries_of(connection, key))
        contents = tuple(_readable(entries))
        exhibits = exhibits_of(connection, case.id)
        return _Seen(
            case=case,
            exhibits=exhibits,
            untold=[one.number for one, _ in untold_of(connection, self.guidance, case.id, exhibits)],
            images=images_of(connection, case.id),
            scenes=readable(connection, select(SCENE).where(SCENE.c.case_id == key), scene_of),
            answers=readable(connection, answers, answer_of),
            captures=readable(connection, captures, capture_of),
            incidents=incidents_of(connection, case.id),
            authorities=authorities_in(contents, ZoneInfo(self.lab.zone)),
            work=tuple(_work(contents, ZoneInfo(self.lab.zone))),
            trainings=trainings_of(connection),
            assignments=assignments_of(connection, case.id),
            trail=self._trails.gaps(connection, str(self.lab.id), key, entries),
            unread=unread_rows(connection, key),
            entries=len(entries),
        )


def _integrity(seen: _Seen) -> Found:
    records, gaps = [], []
    sealed = 0
    for exhibit in seen.exhibits:
        derived = exhibit.parent_id is not None and exhibit.seized_at is None
        if derived or exhibit.type is ExhibitType.MEDIUM or exhibit.state in NOT_YET_SEIZED:
            continue
        if exhibit.seal_number:
            sealed += 1
        else:
            gaps.append(
                Gap(key=f"seal:{exhibit.id}", what=Told("{exhibit} was seized without a seal.", exhibit=exhibit.number))
            )
    if sealed:
        records.append(f"Sealed exhibits: {sealed}.")
    matching = sum(image.integrity is Integrity.MATCH for image in seen.images)
    if matching:
        records.append(f"Images that agree with their stored digests: {matching}.")
    gaps += [gap for image in seen.images for gap in _image_gaps(image)]
    gaps += [Gap(key=f"incident:{one.id}", what=one.what, explained=one.decision) for one in seen.incidents]
    return records, gaps


def _image_gaps(image: EvidenceImage) -> Iterator[Gap]:
    if image.integrity not in (Integrity.MATCH, Integrity.NONE_STORED):
        what = Told("{image} does not agree with the digests that are recorded of it.", image=image.number)
        yield Gap(key=f"integrity:{image.id}", what=what, explained=image.decision)
    if not image.write_blocker.device:
        what = Told("{image} was read without a write blocker.", image=image.number)
        yield Gap(key=f"blocker:{image.id}", what=what, explained=image.write_blocker.reason_for_none)


def _trail(seen: _Seen) -> Found:
    unread = [Gap(key=f"unread:{one.table}:{one.row_id}", what=one.what) for one in seen.unread]
    gaps = [*seen.trail, *unread]
    records = [] if gaps else [f"Entries in an unbroken chain, signed, trusted and allowed: {seen.entries}."]
    if seen.untold:
        records.append(f"Particulars that the guidance asks for are still missing of: {', '.join(seen.untold)}.")
    late = [capture for capture in seen.captures if capture.out_of_order]
    gaps += [
        Gap(
            key=f"capture:{capture.id}",
            what=Told("The capture of {what} came after something less volatile.", what=capture.told.what),
            explained=capture.told.reason,
        )
        for capture in late
    ]
    if len(seen.captures) > len(late):
        records.append(f"Steps of live capture in the order of volatility: {len(seen.captures) - len(late)}.")
    return records, gaps


def _support(seen: _Seen) -> Found:
    records, gaps = seen.told(SPECIALIST_STEP, "specialist", "{scene}: no specialist was called.", _of_scene)
    told = seen.answers_to(SPECIALIST_STEP)
    gaps += [
        Gap(
            key=f"specialist:{scene.id}",
            what=Told("{scene}: it is not recorded whether a specialist was called.", scene=scene.subject),
        )
        for scene in seen.scenes
        if scene.flow == "live-box" and scene.id not in told
    ]
    return records, gaps


def _of_scene(scene: Scene, words: str) -> str:
    return f"{scene.subject}: {words}"


def _training(seen: _Seen) -> Found:
    untold = "{scene}: who captured it live was not told, nor their training."
    records, gaps = seen.told(COMPETENCE_STEP, "competence", untold, _of_scene)
    told = seen.answers_to(COMPETENCE_STEP)
    captured = {capture.scene_id for capture in seen.captures}
    gaps += [
        Gap(
            key=f"competence:{scene.id}",
            what=Told("{scene}: who captured it live, and their training, is open.", scene=scene.subject),
        )
        for scene in seen.scenes
        if scene.flow == "live-box" and scene.id in captured and scene.id not in told
    ]
    if seen.trainings:  # a lab that keeps no register says nothing by it
        for person_id in dict.fromkeys(one.person_id for one in seen.work):
            trained, untrained = _trained(seen, [one for one in seen.work if one.person_id == person_id])
            records += trained
            gaps += untrained
    return records, gaps


def _trained(seen: _Seen, work: Sequence[_Work]) -> Found:
    """What one person was trained in when they worked on the case, and whether they were at all."""
    person = PersonId(UUID(work[0].person_id))
    held = [in_force(seen.trainings, person, one.day) for one in work]
    records = [f"{work[0].person}: {words}." for words in dict.fromkeys(one.words for some in held for one in some)]
    without = [one for one, some in zip(work, held, strict=True) if not some]
    if not without:
        return records, []
    first = without[0]
    overrides = [
        one.override_reason for one in seen.assignments if one.person_id == person and one.assigned_at <= first.at
    ]
    return records, [
        Gap(
            key=f"untrained:{person}",
            what=Told(
                "{person} worked on the case on {day} without a training in force.", person=first.person, day=first.day
            ),
            explained=next((reason for reason in overrides if reason), ""),
        )
    ]


def _legality(seen: _Seen) -> Found:
    records = []
    basis = seen.case.legal_basis
    if basis is not None:
        ends = "without an end" if basis.expires_on is None else f"until {basis.expires_on}"
        records.append(f"{basis.instrument} {basis.number} of {basis.issuer}, {basis.issued_on}, {ends}.")
        records.append(f"Its scope, which people hold against what was taken: {basis.scope}.")
    apart, gaps = seen.told(
        PRIVILEGE_STEP,
        "privilege",
        "{scene}: nothing was done to keep privileged material apart.",
        lambda scene, words: f"Privileged material at {scene.place}: {words}",
    )
    records += apart
    if basis is None:
        gaps.append(Gap(key="basis", what=Told("The case has no legal basis; it is a draft.")))
    else:
        gaps += seen.authorities.gaps(seen.exhibits, seen.scenes)
    return records, gaps


def _readable(entries: Sequence[Entry]) -> Iterator[Content]:
    for entry in entries:
        with contextlib.suppress(CustodyError):  # the principle of an audit trail names it
            yield entry.content


def _work(contents: Sequence[Content], zone: ZoneInfo) -> Iterator[_Work]:
    """What needs training, and who did it."""
    for content in contents:
        if content.action not in BY_THE_TRAINED:
            continue
        day, taker = in_zone(content.recorded_at, zone).date(), content.signers[-1]
        if taker.role == "receiver":  # who takes it to work on it, and not who gives it
            yield _Work(person_id=taker.person, person=taker.name, at=content.recorded_at, day=day)
        else:
            yield _Work(person_id=content.actor.id, person=content.actor.name, at=content.recorded_at, day=day)


def _deviations(connection: Connection, case_id: CaseId) -> tuple[Deviation, ...]:
    query = select(DEVIATION, PERSON.c.name.label("author")).join(PERSON, PERSON.c.id == DEVIATION.c.author_id)
    query = query.where(DEVIATION.c.case_id == str(case_id)).order_by(DEVIATION.c.recorded_at, DEVIATION.c.id)
    return readable(connection, query, deviation_of)
