"""Whether what is written of an exhibit is what is told: "Told and written" in section 7 of the format, rules 5."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.second_verifier.hands import has_letter, one_person

Row = dict[str, Any]
ANY_STEP = {"occurred_at", "place", "purpose", "remarks"}
TOLD_THERE = {
    "shelf", "condition", "seal_number", "seal_check", "seal_remarks", "expected_return", "due", "hearing",
    "departed_at", "packaging", "transport", "route", "seizing_officer", "officer",
}  # fmt: skip
FROM = {
    "place": ["shelf", "place", "agency"], "seal_number": ["seal_number"], "condition": ["condition"],
    "expected_back": ["expected_return", "due"],
}  # fmt: skip
OF_SEIZURES = {
    "seized_at": ["occurred_at"], "seized_place": ["place"], "seized_by": ["seizing_officer", "officer"],
    "seizure_witness": ["witness"],
}  # fmt: skip
ENDS = ("return_to_owner", "destroy", "forfeit", "archive")


def told(facts: Row, names: list[str]) -> str:
    """The first of some facts that says something."""
    said = [facts[name] for name in names if type(facts.get(name)) is str and facts[name]]
    return said[0] if said else ""


def is_elsewhere(body: Row, columns: Row, row: Row, event: str | None) -> bool:
    """Whether an entry puts an exhibit that is there where it does not tell; ``event`` is the step of it that it is."""
    was, action = row.get("place"), body["action"]
    now = columns["place"][1] if "place" in columns else was
    if event is None:
        if action != "exhibit.correct" or "place" not in columns:
            return False
        seized = columns.get("seized_place", [None, None])[1]
        return row.get("state") not in ("IDENTIFIED", "SEIZED") or bool(now != seized)
    where = told(body["facts"], ["place"] if event in ENDS else FROM["place"])
    if event == "destroy":
        where = ""
    may_stay = event == "seize" or not where
    return now != where and not (may_stay and now == was)


def is_of_the_seizure(body: Row, columns: Row, seizure: Row | None) -> bool:
    """Whether an exhibit is corrected where its seizure, of which these are the facts, told the same."""
    if seizure is None or body["action"] != "exhibit.correct":
        return False
    names = ["seized_at", "seized_place"]
    names += [one for one in ("seized_by", "seizure_witness") if told(seizure, OF_SEIZURES[one])]
    return any(one in columns for one in names)


def is_otherwise(body: Row, columns: Row, row: Row, event: str) -> bool:
    """Whether a step leaves condition, due time, since when or what is told of a seizure otherwise than it tells."""
    facts = body["facts"]
    asked = {name: FROM[name] for name in ("condition", "expected_back")} | {name: [] for name in OF_SEIZURES}
    if event == "seize":
        asked |= OF_SEIZURES
    for name, facts_of in asked.items():
        was, said = row.get(name), told(facts, facts_of)
        now = columns[name][1] if name in columns else was
        may_be = [said] if said else [was, None] if name == "expected_back" else [was]
        is_empty = name in OF_SEIZURES and was in (None, "") and now in (None, "")
        if now not in may_be and not is_empty:
            return True
    since = columns.get("state_since", [None, None])[1]
    return since is not None and since != body["recorded_at"] and since != facts.get("clock")


@dataclass
class Last:
    """The number of the step by which a column of an exhibit was told last."""

    by: dict[tuple[str, str], int] = field(default_factory=dict)

    def count(self, body: Row, *, is_step: bool) -> None:
        facts, number, exhibit = body["facts"], body["sequence"], body["object"]["id"]
        pairs = facts.get("corrected")
        if body["action"] == "exhibit.correct_step" and type(facts.get("corrects")) is int:
            number = facts["corrects"]
            facts = {n: one[1] for n, one in (pairs if type(pairs) is dict else {}).items() if is_pair(one)}
        elif not is_step:
            facts = {}
        places = [(exhibit, column) for column, names in FROM.items() if told(facts, names)]
        for one in body["changes"]:
            places += [(one["id"], column) for column in one["set"]] if one["table"] == "exhibit" else []
        for place in places:
            self.by[place] = max(self.by.get(place, 0), number)


def is_deviation(body: Row) -> bool:
    """Whether an entry makes a deviation with its reason."""
    told = [one["set"].get("reason", [0, 0]) for one in body["changes"] if one["table"] == "deviation"]
    return any(old is None and bool(new) for old, new in told)


def is_out_of_order(body: Row, number: int, at: Any, others: dict[int, Any]) -> bool:
    """Whether a step is put out of the order of the other steps by time, unexplained; minutes are compared."""
    if not is_time(at) or is_deviation(body):
        return False
    here, there = minute_of(at), {other: minute_of(one) for other, one in others.items() if is_time(one)}
    return any(then > here if other < number else then < here for other, then in there.items())


def minute_of(time: str) -> datetime:
    return datetime.fromisoformat(re.sub(r"^(.{16})(:[\d.]+)?", r"\1:00", time))


def is_miscorrected(body: Row, step: Row, now: Row, row: Row, last: Last) -> bool:
    """Whether a correction corrects what nobody may, or writes what it does not correct, or does not write it.

    ``step`` are the facts of the step, ``now`` what is told of it before the correction, ``row`` the exhibit's columns.
    """
    pairs, exhibit, number = body["facts"]["corrected"], body["object"]["id"], body["facts"]["corrects"]
    may = TOLD_THERE | ({"witness"} if step.get("event") == "seize" else set())
    if any(name not in ANY_STEP and not (name in may and told(step, [name])) for name in pairs):
        return True
    later = now | {name: one[1] for name, one in pairs.items() if is_pair(one)}
    people = {"seizing_officer", "officer", "witness"} & {*pairs} if step.get("event") == "seize" else set()
    if people - {"witness"} and not is_deviation(body):
        return True
    if not all(has_letter(later[name]) for name in people):
        return True
    if people and one_person(told(later, OF_SEIZURES["seized_by"]), told(later, ["witness"])):
        return True
    if any(one_person(later[name], signer["name"]) for name in people for signer in body["signers"]):
        return True
    known = {} if step.get("event") == "destroy" else FROM | (OF_SEIZURES if step.get("event") == "seize" else {})
    told_newly = {
        column: told(later, names) for column, names in known.items()
        if told(later, names) != told(now, names) and last.by.get((exhibit, column), 0) <= number
    }  # fmt: skip
    mine = [one["set"] for one in body["changes"] if (one["table"], one["id"]) == ("exhibit", exhibit)]
    written = {column: new for one in mine for column, (_, new) in one.items() if column != "holder"}
    if any(column not in told_newly or new != told_newly[column] for column, new in written.items()):
        return True
    left = {column: "" if row.get(column) is None else row[column] for column in told_newly if column not in written}
    return any(told_newly[column] != value for column, value in left.items())


def is_time(value: Any) -> bool:
    """Whether a value is a time with its offset, of a day and hour that there are."""
    if type(value) is not str:
        return False
    clock = r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?"
    zone = r"(?:Z|[+-](\d\d):(\d\d)(?::(\d\d)(?:\.\d{6})?)?)"
    found = re.fullmatch(rf"(\d{{4}})-(\d\d)-(\d\d)T{clock}{zone}", value, re.ASCII)
    if found is None:
        return False
    year, month, day, *rest = (int(one or 0) for one in found.groups())
    if not (1800 <= year <= 9000 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return False
    return all(one < most for one, most in zip(rest, (24, 60, 60) * 2, strict=True))


def is_digest(value: Any) -> bool:
    """Whether a value is a SHA-256, or stands for none."""
    return value is None or (type(value) is str and re.fullmatch("|[0-9a-f]{64}", value) is not None)


def tells_no_time(facts: Row, *, is_step: bool) -> bool:
    """Whether an entry tells as a time or as the digest of a tool what is none, or of a paper that no step keeps."""
    papers = [facts.get(f"{kind}_sha256") for kind in ("form", "receipt", "signature")]
    if not is_step and any(one is not None and one != "" for one in papers):
        return True
    if not is_digest(facts.get("tool_sha256")):
        return True
    pairs = facts.get("corrected")
    pair = pairs.get("occurred_at") if type(pairs) is dict else None
    if type(pair) is list and not (pair and is_time(pair[-1])):
        return True
    return facts.get("occurred_at") is not None and not is_time(facts["occurred_at"])


def is_misrooted(change: Row, exhibits: dict[str, Row]) -> bool:
    """Whether a new exhibit is told to come from another one than its parent does."""
    row = {name: new for name, (_, new) in change["set"].items()}
    if change["id"] in exhibits or row.get("root_id") is None:
        return False
    if row.get("parent_id") is None:
        return bool(row["root_id"] != change["id"])
    root = exhibits.get(str(row["parent_id"]), {}).get("root_id")
    return root is not None and bool(row["root_id"] != root)


def is_pair(value: Any) -> bool:
    return type(value) is list and len(value) == 2 and all(type(one) is str for one in value)
