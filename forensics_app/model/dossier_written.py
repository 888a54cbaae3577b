"""What a dossier holds of people's notes, of the times of a case, and of signatures in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A contemporaneous note (REQ-36), as it was written.

    Attributes:
        about: Number of the exhibit; empty where it is about the case.
        addendum_to: Number of the note that it adds to.
        told_at: When what it tells of was done, with the offset it was told in.
    """

    number: int
    author: str
    told_at: datetime
    recorded_at: datetime
    text: str
    about: str = ""
    addendum_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineBar:
    """How many times of files lie in one span. `begin` is aware, in the zone of the report."""

    begin: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFigure:
    """How the times of files spread over time.

    Attributes:
        unit: How long each span is: "year", "month" or "day".
        zone: IANA zone by which the spans are counted.
        bars: Every span from the first to the last, those without any time too.
        total: Times that are counted in the bars.
        images: Numbers of the images whose times are counted.
        left_out: What is not counted and why, one sentence each.
    """

    unit: str
    zone: str
    bars: tuple[TimelineBar, ...]
    total: int
    images: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSignature:
    """A signature under an entry of the case chain, as anybody can find and check it there.

    Attributes:
        act: What was signed, in words.
        entry: Number of the entry in the case chain.
        entry_sha256: Digest of the entry.
        key_id: SHA-256 of the raw Ed25519 public key.
        signature: 64 bytes, Ed25519.
        content_sha256: Of what was written then, and of the records that the report draws.
    """

    name: str
    act: str
    entry: int
    entry_sha256: bytes
    key_id: bytes
    signature: bytes
    signed_at: datetime
    content_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedContent:
    """What was approved, as its approval names it in the ledger; it goes with an issued report (REQ-64).

    Attributes:
        draft_id: Of the draft.
        content_sha256: Of what is written in it, and of the records that it draws.
        written_sha256: Of what is written in it alone.
    """

    draft_id: str
    content_sha256: bytes
    written_sha256: bytes
