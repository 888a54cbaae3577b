"""Which name of the catalogue is which of the second reader, in one folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from evidence.second_reader.base import SecondEntry
from evidence.second_reader.comparing import Ours, is_listed_by_both, why_unreadable

OursT = TypeVar("OursT", bound=Ours)


class Pairing(Generic[OursT]):
    """The names of one folder.

    By their names first, of several alike by their numbers. What is left is paired by number, so that a name that one
    of the two cannot read hides no other.
    """

    def __init__(self, ours: Iterable[OursT], file_system: str) -> None:
        """Begin with what the catalogue has in the folder, allocated."""
        self._type = file_system
        self._left: dict[str, list[OursT]] = {}
        for one in ours:
            self._left.setdefault(one.name, []).append(one)
        self._waiting: list[SecondEntry] = []

    def take(self, theirs: SecondEntry) -> OursT | None:
        """What has the name; None where nothing that is left has it, then :meth:`rest` tells what it is."""
        found = self._named(theirs, theirs.name) if theirs.is_named else None
        if found is None:
            self._waiting.append(theirs)
        return found

    def rest(self) -> Iterator[tuple[SecondEntry, OursT | None]]:
        """What waits, with what is paired with it; None where the catalogue has nothing that it may be."""
        by_number: dict[str, list[OursT]] = {}
        for one in self._all_left():
            if one.kind != "stream":
                by_number.setdefault(_number_of(one), []).append(one)
        names: dict[str, str] = {}
        for theirs in self._waiting:
            if theirs.stream_of:
                owner = names.get(theirs.stream_of)
                name = None if owner is None else owner + theirs.name[len(theirs.stream_of) :]
                yield theirs, None if name is None else self._named(theirs, name)
                continue
            found = by_number.get(theirs.number) if theirs.number else None
            ours = found.pop(0) if found else None
            if ours is not None:
                self._drop(ours)
                names[theirs.name] = ours.name
            if ours is not None or theirs.is_named or theirs.number:
                yield theirs, ours
        yield from self._unread()

    def _unread(self) -> Iterator[tuple[SecondEntry, OursT | None]]:
        """Entries of which the second reader tells nothing, with what they may be: at most as many.

        Where more names are left than such entries, those are taken that it is known to stumble over; libfsntfs
        does over names of streams that are no text.
        """
        unread = [one for one in self._waiting if not one.is_named and not one.number]
        left = [one for one in self._all_left() if one.kind != "stream" and is_listed_by_both(one)]
        odd = {_number_of(one) for one in self._all_left() if one.kind == "stream" and one.name_bytes is not None}
        likely = [one for one in left if _number_of(one) in odd or why_unreadable(one, self._type)]
        for some in (left, likely):
            if len(some) <= len(unread):
                for ours in some:
                    self._drop(ours)
                    yield unread.pop(0), ours
                break
        for theirs in unread:
            yield theirs, None

    def _named(self, theirs: SecondEntry, name: str) -> OursT | None:
        """What is left of a name and may be what the second reader lists."""
        some = [one for one in self._left.get(name, ()) if (one.kind == "stream") == bool(theirs.stream_of)]
        found = next((one for one in some if theirs.number == _number_of(one)), some[0] if some else None)
        if found is not None:
            self._drop(found)
        return found

    def _drop(self, ours: OursT) -> None:
        self._left[ours.name] = [one for one in self._left[ours.name] if one is not ours]

    def _all_left(self) -> Iterator[OursT]:
        return (one for some in self._left.values() for one in some)


def _number_of(ours: Ours) -> str:
    """The number of what a row of the catalogue stands for."""
    return ours.address.partition("-")[0]
