"""Checking a time-stamp response of RFC 3161 with `cryptography` alone.

The token is a signed message (CMS, RFC 5652) over a TSTInfo, which names the SHA-256 of what was stamped and the time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from chain_of_custody.der import INTEGER, OCTETS, OID, SEQUENCE, SET, TIME, Value, one_value
from chain_of_custody.errors import TimeStampError

Certificate = x509.Certificate

MAX_RESPONSE_BYTES: Final = 256 * 1024
_CONTEXT_0: Final = 0xA0
_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_TST_INFO: Final = bytes.fromhex("2a864886f70d0109100104")
_CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE: Final = bytes.fromhex("2a864886f70d010910020c")
_SIGNING_CERTIFICATE_V2: Final = bytes.fromhex("2a864886f70d010910022f")
_SHA256: Final = bytes.fromhex("608648016503040201")
_HASHES: Final[dict[bytes, type[hashes.HashAlgorithm]]] = {
    _SHA256: hashes.SHA256,
    bytes.fromhex("608648016503040202"): hashes.SHA384,
    bytes.fromhex("608648016503040203"): hashes.SHA512,
}
_PSS: Final = bytes.fromhex("2a864886f70d01010a")
_GRANTED: Final = (0, 1)
_LONGEST_PATH: Final = 8
_MALFORMED: Final = (
    IndexError,
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate or a response that is not one can raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a time stamp says, after it was checked.

    Attributes:
        stamped_at: the authority's time, UTC.
        serial: the authority's number of the stamp.
        authority: name of the certificate that signed it.
    """

    stamped_at: datetime
    serial: int
    authority: str


