"""What ``docs/ledger-format.md`` tells whoever writes a verifier: its table of steps is the one that is judged by."""

import re
from pathlib import Path

import pytest

from chain_of_custody.transitions import TRANSITIONS

FORMAT = Path(__file__).parents[2] / "docs" / "ledger-format.md"
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
