"""The words for transfers that are offered, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.model.offer import Offer, OfferState
from ui import text
from ui.custody.reading import rules_at
from ui.custody.words import field_words, step_words
from ui.tones import Tone
from ui.widgets.notes import Fact

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.exhibit import Exhibit, ExhibitId
    from forensics_app.model.scene import Rule

_TIMES = ("expected_return", "departed_at", "due")


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersView:
    """Offers that wait in any case, the one due first at the head, then the answered ones of a case, newest first.

    Attributes:
        cases: Numbers of cases by their id.
        exhibits: Those that are offered now.
        read_at: By which time what is overdue is judged.
        rules: What the guidance asks at the steps that are offered, by their event.
    """

    offers: tuple[Offer, ...]
    cases: Mapping[CaseId, str]
    exhibits: Mapping[ExhibitId, Exhibit]
    read_at: datetime
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)


def read_offers(lab: Lab, case_id: CaseId | None, now: datetime) -> OffersView:
    """Read every offer that waits, and those of a case that were answered."""
    waiting = lab.offers.open()
    of_case = lab.offers.list(case_id) if case_id else ()
    answered = [one for one in reversed(of_case) if one.state is not OfferState.OFFERED]
    return OffersView(
        offers=(*waiting, *answered),
        cases={one.id: one.number for one in lab.cases.list()},
        exhibits={one.exhibit_id: lab.exhibits.get(one.exhibit_id) for one in waiting},
        read_at=now,
        rules={event: rules_at(lab, event) for event in {one.event for one in waiting}},
    )


def offer_title(offer: Offer) -> str:
    """What is offered, for which step."""
    return _tr("{number}: {step}").format(number=offer.number, step=step_words(offer.event))


def offer_people(offer: Offer) -> str:
    """From whom to whom."""
    return f"{offer.giver} → {offer.receiver}"


def offer_mark(offer: Offer, now: datetime) -> tuple[Tone, str]:
    """Where an offer stands."""
    if offer.is_overdue(now):
        late = text.rough_duration_text((now - offer.due).total_seconds())
        return Tone.LATE, _tr("{time} late").format(time=late)
    return {
        OfferState.OFFERED: (Tone.RUN, _tr("Waiting")),
        OfferState.ACCEPTED: (Tone.DONE, _tr("Accepted")),
        OfferState.REFUSED: (Tone.WARN, _tr("Refused")),
        OfferState.WITHDRAWN: (Tone.NONE, _tr("Withdrawn")),
    }[offer.state]


def offer_line(offer: Offer, now: datetime, zone: tzinfo) -> str:
    """That an exhibit is offered, to whom and until when, in one sentence."""
    words = _tr("Offered by {giver} to {receiver} ({step}), to be answered by {time}.")
    if offer.is_overdue(now):
        words = _tr("Offered by {giver} to {receiver} ({step}); the answer was due {time}.")
    step, due = step_words(offer.event).lower(), text.time_text(offer.due, zone, to_minute=True)
    return words.format(giver=offer.giver, receiver=offer.receiver, step=step, time=due)


def offer_facts(offer: Offer, zone: tzinfo) -> list[tuple[str, Fact]]:
    """What the giver told, and what became of it; times in ``zone``."""
    rows = [
        (_tr("From"), offer.giver),
        (_tr("To"), offer.receiver),
        (_tr("Step"), step_words(offer.event)),
        (_tr("Answer by"), text.time_text(offer.due, zone, to_minute=True)),
        *((field_words(name), _told(name, value, zone)) for name, value in offer.fields.items()),
        (_tr("Remarks"), offer.remarks),
        (_tr("Offered"), text.time_text(offer.offered_at, zone)),
        (_tr("Answered"), text.time_text(offer.answered_at, zone) if offer.answered_at else ""),
        (_tr("Reason"), offer.reason),
    ]
    return [(name, value) for name, value in rows if value]


def _told(name: str, value: str, zone: tzinfo) -> str:
    if name not in _TIMES:
        return value
    try:
        return text.time_text(datetime.fromisoformat(value), zone, to_minute=True)
    except ValueError:
        return value


def _tr(words: str) -> str:
    return QCoreApplication.translate("Offers", words)
