"""Whatever act of custody is refused, for want of a role or of something told, is recorded as an attempt (REQ-17)."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.disposal import CarryingOut, NewDisposal, NewHold, Way
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.offer import NewOffer
from forensics_app.model.person import SignedIn
from tests.builders import NOON, Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_offers import DUE, TAKING

Act = Callable[[SignedIn], object]


def acts(bench: Bench) -> Iterator[tuple[str, SignedIn, Act]]:
    """Each act of custody by the name under which its refusal is recorded, and who has the role for it.

    Something that each needs is not told.
    """
    lab, case = bench.lab, bench.case()
    exhibit, ending = stored(bench, case), stored(bench, case, "LH/02")
    supervisor, custodian, at = bench.supervisor, bench.custodian, NOON
    proposal = _proposal(ending)
    disposal = lab.disposals.propose(custodian, proposal)
    offer = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out", due=DUE, fields=TAKING
    )
    made = lab.offers.offer(custodian, offer)
    incident = lab.incidents.report(custodian, exhibit.id, "The bag was open")
    order = NewHold(case_id=case.id, exhibit_id=exhibit.id, authority="Court", reason="Appeal")
    hold = lab.holds.place(custodian, order)
    carried = CarryingOut(disposal_id=disposal.id, occurred_at=at)
    yield "offer", custodian, lambda by: lab.offers.offer(by, offer)
    yield "accept_offer", custodian, lambda by: lab.offers.accept(by, made.id, at, {})
    yield "refused offer", bench.examiner, lambda by: lab.offers.refuse(by, made.id, "")
    yield "withdrawn offer", custodian, lambda by: lab.offers.withdraw(by, made.id, "")
    yield "propose_disposal", custodian, lambda by: lab.disposals.propose(by, proposal)
    yield "reject_disposal", supervisor, lambda by: lab.disposals.reject(by, disposal.id, "")
    yield "destroy", custodian, lambda by: lab.disposals.carry_out(by, supervisor, carried)
    lab.disposals.approve(supervisor, disposal.id, "Agreed")
    yield "approve_disposal", supervisor, lambda by: lab.disposals.approve(by, disposal.id, "")
    yield "correct_step", custodian, lambda by: lab.custody.correct(by, exhibit.id, 3, {"place": "x"}, "")
    yield "correct", custodian, lambda by: lab.exhibits.correct(by, exhibit.id, {"serial": "x"}, "")
    yield "place_hold", custodian, lambda by: lab.holds.place(by, replace(order, authority=""))
    yield "place_hold", custodian, lambda by: lab.holds.place(by, replace(order, exhibit_id=None, reason=""))
    yield "lift_hold", supervisor, lambda by: lab.holds.lift(by, hold.id, "", "")
    yield "raise_incident", custodian, lambda by: lab.incidents.report(by, exhibit.id, " ")
    yield "close_incident", supervisor, lambda by: lab.incidents.close(by, incident.id, " ")


def _proposal(exhibit: Exhibit) -> NewDisposal:
    return NewDisposal(
        exhibit_id=exhibit.id, way=Way.DESTROY, method="As ordered", authority="Order 9", recipient="", occurred_at=NOON
    )


@pytest.mark.req("REQ-17", "REQ-38")
def test_every_act_of_custody_that_is_refused_is_recorded_and_changes_nothing(bench: Bench) -> None:
    auditor = bench.admin_as_auditor()
    for name, may, act in acts(bench):
        (case,) = bench.lab.cases.list()
        for who in (auditor, may):
            known = len(bench.lab.custody.case_history(case.id))
            with pytest.raises((RefusedError, PermissionRefusedError)) as refused:
                act(who)
            is_of_roles = who is auditor and name not in ("refused offer", "withdrawn offer")
            assert isinstance(refused.value, PermissionRefusedError) == is_of_roles, name
            (tried,) = bench.lab.custody.case_history(case.id)[known:]
            assert (tried.action, tried.fact("event"), tried.actor) == ("custody.refused", name, who.person.name)
            assert (tried.changes, tried.fact("why")) == ((), str(refused.value))
            assert refused.value.kept == "Nothing was changed; the attempt was recorded."
    assert bench.lab.verification.verify().ok
