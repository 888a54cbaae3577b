"""The course of one attempt at an examination, in the child: what it is about to do, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable

from evidence.attempts import LIST, READ, SAID, Avoid, Place
from evidence.filesystems.content import ContentReader, ContentSource, Examined
from evidence.filetype import TypeFinder
from evidence.shares import Share


class Course:
    """The course of one attempt, in the child: notes each step before it is taken, and knows those to leave out."""

    def __init__(self, avoid: Avoid, share: Share, on_place: Callable[[str], None]) -> None:
        """Leave out ``avoid``; ``on_place`` takes the text of every place."""
        self._share, self._on_place = share, on_place
        self._stops = {(stop.volume_id, stop.step): stop for stop in avoid.stops}
        self._unread = {(unread.flush, unread.index): unread.why for unread in avoid.unread}
        self._batches = 0
        share.done_batches = avoid.done_batches

    def stops(self, volume_id: str, step: str, *, in_hand: int = 0) -> str | None:
        """Why a step is not to be taken, as a sentence; None when it is, and then it is noted.

        Args:
            volume_id: The volume.
            step: The step.
            in_hand: How many batches were counted by :meth:`add_batch` that the step still belongs to.
        """
        stop = self._stops.get((volume_id, step))
        if stop is not None and (step != LIST or self._batches - in_hand >= stop.batches):
            return f"{SAID[step]} ({stop.why})."
        self._on_place(Place(volume_id=volume_id, step=step, flush=self._share.asked).text())
        return None

    def add_batch(self) -> None:
        """A batch is about to be yielded."""
        self._batches += 1

    def why_unread(self, volume_id: str, flush: int, index: int) -> str | None:
        """Why a content is not to be read; None when it is, and then it is noted."""
        why = self._unread.get((flush, index))
        if why is None:
            self._on_place(Place(volume_id=volume_id, step=READ, flush=flush, index=index).text())
            return None
        return f"{SAID[READ]} ({why})"


class WatchedContents(ContentReader):
    """Reads contents but those that ended a child, and notes which it reads."""

    def __init__(
        self,
        size_bytes: int,
        types: TypeFinder,
        on_chunk: Callable[[], None],
        volume_id: str,
        course: Course,
        share: Share,
    ) -> None:
        """Prepare for the file system of ``volume_id``; the rest is as for its base."""
        super().__init__(size_bytes, types, on_chunk)
        self._volume_id, self._course, self._share = volume_id, course, share
        self._flush, self._index = 0, 0

    def examine(self, content: ContentSource, name: str) -> Examined:
        """As of any :class:`~evidence.filesystems.content.ContentReader`."""
        if self._share.asked != self._flush:
            self._flush, self._index = self._share.asked, 0
        why = self._course.why_unread(self._volume_id, self._flush, self._index)
        self._index += 1
        return super().examine(content, name) if why is None else Examined(note=why)
