"""What a report says of departures from the guidance: those that somebody wrote down, and those that records show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forensics_app.model import dossier as paper
from forensics_app.model.retold import retold
from forensics_app.model.scene import PrincipleView
from forensics_app.model.told import Told

SHOWN = Told("shown by the records")
UNEXPLAINED = Told("no reason is recorded")


def deviations_of(principles: Sequence[PrincipleView]) -> Iterator[paper.Deviation]:
    """Each departure once, by principle; where the records show one that nobody explained, that is said."""
    for view in principles:
        title = Told(view.rule.title)
        explained = {one.gap for one in view.deviations}
        for gap in view.gaps:
            if gap.key not in explained:
                what, reason = (
                    Told("{label}: {value}", label=title, value=retold(gap.what)),
                    gap.explained or UNEXPLAINED,
                )
                yield paper.Deviation(what=what, reason=reason, by=SHOWN)
        for one in view.deviations:
            what = Told("{label}: {value}", label=title, value=one.what)
            yield paper.Deviation(what=what, reason=one.reason, by=one.author, at=one.recorded_at)
