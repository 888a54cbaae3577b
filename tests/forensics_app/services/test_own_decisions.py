"""Nobody decides about what they signed, in whatever role; what a verifier would refuse is never signed (REQ-19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from chain_of_custody.ledger import Subject
from forensics_app.db.mapping import time_text
from forensics_app.db.tables import DECISION, DISPOSAL
from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.custody import CustodyRequest
from forensics_app.model.desk import Matter, MatterKind
from forensics_app.model.disposal import CarryingOut, NewDisposal, Way
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.offer import NewOffer
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.step_findings import TRAIL
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_absences import checked_out, end_key, taken_over
from tests.forensics_app.services.test_possession import SEAL, step

OUT = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"}
THERE = {"place": "Reception", "purpose": "Imaging", **SEAL}


def order(bench: Bench) -> None:
    """Ingrid orders that Ana takes over what Tomasz cannot give."""
    exhibit = checked_out(bench)
    end_key(bench, bench.custodian)
    taken_over(bench, exhibit)


def out_with_supervisor(bench: Bench) -> Exhibit:
    exhibit = stored(bench, bench.case())
    step(bench, exhibit, "check_out", bench.custodian, bench.supervisor, told=OUT)
    return exhibit


def give(bench: Bench) -> None:
    """Ingrid gives, and the hand-over is told earlier than the step before it."""
    early = bench.clock() - timedelta(hours=3)
    request = CustodyRequest(
        exhibit_id=out_with_supervisor(bench).id, event="hand_over", occurred_at=early, fields=THERE
    )
    bench.lab.custody.hand_over(bench.supervisor, bench.custodian, request)


def offer(bench: Bench) -> None:
    """Ingrid offers, and the acceptance is told earlier than the step before it."""
    new = NewOffer(
        exhibit_id=out_with_supervisor(bench).id, receiver_id=bench.examiner.person.id, event="hand_over",
        due=bench.clock() + timedelta(hours=1), fields=THERE,
    )  # fmt: skip
    made = bench.lab.offers.offer(bench.supervisor, new)
    bench.lab.offers.accept(bench.examiner, made.id, bench.clock() - timedelta(hours=3), {})


def witness(bench: Bench) -> None:
    """Ingrid witnesses a destruction that is told earlier than what was before it."""
    bench.enrol("Otto Both", Role.SUPERVISOR)
    exhibit = stored(bench, bench.case())
    new = NewDisposal(
        exhibit_id=exhibit.id, way=Way.DESTROY, method="Shredder", authority="4 Gs 812/26", recipient="",
        occurred_at=bench.clock(),
    )  # fmt: skip
    made = bench.lab.disposals.propose(bench.custodian, new)
    bench.lab.disposals.approve(bench.sign_in("Otto Both"), made.id, "Agreed")
    early = CarryingOut(disposal_id=made.id, occurred_at=bench.clock() - timedelta(hours=3))
    bench.lab.disposals.carry_out(bench.custodian, bench.supervisor, early)


def the_deviation(bench: Bench) -> Matter:
    (matter,) = [one for one in bench.lab.desk.waiting(gaps=False) if one.kind is MatterKind.DEVIATION]
    return matter


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize("act", [order, give, offer, witness])
def test_whoever_signed_a_step_does_not_decide_about_its_deviation(bench: Bench, act: Callable[[Bench], None]) -> None:
    act(bench)
    matter = the_deviation(bench)
    assert bench.supervisor.person.id in matter.actors
    with pytest.raises(PermissionRefusedError, match="nobody decides about their own act"):
        bench.lab.desk.decide(bench.supervisor, matter.key, approve=True, comment="My own act was right")
    assert bench.lab.verification.verify().ok
    other = another(bench)
    assert other.person.id not in matter.actors
    assert bench.lab.desk.decide(other, matter.key, approve=True, comment="It was right").approved
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize("act", [order, offer])
def test_the_writer_itself_refuses_a_decision_that_a_verifier_would_refuse(
    bench: Bench, act: Callable[[Bench], None]
) -> None:
    act(bench)
    matter = the_deviation(bench)
    with pytest.raises(RefusedError, match="Ingrid Solberg decides about their own act"):
        decide_past_the_desk(bench, bench.supervisor, matter)
    decide_past_the_desk(bench, another(bench), matter)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-23")
def test_the_writer_itself_refuses_an_approval_of_ones_own_disposal(bench: Bench) -> None:
    exhibit, lab = stored(bench, bench.case()), bench.lab
    new = NewDisposal(
        exhibit_id=exhibit.id, way=Way.DESTROY, method="Shredder", authority="4 Gs 812/26", recipient="",
        occurred_at=bench.clock(),
    )  # fmt: skip
    made = lab.disposals.propose(bench.supervisor, new)
    with lab.desk.db.writing() as connection:
        writer, subject = Writer(connection, bench.clock()), Subject(kind="exhibit", id=str(exhibit.id), label="LH/01")
        mine = {"state": "approved", "decided_by": str(bench.supervisor.person.id)}
        writer.update(DISPOSAL, made.id, mine)
        chain = case_chain(lab.cases.get(exhibit.case_id))
        with pytest.raises(RefusedError, match="decides about a disposal that they proposed"):
            writer.append(chain, "disposal.approve", subject, {}, [("actor", bench.supervisor)])
        connection.rollback()
    assert lab.verification.verify().ok


def test_a_deviation_written_while_the_clock_was_behind_still_knows_who_signed(bench: Bench) -> None:
    exhibit = out_with_supervisor(bench)
    bench.clock.at -= timedelta(days=400)
    request = CustodyRequest(
        exhibit_id=exhibit.id, event="hand_over", occurred_at=bench.clock() - timedelta(hours=3), fields=THERE
    )
    bench.lab.custody.hand_over(bench.supervisor, bench.custodian, request)
    assert {bench.supervisor.person.id, bench.custodian.person.id} <= the_deviation(bench).actors


def another(bench: Bench) -> SignedIn:
    bench.enrol("Vera Second", Role.SUPERVISOR)
    return bench.sign_in("Vera Second")


def decide_past_the_desk(bench: Bench, who: SignedIn, matter: Matter) -> None:
    """What a use case would write that asks nobody whose act it was."""
    assert matter.case_id is not None
    now = bench.clock()
    with bench.lab.desk.db.writing() as connection:
        writer, decision = Writer(connection, now), uuid4()
        values = {
            "id": str(decision), "case_id": str(matter.case_id), "kind": matter.kind.value, "matter": matter.key,
            "what": matter.what, "approved": 1, "comment": "Fine", "decided_by": str(who.person.id),
            "decided_at": time_text(now),
        }  # fmt: skip
        writer.insert(DECISION, values)
        subject = Subject(kind="decision", id=str(decision), label=TRAIL)
        chain = case_chain(bench.lab.cases.get(matter.case_id))
        writer.append(chain, "desk.approve", subject, {"matter": matter.key}, [("actor", who)], "Fine")
