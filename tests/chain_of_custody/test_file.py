from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_of_custody.canonical import canonical
from chain_of_custody.errors import LedgerFileError
from chain_of_custody.file import ChainPart, lines_of, read_lines
from chain_of_custody.ledger import Entry
from chain_of_custody.report import judge
from tests.chain_of_custody.chains import BEN, CASE, EVE, LAB, OTHER_CASE, grown_case, new_lab

LAB_ENTRIES = new_lab(BEN, EVE).entries
ENTRIES = grown_case(4).entries
OTHERS = grown_case(3, OTHER_CASE).entries
LINES = list(lines_of([(LAB, "lab", LAB_ENTRIES), (CASE, "case", ENTRIES), (OTHER_CASE, "case", OTHERS)]))
FILE = b"".join(LINES)


def in_order(parts: tuple[ChainPart, ...]) -> bool:
    return judge(parts, root=None, on_progress=lambda _done, _total: None).all_yes


def test_a_file_gives_back_what_was_written() -> None:
    parts = read_lines(LINES)
    assert [(one.chain, one.kind) for one in parts] == [(LAB, "lab"), (CASE, "case"), (OTHER_CASE, "case")]
    assert [list(one.entries) for one in parts] == [LAB_ENTRIES, ENTRIES, OTHERS]
    assert [one.announced_entries for one in parts] == [3, 4, 3]
    assert parts[1].announced_head == ENTRIES[-1].digest
    assert in_order(parts)


def test_lines_may_come_without_their_line_feeds() -> None:
    assert read_lines(FILE.splitlines()) == read_lines(LINES)


def test_a_body_that_is_no_text_is_written_all_the_same() -> None:
    odd = Entry(b"\xff\x00", (b"12",))
    parts = read_lines(lines_of([(CASE, "case", [odd])]))
    assert parts[0].entries == (odd,)


def test_an_entry_that_moved_to_another_part_of_the_file_is_still_of_its_chain() -> None:
    moved = [LINES[0], *LINES[8:], *LINES[1:8]]
    assert read_lines(moved) == read_lines(LINES)


def test_an_entry_of_a_chain_that_is_not_listed_stays_where_it_stands() -> None:
    header, *_ = lines_of([(LAB, "lab", LAB_ENTRIES), (CASE, "case", ENTRIES)])
    parts = read_lines([header, *LINES[1:8], LINES[8]])
    assert parts[1].entries == (*ENTRIES, OTHERS[0])
    assert not in_order(parts)


def test_a_damaged_body_at_the_beginning_of_a_chain_is_counted_to_it() -> None:
    damaged = Entry(ENTRIES[0].body.replace(b'"facts":', b'"facts": '), ENTRIES[0].signatures)
    lines = lines_of([(LAB, "lab", LAB_ENTRIES), (OTHER_CASE, "case", []), (CASE, "case", [damaged, *ENTRIES[1:]])])
    lab, other, case = read_lines(lines)
    assert (list(lab.entries), other.entries) == (LAB_ENTRIES, ())
    assert case.entries == (damaged, *ENTRIES[1:])


def test_a_damaged_body_stays_where_it_stands_whatever_chain_it_names() -> None:
    damaged = Entry(OTHERS[0].body.replace(b'"facts":', b'"facts": '), OTHERS[0].signatures)
    line = list(lines_of([(OTHER_CASE, "case", [damaged])]))[1]
    parts = read_lines([*LINES[:5], line, *LINES[5:]])
    assert parts[1].entries == (ENTRIES[0], damaged, *ENTRIES[1:])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"rubbish",
        b"[]",
        b'{"body":"x"}',
        b'{"body":"x","signatures":{}}',
        b'{"body":"x","signatures":["0"]}',
        b'{"body":"x","signatures":[1]}',
        b'{"body":"x","signatures":["AB"]}',
        b'{"body":1,"signatures":[]}',
        b'{"body_hex":"0","signatures":[]}',
        b'{"body_hex":1,"signatures":[]}',
        b'{"body":"x","more":1,"signatures":[]}',
        b'{"body":"x", "signatures":[]}',
    ],
)
def test_a_line_that_is_no_entry_is_kept_at_its_place(line: bytes) -> None:
    parts = read_lines([*LINES[:5], line + b"\n", *LINES[5:]])
    assert parts[1].entries == (ENTRIES[0], Entry(line, ()), *ENTRIES[1:])
    assert not in_order(parts)


def header(**members: Any) -> bytes:
    chain = {"chain": LAB, "kind": "lab", "entries": 0, "head": "00" * 32}
    return canonical({"format": "forensics-ledger-file/1", "chains": [chain]} | members)


CHAIN = {"chain": LAB, "kind": "lab", "entries": 0, "head": "00" * 32}


@pytest.mark.parametrize(
    ("first_line", "why"),
    [
        (b"", "is not the header"),
        (b"PK\x03\x04", "is not the header"),
        (b"[]", "names neither the format"),
        (header(format="forensics-ledger-file/3"), "names neither the format"),
        (header(chains=None), "does not list the chains"),
        (header(chains=[]), "does not list the chains"),
        (header(chains=[1]), "does not list the chains"),
        (header(chains=[CHAIN | {"more": 1}]), "does not list the chains"),
        (header(chains=[CHAIN | {"chain": 1}]), "does not list the chains"),
        (header(chains=[CHAIN | {"kind": "lap"}]), "does not list the chains"),
        (header(chains=[CHAIN | {"entries": "0"}]), "does not list the chains"),
        (header(chains=[CHAIN | {"head": 0}]), "does not list the chains"),
        (header(chains=[CHAIN | {"head": "00"}]), "does not list the chains"),
        (header(chains=[CHAIN, CHAIN]), "lists a chain twice"),
        (header(chains=[CHAIN | {"kind": "case"}, CHAIN | {"chain": CASE}]), "does not come first"),
        (header() + b"\r\n", "line ends were converted"),
    ],
)
def test_what_is_not_a_ledger_file_is_refused_in_words(first_line: bytes, why: str) -> None:
    with pytest.raises(LedgerFileError, match=why) as caught:
        read_lines([first_line])
    assert why in caught.value.why


def test_a_header_may_say_more_than_it_must() -> None:
    assert read_lines([header(made_by="a later version")])[0].entries == ()


@pytest.mark.req("REQ-15", "REQ-68")
@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(FILE) - 1), st.integers(0, 7))
def test_a_changed_bit_anywhere_in_the_file_is_found(place: int, bit: int) -> None:
    changed = bytearray(FILE)
    changed[place] ^= 1 << bit
    try:
        parts = read_lines(bytes(changed).splitlines(keepends=True))
    except LedgerFileError:
        assert place < len(LINES[0])
        return
    assert not in_order(parts)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(FILE) - 2))
def test_a_file_that_was_cut_off_anywhere_is_found(size: int) -> None:
    try:
        parts = read_lines(FILE[:size].splitlines(keepends=True))
    except LedgerFileError:
        assert size < len(LINES[0])
        return
    assert not in_order(parts)
