"""Exhibits whose custody ends: in store, disposed of, transferred to another agency."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from forensics_app.model.audit import NewAudit
from forensics_app.model.case import Case
from forensics_app.model.custody import PaperKind
from forensics_app.model.disposal import CarryingOut, NewDisposal, NewHold, Way
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.offer import NewOffer
from resources import path as resource
from tests.builders import Bench

RECEIVING = {
    "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
    "seal_number": "0048812",
}  # fmt: skip
SENDING = {
    "agency": "Customs laboratory", "authority": "Request 7/26", "seal_number": "0048812", "seal_check": "intact",
    "carrier": "Courier 7", "departed_at": "2026-11-20T13:00+01:00", "due": "2026-11-23T13:00+01:00",
}  # fmt: skip
RECEIPT = {PaperKind.RECEIPT: Path(resource("demo/exhibit-photo-laptop.jpg"))}


def stored(bench: Bench, case: Case, number: str = "LH/01") -> Exhibit:
    """An exhibit on a shelf, stored by the custodian."""
    exhibit = bench.exhibit(case, number)
    request = bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte")
    bench.lab.custody.perform(bench.custodian, request)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A-07-3"}))
    return bench.lab.exhibits.get(exhibit.id)


def transferred(bench: Bench, case: Case, number: str = "LH/01") -> Exhibit:
    """An exhibit on its way to another agency."""
    exhibit = stored(bench, case, number)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "transfer_out", fields=SENDING))
    return bench.lab.exhibits.get(exhibit.id)


def dispose_of_one_and_transfer_another(bench: Bench, case: Case) -> None:
    """A destroyed exhibit after a hold was lifted, and a receipt of another agency."""
    lab, old = bench.lab, stored(bench, case, "LH/90")
    hold = lab.holds.place(
        bench.examiner, NewHold(case_id=case.id, exhibit_id=old.id, authority="Court", reason="Appeal")
    )
    lab.holds.lift(bench.supervisor, hold.id, "Court", "Dismissed")
    new = NewDisposal(
        exhibit_id=old.id,
        way=Way.DESTROY,
        method="Shredded",
        authority="Order",
        recipient="",
        occurred_at=bench.clock(),
    )
    disposal = lab.disposals.propose(bench.custodian, new)
    lab.disposals.approve(bench.supervisor, disposal.id, "Agreed")
    lab.disposals.carry_out(
        bench.custodian, bench.examiner, CarryingOut(disposal_id=disposal.id, occurred_at=bench.clock())
    )
    sent = transferred(bench, case, "LH/91")
    lab.custody.perform(bench.custodian, bench.request(sent, "confirm_receipt", papers=RECEIPT))


def offer_one_and_audit_its_room(bench: Bench, case: Case) -> None:
    """A transfer that was offered, and an audit that misses something."""
    exhibit = stored(bench, case, "LH/92")
    handing = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"}
    new = NewOffer(
        exhibit_id=exhibit.id,
        receiver_id=bench.examiner.person.id,
        event="check_out",
        due=bench.clock() + timedelta(hours=1),
        fields=handing,
    )
    bench.lab.offers.offer(bench.custodian, new)
    bench.lab.audits.record(bench.custodian, NewAudit(place="A-07-3", began_at=bench.clock(), scanned=()))
