"""The competence register: trainings, their expiry, and what is asked of who is put to work (REQ-37)."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.case import Case, NewCase
from forensics_app.model.competence import NewTraining, Training
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.scene import Standing
from tests.builders import Bench

DATABASES = ("sqlite", "postgresql")
LAST_YEAR, NEXT_YEAR = date(2025, 3, 14), date(2027, 3, 13)
SEAL = {"seal_number": "0048812", "seal_check": "intact"}


def train(bench: Bench, who: SignedIn, expires_on: date | None = NEXT_YEAR, document: Path | None = None) -> Training:
    new = NewTraining(
        person_id=who.person.id,
        subject="Live data forensics",
        provider="ECTEG",
        achieved_on=LAST_YEAR,
        expires_on=expires_on,
        document=document,
    )
    return bench.lab.competence.record(bench.supervisor, new)


def stored(bench: Bench, case: Case) -> Exhibit:
    exhibit = bench.exhibit(case)
    fields = {"purpose": "intake", "place": "Reception", **SEAL, "condition": "good"}
    received = bench.request(exhibit, "receive", outside_party="Sgt. Duarte", fields=fields)
    bench.lab.custody.perform(bench.custodian, received)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "B2", **SEAL}))
    return bench.lab.exhibits.get(exhibit.id)


def handed_over(bench: Bench, exhibit: Exhibit) -> None:
    """Take it out by its keeper, who gives it to the examiner."""
    back = {"purpose": "imaging", "expected_return": "2026-12-01T12:00:00+01:00"}
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=back))
    fields = {"purpose": "imaging", "place": "Lab", **SEAL}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "hand_over", fields=fields))


@pytest.mark.req("REQ-37")
def test_a_training_is_kept_on_the_lab_chain_with_the_digest_of_its_certificate(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "certificate.pdf").write_bytes(b"certificate")
    kept = train(bench, bench.examiner, document=tmp_path / "certificate.pdf")
    assert (kept.person, kept.subject, kept.recorded_by) == ("Ana Kovač", "Live data forensics", "Ingrid Solberg")
    assert (kept.document, kept.sha256) == ("certificate.pdf", hashlib.sha256(b"certificate").digest())
    assert bench.lab.competence.list(bench.examiner.person.id) == (kept,)
    assert bench.lab.competence.list(bench.custodian.person.id) == ()
    entry = bench.lab.custody.lab_history()[-1]
    assert (entry.action, entry.object_label, entry.actor) == ("person.training", "Ana Kovač", "Ingrid Solberg")
    assert bench.lab.verification.verify().ok


def test_a_training_counts_from_the_day_it_was_achieved_to_the_last_day_and_not_when_withdrawn(bench: Bench) -> None:
    kept = train(bench, bench.examiner)
    days = (LAST_YEAR - timedelta(days=1), LAST_YEAR, NEXT_YEAR, NEXT_YEAR + timedelta(days=1))
    assert [kept.holds_on(day) for day in days] == [False, True, True, False]
    with pytest.raises(RefusedError, match="needs a reason"):
        bench.lab.competence.withdraw(bench.supervisor, kept.id, " ")
    gone = bench.lab.competence.withdraw(bench.supervisor, kept.id, "The certificate is somebody else's")
    assert not gone.holds_on(LAST_YEAR)
    assert bench.lab.competence.list() == (gone,)
    with pytest.raises(RefusedError, match="before"):
        bench.lab.competence.withdraw(bench.supervisor, kept.id, "again")
    assert bench.lab.verification.verify().ok


def test_what_is_no_training_is_refused(bench: Bench, tmp_path: Path) -> None:
    for said, change in (
        ("subject", {"subject": " "}),
        ("has been achieved", {"achieved_on": NEXT_YEAR}),
        ("expires before", {"expires_on": LAST_YEAR - timedelta(days=1)}),
        ("cannot be read", {"document": tmp_path / "gone.pdf"}),
    ):
        told: dict[str, object] = {
            "person_id": bench.examiner.person.id, "subject": "Imaging", "provider": "ECTEG", "achieved_on": LAST_YEAR,
        }  # fmt: skip
        with pytest.raises(RefusedError, match=said):
            bench.lab.competence.record(bench.supervisor, NewTraining(**(told | change)))  # type: ignore[arg-type]
    new = NewTraining(person_id=bench.examiner.person.id, subject="a", provider="b", achieved_on=LAST_YEAR)
    with pytest.raises(PermissionRefusedError):
        bench.lab.competence.record(bench.examiner, new)
    assert bench.lab.competence.list() == ()


@pytest.mark.req("REQ-37")
def test_an_untrained_lead_needs_a_reason_by_somebody_else(bench: Bench) -> None:
    train(bench, bench.custodian)
    with pytest.raises(RefusedError, match="No training of Ana Kovač is in the register"):
        bench.case()
    new = NewCase(
        number="2026-0200",
        title="Fraud",
        offence="Fraud",
        requesting_authority="Public prosecutor",
        lead_examiner_id=bench.examiner.person.id,
        supervisor_id=bench.supervisor.person.id,
        untrained_reason="The only examiner on duty; works beside Dr. Noor",
    )
    with pytest.raises(RefusedError, match="Nobody decides that about themselves"):
        bench.lab.cases.create(bench.examiner, new)
    case = bench.lab.cases.create(bench.supervisor, new)
    (kept,) = bench.lab.competence.assignments(case.id)
    assert (kept.person, kept.post, kept.assigned_by) == ("Ana Kovač", "lead examiner", "Ingrid Solberg")
    assert kept.override_reason == "The only examiner on duty; works beside Dr. Noor"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-37")
def test_an_exhibit_is_not_handed_to_an_examiner_whose_training_has_expired_without_a_decision(bench: Bench) -> None:
    train(bench, bench.examiner, expires_on=date(2026, 11, 20))
    case = bench.case()
    exhibit = stored(bench, case)
    bench.clock.at += timedelta(days=1)
    with pytest.raises(RefusedError, match="of Ana Kovač in Live data forensics expired on 2026-11-20"):
        handed_over(bench, exhibit)
    assert bench.lab.custody.history(exhibit.id)[-1].action == "custody.refused"
    with pytest.raises(RefusedError, match="expired"):
        bench.lab.competence.assign(bench.supervisor, case.id, bench.examiner.person.id)
    bench.lab.competence.assign(bench.supervisor, case.id, bench.examiner.person.id, "Course booked for January")
    fields = {"purpose": "imaging", "place": "Lab", **SEAL}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "hand_over", fields=fields))
    assert bench.lab.exhibits.get(exhibit.id).holder == "Ana Kovač"


def test_a_trained_examiner_is_assigned_without_a_reason_and_one_that_is_given_is_not_kept(bench: Bench) -> None:
    train(bench, bench.examiner)
    case = bench.case()
    kept = bench.lab.competence.assign(bench.supervisor, case.id, bench.examiner.person.id, "to be sure")
    assert kept.override_reason == ""
    handed_over(bench, stored(bench, case))
    with pytest.raises(RefusedError, match="no examiner"):
        bench.lab.competence.assign(bench.supervisor, case.id, bench.custodian.person.id)
    with pytest.raises(PermissionRefusedError):
        bench.lab.competence.assign(bench.examiner, case.id, bench.examiner.person.id)


def test_a_lab_that_keeps_no_register_asks_nobody(bench: Bench) -> None:
    case = bench.case()
    handed_over(bench, stored(bench, case))
    assert [one.override_reason for one in bench.lab.competence.assignments(case.id)] == [""]
    assert bench.lab.principles.of_case(case.id)[3].standing is Standing.NOTHING_YET


@pytest.mark.req("REQ-02", "REQ-37")
def test_principle_4_tells_who_worked_on_a_case_trained_and_who_did_not(bench: Bench) -> None:
    train(bench, bench.examiner)
    case = bench.case()
    exhibit = stored(bench, case)
    handed_over(bench, exhibit)
    training = bench.lab.principles.of_case(case.id)[3]
    assert training.records == ()
    gap = training.unexplained[0]
    assert gap.what == "Tomasz Lis worked on the case on 2026-11-20 without a training in force."
    train(bench, bench.custodian)
    training = bench.lab.principles.of_case(case.id)[3]
    assert (training.standing, training.gaps) == (Standing.MET, ())
    assert training.records == ("Tomasz Lis: Live data forensics (ECTEG, 2025-03-14, until 2027-03-13).",)


@pytest.mark.req("REQ-37")
def test_work_of_somebody_assigned_untrained_with_a_reason_is_an_explained_deviation(bench: Bench) -> None:
    case = bench.case()
    train(bench, bench.supervisor)
    bench.enrol("Noor Amari", Role.EXAMINER)
    noor = bench.sign_in("Noor Amari")
    exhibit = stored(bench, case)
    back = {"purpose": "imaging", "expected_return": "2026-12-01T12:00:00+01:00"}
    bench.lab.competence.assign(bench.supervisor, case.id, noor.person.id, "Under the eyes of the lead examiner")
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=back))
    fields = {"purpose": "imaging", "place": "Lab", **SEAL}
    bench.lab.custody.hand_over(bench.custodian, noor, bench.request(exhibit, "hand_over", fields=fields))
    bench.lab.custody.perform(
        noor, bench.request(exhibit, "begin_examination", fields={"write_blocker": "Tableau", **SEAL})
    )
    view = bench.lab.principles.of_case(case.id)[3]
    gap = next(gap for gap in view.gaps if gap.key == f"untrained:{noor.person.id}")
    assert gap.explained == "Under the eyes of the lead examiner"
    assert gap not in view.unexplained
