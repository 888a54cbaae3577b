"""From hand to hand: every way from a seizure to the laboratory, out of a refusal, and rules for a whole lab."""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Connection

from chain_of_custody.rule_sets import RULES, STATED
from forensics_app.db.ledger import entries_of
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case
from forensics_app.model.custody import CustodyEvent, PaperKind
from forensics_app.model.desk import MatterKind
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit, Seizure, State
from forensics_app.model.meant import NameMeans
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.register import NewOutsider, OutsiderKind
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.record import Writer, case_chain
from resources import path as resource
from tests.builders import NOON, SIGNED_FORM, Bench
from tests.second_verifier.verdicts import verify as second_verify

SEAL = {"seal_number": "0048812", "seal_check": "intact"}
SENDING = {"departed_at": "2026-11-20T13:00+01:00", **SEAL}
HANDING = {"place": "Lindenhofstr. 12", "purpose": "Transport", **SEAL}
RECEIVING = {"place": "Reception", "purpose": "Examination", "condition": "Undamaged", **SEAL}
DRAWN = {PaperKind.SIGNATURE: Path(resource("demo/exhibit-photo-laptop.jpg"))}
"""Stands for a signature that is drawn anew for each step (`step`)."""
_DRAWINGS = TemporaryDirectory(prefix="drawn-for-tests-")
_NUMBERS = count(1)
OFFICER, COURIER, POST = "Sgt. Duarte", "Carl Courier", "Parcel service, no. 00340"


def seized(
    bench: Bench, by: SignedIn, officer: str, case: Case | None = None, *, means: str = "", number: str = "LH/01"
) -> Exhibit:
    seizure = Seizure(
        seized_at=NOON, place="Lindenhofstr. 12", officer=officer, witness="Insp. Haas", officer_means=means
    )
    new = NewExhibit(
        case_id=(case or bench.case()).id, number=number, type=ExhibitType.COMPUTER, description="Laptop",
        seal_number="0048812", seizure=seizure, no_photo_reason="Not photographed in this test",
    )  # fmt: skip
    return bench.lab.exhibits.add(by, new)


def drawn_anew() -> dict[PaperKind, Path]:
    """A signature that nobody drew before."""
    path = Path(_DRAWINGS.name) / f"{next(_NUMBERS)}.jpg"
    path.write_bytes(DRAWN[PaperKind.SIGNATURE].read_bytes() + path.name.encode())
    return {PaperKind.SIGNATURE: path}


def receipt(path: Path | None = None) -> dict[PaperKind, Path]:
    """A receipt: this one, or one that nobody signed before."""
    return {PaperKind.RECEIPT: path or drawn_anew()[PaperKind.SIGNATURE]}


def step(bench: Bench, exhibit: Exhibit, event: str, *by: SignedIn, **more: Any) -> CustodyEvent:
    told = {"dispatch": SENDING, "hand_over": HANDING, "receive": RECEIVING}.get(event, {}) | more.pop("told", {})
    papers = more.pop("papers", {})
    more["papers"] = drawn_anew() if papers is DRAWN else papers
    request = bench.request(exhibit, event, fields=told, **more)
    if len(by) == 2:
        return bench.lab.custody.hand_over(by[0], by[1], request)
    return bench.lab.custody.perform(by[0], request)


def is_in_order(bench: Bench, exhibit: Exhibit, tmp_path: Path) -> None:
    """Both verifiers find nothing, neither in the lab nor in the folder that others get."""
    report = bench.lab.verification.verify()
    assert report.ok, report
    target = tmp_path / "given away"
    bench.lab.custody.export(exhibit.case_id, target, bench.supervisor)
    status, verdicts = second_verify((target / "ledger.jsonl").read_bytes())
    assert (status, [one.breaches for one in verdicts]) == (0, [[], []])


def held_by(bench: Bench, exhibit: Exhibit) -> tuple[State, str, bool]:
    now = bench.lab.exhibits.get(exhibit.id)
    return now.state, now.holder, now.holder_id is not None


