"""``intake``: take an image in, or decide about one whose integrity failed."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.common import (
    DONE,
    FINDING,
    FINDING_HELP,
    Parsers,
    Progress,
    add_blocker,
    add_seal_found,
    answer,
    case_argument,
    command,
    counted,
    seal_found,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.errors import NotFoundError, UsageError
from forensics_app.model.image import EvidenceImage, IntakeRequest, Integrity, WriteBlocker, not_read
from forensics_app.model.logical import digested_words, is_logical


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    intake = command(parsers, "intake", "take an image in: read, hash, compare, record", run, signs=True)
    intake.epilog = FINDING_HELP
    case_argument(intake)
    intake.add_argument("--exhibit", required=True, metavar="NUMBER", help="the exhibit it was made of, or the image")
    intake.add_argument("source", type=Path, nargs="*", metavar="SOURCE", help="first file, or all files in order")
    intake.add_argument(
        "--logical", action="store_true", help="SOURCE is a ZIP or a tar whose files are the evidence; no folder"
    )
    intake.add_argument(
        "--on-scene", action="store_true", help="it was made where the exhibit was found, and the exhibit stayed there"
    )
    intake.add_argument(
        "--made",
        default="",
        metavar="WHERE-AND-BY-WHOM",
        help="where and by whom it was made, of an exhibit that nobody of the laboratory had checked out",
    )
    add_blocker(intake, is_required=False)  # a decision needs none
    add_seal_found(intake)
    intake.add_argument("--decide", choices=["release", "quarantine"], help="a supervisor's decision about an image")
    intake.add_argument("--reason", default="", help="of the decision")


def run(args: argparse.Namespace) -> int:
    """Take an image in, or decide."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        if args.decide:
            image = next((one for one in lab.intake.list(case.id) if one.number == args.exhibit), None)
            if image is None:
                raise NotFoundError(f"There is no image {args.exhibit!r} in this case.")
            image = lab.intake.decide(actor, image.id, release=args.decide == "release", reason=args.reason)
            answer(args, document(image), [f"{image.number}: {image.integrity}."])
            return DONE
        if not args.source:
            raise UsageError("Name the image to take in.")
        request = IntakeRequest(
            exhibit_id=lab.exhibits.numbered(case.id, args.exhibit).id,
            paths=tuple(args.source),
            write_blocker=WriteBlocker(device=args.write_blocker, reason_for_none=args.no_write_blocker),
            logical=args.logical,
            on_scene=args.on_scene,
            seal=seal_found(args),
            made=args.made,
        )
        image = lab.intake.take_in(actor, request, on_progress=Progress("Reading and hashing"))
    answer(args, document(image), image_lines(image))
    return FINDING if needs_attention(image) else DONE


def needs_attention(image: EvidenceImage) -> bool:
    """Whether the intake found something: a digest that differs, bytes that could not be read, damage."""
    damaged = any(problem.is_damage for problem in image.source.problems)
    return bool(image.unreadable) or damaged or image.integrity is Integrity.FAILED


def image_lines(image: EvidenceImage) -> list[str]:
    """An image for a reader."""
    source = image.source
    files = counted(len(source.paths), "file")
    lines = [
        f"{image.number}: {source.container}, {files}, {source.media_bytes:,} bytes of media",
        *([f"Digests of {digested_words(source)}:"] if is_logical(source) else ()),
        *(f"{_label(name)} {digest.hex()}" for name, digest in image.digests.items()),
        *(f"{_label(name)} {digest.hex()} (stored)" for name, digest in source.stored_digests.items()),
        f"Integrity: {image.integrity}",
    ]
    lines += [
        f"Unreadable: {one.length_bytes:,} bytes at {one.offset_bytes:,} of the media" for one in image.unreadable
    ]
    lines += [
        f"Not read at the acquisition: {one.length_bytes:,} bytes at {one.offset_bytes:,} of the media"
        for one in not_read(source.problems)
    ]
    lines += [f"Note: {problem.where}: {problem.what}" for problem in source.problems]
    return lines


def _label(algorithm: str) -> str:
    """The algorithm of a media digest; MD5 and SHA-1 are legacy (REQ-25)."""
    return {"md5": "MD5 (legacy)  ", "sha1": "SHA-1 (legacy)", "sha256": "SHA-256       "}[algorithm]
