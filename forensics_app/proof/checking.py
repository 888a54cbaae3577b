"""Checking the signatures of a PDF: are they whole, do the certificates lead to somebody trusted, and since when."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError

from forensics_app.model.proof import Answer, Checked, Level, SignatureChecked
from forensics_app.proof.additions import Behind, changes_in
from forensics_app.proof.certificates import read_certificate
from forensics_app.proof.errors import CertificateError
from forensics_app.proof.reading import UNREADABLE
from forensics_app.proof.signing import certificates_of

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what it finds is told in words, and here alone
_USAGE: Final = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
_ANY_USAGE: Final = KeyUsageConstraints(key_usage=set())
_STAMP: Final = "/DocTimeStamp"
_MOST_CHANGES: Final = 20
_UNSEEN: Final = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
"""What may come behind the last signature of a person: data for validation, and time stamps without an area."""
_SIGNED_ON: Final = (*_UNSEEN, ModificationLevel.FORM_FILLING)
"""What may come behind the others: the next person signs."""
_Levels = tuple[ModificationLevel, ...]
CHANGED: Final = "The file was changed: its bytes are not those that were signed."
_FAILED: Final = (*UNREADABLE, SignatureValidationError, PathError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """On whom a check relies.

    Attributes:
        authorities: Certificates of who certifies people, in DER; none where nobody is known.
        time_authorities: Certificates of time-stamp authorities, in DER.
        revocations: Lists of ended certificates, in DER.
        at: Now.
    """

    authorities: Sequence[bytes] = ()
    time_authorities: Sequence[bytes] = ()
    revocations: Sequence[bytes] = field(default=())
    at: datetime


def signatures_of(pdf: bytes, reader: PdfFileReader, trust: Trust) -> tuple[SignatureChecked, ...]:
    """Every signature and document time stamp, in the order in which they were made."""
    found = list(reader.embedded_signatures)
    last = max((position for position, one in enumerate(found) if not _is_stamp(one)), default=-1)
    behind = [_SIGNED_ON if position < last else _UNSEEN for position in range(len(found))]
    stamps = [
        _checked_stamp(pdf, one, trust, may) if _is_stamp(one) else None for one, may in zip(found, behind, strict=True)
    ]
    checked = []
    for position, one in enumerate(found):
        stamp = stamps[position]
        if stamp is None:
            later = [
                it.stamped_at for it in stamps[position + 1 :] if it and it.stamped_at and it.answer is Answer.GOOD
            ]
            stamp = _checked_signature(pdf, one, trust, behind[position], later[0] if later else None)
        checked.append(stamp)
    return tuple(checked)


def level_of(reader: PdfFileReader, signatures: Sequence[SignatureChecked]) -> Level:
    """How far the file carries its own proof; what does not hold counts for nothing."""
    good = {one.field for one in signatures if one.answer is Answer.GOOD}
    people = [one for one in signatures if not one.is_time_stamp]
    if not people:
        return Level.NONE
    stamps = [one for one in reader.embedded_signatures if _is_stamp(one) and one.field_name in good]
    if not stamps or signatures[-1].is_time_stamp is False:
        return Level.B
    has_data = "/DSS" in reader.root
    if has_data and "/DSS" in reader.get_historical_root(stamps[-1].signed_revision):
        return Level.LTA
    return Level.LT if has_data else Level.T


def whole(pdf: bytes, reader: PdfFileReader) -> Checked:
    """Whether something was added behind a signature of a person that is more than what proves a signature."""
    what = "Nothing was added"
    found = list(reader.embedded_signatures)
    if not found:
        return Checked(what=what, answer=Answer.UNKNOWN, words="The file has no digital signature.")
    try:
        last = found[-1]
        last.compute_integrity_info()
        covers = last.coverage is SignatureCoverageLevel.ENTIRE_FILE
        is_data = getattr(last.diff_result, "modification_level", None) is ModificationLevel.LTA_UPDATES
        if not covers and not is_data:
            words = "The file was changed after the last signature: no signature covers its end."
            return Checked(what=what, answer=Answer.BAD, words=words)
        if changes := list(dict.fromkeys(_changes(pdf, reader, found))):
            words = (
                "After a person signed, something was added or changed that a reader may show: "
                f"{'; '.join(changes[:_MOST_CHANGES])}. What is seen in the file may not be what was signed."
            )
            return Checked(what=what, answer=Answer.BAD, words=words)
    except _FAILED:
        words = "What stands behind the last signature cannot be read."
        return Checked(what=what, answer=Answer.BAD, words=words)
    words = "The last signature covers the whole file"
    if not covers:
        words = "Behind the last signature stands only data for its validation"
    return Checked(
        what=what, answer=Answer.GOOD, words=f"{words}, and nothing that is seen came after a person signed."
    )


def _changes(pdf: bytes, reader: PdfFileReader, found: Sequence[EmbeddedPdfSignature]) -> Iterator[str]:
    people = [one for one in found if not _is_stamp(one)] or found[:1]
    for one, following in zip_longest(people, people[1:]):
        behind = Behind(
            signed_revision=one.signed_revision,
            signed_bytes=int(one.byte_range[2]) + int(one.byte_range[3]),
            until_revision=following.signed_revision if following else reader.xrefs.total_revisions - 1,
            filled=str(following.field_name) if following else "",
        )
        yield from changes_in(pdf, reader, behind)


def _is_stamp(one: EmbeddedPdfSignature) -> bool:
    return bool(one.sig_object_type == _STAMP)


def _checked_signature(
    pdf: bytes, one: EmbeddedPdfSignature, trust: Trust, may: _Levels, proved_at: datetime | None
) -> SignatureChecked:
    try:
        facts = _facts(one)
        if not _has_digest(pdf, one):
            return SignatureChecked(**facts, answer=Answer.BAD, words=CHANGED)
        at = proved_at or trust.at
        context = _context(trust.authorities, trust, at)
        usage = _ANY_USAGE if one.signer_cert.key_usage_value is None else _USAGE  # absent: any (RFC 5280, 4.2.1.3)
        status = validate_pdf_signature(one, context, key_usage_settings=usage)
        problem = _broken(pdf, one, status, may) or _loose_ends(one, status)
        authority = status.validation_path.first if status.validation_path else None
        facts |= {"stamped_at": proved_at, "authority_sha256": authority.sha256.hex() if authority else ""}
        if problem:
            return SignatureChecked(**facts, answer=Answer.BAD, words=problem)
        answer, words = _trusted(one, status, trust, at)
        return SignatureChecked(**facts, answer=answer, words=words)
    except _FAILED as error:
        return _unreadable(one, error)


def _checked_stamp(pdf: bytes, one: EmbeddedPdfSignature, trust: Trust, may: _Levels) -> SignatureChecked:
    try:
        facts = _facts(one)
        token = one.signed_data["encap_content_info"]["content"].parsed
        stamped_at: datetime = token["gen_time"].native
        facts |= {"is_time_stamp": True, "stamped_at": stamped_at, "claimed_at": None}
        if hashlib.new(_imprint(token), _signed_bytes(pdf, one)).digest() != _imprinted(token):
            return SignatureChecked(**facts, answer=Answer.BAD, words=CHANGED)
        status = validate_pdf_timestamp(one, _context(trust.time_authorities, trust, stamped_at))
        problem = _broken(pdf, one, status, may)
        authority = status.validation_path.first if status.validation_path else None
        facts["authority_sha256"] = authority.sha256.hex() if authority else ""
        if problem:
            return SignatureChecked(**facts, answer=Answer.BAD, words=problem)
        if status.trusted:
            words = f"The whole file up to here existed at {stamped_at:%Y-%m-%d %H:%M:%S} UTC."
            return SignatureChecked(**facts, answer=Answer.GOOD, words=words)
        if status.revoked:
            words = "The certificate of the time-stamp authority was ended before the stamp was made."
            return SignatureChecked(**facts, answer=Answer.BAD, words=words)
        words = "The time stamp is whole, but no certificate of its authority is known here, so nothing vouches for it."
        return SignatureChecked(**facts, answer=Answer.UNKNOWN, words=words)
    except _FAILED as error:
        return _unreadable(one, error)


def _context(roots: Sequence[bytes], trust: Trust, at: datetime) -> ValidationContext:
    return ValidationContext(
        trust_roots=certificates_of(roots),
        allow_fetching=False,
        crls=list(trust.revocations),
        revocation_mode="soft-fail",
        moment=at,
        retroactive_revinfo=True,
    )


def _facts(one: EmbeddedPdfSignature) -> dict[str, Any]:
    certificate = read_certificate(one.signer_cert.dump())
    return {
        "field": str(one.field_name),
        "is_time_stamp": False,
        "signer": certificate.subject,
        "issuer": certificate.issuer,
        "certificate_sha256": certificate.sha256,
        "authority_sha256": "",
        "claimed_at": one.self_reported_timestamp,
        "stamped_at": None,
    }


def _signed_bytes(pdf: bytes, one: EmbeddedPdfSignature) -> bytes:
    start, length, second, rest = (int(number) for number in one.byte_range)
    return pdf[start : start + length] + pdf[second : second + rest]


def _has_digest(pdf: bytes, one: EmbeddedPdfSignature) -> bool:
    """Whether the bytes have the digest that was signed; said here at once, before certificates are looked at."""
    attributes = {attribute["type"].native: attribute["values"] for attribute in one.signer_info["signed_attrs"]}
    algorithm = one.signer_info["digest_algorithm"]["algorithm"].native
    signed: bytes = attributes["message_digest"][0].native
    return hashlib.new(algorithm, _signed_bytes(pdf, one)).digest() == signed


def _imprint(token: Any) -> str:
    return str(token["message_imprint"]["hash_algorithm"]["algorithm"].native)


def _imprinted(token: Any) -> bytes:
    return bytes(token["message_imprint"]["hashed_message"].native)


def _broken(pdf: bytes, one: EmbeddedPdfSignature, status: Any, may: _Levels) -> str:
    """What is wrong with the bytes, or an empty text."""
    if not status.intact:
        return CHANGED
    if not status.valid:
        return "The signature was not made by the key that its certificate names."
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        return "The signature leaves out a part of the file."
    if status.modification_level not in may:
        return "After this signature something was added or changed that a reader may show."
    if not _is_tight(pdf, one):
        return "The place of the signature in the file holds something else beside it."
    return ""


def _is_tight(pdf: bytes, one: EmbeddedPdfSignature) -> bool:
    """Whether the bytes that a signature cannot cover hold the signature in hexadecimal digits, zeros, and no more."""
    _, first, second, _ = (int(number) for number in one.byte_range)
    hole = pdf[first:second]
    if not re.fullmatch(rb"<(?:[0-9A-F]{2})*>", hole):
        return False
    content = bytes.fromhex(hole[1:-1].decode("ascii"))
    message = cms.ContentInfo.load(content)
    return not content[len(message.dump()) :].strip(b"\0")


def _loose_ends(one: EmbeddedPdfSignature, status: Any) -> str:
    """What a signature does not cover of itself, and holds nevertheless; an empty text where there is none."""
    message, signer = one.signed_data, one.signer_info
    in_path = {certificate.dump() for certificate in status.validation_path or ()}
    carried = {choice.chosen.dump() for choice in message["certificates"]}
    algorithms = [algorithm.native for algorithm in message["digest_algorithms"]]
    of_signer = signer["digest_algorithm"].native
    if (
        message["version"].native != "v1"
        or signer["version"].native != "v1"
        or [algorithm["algorithm"] for algorithm in algorithms] != [of_signer["algorithm"]]
        or message["crls"].native
        or {attribute["type"].native for attribute in signer["unsigned_attrs"] or ()} - {"signature_time_stamp_token"}
        or (in_path and carried - in_path)
    ):
        return "The signature holds something that it does not need and that nothing vouches for."
    return ""


def _trusted(one: EmbeddedPdfSignature, status: Any, trust: Trust, at: datetime) -> tuple[Answer, str]:
    certificate = read_certificate(one.signer_cert.dump())
    if status.revoked:
        return Answer.BAD, "The certificate was ended before the signature was made."
    claimed = one.self_reported_timestamp
    if claimed is not None and not certificate.valid_from <= claimed <= certificate.valid_until:
        return Answer.BAD, f"The certificate was not valid at the time of the signature: {_period(certificate)}."
    if not certificate.valid_from <= at <= certificate.valid_until:
        return Answer.BAD, (
            f"The certificate is not valid now: {_period(certificate)}. No time stamp proves that it was signed before."
        )
    if not trust.authorities:
        return Answer.UNKNOWN, "The signature is whole, but who issued its certificate is not known here."
    if not status.trusted:
        return Answer.BAD, f"The certificate was issued by {certificate.issuer}, whom nothing here vouches for."
    return Answer.GOOD, "The file is as it was signed, and the certificate leads to the authority named."


def _period(certificate: Any) -> str:
    return f"it is valid from {certificate.valid_from:%Y-%m-%d} to {certificate.valid_until:%Y-%m-%d}"


def _unreadable(one: EmbeddedPdfSignature, error: Exception) -> SignatureChecked:
    is_path = isinstance(error, PathError)
    try:
        facts = _facts(one)
    except (*_FAILED, CertificateError):
        name = str(getattr(one, "field_name", "") or "without a name")
        facts = dict.fromkeys(("signer", "issuer", "certificate_sha256", "authority_sha256"), "")
        facts |= {"field": name, "is_time_stamp": False, "claimed_at": None, "stamped_at": None}
    words = "The certificate leads to nobody who is trusted here." if is_path else "The signature cannot be read."
    return SignatureChecked(**facts, answer=Answer.BAD, words=words)
