"""``disposal``: ``list``, ``propose``, ``approve``, ``reject``, ``carry-out``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    guided,
    opened,
    passphrase,
    passphrase_options,
    signed_in,
    the_case,
    told_time,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.custody import Event, PaperKind
from forensics_app.model.disposal import CarryingOut, Disposal, NewDisposal, Way
from forensics_app.model.wording import act_words


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    disposal = parsers.add_parser("disposal", help="how the custody of exhibits ends").add_subparsers(required=True)
    case_argument(command(disposal, "list", "list the disposals of a case", run_list))
    propose = _of_exhibit(command(disposal, "propose", "propose a disposal", run_propose, signs=True))
    propose.add_argument("--way", required=True, choices=[way.value for way in Way], help="what is to become of it")
    propose.add_argument("--method", required=True, help="how: shredded, handed over at the counter, ...")
    propose.add_argument("--authority", required=True, help="the order or rule under which it is done")
    propose.add_argument("--recipient", default="", help="who receives it; needed unless it is destroyed")
    approve = _of_exhibit(command(disposal, "approve", "approve a disposal that waits", run_approve, signs=True))
    approve.add_argument("--comment", default="", metavar="TEXT", help="what the decision rests on")
    reject = _of_exhibit(command(disposal, "reject", "reject a disposal that waits", run_reject, signs=True))
    reject.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")
    reject.add_argument("--shelf", default="", help="where it lies; where it lay before if not given")
    carry = _of_exhibit(command(disposal, "carry-out", "carry an approved disposal out", run_carry_out, signs=True))
    carry.add_argument("--witness", required=True, metavar="PERSON", help="somebody else of the lab, who signs, too")
    passphrase_options(carry, "witness-")
    carry.add_argument("--place", default="", metavar="TEXT", help="where it was done")
    carry.add_argument("--remarks", default="", metavar="TEXT", help="anything else that is to be in the entry")
    carry.add_argument("--signature", type=Path, metavar="FILE", help="what whoever takes it drew: PNG or JPEG")
    carry.add_argument("--form", type=Path, metavar="FILE", help="the form that they signed on paper: PDF, PNG or JPEG")
    guided(propose, lambda *_: (Event.PROPOSE_DISPOSAL,))
    guided(carry, lambda args, lab: (_waiting(lab, args).way,))
    for parser in (propose, carry):
        parser.add_argument(
            "--at",
            metavar="TIME",
            help="when it happened; now without; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
        )


def run_list(args: argparse.Namespace) -> int:
    """List the disposals of a case."""
    with opened(args) as lab:
        disposals = lab.disposals.list(the_case(lab, args).id)
    answer(args, [document(one) for one in disposals], [_line(one) for one in disposals] or ["No disposals."])
    return DONE


def run_propose(args: argparse.Namespace) -> int:
    """Propose a disposal."""
    with signed_in(args) as (lab, actor):
        new = NewDisposal(
            exhibit_id=lab.exhibits.numbered(the_case(lab, args).id, args.exhibit).id,
            way=Way(args.way),
            method=args.method,
            authority=args.authority,
            recipient=args.recipient,
            occurred_at=told_time(args.at, lab),
        )
        disposal = lab.disposals.propose(actor, new)
    answer(args, document(disposal), [_line(disposal)])
    return DONE


def run_approve(args: argparse.Namespace) -> int:
    """Approve a disposal."""
    with signed_in(args) as (lab, actor):
        disposal = lab.disposals.approve(actor, _waiting(lab, args).id, args.comment)
    answer(args, document(disposal), [_line(disposal)])
    return DONE


def run_reject(args: argparse.Namespace) -> int:
    """Reject a disposal."""
    with signed_in(args) as (lab, actor):
        disposal = lab.disposals.reject(actor, _waiting(lab, args).id, args.reason, args.shelf)
    answer(args, document(disposal), [_line(disposal)])
    return DONE


def run_carry_out(args: argparse.Namespace) -> int:
    """Carry a disposal out."""
    with signed_in(args) as (lab, actor):
        told = CarryingOut(
            disposal_id=_waiting(lab, args).id,
            occurred_at=told_time(args.at, lab),
            place=args.place,
            remarks=args.remarks,
            papers={
                kind: path
                for kind, path in ((PaperKind.SIGNATURE, args.signature), (PaperKind.FORM, args.form))
                if path
            },
        )
        words = passphrase(args, f"Passphrase of {args.witness}", "witness-")
        witness = lab.people.sign_in(args.witness, words)
        try:
            event = lab.disposals.carry_out(actor, witness, told)
        finally:
            witness.key.close()
    signers = " and ".join(one.name for one in event.signatures)
    answer(args, document(event), [f"#{event.sequence} {act_words(event)}: signed by {signers}"])
    return DONE


def _of_exhibit(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    case_argument(parser)
    parser.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    return parser


def _waiting(lab: Lab, args: argparse.Namespace) -> Disposal:
    exhibit = lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)
    disposal = lab.disposals.of_exhibit(exhibit.id)
    if disposal is None:
        raise UsageError(f"No disposal of {exhibit.number} waits.")
    return disposal


def _line(disposal: Disposal) -> str:
    parts = [
        disposal.number,
        disposal.way.replace("_", " "),
        disposal.state.upper(),
        disposal.method,
        f"authority {disposal.authority}",
        f"proposed by {disposal.proposed_by}",
    ]
    if disposal.decided_by:
        parts.append(f"decided by {disposal.decided_by}: {disposal.decision or 'no comment'}")
    parts += [f"OPEN INCIDENT: {one}" for one in disposal.open_incidents]
    if disposal.carried_out_by:
        parts.append(f"carried out by {disposal.carried_out_by}, witness {disposal.witness}")
    return "  ".join(parts)
