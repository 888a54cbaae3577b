"""Whether what an entry writes of an exhibit is what it tells: where it is, what a correction corrects (fifth rules).

People sign what is told and read what is written; so the one is the other. See ``ledger-format.md``, section 7,
*Told and written*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chain_of_custody.body import Change, Content, utc_text
from chain_of_custody.canonical import Json
from chain_of_custody.correction_rules import OFFICER
from chain_of_custody.hand_rules import one_person
from chain_of_custody.reasons import has_letter, is_explained
from chain_of_custody.vocabulary import Event, State

ALWAYS: Final = ("occurred_at", "place", "purpose", "remarks")
WHERE_TOLD: Final = (
    "shelf", "condition", "seal_number", "seal_check", "seal_remarks", "expected_return", "due", "hearing",
    "departed_at", "packaging", "transport", "route", "seizing_officer", "officer",
)  # fmt: skip
"""What was told of a step and can be corrected where it was told; parties who signed, signatures and papers never."""
OF_A_SEIZURE: Final = ("witness",)
"""The same of a seizure alone, whose witness is told and does not sign."""
_PLACE: Final = "place"
_BACK: Final = "expected_back"
_SINCE: Final = "state_since"
_HOLDER: Final = "holder"
_TELL: Final[Mapping[str, tuple[str, ...]]] = {
    _PLACE: ("shelf", "place", "agency"),
    "seal_number": ("seal_number",),
    "condition": ("condition",),
    _BACK: ("expected_return", "due"),
}
_TELL_OF_A_SEIZURE: Final[Mapping[str, tuple[str, ...]]] = {
    "seized_at": ("occurred_at",),
    "seized_place": ("place",),
    "seized_by": OFFICER,
    "seizure_witness": OF_A_SEIZURE,
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


def column_breaches(content: Content, event: str, change: Change, row: Mapping[str, Json]) -> Iterator[str]:
    """Say which columns a step of an exhibit writes otherwise than it tells: condition, due, since when, seizure.

    Args:
        content: the entry.
        event: the step that it is of this exhibit.
        change: what it writes of the exhibit; nothing where it writes nothing of it.
        row: the columns of the exhibit before it.
    """
    number = row.get("number")
    names = {column: _TELL[column] for column in ("condition", _BACK)}
    for column, told_by in {**names, **_TELL_OF_A_SEIZURE}.items():
        is_asked = column in names or event == Event.SEIZE
        told, was = first_told(content.facts, told_by) if is_asked else "", row.get(column)
        now = change.after.get(column, was)
        is_open = (column == _BACK and not told and now is None) or (column not in names and not now and not was)
        if now != (told or was) and not is_open:
            yield f"{content.action} tells {told or 'nothing'} of {column} of {number}, and writes {now}."
    since = change.after.get(_SINCE)
    if since is not None and since not in (utc_text(content.recorded_at), content.facts.get("clock")):
        yield f"{content.action} tells {number} to be so since {since}, which is not when it was recorded."


def seizure_breaches(content: Content, change: Change, seizure: Content | None) -> Iterator[str]:
    """Say which of what a seizure told an entry corrects apart from it, so that its custody tells it otherwise.

    Args:
        content: the entry.
        change: what it writes of an exhibit.
        seizure: the last seizure of that exhibit; None where nobody seized it.
    """
    if content.action != "exhibit.correct" or seizure is None:
        return
    for column in change.set:
        names = _TELL_OF_A_SEIZURE.get(column, ())
        if any(name in ALWAYS for name in names) or first_told(seizure.facts, names):
            yield f"{content.action} writes {column}, which is corrected with the seizure, entry {seizure.sequence}."


def corrected_names(step: Content, names: Mapping[str, object]) -> Iterator[str]:
    """Say which of what a correction corrects of a step cannot be corrected."""
    can = (*WHERE_TOLD, *OF_A_SEIZURE) if step.facts.get("event") == Event.SEIZE else WHERE_TOLD
    for name in names:
        if name not in ALWAYS and not (name in can and first_told(step.facts, (name,))):
            yield f"exhibit.correct_step corrects {name} of entry {step.sequence}, which nobody may."


def seizer_breaches(
    content: Content, step: Content, names: Mapping[str, object], after: Mapping[str, Json]
) -> Iterator[str]:
    """Say what was not allowed of who seized an exhibit, or was the witness, by a correction of the seizure.

    They are two people, of whom neither signs the correction, and are named; another officer is a deviation.

    Args:
        content: the entry.
        step: what it corrects.
        names: what it corrects of it.
        after: what is told of it from here on.
    """
    told = [name for name in (*OFFICER, *OF_A_SEIZURE) if name in names]
    if step.facts.get("event") != Event.SEIZE or not told:
        return
    officer, witness = first_told(after, OFFICER), first_told(after, OF_A_SEIZURE)
    if any(name in OFFICER for name in told) and not is_explained(content):
        yield f"{content.action} corrects who seized {content.object.label}, and makes no deviation of it."
    if one_person(officer, witness):
        yield f"{content.action} makes {officer} the officer who seized it and the witness, who are two people."
    for name in told:
        now = first_told(after, (name,))
        if not has_letter(now):
            yield f"{content.action} takes the {name.replace('_', ' ')} of the seizure out of the record."
        if any(one_person(now, slot.name) for slot in content.signers):
            yield f"{content.action} makes {now}, who signs it, the {name.replace('_', ' ')} of the seizure."


def corrected_columns(
    content: Content,
    step: Content,
    before: Mapping[str, Json],
    after: Mapping[str, Json],
    row: Mapping[str, Json],
    last: LastTold,
) -> Iterator[str]:
    """Say which columns a correction of a step writes, or leaves, otherwise than what that step tells now.

    Args:
        content: the entry.
        step: what it corrects.
        before: what was told of the step before it.
        after: what is told of it from here on.
        row: the columns of the exhibit before it.
        last: by which step the columns were told last.
    """
    event, exhibit = step.facts.get("event"), content.object.id
    tell = {**_TELL, **_TELL_OF_A_SEIZURE} if event == Event.SEIZE else {} if event == Event.DESTROY else _TELL
    own = (change.after for change in content.changes if (change.table, change.id) == ("exhibit", exhibit))
    written = next(own, {})
    for column in {**tell, **written}:
        if column == _HOLDER:
            continue  # that of the officer who seized it
        names = tell.get(column, ())
        now = first_told(after, names)
        is_due = now != first_told(before, names) and not last.later(exhibit, column, step.sequence)
        if column in written and not (is_due and written[column] == now):
            yield f"{content.action} writes {column} of {content.object.label} otherwise than it corrects it."
        elif column not in written and is_due and now != ("" if row.get(column) is None else row[column]):
            yield f"{content.action} corrects what is told of {column} of {row.get('number')}, and does not write it."
