"""Which acts of custody were not allowed, by "Allowed" in section 7 of the format."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.second_verifier.absent import is_handed_out, is_left_after_transfer, is_taken_over
from tests.second_verifier.begun import begun_by, rules_begun
from tests.second_verifier.desk import RESULTS, Desk
from tests.second_verifier.entries import Line
from tests.second_verifier.hands import (
    BY_NAME,
    HOLDERS,
    Lab,
    is_imported,
    is_left_with_another,
    is_officer_corrected,
    is_sha256,
    is_unsigned_outside,
    is_untied,
    one_person,
)
from tests.second_verifier.keeping import ROLES as KEEPERS
from tests.second_verifier.keeping import Certificates, Erasures
from tests.second_verifier.offers import Offers
from tests.second_verifier.papers import Papers
from tests.second_verifier.people import ABOUT_KEYS, People
from tests.second_verifier.reports import ROLES, Reports
from tests.second_verifier.rows import Rows
from tests.second_verifier.told import Written, decides_in

FORMAT = Path(__file__).parents[2] / "chain_of_custody" / "ledger-format.md"
Row = dict[str, Any]
MEDIUM = "laboratory medium"
REGISTRARS = {"examiner", "exhibits officer"}
BY_REGISTRARS = {
    "exhibit.add", "exhibit.derive", "exhibit.correct", "image.intake", "medium.wipe", "medium.assign", "medium.return",
}  # fmt: skip
BY_SUPERVISORS = {
    "image.decision",
    "incident.close",
    "disposal.approve",
    "custody.reject_disposal",
    "hold.lift",
    *RESULTS,
}
PROPOSED = ("case_id", "exhibit_id", "way", "method", "authority", "recipient", "proposed_by", "proposed_at")
BY_HOLDERS = {"exhibit.correct_step", "transfer.offer", "hold.place"}
TABLES = ("exhibit", "disposal", "legal_hold", "incident", "image")
PLAIN = (
    *TABLES, "deviation", "report", "report_draft", "report_block", "report_review", "capture", "decision",
    "audit_finding", "transfer_offer",
)  # fmt: skip


def steps() -> dict[tuple[str, str], tuple[str, list[str], str, int]]:
    """By state and event: where it leads, who signs, the type that alone may take it, and from which rules on."""
    table = FORMAT.read_text("utf-8").partition("The **steps of custody**;")[2].partition("\n## ")[0]
    found = {}
    for row in re.findall(r"^\| `.*\|$", table, re.MULTILINE):
        event, sources, to, signers = (cell.strip() for cell in row.strip("|").split("|"))
        states, _, only = sources.partition(" (")
        for state in re.findall(r"`(\w+)`", states):
            leads = state if to == "as before" else to.strip("`")
            roles = re.findall(r"`(\w+)`", signers)
            rules = int(only.partition("from rules ")[2][:1] or 1)
            found[state, event.strip("`")] = (leads, roles, "".join(only.split("`")[1:2]), rules)
    return found


STEPS = steps()
ENDS = {event for (_, event), (_, roles, _, _) in STEPS.items() if roles == ["actor", "witness"]}
ABOUT_ONE = {f"custody.{event}" for event in ENDS | {"propose_disposal", "reject_disposal"}} | {"disposal.approve"}


def is_vague(body: Row) -> bool:
    """Whether an entry freezes no records, erases no certain files, or is not about one disposal."""
    if body["action"] == "report.submit":
        return type(body["facts"].get("records")) is not dict
    if body["action"] in ABOUT_ONE:
        return len([one for one in body["changes"] if one["table"] == "disposal"]) != 1
    return body["action"] == "erasure.propose" and not is_sha256(body["facts"].get("files_sha256"))


@dataclass
class Acts:
    """What the entries so far add up to."""

    people: People
    lab: list[Line]
    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in TABLES})
    offers: Offers = field(default_factory=Offers)
    numbers: set[str] = field(default_factory=set)
    makers: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    desk: Desk = field(default_factory=Desk)
    reports: Reports = field(default_factory=Reports)
    erasures: Erasures = field(default_factory=Erasures)
    certificates: Certificates = field(default_factory=Certificates)
    begun: list[tuple[int, Row]] = field(default_factory=list)
    rules: int = 1
    highest: int = 1
    anchored: list[Any] = field(default_factory=list)
    seized: dict[str, Any] = field(default_factory=dict)
    namesakes: set[str] = field(default_factory=set)
    papers: Papers = field(default_factory=Papers)
    explaining: set[tuple[str, str]] = field(default_factory=set)
    kinds: set[bool] = field(default_factory=set)
    written: Written = field(default_factory=Written)
    changed: Rows = field(default_factory=Rows)

    def __post_init__(self) -> None:
        self.told = Lab(self.people, self.lab)

    def roles_at(self, person: str, time: str) -> set[str] | None:
        return self.told.roles_at(person, time)

    def is_wrong(self, line: Line, body: Row, time: str, place: int) -> bool:
        """Whether an entry is a breach; it counts in any case. ``place`` is from 1."""
        ruled = body["action"] == "exhibit.add" or body["action"].startswith("custody.")
        told, body = body, plainly(body)
        misruled = self.is_misruled(body, place, time)
        after = {table: {key: dict(row) for key, row in rows.items()} for table, rows in self.rows.items()}
        changes = [(one["table"], one["id"], one["set"]) for one in body["changes"] if one["table"] in TABLES]
        for table, key, columns in changes:
            if table != "exhibit" or key in after[table] or "state" in columns:
                after[table].setdefault(key, {}).update({name: new for name, (_, new) in columns.items()})
        new = self.with_new_rows(body)
        wrong = [
            told != body,
            self.is_misnamed(body, time, place),
            misruled,
            self.roles(body, time),
            self.step(new, after, time),
            self.held_back(body),
        ]
        if self.rules >= 3 and ruled:
            wrong += [self.papers.is_wrong(body, self.rules, time)]
        accepted = self.offers.named(body) if self.rules >= 5 else {}
        wrong += [self.desk.is_wrong(body, accepted.get("giver")), self.reports.is_wrong(body)]
        if self.rules >= 5:
            state = self.rows["exhibit"].get(body["object"]["id"], {}).get("state")
            wrong += [self.offers.is_wrong(body, state)]
            wrong += [self.written.is_wrong(body, self.rows["exhibit"], self.told, time), is_vague(body)]
        if (self.rules if body["chain_kind"] == "case" else self.highest) >= 5:
            wrong += [self.changed.is_wrong(body, self.told, time, is_step=event_of(body) is not None)]
        self.changed.count(body)
        wrong += [self.erasures.is_wrong(body, time), self.certificates.is_wrong(body)]
        judges = {"exhibit": self.exhibit, "disposal": self.disposal, "legal_hold": self.hold}
        wrong += [judges.get(table, self.decision)(new, table, key, columns, after) for table, key, columns in changes]
        wrong += [self.is_misborn(body, key, columns, time) for table, key, columns in changes if table == "exhibit"]
        self.count(line, body, changes, place)
        self.written.count(line, body)
        self.rows = after
        return any(wrong)

    def is_misnamed(self, body: Row, time: str, place: int) -> bool:
        """Whether somebody acts or signs under another name than that by which they were enrolled; rules 5."""
        if (self.rules if body["chain_kind"] == "case" else self.highest) < 5:
            return False
        people = [(body["actor"]["id"], body["actor"]["name"])]
        people += [(one["person"], one["name"]) for one in body["signers"]]
        given = [(self.told.given(person, time), name) for person, name in people]
        if any(one is not None and one["object"]["label"] != name for one, name in given):
            return True
        if body["chain_kind"] != "lab" or body["action"] not in ABOUT_KEYS[:2]:
            return False
        places = {number: one["object"]["label"] for number, one in self.told.giving(body["facts"].get("person"))}
        before = [name for number, name in places.items() if number < place]
        return place in places and bool(before) and before[-1] != places[place]

    def is_misborn(self, body: Row, key: str, columns: Row, time: str) -> bool:
        """Whether an exhibit comes into being with a number that is taken, or in the hands of somebody else."""
        row = {name: new for name, (_, new) in columns.items()}
        if key in self.rows["exhibit"] or not {"state", "holder_id"} & set(columns):
            return False
        number, holder = row.get("number"), row.get("holder")
        if type(number) is str and number in self.numbers:
            return True
        if self.rules < 5:
            return False
        if row.get("holder_id") is not None:
            is_theirs = holder == body["actor"]["name"] or is_imported(body, holder)
        else:
            is_theirs = not any(one_person(holder, one) for one in self.told.may_hold(time))
        return not is_theirs or type(number) is not str or not number.strip()

    def with_new_rows(self, body: Row) -> Row:
        """The entry; from rules 4 on without the deviations and incidents that an entry before it changed."""
        about = [(one["table"], one["id"]) for one in body["changes"]]
        old = {one for one in about if one in self.explaining} if self.rules >= 4 else set()
        self.explaining |= {one for one in about if one[0] in ("deviation", "incident")}
        return {**body, "changes": [one for one, place in zip(body["changes"], about, strict=True) if place not in old]}

    def is_misruled(self, body: Row, place: int, time: str) -> bool:
        """Whether an entry states its rules wrongly; afterwards the rules are those that hold for it."""
        action, told = body["action"], body["facts"].get("custody_rules")
        if action == "case.anchor" and body["chain_kind"] == "lab":
            self.anchored.append(body["facts"].get("chain"))
        if action == "lab.rules":
            number = rules_begun(body, self.highest, self.anchored, self.told, time)
            self.highest = number or self.highest
            return number is None
        if body["chain_kind"] == "case":
            starts = [number for number, before in self.begun if place > before.get(body["chain"], 0)]
            self.rules = max([self.rules, *starts])
        is_step = action.startswith("custody.") and action != "custody.refused"
        if not is_step and action != "exhibit.add":
            return False
        if "custody_rules" not in body["facts"]:
            return is_step and self.rules >= 3
        if type(told) is not int or told not in (1, 2, 3, 4, 5) or told < self.rules:
            return True
        self.rules = told
        return False

    def count(self, line: Line, body: Row, changes: list[tuple[str, str, Row]], place: int) -> None:
        for table, key, columns in changes:
            is_there = key in self.rows["exhibit"] or "state" in columns
            if table == "exhibit" and is_there and "number" in columns and type(columns["number"][1]) is str:
                self.numbers.add(columns["number"][1])
            if table == "exhibit" and "holder" in columns:
                (self.namesakes.add if "outsider" in body["facts"] else self.namesakes.discard)(key)
                if body["action"] != "exhibit.correct_step":
                    self.seized[key] = body["sequence"] if body["action"] == "custody.seize" else None
        giver = self.offers.named(body).get("giver")
        for table, key, _ in changes:
            if table in ("incident", "image") and key not in self.rows[table]:
                self.makers[table, key] = {one["person"] for one in body["signers"]} | {giver}
        self.offers.count(line.digest, body, is_step=event_of(body) is not None, place=place)

    def roles(self, body: Row, time: str) -> bool:
        action = body["action"]
        needed: set[str] = {ROLES[action]} if action in ROLES else KEEPERS.get(action, set())
        if action in BY_REGISTRARS:
            needed = REGISTRARS
        elif action in BY_SUPERVISORS:
            needed = {"supervisor"}
        elif action in BY_HOLDERS or (action.startswith("custody.") and action != "custody.refused"):
            needed = HOLDERS
        judged = [one for one in body["signers"] if one["role"] != "witness" or one["person"] == body["actor"]["id"]]
        held_roles = [self.roles_at(one["person"], time) for one in judged]
        return bool(needed) and any(roles is not None and not roles & needed for roles in held_roles)

    def exhibit(self, body: Row, _: str, key: str, columns: Row, after: Any) -> bool:
        before = self.rows["exhibit"].get(key)
        if before is None:
            return bool({"state", "holder_id"} & set(columns)) and self.birth(body, key, columns)
        if {"case_id", "number", "parent_id"} & set(columns) or ("type" in columns and MEDIUM in columns["type"]):
            return True
        if self.rules >= 5 and {"image", "export"} & {*columns.get("type", [])}:
            return True
        elsewhere = event_of(body) is None or body["object"]["id"] != key
        if self.rules >= 3 and "holder" in columns and elsewhere:
            seized = self.seized.get(key)
            return bool({"state", "holder_id"} & set(columns)) or not is_officer_corrected(
                body, key, columns, before, seized
            )
        return bool({"state", "holder_id"} & set(columns)) and (event_of(body) is None or body["object"]["id"] != key)

    def birth(self, body: Row, key: str, columns: Row) -> bool:
        row = {name: new for name, (_, new) in columns.items()}
        if body["action"] in ("exhibit.add", "exhibit.derive"):
            self.kinds.add(row.get("type") == MEDIUM)
        mixed = len(self.kinds) > 1
        if row.get("case_id") != body["chain"]:
            return True
        if body["action"] == "exhibit.add":
            return mixed or (row.get("state"), row.get("holder_id")) != ("IDENTIFIED", body["actor"]["id"])
        if body["action"] == "exhibit.derive":
            return mixed or key != body["object"]["id"] or not self.derived(body["actor"]["id"], row)
        made_of = (row.get("type"), row.get("state"), row.get("parent_id"))
        held = self.rules >= 4 and row.get("holder_id") is not None
        return held or body["action"] != "image.intake" or made_of != ("image", "STORED", body["object"]["id"])

    def derived(self, actor: str, row: Row) -> bool:
        parent = self.rows["exhibit"].get(row.get("parent_id"), {})
        if (row.get("state"), row.get("holder_id")) != ("UNDER_EXAM", actor):
            return False
        if parent.get("type") == "image":
            return bool(row.get("type") == "export")
        works = parent.get("state") in ("CHECKED_OUT", "IMAGED", "UNDER_EXAM") and parent.get("holder_id") == actor
        return works and row.get("type") not in ("image", "export")

    def step(self, body: Row, after: Any, time: str) -> bool:
        event, key = event_of(body), body["object"]["id"]
        if event is None:
            return False
        before = self.rows["exhibit"].get(key)
        if before is None:
            return True
        state, holder, facts = before.get("state"), before.get("holder_id"), body["facts"]
        leads, asked, only, from_rules = STEPS.get((str(state), event), ("", [], "", 1))
        if not leads or only not in ("", before.get("type")) or self.rules < from_rules:
            return True
        if state == "RECEIVED" and holder is None and event != "call_back":
            return True
        if body["action"] == "image.intake" and event not in ("image", "image_on_scene"):
            return True
        told = [facts.get(name) for name in ("event", "from_state", "to_state")]
        row = after["exhibit"][key]
        hands = (None, holder, body["signers"][-1]["person"])
        first = body["signers"][0]
        by_name = self.rules >= 3 and holder is None and state in BY_NAME and key not in self.namesakes
        offer = self.offers.named(body)
        if first["role"] == "receiver":
            first = {"person": offer.get("giver"), "name": offer.get("name")} if offer.get("exhibit") == key else {}
        if by_name and first.get("person") and one_person(before.get("holder"), first["name"]):
            holder = first["person"]
        if self.rules >= 3 and is_handed_out(self.told, first.get("person"), before, time):
            holder = first["person"]
        wrong = row.get("state") != leads or told != [event, state, leads] or row.get("holder_id") not in hands
        if self.rules >= 3 and is_untied(body, event, before, row):
            return True
        if self.rules >= 3 and is_left_after_transfer(body, event, before, self.rules):
            return True
        if self.rules >= 5 and is_left_with_another(body, event, before, row, self.told, time):
            return True
        before = {**before, "holder_id": holder}
        if self.rules > 1 and is_unsigned_outside(body, event, before, row, self.rules, self.told, time):
            return True
        handed = (row.get("holder_id"), state)
        return wrong or not self.is_signed(body, event, asked, holder, time, handed)

    def is_signed(self, body: Row, event: str, asked: list[str], holder: Any, time: str, handed: Any) -> bool:
        roles, people = [one["role"] for one in body["signers"]], [one["person"] for one in body["signers"]]
        if len(set(people)) != len(people):
            return False
        if self.rules >= 5 and "offer" in body["facts"] and roles != ["receiver"]:
            return False
        if event == "take_over":
            return is_taken_over(self.told, body, roles, holder, time)
        if event in ENDS:
            ended = any(one["table"] == "disposal" for one in body["changes"])
            if people[0] != body["actor"]["id"]:
                return False
            free = holder is None or holder in people or not self.told.has_key(holder, time)
            return roles == ["actor", "witness"] and free and ended
        if roles == ["giver", "receiver"]:
            return bool(people[0] == holder)
        if roles == ["receiver"] and "offer" in body["facts"]:
            offer = self.offers.named(body)
            if self.rules >= 5 and (offer.get("receiver") != people[0] or self.offers.has_lapsed(offer, handed[1])):
                return False
            is_this = (offer.get("exhibit"), offer.get("event")) == (body["object"]["id"], event)
            gone = self.rules >= 5 and self.told.is_known(time) and not self.told.has_key(offer.get("giver"), time)
            return is_this and holder is not None and offer.get("giver") == holder != people[0] and not gone
        if self.rules > 1 and event == "hand_over" and roles == ["giver"]:
            if "offer" in body["facts"]:
                return False
            return people[0] == holder and handed[0] is None and handed[1] not in ("RECEIVED", "REFUSED")
        if roles == ["receiver"]:
            return event in ("receive", "hand_over" if self.rules > 1 else "") and holder is None
        unasked = ("image", "image_on_scene", "propose_disposal", "reject_disposal")
        return roles == asked == ["actor"] and (event in unasked or holder in (None, people[0]))

    def disposal(self, body: Row, table: str, key: str, columns: Row, after: Any) -> bool:
        before, row = self.rows[table].get(key, {}), after[table][key]
        action, actor = body["action"], body["actor"]["id"]
        if row.get("exhibit_id") != body["object"]["id"]:
            return True
        if before and any(before.get(name) != row.get(name) for name in PROPOSED):
            return True
        told, recipient = body["facts"].get("recipient") or "", row.get("recipient") or ""
        is_end = action in {f"custody.{event}" for event in ENDS}
        if self.rules >= 5 and (is_end or action == "custody.propose_disposal") and told != recipient:
            return True
        if (
            self.rules >= 5
            and is_end
            and action != "custody.destroy"
            and not (type(recipient) is str and recipient.strip())
        ):
            return True
        arrow = (before.get("state"), row.get("state"))
        if arrow == (None, "proposed"):
            return action != "custody.propose_disposal" or row.get("proposed_by") != actor
        if arrow == ("proposed", "approved") or arrow in (("proposed", "rejected"), ("approved", "rejected")):
            wanted = "disposal.approve" if arrow[1] == "approved" else "custody.reject_disposal"
            return action != wanted or row.get("decided_by") != actor or row.get("proposed_by") == actor
        if arrow != ("approved", "carried out") or action != f"custody.{row.get('way')}":
            return True
        return row.get("decided_by") == actor or row.get("decided_by") != before.get("decided_by")

    def hold(self, body: Row, table: str, key: str, columns: Row, after: Any) -> bool:
        if key not in self.rows[table]:
            return body["action"] != "hold.place" or after[table][key].get("lifted_at") is not None
        return body["action"] != "hold.lift" or bool({"case_id", "exhibit_id"} & set(columns))

    def held_back(self, body: Row) -> bool:
        ends = {f"custody.{event}" for event in ENDS | {"propose_disposal"}} | {"disposal.approve"}
        line, one = [None], body["object"]["id"]
        while one not in line:
            line.append(one)
            one = self.rows["exhibit"].get(one, {}).get("parent_id")
        kept = [row for row in self.rows["legal_hold"].values() if row.get("lifted_at") is None]
        return body["action"] in ends and any(row.get("exhibit_id") in line for row in kept)

    def decision(self, body: Row, table: str, key: str, columns: Row, after: Any) -> bool:
        if table == "incident":
            action, decided = "incident.close", decides_in(columns)
        else:
            decided = key in self.rows[table] and columns.get("integrity", [0, None])[1] not in (
                None,
                "integrity failed",
            )
            action = "image.decision"
        return decided and (body["action"] != action or body["actor"]["id"] in self.makers.get((table, key), set()))


def plainly(body: Row) -> Row:
    """The entry with null in the place of arrays and objects in the columns of the rows that are judged."""
    changes = [
        {**one, "set": {name: [None if type(value) in (list, dict) else value for value in pair]
                        for name, pair in one["set"].items()}}
        if one["table"] in PLAIN else one
        for one in body["changes"]
    ]  # fmt: skip
    return {**body, "changes": changes}


def event_of(body: Row) -> str | None:
    """The event of a step of an exhibit; None for any other entry."""
    action, told = body["action"], body["facts"].get("event")
    if body["object"]["kind"] != "exhibit":
        return None
    if action == "image.intake":
        return told if type(told) is str else None
    return action.removeprefix("custody.") if action.startswith("custody.") and action != "custody.refused" else None


def breaches(
    lines: list[Line], people: People, lab: list[Line], begun: list[tuple[int, Row]] | None = None
) -> list[int]:
    """The places, from 0, of the entries of a chain that were not allowed; ``begun`` is by ``lab`` if None."""
    acts, latest, found = Acts(people, lab, begun=begun_by(lab, people) if begun is None else begun), "", []
    head = ""
    for place, line in enumerate(lines):
        if line.withheld:
            acts.reports.heads.add(head)
            acts.written.is_gapped = acts.changed.is_gapped = True
        head = line.digest
        if line.withheld:
            continue
        if line.body is None:
            break
        latest = max(latest, line.body["recorded_at"])
        if acts.is_wrong(line, line.body, latest, place + 1):
            found.append(place)
    return found
