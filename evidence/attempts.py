"""Going on with an examination after a child died of it: where it was, and what the next attempt leaves out.

A native reader may crash, hang or take all memory on damaged structures. The child notes every step before it takes
it; after its death the examination is begun anew without that step. What the first attempt yielded is walked through
again, without its contents being read, so that ids and order are those of one examination that went through.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

LOOK, OPEN, LIST, READ, DIGEST = "look", "open", "list", "read", "digest"
"""The steps: to look for what a volume holds; to open a file system; to list it; to read one content of a batch; to
digest a whole volume."""

MAX_ATTEMPTS = 64
MAX_UNREAD = 8
"""How many contents of one volume the attempts may die of before the rest of the volume is left out."""

SAID = {
    LOOK: "What this volume holds is not known, for looking for it ended the reading process",
    OPEN: "The file system is recognised but cannot be opened, its files are not listed: the reading process ended",
    LIST: "The listing of this volume stops here, entries are missing: the reading process ended",
    READ: "content not read: the reading process ended",
    DIGEST: "The volume is not digested: the reading process ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an examination is.

    Attributes:
        volume_id: The volume.
        step: One of the five steps.
        flush: How many times contents were handed out to be read, in all volumes so far.
        index: READ: which of the contents handed out last, from 0.
    """

    volume_id: str
    step: str
    flush: int = 0
    index: int = 0

    def text(self) -> str:
        """In one line, for the note of the child."""
        return f"{self.step} {self.flush} {self.index} {self.volume_id}"


def place_of(text: str) -> Place | None:
    """The place that a child noted; None where it noted none, or nonsense."""
    step, _, rest = text.partition(" ")
    flush, _, rest = rest.partition(" ")
    index, _, volume_id = rest.partition(" ")
    numbers = all(part.isascii() and part.isdigit() and len(part) < 16 for part in (flush, index))
    if step not in SAID or not numbers or not volume_id:
        return None
    return Place(volume_id=volume_id, step=step, flush=int(flush), index=int(index))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A step that is not taken again: LIST after so many batches of the whole examination, the others not at all."""

    volume_id: str
    step: str
    batches: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A content that is not read again."""

    volume_id: str
    flush: int
    index: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Avoid:
    """What the next attempt leaves out.

    Attributes:
        done_batches: How many batches of rows the earlier attempts yielded.
        stops: Steps that are not taken.
        unread: Contents that are not read.
    """

    done_batches: int = 0
    stops: tuple[Stop, ...] = ()
    unread: tuple[Unread, ...] = ()

    def after(self, place: Place, done_batches: int, why: str) -> Avoid | None:
        """What is left out once a child died at ``place``; None where that was left out already."""
        later = replace(self, done_batches=done_batches)
        if place.step == READ:
            known = [unread for unread in self.unread if unread.volume_id == place.volume_id]
            if any((unread.flush, unread.index) == (place.flush, place.index) for unread in known):
                return None
            if len(known) < MAX_UNREAD:
                item = Unread(volume_id=place.volume_id, flush=place.flush, index=place.index, why=why)
                return replace(later, unread=(*self.unread, item))
            place = Place(volume_id=place.volume_id, step=LIST)
        if any((stop.volume_id, stop.step) == (place.volume_id, place.step) for stop in self.stops):
            return None
        stop = Stop(volume_id=place.volume_id, step=place.step, batches=done_batches, why=why)
        return replace(later, stops=(*self.stops, stop))

    def text(self) -> str:
        """What is left out, as text for :func:`avoid_of`, without how many batches there were."""
        import json  # here and below: a child, which starts quickly, needs it never

        return json.dumps({"stops": list(map(asdict, self.stops)), "unread": list(map(asdict, self.unread))})


NOTHING = Avoid()


def avoid_of(text: str, done_batches: int) -> Avoid:
    """What was left out by an examination that is gone on with after so many batches; empty text for nothing."""
    import json

    told = json.loads(text) if text else {"stops": (), "unread": ()}
    return Avoid(
        done_batches=done_batches,
        stops=tuple(Stop(**stop) for stop in told["stops"]),
        unread=tuple(Unread(**unread) for unread in told["unread"]),
    )
