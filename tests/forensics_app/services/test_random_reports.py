"""Random sequences of steps of reports, legal and illegal, on both databases: machine and record never part."""

from dataclasses import replace
from itertools import count
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.report import Block, FindingKind, ReportRequest
from forensics_app.model.report_draft import DraftState
from tests.builders import Bench

DATABASES = ("sqlite", "postgresql")
PEOPLE = ("examiner", "supervisor", "custodian")
NUMBERS = count(1)
LEADS = {
    ("draft", "edit"): "draft", ("returned", "edit"): "returned",
    ("draft", "submit"): "in review", ("returned", "submit"): "in review",
    ("in review", "recall"): "draft", ("approved", "recall"): "draft",
    ("in review", "return"): "returned", ("in review", "approve"): "approved",
    ("draft", "discard"): "discarded", ("returned", "discard"): "discarded",
}  # fmt: skip
"""The machine, written down a second time."""
NEEDS = dict.fromkeys(("edit", "submit", "recall", "discard"), "examiner") | dict.fromkeys(
    ("return", "approve"), "supervisor"
)
steps = st.lists(
    st.tuples(st.sampled_from(sorted(NEEDS)), st.sampled_from([*PEOPLE, "right", "right", "right"]), st.booleans()),
    min_size=1,
    max_size=12,
)


@pytest.mark.req("REQ-63", "REQ-64", "REQ-65")
@given(steps)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_after_any_sequence_of_steps_the_draft_is_where_the_machine_says_and_the_rows_are_the_replay(
    bench: Bench, steps: list[tuple[str, str, bool]]
) -> None:
    cases = bench.lab.cases.list()
    case = cases[0] if cases else bench.case()
    block = Block(id=uuid4(), kind=FindingKind.OPINION, heading="Intent", text="On purpose.", basis="Entry 12")
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id, blocks=(block,)))
    expected = "draft"
    for step, who, has_basis in steps:
        before = len(bench.lab.custody.case_history(case.id))
        person = NEEDS[step] if who == "right" else who
        leads = LEADS.get((expected, step))
        lacks_basis = step == "submit" and not bench.lab.drafts.get(draft.id).content.blocks[0].basis
        try:
            take(bench, draft.id, step, person, basis="Entry 12" if has_basis else "")
        except PermissionRefusedError:
            assert person != NEEDS[step]
            assert len(bench.lab.custody.case_history(case.id)) == before
        except RefusedError:
            assert leads is None or lacks_basis
            assert [one.action for one in bench.lab.custody.case_history(case.id)[before:]] == ["report.refused"]
        else:
            assert person == NEEDS[step]
            assert leads is not None
            assert not lacks_basis
            expected = leads
            assert [one.action for one in bench.lab.custody.case_history(case.id)[before:]] == [f"report.{step}"]
        assert bench.lab.drafts.get(draft.id).state.value == expected
    with pytest.raises(RefusedError):
        bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id) if expected != "approved" else refuse()
    assert bench.lab.drafts.get(draft.id).state is DraftState(expected)
    report = bench.lab.verification.verify()
    assert report.ok, report


def refuse() -> None:
    """An approved draft would be issued, which other tests do; here it stays."""
    raise RefusedError("Not issued in this test.")


def take(bench: Bench, draft_id: object, step: str, who: str, *, basis: str) -> None:
    """Take one step; an edit changes the title and the basis."""
    drafts, actor = bench.lab.drafts, getattr(bench, who)
    draft = drafts.get(draft_id)  # type: ignore[arg-type]
    content, seen = draft.content, draft.content_sha256
    match step:
        case "edit":
            block = replace(content.blocks[0], basis=basis)
            drafts.edit(actor, draft_id, replace(content, title=f"Title {next(NUMBERS)}", blocks=(block,)))  # type: ignore[arg-type]
        case "submit":
            drafts.submit(actor, draft_id)  # type: ignore[arg-type]
        case "recall":
            drafts.recall(actor, draft_id, "Something is missing")  # type: ignore[arg-type]
        case "discard":
            drafts.discard(actor, draft_id, "Not wanted")  # type: ignore[arg-type]
        case "return":
            drafts.return_(actor, draft_id, "Mend it", seen=seen)  # type: ignore[arg-type]
        case _:
            drafts.approve(actor, draft_id, seen=seen)  # type: ignore[arg-type]
