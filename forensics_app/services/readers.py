"""Child processes that keep images open for the screens."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from evidence.errors import IsolationError, SourceChangedError
from evidence.isolation import Child
from forensics_app.model.image import EvidenceImage, ImageDescription, ImageId, Keys
from forensics_app.model.logical import opening
from forensics_app.services.session_keys import SessionKeys


@dataclass(slots=True)
class Readers:
    """Child processes that keep images open for the screens, one for each image; a dead one is started anew."""

    keys: SessionKeys = field(default_factory=SessionKeys)
    _children: dict[UUID, tuple[Child, Lock]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def call(self, image: EvidenceImage, name: str, arguments: dict[str, object]) -> object:
        """One call about ``image``, in the process that has it open.

        Raises:
            EvidenceError: As the call has it; after an IsolationError the next call starts a new process.
        """
        child, lock = self._child(image)
        with lock:
            try:
                return child.call(name, {"image": str(image.id), **arguments})
            except IsolationError:
                self._forget(image.id, child)
                raise

    def unlock(self, image_id: ImageId, keys: Keys) -> None:
        """Try ``keys`` too on the locked volumes of an image from now on, until the keys are forgotten."""
        self.keys.add(image_id, keys)
        with self._lock:
            child = self._children.pop(image_id, None)
        if child is not None:
            with child[1]:
                child[0].close()

    def close(self) -> None:
        """End every process."""
        with self._lock:
            children, self._children = list(self._children.values()), {}
        for child, _ in children:
            child.close()

    def _child(self, image: EvidenceImage) -> tuple[Child, Lock]:
        with self._lock:
            if image.id not in self._children:
                child = Child()
                try:
                    arguments = {"image": str(image.id), **opening(image.source)}
                    found = child.call("open", {**arguments, "keys": self.keys.of(image.id)})
                    check_source(image, found)
                except BaseException:
                    child.close()
                    raise
                self._children[image.id] = (child, Lock())
            return self._children[image.id]

    def _forget(self, image_id: UUID, child: Child) -> None:
        with self._lock:
            if self._children.get(image_id, (None,))[0] is child:
                del self._children[image_id]
        child.close()


def check_source(image: EvidenceImage, found: ImageDescription) -> None:
    """Refuse another source in the place of the one that was taken in.

    Only what opening tells is compared; whether every byte is the same, a check of the image tells.

    Raises:
        SourceChangedError: Container, size of the media or stored digests are not those of the intake.
    """
    was = image.source
    for name, before, now in (
        ("container", was.container, found.container),
        ("size of the media", was.media_bytes, found.media_bytes),
        ("stored digests", was.stored_digests, found.stored_digests),
    ):
        if before != now:
            raise SourceChangedError(was.paths[0], f"{name}: not as at the intake")
