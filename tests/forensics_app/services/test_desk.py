"""The supervisor's desk: what waits, and who may decide about it (REQ-19, REQ-22, REQ-38)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.audit import NewAudit
from forensics_app.model.case import Case
from forensics_app.model.custody import LabReport
from forensics_app.model.custody_log import LogQuery
from forensics_app.model.desk import Matter, MatterKind
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.offer import NewOffer
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.report import ReportRequest
from forensics_app.services.desk import FOUND_KEPT
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import RECEIPT, stored, transferred
from tests.forensics_app.services.scene_of_a_search import answer, begin, memory

DATABASES = ("sqlite", "postgresql")
SEAL = {"seal_number": "0048812", "seal_check": "intact"}


def deviate(bench: Bench, who: SignedIn, case: Case) -> Matter:
    bench.lab.principles.deviate(who, case.id, "principle-1", "The mouse was moved", "To see the screen")
    return waiting(bench, MatterKind.DEVIATION)[-1]


def waiting(bench: Bench, kind: MatterKind) -> list[Matter]:
    return [matter for matter in bench.lab.desk.waiting() if matter.kind is kind]


def both(bench: Bench) -> SignedIn:
    """An examiner who is a supervisor too."""
    bench.enrol("Otto Both", Role.EXAMINER, Role.SUPERVISOR)
    return bench.sign_in("Otto Both")


@pytest.mark.req("REQ-19", "REQ-38")
def test_a_supervisor_approves_with_a_comment_in_a_signed_entry_and_it_waits_no_more(bench: Bench) -> None:
    case = bench.case()
    matter = deviate(bench, bench.examiner, case)
    assert (matter.case, matter.what) == (
        "2026-0147", "The mouse was moved. Reason given by Ana Kovač: To see the screen",
    )  # fmt: skip
    kept = bench.lab.desk.decide(bench.supervisor, matter.key, approve=True, comment="Unavoidable; well noted")
    assert (kept.approved, kept.comment, kept.decided_by) == (True, "Unavoidable; well noted", "Ingrid Solberg")
    assert bench.lab.desk.decisions(case.id) == (kept,)
    assert waiting(bench, MatterKind.DEVIATION) == []
    entry = bench.lab.custody.case_history(case.id)[-1]
    assert (entry.action, entry.actor, entry.reason) == ("desk.approve", "Ingrid Solberg", "Unavoidable; well noted")
    with pytest.raises(RefusedError, match="does not wait"):
        bench.lab.desk.decide(bench.supervisor, matter.key, approve=False, comment="On second thoughts")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-19")
def test_nobody_decides_about_their_own_act(bench: Bench) -> None:
    otto, case = both(bench), bench.case()
    matter = deviate(bench, otto, case)
    with pytest.raises(PermissionRefusedError, match="nobody decides about their own act"):
        bench.lab.desk.decide(otto, matter.key, approve=True, comment="Fine")
    returned = bench.lab.desk.decide(bench.supervisor, matter.key, approve=False, comment="Say which mouse")
    assert not returned.approved
    assert bench.lab.custody.case_history(case.id)[-1].action == "desk.return"


def test_only_a_supervisor_decides_and_with_a_comment(bench: Bench) -> None:
    matter = deviate(bench, bench.examiner, bench.case())
    for person in (bench.custodian, bench.admin, bench.admin_as_auditor()):
        with pytest.raises(PermissionRefusedError):
            bench.lab.desk.decide(person, matter.key, approve=True, comment="Fine")
    with pytest.raises(RefusedError, match="needs a comment"):
        bench.lab.desk.decide(bench.supervisor, matter.key, approve=True, comment=" ")
    assert bench.lab.desk.decisions() == ()


@pytest.mark.req("REQ-22")
def test_an_overdue_exhibit_waits_until_it_is_back(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    fields = {"purpose": "intake", "place": "Reception", "condition": "good", **SEAL}
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", outside_party="Sgt. Duarte", fields=fields)
    )
    out = {"purpose": "imaging", "expected_return": "2026-11-22T12:00:00+01:00", **SEAL}
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=out))
    assert waiting(bench, MatterKind.OVERDUE) == []
    bench.clock.at += timedelta(days=3)
    (late,) = waiting(bench, MatterKind.OVERDUE)
    assert late.what == "LH/01 is with Tomasz Lis and should be back."
    with pytest.raises(RefusedError, match="not approved or returned"):
        bench.lab.desk.decide(bench.supervisor, late.key, approve=True, comment="Fine")
    back = bench.request(exhibit, "return_to_store", fields={"shelf": "B2", **SEAL})
    bench.lab.custody.perform(bench.custodian, back)
    assert waiting(bench, MatterKind.OVERDUE) == []


@pytest.mark.req("REQ-22")
def test_what_did_not_arrive_and_a_transfer_without_a_receipt_wait_until_they_are_signed_for(bench: Bench) -> None:
    case = bench.case()
    transferred(bench, case, "LH/07")
    sent = {"carrier": "Carl Courier", "departed_at": "2026-11-20T13:00+01:00", "due": "2026-11-22T13:00+01:00", **SEAL}
    bench.lab.custody.perform(bench.custodian, bench.request(bench.exhibit(case), "dispatch", fields=sent))
    bench.clock.at = datetime.fromisoformat("2026-11-22T14:00+01:00")
    assert [one.what for one in waiting(bench, MatterKind.OVERDUE)] == [
        "LH/01 is on its way with Carl Courier and should have arrived."
    ]
    bench.clock.at += timedelta(days=2)
    late = {one.what for one in waiting(bench, MatterKind.OVERDUE)}
    assert late == {
        "LH/01 is on its way with Carl Courier and should have arrived.",
        "LH/07 was transferred to Customs laboratory 4 days ago, and no receipt for it is recorded.",
    }
    first, other = (bench.lab.exhibits.numbered(case.id, number) for number in ("LH/01", "LH/07"))
    arrived = {"purpose": "Examination", "place": "Reception", "condition": "Whole", **SEAL}
    taken = bench.request(first, "receive", fields=arrived, outside_party="Carl Courier")
    bench.lab.custody.perform(bench.custodian, taken)
    bench.lab.custody.perform(bench.custodian, bench.request(other, "confirm_receipt", papers=RECEIPT))
    assert waiting(bench, MatterKind.OVERDUE) == []


@pytest.mark.req("REQ-22")
def test_an_offer_that_nobody_answered_in_time_waits_until_it_is_withdrawn(bench: Bench) -> None:
    case = bench.case()
    exhibit = stored(bench, case)
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00", **SEAL}
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out",
        due=bench.clock() + timedelta(hours=1), fields=taking,
    )  # fmt: skip
    offer = bench.lab.offers.offer(bench.custodian, new)
    assert waiting(bench, MatterKind.OVERDUE) == []
    bench.clock.at += timedelta(hours=2)
    (matter,) = waiting(bench, MatterKind.OVERDUE)
    assert matter.what == "LH/01 was offered to Ana Kovač and is still with Tomasz Lis: nobody answered."
    bench.lab.offers.withdraw(bench.custodian, offer.id, "He is ill")
    assert waiting(bench, MatterKind.OVERDUE) == []


@pytest.mark.req("REQ-19", "REQ-34")
def test_an_unvalidated_tool_waits_and_not_for_who_used_it(bench: Bench) -> None:
    case = bench.case()
    scene = begin(bench, case.id)
    answer(bench, scene, "live-decision", "live-capture", "An open volume")
    bench.lab.scenes.add_capture(bench.custodian, scene.id, "live-capture", memory(bench))
    (matter,) = waiting(bench, MatterKind.TOOL)
    assert matter.what == "avml 0.14 was used: not in the register of tools."
    assert matter.actors == {bench.custodian.person.id}
    bench.lab.desk.decide(bench.supervisor, matter.key, approve=True, comment="Validated by the neighbouring lab")
    assert waiting(bench, MatterKind.TOOL) == []


@pytest.mark.req("REQ-19", "REQ-34")
def test_whoever_used_an_unvalidated_tool_after_another_does_not_decide_about_it_either(bench: Bench) -> None:
    bench.enrol("Olga Both", Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
    olga, case = bench.sign_in("Olga Both"), bench.case()
    scene = begin(bench, case.id)
    answer(bench, scene, "live-decision", "live-capture", "An open volume")
    for person in (bench.custodian, olga):
        bench.lab.scenes.add_capture(person, scene.id, "live-capture", memory(bench))
    (matter,) = waiting(bench, MatterKind.TOOL)
    assert matter.actors == {bench.custodian.person.id, olga.person.id}
    with pytest.raises(PermissionRefusedError, match="nobody decides about their own act"):
        bench.lab.desk.decide(olga, matter.key, approve=True, comment="Fine")
    bench.lab.desk.decide(bench.supervisor, matter.key, approve=False, comment="Have it validated")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-38")
def test_what_departs_from_a_principle_and_nobody_explained_waits(bench: Bench) -> None:
    case = bench.case()
    scene = begin(bench, case.id)
    (matter,) = waiting(bench, MatterKind.GAP)
    assert "it is not recorded whether a specialist was called" in matter.what
    bench.lab.principles.deviate(
        bench.custodian, case.id, "principle-3", "No specialist", "None in reach", gap=f"specialist:{scene.id}"
    )
    assert waiting(bench, MatterKind.GAP) == []


def test_entries_are_read_anew_when_a_chain_has_grown_or_after_a_while(bench: Bench) -> None:
    case = bench.case()
    begin(bench, case.id)
    assert len(waiting(bench, MatterKind.GAP)) == 1
    another_flow = f"UPDATE scene SET flow = 'dead-box' WHERE case_id = '{case.id}'"
    with bench.lab.desk.db.writing() as connection:  # somebody else's program, which signs nothing
        connection.exec_driver_sql(another_flow)
    assert len(waiting(bench, MatterKind.GAP)) == 1
    bench.clock.at += FOUND_KEPT
    assert waiting(bench, MatterKind.GAP) == []
    begin(bench, case.id)
    assert len(waiting(bench, MatterKind.GAP)) == 1


def test_a_verification_that_found_something_waits_on_the_lab_chain(bench: Bench) -> None:
    report = bench.lab.verification.verify()
    bench.lab.verification.sign_off(bench.examiner, report)
    assert bench.lab.desk.waiting() == ()
    bench.lab.verification.sign_off(bench.examiner, _spoilt(bench))
    (matter,) = bench.lab.desk.waiting()
    assert (matter.kind, matter.case_id) == (MatterKind.VERIFICATION, None)
    assert matter.what == "A verification by Ana Kovač; differences: 1."
    bench.lab.desk.decide(bench.supervisor, matter.key, approve=False, comment="The photograph is sought for")
    assert bench.lab.custody.lab_history()[-1].action == "desk.return"
    assert bench.lab.desk.waiting() == ()


def _spoilt(bench: Bench) -> LabReport:
    return replace(bench.lab.verification.verify(), file_findings=("A photograph cannot be read.",))


@pytest.mark.req("REQ-28", "REQ-19")
def test_who_took_an_image_in_does_not_decide_about_it_and_a_report_waits_for_another_than_its_author(
    bench: Bench, tmp_path: Path
) -> None:
    otto, case = both(bench), bench.case()
    exhibit = bench.exhibit(case)
    source = tmp_path / "disk.dd"
    source.write_bytes(bytes(1 << 20))
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u"))
    image = bench.lab.intake.take_in(otto, request)
    source.write_bytes(bytes((1 << 20) - 1) + b"x")
    bench.lab.intake.recheck(bench.examiner, image.id)
    (matter,) = waiting(bench, MatterKind.INTEGRITY)
    assert (matter.about, matter.actors) == (str(image.id), {otto.person.id})
    with pytest.raises(RefusedError, match="took LH/01-I1 in; nobody decides about their own act"):
        bench.lab.intake.decide(otto, image.id, release=True, reason="I know it")
    bench.lab.intake.decide(bench.supervisor, image.id, release=True, reason="One byte of free space")
    assert waiting(bench, MatterKind.INTEGRITY) == []
    draft = bench.lab.drafts.begin(otto, ReportRequest(case_id=case.id, zone="Europe/Berlin"))
    assert waiting(bench, MatterKind.REVIEW) == []
    draft = bench.lab.drafts.submit(otto, draft.id)
    (matter,) = waiting(bench, MatterKind.REVIEW)
    assert (matter.about, matter.actors) == (str(draft.id), {otto.person.id})
    with pytest.raises(RefusedError, match="not approved or returned"):
        bench.lab.desk.decide(bench.supervisor, matter.key, approve=True, comment="Read")
    with pytest.raises(RefusedError, match="nobody reviews what they wrote"):
        bench.lab.drafts.approve(otto, draft.id, seen=draft.content_sha256)
    bench.lab.drafts.approve(bench.supervisor, draft.id, "Read; the figures are right", seen=draft.content_sha256)
    assert waiting(bench, MatterKind.REVIEW) == []
    bench.lab.reporting.issue(otto, bench.supervisor, draft.id)
    assert waiting(bench, MatterKind.REPORT) == [], "it was reviewed before it was issued"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-38")
def test_custody_logs_are_filtered_by_case_person_exhibit_period_and_kind(bench: Bench) -> None:
    case, other = bench.case(), bench.case("2026-0200")
    exhibit, elsewhere = bench.exhibit(case), bench.exhibit(other)
    fields = {"purpose": "intake", "place": "Reception", "condition": "good", **SEAL}
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", outside_party="Sgt. Duarte", fields=fields)
    )
    half = bench.clock()
    over = bench.request(exhibit, "hand_over", fields={"purpose": "imaging", "place": "Lab", **SEAL})
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, over)
    show = bench.lab.custody_log.list
    everything = [event for one in (case, other) for event in bench.lab.custody.case_history(one.id)]
    everything += bench.lab.custody.lab_history()
    assert sorted(event.digest for event in show(LogQuery())) == sorted(event.digest for event in everything)
    assert show(LogQuery(case_id=case.id)) == bench.lab.custody.case_history(case.id)
    assert show(LogQuery(exhibit_id=elsewhere.id)) == bench.lab.custody.history(elsewhere.id)
    assert [event.action for event in show(LogQuery(case_id=case.id, kind="custody"))] == [
        "custody.seize", "custody.receive", "custody.hand_over",
    ]  # fmt: skip
    assert [event.chain for event in show(LogQuery(kind="custody.seize"))] == [case.id, other.id]
    assert [event.action for event in show(LogQuery(since=half, case_id=case.id))] == ["custody.hand_over"]
    assert show(LogQuery(until=half, kind="custody.hand_over")) == ()
    ana = show(LogQuery(person_id=bench.examiner.person.id, kind="custody"))
    assert [event.action for event in ana] == ["custody.hand_over"], "who received signed it too"
    assert [event.action for event in show(LogQuery(case_id=case.id, limit=1))] == ["custody.hand_over"]
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-38")
def test_a_prosecutor_reads_and_changes_nothing(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    matter = deviate(bench, bench.examiner, case)
    bench.enrol("Petra Prosecutor", Role.PROSECUTOR)
    prosecutor = bench.sign_in("Petra Prosecutor")
    assert bench.lab.custody_log.list(LogQuery(case_id=case.id))
    for act in (
        lambda: bench.lab.desk.decide(prosecutor, matter.key, approve=True, comment="Fine"),
        lambda: bench.lab.exhibits.correct(prosecutor, exhibit.id, {"serial": "X"}, "because"),
        lambda: bench.lab.cases.close(prosecutor, case.id, "done"),
        lambda: bench.lab.principles.deviate(prosecutor, case.id, "principle-1", "a", "b"),
        lambda: bench.lab.custody.perform(prosecutor, bench.request(exhibit, "store", fields={"shelf": "B2"})),
    ):
        with pytest.raises(PermissionRefusedError):
            act()


@pytest.mark.req("REQ-22")
def test_what_an_audit_of_a_room_finds_waits_until_another_supervisor_decides_about_it(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    new = NewAudit(place=exhibit.place, began_at=bench.clock(), scanned=("LH/77",))
    bench.lab.audits.record(both(bench), new)
    unknown, missing = sorted(waiting(bench, MatterKind.AUDIT), key=lambda matter: matter.about)
    assert missing.what.startswith(f"{exhibit.number} should be at {exhibit.place}")
    assert missing.what.endswith(f"Audit of {exhibit.place} by Otto Both.")
    assert (missing.about, missing.case_id, unknown.about) == (str(exhibit.id), None, "")
    with pytest.raises(PermissionRefusedError, match="own act"):
        bench.lab.desk.decide(bench.sign_in("Otto Both"), missing.key, approve=True, comment="Mine")
    bench.lab.desk.decide(bench.supervisor, missing.key, approve=True, comment="It was in the next cabinet")
    assert [matter.key for matter in waiting(bench, MatterKind.AUDIT)] == [unknown.key]
    assert bench.lab.verification.verify().ok
