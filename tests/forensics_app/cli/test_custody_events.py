"""Incidents, holds, disposals, offers, scans and audits on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.bootstrap import open_lab
from forensics_app.model.person import Role
from resources import path as resource
from tests.builders import PASSPHRASE, QUICK, make_bench, new_person
from tests.forensics_app.services.end_of_custody import stored, transferred

Call = Callable[..., tuple[int, str]]
CASE = ("--case", "2026-0147")
FIRST = (*CASE, "--exhibit", "LH/01")
PEOPLE = {"tom": "Tomasz Lis", "ana": "Ana Kovač", "ingrid": "Ingrid Solberg", "olaf": "Olaf Berg"}
LATER = "2099-01-01T00:00:00+00:00"


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in this process; there are LH/01 and LH/02 in store, and LH/03 at another agency."""
    bench = make_bench(tmp_path / "lab")
    case = bench.case(expires_on=None)
    stored(bench, case, "LH/01")
    stored(bench, case, "LH/02")
    transferred(bench, case, "LH/03")
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")

    def run(who: str, *words: str) -> tuple[int, str]:
        signing = ("--as", PEOPLE[who], "--passphrase-file", str(tmp_path / "word")) if who else ()
        capsys.readouterr()
        status = main([word.replace("WORD", str(tmp_path / "word")) for word in (*words, *signing)])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    def in_lab(who: str, *words: str) -> tuple[int, str]:
        return run(who, *words, "--lab", str(tmp_path / "lab"))

    return in_lab


@pytest.mark.req("REQ-12")
def test_an_incident_is_raised_listed_and_closed(call: Call) -> None:
    assert call("tom", "incident", "raise", *FIRST, "--what", "Water on the shelf")[0] == 0
    assert "OPEN" in call("", "incident", "list", *CASE)[1]
    status, said = call("ingrid", "incident", "close", *CASE, "--incident", "1", "--decision", "Dried")
    assert (status, "closed by Ingrid Solberg: Dried" in said) == (0, True)
    assert call("ingrid", "incident", "close", *CASE, "--incident", "2", "--decision", "x")[0] == 2


@pytest.mark.req("REQ-12")
def test_a_step_that_opens_an_incident_says_so_and_the_incident_bears_the_zone_of_the_lab(call: Call) -> None:
    sealed = ("--field", "seal_number=0048812", "--field", "seal_check=broken")
    outward = ("--with", PEOPLE["ana"], "--with-passphrase-file", "WORD", "--field", f"expected_return={LATER}")
    status, said = call("tom", "custody", "checkout", *FIRST, *outward, *sealed, "--field", "purpose=Imaging")
    assert status == 0, said
    assert "An incident was opened: The seal 0048812 was found broken or opened." in said
    assert "A supervisor closes it" in said
    assert re.search(r"[+]0[12]:00  LH/01  seal broken", call("", "incident", "list", *CASE)[1])


@pytest.mark.req("REQ-18")
def test_what_a_dead_officer_had_is_taken_over_and_their_shelf_is_handed_out(tmp_path: Path, call: Call) -> None:
    out = ("--field", "purpose=Imaging", "--field", f"expected_return={LATER}")
    assert call("tom", "custody", "checkout", *FIRST, *out)[0] == 0
    taking = ("custody", "take-over", *FIRST, "--with", PEOPLE["ana"], "--with-passphrase-file", "WORD")
    told = ("seal_number=0048812", "seal_check=intact", "place=Reception", "unsigned_reason=He died")
    fields = [word for one in told for word in ("--field", one)]
    status, said = call("ingrid", *taking, *fields)
    assert (status, "The key of Tomasz Lis is in force" in said) == (2, True)
    lab = open_lab(tmp_path / "lab", key_parameters=QUICK)
    admin = lab.people.sign_in("Ada Admin", PASSPHRASE)
    lab.people.revoke(admin, lab.people.named("Tomasz Lis").id, "Died")
    lab.people.enrol(admin, new_person("Olaf Berg", Role.EXHIBITS_OFFICER), PASSPHRASE)
    lab.close()
    assert "LH/01 is in the hands of Tomasz Lis, whose key ended on" in call("", "desk", "list")[1]
    status, said = call("ingrid", *taking, *fields)
    assert (status, "Taken over, key of the holder ended" in said) == (0, True), said
    assert "actor Ingrid Solberg, receiver Ana Kovač" in call("", "custody", "show", *FIRST)[1]
    second = ("custody", "checkout", *CASE, "--exhibit", "LH/02", *out, "--with", PEOPLE["ana"])
    second = (*second, "--with-passphrase-file", "WORD")
    status, said = call("ingrid", *second)
    assert (status, "another exhibits officer hands it out" in said) == (2, True)
    assert call("olaf", *second)[0] == 0


