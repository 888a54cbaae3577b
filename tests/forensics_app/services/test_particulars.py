"""Particulars of devices: asked by the guidance, checked, kept with their doubts, corrected with a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.corrections import corrected_by
from forensics_app.model.exhibit import ExhibitType
from forensics_app.model.report import ReportRequest
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.registers import LAPTOP, laptop, told_of

DATABASES = ("sqlite", "postgresql")


@pytest.mark.req("REQ-07")
def test_what_the_guidance_needs_of_a_device_is_asked_at_its_registration(bench: Bench) -> None:
    new = laptop(bench.case())
    with pytest.raises(RefusedError, match="asks for more of a computer: Drives and bays"):
        bench.lab.exhibits.add(bench.custodian, replace(new, particulars={**LAPTOP, "drive_count": "  "}))
    with pytest.raises(RefusedError, match="Colour, marks, damage"):
        bench.lab.exhibits.add(bench.custodian, replace(new, particulars={}))
    assert bench.lab.exhibits.list(new.case_id) == ()
    exhibit = bench.lab.exhibits.add(bench.custodian, new)
    form = bench.lab.exhibits.particulars(exhibit.id)
    assert {name: one.value for name, one in form.told.items()} == LAPTOP
    assert form.missing == ()
    assert ("Signs of encryption", "not available: it was off") in form.facts
    (entry,) = bench.lab.custody.history(exhibit.id)
    assert {change.after for change in entry.changes if change.column == "value"} == set(LAPTOP.values())
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-07")
def test_the_form_changes_with_the_type_of_device(bench: Bench) -> None:
    case = bench.case()
    with pytest.raises(RefusedError, match="A mobile device has no field drive_count"):
        bench.lab.exhibits.add(bench.custodian, laptop(case, type=ExhibitType.MOBILE))
    asked = {kind: bench.lab.exhibits.device(kind) for kind in ExhibitType}
    for made_here in (ExhibitType.IMAGE, ExhibitType.EXPORT, ExhibitType.MEDIUM):
        assert asked.pop(made_here) is None
    assert all(device and device.id == kind.value for kind, device in asked.items())
    phone, computer = asked[ExhibitType.MOBILE], asked[ExhibitType.COMPUTER]
    assert phone is not None
    assert computer is not None
    assert {field.id for field in phone.fields} != {field.id for field in computer.fields}


def test_an_exhibit_without_particulars_says_what_is_missing_until_it_is_told(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    missing = [field.id for field in bench.lab.exhibits.particulars(exhibit.id).missing]
    assert missing == ["marks", "power_state", "find_spot", "drive_count", "encryption", "power_off"]
    form = bench.lab.exhibits.tell(bench.examiner, exhibit.id, {"marks": "Lid scratched", "power_state": "off"})
    assert [field.id for field in form.missing] == ["find_spot", "drive_count", "encryption", "power_off"]
    ((untold, lacking),) = bench.lab.exhibits.untold(exhibit.case_id)
    assert (untold.number, lacking) == ("LH/01", form.missing)
    trail = bench.lab.principles.of_case(exhibit.case_id)[1]
    assert "Particulars that the guidance asks for are still missing of: LH/01." in trail.records
    last = bench.lab.custody.history(exhibit.id)[-1]
    assert (last.action, last.fact("particulars")) == (
        "exhibit.particulars", "Colour, marks, damage: Lid scratched; Power and lock state: off",
    )  # fmt: skip


@pytest.mark.req("REQ-08")
def test_a_failed_check_warns_and_is_recorded_with_the_value_as_it_reads(bench: Bench) -> None:
    told = {**LAPTOP, "nic_macs": "01:00:5E:00:00:01"}
    exhibit = bench.lab.exhibits.add(bench.custodian, laptop(bench.case(), particulars=told, serial="PF?3X7"))
    one = bench.lab.exhibits.particulars(exhibit.id).told["nic_macs"]
    assert one.value == "01:00:5E:00:00:01"
    assert "group address" in one.doubt
    doubts = bench.lab.custody.history(exhibit.id)[0].fact("doubts")
    assert "Serial number: " in doubts
    assert "MAC addresses: " in doubts
    form = bench.lab.exhibits.tell(bench.custodian, exhibit.id, {"nic_macs": "00:1A:2B:3C:4D:5E"}, "misread")
    assert form.told["nic_macs"].doubt == ""
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-20")
def test_a_correction_needs_a_reason_and_points_at_the_entry_it_corrects(bench: Bench) -> None:
    exhibit = told_of(bench, bench.case())
    tell = bench.lab.exhibits.tell
    with pytest.raises(RefusedError, match="needs a reason"):
        tell(bench.custodian, exhibit.id, {"power_state": "on, locked"})
    with pytest.raises(RefusedError, match="Nothing differs"):
        tell(bench.custodian, exhibit.id, {"power_state": "off"}, "no")
    with pytest.raises(RefusedError, match="none of the answers offered"):
        tell(bench.custodian, exhibit.id, {"power_state": "somehow"}, "no")
    tell(bench.custodian, exhibit.id, {"power_state": "on, locked", "ram": "16 GiB"}, "photo 2 shows it")
    events = bench.lab.custody.history(exhibit.id)
    assert corrected_by(events) == {events[0].sequence: events[-1].sequence}
    assert "on, locked, was “off”" in events[-1].fact("particulars")
    assert events[-1].reason == "photo 2 shows it"
    with pytest.raises(PermissionRefusedError):
        tell(bench.supervisor, exhibit.id, {"ram": "32 GiB"}, "no")


@pytest.mark.req("REQ-21")
def test_the_custody_form_prints_the_particulars_and_a_line_for_each_that_is_missing(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    exhibit = told_of(bench, case)
    other = bench.exhibit(case, "LH/02")
    oracle = Oracle(tmp_path)
    flat = oracle.flat(bench.lab.custody_forms.pdf(case.id, exhibit.id))
    assert "Drivesandbays1,M.2" in flat
    assert "Signsofencryptionnotavailable:itwasoff" in flat
    assert "Drivesandbays" in oracle.flat(bench.lab.custody_forms.pdf(case.id, other.id))


@pytest.mark.req("REQ-13")
def test_particulars_stand_in_the_report_and_how_far_a_clock_is_off_but_no_credentials(bench: Bench) -> None:
    case = bench.case()
    told = {**LAPTOP, "bios_time": "2026-11-19 11:57 UTC", "time_offset": "3 min 12 s behind NTP"}
    told["credentials"] = "PIN 4711, by the owner"
    bench.lab.exhibits.add(bench.custodian, laptop(case, particulars=told))
    told_of(bench, case, "LH/02")
    for kind in (ExhibitType.COMPUTER, ExhibitType.MOBILE, ExhibitType.NETWORK, ExhibitType.IOT):
        device = bench.lab.exhibits.device(kind)
        assert device is not None
        assert "time_offset" in {field.id for field in device.fields}, kind
    dossier = bench.lab.reporting.dossier(
        bench.examiner.person, ReportRequest(case_id=case.id, zone="Europe/Berlin"), issued_at=None
    )
    assert ("MAC addresses", LAPTOP["nic_macs"]) in dossier.exhibits[0].identifiers
    assert "4711" not in str(dossier.exhibits), "a credential is in no report"
    assert [one.clock_offset for one in dossier.exhibits] == ["2026-11-19 11:57 UTC; 3 min 12 s behind NTP", None]
