"""The columns of the lists on the Lab page."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui import text
from ui.lab.words import key_mark, operation_mark, operation_message, operation_title, roles_words
from ui.models.cells import Cell, Column, Kind

if TYPE_CHECKING:
    from forensics_app.model.person import Person
    from ui.lab.reading import OperationRow


def people_columns(zone: tzinfo, zone_name: str) -> tuple[Column[Person], ...]:
    """People with their keys, with times in ``zone``."""
    return (
        Column(
            key="name",
            title=_tr("Name"),
            cell=lambda person: Cell(person.name, Kind.TWO, person.function, "person"),
            width_px=160,
            stretch=True,
        ),
        Column(
            key="roles", title=_tr("Roles"), cell=lambda person: Cell(roles_words(person)), width_px=160, wide_px=300
        ),
        Column(
            key="organisation",
            title=_tr("Organisation"),
            cell=lambda person: Cell(person.organisation, Kind.TWO, person.id_number),
            width_px=140,
            wide_px=220,
        ),
        Column(
            key="key",
            title=_tr("Key"),
            cell=lambda person: Cell(text.short_digest_text(person.key_id, groups=1), Kind.MONO),
            width_px=92,
            wide_px=120,
        ),
        Column(key="state", title=_tr("State"), cell=_key_state, width_px=84),
        Column(
            key="enrolled",
            title=_tr("Enrolled ({zone})").format(zone=zone_name),
            cell=lambda person: Cell(text.time_text(person.enrolled_at, zone, to_minute=True), Kind.TIME),
            width_px=178,
            narrow_px=112,
            sort_key=lambda person: person.enrolled_at,
        ),
    )


def operation_columns(zone: tzinfo, zone_name: str) -> tuple[Column[OperationRow], ...]:
    """Long operations, with times in ``zone``."""
    return (
        Column(
            key="what",
            title=_tr("Operation"),
            cell=lambda row: Cell(operation_title(row.job), Kind.TWO, row.case_number),
            width_px=160,
        ),
        Column(key="state", title=_tr("State"), cell=_operation_state, width_px=112),
        Column(
            key="began",
            title=_tr("Began ({zone})").format(zone=zone_name),
            cell=lambda row: Cell(text.time_text(row.job.started_at, zone), Kind.TIME),
            width_px=198,
            sort_key=lambda row: row.job.started_at,
        ),
        Column(key="took", title=_tr("Took"), cell=_took, width_px=92, sort_key=_seconds),
        Column(
            key="message",
            title=_tr("How it ended"),
            cell=lambda row: Cell(operation_message(row.job)),
            width_px=220,
            stretch=True,
        ),
        Column(key="host", title=_tr("Computer"), cell=lambda row: Cell(row.job.host), width_px=128, hidden=True),
    )


def _key_state(person: Person) -> Cell:
    tone, word = key_mark(person)
    return Cell(word, Kind.MARK, tone=tone)


def _operation_state(row: OperationRow) -> Cell:
    tone, word = operation_mark(row.job)
    return Cell(word, Kind.BADGE, tone=tone)


def _took(row: OperationRow) -> Cell:
    seconds = _seconds(row)
    return Cell(text.duration_text(seconds) if seconds >= 0 else "", Kind.MUTED)


def _seconds(row: OperationRow) -> float:
    ended = row.job.ended_at
    return (ended - row.job.started_at).total_seconds() if ended else -1.0


def _tr(words: str) -> str:
    return QCoreApplication.translate("Lab", words)
