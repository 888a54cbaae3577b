"""``stamp authority|request|fetch|list``: the lab chain stamped by an authority outside."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    answer,
    command,
    counted,
    local_time,
    opened,
    signed_in,
    table,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.time_stamp import StampOutcome, TimeStamp


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    words = "let a time-stamp authority stamp the lab chain (RFC 3161)"
    stamp = parsers.add_parser("stamp", help=words, description=words).add_subparsers(required=True)
    authority = command(stamp, "authority", "name the authority that stamps from now on", run_authority, signs=True)
    authority.add_argument("--name", required=True, help="what people call it")
    authority.add_argument("--url", required=True, help="where requests are sent")
    authority.add_argument(
        "--certificates", required=True, type=Path, metavar="FILE.pem", help="its certificates, or of who issued them"
    )
    command(stamp, "request", "ask for a stamp of the present head, and for those that wait", run_request, signs=True)
    command(stamp, "fetch", "ask again for the stamps that wait", run_fetch, signs=True)
    command(stamp, "list", "show the authority, and the stamps that came and that wait", run_list)


def run_authority(args: argparse.Namespace) -> int:
    """Name the authority."""
    try:
        certificates = args.certificates.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{args.certificates} cannot be read: {error}") from error
    with signed_in(args) as (lab, actor):
        found = lab.time_stamps.set_authority(actor, args.name, args.url, certificates)
    lines = [f"{found.name} stamps for this lab from now on. Compare the fingerprints of its certificates (SHA-256):"]
    answer(args, document(found), [*lines, *found.fingerprints])
    return DONE


def run_request(args: argparse.Namespace) -> int:
    """Ask for a stamp."""
    with signed_in(args) as (lab, actor):
        outcome = lab.time_stamps.request(actor)
    return _tell(args, lab, outcome)


def run_fetch(args: argparse.Namespace) -> int:
    """Ask for what waits."""
    with signed_in(args) as (lab, actor):
        outcome = lab.time_stamps.fetch(actor)
    return _tell(args, lab, outcome)


def run_list(args: argparse.Namespace) -> int:
    """Show everything."""
    with opened(args) as lab:
        authority, stamps = lab.time_stamps.authority(), lab.time_stamps.list()
    named = f"{authority.name}, {authority.url}" if authority else "No time-stamp authority is named."
    rows = [[f"Entry {one.sequence}", _state(one, lab), f"asked for by {one.requested_by}"] for one in stamps]
    answer(args, {"authority": document(authority), "stamps": document(stamps)}, [named, *table(rows)])
    return DONE


def _tell(args: argparse.Namespace, lab: Lab, outcome: StampOutcome) -> int:
    lines = [f"Entry {one.sequence}: {_state(one, lab)}" for one in outcome.attached]
    if outcome.waiting:
        lines.append(f"{counted(len(outcome.waiting), 'stamp')} still to come. {outcome.why}")
        lines.append("Ask again with: stamp fetch")
    answer(args, document(outcome), lines or ["No stamp waits."])
    return FINDING if outcome.waiting else DONE


def _state(one: TimeStamp, lab: Lab) -> str:
    return f"stamped {local_time(one.stamped_at, lab)} by {one.authority}" if one.stamped_at else "waits"
