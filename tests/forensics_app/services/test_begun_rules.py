"""From which entry on rules of custody hold in a whole lab: in a new one, and in one that is older than the rules."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chain_of_custody.rule_sets import BEGIN, BY_STEPS, RULES, STATED
from forensics_app.model.desk import MatterKind
from tests.builders import NOON, Bench, reopened
from tests.forensics_app.services.test_possession import DRAWN, OFFICER, is_in_order, seized, step


@pytest.mark.req("REQ-15", "REQ-16")
def test_the_lab_chain_begins_the_newest_rules_with_its_second_entry(bench: Bench) -> None:
    begun = bench.lab.custody.lab_history()[1]
    assert (begun.action, begun.facts, begun.actor) == (BEGIN, {STATED: RULES, "chains": []}, bench.admin.person.name)
    seized(bench, bench.custodian, OFFICER)
    assert [one.action for one in bench.lab.custody.lab_history()].count(BEGIN) == 1


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Bench]:
    """A lab that was made before the lab chain began rules, brought up to date."""
    (tmp_path / "older").mkdir()
    shutil.copyfile(Path(__file__).parents[2] / "old_databases" / "0011.db", tmp_path / "older" / "lab.db")
    bench = reopened(tmp_path / "older", NOON + timedelta(hours=1))
    yield bench
    bench.lab.close()


@pytest.mark.req("REQ-15", "REQ-16")
def test_the_first_step_begins_the_rules_for_every_case_of_an_older_lab_and_the_newest_ones_a_supervisor(
    older: Bench, tmp_path: Path
) -> None:
    bench, (there,) = older, older.lab.cases.list()
    first, second = bench.case("2026-1"), bench.case("2026-2")
    exhibit = seized(bench, bench.custodian, OFFICER, first)
    seized(bench, bench.custodian, OFFICER, second)
    step(bench, exhibit, "receive", bench.custodian, outside_party=OFFICER, papers=DRAWN)
    (begun,) = (one for one in bench.lab.custody.lab_history() if one.action == BEGIN)
    heads = {one["chain"]: one["sequence"] for one in json.loads(begun.body)["facts"]["chains"]}
    head, _ = bench.lab.custody.case_head(there.id)
    assert (begun.facts[STATED], heads) == (BY_STEPS, {str(first.id): 2, str(second.id): 1, str(there.id): head})
    steps = [one for one in bench.lab.custody.case_history(second.id) if one.is_step]
    assert [one.facts[STATED] for one in steps] == [RULES]
    step(bench, exhibit, "store", bench.custodian, told={"shelf": "A-07"})
    step(
        bench,
        exhibit,
        "check_out",
        bench.custodian,
        bench.supervisor,
        told={"purpose": "Look", "expected_return": "2026-12-01T12:00+00:00"},
    )
    step(bench, exhibit, "return_to_store", bench.supervisor, told={"shelf": "A-07"})
    *_, newest = (one for one in bench.lab.custody.lab_history() if one.action == BEGIN)
    assert (newest.facts[STATED], newest.actor) == (RULES, bench.supervisor.person.name)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-15", "REQ-16")
def test_a_supervisor_of_an_older_lab_who_takes_no_step_begins_the_newest_rules_by_their_own_acts(
    older: Bench, tmp_path: Path
) -> None:
    bench = older
    exhibit = seized(bench, bench.custodian, OFFICER, bench.case("2026-2"))
    step(bench, exhibit, "receive", bench.custodian, outside_party=OFFICER, told={"unsigned_reason": "Called away"})
    begun = [one.facts[STATED] for one in bench.lab.custody.lab_history() if one.action == BEGIN]
    waiting = next(one for one in bench.lab.desk.waiting() if one.kind is MatterKind.DEVIATION)
    bench.lab.desk.decide(bench.supervisor, waiting.key, approve=True, comment="Agreed")
    later = [one for one in bench.lab.custody.lab_history() if one.action == BEGIN][len(begun) :]
    assert RULES not in begun
    assert [(one.facts[STATED], one.actor) for one in later] == [(RULES, bench.supervisor.person.name)]
    is_in_order(bench, exhibit, tmp_path)
