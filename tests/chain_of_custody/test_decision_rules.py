"""What supervisors decide, forged: holds, incidents, images, and disposals that end otherwise than approved."""

from pathlib import Path
from typing import Any

import pytest

from chain_of_custody.command import main
from chain_of_custody.file import lines_of, without
from chain_of_custody.ledger import Change
from tests.chain_of_custody.chains import CASE, OTHER_CASE
from tests.chain_of_custody.test_rules import (
    EMMA,
    OLGA,
    OTTO,
    SUSI,
    By,
    Custody,
    approved,
    checked_out,
    stored,
    the_lab,
)
from tests.second_verifier.verdicts import verify

ROW = "00000000-0000-4000-8000-0000000000d1"


def decide(case: Custody, action: str, by: By, table: str, told: dict[str, Any] | None = None, **new: Any) -> None:
    """Add an entry that changes a row of a table; the old values are not what is judged."""
    change = Change(table=table, id=ROW, set={name: (None, value) for name, value in new.items()})
    case.add(action, by, facts=told, changes=(change,))


def carry_out(case: Custody, event: str = "destroy", to: str = "DESTROYED", **new: Any) -> None:
    case.dispose(f"custody.{event}", (OTTO, "actor"), (OLGA, "witness"), state="carried out", to=to, **new)


@pytest.mark.req("REQ-23")
def test_a_disposal_that_is_carried_out_in_another_way_than_was_approved_is_named() -> None:
    case = approved()
    carry_out(case, "archive", "ARCHIVED", way="archive")
    said = "Entry 7: custody.archive changes a disposal of another exhibit, or what was proposed and by whom."
    assert case.found() == [said]


@pytest.mark.req("REQ-23")
def test_an_approval_of_one_exhibit_that_is_used_for_another_is_named() -> None:
    case = stored()
    new = {"exhibit_id": OTHER_CASE, "proposed_by": OTTO.person, "way": "destroy"}
    case.dispose("custody.propose_disposal", (OTTO, "actor"), state="proposed", to="DISPOSAL_PENDING", **new)
    case.dispose("disposal.approve", (SUSI, "actor"), state="approved", decided_by=SUSI.person)
    carry_out(case, exhibit_id=CASE)
    assert case.found()[-1].startswith("Entry 7: custody.destroy changes a disposal of another exhibit")


@pytest.mark.req("REQ-23")
@pytest.mark.parametrize("held", [None, CASE])
def test_a_disposal_under_a_legal_hold_is_named_at_each_of_its_steps(held: str | None) -> None:
    case = approved()
    decide(case, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=held, lifted_at=None)
    carry_out(case)
    assert case.found() == ["Entry 8: custody.destroy of LH/01 was done under a legal hold."]
    early = stored()
    decide(early, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=held, lifted_at=None)
    new = {"exhibit_id": CASE, "proposed_by": OTTO.person, "way": "destroy"}
    early.dispose("custody.propose_disposal", (OTTO, "actor"), state="proposed", to="DISPOSAL_PENDING", **new)
    early.dispose("disposal.approve", (SUSI, "actor"), state="approved", decided_by=SUSI.person)
    assert [one.split(":")[0] for one in early.found()] == ["Entry 6", "Entry 7"]


@pytest.mark.req("REQ-23")
def test_a_hold_on_what_an_exhibit_comes_from_keeps_it_and_a_hold_elsewhere_or_lifted_does_not() -> None:
    above = "00000000-0000-4000-8000-0000000000e1"
    case = approved()
    correction = "Entry 7: exhibit.correct gives LH/01 another number or parent, or moves it to another case."
    case.put("exhibit.correct", (OTTO, "actor"), parent_id=above)
    decide(case, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=above, lifted_at=None)
    carry_out(case)
    assert case.found() == [correction, "Entry 9: custody.destroy of LH/01 was done under a legal hold."]
    free = approved()
    decide(free, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=above, lifted_at=None)
    carry_out(free)
    assert free.found() == []
    lifted = approved()
    decide(lifted, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=None, lifted_at=None)
    decide(lifted, "hold.lift", (SUSI, "actor"), "legal_hold", lifted_at="2026-01-31T15:00:00.000000Z")
    carry_out(lifted)
    assert lifted.found() == []


@pytest.mark.req("REQ-23")
def test_a_hold_that_is_lifted_by_another_act_or_moved_is_named() -> None:
    for action, new in (("note.add", {"lifted_at": "2026-01-31T15:00:00.000000Z"}), ("hold.lift", {"exhibit_id": ROW})):
        case = stored()
        decide(case, "hold.place", (EMMA, "actor"), "legal_hold", exhibit_id=None, lifted_at=None)
        decide(case, action, (SUSI, "actor"), "legal_hold", **new)
        assert case.found() == [f"Entry 6: {action} changes a legal hold in a way in which none is placed or lifted."]


