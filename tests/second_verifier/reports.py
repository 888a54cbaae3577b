"""Which acts about reports were not allowed, by "Reports" in section 7 of the format."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.second_verifier.desk import after

FORMAT = Path(__file__).parents[2] / "chain_of_custody" / "ledger-format.md"
Row = dict[str, Any]


def arrows() -> dict[str, tuple[list[str], str, set[str], str]]:
    """By action: from where, to where, which columns change, and the role of who signs, as the format has it."""
    table = FORMAT.read_text("utf-8").partition("The **steps of reports**;")[2].partition("The **steps of custody**")[0]
    found = {}
    for row in re.findall(r"^\| `report\..*\|$", table, re.MULTILINE):
        action, sources, to, columns, role = (cell.strip() for cell in row.strip("|").split("|"))
        cells = [re.findall(r"`([\w .]+)`", cell) for cell in (action, sources, to, columns, role)]
        found[cells[0][0]] = (cells[1], "".join(cells[2]), set(cells[3]), cells[4][0])
    return found


ARROWS = arrows()
ROLES = {"report.draft": "examiner", "report.edit": "examiner"} | {name: one[3] for name, one in ARROWS.items()}
UNWRITTEN = {"state", "author_id", "case_id", "number", "begun_at", "submitted_at", "report_id"}


@dataclass
class Reports:
    """What the entries so far add up to: rows by table and id, and who signed what of a draft."""

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    wrote: dict[str, set[str]] = field(default_factory=dict)
    approved: dict[str, str] = field(default_factory=dict)
    frozen: dict[str, Any] = field(default_factory=dict)
    heads: set[str] = field(default_factory=set)
    is_of_drafts: bool = False

    def is_wrong(self, body: Row) -> bool:
        """Whether an entry is a breach; it counts in any case."""
        self.heads.add(body["previous"])
        mine = {name: [one for one in body["changes"] if one["table"] == name] for name in TABLES}
        draft = subject(body, mine["report"])
        wrong = any((
            self.draft(body, draft, mine["report_draft"]),
            self.other_content(body, draft, mine["report_review"]),
            any(self.block(body, draft, one) for one in mine["report_block"]),
            self.review(body, draft, mine["report_review"]),
            any(self.report(body, draft, one) for one in mine["report"]),
        ))  # fmt: skip
        self.count(body, draft, mine)
        return wrong

    def known(self, table: str) -> dict[str, Row]:
        return self.rows.setdefault(table, {})

    def draft(self, body: Row, key: str | None, changes: list[Row]) -> bool:
        action, before = body["action"], self.known("report_draft").get(key or "")
        if any(one["id"] != key for one in changes):
            return True
        if key is None:
            return False
        row = after(changes[0]) if changes else {}
        if action == "report.draft":
            born = {"state": "draft", "author_id": body["actor"]["id"], "case_id": body["chain"]}
            wrong = before is not None or any(row.get(name) != value for name, value in born.items())
        elif before is None:
            return True
        elif action == "report.edit":
            wrong = before.get("state") not in ("draft", "returned") or bool(UNWRITTEN & set(row))
        else:
            wrong = self.step(body, before, row)
        wanted = ["actor", "witness"] if action == "report.issue" else ["actor"]
        return wrong or [one["role"] for one in body["signers"]] != wanted

    def other_content(self, body: Row, key: str | None, reviews: list[Row]) -> bool:
        if key not in self.frozen or body["action"] not in ("report.approve", "report.issue"):
            return False
        told = [body["facts"]] + ([after(one) for one in reviews] if body["action"] == "report.approve" else [])
        return any(one.get("content_sha256") != self.frozen[key] for one in told)

    def step(self, body: Row, before: Row, row: Row) -> bool:
        action, actor = body["action"], body["actor"]["id"]
        sources, to, columns, _ = ARROWS[action]
        if before.get("state") not in sources or row.get("state") != to or not set(row) <= columns:
            return True
        if action == "report.submit":
            return bool({**before, **row}.get("author_id") != actor)
        if action == "report.issue":
            return bool(row.get("report_id") != body["object"]["id"] or before.get("author_id") != actor)
        return False

    def block(self, body: Row, key: str | None, change: Row) -> bool:
        told = after(change).get("draft_id")
        before = self.known("report_block").get(change["id"], {}).get("draft_id")
        of_it = told if before is None else before
        return body["action"] not in ("report.draft", "report.edit") or key is None or {of_it, told} - {None} != {key}

    def review(self, body: Row, key: str | None, changes: list[Row]) -> bool:
        said = {"report.approve": 1, "report.return": 0}.get(body["action"])
        if said is None:
            return bool(changes)
        if len(changes) != 1 or changes[0]["id"] in self.known("report_review"):
            return True
        row = after(changes[0])
        right = row.get("draft_id") == key and row.get("reviewer_id") == body["actor"]["id"]
        right &= type(row.get("approved")) is int and row.get("approved") == said
        return not right or body["actor"]["id"] in self.wrote.get(key or "", set())

    def report(self, body: Row, key: str | None, change: Row) -> bool:
        row, people = after(change), [one["person"] for one in body["signers"]]
        if change["id"] in self.known("report") or body["action"] != "report.issue":
            return True
        if row.get("ledger_head") is not None and row["ledger_head"] not in list(self.heads):
            return True
        if row.get("draft_id") is None:
            return self.is_of_drafts or self.tells_drafts(body, {"report": [change]})
        if [row.get("author_id"), row.get("authoriser_id")] != people or row.get("case_id") != body["chain"]:
            return True
        approver = self.approved.get(key or "")
        return approver is None or approver in self.wrote.get(key or "", set()) or approver != people[-1]

    def tells_drafts(self, body: Row, mine: dict[str, list[Row]]) -> bool:
        newer = any(NEWER & set(after(one)) or "content_sha256" in body["facts"] for one in mine["report"])
        return newer or any(mine.get(name) for name in TABLES[:3])

    def count(self, body: Row, key: str | None, mine: dict[str, list[Row]]) -> None:
        action = body["action"]
        self.is_of_drafts |= self.tells_drafts(body, mine)
        is_known = key in self.known("report_draft") or action == "report.draft"
        if key is not None and is_known:
            self.known("report_draft").setdefault(key, {})
            if action in ("report.draft", "report.edit", "report.submit"):
                self.wrote.setdefault(key, set()).update(one["person"] for one in body["signers"])
            if action == "report.submit":
                self.frozen.pop(key, None)
                if type(body["facts"].get("records")) is dict:
                    self.frozen[key] = body["facts"].get("content_sha256", "")
            if action == "report.approve":
                self.approved[key] = body["actor"]["id"]
        for table, changes in mine.items():
            for one in changes:
                if table != "report_draft" or one["id"] in self.known(table):
                    self.known(table).setdefault(one["id"], {}).update(after(one))


NEWER = {"kind", "draft_id", "authoriser_id", "replaces_id", "changes"}
TABLES = ("report_draft", "report_block", "report_review", "report")


def subject(body: Row, reports: list[Row]) -> str | None:
    """The draft that an entry is about."""
    if body["action"] == "report.issue":
        named = after(reports[0]).get("draft_id") if len(reports) == 1 else None
        return named if type(named) is str else None
    if body["object"]["kind"] != "report_draft" or body["action"] not in ROLES:
        return None
    return str(body["object"]["id"])
