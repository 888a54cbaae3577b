"""The columns of the lists on the Lab page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui import text
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone

if TYPE_CHECKING:
    from forensics_app.model.person import Person


def people_columns(zone: Callable[[], tzinfo]) -> tuple[Column[Person], ...]:
    """People with their keys; ``zone`` tells in which zone times are shown."""
    return (
        Column(
            key="name",
            title=_tr("Name"),
            cell=lambda person: Cell(person.name, Kind.TWO, person.function, "person"),
            width_px=200,
            stretch=True,
        ),
        Column(
            key="roles",
            title=_tr("Roles"),
            cell=lambda person: Cell(", ".join(sorted(role.value for role in person.roles))),
            width_px=180,
        ),
        Column(
            key="organisation",
            title=_tr("Organisation, number"),
            cell=lambda person: Cell(person.organisation, Kind.TWO, person.id_number),
            width_px=180,
        ),
        Column(
            key="key",
            title=_tr("Key"),
            cell=lambda person: Cell(text.short_digest_text(person.key_id), Kind.MONO),
            width_px=160,
        ),
        Column(key="state", title=_tr("State"), cell=_state, width_px=110),
        Column(
            key="enrolled",
            title=_tr("Enrolled"),
            cell=lambda person: Cell(text.time_text(person.enrolled_at, zone(), to_minute=True), Kind.TIME),
            width_px=176,
        ),
    )


def _state(person: Person) -> Cell:
    if person.revoked_at is not None:
        return Cell(_tr("Ended"), Kind.MARK, tone=Tone.LOCK)
    return Cell(_tr("In force"), Kind.MARK, tone=Tone.DONE)


def _tr(words: str) -> str:
    return QCoreApplication.translate("LabColumns", words)
