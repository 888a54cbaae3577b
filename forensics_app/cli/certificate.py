"""``certificate authority|request|issue|list|import|show``: with what people sign reports."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    command,
    opened,
    passphrase,
    passphrase_options,
    pin,
    pin_options,
    signed_in,
    table,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.proof import TokenPlace
from forensics_app.services.certificates import certificate_pem


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    words = "certificates with which reports are signed digitally (PAdES)"
    certificate = parsers.add_parser("certificate", help=words, description=words).add_subparsers(required=True)
    told = "make the lab's own authority; its key opens with the passphrase of the administrator who makes it"
    command(certificate, "authority", told, run_authority, signs=True)
    command(certificate, "request", "ask for a certificate for the key that you have now", run_request, signs=True)
    told = "certify everybody who asked, and renew the list of ended certificates"
    command(certificate, "issue", told, run_issue, signs=True)
    taken = command(certificate, "import", "take a certificate and its key from outside", run_import, signs=True)
    taken.add_argument("--pkcs12", required=True, type=Path, metavar="FILE.p12", help="a file of PKCS #12")
    passphrase_options(taken, "pkcs12-")
    told = "take a certificate whose key stays on a token: a smart card, a USB token, a security module (PKCS #11)"
    token = command(certificate, "token", told, run_token, signs=True)
    token.add_argument(
        "--module", required=True, type=Path, metavar="FILE",
        help="the library of the token's maker, such as /usr/lib/opensc-pkcs11.so; only those that were given so on "
        "this computer are ever loaded on it",
    )  # fmt: skip
    token.add_argument("--slot", type=int, metavar="N", help="number of the slot; without it any that fits")
    token.add_argument("--label", default="", metavar="TEXT", help="label of the token, where there are several")
    token.add_argument("--key-label", default="", metavar="TEXT", help="label of the key, where it has several")
    pin_options(token)
    command(certificate, "list", "show the authority, and who has a certificate", run_list)
    shown = command(certificate, "show", "write the certificate of the authority, for other programs", run_show)
    shown.add_argument("target", type=Path, metavar="FILE.pem", help="the file to be written; must not exist")


def run_authority(args: argparse.Namespace) -> int:
    """Make the authority."""
    with signed_in(args) as (lab, actor):
        made = lab.certificates.create_authority(actor)
    lines = [
        f"{made.subject} certifies who signs reports, until {made.valid_until:%Y-%m-%d}.",
        f"Give its SHA-256 to whoever asks for it on paper: {made.sha256}",
    ]
    answer(args, document(made), lines)
    return DONE


def run_request(args: argparse.Namespace) -> int:
    """Ask for a certificate."""
    with signed_in(args) as (lab, actor):
        lab.certificates.request(actor)
    words = f"{actor.person.name} asks for a certificate; an administrator issues it: certificate issue."
    answer(args, {"person": actor.person.name, "requested": True}, [words])
    return DONE


def run_issue(args: argparse.Namespace) -> int:
    """Certify everybody who asked."""
    with signed_in(args) as (lab, actor):
        made = lab.certificates.issue(actor)
    lines = [f"Issued to {one.subject}, until {one.valid_until:%Y-%m-%d}: {one.sha256}" for one in made]
    answer(args, document(made), [*(lines or ["Nobody waits for a certificate."]), "Renewed the list of ended ones."])
    return DONE


def run_import(args: argparse.Namespace) -> int:
    """Take one from outside."""
    try:
        content = args.pkcs12.read_bytes()
    except OSError as error:
        raise UsageError(f"{args.pkcs12} cannot be read: {error.strerror}.") from error
    with signed_in(args) as (lab, actor):
        opens = passphrase(args, f"Passphrase of {args.pkcs12.name}", "pkcs12-")
        made = lab.certificates.import_pkcs12(actor, content, opens)
    words = f"{actor.person.name} signs reports as {made.subject}, certified by {made.issuer}."
    answer(args, document(made), [words])
    return DONE


def run_token(args: argparse.Namespace) -> int:
    """Take one from a token."""
    place = TokenPlace(module=args.module.absolute(), slot=args.slot, token=args.label, key=args.key_label)
    with signed_in(args) as (lab, actor):
        made = lab.certificates.import_token(actor, place, pin(args, "PIN of the token"))
    words = (
        f"{actor.person.name} signs reports as {made.subject}, certified by {made.issuer}, with the key on the token."
    )
    answer(args, document(made), [words, "Its PIN is asked for whenever a report is issued; it is kept nowhere."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """Show who has one."""
    with opened(args) as lab:
        authority, people = lab.certificates.authority(), lab.certificates.list()
    lines = ["This lab has no authority; its reports are signed in the ledger alone."]
    if authority is not None:
        lines = [f"{authority.certificate.subject}: SHA-256 {authority.certificate.sha256}"]
    rows = [
        (
            one.person.name,
            "has one" if one.certificate else ("asked for one" if one.is_requested else "none"),
            f"{one.certificate.valid_until:%Y-%m-%d}" if one.certificate else "",
            one.certificate.sha256 if one.certificate else "",
        )
        for one in people
    ]
    lines += table([("Person", "Certificate", "Valid until", "SHA-256"), *rows])
    answer(args, {"authority": document(authority), "people": document(people)}, lines)
    return DONE


def run_show(args: argparse.Namespace) -> int:
    """Write the authority's certificate."""
    with opened(args) as lab:
        authority = lab.certificates.authority()
        if authority is None:
            raise UsageError("This lab has no authority.", then="Make it: certificate authority.")
        lab.reporting.save_copy(certificate_pem(authority.certificate).encode(), args.target)
    answer(args, document(authority.certificate), [f"Wrote {args.target}, SHA-256 {authority.certificate.sha256}."])
    return DONE
