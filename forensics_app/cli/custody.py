"""``custody receive|store|checkout|return|transfer|take-over|step|show|form|export``; the rest is in files beside."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    answer,
    case_argument,
    command,
    counted,
    guided,
    language_argument,
    local_time,
    named_values,
    opened,
    passphrase,
    passphrase_options,
    scans,
    signed_in,
    the_case,
    told_time,
)
from forensics_app.cli.correct import add_step_correction
from forensics_app.cli.custody_log import add_log
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.corrections import corrected_by, corrections_in, entry_corrected
from forensics_app.model.custody import CustodyEvent, CustodyRequest, Event, PaperKind
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import SealCondition, SealSeen
from forensics_app.model.wording import act_words
from forensics_app.services.bulk import BulkStep
from forensics_app.services.custody import MADE_ELSEWHERE

STEPS = {
    "receive": (Event.RECEIVE, "receive an exhibit from somebody outside, or with --with from a person of the lab"),
    "store": (Event.STORE, "put a received exhibit on a shelf"),
    "checkout": (Event.CHECK_OUT, "take an exhibit out of the store"),
    "return": (Event.RETURN_TO_STORE, "bring an exhibit back to the store"),
    "transfer": (Event.HAND_OVER, "hand an exhibit over from one person to another"),
    "take-over": (
        Event.TAKE_OVER,
        "let somebody (--with) take over what somebody has whose key ended; --as is the supervisor who orders it",
    ),
}
_OTHER = [event.value for event in Event if event not in MADE_ELSEWHERE]
"""Steps that can be told; disposals, registering and taking in have commands of their own."""


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    custody = parsers.add_parser("custody", help="record what happens to exhibits").add_subparsers(required=True)
    for name, (event, words) in STEPS.items():
        _step_options(command(custody, name, words, run_step, signs=True)).set_defaults(event=event.value)
    other = _step_options(command(custody, "step", "any other step of the state machine", run_step, signs=True))
    other.add_argument("--event", required=True, choices=_OTHER, help="step that is taken")
    bulk = command(custody, "bulk", "one step for everything that is scanned", run_bulk, signs=True)
    bulk.add_argument("--event", required=True, choices=_OTHER, help="step that is taken")
    _told_options(bulk)
    bulk.add_argument("--scan", action="append", default=[], metavar="TEXT", help="a label or an exhibit number")
    bulk.add_argument("--scan-file", type=Path, metavar="F", help="file with one scan on each line")
    bulk.add_argument("--seals-agree", action="store_true", help="each other seal was looked at and is as recorded")
    seal_options(bulk)
    bulk.add_argument(
        "--new-seal", action="append", default=[], metavar="NUMBER=SEAL",
        help="the number of the seal that was put on an exhibit of the case now, such as LH/01=0048812",
    )  # fmt: skip
    add_step_correction(custody)
    add_log(custody)
    show = command(custody, "show", "show everything recorded of an exhibit", run_show)
    case_argument(show)
    show.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    form = command(custody, "form", "print the custody form of an exhibit, or of all of a case, as a PDF", run_form)
    case_argument(form)
    form.add_argument("--exhibit", metavar="NUMBER", help="the exhibit; all of the case when left out")
    language_argument(form)
    form.add_argument("target", type=Path, metavar="TARGET.pdf", help="the file to be written; must not exist")
    anchor = command(custody, "anchor", "write the head of a case chain into the lab chain", run_anchor, signs=True)
    case_argument(anchor)
    export = command(custody, "export", "write a folder that others verify without the program", run_export)
    case_argument(export)
    export.add_argument("target", type=Path, metavar="DIR", help="a folder that is not there yet")
    export.add_argument("--as", dest="person", metavar="PERSON", help="who anchors the head of the case first")
    passphrase_options(export)


def _step_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    _told_options(parser)
    return parser


def _told_options(parser: argparse.ArgumentParser) -> None:
    case_argument(parser)
    guided(parser, lambda args, _: (args.event,))
    parser.add_argument(
        "--at",
        metavar="TIME",
        help="when it happened; now when left out; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    parser.add_argument(
        "--with", dest="receiver", metavar="PERSON", help="who receives; --as gives or orders it, and both sign"
    )
    passphrase_options(parser, "with-")
    parser.add_argument(
        "--outside-party", default="", metavar="NAME",
        help="who gives or receives outside the lab; they sign, so --paper signature=F or --paper form=F goes with it",
    )  # fmt: skip
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"purpose, place, reason, unsigned_reason, seal_check ({', '.join(SealCondition)}), seal_remarks, ...",
    )
    parser.add_argument("--remarks", default="", metavar="TEXT", help="anything else that is to be in the entry")
    parser.add_argument(
        "--paper", action="append", default=[], metavar="KIND=FILE",
        help=f"a signed paper to keep ({', '.join(PaperKind)}): PDF, JPEG or PNG; who is outside signs one of the last",
    )  # fmt: skip


def run_step(args: argparse.Namespace) -> int:
    """Take a step."""
    with signed_in(args) as (lab, actor):
        exhibit = _exhibit(lab, args)
        request = CustodyRequest(
            exhibit_id=exhibit.id,
            event=args.event,
            occurred_at=told_time(args.at, lab),
            fields=named_values(args.field, "--field"),
            outside_party=args.outside_party,
            remarks=args.remarks,
            papers=_papers(args.paper),
        )
        if args.receiver:
            receiver = lab.people.sign_in(args.receiver, passphrase(args, f"Passphrase of {args.receiver}", "with-"))
            try:
                event = lab.custody.hand_over(actor, receiver, request)
            finally:
                receiver.key.close()
        else:
            event = lab.custody.perform(actor, request)
    incident = event.fact("incident")
    opened_by_it = [f"An incident was opened: {incident} A supervisor closes it with a decision."] if incident else []
    answer(args, document(event), [_line(event, lab), *opened_by_it])
    return DONE


def run_bulk(args: argparse.Namespace) -> int:
    """Take a step for everything that was scanned; the exit status says whether something could not be done."""
    with signed_in(args) as (lab, actor):
        case_id = the_case(lab, args).id
        seals = named_values(args.new_seal, "--new-seal")
        step = BulkStep(
            case_id=case_id,
            event=args.event,
            occurred_at=told_time(args.at, lab),
            scanned=scans(args),
            fields=named_values(args.field, "--field"),
            outside_party=args.outside_party,
            remarks=args.remarks,
            papers=_papers(args.paper),
            seals_agree=args.seals_agree,
            new_seals={lab.exhibits.numbered(case_id, number).id: seal for number, seal in seals.items()},
            seals={lab.exhibits.numbered(case_id, number).id: seen for number, seen in seals_seen(args).items()},
        )
        signers = [actor]
        if args.receiver:
            words = passphrase(args, f"Passphrase of {args.receiver}", "with-")
            signers.append(lab.people.sign_in(args.receiver, words))
        try:
            results = lab.bulk.take(signers, step)
        finally:
            for receiver in signers[1:]:
                receiver.key.close()
    left = sum(result.event is None for result in results)
    lines = [
        f"{one.number}  {_line(one.event, lab)}" if one.event else f"{one.number or one.scanned}  NOT DONE: {one.why}"
        for one in results
    ]
    lines.append(f"{counted(len(results) - left, 'exhibit')} done, {left} not done.")
    answer(args, [document(result) for result in results], lines)
    return FINDING if left else DONE


def run_show(args: argparse.Namespace) -> int:
    """Show an exhibit's history."""
    with opened(args) as lab:
        events = lab.custody.history(_exhibit(lab, args).id)
    later = corrected_by(events)
    answer(args, [document(event) for event in events], [_shown(event, later, lab) for event in events])
    return DONE


