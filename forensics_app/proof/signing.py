"""Signing a PDF after PAdES (ETSI EN 319 142-1): each signature and time stamp is added behind what is there already.

The bytes that were signed first stay the first bytes of the file for ever.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, Final

from asn1crypto import crl, keys, tsp, x509
from pyhanko.pdf_utils.content import PdfContent, ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.signers import Signer as AnySigner
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from forensics_app.proof.certificates import Identity
from forensics_app.proof.errors import ProofError, StampError
from forensics_app.proof.tokens import TokenIdentity, signing

DIGEST: Final = "sha256"
_ROOM_FOR_A_STAMP_BYTES: Final = 16 * 1024

Ask = Callable[[bytes], bytes]
"""Sends a request of RFC 3161 to an authority and gives its response; raises `StampError` where none comes."""


def sign(
    pdf: bytes, field: str, identity: Identity | TokenIdentity, *, seen: bytes, at: datetime, reason: str
) -> bytes:
    """A PDF with one of its fields signed: PAdES, level B-B.

    Args:
        pdf: The file; a signature that it holds already stays what it is.
        field: Name of the empty field.
        identity: Who signs.
        seen: A PDF of one page of the size of the field: what is seen there.
        at: The time that the signature claims, aware.
        reason: What the person signs for.

    Raises:
        ProofError: The file has no such empty field, or the key does not fit.
        TokenError: The key is on a token that does not sign.
    """
    certificate = x509.Certificate.load(identity.certificate)
    about = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=DIGEST,
        reason=reason,
        name=str(certificate.subject.native.get("common_name", "")),
        subfilter=SigSeedSubFilter.PADES,
    )
    style = StaticStampStyle(
        border_width=0, background=_Seen(seen), background_opacity=1.0, background_layout=_whole_box()
    )
    out = io.BytesIO()
    try:
        writer = _Writer(io.BytesIO(pdf))
        with _signer(identity) as signer:
            _Signer(at, about, signer, stamp_style=style).sign_pdf(writer, existing_fields_only=True, output=out)
    except (PdfError, SigningError) as error:
        raise ProofError(_words(error)) from error
    return out.getvalue()


def _signer(identity: Identity | TokenIdentity) -> AbstractContextManager[AnySigner]:
    if isinstance(identity, TokenIdentity):
        return signing(identity)
    others = SimpleCertificateStore()
    others.register_multiple(certificates_of(identity.issuers))
    certificate = x509.Certificate.load(identity.certificate)
    return nullcontext(SimpleSigner(certificate, keys.PrivateKeyInfo.load(identity.private_key), others))


def stamp(pdf: bytes, ask: Ask) -> bytes:
    """A PDF with a document time stamp over everything that it holds.

    Raises:
        StampError: No stamp came; the file is as it was.
    """
    out = io.BytesIO()
    try:
        writer = _Writer(io.BytesIO(pdf))
        PdfTimeStamper(_Authority(ask)).timestamp_pdf(
            writer, DIGEST, bytes_reserved=2 * _ROOM_FOR_A_STAMP_BYTES, output=out
        )
    except (PdfError, SigningError, TimestampRequestError, ValueError) as error:
        raise StampError(_words(error)) from error
    return out.getvalue()


def with_validation_data(pdf: bytes, certificates: Sequence[bytes], revocations: Sequence[bytes]) -> bytes:
    """A PDF with the certificates and lists of ended certificates that a later check needs (a document security store).

    Args:
        pdf: The signed file; its signatures stay what they are.
        certificates: In DER.
        revocations: Lists of ended certificates, in DER.
    """
    out = io.BytesIO()
    try:
        writer = _Writer(io.BytesIO(pdf))
        lists = [crl.CertificateList.load(one) for one in revocations]
        DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=certificates_of(certificates), crls=lists)
        writer.write(out)
    except PdfError as error:
        raise ProofError(_words(error)) from error
    return out.getvalue()


class _Writer(IncrementalPdfFileWriter):
    """Adds, and leaves the metadata as they were: when a file was signed stands in its signature."""

    def _update_meta(self) -> None:
        return


class _Signer(PdfSigner):
    """Signs with the time of the record, which tests and time zones do not change."""

    def __init__(self, at: datetime, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._at = at

    def init_signing_session(self, *arguments: Any, **named: Any) -> Any:
        session = super().init_signing_session(*arguments, **named)
        session.system_time = self._at
        return session


class _Authority(TimeStamper):
    """A time-stamp authority that is asked by somebody else's means."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._ask(req.dump()))


class _Seen(PdfContent):
    """The page of another PDF, fonts and all."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.set_resource(ResourceType.XOBJECT, pdf_name("/Seen"), page)
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        return b"/Seen Do"


def _whole_box() -> SimpleBoxLayoutRule:
    return SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MIN,
        y_align=AxisAlignment.ALIGN_MIN,
        margins=Margins(0, 0, 0, 0),
        inner_content_scaling=InnerScaling.NO_SCALING,
    )


def _words(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def certificates_of(ders: Sequence[bytes]) -> list[x509.Certificate]:
    """Certificates as pyHanko takes them."""
    return [x509.Certificate.load(one) for one in ders]
