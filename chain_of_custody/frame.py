"""What a judge needs of a body: its place in the chain and its signers, after checking the whole of it.

`read_frame` accepts exactly what `body.read_raw` accepts. Most bodies take a shorter way there: everything around the
free part (changes and facts) is matched against its fixed form, and only the free part is read as JSON. Whatever does
not match goes the long way, which alone decides that something is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from chain_of_custody.body import are_changes, read_raw
from chain_of_custody.canonical import MAX_INTEGER, Json, parse_objects
from chain_of_custody.errors import BodyError


class Place(NamedTuple):
    """What a body says of its place in a chain. `previous` in hexadecimal digits, `recorded_at` as written."""

    chain: str
    chain_kind: str
    sequence: int
    previous: str
    recorded_at: str


class Slot(NamedTuple):
    """A signer that a body names."""

    key: str
    name: str
    person: str
    role: str


class Frame(NamedTuple):
    """The place of an entry and its signers."""

    place: Place
    signers: tuple[Slot, ...]


_TEXT: Final = r'[^"\\\x00-\x1f]*+'
_ESCAPED_TEXT: Final = rf'{_TEXT}(?:\\["\\bfnrt]{_TEXT})*+'
_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DIGEST: Final = "[0-9a-f]{64}"
_TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
_SLOT: Final = (
    rf'\{{"key":"({_DIGEST})","name":"({_TEXT})","person":"({_UUID})","role":"(actor|giver|receiver|witness)"\}}'
)
_MIDDLE: Final = ',"changes":'
_END: Final = ',"object":{"id":"'
_BEFORE_CHANGES: Final = re.compile(
    rf'\{{"action":"(?!"){_ESCAPED_TEXT}",'
    rf'"actor":\{{"function":"{_ESCAPED_TEXT}","id":"({_UUID})","name":"{_ESCAPED_TEXT}"\}},'
    rf'"chain":"({_UUID})","chain_kind":"(lab|case)"(?={_MIDDLE}\[)'
)
_AFTER_FACTS: Final = re.compile(
    rf',"object":\{{"id":"{_ESCAPED_TEXT}","kind":"{_ESCAPED_TEXT}","label":"{_ESCAPED_TEXT}"\}},'
    rf'"previous":"({_DIGEST})","reason":(?:null|"{_ESCAPED_TEXT}"),"recorded_at":"({_TIME})",'
    rf'"sequence":([1-9][0-9]{{0,15}}),"signers":\[{_SLOT}(?:,{_SLOT})?\],"version":1\}}'
)


def read_frame(body: bytes) -> Frame:
    """Read a body, all of it, for its place and its signers.

    Raises:
        BodyError: it is not the body of a ledger entry.
    """
    frame = read_frames((body,))[0]
    if isinstance(frame, BodyError):
        raise frame
    return frame


def read_frames(bodies: Sequence[bytes]) -> list[Frame | BodyError]:
    """Read many bodies as `read_frame` does; an error stands for what is not the body of a ledger entry."""
    usual = [*map(_usual, bodies)]
    free = iter(parse_objects([one.free for one in usual if one is not None]))
    return [
        one.frame if one is not None and _is_free_part(next(free)) else _long_way(body)
        for one, body in zip(usual, bodies, strict=True)
    ]


def place_in(raw: dict[str, Any]) -> Place:
    """Return the place that a body states which `body.read_raw` has read."""
    return Place(raw["chain"], raw["chain_kind"], raw["sequence"], raw["previous"], raw["recorded_at"])


class _Usual(NamedTuple):
    """What a body of the usual form holds, if its free part, the text of an object, is of the format."""

    frame: Frame
    free: str


def _long_way(body: bytes) -> Frame | BodyError:
    try:
        raw = read_raw(body)
    except BodyError as error:
        return error
    slots = (Slot(slot["key"], slot["name"], slot["person"], slot["role"]) for slot in raw["signers"])
    return Frame(place_in(raw), tuple(slots))


def _usual(body: bytes) -> _Usual | None:
    """Return the frame of a body of the usual form; None when only the long way can tell."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    end = text.rfind(_END)
    head, tail = _BEFORE_CHANGES.match(text), _AFTER_FACTS.fullmatch(text, max(end, 0))
    if head is None or tail is None:
        return None
    actor, chain, kind = head.groups()
    previous, recorded_at, number, key, name, person, role, *second = tail.groups()
    signers: tuple[Slot, ...] = (Slot(key, name, person, role),)
    if second[0] is not None:
        signers += (Slot(*second),)
    sequence = int(number)
    if (
        sequence > MAX_INTEGER
        or (person != actor and signers[-1].person != actor)
        or (len(signers) > 1 and key == signers[1].key)
        or not _is_time(recorded_at)
    ):
        return None
    frame = Frame(Place(chain, kind, sequence, previous, recorded_at), signers)
    return _Usual(frame, f"{{{text[head.end() + 1 : end]}}}")


def _is_free_part(free: Json) -> bool:
    return (
        type(free) is dict and len(free) == 2 and are_changes(free.get("changes")) and type(free.get("facts")) is dict
    )


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
