"""The supervisor's desk: what waits in any case, and approving or returning it by a signed entry (REQ-19, REQ-22)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.ledger import chain_head, entry_of
from forensics_app.db.mapping import Values, case_of, time_text
from forensics_app.db.mapping_desk import decision_of
from forensics_app.db.rows import readable
from forensics_app.db.tables import CASE, DECISION, ENTRY, PERSON
from forensics_app.errors import PermissionRefusedError, RecordDamagedError, RefusedError
from forensics_app.model.case import Case, CaseId, CaseStatus
from forensics_app.model.desk import ENDED_BY, Decision, Matter, MatterKind
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import PersonId, Role, SignedIn
from forensics_app.services import desk_matters as matters
from forensics_app.services.cases import case_with
from forensics_app.services.permissions import require
from forensics_app.services.principles import Principles
from forensics_app.services.record import Writer, case_chain, lab_chain
from forensics_app.services.retention import retention_matters
from forensics_app.services.tools import tools_of

LONGEST_CHAIN_READ = 20_000
"""Gaps are computed from all entries of a case; of longer chains the desk says to look at the case."""
FOUND_KEPT = timedelta(minutes=5)
"""For so long what was found by reading all entries and rows is told again where no chain has grown meanwhile."""

_Found = tuple[datetime, object, tuple[Matter, ...]]
"""When something was found, how far the chains reached, and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Use cases of supervisors. They read, and decide; nothing here touches evidence or what is recorded of it."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]
    principles: Principles
    _found: dict[CaseId | None, _Found] = field(default_factory=dict, init=False, compare=False)

    def waiting(self, *, gaps: bool = True) -> tuple[Matter, ...]:
        """What waits for a decision or an act in any case, the most pressing kind first, then the oldest.

        Args:
            gaps: Whether unexplained gaps in the principles are looked for, for which all entries of every open case
                are read; everything else is found in tables.
        """
        now = self.now()
        with self.db.reading() as connection:
            decided = set(connection.scalars(select(DECISION.c.matter)))
            found = [
                *matters.integrity_failures(connection),
                *self._failed_verification(connection),
                *matters.open_incidents(connection),
                *matters.audit_findings(connection),
                *matters.overdue(connection, now),
                *matters.overdue_offers(connection, now),
                *matters.left_with_ended_keys(connection),
                *matters.disposals(connection),
                *retention_matters(connection, now, self.lab.zone),
                *matters.deviations(connection),
                *matters.unvalidated_tools(connection, tools_of(connection), self.lab.zone),
                *matters.reports_in_review(connection),
                *matters.reports(connection),
            ]
            of_lab = chain_head(connection, str(self.lab.id))
            newest = select(func.max(ENTRY.c.sequence)).where(ENTRY.c.chain == CASE.c.id).scalar_subquery()
            query = select(CASE, newest.label("entries")).where(CASE.c.status == CaseStatus.OPEN.value)
            open_cases = readable(connection, query, lambda row: (case_of(row), int(row["entries"] or 0)))
            if gaps:
                heads = of_lab, *(entries for _, entries in open_cases)
                found += self._kept(None, heads, now, lambda: matters.unreadable(connection, self.lab, now))
        for case, entries in open_cases if gaps else ():
            found += self._kept(case.id, (of_lab, entries), now, partial(self._gaps, case, entries))
        kinds = list(MatterKind)
        waiting = [matter for matter in found if matter.key not in decided]
        return tuple(sorted(waiting, key=lambda matter: (kinds.index(matter.kind), matter.since, matter.key)))

    def late(self, now: datetime) -> tuple[tuple[Exhibit, str], ...]:
        """Exhibits that should be back or have arrived by ``now``, each with the number of its case (REQ-22)."""
        with self.db.reading() as connection:
            return tuple((exhibit, case) for exhibit, case, _ in matters.late_exhibits(connection, now))

    def decisions(self, case_id: CaseId | None = None) -> tuple[Decision, ...]:
        """What was decided on the desk, about one case or about all, oldest first."""
        query = select(DECISION, PERSON.c.name.label("decider")).join(PERSON, PERSON.c.id == DECISION.c.decided_by)
        if case_id is not None:
            query = query.where(DECISION.c.case_id == str(case_id))
        with self.db.reading() as connection:
            return readable(connection, query.order_by(DECISION.c.decided_at, DECISION.c.id), decision_of)

    def decide(self, actor: SignedIn, key: str, *, approve: bool, comment: str) -> Decision:
        """Approve a matter, or return it to who did it.

        Args:
            actor: A supervisor who did not do what it is about.
            key: Of a matter that waits.
            approve: False returns it.
            comment: Why; required.

        Raises:
            PermissionRefusedError: The actor is no supervisor, or it is about their own act.
            RefusedError: It waits no more, ends by another act, or no comment is given.
        """
        require(actor, "decide on the desk", Role.SUPERVISOR)
        if not comment.strip():
            raise RefusedError("A decision needs a comment.")
        matter = next((one for one in self.waiting(gaps=key.startswith("gap:")) if one.key == key), None)
        if matter is None:
            raise RefusedError("This does not wait for a decision any more.", then="Look at the desk again.")
        if not matter.is_decided_here:
            raise RefusedError(f"This is not approved or returned: {matter.what}", then=ENDED_BY[matter.kind])
        if actor.person.id in matter.actors:
            raise PermissionRefusedError(
                f"{actor.person.name} did what this is about; nobody decides about their own act.",
                then="Let another supervisor decide.",
            )
        return self._record(actor, matter, approve=approve, comment=comment.strip())

    def _record(self, actor: SignedIn, matter: Matter, *, approve: bool, comment: str) -> Decision:
        now = self.now()
        values: Values = {
            "id": str(uuid4()),
            "case_id": None if matter.case_id is None else str(matter.case_id),
            "kind": matter.kind.value,
            "matter": matter.key,
            "what": matter.what,
            "approved": int(approve),
            "comment": comment,
            "decided_by": str(actor.person.id),
            "decided_at": time_text(now),
        }
        with self.db.writing() as connection:
            if connection.scalar(select(DECISION.c.id).where(DECISION.c.matter == matter.key)) is not None:
                raise RefusedError("Somebody has decided this meanwhile.", then="Look at the desk again.")
            chain = lab_chain(self.lab) if matter.case_id is None else case_chain(case_with(connection, matter.case_id))
            writer = Writer(connection, now)
            writer.insert(DECISION, values)
            subject = Subject(kind="decision", id=str(values["id"]), label=f"{matter.kind.value}, {matter.case}")
            facts: dict[str, Json] = {"matter": matter.key, "result": matter.what}
            action = "desk.approve" if approve else "desk.return"
            writer.append(chain, action, subject, facts, [("actor", actor)], comment)
        return decision_of({**values, "decider": actor.person.name})

    def _kept(
        self, about: CaseId | None, heads: object, now: datetime, find: Callable[[], Iterable[Matter]]
    ) -> tuple[Matter, ...]:
        """What was found a short while ago if the chains have not grown since, otherwise what is found now."""
        at, heads_then, found = self._found.get(about, (now, None, ()))
        if heads_then != heads or abs(now - at) > FOUND_KEPT:
            found = tuple(find())
            self._found[about] = now, heads, found
        return found

    def _gaps(self, case: Case, entries: int) -> list[Matter]:
        if entries > LONGEST_CHAIN_READ:
            what = f"The case has {entries:,} entries; how it stands to the principles is shown with the case."
            return [_of_case(MatterKind.GAP, f"gap:{case.id}:long", case, what)]
        try:
            views = self.principles.of_case(case.id)
        except RecordDamagedError as error:
            what = f"How the case stands to the principles cannot be told. {error}"
            return [_of_case(MatterKind.UNREADABLE, f"unreadable:principles:{case.id}", case, what)]
        gaps = [
            gap
            for view in views
            for gap in view.unexplained
            if not gap.key.startswith(("integrity:", "incident:", "unread:"))  # which wait as what they are
        ]
        return list(matters.unexplained(case.id, case.number, case.opened_at, gaps))

    def _failed_verification(self, connection: Connection) -> list[Matter]:
        """The newest verification that somebody signed for, if it found something."""
        mine = (ENTRY.c.chain == str(self.lab.id)) & (ENTRY.c.action == "lab.verify")
        query = select(ENTRY.c.body, ENTRY.c.signatures).where(mine).order_by(ENTRY.c.sequence.desc()).limit(1)
        row = connection.execute(query).one_or_none()
        content = None if row is None else entry_of(row.body, row.signatures).content
        if content is None or content.facts.get("ok") is True:
            return []
        return [
            Matter(
                kind=MatterKind.VERIFICATION,
                key=f"verification:{content.sequence}",
                case_id=None,
                case=self.lab.name,
                what=f"A verification by {content.actor.name}; differences: {content.facts.get('finding_count')}.",
                since=content.recorded_at,
                actors=frozenset(PersonId(UUID(slot.person)) for slot in content.signers),
            )
        ]


def _of_case(kind: MatterKind, key: str, case: Case, what: str) -> Matter:
    return Matter(kind=kind, key=key, case_id=case.id, case=case.number, what=what, since=case.opened_at)
