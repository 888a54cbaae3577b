"""The tab with what was recorded of an exhibit, newest first; the whole entries are on the Custody page."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import CustodyEvent
from forensics_app.model.wording import act_words
from ui import text
from ui.custody.story import correction_words, unread_time_words
from ui.exhibits.parts import refill, tab_column
from ui.exhibits.reading import ExhibitDetail
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox

SHOWN = 40


class HistoryTab(QWidget):
    """Shows the entries; ``custody_asked`` asks for the page that shows them whole."""

    custody_asked = Signal()

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName("historyTab")
        self._column = tab_column()
        self.setLayout(self._column)

    def show_detail(self, detail: ExhibitDetail, zone: ZoneInfo) -> None:
        """Show the newest entries about an exhibit."""
        parts: list[QWidget] = []
        for event in list(reversed(detail.events))[:SHOWN]:
            parts += [_entry(event, zone), line()]
        hidden = len(detail.events) - SHOWN
        if hidden > 0:
            words = self.tr("{n} earlier entries are on the Custody page.").format(n=text.count_text(hidden))
            parts.append(label(words, "caption", wrap=True))
        go = Button(self.tr("Show in Custody"), name="showInCustody", icon="custody")
        go.clicked.connect(self.custody_asked)
        refill(self._column, [*parts, go])


def _entry(event: CustodyEvent, zone: ZoneInfo) -> QWidget:
    when = text.time_text(event.occurred_at or event.recorded_at, zone)
    people = ", ".join(signature.name for signature in event.signatures) or event.actor
    told = (unread_time_words(event), event.fact("image"), event.fact("result"), *correction_words(event), event.reason)
    details = "; ".join(part for part in told if part)
    head = hbox(label(f"#{event.sequence}", "mono"), (label(act_words(event), "strong", wrap=True), 1))
    rows: list[QWidget] = [plain(head), label(f"{when}  ·  {people}", "caption", wrap=True)]
    if details:
        rows.append(label(details, "small", wrap=True))
    made = plain(vbox(*rows, gap=Space.XXS))
    made.setAccessibleName(f"{event.sequence}: {act_words(event)}, {when}, {people}")
    return made
