"""The columns of the list of cases."""

from __future__ import annotations

from datetime import date, tzinfo

from PySide6.QtCore import QCoreApplication

from ui import text
from ui.cases.reading import CaseRow
from ui.cases.words import authority_mark, state_mark
from ui.models.cells import Cell, Column, Kind


def case_columns(zone: tzinfo, zone_name: str) -> tuple[Column[CaseRow], ...]:
    """Cases, with times in ``zone``."""
    return (
        Column(key="number", title=_tr("No."), cell=_number, width_px=96, sort_key=lambda row: row.case.number),
        Column(
            key="title",
            title=_tr("Case"),
            cell=lambda row: Cell(row.case.title, Kind.TWO, row.case.offence),
            width_px=140,
            stretch=True,
        ),
        Column(key="state", title=_tr("State"), cell=_state, width_px=84),
        Column(
            key="authority",
            title=_tr("Authority"),
            cell=_authority,
            width_px=154,
            narrow_px=150,
            wide_px=200,
            sort_key=_end_of_authority,
        ),
        Column(
            key="exhibits",
            title=_tr("Exhibits"),
            cell=lambda row: Cell(text.count_text(row.exhibits), Kind.NUMBER),
            width_px=66,
            right=True,
            sort_key=lambda row: row.exhibits,
        ),
        Column(key="lead", title=_tr("Lead"), cell=lambda row: Cell(row.lead_name), width_px=96, wide_px=180),
        Column(
            key="opened",
            title=_tr("Opened ({zone})").format(zone=zone_name),
            cell=lambda row: Cell(text.time_text(row.case.opened_at, zone, to_minute=True), Kind.TIME),
            width_px=178,
            narrow_px=112,
            sort_key=lambda row: row.case.opened_at,
        ),
        Column(
            key="supervisor",
            title=_tr("Supervisor"),
            cell=lambda row: Cell(row.supervisor_name),
            width_px=128,
            hidden=True,
        ),
        Column(
            key="requested",
            title=_tr("Requested by"),
            cell=lambda row: Cell(row.case.requesting_authority),
            width_px=168,
            hidden=True,
        ),
        Column(
            key="instrument",
            title=_tr("Instrument"),
            cell=lambda row: Cell(_instrument(row)),
            width_px=168,
            hidden=True,
        ),
    )


def _number(row: CaseRow) -> Cell:
    return Cell(row.case.number, Kind.TWO, _tr("Shown now") if row.shown_at_top else "")


def _state(row: CaseRow) -> Cell:
    tone, word = state_mark(row.case.status)
    return Cell(word, Kind.BADGE, tone=tone)


def _authority(row: CaseRow) -> Cell:
    tone, words = authority_mark(row.case, row.today)
    return Cell(words, Kind.MARK, tone=tone)


def _end_of_authority(row: CaseRow) -> tuple[bool, date]:
    basis = row.case.legal_basis
    end = basis.expires_on if basis else None
    return end is None, end or date.max


def _instrument(row: CaseRow) -> str:
    basis = row.case.legal_basis
    return f"{basis.instrument} {basis.number}" if basis else ""


def _tr(words: str) -> str:
    return QCoreApplication.translate("Cases", words)
