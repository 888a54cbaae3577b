"""Certificates of X.509 (RFC 5280) of a laboratory: its own small authority, and those it issues to people.

All keys are ECDSA on P-256 with SHA-256. A private key is nowhere stored: it is derived from the ledger key of the
person, which their passphrase opens (decision 0021), or it comes from a file in PKCS #12 for as long as it is needed.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

from forensics_app.model.proof import Certificate
from forensics_app.proof.errors import CertificateError

AUTHORITY_VALID_FOR: Final = timedelta(days=365 * 20)
PERSON_VALID_FOR: Final = timedelta(days=365 * 5)
REVOCATIONS_VALID_FOR: Final = timedelta(days=365)
_EARLIER: Final = timedelta(minutes=5)  # for clocks of readers that run behind
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5)
_LONGEST_NAME: Final = 64  # upper bound of a common name and an organisation (RFC 5280, appendix A.1)
_DOCUMENTS: Final = frozenset(
    {
        "2.5.29.37.0",  # any use
        "1.3.6.1.5.5.7.3.4",  # e-mail
        "1.3.6.1.5.5.7.3.36",  # documents (RFC 9336)
        "1.3.6.1.4.1.311.10.3.12",  # documents, of Microsoft
        "1.2.840.113583.1.1.5",  # PDF, of Adobe
    }
)
"""Extended uses under which a certificate signs documents."""
_MALFORMED: Final = (ValueError, TypeError, UnsupportedAlgorithm)

Derive = Callable[[bytes, bytes], bytes]
"""Gives 32 bytes for a purpose and a salt that only the owner of a ledger key can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signs: a private key in DER (PKCS #8), its certificate, and those of who issued it."""

    private_key: bytes
    certificate: bytes
    issuers: tuple[bytes, ...]

    def __repr__(self) -> str:
        """The certificate only: what is logged or shown in a traceback holds no key."""
        return f"Identity({hashlib.sha256(self.certificate).hexdigest()})"


def derived_key(derive: Derive, purpose: str, salt: bytes) -> bytes:
    """A private key on P-256 in DER that a ledger key gives, the same for the same purpose and salt.

    64 derived bytes modulo the order of the curve leave no measurable bias (FIPS 186-5, A.2.1).
    """
    wide = b"".join(derive(f"forensics-{purpose}/1/{half}".encode(), salt) for half in (1, 2))
    scalar = int.from_bytes(wide, "big") % (_ORDER - 1) + 1
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def request_of(private_key: bytes, name: str) -> bytes:
    """A request in DER (PKCS #10) that proves that who asks has the private half."""
    key = _private(private_key)
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME])]))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def make_authority(private_key: bytes, laboratory: str, at: datetime) -> bytes:
    """The certificate of a laboratory's own authority, signed by itself, in DER."""
    key = _private(private_key)
    subject = _name(f"{laboratory[: _LONGEST_NAME - 12]}, reports CA", laboratory)
    public = key.public_key()
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = (
        x509.CertificateBuilder(subject, subject, public, _serial(), at - _EARLIER, at + AUTHORITY_VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def issue(
    authority_key: bytes, authority: bytes, request: bytes, *, name: str, organisation: str, at: datetime
) -> bytes:
    """A certificate in DER for who asked; the names are those of the record, never those of the request.

    It names no extended usage: readers built on NSS refuse the one for documents (RFC 9336).

    Raises:
        CertificateError: The request cannot be read or does not prove that the asker has the private half.
    """
    try:
        asked = x509.load_der_x509_csr(request)
        proved = asked.is_signature_valid
    except (*_MALFORMED, InvalidSignature) as error:
        raise CertificateError("the request for it cannot be read") from error
    public = asked.public_key()
    if not proved or not isinstance(public, ec.EllipticCurvePublicKey):
        raise CertificateError("the request for it is not signed by the key that it names")
    issuer = x509.load_der_x509_certificate(authority)
    until = min(at + PERSON_VALID_FOR, issuer.not_valid_after_utc)
    issuer_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateBuilder(issuer.subject, _name(name, organisation), public, _serial(), at - _EARLIER, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False)
    )
    return builder.sign(_private(authority_key), hashes.SHA256()).public_bytes(Encoding.DER)


def revocations(
    authority_key: bytes, authority: bytes, ended: list[tuple[bytes, datetime]], at: datetime, number: int
) -> bytes:
    """A list of ended certificates in DER (RFC 5280, 5), good for a year.

    Args:
        authority_key: Private key of the authority.
        authority: Its certificate.
        ended: Certificates with the time from which each is ended.
        at: Now.
        number: Higher than that of the list before.
    """
    issuer = x509.load_der_x509_certificate(authority)
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder(issuer.subject, at - _EARLIER, at + REVOCATIONS_VALID_FOR)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for der, since in ended:
        serial = x509.load_der_x509_certificate(der).serial_number
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
        )
    return builder.sign(_private(authority_key), hashes.SHA256()).public_bytes(Encoding.DER)


def opened_pkcs12(content: bytes, passphrase: str) -> Identity:
    """The identity in a file of PKCS #12.

    Raises:
        CertificateError: It cannot be opened, or holds no key on P-256, P-384 or of RSA with its certificate.
    """
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, passphrase.encode())
    except _MALFORMED as error:
        raise CertificateError("the file is not PKCS #12, or the passphrase is wrong") from error
    if key is None or certificate is None:
        raise CertificateError("the file holds no private key with its certificate")
    return Identity(
        private_key=key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        certificate=certificate.public_bytes(Encoding.DER),
        issuers=tuple(one.public_bytes(Encoding.DER) for one in others),
    )


