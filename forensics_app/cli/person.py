"""``person add``, ``list``, ``passphrase``, ``rekey``, ``revoke``."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    answer,
    chosen_passphrase,
    command,
    opened,
    passphrase,
    passphrase_options,
    signed_in,
    table,
)
from forensics_app.cli.documents import document
from forensics_app.model.person import NewPerson, Person, Role
from forensics_app.model.wording import left_behind_words

_CHANGED = (
    "The old passphrase is asked for, and a wrong one counts and waits as at signing in. It still opens a copy of the "
    "lab that was made before: where somebody may have both, take a new key (person rekey)."
)
_REKEYED = (
    "What the old key signed stays valid; from now on it signs nothing. The person is present and types the new "
    "passphrase. Administrators do this for anybody, also for somebody whose key was ended and who comes back; "
    "everybody for themselves. The reason and who gave the key stand in the record, and verification tells them. Keys "
    "of volumes that the person kept sealed do not open any more."
)
_REVOKED = (
    "Exit status 1: the key ended, and exhibits or offers stay with the person; the answer names them. Have them "
    "handed over before, where there is time."
)


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    words = "enrol people, list them, change passphrases, replace and end keys"
    person = parsers.add_parser("person", help=words).add_subparsers(required=True)
    add = command(person, "add", "enrol a person with a new key", run_add, signs=True)
    add.add_argument("--name", required=True, metavar="NAME", help="name of the person")
    add.add_argument("--function", required=True, help="rank or function")
    add.add_argument(
        "--organisation", metavar="TEXT", help="authority or firm they belong to; the lab's name when left out"
    )
    add.add_argument("--id-number", default="", help="badge or staff number")
    add.add_argument(
        "--role",
        action="append",
        required=True,
        choices=[role.value for role in Role],
        help="what they may do; given several times for several roles",
    )
    add.add_argument(
        "--another-person",
        action="store_true",
        help="they are somebody else than who is enrolled by a name that is in theirs, such as theirs without a rank",
    )
    passphrase_options(add, "new-")
    command(person, "list", "list everybody ever enrolled", run_list)
    change = command(person, "passphrase", "change your own passphrase; the key stays", run_passphrase, signs=True)
    change.epilog = _CHANGED
    passphrase_options(change, "new-")
    rekey = command(person, "rekey", "give a person a new key in place of the old one", run_rekey, signs=True)
    rekey.epilog = _REKEYED
    rekey.add_argument("--name", required=True, help="whose key it is")
    rekey.add_argument("--reason", required=True, help="such as: forgot the passphrase")
    passphrase_options(rekey, "new-")
    revoke = command(person, "revoke", "end a person's key", run_revoke, signs=True)
    revoke.epilog = _REVOKED
    revoke.add_argument("--name", required=True, metavar="NAME", help="name of the person")
    revoke.add_argument(
        "--reason", required=True, metavar="TEXT", help="why their key ends, in words; it stays in the record"
    )


def run_add(args: argparse.Namespace) -> int:
    """Enrol a person."""
    with signed_in(args) as (lab, actor):
        new = NewPerson(
            name=args.name,
            function=args.function,
            organisation=args.organisation or lab.info.name,
            id_number=args.id_number,
            roles=frozenset(Role(role) for role in args.role),
            is_another=args.another_person,
        )
        secret = chosen_passphrase(args, args.name)
        person = lab.people.enrol(actor, new, secret)
    answer(args, document(person), [f"Enrolled {person.described}; key {person.key_id}"])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the people."""
    with opened(args) as lab:
        people = lab.people.list()
    answer(args, [document(person) for person in people], table([_row(person) for person in people]))
    return DONE


def run_passphrase(args: argparse.Namespace) -> int:
    """Change one's own passphrase."""
    with opened(args) as lab:
        old = passphrase(args, f"Present passphrase of {args.person}")
        person = lab.person_keys.change_passphrase(args.person, old, chosen_passphrase(args, args.person))
    answer(
        args, document(person), [f"The passphrase of {person.name} was changed. The key is the same: {person.key_id}"]
    )
    return DONE


def run_rekey(args: argparse.Namespace) -> int:
    """Give somebody a new key."""
    with signed_in(args) as (lab, actor):
        person_id = lab.people.named(args.name).id
        chosen = chosen_passphrase(args, args.name)
        person = lab.person_keys.replace(actor, person_id, chosen, args.reason)
    answer(args, document(person), [f"{person.name} has a new key: {person.key_id}", "The old one signs nothing more."])
    return DONE


def run_revoke(args: argparse.Namespace) -> int:
    """End a key."""
    with signed_in(args) as (lab, actor):
        person_id = lab.people.named(args.name).id
        left = lab.person_keys.left_behind(person_id)
        person = lab.people.revoke(actor, person_id, args.reason)
    said = left_behind_words(person.name, left)
    if left.exhibits:
        said.append(f"If {person.name} can come, a new key (person rekey) lets them hand these over.")
    told = {**document(person), "left_behind": document(left)}
    answer(args, told, [f"The key of {person.name} ended at {person.revoked_at}.", *said])
    return FINDING if said else DONE


def _row(person: Person) -> list[str]:
    roles = ", ".join(role.value for role in Role if role in person.roles)
    state = "in force" if person.revoked_at is None else f"ended {person.revoked_at:%Y-%m-%d %H:%M:%SZ}"
    return [person.name, person.function, person.organisation, person.id_number, roles, person.key_id[:16], state]
