"""Whether an act tells how a seal was found: "Seals" in section 7 of the format, from rules 5 on."""

import unicodedata
from typing import Any

Row = dict[str, Any]
ASKED = {
    "dispatch", "transfer_out", "send_back", "receive", "accept_refused", "image", "begin_examination", "take_over",
}  # fmt: skip
NUMBERED = {"intact, number agrees", "broken or opened", "number differs", "new seal applied"}
UNNUMBERED = {"missing", "not checked", "not sealed"}


def seal_is_untold(body: Row, exhibits: dict[str, Row], incidents: set[str], faults: Row) -> bool:
    """Whether a step lacks what it tells of a seal, or a part is taken out of what lies sealed."""
    key, facts = body["object"]["id"], body["facts"]
    row = exhibits.get(key, {})
    if body["action"] == "exhibit.derive" and sealed_parents(body, exhibits):
        return True
    is_image = (body["object"]["kind"], facts.get("event")) == ("exhibit", "image")
    if body["action"] == "image.intake" and sealed_parents(body, exhibits) - ({key} if is_image else set()):
        return True
    recorded, state = row.get("seal_number"), row.get("state")
    event = facts.get("event") if body["action"] == "image.intake" else body["action"].removeprefix("custody.")
    is_step = body["action"] == "image.intake" or body["action"].startswith("custody.")
    resealed = event == "return_to_store" and state in ("IMAGED", "UNDER_EXAM")
    is_of_exhibit = body["object"]["kind"] == "exhibit" and body["action"] != "custody.refused"
    if is_of_exhibit and is_step and type(event) is str and row and writes_another(body, row):
        return True
    is_asked = body["object"]["kind"] == "exhibit" and is_step and (event in ASKED or resealed)
    if not is_step or type(recorded) is not str or not recorded or body["object"]["kind"] != "exhibit":
        return False
    check, number, before = (facts.get(name) for name in ("seal_check", "seal_number", "seal_before"))
    check, number = (one if type(one) is str else "" for one in (check, number))
    if not is_asked:
        no_fault = event in (None, "seize") or state in ("IMAGED", "UNDER_EXAM") or body["action"] == "custody.refused"
        if no_fault or check not in (*NUMBERED, *UNNUMBERED):
            return False
    elif check not in NUMBERED | UNNUMBERED or (check in NUMBERED and not number) or before != recorded:
        return True
    if check == "not checked":
        told = [one["set"].get("reason", [0, ""]) for one in body["changes"] if one["table"] == "deviation"]
        return not any(old is None and new for old, new in told)
    put_on = event == "store" or (event in ("move", "return_to_store") and key in faults)
    fault = None if state in ("IMAGED", "UNDER_EXAM") else fault_of(check, number, recorded, may_be_new=put_on)
    again = facts.get("seal_incident_entry")
    if fault is not None and number in ("", recorded) and type(again) is int and faults.get(key) == (fault, again):
        return False
    new = [after(one) for one in body["changes"] if one["table"] == "incident" and one["id"] not in incidents]
    return fault is not None and not any((one.get("exhibit_id"), one.get("kind")) == (key, fault) for one in new)


def writes_another(body: Row, row: Row) -> bool:
    """Whether a step leaves another number of the seal than it tells, or than there was where it tells none."""
    number = body["facts"].get("seal_number")
    told = number if type(number) is str and number else row.get("seal_number")
    mine = [one["set"] for one in body["changes"] if (one["table"], one["id"]) == ("exhibit", body["object"]["id"])]
    now = [columns["seal_number"][1] for columns in mine if "seal_number" in columns]
    left = now[0] if now else row.get("seal_number")
    return ("" if left is None else left) != ("" if told is None else told)


def count_faults(body: Row, faults: Row) -> None:
    """Keep of each exhibit the fault of its seal that is told and lasts, with the entry that raised the incident."""
    pairs = body["facts"].get("corrected")
    is_of_seal = type(pairs) is not dict or "seal_check" in pairs or "seal_number" in pairs
    if (body["action"] == "exhibit.correct_step" and is_of_seal) or body["facts"].get("seal_check") in (
        "intact, number agrees", "new seal applied", "number differs",
    ):  # fmt: skip
        faults.pop(body["object"]["id"], None)
    for one in body["changes"]:
        if one["table"] == "exhibit" and "seal_number" in one["set"]:
            faults.pop(one["id"], None)
    for row in [after(one) for one in body["changes"] if one["table"] == "incident"]:
        if row.get("kind") in ("seal broken", "seal missing") and type(row.get("exhibit_id")) is str:
            faults[row["exhibit_id"]] = (row["kind"], body["sequence"])


def sealed_parents(body: Row, exhibits: dict[str, Row]) -> set[str]:
    """What exhibits that an entry writes are parts or images of, as far as it is checked out under a seal."""
    parents = {str(row.get("parent_id")) for row in rows(body, "exhibit")}
    return {one for one in parents if exhibits.get(one, {}).get("state") == "CHECKED_OUT"
            and exhibits[one].get("seal_number") and exhibits[one].get("type") != "image"}  # fmt: skip


