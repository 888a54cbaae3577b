"""Which seals are told to be broken or missing already: the same told again is no other fault (fifth rules).

See ``ledger-format.md``, section 7, *Seals*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.correction_rules import CORRECT_STEP
from chain_of_custody.seals import SealCondition, SealFault

TOLD_BEFORE: Final = "seal_incident_entry"
"""Fact of a step: the number of the entry that raised the incident about the seal as it is found again."""
_LASTING: Final = frozenset((SealFault.BROKEN.value, SealFault.MISSING.value))
_OVER: Final = frozenset((SealCondition.INTACT.value, SealCondition.NEW.value, SealCondition.DIFFERS.value))
_OF_SEALS: Final = frozenset(("seal_check", "seal_number"))


class SealFaults:
    """Of each exhibit the fault of its recorded seal, and the entry that raised an incident about it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._told: dict[str, tuple[str, int]] = {}

    def told(self, exhibit: str) -> tuple[str, int] | None:
        """The fault that is told of an exhibit's seal, and the number of the entry; None where it counts as whole."""
        return self._told.get(exhibit)

    def count(self, content: Content) -> None:
        """Count an entry. Another seal, one found whole, and a correction of one let the next fault be a new one."""
        check = content.facts.get("seal_check")
        if _corrects_seal(content) or (type(check) is str and check in _OVER):
            self._told.pop(content.object.id, None)
        for change in content.changes:
            if change.table == "exhibit" and "seal_number" in change.set:
                self._told.pop(change.id, None)
        for change in content.changes:
            kind, exhibit = change.after.get("kind"), change.after.get("exhibit_id")
            if change.table == "incident" and type(exhibit) is str and type(kind) is str and kind in _LASTING:
                self._told[exhibit] = (kind, content.sequence)


def _corrects_seal(content: Content) -> bool:
    """Whether a correction of a step is one of what the step told of the seal."""
    told = content.facts.get("corrected")
    return content.action == CORRECT_STEP and not (isinstance(told, Mapping) and _OF_SEALS.isdisjoint(told))