@pytest.mark.req("REQ-18")
def test_an_officer_without_a_key_hands_over_at_the_scene_and_the_laboratory_carries_it(
    bench: Bench, tmp_path: Path
) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    with pytest.raises(RefusedError, match="no signature of theirs"):
        step(bench, exhibit, "hand_over", bench.custodian, outside_party=OFFICER)
    step(bench, exhibit, "hand_over", bench.custodian, outside_party=OFFICER, papers=DRAWN)
    assert held_by(bench, exhibit) == (State.SEIZED, "Tomasz Lis", True)
    step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": "Tomasz Lis"})
    step(bench, exhibit, "receive", bench.custodian, bench.examiner)
    assert held_by(bench, exhibit) == (State.RECEIVED, "Ana Kovač", True)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18")
def test_from_an_officer_to_a_courier_both_sign_or_it_is_said_why_one_does_not(bench: Bench, tmp_path: Path) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    told = {"carrier": COURIER}
    with pytest.raises(
        RefusedError, match=r"passes from Sgt\. Duarte to somebody else outside, and one of them signed"
    ):
        step(bench, exhibit, "dispatch", bench.custodian, told=told, papers=DRAWN)
    step(bench, exhibit, "dispatch", bench.custodian, told=told, papers=SIGNED_FORM)
    assert held_by(bench, exhibit) == (State.IN_TRANSIT, COURIER, False)
    step(bench, exhibit, "receive", bench.examiner, outside_party=COURIER, papers=DRAWN)
    assert bench.lab.incidents.open() == ()
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-02", "REQ-18")
def test_by_post_nobody_signs_and_the_reason_is_a_deviation_that_the_supervisor_sees(
    bench: Bench, tmp_path: Path
) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    why = {"unsigned_reason": "Posted by the officer; the service signs nothing"}
    sent = step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": POST, **why})
    came = step(bench, exhibit, "receive", bench.custodian, outside_party=POST, told=why)
    told = [one.fact("deviation") for one in (sent, came)]
    assert told == [f"Nobody outside signed for LH/01 at this step: {one}." for one in ("dispatch", "receive")]
    assert [one.kind for one in bench.lab.desk.waiting()].count(MatterKind.DEVIATION) == 2
    with pytest.raises(RefusedError, match="meets nobody outside by this step"):
        step(bench, exhibit, "store", bench.custodian, told={"shelf": "A-07", **why})
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18")
def test_an_officer_without_a_key_brings_it_themselves(bench: Bench, tmp_path: Path) -> None:
    exhibit = seized(bench, bench.custodian, OFFICER)
    step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": OFFICER}, papers=DRAWN)
    step(bench, exhibit, "receive", bench.custodian, outside_party=OFFICER, papers=DRAWN)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("recorded_by", ["themselves", "another"])
