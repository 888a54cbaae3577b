"""Certificates from outside that sign no report that anybody could verify are refused before they sign one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from forensics_app.errors import RefusedError
from forensics_app.model.person import Role
from forensics_app.proof import certificates as proof
from forensics_app.services.report_verifying import check_report
from tests.builders import Bench, make_bench
from tests.forensics_app.services.signed_reports import certified, dossier_on
from tests.time_authority import Pair

NAME, OPENS = "Olga Outside", "a passphrase of the file"
USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("fit"))
    certified(made, made.examiner, made.supervisor)
    made.enrol(NAME, Role.EXAMINER)
    yield made
    made.lab.close()


def made_by(name: str, key: object, issuer: Pair | None, bench: Bench, days: tuple[int, int], *uses: str) -> Pair:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer[0].subject if issuer else subject, subject, key.public_key(), x509.random_serial_number(),  # type: ignore[attr-defined]
        bench.clock.at + timedelta(days=days[0]), bench.clock.at + timedelta(days=days[1]),
    ).add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)  # fmt: skip
    if uses:
        builder = builder.add_extension(x509.KeyUsage(**{one: one in uses for one in USES}), critical=True)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key  # type: ignore[arg-type, return-value]


def root(bench: Bench, name: str = "State CA") -> Pair:
    return made_by(name, ec.generate_private_key(ec.SECP256R1()), None, bench, (-3000, 3000))


def file_of(one: Pair, *others: Pair) -> bytes:
    encryption = BestAvailableEncryption(OPENS.encode())
    return pkcs12.serialize_key_and_certificates(b"one", one[1], one[0], [it[0] for it in others], encryption)


@pytest.mark.req("REQ-64", "REQ-67")
@pytest.mark.parametrize(
    ("kind", "days", "uses", "why"),
    [
        ("P-256", (-10, 900), ("key_encipherment",), "it was not issued for signatures"),
        ("RSA-1024", (-10, 900), ("digital_signature",), "its key has 1024 bits, and 2048 are the least"),
        ("P-192", (-10, 900), (), "its key has 192 bits, and 256 are the least"),
        ("Ed25519", (-10, 900), (), "its key is neither of RSA nor of an elliptic curve"),
        ("P-256", (-100, -50), ("digital_signature",), "it was valid until 2026-"),
        ("P-256", (50, 900), ("digital_signature",), "it is not valid before 2027-"),
    ],
)
def test_a_certificate_that_signs_no_report_now_is_refused(
    bench: Bench, kind: str, days: tuple[int, int], uses: tuple[str, ...], why: str
) -> None:
    keys = {
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "P-192": lambda: ec.generate_private_key(ec.SECP192R1()),
        "RSA-1024": lambda: rsa.generate_private_key(65537, 1024),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    issuer, before = root(bench), len(bench.lab.custody.lab_history())
    made = made_by(NAME, keys[kind](), issuer, bench, days, *uses)
    with pytest.raises(RefusedError, match="The certificate cannot be taken") as refused:
        bench.lab.certificates.import_pkcs12(bench.sign_in(NAME), file_of(made, issuer), OPENS)
    assert why in str(refused.value)
    assert [one.action for one in bench.lab.custody.lab_history()[before:]] == []


@pytest.mark.req("REQ-64", "REQ-67")
@pytest.mark.parametrize(
    ("uses", "is_authority", "why"),
    [
        ((ExtendedKeyUsageOID.SERVER_AUTH,), False, "not issued for signatures of documents"),
        ((ExtendedKeyUsageOID.TIME_STAMPING,), False, "not issued for signatures of documents"),
        ((), True, "it is the certificate of an authority"),
        ((ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION), False, ""),
        ((x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),), False, ""),
    ],
)
def test_a_certificate_for_something_else_or_of_an_authority_is_unfit(
    bench: Bench, uses: tuple[x509.ObjectIdentifier, ...], is_authority: bool, why: str
) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    since, until = bench.clock.at - timedelta(days=9), bench.clock.at + timedelta(days=900)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), since, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    found = proof.unfit(der, bench.clock.at)
    assert why in found
    assert bool(found) is bool(why)


def strange(bench: Bench, issuer: Pair, *, critical: bool) -> Pair:
    """A certificate with an extension that nobody knows."""
    key, at = ec.generate_private_key(ec.SECP256R1()), bench.clock.at
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    since, until = at - timedelta(days=9), at + timedelta(days=900)
    serial = x509.random_serial_number()
    builder = x509.CertificateBuilder(issuer[0].subject, name, key.public_key(), serial, since, until)
    for extension in (
        x509.KeyUsage(**{one: one == "digital_signature" for one in USES}),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer[1], hashes.SHA256()), key


@pytest.mark.req("REQ-64", "REQ-67")
def test_a_certificate_with_something_critical_that_nobody_knows_signs_no_report(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga, issuer = bench.sign_in(NAME), root(bench)
    certificates = bench.lab.certificates
    with pytest.raises(RefusedError, match=r"critical extension that this program does not know \(1\.3\.6\.1\.4\.1\."):
        certificates.import_pkcs12(olga, file_of(strange(bench, issuer, critical=True), issuer), OPENS)
    certificates.import_pkcs12(olga, file_of(strange(bench, issuer, critical=False), issuer), OPENS)
    with monkeypatch.context() as earlier:
        earlier.setattr(proof, "unfit", lambda *_: "")
        certificates.import_pkcs12(olga, file_of(strange(bench, issuer, critical=True), issuer), OPENS)
        dossier = dossier_on(bench, bench.case("2026-0148"), "Report")
        with pytest.raises(RefusedError, match="would not hold when the report is verified"):
            bench.lab.report_proof.finished(dossier, olga, bench.supervisor)


@pytest.mark.req("REQ-64", "REQ-67")
def test_a_report_is_not_issued_with_a_signature_that_would_never_hold(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga, case = bench.sign_in(NAME), bench.case()
    issuer, stranger = root(bench), root(bench, "Another CA")
    certificates, finished = bench.lab.certificates, bench.lab.report_proof.finished
    dossier = dossier_on(bench, case, "Report")
    one = made_by(NAME, rsa.generate_private_key(65537, 2048), issuer, bench, (-10, 900), "content_commitment")
    certificates.import_pkcs12(olga, file_of(one, issuer, stranger), OPENS)
    with pytest.raises(RefusedError, match=f"The signature of {NAME} would not hold when the report is verified"):
        finished(dossier, olga, bench.supervisor)
    certificates.import_pkcs12(olga, file_of(one, issuer), OPENS)
    found = check_report(
        finished(dossier_on(bench, case, "Report"), olga, bench.supervisor),
        at=bench.clock.at,
        authorities=[issuer[0].public_bytes(Encoding.DER)],
    )
    assert [one.answer.value for one in found.signatures] == ["good", "good"]
    wrong = made_by(NAME, one[1], issuer, bench, (50, 900), "content_commitment")
    with monkeypatch.context() as earlier:
        earlier.setattr(proof, "unfit", lambda *_: "")
        certificates.import_pkcs12(olga, file_of(wrong, issuer), OPENS)
    with pytest.raises(RefusedError, match=f"The certificate of {NAME} signs no report: it is not valid before 2027-"):
        finished(dossier, olga, bench.supervisor)
