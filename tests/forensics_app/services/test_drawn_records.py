"""What is approved is what is issued: what a report draws from the record is frozen when it is submitted."""

from pathlib import Path
from uuid import uuid4

import pytest

import resources
from chain_of_custody.ledger import SignerRole, Subject
from forensics_app.db.ledger import entries_of
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.tables import REPORT, REPORT_DRAFT
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.note import NewNote
from forensics_app.model.person import SignedIn
from forensics_app.model.report import ReportRequest, Section
from forensics_app.model.report_draft import DraftState, Drawn, ReportDraft
from forensics_app.services.record import Writer, case_chain
from tests.builders import Bench, make_bench
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_drafts import last


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path / "lab")


def noted(bench: Bench, case_id: CaseId, words: str = "The disk was warm.") -> None:
    bench.lab.notes.add(bench.examiner, NewNote(case_id=case_id, text=words, told_at=bench.clock.at))


def with_notes(bench: Bench) -> ReportDraft:
    case = bench.case()
    noted(bench, case.id, "The first.")
    sections = (*ReportRequest(case_id=case.id).printed, Section.NOTES)
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id, sections=sections))
    return bench.lab.drafts.submit(bench.examiner, draft.id)


@pytest.mark.req("REQ-64")
def test_a_note_that_comes_after_an_approval_is_not_issued_with_it(bench: Bench) -> None:
    drafts = bench.lab.drafts
    draft = with_notes(bench)
    approved = drafts.approve(bench.supervisor, draft.id, "Read", seen=draft.content_sha256)
    noted(bench, draft.content.case_id)
    now = drafts.get(draft.id)
    assert now.written_sha256 == approved.written_sha256
    assert now.approval is None
    number = len(bench.lab.custody.case_history(draft.content.case_id))
    said = f"The notes changed since it was submitted (then 1, now 2): entry {number}, note.add by Ana Kovač."
    assert now.differs == (said,)
    with pytest.raises(RefusedError, match="is not what was approved") as refused:
        bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    assert said in str(refused.value)
    assert last(bench)[0] == "report.refused"
    assert bench.lab.reporting.list(draft.content.case_id) == ()
    drafts.recall(bench.examiner, draft.id, "A note came after it.")
    again = drafts.submit(bench.examiner, draft.id)
    drafts.approve(bench.supervisor, draft.id, "Read with the note", seen=again.content_sha256)
    bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    issued = drafts.get(draft.id)
    assert issued.approval is not None
    assert issued.content_sha256 == again.content_sha256
    noted(bench, draft.content.case_id, "After the issue.")
    assert drafts.get(draft.id).approval == issued.approval, "what was issued stays approved"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-64")
def test_what_is_reviewed_is_what_was_submitted(bench: Bench) -> None:
    drafts, draft = bench.lab.drafts, with_notes(bench)
    noted(bench, draft.content.case_id)
    for act in (drafts.approve, drafts.return_):
        with pytest.raises(RefusedError, match="or the records that it prints"):
            act(bench.supervisor, draft.id, "Read", seen=draft.content_sha256)
    read = drafts.get(draft.id)
    with pytest.raises(RefusedError, match=r"is not what was submitted\. The notes changed"):
        drafts.approve(bench.supervisor, draft.id, "Read", seen=read.content_sha256)
    back = drafts.return_(bench.supervisor, draft.id, "There is another note.", seen=read.content_sha256)
    assert back.state is DraftState.RETURNED


@pytest.mark.req("REQ-64")
def test_what_a_report_prints_of_the_record_is_frozen_kind_by_kind_and_custody_goes_on(bench: Bench) -> None:
    case = bench.case()
    exhibit = stored(bench, case)
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id))
    assert [one.kind for one in draft.records] == [one for one in Drawn if one not in (Drawn.NOTES, Drawn.TAGS)]
    photo = NewPhoto(path=resources.path("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    for kind, change in (
        (Drawn.PHOTOGRAPHS, lambda: bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, photo)),
        (Drawn.EXHIBITS, lambda: bench.exhibit(case, "LH/02")),
        (Drawn.EXHIBITS, lambda: bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "X1"}, "Misread")),
        (Drawn.CASE, lambda: bench.lab.cases.change(bench.supervisor, case.id, {"title": "Another"}, "Misread")),
    ):
        before = bench.lab.drafts.get(draft.id)
        change()
        after = bench.lab.drafts.get(draft.id)
        assert [one.kind for one, was in zip(after.records, before.records, strict=True) if one != was] == [kind]
        assert after.written_sha256 == before.written_sha256
        assert after.content_sha256 != before.content_sha256
    noted(bench, case.id)
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00"}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=taking))
    assert bench.lab.drafts.get(draft.id) == after, "notes are not printed, and custody goes on"


@pytest.mark.req("REQ-64", "REQ-68")
def test_verifiers_name_an_issue_of_other_content_than_was_submitted(bench: Bench) -> None:
    draft = with_notes(bench)
    bench.lab.drafts.approve(bench.supervisor, draft.id, "Read", seen=draft.content_sha256)
    with bench.lab.database.reading() as connection:
        before = [*entries_of(connection, str(draft.content.case_id))]
    submitted_as = next(one.content for one in before if one.content.action == "report.submit")
    assert submitted_as.facts["records"]["notes"]["count"] == 1  # type: ignore[index, call-overload]
    assert submitted_as.facts["content_sha256"] == draft.content_sha256.hex()
    report = uuid4()
    with bench.lab.database.writing() as connection:
        writer = Writer(connection, bench.clock())
        writer.update(REPORT_DRAFT, draft.id, {"state": "issued", "report_id": str(report)})
        values: Values = {
            "id": str(report), "case_id": str(draft.content.case_id), "number": "R-1", "version": 1, "title": "R",
            "zone": "UTC", "author_id": str(bench.examiner.person.id), "sha256": "ab" * 32, "size_bytes": 1,
            "pages": 1, "ledger_head": before[-1].digest.hex(), "issued_at": time_text(writer.now), "kind": "statement",
            "draft_id": str(draft.id), "authoriser_id": str(bench.supervisor.person.id), "replaces_id": None,
            "changes": "[]",
        }  # fmt: skip
        writer.insert(REPORT, values)
        chain = case_chain(bench.lab.cases.get(draft.content.case_id))
        subject = Subject(kind="report", id=str(report), label="R-1")
        signers: list[tuple[SignerRole, SignedIn]] = [("actor", bench.examiner), ("witness", bench.supervisor)]
        writer.append(chain, "report.issue", subject, {"content_sha256": "ab" * 32}, signers)
    chains = bench.lab.verification.verify().chains
    (found,) = next(one for one in chains if one.kind == "case").not_allowed
    assert found.endswith("report.issue is about other content than was submitted.")
