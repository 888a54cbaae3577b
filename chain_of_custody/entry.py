"""Writing the ledger: a draft becomes a body, a body with its signatures becomes an entry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from chain_of_custody.body import (
    GENESIS,
    VERSION,
    ChainKind,
    Change,
    Content,
    Party,
    SignerSlot,
    Subject,
    read_content,
    read_raw,
    utc_text,
)
from chain_of_custody.canonical import Json, canonical
from chain_of_custody.errors import ChainError, SignerError

MESSAGE_PREFIX: Final = b"forensics-ledger/1\n"
"""Stands before the body in what is signed, so that no signature made for another purpose fits an entry."""


class Signer(Protocol):
    """Something that signs: an open key, a token."""

    @property
    def key_id(self) -> str:
        """SHA-256 of the raw public key, 64 hexadecimal digits."""

    def sign(self, message: bytes, /) -> bytes:
        """Return the Ed25519 signature, 64 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry to be made: everything but its place in the chain and its time.

    Attributes:
        chain: UUID of the chain.
        signers: in the order in which they will sign; the actor must be one of them.
        obj: what the entry is about.
        changes: what it does to the rows of the record, one `Change` per row.
    """

    chain: str
    chain_kind: ChainKind
    actor: Party
    signers: tuple[SignerSlot, ...]
    action: str
    obj: Subject
    facts: Mapping[str, Json] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A body and its signatures, both kept as they were made and never encoded again.

    Attributes:
        body: canonical JSON, the bytes that were signed.
        signatures: 64 bytes each, in the order of the signers that the body names.
        withheld: digest of an entry that a ledger file holds neither body nor signatures of, 32 bytes; None of every
            other.
    """

    body: bytes
    signatures: tuple[bytes, ...]
    withheld: bytes | None = None
    _content: Content | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body followed by the signatures: what the next entry names as its predecessor."""
        if self.withheld is not None:
            return self.withheld
        return hashlib.sha256(b"".join((self.body, *self.signatures))).digest()

    @property
    def content(self) -> Content:
        """The body, read once and kept.

        Raises:
            BodyError: the bytes are not the body of a ledger entry.
        """
        if self._content is None:
            object.__setattr__(self, "_content", read_content(self.body))
        assert self._content is not None
        return self._content


def message_of(body: bytes) -> bytes:
    """Return the bytes that every signer of a body signs."""
    return MESSAGE_PREFIX + body


def compose(draft: Draft, *, after: Entry | None, at: datetime) -> bytes:
    """Return the body of the entry that puts `draft` into its chain.

    Args:
        draft: what is to be recorded.
        after: the last entry of the chain, or None for its first.
        at: the time of recording, with a time zone.

    Raises:
        BodyError: the draft holds something that the format does not allow.
        CanonicalError: a value has no canonical form, such as a float.
        ChainError: `after` belongs to another chain.
        ValueError: `at` has no time zone.
    """
    if after is not None and after.content.chain != draft.chain:
        raise ChainError(draft.chain, after.content.chain)
    body = canonical(
        {
            "version": VERSION,
            "chain": draft.chain,
            "chain_kind": draft.chain_kind,
            "sequence": after.content.sequence + 1 if after else 1,
            "previous": (after.digest if after else GENESIS).hex(),
            "recorded_at": utc_text(at),
            "actor": {"id": draft.actor.id, "name": draft.actor.name, "function": draft.actor.function},
            "signers": [
                {"role": slot.role, "person": slot.person, "name": slot.name, "key": slot.key} for slot in draft.signers
            ],
            "action": draft.action,
            "object": {"kind": draft.obj.kind, "id": draft.obj.id, "label": draft.obj.label},
            "facts": draft.facts,
            "changes": [{"table": one.table, "id": one.id, "set": one.set} for one in draft.changes],
            "reason": draft.reason,
        }
    )
    read_raw(body)
    return body


def sign(body: bytes, signers: Sequence[Signer]) -> Entry:
    """Let every signer sign the body, in the order that the body names.

    Raises:
        BodyError: `body` is not the body of an entry.
        SignerError: the keys offered are not the keys named, one by one.
    """
    expected = tuple(slot["key"] for slot in read_raw(body)["signers"])
    offered = tuple(signer.key_id for signer in signers)
    if offered != expected:
        raise SignerError(expected, offered)
    message = message_of(body)
    return Entry(body, tuple(signer.sign(message) for signer in signers))
