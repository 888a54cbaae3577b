"""Who signed the file of a report, by the ledger inside it: the recorded people, and what they wrote and approved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chain_of_custody.certificate_rules import IMPORT, REQUEST
from chain_of_custody.enrolment import ENROL, REPLACE
from chain_of_custody.ledger import Content
from chain_of_custody.report_rules import DRAFT, EDIT, ISSUE, REPORT, STEPS
from forensics_app.model.proof import Answer, CertificateOf, Checked, SignatureChecked, Signer
from forensics_app.proof.certificates import is_of
from forensics_app.services.certificate_record import CERTIFICATES_ID, recorded_certificates, recorded_ends


@dataclass(slots=True)
class Reviewed:
    """The newest submission of a draft, and the approval of the same content since."""

    submission: Content
    approval: Content | None = None

    @property
    def people(self) -> list[str]:
        """Ids of who submitted it and who approved it."""
        return [one.actor.id for one in (self.submission, self.approval) if one is not None]


def with_people(signatures: Sequence[SignatureChecked], contents: Sequence[Content]) -> tuple[SignatureChecked, ...]:
    """Signatures with the person for whom the ledger records the certificate, under the name that it records.

    Args:
        signatures: What a check of the file found.
        contents: The entries of a ledger that verifies; none where there is no such ledger.
    """
    found = {one.certificate.sha256: one for one in _certificates(contents)}
    return tuple(
        one if one.is_time_stamp or not contents else _with_person(one, found.get(one.certificate_sha256), contents)
        for one in signatures
    )


def with_outsiders(
    signatures: Sequence[SignatureChecked], believed: Sequence[SignatureChecked], contents: Sequence[Content]
) -> tuple[SignatureChecked, ...]:
    """Signatures, where one with a certificate from outside cannot be told unless the reader trusts its issuer.

    Args:
        signatures: As :func:`with_people` gives them, without trust in issuers outside.
        believed: The same signatures, as they are when every certificate that people brought along is believed.
        contents: The entries of a ledger that verifies.
    """
    found = {one.certificate.sha256: one for one in _certificates(contents)}
    told = []
    for one, other in zip(signatures, with_people(believed, contents), strict=True):
        whose = found.get(one.certificate_sha256)
        if one.answer is not Answer.GOOD and other.answer is Answer.GOOD and whose is not None and not whose.salt:
            words = (
                f"The file is as it was signed, with a certificate that {other.signer} brought along (entry "
                f"{whose.sequence}). It names {other.issuer} as its issuer, whom nothing here vouches for: name that "
                "authority by a certificate that you have from itself (--authority)."
            )
            one = replace(other, answer=Answer.UNKNOWN, words=words)
        told.append(one)
    return tuple(told)


def outside_authorities(contents: Sequence[Content]) -> tuple[bytes, ...]:
    """Certificates in DER that came along with those from outside; nobody but who brought them vouches for them."""
    outside = [one for one in _certificates(contents) if not one.salt]
    return tuple(der for one in outside for der in (one.issuers or (one.certificate.der,)))


def with_ends(
    signatures: Sequence[SignatureChecked], contents: Sequence[Content], at: datetime
) -> tuple[SignatureChecked, ...]:
    """Signatures, where one does not hold whose certificate the ledger ends without a list of its authority.

    Args:
        signatures: As :func:`with_people` gives them.
        contents: The entries of a ledger that verifies.
        at: When they are checked; what a time stamp proves is held against its time.
    """
    ends = recorded_ends(contents)
    told = []
    for one in signatures:
        since = ends.get(one.certificate_sha256)
        if one.answer is Answer.GOOD and not one.is_time_stamp and since and since <= (one.stamped_at or at):
            words = f"The certificate was ended on {since:%Y-%m-%d %H:%M:%S} UTC, when the key of its owner ended."
            one = replace(one, answer=Answer.BAD, words=words)
        told.append(one)
    return tuple(told)


def both_signed(signatures: Sequence[SignatureChecked], contents: Sequence[Content]) -> Iterator[Checked]:
    """Whether author and authoriser signed, two people, of whom one submitted and the other approved what was issued.

    Source: REQ-64, REQ-65.
    """
    people = [one for one in signatures if not one.is_time_stamp]
    if not people:
        return
    what, fields = "Author and authoriser", [one.field for one in people]
    ids = [one.person_id for one in people]
    if fields != list(Signer):
        missing = [one.value for one in Signer if one not in fields]
        why = f"no signature of the {' or the '.join(missing)}" if missing else f"the signatures {', '.join(fields)}"
        words = f"The file holds {why}: a report is signed by its author and then by its authoriser, each once."
        yield Checked(what=what, answer=Answer.BAD, words=words)
    elif not contents:
        words = "Who they are cannot be told: the file holds no ledger that verifies."
        yield Checked(what=what, answer=Answer.UNKNOWN, words=words)
    elif not all(ids):
        words = "The ledger inside does not know who both are: it does not record their certificates."
        yield Checked(what=what, answer=Answer.BAD, words=words)
    elif ids[0] == ids[1]:
        words = f"{people[0].signer} signed for both: nobody authorises their own report."
        yield Checked(what=what, answer=Answer.BAD, words=words)
    elif not any(one.people == ids for one in reviewed(contents).values()):
        words = (
            f"The ledger inside has no report that {people[0].signer} submitted and {people[1].signer} approved, and "
            "that stood approved when this one was made."
        )
        yield Checked(what=what, answer=Answer.BAD, words=words)
    else:
        words = (
            f"{people[0].signer} submitted a report of this case, {people[1].signer} approved that one with the same "
            "content, and the two signed this file."
        )
        yield Checked(what=what, answer=Answer.GOOD, words=words)


def reviewed(contents: Sequence[Content]) -> dict[str, Reviewed]:
    """The drafts that stand approved at the end of the ledger, by their ids."""
    drafts: dict[str, Reviewed] = {}
    for content in contents:
        key, digest = content.object.id, content.facts.get("content_sha256")
        if content.action == ISSUE:
            for change in content.changes:
                if change.table == REPORT:
                    drafts.pop(str(change.after.get("draft_id")), None)
        elif content.object.kind != DRAFT:
            continue
        elif content.action == "report.submit":
            drafts[key] = Reviewed(content)
        elif content.action == "report.approve" and key in drafts:
            is_same = digest is not None and digest == drafts[key].submission.facts.get("content_sha256")
            drafts[key].approval = content if is_same else None
        elif content.action in (EDIT, *STEPS):
            drafts.pop(key, None)
    return {key: one for key, one in drafts.items() if one.approval}


def _certificates(contents: Sequence[Content]) -> list[CertificateOf]:
    """Certificates that their owners brought along or asked for themselves; one of both kinds is last as issued."""
    ours = [one for one in contents if one.object.id == CERTIFICATES_ID and one.chain_kind == "lab"]
    asked = {(one.actor.id, one.facts.get("salt")) for one in ours if one.action == REQUEST}
    own = [
        one
        for one in ours
        if (one.action == IMPORT and one.facts["person"] == one.actor.id)
        or (one.facts.get("person"), one.facts.get("salt")) in asked
    ]
    return sorted(recorded_certificates(own), key=lambda one: bool(one.salt))


def _with_person(one: SignatureChecked, found: CertificateOf | None, contents: Sequence[Content]) -> SignatureChecked:
    if found is None:
        if one.answer is not Answer.GOOD:
            return one
        words = "The file is as it was signed, but the ledger inside does not record this certificate."
        return replace(one, answer=Answer.BAD, words=words)
    name, organisation = _name_of(found, contents)
    one = replace(one, signer=", ".join(part for part in (name, organisation) if part), person_id=found.person_id)
    if not is_of(found.certificate.der, name):
        words = f"The certificate names {found.certificate.subject}, and the ledger records it for {name}."
        return replace(one, answer=Answer.BAD, words=words)
    if one.answer is not Answer.GOOD:
        return one
    return replace(one, words=f"{one.words} The ledger records the certificate for {name} as entry {found.sequence}.")


def _name_of(found: CertificateOf, contents: Sequence[Content]) -> tuple[str, str]:
    """Name and organisation of the owner of a certificate, as an administrator enrolled them."""
    row = {"name": found.person, "organisation": ""}
    for content in contents:
        is_before = content.chain_kind == "lab" and content.sequence <= found.sequence
        if is_before and content.action in (ENROL, REPLACE):
            for change in content.changes:
                if change.table == "person" and change.id == found.person_id:
                    row |= {name: str(change.after[name]) for name in row if change.after.get(name)}
    return row["name"], row["organisation"]