def run_anchor(args: argparse.Namespace) -> int:
    """Anchor a case chain."""
    with signed_in(args) as (lab, actor):
        anchored = lab.custody.anchor(actor, the_case(lab, args).id)
    how = "is anchored now" if anchored.is_new else "was anchored already"
    answer(args, document(anchored), [f"Entry {anchored.sequence} {how}; its digest is {anchored.head.hex()}"])
    return DONE


def run_export(args: argparse.Namespace) -> int:
    """Write a custody folder."""
    if args.person:
        with signed_in(args) as (lab, actor):
            written = lab.custody.export(the_case(lab, args).id, args.target, actor)
    else:
        with opened(args) as lab:
            written = lab.custody.export(the_case(lab, args).id, args.target)
    after = written.entries - written.anchored_entries
    words = [
        f"Wrote {args.target}; {written.anchored_entries} of {written.entries} entries are anchored.",
        f"SHA-256 of the ledger file in it: {written.ledger_sha256.hex()}",
        f"Check it with: python -m chain_of_custody verify .. (in its folder {args.target / 'verifier'})",
    ]
    if after:
        words.insert(1, "With --as, the newest entries are anchored before the folder is written.")
    answer(args, document(written), words)
    return DONE


def run_form(args: argparse.Namespace) -> int:
    """Write the custody form."""
    with opened(args) as lab:
        case = the_case(lab, args)
        exhibit_id = lab.exhibits.numbered(case.id, args.exhibit).id if args.exhibit else None
        pdf = lab.custody_forms.pdf(case.id, exhibit_id, language=args.language)
        lab.reporting.save_copy(pdf, args.target)
        pages = lab.reporting.page_count(pdf)
    answer(args, {"target": str(args.target), "pages": pages}, [f"Wrote {args.target}, {counted(pages, 'page')}."])
    return DONE


