"""A computer that runs, found at a search: gone through as the guidance has it."""

from __future__ import annotations

from datetime import timedelta

from chain_of_custody.guidance.flows import Answer
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.scene import NewCapture, NewScene, Scene
from resources import path as resource
from tests.builders import NOON, Bench

PICTURE = resource("demo/exhibit-photo-laptop.jpg")


def begin(bench: Bench, case_id: CaseId, flow: str = "live-box") -> Scene:
    """Begin a flow at Lindenhofstr. 12."""
    new = NewScene(
        case_id=case_id,
        flow=flow,
        subject="Desktop under the window",
        place="Lindenhofstr. 12, office",
        led_by="Sgt. Duarte",
        started_at=NOON - timedelta(days=1),
    )
    return bench.lab.scenes.begin(bench.custodian, new)


def memory(bench: Bench, **more: object) -> NewCapture:
    """A capture of memory."""
    told: dict[str, object] = {
        "rule": "volatile-memory",
        "what": "Memory, 16 GiB",
        "tool": "avml",
        "tool_version": "0.14",
        "tool_sha256": bytes(range(32)),
        "command": "avml memory.lime",
        "started_at": bench.clock(),
        "ended_at": bench.clock(),
        "footprint": "One process, about 4 MiB",
        "medium": "Lab medium M-07",
        "output": "memory.lime",
        "output_sha256": bytes(range(1, 33)),
        "witness": "Insp. Haas",
    }
    return NewCapture(**(told | more))  # type: ignore[arg-type]


def answer(bench: Bench, scene: Scene, step: str, value: str, reason: str = "") -> None:
    """Answer one question, by the exhibits officer."""
    bench.lab.scenes.answer(bench.custodian, scene.id, step, Answer(value=value, reason=reason), bench.clock())


def go_to_a_scene(bench: Bench, case_id: CaseId) -> Scene:
    """A scene with an answer, a photograph, a capture, and a deviation of its case."""
    scene = begin(bench, case_id)
    photo = NewPhoto(path=PICTURE, view=PhotoView.SCREEN, taken_at=NOON - timedelta(days=1))
    bench.lab.scenes.add_photo(bench.custodian, scene.id, "live-screen", photo)
    answer(bench, scene, "live-decision", "live-capture", "An encrypted volume is open")
    bench.lab.scenes.add_capture(bench.custodian, scene.id, "live-capture", memory(bench))
    bench.lab.principles.deviate(
        bench.examiner, case_id, "principle-1", "The mouse was moved", "To see whether the screen was locked"
    )
    return scene
