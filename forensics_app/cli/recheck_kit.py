"""``recheck KIT IMAGE``: the facts of a defence kit, tested in the other side's copy; needs no lab."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from forensics_app import __version__
from forensics_app.cli.common import DONE, FINDING, NOT_FOUND_OUT, Progress, answer, counted
from forensics_app.cli.documents import document
from forensics_app.cli.keys import add_key_options, keys_of
from forensics_app.errors import UsageError
from forensics_app.model.kit import Kit, Outcome, Rechecked, Tested
from forensics_app.services.kit_files import read_kit
from forensics_app.services.rechecking import Copy, recheck_kit

KIT_HELP = (
    "Exit status with a KIT 0: every fact is the same. 1: one is different. 3: none is different, and one cannot be "
    "tested."
)
_SHOWN = 120
_FIRST_FORM = (
    "It is of the first form: it holds images, volumes and chosen files; findings and files of lists are not in it, "
    "and are not tested."
)


def add_kit_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the kit, the copy and the keys of encrypted volumes in it."""
    parser.add_argument("kit", nargs="?", type=Path, metavar="KIT", help="folder of a defence kit")
    parser.add_argument("copy", nargs="*", type=Path, metavar="IMAGE", help="your copy of the image, or its segments")
    add_key_options(parser)


def run_kit(args: argparse.Namespace) -> int:
    """Test every fact, and say for each what came of it.

    Raises:
        UsageError: There is no copy, or an option of another use of the command.
        KitDamagedError: The kit is not whole, or not as it was signed for.
    """
    if not args.copy:
        raise UsageError("Name your copy of the image behind the kit.")
    if args.lab or args.person or args.case or args.parts or args.resume or args.chains or args.every or args.due:
        raise UsageError("A kit is tested without a lab: leave the options of one out.")
    kit = read_kit(args.kit)
    found = recheck_kit(
        kit,
        Copy(paths=tuple(args.copy), keys=keys_of(args)),
        args.image,
        on_digesting=Progress("Digesting", stream=sys.stderr),
        on_listing=Progress("Listing", "entries", sys.stderr),
        on_testing=Progress("Testing", "citations", sys.stderr),
    )
    counts = {one.value: found.count(one) for one in Outcome}
    signed = {"manifest_sha256": kit.manifest_sha256, "signed": kit.signed}
    made = {**signed, "program": kit.program, "case": kit.case, "of": kit.of, "remarks": list(kit.remarks)}
    told = {"kit": made, "image": found.image, "counts": counts, "facts": [document(one) for one in found.facts]}
    answer(args, told, _lines(kit, found))
    if found.count(Outcome.DIFFERENT):
        return FINDING
    return NOT_FOUND_OUT if found.count(Outcome.CANNOT_TEST) else DONE


def _lines(kit: Kit, found: Rechecked) -> list[str]:
    others = len(kit.images) - 1
    lines = [
        f"Kit of case {kit.case}, {kit.laboratory}: {kit.signed}.",
        f"It holds the facts of {kit.of}." if kit.of else _FIRST_FORM,
        f"SHA-256 of its manifest: {kit.manifest_sha256}; compare it with the paper.",
        f"Facts found with {kit.program}; tested with forensics-app {__version__}.",
        f"Image {found.image}" + (f"; {counted(others, 'other image')} of the kit not tested here" if others else ""),
    ]
    lines += kit.remarks
    lines += [_line(one) for one in found.facts]
    counts = "; ".join(f"{one.value}: {found.count(one):,}" for one in Outcome)
    return [*lines, f"{counted(len(found.facts), 'fact')}. {counts}."]


def _line(one: Tested) -> str:
    said = f"{one.outcome.value.upper():<11}  {one.subject}  {one.what}: {_short(one.expected)}"
    if one.outcome is Outcome.DIFFERENT:
        return f"{said}; found {_short(one.found)}"
    return f"{said}; {one.why}" if one.why else said


def _short(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}... ({len(words):,} characters)"
