"""What the records show of the principles: a trail that a stranger can follow, and an authority for each act."""

import sqlite3
from datetime import date, timedelta

import pytest

from forensics_app.model.case import Case, LegalBasis
from forensics_app.model.competence import NewTraining
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit, Seizure
from forensics_app.model.scene import Gap, Standing
from tests.builders import NOON, Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_forged_acts import forge, not_allowed

TRAIL, TRAINING, LEGALITY = 1, 3, 4


def gaps(bench: Bench, case: Case, principle: int) -> tuple[Gap, ...]:
    view = bench.lab.principles.of_case(case.id)[principle]
    assert (view.standing is Standing.DEVIATION) == bool(view.gaps or view.deviations)
    return view.gaps


def seized(bench: Bench, case: Case, days_ago: int, number: str = "LH/01") -> Exhibit:
    at = NOON - timedelta(days=days_ago)
    seizure = Seizure(seized_at=at, place="Lindenhofstr. 12", officer="Sgt. Duarte", witness="Insp. Haas")
    new = NewExhibit(
        case_id=case.id, number=number, type=ExhibitType.COMPUTER, description="Laptop", seal_number="0048812",
        seizure=seizure, no_photo_reason="Not photographed in this test",
    )  # fmt: skip
    return bench.lab.exhibits.add(bench.custodian, new)


def changed(bench: Bench, change: str, *values: object) -> None:
    """Somebody changes the ledger in the file of the database, past its guards."""
    database = sqlite3.connect(bench.lab.folder.root / "lab.db")
    with database:
        database.execute("DROP TRIGGER ledger_entry_no_update")
        assert database.execute(change, values).rowcount == 1
    database.close()


@pytest.mark.req("REQ-02", "REQ-15")
def test_a_trail_is_met_while_links_signatures_trust_and_acts_hold(bench: Bench) -> None:
    case = bench.case()
    exhibit = stored(bench, case)
    view = bench.lab.principles.of_case(case.id)[TRAIL]
    assert (view.standing, view.gaps) == (Standing.MET, ())
    assert view.records[0] == "Entries in an unbroken chain, signed, trusted and allowed: 5."
    number = forge(bench, exhibit, "go_to_court", "IN_COURT", ("actor", bench.custodian), holder=bench.custodian)
    (gap,) = gaps(bench, case, TRAIL)
    assert gap.key == f"breach:{number}"
    assert gap.what == f"Not allowed: Entry {number}: go to court is not possible for LH/01, which is STORED."
    records = bench.lab.principles.of_case(case.id)[TRAIL].records
    assert not any("unbroken" in record for record in records)


@pytest.mark.req("REQ-02", "REQ-17")
def test_a_trail_is_judged_by_the_rules_that_the_lab_has_begun_as_its_verification_is(bench: Bench) -> None:
    case = bench.case()
    exhibit = stored(bench, case)
    actor = ("actor", bench.custodian)
    forge(bench, exhibit, "go_to_court", "IN_COURT", actor, holder=bench.custodian, states_rules=False)
    found = not_allowed(bench)
    assert any("rules" in one for one in found), found
    assert [gap.what for gap in gaps(bench, case, TRAIL)] == [f"Not allowed: {one}" for one in found]


@pytest.mark.req("REQ-02", "REQ-15")
def test_a_signature_that_does_not_fit_is_named_also_in_a_trail_that_was_judged_before(bench: Bench) -> None:
    case = bench.case()
    stored(bench, case)
    assert gaps(bench, case, TRAIL) == ()
    change = "UPDATE ledger_entry SET signatures = zeroblob(64) WHERE chain = ? AND sequence = 5"
    changed(bench, change, str(case.id))
    (gap,) = gaps(bench, case, TRAIL)
    assert gap.key == "signed"
    assert gap.what.startswith("Signatures in the chain of this case are missing or do not fit. The signature of")


