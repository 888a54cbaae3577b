"""Offers: to whom they are made, who answers them, and when they lapse, by section 7 of the format."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Offers:
    """Offers that were not answered, by the digest of their entry, and where the last step of each exhibit stands."""

    waiting: dict[str, Row] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)

    def named(self, body: Row) -> Row:
        """The offer that an entry names; empty where there is none."""
        digest = body["facts"].get("offer")
        return self.waiting.get(digest, {}) if type(digest) is str else {}

    def has_lapsed(self, offer: Row, state: Any) -> bool:
        return bool(self.steps.get(offer["exhibit"], 0) > offer["place"] or offer["state"] != state)

    def is_wrong(self, body: Row, state: Any) -> bool:
        """Whether an offer, its refusal or withdrawal is not as rules 5 have it; ``state`` is that of the exhibit."""
        people = [(one["role"], one["person"]) for one in body["signers"]]
        exhibit = body["object"]["id"]
        if body["action"] == "transfer.offer":
            row = row_of(body)
            told = [row.get(name) for name in ("exhibit_id", "event", "from_state")]
            if told != [exhibit, body["facts"].get("offered"), state] or type(row.get("receiver_id")) is not str:
                return True
            return people != [("giver", row.get("giver_id"))] or row["giver_id"] == row["receiver_id"]
        if body["action"] not in ("transfer.refuse", "transfer.withdraw"):
            return False
        offer = self.named(body)
        who = offer.get("receiver" if body["action"] == "transfer.refuse" else "giver")
        return offer.get("exhibit") != exhibit or [person for _, person in people] != [who]

    def count(self, digest: str, body: Row, *, is_step: bool, place: int) -> None:
        action, exhibit = body["action"], body["object"]["id"]
        answers = is_step or action in ("transfer.refuse", "transfer.withdraw")
        if answers and self.named(body).get("exhibit") == exhibit:
            self.waiting.pop(body["facts"]["offer"])
        if is_step:
            self.steps[exhibit] = place
        if action == "transfer.offer":
            first, row = body["signers"][0], row_of(body)
            receiver = row.get("receiver_id")
            self.waiting[digest] = {
                "exhibit": exhibit,
                "event": body["facts"].get("offered"),
                "giver": first["person"] if first["role"] == "giver" else None,
                "name": first["name"],
                "receiver": receiver if type(receiver) is str else None,
                "state": row.get("from_state"),
                "place": place,
            }


def row_of(body: Row) -> Row:
    """The row of `transfer_offer` that an entry makes, where it is one, and all its columns were null."""
    sets = [one["set"] for one in body["changes"] if one["table"] == "transfer_offer"]
    if len(sets) != 1 or any(old is not None for old, _ in sets[0].values()):
        return {}
    return {name: new for name, (_, new) in sets[0].items()}