def fits(identity: Identity) -> bool:
    """Whether the private key of an identity is that of its certificate."""
    private = serialization.load_der_private_key(identity.private_key, None)
    form = (Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    certified = x509.load_der_x509_certificate(identity.certificate).public_key().public_bytes(*form)
    return private.public_key().public_bytes(*form) == certified


def is_signature(certificate: bytes, signature: bytes, said: bytes) -> bool:
    """Whether what a token signed fits a certificate: ECDSA as two numbers, or RSA PKCS #1 v1.5, with SHA-256."""
    public = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            numbers = (int.from_bytes(one, "big") for one in (signature[:half], signature[half:]))
            public.verify(utils.encode_dss_signature(*numbers), said, ec.ECDSA(hashes.SHA256()))
        elif isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, said, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


def read_certificate(der: bytes) -> Certificate:
    """What a certificate says.

    Raises:
        CertificateError: It cannot be read.
    """
    try:
        read = x509.load_der_x509_certificate(der)
        return Certificate(
            der=der,
            sha256=hashlib.sha256(der).hexdigest(),
            subject=_words(read.subject),
            issuer=_words(read.issuer),
            serial=f"{read.serial_number:x}",
            valid_from=read.not_valid_before_utc,
            valid_until=read.not_valid_after_utc,
        )
    except _MALFORMED as error:
        raise CertificateError("it cannot be read") from error


def unfit(der: bytes, at: datetime) -> str:
    """Why a certificate does not sign reports now; empty where it does.

    Its key has at least 2048 bits of RSA or 256 of an elliptic curve (ETSI TS 119 312), and may sign documents (RFC
    5280, 4.2.1.3 and 4.2.1.12: any use where none is named; RFC 9336), and it is not that of an authority. What is
    critical in it is known (RFC 5280, 4.2).

    Raises:
        CertificateError: It cannot be read.
    """
    try:
        read = x509.load_der_x509_certificate(der)
        public = read.public_key()
        told = [one.value for one in read.extensions]
        used = [one for one in told if isinstance(one, x509.KeyUsage)]
    except (*_MALFORMED, x509.DuplicateExtension) as error:
        raise CertificateError("it cannot be read") from error
    strange = (one for one in read.extensions if one.critical and isinstance(one.value, x509.UnrecognizedExtension))
    if unknown := next(strange, None):
        return f"it has a critical extension that this program does not know ({unknown.oid.dotted_string})"
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return "its key is neither of RSA nor of an elliptic curve"
    least_bits = 2048 if isinstance(public, rsa.RSAPublicKey) else 256
    if public.key_size < least_bits:
        return f"its key has {public.key_size} bits, and {least_bits} are the least that counts as safe"
    if any(not one.digital_signature and not one.content_commitment for one in used):
        return "it was not issued for signatures (its key usage names other uses)"
    if any(one.ca for one in told if isinstance(one, x509.BasicConstraints)):
        return "it is the certificate of an authority, which certifies others and signs no reports"
    if any(
        not _DOCUMENTS & {use.dotted_string for use in one} for one in told if isinstance(one, x509.ExtendedKeyUsage)
    ):
        return "it was not issued for signatures of documents (its extended key usage names other uses alone)"
    if at < read.not_valid_before_utc:
        return f"it is not valid before {read.not_valid_before_utc:%Y-%m-%d %H:%M:%S} UTC"
    if at > read.not_valid_after_utc:
        return f"it was valid until {read.not_valid_after_utc:%Y-%m-%d %H:%M:%S} UTC"
    return ""


def is_of(der: bytes, name: str) -> bool:
    """Whether the subject of a certificate has the name of a person.

    The order of its words, capitals and numbers do not count ("KOVAČ,ANA,38001085718"); every word does.
    """
    subject = x509.load_der_x509_certificate(der).subject
    common = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return bool(common) and all(one == name[:_LONGEST_NAME] or _parts(one) == _parts(name) for one in common)


def _parts(name: str) -> list[str]:
    words = re.split(r"[\W_]+", unicodedata.normalize("NFKC", name).casefold())
    return sorted(word for word in words if word and not any(sign.isdigit() for sign in word))


def pem_of(der: bytes) -> str:
    """A certificate in PEM."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode("ascii")


def certificates_in(text: bytes) -> tuple[bytes, ...]:
    """The certificates of a file in PEM or DER, in DER.

    Raises:
        CertificateError: There is none.
    """
    try:
        read = (
            x509.load_pem_x509_certificates(text) if b"-----BEGIN" in text else [x509.load_der_x509_certificate(text)]
        )
    except _MALFORMED as error:
        raise CertificateError("the file holds no certificate in PEM or DER") from error
    return tuple(one.public_bytes(Encoding.DER) for one in read)


def new_salt() -> bytes:
    """A salt for a derived key."""
    return os.urandom(32)


def utc(moment: datetime) -> datetime:
    """A moment in whole seconds of UTC, as certificates keep it."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _private(der: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(der, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:_LONGEST_NAME]),
        ]
    )


def _words(name: x509.Name) -> str:
    common = [str(one.value) for one in name.get_attributes_for_oid(NameOID.COMMON_NAME)]
    organisation = [str(one.value) for one in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    further = [one for one in organisation if not any(one in word for word in common)]
    return ", ".join([*common, *further]) or name.rfc4514_string()


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _serial() -> int:
    return x509.random_serial_number()