@pytest.mark.req("REQ-20")
def test_a_corrected_entry_stays_in_sight_with_what_corrects_it_and_why(tmp_path: Path, call: Call) -> None:
    lab = open_lab(tmp_path / "lab", key_parameters=QUICK)
    exhibit = lab.exhibits.numbered(lab.cases.list()[0].id, "LH/01")
    actor = lab.people.sign_in("Tomasz Lis", PASSPHRASE)
    lab.exhibits.correct(actor, exhibit.id, {"condition": "Corner dented"}, "Seen at the bench")
    lab.close()
    lines = call("", "custody", "show", *FIRST)[1].splitlines()
    assert "reason: Seen at the bench" in lines[-1]
    assert [line.split()[0] for line in lines if f"CORRECTED by {lines[-1].split()[0]}" in line] == [
        line.split()[0] for line in lines if "Received at the laboratory" in line
    ]


@pytest.mark.req("REQ-20")
def test_an_exhibit_is_corrected_and_nothing_that_only_steps_change(call: Call) -> None:
    told = ("--reason", "Label read again", "--seal", "0048822", "--model", "", "--type", "storage medium")
    status, said = call("tom", "exhibit", "correct", *CASE, "--exhibit", "LH/01", *told)
    assert (status, "seal_number: was “0048812”, is “0048822”" in said) == (0, True)
    said = call("", "exhibit", "show", *CASE, "--exhibit", "LH/01")[1]
    assert "None" not in said
    assert "parent id" not in said
    assert re.search(r"^model +not recorded$", said, re.MULTILINE)
    assert re.search(r"^state since +[-0-9]{10} [:0-9]{8}[+]0[12]:00$", said, re.MULTILINE)
    status, said = call("", "exhibit", "show", *CASE, "--exhibit", "LH/01", "--json")
    assert (json.loads(said)["seal_number"], json.loads(said)["type"]) == ("0048822", "storage medium")
    assert call("ingrid", "exhibit", "correct", *CASE, "--exhibit", "LH/01", *told)[0] == 2
    status, said = call("tom", "exhibit", "correct", *CASE, "--exhibit", "LH/01", "--reason", "nothing")
    assert (status, "at least one value" in said) == (2, True)


@pytest.mark.req("REQ-20")
def test_a_step_is_corrected_by_an_entry_that_names_it(call: Call) -> None:
    lines = call("", "custody", "show", *FIRST)[1].splitlines()
    (stored_by,) = (line.split()[0][1:] for line in lines if "  Stored" in line)
    told = ("--entry", stored_by, "--reason", "Wrong shelf written", "--field", "shelf=B-02")
    status, said = call("tom", "custody", "correct", *FIRST, *told, "--at", "2026-11-18T18:00:00+01:00")
    assert (status, "is “B-02”" in said) == (0, True), said
    lines = call("", "custody", "show", *FIRST)[1].splitlines()
    assert f"of #{stored_by}" in lines[-1]
    assert any(line.startswith(f"#{stored_by} ") and "CORRECTED by" in line for line in lines)
    status, said = call("tom", "custody", "correct", *FIRST, "--entry", stored_by, "--reason", "Not so", "--field",
                        "giver=Somebody else")  # fmt: skip
    assert (status, "Parties and signatures stay" in said) == (2, True)


