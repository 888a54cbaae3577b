"""From hand to hand: "Hands outside", "Drawn signatures" and "Possession" in section 7 of the format."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from tests.second_verifier import names
from tests.second_verifier.entries import Line
from tests.second_verifier.people import ABOUT_KEYS, People, held, roles_in

Row = dict[str, Any]
AWAY = ("CHECKED_OUT", "IMAGED", "UNDER_EXAM", "IN_COURT")
BY_NAME = ("SEIZED", "IN_TRANSIT", "LOST_INCIDENT", "CHECKED_OUT", "IMAGED", "UNDER_EXAM")
TO_THEM = ("dispatch", "transfer_out", "send_back", "go_to_court", "retain_by_court")
ENDED = ("return_to_owner", "forfeit", "archive")
NULL = ("leave_in_place", "image_on_scene", "report_lost", "retain_by_court", "confirm_receipt", *ENDED, "destroy")
NULL_OR_LAST = ("seize", "dispatch", "transfer_out", "send_back", "go_to_court")
TELLS = {"dispatch": ["carrier"], "seize": ["seizing_officer", "officer", "outside_party"], "hand_over": ["receiver"]}
HOLDERS = {"examiner", "exhibits officer", "supervisor"}


@dataclass
class Lab:
    """What the lab chain tells of people at a time."""

    people: People
    lines: list[Line]

    def bodies(self) -> list[Row]:
        """The entries that were read, each with its place from 1; those after the stop tell nothing."""
        read = self.lines if self.people.stop is None else self.lines[: self.people.stop - 1]
        return [line.body for line in read if line.body]

    def is_known(self, time: str) -> bool:
        return bool(self.lines) and (self.people.stop is None or time <= (self.people.known_until or ""))

    def given(self, person: str, time: str) -> Row | None:
        """The entry that gave a person their roles last."""
        given = [body for _, body in self.giving(person) if body["recorded_at"] <= time]
        return given[-1] if given else None

    def giving(self, person: Any) -> list[tuple[int, Row]]:
        """The entries that gave a person roles, each with its place from 1."""
        found = []
        for place, line in enumerate(self.lines, 1):
            if self.people.stop is not None and place >= self.people.stop:
                break
            body = line.body
            if body is None or place in self.people.faults or body["action"] not in ABOUT_KEYS[:2]:
                continue
            if body["facts"]["person"] == person:
                found.append((place, body))
        return found

    def roles_at(self, person: str, time: str) -> set[str] | None:
        """The roles of a person; None where nothing is known of them."""
        given = self.given(person, time)
        return None if given is None else roles_in(given["facts"])

    def has_key(self, person: Any, time: str) -> bool:
        return any(one.person == person and held(one, None, time) for one in self.people.holdings)

    def may_hold(self, time: str) -> list[str]:
        """The names of those with a key who may hold exhibits."""
        if not self.is_known(time):
            return []
        given = [
            self.given(one, time) for one in {one.person for one in self.people.holdings} if self.has_key(one, time)
        ]
        return [one["object"]["label"] for one in given if one and (roles_in(one["facts"]) or set()) & HOLDERS]

    def registered(self, outsider: str, time: str) -> tuple[str | None, set[str]]:
        """The name of somebody in the register, None where they are not in it, and who wrote of them."""
        about = [one for one in self.bodies() if one["object"]["id"] == outsider and one["recorded_at"] <= time]
        acts = [one["action"] for one in about]
        if "outsider.add" not in acts or "outsider.end" in acts:
            return None, set()
        name, written = "", [one for one in about if one["action"] in ("outsider.add", "outsider.change")]
        for body in written:
            for change in body["changes"]:
                if (change["table"], change["id"]) == ("outsider", outsider):
                    told = change["set"].get("name", [None, None])[1]
                    name = told if type(told) is str else name
        return name, {one["actor"]["id"] for one in written}


def is_unsigned_outside(body: Row, event: str, before: Row, row: Row, rules: int, lab: Lab, time: str) -> bool:
    """Whether somebody outside has part in a step and signed neither on a screen nor on a form, or is a signer."""
    facts, roles = body["facts"], [one["role"] for one in body["signers"]]
    meets = event in ENDED
    meets |= event in ("receive", "hand_over") and len(roles) == 1 and not ("offer" in facts and roles == ["receiver"])
    meets |= event in TO_THEM and row.get("holder_id") is None
    nobodys = before.get("holder_id") is None and body["action"] != "image.intake"
    meets |= nobodys and before.get("state") in AWAY
    if rules >= 3 and nobodys:
        lies = before.get("state") in ("STORED", "DISPOSAL_PENDING")
        meets |= before.get("state") == "SEIZED" or (row.get("holder_id") is not None and not lies)
    if not meets:
        return False
    if rules >= 3 and is_passed_wrongly(body, event, before, row):
        return True
    papers = [facts.get("signature_sha256"), facts.get("form_sha256")]
    if rules < 3:
        if not any(is_sha256(one) for one in papers):
            return True
        told = [facts.get(role) for role in ("giver", "receiver", "carrier") if role not in roles]
        old = {same(re.match("[^,(]*", one)[0]) for one in told if isinstance(one, str)}  # type: ignore[index]
        return "outsider" not in facts and bool(old & {same(one["name"]) for one in body["signers"]})
    stays = event in ("dispatch", "transfer_out", "send_back") and row.get("holder_id") is not None
    asked = ["giver", "receiver", "outside_party", "recipient", *([] if stays else ["carrier"])]
    return is_one_of_theirs(body, [facts.get(role) for role in asked if role not in roles], lab, time)


def is_one_of_theirs(body: Row, told: list[Any], lab: Lab, time: str) -> bool:
    """Whether who is told to be outside is of the laboratory, or the register does not tell them apart from those."""
    theirs = None
    if "outsider" in body["facts"]:
        if not lab.is_known(time):
            return False
        theirs, writers = lab.registered(str(body["facts"]["outsider"]), time)
        if theirs is None or writers & {one["person"] for one in body["signers"]}:
            return True
    inside = lab.may_hold(time)
    for one in told:
        if type(one) is not str or one_person(one, theirs):
            continue
        if any(names.is_in(one, slot["name"]) for slot in body["signers"]) or any(
            one_person(one, who) for who in inside
        ):
            return True
    return False


def is_passed_wrongly(body: Row, event: str, before: Row, row: Row) -> bool:
    """Whether of those outside somebody did not sign, and it is not said why, or another gave it than had it."""
    facts, nobodys, had = body["facts"], before.get("holder_id") is None, before.get("holder")
    why = facts.get("unsigned_reason")
    is_excused = has_letter(why) and why in begun_as(body, "deviation", "reason") and event not in ENDED
    if not is_excused and not is_sha256(facts.get("form_sha256")):
        asked = {"dispatch": facts.get("carrier"), "go_to_court": facts.get("court")}.get(event)
        theirs = nobodys and row.get("holder_id") is None and type(asked) is str and type(had) is str
        if not is_sha256(facts.get("signature_sha256")) or (theirs and not one_person(asked, had)):
            return True
    if not nobodys or before.get("state") not in BY_NAME or (event in TO_THEM and row.get("holder_id") is None):
        return False
    gives, incident = facts["giver"] if "giver" in facts else facts.get("outside_party"), facts.get("incident")
    rows = [one for one in begun_as(body, "incident", "what") if has_letter(one)]
    is_told = type(incident) is str and any(one in incident for one in rows)
    return not said(gives) or not (one_person(gives, had) or is_told)


def is_left_with_another(body: Row, event: str, was: Row, row: Row, lab: Lab, time: str) -> bool:
    """Whether a step leaves an exhibit by name alone with somebody who could sign, or with nobody; rules 5."""
    facts, holder = body["facts"], row.get("holder")
    nobody_takes = ("propose_disposal", "reject_disposal", "destroy", *(["image"] * (body["action"] == "image.intake")))
    if row.get("holder_id") is not None or event in nobody_takes:
        return False
    if event not in ENDED and not has_letter(holder):
        return True
    if event == "seize" or holder == was.get("holder") or one_person(holder, was.get("holder")):
        return False
    if not any(one_person(holder, one) for one in lab.may_hold(time)):
        return False
    if "outsider" not in facts:
        return True
    name, writers = lab.registered(str(facts["outsider"]), time)
    return not one_person(holder, name) or bool(writers & {one["person"] for one in body["signers"]})


def is_untied(body: Row, event: str, was: Row, row: Row) -> bool:
    """Whether who is told to have an exhibit after a step is not who has it, or a receipt is missing."""
    facts, has_it, last = body["facts"], row.get("holder_id") is not None, body["signers"][-1]["name"]
    called = event == "call_back" and was.get("state") == "TRANSFERRED"
    if (event == "confirm_receipt" or called) and not is_sha256(facts.get("receipt_sha256")):
        return True
    if event == "seize" and has_it:
        told = facts["seizing_officer"] if "seizing_officer" in facts else facts.get("officer")
        if not one_person(told, last):
            return True
    if event in ("dispatch", "transfer_out", "send_back") and has_it and not naming(facts.get("carrier"), last):
        return True
    return is_anothers(body, event, was, row)


def is_anothers(body: Row, event: str, was: Row, row: Row) -> bool:
    """Whether a step leaves an exhibit with another than its signatures and facts say: *whose it is*."""
    last, holder = body["signers"][-1], row.get("holder")
    untouched = (row.get("holder_id"), holder) == (was.get("holder_id"), was.get("holder"))
    imaged = event == "image" and body["action"] == "image.intake"
    if imaged or event in ("propose_disposal", "reject_disposal"):
        return not untouched
    if event == "call_back":
        wanted = [was.get("holder_id")]
    elif event in NULL or [one["role"] for one in body["signers"]] == ["giver"]:
        wanted = [None]
    else:
        wanted = [last["person"], *([None] if event in NULL_OR_LAST else [])]
    if row.get("holder_id") not in wanted:
        return True
    if row.get("holder_id") is not None:
        return not untouched and holder != last["name"]
    return event != "destroy" and not is_told(body["facts"], event, was, holder)


def is_told(facts: Row, event: str, was: Row, holder: Any) -> bool:
    if event in ENDED:
        recipient = facts.get("recipient")
        return (not said(holder) and not said(recipient)) or are_one(recipient, holder)
    told = [facts.get(name) for name in TELLS.get(event, ["outside_party", "agency", "carrier", "court"])]
    if event in ("report_lost", "call_back", "confirm_receipt"):
        told += [was.get("holder"), was.get("place")]
    if event in ("leave_in_place", "image_on_scene"):
        told.append("Nobody of the laboratory")
    return any(are_one(one, holder) for one in told)


def is_officer_corrected(body: Row, key: str, columns: Row, row: Row, seized: Any) -> bool:
    """Whether a change of `holder` corrects the officer who seized an exhibit: *possession*, last sentences."""
    facts, told = body["facts"], body["facts"].get("corrected")
    if body["action"] != "exhibit.correct_step" or body["object"]["id"] != key or type(told) is not dict:
        return False
    if (
        seized is None
        or facts.get("corrects") != seized
        or (row.get("state"), row.get("holder_id")) != ("SEIZED", None)
    ):
        return False
    pair = told["seizing_officer"] if told.get("seizing_officer") is not None else told.get("officer")
    if type(pair) is not list or len(pair) != 2 or type(pair[1]) is not str or pair[1] != columns["holder"][1]:
        return False
    if any(one_person(pair[1], one["name"]) for one in body["signers"]) or not one_person(pair[0], row.get("holder")):
        return False
    return bool(body["reason"]) and body["reason"] in begun_as(body, "deviation", "reason")


def begun_as(body: Row, table: str, column: str) -> list[str]:
    """The strings that a column of rows of a table becomes from null."""
    pairs = [one["set"].get(column, [None, None]) for one in body["changes"] if one["table"] == table]
    return [new for old, new in pairs if old is None and type(new) is str]


def are_one(one: Any, other: Any) -> bool:
    return type(one) is str and type(other) is str and (one == other or one_person(one, other))


def one_person(one: Any, other: Any) -> bool:
    """Whether two values are texts that name one person."""
    if type(one) is not str or type(other) is not str:
        return False
    return names.are_same(names.before_comma(one), names.before_comma(other))


def naming(told: Any, name: str) -> bool:
    """Whether a value is a text in which this name is."""
    return type(told) is str and names.is_in(told, name)


def said(value: Any) -> bool:
    """Whether a value is a text with more than white space."""
    return type(value) is str and bool(value.strip())


def has_letter(value: Any) -> bool:
    return type(value) is str and any(unicodedata.category(one).startswith("L") for one in value)


def is_sha256(value: Any) -> bool:
    """Whether a value is a digest in 64 hexadecimal digits."""
    return type(value) is str and bool(re.fullmatch("[0-9a-f]{64}", value))


def same(name: str) -> str:
    """A name in the form in which the second rules compare names."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def is_imported(body: Row, holder: Any) -> bool:
    """Whether an exhibit is registered out of the export of another laboratory, and told not to have come from it."""
    facts = body["facts"]
    laboratory = facts.get("laboratory")
    is_told = type(laboratory) is str and holder == laboratory + ", not received here"
    return is_told and body["action"] == "exhibit.add" and is_sha256(facts.get("imported_from_sha256"))
