"""What an entry may write of exhibits and incidents: "Written" in section 7 of the format, from rules 5 on."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.second_verifier.entries import Line
from tests.second_verifier.hands import HOLDERS, Lab
from tests.second_verifier.seals import (
    count_faults,
    is_replaced,
    is_unreasoned,
    is_unsaid,
    number_is_wrong,
    seal_is_untold,
)
from tests.second_verifier.tellings import (
    Last,
    is_elsewhere,
    is_miscorrected,
    is_misrooted,
    is_of_the_seizure,
    is_otherwise,
    is_out_of_order,
    is_pair,
)

Row = dict[str, Any]
OF_DECISIONS = ("decision", "decided_by", "decided_at")


@dataclass
class Written:
    """Steps by number with what is told of them now, the incidents there are, and whether an entry was withheld."""

    steps: dict[int, tuple[str, str, Row]] = field(default_factory=dict)
    corrected: dict[Any, Row] = field(default_factory=dict)
    incidents: set[str] = field(default_factory=set)
    is_gapped: bool = False
    closed: set[str] = field(default_factory=set)
    seizures: dict[str, Row] = field(default_factory=dict)
    last: Last = field(default_factory=Last)
    faults: Row = field(default_factory=dict)

    def is_wrong(self, body: Row, exhibits: dict[str, Row], lab: Lab, time: str) -> bool:
        """Whether an entry writes what it may not, by rules 5."""
        of = {name: [one for one in body["changes"] if one["table"] == name] for name in ("exhibit", "incident")}
        wrong = bool(of["exhibit"]) and is_by_another(body, HOLDERS, lab, time)
        wrong |= bool(of["incident"]) and is_by_another(body, {*HOLDERS, "auditor"}, lab, time)
        if self.is_gapped:
            return wrong
        wrong |= seal_is_untold(body, exhibits, self.incidents, self.faults)
        wrong |= is_unsaid(body, self.incidents) or is_unreasoned(body, self.incidents)
        for one in of["exhibit"]:
            row = exhibits.get(one["id"])
            wrong |= exhibit_is_wrong(body, one, row)
            wrong |= is_replaced(body, one, row or {}, self.incidents, self.steps, self.faults)
            event = step_of(body) if body["object"]["id"] == one["id"] else None
            wrong |= is_misrooted(one, exhibits)
            wrong |= is_of_the_seizure(body, one["set"], self.seizures.get(one["id"]))
            wrong |= row is not None and is_elsewhere(body, one["set"], row, event)
        key, step = body["object"]["id"], step_of(body)
        if step is not None and key in exhibits:
            mine = [one["set"] for one in of["exhibit"] if one["id"] == key]
            wrong |= is_otherwise(body, {} if not mine else mine[0], exhibits[key], step)
            wrong |= not mine and is_elsewhere(body, {}, exhibits[key], step)
        wrong |= any(self.incident_is_wrong(body, one) for one in of["incident"])
        return wrong or (body["action"] == "exhibit.correct_step" and self.correction_is_wrong(body, exhibits))

    def incident_is_wrong(self, body: Row, change: Row) -> bool:
        if change["id"] in self.incidents:
            decides = body["action"] == "incident.close"
            if not decides or bool({*change["set"]} - {*OF_DECISIONS}):
                return True
            by = change["set"].get("decided_by", [None, None])[1]
            return change["id"] in self.closed or bool(by != body["actor"]["id"])
        row = {name: new for name, (_, new) in change["set"].items()}
        theirs = row.get("raised_by") in [one["person"] for one in body["signers"]]
        return not theirs or row.get("case_id") != body["chain"]

    def correction_is_wrong(self, body: Row, exhibits: dict[str, Row]) -> bool:
        facts, number = body["facts"], body["facts"].get("corrects")
        exhibit, digest, told = self.steps.get(number if type(number) is int else -1, ("", "", {}))
        if exhibit != body["object"]["id"] or facts.get("corrects_digest") != digest:
            return True
        pairs = facts.get("corrected")
        if type(pairs) is not dict or not pairs:
            return True
        now = {**told, **self.corrected.get(number, {})}
        for name, pair in pairs.items():
            was = "" if now.get(name) is None else now[name]
            if not is_pair(pair) or pair[0] != was:
                return True
        times = {
            other: {**first, **self.corrected.get(other, {})}.get("occurred_at")
            for other, (of, _, first) in self.steps.items() if of == exhibit and other != number
        }  # fmt: skip
        if "occurred_at" in pairs and is_out_of_order(body, number, pairs["occurred_at"][1], times):
            return True
        return is_miscorrected(body, told, now, exhibits.get(exhibit, {}), self.last)

    def count(self, line: Line, body: Row) -> None:
        count_faults(body, self.faults)
        self.closed |= {one["id"] for one in body["changes"] if one["table"] == "incident" and decides_in(one["set"])}
        self.incidents |= {one["id"] for one in body["changes"] if one["table"] == "incident"}
        action, facts = body["action"], body["facts"]
        is_step = action.startswith("custody.") and action != "custody.refused" and body["object"]["kind"] == "exhibit"
        self.last.count(body, is_step=is_step)
        if is_step:
            self.steps[body["sequence"]] = (body["object"]["id"], line.digest, facts)
        if is_step and action == "custody.seize":
            self.seizures[body["object"]["id"]] = facts
        if action == "exhibit.correct_step" and type(facts.get("corrects")) is int:
            pairs = facts.get("corrected")
            told = {name: one[1] for name, one in (pairs if type(pairs) is dict else {}).items() if is_pair(one)}
            self.corrected.setdefault(facts["corrects"], {}).update(told)


def decides_in(columns: Row) -> bool:
    """Whether a change of an incident says anything of how it was decided."""
    return any(name in columns and columns[name][1] not in (None, "") for name in OF_DECISIONS)


def step_of(body: Row) -> str | None:
    """The event of a step of an exhibit; None for any other entry."""
    action, told = body["action"], body["facts"].get("event")
    if body["object"]["kind"] != "exhibit" or action == "custody.refused":
        return None
    if action == "image.intake":
        return told if type(told) is str else None
    return action.removeprefix("custody.") if action.startswith("custody.") else None


def is_by_another(body: Row, needed: set[str], lab: Lab, time: str) -> bool:
    """Whether somebody signs, and not as a witness alone, who had none of the roles."""
    judged = [one for one in body["signers"] if one["role"] != "witness" or one["person"] == body["actor"]["id"]]
    held = [lab.roles_at(one["person"], time) for one in judged]
    return any(roles is not None and not roles & needed for roles in held)


def exhibit_is_wrong(body: Row, change: Row, row: Row | None) -> bool:
    """Whether a change of an exhibit states another value as old, or is made by an entry that makes none."""
    if number_is_wrong(body, change, row or {}):
        return True
    if row is None:
        return "state" not in change["set"] or any(old is not None for old, _ in change["set"].values())
    if any(json.dumps(old) != json.dumps(row.get(name)) for name, (old, _) in change["set"].items()):
        return True
    action, about = body["action"], (body["object"]["kind"], body["object"]["id"])
    is_step = action.startswith("custody.") and action != "custody.refused"
    is_step |= action == "image.intake" and type(body["facts"].get("event")) is str
    writes = is_step or action in ("exhibit.correct", "exhibit.correct_step")
    is_told = writes and about == ("exhibit", change["id"])
    return not is_told and bool({*change["set"]} - {"integrity_failed"})