@pytest.mark.req("REQ-01")
def test_a_case_is_changed_gets_another_legal_basis_and_is_closed(call: Call) -> None:
    status, said = call("ana", "case", "change", *CASE, "--title", "Harbour II", "--reason", "Joined")
    assert (status, "is “Harbour II”" in said) == (0, True)
    basis = ("--instrument", "search warrant", "--instrument-number", "9 Gs 1/27", "--issuer", "District court",
             "--issued-on", "2026-11-01", "--scope", "All data", "--expires-on", "2027-03-01")  # fmt: skip
    status, said = call("ana", "case", "basis", *CASE, *basis)
    assert (status, "needs a reason" in said) == (2, True)
    status, said = call("ana", "case", "basis", *CASE, *basis, "--reason", "Renewed")
    assert (status, "in force until 2027-03-01" in said) == (0, True)
    assert call("ana", "case", "close", *CASE, "--reason", "Done")[0] == 2
    status, said = call("ingrid", "case", "close", *CASE, "--reason", "Done")
    assert (status, "is still open" in said, "say in the reason why it may stay open" in said) == (2, True, True)
    status, said = call("ingrid", "case", "close", *CASE, "--reason", "It comes back later", "--leave-open")
    assert (status, "Left open: " in said) == (0, True)
    status, said = call("ingrid", "case", "close", *CASE, "--reason", "Done")
    assert (status, "is closed already" in said) == (2, True)
    assert "closed" in call("", "case", "show", *CASE)[1]


@pytest.mark.req("REQ-23")
def test_a_hold_stops_a_disposal_which_is_then_approved_and_carried_out(call: Call) -> None:
    proposing = ("disposal", "propose", *FIRST, "--way", "destroy", "--method", "Shredded", "--authority", "Order 9")
    assert call("ana", "hold", "place", *CASE, "--authority", "Court", "--reason", "Appeal")[0] == 0
    status, said = call("tom", *proposing)
    assert (status, "legal hold on the whole case" in said) == (2, True)
    lifting = ("hold", "lift", *CASE, "--hold", "1", "--authority", "Court", "--reason", "Dismissed")
    assert call("ingrid", *lifting)[0] == 0
    listed = call("", "hold", "list", *CASE)[1]
    assert re.search(r"placed by Ana Kovač [-0-9]{10} [:0-9]{8}[+]0[12]:00  ", listed)
    assert re.search(r"lifted by Ingrid Solberg [-0-9]{10} [:0-9]{8}[+]0[12]:00: Court", listed)
    assert call("tom", *proposing)[0] == 0
    assert call("ingrid", "disposal", "approve", *FIRST)[0] == 0
    carrying = ("disposal", "carry-out", *FIRST, "--witness", "Ana Kovač", "--witness-passphrase-file", "WORD")
    status, said = call("tom", *carrying)
    assert (status, "Destroyed: signed by Tomasz Lis and Ana Kovač" in said) == (0, True)
    assert "CARRIED OUT" in call("", "disposal", "list", *CASE)[1]
    assert call("ingrid", "disposal", "reject", *FIRST, "--reason", "too late")[0] == 2


def test_a_receipt_is_kept_with_the_step(call: Call) -> None:
    third = (*CASE, "--exhibit", "LH/03")
    paper = f"receipt={resource('demo/exhibit-photo-laptop.jpg')}"
    assert call("tom", "custody", "step", *third, "--event", "confirm_receipt", "--paper", "letter=x.pdf")[0] == 2
    status, said = call("tom", "custody", "step", *third, "--event", "confirm_receipt", "--paper", paper)
    assert (status, "Receipt confirmed by the agency" in said) == (0, True)


@pytest.mark.req("REQ-18", "REQ-22")
def test_a_transfer_is_offered_and_accepted_by_two_calls(call: Call) -> None:
    fields = ("--field", "purpose=Imaging", "--field", f"expected_return={LATER}")
    offering = ("transfer", "offer", *FIRST, "--to", "Ana Kovač", "--event", "check_out", "--due", "2098-11-21T12:00")
    assert call("tom", *offering, *fields)[0] == 0
    assert "OFFERED  due 2098-11-21 12:00+01:00" in call("", "transfer", "list", *CASE)[1]
    assert call("ana", "transfer", "accept", *FIRST, "--field", "seal_check=intact")[0] == 0
    status, said = call("", "custody", "show", *FIRST, "--json")
    offered, accepted = json.loads(said)[-2:]
    assert (status, accepted["facts"]["offer"]) == (0, offered["digest"])
    assert call("ana", "transfer", "refuse", *FIRST, "--reason", "x")[0] == 2


