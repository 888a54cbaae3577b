"""``training add``, ``training list``, ``training withdraw``."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from forensics_app.cli.common import DONE, Parsers, answer, command, opened, signed_in, table
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.competence import NewTraining, Training


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    training = parsers.add_parser("training", help="what people were trained in").add_subparsers(required=True)
    add = command(training, "add", "record a training of a person", run_add, signs=True)
    add.add_argument("--name", required=True, metavar="PERSON", help="who was trained")
    add.add_argument("--subject", required=True, metavar="TEXT", help="what they were trained in")
    add.add_argument("--provider", required=True, help="who gave or certified it")
    add.add_argument(
        "--achieved-on", required=True, type=_day, metavar="YYYY-MM-DD", help="day on which they achieved it"
    )
    add.add_argument(
        "--expires-on", type=_day, metavar="YYYY-MM-DD", help="last day on which it counts; without end when left out"
    )
    add.add_argument("--document", type=Path, metavar="FILE", help="the certificate; its SHA-256 is recorded")
    command(training, "list", "list the trainings", run_list)
    withdraw = command(training, "withdraw", "let a training count no more", run_withdraw, signs=True)
    withdraw.add_argument("--number", required=True, type=int, metavar="N", help="as training list has it")
    withdraw.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")


def run_add(args: argparse.Namespace) -> int:
    """Record a training."""
    with signed_in(args) as (lab, actor):
        new = NewTraining(
            person_id=lab.people.named(args.name).id,
            subject=args.subject,
            provider=args.provider,
            achieved_on=args.achieved_on,
            expires_on=args.expires_on,
            document=args.document,
        )
        made = lab.competence.record(actor, new)
    seen = f"; certificate {made.document}, SHA-256 {made.sha256.hex()}" if made.sha256 else ""
    answer(args, document(made), [f"Recorded for {made.person}: {made.words}{seen}."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the trainings."""
    with opened(args) as lab:
        trainings = lab.competence.list()
        today = datetime.now(ZoneInfo(lab.info.zone)).date()
    rows = [[str(number), one.person, one.words, _standing(one, today)] for number, one in enumerate(trainings, 1)]
    answer(args, document(trainings), table(rows) or ["No training is recorded; competence is not checked yet."])
    return DONE


def run_withdraw(args: argparse.Namespace) -> int:
    """Withdraw a training."""
    with signed_in(args) as (lab, actor):
        trainings, number = lab.competence.list(), args.number
        if not 0 < number <= len(trainings):
            raise UsageError(f"There is no training with the number {number}.")
        gone = lab.competence.withdraw(actor, trainings[number - 1].id, args.reason)
    answer(args, document(gone), [f"Withdrawn: {gone.person}, {gone.words}."])
    return DONE


def _standing(training: Training, today: date) -> str:
    if training.withdrawn_reason:
        return f"withdrawn: {training.withdrawn_reason}"
    return "in force" if training.holds_on(today) else "EXPIRED"


def _day(text: str) -> date:
    return date.fromisoformat(text)
