"""What is approved is what is issued: what a report draws from the record is frozen when it is submitted."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

import resources
from chain_of_custody.ledger import SignerRole, Subject
from forensics_app.db.ledger import entries_of, newest_about
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.tables import REPORT, REPORT_DRAFT
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.cited import CitedKind
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.mark import MarkKind
from forensics_app.model.note import NewNote
from forensics_app.model.person import SignedIn
from forensics_app.model.report import ReportRequest, Section
from forensics_app.model.report_draft import DraftState, Drawn, Records, ReportDraft
from forensics_app.model.tag import FIRST_TAGS, NewTag
from forensics_app.model.target import entry_target
from forensics_app.model.tool import NewTool
from forensics_app.services.drawn_around import Around
from forensics_app.services.drawn_records import _words, records_of
from forensics_app.services.program import NAME as PROGRAM
from forensics_app.services.record import Writer, case_chain
from tests.builders import Bench, make_bench
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_drafts import last
from tests.forensics_app.services.test_files_and_races import took_in
from tests.forensics_app.services.test_hash_sets import listed, new, sets
from tests.forensics_app.services.test_tools import validation


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


def approved(bench: Bench, draft: ReportDraft) -> ReportDraft:
    submitted = bench.lab.drafts.submit(bench.examiner, draft.id)
    return bench.lab.drafts.approve(bench.supervisor, draft.id, "Read", seen=submitted.content_sha256)


@pytest.mark.req("REQ-64")
def test_what_a_report_prints_of_the_record_is_frozen_kind_by_kind_and_custody_goes_on(bench: Bench) -> None:
    case, lab = bench.case(), bench.lab
    exhibit = stored(bench, case)
    draft = lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id))
    assert [one.kind for one in draft.records] == [
        one for one in Drawn if one not in (Drawn.NOTES, Drawn.TAGS, Drawn.TIMELINE, Drawn.CUSTODY)
    ]
    photo = NewPhoto(path=resources.path("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    tool = lab.tools.add(bench.examiner, NewTool(name=PROGRAM, version="9.9", vendor="Us"))
    letterhead = lab.folder.stationery / "letterhead.toml"

    def printed_on() -> None:
        lab.folder.made_stationery()
        letterhead.write_text('lines = ["Another street"]')

    for kind, change in (
        (Drawn.PHOTOGRAPHS, lambda: lab.exhibits.add_photo(bench.custodian, exhibit.id, photo)),
        (Drawn.EXHIBITS, lambda: bench.exhibit(case, "LH/02")),
        (Drawn.EXHIBITS, lambda: lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "X1"}, "Misread")),
        (Drawn.CASE, lambda: lab.cases.change(bench.supervisor, case.id, {"title": "Another"}, "Misread")),
        (Drawn.TOOLS, lambda: lab.tools.validate(bench.supervisor, tool.id, validation())),
        (
            Drawn.PEOPLE,
            lambda: lab.person_keys.replace(bench.admin, bench.custodian.person.id, "another passphrase", "Forgotten"),
        ),
        (Drawn.STATIONERY, printed_on),
        (
            Drawn.DEVIATIONS,
            lambda: lab.principles.deviate(bench.examiner, case.id, "principle-1", "It fell down", "It was dark"),
        ),
    ):
        before = approved(bench, draft)
        assert before.approval is not None
        assert before.differs == ()
        change()
        after = lab.drafts.get(draft.id)
        changed = [one.kind for one, was in zip(after.records, before.records, strict=True) if one != was]
        assert kind in changed
        assert set(changed) <= {kind, Drawn.DEVIATIONS}, "a new exhibit may lack what the guidance asks for"
        assert after.written_sha256 == before.written_sha256
        assert after.approval is None
        assert any(words.startswith(f"The {kind} changed since it was submitted") for words in after.differs)
        lab.drafts.recall(bench.examiner, draft.id, "Something changed.")


@pytest.mark.req("REQ-20", "REQ-64")
def test_custody_goes_on_after_a_submission_and_is_issued_as_it_was_approved(bench: Bench) -> None:
    case, lab = bench.case(), bench.lab
    exhibit = stored(bench, case)
    draft = approved(bench, lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id)))
    with lab.database.reading() as connection:
        submitted = newest_about(connection, str(draft.id), "report.submit")
    assert submitted is not None
    head = next(one for one in draft.records if one.kind is Drawn.CUSTODY)
    assert (head.count, head.sha256.hex()) == (submitted.content.sequence - 1, submitted.content.previous.hex())
    before = lab.reporting.dossier(bench.examiner.person, draft.content, draft=draft)
    noted(bench, case.id)
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00"}
    lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=taking))
    now = lab.drafts.get(draft.id)
    assert now == draft, "notes are not printed, and custody goes on"
    after = lab.reporting.dossier(bench.examiner.person, draft.content, draft=now)
    assert (after.custody, after.exhibits, after.people) == (before.custody, before.exhibits, before.people)
    assert after.exhibits[0].state == "STORED"
    assert f"up to entry {head.count} of the case" in after.limitations[0]
    assert after.limitations[0] != before.limitations[0], "it says how many entries came later"
    assert after.ledger_heads[-1].sequence == before.ledger_heads[-1].sequence + 2, "the ledger itself is whole"
    lab.drafts.recall(bench.examiner, draft.id, "It was checked out.")
    again = lab.reporting.dossier(bench.examiner.person, draft.content, draft=lab.drafts.get(draft.id))
    assert again.exhibits[0].state == "CHECKED OUT"


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


def hidden_in(draft: ReportDraft) -> Records:
    return next(one for one in draft.records if one.kind is Drawn.HIDDEN)


@pytest.mark.req("REQ-40", "REQ-64")
@pytest.mark.parametrize("section", [Section.FINDINGS, Section.FILES, Section.LISTS])
def test_what_hides_content_is_frozen_with_every_section_that_prints_of_files(bench: Bench, section: Section) -> None:
    request = ReportRequest(case_id=bench.case().id)
    for is_printed in (True, False):
        others = [one for one in request.printed if one not in (Section.FINDINGS, Section.FILES, Section.LISTS)]
        sections = (*others, section) if is_printed else tuple(others)
        draft = bench.lab.drafts.begin(bench.examiner, replace(request, sections=sections))
        assert (Drawn.HIDDEN in {one.kind for one in draft.records}) is is_printed


@pytest.mark.req("REQ-39", "REQ-40", "REQ-64")
def test_hidden_content_that_is_uncovered_after_an_approval_is_not_issued_with_it(bench: Bench, tmp_path: Path) -> None:
    lab, drafts = bench.lab, bench.lab.drafts
    image = lab.catalogues.build(bench.examiner, took_in(bench).id)
    with lab.catalogues.open(image) as catalogue:
        picture, tagged, alert = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="image/jpeg"))[:3])
    conceals = next(one for one in lab.tags.make(bench.examiner, *FIRST_TAGS) if one.conceals)
    draft = drafts.begin(bench.examiner, ReportRequest(case_id=image.case_id))
    mark = lab.examine.marks.add(bench.examiner, image.id, picture, MarkKind.PRIVILEGED, "Of counsel")
    lab.tags.put(bench.examiner, conceals.id, [entry_target(image, tagged)])
    hot = sets(bench).add(
        bench.examiner, new(listed(tmp_path, (alert.md5 or b"").hex()), HashSetKind.ALERT, "Hot list")
    )
    lab.hash_matching.look_up(bench.examiner, image.id)
    other = lab.findings.add(bench.examiner, CitedKind.FINDING, entry_target(image, picture), "Shows it.")
    submitted = drafts.submit(bench.examiner, draft.id)
    assert hidden_in(submitted).count == 2
    uncoverings = {
        "file.unmark by Ingrid Solberg": lambda: lab.examine.marks.withdraw(
            bench.supervisor, image.id, mark, "Not of counsel"
        ),
        "tag.remove by Ana Kovač": lambda: lab.tags.remove(
            bench.examiner, [one.id for one in lab.tags.of_case(image.case_id)], "No"
        ),
        "": lambda: lab.tags.change(bench.supervisor, conceals.id, NewTag(name=conceals.name, colour=conceals.colour)),
        " ": lambda: sets(bench).remove(bench.supervisor, hot.hash_set.id, "Withdrawn by its maker"),
        "image.look_up by Ana Kovač": lambda: lab.hash_matching.look_up(bench.examiner, image.id),
    }
    for said, uncover in uncoverings.items():
        drafts.approve(bench.supervisor, draft.id, "Read", seen=drafts.get(draft.id).content_sha256)
        before = hidden_in(drafts.get(draft.id))
        uncover()
        now = drafts.get(draft.id)
        assert now.approval is None
        assert hidden_in(now) != before
        (difference,) = now.differs
        assert difference.startswith("The marks, concealing tags and alert sets changed since it was submitted")
        assert said.strip() in difference
        with pytest.raises(RefusedError, match="is not what was approved"):
            lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
        drafts.recall(bench.examiner, draft.id, "What it hides changed.")
        drafts.submit(bench.examiner, draft.id)
    assert other.number == 1
    assert lab.reporting.list(image.case_id) == ()
    assert lab.verification.verify().ok


def test_a_submission_of_before_this_was_covered_says_so(bench: Bench) -> None:
    draft = with_notes(bench)
    with bench.lab.database.reading() as connection:
        entry = newest_about(connection, str(draft.id), "report.submit")
        around = Around(drawing=bench.lab.reporting.drawing, connection=connection, case_id=draft.content.case_id)
        now = records_of(draft.content, around, None, {})
    assert entry is not None
    frozen = entry.content.facts["records"]
    assert isinstance(frozen, dict)
    words = [_words(one, {key: value for key, value in frozen.items() if key != one.kind.value}, []) for one in now]
    assert "It was submitted before the marks, concealing tags and alert sets were covered by a review." in words
