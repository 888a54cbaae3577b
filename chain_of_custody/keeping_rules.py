"""Whether an erasure came when it could: after the retention period of the case, and under no legal hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.decision_rules import HOLD
from chain_of_custody.erasure_rules import PREFIX, REJECT

SET: Final = "retention.set"
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_ZONE: Final = timedelta(hours=14)
"""How far the calendar of any place is ahead of UTC at most: a ledger does not say in which zone its laboratory is."""
_LAST_DAY: Final = "9999-12-31"


class Keeping:
    """Until when a case is kept, and the holds on it, as the entries of its chain so far add up to them."""

    def __init__(self) -> None:
        """Begin with a case of which nobody has said how long it is kept."""
        self._keep_until: str | None = None
        self._held: set[str] = set()

    def take(self, content: Content, at: str) -> Iterator[str]:
        """Say what an erasure removes too early, and count periods and holds.

        Args:
            content: The entry.
            at: Time of use, as `utc_text` writes it.
        """
        if content.action.startswith(PREFIX) and content.action != REJECT:
            if self._keep_until is None:
                yield f"{content.action} is about a case of which nobody had said how long it is kept."
            elif self._keep_until >= _newest_day(at):
                yield f"{content.action} was done before the retention period was over, which ends {self._keep_until}."
            if self._held:
                yield f"{content.action} was done under a legal hold."
        if content.action == SET:
            told = content.facts.get("keep_until")
            self._keep_until = told if isinstance(told, str) and _DAY.fullmatch(told) else _LAST_DAY
        for change in content.changes:
            if change.table == HOLD and "lifted_at" in change.set:
                is_lifted = change.after["lifted_at"] is not None
                (self._held.discard if is_lifted else self._held.add)(change.id)


def _newest_day(at: str) -> str:
    """The latest day that it was anywhere at a time."""
    try:
        return (datetime.fromisoformat(at) + _FIRST_ZONE).date().isoformat()
    except OverflowError:
        return _LAST_DAY