@pytest.mark.parametrize("way", ["carries it", "hands over at the scene", "by courier", "gives it at the counter"])
def test_an_officer_with_a_key_signs_with_it_whoever_recorded_the_seizure(
    bench: Bench, tmp_path: Path, way: str, recorded_by: str
) -> None:
    officer = bench.examiner
    exhibit = seized(bench, officer if recorded_by == "themselves" else bench.custodian, "Ana Kovač")
    assert held_by(bench, exhibit) == (State.SEIZED, "Ana Kovač", recorded_by == "themselves")
    for papers in ({}, SIGNED_FORM):
        with pytest.raises(RefusedError, match="Ana Kovač"):
            step(bench, exhibit, "receive", bench.custodian, outside_party="Ana Kovač", papers=papers)
        with pytest.raises(RefusedError, match="Ana Kovač"):
            step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": COURIER}, papers=papers)
    if way == "carries it":
        step(bench, exhibit, "dispatch", officer, told={"carrier": "Ana Kovač"})
        step(bench, exhibit, "receive", officer, bench.custodian)
    elif way == "hands over at the scene":
        step(bench, exhibit, "hand_over", officer, bench.supervisor)
        step(bench, exhibit, "dispatch", bench.supervisor, told={"carrier": "Ingrid Solberg"})
        step(bench, exhibit, "receive", bench.supervisor, bench.custodian)
    elif way == "by courier":
        step(bench, exhibit, "dispatch", officer, told={"carrier": COURIER}, papers=DRAWN)
        step(bench, exhibit, "receive", bench.custodian, outside_party=COURIER, papers=SIGNED_FORM)
    else:
        step(bench, exhibit, "receive", officer, bench.custodian)
    assert held_by(bench, exhibit) == (State.RECEIVED, "Tomasz Lis", True)
    assert bench.lab.incidents.open() == ()
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18")
def test_an_officer_who_is_enrolled_and_may_hold_no_exhibits_signs_on_paper(bench: Bench, tmp_path: Path) -> None:
    bench.enrol("Insp. Auditor", Role.AUDITOR)
    exhibit = seized(bench, bench.custodian, "Insp. Auditor")
    step(bench, exhibit, "receive", bench.custodian, outside_party="Insp. Auditor", papers=SIGNED_FORM)
    is_in_order(bench, exhibit, tmp_path)


def refused(bench: Bench, number: str = "2026-0031") -> Exhibit:
    exhibit = seized(bench, bench.custodian, OFFICER, bench.case(number))
    step(bench, exhibit, "receive", bench.custodian, outside_party=OFFICER, papers=DRAWN)
    step(bench, exhibit, "refuse", bench.custodian, told={"reason": "The order is not signed"})
    return bench.lab.exhibits.get(exhibit.id)


@pytest.mark.req("REQ-17", "REQ-18")
def test_what_was_refused_goes_back_to_the_sender_who_signs_for_it(bench: Bench, tmp_path: Path) -> None:
    exhibit = refused(bench)
    assert {one.event for one in bench.lab.custody.possible(exhibit.id)} == {"send_back", "accept_refused", "hand_over"}
    told = {"agency": "Police, Hafen", "carrier": OFFICER, "reason": "The order is not signed", **SENDING}
    with pytest.raises(RefusedError, match="no signature of theirs"):
        step(bench, exhibit, "send_back", bench.custodian, told=told)
    step(bench, exhibit, "send_back", bench.custodian, told=told, papers=SIGNED_FORM)
    assert held_by(bench, exhibit) == (State.TRANSFERRED, "Police, Hafen", False)
    with pytest.raises(RefusedError, match="is told to be the signed form of entry"):
        step(bench, exhibit, "confirm_receipt", bench.custodian, papers=receipt(SIGNED_FORM[PaperKind.FORM]))
    step(bench, exhibit, "confirm_receipt", bench.custodian, papers=receipt())
    assert held_by(bench, exhibit)[0] is State.RECEIVED
    assert {one.event for one in bench.lab.custody.possible(exhibit.id)} == {"call_back"}
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-12", "REQ-17")
def test_what_was_refused_is_accepted_after_all_and_its_seal_looked_at_again(bench: Bench, tmp_path: Path) -> None:
    exhibit = refused(bench)
    told = {"reason": "The order came by courier", "condition": "As received"}
    seal = {"seal_number": "0048812", "seal_check": "broken"}
    with pytest.raises(RefusedError, match="seal"):
        step(bench, exhibit, "accept_refused", bench.custodian, told=told)
    with pytest.raises(RefusedError, match="neither stored nor checked out"):
        step(bench, exhibit, "hand_over", bench.custodian, outside_party=OFFICER, papers=DRAWN)
    step(bench, exhibit, "hand_over", bench.custodian, bench.examiner)
    step(bench, exhibit, "accept_refused", bench.examiner, told=told | seal)
    assert [one.kind.value for one in bench.lab.incidents.open()] == ["seal broken"]
    step(bench, exhibit, "store", bench.examiner, told={"shelf": "A-07"})
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-17", "REQ-68")
def test_what_the_verifier_would_reject_is_never_written_and_the_attempt_is(bench: Bench) -> None:
    case = bench.case()
    exhibit = seized(bench, bench.custodian, OFFICER, case)
    facts = {"event": "dispatch", "from_state": "SEIZED", "to_state": "IN_TRANSIT", "carrier": COURIER, STATED: RULES}

    def write(connection: Connection) -> None:
        writer = Writer(connection, bench.clock())
        writer.update(EXHIBIT, exhibit.id, {"state": "IN_TRANSIT", "holder": COURIER})
        about, by = exhibit_subject(exhibit), bench.custodian
        writer.append(case_chain(case), "custody.dispatch", about, facts, [("actor", by)])

    unsigned = "against the rules of custody: dispatch of LH/01 states no signature"
    with pytest.raises(RefusedError, match=unsigned), bench.lab.custody.db.writing() as connection:
        write(connection)
    assert bench.lab.exhibits.get(exhibit.id).state is State.SEIZED
    with bench.lab.custody.db.reading() as connection:
        assert "custody.dispatch" not in [one.content.action for one in entries_of(connection, str(case.id))]
    with pytest.raises(RefusedError) as told:
        step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": COURIER})
    assert told.value.kept == "Nothing was changed; the attempt was recorded."
    assert bench.lab.custody.history(exhibit.id)[-1].action == "custody.refused"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
