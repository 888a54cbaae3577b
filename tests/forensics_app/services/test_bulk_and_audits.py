"""Many exhibits by scanner, and audits of rooms."""

from hashlib import sha256
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.audit import FindingKind, NewAudit, RoomAudit
from forensics_app.model.case import Case
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.image import WriteBlocker
from forensics_app.model.incident import IncidentKind, SealCondition, SealSeen
from forensics_app.model.register import NewPlace, PlaceKind
from forensics_app.services.bulk import BulkStep
from forensics_app.services.intake import IntakeRequest
from resources import path as resource
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import RECEIVING, stored

DATABASES = ("sqlite", "postgresql")
TAKING = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}


def label_of(bench: Bench, exhibit: Exhibit) -> str:
    (label,) = bench.lab.labels.of_case(exhibit.case_id, [exhibit.id])
    return label.told.text


@pytest.fixture
def case(bench: Bench) -> Case:
    return bench.case()


def test_what_is_scanned_is_checked_out_by_one_act_with_an_entry_for_each(bench: Bench, case: Case) -> None:
    exhibits = [stored(bench, case, f"LH/{number:02}") for number in (1, 2, 3)]
    scanned = (label_of(bench, exhibits[0]), "LH/02", "LH/99", "LH/02", "FXL1:torn", "LH/03")
    bench.lab.custody.perform(bench.custodian, bench.request(exhibits[2], "check_out", fields=TAKING))
    step = BulkStep(
        case_id=case.id, event="check_out", occurred_at=bench.clock(), scanned=scanned, fields=TAKING, seals_agree=True
    )
    results = bench.lab.bulk.take((bench.custodian, bench.examiner), step)
    assert [(one.number, one.event is not None) for one in results] == [
        ("LH/01", True), ("LH/02", True), ("", False), ("LH/02", False), ("", False), ("LH/03", False),
    ]  # fmt: skip
    assert "LH/99" in results[2].why
    assert results[3].why == "It was scanned before in this list."
    assert "not read whole" in results[4].why
    assert "not possible" in results[5].why
    for exhibit in exhibits[:2]:
        entry = bench.lab.custody.history(exhibit.id)[-1]
        assert [one.role for one in entry.signatures] == ["giver", "receiver"]
        assert entry.fact("seal_check") == "intact, number agrees"
    assert bench.lab.verification.verify().ok


def test_what_is_scanned_is_brought_back_by_who_holds_it(bench: Bench, case: Case) -> None:
    exhibits = [stored(bench, case, f"LH/{number:02}") for number in (1, 2)]
    for exhibit in exhibits:
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=TAKING))
    step = BulkStep(
        case_id=case.id, event="return_to_store", occurred_at=bench.clock(), scanned=("LH/01", "LH/02"),
        fields={"shelf": "A-07-3"},
    )  # fmt: skip
    with pytest.raises(PermissionRefusedError):
        bench.lab.bulk.take((bench.admin_as_auditor(),), step)
    assert all(one.event for one in bench.lab.bulk.take((bench.custodian,), step))
    assert {bench.lab.exhibits.get(one.id).state for one in exhibits} == {State.STORED}


