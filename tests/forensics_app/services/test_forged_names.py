"""Entries that somebody signs with a key and a program of their own: the laboratory and a stranger name them."""

from dataclasses import replace
from pathlib import Path

import pytest

from chain_of_custody.command import main
from chain_of_custody.rule_sets import RULES, STATED
from forensics_app.db.tables import EXHIBIT, TRANSFER_OFFER
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import SignedIn
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.offers import offer_entry
from forensics_app.services.record import case_chain
from tests.builders import Bench, UnjudgedWriter
from tests.forensics_app.services.test_offers import offer, stored


def what_is_said(bench: Bench, exhibit: Exhibit, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the verifier of the custody folder prints; the laboratory finds the same acts."""
    report = bench.lab.verification.verify()
    assert not report.ok
    bench.lab.custody.export(exhibit.case_id, folder, bench.custodian)
    capsys.readouterr()
    assert main(["verify", str(folder)]) == 1
    return capsys.readouterr().out


@pytest.mark.req("REQ-18", "REQ-68")
def test_who_takes_under_the_name_of_a_colleague_is_named(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exhibit, taker = stored(bench), bench.supervisor
    masked: SignedIn = replace(taker, person=replace(taker.person, name="Ana Kovač"))
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        row = {"state": "CHECKED_OUT", "holder_id": str(taker.person.id), "holder": "Ana Kovač"}
        writer.update(EXHIBIT, exhibit.id, row)
        facts = {"event": "check_out", "from_state": "STORED", "to_state": "CHECKED_OUT", STATED: RULES}
        chain, about = case_chain(bench.lab.cases.get(exhibit.case_id)), exhibit_subject(exhibit)
        writer.append(chain, "custody.check_out", about, facts, [("giver", bench.custodian), ("receiver", masked)])
    said = what_is_said(bench, exhibit, tmp_path / "folder", capsys)
    assert "names Ana Kovač as who acts or signs, with the key of who was enrolled as Ingrid Solberg" in said


@pytest.mark.req("REQ-18", "REQ-68")
def test_who_accepts_what_was_offered_to_another_is_named(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exhibit, thief = stored(bench), bench.supervisor
    made = offer(bench, exhibit, bench.examiner)
    with bench.lab.database.writing() as connection:
        bound = offer_entry(connection, made)
        writer = UnjudgedWriter(connection, bench.clock())
        row = {"state": "CHECKED_OUT", "holder_id": str(thief.person.id), "holder": thief.person.name}
        writer.update(EXHIBIT, exhibit.id, row)
        writer.update(TRANSFER_OFFER, made.id, {"state": "accepted"})
        facts = {"event": "check_out", "from_state": "STORED", "to_state": "CHECKED_OUT", STATED: RULES}
        facts |= {"offer": bound.digest.hex(), "offer_entry": bound.content.sequence}
        chain, about = case_chain(bench.lab.cases.get(exhibit.case_id)), exhibit_subject(exhibit)
        writer.append(chain, "custody.check_out", about, facts, [("receiver", thief)])
    said = what_is_said(bench, exhibit, tmp_path / "folder", capsys)
    assert "Ingrid Solberg accepts an offer of LH/01 that was made to another" in said


@pytest.mark.req("REQ-68")
def test_an_object_in_a_column_is_named_and_stops_nothing(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exhibit = stored(bench)
    chain, about = case_chain(bench.lab.cases.get(exhibit.case_id)), exhibit_subject(exhibit)
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        for old, new in (("STORED", {}), ({}, "STORED")):
            writer._changes[("exhibit", str(exhibit.id))] = {"state": (old, new)}
            writer.append(chain, "exhibit.correct", about, {}, [("actor", bench.custodian)], "x")
    said = what_is_said(bench, exhibit, tmp_path / "folder", capsys)
    assert said.count("exhibit.correct puts into a column of exhibit what is no text and no number") == 2
    assert bench.lab.desk.waiting()
    assert bench.lab.principles.of_case(exhibit.case_id)
