import json
import subprocess
import sys
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.person import Role
from tests.builders import Bench

DATABASES = ("sqlite", "postgresql")

RECEIVING = {
    "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
    "seal_number": "0048812",
}  # fmt: skip
TAKING = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}


def received(bench: Bench) -> Exhibit:
    exhibit = bench.exhibit(bench.case())
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte")
    )
    return bench.lab.exhibits.get(exhibit.id)


def checked_out(bench: Bench) -> Exhibit:
    exhibit = received(bench)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A-07-3"}))
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=TAKING))
    return bench.lab.exhibits.get(exhibit.id)


@pytest.mark.req("REQ-18")
def test_an_exhibit_goes_from_hand_to_hand_with_two_signatures_on_one_entry(bench: Bench) -> None:
    exhibit = checked_out(bench)
    assert (exhibit.state, exhibit.holder, exhibit.place) == (State.CHECKED_OUT, "Ana Kovač", "Bench 2")
    event = bench.lab.custody.history(exhibit.id)[-1]
    assert [(one.role, one.name) for one in event.signatures] == [("giver", "Tomasz Lis"), ("receiver", "Ana Kovač")]
    assert (event.from_state, event.to_state) == ("STORED", "CHECKED_OUT")
    chain = next(chain for chain in bench.lab.verification.verify().chains if chain.kind == "case")
    assert chain.ok
    assert chain.signatures == chain.entries + 1


def test_a_giver_outside_the_lab_is_named_and_signs_on_paper(bench: Bench) -> None:
    exhibit = received(bench)
    event = bench.lab.custody.history(exhibit.id)[-1]
    assert event.facts["giver"] == "Sgt. Duarte (on paper)"
    assert [(one.role, one.name) for one in event.signatures] == [("receiver", "Tomasz Lis")]
    assert exhibit.holder_id == bench.custodian.person.id


@pytest.mark.req("REQ-17")
def test_an_illegal_step_is_refused_and_the_attempt_recorded(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="not possible") as refused:
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A"}))
    assert "attempt was recorded" in refused.value.kept
    event = bench.lab.custody.history(exhibit.id)[-1]
    assert event.action == "custody.refused"
    assert event.facts["event"] == "store"
    assert bench.lab.exhibits.get(exhibit.id) == exhibit


@pytest.mark.req("REQ-19")
def test_nobody_gives_to_themselves(bench: Bench) -> None:
    exhibit = checked_out(bench)
    fields = {"purpose": "x", "place": "x", "seal_check": "intact"}
    with pytest.raises(RefusedError, match="cannot give and receive"):
        bench.lab.custody.hand_over(bench.examiner, bench.examiner, bench.request(exhibit, "hand_over", fields=fields))


def test_nothing_leaves_anybodys_hands_without_their_signature(bench: Bench) -> None:
    exhibit = checked_out(bench)
    with pytest.raises(RefusedError, match="held by Ana Kovač"):
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "return_to_store", fields={"shelf": "A"}))
    fields = {"purpose": "x", "place": "x", "seal_check": "intact"}
    with pytest.raises(RefusedError, match="held by Ana Kovač"):
        bench.lab.custody.hand_over(
            bench.custodian, bench.supervisor, bench.request(exhibit, "hand_over", fields=fields)
        )
    with pytest.raises(RefusedError, match="needs more"):
        bench.lab.custody.perform(bench.examiner, bench.request(exhibit, "hand_over", fields=fields))


def test_what_the_machine_asks_for_must_be_filled_in(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="condition"):
        bench.lab.custody.perform(
            bench.custodian,
            bench.request(exhibit, "receive", fields={**RECEIVING, "condition": " "}, outside_party="Sgt. Duarte"),
        )


def test_an_auditor_holds_no_exhibits(bench: Bench) -> None:
    exhibit = received(bench)
    bench.enrol("Olga Auditor", Role.AUDITOR)
    with pytest.raises(PermissionRefusedError):
        bench.lab.custody.perform(
            bench.sign_in("Olga Auditor"), bench.request(exhibit, "store", fields={"shelf": "A-07-3"})
        )


def test_only_open_steps_are_offered(bench: Bench) -> None:
    exhibit = checked_out(bench)
    assert {one.event.value for one in bench.lab.custody.possible(exhibit.id)} == {
        "begin_examination", "return_to_store", "go_to_court", "hand_over",
    }  # fmt: skip


@pytest.mark.req("REQ-15")
def test_the_exported_ledger_is_verified_by_the_custody_folder_alone(bench: Bench, tmp_path: Path) -> None:
    exhibit = checked_out(bench)
    folder = tmp_path / "custody"
    bench.lab.custody.export(exhibit.case_id, folder)
    target = folder / "ledger.jsonl"
    root = Path(__file__).parents[3]
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "chain_of_custody").symlink_to(root / "chain_of_custody")
    command = [sys.executable, "-P", "-m", "chain_of_custody", "verify", str(target), "--json"]
    run = subprocess.run(command, cwd=alone, env={"PYTHONPATH": str(alone)}, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)

    target.write_bytes(target.read_bytes().replace(b"A-07-3", b"A-07-4"))
    again = subprocess.run(command, cwd=alone, env={"PYTHONPATH": str(alone)}, capture_output=True, check=False)
    assert again.returncode == 1
