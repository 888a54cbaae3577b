"""The files that were chosen for a report."""

from __future__ import annotations

from sqlalchemy import Connection, select

from forensics_app.db.mapping import chosen_file_of
from forensics_app.db.rows import records
from forensics_app.db.tables import CHOSEN_FILE
from forensics_app.model.case import CaseId
from forensics_app.model.finding import ChosenFile


def chosen_files(connection: Connection, case_id: CaseId) -> tuple[ChosenFile, ...]:
    """The files chosen in a case and not taken back, in the order in which they were chosen."""
    query = (
        select(CHOSEN_FILE)
        .where(CHOSEN_FILE.c.case_id == str(case_id), CHOSEN_FILE.c.withdrawn_at.is_(None))
        .order_by(CHOSEN_FILE.c.chosen_at, CHOSEN_FILE.c.id)
    )
    return records(connection, query, chosen_file_of)
