"""Child processes that keep images open for the screens."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from evidence.errors import ChildClosedError, SourceChangedError
from evidence.isolation import Child
from forensics_app.model.image import EvidenceImage, ImageDescription, ImageId, Keys, OnProgress
from forensics_app.model.logical import opening
from forensics_app.services.session_keys import SessionKeys


@dataclass(slots=True)
class Readers:
    """Child processes that keep images open for the screens, one for each image; a dead one is started anew."""

    keys: SessionKeys = field(default_factory=SessionKeys)
    _children: dict[UUID, tuple[Child, Lock]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _apart: Readers | None = None
    _is_closed: bool = False

    @property
    def apart(self) -> Readers:
        """Others with the same keys: what takes contents apart may die of them, and these go on to read bytes."""
        with self._lock:
            if self._apart is None:
                self._apart = Readers(keys=self.keys, _is_closed=self._is_closed)
            return self._apart

    def call(
        self,
        image: EvidenceImage,
        name: str,
        arguments: dict[str, object],
        on_progress: OnProgress = lambda done, total: None,
    ) -> object:
        """One call about ``image``, in the process that has it open.

        What ``on_progress`` raises passes through and ends the process, as an IsolationError does; the next call starts
        a new one, and so does one that waited for this.

        Raises:
            ChildClosedError: The lab was closed.
            EvidenceError: As the call has it.
        """
        while True:
            child, lock = self._child(image)
            with lock:
                if self._forgot(image.id, child):  # ended by the call before, while this one waited
                    continue
                try:
                    return child.call(name, {"image": str(image.id), **arguments}, on_progress=on_progress)
                finally:
                    self._forgot(image.id, child)

    def unlock(self, image_id: ImageId, keys: Keys) -> None:
        """Try ``keys`` too on the locked volumes of an image from now on, until the keys are forgotten."""
        self.keys.add(image_id, keys)
        with self._lock:
            child, apart = self._children.pop(image_id, None), self._apart
        if child is not None:
            with child[1]:
                child[0].close()
        if apart is not None:
            apart.unlock(image_id, keys)

    def close(self) -> None:
        """End every process, and start none any more: also none for who waits."""
        self.end_all(is_for_good=True)

    def end_all(self, *, is_for_good: bool = False) -> None:
        """End every process; the next call starts a new one."""
        with self._lock:
            self._is_closed = self._is_closed or is_for_good
            children, self._children = list(self._children.values()), {}
            apart = self._apart
        for child, _ in children:
            child.close()
        if apart is not None:
            apart.end_all(is_for_good=is_for_good)

    def _child(self, image: EvidenceImage) -> tuple[Child, Lock]:
        with self._lock:
            if self._is_closed:
                raise ChildClosedError("open", "")
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

    def _forgot(self, image_id: UUID, child: Child) -> bool:
        """Whether a process has ended, and is given to nobody any more."""
        if child.is_open:
            return False
        with self._lock:
            if self._children.get(image_id, (None,))[0] is child:
                del self._children[image_id]
        child.close()
        return True


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
