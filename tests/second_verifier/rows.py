"""Who makes and changes which rows of the record: "Rows" in section 7 of the format, from rules 5 on."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.second_verifier.hands import Lab
from tests.second_verifier.tellings import is_digest, is_time, tells_no_time

FORMAT = Path(__file__).parents[2] / "chain_of_custody" / "ledger-format.md"
Row = dict[str, Any]
NAMES = (("exhibit_id", "exhibit"), ("image_id", "image"), ("scene_id", "scene"), ("draft_id", "report_draft"))


def cells_of(heading: str) -> list[list[str]]:
    """The cells of the table behind a heading, but those of its first two lines."""
    rest = FORMAT.read_text("utf-8").partition(f"**{heading}** under the fifth rules")[2].partition("\n\n|")[2]
    lines = rest.partition("\n\n")[0].split("\n")[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def words_in(cell: str) -> list[str]:
    return [one or other for one, other in re.findall(r"`([^`]+)`|\b(a step)\b", cell)]


def changers_in(cell: str) -> dict[str, set[str]]:
    """By action, the columns that it changes."""
    found: dict[str, set[str]] = {}
    for part in cell.split(";"):
        actions, _, columns = part.partition(":")
        for action in words_in(actions):
            found.setdefault(action, set()).update(words_in(columns))
    return found


WRITES = {
    words_in(table)[0]: (chains, words_in(made), changers_in(changed), words_in(signs))
    for table, chains, made, changed, signs in cells_of("Who writes what")
}
HOLDS = [
    (words_in(table)[0], words_in(name)[0], words_in(words)) for table, name, words in cells_of("What columns hold")
]
"""Table, column, and the words of which it holds one; none where it holds a time."""
DIGESTS = {
    ("exhibit.photo", "photo"): [("sha256", "sha256")],
    ("image.intake", "image"): [("md5", "media_md5"), ("sha1", "media_sha1"), ("sha256", "media_sha256")],
}
MAY = {action: {*words_in(roles)} for roles, actions in cells_of("Who may write") for action in words_in(actions)}


@dataclass
class Rows:
    """The rows that entries changed, and whether one was withheld."""

    there: set[tuple[str, str]] = field(default_factory=set)
    is_gapped: bool = False
    numbers: dict[str, str] = field(default_factory=dict)

    def is_wrong(self, body: Row, lab: Lab, time: str, *, is_step: bool) -> bool:
        """Whether an entry changes rows as no such entry may, by rules 5."""
        if (
            self.is_mislabelled(body)
            or tells_no_time(body["facts"], is_step=is_step)
            or not is_time(body["recorded_at"])
            or (is_step and is_papered_otherwise(body))
        ):
            return True
        if not body["changes"]:
            return False
        actor, signers, may = body["actor"]["id"], body["signers"], MAY.get(body["action"], set())
        wrong = signers[0]["person"] != actor
        for one in signers:
            roles = lab.roles_at(one["person"], time)
            asked = bool(may) and (one["role"] != "witness" or one["person"] == actor)
            wrong |= asked and roles is not None and not roles & may
        return bool(wrong) or any(self.row_is_wrong(body, one, is_step) for one in body["changes"])

    def is_mislabelled(self, body: Row) -> bool:
        """Whether an entry names another exhibit than the one that it is about."""
        kind, key, label = (body["object"][name] for name in ("kind", "id", "label"))
        judged = bool(body["changes"]) or body["action"].startswith(("custody.", "transfer."))
        number = numbers_in(body).get(key, self.numbers.get(key))
        return judged and kind == "exhibit" and number is not None and number != label

    def row_is_wrong(self, body: Row, change: Row, is_step: bool) -> bool:
        chains, made, changed, signs = WRITES.get(change["table"], ("", [], {}, []))
        if body["chain_kind"] not in chains.split():
            return True
        if change["table"] == "case_file" and change["id"] != body["chain"]:
            return True
        set_to = {name: new for name, (_, new) in change["set"].items() if new is not None}
        for table, name, words in HOLDS:
            here = table == change["table"] and name in set_to
            if here and not (set_to[name] in words if words else is_time(set_to[name])):
                return True
        digests = {"capture": ("tool_sha256", "output_sha256"), "paper": ("sha256",)}.get(change["table"], ())
        if not all(map(is_digest, map(set_to.get, digests))):
            return True
        people = [None, *(one["person"] for one in body["signers"])]
        if any(name in signs and new not in people for name, (_, new) in change["set"].items()):
            return True
        kinds = [body["action"], *(["a step"] if is_step else [])]
        is_there = (change["table"], change["id"]) in self.there
        makes = any(one in made for one in kinds)
        columns = {name for one in kinds for name in changed.get(one, set())}
        is_change = {*change["set"]} <= columns
        if body["action"] in ("image.intake", "image.check", "image.check_part"):
            said = {(change["table"], name): json.dumps(new) for name, (_, new) in change["set"].items()}
            is_change &= said.get(("image", "integrity"), '"integrity failed"') == '"integrity failed"'
            is_change &= said.get(("exhibit", "integrity_failed"), "1") == "1"
        if is_there:
            return not is_change
        if self.is_gapped and not makes:
            return not is_change
        return not makes or self.birth_is_wrong(body, change, is_step)

    def birth_is_wrong(self, body: Row, change: Row, is_step: bool) -> bool:
        row = {name: new for name, (_, new) in change["set"].items()}
        wrong = False
        if not self.is_gapped:
            wrong = any(old is not None for old, _ in change["set"].values())
        if body["chain_kind"] != "case":
            return wrong
        wrong |= row.get("case_id", body["chain"]) != body["chain"]
        near = [(one["table"], one["id"]) for one in body["changes"]]
        named = [(table, row[name]) for name, table in NAMES if row.get(name) is not None]
        if not self.is_gapped:
            wrong |= any(one not in near and one not in list(self.there) for one in named)
        told = DIGESTS.get((body["action"], change["table"]), [])
        wrong |= any(row.get(name) != body["facts"].get(fact) for name, fact in told)
        if is_step and change["table"] in ("incident", "paper"):
            wrong |= row.get("exhibit_id", body["object"]["id"]) != body["object"]["id"]
        return wrong

    def count(self, body: Row) -> None:
        self.there |= {(one["table"], one["id"]) for one in body["changes"]}
        self.numbers |= numbers_in(body)


def is_papered_otherwise(body: Row) -> bool:
    """Whether the papers that a step keeps are not those, one each, whose digests it tells."""
    kept = [{name: new for name, (_, new) in one["set"].items()} for one in body["changes"] if one["table"] == "paper"]
    told = {kind: body["facts"].get(f"{kind}_sha256") for kind in ("receipt", "form", "signature")}
    wanted = [(kind, digest) for kind, digest in told.items() if digest is not None and digest != ""]
    if any(type(digest) is not str for _, digest in wanted) or any(type(one.get("kind")) is not str for one in kept):
        return True
    found = [(one["kind"], one.get("sha256")) for one in kept]
    return len(found) != len(wanted) or any(one not in found for one in wanted)


def numbers_in(body: Row) -> dict[str, str]:
    """The numbers that an entry writes of exhibits, by id."""
    told = {one["id"]: one["set"]["number"][1] for one in body["changes"]
            if one["table"] == "exhibit" and "number" in one["set"]}  # fmt: skip
    return {key: number for key, number in told.items() if type(number) is str}
