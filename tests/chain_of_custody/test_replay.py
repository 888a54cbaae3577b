from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.ledger import Change, Entry
from chain_of_custody.replay import Replay, compare
from tests.chain_of_custody.chains import Chain

VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3)
WRITES = st.lists(
    st.tuples(
        st.sampled_from(["exhibit", "person"]),
        st.sampled_from(["1", "2"]),
        st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, min_size=1),
    ),
    max_size=8,
)


def change(id_: str, **columns: tuple[Any, Any]) -> Change:
    return Change(table="exhibit", id=id_, set=columns)


def chain_of(*changes: Change) -> Chain:
    chain = Chain()
    for one in changes:
        chain.add("exhibit.change", changes=(one,))
    return chain


def as_written(writes: list[tuple[str, str, dict[str, Any]]]) -> tuple[Chain, dict[str, dict[str, dict[str, Any]]]]:
    chain, tables = Chain(), {}
    for table, id_, columns in writes:
        row = tables.setdefault(table, {}).setdefault(id_, {})
        pairs = {name: (row.get(name), new) for name, new in columns.items()}
        chain.add("row.change", changes=(Change(table=table, id=id_, set=pairs),))
        row.update(columns)
    return chain, tables


@pytest.mark.req("REQ-15")
@given(WRITES)
def test_the_replay_of_what_was_written_is_what_was_written(writes: list[tuple[str, str, dict[str, Any]]]) -> None:
    chain, tables = as_written(writes)
    replay = Replay()
    assert replay.take(chain.entries) == ()
    assert compare(replay.state, tables) == ()
    assert replay.state == tables


@pytest.mark.req("REQ-15")
@given(WRITES.filter(bool), st.data())
def test_any_changed_value_of_a_table_is_found_by_name(
    writes: list[tuple[str, str, dict[str, Any]]], data: st.DataObject
) -> None:
    chain, tables = as_written(writes)
    replay = Replay()
    replay.take(chain.entries)
    table = data.draw(st.sampled_from(sorted(tables)))
    id_ = data.draw(st.sampled_from(sorted(tables[table])))
    column = data.draw(st.sampled_from(sorted(tables[table][id_])))
    before = tables[table][id_][column]
    after = data.draw(VALUES.filter(lambda value: (value, type(value)) != (before, type(before))))
    tables[table][id_][column] = after
    (found,) = compare(replay.state, tables)
    assert (found.kind, found.table, found.id, found.column) == ("changed", table, id_, column)
    assert (found.expected, found.actual) == (before, after)


def test_a_stated_old_value_that_was_not_there_is_found_and_the_new_one_counts() -> None:
    chain = chain_of(change("e1", shelf=(None, "A1")), change("e1", shelf=("B2", "C3")))
    replay = Replay()
    (mismatch,) = replay.take(chain.entries)
    assert (mismatch.entry_index, mismatch.sequence, mismatch.id, mismatch.column) == (1, 2, "e1", "shelf")
    assert (mismatch.stated, mismatch.found) == ("B2", "A1")
    assert mismatch.what == ('Entry 2 says that shelf of exhibit e1 was "B2"; after the entries before it, it is "A1".')
    assert replay.state == {"exhibit": {"e1": {"shelf": "C3"}}}


def test_chains_add_up_one_after_another() -> None:
    replay = Replay()
    assert replay.take(chain_of(change("e1", shelf=(None, "A1"))).entries) == ()
    assert replay.take(chain_of(change("e1", shelf=("A1", "A2"))).entries) == ()
    assert replay.state == {"exhibit": {"e1": {"shelf": "A2"}}}


def test_an_entry_that_cannot_be_read_is_said() -> None:
    (mismatch,) = Replay().take([Entry(b"?", ())])
    assert (mismatch.entry_index, mismatch.sequence, mismatch.table) == (0, None, "")
    assert "cannot be read" in mismatch.what


def test_true_is_not_one_and_a_list_is_compared_with_what_it_holds() -> None:
    said = {"t": {"1": {"sealed": True, "marks": [1, {"a": True}]}}}
    assert compare(said, {"t": {"1": {"sealed": True, "marks": [1, {"a": True}]}}}) == ()
    found = compare(said, {"t": {"1": {"sealed": 1, "marks": [True, {"a": True}]}}})
    assert [one.column for one in found] == ["marks", "sealed"]


def test_a_missing_row_an_extra_row_and_an_extra_column_are_found() -> None:
    said: Any = {"exhibit": {"e1": {"shelf": "A1"}, "e2": {"shelf": None}}}
    held: Any = {"exhibit": {"e2": {"shelf": None, "added": 1}, "e3": {"shelf": "X"}}, "person": {"p": {}}}
    found = compare(said, held)
    assert [(one.kind, one.table, one.id, one.column) for one in found] == [
        ("missing", "exhibit", "e1", ""),
        ("changed", "exhibit", "e2", "added"),
        ("extra", "exhibit", "e3", ""),
        ("extra", "person", "p", ""),
    ]
    assert found[0].expected == {"shelf": "A1"}
    assert found[2].actual == {"shelf": "X"}


def test_a_column_that_is_null_on_one_side_and_absent_on_the_other_is_no_difference() -> None:
    assert compare({"t": {"1": {"a": None}}}, {"t": {"1": {"b": None}}}) == ()