def number_is_wrong(body: Row, change: Row, row: Row) -> bool:
    """Whether the number of a seal is no text, or one that was recorded is taken away."""
    if "seal_number" not in change["set"]:
        return False
    now = change["set"]["seal_number"][1]
    is_kept = now not in (None, "") or row.get("state") == "IDENTIFIED"
    return not (now is None or type(now) is str) or bool(row.get("seal_number") and not is_kept)


def is_replaced(
    body: Row, change: Row, row: Row, incidents: set[str], steps: dict[int, tuple[str, str, Row]], faults: Row
) -> bool:
    """Whether another number takes the place of one that was recorded, and the entry neither tells nor explains it."""
    was, now = row.get("seal_number"), change["set"].get("seal_number", [None, None])[1]
    both = [one for one in (was, now) if type(one) is str and one]
    if len(both) < 2 or was == now or row.get("state") == "IDENTIFIED":
        return False
    facts, mine = body["facts"], (body["object"]["kind"], body["object"]["id"]) == ("exhibit", change["id"])
    if mine and facts.get("seal_number") == now and puts_seal_on(body, row, change["id"] in faults):
        return False
    if body["action"] == "exhibit.correct_step" and type(facts.get("corrects")) is int:
        exhibit, _, told = steps.get(facts["corrects"], ("", "", {}))
        pairs = facts.get("corrected")
        is_pair = type(pairs) is dict and pairs.get("seal_number") == [was, now]
        if is_pair and mine and exhibit == change["id"] and told.get("seal_before") == now:
            return False
    new = [after(one) for one in body["changes"] if one["table"] == "incident" and one["id"] not in incidents]
    why = [one["set"].get("reason", [0, ""]) for one in body["changes"] if one["table"] == "deviation"]
    is_explained = mine and any(old is None and text for old, text in why)
    return not is_explained and all(one.get("exhibit_id") != change["id"] for one in new)


def puts_seal_on(body: Row, row: Row, is_at_fault: bool) -> bool:
    """Whether a step may put a new seal on: as it is stored, on what was opened here, where the old one is told off."""
    action, state, event = body["action"], row.get("state"), body["action"].removeprefix("custody.")
    if action == "custody.refused" or not action.startswith("custody."):
        return False
    if state in ("IMAGED", "UNDER_EXAM") and event in ("return_to_store", "take_over"):
        return True
    is_new = body["facts"].get("seal_check") == "new seal applied"
    back = event in ("return_to_store", "move") and is_at_fault
    return is_new and (event == "store" or back or state in ("IMAGED", "UNDER_EXAM"))


DOUBLE = [
    (0x1200, 0x135A), (0x13A0, 0x13FD), (0x1401, 0x166C), (0x3041, 0x30FF), (0x3400, 0x9FFF), (0xA000, 0xA48C),
    (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
]  # fmt: skip


def in_words(value: Any) -> bool:
    """Whether a value is a text with three letters or digits that can be seen; some scripts need two."""
    if type(value) is not str:
        return False
    counted = [ord(one) for one in value if unicodedata.category(one) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd")]
    seen = [one for one in counted if one not in (0x115F, 0x1160, 0x3164, 0xFFA0)]
    return len(seen) + len([one for one in seen if any(low <= one <= high for low, high in DOUBLE)]) >= 3


def is_unreasoned(body: Row, incidents: set[str]) -> bool:
    """Whether an exhibit or a step is corrected for no reason, or an incident closed without a decision in words."""
    if body["action"] in ("exhibit.correct", "exhibit.correct_step") and not in_words(body["reason"]):
        return True
    closed = [after(one) for one in body["changes"] if one["table"] == "incident" and one["id"] in incidents]
    return body["action"] == "incident.close" and not all(in_words(one.get("decision")) for one in closed)


def is_unsaid(body: Row, incidents: set[str]) -> bool:
    """Whether an entry makes a deviation or an incident that explains nothing."""
    told = [one["set"].get("reason", [0, ""])[1] for one in body["changes"] if one["table"] == "deviation"]
    told += [after(one).get("what") for one in body["changes"]
             if one["table"] == "incident" and one["id"] not in incidents]  # fmt: skip
    return not all(in_words(one) for one in told)


def fault_of(check: str, number: str, recorded: str, *, may_be_new: bool) -> str | None:
    """What is wrong with a seal; a new one is right only where a thing is put away."""
    may_be_new &= check == "new seal applied"
    if check == "broken or opened":
        return "seal broken"
    if check in ("missing", "not sealed"):
        return "seal missing"
    if check == "number differs" or (number and number != recorded and not may_be_new):
        return "seal differs"
    return "seal differs" if check == "new seal applied" and not may_be_new else None


def rows(body: Row, table: str) -> list[Row]:
    return [after(one) for one in body["changes"] if one["table"] == table]


def after(change: Row) -> Row:
    return {name: new for name, (_, new) in change["set"].items()}
