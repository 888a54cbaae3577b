"""The course of one attempt at an examination, in the child: what it is about to do, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable

from evidence.attempts import CONTENT, LIST, READ, SAID, Avoid, Place
from evidence.filesystems.content import ContentReader, ContentSource, Examined
from evidence.filesystems.listed_folders import Folders
from evidence.filetype import TypeFinder
from evidence.shares import Share


class Course:
    """The course of one attempt, in the child: notes each step before it is taken, and knows those to leave out."""

    def __init__(self, avoid: Avoid, share: Share, on_place: Callable[[str], None]) -> None:
        """Leave out ``avoid``; ``on_place`` takes the text of every place."""
        self._share, self._on_place = share, on_place
        self._stops = {(stop.volume_id, stop.step): stop for stop in avoid.stops}
        self._unread = {(unread.volume_id, unread.flush, unread.index): unread.why for unread in avoid.unread}
        self._unlisted = {(one.volume_id, one.index): one for one in avoid.unlisted}
        self._folder = self._batches = 0
        share.done_batches = avoid.done_batches

    def stops(self, volume_id: str, step: str) -> str | None:
        """Why a step is not to be taken, as a sentence; None when it is, and then it is noted."""
        stop = self._stops.get((volume_id, step))
        if stop is not None and (step != LIST or self._batches >= stop.batches):
            return f"{SAID[step]} ({stop.why})."
        folder = self._folder if step == LIST else 0
        self._on_place(Place(volume_id=volume_id, step=step, flush=self._share.asked, index=folder).text())
        return None

    def folders(self, volume_id: str) -> Folders:
        """The directories of a volume that is about to be listed."""
        self._folder = 0
        return Folders(lambda is_next: self._why_unlisted(volume_id, is_next))

    def _why_unlisted(self, volume_id: str, is_next: bool) -> str | None:
        """Why the next directory is not listed, or this one not further; None when it is, and then it is noted."""
        self._folder += is_next
        left = self._unlisted.get((volume_id, self._folder))
        if left is not None and self._batches >= left.batches:
            return f"the reading process ended ({left.why})"
        place = Place(volume_id=volume_id, step=LIST, flush=self._share.asked, index=self._folder)
        self._on_place(place.text())
        return None

    def add_batch(self) -> None:
        """A batch is about to be yielded."""
        self._batches += 1

    def why_unread(self, volume_id: str, flush: int, index: int, what: str = CONTENT) -> str | None:
        """Why a content is not to be read, or an archive not to be opened; None when it is, and then it is noted."""
        why = self._unread.get((volume_id, flush, index))
        stop = self._stops.get((volume_id, READ))
        if why is None and stop is not None and (flush, index) >= (stop.flush, stop.index):
            if (flush, index) > (stop.flush, stop.index):
                return f"{what}: too many before it ended the reading process"
            why = stop.why
        if why is None:
            self._on_place(Place(volume_id=volume_id, step=READ, flush=flush, index=index).text())
            return None
        return f"{what}: the reading process ended ({why})"

    def summary(self, volume_id: str, one: str, many: str) -> str | None:
        """How many contents or archives of a volume ended a process, as a sentence; None where none did."""
        deaths = sum(volume == volume_id for volume, _, _ in self._unread)
        is_stopped = (volume_id, READ) in self._stops
        if not deaths and not is_stopped:
            return None
        deaths += is_stopped
        said = f"{deaths} {one if deaths == 1 else many} of this volume ended the reading process and were left out"
        rest = f", and so were all {many} behind the last of them" if is_stopped else ""
        return f"{said}{rest}: the notes of their entries say so, and every entry is listed."


class WatchedContents(ContentReader):
    """Reads contents but those that ended a child, and notes which it reads."""

    def __init__(
        self,
        types: TypeFinder,
        on_chunk: Callable[[], None],
        volume_id: str,
        course: Course,
        share: Share,
        files_bytes: int,
    ) -> None:
        """Prepare for the file system of ``volume_id``; the rest is as for its base."""
        super().__init__(types, on_chunk, files_bytes)
        self._volume_id, self._course, self._share = volume_id, course, share
        self._flush, self._index = 0, 0

    def examine(self, content: ContentSource, name: str, why_not: str = "") -> Examined:
        """As of any :class:`~evidence.filesystems.content.ContentReader`."""
        if self._share.asked != self._flush:
            self._flush, self._index = self._share.asked, 0
        why = self._course.why_unread(self._volume_id, self._flush, self._index)
        self._index += 1
        return super().examine(content, name, why_not) if why is None else Examined(note=why)
