"""What was asked, answered, photographed and captured at a scene, and how a case stands to the principles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chain_of_custody.guidance.flows import DONE as DONE
from chain_of_custody.guidance.flows import NOT_DONE as NOT_DONE
from chain_of_custody.guidance.flows import Answer as Answer
from chain_of_custody.guidance.flows import Choice as Choice
from chain_of_custody.guidance.flows import Flow as Flow
from chain_of_custody.guidance.flows import Step as Step
from chain_of_custody.guidance.flows import StepKind as StepKind
from chain_of_custody.guidance.flows import doubt as doubt
from chain_of_custody.guidance.flows import fault as fault
from chain_of_custody.guidance.flows import reason_needed as reason_needed
from chain_of_custody.guidance.library import Guidance as Guidance
from chain_of_custody.guidance.rules import Origin as Origin
from chain_of_custody.guidance.rules import Rule as Rule
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId, PhotoView
from forensics_app.model.person import PersonId

SceneId = NewType("SceneId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScene:
    """What is asked when a flow of the guidance is begun at a scene (REQ-04).

    Attributes:
        flow: Id of the flow, such as ``live-box``.
        subject: What it is about, such as "desktop under the window".
        place: Where.
        led_by: Who leads the search.
        started_at: Aware; kept with the offset it was told in.
        exhibit_id: The exhibit that it is about, if that is registered already.
    """

    case_id: CaseId
    flow: str
    subject: str
    place: str
    led_by: str
    started_at: datetime
    exhibit_id: ExhibitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A flow that was begun.

    Attributes:
        flow_version: Edition of the flow by which it was asked.
        closed_at: None while it is open.
    """

    id: SceneId
    case_id: CaseId
    exhibit_id: ExhibitId | None
    flow: str
    flow_version: str
    subject: str
    place: str
    led_by: str
    started_at: datetime
    recorded_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneAnswer:
    """An answer as it was given; a later one to the same step stands in its place, and both are kept.

    Attributes:
        value: Id of a choice, ``done``, ``not done``, or words.
        given_at: When, as told.
    """

    id: UUID
    scene_id: SceneId
    step: str
    value: str
    reason: str
    person_id: PersonId
    given_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePhoto:
    """A photograph taken at a scene, kept in the lab folder under its SHA-256 (REQ-11)."""

    id: UUID
    scene_id: SceneId
    step: str
    view: PhotoView
    caption: str
    taken_at: datetime | None
    author_id: PersonId
    sha256: bytes
    size_bytes: int
    media_type: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCapture:
    """One step of a live capture (guidance, section 1.4).

    Attributes:
        rule: Id of the rule of the order of volatility that it falls under.
        what: What was captured.
        tool: Name, version and SHA-256 of the tool are three fields; the last is empty where it cannot be known.
        command: What was typed or pressed.
        footprint: What the act was expected to change on the system.
        medium: Where the output was written.
        output: Name of the output; ``output_sha256`` is of its bytes, None where there is no file.
        started_at: Aware; so is ``ended_at``.
        reason: Why it was done now, where it comes after something less volatile.
    """

    rule: str
    what: str
    tool: str
    tool_version: str
    command: str
    started_at: datetime
    ended_at: datetime
    tool_sha256: bytes | None = None
    footprint: str = ""
    medium: str = ""
    output: str = ""
    output_sha256: bytes | None = None
    witness: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A recorded step of a live capture.

    Attributes:
        number: From 1, in the order of recording.
        tier: Place in the order of volatility; lower is lost sooner.
        out_of_order: Whether something less volatile had been captured before it (REQ-06).
    """

    id: UUID
    scene_id: SceneId
    number: int
    tier: int
    out_of_order: bool
    told: NewCapture
    person_id: PersonId
    recorded_at: datetime


class Standing(StrEnum):
    """How a case stands to a principle (REQ-02)."""

    MET = "met by these records"
    DEVIATION = "deviation"
    NOTHING_YET = "nothing recorded yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A departure from a principle that somebody explained.

    Attributes:
        gap: Key of what was found, where it explains something that the records show; empty where it was noticed by
            a person.
        what: What departs, in words.
    """

    id: UUID
    case_id: CaseId
    principle: str
    gap: str
    what: str
    reason: str
    author_id: PersonId
    author: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that the records show and that departs from a principle.

    Attributes:
        key: The same as long as it is the same thing.
        explained: The reason that the records themselves give, such as a supervisor's decision; empty where none does.
    """

    key: str
    what: str
    explained: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipleView:
    """One principle and how a case stands to it, computed from the records alone."""

    rule: Rule
    standing: Standing
    records: tuple[str, ...]
    gaps: tuple[Gap, ...]
    deviations: tuple[Deviation, ...]

    @property
    def unexplained(self) -> tuple[Gap, ...]:
        """Gaps that neither the records nor a person has explained."""
        answered = {deviation.gap for deviation in self.deviations}
        return tuple(gap for gap in self.gaps if not gap.explained and gap.key not in answered)


def latest(answers: tuple[SceneAnswer, ...]) -> Mapping[str, Answer]:
    """By step: the answer that stands, of answers in the order in which they were recorded."""
    return {answer.step: Answer(value=answer.value, reason=answer.reason) for answer in answers}
