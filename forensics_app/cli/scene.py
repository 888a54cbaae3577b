"""``scene``: ``begin``, ``list``, ``show``, ``answer``, ``photo``, ``capture``, ``close``."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    counted,
    opened,
    photo_arguments,
    signed_in,
    table,
    the_case,
    told_time,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.scene import Answer, NewCapture, NewScene, Scene, doubt

_OF_A_CAPTURE = {
    "footprint": "what the tool is expected to change on the device",
    "medium": "medium that the output was written to",
    "output": "name of what was written",
    "witness": "who saw it done",
    "reason": "why it was done only now, where something less volatile came before it",
}


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    scene = parsers.add_parser("scene", help="go through the guidance at a scene").add_subparsers(required=True)
    begin = command(scene, "begin", "begin a flow of the guidance", run_begin, signs=True)
    case_argument(begin)
    begin.add_argument("--flow", required=True, help="arrival, dead-box, live-box, mobile, network, cloud, cctv ...")
    begin.add_argument("--subject", required=True, help="what it is about, such as 'desktop under the window'")
    begin.add_argument("--place", required=True, metavar="TEXT", help="where the scene is")
    begin.add_argument("--led-by", required=True, metavar="NAME", help="who leads the work there")
    begin.add_argument("--exhibit", metavar="NUMBER", help="the exhibit it is about, if that is registered")
    begin.add_argument(
        "--at",
        metavar="TIME",
        help="when it began; now if not given; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    case_argument(command(scene, "list", "list the scenes of a case", run_list))
    _scene_arguments(command(scene, "show", "show the questions of a scene and their answers", run_show))
    given = command(scene, "answer", "answer a question", run_answer, signs=True)
    _scene_arguments(given)
    given.add_argument("--step", required=True, help="id of the question, as scene show has it")
    given.add_argument("--value", required=True, help="an answer offered, done, not done, or words")
    given.add_argument("--reason", default="", metavar="TEXT", help="why, in words; it stays in the record")
    given.add_argument(
        "--at",
        metavar="TIME",
        help="when it was answered; now if not given; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    photo = command(scene, "photo", "add a photograph as the answer to a question", run_photo, signs=True)
    _scene_arguments(photo)
    photo.add_argument(
        "--step", required=True, metavar="STEP", help="the question of the flow that it answers, as scene show has it"
    )
    photo_arguments(photo)
    _add_capture(command(scene, "capture", "record a step of a live capture", run_capture, signs=True))
    _scene_arguments(command(scene, "close", "close a scene whose questions are answered", run_close, signs=True))


def _add_capture(capture: argparse.ArgumentParser) -> None:
    _scene_arguments(capture)
    capture.add_argument(
        "--step", required=True, metavar="STEP", help="the question of the flow that it answers, as scene show has it"
    )
    capture.add_argument("--order", required=True, metavar="RULE", help="place in the order of volatility")
    capture.add_argument("--what", required=True, metavar="TEXT", help="what was captured")
    capture.add_argument("--tool", required=True, metavar="TEXT", help="tool that captured it")
    capture.add_argument("--tool-version", required=True, metavar="TEXT", help="version of the tool")
    capture.add_argument(
        "--tool-sha256", type=bytes.fromhex, metavar="HEX", help="SHA-256 of the tool's file, 64 hexadecimal digits"
    )
    capture.add_argument("--command", required=True, help="what was typed or pressed")
    capture.add_argument(
        "--started-at",
        required=True,
        metavar="TIME",
        help="when it began, like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    capture.add_argument(
        "--ended-at",
        required=True,
        metavar="TIME",
        help="when it ended, like 2026-11-19T07:50+01:00, in the lab's zone without an offset",
    )
    for name, words in _OF_A_CAPTURE.items():
        capture.add_argument(f"--{name}", default="", metavar="TEXT", help=words)
    capture.add_argument(
        "--output-sha256", type=bytes.fromhex, metavar="HEX", help="SHA-256 of the output, 64 hexadecimal digits"
    )


def run_begin(args: argparse.Namespace) -> int:
    """Begin a flow."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        new = NewScene(
            case_id=case.id,
            flow=args.flow,
            subject=args.subject,
            place=args.place,
            led_by=args.led_by,
            started_at=told_time(args.at, lab),
            exhibit_id=lab.exhibits.numbered(case.id, args.exhibit).id if args.exhibit else None,
        )
        scene = lab.scenes.begin(actor, new)
        number, questions = len(lab.scenes.list(case.id)), lab.scenes.missing(scene.id)
    line = f"Scene {number}: {scene.subject}; {counted(len(questions), 'question')} to answer."
    answer(args, {**document(scene), "number": number}, [line])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the scenes of a case."""
    with opened(args) as lab:
        scenes = lab.scenes.list(the_case(lab, args).id)
    rows = [
        [str(number), scene.flow, "open" if scene.closed_at is None else "closed", scene.subject]
        for number, scene in enumerate(scenes, 1)
    ]
    answer(args, [document(scene) for scene in scenes], table(rows))
    return DONE


def run_show(args: argparse.Namespace) -> int:
    """Show the questions of a scene."""
    with opened(args) as lab:
        scene = _the_scene(lab, args)
        standing, steps = lab.scenes.standing_answers(scene.id), lab.scenes.asked(scene.id)
        captures = lab.scenes.captures(scene.id)
        open_ids = {step.id for step in lab.scenes.missing(scene.id)}
        told = {
            **document(scene),
            "questions": [
                {
                    "step": step.id,
                    "text": step.text,
                    "choices": [choice.id for choice in step.choices],
                    "answer": document(standing.get(step.id)),
                    "is_open": step.id in open_ids,
                }
                for step in steps
            ],
            "captures": document(captures),
        }
    began = scene.started_at.isoformat(" ", "seconds")
    lines = [f"{scene.subject}, {scene.place}, led by {scene.led_by}, began {began}"]
    for step in steps:
        given = standing.get(step.id)
        said = "OPEN" if given is None and step.mandatory else "-" if given is None else given.value
        reason = f" ({given.reason})" if given is not None and given.reason else ""
        lines += [f"{step.id}: {step.text}", f"    {said}{reason}"]
    late = [capture for capture in captures if capture.out_of_order]
    lines += [f"Out of the order of volatility: {capture.told.what}" for capture in late]
    answer(args, told, lines)
    return DONE


def run_answer(args: argparse.Namespace) -> int:
    """Answer a question."""
    with signed_in(args) as (lab, actor):
        scene, given = _the_scene(lab, args), Answer(value=args.value, reason=args.reason)
        kept = lab.scenes.answer(actor, scene.id, args.step, given, told_time(args.at, lab))
        left = len(lab.scenes.missing(scene.id))
        doubtful = doubt(lab.guidance().flows[scene.flow].step(args.step), given)
    lines = [f"Recorded; {counted(left, 'question')} still to answer."]
    answer(args, document(kept), [*lines, f"Doubtful, and recorded as such: {doubtful}"] if doubtful else lines)
    return DONE


def run_photo(args: argparse.Namespace) -> int:
    """Add a photograph."""
    with signed_in(args) as (lab, actor):
        taken_at = told_time(args.taken_at, lab) if args.taken_at else None
        new = NewPhoto(path=args.file, view=PhotoView(args.view), caption=args.caption, taken_at=taken_at)
        photo = lab.scenes.add_photo(actor, _the_scene(lab, args).id, args.step, new)
    answer(args, document(photo), [f"Kept {args.file.name}, SHA-256 {photo.sha256.hex()}."])
    return DONE


def run_capture(args: argparse.Namespace) -> int:
    """Record a step of a live capture."""
    with signed_in(args) as (lab, actor):
        new = NewCapture(
            rule=args.order,
            what=args.what,
            tool=args.tool,
            tool_version=args.tool_version,
            tool_sha256=args.tool_sha256,
            command=args.command,
            started_at=told_time(args.started_at, lab),
            ended_at=told_time(args.ended_at, lab),
            footprint=args.footprint,
            medium=args.medium,
            output=args.output,
            output_sha256=args.output_sha256,
            witness=args.witness,
            reason=args.reason,
        )
        capture = lab.scenes.add_capture(actor, _the_scene(lab, args).id, args.step, new)
    said = "; it came after something less volatile, which is flagged" if capture.out_of_order else ""
    answer(args, document(capture), [f"Recorded as step {capture.number} of the capture{said}."])
    return DONE


def run_close(args: argparse.Namespace) -> int:
    """Close a scene."""
    with signed_in(args) as (lab, actor):
        scene = lab.scenes.close(actor, _the_scene(lab, args).id)
    answer(args, document(scene), [f"Closed the scene {scene.subject}."])
    return DONE


def _scene_arguments(parser: argparse.ArgumentParser) -> None:
    case_argument(parser)
    parser.add_argument(
        "--scene", required=True, type=int, metavar="N", help="number of the scene, as scene list has it"
    )


def _the_scene(lab: Lab, args: argparse.Namespace) -> Scene:
    scenes = lab.scenes.list(the_case(lab, args).id)
    number: int = args.scene
    if not 0 < number <= len(scenes):
        raise UsageError(f"The case has {counted(len(scenes), 'scene')}; there is no number {number}.")
    return scenes[number - 1]
