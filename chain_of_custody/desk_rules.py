"""Whether what was decided on the supervisor's desk was decided as it may be: once, and not about one's own act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json

DECISION: Final = "decision"
CAPTURE: Final = "capture"
DEVIATION: Final = "deviation"
REPORT: Final = "report"
FINDING: Final = "audit_finding"
VERIFY: Final = "lab.verify"
APPROVED: Final = {"desk.approve": 1, "desk.return": 0}
"""The actions of the desk, and what the column ``approved`` holds after them."""
ON_THE_DESK: Final = (DECISION, CAPTURE, DEVIATION, REPORT, FINDING)
"""Tables whose rows tell what is decided on the desk."""
_IMAGE: Final = "image"
_PREFIXES: Final = {
    "deviation": "deviation:",
    "report": "report:",
    "audit finding": "audit_finding:",
    "unvalidated tool": "tool:",
    "failed verification": "verification:",
}
"""How a matter begins, by the kind of it."""


class Desk:
    """What waited on the desk, by whose acts, and what was decided."""

    def __init__(self) -> None:
        """Begin with an empty desk."""
        self._rows: set[tuple[str, str]] = set()
        self._matters: dict[str, list[frozenset[Json]]] = {}  # by matter: for each act of it, whose it was
        self._decided: set[str] = set()

    def take(self, content: Content, giver: str | None = None) -> Iterator[str]:
        """Say what was not allowed about the decisions of an entry, and count it.

        Args:
            content: the entry.
            giver: who signed the offer that the entry accepts, if it does: its deviations are theirs, too.
        """
        decisions = [change for change in content.changes if change.table == DECISION]
        if content.action in APPROVED and len(decisions) != 1:
            yield f"{content.action} holds {len(decisions)} decisions, not one."
        for change in decisions:
            yield from self._of_decision(content, change)
        self._count(content, giver)

    def _of_decision(self, content: Content, change: Change) -> Iterator[str]:
        action, row = content.action, change.after
        if action not in APPROVED:
            yield f"{action} makes or changes a decision of the desk, which only desk.approve and desk.return make."
            return
        if (DECISION, change.id) in self._rows:
            yield f"{action} changes a decision that was made before."
            return
        if tuple(slot.role for slot in content.signers) != ("actor",):
            yield f"{action} needs the signature of who decides, and no other."
        case = content.chain if content.chain_kind == "case" else None
        stated = (row.get("decided_by"), row.get("case_id")) == (content.actor.id, case)
        is_said = type(row.get("approved")) is int and row.get("approved") == APPROVED[action]
        if not (stated and is_said and _text(row.get("comment"))):
            yield f"{action} states another result, person or case than its own, or gives no comment."
        yield from self._of_matter(content, row.get("kind"), row.get("matter"))

    def _of_matter(self, content: Content, kind: Json, matter: Json) -> Iterator[str]:
        prefix = _PREFIXES.get(kind) if type(kind) is str else None
        acts = self._matters.get(matter) if type(matter) is str else None
        if type(matter) is not str or prefix is None or not matter.startswith(prefix) or acts is None:
            yield f"{content.action} decides about something that did not wait for a decision."
            return
        if matter in self._decided:
            yield f"{content.action} decides again about what was decided before."
        if all(content.actor.id in people for people in acts):
            yield f"{content.actor.name} decides about their own act: {matter}."

    def _count(self, content: Content, giver: str | None) -> None:
        signers = frozenset(slot.person for slot in content.signers)
        if content.action == VERIFY:
            self._matters[f"verification:{content.sequence}"] = [signers]
        for change in content.changes:
            if change.table not in (*ON_THE_DESK, _IMAGE) or (change.table, change.id) in self._rows:
                continue
            self._rows.add((change.table, change.id))
            row = change.after
            if change.table == DECISION:
                self._decided.add(_text(row.get("matter")))
            elif change.table in (DEVIATION, REPORT, FINDING):
                whose = {_text(row.get("author_id")), giver if change.table == DEVIATION else None}
                self._matters[f"{change.table}:{change.id}"] = [signers | whose - {None}]
            else:
                acts = self._matters.setdefault(_tool_matter(content.chain, change.table, row), [])
                acts.append(frozenset((content.actor.id,)))


def _tool_matter(chain: str, table: str, row: dict[str, Json]) -> str:
    """Return the matter that is the use of a tool: name, version and digest as the row tells them."""
    tool = _text(row.get("tool"))
    if table == CAPTURE:
        return f"tool:{chain}:{tool} {_text(row.get('tool_version'))}:{_text(row.get('tool_sha256'))}"
    return f"tool:{chain}:{tool if ' ' in tool else f'{tool} '}:"


def _text(value: Json) -> str:
    return value if type(value) is str else ""
