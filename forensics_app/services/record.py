"""Writing the record: rows and the signed entry that explains them, in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Table, insert, select, update

from chain_of_custody.body import read_content
from chain_of_custody.enrolment import ENROL, REPLACE
from chain_of_custody.ledger import (
    ChainKind,
    Change,
    Draft,
    Entry,
    Json,
    Party,
    SignerRole,
    SignerSlot,
    Subject,
    compose,
    sign,
    utc_text,
)
from chain_of_custody.rule_sets import BEGIN
from forensics_app.db.ledger import append_entry, last_entry, newest_about, newest_time_about
from forensics_app.db.tables import PERSON
from forensics_app.errors import NotFoundError, PermissionRefusedError
from forensics_app.model.case import Case
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import SignedIn
from forensics_app.services.judged import check_allowed, check_rows, rules_to_begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Which chain an entry joins: ``lab`` or ``case``, and its id."""

    id: UUID
    kind: ChainKind


def lab_chain(lab: LabInfo) -> Chain:
    """The chain of people, keys and case openings."""
    return Chain(id=lab.id, kind="lab")


def case_chain(case: Case) -> Chain:
    """The chain of everything that happens in ``case``."""
    return Chain(id=case.id, kind="case")


@dataclass(slots=True)
class Writer:
    """Collects row changes of one open transaction and explains them by entries.

    Each :meth:`append` signs an entry that holds the old and the new value of every column changed since the last
    one, so that the rows are exactly the replay of the entries.
    """

    connection: Connection
    now: datetime
    _changes: dict[tuple[str, str], dict[str, tuple[Json, Json]]] = field(default_factory=dict)

    def insert(self, table: Table, values: Mapping[str, str | int | None]) -> None:
        """Add the row ``values``; its ``id`` is among them."""
        self.connection.execute(insert(table).values(values))
        self._changes[table.name, str(values["id"])] = {
            name: (None, value) for name, value in values.items() if name != "id"
        }

    def update(self, table: Table, row_id: UUID, values: Mapping[str, str | int | None]) -> None:
        """Give the row ``row_id`` the new ``values``; columns that already hold them are left out.

        Raises:
            NotFoundError: There is no such row.
        """
        columns = [table.c[name] for name in values]
        old = self.connection.execute(select(*columns).where(table.c.id == str(row_id))).mappings().one_or_none()
        if old is None:
            raise NotFoundError(f"There is no {table.name} with the id {row_id}.")
        changed = {name: (old[name], value) for name, value in values.items() if old[name] != value}
        if changed:
            new = {name: value for name, (_, value) in changed.items()}
            self.connection.execute(update(table).where(table.c.id == str(row_id)).values(new))
            row = self._changes.setdefault((table.name, str(row_id)), {})
            for name, (before, after) in changed.items():
                row[name] = (row[name][0] if name in row else before, after)

    def append(
        self,
        chain: Chain,
        action: str,
        subject: Subject,
        facts: Mapping[str, Json],
        signers: Sequence[tuple[SignerRole, SignedIn]],
        reason: str | None = None,
        not_before: datetime | None = None,
    ) -> Entry:
        """Sign and append the entry for everything changed since the last one.

        Args:
            chain: The chain it joins.
            action: What was done, such as ``exhibit.add``.
            subject: What it was done to.
            facts: What a reader must know beyond the changed columns.
            signers: Role and person of each signature, the acting person first.
            reason: Why, where a reason is asked for.
            not_before: When something happened that the record has and this act follows. Where the clock says earlier,
                it is or was wrong: the entry bears this time, and what the clock says as the fact ``clock``.

        Raises:
            PermissionRefusedError: The key of a signer has ended; an open window of theirs does not keep it alive.
            RefusedError: It is a step of custody that a verifier would name as not allowed; the transaction is to be
                rolled back.
        """
        self._begin_rules(action, [by for _, by in signers])
        actor = signers[0][1].person
        at = max(self.now, not_before or self.now, *(self._in_force_since(by) for _, by in signers))
        if at != self.now:
            facts = {**facts, "clock": utc_text(self.now)}
        draft = Draft(
            chain=str(chain.id),
            chain_kind=chain.kind,
            actor=Party(id=str(actor.id), name=actor.name, function=actor.function),
            signers=tuple(
                SignerSlot(role=role, person=str(by.person.id), name=by.person.name, key=by.key.key_id)
                for role, by in signers
            ),
            action=action,
            obj=subject,
            facts=facts,
            changes=tuple(Change(table=table, id=row, set=columns) for (table, row), columns in self._changes.items()),
            reason=reason,
        )
        body = compose(draft, after=last_entry(self.connection, str(chain.id)), at=at)
        self._judge(body)
        entry = sign(body, [by.key for _, by in signers])
        append_entry(self.connection, entry)
        self._changes.clear()
        return entry

    def _judge(self, body: bytes) -> None:
        """Refuse what a verifier would name as not allowed, before it is signed."""
        content = read_content(body)
        check_rows(content)
        check_allowed(self.connection, content)

    def _begin_rules(self, action: str, signers: Sequence[SignedIn]) -> None:
        """Let the lab chain say, once, from where on rules of custody hold in every chain."""
        if (begun := rules_to_begin(self.connection, action, signers)) is None:
            return
        signer, lab, facts = begun
        subject, chain = Subject(kind="lab", id=lab, label=""), Chain(id=UUID(lab), kind="lab")
        Writer(self.connection, self.now).append(chain, BEGIN, subject, facts, [("actor", signer)])

    def _in_force_since(self, signer: SignedIn) -> datetime:
        """When the signer's key was enrolled, if it is in force; one may sign the end of one's own key.

        An entry cannot be older than the keys that sign it. Where the clock says so it is wrong, and taken at its
        word it would make a true signature look untrusted: the entry then bears the time of the enrolment, and what
        the clock said stands beside it as the fact ``clock``.
        """
        person, key = str(signer.person.id), signer.key.key_id
        query = select(PERSON.c.key_id, PERSON.c.revoked_at).where(PERSON.c.id == person)
        row = self.connection.execute(query).one_or_none()
        if row is None:
            raise _has_ended(signer)
        changed = self._changes.get((PERSON.name, person), {})
        key_before, ended_before = (
            changed[name][0] if name in changed else getattr(row, name) for name in ("key_id", "revoked_at")
        )
        if (key, None) not in ((row.key_id, row.revoked_at), (key_before, ended_before)):
            raise _has_ended(signer, newest_about(self.connection, person, REPLACE))
        return newest_time_about(self.connection, person, (ENROL, REPLACE)) or self.now


def _has_ended(signer: SignedIn, replaced: Entry | None = None) -> PermissionRefusedError:
    """What is told to somebody whose open window holds a key that is in force no more."""
    name = signer.person.name
    if replaced is None or replaced.content.facts.get("key") == signer.key.key_id:
        return PermissionRefusedError(
            f"The key of {name} has ended; nothing can be signed with it any more.",
            then="Sign in as somebody whose key is in force.",
        )
    by, at = replaced.content.actor, replaced.content.recorded_at
    given = f"{by.name} gave {name} a new one" if by.id != str(signer.person.id) else f"{name} took a new one"
    return PermissionRefusedError(
        f"This key of {name} has ended: {given} on {at:%Y-%m-%d %H:%M} UTC. Nothing can be signed with the old one.",
        then="Sign in again with the passphrase of the new key. If you know of none, tell the head of the laboratory: "
        "somebody else may sign in your name.",
    )
