"""Offers, accepts, refuses and withdraws transfers: the dialogs, and the jobs behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ui.custody.offer_sheet import Acceptance, AcceptSheet, OfferSheet
from ui.custody.offer_words import offer_people
from ui.custody.step import BETWEEN_HANDS, places_known, step_of
from ui.recording import record, signed_as
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.custody import CustodyEvent
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.offer import NewOffer, Offer
    from forensics_app.model.person import SignedIn
    from forensics_app.model.scene import Rule
    from ui.custody.reading import CustodyView
    from ui.page import PageContext


class OfferActs(QObject):
    """Opens the dialogs over ``page``; ``done`` is called with a sentence when something was recorded."""

    def __init__(self, page: QWidget, context: PageContext, *, done: Callable[[str], None]) -> None:
        """Every act is signed by whoever is signed in when it is asked for."""
        super().__init__(page)
        self._page, self._context, self._done = page, context, done

    def offer(self, view: CustodyView, exhibit: Exhibit) -> None:
        """Offer ``exhibit``, by one of the steps that are open for it."""
        actor = self._context.session.actor.person
        steps = [step_of(view, exhibit, one, actor) for one in view.steps if one.event in BETWEEN_HANDS]
        if not steps:
            return
        sheet = OfferSheet(
            self._page, steps, actor, now=self._now(), zone=self._zone(), places=places_known(view, view.events),
            scratch=self._context.session.lab.folder.scratch,
            rules={step.event: view.rules_at(step.event) for step in steps},
        )  # fmt: skip

        def work(lab: Lab, signer: SignedIn, new: NewOffer) -> Offer:
            return lab.offers.offer(signer, new)

        said = self.tr("{number} was offered").format(number=exhibit.number)
        record(self._context, sheet, work, lambda _: self._done(said))

    def accept(self, offer: Offer, exhibit: Exhibit, rules: Sequence[Rule] = ()) -> None:
        """Ask what was found, and accept; ``rules`` are what the guidance asks at the step."""
        actor = self._context.session.actor.person
        sheet = AcceptSheet(self._page, offer, exhibit, actor, now=self._now(), zone=self._zone(), rules=rules)

        def work(lab: Lab, signer: SignedIn, asked: Acceptance) -> CustodyEvent:
            return lab.offers.accept(signer, offer.id, asked.occurred_at, asked.told)

        said = self.tr("{number} is with you").format(number=offer.number)
        record(self._context, sheet, work, lambda _: self._done(said))

    def refuse(self, offer: Offer) -> None:
        """Ask for the reason, and refuse."""
        stays = self.tr("{number} stays with {giver}.").format(number=offer.number, giver=offer.giver)
        title, said = self.tr("Refuse {number}"), self.tr("{number} was refused")

        def work(lab: Lab, signer: SignedIn, reason: str) -> Offer:
            return lab.offers.refuse(signer, offer.id, reason)

        self._end(offer, title, (stays,), self.tr("Sign and refuse"), work, said)

    def withdraw(self, offer: Offer) -> None:
        """Ask for the reason, and withdraw."""
        gone = self.tr("{receiver} can then not accept it any more.").format(receiver=offer.receiver)
        title, said = self.tr("Withdraw the offer of {number}"), self.tr("The offer of {number} was withdrawn")

        def work(lab: Lab, signer: SignedIn, reason: str) -> Offer:
            return lab.offers.withdraw(signer, offer.id, reason)

        self._end(offer, title, (gone,), self.tr("Sign and withdraw"), work, said)

    def _end(
        self, offer: Offer, title: str, sentences: Sequence[str], act: str,
        work: Callable[[Lab, SignedIn, str], Offer], said: str,
    ) -> None:  # fmt: skip
        sheet = ReasonSheet(
            self._page, title=title.format(number=offer.number), subtitle=offer_people(offer),
            sentences=sentences, act=act, name="endOfferSheet",
            signed_as=signed_as(self._context.session.actor.person),
        )  # fmt: skip
        record(self._context, sheet, work, lambda _: self._done(said.format(number=offer.number)))

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._context.session.lab.info.zone)

    def _now(self) -> datetime:
        return self._context.session.lab.offers.now().astimezone(self._zone())
