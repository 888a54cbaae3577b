"""Whether each row of the record was made and changed by an entry of a kind that does that (fifth rules).

A row of any table is what people read later: the digest of an image, the words of a note, the legal basis of a case.
So no entry changes it but one of a kind that tells of it, signed by somebody who may. Which these are is data:
`record_tables`. Every entry that changes rows is judged; of those that nothing else is asked of, no more is read than
what is asked here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from chain_of_custody.body import Content, are_changes
from chain_of_custody.canonical import Json
from chain_of_custody.column_values import PAPER, digest_breaches, paper_breaches, value_breaches
from chain_of_custody.hand_rules import FIFTH
from chain_of_custody.keyring import KeyRing
from chain_of_custody.record_tables import REFERENCES, STEP, TABLES, WRITERS, Table
from chain_of_custody.step_rules import told_step

_OF_CUSTODY: Final = ("custody.", "transfer.")
_CHANGES: Final = b',"changes":['
_FOUND: Final[Mapping[tuple[str, str], Any]] = {
    ("image", "integrity"): "integrity failed",
    ("exhibit", "integrity_failed"): 1,
}
"""What reading an image says of it, by table and column; anything else is said by a decision."""
_READING: Final = ("image.intake", "image.check", "image.check_part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is asked of an entry that changes rows.

    Attributes:
        event: the step of custody that it is, or None.
        actor: UUID.
        signers: role, person and name of each.
        about: id of its object.
        kind: of its object.
        label: of its object.
        facts: of the entry.
        changes: table, id, and by column the value before and after.
    """

    chain: str
    chain_kind: str
    action: str
    event: str | None
    actor: str
    signers: Sequence[tuple[str, str, str]]
    about: str
    kind: str
    label: str
    facts: Mapping[str, Json]
    changes: Sequence[tuple[str, str, Mapping[str, Sequence[Any]]]]

    @classmethod
    def of(cls, content: Content) -> Written:
        """Return what is asked of an entry that was read."""
        return cls(
            chain=content.chain,
            chain_kind=content.chain_kind,
            action=content.action,
            event=told_step(content),
            actor=content.actor.id,
            signers=[(slot.role, slot.person, slot.name) for slot in content.signers],
            about=content.object.id,
            kind=content.object.kind,
            label=content.object.label,
            facts=content.facts,
            changes=[(change.table, change.id, change.set) for change in content.changes],
        )

    @classmethod
    def within(cls, body: bytes) -> Written | None:
        """Return what is asked of the body of an entry that no other rule is about; None where it changes no row."""
        # Before it there are only texts, in which a quotation mark is escaped.
        start = body.find(_CHANGES) + len(_CHANGES)
        if body[start : start + 1] == b"]":
            return None
        try:
            raw = json.loads(body)
            signers = [(slot["role"], slot["person"], slot["name"]) for slot in raw["signers"]]
            about = raw["object"]
            told = (
                raw["chain"], raw["chain_kind"], raw["action"], raw["actor"]["id"],
                about["id"], about["kind"], about["label"],
            )  # fmt: skip
            facts, changes = raw["facts"], raw["changes"]
        except (ValueError, KeyError, TypeError):
            return None  # it is no entry, which is a finding of its own
        if (
            not signers
            or not are_changes(changes)
            or type(facts) is not dict
            or not all(type(one) is str for one in chain(told, *signers))
        ):
            return None
        return cls(
            chain=told[0],
            chain_kind=told[1],
            action=told[2],
            event=None,
            actor=told[3],
            signers=signers,
            about=told[4],
            kind=told[5],
            label=told[6],
            facts=facts,
            changes=[(change["table"], change["id"], change["set"]) for change in changes],
        )