@pytest.mark.req("REQ-19")
def test_an_incident_that_is_closed_by_who_raised_it_or_by_no_supervisor_is_named() -> None:
    for by, said in (
        (SUSI, ["Entry 6: Susi Supervisor decides about an incident that comes from their own act."]),
        (EMMA, ["Entry 6: Emma Examiner signs incident.close and did not hold the role for it then."]),
    ):
        case = stored()
        decide(case, "incident.raise", (SUSI, "actor"), "incident", decided_by=None)
        decide(case, "incident.close", (by, "actor"), "incident", decided_by=by.person)
        assert case.found() == said
    other = stored()
    decide(other, "incident.raise", (OTTO, "actor"), "incident", decided_by=None)
    decide(other, "incident.close", (SUSI, "actor"), "incident", decided_by=SUSI.person)
    assert other.found() == []
    decide(other, "note.add", (SUSI, "actor"), "incident", decided_by=EMMA.person)
    assert other.found() == ["Entry 7: note.add decides about an incident, which only incident.close does."]


@pytest.mark.req("REQ-19")
def test_an_incident_of_an_accepted_transfer_is_not_closed_by_who_offered_it() -> None:
    case = checked_out()
    case.step("hand_over", "CHECKED_OUT", (EMMA, "giver"), (SUSI, "receiver"), holder_id=SUSI.person)
    offer = case.add("transfer.offer", (SUSI, "giver"), facts={"offered": "return_to_store"})
    found = Change(table="incident", id=ROW, set={"kind": (None, "seal broken")})
    facts = {"offer": offer.digest.hex(), "event": "return_to_store", "from_state": "CHECKED_OUT", "to_state": "STORED"}
    moved = case._change("exhibit", case.chain, case.row, {"state": "STORED", "holder_id": OTTO.person})
    case.add("custody.return_to_store", (OTTO, "receiver"), facts=facts, changes=(moved, found))
    decide(case, "incident.close", (SUSI, "actor"), "incident", decided_by=SUSI.person)
    assert case.found() == ["Entry 9: Susi Supervisor decides about an incident that comes from their own act."]


@pytest.mark.req("REQ-28")
def test_the_integrity_of_an_image_that_is_decided_by_who_took_it_in_or_by_another_act_is_named() -> None:
    released, failed = "integrity failed, released by supervisor", "integrity failed"
    for action, by, said in (
        (
            "image.decision",
            SUSI,
            "Susi Supervisor decides about the integrity of an image that comes from their own act",
        ),
        ("note.add", EMMA, "note.add decides about the integrity of an image, which only image.decision does"),
        ("image.decision", EMMA, "Emma Examiner signs image.decision and did not hold the role for it then"),
    ):
        case = stored()
        decide(case, "note.add", (SUSI, "actor"), "image", integrity="no stored digest")
        decide(case, "image.check", (EMMA, "actor"), "image", integrity=failed)
        decide(case, action, (by, "actor"), "image", integrity=released)
        assert case.found() == [f"Entry 7: {said}."]


@pytest.mark.req("REQ-23", "REQ-68")
def test_an_act_that_was_not_allowed_does_not_become_allowed_when_its_line_is_withheld(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab, case = the_lab(), Custody()
    decide(case, "hold.place", (OTTO, "actor"), "legal_hold", lifted_at=None, case_id=case.chain)
    decide(case, "hold.lift", (OLGA, "actor"), "legal_hold", lifted_at="2026-01-01")
    case.put("note.add", (EMMA, "actor"))
    cut = [without(one) if b'"hold.lift"' in one.body else one for one in case.entries]
    path = tmp_path / "ledger.jsonl"
    for entries, status, answers in (
        (case.entries, 1, ["yes", "yes", "NO"]),
        (cut, 3, ["not known", "not known", "not known"]),
    ):
        path.write_bytes(b"".join(lines_of([(lab.chain, "lab", lab.entries), (case.chain, "case", entries)])))
        assert main(["verify", str(path)]) == verify(path.read_bytes())[0] == status
        said = capsys.readouterr().out
        of_case = said.partition("The case chain")[2]
        for question, answer in zip(("signed", "trusted", "allowed"), answers, strict=True):
            assert f"  {question + ':':<8} {answer}\n" in of_case
        assert "every act of custody was allowed" not in said
    assert "Result: NOT everything is known. What stands here is in order; withheld: 1." in said
