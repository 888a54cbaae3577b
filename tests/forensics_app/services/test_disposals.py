"""Disposals and legal holds: who proposes, who decides, who carries out, and what keeps an exhibit."""

from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.custody import PaperKind
from forensics_app.model.disposal import CarryingOut, Disposal, DisposalState, Hold, NewDisposal, NewHold, Way
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType, NewExhibit, State
from forensics_app.model.person import Role, SignedIn
from tests.builders import SIGNED_FORM, Bench
from tests.forensics_app.services import end_of_custody

DATABASES = ("sqlite", "postgresql")
ENDS = {
    Way.RETURN_TO_OWNER: (State.RETURNED, "L. Hansen"),
    Way.DESTROY: (State.DESTROYED, ""),
    Way.FORFEIT: (State.FORFEITED, "L. Hansen"),
    Way.ARCHIVE: (State.ARCHIVED, "L. Hansen"),
}


def stored(bench: Bench) -> Exhibit:
    return end_of_custody.stored(bench, bench.case())


def propose(bench: Bench, exhibit: Exhibit, way: Way = Way.DESTROY, by: SignedIn | None = None) -> Disposal:
    new = NewDisposal(
        exhibit_id=exhibit.id,
        way=way,
        method="Shredded, 2 mm" if way is Way.DESTROY else "At the counter",
        authority="Order 4 Gs 812/26-9",
        recipient="" if way is Way.DESTROY else "L. Hansen",
        occurred_at=bench.clock(),
    )
    return bench.lab.disposals.propose(by or bench.custodian, new)


def hold(bench: Bench, exhibit: Exhibit, exhibit_id: ExhibitId | None) -> Hold:
    new = NewHold(
        case_id=exhibit.case_id, exhibit_id=exhibit_id, authority="Court of appeal, 2 Ws 14/26", reason="Appeal pending"
    )
    return bench.lab.holds.place(bench.examiner, new)


def carry_out(bench: Bench, disposal: Disposal, actor: SignedIn, witness: SignedIn) -> None:
    papers = SIGNED_FORM if disposal.recipient else {}
    told = CarryingOut(disposal_id=disposal.id, occurred_at=bench.clock(), place="Yard", papers=papers)
    bench.lab.disposals.carry_out(actor, witness, told)


@pytest.mark.req("REQ-19", "REQ-23")
@pytest.mark.parametrize("way", Way)
def test_a_disposal_is_proposed_approved_and_carried_out_before_a_witness(bench: Bench, way: Way) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit, way)
    assert bench.lab.exhibits.get(exhibit.id).state is State.DISPOSAL_PENDING
    assert bench.lab.disposals.waiting() == (disposal,)
    approved = bench.lab.disposals.approve(bench.supervisor, disposal.id, "Nothing speaks against it")
    assert (approved.state, approved.decided_by) == (DisposalState.APPROVED, "Ingrid Solberg")
    carry_out(bench, disposal, bench.custodian, bench.examiner)

    gone = bench.lab.exhibits.get(exhibit.id)
    assert (gone.state, gone.holder) == ENDS[way]
    assert gone.holder_id is None
    entry = bench.lab.custody.history(exhibit.id)[-1]
    assert entry.action == f"custody.{way}"
    assert [(one.role, one.name) for one in entry.signatures] == [("actor", "Tomasz Lis"), ("witness", "Ana Kovač")]
    assert entry.fact("approved_by") == "Ingrid Solberg"
    assert entry.fact("legal_hold_check").startswith("no legal hold")
    (done,) = bench.lab.disposals.list(exhibit.case_id)
    assert (done.state, done.carried_out_by, done.witness) == (DisposalState.CARRIED_OUT, "Tomasz Lis", "Ana Kovač")
    assert bench.lab.disposals.waiting() == ()
    assert bench.lab.custody.possible(exhibit.id) == ()
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-21", "REQ-23")
def test_the_form_tells_the_end_that_came_as_corrected_and_no_attempt_at_it(bench: Bench) -> None:
    def ending() -> tuple[str, ...]:
        (item,) = bench.lab.custody_forms.gather(exhibit.case_id, exhibit.id).items
        return item.ending

    exhibit = stored(bench)
    disposal = propose(bench, exhibit)
    with pytest.raises(RefusedError, match="proposed, not approved"):
        carry_out(bench, disposal, bench.custodian, bench.examiner)
    assert bench.lab.custody.history(exhibit.id)[-1].fact("event") == Way.DESTROY
    assert ending() == ()
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    carry_out(bench, disposal, bench.custodian, bench.examiner)
    end = bench.lab.custody.history(exhibit.id)[-1]
    told = ending()
    assert told[0] == "Destroyed"
    assert told[3:6] == ("Ingrid Solberg", "Shredded, 2 mm, Yard", "Tomasz Lis")
    with pytest.raises(RefusedError):
        carry_out(bench, disposal, bench.custodian, bench.examiner)
    assert ending() == told
    bench.lab.custody.correct(bench.custodian, exhibit.id, end.sequence, {"place": "Hall 2"}, "misread")
    assert ending() == (*told[:4], "Shredded, 2 mm, Hall 2", *told[5:])