class Rows:
    """Which rows of the record are there, by the entries of a chain so far."""

    def __init__(self, keyring: KeyRing, *, is_gapped: bool = False) -> None:
        """Begin without any.

        Args:
            keyring: the keys of the lab, and the roles of its people.
            is_gapped: whether nobody knows what is there, since an entry is withheld.
        """
        self._keyring = keyring
        self._there: set[tuple[str, str]] = set()
        self._numbers: dict[str, str] = {}  # of exhibits, by id
        self.is_gapped = is_gapped

    def take(self, written: Written, at: str, *, rules: int) -> Iterator[str]:
        """Say what was not allowed about the rows that an entry makes and changes, and count them.

        Args:
            written: the entry.
            at: the time of use, as `utc_text` writes it.
            rules: the number of the rules that hold.
        """
        new = {(table, key) for table, key, _ in written.changes} - self._there
        for table, key, columns in written.changes:
            if table == "exhibit" and "number" in columns and type(columns["number"][1]) is str:
                self._numbers[key] = columns["number"][1]
        if rules >= FIFTH and (written.changes or written.action.startswith(_OF_CUSTODY)):
            yield from self._of_label(written)
        if rules >= FIFTH and written.event is not None:
            papers = [columns for table, _, columns in written.changes if table == PAPER]
            kept = [{name: new for name, (_, new) in columns.items()} for columns in papers]
            yield from paper_breaches(written.action, written.facts, kept)
        if rules >= FIFTH and written.changes:
            yield from self._of_people(written, at)
            for table, key, columns in written.changes:
                yield from self._of_row(written, table, columns, new=(table, key) in new, others=new)
                yield from value_breaches(written.action, table, columns)
                people = [None, *(person for _, person, _ in written.signers)]
                if any(columns[name][1] not in people for name in by_of(table) if name in columns):
                    yield f"{written.action} writes of {table} in the name of somebody who does not sign."
                if table == "case_file" and key != written.chain:
                    yield f"{written.action} writes of another case than its own."
        self._there |= new

    def _of_label(self, written: Written) -> Iterator[str]:
        number = self._numbers.get(written.about) if written.kind == "exhibit" else None
        if number is not None and written.label != number:
            yield f"{written.action} is about {number}, and names {written.label} as what it is about."

    def _of_people(self, written: Written, at: str) -> Iterator[str]:
        if written.signers[0][1] != written.actor:
            yield f"{written.action} is not the act of {written.signers[0][2]}, who signs it first."
        needed = WRITERS.get(written.action)
        for role, person, name in written.signers if needed is not None else ():
            roles = self._keyring.roles_at(person, at)
            only_saw = role == "witness" and person != written.actor
            if needed is not None and not only_saw and roles is not None and roles.isdisjoint(needed):
                yield f"{name} signs {written.action} and did not hold the role for it then."

    def _of_row(
        self,
        written: Written,
        table: str,
        columns: Mapping[str, Sequence[Any]],
        *,
        new: bool,
        others: Collection[tuple[str, str]],
    ) -> Iterator[str]:
        action, known = written.action, TABLES.get(table)
        if known is None:
            yield f"{action} writes of {table}, which is no table of the record."
        elif written.chain_kind not in known.where:
            yield f"{action} writes of {table} in a chain of another kind than that which tells of it."
        elif new and _makes(written, known):
            yield from self._of_birth(written, table, columns, others)
        elif new and not self.is_gapped:
            yield f"{action} makes a row of {table}, which no such entry does."
        elif set(columns) - _changed(written, known):
            yield f"{action} changes what is told in a row of {table}, which no such entry does."
        elif action in _READING and any(_is_other(_FOUND.get((table, name)), columns[name][1]) for name in columns):
            yield f"{action} says that an image is whole which was not, as only a decision does."

    def _of_birth(
        self,
        written: Written,
        table: str,
        columns: Mapping[str, Sequence[Any]],
        others: Collection[tuple[str, str]],
    ) -> Iterator[str]:
        action, row = written.action, {name: new for name, (_, new) in columns.items()}
        if any(old is not None for old, _ in columns.values()) and not self.is_gapped:
            yield f"{action} states what was told in a row of {table} that was not there."
        if written.chain_kind != "case":
            return
        if "case_id" in row and row["case_id"] != written.chain:
            yield f"{action} makes a row of {table} of another case."
        for name, of in REFERENCES.items():
            named = row.get(name)
            if named is None or self.is_gapped:
                continue
            if type(named) is not str or ((of, named) not in self._there and (of, named) not in others):
                yield f"{action} makes a row of {table} about something that is not in this case."
        yield from digest_breaches(action, table, row, written.facts)
        is_of_step = written.event is not None and table in ("incident", PAPER)
        if is_of_step and row.get("exhibit_id", written.about) != written.about:
            yield f"{action} makes a row of {table} about another exhibit than its own."


def _is_other(found: object, told: object) -> bool:
    return found is not None and (type(told) is not type(found) or told != found)


def by_of(table: str) -> Collection[str]:
    """The columns of a table that name who writes them."""
    return TABLES[table].by if table in TABLES else ()


def _kinds(written: Written) -> tuple[str, ...]:
    return (written.action, STEP) if written.event is not None else (written.action,)


def _makes(written: Written, table: Table) -> bool:
    return any(kind in table.made for kind in _kinds(written))


def _changed(written: Written, table: Table) -> set[str]:
    return {column for kind in _kinds(written) for column in table.changed.get(kind, ())}
