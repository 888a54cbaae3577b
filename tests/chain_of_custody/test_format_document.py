"""What ``ledger-format.md`` tells whoever writes a verifier: its table of steps is the one that is judged by."""

import re
from pathlib import Path

import pytest

from chain_of_custody.record_tables import STEP, TABLES, WRITERS
from chain_of_custody.transitions import TRANSITIONS
from forensics_app.db.tables import PROJECTED

FORMAT = Path(__file__).parents[2] / "chain_of_custody" / "ledger-format.md"
Arrow = tuple[str, str, str, tuple[str, ...], str, int]


def written() -> list[Arrow]:
    """Each arrow of the table: event, from, to, who signs, the type that alone may take it, and from which rules on."""
    table = FORMAT.read_text("utf-8").partition("The **steps of custody**;")[2].partition("\n## ")[0]
    arrows: list[Arrow] = []
    for event, sources, to, signers in re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", table, re.MULTILINE):
        states, _, only = sources.partition(" (")
        for state in re.findall(r"`(\w+)`", states):
            leads = state if to == "as before" else to.strip("`")
            roles, rules = tuple(re.findall(r"`(\w+)`", signers)), re.search(r"from rules (\d) on", only)
            arrows.append((event, state, leads, roles, "".join(only.split("`")[1:2]), int(rules[1]) if rules else 1))
    return arrows


@pytest.mark.req("REQ-17")
def test_the_steps_of_the_document_are_those_of_the_state_machine() -> None:
    judged = {
        (
            one.event.value,
            one.from_state.value,
            one.to_state.value,
            tuple(one.signatures),
            one.only_type,
            one.since_rules,
        )
        for one in TRANSITIONS
        if one.from_state is not None
    }
    arrows = written()
    assert set(arrows) == judged
    assert len(arrows) == len(judged)


def table(heading: str) -> list[list[str]]:
    """The cells of a table of the document, without its first two lines."""
    rest = FORMAT.read_text("utf-8").partition(f"**{heading}** under the fifth rules")[2]
    lines = re.findall(r"(?:^\|.*\n)+", rest, re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def listed(cell: str) -> list[str]:
    return [STEP if one == "a step" else one.strip("`") for one in cell.split(", ") if one]


@pytest.mark.req("REQ-20", "REQ-68")
def test_the_tables_of_the_document_are_those_that_are_judged() -> None:
    told = {}
    for name, where, made, changed, by in table("Who writes what"):
        parts = [part.partition(": ") for part in changed.split("; ") if part]
        columns = {action: listed(names) for actions, _, names in parts for action in listed(actions)}
        told[name.strip("`")] = (where, listed(made), columns, listed(by))
    judged = {
        name: (one.where, [*one.made], {action: [*columns] for action, columns in one.changed.items()}, [*one.by])
        for name, one in TABLES.items()
    }
    assert told == judged
    roles = {action: {*listed(who)} for who, actions in table("Who may write") for action in listed(actions)}
    assert roles == {action: {*who} for action, who in WRITERS.items()}


@pytest.mark.req("REQ-20", "REQ-68")
def test_every_table_and_column_of_the_record_is_judged() -> None:
    assert {*TABLES} == {*PROJECTED}
    for name, one in TABLES.items():
        columns = {column for changed in one.changed.values() for column in changed} | {*one.by}
        assert columns <= {*PROJECTED[name].c.keys()} - {"id", "case_id"}, name
