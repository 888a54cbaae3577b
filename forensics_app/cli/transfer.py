"""``transfer``: ``list``, ``offer``, ``accept``, ``refuse``, ``withdraw``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    guided,
    named_values,
    opened,
    signed_in,
    the_case,
    told_time,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.offer import NewOffer, Offer, OfferState
from forensics_app.services.offers import OFFERED


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    transfer = parsers.add_parser("transfer", help="transfers that are offered, then accepted").add_subparsers(
        required=True
    )
    case_argument(command(transfer, "list", "list the offers of a case", run_list))
    offer = _of_exhibit(command(transfer, "offer", "offer an exhibit to a person of the lab", run_offer, signs=True))
    offer.add_argument("--to", required=True, metavar="PERSON", help="who is to receive it")
    offer.add_argument(
        "--event", default="hand_over", choices=[event.value for event in OFFERED], help="step that is offered"
    )
    offer.add_argument(
        "--due",
        required=True,
        metavar="TIME",
        help="until when it is to be answered; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    accept = _of_exhibit(command(transfer, "accept", "accept what was offered to you", run_accept, signs=True))
    accept.add_argument(
        "--at",
        metavar="TIME",
        help="when it was handed over; now without; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    guided(offer, lambda args, _: (args.event,))
    guided(accept, lambda args, lab: (_open(lab, args).event,))
    for parser in (offer, accept):
        parser.add_argument(
            "--field", action="append", default=[], metavar="NAME=VALUE", help="purpose, place, seal_check, ..."
        )
    offer.add_argument("--remarks", default="", metavar="TEXT", help="anything else that is to be in the entry")
    refuse = _of_exhibit(command(transfer, "refuse", "refuse what was offered to you", run_refuse, signs=True))
    withdraw = _of_exhibit(command(transfer, "withdraw", "withdraw what you offered", run_withdraw, signs=True))
    for parser in (refuse, withdraw):
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")


def run_list(args: argparse.Namespace) -> int:
    """List the offers of a case."""
    with opened(args) as lab:
        offers = lab.offers.list(the_case(lab, args).id)
    answer(args, [document(one) for one in offers], [_line(one) for one in offers] or ["No transfers were offered."])
    return DONE


def run_offer(args: argparse.Namespace) -> int:
    """Offer an exhibit."""
    with signed_in(args) as (lab, actor):
        new = NewOffer(
            exhibit_id=lab.exhibits.numbered(the_case(lab, args).id, args.exhibit).id,
            receiver_id=lab.people.named(args.to).id,
            event=args.event,
            due=told_time(args.due, lab),
            fields=named_values(args.field, "--field"),
            remarks=args.remarks,
        )
        offer = lab.offers.offer(actor, new)
    answer(args, document(offer), [_line(offer)])
    return DONE


def run_accept(args: argparse.Namespace) -> int:
    """Accept an offer."""
    with signed_in(args) as (lab, actor):
        offer = _open(lab, args)
        at, fields = told_time(args.at, lab), named_values(args.field, "--field")
        event = lab.offers.accept(actor, offer.id, at, fields)
    words = f"#{event.sequence} {offer.number} is with {offer.receiver} now; it names the offer {event.fact('offer')}"
    answer(args, document(event), [words])
    return DONE


def run_refuse(args: argparse.Namespace) -> int:
    """Refuse an offer."""
    with signed_in(args) as (lab, actor):
        offer = lab.offers.refuse(actor, _open(lab, args).id, args.reason)
    answer(args, document(offer), [_line(offer)])
    return DONE


def run_withdraw(args: argparse.Namespace) -> int:
    """Withdraw an offer."""
    with signed_in(args) as (lab, actor):
        offer = lab.offers.withdraw(actor, _open(lab, args).id, args.reason)
    answer(args, document(offer), [_line(offer)])
    return DONE


def _of_exhibit(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    case_argument(parser)
    parser.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    return parser


def _open(lab: Lab, args: argparse.Namespace) -> Offer:
    exhibit = lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)
    found = next((one for one in lab.offers.open() if one.exhibit_id == exhibit.id), None)
    if found is None:
        raise UsageError(f"Nobody has offered {exhibit.number}.")
    return found


def _line(offer: Offer) -> str:
    late = "  OVERDUE" if offer.is_overdue(datetime.now(UTC)) else ""
    due = f"  due {offer.due.isoformat(' ', 'minutes')}{late}" if offer.state is OfferState.OFFERED else ""
    reason = f": {offer.reason}" if offer.reason else ""
    act = offer.event.replace("_", " ")
    return f"{offer.number}  {act}  from {offer.giver} to {offer.receiver}  {offer.state.upper()}{reason}{due}"
