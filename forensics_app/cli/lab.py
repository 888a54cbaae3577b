"""``lab create``, ``lab join``, ``lab move``, ``lab info``; backups are in :mod:`forensics_app.cli.backup`."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import create_lab, join_lab, move_lab, rekey_lab, sign_for_move
from forensics_app.cli import backup
from forensics_app.cli.common import (
    DONE,
    Parsers,
    Progress,
    answer,
    chosen_passphrase,
    command,
    opened,
    own_passphrase,
    passphrase_options,
    unlock_options,
    unlocking,
)
from forensics_app.cli.documents import document, lab_document
from forensics_app.model.lab import NewLab
from forensics_app.model.person import NewPerson, Role
from forensics_app.services.opening import rights_note

URL_HELP = "postgresql://HOST/DATABASE, without a password, which comes from ~/.pgpass, a service file or PGPASSWORD"


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
    create.add_argument(
        "--server", default="", metavar="URL", help=f"keep the record in this empty database: {URL_HELP}"
    )
    create.add_argument(
        "--encrypted",
        action="store_true",
        help="encrypt all that is kept in the folder; each command then asks who unlocks it",
    )
    passphrase_options(create)
    join = lab.add_parser("join", help="let a shared folder on this computer lead to the lab on its server")
    join.set_defaults(run=run_join)
    join.add_argument("folder", type=Path, metavar="DIR", help="the folder that the lab's workstations share")
    join.add_argument("--server", required=True, metavar="URL", help=URL_HELP)
    join.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    unlock_options(join)
    move = lab.add_parser("move", help="move the record of a lab from its folder to a server")
    move.set_defaults(run=run_move)
    move.add_argument("folder", type=Path, metavar="DIR", help="the lab folder; photographs and reports stay in it")
    move.add_argument("--to", required=True, metavar="URL", help=f"an empty database: {URL_HELP}")
    move.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    move.add_argument("--as", dest="person", metavar="PERSON", help="the administrator who signs an entry about it")
    passphrase_options(move)
    unlock_options(move)
    for name, words in (
        ("encrypt", "copy a lab into a new folder in which all that is kept is encrypted"),
        ("renew-key", "copy an encrypted lab into a new folder with a new key, after somebody may have the old one"),
    ):
        rekey = lab.add_parser(name, help=words)
        rekey.set_defaults(run=run_rekey, renew=name == "renew-key")
        rekey.add_argument("folder", type=Path, metavar="DIR", help="the lab folder; it stays as it was, and closed")
        rekey.add_argument(
            "--to", required=True, type=Path, metavar="NEW", help="a folder that does not exist yet or is empty"
        )
        rekey.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
        rekey.add_argument(
            "--as", dest="person", required=True, metavar="PERSON",
            help="the administrator who signs for it, and alone can unlock the new folder at first",
        )  # fmt: skip
        passphrase_options(rekey)
    command(lab, "info", "show what a lab is and holds", run_info)
    backup.add_commands(lab)


def run_create(args: argparse.Namespace) -> int:
    """Create a lab."""
    administrator = NewPerson(
        name=args.admin,
        function=args.function,
        organisation=args.organisation or args.name,
        id_number=args.id_number,
        roles=frozenset(Role(role) for role in args.role) | {Role.ADMINISTRATOR},
    )
    secret = chosen_passphrase(args, args.admin, "")
    new = NewLab(
        folder=args.folder,
        name=args.name,
        address=args.address,
        zone=args.zone,
        server=args.server,
        encrypted=args.encrypted,
    )
    lab = create_lab(new, administrator, secret)
    try:
        document = lab_document(lab)
    finally:
        lab.close()
    root = document["root_fingerprint"]
    answer(args, document, [
        f"Created the lab {args.name} in {lab.folder.root}.",
        f"Fingerprint of its root key, to be kept on paper: {root}",
        *([f"Note: {rights}"] if (rights := rights_note(lab.folder.root)) else []),
    ])  # fmt: skip
    return DONE


def run_join(args: argparse.Namespace) -> int:
    """Let a folder lead to a server."""
    with unlocking(args, args.folder):
        lab = join_lab(args.server, args.folder)
    try:
        found = lab_document(lab)
    finally:
        lab.close()
    answer(args, found, [
        f"{lab.folder.root} leads to the lab {lab.info.name} on {found['server']}.",
        f"Fingerprint of its root key, to be compared with the paper: {found['root_fingerprint']}",
    ])  # fmt: skip
    return DONE


def run_move(args: argparse.Namespace) -> int:
    """Move a lab to a server."""
    secret = own_passphrase(args) if args.person else ""
    with unlocking(args, args.folder):
        moved = move_lab(args.folder, args.to, on_progress=Progress("Copying", "rows"))
    lines = [
        f"Moved {moved.entries:,} entries of {len(moved.chains)} chains to {moved.server}, compared and verified.",
        f"The folder leads there now. Its old record takes no entry any more; keep it: {args.folder / 'lab.db'}",
    ]
    if args.person:
        sign_for_move(args.folder, args.person, secret, moved)
        lines.append(f"{args.person} signed for the move.")
    answer(args, document(moved), lines)
    return DONE


def run_rekey(args: argparse.Namespace) -> int:
    """Encrypt a lab by a new key."""
    secret = own_passphrase(args)
    rekeyed = rekey_lab(
        args.folder, args.to, args.person, secret, renew=args.renew, on_progress=Progress("Copying", "bytes")
    )
    readable = "by whoever had its key" if args.renew else "by everybody who gets hold of it"
    answer(args, document(rekeyed), [
        f"The lab is in {rekeyed.folder} now: copied, compared, verified, and encrypted by a new key.",
        f"{args.person} unlocks it. The others sign in once after {args.person} has, and can unlock it from then on.",
        "Until everybody has, `verify` finds that they cannot unlock it and ends with status 1.",
        f"The old folder, {rekeyed.old_folder}, is as it was and takes no entry any more. It can still be read "
        f"{readable}: keep it until you have opened the new one, then destroy it and its backups.",
    ])  # fmt: skip
    return DONE


def run_info(args: argparse.Namespace) -> int:
    """Show a lab."""
    with opened(args) as lab:
        document = lab_document(lab)
    answer(args, document, [f"{name.replace('_', ' '):18} {value}" for name, value in document.items()])
    return DONE