@pytest.mark.req("REQ-12")
def test_what_was_opened_here_comes_back_by_scanner_with_a_new_seal_and_digests_of_its_own(
    bench: Bench, case: Case, tmp_path: Path
) -> None:
    imaged, examined, unsealed, no_image, closed = (stored(bench, case, f"LH/0{number}") for number in range(1, 6))
    for exhibit in (imaged, examined, unsealed, no_image, closed):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=TAKING))
    opening = {"write_blocker": "Tableau T8u", "seal_number": "0048812", "seal_check": "intact"}
    for exhibit in (examined, no_image):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "begin_examination", fields=opening))
    for exhibit in (imaged, examined, unsealed):
        (path := tmp_path / f"{exhibit.number[-2:]}.dd").write_bytes(exhibit.number.encode().ljust(1 << 16, b"\0"))
        seal, blocker = (
            None if exhibit == examined else SealSeen(condition="intact"),
            WriteBlocker(device="Tableau T8u"),
        )
        opens = None if exhibit == examined else seal
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=blocker, seal=opens)
        bench.lab.intake.take_in(bench.custodian, request)
    step = BulkStep(
        case_id=case.id, event="return_to_store", occurred_at=bench.clock(), fields={"shelf": "A-07-3"},
        scanned=("LH/01", "LH/02", "LH/03", "LH/04", "LH/05"), seals_agree=True,
        new_seals={imaged.id: "0049001", examined.id: "0049002", no_image.id: "0049004"},
    )  # fmt: skip
    results = bench.lab.bulk.take((bench.custodian,), step)
    assert [one.event is not None for one in results] == [True, True, False, False, True]
    assert "seal" in results[2].why
    assert "digest" in results[3].why
    told = [bench.lab.custody.history(one.id)[-1] for one in (imaged, examined, closed)]
    assert [(one.fact("seal_number"), one.fact("seal_check")) for one in told] == [
        ("0049001", "new seal applied"), ("0049002", "new seal applied"), ("0048812", "intact, number agrees"),
    ]  # fmt: skip
    digest = sha256((tmp_path / "02.dd").read_bytes()).hexdigest()
    assert told[1].fact("hash_pair") == f"LH/02-I1 SHA-256 {digest}"
    assert bench.lab.incidents.open() == ()
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("kind", [PaperKind.FORM, PaperKind.SIGNATURE])
def test_a_paper_signed_for_many_exhibits_is_named_by_each_of_their_entries(
    bench: Bench, case: Case, kind: PaperKind
) -> None:
    exhibits = [bench.exhibit(case, f"LH/0{number}") for number in (1, 2)]
    paper = resource("demo/exhibit-photo-laptop.jpg")
    step = BulkStep(
        case_id=case.id, event="receive", occurred_at=bench.clock(), scanned=("LH/01", "LH/02", "LH/09"),
        fields={"place": "Reception", "purpose": "Examination", "condition": "Undamaged"}, seals_agree=True,
        outside_party="Sgt. Duarte", papers={kind: paper},
    )  # fmt: skip
    results = bench.lab.bulk.take((bench.custodian,), step)
    assert [one.event is not None for one in results] == [True, True, False]
    for exhibit in exhibits:
        entry = bench.lab.custody.history(exhibit.id)[-1]
        assert entry.fact(f"{kind}_sha256") == sha256(paper.read_bytes()).hexdigest()
    assert bench.lab.verification.verify().ok


def test_an_audit_names_what_is_missing_unexpected_broken_and_unknown(bench: Bench, case: Case) -> None:
    here, missing, broken = (stored(bench, case, f"LH/0{number}") for number in (1, 2, 3))
    other = stored(bench, case, "LH/04")
    bench.lab.custody.perform(bench.custodian, bench.request(other, "move", fields={"shelf": "A-071"}))
    new = NewAudit(
        place="A-07",
        began_at=bench.clock(),
        scanned=(label_of(bench, here), "LH/03", "LH/04", "LH/77"),
        broken=("LH/03",),
        seals_agree=True,
        remarks="Yearly audit",
    )
    assert [one.number for one in bench.lab.audits.expected("A-07")] == ["LH/01", "LH/02", "LH/03"]
    audit = bench.lab.audits.record(bench.custodian, new)
    assert (audit.expected, audit.found, audit.by) == (3, 2, "Tomasz Lis")
    assert [(one.kind, one.label) for one in audit.findings] == [
        (FindingKind.MISSING, "LH/02"),
        (FindingKind.UNEXPECTED, "LH/04"),
        (FindingKind.UNKNOWN, "LH/77"),
        (FindingKind.SEAL_BROKEN, "LH/03"),
    ]
    assert missing.id == audit.findings[0].exhibit_id
    assert "A-071" in audit.findings[1].what
    entry = bench.lab.custody.lab_history()[-1]
    assert (entry.action, entry.object_label) == ("room.audit", "A-07")
    assert entry.facts["findings"] == [one.what for one in audit.findings]
    (incident,) = bench.lab.incidents.open()
    assert (incident.kind, incident.exhibit_id) == (IncidentKind.SEAL_BROKEN, broken.id)
    assert bench.lab.audits.list() == (audit,)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_an_audit_of_a_room_in_order_finds_nothing_but_a_seal_that_is_not_told_of(bench: Bench, case: Case) -> None:
    exhibit = stored(bench, case)
    scanned = (label_of(bench, exhibit), "LH/01")
    new = NewAudit(place="A-07-3", began_at=bench.clock(), scanned=scanned, seals_agree=True)
    auditor = bench.admin_as_auditor()
    audit = bench.lab.audits.record(auditor, new)
    assert (audit.expected, audit.found, audit.findings) == (1, 1, ())
    assert bench.lab.custody.lab_history()[-1].facts["seals"] == [f"{scanned[0]}: {SealCondition.INTACT}, 0048812"]
    silent = NewAudit(place="A-07-3", began_at=bench.clock(), scanned=scanned)
    (finding,) = bench.lab.audits.record(auditor, silent).findings
    assert (finding.kind, finding.exhibit_id) == (FindingKind.SEAL_NOT_CHECKED, exhibit.id)
    assert finding.what == "The seal 0048812 of LH/01 is not told of: it was not looked at."
    assert bench.lab.incidents.open() == ()


