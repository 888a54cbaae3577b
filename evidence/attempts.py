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

MAX_ATTEMPTS = 200
MAX_UNREAD = 8
"""Of so many contents of one volume the attempts may die; with the next one, its entries are listed without contents.

The same holds for the archives of a volume, which are counted apart. Nothing here is a limit of time: what is left out
must be the same on a quick computer and on a slow one.
"""
MAX_UNLISTED = 8
"""Of so many directories of one volume the attempts may die; with the next one, its listing ends there."""
MAX_UNREAD_OF_ALL = 32
"""Of so many contents of all volumes; from then on each further volume has contents up to the first that is one."""

CONTENT, ARCHIVE = "content not read", "the archive is not opened"
SAID = {
    LOOK: "What this volume holds is not known, for looking for it ended the reading process",
    OPEN: "The file system is recognised but cannot be opened, its files are not listed: the reading process ended",
    LIST: "The listing of this volume stops here, entries are missing: the reading process ended",
    DIGEST: "The volume is not digested: the reading process ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an examination is.

    Attributes:
        volume_id: The volume.
        step: One of the five steps.
        flush: How many times contents were handed out to be read, in all volumes so far; 0 for an archive.
        index: READ: which of the contents handed out last, from 0; of an archive the id of its row. LIST: which of the
            directories in the order of the walk, from 1; 0 before the first.
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
    if step not in (*SAID, READ) or not numbers or not volume_id:
        return None
    return Place(volume_id=volume_id, step=step, flush=int(flush), index=int(index))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A step that is not taken again.

    Attributes:
        volume_id: The volume.
        step: LIST ends after so many ``batches`` of the whole examination, READ with the content at ``flush`` and
            ``index``; the others are not taken at all.
        why: What the last attempt died of, as a sentence.
    """

    volume_id: str
    step: str
    batches: int
    why: str
    flush: int = 0
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A content that is not read again."""

    volume_id: str
    flush: int
    index: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """A directory that is not listed again, or not further than where so many ``batches`` were yielded in all."""

    volume_id: str
    index: int
    batches: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Avoid:
    """What the next attempt leaves out.

    Attributes:
        done_batches: How many batches of rows the earlier attempts yielded.
        stops: Steps that are not taken.
        unread: Contents that are not read.
        unlisted: Directories that are not listed.
    """

    done_batches: int = 0
    stops: tuple[Stop, ...] = ()
    unread: tuple[Unread, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()

    def after(self, place: Place, done_batches: int, why: str) -> Avoid | None:
        """What is left out once a child died at ``place``; None where that was left out already."""
        later = replace(self, done_batches=done_batches)
        former = next((s for s in self.stops if (s.volume_id, s.step) == (place.volume_id, place.step)), None)
        if place.step == READ:
            known = [unread for unread in self.unread if unread.volume_id == place.volume_id]
            if any((unread.flush, unread.index) == (place.flush, place.index) for unread in known):
                return None
            if former is None and len(known) < MAX_UNREAD and len(self.unread) < MAX_UNREAD_OF_ALL:
                item = Unread(volume_id=place.volume_id, flush=place.flush, index=place.index, why=why)
                return replace(later, unread=(*self.unread, item))
            if former is not None and (former.flush, former.index) <= (place.flush, place.index):
                return None
        elif former is not None:
            return None
        elif place.step == LIST and place.index:
            left = [one.index for one in self.unlisted if one.volume_id == place.volume_id]
            if place.index not in left and len(left) < MAX_UNLISTED:
                one = Unlisted(volume_id=place.volume_id, index=place.index, batches=done_batches, why=why)
                return replace(later, unlisted=(*self.unlisted, one))
        stop = Stop(
            volume_id=place.volume_id, step=place.step, batches=done_batches, why=why,
            flush=place.flush, index=place.index,
        )  # fmt: skip
        return replace(later, stops=(*(other for other in self.stops if other is not former), stop))

    def text(self) -> str:
        """What is left out, as text for :func:`avoid_of`, without how many batches there were."""
        import json  # here and below: a child, which starts quickly, needs it never

        stops, unread = list(map(asdict, self.stops)), list(map(asdict, self.unread))
        return json.dumps({"stops": stops, "unread": unread, "unlisted": list(map(asdict, self.unlisted))})


NOTHING = Avoid()


def avoid_of(text: str, done_batches: int) -> Avoid:
    """What was left out by an examination that is gone on with after so many batches; empty text for nothing."""
    import json

    told = json.loads(text) if text else {"stops": (), "unread": ()}
    return Avoid(
        done_batches=done_batches,
        stops=tuple(Stop(**stop) for stop in told["stops"]),
        unread=tuple(Unread(**unread) for unread in told["unread"]),
        unlisted=tuple(Unlisted(**one) for one in told.get("unlisted", ())),
    )
