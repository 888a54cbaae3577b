"""Keys of encrypted volumes while somebody is signed in; in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from forensics_app.model.image import NO_KEYS, Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a volume was unlocked.

    Attributes:
        kind: "password", "recovery key" or "key file".
        keys: The one key that opened it.
    """

    kind: str
    keys: Keys = field(repr=False)


@dataclass(slots=True, repr=False)
class SessionKeys:
    """The keys that were given, by image, and which volumes they opened. Written nowhere."""

    _keys: dict[UUID, Keys] = field(default_factory=dict)
    _openings: dict[UUID, dict[str, Opening]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, image_id: UUID) -> Keys:
        """All keys given for an image."""
        with self._lock:
            return self._keys.get(image_id, NO_KEYS)

    def add(self, image_id: UUID, keys: Keys) -> None:
        """Keep further keys of an image until they are forgotten."""
        with self._lock:
            self._keys[image_id] = self._keys.get(image_id, NO_KEYS) | keys

    def openings(self, image_id: UUID) -> Mapping[str, Opening]:
        """How the volumes of an image were unlocked, by id."""
        with self._lock:
            return dict(self._openings.get(image_id, {}))

    def note(self, image_id: UUID, openings: Mapping[str, Opening]) -> None:
        """Remember how volumes were unlocked."""
        with self._lock:
            self._openings.setdefault(image_id, {}).update(openings)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._keys.clear()
            self._openings.clear()
