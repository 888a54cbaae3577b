"""Incidents: raised with the step that finds them, in the same entry, and closed by somebody else."""

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import IncidentKind
from forensics_app.model.person import Role
from tests.builders import Bench

DATABASES = ("sqlite", "postgresql")
RECEIVING = {
    "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
    "seal_number": "0048812",
}  # fmt: skip


def receive(bench: Bench, **fields: str) -> Exhibit:
    exhibit = bench.exhibit(bench.case())
    request = bench.request(exhibit, "receive", fields=RECEIVING | fields, outside_party="Sgt. Duarte")
    bench.lab.custody.perform(bench.custodian, request)
    return exhibit


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"seal_number": "0048813"}, IncidentKind.SEAL_DIFFERS),
        ({"seal_check": "broken"}, IncidentKind.SEAL_BROKEN),
        ({"seal_check": "no seal"}, IncidentKind.SEAL_MISSING),
    ],
)
def test_a_seal_that_is_not_as_recorded_raises_an_incident_in_the_entry_of_the_step(
    bench: Bench, fields: dict[str, str], kind: IncidentKind
) -> None:
    exhibit = receive(bench, **fields)
    (incident,) = bench.lab.incidents.open()
    assert (incident.kind, incident.number, incident.raised_by) == (kind, "LH/01", "Tomasz Lis")
    entry = bench.lab.custody.history(exhibit.id)[-1]
    assert entry.action == "custody.receive"
    assert entry.fact("incident") == incident.what
    assert {change.row_id for change in entry.changes if change.table == "incident"} == {str(incident.id)}
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_a_seal_that_is_as_recorded_raises_nothing(bench: Bench) -> None:
    exhibit = receive(bench)
    assert bench.lab.incidents.of_exhibit(exhibit.id) == ()


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize("missing", ["seal_number", "seal_check"])
def test_a_sealed_exhibit_is_not_received_without_a_look_at_its_seal(bench: Bench, missing: str) -> None:
    with pytest.raises(RefusedError, match="seal"):
        receive(bench, **{missing: " "})
    assert bench.lab.incidents.open() == ()


@pytest.mark.req("REQ-12")
def test_opening_and_resealing_ask_for_the_seal(bench: Bench) -> None:
    exhibit = receive(bench)
    taking = {"purpose": "Examination", "expected_return": "2026-12-01T12:00:00+01:00"}
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=taking))
    opening = {"write_blocker": "Tableau T8u"}
    with pytest.raises(RefusedError, match="recorded as sealed with 0048812"):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "begin_examination", fields=opening))
    seal = {"seal_number": "0048812", "seal_check": "intact"}
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "begin_examination", fields=opening | seal))
    back = {"hash_pair": "none: not imaged", "shelf": "A-1", "seal_number": "0049001"}
    with pytest.raises(RefusedError, match="recorded as sealed"):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "return_to_store", fields=back))
    back["seal_check"] = "new seal applied"
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "return_to_store", fields=back))
    assert bench.lab.exhibits.get(exhibit.id).seal_number == "0049001"
    assert bench.lab.incidents.open() == ()


@pytest.mark.req("REQ-19")
def test_a_supervisor_who_did_not_sign_the_step_closes_it_with_a_decision(bench: Bench) -> None:
    exhibit = receive(bench, seal_check="broken")
    (incident,) = bench.lab.incidents.open()
    with pytest.raises(PermissionRefusedError, match="supervisor"):
        bench.lab.incidents.close(bench.custodian, incident.id, "Torn in the car")
    with pytest.raises(RefusedError, match="decision"):
        bench.lab.incidents.close(bench.supervisor, incident.id, "  ")
    closed = bench.lab.incidents.close(bench.supervisor, incident.id, "Torn in the car; photographed")
    assert (closed.decision, closed.decided_by) == ("Torn in the car; photographed", "Ingrid Solberg")
    assert bench.lab.incidents.open() == ()
    assert bench.lab.incidents.list(exhibit.case_id) == (closed,)
    entry = bench.lab.custody.history(exhibit.id)[-1]
    assert (entry.action, entry.reason) == ("incident.close", "Torn in the car; photographed")
    with pytest.raises(RefusedError, match="closed by Ingrid Solberg already"):
        bench.lab.incidents.close(bench.supervisor, incident.id, "once more")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-19")
def test_nobody_decides_about_an_incident_of_a_step_that_they_signed(bench: Bench) -> None:
    bench.enrol("Otto Both", Role.SUPERVISOR)
    both = bench.sign_in("Otto Both")
    exhibit = bench.exhibit(bench.case())
    received = bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte")
    bench.lab.custody.perform(bench.custodian, received)
    handing = {"purpose": "Inspection", "place": "Desk", "seal_check": "broken", "seal_number": "0048812"}
    bench.lab.custody.hand_over(bench.custodian, both, bench.request(exhibit, "hand_over", fields=handing))
    (incident,) = bench.lab.incidents.open()
    with pytest.raises(PermissionRefusedError, match="signed the step"):
        bench.lab.incidents.close(both, incident.id, "all is well")
    bench.lab.incidents.close(bench.supervisor, incident.id, "Asked both")


def test_what_is_lost_on_the_way_is_an_incident(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    seal = {"seal_number": "0048812", "seal_check": "intact"}
    sent = {"carrier": "Courier 7", "departed_at": "2026-11-20T13:00+01:00"} | seal
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "dispatch", fields=sent))
    lost = bench.request(exhibit, "report_lost", fields={"reason": "The van was robbed"})
    bench.lab.custody.perform(bench.supervisor, lost)
    (incident,) = bench.lab.incidents.open()
    assert (incident.kind, incident.what) == (IncidentKind.LOST, "LH/01 was reported lost: The van was robbed.")


def test_an_incident_can_be_reported_by_hand(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="what happened"):
        bench.lab.incidents.report(bench.examiner, exhibit.id, "")
    incident = bench.lab.incidents.report(bench.examiner, exhibit.id, "Water on the shelf")
    assert (incident.kind, incident.what) == (IncidentKind.OTHER, "Water on the shelf")
    assert bench.lab.custody.history(exhibit.id)[-1].action == "incident.raise"
    with pytest.raises(PermissionRefusedError):
        bench.lab.incidents.report(bench.admin_as_auditor(), exhibit.id, "no")
