"""What leaves the hands of who cannot sign: a key that ended, a storekeeper who is away, a transfer without receipt."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forensics_app.errors import RefusedError
from forensics_app.model.custody import CustodyEvent, Event, PaperKind
from forensics_app.model.desk import MatterKind
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.incident import IncidentKind
from forensics_app.model.offer import NewOffer
from forensics_app.model.person import Role, SignedIn
from tests.builders import SIGNED_FORM, Bench
from tests.forensics_app.services.test_possession import DRAWN, SEAL, held_by, is_in_order, receipt, seized, step

WHY = "He died on 18 November; the heirs brought it to the reception"
TAKING = {"place": "Reception", "unsigned_reason": WHY, **SEAL}
OUT = {"purpose": "Examination", "expected_return": "2026-12-01T17:00+01:00"}
AGENCY = "Customs laboratory"
SENT = {"agency": AGENCY, "authority": "4 Gs 812/26", "carrier": "Parcel service, no. 0034", **SEAL}
SENT |= {"departed_at": "2026-11-20T13:00+01:00"}


def stored(bench: Bench) -> Exhibit:
    """What Tomasz, the exhibits officer, stored under his name."""
    exhibit = seized(bench, bench.custodian, "Tomasz Lis")
    step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": "Tomasz Lis"})
    step(bench, exhibit, "receive", bench.custodian, bench.examiner)
    step(bench, exhibit, "hand_over", bench.examiner, bench.custodian)
    step(bench, exhibit, "store", bench.custodian, told={"shelf": "A-07"})
    return exhibit


def transferred(bench: Bench, **told: str) -> Exhibit:
    exhibit = stored(bench)
    step(bench, exhibit, "transfer_out", bench.custodian, told=SENT | told, papers=SIGNED_FORM)
    return exhibit


def another(bench: Bench, name: str, role: Role) -> SignedIn:
    bench.enrol(name, role)
    return bench.sign_in(name)


def end_key(bench: Bench, who: SignedIn) -> None:
    bench.lab.people.revoke(bench.admin, who.person.id, "Died on 18 November")


def taken_over(bench: Bench, exhibit: Exhibit, *by: SignedIn, **more: str) -> CustodyEvent:
    told = {name: value for name, value in (TAKING | more).items() if value}
    return step(bench, exhibit, "take_over", *(by or (bench.supervisor, bench.examiner)), told=told)


def events(bench: Bench, exhibit: Exhibit) -> set[str]:
    return {one.event for one in bench.lab.custody.possible(exhibit.id)}


def waiting(bench: Bench, kind: MatterKind) -> list[str]:
    return [one.what for one in bench.lab.desk.waiting() if one.kind is kind]


def carried_by_tomasz(bench: Bench) -> Exhibit:
    exhibit = seized(bench, bench.custodian, "Tomasz Lis")
    step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": "Tomasz Lis"})
    return exhibit


def checked_out(bench: Bench) -> Exhibit:
    exhibit = stored(bench)
    step(bench, exhibit, "check_out", bench.custodian, told=OUT)
    return exhibit


def carried_away(bench: Bench) -> Exhibit:
    exhibit = stored(bench)
    step(bench, exhibit, "transfer_out", bench.custodian, told=SENT | {"carrier": "Tomasz Lis"})
    return exhibit


@pytest.mark.req("REQ-02", "REQ-18", "REQ-19")
@pytest.mark.parametrize("held", [carried_by_tomasz, checked_out, carried_away])
def test_what_is_in_the_hands_of_who_died_is_taken_over_by_order_of_a_supervisor(
    bench: Bench, tmp_path: Path, held: Callable[[Bench], Exhibit]
) -> None:
    exhibit = held(bench)
    state = bench.lab.exhibits.get(exhibit.id).state
    assert "take_over" not in events(bench, exhibit), "Tomasz can sign"
    end_key(bench, bench.custodian)
    assert "take_over" in events(bench, exhibit)
    (told,) = waiting(bench, MatterKind.KEY_ENDED)
    assert told.startswith("LH/01 is in the hands of Tomasz Lis, whose key ended on 2026-11-")
    event = taken_over(bench, exhibit)
    assert held_by(bench, exhibit) == (state, "Ana Kovač", True)
    assert [(one.role, one.name) for one in event.signatures] == [
        ("actor", "Ingrid Solberg"),
        ("receiver", "Ana Kovač"),
    ]
    assert event.fact("giver") == "Tomasz Lis (did not sign)"
    ended = bench.lab.people.named("Tomasz Lis").revoked_at
    assert ended is not None
    words = (
        "LH/01 was not signed for by who held it, Tomasz Lis: their key ended on "
        f"{ended:%Y-%m-%d at %H:%M} UTC. Moved by order of Ingrid Solberg; taken over by Ana Kovač."
    )
    assert event.fact("deviation") == words
    assert waiting(bench, MatterKind.KEY_ENDED) == []
    assert waiting(bench, MatterKind.DEVIATION) == [f"{words.rstrip('.')}. Reason given by Ana Kovač: {WHY}"]
    if state is State.CHECKED_OUT:
        step(bench, exhibit, "return_to_store", bench.examiner, told={"shelf": "B-01", **SEAL})
        assert held_by(bench, exhibit) == (State.STORED, "Ana Kovač", True)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-17", "REQ-18", "REQ-19")
def test_nobody_else_takes_anything_out_of_hands_that_do_not_sign(bench: Bench) -> None:
    exhibit = checked_out(bench)
    with pytest.raises(RefusedError, match="key of Tomasz Lis is in force"):
        taken_over(bench, exhibit)
    end_key(bench, bench.custodian)
    officer = another(bench, "Olaf Berg", Role.EXHIBITS_OFFICER)
    for signers, words in (
        ((bench.supervisor, bench.supervisor), "One person cannot give and receive"),
        ((bench.examiner, officer), "Ana Kovač is no supervisor"),
        ((bench.supervisor,), "Name the person who receives it|two signatures"),
    ):
        with pytest.raises(RefusedError, match=words):
            taken_over(bench, exhibit, *signers)
    for left_out, words in (("unsigned_reason", "why who held it cannot sign"), ("seal_check", "check of the seal")):
        with pytest.raises(RefusedError, match=words):
            taken_over(bench, exhibit, **{left_out: ""})
    with pytest.raises(RefusedError, match=r"explains nothing. What has to be explained: LH/01 was not signed for"):
        taken_over(bench, exhibit, unsigned_reason="--")
    for event, told in (("hand_over", {}), ("return_to_store", {"shelf": "B-01", **SEAL})):
        with pytest.raises(RefusedError, match="is held by Tomasz Lis, not by Ingrid Solberg") as refused:
            step(bench, exhibit, event, bench.supervisor, bench.examiner, told=told)
        assert "where their key has ended, a supervisor lets somebody take it over" in refused.value.then
    with pytest.raises(RefusedError, match="the program writes it"):
        taken_over(bench, exhibit, key_ended_at="2026-11-19T11:00:00.000000Z")
    assert held_by(bench, exhibit) == (State.CHECKED_OUT, "Tomasz Lis", True)
    tried = [one for one in bench.lab.custody.history(exhibit.id) if one.action == "custody.refused"]
    assert len(tried) == 10, "each attempt is recorded"
    taken_over(bench, exhibit, bench.supervisor, officer)
    with pytest.raises(RefusedError, match="key of Olaf Berg is in force"):
        taken_over(bench, exhibit)


@pytest.mark.req("REQ-18")
def test_who_comes_back_with_a_new_key_hands_it_over_themselves(bench: Bench, tmp_path: Path) -> None:
    exhibit = checked_out(bench)
    end_key(bench, bench.custodian)
    bench.lab.person_keys.replace(bench.admin, bench.custodian.person.id, "another passphrase", "He is well again")
    with pytest.raises(RefusedError, match="key of Tomasz Lis is in force"):
        taken_over(bench, exhibit)
    tomasz = bench.lab.people.sign_in("Tomasz Lis", "another passphrase")
    step(bench, exhibit, "hand_over", tomasz, bench.examiner)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18")
def test_another_exhibits_officer_hands_out_what_an_absent_one_stored(bench: Bench, tmp_path: Path) -> None:
    exhibit = stored(bench)
    for who in (bench.examiner, bench.supervisor):
        with pytest.raises(RefusedError, match="is held by Tomasz Lis, not by") as refused:
            step(bench, exhibit, "check_out", who, told=OUT)
        assert "where they are not there, another exhibits officer hands it out" in refused.value.then
    officer = another(bench, "Olaf Berg", Role.EXHIBITS_OFFICER)
    event = step(bench, exhibit, "check_out", officer, bench.examiner, told=OUT)
    assert held_by(bench, exhibit) == (State.CHECKED_OUT, "Ana Kovač", True)
    assert (event.fact("giver"), event.fact("stored_by")) == ("Olaf Berg, Officer", "Tomasz Lis")
    with pytest.raises(RefusedError, match="is held by Ana Kovač, not by Olaf Berg"):
        step(bench, exhibit, "return_to_store", officer, told={"shelf": "A-07", **SEAL})
    step(bench, exhibit, "return_to_store", bench.examiner, bench.custodian, told={"shelf": "A-07", **SEAL})
    moved = step(bench, exhibit, "move", officer, told={"shelf": "A-08"})
    assert held_by(bench, exhibit) == (State.STORED, "Olaf Berg", True)
    assert moved.fact("stored_by") == "Tomasz Lis"
    assert step(bench, exhibit, "move", officer, told={"shelf": "A-07"}).fact("stored_by") == ""
    due = bench.clock.at + timedelta(days=1)
    new = NewOffer(exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out", due=due, fields=OUT)
    offered = bench.lab.offers.offer(bench.custodian, new)
    taken = bench.lab.offers.accept(bench.examiner, offered.id, bench.clock.at, {})
    assert (taken.fact("giver"), taken.fact("stored_by")) == ("Tomasz Lis, Officer", "Olaf Berg")
    form = bench.lab.custody_forms.gather(exhibit.case_id).items[0]
    given = [(one.giver.name, one.receiver.name) for one in form.events if one.giver and one.receiver][-1]
    assert given == ("Tomasz Lis, Officer", "Ana Kovač")
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-12", "REQ-18")
def test_a_parcel_that_nobody_took_comes_back_with_its_seal_and_the_reason(bench: Bench, tmp_path: Path) -> None:
    exhibit = transferred(bench)
    assert {"receive", "report_lost", "confirm_receipt", "call_back"} == events(bench, exhibit)
    back: dict[str, Any] = {"outside_party": "Parcel service, driver", "papers": DRAWN}
    with pytest.raises(RefusedError, match="State the reason"):
        step(bench, exhibit, "receive", bench.examiner, **back)
    why = {"reason": "Undeliverable: the address has no reception on Saturdays"}
    with pytest.raises(RefusedError, match="no signature of theirs"):
        step(bench, exhibit, "receive", bench.examiner, told=why, outside_party="Parcel service, driver")
    event = step(bench, exhibit, "receive", bench.examiner, told=why | {"seal_check": "broken"}, **back)
    assert held_by(bench, exhibit) == (State.RECEIVED, "Ana Kovač", True)
    assert "seal 0048812 was found broken" in event.fact("incident")
    step(bench, exhibit, "store", bench.examiner, told={"shelf": "A-07"})
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18", "REQ-22")
def test_a_receipt_that_comes_late_on_paper_settles_what_the_desk_shows_with_its_age(
    bench: Bench, tmp_path: Path
) -> None:
    exhibit = transferred(bench)
    assert waiting(bench, MatterKind.OVERDUE) == []
    bench.clock.at += timedelta(days=13)
    assert waiting(bench, MatterKind.OVERDUE) == []
    bench.clock.at += timedelta(days=10)
    (told,) = waiting(bench, MatterKind.OVERDUE)
    assert told == f"LH/01 was transferred to {AGENCY} 23 days ago, and no receipt for it is recorded."
    with pytest.raises(RefusedError, match="receipt"):
        step(bench, exhibit, "confirm_receipt", bench.examiner)
    paper = {PaperKind.RECEIPT: DRAWN[PaperKind.SIGNATURE]}
    event = step(bench, exhibit, "confirm_receipt", bench.examiner, papers=paper)
    assert len(event.fact("receipt_sha256")) == 64
    assert held_by(bench, exhibit) == (State.RECEIVED, AGENCY, False)
    assert waiting(bench, MatterKind.OVERDUE) == []
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18", "REQ-22")
def test_what_never_arrived_is_told_as_lost_with_an_incident_and_can_be_found(bench: Bench, tmp_path: Path) -> None:
    exhibit = transferred(bench, due="2026-11-25T12:00+01:00")
    step(bench, exhibit, "report_lost", bench.examiner, told={"reason": "The carrier cannot find it"})
    assert held_by(bench, exhibit) == (State.LOST_INCIDENT, AGENCY, False)
    assert [one.kind for one in bench.lab.incidents.open()] == [IncidentKind.LOST]
    assert waiting(bench, MatterKind.OVERDUE) == []
    step(bench, exhibit, "receive", bench.examiner, outside_party="Finder, Fred", papers=DRAWN)
    assert held_by(bench, exhibit) == (State.RECEIVED, "Ana Kovač", True)
    is_in_order(bench, exhibit, tmp_path)


def test_the_words_that_are_signed_say_who_does_not_sign(bench: Bench) -> None:
    exhibit = stored(bench)
    request = bench.request(exhibit, "check_out", fields=OUT)
    said = bench.lab.custody.statement(request, "Olaf Berg", "Ana Kovač")
    assert "from Olaf Berg to Ana Kovač (stored by Tomasz Lis, who does not sign)" in said
    step(bench, exhibit, "check_out", bench.custodian, told=OUT)
    end_key(bench, bench.custodian)
    request = bench.request(exhibit, Event.TAKE_OVER, fields=TAKING)
    said = bench.lab.custody.statement(request, "Ingrid Solberg", "Ana Kovač")
    assert "from Tomasz Lis, who does not sign because their key ended at 2026-11-" in said
    assert "by order of Ingrid Solberg, to Ana Kovač" in said


@pytest.mark.req("REQ-17", "REQ-18")
def test_what_was_offered_by_who_died_since_is_not_accepted_but_taken_over(bench: Bench, tmp_path: Path) -> None:
    exhibit, due = checked_out(bench), bench.clock.at + timedelta(days=1)
    told = {"place": "Bench 2", "purpose": "Examination", **SEAL}
    new = NewOffer(exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="hand_over", due=due, fields=told)
    offered = bench.lab.offers.offer(bench.custodian, new)
    end_key(bench, bench.custodian)
    with pytest.raises(RefusedError, match=r"Tomasz Lis offered LH/01, and their key ended on 2026-11-") as refused:
        bench.lab.offers.accept(bench.examiner, offered.id, bench.clock(), {})
    assert "a supervisor lets somebody take it over (take over)" in refused.value.then
    assert held_by(bench, exhibit) == (State.CHECKED_OUT, "Tomasz Lis", True)
    assert bench.lab.custody.history(exhibit.id)[-1].fact("event") == "accept_offer"
    bench.lab.offers.refuse(bench.examiner, offered.id, "He died")
    taken_over(bench, exhibit)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-13", "REQ-18")
def test_a_key_that_ended_by_a_clock_that_was_ahead_keeps_nothing_in_hands_that_cannot_sign(
    bench: Bench, tmp_path: Path
) -> None:
    exhibit, now = checked_out(bench), bench.clock.at
    bench.clock.at = now + timedelta(days=3)
    end_key(bench, bench.custodian)
    ended = bench.lab.people.named("Tomasz Lis").revoked_at
    bench.clock.at = now
    event = taken_over(bench, exhibit)
    assert event.recorded_at == ended, "it followed the end of the key, whatever the clock says"
    assert event.fact("clock").startswith(f"{now:%Y-%m-%dT}"), "and what that says is told"
    assert held_by(bench, exhibit) == (State.CHECKED_OUT, "Ana Kovač", True)
    step(bench, exhibit, "return_to_store", bench.examiner, told={"shelf": "B-01", **SEAL})
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-12", "REQ-18")
@pytest.mark.parametrize("carrier", ["Parcel service", "Tomasz Lis"])
def test_a_parcel_that_is_lost_on_its_way_back_is_told_as_lost_with_an_incident(
    bench: Bench, tmp_path: Path, carrier: str
) -> None:
    exhibit = stored(bench)
    papers = SIGNED_FORM if carrier != "Tomasz Lis" else {}
    step(bench, exhibit, "transfer_out", bench.custodian, told=SENT | {"carrier": carrier}, papers=papers)
    step(bench, exhibit, "call_back", bench.custodian, told={"reason": "Wanted again"}, papers=receipt())
    assert "report_lost" in events(bench, exhibit)
    step(bench, exhibit, "report_lost", bench.custodian, told={"reason": "It never came back"})
    assert bench.lab.exhibits.get(exhibit.id).state is State.LOST_INCIDENT
    (incident,) = bench.lab.incidents.of_exhibit(exhibit.id)
    assert (incident.kind, incident.what) == (IncidentKind.LOST, "LH/01 was reported lost: It never came back.")
    is_in_order(bench, exhibit, tmp_path)