def test_what_is_scanned_is_checked_out_and_what_cannot_be_is_named(call: Call) -> None:
    fields = ("--field", "purpose=Imaging", "--field", f"expected_return={LATER}")
    scanning = ("--scan", "LH/01", "--scan", "LH/02", "--scan", "LH/03")
    status, said = call("tom", "custody", "bulk", *CASE, "--event", "check_out", *scanning, *fields)
    assert status == 1
    assert "LH/03  NOT DONE" in said
    assert "2 exhibits done, 1 not done." in said


@pytest.mark.req("REQ-12")
def test_seals_of_a_list_are_told_each_by_a_choice(call: Call) -> None:
    fields = ("--field", "purpose=Imaging", "--field", f"expected_return={LATER}", "--seals-agree")
    scanning = ("custody", "bulk", *CASE, "--event", "check_out", "--scan", "LH/01", "--scan", "LH/02", *fields)
    assert call("tom", *scanning, "--read-seal", "LH/02=1")[0] == 2
    status, said = call("tom", *scanning, "--seal", "LH/01=ripped", "--seal", "LH/02=broken")
    assert (status, "is no condition of a seal" in said, "1 exhibit done, 1 not done." in said) == (1, True, True)
    assert "LH/02  seal broken" in call("", "incident", "list", *CASE)[1]


@pytest.mark.req("REQ-12")
def test_an_audit_tells_of_seals_by_a_choice_and_what_is_not_as_recorded_is_an_incident(call: Call) -> None:
    place = ("audit", "record", "--place", "A-07", "--scan", "LH/01", "--scan", "LH/02")
    assert call("tom", *place, "--seal", "LH/01=ripped open")[0] == 2
    assert call("tom", *place, "--seal", "LH/01=not checked")[0] == 2
    remarks = ("--seal-remarks", "LH/01=Behind the rack")
    status, said = call("tom", *place, "--seal", "LH/01=not checked", *remarks, "--seal", "LH/02=missing")
    assert status == 1
    assert "seal not checked: The seal 0048812 of LH/01 is not checked (Behind the rack)." in said
    assert "seal missing: The seal 0048812 of LH/02 is missing." in said
    listed = call("", "incident", "list", *CASE)[1]
    assert ("LH/02  seal missing" in listed, "LH/01" in listed) == (True, False)


@pytest.mark.req("REQ-12")
def test_an_audit_says_what_is_missing_and_which_seal_was_not_looked_at(call: Call) -> None:
    scanning = ("audit", "record", "--place", "A-07", "--scan", "LH/01")
    status, said = call("tom", *scanning)
    assert (status, "1 of 2 exhibits found, 2 findings" in said) == (1, True)
    assert "seal not checked: The seal 0048812 of LH/01 is not told of: it was not looked at." in said
    status, said = call("tom", *scanning, "--seals-agree")
    assert status == 1
    assert "1 of 2 exhibits found, 1 finding" in said
    assert "missing: LH/02 should be at A-07-3" in call("", "audit", "list")[1]


