"""Whether the file of a report names the content that was approved, as the ledger inside it records that (REQ-64)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chain_of_custody.ledger import Content
from chain_of_custody.report_rules import BLOCK, DRAFT, RECORDS
from forensics_app.db.mapping_draft import written_sha256
from forensics_app.model.dossier import ApprovedContent
from forensics_app.model.proof import Answer, Checked, SignatureChecked
from forensics_app.model.report_draft import Drawn, Records
from forensics_app.proof.attached import Attached
from forensics_app.reports.enclosures import APPROVED, approved_content
from forensics_app.services.drawn_records import content_sha256
from forensics_app.services.report_signers import Reviewed, reviewed

_WHAT = "Approved content"


def approved(
    attached: Sequence[Attached], signatures: Sequence[SignatureChecked], contents: Sequence[Content], withheld: int
) -> Iterator[Checked]:
    """Whether what is named as approved is what the two who signed submitted and approved.

    The digest is computed anew from the text of the draft in the ledger, and from the digests of the records that the
    report draws, as the submission froze them. What the pages show is not compared with it, and the words say so.

    Args:
        attached: The files inside.
        signatures: As the people who signed were told by the ledger.
        contents: The entries of a ledger that verifies; none where there is no such ledger.
        withheld: How many of its entries are withheld.
    """
    people = [one.person_id for one in signatures if not one.is_time_stamp]
    found = next((one for one in attached if one.name == APPROVED), None)
    if not people:
        return
    if found is None:
        words = (
            "The file does not name the content that was approved. That its pages say what was approved rests on the "
            "signatures under it: it cannot be told from the file."
        )
        yield Checked(what=_WHAT, answer=Answer.UNKNOWN, words=words)
        return
    try:
        named = approved_content(found.content)
    except ValueError:
        yield Checked(what=_WHAT, answer=Answer.BAD, words=f"{APPROVED} does not name what was approved.")
        return
    if not contents:
        words = "It cannot be compared: the file holds no ledger that verifies."
        yield Checked(what=_WHAT, answer=Answer.UNKNOWN, words=words)
        return
    yield _compared(named, reviewed(contents).get(named.draft_id), people, contents, withheld)


def _compared(
    named: ApprovedContent, standing: Reviewed | None, people: Sequence[str], contents: Sequence[Content], withheld: int
) -> Checked:
    digest = named.content_sha256.hex()
    if standing is None or standing.approval is None or standing.approval.facts["content_sha256"] != digest:
        words = (
            f"In the ledger inside no report stands approved with the content that this file names, SHA-256 {digest}."
        )
        return Checked(what=_WHAT, answer=Answer.BAD, words=words)
    submission, approval = standing.submission, standing.approval
    entries = f"entry {submission.sequence}, and {approval.actor.name} approved, entry {approval.sequence}"
    if standing.people != people:
        words = f"The file names what {submission.actor.name} submitted, {entries}: other people than signed it."
        return Checked(what=_WHAT, answer=Answer.BAD, words=words)
    if submission.facts.get("written_sha256") != named.written_sha256.hex() or _frozen(submission) != digest:
        words = f"The SHA-256 {digest} is not that of what entry {submission.sequence} says was submitted."
        return Checked(what=_WHAT, answer=Answer.BAD, words=words)
    whose = f"The file names what {submission.actor.name} submitted, {entries}, by the SHA-256 {digest}."
    pages = (
        "Of the records that it draws their digests were taken from the submission. The pages were not compared with "
        "it: that they say what was approved and nothing else rests on the signatures under them."
    )
    if _written(named.draft_id, contents) == named.written_sha256:
        words = f"{whose} It was computed anew from the text of the draft in the ledger inside. {pages}"
        return Checked(what=_WHAT, answer=Answer.GOOD, words=words)
    if withheld:
        words = f"{whose} The text of the draft cannot be compared: entries are withheld, maybe those that hold it."
        return Checked(what=_WHAT, answer=Answer.UNKNOWN, words=f"{words} {pages}")
    words = f"{whose} The text of the draft in the ledger inside is another."
    return Checked(what=_WHAT, answer=Answer.BAD, words=words)


def _frozen(submission: Content) -> str:
    """The digest of what a submission froze, computed anew, with the end of custody that its entry follows."""
    records: Any = submission.facts.get(RECORDS)
    written = submission.facts.get("written_sha256")
    if not isinstance(records, Mapping) or not isinstance(written, str):
        return ""
    try:
        drawn = [Records(Drawn(name), one["count"], bytes.fromhex(one["sha256"])) for name, one in records.items()]
        custody = [one for one in drawn if one.kind is Drawn.CUSTODY]
        if any((one.count, one.sha256) != (submission.sequence - 1, submission.previous) for one in custody):
            return ""
        return content_sha256(bytes.fromhex(written), drawn).hex()
    except (KeyError, TypeError, ValueError):
        return ""


def _written(draft_id: str, contents: Sequence[Content]) -> bytes:
    """The digest of what is written in a draft, computed anew from the changes that entries made."""
    draft: dict[str, object] = {}
    blocks: dict[str, dict[str, object]] = {}
    for content in contents:
        for change in content.changes:
            if change.table == DRAFT and change.id == draft_id:
                draft |= change.after
            elif change.table == BLOCK:
                blocks.setdefault(change.id, {"id": change.id}).update(change.after)
    mine = [one for one in blocks.values() if one.get("draft_id") == draft_id and one.get("withdrawn_at") is None]
    return written_sha256(draft, sorted(mine, key=lambda one: int(str(one.get("position") or 0))))
