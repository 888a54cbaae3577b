"""Whether what an entry writes of an exhibit is what it tells: where it is, what a correction corrects (fifth rules).

People sign what is told and read what is written; so the one is the other. See ``docs/ledger-format.md``, section 7,
*Told and written*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json
from chain_of_custody.vocabulary import Event, State

ALWAYS: Final = ("occurred_at", "place", "purpose", "remarks")
WHERE_TOLD: Final = (
    "shelf", "condition", "seal_number", "seal_check", "seal_remarks", "expected_return", "due", "hearing",
    "departed_at", "packaging", "transport", "route", "seizing_officer", "officer",
)  # fmt: skip
"""What was told of a step and can be corrected where it was told; parties who signed, signatures and papers never."""
_PLACE: Final = "place"
_HOLDER: Final = "holder"
_TELL: Final[Mapping[str, tuple[str, ...]]] = {
    _PLACE: ("shelf", "place", "agency"),
    "seal_number": ("seal_number",),
    "condition": ("condition",),
    "expected_back": ("expected_return", "due"),
}
_TELL_OF_A_SEIZURE: Final[Mapping[str, tuple[str, ...]]] = {
    "seized_at": ("occurred_at",),
    "seized_place": ("place",),
    "seized_by": ("seizing_officer", "officer"),
}
"""By column of an exhibit, the facts of a step of which the first that is told is written there."""
_ENDS: Final = frozenset((Event.RETURN_TO_OWNER, Event.DESTROY, Event.FORFEIT, Event.ARCHIVE))
_THERE: Final = frozenset((State.IDENTIFIED, State.SEIZED))
"""States in which an exhibit may still be where it was seized."""


class LastTold:
    """By which step each column of each exhibit was told last."""

    def __init__(self) -> None:
        """Begin without any."""
        self._by: dict[tuple[str, str], int] = {}

    def later(self, exhibit: str, column: str, sequence: int) -> bool:
        """Whether an entry after the one with this number told or wrote a column, and was not about that one."""
        return self._by.get((exhibit, column), 0) > sequence

    def count(self, content: Content, number: int, told: Mapping[str, Json]) -> None:
        """Count an entry; `number` is that of the step that it is, or corrects, else its own, `told` what it tells."""
        for column, names in _TELL.items():
            if first_told(told, names):
                self._tell(content.object.id, column, number)
        for change in content.changes:
            for column in change.set if change.table == "exhibit" else ():
                self._tell(change.id, column, number)

    def _tell(self, exhibit: str, column: str, number: int) -> None:
        self._by[exhibit, column] = max(number, self._by.get((exhibit, column), 0))


def first_told(facts: Mapping[str, Json], names: tuple[str, ...]) -> str:
    """The first of some facts that is a text and not empty; empty where none is."""
    return next((told for name in names if type(told := facts.get(name)) is str and told), "")


def place_breaches(content: Content, event: str | None, change: Change, row: Mapping[str, Json]) -> Iterator[str]:
    """Say whether an entry puts an exhibit that is there elsewhere than it tells.

    Args:
        content: the entry.
        event: the step that it is of this exhibit; None where it is none.
        change: what it writes of the exhibit.
        row: the columns of the exhibit before it.
    """
    was = row.get(_PLACE)
    now, number = change.after.get(_PLACE, was), row.get("number")
    if event is None:
        is_other = _PLACE in change.set and content.action == "exhibit.correct"
        if is_other and (row.get("state") not in _THERE or now != change.after.get("seized_place")):
            yield f"{content.action} puts {number} elsewhere, which only its steps do."
        return
    told = first_told(content.facts, _TELL[_PLACE])
    if event in _ENDS:
        told = "" if event == Event.DESTROY else first_told(content.facts, (_PLACE,))
        is_right = now == told or (now == was and not told)
    else:
        is_right = now == told or (now == was and (not told or event == Event.SEIZE))
    if not is_right:
        yield f"{content.action} tells {told or 'no place'}, and puts {number} at {now}."


def corrected_names(step: Content, names: Mapping[str, object]) -> Iterator[str]:
    """Say which of what a correction corrects of a step cannot be corrected."""
    for name in names:
        told = step.facts.get(name)
        if name not in ALWAYS and not (name in WHERE_TOLD and type(told) is str and told):
            yield f"exhibit.correct_step corrects {name} of entry {step.sequence}, which nobody may."


def corrected_columns(
    content: Content, step: Content, before: Mapping[str, Json], after: Mapping[str, Json], last: LastTold
) -> Iterator[str]:
    """Say which columns a correction of a step writes otherwise than what that step tells now.

    Args:
        content: the entry.
        step: what it corrects.
        before: what was told of the step before it.
        after: what is told of it from here on.
        last: by which step the columns were told last.
    """
    event, exhibit = step.facts.get("event"), content.object.id
    tell = {**_TELL, **_TELL_OF_A_SEIZURE} if event == Event.SEIZE else {} if event == Event.DESTROY else _TELL
    for change in content.changes:
        for column, (_, new) in change.set.items() if (change.table, change.id) == ("exhibit", exhibit) else ():
            if column == _HOLDER:
                continue  # that of the officer who seized it
            names = tell.get(column, ())
            now = first_told(after, names)
            is_told = bool(names) and new == now and now != first_told(before, names)
            if not is_told or last.later(exhibit, column, step.sequence):
                yield f"{content.action} writes {column} of {content.object.label} otherwise than it corrects it."
