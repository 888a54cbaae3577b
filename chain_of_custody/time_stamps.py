"""Time stamps of the lab chain's heads by an authority (RFC 3161), as they stand in the lab chain itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chain_of_custody.body import Content, utc_text
from chain_of_custody.canonical import Json
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError, TimeStampError
from chain_of_custody.time_tokens import Certificate, certificates_of, check_response, fingerprint_of

AUTHORITY: Final = "time_authority.set"
REQUEST: Final = "time_stamp.request"
ATTACH: Final = "time_stamp.attach"

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_STARTS: Final = tuple(f'{{"action":"{action}",'.encode() for action in (AUTHORITY, ATTACH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time stamp that stands in the lab chain.

    Attributes:
        lab_sequence: number of the entry that holds it.
        sequence: number of the entry whose digest it stamps.
        head: that digest, 64 hexadecimal digits.
        response: the authority's response in DER.
        stamped_at: the authority's time; empty where the stamp does not hold.
        authority: name of the certificate that signed it.
        why_not: why it does not hold; empty where it does.
    """

    lab_sequence: int
    sequence: int
    head: str
    response: bytes
    stamped_at: str = ""
    authority: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """The time stamps of a lab chain.

    Attributes:
        stamps: in the order of their entries.
        certificates: those of the authorities that the lab chain names, in PEM, each once.
        fingerprints: SHA-256 of each of them, in the same order.
    """

    stamps: tuple[Stamp, ...]
    certificates: tuple[str, ...]
    fingerprints: tuple[str, ...]

    @property
    def furthest(self) -> Stamp | None:
        """Of the stamps that hold, the one of the latest entry; of several, the earliest."""
        return max(self._holding, key=lambda one: (one.sequence, -one.lab_sequence), default=None)

    def covering(self, sequence: int) -> Stamp | None:
        """Return the earliest stamp, by the authority's time, that holds for an entry of the lab chain."""
        covering = [one for one in self._holding if one.sequence >= sequence]
        return min(covering, key=lambda one: one.stamped_at, default=None)

    @property
    def _holding(self) -> tuple[Stamp, ...]:
        return tuple(one for one in self.stamps if not one.why_not)


def stamps_in(lab: Sequence[Entry], doubted: Collection[int] = ()) -> Stamped:
    """Check the time stamps of a lab chain against the certificates that it names before them.

    Args:
        lab: its entries.
        doubted: places of entries, from 0, about which something was found; they stamp nothing and name nobody.
    """
    stamps: list[Stamp] = []
    known: dict[str, tuple[str, Certificate]] = {}
    for content in _about_stamps(lab, doubted):
        if content.action == AUTHORITY:
            known |= {fingerprint_of(one): (pem, one) for pem, one in _certificates(content.facts)}
        elif (stamp := _stamp(content)) is not None:
            stamps.append(_checked(stamp, lab, [one for _, one in known.values()]))
    pems = tuple(pem for pem, _ in known.values())
    return Stamped(stamps=tuple(stamps), certificates=pems, fingerprints=tuple(known))


def as_json(stamp: Stamp) -> Mapping[str, Json]:
    """Return a time stamp as it stands in documents."""
    return {
        "sequence": stamp.sequence,
        "head": stamp.head,
        "lab_sequence": stamp.lab_sequence,
        "stamped_at": stamp.stamped_at or None,
        "authority": stamp.authority or None,
        "why_not": stamp.why_not or None,
    }


def _about_stamps(lab: Sequence[Entry], doubted: Collection[int]) -> Iterator[Content]:
    for index, entry in enumerate(lab):
        if index in doubted or not entry.body.startswith(_STARTS):
            continue
        try:
            yield entry.content
        except BodyError:
            continue


def _certificates(facts: Mapping[str, Json]) -> Iterator[tuple[str, Certificate]]:
    listed = facts.get("certificates")
    for pem in listed if isinstance(listed, list) else ():
        try:
            found = certificates_of(pem) if isinstance(pem, str) else ()
        except TimeStampError:
            continue
        for one in found:
            yield str(pem), one


def _stamp(content: Content) -> Stamp | None:
    sequence, head, response = (content.facts.get(name) for name in ("sequence", "head", "response"))
    if type(sequence) is not int or type(head) is not str or type(response) is not str:
        return None
    if not _HEX.fullmatch(response):
        return None
    return Stamp(lab_sequence=content.sequence, sequence=sequence, head=head, response=bytes.fromhex(response))


def _checked(stamp: Stamp, lab: Sequence[Entry], trusted: Sequence[Certificate]) -> Stamp:
    place = stamp.sequence - 1
    if not 0 <= place < stamp.lab_sequence - 1 or place >= len(lab) or lab[place].digest.hex() != stamp.head:
        return replace(stamp, why_not="it does not name an entry that stands before it")
    try:
        token = check_response(stamp.response, bytes.fromhex(stamp.head), trusted)
    except TimeStampError as error:
        return replace(stamp, why_not=error.why)
    return replace(stamp, stamped_at=utc_text(token.stamped_at), authority=token.authority)