def test_a_number_that_two_cases_have_means_what_should_be_there_and_else_needs_the_label(
    bench: Bench, case: Case
) -> None:
    stored(bench, case)
    second = bench.exhibit(bench.case("2026-0148"))
    audit = bench.lab.audits.record(
        bench.custodian, NewAudit(place="A-07-3", began_at=bench.clock(), scanned=("LH/01",), seals_agree=True)
    )
    assert audit.findings == ()
    scanned = ("LH/01", label_of(bench, second))
    elsewhere = bench.lab.audits.record(
        bench.custodian, NewAudit(place="B-01", began_at=bench.clock(), scanned=scanned, seals_agree=True)
    )
    assert [one.kind for one in elsewhere.findings] == [FindingKind.UNKNOWN, FindingKind.UNEXPECTED]
    assert "2 exhibits have the number LH/01" in elsewhere.findings[0].what


def test_an_audit_of_a_room_of_the_register_holds_what_lies_on_its_shelves(bench: Bench, case: Case) -> None:
    stored(bench, case, "LH/07")
    places = bench.lab.places
    site = places.add(bench.admin, NewPlace(kind=PlaceKind.SITE, code="HQ"))
    room = places.add(bench.admin, NewPlace(kind=PlaceKind.ROOM, code="R114", parent_id=site.id))
    places.add(bench.admin, NewPlace(kind=PlaceKind.ROOM, code="R115", parent_id=site.id))
    places.add(bench.admin, NewPlace(kind=PlaceKind.SHELF, code="A-07", parent_id=room.id))
    for place, expected in (("R114", ["LH/07"]), ("HQ", ["LH/07"]), ("R115", []), ("A-07-3", ["LH/07"])):
        assert [one.number for one in bench.lab.audits.expected(place)] == expected
        look = bench.lab.audits.look(place, ["LH/07"])
        assert [one.kind for one in look.findings] == ([] if expected else [FindingKind.UNEXPECTED])
    assert bench.lab.audits.places() == ("A-07-3",)
    assert bench.lab.audits.list() == ()


def audited(bench: Bench, seals: dict[str, SealSeen], place: str = "A-07") -> RoomAudit:
    new = NewAudit(place=place, began_at=bench.clock(), scanned=tuple(seals), seals=seals)
    return bench.lab.audits.record(bench.custodian, new)


