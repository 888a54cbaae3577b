"""``case import`` and ``case imported``: a case of another record, out of its export as CASE."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.common import (
    DONE,
    NOT_FOUND_OUT,
    Parsers,
    answer,
    case_argument,
    command,
    counted,
    opened,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.model.case_export import ImportRequest

_UNVERIFIED = "This is an unverified statement of the file; compare it with the signed report."


def add_imports(case: Parsers) -> None:
    """Add the commands."""
    words = "open a case out of a CASE file that this program wrote; what it says is kept in a signed entry"
    taken = command(case, "import", words, run_import, signs=True)
    taken.add_argument("file", type=Path, metavar="FILE", help="file written by report export --format case")
    taken.add_argument("--number", default="", metavar="NUMBER", help="number that the case gets here; as there if not")
    taken.add_argument("--lead", required=True, metavar="PERSON", help="lead examiner")
    taken.add_argument("--supervisor", required=True, metavar="PERSON", help="who reviews the work and closes the case")
    taken.add_argument(
        "--untrained-reason", default="", metavar="REASON", help="why the lead examiner is assigned though untrained"
    )
    case_argument(command(case, "imported", "show what the other record said of an imported case", run_imported))


def run_import(args: argparse.Namespace) -> int:
    """Import a case."""
    with signed_in(args) as (lab, actor):
        request = ImportRequest(
            path=args.file,
            number=args.number,
            lead_examiner_id=lab.people.named(args.lead).id,
            supervisor_id=lab.people.named(args.supervisor).id,
            untrained_reason=args.untrained_reason,
        )
        made = lab.case_imports.take_in(actor, request)
    lines = [
        f"Opened case {made.case.number}, {made.case.title}; it is {made.case.status}.",
        f"Registered as seized there, to be received from there: {', '.join(made.seized) or 'none'}.",
        "Registered as identified, not received here: "
        f"{', '.join(one for one in made.exhibits if one not in made.seized) or 'none'}.",
        f"Kept in the entry: {counted(made.custody_entries, 'entry').replace('entrys', 'entries')} of custody there"
        + (f", and what is said of {', '.join(made.only_told)}." if made.only_told else "."),
        f"SHA-256 of the file: {made.sha256.hex()}.",
        _UNVERIFIED,
    ]
    answer(args, document(made), lines)
    return DONE


def run_imported(args: argparse.Namespace) -> int:
    """Show what was imported."""
    with opened(args) as lab:
        case = the_case(lab, args)
        export = lab.case_imports.imported(case.id)
    if export is None:
        answer(args, None, [f"Case {case.number} was opened here; nothing of it was imported."])
        return NOT_FOUND_OUT
    lines = [f"Case {export.case.number} of {export.laboratory.name}, exported with {export.report}.", _UNVERIFIED]
    for log in export.custody:
        lines.append(f"Custody of {log.exhibit}, {log.description}:")
        for one in log.entries:
            at = (one.occurred_at or one.recorded_at).isoformat(" ", "seconds")
            parties = " to ".join(name for name in (one.giver, one.receiver) if name) or one.entered_by or ""
            lines.append(f"  {one.sequence}  {at}  {one.act}  {parties}  SHA-256 {one.digest.hex()}")
    for image in export.images:
        computed = ((one.algorithm, one.computed) for one in image.digests)
        lines += [f"{image.exhibit}: {name} {value.hex()}" for name, value in computed if value is not None]
    for file in export.files:
        where = f"{file.reference}, {file.image}, {file.volume}, {file.path}"
        lines += [f"{where}: {name} {value.hex()}" for name, value in file.digests]
    answer(args, document(export), lines)
    return DONE
