"""Whether what explains something says anything: a blank, a full stop and an `x` explain nothing (fifth rules).

See ``docs/ledger-format.md``, section 7, *In words*.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Mapping
from typing import Final

from chain_of_custody.body import Content

LEAST_CHARACTERS: Final = 3
"""How many letters and digits, of any script, something in words has at least."""
_COUNTED: Final = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd"))
_UNSEEN: Final = "\u115f\u1160\u3164\uffa0"
"""Letters that are not seen: fillers of Hangul."""
_WORDS: Final[Mapping[str, str]] = {"deviation": "reason", "incident": "what"}
"""By table, the column that says why, or what happened."""


def is_in_words(value: object) -> bool:
    """Whether a value is a text with at least three letters or digits that are seen."""
    if not isinstance(value, str):
        return False
    told = (one for one in value if one not in _UNSEEN and unicodedata.category(one) in _COUNTED)
    return sum(1 for _ in told) >= LEAST_CHARACTERS


def reason_breaches(content: Content, known: Container[str]) -> Iterator[str]:
    """Say of which deviation an entry tells no reason, and of which incident it does not say what happened.

    Args:
        content: the entry.
        known: ids of the incidents that were there before it.
    """
    for change in content.changes:
        column = _WORDS.get(change.table)
        if column is None or (change.table == "incident" and change.id in known):
            continue
        if not is_in_words(change.after.get(column)):
            yield f"{content.action} makes a row of {change.table} that explains nothing: its {column} is not in words."
