"""Time stamps of the lab chain by an authority outside (RFC 3161)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAuthority:
    """Who stamps the time for the lab, as its settings in the ledger say.

    Attributes:
        url: Where requests are sent.
        certificates: The authority's own, or of who issued it, in PEM.
        fingerprints: SHA-256 of each, hex; to be compared with what the authority publishes.
        certificates_until: When the first of the certificates ends; what is stamped later is not accepted with it.
    """

    name: str
    url: str
    certificates: tuple[str, ...]
    fingerprints: tuple[str, ...]
    certificates_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStamp:
    """A time stamp that was asked for.

    Attributes:
        sequence: Number of the entry of the lab chain whose digest is stamped.
        head: That digest, 32 bytes.
        requested_at: When the request was recorded.
        stamped_at: The authority's time; None while the stamp waits, because the authority could not be reached.
        authority: Name of the certificate that signed it; empty while it waits.
    """

    sequence: int
    head: bytes
    requested_at: datetime
    requested_by: str
    stamped_at: datetime | None
    authority: str

    @property
    def is_waiting(self) -> bool:
        """Whether there is no stamp yet."""
        return self.stamped_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class StampOutcome:
    """What asking the authority gave.

    Attributes:
        attached: The stamps that came.
        waiting: Those that still wait.
        why: Why they wait, a sentence; empty where none does.
    """

    attached: tuple[TimeStamp, ...]
    waiting: tuple[TimeStamp, ...]
    why: str
