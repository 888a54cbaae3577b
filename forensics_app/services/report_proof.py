"""The finished file of a report: rendered with its enclosures, signed by both people, stamped if somebody stamps."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from chain_of_custody.file import lines_of, without
from chain_of_custody.ledger import ChainKind, Entry
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_of
from forensics_app.errors import LabUnusableError, RefusedError
from forensics_app.model.attachment import Attachment
from forensics_app.model.dossier import Dossier
from forensics_app.model.dossier_paper import Stationery
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import PersonId, SignedIn
from forensics_app.model.proof import Answer, Signer
from forensics_app.services.certificates import Certificates
from forensics_app.services.time_authority import AuthorityUnreachableError, ask
from forensics_app.services.time_stamps import TimeStamps
from forensics_app.services.withholding import Withholds, nothing

NO_PINS: Mapping[PersonId, str] = MappingProxyType({})
_ENGLISH = Stationery()
_REASONS = {
    Signer.AUTHOR: "I am the author of this report",
    Signer.AUTHORISER: "I have reviewed this report and authorise its issue",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportProof:
    """Makes the file of a report that proves itself (REQ-64, REQ-66)."""

    db: Database
    lab: LabInfo
    certificates: Certificates
    time_stamps: TimeStamps
    now: Callable[[], datetime]

    def draft(self, dossier: Dossier) -> bytes:
        """The file without enclosures and signatures."""
        return _rendered(dossier)

    def finished(
        self,
        dossier: Dossier,
        author: SignedIn,
        authoriser: SignedIn | None,
        pins: Mapping[PersonId, str] = NO_PINS,
        withholds: Withholds = nothing,
    ) -> bytes:
        """The file to be issued. The same dossier gives the same bytes up to the first signature.

        A lab without an authority, where neither of the two has a certificate, issues a file without digital
        signatures; what the two sign then is the entry with its SHA-256. Where a time-stamp authority is named but
        gives no stamp, the file goes without: `report upgrade` adds it later.

        Args:
            dossier: What the report says.
            author: Who signs first.
            authoriser: Who signs then.
            pins: Of the tokens of those whose keys are on one, by the id of the person.
            withholds: Which entries of the case do not leave with it.

        Raises:
            RefusedError: One of the two has no certificate, it has ended, or their token does not sign.
        """
        from forensics_app.reports.enclosures import enclosures

        pdf = _rendered(dossier, enclosures(dossier, self.ledger(dossier, withholds)))
        people = [author, *([authoriser] if authoriser else [])]
        if self.certificates.authority() is None and not any(
            self.certificates.identity(one, pins.get(one.person.id)) for one in people
        ):
            return pdf
        return self.stamped(self.signed(pdf, *people, pins=pins, stationery=dossier.stationery))[0]

    def signed(
        self,
        pdf: bytes,
        *people: SignedIn,
        pins: Mapping[PersonId, str] = NO_PINS,
        stationery: Stationery = _ENGLISH,
    ) -> bytes:
        """The file signed by these people, the author first, each in a block in the language of the stationery.

        Raises:
            RefusedError: One of them has no certificate, it signs no reports now, or its signature would not hold.
        """
        for field, person in zip(Signer, people, strict=False):
            pdf = self._signed(pdf, field, person, pins.get(person.person.id), stationery)
        return pdf

    def stamped(self, pdf: bytes) -> tuple[bytes, str]:
        """The file with a document time stamp behind it, or as it was, with why."""
        from forensics_app.proof.errors import StampError
        from forensics_app.proof.signing import stamp

        authority = self.time_stamps.authority()
        if authority is None:
            return pdf, "This lab has no time-stamp authority."
        try:
            stamped = stamp(pdf, lambda request: ask(authority.url, request))
        except AuthorityUnreachableError as error:
            return pdf, str(error)
        except StampError as error:
            return pdf, f"{authority.name} gave no time stamp: {error.why}."
        if not self._is_stamp_of(stamped, authority.certificates):
            return pdf, f"The answer of {authority.name} is no time stamp of its own for this file; it was not kept."
        return stamped, ""

    def _is_stamp_of(self, pdf: bytes, certificates: Sequence[str]) -> bool:
        from forensics_app.proof.certificates import certificates_in
        from forensics_app.proof.checking import Trust, signatures_of
        from forensics_app.proof.reading import opened

        trusted = [der for pem in certificates for der in certificates_in(pem.encode())]
        found = signatures_of(pdf, opened(pdf), Trust(time_authorities=trusted, at=self.now()))
        return found[-1].is_time_stamp and found[-1].answer is Answer.GOOD

    def _signed(self, pdf: bytes, field: Signer, person: SignedIn, pin: str | None, stationery: Stationery) -> bytes:
        from forensics_app.proof.certificates import read_certificate, utc
        from forensics_app.proof.checking import Trust, signatures_of
        from forensics_app.proof.errors import ProofError, TokenError
        from forensics_app.proof.reading import opened
        from forensics_app.proof.signing import sign
        from forensics_app.reports.signed_block import signed_block

        identity = self.certificates.identity(person, pin)
        if identity is None:
            raise RefusedError(
                f"{person.person.name} has no certificate for signing reports.",
                then="Ask for one and let an administrator issue it: certificate request, certificate issue.",
            )
        certificate, at = read_certificate(identity.certificate), utc(self.now())
        seen = signed_block(person.person.name, certificate.sha256, certificate.issuer, at, stationery)
        try:
            signed = sign(pdf, field.value, identity, seen=seen, at=at, reason=_REASONS[field])
        except TokenError as error:
            raise RefusedError(
                f"The token of {person.person.name} does not sign: {error.why}.",
                kept="No report was issued.",
                then="Put the token in and give its PIN; a token that was replaced is taken anew: certificate token.",
            ) from error
        except ProofError as error:
            raise LabUnusableError(
                f"The report cannot be signed: {error.why}.", kept="No report was issued.", then="Issue it again."
            ) from error
        trusted = identity.issuers or (identity.certificate,)
        found = signatures_of(signed, opened(signed), Trust(authorities=trusted, at=at))[-1]
        if found.answer is not Answer.GOOD:
            raise RefusedError(
                f"The signature of {person.person.name} would not hold when the report is verified: {found.words}",
                kept="No report was issued.",
                then="Take another certificate; a file of PKCS #12 should hold the certificates of its issuers alone.",
            )
        return signed

    def ledger(self, dossier: Dossier, withholds: Withholds = nothing) -> bytes:
        """The entries up to the heads that the report prints, as a ledger file; the lab chain first.

        Of what is withheld only the digest stands in it.
        """
        heads = {head.chain_id: head.sequence for head in dossier.ledger_heads}
        lab = str(self.lab.id)
        chains: list[tuple[str, ChainKind, Sequence[Entry]]] = []
        with self.db.reading() as connection:
            for chain in sorted(heads, key=lambda one: one != lab):
                kind: ChainKind = "lab" if chain == lab else "case"
                entries = [
                    without(one) if kind == "case" and withholds(one) else one
                    for one in entries_of(connection, chain)
                    if one.content.sequence <= heads[chain]
                ]
                chains.append((chain, kind, entries))
        return b"".join(lines_of(chains))


def _rendered(dossier: Dossier, attachments: Sequence[Attachment] = ()) -> bytes:
    from forensics_app.reports.pdf import render  # half a second that only a report should cost

    out = io.BytesIO()
    render(dossier, out, attachments)
    return out.getvalue()
