"""``acquire``: image a device or a file for an exhibit, and take the image in."""

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
from forensics_app.cli.intake import image_lines, needs_attention
from forensics_app.errors import UsageError
from forensics_app.model.acquisition import (
    SEGMENT_DEFAULT_BYTES,
    Acquired,
    AcquisitionRequest,
    Compression,
    Format,
    Stage,
    Standing,
)
from forensics_app.model.image import WriteBlocker

SHOWN_MAX = 20
_STAGES = {
    Stage.COPYING: "Copying and hashing",
    Stage.READING_BACK: "Reading back",
    Stage.TAKING_IN: "Taking in",
}


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(parsers, "acquire", "image a device or a file and take the image in", run, signs=True)
    parser.epilog = FINDING_HELP
    case_argument(parser)
    parser.add_argument("--exhibit", required=True, metavar="NUMBER", help="the exhibit that is imaged")
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a block device or a file; it is only read")
    parser.add_argument("target", type=Path, metavar="TARGET", help="the image to be made")
    parser.add_argument(
        "--format", choices=[one.value for one in Format], default=Format.E01.value, help="container that is written"
    )
    parser.add_argument(
        "--compression",
        choices=[one.value for one in Compression],
        default=Compression.FAST.value,
        help="how an E01 is packed",
    )
    parser.add_argument(
        "--segment-bytes",
        type=int,
        metavar="BYTES",
        help=f"largest file of the image; {SEGMENT_DEFAULT_BYTES} for E01, one file for raw",
    )
    parser.add_argument("--retries", type=int, default=2, metavar="N", help="for a sector that cannot be read")
    parser.add_argument("--notes", default="", help="free words, kept in an E01; the other texts come from the record")
    parser.add_argument(
        "--description", metavar="WORDS", help="what an E01 calls the source; as the record if left out"
    )
    parser.add_argument("--resume", action="store_true", help="take up one that was stopped")
    add_blocker(parser)
    add_seal_found(parser)


def run(args: argparse.Namespace) -> int:
    """Acquire."""
    kind = Format(args.format)
    if args.segment_bytes is not None and args.segment_bytes <= 0:
        raise UsageError("The largest size of a file has to be positive.")
    default_bytes = SEGMENT_DEFAULT_BYTES if kind is Format.E01 else None
    course = _Course(reads_back=kind is Format.RAW)
    with signed_in(args) as (lab, actor):
        request = AcquisitionRequest(
            exhibit_id=lab.exhibits.numbered(the_case(lab, args).id, args.exhibit).id,
            source=args.source,
            target=args.target,
            write_blocker=WriteBlocker(device=args.write_blocker, reason_for_none=args.no_write_blocker),
            format=kind,
            compression=Compression(args.compression),
            segment_bytes=args.segment_bytes or default_bytes,
            retries=args.retries,
            notes=args.notes,
            description=args.description,
            resume=args.resume,
            seal=seal_found(args),
        )
        done = lab.acquisitions.acquire(actor, request, on_progress=course.progress, on_standing=course.stand)
    answer(args, document(done), acquired_lines(done))
    return FINDING if done.acquisition.bad or needs_attention(done.image) else DONE


class _Course:
    """Writes how far each stage is, of the bytes of that stage."""

    def __init__(self, *, reads_back: bool) -> None:
        self._reads_back = reads_back
        self._stage = Stage.COPYING
        self._told = Progress(_STAGES[self._stage])

    def stand(self, standing: Standing) -> None:
        if standing.stage is not self._stage:
            self._stage = standing.stage
            self._told = Progress(_STAGES[self._stage])

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        """Told of bytes done and in all, in which media that is read back counts twice until it is taken in."""
        if self._reads_back and self._stage is not Stage.TAKING_IN:
            total_bytes //= 2
            done_bytes -= total_bytes if self._stage is Stage.READING_BACK else 0
        self._told(done_bytes, total_bytes)


def acquired_lines(done: Acquired) -> list[str]:
    """An acquisition for a reader."""
    made = done.acquisition
    source = made.source
    told = " ".join(filter(None, (source.vendor, source.model, source.serial)))
    lines = [
        f"Source: {source.path}, {source.kind}{f' {told}' if told else ''}, sectors of {source.logical_sector_bytes}",
        f"Written: {counted(len(made.paths), 'file')}, {made.paths[0]}; journal {made.journal.name}",
    ]
    if made.resumed:
        lines.append(f"Taken up again {counted(made.resumed, 'time')} after it was stopped")
    lines += [f"Mounted while it was read: {place}" for place in source.mounted_at]
    lines += [
        f"Zeros for what could not be read: {one.length_bytes:,} bytes at {one.offset_bytes:,} ({one.why})"
        for one in made.bad[:SHOWN_MAX]
    ]
    if len(made.bad) > SHOWN_MAX:
        lines.append(f"... and {len(made.bad) - SHOWN_MAX:,} further regions; the journal lists all.")
    return [*lines, *image_lines(done.image)]
