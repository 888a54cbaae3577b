"""Whether the time to which a step is corrected follows those of the other steps of its exhibit (fifth rules).

What is told to have happened before what was recorded earlier is a deviation, which a supervisor decides about. See
``ledger-format.md``, section 7, *In order*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json
from chain_of_custody.column_values import is_time
from chain_of_custody.reasons import is_explained


def order_breaches(content: Content, number: int, times: Mapping[int, Json], at: Json) -> Iterator[str]:
    """Say whether a correction puts a step out of the order of the others, and makes no deviation of it.

    Times are told to the minute, so those of one minute follow each other.

    Args:
        content: the entry.
        number: of the step that it corrects.
        times: what is told as the time of each step of the exhibit, by number.
        at: the time to which it corrects this one.
    """
    now = _minute(at)
    if now is None or is_explained(content):
        return
    for other, told in times.items():
        then = _minute(told)
        if then is not None and ((other < number and then > now) or (other > number and then < now)):
            yield f"{content.action} puts entry {number} out of the order of time of entry {other}, unexplained."
            return


def _minute(told: Json) -> datetime | None:
    return (
        datetime.fromisoformat(told).replace(second=0, microsecond=0) if type(told) is str and is_time(told) else None
    )
