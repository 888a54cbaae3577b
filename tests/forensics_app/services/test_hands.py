"""Hands outside the laboratory: who may be named there, and that they sign on the screen or on a form."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from evidence.isolation import run_isolated
from forensics_app.errors import RefusedError
from forensics_app.model.custody import CustodyEvent, CustodyRequest, PaperKind
from forensics_app.model.dossier_paper import Stationery
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.incident import IncidentKind, SealCondition
from forensics_app.model.person import Role
from forensics_app.model.register import NewOutsider, OutsiderKind
from forensics_app.reports.wording import words_of
from forensics_app.reports.words import as_told, speaking
from forensics_app.services import signed_papers
from forensics_app.services.dossier_custody import told
from tests.builders import SIGNED_FORM, Bench
from tests.papers import drawn_png, png

DATABASES = ("sqlite", "postgresql")
SEAL = {"seal_number": "0048812", "seal_check": "intact"}
RECEIVING = {"place": "Reception", "purpose": "Examination", "condition": "Undamaged", **SEAL}
SENDING = {"carrier": "Carl Courier", "departed_at": "2026-11-20T13:00+01:00", **SEAL}
TAKING = {"purpose": "Expert's opinion", "expected_return": "2026-12-01T12:00:00+01:00"}
HANDING = {"place": "Desk", "purpose": "Expert's opinion", **SEAL}
COURT = {"court": "District court", "hearing": "12 KLs 3/27"}


def taken(bench: Bench, request: CustodyRequest) -> CustodyEvent:
    return bench.lab.custody.perform(bench.custodian, request)


def received_from(bench: Bench, exhibit: Exhibit, who: str, **fields: str) -> CustodyEvent:
    request = bench.request(exhibit, "receive", fields=RECEIVING | fields, outside_party=who)
    return taken(bench, request)


def checked_out(bench: Bench) -> Exhibit:
    exhibit = bench.exhibit(bench.case())
    received_from(bench, exhibit, "Sgt. Duarte")
    taken(bench, bench.request(exhibit, "check_out", fields=TAKING))
    return bench.lab.exhibits.get(exhibit.id)


@pytest.mark.req("REQ-18")
def test_who_hands_it_over_and_has_no_key_signs_or_it_is_not_received(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    request = bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte", papers={})
    with pytest.raises(RefusedError, match=r"Sgt\. Duarte has no key in this laboratory, and no signature"):
        taken(bench, request)
    assert bench.lab.custody.history(exhibit.id)[-1].action == "custody.refused"
    entry = taken(bench, replace(request, papers=SIGNED_FORM))
    assert (entry.fact("giver"), len(entry.fact("form_sha256"))) == ("Sgt. Duarte (on paper)", 64)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18", "REQ-19")
@pytest.mark.parametrize(
    "name",
    [
        "Tomasz Lis",
        "tomasz  LIS, courier",
        "Ana Kovac\u030c",
        "Ana Kovač (at the door)",
        "Lis, Tomasz",
        "T\u043emasz L\u0456s",
        "Tom\u200basz Lis",
        "Sgt. Tomasz Lis; courier",
        "Ana Kovac",
    ],
)
def test_nobody_with_a_key_is_named_as_somebody_outside(bench: Bench, name: str) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match=r"has a key in this laboratory|several alphabets"):
        received_from(bench, exhibit, name)
    with pytest.raises(RefusedError, match="has a key in this laboratory"):
        taken(bench, bench.request(exhibit, "dispatch", fields=SENDING | {"carrier": "Ana Kovač"}))
    assert bench.lab.exhibits.get(exhibit.id).state is State.SEIZED


@pytest.mark.req("REQ-18")
def test_a_namesake_is_told_apart_by_the_register(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    new = NewOutsider(kind=OutsiderKind.COURIER, name="Tomasz Lis", organisation="Parcel service")
    with pytest.raises(RefusedError, match="of their own name"):
        bench.lab.outsiders.add(bench.custodian, new)
    outsider = bench.lab.outsiders.add(bench.examiner, new)
    entry = received_from(bench, exhibit, "Tomasz Lis")
    assert entry.fact("outsider") == str(outsider.id)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18", "REQ-19")
def test_a_namesake_whom_a_signer_put_into_the_register_is_no_other_party(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    new = NewOutsider(kind=OutsiderKind.COURIER, name="Kova\u010d, Ana", organisation="Parcel service")
    own = bench.lab.outsiders.add(bench.custodian, new)
    with pytest.raises(RefusedError, match="put Ana Kova\u010d into the register of people outside themselves"):
        received_from(bench, exhibit, "Ana Kova\u010d")
    bench.lab.outsiders.end(bench.custodian, own.id, "Added by who signs")
    other = bench.lab.outsiders.add(bench.supervisor, new)
    assert received_from(bench, exhibit, "Ana Kova\u010d").fact("outsider") == str(other.id)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
def test_a_courier_signs_or_somebody_of_the_lab_carries_it_and_holds_it_on(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="Carl Courier has no key"):
        taken(bench, bench.request(exhibit, "dispatch", fields=SENDING, papers={}))
    own = bench.request(exhibit, "dispatch", fields=SENDING | {"carrier": "Tomasz Lis"}, outside_party="Sgt. Duarte")
    with pytest.raises(RefusedError, match=r"Sgt\. Duarte has no key"):
        taken(bench, replace(own, papers={}))
    with pytest.raises(RefusedError, match=r"is with Sgt\. Duarte, who has no key"):
        taken(bench, replace(own, outside_party=""))
    taken(bench, own)
    assert bench.lab.exhibits.get(exhibit.id).holder == "Tomasz Lis"
    with pytest.raises(RefusedError, match="is held by Tomasz Lis"):
        bench.lab.custody.perform(
            bench.examiner, bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Carl Courier")
        )
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "receive", fields=RECEIVING))
    assert bench.lab.exhibits.get(exhibit.id).holder == "Ana Kovač"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-14", "REQ-18")
def test_an_expert_outside_takes_it_by_a_signature_and_gives_it_back_by_one(bench: Bench) -> None:
    exhibit = checked_out(bench)
    to_expert = bench.request(exhibit, "hand_over", fields=HANDING, outside_party="Dr. Expert, institute")
    with pytest.raises(RefusedError, match="no signature of theirs"):
        taken(bench, replace(to_expert, papers={}))
    entry = taken(bench, to_expert)
    assert [one.role for one in entry.signatures] == ["giver"]
    assert entry.fact("receiver") == "Dr. Expert, institute (on paper)"
    away = bench.lab.exhibits.get(exhibit.id)
    assert (away.holder_id, away.holder, away.state) == (None, "Dr. Expert, institute", State.CHECKED_OUT)
    shelf = bench.request(exhibit, "return_to_store", fields={"shelf": "A-07"})
    with pytest.raises(RefusedError, match="who has no key in this laboratory"):
        taken(bench, shelf)
    back = taken(bench, bench.request(exhibit, "hand_over", fields=HANDING, outside_party="Dr. Expert"))
    assert [one.role for one in back.signatures] == ["receiver"]
    assert bench.lab.exhibits.get(exhibit.id).holder == "Tomasz Lis"
    taken(bench, shelf)
    assert bench.lab.incidents.open() == ()
    assert bench.lab.verification.verify().ok


def test_what_was_only_received_is_not_handed_outside_and_nobody_outside_is_named_for_nothing(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    received_from(bench, exhibit, "Sgt. Duarte")
    with pytest.raises(RefusedError, match="neither stored nor checked out"):
        taken(bench, bench.request(exhibit, "hand_over", fields=HANDING, outside_party="Dr. Expert"))
    with pytest.raises(RefusedError, match="Nobody outside the laboratory gives or takes"):
        taken(bench, bench.request(exhibit, "store", fields={"shelf": "A-07"}, outside_party="Dr. Expert"))


def test_who_takes_it_to_court_holds_it_until_the_court_signs(bench: Bench) -> None:
    exhibit = checked_out(bench)
    taken(bench, bench.request(exhibit, "go_to_court", fields=COURT))
    assert bench.lab.exhibits.get(exhibit.id).holder == "Tomasz Lis"
    with pytest.raises(RefusedError, match="District court has no key"):
        taken(bench, bench.request(exhibit, "retain_by_court", fields=COURT, papers={}))
    taken(bench, bench.request(exhibit, "retain_by_court", fields=COURT))
    kept = bench.lab.exhibits.get(exhibit.id)
    assert (kept.holder, kept.holder_id, kept.state) == ("District court", None, State.RETAINED_BY_COURT)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-14")
def test_another_than_the_courier_it_was_dispatched_with_is_an_incident(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    taken(bench, bench.request(exhibit, "dispatch", fields=SENDING))
    entry = received_from(bench, exhibit, "Paul Somebody")
    (incident,) = bench.lab.incidents.open()
    what = "LH/01 was dispatched with Carl Courier, and was handed over by Paul Somebody."
    assert (incident.kind, incident.what, entry.fact("incident")) == (IncidentKind.OTHER, what, what)


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize("words", ["ripped open", "compromised", "cracked", "unsealed by force", "not intact"])
def test_a_seal_is_told_by_a_choice_and_never_by_free_words(bench: Bench, words: str) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="is no condition of a seal"):
        received_from(bench, exhibit, "Sgt. Duarte", seal_check=words)
    entry = received_from(bench, exhibit, "Sgt. Duarte", seal_check="broken", seal_remarks=words)
    assert entry.fact("seal_check") == SealCondition.BROKEN
    assert entry.fact("incident") == f"The seal 0048812 was found broken or opened: {words}."


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"seal_check": "missing", "seal_number": ""}, IncidentKind.SEAL_MISSING),
        ({"seal_check": "number differs", "seal_number": "0048899"}, IncidentKind.SEAL_DIFFERS),
        ({"seal_check": "not sealed", "seal_number": ""}, IncidentKind.SEAL_MISSING),
        ({"seal_check": "new seal applied", "seal_number": "0048899"}, IncidentKind.SEAL_DIFFERS),
    ],
)
def test_every_condition_but_intact_raises_an_incident(
    bench: Bench, fields: dict[str, str], kind: IncidentKind
) -> None:
    exhibit = bench.exhibit(bench.case())
    received_from(bench, exhibit, "Sgt. Duarte", **fields)
    assert [one.kind for one in bench.lab.incidents.of_exhibit(exhibit.id)] == [kind]


@pytest.mark.req("REQ-12")
def test_a_seal_that_nobody_checked_is_a_deviation_with_its_reason(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    unchecked = {"seal_check": "not checked", "seal_number": ""}
    with pytest.raises(RefusedError, match="not said why"):
        received_from(bench, exhibit, "Sgt. Duarte", **unchecked)
    with pytest.raises(RefusedError, match="no other number is given"):
        received_from(bench, exhibit, "Sgt. Duarte", seal_check="differs")
    entry = received_from(bench, exhibit, "Sgt. Duarte", **unchecked, seal_remarks="Bag frozen to the box")
    assert entry.fact("deviation") == "The seal 0048812 of LH/01 was not checked at this step: receive."
    told = [one for view in bench.lab.principles.of_case(exhibit.case_id) for one in view.deviations]
    assert [(one.what, one.reason) for one in told] == [(entry.fact("deviation"), "Bag frozen to the box")]
    assert bench.lab.incidents.open() == ()
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-22")
def test_what_is_expected_back_before_it_goes_is_refused(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    received_from(bench, exhibit, "Sgt. Duarte")
    past = TAKING | {"expected_return": "2026-11-19T12:00:00+01:00"}
    with pytest.raises(RefusedError, match="lies before the step"):
        taken(bench, bench.request(exhibit, "check_out", fields=past))


@pytest.mark.req("REQ-38")
@pytest.mark.parametrize("name", ["tomasz lis", " TOMASZ   LIS ", "Ana Kovac\u030c", "Lis, Tomasz", "Ana K\u043evac"])
def test_nobody_is_enrolled_beside_somebody_of_the_same_name_written_otherwise(bench: Bench, name: str) -> None:
    with pytest.raises(RefusedError, match=r"already enrolled|several alphabets"):
        bench.enrol(name, Role.EXAMINER)


@pytest.mark.req("REQ-18", "REQ-19")
def test_what_somebody_of_the_lab_holds_is_not_received_from_outside_and_the_record_goes_on_verifying(
    bench: Bench,
) -> None:
    exhibit = bench.exhibit(bench.case())
    given = bench.request(exhibit, "hand_over", fields=RECEIVING, outside_party="Sgt. Duarte", papers=SIGNED_FORM)
    bench.lab.custody.perform(bench.custodian, given)
    with pytest.raises(RefusedError, match="nobody outside hands it over"):
        received_from(bench, exhibit, "Sgt. Duarte")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18", "REQ-19")
def test_nobody_hides_behind_the_carrier_of_a_step(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="has a key in this laboratory"):
        received_from(bench, exhibit, "Sgt. Duarte", carrier="Tomasz Lis")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
def test_an_officer_who_was_enrolled_since_hands_over_with_their_key_what_the_record_says_they_have(
    bench: Bench,
) -> None:
    exhibit = bench.exhibit(bench.case())
    bench.enrol("Sgt. Duarte", Role.EXAMINER)
    with pytest.raises(RefusedError, match=r"Sgt\. Duarte has a key in this laboratory"):
        received_from(bench, exhibit, "Sgt. Duarte")
    receiving = bench.request(exhibit, "receive", fields=RECEIVING)
    event = bench.lab.custody.hand_over(bench.sign_in("Sgt. Duarte"), bench.custodian, receiving)
    assert event.fact("giver").startswith("Sgt. Duarte")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (png(Image.new("RGB", (1120, 360), "white")), "is blank"),
        (png(Image.new("RGB", (1120, 360), "black")), "is blank"),
        (b"\x89PNG\r\n\x1a\nno more", "cannot be shown"),
        (b"%PDF-1.7\nsigned", "cannot be shown"),
    ],
)
def test_a_blank_or_broken_paper_is_no_signature(bench: Bench, tmp_path: Path, content: bytes, why: str) -> None:
    exhibit = bench.exhibit(bench.case())
    (tmp_path / "paper").write_bytes(content)
    for kind in (PaperKind.SIGNATURE, PaperKind.FORM):
        request = bench.request(
            exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte", papers={kind: tmp_path / "paper"}
        )
        with pytest.raises(RefusedError, match=why):
            taken(bench, request)
    assert bench.lab.exhibits.get(exhibit.id).state is State.SEIZED
    assert bench.lab.journal.unrecorded_files() == ()


@pytest.mark.req("REQ-18")
def test_a_paper_that_could_not_be_looked_at_once_is_taken_when_it_can_be(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exhibit = bench.exhibit(bench.case())
    (tmp_path / "drawn.png").write_bytes(drawn_png(1713))
    papers = {PaperKind.SIGNATURE: tmp_path / "drawn.png"}
    request = bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte", papers=papers)
    with monkeypatch.context() as hurried:
        hurried.setattr(signed_papers, "run_isolated", partial(run_isolated, timeout_s=0.001))
        with pytest.raises(RefusedError, match="could not be looked at"):
            taken(bench, request)
    assert taken(bench, request).to_state == State.RECEIVED


@pytest.mark.req("REQ-18", "REQ-19")
def test_one_drawn_signature_is_not_taken_for_two_people_and_one_form_is_told(bench: Bench, tmp_path: Path) -> None:
    case, drawn = bench.case(), tmp_path / "drawn.png"
    first, second, third = (bench.exhibit(case, f"LH/0{number}") for number in (1, 2, 3))
    drawn.write_bytes(drawn_png(1))

    def receive(exhibit: Exhibit, who: str, *kinds: PaperKind) -> CustodyEvent:
        papers = dict.fromkeys(kinds, drawn)
        return taken(bench, bench.request(exhibit, "receive", fields=RECEIVING, outside_party=who, papers=papers))

    with pytest.raises(RefusedError, match="One file is given as two papers"):
        receive(first, "Sgt. Duarte", PaperKind.SIGNATURE, PaperKind.FORM)
    receive(first, "Sgt. Duarte", PaperKind.SIGNATURE)
    with pytest.raises(RefusedError, match=r"is that of Sgt\. Duarte \(on the screen\) \(entry \d+\)"):
        receive(second, "Carl Courier", PaperKind.SIGNATURE)
    assert bench.lab.custody.history(second.id)[-1].action == "custody.refused"
    with pytest.raises(RefusedError, match=r"is that of Sgt\. Duarte .* \(entry \d+ of another case\)"):
        receive(bench.exhibit(bench.case("2026-0148")), "Carl Courier", PaperKind.SIGNATURE)
    with pytest.raises(RefusedError, match=r"was drawn for another act: entry \d+ states it already"):
        receive(second, "SGT. DUARTE, Harbour police", PaperKind.SIGNATURE)
    with pytest.raises(RefusedError, match=r"was drawn for another act: entry \d+ of another case states it"):
        receive(bench.exhibit(bench.case("2026-0149")), "Sgt. Duarte", PaperKind.SIGNATURE)
    drawn.write_bytes(drawn_png(2))
    assert receive(second, "SGT. DUARTE, Harbour police", PaperKind.SIGNATURE).fact("giver").endswith("(on the screen)")
    form = bench.request(third, "receive", fields=RECEIVING, outside_party="Carl Courier")
    taken(bench, bench.request(bench.exhibit(case, "LH/04"), "receive", fields=RECEIVING, outside_party="Sgt. Duarte"))
    received = taken(bench, form)
    assert received.fact("form_also_of").startswith("Sgt. Duarte (on paper) (entry ")
    with speaking(words_of(Stationery(language="fr"))):
        said = as_told(told(received, "form_also_of"))
    assert said.startswith("Sgt. Duarte (sur papier) (inscription ")
    assert bench.lab.verification.verify().ok