@pytest.mark.req("REQ-12")
def test_a_seal_that_the_laboratory_opened_or_that_was_found_so_before_is_as_recorded(bench: Bench, case: Case) -> None:
    opened, broken = stored(bench, case, "LH/01"), bench.exhibit(case, "LH/02")
    fields = RECEIVING | {"seal_check": "broken"}
    bench.lab.custody.perform(
        bench.custodian, bench.request(broken, "receive", fields=fields, outside_party="Sgt. Duarte")
    )
    bench.lab.custody.perform(bench.custodian, bench.request(broken, "store", fields={"shelf": "A-07-3"}))
    taking = TAKING | {"place": "A-07-1"}
    bench.lab.custody.perform(bench.custodian, bench.request(opened, "check_out", fields=taking))
    missing = {"LH/01": SealSeen(condition=SealCondition.MISSING), "LH/02": SealSeen(condition=SealCondition.BROKEN)}
    assert [(one.kind, one.label) for one in audited(bench, missing).findings] == [(FindingKind.SEAL_MISSING, "LH/01")]
    opening = {"write_blocker": "Tableau T8u", "seal_number": "0048812", "seal_check": "intact"}
    bench.lab.custody.perform(bench.custodian, bench.request(opened, "begin_examination", fields=opening))
    assert audited(bench, missing).findings == ()
    both = {"LH/01": SealSeen(condition=SealCondition.BROKEN), "LH/02": SealSeen(condition=SealCondition.MISSING)}
    assert [(one.kind, one.label) for one in audited(bench, both).findings] == [(FindingKind.SEAL_MISSING, "LH/02")]
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_one_seal_told_in_two_ways_is_refused_and_nothing_is_recorded(bench: Bench, case: Case) -> None:
    exhibit = stored(bench, case)
    whole, broken = SealSeen(condition=SealCondition.INTACT, number="0048812"), SealSeen(condition=SealCondition.BROKEN)
    label = label_of(bench, exhibit)
    for seals in ({label: broken, "LH/01": whole}, {"LH/01": whole, label: broken}):
        with pytest.raises(RefusedError, match="LH/01 is told twice"):
            audited(bench, seals)
    assert bench.lab.audits.list() == ()
    assert [one.kind for one in audited(bench, {label: broken, "LH/01": broken}).findings] == [FindingKind.SEAL_BROKEN]


def test_what_the_register_of_places_does_not_have_or_closed_is_no_place(bench: Bench, case: Case) -> None:
    lab, exhibit = bench.lab, stored(bench, case)
    site = lab.places.add(bench.admin, NewPlace(kind=PlaceKind.SITE, code="HQ"))
    room = lab.places.add(bench.admin, NewPlace(kind=PlaceKind.ROOM, code="R114", parent_id=site.id))
    shelves = [
        lab.places.add(bench.admin, NewPlace(kind=PlaceKind.SHELF, code=code, parent_id=room.id))
        for code in ("A-01", "A-02")
    ]
    lab.places.close(bench.admin, shelves[1].id, "Taken down")
    for code, why in (("A-99", "is no place"), ("A-011", "is no place"), ("R114-7", "is no place"), ("A-02", "closed")):
        with pytest.raises(RefusedError, match=why):
            lab.custody.perform(bench.custodian, bench.request(exhibit, "move", fields={"shelf": code}))
        assert lab.custody.history(exhibit.id)[-1].action == "custody.refused"
        with pytest.raises(RefusedError, match=why):
            audited(bench, {}, place=code)
        step = next(one for one in lab.custody.history(exhibit.id) if one.action == "custody.store")
        with pytest.raises(RefusedError, match=why):
            lab.custody.correct(bench.custodian, exhibit.id, step.sequence, {"shelf": code}, "Read again")
    lab.custody.perform(bench.custodian, bench.request(exhibit, "move", fields={"shelf": "A-01-4"}))
    assert audited(bench, {"LH/01": SealSeen(condition=SealCondition.INTACT, number="0048812")}, "A-01").found == 1
    with pytest.raises(RefusedError, match="is not empty: LH/01"):
        lab.places.close(bench.admin, shelves[0].id, "Taken down")
    assert lab.verification.verify().ok


def test_an_audit_is_of_a_place_and_by_somebody_who_may(bench: Bench, case: Case) -> None:
    with pytest.raises(RefusedError, match="Name the place"):
        bench.lab.audits.record(bench.custodian, NewAudit(place=" ", began_at=bench.clock(), scanned=()))
    with pytest.raises(PermissionRefusedError):
        bench.lab.audits.record(bench.admin, NewAudit(place="A", began_at=bench.clock(), scanned=()))
