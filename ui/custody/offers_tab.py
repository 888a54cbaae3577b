"""The tab with transfers that are offered: what waits in any case, what is late, and what was answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.offer import OfferState
from ui.announce import announce
from ui.custody.offer_acts import OfferActs
from ui.custody.offer_words import OffersView, offer_facts, offer_mark, offer_people, offer_title, read_offers
from ui.custody.tab import CustodyTab
from ui.latest import Latest
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.page import utc_now
from ui.text import time_text
from ui.theme import Row, Space
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, FilterRow, facts
from ui.widgets.refill import refill
from ui.widgets.sides import Sides
from ui.widgets.table import Table
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.model.exhibit import ExhibitId
    from forensics_app.model.offer import Offer
    from ui.page import PageContext


class OffersTab(CustodyTab):
    """``counted`` carries how many offers wait for whoever is signed in."""

    counted = Signal(int)

    def __init__(self, context: PageContext, *, now: Callable[[], datetime] = utc_now) -> None:
        """Show nothing yet; ``now`` tells what is late."""
        title = QCoreApplication.translate("OffersTab", "Offered transfers")
        super().__init__(context, name="offersTab", title=title)
        self._now, self._zone = now, ZoneInfo(context.session.lab.info.zone)
        self._view = OffersView(offers=(), cases={}, exhibits={}, read_at=now())
        self._wanted: ExhibitId | None = None
        self._primary: Button | None = None
        self._reading = Latest(self, context.jobs)
        self.acts = OfferActs(self, context, done=lambda said: announce(self, said))
        self._model: RecordTableModel[Offer] = RecordTableModel(self._columns(), self, key=lambda offer: offer.id)
        self._lay_out()

    def refresh(self) -> None:
        """Read what is offered."""
        lab, case_id, now = self.context.session.lab, self.case_id, self._now()
        self._reading.ask(
            lambda _: read_offers(lab, case_id, now),
            self._take,
            lambda error: self.context.show_error(self.tr("Read what is offered"), error),
        )

    def select(self, exhibit_id: ExhibitId) -> None:
        """Choose the offer of an exhibit that waits."""
        self._wanted = exhibit_id
        self._select_wanted()

    def primary(self) -> Button | None:
        """The likeliest act about the chosen offer."""
        return self._primary

    def filter_box(self) -> QWidget | None:
        """The filter."""
        return self._filter.box

    def _lay_out(self) -> None:
        self._filter = FilterRow(self.tr("Type to filter: exhibit, person, state"), columns=False, export=False)
        self._filter.filter_changed.connect(self._model.set_filter)
        self.table = Table(self._model, name="offersTable", title=self.accessibleName(), row_px=Row.TWO_LINE)
        self.table.chosen.connect(self._show)
        self.table.opened.connect(self._go)
        left = pane(vbox(self._filter, line(), (self.table, 1), gap=0))
        left.setMinimumWidth(9 * Space.XXL)
        self._detail = vbox(gap=Space.M, margins=(Space.L, Space.M, Space.L, Space.M))
        side = scrolled(plain(vbox(self._detail, None, gap=0)), name="offerSide")
        side.setMinimumWidth(8 * Space.XXL)
        self._stack = QStackedWidget()
        self._stack.addWidget(Sides(left, side, sizes=(760, 420), name="offersSplit"))
        words = self.tr(
            "Nothing is offered, and nothing was in this case. Whoever holds an exhibit offers it: “One exhibit”, "
            "More, Offer to another person."
        )
        self._stack.addWidget(EmptyState("transfer", words, name="noOffers"))
        self.setLayout(vbox(self._stack, gap=0))

    def _take(self, view: OffersView) -> None:
        if not self.context.session.is_open:
            return
        self._view = view
        self._model.set_records(view.offers)
        self._stack.setCurrentIndex(0 if view.offers else 1)
        me = self.context.session.actor.person.id
        self.counted.emit(
            sum(one.state is OfferState.OFFERED and one.receiver_id == me for one in view.offers)
        )  # fmt: skip
        self._select_wanted()
        if view.offers and self.table.current_record() is None:
            self.table.selectRow(0)
        self._show(self.table.current_record())

    def _select_wanted(self) -> None:
        found = next((one for one in self._view.offers if one.exhibit_id == self._wanted), None)
        if found and self.table.select_key(found.id):
            self._wanted = None

    def _show(self, offer: Offer | None) -> None:
        self._primary = None
        if offer is None or not self.context.session.is_open:
            refill(self._detail, [label(self.tr("Choose an offer to see what was told."), "muted", wrap=True)])
            return
        tone, words = offer_mark(offer, self._view.read_at)
        head = hbox((label(offer_title(offer), "title", wrap=True), 1), Badge(tone, words, name="offerState"))
        case = self._view.cases.get(offer.case_id, "")
        where = label(self.tr("Case {number}").format(number=case), "muted", wrap=True)
        refill(
            self._detail,
            [plain(vbox(plain(head), where, gap=0)), plain(facts(offer_facts(offer, self._zone))), *self._acts(offer)],
        )

    def _acts(self, offer: Offer) -> list[QWidget]:
        if offer.state is not OfferState.OFFERED:
            return []
        me = self.context.session.actor.person
        exhibit, rules = self._view.exhibits[offer.exhibit_id], self._view.rules.get(offer.event, ())
        if me.id == offer.receiver_id:
            accept = Button(self.tr("Accept…"), name="acceptOffer", kind="primary", icon="sign")
            accept.clicked.connect(lambda: self._reading.afterwards(lambda: self.acts.accept(offer, exhibit, rules)))
            refuse = Button(self.tr("Refuse…"), name="refuseOffer", kind="danger")
            refuse.clicked.connect(lambda: self._reading.afterwards(lambda: self.acts.refuse(offer)))
            self._primary = accept
            return [plain(WrapLayout(refuse, accept))]
        if me.id == offer.giver_id:
            withdraw = Button(self.tr("Withdraw…"), name="withdrawOffer", icon="return")
            withdraw.clicked.connect(lambda: self._reading.afterwards(lambda: self.acts.withdraw(offer)))
            return [plain(hbox(withdraw, None))]
        words = self.tr("{receiver} accepts or refuses it; {giver} can withdraw it.")
        said = words.format(receiver=offer.receiver, giver=offer.giver)
        return [label(said, "caption", wrap=True, name="whoAnswers")]

    def _go(self, offer: Offer | None) -> None:
        if offer:
            self.context.go_to("custody", offer.exhibit_id)

    def _columns(self) -> tuple[Column[Offer], ...]:
        def what(offer: Offer) -> Cell:
            return Cell(offer_title(offer), Kind.TWO, self._view.cases.get(offer.case_id, ""), "transfer")

        def state(offer: Offer) -> Cell:
            tone, words = offer_mark(offer, self._view.read_at)
            return Cell(words, Kind.BADGE, tone=tone)

        def due(offer: Offer) -> Cell:
            return Cell(time_text(offer.due, self._zone, to_minute=True), Kind.TIME)

        return (
            Column(key="what", title=self.tr("Offered"), cell=what, width_px=180, stretch=True),
            Column(key="who", title=self.tr("From, to"), cell=lambda one: Cell(offer_people(one)), width_px=200),
            Column(key="state", title=self.tr("State"), cell=state, width_px=148),
            Column(
                key="due", title=self.tr("Answer by ({zone})").format(zone=self._zone.key), cell=due, width_px=190,
                narrow_px=112, sort_key=lambda offer: offer.due,
            ),
        )  # fmt: skip