@pytest.mark.req("REQ-23")
def test_where_nobody_takes_it_nobody_signs_for_it_and_no_file_stays(bench: Bench, tmp_path: Path) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit)
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    drawn = tmp_path / "signature.png"
    drawn.write_bytes(b"\x89PNG\r\n\x1a\n")
    papers = {PaperKind.SIGNATURE: drawn}
    told = CarryingOut(disposal_id=disposal.id, occurred_at=bench.clock(), papers=papers)
    with pytest.raises(RefusedError, match="nobody signs for it"):
        bench.lab.disposals.carry_out(bench.custodian, bench.examiner, told)
    assert bench.lab.exhibits.get(exhibit.id).state is State.DISPOSAL_PENDING
    assert bench.lab.journal.unrecorded_files() == ()


@pytest.mark.req("REQ-18", "REQ-23")
def test_who_takes_it_signs_for_it_on_the_screen_or_on_a_form(bench: Bench) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit, Way.RETURN_TO_OWNER)
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    unsigned = CarryingOut(disposal_id=disposal.id, occurred_at=bench.clock())
    with pytest.raises(RefusedError, match="Hansen takes LH/01, and no signature of theirs is there"):
        bench.lab.disposals.carry_out(bench.custodian, bench.examiner, unsigned)
    receipt = CarryingOut(
        disposal_id=disposal.id, occurred_at=bench.clock(), papers={PaperKind.RECEIPT: SIGNED_FORM[PaperKind.FORM]}
    )
    with pytest.raises(RefusedError, match="no signature"):
        bench.lab.disposals.carry_out(bench.custodian, bench.examiner, receipt)
    carry_out(bench, disposal, bench.custodian, bench.examiner)
    assert len(bench.lab.custody.history(exhibit.id)[-1].fact("form_sha256")) == 64
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-19")
def test_nobody_decides_about_what_they_proposed(bench: Bench) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit, by=bench.supervisor)
    with pytest.raises(RefusedError, match="proposed this disposal"):
        bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    entry = bench.lab.custody.history(exhibit.id)[-1]
    assert (entry.action, entry.fact("event")) == ("custody.refused", "approve_disposal")
    with pytest.raises(RefusedError, match="proposed this disposal"):
        bench.lab.disposals.reject(bench.supervisor, disposal.id, "after all not")
    with pytest.raises(PermissionRefusedError, match="supervisor"):
        bench.lab.disposals.approve(bench.custodian, disposal.id, "")
    assert bench.lab.exhibits.get(exhibit.id).state is State.DISPOSAL_PENDING


@pytest.mark.req("REQ-19", "REQ-23")
def test_who_approved_does_not_carry_out_and_who_carries_out_is_no_witness(bench: Bench) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit)
    with pytest.raises(RefusedError, match="proposed, not approved"):
        carry_out(bench, disposal, bench.custodian, bench.examiner)
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    for actor, witness in ((bench.supervisor, bench.custodian), (bench.custodian, bench.custodian)):
        with pytest.raises(RefusedError):
            carry_out(bench, disposal, actor, witness)
    with pytest.raises(RefusedError, match="held by Tomasz Lis"):
        carry_out(bench, disposal, bench.examiner, bench.supervisor)
    assert bench.lab.exhibits.get(exhibit.id).state is State.DISPOSAL_PENDING
    carry_out(bench, disposal, bench.examiner, bench.custodian)
    assert bench.lab.verification.verify().ok


def test_the_hands_of_somebody_whose_key_has_ended_keep_nothing_for_ever(bench: Bench) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit)
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    bench.enrol("Otto Officer", Role.EXHIBITS_OFFICER)
    bench.lab.people.revoke(bench.admin, bench.custodian.person.id, "left the laboratory")
    carry_out(bench, disposal, bench.examiner, bench.sign_in("Otto Officer"))
    assert bench.lab.exhibits.get(exhibit.id).state is State.DESTROYED


def test_a_rejected_disposal_puts_the_exhibit_back_into_store(bench: Bench) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit)
    with pytest.raises(RefusedError, match="reason"):
        bench.lab.disposals.reject(bench.supervisor, disposal.id, " ")
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    rejected = bench.lab.disposals.reject(bench.supervisor, disposal.id, "The owner appealed", "B-01-1")
    assert (rejected.state, rejected.decision) == (DisposalState.REJECTED, "The owner appealed")
    back = bench.lab.exhibits.get(exhibit.id)
    assert (back.state, back.place, back.holder) == (State.STORED, "B-01-1", "Tomasz Lis")
    assert bench.lab.disposals.of_exhibit(exhibit.id) is None
    again = propose(bench, exhibit)
    assert bench.lab.disposals.of_exhibit(exhibit.id) == again
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-23")
@pytest.mark.parametrize("whole_case", [True, False])
def test_a_legal_hold_keeps_an_exhibit_until_it_is_lifted(bench: Bench, whole_case: bool) -> None:
    exhibit = stored(bench)
    placed = hold(bench, exhibit, None if whole_case else exhibit.id)
    with pytest.raises(RefusedError, match="Court of appeal, 2 Ws 14/26") as refused:
        propose(bench, exhibit)
    assert "attempt was recorded" in refused.value.kept
    assert bench.lab.exhibits.get(exhibit.id).state is State.STORED
    with pytest.raises(PermissionRefusedError, match="supervisor"):
        bench.lab.holds.lift(bench.examiner, placed.id, "Court of appeal", "dismissed")
    with pytest.raises(RefusedError, match="reason"):
        bench.lab.holds.lift(bench.supervisor, placed.id, "Court of appeal", "")
    lifted = bench.lab.holds.lift(bench.supervisor, placed.id, "Court of appeal, 2 Ws 14/26-3", "Appeal dismissed")
    assert (lifted.lifted_by, lifted.is_in_force) == ("Ingrid Solberg", False)
    with pytest.raises(RefusedError, match="lifted by Ingrid Solberg already"):
        bench.lab.holds.lift(bench.supervisor, placed.id, "x", "y")
    propose(bench, exhibit)
    assert bench.lab.holds.list(exhibit.case_id) == (lifted,)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-23")