def certificates_of(pem: str) -> tuple[Certificate, ...]:
    """Read certificates in PEM.

    Raises:
        TimeStampError: there is none, or one cannot be read.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(pem.encode()))
    except ValueError as error:
        raise TimeStampError("the certificates of the authority cannot be read as PEM") from error


def fingerprint_of(certificate: Certificate) -> str:
    """Return the SHA-256 of a certificate, 64 hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def pem_of(certificate: Certificate) -> str:
    """Return a certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def check_response(response: bytes, message: bytes, trusted: Sequence[Certificate]) -> Token:
    """Check that a time-stamp response stamps a message, by an authority that is trusted.

    The certificate that signed leads to a trusted one, all valid at the time stamped. Whether one was revoked is not
    looked up.

    Args:
        response: a TimeStampResp in DER.
        message: what was stamped; the response names its SHA-256.
        trusted: certificates of the authority or of who issued its certificate.

    Raises:
        TimeStampError: it does not, and why.
    """
    if len(response) > MAX_RESPONSE_BYTES:
        raise TimeStampError(f"it has more than {MAX_RESPONSE_BYTES} bytes")
    try:
        return _checked(response, message, trusted)
    except _MALFORMED as error:
        raise TimeStampError("it does not have the form of RFC 3161") from error


def _checked(response: bytes, message: bytes, trusted: Sequence[Certificate]) -> Token:
    parts = one_value(response).inner(SEQUENCE)
    status = parts[0].inner(SEQUENCE)[0].number
    if status not in _GRANTED or len(parts) < 2:
        raise TimeStampError(f"the authority did not grant it (status {status})")
    kind, content = parts[1].inner(SEQUENCE)
    if kind.bytes_of(OID) != _SIGNED_DATA:
        raise TimeStampError("it is no signed message")
    signed = content.inner(_CONTEXT_0)[0].inner(SEQUENCE)
    info, embedded, signer = _parts_of(signed)
    stamped_at, serial = _read_info(info, message)
    certificates = [x509.load_der_x509_certificate(one.whole) for one in embedded if one.tag == SEQUENCE]
    certificate = _signers_certificate(signer, [*certificates, *trusted])
    _check_signature(signer, info, certificate)
    _check_purpose(certificate)
    _check_path(certificate, certificates, trusted, stamped_at)
    return Token(stamped_at=stamped_at, serial=serial, authority=certificate.subject.rfc4514_string())


def _parts_of(signed: Sequence[Value]) -> tuple[bytes, tuple[Value, ...], tuple[Value, ...]]:
    """Return the TSTInfo, the certificates, and the parts of the one signer."""
    kind, wrapped = signed[2].inner(SEQUENCE)
    if kind.bytes_of(OID) != _TST_INFO:
        raise TimeStampError("the signed message is no time stamp")
    info = wrapped.inner(_CONTEXT_0)[0].bytes_of(OCTETS)
    embedded = next((one.inner(_CONTEXT_0) for one in signed[3:] if one.tag == _CONTEXT_0), ())
    signers = signed[-1].inner(SET)
    if len(signers) != 1:
        raise TimeStampError(f"it has {len(signers)} signers")
    return info, embedded, signers[0].inner(SEQUENCE)


def _read_info(info: bytes, message: bytes) -> tuple[datetime, int]:
    _version, _policy, imprint, serial, time, *_ = one_value(info).inner(SEQUENCE)
    algorithm, digest = imprint.inner(SEQUENCE)
    if algorithm.inner(SEQUENCE)[0].bytes_of(OID) != _SHA256:
        raise TimeStampError("it stamps a digest that is no SHA-256")
    if digest.bytes_of(OCTETS) != hashlib.sha256(message).digest():
        raise TimeStampError("it stamps something else")
    if serial.tag != INTEGER:
        raise TimeStampError("it has no number")
    return _time(time.bytes_of(TIME).decode("ascii")), serial.number


def _time(text: str) -> datetime:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    if not text.endswith("Z") or len(whole) != 14:
        raise TimeStampError("its time is not one of RFC 3161")
    at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return at.replace(microsecond=int(fraction[:6].ljust(6, "0")) if fraction else 0)


def _signers_certificate(signer: Sequence[Value], certificates: Sequence[Certificate]) -> Certificate:
    issuer, serial = signer[1].inner(SEQUENCE)
    for one in certificates:
        if one.issuer.public_bytes() == issuer.whole and one.serial_number == serial.number:
            return one
    raise TimeStampError("the certificate that signed it is not there")


def _check_signature(signer: Sequence[Value], info: bytes, certificate: Certificate) -> None:
    algorithm = signer[2].inner(SEQUENCE)[0].bytes_of(OID)
    if algorithm not in _HASHES or signer[3].tag != _CONTEXT_0:
        raise TimeStampError("it is signed in a way that is not read here")
    chosen = _HASHES[algorithm]()
    attributes = {}
    for one in signer[3].inner(_CONTEXT_0):
        name, values = one.inner(SEQUENCE)
        attributes[name.bytes_of(OID)] = values.inner(SET)[0]
    if _CONTENT_TYPE not in attributes or attributes[_CONTENT_TYPE].bytes_of(OID) != _TST_INFO:
        raise TimeStampError("its signature is for another kind of message")
    digest = hashlib.new(chosen.name, info).digest()
    if _MESSAGE_DIGEST not in attributes or attributes[_MESSAGE_DIGEST].bytes_of(OCTETS) != digest:
        raise TimeStampError("its content was changed after it was signed")
    _check_named(attributes, certificate)
    attributes_as_set = bytes([SET]) + signer[3].whole[1:]
    if signer[4].inner(SEQUENCE)[0].bytes_of(OID) == _PSS:
        raise TimeStampError("it is signed by RSASSA-PSS, which is not read here")
    try:
        _fit(certificate, signer[5].bytes_of(OCTETS), attributes_as_set, chosen)
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise TimeStampError("its signature does not fit") from error


def _check_named(attributes: dict[bytes, Value], certificate: Certificate) -> None:
    """Check that the signature names the certificate, so that no other one with the same key stands for it."""
    name = _SIGNING_CERTIFICATE_V2 if _SIGNING_CERTIFICATE_V2 in attributes else _SIGNING_CERTIFICATE
    if name not in attributes:
        raise TimeStampError("its signature does not name the certificate")
    first = attributes[name].inner(SEQUENCE)[0].inner(SEQUENCE)[0].inner(SEQUENCE)
    digest: hashes.HashAlgorithm = hashes.SHA256() if name == _SIGNING_CERTIFICATE_V2 else hashes.SHA1()
    if name == _SIGNING_CERTIFICATE_V2 and first[0].tag == SEQUENCE:
        chosen = _HASHES.get(first[0].inner(SEQUENCE)[0].bytes_of(OID))
        if chosen is None:
            raise TimeStampError("its signature names the certificate by a digest that is not read here")
        digest, first = chosen(), first[1:]
    if first[0].bytes_of(OCTETS) != certificate.fingerprint(digest):
        raise TimeStampError("its signature names another certificate")


def _fit(certificate: Certificate, signature: bytes, message: bytes, chosen: hashes.HashAlgorithm) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), chosen)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(chosen))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, message)
    else:
        raise TimeStampError("it is signed by a kind of key that is not read here")


def _check_purpose(certificate: Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise TimeStampError("its certificate is not for time stamps") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise TimeStampError("its certificate is not for time stamps alone")


def _check_path(
    certificate: Certificate, embedded: Sequence[Certificate], trusted: Sequence[Certificate], at: datetime
) -> None:
    current = certificate
    for _ in range(_LONGEST_PATH):
        if not current.not_valid_before_utc <= at <= current.not_valid_after_utc:
            raise TimeStampError("a certificate of the authority was not valid at the time stamped")
        if current in trusted:
            return
        issuers = [one for one in (*trusted, *embedded) if one != current and _issued(one, current)]
        if not issuers:
            raise TimeStampError("its certificate does not lead to one of the authority that the laboratory trusts")
        current = issuers[0]
    raise TimeStampError("its certificates lead nowhere")


def _issued(issuer: Certificate, certificate: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        return bool(issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (InvalidSignature, TypeError, ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
