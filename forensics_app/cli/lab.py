"""``lab create``, ``lab info``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import create_lab
from forensics_app.cli.common import DONE, Parsers, answer, command, opened, passphrase, passphrase_options
from forensics_app.cli.documents import lab_document
from forensics_app.model.lab import NewLab
from forensics_app.model.person import NewPerson, Role


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    lab = parsers.add_parser("lab", help="create a lab, or show what it is").add_subparsers(required=True)
    create = lab.add_parser("create", help="create a lab folder and its first administrator")
    create.set_defaults(run=run_create)
    create.add_argument("folder", type=Path, metavar="DIR", help="a folder that does not exist yet or is empty")
    create.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    create.add_argument("--name", required=True, help="name of the laboratory")
    create.add_argument("--address", default="", help="postal address, as it stands on reports")
    create.add_argument("--zone", default="UTC", help="IANA time zone in which times are shown, such as Europe/Berlin")
    create.add_argument("--admin", required=True, metavar="NAME", help="name of the first administrator")
    create.add_argument("--function", default="Administrator", help="their rank or function")
    create.add_argument("--organisation", help="their organisation; the lab's name when left out")
    create.add_argument("--id-number", default="", help="their badge or staff number")
    create.add_argument(
        "--role", action="append", default=[], choices=[role.value for role in Role], help="further roles"
    )
    passphrase_options(create)
    command(lab, "info", "show what a lab is and holds", run_info)


def run_create(args: argparse.Namespace) -> int:
    """Create a lab."""
    administrator = NewPerson(
        name=args.admin,
        function=args.function,
        organisation=args.organisation or args.name,
        id_number=args.id_number,
        roles=frozenset(Role(role) for role in args.role) | {Role.ADMINISTRATOR},
    )
    secret = passphrase(args, f"Passphrase for {args.admin}, at least 12 characters")
    new = NewLab(folder=args.folder, name=args.name, address=args.address, zone=args.zone)
    lab = create_lab(new, administrator, secret)
    try:
        document = lab_document(lab)
    finally:
        lab.close()
    root = document["root_fingerprint"]
    answer(args, document, [
        f"Created the lab {args.name} in {lab.folder.root}.",
        f"Fingerprint of its root key, to be kept on paper: {root}",
    ])  # fmt: skip
    return DONE


def run_info(args: argparse.Namespace) -> int:
    """Show a lab."""
    with opened(args) as lab:
        document = lab_document(lab)
    answer(args, document, [f"{name.replace('_', ' '):18} {value}" for name, value in document.items()])
    return DONE
