"""Rows of scenes, their answers, photographs and captures, and of deviations, into records."""

from __future__ import annotations

from uuid import UUID

from forensics_app.db.mapping import Row, Values, moment, of_table, sha256_or_none, told_text
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId, PhotoView
from forensics_app.model.person import PersonId
from forensics_app.model.scene import Capture, Deviation, NewCapture, Scene, SceneAnswer, SceneId, ScenePhoto


@of_table("scene")
def scene_of(row: Row) -> Scene:
    """A flow that was begun at a scene."""
    return Scene(
        id=SceneId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])) if row["exhibit_id"] else None,
        flow=row["flow"],
        flow_version=row["flow_version"],
        subject=row["subject"],
        place=row["place"],
        led_by=row["led_by"],
        started_at=moment(row["started_at"]),
        recorded_at=moment(row["recorded_at"]),
        closed_at=moment(row["closed_at"]) if row["closed_at"] else None,
    )


@of_table("scene_answer")
def answer_of(row: Row) -> SceneAnswer:
    """An answer."""
    return SceneAnswer(
        id=UUID(row["id"]),
        scene_id=SceneId(UUID(row["scene_id"])),
        step=row["step"],
        value=row["value"],
        reason=row["reason"],
        person_id=PersonId(UUID(row["person_id"])),
        given_at=moment(row["given_at"]),
        recorded_at=moment(row["recorded_at"]),
    )


@of_table("scene_photo")
def scene_photo_of(row: Row) -> ScenePhoto:
    """A photograph of a scene."""
    return ScenePhoto(
        id=UUID(row["id"]),
        scene_id=SceneId(UUID(row["scene_id"])),
        step=row["step"],
        view=PhotoView(row["view"]),
        caption=row["caption"],
        taken_at=moment(row["taken_at"]) if row["taken_at"] else None,
        author_id=PersonId(UUID(row["author_id"])),
        sha256=bytes.fromhex(row["sha256"]),
        size_bytes=row["size_bytes"],
        media_type=row["media_type"],
        recorded_at=moment(row["recorded_at"]),
    )


def capture_values(told: NewCapture) -> Values:
    """The columns of a capture that the person told."""
    return {
        "rule": told.rule,
        "what": told.what.strip(),
        "tool": told.tool.strip(),
        "tool_version": told.tool_version.strip(),
        "tool_sha256": "" if told.tool_sha256 is None else told.tool_sha256.hex(),
        "command": told.command.strip(),
        "started_at": told_text(told.started_at),
        "ended_at": told_text(told.ended_at),
        "footprint": told.footprint.strip(),
        "medium": told.medium.strip(),
        "output": told.output.strip(),
        "output_sha256": "" if told.output_sha256 is None else told.output_sha256.hex(),
        "witness": told.witness.strip(),
        "reason": told.reason.strip(),
    }


@of_table("capture")
def capture_of(row: Row) -> Capture:
    """A step of a live capture."""
    told = NewCapture(
        rule=row["rule"],
        what=row["what"],
        tool=row["tool"],
        tool_version=row["tool_version"],
        tool_sha256=sha256_or_none(row["tool_sha256"]),
        command=row["command"],
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        footprint=row["footprint"],
        medium=row["medium"],
        output=row["output"],
        output_sha256=sha256_or_none(row["output_sha256"]),
        witness=row["witness"],
        reason=row["reason"],
    )
    return Capture(
        id=UUID(row["id"]),
        scene_id=SceneId(UUID(row["scene_id"])),
        number=row["number"],
        tier=row["tier"],
        out_of_order=bool(row["out_of_order"]),
        told=told,
        person_id=PersonId(UUID(row["person_id"])),
        recorded_at=moment(row["recorded_at"]),
    )


@of_table("deviation")
def deviation_of(row: Row) -> Deviation:
    """A deviation, with the name of who explained it in ``author``."""
    return Deviation(
        id=UUID(row["id"]),
        case_id=CaseId(UUID(row["case_id"])),
        principle=row["principle"],
        gap=row["gap"],
        what=row["what"],
        reason=row["reason"],
        author_id=PersonId(UUID(row["author_id"])),
        author=row["author"],
        recorded_at=moment(row["recorded_at"]),
    )