def test_a_hold_placed_meanwhile_stops_what_was_approved(bench: Bench) -> None:
    exhibit = stored(bench)
    disposal = propose(bench, exhibit)
    placed = hold(bench, exhibit, exhibit.id)
    with pytest.raises(RefusedError, match="legal hold"):
        bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    bench.lab.holds.lift(bench.supervisor, placed.id, "Court of appeal", "Dismissed")
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    hold(bench, exhibit, None)
    with pytest.raises(RefusedError, match="legal hold on the whole case"):
        carry_out(bench, disposal, bench.custodian, bench.examiner)
    bench.lab.disposals.reject(bench.supervisor, disposal.id, "A hold was placed")
    assert bench.lab.exhibits.get(exhibit.id).state is State.STORED


@pytest.mark.req("REQ-23")
def test_a_hold_on_a_thing_keeps_what_is_derived_from_it_and_not_what_lies_beside(bench: Bench) -> None:
    exhibit = stored(bench)
    part = NewExhibit(
        case_id=exhibit.case_id,
        number="LH/01-1",
        type=ExhibitType.STORAGE,
        description="Its disk",
        parent_id=exhibit.id,
    )
    inside = bench.lab.exhibits.add(bench.custodian, part)
    beside = bench.lab.exhibits.add(
        bench.custodian,
        NewExhibit(case_id=exhibit.case_id, number="LH/02", type=ExhibitType.OTHER, description="Bag", place="Desk"),
    )
    placed = hold(bench, exhibit, exhibit.id)
    assert bench.lab.holds.in_force_on(inside) == (placed,)
    assert bench.lab.holds.in_force_on(beside) == ()


@pytest.mark.req("REQ-23")
def test_a_disposal_names_authority_method_and_receiver(bench: Bench) -> None:
    exhibit = stored(bench)
    told = {"exhibit_id": exhibit.id, "way": Way.FORFEIT, "occurred_at": bench.clock()}
    for method, authority, recipient in (("", "Order", "State"), ("By van", " ", "State"), ("By van", "Order", "")):
        new = NewDisposal(method=method, authority=authority, recipient=recipient, **told)  # type: ignore[arg-type]
        with pytest.raises(RefusedError):
            bench.lab.disposals.propose(bench.custodian, new)
    assert bench.lab.disposals.list(exhibit.case_id) == ()


def test_only_what_lies_in_store_is_disposed_of(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="not possible"):
        propose(bench, exhibit)
    assert bench.lab.custody.history(exhibit.id)[-1].action == "custody.refused"


def test_an_auditor_neither_proposes_nor_holds_but_may_be_the_witness(bench: Bench) -> None:
    exhibit = stored(bench)
    auditor = bench.admin_as_auditor()
    with pytest.raises(PermissionRefusedError):
        propose(bench, exhibit, by=auditor)
    with pytest.raises(PermissionRefusedError):
        bench.lab.holds.place(
            auditor, NewHold(case_id=exhibit.case_id, exhibit_id=None, authority="Court", reason="Appeal")
        )
    disposal = propose(bench, exhibit)
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "")
    carry_out(bench, disposal, bench.custodian, auditor)
    assert bench.lab.exhibits.get(exhibit.id).state is State.DESTROYED


@pytest.mark.req("REQ-12", "REQ-23")
def test_an_open_incident_is_told_at_the_approval_and_kept_with_it(bench: Bench) -> None:
    exhibit = stored(bench)
    bench.lab.incidents.report(bench.examiner, exhibit.id, "The bag was open and a part is missing")
    disposal = propose(bench, exhibit)
    assert disposal.open_incidents == ("The bag was open and a part is missing",)
    for said in ("", "."):
        with pytest.raises(RefusedError, match="a part is missing"):
            bench.lab.disposals.approve(bench.supervisor, disposal.id, said)
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "The court knows of it")
    entry = bench.lab.custody.history(exhibit.id)[-1]
    assert entry.action == "disposal.approve"
    assert [*entry.facts["open_incidents"]] == ["The bag was open and a part is missing"]  # type: ignore[misc]
    assert bench.lab.verification.verify().ok
