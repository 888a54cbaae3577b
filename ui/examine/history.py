"""Where somebody has been on the page: back, forward, and no step twice."""

from __future__ import annotations

from ui.examine.places import Place

_KEPT = 200


class History:
    """The places in the order in which they were visited."""

    def __init__(self) -> None:
        """Start nowhere."""
        self._places: list[Place] = []
        self._at = -1

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether somebody went back before."""
        return self._at < len(self._places) - 1

    def visit(self, place: Place) -> None:
        """Note a place; what lay forward is forgotten."""
        if self._at >= 0 and self._places[self._at] == place:
            return
        self._places = [*self._places[: self._at + 1], place][-_KEPT:]
        self._at = len(self._places) - 1

    def move(self, step: int) -> Place | None:
        """The place ``step`` before (-1) or after (1); None where there is none."""
        at = self._at + step
        if not 0 <= at < len(self._places):
            return None
        self._at = at
        return self._places[at]

    def clear(self) -> None:
        """Forget everything, as another case was opened."""
        self._places, self._at = [], -1