@pytest.mark.req("REQ-02", "REQ-16")
def test_an_end_that_was_cut_off_and_an_entry_that_cannot_be_read_are_named(bench: Bench) -> None:
    case = bench.case()
    exhibit = stored(bench, case)
    bench.lab.custody.anchor(bench.custodian, case.id)
    changed(bench, "UPDATE ledger_entry SET chain = 'elsewhere' WHERE chain = ? AND sequence = 5", str(case.id))
    (cut,) = gaps(bench, case, TRAIL)
    assert cut.key == "chain"
    assert "the end of the chain was cut off" in cut.what
    database = sqlite3.connect(bench.lab.folder.root / "lab.db")
    with database:
        database.execute("UPDATE ledger_entry SET body = x'00' WHERE chain = ? AND sequence = 3", (str(case.id),))
    database.close()
    assert "chain" in {gap.key for gap in gaps(bench, case, TRAIL)}
    assert bench.lab.exhibits.get(exhibit.id).number == "LH/01"


@pytest.mark.req("REQ-01", "REQ-02")
@pytest.mark.parametrize(
    ("days_ago", "why"),
    [
        (20, "LH/01 was seized on 2026-10-31, before the authority was issued on 2026-11-01."),
        (19, ""),
        (1, ""),
    ],
)
def test_a_seizure_before_the_authority_is_a_gap_in_legality(bench: Bench, days_ago: int, why: str) -> None:
    case = bench.case()
    seized(bench, case, days_ago)
    assert [gap.what for gap in gaps(bench, case, LEGALITY)] == ([why] if why else [])
    records = bench.lab.principles.of_case(case.id)[LEGALITY].records
    assert "Its scope, which people hold against what was taken: Data carriers at Lindenhofstr. 12." in records


@pytest.mark.req("REQ-01", "REQ-02")
def test_a_seizure_after_the_authority_is_one_and_an_override_explains_only_its_days(bench: Bench) -> None:
    case = bench.case(expires_on=date(2026, 11, 10))
    bench.lab.cases.override_authority(bench.custodian, case.id, date(2026, 11, 20), "Danger in delay")
    seized(bench, case, 3)
    late = [gap for gap in gaps(bench, case, LEGALITY) if gap.key.startswith("seized:")]
    what = "LH/01 was seized on 2026-11-17, after the authority had expired on 2026-11-10."
    assert [(gap.what, gap.explained) for gap in late] == [(what, "Danger in delay")]
    basis = LegalBasis(
        instrument="search warrant", number="4 Gs 900/26", issuer="District court", issued_on=date(2026, 11, 16),
        scope="The same", expires_on=date(2026, 12, 31),
    )  # fmt: skip
    bench.lab.cases.record_legal_basis(bench.examiner, case.id, basis, "Renewed")
    assert [gap.key for gap in gaps(bench, case, LEGALITY) if gap.key.startswith("seized:")] == []


@pytest.mark.req("REQ-01", "REQ-02", "REQ-20")
def test_the_corrected_time_of_a_seizure_is_the_one_that_is_compared(bench: Bench) -> None:
    case = bench.case()
    exhibit = seized(bench, case, 1)
    assert gaps(bench, case, LEGALITY) == ()
    seizure = next(one for one in bench.lab.custody.history(exhibit.id) if one.action == "custody.seize").sequence
    right = {"occurred_at": (NOON - timedelta(days=30)).isoformat()}
    bench.lab.custody.correct(bench.custodian, exhibit.id, seizure, right, "Wrong month")
    (gap,) = gaps(bench, case, LEGALITY)
    assert gap.what == "LH/01 was seized on 2026-10-21, before the authority was issued on 2026-11-01."


@pytest.mark.req("REQ-02", "REQ-37")
def test_who_takes_an_exhibit_to_work_on_it_is_asked_for_training_and_not_who_gives_it(bench: Bench) -> None:
    case = bench.case()
    exhibit = stored(bench, case)
    training = NewTraining(
        person_id=bench.examiner.person.id, subject="Imaging", provider="ECTEG", achieved_on=date(2025, 3, 14)
    )
    bench.lab.competence.record(bench.supervisor, training)
    taking = {"purpose": "imaging", "expected_return": "2026-12-01T12:00:00+01:00"}
    request = bench.request(exhibit, "check_out", fields=taking)
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, request)
    assert gaps(bench, case, TRAINING) == ()
