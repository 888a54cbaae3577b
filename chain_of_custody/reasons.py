"""Whether what explains something says anything: a blank, a full stop and an `x` explain nothing (fifth rules).

See ``ledger-format.md``, section 7, *In words*.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Mapping
from typing import Final

from chain_of_custody.body import Content

LEAST_CHARACTERS: Final = 3
"""How many letters and digits, of any script, something in words has at least; an ideograph or syllable is two."""
_COUNTED: Final = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd"))
_IDEOGRAPHS_AND_SYLLABLES: Final = (
    ("\u1200", "\u135a"), ("\u13a0", "\u13fd"), ("\u1401", "\u166c"), ("\u3041", "\u30ff"), ("\u3400", "\u9fff"),
    ("\ua000", "\ua48c"), ("\uac00", "\ud7a3"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"),
)  # fmt: skip
"""First and last characters of scripts that write a word or a syllable with one."""
_UNSEEN: Final = "\u115f\u1160\u3164\uffa0"
"""Letters that are not seen: fillers of Hangul."""
_WORDS: Final[Mapping[str, str]] = {"deviation": "reason", "incident": "what"}
"""By table, the column that says why, or what happened."""
_CORRECTIONS: Final = ("exhibit.correct", "exhibit.correct_step")
_CLOSE: Final = "incident.close"


def is_in_words(value: object) -> bool:
    """Whether a value is a text with at least three letters or digits that are seen, or two ideographs or syllables."""
    if not isinstance(value, str):
        return False
    told = (one for one in value if one not in _UNSEEN and unicodedata.category(one) in _COUNTED)
    return sum(map(_weight, told)) >= LEAST_CHARACTERS


def has_letter(told: str) -> bool:
    """Whether a text has a letter of any script."""
    return any(unicodedata.category(one)[0] == "L" for one in told)


def _weight(one: str) -> int:
    return 2 if any(first <= one <= last for first, last in _IDEOGRAPHS_AND_SYLLABLES) else 1


def is_explained(content: Content) -> bool:
    """Whether an entry makes a deviation with its reason."""
    pairs = (one.set.get("reason", (None, None)) for one in content.changes if one.table == "deviation")
    return any(old is None and bool(new) for old, new in pairs)


def reason_breaches(content: Content, known: Container[str]) -> Iterator[str]:
    """Say of which deviation or correction an entry tells no reason, and what of an incident it does not say.

    Of one that it makes that is what happened, of one that it closes the decision.

    Args:
        content: the entry.
        known: ids of the incidents that were there before it.
    """
    if content.action in _CORRECTIONS and not is_in_words(content.reason):
        yield f"{content.action} of {content.object.label} explains nothing: its reason is not in words."
    for change in content.changes:
        column = _WORDS.get(change.table)
        if change.table == "incident" and change.id in known:
            if content.action == _CLOSE and not is_in_words(change.after.get("decision")):
                yield f"{content.action} explains nothing: its decision is not in words."
            continue
        if column is None:
            continue
        if not is_in_words(change.after.get(column)):
            yield f"{content.action} makes a row of {change.table} that explains nothing: its {column} is not in words."
