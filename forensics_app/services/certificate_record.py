"""What the entries of a lab chain tell of certificates: authorities, certificates of people, and their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from chain_of_custody.certificate_rules import AUTHORITY, IMPORT, ISSUE, REVOCATIONS
from chain_of_custody.ledger import Content, Json
from forensics_app.model.proof import CertificateOf, TokenPlace
from forensics_app.proof import certificates as x509

CERTIFICATES_ID = "certificates"
"""Id of the object of these entries: by it they are found."""


def recorded_certificates(contents: Sequence[Content]) -> tuple[CertificateOf, ...]:
    """The certificates of people that entries of a lab chain record, oldest first."""
    return tuple(certificate_in(one) for one in contents if one.action in (ISSUE, IMPORT))


def recorded_authorities(contents: Sequence[Content]) -> tuple[CertificateOf, ...]:
    """The authorities that entries of a lab chain record, oldest first."""
    return tuple(certificate_in(one) for one in contents if one.action == AUTHORITY)


def recorded_revocations(contents: Sequence[Content]) -> tuple[bytes, ...]:
    """The lists of ended certificates that entries of a lab chain record, in DER, oldest first."""
    return tuple(bytes.fromhex(str(one.facts["list"])) for one in contents if one.action == REVOCATIONS)


def recorded_ends(contents: Sequence[Content]) -> dict[str, datetime]:
    """Since when certificates are ended that stand in no list of their authority, by SHA-256."""
    ends: dict[str, datetime] = {}
    for content in contents:
        listed = content.facts.get("ended_elsewhere") if content.action == REVOCATIONS else None
        for one in listed if isinstance(listed, (list, tuple)) else ():
            if isinstance(one, Mapping):
                with suppress(ValueError):
                    ends[str(one.get("sha256"))] = datetime.fromisoformat(str(one.get("since")))
    return ends


def of_action(contents: Sequence[Content], action: str) -> Sequence[Content]:
    """The entries with an action, oldest first."""
    return [content for content in contents if content.action == action]


def certificate_in(content: Content) -> CertificateOf:
    """The certificate that an entry records."""
    facts = content.facts
    issuers = facts.get("issuers", [])
    return CertificateOf(
        certificate=x509.read_certificate(x509.certificates_in(str(facts["certificate"]).encode())[0]),
        person_id=str(facts["person"]),
        person=content.object.label,
        key_id=str(facts["key"]),
        salt=bytes.fromhex(str(facts.get("salt", ""))),
        issuers=tuple(
            der
            for pem in (issuers if isinstance(issuers, list) else [])
            for der in x509.certificates_in(str(pem).encode())
        ),
        recorded_at=content.recorded_at,
        sequence=content.sequence,
        token=_place(facts.get("token")),
    )


def _place(told: Json) -> TokenPlace | None:
    """Where a token is, as an entry tells it."""
    if not isinstance(told, Mapping):
        return None
    slot = told.get("slot")
    return TokenPlace(
        module=Path(str(told.get("module"))),
        slot=slot if isinstance(slot, int) else None,
        token=str(told.get("label") or ""),
        key=str(told.get("key_label") or ""),
    )
