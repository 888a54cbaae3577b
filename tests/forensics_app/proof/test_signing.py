"""Signing and checking of files that are out of the ordinary."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from forensics_app.model.dossier_paper import Stationery
from forensics_app.model.proof import Answer
from forensics_app.proof.certificates import Identity, derived_key, issue, make_authority, request_of
from forensics_app.proof.checking import Trust, signatures_of, whole
from forensics_app.proof.errors import ProofError
from forensics_app.proof.reading import opened
from forensics_app.proof.signing import sign
from forensics_app.reports.signed_block import signed_block
from tests.forensics_app.reports.pdftools import rendered
from tests.forensics_app.reports.sample import sample_dossier

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def key_of(name: str) -> bytes:
    def derive(purpose: bytes, salt: bytes) -> bytes:
        return hashlib.sha256(name.encode() + purpose + salt).digest()

    return derived_key(derive, "test", b"salt")


AUTHORITY = make_authority(key_of("authority"), "Laboratory", AT)


def identity(name: str) -> Identity:
    key = key_of(name)
    made = issue(key_of("authority"), AUTHORITY, request_of(key, name), name=name, organisation="Laboratory", at=AT)
    return Identity(private_key=key, certificate=made, issuers=(AUTHORITY,))


def with_rsa(name: str) -> Identity:
    """Somebody with a key of RSA, certified by themselves."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    until = AT + timedelta(days=900)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), AT, until)
    made = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Identity(
        private_key=private, certificate=made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER), issuers=()
    )


def signed(pdf: bytes, field: str, name: str, by: Identity | None = None) -> bytes:
    seen = signed_block(name, "00" * 32, "Laboratory", AT, Stationery())
    return sign(pdf, field, by or identity(name), seen=seen, at=AT, reason="test")


def test_a_key_is_derived_again_and_another_purpose_gives_another() -> None:
    assert key_of("Ana") == key_of("Ana")
    assert len({key_of(name) for name in ("Ana", "Ingrid", "authority")}) == 3


def test_a_report_with_very_many_headings_is_checked_like_any_other() -> None:
    dossier = sample_dossier()
    many = tuple(replace(dossier.findings[0], heading=f"Finding {number}") for number in range(450))
    pdf = signed(signed(rendered(replace(dossier, findings=many)), "author", "Ana"), "authoriser", "Ingrid")
    reader = opened(pdf)
    found = signatures_of(pdf, reader, Trust(authorities=[AUTHORITY], at=AT + timedelta(hours=1)))
    assert [one.answer for one in found] == [Answer.GOOD, Answer.GOOD]
    assert whole(pdf, reader).answer is Answer.GOOD


def test_a_field_is_signed_once_and_only_where_it_is() -> None:
    pdf = signed(rendered(sample_dossier()), "author", "Ana")
    with pytest.raises(ProofError):
        signed(pdf, "author", "Ingrid")
    with pytest.raises(ProofError):
        signed(pdf, "clerk", "Ingrid")
    with pytest.raises(ProofError):
        signed(rendered(sample_dossier(issued=False)), "author", "Ana")
