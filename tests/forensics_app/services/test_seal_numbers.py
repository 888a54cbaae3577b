"""The number of a recorded seal is not replaced unsaid, and what explains something says something (REQ-12, REQ-22)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import RefusedError
from forensics_app.model.exhibit import Exhibit, SealSeen, State
from forensics_app.model.incident import IncidentKind
from forensics_app.services.record import Writer, case_chain
from tests.builders import Bench
from tests.forensics_app.services.test_possession import is_in_order, step
from tests.forensics_app.services.test_seal_opening import WHOLE, checked_out, intake, part

HANDING = {"purpose": "Second opinion", "place": "Desk 2", "seal_number": "0049000"}
NO_WORDS = ("", " . ", "x", "--", "\u3164\u3164\u3164\u3164")


def sealed_now(bench: Bench, exhibit: Exhibit) -> str:
    return bench.lab.exhibits.get(exhibit.id).seal_number


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize(("check", "kinds"), [("new", []), ("intact", [IncidentKind.SEAL_DIFFERS])])
def test_what_was_opened_here_passes_on_with_a_new_seal_or_an_incident(
    bench: Bench, tmp_path: Path, check: str, kinds: list[IncidentKind]
) -> None:
    exhibit = checked_out(bench)
    bench.lab.exhibits.derive(bench.examiner, part(exhibit, WHOLE))
    told = {**HANDING, "seal_check": check}
    step(bench, exhibit, "hand_over", bench.examiner, bench.custodian, told=told)
    assert [one.kind for one in bench.lab.incidents.open()] == kinds
    assert sealed_now(bench, exhibit) == "0049000"
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-12", "REQ-20", "REQ-68")
def test_corrections_of_the_number_are_in_order_for_both_verifiers(bench: Bench, tmp_path: Path) -> None:
    exhibit = checked_out(bench)
    bench.lab.exhibits.derive(bench.examiner, part(exhibit, SealSeen(condition="differs", number="0048821")))
    wrong = bench.lab.custody.history(exhibit.id)[-1].sequence
    custody, why = bench.lab.custody, "I misread the eight"
    custody.correct(bench.custodian, exhibit.id, wrong, {"seal_number": "0048812", "seal_check": "intact"}, why)
    assert sealed_now(bench, exhibit) == "0048812"
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"seal_number": "0048813"}, "It is a three")
    custody.correct(bench.custodian, exhibit.id, wrong, {"seal_number": "0048814", "seal_check": "differs"}, why)
    assert sealed_now(bench, exhibit) == "0048813", "what a later entry wrote stays"
    assert {one.kind for one in bench.lab.incidents.open()} == {IncidentKind.SEAL_DIFFERS}
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("number", ["0049000", " ", ""])
@pytest.mark.parametrize("action", ["exhibit.correct", "exhibit.correct_step", "custody.check_out", "note.add"])
def test_the_writer_itself_refuses_another_number_unsaid(bench: Bench, action: str, number: str) -> None:
    exhibit = checked_out(bench)
    state = {"state": "CHECKED_OUT", "from_state": "STORED", "to_state": "CHECKED_OUT", "event": "check_out"}
    facts: dict[str, Json] = {"custody_rules": 5, **state} if action.startswith("custody.") else {}
    with bench.lab.custody.db.writing() as connection:
        writer = Writer(connection, bench.clock())
        writer.update(EXHIBIT, UUID(str(exhibit.id)), {"seal_number": number})
        subject, case = Subject(kind="exhibit", id=str(exhibit.id), label="LH/01"), bench.lab.cases.get(exhibit.case_id)
        with pytest.raises(RefusedError):
            writer.append(case_chain(case), action, subject, facts, [("actor", bench.custodian)], "A typing error")
        connection.rollback()
    assert bench.lab.exhibits.get(exhibit.id) == exhibit


@pytest.mark.req("REQ-12", "REQ-22")
def test_what_says_nothing_explains_nothing(bench: Bench, tmp_path: Path) -> None:
    exhibit = checked_out(bench)
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(512))
    for words in NO_WORDS:
        with pytest.raises(RefusedError, match=r"0048812|LH/01") as refused:
            bench.lab.intake.take_in(
                bench.examiner, intake(exhibit, disk, SealSeen(condition="not-checked", remarks=words))
            )
        assert "3 letters or digits" in refused.value.then
        with pytest.raises(RefusedError, match="what happened") as refused:
            bench.lab.incidents.report(bench.examiner, exhibit.id, words)
        assert "3 letters or digits" in refused.value.then
        with pytest.raises(RefusedError, match=r"explains nothing|No reason") as refused:
            bench.lab.principles.deviate(bench.examiner, exhibit.case_id, "principle-1", "It stood open", words)
        assert "3 letters or digits" in refused.value.then
    assert bench.lab.exhibits.get(exhibit.id).state is State.CHECKED_OUT
    assert bench.lab.incidents.open() == ()
    bench.lab.principles.deviate(bench.examiner, exhibit.case_id, "principle-1", "It stood open", "It was hot")
    assert bench.lab.verification.verify().ok