@pytest.mark.req("REQ-03")
def test_what_the_guidance_asks_at_a_step_is_said_before_it_and_not_to_scripts_that_want_quiet(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taking = ("--field", "purpose=Imaging", "--field", f"expected_return={LATER}", "--seals-agree")
    receiver = ("--with", "Ana Kovač", "--with-passphrase-file", "WORD")
    bulk = ("custody", "bulk", "--event", "check_out", *CASE, *taking, *receiver)
    said = call("tom", *bulk, "--scan", "LH/01")[1]
    assert "The guidance asks at this step:\n" in said
    assert "Work is done on copies; the digest of the copy is compared" in said
    assert "guidance asks" not in call("tom", *bulk, "--scan", "LH/02", "--quiet")[1]
    offering = ("transfer", "offer", *FIRST, "--to", "Tomasz Lis", "--event", "return_to_store", "--due", LATER)
    said = call("ana", *offering, "--field", "shelf=A-07-3")[1]
    assert "Every exhibit has a place with a code" in said
    said = call("tom", "transfer", "accept", *FIRST)[1]
    assert "Every exhibit has a place with a code" in said
    # refused for want of the right words, too: it is said before anything is signed, and beside the one document
    lab = ("--lab", str(tmp_path / "lab"), "--json")
    words = ("--as", "Tomasz Lis", "--passphrase-file", str(tmp_path / "none"))
    assert main(["custody", "receive", *FIRST, *lab, *words]) == 2
    shown = capsys.readouterr()
    assert "The seal is checked when the exhibit is taken in" in shown.err
    assert "guidance" not in shown.out


@pytest.mark.req("REQ-18")
def test_every_way_from_the_scene_to_the_laboratory_is_recorded_with_the_signatures_that_it_needs(
    tmp_path: Path, call: Call
) -> None:
    drawn = ("--paper", f"signature={resource('demo/exhibit-photo-laptop.jpg')}")
    form = ("--paper", f"form={resource('demo/exhibit-photo-drive.jpg')}")
    sealed = ("--field", "seal_number=0048812", "--field", "seal_check=intact")
    sending = (*sealed, "--field", "departed_at=2026-11-20T13:00+01:00", "--event", "dispatch", "--field")
    handing = (*sealed, "--field", "place=Reception", "--field", "purpose=Examination")
    with_ana = ("--with", "Ana Kovač", "--with-passphrase-file", "WORD")

    def seize(number: str, officer: str) -> tuple[str, ...]:
        seen = ("--seized-at", "2026-11-20T08:00+01:00", "--seized-place", "Yard", "--witness", "Insp. Haas")
        seen += ("--seized-by", officer)
        told = ("--type", "computer", "--description", "Laptop", "--seal", "0048812", "--no-photo-reason", "Dark")
        status, said = call("tom", "exhibit", "add", *CASE, "--number", number, *told, *seen)
        assert status == 0, said
        return (*CASE, "--exhibit", number)

    def taken(who: str, *words: str) -> tuple[int, str]:
        return call(who, "custody", *words)

    outside = seize("W/1", "Sgt. Duarte")
    party = ("--outside-party", "Sgt. Duarte")
    assert taken("tom", "step", *outside, *party, *sending, "carrier=Tomasz Lis")[0] == 2
    assert taken("tom", "step", *outside, *party, *drawn, *sending, "carrier=Tomasz Lis")[0] == 0
    assert taken("tom", "receive", *outside, *handing, "--field", "condition=Good", *with_ana)[0] == 0

    own = seize("W/2", "Tomasz Lis")
    assert taken("tom", "transfer", *own, *handing, *with_ana)[0] == 0
    assert taken("ana", "step", *own, *form, *sending, "carrier=Carl Courier")[0] == 0
    assert (
        taken("tom", "receive", *own, *handing, "--field", "condition=Good", "--outside-party", "Carl Courier")[0] == 2
    )

    posted, why = seize("W/3", "Sgt. Duarte"), ("--field", "unsigned_reason=The post signs nothing")
    assert taken("tom", "step", *posted, *why, *sending, "carrier=Parcel service")[0] == 0
    post = ("--outside-party", "Parcel service", "--field", "condition=Good")
    assert taken("tom", "receive", *posted, *handing, *post, *why)[0] == 0
    assert taken("tom", "step", *posted, "--event", "refuse", "--field", "reason=Not ours")[0] == 0
    back = ("--field", "agency=Police", "--field", "reason=Not ours", *sealed)
    sending = (*sending[:-3], "--event", "send_back", "--field")
    assert taken("tom", "step", *posted, *back, *drawn, *sending, "carrier=Sgt. Duarte")[0] == 2, "drawn for W/1"
    assert taken("tom", "step", *posted, *back, *form, *sending, "carrier=Sgt. Duarte")[0] == 0
    assert main(["verify", str(tmp_path / "lab")]) == 0
