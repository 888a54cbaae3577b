"""Whether the file of a report proves itself: signatures, attached files, ledger, cited digests (REQ-67)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chain_of_custody.errors import BodyError, LedgerFileError
from chain_of_custody.file import ChainPart, read_lines
from chain_of_custody.ledger import Content, KeyRing
from chain_of_custody.report import in_words, judge
from chain_of_custody.time_stamps import AUTHORITY as TIME_AUTHORITY
from forensics_app.errors import RefusedError
from forensics_app.model.proof import Answer, Checked, FileChecked, SignatureChecked
from forensics_app.proof.attached import Attached, attached_in
from forensics_app.proof.certificates import certificates_in
from forensics_app.proof.checking import Trust, level_of, signatures_of, whole
from forensics_app.proof.errors import CertificateError, NotAReportError
from forensics_app.proof.reading import UNREADABLE, opened
from forensics_app.reports.enclosures import DIGESTS, LEDGER, LISTED, SUMS, CitedDigest, cited_digests
from forensics_app.services.certificate_record import (
    CERTIFICATES_ID,
    recorded_authorities,
    recorded_revocations,
)
from forensics_app.services.ledger_files import ledger_worker
from forensics_app.services.report_approval import approved
from forensics_app.services.report_digests import Found, RecordedDigests
from forensics_app.services.report_signers import (
    both_signed,
    outside_authorities,
    with_ends,
    with_outsiders,
    with_people,
)

_CUSTODY_LINES = 40
_MOST_NAMED = 20


@dataclass(slots=True)
class _Ledger:
    """What the ledger inside a report says, as far as it verifies."""

    check: Checked
    is_good: bool = False
    root: str = ""
    contents: tuple[Content, ...] = ()
    withheld: int = 0


def check_report(
    pdf: bytes,
    *,
    at: datetime,
    root: str | None = None,
    authorities: Sequence[bytes] = (),
    time_authorities: Sequence[bytes] = (),
) -> FileChecked:
    """Check the file of a report without anything else.

    Args:
        pdf: The file.
        at: Now.
        root: Fingerprint that the laboratory's root key must have, 64 hexadecimal digits; None accepts the one found.
        authorities: Certificates in DER that are trusted beside those that the ledger inside the file records.
        time_authorities: The same for time stamps, such as those that the lab's record names since.
    """
    sha256 = hashlib.sha256(pdf).digest()
    try:
        reader = opened(pdf)
        attached = attached_in(reader)
        ledger = _judged({one.name: one for one in attached}.get(LEDGER), root)
        trust = _trust(ledger, authorities, time_authorities, at)
        told = with_people(signatures_of(pdf, reader, trust), ledger.contents)
        if outside := outside_authorities(ledger.contents):
            trusting = replace(trust, authorities=[*trust.authorities, *outside])
            told = with_outsiders(told, signatures_of(pdf, reader, trusting), ledger.contents)
        told = with_ends(told, ledger.contents, at)
        checks = (
            whole(pdf, reader),
            *both_signed(told, ledger.contents),
            *approved(attached, told, ledger.contents, ledger.withheld),
            *_attached(attached),
            ledger.check,
            *_cited(attached, ledger),
            *_vouched(ledger, told),
        )
        return FileChecked(sha256=sha256, level=level_of(reader, told), signatures=told, checks=checks)
    except UNREADABLE:
        words = "The file cannot be checked: a part of it cannot be read. It was damaged, or is no report."
        return FileChecked.unreadable(sha256, words)
    except NotAReportError as error:
        words = f"The file cannot be checked: {error.why}. It was damaged, or is no report."
        return FileChecked.unreadable(sha256, words)


def _judged(attached: Attached | None, root: str | None) -> _Ledger:
    what = "Custody ledger inside"
    if attached is None:
        words = "The file holds no entries of the custody ledger."
        return _Ledger(Checked(what=what, answer=Answer.UNKNOWN, words=words))
    try:
        parts = read_lines(io.BytesIO(attached.content))
        report = judge(parts, root=root, on_progress=lambda done, total: None, worker=ledger_worker())
    except LedgerFileError as error:
        return _Ledger(Checked(what=what, answer=Answer.BAD, words=f"It cannot be verified: {error}."))
    if root is not None and report.root is not None and report.root != root:
        words = (
            "It is NOT the ledger of the laboratory that was named: its root key has the fingerprint "
            f"{report.root}, and {root} was given. Nobody's key in it is trusted; what else may be wrong is not told. "
            "Compare the fingerprint with the one on paper."
        )
        return _Ledger(Checked(what=what, answer=Answer.BAD, words=words))
    if not report.is_good_as_far_as_it_stands:
        lines = [line for line in in_words(report) if line.strip()]
        words = "It does NOT verify: " + " · ".join(lines[:_CUSTODY_LINES])
        return _Ledger(Checked(what=what, answer=Answer.BAD, words=words))
    contents = tuple(_contents(parts))
    entries = sum(len(part.entries) for part in parts)
    withheld = report.withheld_count
    found = root or _root_of(parts)
    said = "the fingerprint that was given" if root else f"the fingerprint {found}; compare it with the one on paper"
    words = f"All {entries} entries are intact, signed and trusted; the laboratory's root key has {said}."
    if withheld:
        words = (
            f"All {entries} entries are in one unbroken chain; {entries - withheld} of them stand in it: they are "
            f"intact, signed and trusted. {withheld} are withheld: only their digests are in the file. A laboratory "
            "withholds entries that name content which it marked as hidden; whether that is so here, what these "
            "entries say, who signed them and whether what they tell was allowed, nobody can tell from this file. Ask "
            "the laboratory to show them to whoever may see them, or to let its record be verified. Its root key has "
            f"{said}."
        )
    check = Checked(what=what, answer=Answer.UNKNOWN if withheld else Answer.GOOD, words=words)
    return _Ledger(check, True, found, contents, withheld)


def _root_of(parts: Sequence[ChainPart]) -> str:
    lab = parts[0].entries if parts[0].kind == "lab" else ()
    return KeyRing.from_lab(list(lab[:1])).root or "unknown"


def _contents(parts: Sequence[ChainPart]) -> Iterator[Content]:
    for part in parts:
        for entry in part.entries:
            try:
                yield entry.content
            except BodyError:
                continue


def _trust(ledger: _Ledger, authorities: Sequence[bytes], time_authorities: Sequence[bytes], at: datetime) -> Trust:
    """Who is trusted: whom the ledger inside names, as far as it verifies, and whom the reader names."""
    if not ledger.is_good:
        return Trust(authorities=authorities, time_authorities=[*time_authorities, *authorities], at=at)
    ours = [one for one in ledger.contents if one.object.id == CERTIFICATES_ID]
    own = [one.certificate.der for one in recorded_authorities(ours)]
    stamps = [one for one in ledger.contents if one.action == TIME_AUTHORITY]
    return Trust(
        authorities=[*own, *authorities],
        time_authorities=[*_pems(stamps), *time_authorities, *authorities],
        revocations=recorded_revocations(ours),
        at=at,
    )


def _pems(contents: Sequence[Content]) -> Iterator[bytes]:
    for content in contents:
        told = content.facts.get("certificates")
        for pem in told if isinstance(told, list) else []:
            yield from certificates_in(str(pem).encode())


def _attached(attached: Sequence[Attached]) -> Iterator[Checked]:
    what = "Attached files"
    if not attached:
        yield Checked(what=what, answer=Answer.UNKNOWN, words="The file holds no attached files.")
        return
    listed = {one.name: one for one in attached}
    wrong = [f"{one.name}: {one.problem}" for one in attached if one.problem]
    if SUMS not in listed:
        wrong.append(f"{SUMS} is missing")
    else:
        lines = listed[SUMS].content.decode("utf-8", "replace").splitlines()
        sums = {line[66:]: line[:64] for line in lines}
        for name in sorted((sums.keys() | listed.keys()) - {SUMS}):
            if name not in listed or name not in sums:
                wrong.append(f"{name} is {'missing' if name not in listed else f'not in {SUMS}'}")
            elif hashlib.sha256(listed[name].content).hexdigest() != sums[name]:
                wrong.append(f"{name} does not have the SHA-256 in {SUMS}")
    if wrong:
        yield Checked(what=what, answer=Answer.BAD, words=f"They are not as recorded: {'; '.join(wrong)}.")
        return
    words = f"All {len(attached)} have the sizes, checksums and SHA-256 that are recorded: {', '.join(sorted(listed))}."
    yield Checked(what=what, answer=Answer.GOOD, words=words)


def _cited(attached: Sequence[Attached], ledger: _Ledger) -> Iterator[Checked]:
    what = "Cited digests"
    found = next((one for one in attached if one.name == DIGESTS), None)
    if found is None or not ledger.is_good:
        why = "no list of digests" if found is None else "no ledger that verifies"
        yield Checked(what=what, answer=Answer.UNKNOWN, words=f"They cannot be compared: the file holds {why}.")
        return
    try:
        rows = cited_digests(found.content)
    except (ValueError, UnicodeDecodeError):
        yield Checked(what=what, answer=Answer.BAD, words=f"{DIGESTS} is not a list of digests.")
        return
    recorded = RecordedDigests.of(ledger.contents)
    all_judged = [(recorded.judge(one), one) for one in rows]
    listed = [one for found, one in all_judged if found is Found.IN_CATALOGUE]
    judged = [(found, one) for found, one in all_judged if found is not Found.IN_CATALOGUE]
    yield from _in_catalogues(listed)
    wrong = [
        one for found, one in judged if found is Found.OTHER or (found is Found.NOT_RECORDED and not ledger.withheld)
    ]
    open_ = [one for found, one in judged if found is Found.NOT_RECORDED]
    if wrong:
        words = f"{len(wrong)} of {len(judged)} are not what the ledger inside records of what they are cited for: "
        yield Checked(what=what, answer=Answer.BAD, words=f"{words}{_named(wrong)}.")
    elif open_:
        words = (
            f"{len(open_)} of {len(judged)} are not recorded in the ledger inside of what they are cited for, but may "
            f"be in the entries that are withheld: {_named(open_)}. Ask the laboratory to show these entries."
        )
        yield Checked(what=what, answer=Answer.UNKNOWN, words=words)
    elif judged:
        words = f"All {len(judged)} are recorded in the ledger inside, each of what it is cited for."
        yield Checked(what=what, answer=Answer.GOOD, words=words)
    elif not listed:
        yield Checked(what=what, answer=Answer.GOOD, words=f"{DIGESTS} names none.")


def _in_catalogues(listed: Sequence[CitedDigest]) -> Iterator[Checked]:
    """Of the digests in lists of files, which no entry records, that they were not compared."""
    if not listed:
        return
    catalogues = dict.fromkeys(f"{one.exhibit} {one.of.removeprefix(LISTED)}" for one in listed)
    words = (
        f"{len(listed)} digests of files in lists were NOT compared: the ledger records no digest of each listed file, "
        f"but only the SHA-256 of the catalogue that they were read out of: {'; '.join(catalogues)}. Compare them with "
        "the files in a copy of the image."
    )
    yield Checked(what="Digests in lists of files", answer=Answer.UNKNOWN, words=words)


def _named(cited: Sequence[CitedDigest]) -> str:
    return "; ".join(f"{one.of} {one.exhibit} {one.name} ({one.algorithm} {one.digest})" for one in cited[:_MOST_NAMED])


def _vouched(ledger: _Ledger, signatures: Sequence[SignatureChecked]) -> Iterator[Checked]:
    """On whose word the trust in the people's certificates rests, said as it is."""
    people = [one for one in signatures if not one.is_time_stamp and one.answer is Answer.GOOD]
    what = "Whose word it is"
    if not people:
        return
    if open_ := sorted({one.signer for one in signatures if one.answer is Answer.UNKNOWN and not one.is_time_stamp}):
        words = f"Nobody who is known here vouches for the certificate of {' and '.join(open_)}."
        yield Checked(what=what, answer=Answer.UNKNOWN, words=words)
        return
    own = {one.certificate.sha256 for one in recorded_authorities(ledger.contents)} if ledger.is_good else set()
    if all(one.authority_sha256 in own for one in people):
        words = (
            "The laboratory certified its own people: its authority stands in its ledger, and the ledger rests on its "
            "root key. No authority outside the laboratory vouches for them."
        )
    else:
        words = f"The people were certified by {', '.join(sorted({one.issuer for one in people}))}."
    yield Checked(what=what, answer=Answer.GOOD, words=words)


def certificates_from(text: bytes) -> tuple[bytes, ...]:
    """Certificates that a reader trusts, in DER.

    Raises:
        RefusedError: The text holds none.
    """
    try:
        return certificates_in(text)
    except CertificateError as error:
        raise RefusedError(f"Nobody can be trusted by this: {error.why}.", then="Give certificates in PEM.") from error