def test_who_is_enrolled_signs_nothing_away_that_an_officer_seized_whose_name_holds_theirs(
    bench: Bench, tmp_path: Path
) -> None:
    officer = "Ana Maria Kovač"
    exhibit = seized(bench, bench.custodian, officer, means=NameMeans.OTHER)
    assert bench.lab.custody.had_by(exhibit.id) is None
    with pytest.raises(RefusedError, match="is held by Ana Maria Kovač, who has no key in this lab"):
        step(bench, exhibit, "receive", bench.examiner, bench.custodian)
    step(bench, exhibit, "receive", bench.custodian, outside_party=officer, papers=DRAWN)
    assert held_by(bench, exhibit) == (State.RECEIVED, "Tomasz Lis", True)
    is_in_order(bench, exhibit, tmp_path)
    another = seized(bench, bench.examiner, officer, bench.case("2026-002"), means=NameMeans.OTHER)
    assert held_by(bench, another) == (State.SEIZED, officer, False), "who records it is not the officer"


@pytest.mark.req("REQ-18", "REQ-19")
def test_a_firm_that_bears_the_name_of_who_signs_is_not_taken_for_them_unasked(bench: Bench, tmp_path: Path) -> None:
    exhibit = seized(bench, bench.custodian, bench.custodian.person.name)
    firm = "Tomasz Lis Couriers"
    with pytest.raises(RefusedError, match="could be Tomasz Lis of the laboratory, or a firm"):
        step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": firm})
    with pytest.raises(RefusedError, match="does not say who is meant"):
        step(bench, exhibit, "dispatch", bench.custodian, told={"carrier": firm, "name_means": "the firm"})
    other = {"carrier": firm, "name_means": NameMeans.OTHER.value}
    with pytest.raises(RefusedError, match="has a key in this laboratory, and is no other party"):
        step(bench, exhibit, "dispatch", bench.custodian, told=other, papers=DRAWN)
    kept = NewOutsider(kind=OutsiderKind.COURIER, name=firm, organisation=firm)
    outsider = bench.lab.outsiders.add(bench.examiner, kept)
    sent = step(bench, exhibit, "dispatch", bench.custodian, told=other, papers=DRAWN)
    assert (sent.fact("outsider"), sent.fact("name_means")) == (str(outsider.id), NameMeans.OTHER)
    assert held_by(bench, exhibit) == (State.IN_TRANSIT, firm, False)
    with pytest.raises(RefusedError, match="is held by Tomasz Lis Couriers, who has no key"):
        step(bench, exhibit, "receive", bench.custodian, bench.examiner)
    step(bench, exhibit, "receive", bench.examiner, outside_party=firm, papers=DRAWN)
    step(bench, exhibit, "store", bench.examiner, told={"shelf": "A-07"})
    ours = {"carrier": f"{bench.examiner.person.name} Couriers", "name_means": NameMeans.OURS.value}
    step(bench, exhibit, "dispatch", bench.examiner, told=ours)
    assert held_by(bench, exhibit) == (State.IN_TRANSIT, "Ana Kovač", True)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18", "REQ-19")
