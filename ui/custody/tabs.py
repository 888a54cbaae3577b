"""The tabs of the custody page: one exhibit, and what concerns all cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QTabWidget, QWidget

from forensics_app.model.custody import Event as CustodyStep
from ui.custody.audits_tab import AuditsTab
from ui.custody.bulk_tab import BulkTab
from ui.custody.log_tab import LogTab
from ui.custody.matters_tab import MattersTab
from ui.custody.offers_tab import OffersTab
from ui.custody.tab import CustodyTab

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.exhibit import ExhibitId
    from ui.page import PageContext
    from ui.saving import AskWhere


class CustodyTabs(QTabWidget):
    """``first`` is what is shown of one exhibit; the further tabs read when they come into sight."""

    def __init__(self, context: PageContext, ask: AskWhere, first: QWidget) -> None:
        """Begin with ``first``; ``ask`` tells where a file is to be written."""
        super().__init__()
        self.setObjectName("custodyTabs")
        self.setAccessibleName(self.tr("Parts of custody"))
        self._first = first
        self.addTab(first, self.tr("One exhibit"))
        self.offers = OffersTab(context)
        self.bulk = BulkTab(context)
        self.audits = AuditsTab(context)
        self.matters = MattersTab(context)
        self.log = LogTab(context, ask)
        self._further: tuple[CustodyTab, ...] = (self.offers, self.bulk, self.audits, self.matters, self.log)
        for tab in self._further:
            self.addTab(tab, tab.accessibleName())
        self.offers.counted.connect(self._show_offers)

    @property
    def further(self) -> CustodyTab | None:
        """The further tab in sight; None where it is the one exhibit."""
        tab = self.currentWidget()
        return tab if isinstance(tab, CustodyTab) else None

    def show_first(self) -> None:
        """Show the one exhibit."""
        self.setCurrentWidget(self._first)

    def show_offer(self, exhibit_id: ExhibitId) -> None:
        """Show the offer of an exhibit."""
        self.offers.select(exhibit_id)
        self.setCurrentWidget(self.offers)

    def show_many(self, event: CustodyStep) -> None:
        """Show the list of many exhibits for a step."""
        self.setCurrentWidget(self.bulk)
        self.bulk.show_step(event)

    def show_case(self, case_id: CaseId | None) -> None:
        """Another case was chosen."""
        for tab in self._further:
            tab.show_case(case_id)

    def refresh(self) -> None:
        """Read again what is in sight, and how many offers wait."""
        self.offers.refresh()
        if self.further not in (None, self.offers):
            self.further.refresh()

    def _show_offers(self, count: int) -> None:
        title = self.offers.accessibleName()
        words = self.tr("{title}, {n} for you").format(title=title, n=count) if count else title
        self.setTabText(self.indexOf(self.offers), words)
