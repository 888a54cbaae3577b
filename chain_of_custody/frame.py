"""What a judge needs of a body: its place in the chain and its signers, after checking the whole of it.

`read_frame` accepts exactly what `body.read_raw` accepts. Most bodies take a shorter way there: everything around the
free part (changes and facts) is matched against its fixed form, and only the free part is read as JSON. Whatever does
not match goes the long way, which alone decides that something is wrong.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final, NamedTuple

from chain_of_custody.body import are_changes, read_raw
from chain_of_custody.canonical import MAX_INTEGER, parse_text
from chain_of_custody.errors import CanonicalError


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
    frame = _short_way(body)
    if frame is not None:
        return frame
    raw = read_raw(body)
    slots = (Slot(slot["key"], slot["name"], slot["person"], slot["role"]) for slot in raw["signers"])
    return Frame(place_in(raw), tuple(slots))


def place_in(raw: dict[str, Any]) -> Place:
    """Return the place that a body states which `body.read_raw` has read."""
    return Place(raw["chain"], raw["chain_kind"], raw["sequence"], raw["previous"], raw["recorded_at"])


def _short_way(body: bytes) -> Frame | None:
    """Return the frame of a body of the usual form; None when only the long way can tell."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    end = text.rfind(_END)
    head, tail = _BEFORE_CHANGES.match(text), _AFTER_FACTS.fullmatch(text, max(end, 0))
    if head is None or tail is None or not _is_free_part(text[head.end() + 1 : end]):
        return None
    actor, chain, kind = head.groups()
    previous, recorded_at, number, *slots = tail.groups()
    signers = (Slot(*slots[:4]),) if slots[4] is None else (Slot(*slots[:4]), Slot(*slots[4:]))
    sequence = int(number)
    if (
        sequence > MAX_INTEGER
        or all(slot.person != actor for slot in signers)
        or (signers[0].key == signers[-1].key and len(signers) > 1)
        or not _is_time(recorded_at)
    ):
        return None
    return Frame(Place(chain, kind, sequence, previous, recorded_at), signers)


def _is_free_part(text: str) -> bool:
    try:
        free = parse_text(f"{{{text}}}")
    except CanonicalError:
        return False
    return type(free) is dict and len(free) == 2 and are_changes(free["changes"]) and type(free.get("facts")) is dict


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
