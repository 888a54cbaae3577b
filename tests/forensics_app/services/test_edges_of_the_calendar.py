"""Times at the edge of the calendar, digests that are none and due times in other forms end neither case nor desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from chain_of_custody.ledger import Json
from chain_of_custody.rule_sets import STATED
from forensics_app.db.mapping import Values
from forensics_app.db.tables import CAPTURE, SCENE
from forensics_app.errors import RefusedError
from forensics_app.model.desk import MatterKind
from forensics_app.model.offer import NewOffer
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import SENDING, stored
from tests.forensics_app.services.scene_of_a_search import go_to_a_scene
from tests.forensics_app.services.test_unreadable import incident, moved, named, on_the_desk, read_all, written

LAST, FIRST = "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"
BLANK = "2026-11-24 17:00+01"
IN_ONE_FORM = "2026-11-24T17:00:00+01:00"
OUT = {"purpose": "Imaging"}


@pytest.mark.parametrize("at", [LAST, FIRST])
@pytest.mark.req("REQ-13")
def test_a_time_at_the_edge_of_the_calendar_is_shown_as_told_and_named(bench: Bench, at: str) -> None:
    exhibit = stored(bench, bench.case())
    number = written(bench, exhibit, "note.read", {"occurred_at": at}, by=bench.admin_as_auditor())
    named(bench, f"Entry {number} (note.read): the time it tells, {at}, cannot be read")
    raised = written(bench, exhibit, "incident.raise", {}, beside=incident(bench, exhibit, raised_at=at))
    on_the_desk(bench, at, raised)
    moved(bench, exhibit, bench.clock().isoformat(), {"seized_at": at, "expected_back": at, "state_since": at})
    unread = bench.lab.exhibits.get(exhibit.id).unread
    assert [one.partition(" ")[0] for one in unread] == ["state_since", "seized_at", "expected_back"]
    read_all(bench, exhibit)


@pytest.mark.req("REQ-13")
def test_an_entry_recorded_at_the_edge_of_the_calendar_is_named_and_ends_nothing(bench: Bench) -> None:
    exhibit, now = stored(bench, bench.case()), bench.clock.at
    bench.clock.at = datetime.fromisoformat("9999-12-31T23:59:50Z")
    written(bench, exhibit, "note.read", {"tool": "FTK 4.7"}, by=bench.examiner)
    bench.clock.at = now
    named(bench, "when nothing can have been")
    read_all(bench, exhibit)


@pytest.mark.req("REQ-13", "REQ-22")
def test_a_due_time_that_nobody_would_ever_be_told_of_is_refused(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    far = bench.clock() + timedelta(days=36_600)
    for due in ("9999-12-31T23:59Z", FIRST, far.isoformat(), "1026-11-20T10:00Z"):
        with pytest.raises(RefusedError, match=r"Expected (back|return)"):
            bench.lab.custody.perform(
                bench.custodian, bench.request(exhibit, "check_out", fields={**OUT, "expected_return": due})
            )
    for due in (datetime.fromisoformat("9999-12-31T23:59+00:00"), far, bench.clock()):
        new = NewOffer(
            exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out", due=due,
            fields={**OUT, "expected_return": IN_ONE_FORM},
        )  # fmt: skip
        with pytest.raises(RefusedError, match="to be answered"):
            bench.lab.offers.offer(bench.custodian, new)
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "check_out", fields={**OUT, "expected_return": IN_ONE_FORM})
    )
    step = bench.lab.custody.history(exhibit.id)[-1]
    for due in (FIRST, "1026-11-20T10:00Z", far.isoformat()):
        with pytest.raises(RefusedError, match=r"Expected (back|return)"):
            bench.lab.custody.correct(bench.custodian, exhibit.id, step.sequence, {"expected_return": due}, "A slip")
    assert bench.lab.verification.verify().ok


@pytest.mark.parametrize("typed", [BLANK, "20261124T170000+0100", "2026-11-24T17:00:00,0+01:00"])
@pytest.mark.req("REQ-13", "REQ-22")
def test_a_due_time_is_recorded_in_one_form_however_it_was_typed(bench: Bench, typed: str) -> None:
    lab, exhibit = bench.lab, stored(bench, bench.case())
    event = lab.custody.perform(
        bench.custodian, bench.request(exhibit, "transfer_out", fields={**SENDING, "due": typed})
    )
    assert event.fact("due") == IN_ONE_FORM
    assert lab.exhibits.get(exhibit.id).expected_back == datetime.fromisoformat(IN_ONE_FORM)
    assert lab.verification.verify().ok


@pytest.mark.req("REQ-18", "REQ-22")
def test_an_offer_with_a_blank_in_its_due_time_is_accepted(bench: Bench) -> None:
    lab, exhibit = bench.lab, stored(bench, bench.case())
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out",
        due=bench.clock() + timedelta(hours=3), fields={**OUT, "expected_return": BLANK},
    )  # fmt: skip
    offer = lab.offers.offer(bench.custodian, new)
    assert offer.fields["expected_return"] == IN_ONE_FORM
    lab.offers.accept(bench.examiner, offer.id, bench.clock(), {})
    assert lab.exhibits.get(exhibit.id).expected_back == datetime.fromisoformat(IN_ONE_FORM)
    assert lab.verification.verify().ok


@pytest.mark.req("REQ-33", "REQ-68")
def test_a_digest_of_a_tool_that_is_none_ends_no_report(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    told: dict[str, Json] = {"tool": "FTK 4.7", "tool_sha256": "soon"}
    number = written(bench, exhibit, "note.read", told, by=bench.admin_as_auditor())
    named(bench, f"Entry {number} (note.read): the SHA-256 of a tool that it tells, soon, is none")
    named(bench, "tells as the SHA-256 of a tool what is none")
    used = [one for one in bench.lab.tools.used(exhibit.case_id) if one.name == "FTK"]
    assert [(one.version, one.sha256) for one in used] == [("4.7 (SHA-256 told as 'soon')", None)]
    read_all(bench, exhibit)


@pytest.mark.req("REQ-22", "REQ-68")
def test_rows_of_a_scene_that_cannot_be_read_end_neither_desk_nor_principles(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    scene = go_to_a_scene(bench, exhibit.case_id)
    with bench.lab.database.reading() as connection:
        capture = dict(connection.execute(select(CAPTURE)).mappings().one())
        begun = dict(connection.execute(select(SCENE)).mappings().one())
    for number, (column, value) in enumerate({"tool_sha256": "soon", "ended_at": LAST}.items(), 2):
        row = capture | {"id": str(uuid4()), "number": number, column: value}
        written(bench, exhibit, "scene.capture", {}, beside=(CAPTURE, row))
        named(bench, f"writes into {column} of capture")
    written(bench, exhibit, "scene.begin", {}, beside=(SCENE, begun | {"id": str(uuid4()), "started_at": LAST}))
    named(bench, "writes into started_at of scene")
    found = [one.what for one in bench.lab.desk.waiting() if one.kind is MatterKind.UNREADABLE]
    assert [word for word in ("'soon'", *[LAST] * 2) if not any(word in one for one in found)] == []
    assert len(found) == 3
    assert [one.told.what for one in bench.lab.scenes.captures(scene.id)] == ["Memory, 16 GiB"]
    read_all(bench, exhibit)


@pytest.mark.parametrize(
    ("told", "row"),
    [
        ({"condition": "Screen smashed"}, {"condition": "Undamaged"}),
        ({}, {"condition": "Undamaged, perfect"}),
        ({"expected_return": IN_ONE_FORM}, {"expected_back": "2099-01-01T00:00:00+00:00"}),
        ({}, {"expected_back": IN_ONE_FORM}),
        ({}, {"state_since": "2020-01-01T00:00:00.000000Z"}),
        ({}, {"seized_by": "Max Crook"}),
    ],
)  # fmt: skip
@pytest.mark.req("REQ-12", "REQ-22", "REQ-68")
def test_a_step_that_writes_otherwise_than_it_tells_is_named(bench: Bench, told: dict[str, Json], row: Values) -> None:
    exhibit = stored(bench, bench.case())
    assert bench.lab.verification.verify().ok
    step: dict[str, Json] = {"event": "move", "from_state": "STORED", "to_state": "STORED", "shelf": "B-1", STATED: 5}
    step |= {"occurred_at": bench.clock().isoformat(), **told}
    written(bench, exhibit, "custody.move", step, {"place": "B-1", **row})
    (column,) = row
    named(bench, "to be so since" if column == "state_since" else f"of {column} of {exhibit.number}, and writes")
