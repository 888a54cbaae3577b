"""Offers of a transfer: to whom they were made, by whom they are answered, and when they lapse (fifth rules)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json
from chain_of_custody.entry import Entry

OFFER: Final = "transfer.offer"
REFUSE: Final = "transfer.refuse"
WITHDRAW: Final = "transfer.withdraw"
OF_OFFERS: Final = frozenset((OFFER, REFUSE, WITHDRAW))
TRANSFER_OFFER: Final = "transfer_offer"
"""The table whose row says of an offer to whom it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A transfer that was offered and not answered.

    Attributes:
        exhibit: UUID.
        event: the step that was offered.
        giver: who signed it as such, a UUID.
        name: the giver's, as they signed.
        receiver: to whom it was made, a UUID; None where its entry does not say so as the fifth rules ask.
        from_state: the state of the exhibit then, as its row tells it.
        place: of its entry in the chain, from 1.
    """

    exhibit: str
    event: str
    giver: str | None
    name: str = ""
    receiver: str | None = None
    from_state: Json = None
    place: int = 0

    @classmethod
    def of(cls, content: Content, place: int) -> Offer:
        """Return the offer that an entry makes."""
        slot, row = content.signers[0], _row_in(content)
        receiver = row.get("receiver_id")
        return cls(
            exhibit=content.object.id,
            event=str(content.facts.get("offered")),
            giver=slot.person if slot.role == "giver" else None,
            name=slot.name,
            receiver=receiver if type(receiver) is str else None,
            from_state=row.get("from_state"),
            place=place,
        )


class Offers:
    """The offers of a chain that nobody answered, and the last steps of its exhibits."""

    def __init__(self) -> None:
        """Begin without any."""
        self.open: dict[str, Offer] = {}
        """By digest, hexadecimal, of the entry that offers."""
        self._stepped: dict[str, int] = {}

    def answered_by(self, content: Content) -> Offer | None:
        """Return the offer that an entry names; None where it names none that is open."""
        return self.open.get(str(content.facts.get("offer")))

    def last_step(self, exhibit: str) -> int:
        """Return the place of the last step of an exhibit, from 1; 0 where it took none."""
        return self._stepped.get(exhibit, 0)

    def breaches(self, content: Content, state: Json) -> Iterator[str]:
        """Say what was not allowed about an entry that makes an offer, refuses or withdraws one.

        Args:
            content: the entry.
            state: of the exhibit before it.
        """
        if content.action == OFFER and not _is_offer(content, state):
            yield f"{OFFER} of {content.object.label} does not say who offers it to whom, for what and in what state."
        elif content.action in (REFUSE, WITHDRAW):
            offer = self.answered_by(content)
            if offer is None or offer.exhibit != content.object.id:
                yield f"{content.action} answers an offer of {content.object.label} that was not made, or was answered."
                return
            wanted, whose = offer.receiver, "to whom it was made"
            if content.action == WITHDRAW:
                wanted, whose = offer.giver, "who made it"
            if [slot.person for slot in content.signers] != [wanted]:
                yield f"{content.action} of an offer of {content.object.label} is not signed by the one {whose}."

    def count(self, entry: Entry, content: Content, event: str | None, place: int) -> None:
        """Count an entry.

        Args:
            entry: the entry.
            content: what it holds.
            event: the step that it is; None for an entry that is none.
            place: of the entry in the chain, from 1.
        """
        if content.action == OFFER:
            self.open[entry.digest.hex()] = Offer.of(content, place)
        elif event is not None or content.action in (REFUSE, WITHDRAW):
            offer = self.answered_by(content)
            if offer is not None and offer.exhibit == content.object.id:
                del self.open[str(content.facts["offer"])]
        if event is not None:
            self._stepped[content.object.id] = place


def _row_in(content: Content) -> Mapping[str, Json]:
    """The row of the offer that an entry makes; empty where it makes none, or several, or changes one that is there."""
    rows = [change for change in content.changes if change.table == TRANSFER_OFFER]
    is_new = len(rows) == 1 and all(old is None for old, _ in rows[0].set.values())
    return rows[0].after if is_new else {}


def _is_offer(content: Content, state: Json) -> bool:
    slot, row = content.signers[0], _row_in(content)
    told = (content.object.id, content.facts.get("offered"), slot.person, state)
    is_told = tuple(row.get(name) for name in ("exhibit_id", "event", "giver_id", "from_state")) == told
    is_one_signer = tuple(one.role for one in content.signers) == ("giver",)
    return is_told and is_one_signer and type(row.get("receiver_id")) is str and row["receiver_id"] != slot.person
