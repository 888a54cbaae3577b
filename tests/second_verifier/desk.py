"""Which decisions of the desk were not allowed, by "Desk" in section 7 of the format."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
RESULTS = {"desk.approve": 1, "desk.return": 0}
KINDS = {
    "deviation": "deviation", "report": "report", "verification": "failed verification", "tool": "unvalidated tool",
    "audit_finding": "audit finding",
}  # fmt: skip


@dataclass
class Desk:
    """The rows that decisions are about, as they were made, each with the entry that made it."""

    made: dict[str, dict[str, tuple[Row, Row]]] = field(default_factory=dict)
    verifications: list[Row] = field(default_factory=list)
    givers: dict[str, str] = field(default_factory=dict)

    def is_wrong(self, body: Row, giver: str | None = None) -> bool:
        """Whether an entry is a breach; it counts in any case. ``giver`` signed the offer it accepts, by rules 5."""
        new = [one for one in body["changes"] if one["table"] == "decision"]
        if body["action"] in RESULTS:
            wrong = len(new) != 1 or self.is_badly_made(body, new[0]["id"], after(new[0]))
        else:
            wrong = bool(new)
        if body["action"] == "lab.verify":
            self.verifications.append(body)
        for one in body["changes"]:
            if giver and one["table"] == "deviation" and one["id"] not in self.made.get("deviation", {}):
                self.givers[one["id"]] = giver
            self.made.setdefault(one["table"], {}).setdefault(one["id"], (after(one), body))
        return wrong

    def is_badly_made(self, body: Row, key: str, row: Row) -> bool:
        before = self.made.get("decision", {})
        approved, comment, matter = (row.get(name) for name in ("approved", "comment", "matter"))
        stands = key not in before and [one["role"] for one in body["signers"]] == ["actor"]
        stands &= approved is not True and approved is not False and approved == RESULTS[body["action"]]
        stands &= row.get("decided_by") == body["actor"]["id"] and type(comment) is str and comment != ""
        stands &= row.get("case_id") == (None if body["chain_kind"] == "lab" else body["chain"])
        if not stands or type(matter) is not str or any(one.get("matter") == matter for one, _ in before.values()):
            return True
        begin, _, rest = matter.partition(":")
        if KINDS.get(begin) != row.get("kind"):
            return True
        owners = self.tool_owners(body["chain"], matter) if begin == "tool" else self.owners(begin, rest)
        return owners is None or body["actor"]["id"] in owners

    def owners(self, begin: str, rest: str) -> set[Any] | None:
        """Whose a deviation, report, finding of an audit or verification is; None where it is not there."""
        if begin == "verification":
            found = [one for one in self.verifications if str(one["sequence"]) == rest]
            return {one["person"] for one in found[-1]["signers"]} if found else None
        row, maker = self.made.get(begin, {}).get(rest, (None, None))
        if row is None or maker is None:
            return None
        also = self.givers.get(rest) if begin == "deviation" else None
        return {one["person"] for one in maker["signers"]} | {row.get("author_id"), also}

    def tool_owners(self, chain: str, matter: str) -> set[Any] | None:
        actors = []
        for row, maker in self.made.get("capture", {}).values():
            tool, version, digest = (text(row.get(name)) for name in ("tool", "tool_version", "tool_sha256"))
            if matter == f"tool:{chain}:{tool} {version}:{digest}":
                actors.append(maker["actor"]["id"])
        for row, maker in self.made.get("image", {}).values():
            tool = text(row.get("tool"))
            if matter == f"tool:{chain}:{tool}{'' if ' ' in tool else ' '}:":
                actors.append(maker["actor"]["id"])
        return (set(actors) if len(set(actors)) == 1 else set()) if actors else None


def after(change: Row) -> Row:
    return {name: new for name, (_, new) in change["set"].items()}


def text(value: Any) -> str:
    return value if type(value) is str else ""
