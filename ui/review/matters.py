"""What only the desk of supervisors knows of: deviations, reports, tools, verifications, departures, audits."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.model.desk import Matter, MatterKind
from ui import text
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import label
from ui.widgets.layout import card, vbox
from ui.widgets.notes import facts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_MARGINS = (Space.L, Space.S + 2, Space.L, Space.M)
_ICONS = {
    MatterKind.VERIFICATION: "verify-broken",
    MatterKind.UNREADABLE: "verify-broken",
    MatterKind.AUDIT: "shelf",
    MatterKind.KEY_ENDED: "key",
    MatterKind.RETENTION: "calendar",
    MatterKind.GAP: "gap",
    MatterKind.DEVIATION: "verify-warning",
    MatterKind.TOOL: "settings",
    MatterKind.REVIEW: "report",
    MatterKind.REPORT: "report",
}
SHOWN = frozenset(_ICONS)
"""The kinds that the queue takes from the desk; of the others it knows more than the desk tells."""


def matter_icon(kind: MatterKind) -> str:
    """The icon of a matter's row."""
    return _ICONS.get(kind, "review")


def kind_words(kind: MatterKind) -> str:
    """What a kind of matter is called at the head of a line."""
    return {
        MatterKind.INTEGRITY: _tr("Integrity failure"),
        MatterKind.VERIFICATION: _tr("Failed verification"),
        MatterKind.UNREADABLE: _tr("Record that cannot be read"),
        MatterKind.INCIDENT: _tr("Incident"),
        MatterKind.AUDIT: _tr("Finding of a room audit"),
        MatterKind.OVERDUE: _tr("Overdue"),
        MatterKind.KEY_ENDED: _tr("Exhibit with somebody whose key ended"),
        MatterKind.DISPOSAL: _tr("Disposal"),
        MatterKind.RETENTION: _tr("Retention and erasure"),
        MatterKind.GAP: _tr("Departure without a reason"),
        MatterKind.DEVIATION: _tr("Deviation from a principle"),
        MatterKind.TOOL: _tr("Tool that is not validated"),
        MatterKind.REVIEW: _tr("Report in review"),
        MatterKind.REPORT: _tr("Issued report"),
    }[kind]


def wanted_words(matter: Matter) -> tuple[Tone, str]:
    """What is to be done about a matter, with its mark."""
    if matter.is_decided_here:
        return Tone.BAD if matter.kind is MatterKind.VERIFICATION else Tone.INFO, _tr("Approve or return")
    if matter.kind is MatterKind.UNREADABLE:
        return Tone.BAD, _tr("Ask who signed it")
    if matter.kind is MatterKind.KEY_ENDED:
        return Tone.LATE, _tr("Have it taken over")
    if matter.kind is MatterKind.RETENTION:
        return Tone.LATE, _tr("Erase, or set another period")
    if matter.kind is MatterKind.REVIEW:
        return Tone.INFO, _tr("Read, approve or return")
    return Tone.WARN, _tr("Explain it")


def matter_card(matter: Matter, zone: tzinfo) -> QWidget:
    """What is known of a matter, times in ``zone``."""
    rows = [
        (_tr("Kind"), kind_words(matter.kind)),
        (_tr("Case") if matter.case_id else _tr("Lab"), matter.case),
        (_tr("Since"), text.time_text(matter.since, zone, to_minute=True)),
    ]
    what = label(matter.what, wrap=True, select=True, name="matterWords")
    return card(vbox(label(_tr("What it is about"), "section"), what, facts(rows), margins=_MARGINS))


def _tr(words: str) -> str:
    return QCoreApplication.translate("ReviewMatters", words)
