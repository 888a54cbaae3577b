"""Whose names tell of hidden content: marked and concealed files, their copies, and what lies in them (REQ-40)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from forensics_app.model.logical import volume_around
from forensics_app.model.mark import Mark, hidden_keys, holding_keys
from forensics_app.model.names import storable
from forensics_app.model.told import Told
from forensics_app.services.carried import Carried

if TYPE_CHECKING:
    from forensics_app.db.catalogue import Catalogue
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.target import Target
    from forensics_app.services.examine import Examine

NOT_PRINTED = Told("(marked or concealed: its name is not printed)")


class HiddenNames:
    """The places of an image that are hidden; a look at one of them changes nothing."""

    def __init__(self, examine: Examine, image: EvidenceImage, catalogue: Catalogue | None) -> None:
        """Find them.

        Args:
            examine: Knows what is marked and concealed.
            image: The image.
            catalogue: Of the image; without one any content may be the same as a hidden one, if there is any.

        Raises:
            MatchesError: It cannot be told what is concealed.
            CatalogueError: The catalogue cannot be used.
        """
        marks = [one for one in examine.marks.list(image.case_id) if one.is_of(image)]
        concealed = examine.concealing.contents(image)
        hidden: list[Mark | Target | CatalogueEntry] = [*marks, *(concealed or ())]
        self.may_be_any = concealed is None or (catalogue is None and bool(hidden))
        """Whether any content may be a hidden one: then each name is taken for one that tells."""
        if hidden and catalogue is not None:
            hidden += Carried(examine, image, catalogue).alike()
        self._keys = {
            (volume_around(one.volume_id), key)
            for one in hidden
            for key in hidden_keys(one.address, storable(one.path))
        }
        self.paths = frozenset(path for one in hidden for path in (one.path, storable(one.path)) if path)
        """How each of them is called in the record and in catalogues."""
        self._names = {name for one in hidden for name in _names(one)}
        self._digests = {sha256 for one in hidden if (sha256 := _content(one)) is not None}

    def hold(self, volume_id: str, address: str, path: str, sha256: bytes | None = None) -> bool:
        """Whether the name of a content tells of one of them; ``path`` as the record stores it."""
        if self.may_be_any or not self._keys:
            return self.may_be_any
        if sha256 in self._digests:
            return True
        volume = volume_around(volume_id)
        return any((volume, key) in self._keys for key in holding_keys(address, path))

    def are_told_in(self, words: str) -> bool:
        """Whether words about another content name one of them."""
        said = _read(words)
        return self.may_be_any or any(name in said for name in self._names)


def _names(one: Mark | Target | CatalogueEntry) -> Iterator[str]:
    """How a content can be named in words: by the last part of its path, also where its bytes are no text."""
    raw = getattr(one, "name_bytes", None)
    for name in (one.path.rpartition("/")[2], storable(one.path).rpartition("/")[2], _text(raw)):
        if name:
            yield _read(name)


def _text(raw: bytes | None) -> str:
    return raw.decode("utf-8", "replace") if raw else ""


def _read(words: str) -> str:
    return unicodedata.normalize("NFC", words).casefold()


def _content(one: Mark | Target | CatalogueEntry) -> bytes | None:
    """The SHA-256 of a content that is known and not empty."""
    if isinstance(one, Mark) or not one.size_bytes:
        return None
    return one.sha256