def seal_options(parser: argparse.ArgumentParser) -> None:
    """Add what is told of seals that are not as recorded."""
    parser.add_argument(
        "--seal", action="append", default=[], metavar="NUMBER=CONDITION",
        help=f"what the seal of an exhibit is like ({', '.join(SealCondition)}), such as LH/01=broken",
    )  # fmt: skip
    parser.add_argument(
        "--read-seal", action="append", default=[], metavar="NUMBER=SEAL", help="the number that is read on that seal"
    )
    parser.add_argument(
        "--seal-remarks", action="append", default=[], metavar="NUMBER=TEXT",
        help="anything else about that seal; why, where it was not checked",
    )  # fmt: skip


def seals_seen(args: argparse.Namespace) -> dict[str, SealSeen]:
    """What was seen of seals, by number of the exhibit, as ``--seal`` and the options beside it tell it."""
    conditions = named_values(args.seal, "--seal")
    read, remarks = named_values(args.read_seal, "--read-seal"), named_values(args.seal_remarks, "--seal-remarks")
    if alone := sorted((read.keys() | remarks.keys()) - conditions.keys()):
        raise UsageError(f"Tell with --seal what the seal of {', '.join(alone)} is like.")
    return {
        number: SealSeen(condition=told, number=read.get(number, ""), remarks=remarks.get(number, ""))
        for number, told in conditions.items()
    }


def _exhibit(lab: Lab, args: argparse.Namespace) -> Exhibit:
    return lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)


def _papers(given: list[str]) -> dict[PaperKind, Path]:
    papers = {}
    for name, path in named_values(given, "--paper").items():
        if name not in set(PaperKind):
            raise UsageError(f"--paper is one of {', '.join(PaperKind)}, not {name!r}.")
        papers[PaperKind(name)] = Path(path)
    return papers


def _shown(event: CustodyEvent, later: dict[int, int], lab: Lab) -> str:
    """An entry of a history: what was corrected stays in sight and says by which entry, a correction says why."""
    corrected = f"  CORRECTED by #{later[event.sequence]}" if event.sequence in later else ""
    reason = f"  reason: {event.reason}" if event.reason else ""
    of_entry = f"  of #{old}" if (old := entry_corrected(later, event)) else ""
    told = "".join(f"  {one.name}: “{one.before}” → “{one.after}”" for one in corrections_in(event))
    return f"{_line(event, lab)}{of_entry}{told}{reason}{corrected}"


def _line(event: CustodyEvent, lab: Lab) -> str:
    states = f"  {event.from_state} -> {event.to_state}".replace("_", " ") if event.to_state else ""
    signers = ", ".join(f"{signature.role} {signature.name}" for signature in event.signatures)
    told = event.occurred_at
    at = local_time(event.recorded_at, lab) if told is None else told.isoformat(" ", "seconds")
    if event.unread_time:
        at = f"recorded {at} (the time told, “{event.unread_time}”, cannot be read)"
    return f"#{event.sequence:<4} {at}  {act_words(event)}{states}  signed by {signers}  {event.digest.hex()[:16]}"
