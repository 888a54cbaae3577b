"""A long act of several parts, told as one: how far it is of a thousand."""

from __future__ import annotations

from forensics_app.model.image import OnProgress

WHOLE = 1_000


def stage(on_progress: OnProgress, first: int, end: int) -> OnProgress:
    """What a part tells its progress to, in units of its own; ``on_progress`` gets it as ``first`` to ``end`` of 1000.

    What ``on_progress`` raises stops the part, and so the act.
    """
    return lambda done, total: on_progress(first + (end - first) * min(done, total) // max(total, 1), WHOLE)
