"""The tables of the record are what the ledger's changes add up to: adding them up, and comparing with the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chain_of_custody.body import Change, read_content
from chain_of_custody.canonical import Json, canonical
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError

Row: TypeAlias = Mapping[str, Json]
Rows: TypeAlias = Mapping[str, Mapping[str, Row]]
"""table -> id -> column -> value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """An entry that says it changed a value which was not there.

    Attributes:
        entry_index: place in the list that was given, from 0.
        sequence: the entry's number; None when the entry cannot be read, and then table, id and column are empty.
        stated: the old value that the entry states.
        found: the value that the entries before it add up to.
        what: a sentence.
    """

    entry_index: int
    sequence: int | None
    table: str
    id: str
    column: str
    stated: Json
    found: Json
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A place where a table is not what the ledger says.

    Attributes:
        column: empty for a row that is missing or extra.
        expected: what the ledger says; None for an extra row.
        actual: what the table holds; None for a missing row.
        what: a sentence.
    """

    kind: Literal["changed", "missing", "extra"]
    table: str
    id: str
    column: str
    expected: Json
    actual: Json
    what: str


class Replay:
    """Adds up the changes of one chain after another.

    Attributes:
        state: what the changes have added up to so far.
    """

    def __init__(self) -> None:
        """Begin with empty tables."""
        self.state: dict[str, dict[str, dict[str, Json]]] = {}

    def take(self, entries: Iterable[Entry]) -> tuple[Mismatch, ...]:
        """Add up the changes of the entries of a chain, in order, and say where a stated old value was not there.

        A mismatch does not stop the replay: the new value counts.
        """
        mismatches: list[Mismatch] = []
        for index, entry in enumerate(entries):
            try:
                content = read_content(entry.body)
            except BodyError as error:
                mismatches.append(_unreadable(index, error))
                continue
            for change in content.changes:
                row = self.state.setdefault(change.table, {}).setdefault(change.id, {})
                mismatches.extend(_check(index, content.sequence, change, row))
                row.update(change.after)
        return tuple(mismatches)


def compare(expected: Rows, actual: Rows) -> tuple[Difference, ...]:
    """Compare what the ledger says with what the tables hold.

    A column that one side does not have counts as null there.

    Args:
        expected: what a `Replay` added up.
        actual: every row of every projected table, with values as the ledger writes them.
    """
    return tuple(_differences(expected, actual))


def _check(index: int, sequence: int, change: Change, row: Row) -> Iterator[Mismatch]:
    for column, (old, _) in change.set.items():
        found = row.get(column)
        if not _same(old, found):
            what = (
                f"Entry {sequence} says that {column} of {change.table} {change.id} was {_shown(old)}; "
                f"after the entries before it, it is {_shown(found)}."
            )
            yield Mismatch(
                entry_index=index,
                sequence=sequence,
                table=change.table,
                id=change.id,
                column=column,
                stated=old,
                found=found,
                what=what,
            )


def _unreadable(index: int, error: BodyError) -> Mismatch:
    what = f"The changes of the entry at place {index + 1} cannot be read: {error.why}."
    return Mismatch(entry_index=index, sequence=None, table="", id="", column="", stated=None, found=None, what=what)


def _differences(expected: Rows, actual: Rows) -> Iterator[Difference]:
    for table in sorted(expected.keys() | actual.keys()):
        wanted, held = expected.get(table, {}), actual.get(table, {})
        for key in sorted(wanted.keys() | held.keys()):
            if key not in held:
                what = f"The row {key} of {table}, which the ledger has, is missing."
                yield Difference(
                    kind="missing", table=table, id=key, column="", expected=wanted[key], actual=None, what=what
                )
            elif key not in wanted:
                what = f"The row {key} of {table} stands in no entry of the ledger."
                yield Difference(
                    kind="extra", table=table, id=key, column="", expected=None, actual=held[key], what=what
                )
            else:
                yield from _changed(table, key, wanted[key], held[key])


def _changed(table: str, key: str, wanted: Row, held: Row) -> Iterator[Difference]:
    for column in sorted(wanted.keys() | held.keys()):
        expected, actual = wanted.get(column), held.get(column)
        if not _same(expected, actual):
            what = f"{column} of {table} {key} is {_shown(actual)}; the ledger says {_shown(expected)}."
            yield Difference(
                kind="changed", table=table, id=key, column=column, expected=expected, actual=actual, what=what
            )


def _same(one: Json, other: Json) -> bool:
    """Whether two values are the same to the ledger, which tells true from 1."""
    if type(one) is type(other) is str or one is None or other is None:
        return one == other
    return canonical(one) == canonical(other)


def _shown(value: Json) -> str:
    return canonical(value).decode()
