"""Drafts of reports: written, submitted, returned, approved, issued by two people; what is not allowed is refused."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.person import Role
from forensics_app.model.report import Block, FindingKind, ReportKind, ReportRequest, Section
from forensics_app.model.report_draft import DraftState, ReportDraft
from tests.builders import Bench, make_bench

DATABASES = ("sqlite", "postgresql")

FACT = Block(id=uuid4(), kind=FindingKind.FACT, heading="Accounts", text="One account was found.")
OPINION = Block(
    id=uuid4(), kind=FindingKind.OPINION, heading="Intent", text="It was done on purpose.", basis="Entry 12"
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path / "lab")


def begun(bench: Bench, *blocks: Block) -> ReportDraft:
    cases = bench.lab.cases.list()
    case = cases[0] if cases else bench.case()
    return bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id, zone="Europe/Berlin", blocks=blocks))


def submitted(bench: Bench, *blocks: Block) -> ReportDraft:
    return bench.lab.drafts.submit(bench.examiner, begun(bench, *blocks).id)


def last(bench: Bench) -> tuple[str, str]:
    event = bench.lab.custody.case_history(bench.lab.cases.list()[0].id)[-1]
    return event.action, str(event.fact("why") or "")


@pytest.mark.req("REQ-64", "REQ-65")
def test_a_report_is_written_returned_mended_approved_and_issued_by_two_people(bench: Bench) -> None:
    drafts = bench.lab.drafts
    draft = submitted(bench, FACT, OPINION)
    assert [block.heading for block in draft.content.blocks] == ["Accounts", "Intent"]
    returned = drafts.return_(bench.supervisor, draft.id, "Say which account.", seen=draft.content_sha256)
    assert (returned.state, returned.reviews[0].comment) == (DraftState.RETURNED, "Say which account.")
    first, second = returned.content.blocks
    better = replace(first, text="The account “ana” was found.")
    mended = drafts.edit(bench.examiner, draft.id, replace(returned.content, blocks=(second, better)))
    assert [block.text for block in mended.content.blocks] == [
        "It was done on purpose.",
        "The account “ana” was found.",
    ]
    assert mended.content_sha256 != draft.content_sha256
    again = drafts.submit(bench.examiner, draft.id)
    approved = drafts.approve(bench.supervisor, draft.id, "Agreed", seen=again.content_sha256)
    assert [review.approved for review in approved.reviews] == [False, True]
    report = bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    assert (report.number, report.authoriser_id) == ("R-2026-0147-1", bench.supervisor.person.id)
    assert drafts.get(draft.id).state is DraftState.ISSUED
    assert drafts.get(draft.id).report_id == report.id
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-63")
def test_an_opinion_without_its_basis_is_named_when_the_report_is_submitted(bench: Bench) -> None:
    draft = begun(bench, FACT, replace(OPINION, basis=" . "))
    with pytest.raises(RefusedError, match="The opinion “Intent” has no basis"):
        bench.lab.drafts.submit(bench.examiner, draft.id)
    assert last(bench)[0] == "report.refused"
    assert "“Intent”" in last(bench)[1]


@pytest.mark.req("REQ-64")
def test_who_wrote_any_of_it_does_not_approve_it(bench: Bench) -> None:
    bench.enrol("Both Roles", Role.EXAMINER, Role.SUPERVISOR)
    both = bench.sign_in("Both Roles")
    draft = begun(bench, FACT)
    bench.lab.drafts.edit(both, draft.id, replace(draft.content, summary=("Short.",)))
    seen = bench.lab.drafts.submit(bench.examiner, draft.id).content_sha256
    for act in (bench.lab.drafts.approve, bench.lab.drafts.return_):
        with pytest.raises(RefusedError, match="Both Roles wrote draft 1"):
            act(both, draft.id, "Fine", seen=seen)
    assert last(bench)[0] == "report.refused"
    assert bench.lab.drafts.approve(bench.supervisor, draft.id, seen=seen).state is DraftState.APPROVED
    with pytest.raises(RefusedError, match="Ingrid Solberg approved draft 1"):
        bench.lab.reporting.issue(bench.examiner, both, draft.id)
    with pytest.raises(RefusedError, match="issued by its author"):
        bench.lab.reporting.issue(both, bench.supervisor, draft.id)
    assert bench.lab.reporting.list(draft.content.case_id) == ()


@pytest.mark.req("REQ-65")
def test_an_issued_report_is_replaced_by_another_with_its_own_number_and_a_list_of_changes(bench: Bench) -> None:
    drafts, reporting = bench.lab.drafts, bench.lab.reporting
    draft = submitted(bench, FACT)
    drafts.approve(bench.supervisor, draft.id, seen=draft.content_sha256)
    old = reporting.issue(bench.examiner, bench.supervisor, draft.id)
    with pytest.raises(RefusedError, match="cannot be edited"):
        drafts.edit(bench.examiner, draft.id, replace(draft.content, title="Another"))
    again = drafts.replacing(bench.examiner, old.id)
    assert [block.text for block in again.content.blocks] == [FACT.text]
    with pytest.raises(RefusedError, match="does not say what changed"):
        drafts.submit(bench.examiner, again.id)
    drafts.edit(bench.examiner, again.id, replace(again.content, changes=("The name of the account is added.",)))
    again = drafts.submit(bench.examiner, again.id)
    drafts.approve(bench.supervisor, again.id, seen=again.content_sha256)
    new = reporting.issue(bench.examiner, bench.supervisor, again.id)
    assert (new.number, new.replaces_id) == ("R-2026-0147-2", old.id)
    with pytest.raises(RefusedError, match="replaced by R-2026-0147-2"):
        drafts.replacing(bench.examiner, old.id)
    assert bench.lab.verification.verify().ok


def test_nobody_writes_over_what_another_has_written_since(bench: Bench) -> None:
    draft = begun(bench, FACT)
    now = bench.lab.drafts.edit(bench.examiner, draft.id, replace(draft.content, summary=("By another.",)))
    mine = replace(draft.content, summary=("By me.",))
    with pytest.raises(RefusedError, match="was changed meanwhile"):
        bench.lab.drafts.edit(bench.examiner, draft.id, mine, seen=draft.content_sha256)
    assert bench.lab.drafts.get(draft.id) == now


@pytest.mark.req("REQ-64")
def test_nobody_approves_or_returns_what_they_have_not_read(bench: Bench) -> None:
    drafts, read = bench.lab.drafts, submitted(bench, FACT)
    drafts.recall(bench.examiner, read.id, "A word is wrong")
    drafts.edit(bench.examiner, read.id, replace(read.content, summary=("Written after it was read.",)))
    now = drafts.submit(bench.examiner, read.id)
    for act in (drafts.approve, drafts.return_):
        with pytest.raises(RefusedError, match="it was changed since"):
            act(bench.supervisor, read.id, "Read", seen=read.content_sha256)
        assert last(bench)[0] == "report.refused"
    assert drafts.get(read.id) == now
    assert drafts.approve(bench.supervisor, read.id, "Read", seen=now.content_sha256).approval is not None


def test_roles_are_asked_for_each_step(bench: Bench) -> None:
    draft = begun(bench, FACT)
    drafts = bench.lab.drafts
    for act in (
        lambda: drafts.begin(bench.supervisor, draft.content),
        lambda: drafts.edit(bench.custodian, draft.id, draft.content),
        lambda: drafts.submit(bench.supervisor, draft.id),
        lambda: drafts.approve(bench.examiner, draft.id, seen=draft.content_sha256),
        lambda: drafts.return_(bench.custodian, draft.id, "No", seen=draft.content_sha256),
        lambda: drafts.discard(bench.supervisor, draft.id, "No"),
        lambda: drafts.recall(bench.supervisor, draft.id, "No"),
        lambda: bench.lab.reporting.issue(bench.examiner, bench.custodian, draft.id),
    ):
        with pytest.raises(PermissionRefusedError):
            act()
    assert drafts.get(draft.id) == draft


def test_a_block_that_was_taken_out_can_be_put_back(bench: Bench) -> None:
    draft = begun(bench, FACT, OPINION)
    without = bench.lab.drafts.edit(bench.examiner, draft.id, replace(draft.content, blocks=draft.content.blocks[:1]))
    assert len(without.content.blocks) == 1
    back = bench.lab.drafts.edit(bench.examiner, draft.id, draft.content)
    assert back.content == draft.content
    assert back.content_sha256 == draft.content_sha256


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"zone": "Mars/Phobos"}, "is not a time zone"),
        ({"language": "xx"}, "no language of reports"),
        ({"title": "  "}, "needs a title"),
        ({"sections": (Section.SUMMARY,)}, "No report goes without: declaration, limitations, verify"),
        ({"sections": (*ReportRequest(case_id=uuid4()).printed, Section.SUMMARY)}, "stands twice: summary"),  # type: ignore[arg-type]
        ({"summary": ("x" * 100_001,)}, "more than 100,000 characters"),
    ],
)
def test_what_no_draft_may_hold_is_refused_in_words(bench: Bench, change: dict[str, object], why: str) -> None:
    case = bench.case()
    with pytest.raises(RefusedError, match=why):
        bench.lab.drafts.begin(bench.examiner, replace(ReportRequest(case_id=case.id), **change))  # type: ignore[arg-type]
    assert bench.lab.drafts.list(case.id) == ()


def test_a_kind_begins_with_its_own_sections(bench: Bench) -> None:
    case = bench.case()
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id, kind=ReportKind.CUSTODY))
    assert Section.CUSTODY in draft.content.sections
    assert Section.FILES not in draft.content.sections
