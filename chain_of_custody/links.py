"""The place of an entry in its chain, and whether one entry follows another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from chain_of_custody.body import GENESIS, read_raw
from chain_of_custody.errors import BodyError
from chain_of_custody.frame import Place, place_in
from chain_of_custody.verdict import Answer, Finding, finding

_GENESIS_HEX: Final = GENESIS.hex()
_HEAD: Final = re.compile(r',"chain":"([0-9a-f-]{36})","chain_kind":"(lab|case)","changes":\[')
_TAIL: Final = re.compile(
    r',"previous":"([0-9a-f]{64})","reason":(?:null|"(?:[^"\\]|\\.)*"),"recorded_at":"([0-9T:.-]{26}Z)",'
    r'"sequence":([1-9][0-9]{0,15}),"signers":\['
)


class Before(NamedTuple):
    """What an entry is compared with: the digest of the entry before it, and its place if that could be read."""

    digest: str
    place: Place | None


START: Final = Before(_GENESIS_HEX, None)


def quick_place(body: bytes) -> Place:
    """Read the place out of a body without reading the rest: in a fraction of the time of `read_raw`.

    For a body that `read_raw` accepts, both agree: a quotation mark inside a string is always escaped, and in the
    order of the members nothing free in form stands before ``chain`` or after ``previous``. The rest is not checked.

    Raises:
        BodyError: the body is not one of the format.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return place_in(read_raw(body))
    head, tail = _HEAD.search(text), _TAIL.match(text, text.rfind(',"previous":"'))
    if head is None or tail is None:
        return place_in(read_raw(body))
    chain, kind = head.groups()
    previous, recorded_at, sequence = tail.groups()
    return Place(chain, kind, int(sequence), previous, recorded_at)


def unreadable(index: int, error: BodyError) -> Finding:
    """Return the finding for a body that cannot be read."""
    return finding(
        index, None, "intact", Answer.NO, f"The entry at place {index + 1} is not a ledger entry: {error.why}."
    )


def withheld_place(index: int, before: Before, chain: tuple[str, str] | None) -> Place:
    """The place of an entry that is withheld, by where its digest stands: the entry after it has to name both."""
    name, kind = chain or ("", "case")
    recorded_at = before.place.recorded_at if before.place else ""
    return Place(name, kind, index + 1, before.digest, recorded_at)


def withheld_notice(index: int) -> Finding:
    """Say that nothing is known of an entry but its digest."""
    what = (
        f"Entry {index + 1} is withheld: only its digest stands here, which an entry after it has to name. What it "
        "says, who signed it and whether it was allowed cannot be checked."
    )
    return finding(index, index + 1, "intact", Answer.YES, what)


def follows(index: int, place: Place, before: Before, chain: tuple[str, str]) -> bool:
    """Whether an entry follows the one before it, in the chain and kind given; `breaks` says why not."""
    expected = before.place.sequence + 1 if before.place else 1 if index == 0 else place.sequence
    return place.previous == before.digest and place.sequence == expected and (place.chain, place.chain_kind) == chain


def breaks(index: int, place: Place, before: Before, chain: tuple[str, str]) -> Iterator[Finding]:
    """Say in which respects an entry does not follow the one before it."""
    for what in _respects(index, place, before, chain):
        yield finding(index, place.sequence, "intact", Answer.NO, what)


def clock_notice(index: int, place: Place, before: Place) -> Finding:
    """Say that the clock went back, which is accepted but worth knowing."""
    what = (
        f"Entry {place.sequence} was recorded at {place.recorded_at}, which is before the entry that it follows "
        f"({before.recorded_at}): the clock was set back."
    )
    return finding(index, place.sequence, "intact", Answer.YES, what)


def _respects(index: int, place: Place, before: Before, chain: tuple[str, str]) -> Iterator[str]:
    at = f"Entry {place.sequence}"
    if place.chain != chain[0]:
        yield f"{at} belongs to the chain {place.chain}, not to {chain[0]}."
    elif place.chain_kind != chain[1]:
        yield f"{at} calls its chain a {place.chain_kind} chain, which is a {chain[1]} chain."
    if before.place is not None and place.sequence != before.place.sequence + 1:
        yield (f"{at} stands after entry {before.place.sequence}: entries are missing, added or out of order.")
    elif index == 0 and place.sequence != 1:
        yield f"The chain begins with entry {place.sequence}: the entries before it are missing."
    if place.previous != before.digest:
        if index == 0:
            yield f"{at} stands first but names a predecessor."
        else:
            yield (
                f"{at} names {place.previous[:16]}... as the digest of the entry before it, which is "
                f"{before.digest[:16]}...: the entry before it was changed, or is not the one that stood there."
            )
