from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.case import CaseStatus, LegalBasis, NewCase
from forensics_app.model.person import PersonId
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import stored

DATABASES = ("sqlite", "postgresql")


def draft(bench: Bench, number: str = "2026-0200") -> NewCase:
    return NewCase(
        number=number,
        title="Title",
        offence="Fraud",
        requesting_authority="Prosecutor",
        lead_examiner_id=bench.examiner.person.id,
        supervisor_id=bench.supervisor.person.id,
    )


BASIS = LegalBasis(instrument="order", number="1/26", issuer="court", issued_on=date(2026, 11, 1), scope="all media")


@pytest.mark.req("REQ-01")
def test_a_case_without_authority_stays_a_draft_and_takes_no_exhibits(bench: Bench) -> None:
    case = bench.lab.cases.create(bench.examiner, draft(bench))
    assert case.status is CaseStatus.DRAFT
    with pytest.raises(RefusedError, match="draft"):
        bench.exhibit(case)
    assert bench.lab.cases.record_legal_basis(bench.examiner, case.id, BASIS).status is CaseStatus.OPEN
    assert bench.exhibit(case).number == "LH/01"


@pytest.mark.req("REQ-01")
def test_an_expired_authority_blocks_new_exhibits_from_the_day_after(bench: Bench) -> None:
    case = bench.case(expires_on=date(2026, 11, 20))
    bench.clock.at = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 23:30 in the lab's zone
    bench.exhibit(case)
    bench.clock.at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half past midnight there
    with pytest.raises(RefusedError, match="expired on 2026-11-20"):
        bench.exhibit(case, "LH/02")


def test_a_case_number_is_used_once(bench: Bench) -> None:
    bench.lab.cases.create(bench.examiner, draft(bench))
    with pytest.raises(RefusedError, match="already in use"):
        bench.lab.cases.create(bench.examiner, draft(bench))


def test_lead_and_supervisor_must_hold_the_roles(bench: Bench) -> None:
    new = draft(bench)
    with pytest.raises(RefusedError, match="needs the role supervisor"):
        bench.lab.cases.create(
            bench.examiner,
            NewCase(**{**{name: getattr(new, name) for name in new.__slots__}, "supervisor_id": new.lead_examiner_id}),
        )
    with pytest.raises(RefusedError, match="not enrolled"):
        bench.lab.cases.create(
            bench.examiner,
            NewCase(**{**{name: getattr(new, name) for name in new.__slots__}, "supervisor_id": PersonId(uuid4())}),
        )


def test_a_change_keeps_the_old_words_in_its_entry(bench: Bench) -> None:
    case = bench.case()
    bench.lab.cases.change(bench.examiner, case.id, {"title": "New title"}, "spelling")
    event = bench.lab.custody.case_history(case.id)[-1]
    assert [(change.column, change.before, change.after) for change in event.changes] == [
        ("title", "Lindenhof payment fraud", "New title")
    ]
    assert event.reason == "spelling"


def test_an_auditor_cannot_open_a_case(bench: Bench) -> None:
    with pytest.raises(PermissionRefusedError):
        bench.lab.cases.create(bench.admin_as_auditor(), draft(bench))


def test_replacing_an_authority_needs_a_reason(bench: Bench) -> None:
    case = bench.case()
    with pytest.raises(RefusedError, match="reason"):
        bench.lab.cases.record_legal_basis(bench.examiner, case.id, BASIS)
    changed = bench.lab.cases.record_legal_basis(bench.examiner, case.id, BASIS, "prolonged")
    assert changed.legal_basis == BASIS


@pytest.mark.req("REQ-01")
def test_an_expired_authority_blocks_seizure_and_examination_but_not_safe_keeping(bench: Bench) -> None:
    case = bench.case(expires_on=date(2026, 11, 20))
    exhibit = bench.exhibit(case)
    bench.clock.at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    told = {"place": "Desk", "purpose": "Test", "seal_number": "0048812", "seal_check": "intact", "condition": "good"}
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", fields=told, outside_party="Sgt. Duarte")
    )
    back = {"purpose": "Test", "expected_return": "2026-12-01T12:00:00+01:00"}
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=back))
    begun = bench.request(exhibit, "begin_examination", fields={"write_blocker": "Tableau T8u"})
    with pytest.raises(RefusedError, match="expired on 2026-11-20"):
        bench.lab.custody.perform(bench.custodian, begun)
    assert bench.lab.custody.history(exhibit.id)[-1].action == "custody.refused"
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "return_to_store", fields={"shelf": "A-1"}))


@pytest.mark.req("REQ-22")
def test_a_case_is_closed_with_something_open_only_by_who_knows_of_it(bench: Bench) -> None:
    case = bench.case()
    exhibit = stored(bench, case)
    bench.lab.incidents.report(bench.examiner, exhibit.id, "The bag was wet")
    out = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"}
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=out))
    with pytest.raises(RefusedError, match=r"LH/01 is checked out; Tomasz Lis has it\..*The bag was wet"):
        bench.lab.cases.close(bench.supervisor, case.id, "Judgment final")
    assert bench.lab.cases.get(case.id).status is CaseStatus.OPEN
    known = bench.lab.cases.left_open(case.id)
    bench.lab.incidents.report(bench.examiner, exhibit.id, "It fell from the bench")
    with pytest.raises(RefusedError, match="It fell from the bench"):
        bench.lab.cases.close(bench.supervisor, case.id, "It comes back tomorrow", known_open=known)
    known = bench.lab.cases.left_open(case.id)
    closed = bench.lab.cases.close(bench.supervisor, case.id, "It comes back tomorrow", known_open=known)
    assert closed.status is CaseStatus.CLOSED
    entry = bench.lab.custody.case_history(case.id)[-1]
    assert (entry.reason, tuple(entry.facts["left_open"])) == ("It comes back tomorrow", known)  # type: ignore[arg-type]
    assert bench.lab.verification.verify().ok


def test_a_case_with_everything_in_store_is_closed_without_a_word_more(bench: Bench) -> None:
    case = bench.case()
    stored(bench, case)
    assert bench.lab.cases.left_open(case.id) == ()
    bench.lab.cases.close(bench.supervisor, case.id, "Judgment final")
    assert "left_open" not in bench.lab.custody.case_history(case.id)[-1].facts
