"""``person add``, ``person list``, ``person revoke``."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    command,
    opened,
    passphrase,
    passphrase_options,
    signed_in,
    table,
)
from forensics_app.cli.documents import document
from forensics_app.model.person import NewPerson, Person, Role


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    person = parsers.add_parser("person", help="enrol people, list them, end their keys").add_subparsers(required=True)
    add = command(person, "add", "enrol a person with a new key", run_add, signs=True)
    add.add_argument("--name", required=True)
    add.add_argument("--function", required=True, help="rank or function")
    add.add_argument("--organisation", required=True)
    add.add_argument("--id-number", default="", help="badge or staff number")
    add.add_argument("--role", action="append", required=True, choices=[role.value for role in Role])
    passphrase_options(add, "new-")
    command(person, "list", "list everybody ever enrolled", run_list)
    revoke = command(person, "revoke", "end a person's key", run_revoke, signs=True)
    revoke.add_argument("--name", required=True)
    revoke.add_argument("--reason", required=True)


def run_add(args: argparse.Namespace) -> int:
    """Enrol a person."""
    new = NewPerson(
        name=args.name,
        function=args.function,
        organisation=args.organisation,
        id_number=args.id_number,
        roles=frozenset(Role(role) for role in args.role),
    )
    with signed_in(args) as (lab, actor):
        secret = passphrase(args, f"New passphrase for {args.name}, at least 12 characters", "new-")
        person = lab.people.enrol(actor, new, secret)
    answer(args, document(person), [f"Enrolled {person.described}; key {person.key_id}"])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the people."""
    with opened(args) as lab:
        people = lab.people.list()
    answer(args, [document(person) for person in people], table([_row(person) for person in people]))
    return DONE


def run_revoke(args: argparse.Namespace) -> int:
    """End a key."""
    with signed_in(args) as (lab, actor):
        person = lab.people.revoke(actor, lab.people.named(args.name).id, args.reason)
    answer(args, document(person), [f"The key of {person.name} ended at {person.revoked_at}."])
    return DONE


def _row(person: Person) -> list[str]:
    roles = ", ".join(role.value for role in Role if role in person.roles)
    state = "in force" if person.revoked_at is None else f"ended {person.revoked_at:%Y-%m-%d %H:%M:%SZ}"
    return [person.name, person.function, person.organisation, person.id_number, roles, person.key_id[:16], state]