def test_an_officer_with_a_rank_before_the_name_is_asked_for_and_never_two_people(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    with pytest.raises(RefusedError, match=r"'Sgt\. Ana Kovač' holds the name of Ana Kovač") as asked:
        seized(bench, bench.custodian, "Sgt. Ana Kovač", case)
    assert "write 'Ana Kovač, Sgt.'" in asked.value.then
    assert "say who is meant: 'somebody else, or a firm'" in asked.value.then, "no name of a column in the window"
    exhibit = seized(bench, bench.custodian, "Ana Kovač, Sgt.", case)
    assert bench.lab.custody.had_by(exhibit.id) == bench.examiner.person.id
    other = seized(bench, bench.custodian, "Ana Maria Kovač", case, means=NameMeans.OTHER, number="LH/02")
    assert bench.lab.custody.had_by(other.id) is None
    assert bench.lab.custody.history(other.id)[-1].fact("name_means") == "somebody else, or a firm"
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18", "REQ-19")
def test_where_the_register_has_a_namesake_of_the_officer_it_is_said_who_seized_it(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    kept = NewOutsider(kind=OutsiderKind.OTHER, name="Ana Kovač", organisation="Harbour police")
    outsider = bench.lab.outsiders.add(bench.supervisor, kept)
    with pytest.raises(RefusedError, match="of somebody in the register"):
        seized(bench, bench.custodian, "Ana Kovač", case)
    found = {}
    for number, means in enumerate(NameMeans, 1):
        made = seized(bench, bench.custodian, "Ana Kovač", case, means=means, number=f"LH/0{number}")
        last = bench.lab.custody.history(made.id)[-1]
        found[means] = (last.fact("outsider"), bench.lab.custody.had_by(made.id))
    assert found == {
        NameMeans.OURS: ("", bench.examiner.person.id), NameMeans.OTHER: (str(outsider.id), None),
    }  # fmt: skip
    is_in_order(bench, made, tmp_path)


@pytest.mark.req("REQ-18", "REQ-20")
def test_a_slip_in_the_name_of_the_officer_is_corrected_by_somebody_else_and_they_sign_then(
    bench: Bench, tmp_path: Path
) -> None:
    exhibit = seized(bench, bench.custodian, "Ana Kovak")
    number = bench.lab.custody.history(exhibit.id)[-1].sequence

    def correct(by: SignedIn, officer: str, reason: str = "Misspelt") -> CustodyEvent:
        return bench.lab.custody.correct(by, exhibit.id, number, {"officer": officer}, reason)

    for by, officer, reason, why in (
        (bench.examiner, "Ana Kovač", "Misspelt", "would be the officer who seized LH/01 by their own correction"),
        (bench.custodian, "Sgt. Ana Kovač", "Misspelt", "holds the name of Ana Kovač"),
        (bench.custodian, "Ana Kovač", " ", "reason"),
        (bench.custodian, " ", "Misspelt", "cannot be emptied"),
        (bench.custodian, "\u0410na Kovač", "Misspelt", "cannot be the name of a person"),
    ):
        with pytest.raises(RefusedError, match=why):
            correct(by, officer, reason)
    entry = correct(bench.custodian, "Ana Kovač")
    assert entry.facts["corrected"] == {"officer": ["Ana Kovak", "Ana Kovač"]}
    assert entry.fact("deviation") == "LH/01 was told to be seized by Ana Kovak, and is told to be by Ana Kovač."
    assert [one.kind for one in bench.lab.desk.waiting()] == [MatterKind.DEVIATION]
    assert bench.lab.exhibits.get(exhibit.id).seized_by == "Ana Kovač"
    assert held_by(bench, exhibit) == (State.SEIZED, "Ana Kovač", False)
    is_in_order(bench, exhibit, tmp_path)
    step(bench, exhibit, "receive", bench.examiner, bench.custodian)
    later = correct(bench.supervisor, "Mira Horvat", "It was her colleague")
    assert [one.column for one in later.changes if one.table == "exhibit"] == ["seized_by"]
    assert held_by(bench, exhibit) == (State.RECEIVED, "Tomasz Lis", True)
    own = seized(bench, bench.custodian, bench.custodian.person.name, bench.case("2026-2"))
    signed = bench.lab.custody.history(own.id)[-1].sequence
    with pytest.raises(RefusedError, match="signed the seizure of LH/01 with their own key"):
        bench.lab.custody.correct(bench.examiner, own.id, signed, {"officer": "Tom Lis"}, "Misspelt")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18", "REQ-20", "REQ-68")
def test_no_correction_says_that_an_officer_has_what_somebody_else_has(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    exhibit = bench.lab.exhibits.add(
        bench.custodian,
        NewExhibit(
            case_id=case.id, number="LH/01", type=ExhibitType.COMPUTER, description="Laptop",
            place="Lindenhofstr. 12", no_photo_reason="Not photographed in this test",
        ),
    )  # fmt: skip
    told = {"seizing_officer": OFFICER, "seal_number": "0048812", "witness": "Insp. Haas"}
    seizure = step(bench, exhibit, "seize", bench.custodian, told=told, outside_party="Border police").sequence
    right = {"seizing_officer": "Sgt. Ana Duarte"}
    bench.lab.custody.correct(bench.examiner, exhibit.id, seizure, right, "Misspelt")
    assert held_by(bench, exhibit) == (State.SEIZED, "Border police", False)

    def write(connection: Connection) -> None:
        writer = Writer(connection, bench.clock())
        writer.update(EXHIBIT, exhibit.id, {"holder": "Sgt. Ana Duarte"})
        facts: Any = {"corrects": seizure, "corrected": {"seizing_officer": [OFFICER, "Sgt. Ana Duarte"]}}
        about, by = exhibit_subject(exhibit), bench.examiner
        writer.append(case_chain(case), "exhibit.correct_step", about, facts, [("actor", by)], "Misspelt")

    unsaid = "would change who has LH/01, which only a step"
    with pytest.raises(RefusedError, match=unsaid), bench.lab.custody.db.writing() as connection:
        write(connection)
    assert held_by(bench, exhibit) == (State.SEIZED, "Border police", False)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18")
def test_what_was_drawn_on_the_screen_is_taken_for_no_form_and_no_form_for_a_drawing(
    bench: Bench, tmp_path: Path
) -> None:
    exhibits = [seized(bench, bench.custodian, OFFICER, bench.case(f"2026-00{one}")) for one in (1, 2, 3)]
    drawn = drawn_anew()
    step(bench, exhibits[0], "hand_over", bench.custodian, outside_party=OFFICER, papers=drawn)
    as_form = {PaperKind.FORM: drawn[PaperKind.SIGNATURE]}
    with pytest.raises(RefusedError, match=r"a signature drawn on the screen by entry \d+ of another case"):
        step(bench, exhibits[1], "hand_over", bench.custodian, outside_party=OFFICER, papers=as_form)
    step(bench, exhibits[1], "hand_over", bench.custodian, outside_party=OFFICER, papers=SIGNED_FORM)
    as_drawn = {PaperKind.SIGNATURE: SIGNED_FORM[PaperKind.FORM]}
    with pytest.raises(RefusedError, match="signed on paper by entry"):
        step(bench, exhibits[2], "hand_over", bench.custodian, outside_party=OFFICER, papers=as_drawn)
    is_in_order(bench, exhibits[1], tmp_path)
