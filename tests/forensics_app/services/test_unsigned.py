"""Where nobody signed, nothing says that somebody did; what was refused or lost is told of, and has a way on."""

from pathlib import Path

import pytest

from forensics_app.model.audit import FindingKind, NewAudit
from forensics_app.model.custody_form import FormEvent
from forensics_app.model.exhibit import Exhibit, State
from tests.builders import SIGNED_FORM, Bench
from tests.forensics_app.services.test_possession import (
    COURIER,
    DRAWN,
    OFFICER,
    SENDING,
    held_by,
    is_in_order,
    refused,
    seized,
    step,
)


def on_form(bench: Bench, exhibit: Exhibit, act: str) -> FormEvent:
    (item,) = bench.lab.custody_forms.gather(exhibit.case_id, exhibit.id).items
    return next(one for one in item.events if one.act == act)


def names(event: FormEvent) -> tuple[str, str]:
    return (event.giver.name if event.giver else "", event.receiver.name if event.receiver else "")


@pytest.mark.req("REQ-18", "REQ-21")
def test_who_did_not_sign_is_said_not_to_have_and_the_form_says_why(bench: Bench) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    why = {"unsigned_reason": "Left in the letter box"}
    entry = step(bench, exhibit, "receive", bench.custodian, outside_party=OFFICER, told=why)
    assert entry.fact("giver") == f"{OFFICER} (did not sign)"
    received = on_form(bench, exhibit, "Received at the laboratory")
    assert names(received) == (f"{OFFICER} (did not sign)", "Tomasz Lis")
    assert "Not signed because: Left in the letter box" in received.remarks
    assert not any(one.startswith("Deviation") for one in received.remarks)  # it has a place of its own
    assert received.deviation


@pytest.mark.req("REQ-18", "REQ-21")
def test_the_form_names_who_had_it_at_a_dispatch_and_the_key_of_who_carries_it_back(bench: Bench) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": COURIER}, papers=SIGNED_FORM)
    assert names(on_form(bench, exhibit, "Dispatched")) == (OFFICER, COURIER)
    back = refused(bench, "2026-2")
    reason = on_form(bench, back, "Refused").remarks
    assert [one for one in reason if "Reason" in one] == ["Reason: The order is not signed"]
    told = {"agency": "Police, Hafen", "carrier": "Tomasz Lis", "reason": "The order is not signed", **SENDING}
    step(bench, back, "send_back", bench.custodian, told=told)
    sent = on_form(bench, back, "Sent back to the sender")
    assert sent.giver is not None
    assert (sent.giver.name, len(sent.giver.key_id)) == ("Tomasz Lis", 64)


@pytest.mark.req("REQ-23")
def test_an_audit_looks_for_what_was_refused_until_it_went_back(bench: Bench) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    step(bench, exhibit, "receive", bench.custodian, outside_party=OFFICER, papers=DRAWN)
    step(bench, exhibit, "refuse", bench.custodian, told={"reason": "The order is not signed"})
    place = bench.lab.exhibits.get(exhibit.id).place
    now = bench.clock()
    audit = bench.lab.audits.record(bench.custodian, NewAudit(place=place, began_at=now, scanned=()))
    assert [one.kind for one in audit.findings] == [FindingKind.MISSING]
    new = NewAudit(place=place, began_at=now, scanned=("LH/01",), seals_agree=True)
    found = bench.lab.audits.record(bench.custodian, new)
    assert (found.expected, found.findings) == (1, ())


@pytest.mark.req("REQ-17", "REQ-18")
def test_what_was_reported_lost_and_is_found_is_received_from_who_found_it(bench: Bench, tmp_path: Path) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": COURIER}, papers=SIGNED_FORM)
    step(bench, exhibit, "report_lost", bench.custodian, told={"reason": "The van was stolen"})
    finder = "M. Roth, lost property office"
    step(bench, exhibit, "receive", bench.custodian, outside_party=finder, papers=DRAWN)
    assert held_by(bench, exhibit) == (State.RECEIVED, "Tomasz Lis", True)
    is_in_order(bench, exhibit, tmp_path)
