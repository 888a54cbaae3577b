"""A report tells one state of the record, whatever others write while it is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from forensics_app.model.case import Case
from forensics_app.model.note import NewNote
from forensics_app.model.person import Role
from forensics_app.model.report import ReportRequest
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.end_of_custody import stored

DATABASES = ("sqlite", "postgresql")
LATE = "Too-late"
FIRST_READ = ("FROM exhibit", "FROM ledger_entry")


@contextmanager
def somebody_writes_after(bench: Bench, case: Case, first_read: str) -> Iterator[list[str]]:
    """Let somebody else write to the case as soon as a reading transaction has read a table for the first time.

    Yields:
        The statement after which they wrote; empty as long as nobody did.
    """
    written: list[str] = []

    def write(connection: Connection, cursor: object, statement: str, *more: object) -> None:
        """Called by SQLAlchemy after each statement of any connection."""
        if written or first_read not in statement or is_writing(connection):
            return
        written.append(statement)
        bench.lab.notes.add(bench.examiner, NewNote(case_id=case.id, text=LATE, told_at=bench.clock.at))
        bench.enrol("Late Comer", Role.EXAMINER)

    event.listen(Engine, "after_cursor_execute", write)
    try:
        yield written
    finally:
        event.remove(Engine, "after_cursor_execute", write)


def is_writing(connection: Connection) -> bool:
    options = connection.get_execution_options()
    return options.get("begin") == "IMMEDIATE" or options.get("isolation_level") == "READ COMMITTED"


@pytest.mark.req("REQ-16")
@pytest.mark.parametrize("first_read", FIRST_READ)
def test_what_is_written_while_a_report_is_made_stands_in_no_part_of_it(
    bench: Bench, first_read: str, tmp_path: Path
) -> None:
    case = bench.case()
    stored(bench, case)
    request = ReportRequest(case_id=case.id, zone="Europe/Berlin")
    draft = bench.approved(request)
    entries, head = bench.lab.custody.case_head(case.id)
    with somebody_writes_after(bench, case, first_read) as written:
        report = bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    assert written
    assert [one.text for one in bench.lab.notes.list(case.id)] == [LATE]
    issued = bench.lab.custody.case_history(case.id)[-1]
    assert issued.action == "report.issue"
    assert (issued.facts["ledger_entries"], issued.facts["ledger_head"]) == (entries, head.hex() if head else None)
    said = Oracle(tmp_path).flat(bench.lab.reporting.path(report).read_bytes())
    assert "LH/01" in said
    assert LATE not in said
    assert "LateComer" not in said
    assert "doesnotverify" not in said
