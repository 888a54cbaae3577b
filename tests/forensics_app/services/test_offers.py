"""Transfers that are offered, and accepted, refused or withdrawn; both signatures belong to one entry."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.competence import NewTraining
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.offer import NewOffer, Offer, OfferState
from forensics_app.model.person import Role, SignedIn
from tests.builders import NOON, Bench
from tests.forensics_app.services import end_of_custody, test_possession
from tests.second_verifier.verdicts import verify

DATABASES = ("sqlite", "postgresql")
TAKING = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}
DUE = NOON + timedelta(days=2)


def stored(bench: Bench) -> Exhibit:
    return end_of_custody.stored(bench, bench.case())


def offer(bench: Bench, exhibit: Exhibit, to: SignedIn, *, by: SignedIn | None = None, due: datetime = DUE) -> Offer:
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=to.person.id, event="check_out", due=due, fields=TAKING, remarks="In box 4"
    )
    return bench.lab.offers.offer(by or bench.custodian, new)


def accept(bench: Bench, made: Offer, by: SignedIn, told: Mapping[str, str] = {}) -> CustodyEvent:
    return bench.lab.offers.accept(by, made.id, bench.clock(), told)


@pytest.mark.req("REQ-18")
def test_an_accepted_offer_binds_both_signatures_to_one_entry(bench: Bench) -> None:
    exhibit = stored(bench)
    made = offer(bench, exhibit, bench.examiner)
    offered = bench.lab.custody.history(exhibit.id)[-1]
    assert [(one.role, one.name) for one in offered.signatures] == [("giver", "Tomasz Lis")]
    assert bench.lab.exhibits.get(exhibit.id) == exhibit

    accepted = accept(bench, made, bench.examiner, {"seal_number": "0048812", "seal_check": "intact"})
    assert accepted.action == "custody.check_out"
    assert [(one.role, one.name) for one in accepted.signatures] == [("receiver", "Ana Kovač")]
    assert accepted.fact("offer") == offered.digest.hex()
    assert accepted.facts["offer_entry"] == offered.sequence
    assert accepted.fact("giver").startswith("Tomasz Lis")
    after = bench.lab.exhibits.get(exhibit.id)
    assert (after.state, after.holder, after.place) == (State.CHECKED_OUT, "Ana Kovač", "Bench 2")
    (kept,) = bench.lab.offers.list(exhibit.case_id)
    assert (kept.state, kept.giver, kept.receiver) == (OfferState.ACCEPTED, "Tomasz Lis", "Ana Kovač")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18", "REQ-19")
def test_only_the_holder_offers_and_only_the_receiver_accepts(bench: Bench) -> None:
    exhibit = stored(bench)
    with pytest.raises(RefusedError, match="held by Tomasz Lis"):
        offer(bench, exhibit, bench.supervisor, by=bench.examiner)
    with pytest.raises(RefusedError, match="cannot give and receive"):
        offer(bench, exhibit, bench.custodian)
    made = offer(bench, exhibit, bench.examiner)
    with pytest.raises(RefusedError, match="offered to Ana Kovač"):
        accept(bench, made, bench.supervisor)
    with pytest.raises(RefusedError, match="offered already"):
        offer(bench, exhibit, bench.supervisor)
    assert bench.lab.custody.history(exhibit.id)[-1].action == "custody.refused"
    accept(bench, made, bench.examiner)
    with pytest.raises(RefusedError, match="accepted already"):
        accept(bench, made, bench.examiner)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
def test_an_offer_is_refused_or_withdrawn_with_a_reason_and_the_exhibit_stays(bench: Bench) -> None:
    exhibit = stored(bench)
    made = offer(bench, exhibit, bench.examiner)
    with pytest.raises(RefusedError, match="reason"):
        bench.lab.offers.refuse(bench.examiner, made.id, " ")
    with pytest.raises(RefusedError, match="Only Ana Kovač"):
        bench.lab.offers.refuse(bench.supervisor, made.id, "not mine")
    refused = bench.lab.offers.refuse(bench.examiner, made.id, "I am not in the laboratory")
    assert (refused.state, refused.reason) == (OfferState.REFUSED, "I am not in the laboratory")
    again = offer(bench, exhibit, bench.supervisor)
    with pytest.raises(RefusedError, match="Only Tomasz Lis"):
        bench.lab.offers.withdraw(bench.examiner, again.id, "no")
    withdrawn = bench.lab.offers.withdraw(bench.custodian, again.id, "Handed over directly")
    assert withdrawn.state is OfferState.WITHDRAWN
    assert bench.lab.offers.open() == ()
    assert bench.lab.exhibits.get(exhibit.id) == exhibit
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-22")
def test_an_offer_that_nobody_answers_is_overdue(bench: Bench) -> None:
    made = offer(bench, stored(bench), bench.examiner, due=NOON + timedelta(hours=1))
    assert bench.lab.offers.open() == (made,)
    assert not made.is_overdue(NOON)
    assert made.is_overdue(NOON + timedelta(hours=2))


def test_an_offer_falls_when_the_exhibit_went_another_way(bench: Bench) -> None:
    exhibit = stored(bench)
    made = offer(bench, exhibit, bench.examiner)
    bench.lab.custody.hand_over(bench.custodian, bench.supervisor, bench.request(exhibit, "check_out", fields=TAKING))
    with pytest.raises(RefusedError, match="not with Tomasz Lis as it was"):
        accept(bench, made, bench.examiner)
    assert bench.lab.exhibits.get(exhibit.id).holder == "Ingrid Solberg"


@pytest.mark.req("REQ-18")
def test_an_offer_falls_with_a_step_that_leaves_the_exhibit_where_it_was(bench: Bench) -> None:
    exhibit = stored(bench)
    made = offer(bench, exhibit, bench.examiner)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "move", fields={"shelf": "B-02"}))
    moved = bench.lab.exhibits.get(exhibit.id)
    assert (moved.state, moved.holder_id) == (exhibit.state, exhibit.holder_id)
    with pytest.raises(RefusedError, match="not with Tomasz Lis as it was") as refused:
        accept(bench, made, bench.examiner)
    assert refused.value.then == "Let whoever holds it offer it again."
    bench.lab.offers.refuse(bench.examiner, made.id, "It lies elsewhere")
    accept(bench, offer(bench, exhibit, bench.examiner), bench.examiner)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_a_seal_that_the_receiver_finds_broken_is_an_incident_that_neither_of_them_closes(bench: Bench) -> None:
    bench.enrol("Otto Both", Role.SUPERVISOR)
    both = bench.sign_in("Otto Both")
    exhibit = stored(bench)
    bench.lab.custody.hand_over(bench.custodian, both, bench.request(exhibit, "check_out", fields=TAKING))
    handing = {"purpose": "Second look", "place": "Bench 3", "seal_check": "intact", "seal_number": "0048812"}
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="hand_over", due=DUE, fields=handing
    )
    made = bench.lab.offers.offer(both, new)
    accept(bench, made, bench.examiner, {"seal_check": "broken"})
    (incident,) = bench.lab.incidents.open()
    with pytest.raises(PermissionRefusedError, match="signed the step"):
        bench.lab.incidents.close(both, incident.id, "It was whole when I gave it")
    bench.lab.incidents.close(bench.supervisor, incident.id, "Asked both")
    assert bench.lab.verification.verify().ok


@pytest.mark.parametrize("event", ["store", "receive", "destroy"])
def test_only_steps_between_two_peoples_hands_are_offered(bench: Bench, event: str) -> None:
    exhibit = stored(bench)
    new = NewOffer(exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event=event, due=DUE)
    with pytest.raises(RefusedError, match="no step from one person's hands"):
        bench.lab.offers.offer(bench.custodian, new)


def test_who_may_hold_nothing_is_offered_nothing(bench: Bench) -> None:
    exhibit = stored(bench)
    with pytest.raises(RefusedError, match="may hold exhibits"):
        offer(bench, exhibit, bench.admin_as_auditor())


@pytest.mark.req("REQ-37")
def test_an_untrained_examiner_is_offered_nothing_and_accepts_nothing(bench: Bench) -> None:
    exhibit = stored(bench)
    made = offer(bench, exhibit, bench.examiner)
    training = NewTraining(
        person_id=bench.custodian.person.id, subject="Imaging", provider="ECTEG", achieved_on=date(2025, 3, 14)
    )
    bench.lab.competence.record(bench.supervisor, training)
    with pytest.raises(RefusedError, match="No training of Ana Kova\u010d is in the register"):
        accept(bench, made, bench.examiner)
    assert bench.lab.custody.history(exhibit.id)[-1].action == "custody.refused"
    bench.lab.offers.withdraw(bench.custodian, made.id, "Untrained")
    with pytest.raises(RefusedError, match="No training of Ana Kova\u010d is in the register"):
        offer(bench, exhibit, bench.examiner)
    bench.lab.competence.record(bench.supervisor, replace(training, person_id=bench.examiner.person.id))
    assert accept(bench, offer(bench, exhibit, bench.examiner), bench.examiner).action == "custody.check_out"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
def test_an_officer_whom_the_record_names_alone_offers_what_they_seized(bench: Bench, tmp_path: Path) -> None:
    exhibit = test_possession.seized(bench, bench.custodian, "Kovač, Ana")
    assert test_possession.held_by(bench, exhibit) == (State.SEIZED, "Kovač, Ana", False)
    handing = {"place": "Lindenhofstr. 12", "purpose": "Transport", "seal_number": "0048812", "seal_check": "intact"}
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.custodian.person.id, event="hand_over", due=DUE, fields=handing
    )
    with pytest.raises(RefusedError, match="held by Kovač, Ana, not by"):
        bench.lab.offers.offer(bench.supervisor, new)
    accept(bench, bench.lab.offers.offer(bench.examiner, new), bench.custodian)
    assert test_possession.held_by(bench, exhibit) == (State.SEIZED, "Tomasz Lis", True)
    test_possession.is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("back", [timedelta(hours=5), timedelta(days=400)], ids=str)
@pytest.mark.parametrize("when", ["before the offer", "before the acceptance"])
def test_an_offer_is_accepted_though_the_clock_stands_before_the_givers_key(
    bench: Bench, tmp_path: Path, when: str, back: timedelta
) -> None:
    exhibit = stored(bench)
    if when == "before the offer":
        bench.clock.at -= back
    made = offer(bench, exhibit, bench.examiner, due=bench.clock() + timedelta(hours=3))
    if when == "before the acceptance":
        bench.clock.at -= back
    told = {"seal_number": "0048812", "seal_check": "intact"}
    accept(bench, made, bench.examiner, told)
    assert bench.lab.exhibits.get(exhibit.id).holder == "Ana Kovač"
    assert bench.lab.verification.verify().ok
    bench.lab.custody.export(exhibit.case_id, tmp_path / "folder")
    assert verify((tmp_path / "folder" / "ledger.jsonl").read_bytes())[0] == 0
