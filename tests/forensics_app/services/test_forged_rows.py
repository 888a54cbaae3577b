"""Rows of the record, rewritten by a program of somebody's own by entries that tell of something else, are named."""

from uuid import UUID

import pytest
from sqlalchemy import Table

from forensics_app.db.tables import DISPOSAL, EXHIBIT, IMAGE, INCIDENT, NOTE
from forensics_app.errors import RefusedError
from forensics_app.model.disposal import NewDisposal, Way
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import SignedIn
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.record import Writer, case_chain
from tests.builders import Bench, UnjudgedWriter
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_files_and_races import took_in
from tests.forensics_app.services.test_forged_acts import not_allowed


def rewrite(
    bench: Bench, exhibit: Exhibit, by: SignedIn, table: Table, key: UUID, values: dict[str, str | int | None]
) -> int:
    """Change a row by an entry that says it is a note; return its number."""
    case = bench.lab.cases.get(exhibit.case_id)
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        writer.update(table, key, values)
        entry = writer.append(case_chain(case), "note.add", exhibit_subject(exhibit), {}, [("actor", by)])
    return entry.content.sequence


@pytest.mark.req("REQ-20", "REQ-29", "REQ-68")
def test_the_digest_of_an_image_that_an_auditor_rewrote_is_named(bench: Bench) -> None:
    image = took_in(bench)
    exhibit = bench.lab.exhibits.get(image.exhibit_id)
    number = rewrite(bench, exhibit, bench.admin_as_auditor(), IMAGE, image.id, {"sha256": "ab" * 32})
    found = not_allowed(bench)
    said = f"Entry {number}: note.add changes what is told in a row of image, which no such entry does."
    assert said in found
    assert any("signs note.add and did not hold the role" in one for one in found)


@pytest.mark.req("REQ-12", "REQ-68")
def test_an_incident_that_a_note_closed_is_named(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    incident = bench.lab.incidents.report(bench.examiner, exhibit.id, "The bag was open")
    at = bench.clock().isoformat()
    number = rewrite(bench, exhibit, bench.custodian, INCIDENT, incident.id, {"decided_at": at})
    assert any(one.startswith(f"Entry {number}: note.add decides about an incident") for one in not_allowed(bench))


@pytest.mark.req("REQ-19", "REQ-68")
def test_an_exhibit_that_goes_to_another_than_was_approved_is_named(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    new = NewDisposal(
        exhibit_id=exhibit.id, way=Way.RETURN_TO_OWNER, method="At the counter", authority="Order 9",
        recipient="Petra Vogel", occurred_at=bench.clock(),
    )  # fmt: skip
    disposal = bench.lab.disposals.propose(bench.custodian, new)
    bench.lab.disposals.approve(bench.supervisor, disposal.id, "Agreed")
    number = rewrite(bench, exhibit, bench.custodian, DISPOSAL, disposal.id, {"recipient": "Max Crook"})
    assert any(one.startswith(f"Entry {number}: note.add changes a disposal") for one in not_allowed(bench))


def note(bench: Bench, exhibit: Exhibit, *, description: str | None, author: SignedIn | None) -> None:
    """Write a note with the program's own means, with another description of the exhibit or the row of a note."""
    case = bench.lab.cases.get(exhibit.case_id)
    with bench.lab.database.writing() as connection:
        writer = Writer(connection, bench.clock())
        if description is not None:
            writer.update(EXHIBIT, exhibit.id, {"description": description})
        if author is not None:
            values = {
                "id": str(UUID(int=7)), "case_id": str(case.id), "number": 9, "exhibit_id": str(exhibit.id),
                "addendum_to": None, "text": "Seen", "author_id": str(author.person.id),
                "told_at": "2026-11-20T12:00:00+00:00", "recorded_at": "2026-11-20T12:00:00.000000Z",
            }  # fmt: skip
            writer.insert(NOTE, values)
        writer.append(case_chain(case), "note.add", exhibit_subject(exhibit), {}, [("actor", bench.examiner)])


@pytest.mark.req("REQ-20", "REQ-68")
def test_no_program_of_ours_signs_an_entry_that_would_be_named(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    before = len(bench.lab.custody.history(exhibit.id))
    with pytest.raises(RefusedError, match="no such entry does"):
        note(bench, exhibit, description="Another one", author=None)
    with pytest.raises(RefusedError, match="in the name of somebody"):
        note(bench, exhibit, description=None, author=bench.supervisor)
    assert len(bench.lab.custody.history(exhibit.id)) == before
    note(bench, exhibit, description=None, author=bench.examiner)
    assert bench.lab.verification.verify().ok
