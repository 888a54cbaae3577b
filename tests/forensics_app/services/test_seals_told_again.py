"""A seal that the record tells to be broken is told so again without another incident (REQ-12)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chain_of_custody.checking import check
from chain_of_custody.ledger import Json
from chain_of_custody.rule_sets import RULES, STATED
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import RefusedError
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import Exhibit
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.record import case_chain
from tests.builders import Bench, UnjudgedWriter
from tests.forensics_app.services.end_of_custody import RECEIVING
from tests.second_verifier.verdicts import verify as verify_again

OUT = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"}
BROKEN = {"seal_check": "broken", "seal_number": "0048812"}


def taken_out(bench: Bench, **received: str) -> Exhibit:
    """An exhibit that was received with its seal as told, stored and checked out."""
    exhibit = bench.exhibit(bench.case())
    told = {**RECEIVING, **received}
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", fields=told, outside_party="Sgt. Duarte")
    )
    step(bench, exhibit, "store", shelf="A-07-3")
    step(bench, exhibit, "check_out", **OUT)
    return bench.lab.exhibits.get(exhibit.id)


def step(bench: Bench, exhibit: Exhibit, event: str, **fields: str) -> CustodyEvent:
    now = bench.lab.exhibits.get(exhibit.id)
    return bench.lab.custody.perform(bench.custodian, bench.request(now, event, fields=fields))


def wrong_in_both(bench: Bench, exhibit: Exhibit, folder: Path) -> tuple[bool, bool]:
    """Whether each of the two verifiers names an act that was not allowed."""
    bench.lab.custody.export(exhibit.case_id, folder)
    first = check(folder, root=None, on_progress=lambda done, total: None).as_json()
    named = any(chain["breaches"] for chain in json.loads(json.dumps(first))["chains"])
    _, again = verify_again((folder / "ledger.jsonl").read_bytes())
    return named, any(one.breaches for one in again)


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize("again", [BROKEN, {"seal_check": "broken"}])
def test_a_seal_that_was_received_broken_is_opened_as_such_without_another_incident(
    bench: Bench, tmp_path: Path, again: dict[str, str]
) -> None:
    exhibit = taken_out(bench, seal_check="broken")
    (incident,) = bench.lab.incidents.of_exhibit(exhibit.id)
    raised = next(one.sequence for one in bench.lab.custody.history(exhibit.id) if one.fact("incident"))
    told = {**again, "seal_number": again.get("seal_number", "0048812")}
    opened = step(bench, exhibit, "begin_examination", write_blocker="T8u", **told)
    assert bench.lab.incidents.of_exhibit(exhibit.id) == (incident,)
    assert (opened.facts["seal_incident_entry"], opened.fact("incident"), opened.fact("deviation")) == (raised, "", "")
    assert bench.lab.verification.verify().ok
    assert wrong_in_both(bench, exhibit, tmp_path / "folder") == (False, False)


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(
    ("before", "again"),
    [
        ({"seal_check": "intact"}, BROKEN),
        ({"seal_check": "broken"}, {"seal_check": "missing"}),
        ({"seal_check": "broken"}, {"seal_check": "broken", "seal_number": "0048813"}),
    ],
)
def test_another_fault_or_another_seal_is_an_incident_of_its_own(
    bench: Bench, tmp_path: Path, before: dict[str, str], again: dict[str, str]
) -> None:
    exhibit = taken_out(bench, **before)
    known = bench.lab.incidents.of_exhibit(exhibit.id)
    opened = step(bench, exhibit, "begin_examination", write_blocker="T8u", **again)
    assert len(bench.lab.incidents.of_exhibit(exhibit.id)) == len(known) + 1
    assert "seal_incident_entry" not in opened.facts
    assert wrong_in_both(bench, exhibit, tmp_path / "folder") == (False, False)


@pytest.mark.req("REQ-12")
def test_a_new_seal_that_is_found_broken_is_an_incident_of_its_own(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    told = {**RECEIVING, "seal_check": "broken"}
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", fields=told, outside_party="Sgt. Duarte")
    )
    step(bench, exhibit, "store", shelf="A-07-3", seal_check="new", seal_number="0048899")
    step(bench, exhibit, "check_out", **OUT)
    step(bench, exhibit, "begin_examination", write_blocker="T8u", seal_check="broken", seal_number="0048899")
    assert len(bench.lab.incidents.of_exhibit(exhibit.id)) == 2


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize("known", [1, True, "4", None])
@pytest.mark.parametrize("received", ["intact", "broken"])
def test_who_names_no_entry_that_told_the_fault_needs_an_incident(
    bench: Bench, tmp_path: Path, known: Json, received: str
) -> None:
    exhibit = taken_out(bench, seal_check=received)
    facts: dict[str, Json] = {
        "event": "begin_examination", "from_state": "CHECKED_OUT", "to_state": "UNDER_EXAM", STATED: RULES,
        "occurred_at": bench.clock().isoformat(), "write_blocker": "T8u", "seal_before": "0048812",
        "seal_number": "0048812", "seal_check": "broken or opened", "seal_incident_entry": known,
    }  # fmt: skip
    case = bench.lab.cases.get(exhibit.case_id)
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        writer.update(EXHIBIT, exhibit.id, {"state": "UNDER_EXAM"})
        action = "custody.begin_examination"
        writer.append(case_chain(case), action, exhibit_subject(exhibit), facts, [("actor", bench.custodian)])
    assert wrong_in_both(bench, exhibit, tmp_path / "folder") == (True, True)
    assert not bench.lab.verification.verify().ok


def test_nobody_fills_in_which_entry_told_the_fault(bench: Bench) -> None:
    exhibit = taken_out(bench, seal_check="intact")
    fields = {**BROKEN, "write_blocker": "T8u", "seal_incident_entry": "1"}
    with pytest.raises(RefusedError):
        step(bench, exhibit, "begin_examination", **fields)
