"""The files that travel inside a report: what somebody needs who has nothing but the report (REQ-66)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple

from forensics_app.model.attachment import Attachment, Relationship
from forensics_app.model.dossier import ApprovedContent, Dossier, Section
from forensics_app.reports.case_uco import case_uco
from forensics_app.reports.case_values import text
from forensics_app.reports.csv_tables import cell_text
from forensics_app.reports.wording import DRAFT_WORDS, wording_of, words_of
from forensics_app.reports.words import as_told, say, speaking

LEDGER, DIGESTS, CASE, STEPS, SUMS = "ledger.jsonl", "digests.csv", "case-uco.jsonld", "HOW-TO-VERIFY.txt", "SHA256SUMS"
APPROVED = "approved.json"
COLUMNS = ("of", "exhibit", "name", "algorithm", "digest")
COMPUTED, STORED, CONTENT, PHOTOGRAPH = "as computed", "as stored in the image", "content of ", "photograph"
FINDING, WHOLE = "cited in finding ", ": whole content"
LISTED = "content of a file in a list, from the catalogue with the SHA-256 "
"""How the first column begins or ends: of which kind of thing a digest is."""
_READING = Lock()
"""The longest field that is read is a setting of the whole process."""


def enclosures(dossier: Dossier, ledger: bytes | None) -> tuple[Attachment, ...]:
    """The files to be attached, the same for the same dossier and ledger.

    Args:
        dossier: What the report says; its long lists of files are read.
        ledger: The ledger file with the entries up to the heads that are printed; None where there is none.
    """
    as_of = dossier.head.issued_at or dossier.head.made_at

    def one(name: str, content: bytes, media_type: str, words: str, relationship: Relationship) -> Attachment:
        return Attachment(
            name=name, content=content, media_type=media_type, words=words, relationship=relationship, as_of=as_of
        )

    data, more = Relationship.DATA, Relationship.SUPPLEMENT
    files = [
        one(DIGESTS, _digests(dossier), "text/csv", "Digests that the report cites", data),
        one(CASE, case_uco(dossier), "application/ld+json", "What the report says, as CASE/UCO", data),
        one(STEPS, _steps(dossier), "text/plain", "How to verify the report and these files", more),
    ]
    if dossier.approved is not None:
        words = "Which content was approved, by the SHA-256 that its approval signs"
        files.append(one(APPROVED, _approval(dossier.approved), "application/json", words, data))
    if ledger is not None:
        words = "Entries of the custody ledger up to the heads that the report prints"
        files.append(one(LEDGER, ledger, "application/jsonl", words, data))
    sums = "".join(f"{hashlib.sha256(it.content).hexdigest()}  {it.name}\n" for it in sorted(files, key=_name))
    files.append(one(SUMS, sums.encode(), "text/plain", "SHA-256 of the other attached files", more))
    return tuple(sorted(files, key=_name))


def _approval(approved: ApprovedContent) -> bytes:
    told = {
        "content_sha256": approved.content_sha256.hex(),
        "draft": approved.draft_id,
        "written_sha256": approved.written_sha256.hex(),
    }
    return json.dumps(told, indent=1, sort_keys=True).encode() + b"\n"


def approved_content(content: bytes) -> ApprovedContent:
    """What a file says was approved.

    Raises:
        ValueError: It says no such thing.
    """
    try:
        told = json.loads(content)
        draft, both = str(told["draft"]), [bytes.fromhex(told[name]) for name in ("content_sha256", "written_sha256")]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not what was approved") from error
    found = ApprovedContent(draft_id=draft, content_sha256=both[0], written_sha256=both[1])
    if content != _approval(found):
        raise ValueError("not what was approved")
    return found


class CitedDigest(NamedTuple):
    """A line of a list of digests, its columns as text; ``digest`` in hexadecimal digits."""

    of: str
    exhibit: str
    name: str
    algorithm: str
    digest: str


def cited_digests(content: bytes) -> tuple[CitedDigest, ...]:
    """What a list of digests says.

    Raises:
        ValueError: It is no such list.
    """
    words = content.decode("utf-8", "surrogatepass")
    try:
        rows = _rows_of(words)
    except csv.Error as error:
        raise ValueError("not a list of digests") from error
    if not rows or tuple(rows[0]) != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise ValueError("not a list of digests")
    return tuple(CitedDigest(*row) for row in rows[1:])


def _rows_of(words: str) -> list[list[str]]:
    """The lines of a table, with fields as long as the table itself."""
    with _READING:
        before = csv.field_size_limit()
        csv.field_size_limit(max(before, len(words)))
        try:
            return list(csv.reader(io.StringIO(words, newline=""), strict=True))
        finally:
            csv.field_size_limit(before)


def _digests(dossier: Dossier) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell_text(text(cell)) for cell in row] for row in _rows(dossier))
    return out.getvalue().encode()


def _rows(dossier: Dossier) -> Iterator[tuple[str, str, str, str, str]]:
    for image in dossier.images:
        for check in image.digests:
            for of, digest in ((STORED, check.stored), (COMPUTED, check.computed)):
                if digest is not None:
                    yield f"{image.digests_of} {of}", image.exhibit, image.container, check.algorithm, digest.hex()
    for file in dossier.files:
        for algorithm, digest in file.digests:
            yield f"{CONTENT}{file.reference}", file.image, file.path, algorithm, digest.hex()
    for exhibit in dossier.exhibits:
        for photo in exhibit.photos:
            yield PHOTOGRAPH, exhibit.number, photo.caption, "SHA-256", photo.sha256.hex()

    for finding in dossier.findings_of(Section.FINDINGS) if Section.FINDINGS in dossier.printed else ():
        for it in finding.citations:
            if it.digest is not None and it.number is not None:
                yield of_finding(it.number, it.span_bytes), it.image, it.name, "SHA-256", it.digest.hex()
    for some in dossier.file_lists if Section.LISTS in dossier.printed else ():
        of = f"{LISTED}{some.catalogue_sha256.hex() if some.catalogue_sha256 else 'unknown'}"
        for row in some.rows:
            if row.sha256 is not None:
                yield of, some.image, row.path, "SHA-256", row.sha256.hex()


def of_finding(number: int, span: tuple[int, int] | None) -> str:
    """Of what a digest of a finding is: its bytes, by offset and length in bytes, or a whole content."""
    if span is None:
        return f"{FINDING}{number}{WHOLE}"
    return f"{FINDING}{number}: {span[1]} bytes from byte {span[0]}"


def _steps(dossier: Dossier) -> bytes:
    wording = wording_of(dossier)
    head = dossier.head
    with speaking(words_of(dossier.stationery)):
        number = say("{number}, version {version}", number=as_told(head.number), version=head.version)
        lines = [f"{as_told(head.title)}, {number}", ""]
        if wording.is_draft:
            lines += [DRAFT_WORDS, say(DRAFT_WORDS), ""]
    lines += [wording.text("enclosed", "intro"), ""]
    for position, step in enumerate((*wording.steps("enclosed"), *wording.steps("verify")), start=1):
        lines += [f"{position}. {step.do}", "", f"       {step.command}", ""]
    return "\n".join(lines).encode("utf-8")


def _name(one: Attachment) -> str:
    return one.name
