"""Whose names tell of hidden content: marked and concealed files, their streams, and what lies in them (REQ-40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics_app.model.logical import volume_around
from forensics_app.model.mark import hidden_keys, holding_keys
from forensics_app.model.names import storable

if TYPE_CHECKING:
    from forensics_app.model.image import EvidenceImage
    from forensics_app.services.examine import Examine


class HiddenNames:
    """The places of an image that are hidden; a look at one of them changes nothing."""

    def __init__(self, examine: Examine, image: EvidenceImage) -> None:
        """Find them.

        Raises:
            MatchesError: It cannot be told what is concealed.
            CatalogueError: The catalogue cannot be used.
        """
        marks = [one for one in examine.marks.list(image.case_id) if one.is_of(image)]
        self._keys = {
            (volume_around(one.volume_id), key)
            for one in (*marks, *examine.concealing.contents(image))
            for key in hidden_keys(one.address, storable(one.path))
        }

    def hold(self, volume_id: str, address: str, path: str) -> bool:
        """Whether the name of a content tells of one of them; ``path`` as the record stores it."""
        if not self._keys:
            return False
        volume = volume_around(volume_id)
        return any((volume, key) in self._keys for key in holding_keys(address, path))
