"""What was signed outside: "Drawn signatures" and "Receipts" in section 7 of the format."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.second_verifier.hands import one_person

Row = dict[str, Any]
WHO = ("giver", "receiver", "outside_party", "recipient", "carrier", "agency", "court", "seizing_officer")


@dataclass
class Papers:
    """What entries under rules 3 or later state: drawings by digest, scans, and what each person's last step states."""

    drawn: dict[str, Row] = field(default_factory=dict)
    forms: set[str] = field(default_factory=set)
    receipts: list[tuple[str, str]] = field(default_factory=list)
    lately: dict[str, Any] = field(default_factory=dict)

    def is_wrong(self, body: Row, rules: int, time: str) -> bool:
        """Whether an entry states what another signed, or signed for something else; it counts in any case."""
        facts, about = body["facts"], body["object"]["id"]
        drawing, form, receipt = (facts.get(f"{name}_sha256") for name in ("signature", "form", "receipt"))
        wrong = self.is_anothers(body, rules, time)
        before = {one for one, _ in self.receipts}
        if type(form) is str:
            self.forms.add(form)
            wrong |= rules >= 5 and form in before
        if type(receipt) is str:
            wrong |= rules >= 5 and (receipt in self.forms or (receipt, about) in self.receipts)
            self.receipts.append((receipt, about))
        scanned = self.forms | {one for one, _ in self.receipts}
        stated = [one for one in (form, receipt) if type(one) is str]
        mixed = any(one in self.drawn for one in stated) or (type(drawing) is str and drawing in scanned)
        if body["action"].startswith("custody.") and body["action"] != "custody.refused":
            self.lately |= {one["person"]: drawing for one in body["signers"]}
        return wrong or (rules >= 4 and mixed)

    def is_anothers(self, body: Row, rules: int, time: str) -> bool:
        """Whether a drawn signature was that of somebody else, or of another act."""
        facts, digest = body["facts"], body["facts"].get("signature_sha256")
        if type(digest) is not str:
            return False
        told = [facts.get(name) for name in WHO if name not in [one["role"] for one in body["signers"]]]
        who = next((one for one in told if type(one) is str and one.strip()), None)
        people, exhibit = [one["person"] for one in body["signers"]], body["object"]["id"]
        act = [body["action"], facts.get("occurred_at"), people]
        if digest not in self.drawn:
            times = (body["recorded_at"], time)
            self.drawn[digest] = {"who": who, "act": act, "times": times, "exhibits": [exhibit]}
            return False
        first = self.drawn[digest]
        other = who is not None and first["who"] is not None and not one_person(first["who"], who)
        now, then = (time, first["times"][1]) if rules >= 5 else (body["recorded_at"], first["times"][0])
        apart = abs(datetime.fromisoformat(now) - datetime.fromisoformat(then)) > timedelta(hours=1)
        again = act != first["act"] or type(act[1]) is not str or exhibit in first["exhibits"] or apart
        again |= who is not None and first["who"] is None
        again |= rules >= 5 and any(self.lately.get(one) != digest for one in people)
        first["who"] = first["who"] or who
        first["exhibits"].append(exhibit)
        return other or (rules >= 4 and again)
